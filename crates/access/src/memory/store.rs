//! The store in memory.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use jiff::Timestamp;
use tokio::time::Instant;

use super::lock;
use crate::{
    Claim, ConnectionId, DoorId, HostError, Lease, Link, Outcome, ResidentId, SignInEnd, SignIns,
    Store, TapId, Turn,
};

/// How long a tap's claim is remembered after its `answer_by`: far longer than any acceptable tap.
const CLAIM_KEPT: Duration = Duration::from_hours(1);

/// A [`Store`] for one node that forgets when the process ends.
///
/// For tests, examples, and a host that can live with losing favourites and tap ids at a restart. It
/// keeps settled taps for an hour.
#[derive(Clone, Default)]
pub struct MemoryStore(Arc<Mutex<Kept>>);

#[derive(Default)]
struct Kept {
    favorites: HashMap<ResidentId, Vec<DoorId>>,
    taps: HashMap<TapId, KeptTap>,
    /// When old claims were last looked for, so that not every claim walks all of them.
    swept: Option<Timestamp>,
    links: HashMap<(ConnectionId, ResidentId), Link>,
    leases: HashMap<String, (String, Instant)>,
    leases_given: u64,
    accounts: HashMap<String, Account>,
}

/// An account with which nodes sign in.
#[derive(Default)]
struct Account {
    turns: u64,
    /// The turn that is taken, and until when at most.
    taken: Option<(String, Instant)>,
    refusals: u32,
    unclear: u32,
    paused: Option<Instant>,
    /// The last step that was granted, and when.
    step: Option<(u64, Instant)>,
}

/// How long a step keeps the ones before it from being granted: longer than its code is good.
const STEP_BINDS: Duration = Duration::from_mins(2);

/// What is left until then, if anything.
fn left(until: Instant) -> Option<Duration> {
    until.checked_duration_since(Instant::now()).filter(|left| !left.is_zero())
}

struct KeptTap {
    resident: ResidentId,
    door: DoorId,
    answer_by: Timestamp,
    outcome: Option<Outcome>,
}

impl KeptTap {
    fn read(&self, resident: &ResidentId, door: &DoorId) -> Claim {
        if self.resident != *resident || self.door != *door {
            return Claim::Foreign;
        }
        match &self.outcome {
            Some(outcome) => Claim::Settled(outcome.clone()),
            None => Claim::Open { answer_by: self.answer_by },
        }
    }
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn favorites(&self, resident: &ResidentId) -> Result<Vec<DoorId>, HostError> {
        Ok(lock(&self.0).favorites.get(resident).cloned().unwrap_or_default())
    }

    async fn set_favorite(
        &self,
        resident: &ResidentId,
        door: &DoorId,
        favorite: bool,
    ) -> Result<(), HostError> {
        let mut kept = lock(&self.0);
        let favorites = kept.favorites.entry(resident.clone()).or_default();
        match (favorites.contains(door), favorite) {
            (false, true) => favorites.push(door.clone()),
            (true, false) => favorites.retain(|d| d != door),
            _ => {}
        }
        Ok(())
    }

    async fn tap(
        &self,
        id: &TapId,
        resident: &ResidentId,
        door: &DoorId,
    ) -> Result<Option<Claim>, HostError> {
        Ok(lock(&self.0).taps.get(id).map(|tap| tap.read(resident, door)))
    }

    async fn claim(
        &self,
        id: &TapId,
        resident: &ResidentId,
        door: &DoorId,
        answer_by: Timestamp,
    ) -> Result<Claim, HostError> {
        let mut kept = lock(&self.0);
        if kept.swept.is_none_or(|swept| swept + CLAIM_KEPT / 60 < answer_by) {
            kept.swept = Some(answer_by);
            kept.taps.retain(|_, tap| tap.answer_by + CLAIM_KEPT >= answer_by);
        }
        if let Some(tap) = kept.taps.get(id) {
            return Ok(tap.read(resident, door));
        }
        let (resident, door) = (resident.clone(), door.clone());
        kept.taps.insert(id.clone(), KeptTap { resident, door, answer_by, outcome: None });
        Ok(Claim::Granted)
    }

    async fn settle(&self, id: &TapId, outcome: &Outcome) -> Result<Outcome, HostError> {
        let mut kept = lock(&self.0);
        let tap = kept.taps.get_mut(id).ok_or_else(|| HostError::msg("no such claim"))?;
        Ok(tap.outcome.get_or_insert_with(|| outcome.clone()).clone())
    }

    async fn unclaim(&self, id: &TapId) -> Result<(), HostError> {
        let mut kept = lock(&self.0);
        if kept.taps.get(id).is_some_and(|tap| tap.outcome.is_none()) {
            kept.taps.remove(id);
        }
        Ok(())
    }

    async fn link(
        &self,
        connection: &ConnectionId,
        resident: &ResidentId,
    ) -> Result<Option<Link>, HostError> {
        Ok(lock(&self.0).links.get(&(connection.clone(), resident.clone())).cloned())
    }

    async fn linked(
        &self,
        connection: &ConnectionId,
        subject: &str,
    ) -> Result<Vec<ResidentId>, HostError> {
        let kept = lock(&self.0);
        let links =
            kept.links.iter().filter(|((c, _), link)| c == connection && link.subject == subject);
        let mut residents: Vec<_> = links.map(|((_, resident), _)| resident.clone()).collect();
        residents.sort();
        Ok(residents)
    }

    async fn set_link(
        &self,
        connection: &ConnectionId,
        resident: &ResidentId,
        link: Option<&Link>,
    ) -> Result<(), HostError> {
        let key = (connection.clone(), resident.clone());
        let mut kept = lock(&self.0);
        match link {
            Some(link) => kept.links.insert(key, link.clone()),
            None => kept.links.remove(&key),
        };
        Ok(())
    }

    async fn lease(&self, name: &str, ttl: Duration) -> Result<Option<Lease>, HostError> {
        let mut kept = lock(&self.0);
        let now = Instant::now();
        if kept.leases.get(name).is_some_and(|(_, until)| *until > now) {
            return Ok(None);
        }
        kept.leases.retain(|_, (_, until)| *until > now);
        kept.leases_given += 1;
        let token = kept.leases_given.to_string();
        kept.leases.insert(name.to_owned(), (token.clone(), now + ttl));
        Ok(Some(Lease { name: name.to_owned(), token }))
    }

    async fn release(&self, lease: &Lease) -> Result<(), HostError> {
        let mut kept = lock(&self.0);
        if kept.leases.get(&lease.name).is_some_and(|(token, _)| *token == lease.token) {
            kept.leases.remove(&lease.name);
        }
        Ok(())
    }
}

#[async_trait]
impl SignIns for MemoryStore {
    async fn take_turn(
        &self,
        account: &str,
        step: Option<u64>,
        hold: Duration,
    ) -> Result<Turn, HostError> {
        let mut kept = lock(&self.0);
        let account = kept.accounts.entry(account.to_owned()).or_default();
        if let Some(left) = account.paused.and_then(left) {
            return Ok(Turn::Paused { left, refusals: account.refusals });
        }
        if let Some(left) = account.taken.as_ref().and_then(|(_, until)| left(*until)) {
            return Ok(Turn::Taken { left });
        }
        let binding = account.step.filter(|(_, granted)| granted.elapsed() < STEP_BINDS);
        if binding.zip(step).is_some_and(|((last, _), step)| step <= last) {
            return Ok(Turn::StepSpent);
        }
        account.step = step.map(|step| (step, Instant::now())).or(account.step);
        account.turns += 1;
        let turn = account.turns.to_string();
        account.taken = Some((turn.clone(), Instant::now() + hold));
        Ok(Turn::Yours { turn, refusals: account.refusals, unclear: account.unclear })
    }

    async fn end_turn(&self, account: &str, turn: &str, end: SignInEnd) -> Result<(), HostError> {
        let mut kept = lock(&self.0);
        let Some(account) = kept.accounts.get_mut(account) else { return Ok(()) };
        if account.taken.as_ref().is_none_or(|(taken, _)| taken != turn) {
            return Ok(());
        }
        account.taken = None;
        match end {
            SignInEnd::Accepted => {
                (account.refusals, account.unclear, account.paused) = (0, 0, None);
            }
            SignInEnd::Refused { pause } => {
                account.refusals = account.refusals.saturating_add(1);
                account.paused = Some(Instant::now() + pause);
            }
            SignInEnd::Failed { pause } => {
                account.unclear = account.unclear.saturating_add(u32::from(!pause.is_zero()));
                account.paused = Some(Instant::now() + pause);
            }
        }
        Ok(())
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kept = lock(&self.0);
        f.debug_struct("MemoryStore")
            .field("taps", &kept.taps.len())
            .field("links", &kept.links.len())
            .finish_non_exhaustive()
    }
}
