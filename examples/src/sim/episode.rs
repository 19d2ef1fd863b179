//! One episode: a house, its presses, and the judgement.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use elevate_access::{Outcome, TapQuery, TapRecord, TapState, Taps};
use elevate_access_testkit::Effect;
use fastrand::Rng;
use tokio::{
    task::JoinSet,
    time::{Instant, sleep, timeout},
};

use super::{
    Options, Report,
    cast::{NAMES, openpath_user},
    judge::Finding,
    plant::lock,
    press::Sent,
    seen::{Attempt, Call, Kept, Press, Seen},
    stage::{Node, Stage},
    steps::{break_ourselves, break_something, change_something, cut_off, filter_somehow, pause},
    verdicts::Verdicts,
    witness::Notes,
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
        let records = records(&episode.stage.store, &TapQuery::new()).await;
        episode.report(options, number, seconds, &records)
    })
}

pub(super) struct Episode {
    pub(super) stage: Stage,
    pub(super) dice: Rng,
    pub(super) presses: Vec<Press>,
    /// What may be sent once more.
    pub(super) sent: Vec<Sent>,
    pub(super) calls: Arc<Mutex<Vec<Call>>>,
    pub(super) under_way: JoinSet<()>,
}

impl Episode {
    fn new(seed: u64, options: &Options) -> Self {
        Self {
            stage: Stage::set(seed, options.plant),
            dice: Rng::with_seed(seed ^ 0x5eed),
            presses: Vec::new(),
            sent: Vec::new(),
            calls: Arc::default(),
            under_way: JoinSet::new(),
        }
    }

    async fn play(&mut self, presses: u64) {
        let mut called = 0;
        filter_somehow(&self.stage, &mut self.dice);
        while called < presses {
            match self.dice.u8(..50) {
                0..=7 => change_something(&mut self.stage, &mut self.dice),
                8..=14 => break_something(&self.stage, &mut self.dice),
                15 => cut_off(&self.stage, &mut self.dice),
                16 => break_ourselves(&mut self.stage, &mut self.dice),
                17 => self.list(),
                18 => self.set_favorite(),
                19 => self.forget(),
                20 => self.prune(),
                21..=25 => called += self.send_again(),
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

    pub(super) fn node(&mut self) -> Node {
        self.stage.nodes[self.dice.usize(..self.stage.nodes.len())].clone()
    }

    fn report(
        mut self,
        options: &Options,
        number: u64,
        seconds: u64,
        records: &[TapRecord],
    ) -> Report {
        let mut calls = std::mem::take(&mut *lock(&self.calls));
        calls.sort_by_key(|c| (c.begun, c.press));
        let hung = self.under_way.len() as u64;
        let notes = std::mem::take(&mut *lock(&self.stage.notes));
        let Notes {
            bodies,
            sent,
            mut attempts,
            unreleased,
            forgets,
            forgotten,
            mut kept,
            mut later,
            chores,
        } = notes;
        // What was erased stays erased, whatever was under way.
        let back = records.iter().filter_map(|record| {
            let resident = *forgotten.get(&record.number)?;
            let what = "a tap is in the history once more".to_owned();
            Some(Kept { resident, at: Instant::now(), what })
        });
        kept.extend(back);
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
        outcomes.extend(chores);
        later.extend(records.iter().filter_map(found_out));
        if !later.is_empty() {
            outcomes.insert("found out later", later.len() as u64);
        }
        let (taps, started) = (calls.len() as u64, bodies.len() as u64);
        let presses = std::mem::take(&mut self.presses);
        let keys: Vec<_> = (0..NAMES.len())
            .map(|n| {
                (openpath_user(n), self.stage.openpath.with(|o| o.cloud_keys(openpath_user(n))))
            })
            .collect();
        let made = keys.iter().map(|(_, keys)| *keys as u64).sum();
        let other_writes = self.stage.other_writes();
        let history = self.stage.history;
        let seen = Seen {
            history,
            presses,
            calls,
            bodies,
            sent,
            attempts,
            unreleased,
            later,
            forgets,
            kept,
            keys,
            other_writes,
        };
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
        Report { taps, outcomes, bodies: started, keys: made, verdicts, first, seconds }
    }
}

/// All taps that the query asks for.
pub(super) async fn records(store: &impl Taps, query: &TapQuery) -> Vec<TapRecord> {
    let mut found: Vec<TapRecord> = Vec::new();
    loop {
        let mut next = query.clone().limit(TapQuery::MOST);
        if let Some(last) = found.last() {
            next = next.older_than(last);
        }
        let page = store.taps(&next).await.expect("in memory");
        if page.is_empty() {
            return found;
        }
        found.extend(page);
    }
}

pub(super) fn found_out(record: &TapRecord) -> Option<(String, Outcome)> {
    match &record.state {
        TapState::Settled { later: Some(later), .. } => {
            Some((record.id.as_ref()?.as_str().to_owned(), later.clone()))
        }
        _ => None,
    }
}
