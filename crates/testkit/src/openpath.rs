//! A stand-in for one organisation at Openpath (Avigilon Alta).
//!
//! [`Openpath`] is a [`Model`](crate::Model): requests go in, replies come out, in the vendor's own wire
//! format, with no I/O and no clock. It knows nothing of the client under test, so the two cannot share
//! a misreading.
//!
//! ```
//! use elevate_access_testkit::openpath::{Entry, Openpath, User};
//!
//! let mut openpath = Openpath::new(5120)
//!     .service_account("svc@example.com", "a password")
//!     .user(
//!         User::active(7001, "jane@example.com")
//!             .named("Jane", "Doe")
//!             .entry(Entry::new(4401, "Main entrance")),
//!     );
//!
//! // … Jane's first tap, which makes her cloud key …
//!
//! openpath.suspend(7001);
//! assert_eq!(openpath.cloud_keys(7001), 0);
//! ```
//!
//! # What it is true to
//!
//! - Routes, fields, statuses of success and the shape of each reply are those of the vendor's Swagger
//!   description. A request is checked against the documented shapes and a bad one is refused.
//! - A created key is there at the next list. Two creations make two keys.
//! - A token is refused once it is spent, revoked or unknown, raw or after `Bearer`. So is a JWT that no
//!   registered certificate's key signed.
//! - A call needs one of the scopes that the vendor lists for it, or it is 403.
//! - An unlock is granted to an active user within their dates, with `hasRemoteUnlock` not false, for an
//!   entry on their list, by a cloud key of theirs within its own dates; if the plan has remote unlock, the
//!   entry's state allows cloud keys, and no lockdown holds in its zone. Each order that arrives is written
//!   into the [`Ledger`], those turned down too.
//!
//! What nobody documents is a guess: the bodies of all errors, the second factor, what locks an account,
//! how filters compare, what becomes of an unlock that is not granted, which orders show in a user's
//! activity and in which words, the scopes that `lockdownPlans` needs. What can be guessed in two ways is a setting in
//! [`Behaviour`], and a good client passes with each.
//!
//! A reply can be [replaced](Openpath::reply_to) by any bytes, such as those of a [fixture](fixtures).
//!
//! # Panics
//!
//! What a test tells the model about somebody who is not there (`suspend(7)`, and there is no user 7)
//! panics: a story with a slip in it must not pass.

mod accounts;
mod activity;
mod answer;
mod behaviour;
mod credential;
mod dates;
mod doors;
mod entry;
pub mod fixtures;
mod keeping;
mod list;
mod operation;
mod refusal;
mod replies;
mod rights;
mod row;
mod seed;
mod shape;
mod sign_in;
mod story;
mod unlock;
mod user;

use std::collections::BTreeMap;
use std::fmt;

use elevate_transport::Bytes;
use serde_json::{Value, json};

pub use activity::Activity;
pub use behaviour::{Behaviour, Filtering, NotGranted};
pub use credential::Credential;
pub use entry::Entry;
pub use operation::Operation;
pub use seed::FixtureError;
pub use user::User;

use crate::Ledger;
use activity::Reported;
use doors::Doors;
use replies::Replies;
use sign_in::SignIn;

/// What every token begins with unless [`Openpath::token_prefix`] says otherwise: a word to search logs
/// for.
pub const TOKEN_PREFIX: &str = "openpath-secret-token-";

/// How the path of an order ends: what to arrange a fault on.
pub const ORDER_PATH: &str = "/cloudKeyEntryUnlock";

/// The namespace that users and accounts are in unless they are put elsewhere.
const NAMESPACE: u64 = 611;

/// The id of the first user that stands for a service account.
const FIRST_ACCOUNT_USER: u64 = 990_001;

/// The id of the first credential that the model makes.
const FIRST_MADE_CREDENTIAL: u64 = 900_001;

/// One organisation at Openpath, its users, doors, tokens and orders.
#[derive(Clone)]
pub struct Openpath {
    org: u64,
    org_name: String,
    sign_in: SignIn,
    types: Vec<Value>,
    members: BTreeMap<u64, Member>,
    doors: Doors,
    scopes: Vec<String>,
    features: Vec<String>,
    next_credential: u64,
    only_sites: Option<Vec<u64>>,
    behaviour: Behaviour,
    turn_down: Option<(u16, Bytes)>,
    replies: Replies,
    ledger: Ledger,
    requests: BTreeMap<Operation, u64>,
    forbidden: Vec<Operation>,
    strays: Vec<String>,
    secrets_in_urls: u64,
    event_actions: u64,
    reported: u64,
}

/// A user's row and what belongs to them.
#[derive(Clone)]
struct Member {
    row: Value,
    credentials: Vec<Value>,
    /// Ids of entries, in the order in which they are listed.
    access: Vec<u64>,
    /// In the order in which it was reported.
    activity: Vec<Reported>,
}

impl Openpath {
    /// An organisation with the credential types *mobile*, *card* and *cloud key*, and nobody in it.
    pub fn new(org_id: u64) -> Self {
        let kind = |id: u64, model: &str, name: &str| json!({ "id": id, "name": name, "modelName": model, "description": name });
        Self {
            org: org_id,
            org_name: format!("Organisation {org_id}"),
            sign_in: SignIn::new(),
            types: vec![
                kind(1, "mobile", "Mobile"),
                kind(2, "card", "Card"),
                kind(credential::CLOUD_KEY_TYPE, "cloudKey", "Cloud Key"),
            ],
            members: BTreeMap::new(),
            doors: Doors::new(),
            scopes: vec![format!("o{org_id}-user:w")],
            features: rights::USUAL_FEATURES.map(str::to_owned).to_vec(),
            next_credential: FIRST_MADE_CREDENTIAL,
            only_sites: None,
            behaviour: Behaviour::default(),
            turn_down: None,
            replies: Replies::default(),
            ledger: Ledger::new(),
            requests: BTreeMap::new(),
            forbidden: Vec::new(),
            strays: Vec::new(),
            secrets_in_urls: 0,
            event_actions: 0,
            reported: 0,
        }
    }

    /// With that user, their entries and credentials. A user of the same id is replaced.
    pub fn user(mut self, user: User) -> Self {
        self.add_user(user);
        self
    }

    /// With these credential types and no others: `(id, modelName, name)`.
    pub fn credential_types(mut self, types: &[(u64, &str, &str)]) -> Self {
        let row = |(id, model, name): &(u64, &str, &str)| json!({ "id": id, "name": name, "modelName": model, "description": null });
        self.types = types.iter().map(row).collect();
        self
    }

    /// With a service account that is bound to these sites: users elsewhere are not shown, and `meta`
    /// says so.
    pub fn bound_to_sites(mut self, sites: &[u64]) -> Self {
        self.only_sites = Some(sites.to_vec());
        self
    }

    /// With ids as text in all replies, as some have seen them.
    pub fn ids_as_text(self, text: bool) -> Self {
        self.behaving(|it| it.ids_as_text = text)
    }

    /// With messages of errors that echo the e-mail, the `Authorization` header and the password.
    pub fn echo_secrets(self, echo: bool) -> Self {
        self.behaving(|it| it.echo_secrets = echo)
    }

    /// With other answers to what nobody knows of the vendor.
    pub fn behaving(mut self, change: impl FnOnce(&mut Behaviour)) -> Self {
        change(&mut self.behaviour);
        self
    }
}

impl fmt::Debug for Openpath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Openpath")
            .field("org", &self.org)
            .field("users", &self.members.len())
            .field("entries", &self.doors.entries.len())
            .field("orders", &self.ledger.orders().len())
            .finish_non_exhaustive()
    }
}
