//! Known bugs, each put in at a seam from outside: the judge must find every one of them.

mod store;

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use elevate_access::{
    AccessProvider, Audited, Auditor, BuildingId, Cause, Check, Claim, Clock, Context, Directory,
    Error, Freshness, Grants, Health, HostError, Lease, Notification, Notified, Occupant,
    PastOrder, ProviderInfo, Reason, Resident, ResidentId, RosterStream, Unit, UnlockPermit,
    VendorDoorId, Verdict,
};
use elevate_access_testkit::{TestClock, WatchedStore};
use elevate_transport::{Answer, Method, Request, Wire, WireError};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

pub(super) use self::store::PlantedStore;
use super::witness::last_status;

/// A bug to plant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Plant {
    /// The wire follows redirects, as many do when nobody tells them not to.
    FollowsRedirects,
    /// The wire sends again after a 503.
    RepeatsOn503,
    /// The wire sends the body without asking the gate.
    IgnoresGate,
    /// The directory remembers what it said of a resident for ten minutes.
    RemembersStanding,
    /// The provider reads a 202 as opened.
    Reads202AsOpened,
    /// The provider reads a lost answer as refused.
    ReadsLostAsRefused,
    /// The provider takes what the filter returns without comparing the e-mail.
    TrustsTheFilter,
    /// The provider's map of units never ages.
    MapNeverAges,
    /// The store grants a claim that is held.
    GrantsClaimsTwice,
    /// A node's wall clock moves once a minute, so that a ticket that was held back seems fresh.
    ClockMovesByMinutes,
    /// The provider finds out of every order that it opened the door.
    FindsOutThatItOpened,
    /// A host does not pass on what the phone measured until it had its ticket.
    DropsWhatWasMeasured,
    /// The nodes' clocks differ by up to five seconds.
    ClocksDifferByMore,
    /// The store frees the ids of whom it forgets.
    ForgetFreesIds,
    /// The store forgets nothing, and says that it did.
    ForgetsNothing,
    /// The store removes every tap from before the moment that it is told, however young.
    PrunesTheYoung,
    /// The store gives a lease that is held.
    GivesLeasesTwice,
    /// The wire deletes each cloud key once it was used.
    DeletesKeys,
}

impl Plant {
    /// All of them.
    pub const ALL: [Self; 18] = [
        Self::FollowsRedirects,
        Self::RepeatsOn503,
        Self::IgnoresGate,
        Self::RemembersStanding,
        Self::Reads202AsOpened,
        Self::ReadsLostAsRefused,
        Self::TrustsTheFilter,
        Self::MapNeverAges,
        Self::GrantsClaimsTwice,
        Self::ClockMovesByMinutes,
        Self::FindsOutThatItOpened,
        Self::DropsWhatWasMeasured,
        Self::ClocksDifferByMore,
        Self::ForgetFreesIds,
        Self::ForgetsNothing,
        Self::PrunesTheYoung,
        Self::GivesLeasesTwice,
        Self::DeletesKeys,
    ];
}

/// A wire with a planted bug, or with none.
#[derive(Debug)]
pub(super) struct PlantedWire {
    pub(super) inner: Arc<dyn Wire>,
    pub(super) plant: Option<Plant>,
    pub(super) kept: Mutex<HashMap<String, Answer>>,
}

/// How the path of an unlock ends, after its key's.
const UNLOCK: &str = "/cloudKeyEntryUnlock";

fn again(request: &Request, url: Option<elevate_transport::Url>) -> Request {
    let (url, by) = (url.unwrap_or_else(|| request.url.clone()), request.answer_by);
    let mut copy = Request::new(request.operation, request.method.clone(), url, by);
    copy.headers = request.headers.clone();
    copy.body = request.body.clone();
    copy
}

#[async_trait]
impl Wire for PlantedWire {
    async fn send(&self, mut request: Request) -> Result<Answer, WireError> {
        let copy = again(&request, None);
        match self.plant {
            Some(Plant::FollowsRedirects) => {
                let answer = self.inner.send(request).await?;
                if !answer.status.is_redirection() {
                    return Ok(answer);
                }
                // 307 and 308 to where the location says, which here is the same place.
                self.inner.send(again(&copy, None)).await
            }
            Some(Plant::RepeatsOn503) => match self.inner.send(request).await {
                Ok(answer) if answer.status.as_u16() == 503 => self.inner.send(copy).await,
                answered => answered,
            },
            Some(Plant::IgnoresGate) => {
                request.gate = None;
                self.inner.send(request).await
            }
            Some(Plant::TrustsTheFilter) if copy.url.path().ends_with("/users/list") => {
                let answer = self.inner.send(request).await?;
                Ok(as_asked(&copy, answer))
            }
            Some(Plant::MapNeverAges)
                if ["/devices/list", "/spaces/list"].contains(&copy.url.path()) =>
            {
                let key = format!("{} {:?}", copy.url.path(), copy.body);
                if let Some(kept) = lock(&self.kept).get(&key) {
                    return Ok(kept.clone());
                }
                let answer = self.inner.send(request).await?;
                if answer.status.is_success() && answer.body.ends_with(b"}") {
                    lock(&self.kept).insert(key, answer.clone());
                }
                Ok(answer)
            }
            Some(Plant::DeletesKeys) if copy.url.path().ends_with(UNLOCK) => {
                let answer = self.inner.send(request).await;
                let mut key = copy.url.clone();
                key.set_path(copy.url.path().trim_end_matches(UNLOCK));
                let mut delete = again(&copy, Some(key));
                delete.method = Method::DELETE;
                let _ = self.inner.send(delete).await;
                answer
            }
            _ => self.inner.send(request).await,
        }
    }
}

/// Makes every row's e-mail the one that was filtered by, in lower case (the filter is asked in a spelling
/// that nobody uses): what a client sees that does not compare.
fn as_asked(request: &Request, answer: Answer) -> Answer {
    let body = String::from_utf8_lossy(&request.body).into_owned();
    let asked = body.split("(=").nth(1).and_then(|rest| rest.split(')').next());
    let (Some(asked), Ok(mut rows)) = (asked, serde_json::from_slice::<Value>(&answer.body)) else {
        return answer;
    };
    for row in rows["data"].as_array_mut().into_iter().flatten() {
        row["identity"]["email"] = asked.to_ascii_lowercase().into();
    }
    Answer { body: rows.to_string().into(), ..answer }
}

/// A provider with a planted bug, or with none.
#[derive(Debug)]
pub(super) struct PlantedProvider {
    pub(super) inner: Arc<dyn AccessProvider>,
    pub(super) plant: Option<Plant>,
}

#[async_trait]
impl AccessProvider for PlantedProvider {
    fn info(&self) -> ProviderInfo {
        self.inner.info()
    }

    async fn grants(
        &self,
        context: &Context,
        occupant: &Occupant,
        freshness: Freshness,
    ) -> Result<Grants, Error> {
        self.inner.grants(context, occupant, freshness).await
    }

    async fn unlock(
        &self,
        context: &Context,
        occupant: &Occupant,
        door: &VendorDoorId,
        permit: UnlockPermit,
    ) -> Verdict {
        let verdict = self.inner.unlock(context, occupant, door, permit).await;
        match (self.plant, verdict) {
            (Some(Plant::Reads202AsOpened), Verdict::Lost { reference, .. })
                if last_status() == Some(202) =>
            {
                Verdict::Opened { reference }
            }
            (Some(Plant::ReadsLostAsRefused), Verdict::Lost { .. }) => {
                Verdict::TurnedDown { certain: false, reason: Reason::new(Cause::OrderRefused) }
            }
            (_, verdict) => verdict,
        }
    }

    async fn look_back(
        &self,
        context: &Context,
        occupant: &Occupant,
        order: &PastOrder,
    ) -> Result<Option<Verdict>, Error> {
        if self.plant == Some(Plant::FindsOutThatItOpened) {
            return Ok(Some(Verdict::Opened { reference: None }));
        }
        self.inner.look_back(context, occupant, order).await
    }

    async fn explain(
        &self,
        context: &Context,
        occupant: &Occupant,
        door: Option<&VendorDoorId>,
    ) -> Vec<Check> {
        self.inner.explain(context, occupant, door).await
    }

    async fn check(&self, context: &Context) -> Health {
        self.inner.check(context).await
    }

    async fn audit(&self, context: &Context, auditor: &Auditor) -> Result<Audited, Error> {
        self.inner.audit(context, auditor).await
    }

    async fn notified(
        &self,
        context: &Context,
        notification: &Notification<'_>,
    ) -> Result<Notified, Error> {
        self.inner.notified(context, notification).await
    }
}

/// What a directory said, and when.
type Remembered = (tokio::time::Instant, Option<Resident>);

/// A directory that can be slow, with a planted memory or without.
#[derive(Clone)]
pub(super) struct PlantedDirectory<D> {
    pub(super) inner: D,
    pub(super) plant: Option<Plant>,
    pub(super) delay: Arc<Mutex<Duration>>,
    pub(super) kept: Arc<Mutex<HashMap<ResidentId, Remembered>>>,
}

#[async_trait]
impl<D: Directory> Directory for PlantedDirectory<D> {
    async fn resident(&self, id: &ResidentId) -> Result<Option<Resident>, HostError> {
        if self.plant == Some(Plant::RemembersStanding)
            && let Some((read, resident)) = lock(&self.kept).get(id)
            && read.elapsed() < Duration::from_mins(10)
        {
            return Ok(resident.clone());
        }
        let delay = *lock(&self.delay);
        let found = self.inner.resident(id).await?;
        lock(&self.kept).insert(id.clone(), (tokio::time::Instant::now(), found.clone()));
        tokio::time::sleep(delay).await;
        Ok(found)
    }

    fn roster<'a>(&'a self, building: &'a BuildingId) -> RosterStream<'a> {
        self.inner.roster(building)
    }

    async fn units(&self, building: &BuildingId) -> Result<Vec<Unit>, HostError> {
        self.inner.units(building).await
    }
}

/// A node's wall clock, which is coarse, or as it should be.
pub(super) struct PlantedClock {
    pub(super) inner: TestClock,
    /// How far it is from the true time.
    pub(super) ahead: SignedDuration,
    pub(super) plant: Option<Plant>,
}

impl Clock for PlantedClock {
    fn now(&self) -> Timestamp {
        let now = self.inner.now() + self.ahead;
        if self.plant != Some(Plant::ClockMovesByMinutes) {
            return now;
        }
        let second = now.as_second();
        Timestamp::from_second(second - second.rem_euclid(60)).unwrap_or(now)
    }
}

/// The store, with a planted generosity or without.
pub(super) fn planted_store(store: WatchedStore, plant: Option<Plant>) -> WatchedStore {
    let store = store.changing_claims(move |claim| match (plant, claim) {
        (Some(Plant::GrantsClaimsTwice), Claim::Open { .. }) => {
            Claim::Granted { token: "once more".to_owned() }
        }
        (_, claim) => claim,
    });
    store.changing_leases(move |name, lease| match (plant, lease) {
        (Some(Plant::GivesLeasesTwice), None) => {
            Some(Lease { name: name.to_owned(), token: "once more".to_owned() })
        }
        (_, lease) => lease,
    })
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Display for Plant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}
