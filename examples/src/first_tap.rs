//! The race of first taps: many taps of one resident who has no cloud key yet, on several nodes of one
//! store, while replies get lost. However it goes, one key of ours is made.
//!
//! Everything is drawn from a seed and runs in simulated time over the in-memory wire, so that a seed
//! repeats exactly. The judge compares what the taps were told with what left on the wire and what the
//! vendor's ledger says; it shares no code with the crates that it judges.

mod faults;
mod house;
mod judge;
mod report;
mod step;

use std::{sync::Arc, time::Duration};

use clap::Parser;
use elevate_access::{Store, Tap, TapId};
use elevate_transport::Wire;
use fastrand::Rng;
use tokio::{
    task::JoinSet,
    time::{Instant, sleep, timeout},
};

use crate::quickstart::Failure;
use house::{DOORS, House, NODES, door_id, resident};
use judge::Tapped;

pub use faults::Drawn;
pub use judge::Round;
pub use report::Report;
pub use step::Step;

/// How long after the race the same racers tap once more, with all faults over: longer than any lease of a
/// key, any pause and any order of the race can last.
const CALM_AFTER: Duration = Duration::from_mins(2);

/// Within how many milliseconds the taps of a race come: the seed chooses one of these.
const SPREADS: [u64; 4] = [0, 50, 300, 2_000];

/// How long a tap may take to end. The front door promises 12 s.
const ENDS_WITHIN: Duration = Duration::from_secs(30);

const AFTER_HELP: &str = "\
How it goes: the taps race on four nodes that share one store, against a stand-in for Openpath in which
the resident has eight doors and no cloud key. The seed draws when each tap comes, how long everything
takes, and which sign-ins, lists, creations of keys and unlock orders go wrong, and how: refused, slow,
stalled, reset, cut off or answered with 500, before the vendor acted or after, or turned away with 429.
Two minutes later the faults are over and the same racers tap once more.

What has to hold, judged by what left on the wire and by the vendor's own ledger:
  - at most one key of ours after the race, and exactly one after the calm taps. A race in which no
    creation of a key came through makes none; then the calm taps have to make it
  - at most one order for each tap, told by the tap's id in the order's description
  - no dishonest outcome: no error although an order had left, no `accepted` that the vendor had not
    taken, no certain `not opened` of an order that it had, no outcome at all without an order
  - every tap ends, and every calm tap is accepted
  - the vendor saw no other call that writes: no key was deleted to make the count come out

What it does not show: the stand-in acts on a creation when it arrives, or never. A vendor that acts on
one later, when the lease of the node that sent it has ended, can be left with a second key.

Exit codes: 0 if all of that holds, 1 if not, 2 if the arguments cannot be used.";

/// Races the first taps of one resident, on several nodes, and counts the keys.
///
/// Simulated time, unless --processes is given: a run takes a moment, and one seed repeats exactly.
#[derive(Clone, Debug, Default, Parser)]
#[command(name = "first_tap", after_long_help = AFTER_HELP)]
pub struct Arguments {
    /// How many taps race.
    #[arg(long, value_name = "N", default_value_t = 64,
          value_parser = clap::value_parser!(u16).range(1..=1_024))]
    pub racers: u16,
    /// What everything is drawn from.
    #[arg(long, value_name = "N", default_value_t = 7)]
    pub seed: u64,
    /// Races on so many real processes, in real time, each tap at a door of its own; a part of them is killed on the
    /// way. It takes about a minute: who waits for a key that a dead process was making waits for its lease.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(2..=32))]
    pub processes: Option<u16>,
    /// How many times a process is killed.
    #[arg(long, value_name = "N", default_value_t = 2, requires = "processes")]
    pub kills: u16,
    /// What the processes share: a file for SQLite, or a PostgreSQL's address. A file of its own if it is left out.
    #[arg(long, value_name = "FILE-or-URL", requires = "processes")]
    pub store: Option<String>,
    /// Be one of the processes, and read from standard input what to do: for the program itself.
    #[arg(long, hide = true)]
    pub worker: bool,
}

/// Runs the race on nodes that share that store. Two runs of the same arguments give the same report.
///
/// # Errors
/// If a runtime or the stage cannot be set up. What goes wrong in the race itself is in the report.
pub fn race(arguments: &Arguments, store: &(impl Store + Clone)) -> Result<Report, Failure> {
    race_over(arguments, store, |wire| wire)
}

/// The same, with each node's wire made from the one that it would have: for a test that plants a bug there.
///
/// # Errors
/// As for [`race`].
pub fn race_over(
    arguments: &Arguments,
    store: &(impl Store + Clone),
    wire: impl Fn(Arc<dyn Wire>) -> Arc<dyn Wire>,
) -> Result<Report, Failure> {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build()?;
    runtime.block_on(async {
        let Arguments { racers, seed, .. } = *arguments;
        let mut dice = Rng::with_seed(seed);
        let mut house = House::build(store, &wire, dice.u64(..))?;
        let faults = Drawn::draw(&mut dice);
        house.openpath.faults(|f| faults.arrange(f));
        let within = SPREADS[dice.usize(..SPREADS.len())];
        let mut arrivals = || (0..racers).map(|_| dice.u64(0..=within)).collect::<Vec<_>>();

        let (first, second) = (arrivals(), arrivals());
        let race = tap_all(&mut house, "race", &first).await?;
        let keys_after_race = house.keys();
        let unmet = house.openpath.faults(|f| {
            let unmet = f.unused();
            f.clear();
            unmet
        });
        let calm = tap_all(&mut house, "calm", &second).await?;
        Ok(Report {
            racers,
            seed,
            within: Duration::from_millis(within),
            met: faults.count().saturating_sub(unmet),
            faults,
            race,
            calm,
            keys_after_race,
            keys: house.keys(),
            foreign_writes: house.openpath.with(|openpath| openpath.forbidden().len()),
        })
    })
}

/// Everybody taps; returns what came of it, once all that was begun is over.
async fn tap_all(house: &mut House, name: &str, arrivals: &[u64]) -> Result<Round, Failure> {
    let mut under_way = JoinSet::new();
    for (number, arrival) in arrivals.iter().enumerate() {
        let (node, door) = (number % NODES, number / NODES % DOORS);
        let access = house.nodes[node].clone();
        let (resident, door_id) = (resident()?, door_id(door)?);
        let id = TapId::new(format!("{name}-{number}"))?;
        let arrival = Duration::from_millis(*arrival);
        under_way.spawn(async move {
            sleep(arrival).await;
            let begun = Instant::now();
            let tap = Tap::now().with_id(id.clone());
            let unlock = access.unlock(&resident, &door_id, tap);
            let result = timeout(ENDS_WITHIN, unlock).await.ok()?;
            Some(Tapped { id, node, door, begun, ended: Instant::now(), result })
        });
    }
    let mut tapped = Vec::new();
    while let Some(ended) = under_way.join_next().await {
        // A tap that panicked or hung is one that never ended.
        tapped.extend(ended.ok().flatten());
    }
    sleep(CALM_AFTER).await;
    let (sent, arrived) = house.take_notes();
    Ok(judge::judge(arrivals.len(), tapped, sent, &arrived))
}
