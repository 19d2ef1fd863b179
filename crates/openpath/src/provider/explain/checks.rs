//! Preconditions in their order, and what is said of those that cannot be told.

use elevate_access::{Check, Error as AccessError, Reason};

/// What has to be mended first hides the rest.
const EARLIER: &str = "something above has to be mended first";

/// Nothing that the account may read shows it.
pub(super) const NO_RIGHT: &str =
    "the service account's rights do not show it; look in the Openpath dashboard";

/// Checks in their order. After one that failed outright the others cannot be told.
#[derive(Default)]
pub(super) struct Checks {
    list: Vec<Check>,
    has_failed: bool,
}

impl Checks {
    /// A precondition that either holds or keeps every door shut.
    pub(super) fn settle(&mut self, what: &str, held: Result<(), Reason>) -> bool {
        let check = match held {
            _ if self.has_failed => Check::unknowable(what, EARLIER),
            Ok(()) => Check::passed(what),
            Err(reason) => {
                self.has_failed = true;
                Check::failed(what, reason)
            }
        };
        self.list.push(check);
        !self.has_failed
    }

    /// A precondition that should hold, and whose failing says nothing of those that follow.
    pub(super) fn should(&mut self, what: &str, held: Result<(), Reason>) {
        let had_failed = self.has_failed;
        self.settle(what, held);
        self.has_failed = had_failed;
    }

    pub(super) fn unknowable(&mut self, what: &str, why: &str) {
        let why = if self.has_failed { EARLIER } else { why };
        self.list.push(Check::unknowable(what, why));
    }

    pub(super) fn seen(&mut self, what: &str, seen: &str) {
        self.list.push(Check::seen(what, seen));
    }

    pub(super) fn have_failed(&self) -> bool {
        self.has_failed
    }

    /// Those of another list after these.
    pub(super) fn append(&mut self, mut more: Vec<Check>) {
        self.list.append(&mut more);
    }

    pub(super) fn list(self) -> Vec<Check> {
        self.list
    }

    /// The rest, once something failed.
    pub(super) fn close(mut self, whats: &[&str]) -> Vec<Check> {
        self.list.extend(whats.iter().map(|what| Check::unknowable(*what, EARLIER)));
        self.list
    }
}

pub(super) fn why(error: &AccessError) -> Reason {
    error.reason().clone()
}
