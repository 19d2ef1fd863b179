//! A third provider, whole: the [`AccessProvider`] for Turnpike, a door system that does not exist.
//!
//! Copy it for a system of your own; the page `third_provider` of the documentation of `elevate-access`
//! (`crates/access/THIRD-PROVIDER.md`) walks through it.
//! Turnpike's cloud knows people by e-mail. It has two calls, each a `POST` of JSON that is signed with the account's key:
//!
//! | call | body | answer |
//! | --- | --- | --- |
//! | `/v1/doors` | `{"holder": "jane@…"}`, or `{}` for everybody's | 200 `[{"id", "name", "holder"}]`, always all of them |
//! | `/v1/orders` | `{"holder", "door"}` | 200 `{"order", "door", "state"}`: `opened` if the door has confirmed it, `failed` if it has failed; 202 with `taken` where the door confirms nothing |
//!
//! The audit, and a [`stand_in`] of the cloud for tests, are files of their own. A test keeps this one to 150
//! lines of code without the audit.

mod audit;
pub mod stand_in;

use std::{sync::Arc, time::Duration};

use aws_lc_rs::hmac;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use elevate_access::{
    AccessProvider, Audited, Auditor, Cause, Check, Context, Error, Freshness, Grant, Grants,
    Health, Identity, Notification, Notified, Occupant, ProviderInfo, Reason, System, UnlockPermit,
    VendorDoorId, Verdict, async_trait,
};
use elevate_transport::{
    Caller, Delivery, Gate, HeaderValue, Instant, Method, Operation, Request, Scrubber, Url, Wire,
    WireError, decode, header::AUTHORIZATION,
};
use serde::Deserialize;
use serde_json::{Value, json};

const SYSTEM: System = System::new("Turnpike", "the Turnpike console");
const DOORS: Operation = Operation::new("turnpike.doors", "/v1/doors");
const ORDERS: Operation = Operation::new("turnpike.orders", "/v1/orders");

/// How long a list may be relied on, from the start of its reading (L8).
const LIST_AGE: Duration = Duration::from_mins(5);

/// The [`AccessProvider`] for one Turnpike account, which serves one building. It keeps nothing: every call reads anew.
#[derive(Clone, Debug)]
pub struct Turnpike {
    caller: Caller,
    base: Url,
    account: String,
    key: hmac::Key,
}

#[derive(Deserialize)]
struct Door {
    id: VendorDoorId,
    name: String,
    holder: String,
}

#[derive(Deserialize)]
struct Ordered {
    order: String,
    door: VendorDoorId,
    state: String,
}

impl Turnpike {
    /// A provider for that account, over that wire, which signs with that key.
    pub fn new(wire: Arc<dyn Wire>, base: Url, account: &str, key: &str) -> Self {
        let key = hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes());
        Self { caller: Caller::new(wire), base, account: account.to_owned(), key }
    }

    /// One signed request. E-mails stand in its body and never in its URL; the key stands nowhere (L7).
    fn signed(&self, context: &Context, call: Operation, body: &Value, by: Instant) -> Request {
        let (mut url, body) = (self.base.clone(), body.to_string());
        url.set_path(call.template);
        let time = context.now().as_second();
        let signature = hmac::sign(&self.key, format!("{time}\n{}\n{body}", url.path()).as_bytes());
        let signed = format!("{}:{time}:{}", self.account, STANDARD.encode(signature));
        // An account that fits into no header is none of Turnpike's, which then answers 401.
        let signed = HeaderValue::try_from(signed).unwrap_or(HeaderValue::from_static("none"));
        Request::new(call, Method::POST, url, by).json(body).secret_header(AUTHORIZATION, signed)
    }

    /// The doors that Turnpike lists: all of them, or an error (L1, L10).
    async fn listed(&self, context: &Context, body: Value) -> Result<Vec<Door>, Error> {
        let signed = |by| self.signed(context, DOORS, &body, by);
        let answer = self.caller.read(context.until(), signed).await.map_err(unread)?;
        let cause = match (answer.status.as_u16(), decode(&answer.body)) {
            (200, Ok(doors)) => return Ok(doors),
            (200, Err(_)) => Cause::VendorReplyUnusable,
            (401 | 403, _) => Cause::CredentialsRefused,
            (429, _) => Cause::VendorBusy,
            _ => Cause::VendorError,
        };
        Err(told(cause).into())
    }

    /// The occupant's own. What is asked for only makes the list shorter; whose doors they are is judged here (L1, L6).
    async fn own(&self, context: &Context, who: &Occupant) -> Result<Vec<Door>, Error> {
        let Some(email) = who.email() else { return Err(told(Cause::NoVerifiedEmail).into()) };
        let mut doors = self.listed(context, json!({"holder": email.expose()})).await?;
        doors.retain(|door| email.matches(&door.holder));
        Ok(doors)
    }
}

fn told(cause: Cause) -> Reason {
    Reason::new(cause).in_system(&SYSTEM)
}

fn unread(error: WireError) -> Error {
    Error::from(told(Cause::VendorUnreachable)).with_source(error)
}

#[async_trait]
impl AccessProvider for Turnpike {
    fn info(&self) -> ProviderInfo {
        ProviderInfo::new(SYSTEM, Identity::Email)
    }

    async fn grants(
        &self,
        context: &Context,
        who: &Occupant,
        _: Freshness,
    ) -> Result<Grants, Error> {
        let good_until = Instant::now() + LIST_AGE;
        let grant = |door: Door| Grant::new(door.id, Scrubber::new().scrub(&door.name));
        let doors: Vec<_> = self.own(context, who).await?.into_iter().map(grant).collect();
        let none = doors.is_empty().then(|| told(Cause::NoDoorsAssigned));
        Ok(Grants { doors, problems: none.into_iter().collect(), good_until })
    }

    async fn unlock(
        &self,
        context: &Context,
        who: &Occupant,
        door: &VendorDoorId,
        permit: UnlockPermit,
    ) -> Verdict {
        let no = |certain, cause| Verdict::TurnedDown { certain, reason: told(cause) };
        let lost = |cause| Verdict::Lost { reference: None, reason: told(cause) };
        let Some(email) = who.email() else { return no(true, Cause::NoVerifiedEmail) };
        let body = json!({"holder": email.expose(), "door": door});
        // The caller tries again only while the gate is shut, and nobody does after that (L2, L3).
        let gated = |by| self.signed(context, ORDERS, &body, by).gated(Gate::new(permit.open()));
        let answer = match self.caller.order(permit.answer_by(), permit.send_by(), gated).await {
            Ok(answer) => answer,
            Err(e) if e.delivery() == Delivery::NeverSent => return Verdict::NotSent(unread(e)),
            Err(_) => return lost(Cause::AnswerLost),
        };
        // Never more certain than what was said, and of this very order (L4).
        let said = decode(&answer.body).ok().filter(|said: &Ordered| said.door == *door);
        let (state, reference) = said.map(|s| (s.state, Scrubber::new().scrub(&s.order))).unzip();
        // A page is a proxy's, and 407, 408 and 425 are about the way there: not Turnpike's word.
        let is_word = decode::<Value>(&answer.body).is_ok();
        match (answer.status.as_u16(), state.as_deref().unwrap_or_default()) {
            (200, "opened") => Verdict::Opened { reference },
            (202, "taken") => Verdict::Accepted { reference },
            (200, "failed") => Verdict::Failed { reference, reason: told(Cause::OrderFailed) },
            (401, _) if is_word => no(true, Cause::CredentialsRefused),
            (429, _) if is_word => no(false, Cause::DoorRateLimited),
            (400..=406 | 409..=424 | 426..=499, _) if is_word => no(false, Cause::OrderRefused),
            _ => lost(Cause::AnswerUnclear),
        }
    }

    async fn explain(
        &self,
        context: &Context,
        who: &Occupant,
        door: Option<&VendorDoorId>,
    ) -> Vec<Check> {
        let (read, left) = ("The resident's doors can be read in Turnpike.", who.has_left());
        let why = match (self.own(context, who).await, door) {
            (Err(e), _) => return vec![Check::failed(read, e.reason().clone())],
            (Ok(own), _) if left => (!own.is_empty()).then_some(Cause::AccessRemains),
            (Ok(own), _) if own.is_empty() => Some(Cause::NoDoorsAssigned),
            (Ok(own), Some(id)) if own.iter().all(|d| d.id != *id) => Some(Cause::DoorNotGranted),
            _ => None,
        };
        let what = if left { "Turnpike opens nothing." } else { "Turnpike opens the door." };
        let check = why.map_or_else(|| Check::passed(what), |why| Check::failed(what, told(why)));
        vec![Check::passed(read), check]
    }

    async fn check(&self, context: &Context) -> Health {
        // Nobody's doors: whether a list can be read at all.
        let listed = self.listed(context, json!({"holder": "nobody@turnpike.invalid"})).await;
        listed.map_or_else(|e| Health::down(e.reason().clone()), |_| Health::ok())
    }

    async fn audit(&self, context: &Context, auditor: &Auditor) -> Result<Audited, Error> {
        audit::audit(self, context, auditor).await
    }

    async fn notified(&self, _: &Context, _: &Notification<'_>) -> Result<Notified, Error> {
        Err(told(Cause::DeliveryRefused).with_detail("Turnpike sends none").into())
    }
}
