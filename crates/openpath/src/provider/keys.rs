//! What a user has of cloud keys, and whether one is to be used or made.

use jiff::Timestamp;

use crate::{
    Credential, CredentialId, VendorDate,
    model::{Within, within},
};

/// A key to unlock with.
#[derive(Clone, Debug)]
pub(super) struct Key {
    pub(super) id: CredentialId,
    /// When its validity ends.
    pub(super) ends: Option<Timestamp>,
}

/// What a user has of cloud keys.
#[derive(Debug)]
pub(super) struct Keys {
    /// The plain ones, whatever their dates.
    plain: Vec<PlainKey>,
    /// Whether there are others of which it is not known that they are no plain keys.
    are_unclear: bool,
}

#[derive(Debug)]
struct PlainKey {
    id: CredentialId,
    name: Option<Box<str>>,
    start: Option<VendorDate>,
    end: Option<VendorDate>,
}

impl From<Credential> for PlainKey {
    fn from(credential: Credential) -> Self {
        let name = credential.cloud_key.and_then(|key| key.name);
        Self {
            id: credential.id,
            name: name.map(String::into_boxed_str),
            start: credential.start_date,
            end: credential.end_date,
        }
    }
}

impl PlainKey {
    /// Whether it is over for good.
    fn is_spent(&self, now: Timestamp) -> bool {
        self.end.as_ref().and_then(VendorDate::earliest).is_some_and(|end| end <= now)
    }
}

impl Keys {
    /// Adds one that was asked for as a plain cloud key, and so is one even if its kind is not told.
    pub(super) fn add(&mut self, made: Credential) {
        if made.has_event_action {
            self.are_unclear = true;
        } else {
            self.plain.push(made.into());
        }
    }

    pub(super) fn of(list: Vec<Credential>) -> Self {
        let are_unclear = list.iter().any(Credential::may_be_plain_cloud_key);
        let plain = list.into_iter().filter(Credential::is_plain_cloud_key);
        Self { plain: plain.map(PlainKey::from).collect(), are_unclear }
    }

    /// The key to unlock with: of those within their dates the one with the lowest id, so that every node
    /// chooses the same.
    pub(super) fn usable(&self, now: Timestamp) -> Option<Key> {
        let valid = |key: &PlainKey| match within(key.start.as_ref(), key.end.as_ref(), now) {
            Within::Yes { until } => Some(Key { id: key.id.clone(), ends: until }),
            Within::TooEarly | Within::TooLate => None,
        };
        self.plain.iter().filter_map(valid).min_by(|a, b| a.id.cmp(&b.id))
    }

    /// The ids of those that bear that name and are not over, where they are more than one: lowest first.
    pub(super) fn surplus(&self, name: &str, now: Timestamp) -> Vec<&CredentialId> {
        let is_ours = |key: &&PlainKey| key.name.as_deref() == Some(name) && !key.is_spent(now);
        let mut ours: Vec<_> = self.plain.iter().filter(is_ours).map(|key| &key.id).collect();
        ours.sort();
        if ours.len() < 2 { Vec::new() } else { ours }
    }

    /// Whether there is none at all, but for such as are over for good. A key that cannot be used now and
    /// may be later calls for no other one: one that is made may be no better.
    pub(super) fn are_missing(&self, now: Timestamp) -> bool {
        !self.are_unclear && self.plain.iter().all(|key| key.is_spent(now))
    }
}
