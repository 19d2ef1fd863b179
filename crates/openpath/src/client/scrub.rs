//! What the vendor says in a success, held against this session's secrets.

use elevate_transport::{Answer, Delivery, Scrubber};

use super::{Client, Core, call::Call};
use crate::{Error, ErrorKind, id};

impl Client {
    /// What takes this session's secrets out of a vendor's words: of whatever the vendor wrote, also in a
    /// success, nothing is shown to people before it has passed through it.
    pub(crate) fn scrubber(&self) -> Scrubber {
        self.core.session.own_scrubber()
    }
}

impl Core {
    /// Refuses a reply that calls something by a secret of this session: ids go into URLs, logs and the host's
    /// store. A number is one only if it is the whole secret, for digits of one may stand in any number.
    pub(super) fn check_ids<'a>(
        &self,
        call: &Call,
        answer: &Answer,
        mut ids: impl Iterator<Item = &'a str>,
    ) -> Result<(), Error> {
        let scrubber = self.session.own_scrubber();
        let is_fault = |text: &str| match id::number(text) {
            Some(_) => scrubber.is_secret(text),
            None => scrubber.holds_secret(text),
        };
        if !ids.any(is_fault) {
            return Ok(());
        }
        Err(Error::new(ErrorKind::Undecodable)
            .delivered(Delivery::Answered)
            .in_call(call.operation())
            .with_status(answer.status)
            .with_message("an id that holds a secret of this session"))
    }
}
