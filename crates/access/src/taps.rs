//! The table of taps: it keeps one tap from becoming two orders, and is the history besides.

use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;

use crate::{BuildingId, DoorId, Error, HostError, Outcome, ResidentId, System, TapId};

/// How long every store remembers a tap at least, whatever it is told to prune or forget: far longer than
/// any tap can be acceptable, so that no id is free again while somebody may still send it.
pub const TAPS_KEPT: Duration = Duration::from_hours(1);

/// Who tapped which door, and when: what a store writes down of a tap before its order starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tapped {
    /// Who.
    pub resident: ResidentId,
    /// Which door.
    pub door: DoorId,
    /// Where the door is and what it was called then, once that is known.
    pub place: Option<DoorPlace>,
    /// When the tap reached the node, by that node's wall clock.
    pub at: Timestamp,
}

/// Where a door is, and its name at the time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DoorPlace {
    /// The building.
    pub building: BuildingId,
    /// The door's name, kept as it was, for a history that can be read after a door was renamed or removed.
    pub name: String,
}

/// How a tap's id stands.
#[derive(Clone, Debug, PartialEq)]
pub enum Claim {
    /// It is ours now: whoever gets this, and nobody else, may send the order.
    Granted {
        /// Proof of this very claim, for giving it up.
        token: String,
    },
    /// It was used before, and this is what became of it.
    Settled(Outcome),
    /// Somebody holds it, and will have settled it by then; afterwards it counts as unknown.
    Open {
        /// By the store's users' wall clocks.
        answer_by: Timestamp,
    },
    /// It belongs to another resident or another door.
    Foreign,
}

/// One tap as a store keeps it.
#[derive(Clone, Debug, PartialEq)]
pub struct TapRecord {
    /// The store's own number of it, in the order in which taps were written down.
    pub number: u64,
    /// The id that the phone chose, or its ticket's; `None` for a tap without either.
    pub id: Option<TapId>,
    /// Who, where and when.
    pub tapped: Tapped,
    /// What became of it.
    pub state: TapState,
}

/// What became of a tap, as far as it is written down.
#[expect(clippy::large_enum_variant, reason = "most are settled, and none is kept for long")]
#[derive(Clone, Debug, PartialEq)]
pub enum TapState {
    /// Nothing yet. Past this moment nobody is going to write it down any more: it counts as unknown.
    UnderWay {
        /// By the store's users' wall clocks.
        answer_by: Timestamp,
    },
    /// This is what the resident was told.
    Settled {
        /// What the resident was told. It stays as it is.
        outcome: Outcome,
        /// What was found out afterwards, where it had not been known.
        later: Option<Outcome>,
    },
}

/// How one tap ended, for the host's own log; see [`AccessBuilder::tap_log`](crate::AccessBuilder::tap_log).
///
/// Every call of [`Access::unlock`](crate::Access::unlock) has one: what was refused, what joined another tap's order
/// ([`sent`](Self::sent) is `None` then), and an id that came again and got its first outcome. It comes also if the
/// caller was dropped, except where the call had begun nothing yet, or only waited for what another one began.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct TapEnd {
    /// Who, which door, and when.
    pub tapped: Tapped,
    /// The tap's id, or its ticket's.
    pub id: Option<TapId>,
    /// The door system, where the tap came as far as one.
    pub system: Option<System>,
    /// How long after the tap reached this node its own order started; `None` if it sent none.
    pub sent: Option<Duration>,
    /// From the moment at which the tap reached this node to its end.
    pub took: Duration,
    /// What the caller was told. The vendor's own reference is in the outcome's [receipt](Outcome::receipt).
    pub result: Result<Outcome, Error>,
}

impl TapRecord {
    /// The last that is known: what was found out afterwards, or else what the resident was told. `None`
    /// while it is under way, or if nothing was written down.
    pub fn last_known(&self) -> Option<&Outcome> {
        match &self.state {
            TapState::UnderWay { .. } => None,
            TapState::Settled { outcome, later } => Some(later.as_ref().unwrap_or(outcome)),
        }
    }
}

/// Which taps to read: the newest first, [`limit`](Self::limit) at a time.
///
/// ```
/// use elevate_access::{ResidentId, TapQuery};
///
/// // "Recent unlocks" of one resident, twenty at a time.
/// let query = TapQuery::new().of(&ResidentId::new("jane")?).limit(20);
/// // The next twenty: query.clone().older_than(last_record)
/// # let _ = query;
/// # Ok::<(), elevate_access::InvalidId>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TapQuery {
    resident: Option<ResidentId>,
    door: Option<DoorId>,
    building: Option<BuildingId>,
    since: Option<Timestamp>,
    until: Option<Timestamp>,
    older_than: Option<(Timestamp, u64)>,
    limit: Option<u32>,
}

impl TapQuery {
    /// The most that one reading returns.
    pub const MOST: u32 = 500;

    /// All taps.
    pub fn new() -> Self {
        Self::default()
    }

    /// Only those of that resident.
    pub fn of(mut self, resident: &ResidentId) -> Self {
        self.resident = Some(resident.clone());
        self
    }

    /// Only those on that door.
    pub fn at(mut self, door: &DoorId) -> Self {
        self.door = Some(door.clone());
        self
    }

    /// Only those in that building.
    pub fn within(mut self, building: &BuildingId) -> Self {
        self.building = Some(building.clone());
        self
    }

    /// Only those of that moment or later.
    pub fn since(mut self, moment: Timestamp) -> Self {
        self.since = Some(moment);
        self
    }

    /// Only those before that moment.
    pub fn until(mut self, moment: Timestamp) -> Self {
        self.until = Some(moment);
        self
    }

    /// Only those that come after that one, newest first: the next page.
    pub fn older_than(mut self, record: &TapRecord) -> Self {
        self.older_than = Some((record.tapped.at, record.number));
        self
    }

    /// So many at most: 50 unless said, [`MOST`](Self::MOST) whatever is said.
    pub fn limit(mut self, most: u32) -> Self {
        self.limit = Some(most);
        self
    }

    /// The resident that it is kept to.
    pub fn resident(&self) -> Option<&ResidentId> {
        self.resident.as_ref()
    }

    /// The door that it is kept to.
    pub fn door(&self) -> Option<&DoorId> {
        self.door.as_ref()
    }

    /// The building that it is kept to.
    pub fn building(&self) -> Option<&BuildingId> {
        self.building.as_ref()
    }

    /// The first moment, and the one that is past the last.
    pub fn between(&self) -> (Option<Timestamp>, Option<Timestamp>) {
        (self.since, self.until)
    }

    /// The moment and number that every record has to be below, as a pair.
    pub fn below(&self) -> Option<(Timestamp, u64)> {
        self.older_than
    }

    /// How many at most.
    pub fn most(&self) -> u32 {
        self.limit.unwrap_or(50).min(Self::MOST)
    }

    /// Whether the query asks for this record, its limit aside.
    pub fn asks_for(&self, record: &TapRecord) -> bool {
        let tapped = &record.tapped;
        let building = tapped.place.as_ref().map(|place| &place.building);
        self.resident.as_ref().is_none_or(|asked| *asked == tapped.resident)
            && self.door.as_ref().is_none_or(|asked| *asked == tapped.door)
            && self.building.as_ref().is_none_or(|asked| building == Some(asked))
            && self.since.is_none_or(|since| tapped.at >= since)
            && self.until.is_none_or(|until| tapped.at < until)
            && self.older_than.is_none_or(|below| (tapped.at, record.number) < below)
    }
}

/// Where taps are kept: a claim before each order whose tap has an id, and what became of every one.
///
/// A part of [`Store`](crate::Store). Every method is atomic by itself, and each may be called by any number
/// of nodes at once.
#[async_trait]
pub trait Taps: Send + Sync + 'static {
    /// Looks how the tap's id stands for this resident and door, and claims nothing: `None` if it was
    /// never claimed, and never [`Claim::Granted`].
    async fn tap(
        &self,
        id: &TapId,
        resident: &ResidentId,
        door: &DoorId,
    ) -> Result<Option<Claim>, HostError>;

    /// Claims the id for this tap, if nobody has: of any number of callers on any number of nodes exactly
    /// one gets [`Claim::Granted`].
    async fn claim(
        &self,
        id: &TapId,
        tapped: &Tapped,
        answer_by: Timestamp,
    ) -> Result<Claim, HostError>;

    /// Writes down what became of a claimed tap, and where its door is if that was not known before.
    /// Returns what stands: the first settlement does.
    ///
    /// Of a tap whose resident was [forgotten](crate::Store::forget) nothing is written down: this outcome is returned,
    /// and stands nowhere.
    async fn settle(
        &self,
        id: &TapId,
        outcome: &Outcome,
        place: Option<&DoorPlace>,
    ) -> Result<Outcome, HostError>;

    /// Gives up a claim whose order never started, so that the id may be used again. Does nothing once
    /// the tap is settled, or if the claim is not the one of that token.
    async fn unclaim(&self, id: &TapId, token: &str) -> Result<(), HostError>;

    /// Writes down a tap that has no id, and what became of it.
    async fn record(&self, tapped: &Tapped, outcome: &Outcome) -> Result<(), HostError>;

    /// Writes down what was found out afterwards about a settled tap. Returns what stands: the first that was
    /// found out does. What the resident was told stays as it is.
    ///
    /// # Errors
    /// Also if there is no settled tap of that number.
    async fn amend(&self, number: u64, later: &Outcome) -> Result<Outcome, HostError>;

    /// The taps that the query asks for, newest first: by [`Tapped::at`], and then by number.
    async fn taps(&self, query: &TapQuery) -> Result<Vec<TapRecord>, HostError>;

    /// Removes the taps from before that moment, and says how many. What is younger than [`TAPS_KEPT`], by
    /// the store's own clock, stays.
    async fn prune(&self, before: Timestamp) -> Result<u64, HostError>;
}
