//! What 2N through Seam costs in calls: while nobody asks, and on a busy morning.
//!
//! Thousands of buildings, each with a workspace of its own, and many nodes that share one store. Every node has
//! opened and read every building once; then nobody asks for a while; then a morning comes. Simulated time, no
//! sockets, everything drawn from a seed.

mod world;

use std::{collections::BTreeMap, error::Error, fmt, io, time::Duration};

use clap::Parser;
use elevate_access::{Freshness, Outcome, Tap};
use tokio::{runtime::Builder, time::Instant};

use self::world::World;

/// How long the morning is.
const MORNING: Duration = Duration::from_hours(2);

/// Of those who come, so many of a hundred tap their door a second time.
const TWICE: u8 = 5;

/// Counts Seam's calls while nobody asks, and on a busy morning, in simulated time.
#[derive(Clone, Debug, Parser)]
#[command(name = "idle_load")]
pub struct Arguments {
    /// How many buildings there are, each with a Seam workspace of its own.
    #[arg(long, default_value_t = 3000, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    buildings: u32,

    /// How many nodes of the service there are.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=100))]
    nodes: u32,

    /// How many minutes nobody asks.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=10_000))]
    minutes: u64,

    /// How many residents leave their homes within two hours: each looks at their doors and taps one.
    #[arg(long, default_value_t = 20_000, value_parser = clap::value_parser!(u32).range(1..=200_000))]
    residents: u32,

    /// What everything is drawn from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// What was counted.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Report {
    arguments: Arguments,
    /// Calls at the start, while nobody asked, and on the morning, by path.
    start: Calls,
    idle: Calls,
    morning: Calls,
    taps: usize,
    opened: usize,
    orders: usize,
    doors_opened: usize,
    list: Spread,
    tap: Spread,
}

type Calls = BTreeMap<String, usize>;

/// How long something took, in simulated milliseconds.
#[derive(Clone, Copy, Debug)]
struct Spread {
    median: u128,
    p99: u128,
}

impl Report {
    /// Whether nothing was asked while nobody asked, and each tap was one order that opened one door.
    pub fn is_fine(&self) -> bool {
        total(&self.idle) == 0
            && self.opened == self.taps
            && self.orders == self.taps
            && self.doors_opened == self.taps
    }

    /// Calls while nobody asked.
    pub fn idle_calls(&self) -> usize {
        total(&self.idle)
    }
}

fn total(calls: &Calls) -> usize {
    calls.values().sum()
}

/// Counts.
///
/// # Errors
/// If the world cannot be made.
pub fn run(arguments: &Arguments) -> Result<Report, Box<dyn Error>> {
    let runtime = Builder::new_current_thread().enable_time().start_paused(true).build()?;
    runtime.block_on(count(arguments))
}

async fn count(arguments: &Arguments) -> Result<Report, Box<dyn Error>> {
    let mut dice = fastrand::Rng::with_seed(arguments.seed);
    let world = World::new(arguments.buildings, arguments.nodes, arguments.residents, &mut dice)?;
    // Every node has opened and read every building.
    for node in world.nodes() {
        for resident in world.first_of_each_building() {
            let list = node.doors(resident, Freshness::Cached).await?;
            if list.doors.is_empty() {
                return Err(Box::new(io::Error::other(format!("no doors: {:?}", list.problems))));
            }
        }
    }
    let start = world.calls();
    tokio::time::sleep(Duration::from_mins(arguments.minutes)).await;
    let idle = world.calls();

    let mut coming = Vec::new();
    for resident in world.residents() {
        let (resident, node) =
            (resident.clone(), world.nodes()[dice.usize(..world.nodes().len())].clone());
        let at = MORNING.mul_f64(dice.f64());
        let twice = dice.u8(..100) < TWICE;
        coming.push(tokio::spawn(async move {
            tokio::time::sleep(at).await;
            let begun = Instant::now();
            let Ok(list) = node.doors(&resident, Freshness::Cached).await else {
                return Vec::new();
            };
            let listed = begun.elapsed();
            let mut seen = Vec::new();
            let Some(door) = list.doors.first() else { return seen };
            for _ in 0..=u8::from(twice) {
                let begun = Instant::now();
                let outcome = node.unlock(&resident, &door.id, Tap::now()).await;
                let opened = matches!(outcome, Ok(Outcome::Opened(_)));
                seen.push((listed, begun.elapsed(), opened));
                tokio::time::sleep(Duration::from_secs(30)).await;
            }
            seen
        }));
    }
    let (mut lists, mut taps, mut opened) = (Vec::new(), Vec::new(), 0);
    for one in coming {
        let seen = one.await?;
        lists.extend(seen.first().map(|(listed, _, _)| *listed));
        opened += seen.iter().filter(|(_, _, opened)| *opened).count();
        taps.extend(seen.into_iter().map(|(_, tapped, _)| tapped));
    }
    let (orders, doors_opened) = world.orders();
    Ok(Report {
        arguments: arguments.clone(),
        start,
        idle,
        morning: world.calls(),
        taps: taps.len(),
        opened,
        orders,
        doors_opened,
        list: Spread::of(lists),
        tap: Spread::of(taps),
    })
}

impl Spread {
    fn of(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        let at = |share: usize| {
            let place = (times.len() * share / 100).min(times.len().saturating_sub(1));
            times.get(place).map_or(0, Duration::as_millis)
        };
        Self { median: at(50), p99: at(99) }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { arguments, taps, .. } = self;
        let Arguments { buildings, nodes, minutes, residents, seed } = arguments;
        writeln!(f, "{buildings} buildings, {nodes} nodes, {residents} residents, seed {seed}")?;
        writeln!(f, "\nEvery node reads every building once: {} calls", total(&self.start))?;
        writeln!(f, "Then nobody asks for {minutes} minutes:   {} calls", total(&self.idle))?;
        writeln!(f, "\nA morning of two hours, {taps} taps:")?;
        for (path, calls) in &self.morning {
            writeln!(f, "  {path:<24} {calls:>8}  {} a tap", ratio(*calls, *taps))?;
        }
        let calls = total(&self.morning);
        writeln!(f, "  {:<24} {calls:>8}  {} a tap", "all", ratio(calls, *taps))?;
        writeln!(f, "\n  taps that opened         {:>8}", self.opened)?;
        writeln!(f, "  orders that arrived      {:>8}", self.orders)?;
        writeln!(f, "  doors that opened        {:>8}", self.doors_opened)?;
        let Spread { median, p99 } = self.list;
        writeln!(f, "  a list, simulated        {median:>8} ms median, {p99} ms p99")?;
        let Spread { median, p99 } = self.tap;
        writeln!(f, "  a tap, simulated         {median:>8} ms median, {p99} ms p99")?;
        let fine = "passed: nothing is asked while nobody asks, and a tap is one order";
        let bad = "FAILED: something is asked while nobody asks, or a tap is not one order";
        writeln!(f, "\n{}", if self.is_fine() { fine } else { bad })
    }
}

fn ratio(calls: usize, taps: usize) -> String {
    let hundredths = (calls * 100).checked_div(taps).unwrap_or_default();
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}
