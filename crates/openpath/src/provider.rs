//! The access provider: residents on one side, Openpath's users and entries on the other.

mod audit;
mod causes;
mod doors;
mod explain;
mod health;
mod holder;
mod key;
mod keys;
mod late;
mod link;
mod made;
mod order;
mod people;
mod person;
mod sites;

use std::{
    fmt,
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

use async_trait::async_trait;
use elevate_access::{
    AccessProvider, Aged, Audited, Auditor, BuildingId, Cause, Check, Context, EmailDigest,
    Error as AccessError, Freshness, Grants, Health, Identity, MaxAge, Notification, Notified,
    Occupant, PastOrder, ProviderInfo, Reason, Territory, UnlockPermit, VendorDoorId, Verdict,
};
use futures_util::future::join;
use quick_cache::{UnitWeighter, sync::Cache};
use tokio::time::Instant;

use crate::{Client, Entry, Error, ErrorKind, SiteId, UserId, client::key_name};
use causes::{SYSTEM, is_gone, reason};
use holder::Holder;
use key::KeyKind;
use link::{Record, Who};
use made::Made;
use order::Pauses;
use people::People;
use sites::{ELSEWHERE, Sites};

/// How long it is relied on who a resident is, and which key is theirs (L8).
const LINK_AGE: Duration = Duration::from_mins(5);

/// How long a user's entries are relied on (L8).
const ENTRIES_AGE: Duration = Duration::from_mins(10);

/// How long a refusal is repeated without looking again: it admits nobody, and may have been mended.
const REFUSAL_AGE: Duration = Duration::from_secs(10);

/// How long the id of the credential type is kept. It admits nobody.
const KIND_AGE: Duration = Duration::from_hours(1);

/// How many residents, and how many users, of one organisation are kept in memory at most; and for how many
/// there is room from the start, since most organisations are a building.
const KEPT: (usize, u64) = (64, 10_000);

/// The name of the keys that are made, unless set otherwise.
const KEY_NAME: &str = "ElevateOS";

/// Doors through one Openpath organisation: the [`AccessProvider`] for it.
///
/// See the [crate's guide](crate#the-provider) for what it reads, keeps, makes and refuses.
///
/// One provider serves one connection. It keeps what it has read in memory, within the ages that the laws
/// allow, and links and leases in the store of the [`Context`] that it is given.
pub struct OpenpathProvider {
    inner: Inner,
}

struct Inner {
    client: Client,
    /// The same for audits, which take no room from residents.
    aside: Client,
    /// Where the users' ids mean something: written into links and leases, which outlive this provider.
    place: Arc<str>,
    sites: Sites,
    key_name: Arc<str>,
    people: Arc<People>,
    records: Cache<EmailDigest, Arc<Record>>,
    holders: Cache<UserId, Arc<Holder>>,
    kind: KeyKind,
    made: Arc<Made>,
    pauses: Pauses,
    /// Whether a row of activity was seen that carries what was sent with its order.
    rows_are_described: AtomicBool,
}

impl OpenpathProvider {
    /// A provider over that client. Keys that it makes are called `ElevateOS`.
    pub fn new(client: Client) -> Self {
        Self::with_name(client, KEY_NAME.into())
    }

    /// The same, with another name for the keys that it makes.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] if the name is blank, or longer than 100 characters.
    pub fn with_key_name(client: Client, name: &str) -> Result<Self, Error> {
        let name = key_name(name).ok_or_else(|| {
            Error::new(ErrorKind::InvalidInput)
                .with_message("a key's name has to have 1 to 100 characters")
        })?;
        Ok(Self::with_name(client, name.into()))
    }

    /// Says at which sites of the organisation that building is. It may be called for several buildings.
    ///
    /// **A connection that several buildings share has to be pinned so**: Openpath's entries say nothing of
    /// buildings, and a resident who moved from one to another would else keep the former one's doors for as
    /// long as Openpath lists them.
    ///
    /// Once any building is named, only entries whose site ([`Zone::site`](crate::Zone::site)) is one of
    /// the asked building's are doors, an entry that names no site is none, and a building that is not named
    /// gets [`Cause::WrongBuilding`]. Otherwise every entry of the user is a door.
    #[must_use]
    pub fn at_sites(
        mut self,
        building: BuildingId,
        sites: impl IntoIterator<Item = SiteId>,
    ) -> Self {
        self.inner.sites.pin(building, sites);
        self
    }

    fn with_name(client: Client, key_name: Arc<str>) -> Self {
        Self {
            inner: Inner {
                people: Arc::new(People::new(client.clone())),
                place: client.place().into(),
                sites: Sites::default(),
                aside: client.aside(),
                client,
                key_name,
                records: Cache::with_weighter(KEPT.0, KEPT.1, UnitWeighter),
                holders: Cache::with_weighter(KEPT.0, KEPT.1, UnitWeighter),
                kind: Aged::new(MaxAge::of(KIND_AGE)),
                made: Arc::new(Made::default()),
                pauses: Pauses::default(),
                rows_are_described: AtomicBool::new(false),
            },
        }
    }
}

impl Inner {
    async fn grants(
        &self,
        context: &Context,
        occupant: &Occupant,
        asked: Freshness,
    ) -> Result<Grants, AccessError> {
        if let Err(reason) = self.sites.know(context.building()) {
            let good_until = Instant::now() + REFUSAL_AGE;
            return Ok(Grants { doors: Vec::new(), problems: vec![reason], good_until });
        }
        let mut freshness = asked;
        loop {
            let linked = match self.who(context, occupant, freshness).await? {
                Who::User(linked) => linked,
                Who::Nobody { reason, begun } => {
                    let good_until = (begun + LINK_AGE).max(Instant::now());
                    return Ok(Grants { doors: Vec::new(), problems: vec![reason], good_until });
                }
            };
            let holder = self.holder(&linked.user);
            let (entries, key) = join(
                self.entries(&holder, freshness),
                self.key(context, &linked, &holder, freshness),
            )
            .await;
            let gone = entries.as_ref().is_err_and(is_gone) || key.as_ref().is_err_and(is_gone);
            if gone && freshness == Freshness::Cached {
                // The user that a link named is no longer there: who is it now?
                freshness = Freshness::Fresh;
                continue;
            }
            let entries = entries?;
            let own = self.sites.own(context.building(), &entries.list);
            let mut doors = doors::doors(&own, &self.client.scrubber())?;
            let mut problems = Vec::new();
            let key = match key {
                Ok(key) => key,
                Err(error) => {
                    // The doors are known all the same; a tap on one tries again to get the key.
                    tracing::warn!(%error, "no key to unlock with");
                    problems.push(error.reason().clone());
                    None
                }
            };
            if doors.is_empty() {
                problems.insert(0, Self::no_doors(&entries.list));
            }
            // The doors are in the order of the entries.
            for (door, entry) in doors.iter_mut().zip(&own) {
                if let Some(left) = self.pauses.left(&entry.id, occupant.resident()) {
                    door.blocked = Some(reason(Cause::DoorRateLimited).after(left));
                }
            }
            self.remember(context, occupant, &linked, key.as_ref()).await;
            let good_until = linked.good_until(context.now()).min(entries.begun + ENTRIES_AGE);
            return Ok(Grants { doors, problems, good_until });
        }
    }

    /// Why none of these entries is a door.
    fn no_doors(entries: &[Entry]) -> Reason {
        let none = reason(Cause::NoDoorsAssigned);
        if entries.is_empty() {
            return none;
        }
        none.with_detail(ELSEWHERE)
    }
}

#[async_trait]
impl AccessProvider for OpenpathProvider {
    fn info(&self) -> ProviderInfo {
        let (account, parts) = (self.inner.place.to_string(), self.inner.sites.all());
        ProviderInfo::new(SYSTEM, Identity::Email).drawing_on(Territory { account, parts })
    }

    async fn grants(
        &self,
        context: &Context,
        occupant: &Occupant,
        freshness: Freshness,
    ) -> Result<Grants, AccessError> {
        self.inner.client.share_sign_ins(context.sign_ins());
        self.inner.grants(context, occupant, freshness).await
    }

    async fn unlock(
        &self,
        context: &Context,
        occupant: &Occupant,
        door: &VendorDoorId,
        permit: UnlockPermit,
    ) -> Verdict {
        self.inner.client.share_sign_ins(context.sign_ins());
        self.inner.unlock(context, occupant, door, &permit).await
    }

    async fn look_back(
        &self,
        context: &Context,
        occupant: &Occupant,
        order: &PastOrder,
    ) -> Result<Option<Verdict>, AccessError> {
        self.inner.client.share_sign_ins(context.sign_ins());
        self.inner.look_back(context, occupant, order).await
    }

    async fn explain(
        &self,
        context: &Context,
        occupant: &Occupant,
        door: Option<&VendorDoorId>,
    ) -> Vec<Check> {
        self.inner.client.share_sign_ins(context.sign_ins());
        self.inner.explain(context, occupant, door).await
    }

    async fn check(&self, context: &Context) -> Health {
        self.inner.client.share_sign_ins(context.sign_ins());
        match self.inner.sites.know(context.building()) {
            Ok(()) => self.inner.check(context).await,
            Err(reason) => Health::down(reason),
        }
    }

    async fn audit(&self, context: &Context, auditor: &Auditor) -> Result<Audited, AccessError> {
        self.inner.client.share_sign_ins(context.sign_ins());
        self.inner.audit(context, auditor).await
    }

    async fn notified(&self, _: &Context, _: &Notification<'_>) -> Result<Notified, AccessError> {
        let none = Reason::new(Cause::DeliveryRefused).in_system(&SYSTEM);
        Err(none.with_detail("Openpath sends none").into())
    }
}

impl fmt::Debug for OpenpathProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenpathProvider")
            .field("client", &self.inner.client)
            .finish_non_exhaustive()
    }
}
