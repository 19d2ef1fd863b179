//! One episode: a house, its presses, and the judgement.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use elevate_access::{Access, DoorId, Freshness, Outcome, Tap, TapId};
use elevate_access_testkit::Effect;
use fastrand::Rng;
use tokio::{
    task::JoinSet,
    time::{Instant, sleep, timeout},
};

use super::{
    Options, Report,
    cast::{NAMES, all_doors, resident_id},
    judge::{Attempt, Call, Finding, Press, Seen, Verdicts},
    plant::lock,
    stage::{Notes, Stage},
    steps::{break_something, change_something, filter_somehow, pause},
};

pub(super) fn run(options: &Options, number: u64, presses: u64) -> Report {
    let seed = options.seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(number);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let begun = Instant::now();
        let mut episode = Episode::new(seed, options);
        episode.play(presses).await;
        let seconds = begun.elapsed().as_secs();
        episode.report(options, number, seconds)
    })
}

struct Episode {
    stage: Stage,
    dice: Rng,
    presses: Vec<Press>,
    calls: Arc<Mutex<Vec<Call>>>,
    under_way: JoinSet<()>,
}

impl Episode {
    fn new(seed: u64, options: &Options) -> Self {
        Self {
            stage: Stage::set(seed, options.plant),
            dice: Rng::with_seed(seed ^ 0x5eed),
            presses: Vec::new(),
            calls: Arc::default(),
            under_way: JoinSet::new(),
        }
    }

    async fn play(&mut self, presses: u64) {
        let mut called = 0;
        filter_somehow(&self.stage, &mut self.dice);
        while called < presses {
            match self.dice.u8(..20) {
                0..=3 => change_something(&mut self.stage, &mut self.dice),
                4..=7 => break_something(&self.stage, &mut self.dice),
                8 => self.list(),
                _ => called += self.press(),
            }
            sleep(pause(&mut self.dice)).await;
        }
        // Whatever is under way ends by itself, in time or judged as hung.
        let all = timeout(Duration::from_mins(2), async {
            while self.under_way.join_next().await.is_some() {}
        });
        let _ = all.await;
        // Orders whose callers gave up end too.
        sleep(Duration::from_secs(30)).await;
    }

    fn list(&mut self) {
        let resident = resident_id(self.dice.usize(..NAMES.len()));
        let access = self.node();
        let freshness = if self.dice.bool() { Freshness::Fresh } else { Freshness::Cached };
        self.under_way.spawn(async move {
            let _ = access.doors(&resident, freshness).await;
        });
    }

    fn node(&mut self) -> Access {
        self.stage.nodes[self.dice.usize(..2)].clone()
    }

    /// A resident presses; returns how many calls that makes.
    fn press(&mut self) -> u64 {
        let resident = self.dice.usize(..NAMES.len());
        let doors = all_doors();
        let door: DoorId = match self.dice.u8(..24) {
            0 => "openpath-1/no-such-entry".parse().expect("a constant"),
            1 => "seam-1/no-such-device".parse().expect("a constant"),
            2 => "no-connection/11".parse().expect("a constant"),
            3..=7 => doors[self.dice.usize(..doors.len())].clone(),
            // Most people tap what they may open.
            _ => {
                let now = Instant::now();
                let mine = doors.iter().filter(|d| self.stage.history.grants(resident, d, now));
                let mine: Vec<_> = mine.collect();
                match mine.len() {
                    0 => doors[self.dice.usize(..doors.len())].clone(),
                    some => mine[self.dice.usize(..some)].clone(),
                }
            }
        };
        let id = (self.dice.u8(..4) > 0).then(|| format!("tap-{}", self.presses.len()));
        // How long the phone needed before the service had the request.
        let age = match self.dice.u8(..16) {
            0 => self.dice.u64(3_000..8_000),
            1..=3 => self.dice.u64(..3_000),
            _ => self.dice.u64(..200),
        };
        let at = Instant::now();
        self.presses.push(Press { resident, door: door.to_string(), id: id.clone(), at });
        let press = self.presses.len() - 1;
        self.call(press, &door, Duration::from_millis(age), None);
        let mut calls = 1;
        match self.dice.u8(..10) {
            // The phone asks again with the same id, or the resident taps again.
            0 | 1 if id.is_some() => {
                let most = [400, 2_000, 20_000][self.dice.usize(..3)];
                let again = age + self.dice.u64(..most);
                self.call(press, &door, Duration::from_millis(again), None);
                calls += 1;
            }
            2 => {
                let id = Some(format!("tap-{}", self.presses.len()));
                self.presses.push(Press { resident, door: door.to_string(), id, at });
                let age = age + self.dice.u64(..300);
                self.call(self.presses.len() - 1, &door, Duration::from_millis(age), None);
                calls += 1;
            }
            // The caller gives up.
            3 => {
                let patience = Duration::from_millis(self.dice.u64(..3_000));
                self.presses.push(Press { resident, door: door.to_string(), id: None, at });
                self.call(
                    self.presses.len() - 1,
                    &door,
                    Duration::from_millis(age),
                    Some(patience),
                );
                calls += 1;
            }
            _ => {}
        }
        calls
    }

    /// One call of `unlock` that reaches a node `age` after the press.
    fn call(&mut self, press: usize, door: &DoorId, age: Duration, patience: Option<Duration>) {
        let access = self.node();
        let (resident, door) = (resident_id(self.presses[press].resident), door.clone());
        let id = self.presses[press].id.as_ref().map(|id| TapId::new(id).expect("a constant"));
        let calls = self.calls.clone();
        self.under_way.spawn(async move {
            sleep(age).await;
            let begun = Instant::now();
            let tap = Tap::aged(age);
            let tap = match id {
                Some(id) => tap.with_id(id),
                None => tap,
            };
            let unlock = access.unlock(&resident, &door, tap);
            let result = match patience {
                Some(patience) => timeout(patience, unlock).await.ok(),
                None => Some(unlock.await),
            };
            lock(&calls).push(Call { press, begun, ended: Instant::now(), result });
        });
    }

    fn report(mut self, options: &Options, number: u64, seconds: u64) -> Report {
        let mut calls = std::mem::take(&mut *lock(&self.calls));
        calls.sort_by_key(|c| (c.begun, c.press));
        let hung = self.under_way.len() as u64;
        let Notes { bodies, sent, mut attempts } = std::mem::take(&mut *lock(&self.stage.notes));
        // A confirmation counts only if the vendor's own ledger says that the door opened.
        for order in self.stage.seam.ledger().orders() {
            if let Some(id) = &order.reference
                && order.effect != Effect::Opened
                && attempts.get(id) == Some(&Attempt::Confirmed)
            {
                attempts.insert(id.clone(), Attempt::Failed);
            }
        }
        let mut outcomes = BTreeMap::new();
        for call in &calls {
            let kind = match &call.result {
                None => "caller gave up",
                Some(Ok(Outcome::Opened(_))) => "opened",
                Some(Ok(Outcome::Accepted(_))) => "accepted",
                Some(Ok(Outcome::NotOpened(_))) => "not opened",
                Some(Ok(Outcome::Unknown(_))) => "unknown",
                Some(Err(e)) => e.code(),
            };
            *outcomes.entry(kind).or_default() += 1;
        }
        let (taps, started) = (calls.len() as u64, bodies.len() as u64);
        let presses = std::mem::take(&mut self.presses);
        let seen = Seen { history: self.stage.history, presses, calls, bodies, sent, attempts };
        let mut verdicts = Verdicts { hung, ..Verdicts::default() };
        let mut first = None;
        for Finding { count, press, words } in seen.judge() {
            *count(&mut verdicts) += 1;
            first.get_or_insert_with(|| {
                format!(
                    "{words}, at press {press} of this episode; \
                     repeat it with --seed {} --episode {number}",
                    options.seed
                )
            });
        }
        Report { taps, outcomes, bodies: started, verdicts, first, seconds }
    }
}
