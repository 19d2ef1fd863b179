//! One episode: a house, its presses, and the judgement.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use elevate_access::{
    DoorId, Freshness, Outcome, Tap, TapId, TapQuery, TapRecord, TapState, TapTicket, Taps as _,
};
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
    stage::{Node, Notes, Stage},
    steps::{break_ourselves, break_something, change_something, cut_off, filter_somehow, pause},
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
        let later = episode.later().await;
        episode.report(options, number, seconds, later)
    })
}

/// What a press says of itself.
#[derive(Clone)]
enum Wish {
    Bare,
    Id(String),
    Ticket(TapTicket),
}

impl Wish {
    /// The id that an order of it has.
    fn id(&self) -> Option<String> {
        match self {
            Self::Bare => None,
            Self::Id(id) => Some(id.clone()),
            Self::Ticket(ticket) => {
                // As the crate's documentation has it: the form, and the beginning of what it is signed with.
                let text = ticket.to_string();
                let (form, signed) = (text.split('.').next(), text.rsplit('.').next());
                Some(format!("{}-{}", form?, signed?.get(..32)?))
            }
        }
    }
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
            match self.dice.u8(..40) {
                0..=7 => change_something(&mut self.stage, &mut self.dice),
                8..=14 => break_something(&self.stage, &mut self.dice),
                15 => cut_off(&self.stage, &mut self.dice),
                16 => break_ourselves(&mut self.stage, &mut self.dice),
                17 => self.list(),
                _ => called += self.press(),
            }
            sleep(pause(&mut self.dice)).await;
        }
        // Whatever is under way ends by itself, in time or judged as hung: a ticket is held back for ten minutes at most.
        let all = timeout(Duration::from_mins(15), async {
            while self.under_way.join_next().await.is_some() {}
        });
        let _ = all.await;
        // Orders whose callers gave up end too, and what was not known is looked for.
        sleep(Duration::from_secs(90)).await;
    }

    fn list(&mut self) {
        let resident = resident_id(self.dice.usize(..NAMES.len()));
        let Node { access, life } = self.node();
        let freshness = if self.dice.bool() { Freshness::Fresh } else { Freshness::Cached };
        self.under_way.spawn(async move {
            tokio::select! {
                _ = access.doors(&resident, freshness) => {}
                () = life.over() => {}
            }
        });
    }

    fn node(&mut self) -> Node {
        self.stage.nodes[self.dice.usize(..self.stage.nodes.len())].clone()
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
        let at = Instant::now();
        let wish = match self.dice.u8(..8) {
            0 | 1 => Wish::Bare,
            2 | 3 => Wish::Ticket(self.ticket(resident, &door)),
            _ => Wish::Id(format!("tap-{}", self.presses.len())),
        };
        // How long the phone needed before the service had the request. A request with a ticket may have been held
        // back by anybody, for as long as they like.
        let age = match (&wish, self.dice.u8(..16)) {
            (Wish::Ticket(_), 0..=4) => {
                let most = [20_000, 60_000, 600_000][self.dice.usize(..3)];
                self.dice.u64(..most)
            }
            (_, 0) => self.dice.u64(3_000..8_000),
            (_, 1..=3) => self.dice.u64(..3_000),
            _ => self.dice.u64(..200),
        };
        let press = self.pressed(resident, &door, &wish, at);
        self.call(press, &door, &wish, Duration::from_millis(age), None);
        let mut calls = 1;
        match self.dice.u8(..10) {
            // The phone asks again with the same id, or somebody sends its request again.
            0 | 1 if !matches!(wish, Wish::Bare) => {
                let most = [400, 2_000, 20_000][self.dice.usize(..3)];
                let again = age + self.dice.u64(..most);
                self.call(press, &door, &wish, Duration::from_millis(again), None);
                calls += 1;
            }
            2 => {
                let wish = Wish::Id(format!("tap-{}", self.presses.len()));
                let press = self.pressed(resident, &door, &wish, at);
                let age = age.min(8_000) + self.dice.u64(..300);
                self.call(press, &door, &wish, Duration::from_millis(age), None);
                calls += 1;
            }
            // The caller gives up.
            3 => {
                let patience = Duration::from_millis(self.dice.u64(..3_000));
                let press = self.pressed(resident, &door, &Wish::Bare, at);
                let age = Duration::from_millis(age.min(8_000));
                self.call(press, &door, &Wish::Bare, age, Some(patience));
                calls += 1;
            }
            // Somebody else sends the ticket, or it is sent for another door: nobody pressed for that.
            4 if matches!(wish, Wish::Ticket(_)) => {
                let (other, elsewhere) =
                    (self.dice.usize(..NAMES.len()), self.dice.usize(..doors.len()));
                let (other, elsewhere) = (other, doors[elsewhere].clone());
                if (other, &elsewhere) != (resident, &door) {
                    let press = self.pressed(other, &elsewhere, &wish, at);
                    self.presses[press].is_forged = true;
                    self.call(press, &elsewhere, &wish, Duration::from_millis(age), None);
                    calls += 1;
                }
            }
            _ => {}
        }
        calls
    }

    /// Some node's ticket for the tap.
    fn ticket(&mut self, resident: usize, door: &DoorId) -> TapTicket {
        let access = self.node().access;
        access.ticket(&resident_id(resident), door).expect("keys are set")
    }

    fn pressed(&mut self, resident: usize, door: &DoorId, wish: &Wish, at: Instant) -> usize {
        let (door, id) = (door.to_string(), wish.id());
        self.presses.push(Press { resident, door, id, at, is_forged: false });
        self.presses.len() - 1
    }

    /// One call of `unlock` that reaches a node `age` after the press.
    fn call(
        &mut self,
        press: usize,
        door: &DoorId,
        wish: &Wish,
        age: Duration,
        patience: Option<Duration>,
    ) {
        let (resident, door) = (resident_id(self.presses[press].resident), door.clone());
        let Node { access, life } = self.node();
        let wish = wish.clone();
        let calls = self.calls.clone();
        self.under_way.spawn(async move {
            sleep(age).await;
            let begun = Instant::now();
            let tap = match &wish {
                Wish::Bare => Tap::aged(age),
                Wish::Id(id) => Tap::aged(age).with_id(TapId::new(id).expect("a constant")),
                // Whatever the phone would say of its age.
                Wish::Ticket(ticket) => Tap::ticket(ticket),
            };
            let unlock = access.unlock(&resident, &door, tap);
            let unlock = async {
                match patience {
                    Some(patience) => timeout(patience, unlock).await.ok(),
                    None => Some(unlock.await),
                }
            };
            let (result, died) = tokio::select! {
                biased;
                () = life.over() => (None, true),
                result = unlock => (result, false),
            };
            lock(&calls).push(Call { press, begun, ended: Instant::now(), result, died });
        });
    }

    /// What was found out afterwards, by the tap's id.
    async fn later(&self) -> Vec<(String, Outcome)> {
        let mut found = Vec::new();
        let mut query = TapQuery::new().limit(TapQuery::MOST);
        loop {
            let records = self.stage.store.taps(&query).await.expect("in memory");
            let Some(last) = records.last() else { return found };
            query = TapQuery::new().limit(TapQuery::MOST).older_than(last);
            found.extend(records.iter().filter_map(found_out));
        }
    }

    fn report(
        mut self,
        options: &Options,
        number: u64,
        seconds: u64,
        later: Vec<(String, Outcome)>,
    ) -> Report {
        let mut calls = std::mem::take(&mut *lock(&self.calls));
        calls.sort_by_key(|c| (c.begun, c.press));
        let hung = self.under_way.len() as u64;
        let Notes { bodies, sent, mut attempts, unreleased } =
            std::mem::take(&mut *lock(&self.stage.notes));
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
                None if call.died => "node died",
                None => "caller gave up",
                Some(Ok(Outcome::Opened(_))) => "opened",
                Some(Ok(Outcome::Accepted(_))) => "accepted",
                Some(Ok(Outcome::NotOpened(_))) => "not opened",
                Some(Ok(Outcome::Unknown(_))) => "unknown",
                Some(Err(e)) => e.code(),
            };
            *outcomes.entry(kind).or_default() += 1;
        }
        if !later.is_empty() {
            outcomes.insert("found out later", later.len() as u64);
        }
        let (taps, started) = (calls.len() as u64, bodies.len() as u64);
        let presses = std::mem::take(&mut self.presses);
        let history = self.stage.history;
        let seen = Seen { history, presses, calls, bodies, sent, attempts, unreleased, later };
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

fn found_out(record: &TapRecord) -> Option<(String, Outcome)> {
    match &record.state {
        TapState::Settled { later: Some(later), .. } => {
            Some((record.id.as_ref()?.as_str().to_owned(), later.clone()))
        }
        _ => None,
    }
}
