//! What a door system has to do: the contract that each vendor crate fulfils.

use std::collections::BTreeSet;

use async_trait::async_trait;
use jiff::Timestamp;
use tokio::time::Instant;

use crate::{
    Audited, Auditor, Check, Context, Error, Freshness, Health, Notification, Notified, Occupant,
    Reason, System, TapId, UnlockPermit, VendorDoorId,
};

/// One connection to one door system.
///
/// Implemented by vendor crates and called by [`Access`](crate::Access) alone, which decides who may ask
/// and reads every [`Verdict`] in the light of its own gate. A provider never learns of standings, taps'
/// ages or other residents. The contract suite of the test kit tells whether an implementation keeps this
/// contract.
///
/// Dropping the future of any method ends only the waiting, save that an order whose body has started
/// cannot be recalled. No method may hold its thread, by blocking I/O or a lock that somebody else keeps: meanwhile no
/// deadline is looked at, and whoever tapped waits.
#[async_trait]
pub trait AccessProvider: Send + Sync + std::fmt::Debug + 'static {
    /// What this system is and how it knows people. Constant.
    fn info(&self) -> ProviderInfo;

    /// The doors that the system gives this occupant.
    ///
    /// Reads what it needs, within its stated ages; [`Freshness::Fresh`] reads anew. What the vendor
    /// definitely says is not an error but a [problem](Grants::problems): no user, no match, no doors.
    /// Creates the occupant's key if the system needs one and
    /// [`context.may_create_key()`](Context::may_create_key).
    ///
    /// # Errors
    /// If the system could not be asked, or its answer cannot be relied on.
    async fn grants(
        &self,
        context: &Context,
        occupant: &Occupant,
        freshness: Freshness,
    ) -> Result<Grants, Error>;

    /// Sends one order to open the door, through the permit's gate, and waits for what becomes of it
    /// until [`permit.answer_by()`](UnlockPermit::answer_by).
    ///
    /// `Access` has seen the door among [`grants`](Self::grants) just before. The order's body is sent
    /// at most once; it is tried again only while the gate has not opened.
    async fn unlock(
        &self,
        context: &Context,
        occupant: &Occupant,
        door: &VendorDoorId,
        permit: UnlockPermit,
    ) -> Verdict;

    /// What became of an order whose outcome was not known when it was told: one look, which sends nothing that could
    /// open a door. `None` if the system does not say, or says it only of an order that may be another one.
    ///
    /// A verdict that says no more than was known changes nothing. A system that says nothing afterwards leaves this as it is.
    ///
    /// # Errors
    /// If the system could not be asked, or its answer cannot be relied on.
    async fn look_back(
        &self,
        context: &Context,
        occupant: &Occupant,
        order: &PastOrder,
    ) -> Result<Option<Verdict>, Error> {
        let _ = (context, occupant, order);
        Ok(None)
    }

    /// Why this occupant may or may not open doors, or this door: one [`Check`] for each precondition, in
    /// the order in which to mend them. Reads only; it holds no permit, so it can open nothing.
    ///
    /// A system that knows people by e-mail is also asked about an occupant who
    /// [has left](Occupant::has_left): whether the system still lets them in.
    async fn explain(
        &self,
        context: &Context,
        occupant: &Occupant,
        door: Option<&VendorDoorId>,
    ) -> Vec<Check>;

    /// Whether the connection works and is set up rightly. Reads only.
    async fn check(&self, context: &Context) -> Health;

    /// Compares the whole roster with what the system has, and reports what keeps residents out, or will, and who
    /// has access who should not. Reads only, in few calls that do not grow with the number of residents unless
    /// [each one's doors](Auditor::wants_doors_of_each) are asked for, and without taking room from taps.
    ///
    /// # Errors
    /// If the system could not be read to the end. What was [found](Auditor::found) until then stands.
    async fn audit(&self, context: &Context, auditor: &Auditor) -> Result<Audited, Error>;

    /// A notification that claims to come from the system, for this connection.
    ///
    /// Nobody who cannot sign for the system may have any effect: what is unsigned, signed by another secret,
    /// stale, or about another account is refused with [`Cause::DeliveryRefused`](crate::Cause::DeliveryRefused),
    /// and a system that sends none refuses all. What is believed settles nothing and grants nothing: it only
    /// says that something is to be read again, however often it comes and in whatever order. Asks no vendor.
    async fn notified(
        &self,
        context: &Context,
        notification: &Notification<'_>,
    ) -> Result<Notified, Error>;
}

/// What a door system is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProviderInfo {
    /// Its names, for people.
    pub system: System,
    /// How it knows people.
    pub identity: Identity,
    /// What it draws on, if that can be told without asking.
    pub territory: Option<Territory>,
}

impl ProviderInfo {
    /// A system of those names that knows people in that way.
    pub const fn new(system: System, identity: Identity) -> Self {
        Self { system, identity, territory: None }
    }

    /// Says what it draws on.
    pub fn drawing_on(mut self, territory: Territory) -> Self {
        self.territory = Some(territory);
        self
    }
}

/// What a connection draws on: an account at the vendor, or parts of it. Two connections whose territories
/// overlap give out the same doors, which [`Access::check`](crate::Access::check) reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Territory {
    /// The account, such as an organisation: host and id. No secret.
    pub account: String,
    /// The parts of it that the connection keeps to; `None` if it takes all.
    pub parts: Option<BTreeSet<String>>,
}

impl Territory {
    /// Whether both give out some of the same doors, as far as can be told.
    pub fn overlaps(&self, other: &Self) -> bool {
        let parts = self.parts.as_ref().zip(other.parts.as_ref());
        self.account == other.account && parts.is_none_or(|(a, b)| !a.is_disjoint(b))
    }
}

/// How a door system knows who somebody is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Identity {
    /// By a user of its own with the resident's e-mail: there is a link for each resident (O1, O5).
    Email,
    /// By the unit they live in: nothing is kept for a resident (N6).
    Unit,
}

/// The doors that a system gives an occupant.
#[derive(Clone, Debug)]
pub struct Grants {
    /// The doors, in the order in which a resident's list has them.
    pub doors: Vec<Grant>,
    /// What keeps doors from the occupant: the reasons for an empty list, or for one unit of several.
    pub problems: Vec<Reason>,
    /// Nothing of this may be relied on after this moment: the earliest end among the facts behind it,
    /// each counted from the start of its reading (L8).
    pub good_until: Instant,
}

/// One door that a system gives an occupant.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Grant {
    /// The vendor's id.
    pub id: VendorDoorId,
    /// The door's name, as the vendor has it.
    pub name: String,
    /// Why a tap on it would be refused at once, if it would.
    pub blocked: Option<Reason>,
    /// What is known against it without refusing a tap, such as that it was last seen offline.
    pub notice: Option<Reason>,
}

impl Grant {
    /// A door that can be tapped.
    pub fn new(id: VendorDoorId, name: impl Into<String>) -> Self {
        Self { id, name: name.into(), blocked: None, notice: None }
    }

    /// Lists the door, but refuses taps on it for that reason.
    pub fn blocked(mut self, reason: Reason) -> Self {
        self.blocked = Some(reason);
        self
    }

    /// Lists the door with a remark.
    pub fn with_notice(mut self, notice: Reason) -> Self {
        self.notice = Some(notice);
        self
    }
}

/// An order of before, as far as it can be named to the system.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PastOrder {
    /// The vendor's id of the door.
    pub door: VendorDoorId,
    /// The id of its tap, which a provider may have sent along.
    pub tap: Option<TapId>,
    /// The vendor's own reference, where a verdict named one.
    pub reference: Option<String>,
    /// When the tap reached its node.
    pub tapped_at: Timestamp,
}

impl PastOrder {
    /// An order for that door, of a tap of that moment.
    pub fn new(door: VendorDoorId, tapped_at: Timestamp) -> Self {
        Self { door, tap: None, reference: None, tapped_at }
    }
}

/// What a provider says became of an order. `Access` reads it in the light of the gate (L4).
#[derive(Clone, Debug)]
pub enum Verdict {
    /// The system confirmed this very order.
    Opened {
        /// The vendor's reference for the order.
        reference: Option<String>,
    },
    /// The exact documented success, and nothing less; it does not say that the door opened.
    Accepted {
        /// The vendor's reference for the order.
        reference: Option<String>,
    },
    /// Turned down, in an answer that could be read.
    TurnedDown {
        /// Whether that rules out that the order was acted on.
        certain: bool,
        /// Why.
        reason: Reason,
    },
    /// Taken, and reported as failed later: the system's word, not proof.
    Failed {
        /// The vendor's reference for the order.
        reference: Option<String>,
        /// Why.
        reason: Reason,
    },
    /// The body may have started, and what became of it is not known.
    Lost {
        /// The vendor's reference for the order, if it got that far.
        reference: Option<String>,
        /// Why it is not known.
        reason: Reason,
    },
    /// The body did not start.
    NotSent(Error),
}
