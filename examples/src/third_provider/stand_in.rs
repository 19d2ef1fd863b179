//! Turnpike's cloud for tests: a state machine that the test kit serves in memory or over loopback.
//!
//! It shares nothing with the provider but the description, so that the two cannot share a misreading.

use std::fmt;

use aws_lc_rs::hmac;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use elevate_access_testkit::{Effect, Ledger, Model, Order, Received, Reply};
use elevate_transport::Method;
use jiff::Timestamp;
use serde_json::{Value, json};

/// How far a request's time may be from the cloud's, in seconds.
const SKEW: i64 = 300;

/// What becomes of the orders that Turnpike takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Doors {
    /// They open, and confirm it.
    #[default]
    Confirm,
    /// They confirm nothing: whether they open is not known.
    SayNothing,
    /// They fail, and say so.
    Fail,
}

/// A Turnpike cloud with one account.
pub struct TurnpikeCloud {
    account: String,
    key: String,
    /// Door id, its name, the holder's e-mail.
    passes: Vec<[String; 3]>,
    doors: Doors,
    is_trusting: bool,
    unknown: usize,
    ledger: Ledger,
}

impl TurnpikeCloud {
    /// A cloud without doors, with an account that signs with that key.
    pub fn new(account: &str, key: &str) -> Self {
        let [account, key] = [account, key].map(str::to_owned);
        let (passes, doors, ledger) = Default::default();
        Self { account, key, passes, doors, is_trusting: false, unknown: 0, ledger }
    }

    /// Lets the holder of that e-mail open the door.
    pub fn pass(mut self, holder: &str, id: &str, name: &str) -> Self {
        self.passes.push([id, name, holder].map(str::to_owned));
        self
    }

    /// Takes the door from the holder of that e-mail.
    pub fn revoke(&mut self, holder: &str, id: &str) {
        self.passes.retain(|[door, _, whose]| door != id || whose != holder);
    }

    /// Sets what becomes of orders from now on.
    pub fn whose_doors(mut self, doors: Doors) -> Self {
        self.doors = doors;
        self
    }

    /// It never looks at whose a door is: it lists everybody's, and opens each for anybody. A provider that leaves the
    /// judgement to its vendor opens a stranger's door then.
    pub fn trusting(mut self) -> Self {
        self.is_trusting = true;
        self
    }

    /// How many requests came that it knows no call for.
    pub fn unknown(&self) -> usize {
        self.unknown
    }

    fn is_signed(&self, request: &Received, body: &str, now: Timestamp) -> bool {
        let header = request.headers.get("authorization").and_then(|value| value.to_str().ok());
        let mut parts = header.unwrap_or_default().split(':');
        let (Some(account), Some(time), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return false;
        };
        let is_near = |time: i64| (now.as_second() - time).abs() <= SKEW;
        let text = format!("{time}\n{}\n{body}", request.path);
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.key.as_bytes());
        let is_ours = |signature: Vec<u8>| hmac::verify(&key, text.as_bytes(), &signature).is_ok();
        account == self.account
            && time.parse().is_ok_and(is_near)
            && STANDARD.decode(signature).is_ok_and(is_ours)
    }

    fn is_of(&self, whose: &str, holder: Option<&str>) -> bool {
        self.is_trusting || holder.is_none_or(|holder| whose.eq_ignore_ascii_case(holder))
    }

    fn list(&self, asked: &Value) -> Reply {
        let holder = asked["holder"].as_str();
        let passes = self.passes.iter().filter(|[_, _, whose]| self.is_of(whose, holder));
        let doors: Vec<_> = passes
            .map(|[id, name, holder]| json!({"id": id, "name": name, "holder": holder}))
            .collect();
        Reply::json(200, Value::from(doors).to_string())
    }

    fn order(&mut self, asked: &Value, now: Timestamp) -> Reply {
        let (Some(who), Some(door)) = (asked["holder"].as_str(), asked["door"].as_str()) else {
            return Reply::json(422, r#"{"error":"holder and door are needed"}"#);
        };
        let may =
            self.passes.iter().any(|[id, _, whose]| id == door && self.is_of(whose, Some(who)));
        let (status, state, effect) = match self.doors {
            _ if !may => (403, "refused", Effect::Refused),
            Doors::Confirm => (200, "opened", Effect::Opened),
            Doors::SayNothing => (202, "taken", Effect::Pending),
            Doors::Fail => (200, "failed", Effect::Failed),
        };
        let (who, at) = (who.to_owned(), now);
        let order = Order { door: door.to_owned(), who, at, reference: None, effect };
        let number = self.ledger.enter(order);
        let said = json!({"order": format!("o-{number}"), "door": door, "state": state});
        Reply::json(status, said.to_string())
    }
}

impl Model for TurnpikeCloud {
    fn answer(&mut self, request: &Received, now: Timestamp) -> Reply {
        let body = String::from_utf8_lossy(&request.body).into_owned();
        if !self.is_signed(request, &body, now) {
            return Reply::json(401, r#"{"error":"not signed by this account"}"#);
        }
        let Ok(asked) = serde_json::from_str(&body) else {
            return Reply::json(400, r#"{"error":"not JSON"}"#);
        };
        match (request.method == Method::POST, request.path.as_str()) {
            (true, "/v1/doors") => self.list(&asked),
            (true, "/v1/orders") => self.order(&asked, now),
            _ => {
                self.unknown += 1;
                Reply::json(404, r#"{"error":"no such call"}"#)
            }
        }
    }

    fn ledger(&self) -> &Ledger {
        &self.ledger
    }
}

impl fmt::Debug for TurnpikeCloud {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TurnpikeCloud").field("doors", &self.doors).finish_non_exhaustive()
    }
}
