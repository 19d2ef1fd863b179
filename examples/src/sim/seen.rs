//! What was seen in an episode, for the judge.

use std::collections::BTreeMap;

use elevate_access::{Error, Outcome};
use tokio::time::Instant;

use super::{
    cast::{self, NAMES, Vendor},
    history::History,
};

/// One wish: pressed once, sent to the service once or more.
#[derive(Clone, Debug)]
pub(super) struct Press {
    pub(super) resident: usize,
    pub(super) door: String,
    /// The id that the phone gave it, if it did.
    pub(super) id: Option<String>,
    pub(super) at: Instant,
    /// Whether nobody pressed: a ticket that is another's or for another door.
    pub(super) is_forged: bool,
}

/// One call of `unlock`.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub(super) press: usize,
    pub(super) begun: Instant,
    pub(super) ended: Instant,
    /// `None` if the caller gave up, or the node died.
    pub(super) died: bool,
    pub(super) result: Option<Result<Outcome, Error>>,
}

/// One body of an order that started.
#[derive(Clone, Debug)]
pub(super) struct Body {
    /// The resident that the provider was asked for.
    pub(super) resident: usize,
    pub(super) vendor: Vendor,
    /// The vendor's id of the door.
    pub(super) door: String,
    /// The id of the tap that led.
    pub(super) id: Option<String>,
    pub(super) at: Instant,
}

/// How the wire answered an order, as the provider saw it.
#[derive(Clone, Debug)]
pub(super) struct Sent {
    pub(super) resident: usize,
    pub(super) vendor: Vendor,
    pub(super) door: String,
    pub(super) id: Option<String>,
    pub(super) at: Instant,
    pub(super) answer: Answered,
}

#[derive(Clone, Debug)]
pub(super) enum Answered {
    /// No byte of the body left.
    Never,
    /// No whole answer came.
    Lost,
    /// This one did: its status, whether its body was empty, and the attempt that it names.
    Whole { status: u16, empty: bool, attempt: Option<String> },
}

/// What became of a Seam action attempt, as its model knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Attempt {
    Confirmed,
    Unconfirmed,
    Failed,
    Pending,
}

/// Everything that was seen in an episode.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) history: History,
    pub(super) presses: Vec<Press>,
    pub(super) calls: Vec<Call>,
    pub(super) bodies: Vec<Body>,
    pub(super) sent: Vec<Sent>,
    pub(super) attempts: BTreeMap<String, Attempt>,
    /// When the store kept a node from releasing a claim.
    pub(super) unreleased: Vec<Instant>,
    /// What was found out after the answer, by the tap's id.
    pub(super) later: BTreeMap<String, Outcome>,
    /// Whom a node was told to forget, and when that began.
    pub(super) forgets: Vec<(usize, Instant)>,
    /// What was there still after somebody was forgotten.
    pub(super) kept: Vec<Kept>,
    /// How many cloud keys each of Openpath's users has.
    pub(super) keys: Vec<(u64, usize)>,
    /// What was written to the vendors that is never ours to write.
    pub(super) other_writes: Vec<String>,
}

/// Something of a resident's that was there before they were forgotten, and is there still.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    pub(super) resident: usize,
    pub(super) at: Instant,
    pub(super) what: String,
}

impl Seen {
    /// Whether both are one tap: the same press, or the same id sent again as if it had just been pressed.
    pub(super) fn is_one_tap(&self, one: usize, other: usize) -> bool {
        let (a, b) = (&self.presses[one], &self.presses[other]);
        let same = a.id.is_some() && a.id == b.id && a.resident == b.resident && a.door == b.door;
        one == other || same && !a.is_forged && !b.is_forged
    }

    /// When the tap was first pressed.
    pub(super) fn first_pressed(&self, press: usize) -> Instant {
        let of_tap = (0..self.presses.len()).filter(|other| self.is_one_tap(*other, press));
        of_tap.map(|n| self.presses[n].at).min().unwrap_or(self.presses[press].at)
    }

    pub(super) fn calls_of(&self, press: usize) -> impl Iterator<Item = &Call> {
        self.calls.iter().filter(move |c| self.is_one_tap(c.press, press))
    }
}

impl Press {
    pub(super) fn is_for(&self, vendor: Vendor, door: &str) -> bool {
        self.door == format!("{}/{door}", connection(vendor))
    }

    pub(super) fn what(&self) -> String {
        format!("{} at {}", NAMES[self.resident], self.door)
    }
}

impl Body {
    pub(super) fn what(&self) -> String {
        let (resident, vendor) = (NAMES[self.resident], connection(self.vendor));
        format!("{resident} at {vendor}/{}", self.door)
    }
}

pub(super) fn connection(vendor: Vendor) -> &'static str {
    match vendor {
        Vendor::Openpath => cast::OPENPATH,
        Vendor::Seam => cast::SEAM,
    }
}
