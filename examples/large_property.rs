//! A large 2N property, drawn as a map of units to doors: how many calls, bytes, milliseconds and megabytes.
//!
//! ```sh
//! cargo run --release --example large_property -- --units 2000 --doors 300
//! ```
//!
//! The property stands in the test kit's stand-in for Seam, each unit with 1 to 12 doors drawn from a seed,
//! and is read over the in-memory wire. The timed readings are served from recorded replies, so that the
//! stand-in's own work is not counted. Smaller ones stand beside it: the cost grows with the property, and no
//! faster.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program that prints its report")]

use std::{
    collections::{BTreeSet, HashMap},
    error::Error,
    fmt,
    process::ExitCode,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use clap::Parser;
use elevate_access::{
    Access, BuildingId, ConnectionId, Freshness, MemoryConnections, MemoryDirectory, MemoryStore,
    Outcome, Residency, Resident, ResidentId, Tap, Unit, UnitId,
};
use elevate_access_testkit::{
    MemoryWire, TestClock, Vendor,
    seam::{Device, Seam, Space},
};
use elevate_seam::{ApiKey, Client, TwoNProvider, TwoNSettings};
use elevate_transport::{Answer, Bytes, Request, Wire, WireError};
use fastrand::Rng;
use peak_alloc::PeakAlloc;
use tokio::time::Instant;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

const KEY: &str = "seam_large";

/// How many readings, lists and taps a time is the mean of.
const READINGS: u32 = 5;
const LISTS: usize = 2_000;
const TAPS: usize = 500;

/// How large the property is.
#[derive(Debug, Parser)]
struct Arguments {
    /// How many units it has.
    #[arg(long, default_value_t = 2_000, value_parser = clap::value_parser!(u32).range(8..=20_000))]
    units: u32,
    /// How many doors it has.
    #[arg(long, default_value_t = 300, value_parser = clap::value_parser!(u32).range(12..=5_000))]
    doors: u32,
    /// What the doors of each unit are drawn from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let Arguments { units, doors, seed } = Arguments::parse();
    println!("{}", Row::HEAD);
    for part in [4, 2, 1] {
        match measure(units / part, (doors / part).max(12), seed).await {
            Ok(row) => println!("{row}"),
            Err(error) => {
                eprintln!("The property could not be measured: {error}");
                return ExitCode::FAILURE;
            }
        }
    }
    ExitCode::SUCCESS
}

/// What one property came to.
struct Row {
    units: usize,
    doors: usize,
    pairs: usize,
    calls: usize,
    bytes: usize,
    reading: Duration,
    list: Duration,
    tap: Duration,
    kept: usize,
    peak: usize,
}

impl Row {
    const HEAD: &str = " units  doors   pairs  calls  KiB read  reading ms  warm list µs  warm tap µs  map KiB  peak KiB";
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let micros = |time: Duration| time.as_secs_f64() * 1e6;
        write!(
            f,
            "{:>6} {:>6} {:>7} {:>6} {:>9} {:>11.1} {:>13.1} {:>12.1} {:>8} {:>9}",
            self.units,
            self.doors,
            self.pairs,
            self.calls,
            self.bytes / 1024,
            micros(self.reading) / 1e3,
            micros(self.list),
            micros(self.tap),
            self.kept / 1024,
            self.peak / 1024,
        )
    }
}

async fn measure(units: u32, doors: u32, seed: u64) -> Result<Row, Box<dyn Error>> {
    let (seam, pairs) = property(units, doors, seed);
    let clock = TestClock::new();
    let wire = Arc::new(Recorded::of(MemoryWire::new(Vendor::new(seam), clock)));
    let (directory, residents) = people(units)?;
    let building = building()?;

    // The first reading records the replies; what it leaves behind is dropped again.
    let first = &residents[..1];
    drop(open(&wire, &directory, &building, first).await?);
    let (calls, bytes) = wire.recorded();

    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    let access = open(&wire, &directory, &building, first).await?;
    let kept = MEMORY.current_usage().saturating_sub(before);
    let peak = MEMORY.peak_usage().saturating_sub(before);

    let begun = Instant::now();
    for _ in 0..READINGS {
        access.doors(&first[0], Freshness::Fresh).await?;
    }
    let reading = begun.elapsed() / READINGS;

    let begun = Instant::now();
    for resident in residents.iter().cycle().take(LISTS) {
        access.doors(resident, Freshness::Cached).await?;
    }
    let list = begun.elapsed() / u32::try_from(LISTS)?;

    let mut orders = Vec::new();
    for resident in residents.iter().take(TAPS) {
        let listed = access.doors(resident, Freshness::Cached).await?;
        let door = listed.doors.first().ok_or("a resident has no door")?;
        orders.push((resident, door.id.clone()));
    }
    let begun = Instant::now();
    for (resident, door) in &orders {
        let outcome = access.unlock(resident, door, Tap::now()).await?;
        if !matches!(outcome, Outcome::Opened(_)) {
            return Err(format!("a door did not open: {}", outcome.for_manager()).into());
        }
    }
    let tap = begun.elapsed() / u32::try_from(orders.len())?;

    let (units, doors) = (usize::try_from(units)?, usize::try_from(doors)?);
    Ok(Row { units, doors, pairs, calls, bytes, reading, list, tap, kept, peak })
}

/// An access that has read everything once.
async fn open(
    wire: &Arc<Recorded>,
    directory: &MemoryDirectory,
    building: &BuildingId,
    residents: &[ResidentId],
) -> Result<Access, Box<dyn Error>> {
    let wire: Arc<dyn Wire> = Arc::clone(wire) as _;
    let client = Client::builder(ApiKey::new(KEY)?).wire(wire).build()?;
    let provider = TwoNProvider::new(client, TwoNSettings::new(building.clone()));
    let connections = MemoryConnections::new();
    connections.connect(building, &ConnectionId::new("seam")?, Arc::new(provider));
    let access = Access::builder()
        .directory(directory.clone())
        .connections(connections)
        .store(MemoryStore::new())
        .build()?;
    for resident in residents {
        let list = access.doors(resident, Freshness::Cached).await?;
        if let Some(problem) = list.problems.first() {
            return Err(problem.reason.for_manager().into());
        }
    }
    Ok(access)
}

fn building() -> Result<BuildingId, Box<dyn Error>> {
    Ok(BuildingId::new("tower")?)
}

/// One resident in each unit.
fn people(units: u32) -> Result<(MemoryDirectory, Vec<ResidentId>), Box<dyn Error>> {
    let directory = MemoryDirectory::new();
    let (mut all, mut residents) = (Vec::new(), Vec::new());
    for n in 0..units {
        let unit = Unit::new(UnitId::new(format!("unit-{n}"))?, format!("Apt {n}"));
        let resident = ResidentId::new(format!("resident-{n}"))?;
        let residency = Residency::current(building()?, unit.clone());
        directory.put(Resident::new(resident.clone()).with_residency(residency));
        all.push(unit);
        residents.push(resident);
    }
    directory.set_units(&building()?, all);
    Ok((directory, residents))
}

/// The property at the vendor, and how many pairs of a unit and a door of it there are.
fn property(units: u32, doors: u32, seed: u64) -> (Seam, usize) {
    let mut seam = Seam::new(KEY);
    let mut dice = Rng::with_seed(seed);
    let mut spaces_of = vec![BTreeSet::new(); doors as usize];
    for n in 0..units {
        seam.add_space(Space::new(&format!("space-{n}"), &format!("APT {n}")));
        let many = dice.usize(1..=12);
        for door in dice.choose_multiple(0..spaces_of.len(), many) {
            spaces_of[door].insert(n);
        }
    }
    let pairs = spaces_of.iter().map(BTreeSet::len).sum();
    for (n, spaces) in spaces_of.into_iter().enumerate() {
        let door = Device::two_n(&format!("device-{n}"), &format!("Door {n}"));
        seam.add_device(door.in_spaces(spaces.into_iter().map(|n| format!("space-{n}"))));
    }
    seam.attempts_settle_at_once();
    seam.unlock_limit(usize::MAX, Duration::from_mins(1));
    (seam, pairs)
}

/// A wire that gives each list's page again as it came first. Everything else goes through.
struct Recorded {
    wire: MemoryWire<Seam>,
    pages: Mutex<HashMap<(&'static str, Bytes), Answer>>,
}

impl Recorded {
    fn of(wire: MemoryWire<Seam>) -> Self {
        Self { wire, pages: Mutex::default() }
    }

    /// How many pages there are, and what they weigh.
    fn recorded(&self) -> (usize, usize) {
        let pages = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
        (pages.len(), pages.values().map(|page| page.body.len()).sum())
    }
}

#[async_trait]
impl Wire for Recorded {
    async fn send(&self, request: Request) -> Result<Answer, WireError> {
        if !request.operation.template.ends_with("/list") {
            return self.wire.send(request).await;
        }
        let asked = (request.operation.template, request.body.clone());
        let known = {
            let pages = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
            pages.get(&asked).cloned()
        };
        if let Some(known) = known {
            return Ok(known);
        }
        let answer = self.wire.send(request).await?;
        let mut pages = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
        pages.insert(asked, answer.clone());
        Ok(answer)
    }
}

impl fmt::Debug for Recorded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recorded").finish_non_exhaustive()
    }
}
