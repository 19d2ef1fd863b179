//! Seam's side: the vendor as a plain state machine, and its replies as files.
//!
//! [`Seam`] is one workspace as the vendor keeps it: spaces, devices, connected accounts, and the action
//! attempts that orders led to. It speaks the wire format on its own and shares no type with a client, so
//! that the two cannot share a misreading. It does no I/O and has no clock: it is given each request and
//! the time at which it arrived, and answers.
//!
//! ```
//! use std::time::Duration;
//!
//! use elevate_access_testkit::Model;
//! use elevate_access_testkit::seam::{AttemptEnd, Device, Seam};
//!
//! let mut seam = Seam::new("seam_key7")
//!     .space("sp-101", "101")
//!     .space("sp-102", "102")
//!     .device(Device::two_n("dev-1", "Lobby").in_spaces(["sp-101", "sp-102"]))
//!     .device(Device::two_n("dev-2", "Gate").in_spaces(["sp-101"]).offline());
//!
//! // How the lobby's door behaves from now on.
//! seam.attempt_takes("dev-1", Duration::from_millis(900));
//! seam.attempt_ends("dev-1", AttemptEnd::Unconfirmed);
//!
//! // While it is served, the world changes.
//! seam.rename_space("sp-101", "Apt 101");
//! seam.set_key("seam_key8");
//!
//! // What a test judges by.
//! assert_eq!(seam.ledger().taken("dev-1"), 0);
//! assert_eq!(seam.requests("/locks/unlock_door"), 0);
//! assert!(seam.forbidden().is_empty());
//! ```
//!
//! # What is known of the vendor, and what is not
//!
//! Requests are checked against the documented shapes, and refused in the words of the documented errors.
//! Undocumented parameters are accepted, since the specification restricts them nowhere, and can be read
//! with [`Seam::unknown_parameters`].
//!
//! Where the vendor's behaviour is unknown, this is what the stand-in does unless a test says otherwise:
//!
//! | unknown | here | change it with |
//! | --- | --- | --- |
//! | whether 2N confirms an unlock | it does, 0.7 s after the order | [`attempts_end`](Seam::attempts_end), [`attempts_take`](Seam::attempts_take) |
//! | an order for an offline or private device | the attempt fails by `uncategorized_error`, which is told as `order_failed`; not by `device_offline` or `privacy_mode` | [`unlock_of`](Seam::unlock_of) |
//! | an order for a removed device | the attempt fails by `device_removed` | [`unlock_of`](Seam::unlock_of) |
//! | an order for a device that cannot be unlocked remotely | 400 at once | [`unlock_of`](Seam::unlock_of) |
//! | `Retry-After` beside a 429, and the 429's body | none; an error of the usual shape | [`say_retry_after`](Seam::say_retry_after), [`reply_to`](Seam::reply_to) |
//! | whether the minute of the limit slides | it does; orders turned down with 429 do not count | [`unlock_limit`](Seam::unlock_limit) |
//! | how long `sync: true` holds a reply | not at all: the reply tells the end | |
//! | the order of lists | as added; attempts with the latest first | |
//! | the highest `limit` | none | [`page_size`](Seam::page_size) |
//! | whether a parent space has its children's doors | it does not | |
//! | how long a link is good for, events are kept, a sync takes | for ever, the latest 10,000, 3 s | [`sync_takes`](Seam::sync_takes) |
//! | whether a link's account syncs anew when asked | it does not | |
//!
//! An account can be connected only where a test says so ([`Seam::being_set_up`]): everywhere else making a link is
//! a write that nobody asked for. So it is with webhooks; what they are to be told is [`deliveries`](Seam::deliveries).
//! Access systems have no routes here yet: reading them is `404`.

mod answers;
mod attempts;
mod desk;
mod device;
mod events;
mod fixtures;
mod json;
mod lists;
mod paging;
mod refusal;
mod replies;
mod routes;
mod setup;
mod shape;
mod space;
mod story;
mod unlock;
mod webhooks;
mod world;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Debug, Formatter, Write};

use jiff::Timestamp;
use serde_json::Value;

pub use self::attempts::AttemptEnd;
pub use self::device::Device;
pub use self::fixtures::{CASES, Case, FixtureError, WORKSPACES, fixture};
pub use self::paging::{Endless, NextPageUrl};
pub use self::setup::LINK_SECRET;
pub use self::space::{Account, Space};
pub use self::unlock::{OnUnfit, Unfit};
pub use self::webhooks::Delivery;

use self::attempts::Attempts;
use self::events::Events;
use self::paging::Paging;
use self::replies::Replies;
use self::setup::Setup;
use self::unlock::Rules;
use self::webhooks::Webhooks;
use self::world::World;
use crate::{Effect, Ledger, Model, Order, Received, Reply};

/// How the path of an order ends: what to arrange a fault on.
pub const ORDER_PATH: &str = "/locks/unlock_door";

/// One Seam workspace, with the key that opens it.
///
/// See the [module](self) for how a test uses it.
pub struct Seam {
    key: Key,
    world: World,
    attempts: Attempts,
    rules: Rules,
    events: Events,
    /// Whether an account may be connected: otherwise every write but an unlock is forbidden.
    is_set_up: bool,
    setup: Setup,
    webhooks: Webhooks,
    paging: Paging,
    replies: Replies,
    echo_secrets: bool,
    ledger: Ledger,
    arrived: u64,
    counts: BTreeMap<String, usize>,
    forbidden: Vec<String>,
    complaints: Vec<String>,
    unknown_parameters: BTreeSet<String>,
    followed_url: bool,
}

/// A key that cannot be printed.
struct Key(String);

impl Seam {
    /// An empty production workspace that only this key opens.
    pub fn new(key: &str) -> Self {
        Self {
            key: Key(key.to_owned()),
            world: World::new(),
            attempts: Attempts::new(),
            rules: Rules::new(),
            events: Events::default(),
            is_set_up: false,
            setup: Setup::new(),
            webhooks: Webhooks::default(),
            paging: Paging::default(),
            replies: Replies::default(),
            echo_secrets: false,
            ledger: Ledger::new(),
            arrived: 0,
            counts: BTreeMap::new(),
            forbidden: Vec::new(),
            complaints: Vec::new(),
            unknown_parameters: BTreeSet::new(),
            followed_url: false,
        }
    }

    /// Lets the time pass up to `now`: attempts that are due by then settle, in the ledger too. Every
    /// request does this first; a test does it before it reads the ledger.
    pub fn advance(&mut self, now: Timestamp) {
        self.attempts.advance(now, &mut self.ledger);
        for (kind, about) in self.attempts.settled() {
            self.events.note(kind, about);
        }
        self.setup.advance(now, &mut self.world, &mut self.events);
        let workspace = json::text(&self.world.workspace, "workspace_id").to_owned();
        self.events.advance(now, &workspace);
    }

    /// What a hostile vendor adds to its messages: who asked with what, and every e-mail it can find.
    fn echo_of(&self, request: &Received) -> String {
        let mut echo = String::new();
        if self.echo_secrets {
            let header = request.headers.get("authorization").and_then(|key| key.to_str().ok());
            let body = String::from_utf8_lossy(&request.body);
            let sent = body.split(|c: char| c.is_whitespace() || "\",{}[]".contains(c));
            let asked = request.query.iter().map(|(_, value)| value.as_str());
            let emails = sent.chain(asked).filter(|word| word.contains('@'));
            for secret in header.into_iter().chain(emails).chain(self.world.emails()) {
                // Writing to a String does not fail.
                let _ = write!(echo, " [{secret}]");
            }
        }
        echo
    }

    /// Writes down an order that came to nothing because the request was turned down.
    fn enter_refused(&mut self, request: &Received, effect: Effect, at: Timestamp) {
        let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let door = body.get("device_id").and_then(Value::as_str).unwrap_or_default().to_owned();
        self.ledger.enter(Order { door, who: String::new(), at, reference: None, effect });
    }
}

impl Model for Seam {
    fn answer(&mut self, request: &Received, now: Timestamp) -> Reply {
        self.advance(now);
        self.arrived += 1;
        let request_id = format!("5ea34e90-0000-4000-8000-{:012x}", self.arrived);
        *self.counts.entry(request.path.clone()).or_default() += 1;
        self.followed_url |= paging::follows_url(&request.path, &request.query);

        let canned = self.replies.next(&request.path);
        let orders = self.ledger.orders().len();
        let reply = match canned {
            Some(canned) if !canned.acts => {
                if request.path == routes::UNLOCK {
                    self.enter_refused(request, canned.effect(), now);
                }
                canned.reply
            }
            canned => {
                let judged = self.judge(request, now);
                if request.path == routes::UNLOCK && self.ledger.orders().len() == orders {
                    self.enter_refused(request, Effect::Refused, now);
                }
                let reply = match judged {
                    Ok(body) => Reply::json(200, body.to_string()),
                    Err(refusal) => {
                        self.complaints.extend(
                            refusal.complaint().map(|fault| format!("{}: {fault}", request.path)),
                        );
                        refusal.reply(&request_id, &self.echo_of(request))
                    }
                };
                canned.map_or(reply, |canned| canned.reply)
            }
        };
        reply.header("seam-request-id", &request_id)
    }

    fn ledger(&self) -> &Ledger {
        &self.ledger
    }
}

impl Debug for Seam {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("Seam")
            .field("spaces", &self.world.spaces.len())
            .field("devices", &self.world.devices.len())
            .field("accounts", &self.world.accounts.len())
            .field("requests", &self.arrived)
            .field("orders", &self.ledger.orders().len())
            .finish_non_exhaustive()
    }
}
