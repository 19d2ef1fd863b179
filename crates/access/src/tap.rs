//! A resident's wish to open one door now.

use std::time::Duration;

use tokio::time::Instant;

use crate::{Cause, Error, TapId, TapTicket, outcome::millis};

/// A tap: when it happened, told without reading any phone's wall clock, and optionally its id.
///
/// Make it the moment the request arrives: its age counts from there.
///
/// ```
/// use std::time::Duration;
/// use elevate_access::{Tap, TapId};
///
/// // The phone measured, on its own monotonic clock, that it sent the request 400 ms after the tap,
/// // and chose an id so that it may safely ask again if the answer is lost.
/// let tap = Tap::aged(Duration::from_millis(400)).with_id(TapId::new("4f6a0c1e")?);
/// # let _ = tap;
/// # Ok::<(), elevate_access::InvalidId>(())
/// ```
#[derive(Clone, Debug)]
pub struct Tap {
    arrived: Instant,
    age: Duration,
    id: Option<TapId>,
    ticket: Option<TapTicket>,
}

impl Tap {
    /// A tap that happened when the request arrived, which is now.
    pub fn now() -> Self {
        Self::aged(Duration::ZERO)
    }

    /// A tap that was already `age` old when the request arrived, which is now.
    pub fn aged(age: Duration) -> Self {
        Self { arrived: Instant::now(), age, id: None, ticket: None }
    }

    /// A tap that is as old as its ticket, which is its id too: the service's own word for when it was and that it
    /// is one. A phone's request that was held back, sent again, or made from another's opens nothing. Where another node
    /// issued it, it counts as a second older: by so much the nodes' clocks may differ.
    ///
    /// What the phone has measured besides, from the tap until it had the ticket, is added by
    /// [`aged_before`](Self::aged_before).
    pub fn ticket(ticket: &TapTicket) -> Self {
        Self { ticket: Some(ticket.clone()), ..Self::now() }
    }

    /// Adds what the phone measured, on its own monotonic clock, from the tap until it had the ticket: so that a
    /// request for a ticket that was held back makes no old tap young.
    pub fn aged_before(mut self, measured: Duration) -> Self {
        self.age = self.age.saturating_add(measured);
        self
    }

    /// Gives the tap its id; one with a ticket has the ticket's. The same id sent again, to any node, gets the
    /// first outcome and opens nothing a second time.
    pub fn with_id(mut self, id: TapId) -> Self {
        self.id = Some(id);
        self
    }

    /// The tap's id.
    pub fn id(&self) -> Option<&TapId> {
        self.id.as_ref()
    }

    pub(crate) fn unjudged_ticket(&self) -> Option<&TapTicket> {
        self.ticket.as_ref()
    }

    /// The tap with what its ticket says: its id, and how old it is now.
    pub(crate) fn with_judged_ticket(mut self, id: TapId, age: Duration) -> Self {
        self.id = Some(id);
        self.age = self.age.saturating_add(age.saturating_sub(self.arrived.elapsed()));
        self.ticket = None;
        self
    }

    pub(crate) fn arrived(&self) -> Instant {
        self.arrived
    }

    /// How long ago it arrived, as an outcome has it.
    pub(crate) fn took(&self) -> Duration {
        millis::whole(self.arrived.elapsed())
    }

    /// The moments that bind this tap.
    pub(crate) fn deadlines(&self, limits: &Limits) -> Result<Deadlines, Error> {
        let left = |within: Duration| {
            within.checked_sub(self.age).ok_or_else(|| Error::new(Cause::TapTooOld))
        };
        let deadlines = Deadlines {
            send_by: self.arrived + left(limits.send)?,
            answer_by: self.arrived + left(limits.answer)?,
        };
        if Instant::now() > deadlines.send_by {
            return Err(Error::new(Cause::TapTooOld));
        }
        Ok(deadlines)
    }
}

/// When an order's body may still start, and until when its answer is awaited.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadlines {
    pub(crate) send_by: Instant,
    pub(crate) answer_by: Instant,
}

/// Within what time things have to happen; a host may lower each and raise none.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) send: Duration,
    pub(crate) answer: Duration,
    pub(crate) list: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self::MOST
    }
}

impl Limits {
    pub(crate) const MOST: Self = Self {
        send: Duration::from_secs(5),
        answer: Duration::from_secs(12),
        list: Duration::from_secs(10),
    };
}
