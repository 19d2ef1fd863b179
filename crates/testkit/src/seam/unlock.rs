//! The one order that opens a door: who may be opened, how often, and what an unfit device does.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use jiff::Timestamp;

use super::attempts::AttemptEnd;
use super::json::{Object, has_code};
use super::refusal::Refusal;

/// Why a device cannot be expected to open. The first that applies counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unfit {
    /// Its `errors` hold `device_removed`. (A device that is gone from the workspace is `404`.)
    Removed,
    /// `can_remotely_unlock` is false, absent, or anything but true.
    NotUnlockable,
    /// Its `warnings` hold `privacy_mode`.
    PrivacyMode,
    /// `properties.online` is false, or its `errors` hold `device_offline`.
    Offline,
}

/// What the vendor does with an order for an unfit device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OnUnfit {
    /// It turns the order down at once.
    Refuse {
        /// The HTTP status.
        status: u16,
        /// `error.type`.
        kind: String,
        /// `error.message`.
        message: String,
    },
    /// It takes the order; the attempt ends like this, in its usual time.
    Attempt(AttemptEnd),
    /// It takes the order as that of any other device. Its own fake server does this.
    AsUsual,
}

impl OnUnfit {
    /// It turns the order down at once with that status, type and message.
    pub fn refuse(status: u16, kind: &str, message: &str) -> Self {
        Self::Refuse { status, kind: kind.to_owned(), message: message.to_owned() }
    }
}

/// The rules for orders.
#[derive(Clone, Debug)]
pub(super) struct Rules {
    on_unfit: BTreeMap<Unfit, OnUnfit>,
    limit: usize,
    per: Duration,
    pub(super) say_retry_after: bool,
    recent: BTreeMap<String, VecDeque<Timestamp>>,
}

impl Rules {
    pub(super) fn new() -> Self {
        let attempt = |kind, message| OnUnfit::Attempt(AttemptEnd::error(kind, message));
        let on_unfit = BTreeMap::from([
            (Unfit::Removed, attempt("device_removed", "The device was removed")),
            (
                Unfit::NotUnlockable,
                OnUnfit::refuse(
                    400,
                    "invalid_input",
                    "The device does not support remote unlocking",
                ),
            ),
            (Unfit::PrivacyMode, attempt("uncategorized_error", "Privacy mode is on")),
            (Unfit::Offline, attempt("uncategorized_error", "The device is offline")),
        ]);
        Self {
            on_unfit,
            limit: 15,
            per: Duration::from_mins(1),
            say_retry_after: false,
            recent: BTreeMap::new(),
        }
    }

    pub(super) fn on_unfit(&mut self, unfit: Unfit, then: OnUnfit) {
        self.on_unfit.insert(unfit, then);
    }

    pub(super) fn limit(&mut self, orders: usize, per: Duration) {
        (self.limit, self.per) = (orders, per);
    }

    /// Counts an order for the device, or turns it down as one too many. Whether the vendor's minute
    /// slides is unknown; this one does, and orders beyond the limit do not count.
    pub(super) fn admit(&mut self, device: &str, now: Timestamp) -> Result<(), Refusal> {
        let recent = self.recent.entry(device.to_owned()).or_default();
        let until = |at: Timestamp| at.checked_add(self.per).unwrap_or(Timestamp::MAX);
        while recent.front().is_some_and(|&at| until(at) <= now) {
            recent.pop_front();
        }
        if recent.len() >= self.limit {
            let free = recent.front().map_or(now, |&at| until(at));
            let wait = Duration::try_from(free.duration_since(now)).unwrap_or_default();
            let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            return Err(Refusal::TooMany { retry_after: self.say_retry_after.then_some(seconds) });
        }
        recent.push_back(now);
        Ok(())
    }

    /// How an attempt at that device ends, if that differs from the usual.
    pub(super) fn judge(&self, device: &Object) -> Result<Option<AttemptEnd>, Refusal> {
        match unfit(device).and_then(|unfit| self.on_unfit.get(&unfit)) {
            None | Some(OnUnfit::AsUsual) => Ok(None),
            Some(OnUnfit::Attempt(end)) => Ok(Some(end.clone())),
            Some(OnUnfit::Refuse { status, kind, message }) => {
                Err(Refusal::typed(*status, kind, message.clone()))
            }
        }
    }
}

fn unfit(device: &Object) -> Option<Unfit> {
    let is = |field: &str, wanted: bool| device.get(field).is_some_and(|value| value == wanted);
    let online = device.get("properties").and_then(|properties| properties.get("online"));
    if has_code(device, "errors", "error_code", "device_removed") {
        Some(Unfit::Removed)
    } else if !is("can_remotely_unlock", true) {
        Some(Unfit::NotUnlockable)
    } else if has_code(device, "warnings", "warning_code", "privacy_mode") {
        Some(Unfit::PrivacyMode)
    } else if online.is_some_and(|online| online == false)
        || has_code(device, "errors", "error_code", "device_offline")
    {
        Some(Unfit::Offline)
    } else {
        None
    }
}
