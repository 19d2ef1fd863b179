//! What is still open before a building's residents are let in.

use std::{fmt, future::ready, sync::Arc};

use elevate_access::{Check, Error, Reason, Unit};
use jiff::Timestamp;
use tokio::time::Instant;

use super::{TwoNProvider, survey::Purpose};
use crate::connecting::Besides;

/// What is still open before a building's residents are let in (N1, N2): for whoever connects it.
///
/// `Display` is the report as text: how much there is, then a line for each thing that was looked at, in the order
/// in which to mend it. What is `FAILED` there is counted; what `warns` keeps nobody out, and is not.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct GoLive {
    /// How many doors there are.
    pub doors: usize,
    /// How many devices could be doors, and are not managed at Seam. Nothing here has them managed: that starts
    /// their billing.
    pub unmanaged: usize,
    /// How many units 2N's side has.
    pub their_units: usize,
    /// How many units the building has.
    pub our_units: usize,
    /// How many of those are matched to one of 2N's.
    pub matched: usize,
    /// What was looked at, in the order in which to mend it. At most 500 findings of a kind are named; one more
    /// counts the rest.
    pub checks: Vec<Check>,
}

impl GoLive {
    /// What is still open, in the order in which to mend it.
    pub fn open(&self) -> impl Iterator<Item = &Reason> {
        self.checks.iter().filter_map(Check::failure)
    }

    /// Whether nothing is open that keeps a resident out. What could not be looked up is not counted: read
    /// [`checks`](Self::checks) for it, and open each door once.
    pub fn is_ready(&self) -> bool {
        !self.open().any(|reason| reason.cause().keeps_shut())
    }
}

impl fmt::Display for GoLive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { doors, unmanaged, their_units, our_units, matched, .. } = self;
        let open = self.open().filter(|reason| reason.cause().keeps_shut()).count();
        if open == 0 {
            writeln!(f, "Ready: nothing is known that would keep a resident out.")?;
        } else {
            writeln!(f, "Not ready: {open} to mend.")?;
        }
        writeln!(f, "  doors            {doors}{}", Besides(*unmanaged))?;
        writeln!(f, "  units at 2N      {their_units}")?;
        writeln!(f, "  units here       {our_units}")?;
        writeln!(f, "  matched          {matched}")?;
        writeln!(f)?;
        self.checks.iter().try_for_each(|check| write!(f, "{check}"))
    }
}

impl TwoNProvider {
    /// Reads everything anew, by `answer_by` at the latest, and reports what is still open before residents are
    /// let in: accounts that ask for a sign-in or brought nothing, devices that are not managed or cannot be
    /// unlocked, warnings, 2N's own preconditions, units that match nothing or have no doors.
    ///
    /// `units` are all units of the building, `now` is the service's clock. It reads only: no device is converted
    /// to a managed one. What is not this connection's by its [pins](super::TwoNSettings#pins) shows in nothing.
    ///
    /// For an account that asks for a sign-in, [`Connecting`](crate::Connecting) makes a fresh link with this
    /// provider's [`client`](Self::client).
    ///
    /// # Errors
    /// Why Seam could not be read, or is not the workspace that it should be: then there is no report.
    pub async fn go_live(
        &self,
        units: &[Unit],
        now: Timestamp,
        answer_by: Instant,
    ) -> Result<GoLive, Error> {
        let units = ready(Ok(Arc::new(units.to_vec())));
        let survey = self.0.survey(Purpose::GoLive, units, now, answer_by).await;
        if let Some(reason) = survey.down {
            return Err(reason.into());
        }
        let figures = survey.figures;
        Ok(GoLive {
            doors: figures.doors,
            unmanaged: figures.unmanaged,
            their_units: figures.their_units,
            our_units: figures.our_units,
            matched: figures.matched,
            checks: survey.checks,
        })
    }
}
