//! The bridge from residents to Seam: units, doors and taps of a building whose doors are 2N's.

mod audit;
mod door;
mod explain;
mod finding;
mod go_live;
mod health;
mod map;
mod matching;
mod pauses;
mod pins;
mod reading;
mod settings;
mod share;
mod survey;
mod told;
mod trouble;
mod units;
mod unlock;

use std::{fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use elevate_access::{
    AccessProvider, Aged, Audited, Auditor, BuildingId, BuildingUnits, Cause, Check, Context,
    Dated, Error, Freshness, Grants, Health, Identity, MaxAge, Notification, Notified, Occupant,
    PastOrder, ProviderInfo, Reason, System, UnlockPermit, VendorDoorId, Verdict,
};
use futures_util::future::try_join;
use jiff::Timestamp;
use tokio::time::{Instant, timeout_at};

pub use self::{
    go_live::GoLive,
    settings::{TwoNSettings, Units},
};
use self::{
    map::UnitMap,
    matching::{OurIndex, Ours},
    pauses::Pauses,
    share::Shares,
    told::LastTold,
};
use crate::Client;

/// How old the map of units to doors may be (L8), counted from the start of its reading.
const MAP_AGE: MaxAge = MaxAge::of(Duration::from_mins(5)).read_ahead(Duration::from_mins(1));

/// How long reading the map may take: a little less than whoever asks has, who is to be told why it failed.
const MAP_WITHIN: Duration = Duration::from_millis(9_800);

/// The doors of one building, unlocked by 2N through Seam.
///
/// Access follows the unit (N3, N4): a resident sees the doors of the one 2N unit that has their unit's
/// name. Nothing is kept for a resident (N6). All of the vendor's state that admits is one map of units to
/// doors, read whole or not at all, at most five minutes old.
///
/// Cheap to clone; clones share the map. See the [crate's guide](crate) for how it is set up.
#[derive(Clone)]
pub struct TwoNProvider(Arc<Inner>);

struct Inner {
    client: Client,
    settings: TwoNSettings,
    /// The system of the doors: 2N.
    system: System,
    /// The system that is asked: Seam, whose troubles are not 2N's.
    api_system: System,
    /// The system of the doors, with the place where its units are named.
    unit_system: System,
    map: Aged<UnitMap>,
    ours: Ours,
    pauses: Pauses<VendorDoorId>,
    shares: Arc<Shares>,
    last_told: LastTold,
}

impl TwoNProvider {
    /// A provider for that building, through that client. It reads nothing yet.
    pub fn new(client: Client, settings: TwoNSettings) -> Self {
        let system = System::new("2N", "the Seam console");
        let unit_system = match settings.units {
            Units::Spaces
            | Units::SpaceDisplayNames
            | Units::SpaceKeys
            | Units::Metadata { .. } => system.clone(),
            Units::Table(_) => System::new("2N", "the unit table of the connection"),
        };
        Self(Arc::new(Inner {
            client,
            settings,
            system,
            api_system: System::new("Seam", "the Seam console"),
            unit_system,
            map: Aged::new(MAP_AGE),
            ours: Ours::default(),
            pauses: Pauses::default(),
            shares: Arc::new(Shares::new()),
            last_told: LastTold::default(),
        }))
    }

    /// The client through which it asks: for what is done at Seam besides, such as a fresh link where an account
    /// asks for a new sign-in.
    ///
    /// ```no_run
    /// use elevate_seam::{Connecting, Error, Instant, NewConnectWebview, TwoNProvider};
    /// use jiff::Timestamp;
    ///
    /// async fn sign_in_anew(
    ///     provider: &TwoNProvider,
    ///     now: Timestamp,
    ///     answer_by: Instant,
    /// ) -> Result<Connecting, Error> {
    ///     Connecting::begin(provider.client(), &NewConnectWebview::two_n(), now, answer_by).await
    /// }
    /// ```
    pub fn client(&self) -> &Client {
        &self.0.client
    }
}

/// The facts that a judgement rests on, and until when they may be used.
struct View {
    map: Arc<UnitMap>,
    ours: Arc<OurIndex>,
    good_until: Instant,
}

impl Inner {
    /// A reason in the system that has the trouble: Seam's API, or the doors behind it.
    fn reason(&self, cause: Cause) -> Reason {
        Reason::new(cause).in_system(match cause {
            Cause::VendorUnreachable
            | Cause::VendorError
            | Cause::VendorBusy
            | Cause::VendorReplyUnusable
            | Cause::CredentialsRefused
            | Cause::RightsMissing
            | Cause::DeliveryRefused
            | Cause::DoorUnmanaged
            | Cause::DoorWarned
            | Cause::NothingSynced
            | Cause::SetupWrong => &self.api_system,
            _ => &self.system,
        })
    }

    /// The connection serves one building, and answers for no other.
    fn serves(&self, context: &Context, occupant: Option<&BuildingId>) -> Result<(), Error> {
        let building = &self.settings.building;
        if context.building() == building && occupant.is_none_or(|other| other == building) {
            Ok(())
        } else {
            Err(self.reason(Cause::WrongBuilding).into())
        }
    }

    /// The map, as fresh as asked for.
    async fn map(
        self: &Arc<Self>,
        now: Timestamp,
        freshness: Freshness,
    ) -> Result<Dated<UnitMap>, Error> {
        if self.last_told.is_due() {
            self.map.forget();
        }
        let read = || {
            let this = Arc::clone(self);
            async move { this.read_map(now).await }
        };
        self.map.get(freshness, read).await
    }

    /// The same by that time at the latest.
    async fn map_by(
        self: &Arc<Self>,
        now: Timestamp,
        freshness: Freshness,
        by: Instant,
    ) -> Result<Dated<UnitMap>, Error> {
        let late =
            |_| Err(self.reason(Cause::VendorUnreachable).with_detail("no answer in time").into());
        timeout_at(by, self.map(now, freshness)).await.unwrap_or_else(late)
    }

    async fn read_map(&self, now: Timestamp) -> Result<UnitMap, Error> {
        let by = Instant::now() + MAP_WITHIN;
        let lists = self.read_lists(by).await.map_err(|error| self.trouble(error))?;
        let scrub = |text: &str| self.client.scrub(text);
        // What is known against a door is 2N's, but whether it is managed is Seam's.
        let reason = |cause| match cause {
            Cause::DoorUnmanaged => self.reason(cause),
            _ => Reason::new(cause).in_system(&self.system),
        };
        let draw = |reading| UnitMap::draw(&self.settings, &reason, &scrub, reading);
        lists
            .once_each(now)
            .and_then(draw)
            .map_err(|(cause, what)| Error::from(self.reason(cause).with_detail(&scrub(&what))))
    }

    /// The building's own units by that time at the latest: if they are late, it is the host that is.
    async fn listed(
        context: &Context,
        freshness: Freshness,
        by: Instant,
    ) -> Result<Dated<BuildingUnits>, Error> {
        let late = |_| Err(Error::new(Cause::DirectoryFailed));
        timeout_at(by, context.units(freshness)).await.unwrap_or_else(late)
    }

    /// Until when whoever asks can be told why something could not be read.
    fn answer_by(context: &Context) -> Instant {
        context.until().min(Instant::now() + MAP_WITHIN)
    }

    /// Both sides' units, by that time at the latest: which of them is late is told. A unit that our own side
    /// does not list is sought once more in a new reading of it.
    async fn view(
        self: &Arc<Self>,
        context: &Context,
        occupant: &Occupant,
        freshness: Freshness,
        by: Instant,
    ) -> Result<View, Error> {
        let called = Instant::now();
        let units = Self::listed(context, freshness, by);
        let (mut units, map) = try_join(units, self.map_by(context.now(), freshness, by)).await?;
        let mut ours = self.ours.index(&units.value);
        if units.begun < called
            && occupant.units().iter().any(|unit| !ours.lists(unit, &map.value.units))
        {
            units = Self::listed(context, Freshness::Fresh, by).await?;
            ours = self.ours.index(&units.value);
        }
        let good_until = units.begun.min(map.begun) + MAP_AGE.most;
        Ok(View { map: map.value, ours, good_until })
    }
}

#[async_trait]
impl AccessProvider for TwoNProvider {
    fn info(&self) -> ProviderInfo {
        let info = ProviderInfo::new(self.0.system.clone(), Identity::Unit);
        match self.0.settings.pins.territory() {
            Some(territory) => info.drawing_on(territory),
            None => info,
        }
    }

    async fn grants(
        &self,
        context: &Context,
        occupant: &Occupant,
        freshness: Freshness,
    ) -> Result<Grants, Error> {
        self.0.serves(context, Some(occupant.building()))?;
        let view = self.0.view(context, occupant, freshness, Inner::answer_by(context)).await?;
        Ok(self.0.grants_of(&view, occupant))
    }

    async fn unlock(
        &self,
        context: &Context,
        occupant: &Occupant,
        door: &VendorDoorId,
        permit: UnlockPermit,
    ) -> Verdict {
        self.0.unlock(context, occupant, door, permit).await
    }

    async fn look_back(
        &self,
        context: &Context,
        _: &Occupant,
        order: &PastOrder,
    ) -> Result<Option<Verdict>, Error> {
        self.0.look_back(context, order).await
    }

    async fn explain(
        &self,
        context: &Context,
        occupant: &Occupant,
        door: Option<&VendorDoorId>,
    ) -> Vec<Check> {
        self.0.explain(context, occupant, door).await
    }

    async fn check(&self, context: &Context) -> Health {
        self.0.check(context).await
    }

    async fn audit(&self, context: &Context, auditor: &Auditor) -> Result<Audited, Error> {
        self.0.audit(context, auditor).await
    }

    async fn notified(
        &self,
        context: &Context,
        notification: &Notification<'_>,
    ) -> Result<Notified, Error> {
        self.0.notified(context, notification)
    }
}

impl fmt::Debug for TwoNProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TwoNProvider")
            .field("client", &self.0.client)
            .field("settings", &self.0.settings)
            .finish_non_exhaustive()
    }
}
