//! Overload: ten thousand residents tap at once, over many connections of which some stall.
//!
//! The same taps come twice: once with all connections well, once with some stalling. What the others feel of it,
//! what is in flight, what comes when the stalling ones are back, and what callers who went away leave behind is
//! counted by witnesses between clients and vendors, and judged by the vendors' ledgers. Simulated time, no sockets,
//! everything drawn from a seed.

mod house;
mod judge;
mod plan;
mod report;
pub mod sockets;

mod way;
mod witness;

use std::{error::Error, sync::Arc, time::Duration};

use clap::Parser;
use elevate_access::{Outcome, Tap, TapEnd, TapId, TapQuery, TapState};
use elevate_transport::Wire;
use tokio::{
    runtime::{Builder, Handle},
    time::{Instant, sleep_until, timeout},
};

use self::{
    house::{Dress, House, Site, resident},
    judge::Faults,
    plan::{Planned, Wave},
    way::Way,
};
pub use report::Report;

/// From so long after the start, for so long, it is seen what is usual.
const USUAL: (Duration, Duration) = (Duration::from_secs(20), Duration::from_secs(10));
/// When some connections begin to stall, and everybody taps.
const STALL: Duration = Duration::from_secs(30);
/// Within how long everybody taps.
const AT_ONCE: Duration = Duration::from_secs(1);
/// How long after they are back the quiet taps end.
const CALM: Duration = Duration::from_secs(20);
/// How long after the last tap nothing may be under way: an answer is awaited for 12 s, and settled within one.
const DEADLINE: Duration = Duration::from_secs(14);
/// How long after the last tap nothing at all may be left: what was not known is looked for once, half a minute after
/// its answer, for ten seconds at most.
const QUIET: Duration = Duration::from_mins(1);
/// How old a tap may be when its order starts.
const SEND_WITHIN: Duration = Duration::from_secs(5);

const AFTER_HELP: &str = "\
How it goes: every connection has its own client, stand-in and doors; every second one is Openpath, the
others are 2N through Seam. Two quiet taps a second come at each from the beginning to the end. After
30 s some connections begin to stall, each in a way of its own, and within a second everybody taps.
Half of the callers go away before their answer. Later the stalling connections come back; a minute
after the last tap everybody who lives there taps once more. All of it runs twice, with stalling
connections and without.

What has to hold:
  - no connection has more than 128 orders in flight, nor more than 32 readings, 128 single calls and a
    sign-in; each of them is a network connection of its own
  - at the others, half of all taps, 99 of 100 and the slowest take at most twice as long as if none stalled
  - in the first second after a connection is back, no more requests begin than the taps of that second
    and of the five before it ask for while all is well: none of what came before is asked again
  - once the last deadline is over, no request is in flight, no claim of a tap is open, and each tap has
    had its end; once the last look at what was not known is over, there is no task and no lease, and
    where nothing stalls no lease but those of new keys once everybody has been answered
  - those who tap once more where it stalled get in as fast as everybody did when nothing stalled
  - late, double, for the wrong person or dishonest: none, by wire and ledger
  - memory stays below 64 KiB a tap

What it does not show: simulated time has no processors to run out of, so what ten thousand taps cost
of those is not in these latencies. `--sockets` shows real connections.

Exit codes: 0 if all of that holds, 1 if not, 2 if the arguments cannot be used.";

/// Taps at many connections at once, some of which stall, and looks at what the others feel of it.
#[derive(Clone, Debug, Parser)]
#[command(name = "overload", after_long_help = AFTER_HELP)]
pub struct Arguments {
    /// How many connections there are.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(2..=500))]
    connections: u32,

    /// How many of them stall.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=250))]
    stalling: u32,

    /// How many doors each has.
    #[arg(long, default_value_t = 40, value_parser = clap::value_parser!(u32).range(20..=200))]
    doors: u32,

    /// How many residents tap at once, over all connections.
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(2..=100_000))]
    taps: u32,

    /// How many seconds the stalling ones do.
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=600))]
    seconds: u64,

    /// What everything is drawn from.
    #[arg(long, default_value_t = 7)]
    seed: u64,

    /// Real sockets on loopback instead: how many of them a client holds open at once. Takes half a minute, and some
    /// two thousand file descriptors.
    #[arg(long, conflicts_with_all = ["connections", "stalling", "seconds"])]
    pub sockets: bool,
}

/// What tells how much memory is in use: the allocator of the program, if it counts.
#[derive(Clone, Copy, Debug)]
pub struct Memory {
    /// Bytes in use now.
    pub now: fn() -> usize,
    /// The most since it was last reset.
    pub peak: fn() -> usize,
    /// Makes the peak what is in use now.
    pub reset: fn(),
}

/// Taps, with and without stalling connections.
///
/// # Errors
/// If the house cannot be built, or no connection would be left that does not stall.
pub fn run(arguments: &Arguments, memory: Option<Memory>) -> Result<Report, Box<dyn Error>> {
    run_over(arguments, memory, |wire| wire)
}

/// The same, with each client's wire made from the one that it would have: for a test that plants a bug there.
///
/// # Errors
/// As for [`run`].
pub fn run_over(
    arguments: &Arguments,
    memory: Option<Memory>,
    wire: impl Fn(Arc<dyn Wire>) -> Arc<dyn Wire>,
) -> Result<Report, Box<dyn Error>> {
    if arguments.stalling >= arguments.connections {
        return Err("some connections have to be well".into());
    }
    let once = |stalling| {
        // A clock of its own for each, and nothing of one left for the other.
        let runtime = Builder::new_current_thread().enable_time().start_paused(true).build()?;
        runtime.block_on(taps(arguments, stalling, memory, &wire))
    };
    let well = once(0)?;
    let stalled = once(usize::try_from(arguments.stalling)?)?;
    Ok(Report { arguments: arguments.clone(), well, stalled })
}

/// What was seen of one run.
#[derive(Clone, Debug, Default)]
struct Seen {
    sites: Vec<SiteSeen>,
    /// The most requests in flight over all connections.
    in_flight: usize,
    /// The most memory in use for it, in bytes.
    peak: Option<usize>,
    left: Left,
    faults: Faults,
}

/// What was seen of one connection.
#[derive(Clone, Debug, Default)]
struct SiteSeen {
    is_openpath: bool,
    /// How it stalls in the run in which it does.
    way: String,
    /// The most of each in flight at once.
    orders: usize,
    others: usize,
    /// Requests that began: while all was usual, in the first second after the stall, and in the six seconds up to the
    /// end of that one.
    usual: usize,
    first_second: usize,
    window: usize,
    /// How long those waited who stayed, at the moment when everybody taps.
    waited: Vec<Duration>,
    /// And those who tapped once more afterwards.
    again: Vec<Duration>,
    /// How everybody's tap ended: opened or accepted, turned down, unknown, refused with nothing sent.
    ends: [usize; 4],
    /// How long after the stall the first door opened again.
    back_after: Option<Duration>,
    /// Of those who tapped once more, how many got in, and how many there were.
    again_in: (usize, usize),
}

/// What was left, where nothing should be.
#[derive(Clone, Debug, Default)]
struct Left {
    dropped: usize,
    in_flight: usize,
    open_claims: usize,
    settled: usize,
    endless: usize,
    tasks: usize,
    /// Leases that are held when those who tapped at once have been answered.
    leases_at_first: usize,
    /// Keys that were made: the lease of each stays for 45 s, so that no other node makes one more.
    keys: usize,
    /// How many were taken, and how many are held at the end.
    leases: (usize, usize),
    front_door: bool,
}

async fn taps(
    arguments: &Arguments,
    stalling: usize,
    memory: Option<Memory>,
    dress: Dress<'_>,
) -> Result<Seen, Box<dyn Error>> {
    let stalled_for = Duration::from_secs(arguments.seconds);
    let plan = plan::draw(arguments, stalled_for);
    let residents = plan.residents;
    let tasks_before = Handle::current().metrics().num_alive_tasks();
    let world = (arguments.connections, arguments.doors, residents);
    let mut house = House::build(world, plan.taps.len(), arguments.seed, dress)?;
    let held = memory.map(|memory| {
        (memory.reset)();
        (memory.now)()
    });
    let start = Instant::now();
    let mut callers = Vec::new();
    for tap in &plan.taps {
        callers.push(tokio::spawn(call(&house, tap, start)?));
    }

    sleep_until(start + STALL).await;
    for (number, site) in house.sites.iter().enumerate().take(stalling) {
        site.stalls(Way::of(number));
    }
    let (back, answered) = (start + STALL + stalled_for, start + STALL + AT_ONCE + DEADLINE);
    let come_back = async {
        sleep_until(back).await;
        house.sites.iter().for_each(Site::comes_back);
    };
    // Those that were taken when everybody tapped would be held for longer yet.
    let leases = async {
        sleep_until(answered).await;
        house.leases().await
    };
    let ((), leases_at_first) = tokio::join!(come_back, leases);

    // The last tap of the day: those who tap once more come after everything is over.
    let last = back + CALM;
    sleep_until(last + DEADLINE).await;
    let in_flight = house.in_flight.now();
    let mut left = Left { in_flight, leases_at_first: leases_at_first?.1, ..Left::default() };
    left.dropped = plan.taps.iter().filter(|tap| tap.leaves_after.is_some()).count();
    let mut ends: Vec<TapEnd> = Vec::new();
    while let Ok(end) = house.ends.try_recv() {
        ends.push(end);
    }
    left.endless = plan.taps.iter().filter(|tap| tap.wave != Wave::Again).count() - ends.len();
    (left.settled, left.open_claims) = claims(&house).await?;

    left.keys = house.sites.iter().map(|site| site.keys_made(residents)).sum();

    // Not to be counted as left: those who are to tap once more.
    let waiting = plan.taps.iter().filter(|tap| tap.wave == Wave::Again).count();
    sleep_until(last + QUIET).await;
    let tasks = Handle::current().metrics().num_alive_tasks();
    left.tasks = tasks.saturating_sub(tasks_before + waiting);
    left.leases = house.leases().await?;

    sleep_until(last + QUIET + DEADLINE + QUIET).await;
    while let Ok(end) = house.ends.try_recv() {
        ends.push(end);
    }
    left.endless += plan.taps.len() - left.endless - ends.len();
    let mut stayed = Vec::new();
    for caller in callers {
        stayed.push(caller.await?);
    }
    let most_in_flight = house.in_flight.most();
    let peak = memory.zip(held).map(|(memory, held)| (memory.peak)().saturating_sub(held));
    let faults = judge::judge(&house, &plan, &ends, start);
    let sites = house.sites.iter().enumerate();
    let mut sites: Vec<SiteSeen> = sites
        .map(|(number, site)| SiteSeen {
            is_openpath: matches!(site.kind, house::Kind::Openpath(_)),
            way: Way::of(number).to_string(),
            orders: site.witness.orders.most(),
            others: site.witness.others.most(),
            usual: site.witness.begun_within(start + USUAL.0, start + USUAL.0 + USUAL.1),
            first_second: site.witness.begun_within(back, back + Duration::from_secs(1)),
            window: site.witness.begun_within(back - SEND_WITHIN, back + Duration::from_secs(1)),
            ..SiteSeen::default()
        })
        .collect();
    for (tap, waited) in plan.taps.iter().zip(&stayed) {
        let site = &mut sites[tap.connection];
        match (tap.wave, waited) {
            (Wave::Everybody, Some((waited, _))) => site.waited.push(*waited),
            (Wave::Again, Some((waited, got_in))) => {
                site.again.push(*waited);
                site.again_in.0 += usize::from(*got_in);
                site.again_in.1 += 1;
            }
            _ => {}
        }
    }
    let by_id = plan.by_id();
    for end in &ends {
        let Some(tap) = end.id.as_ref().and_then(|id| by_id.get(id.as_str())) else { continue };
        let site = &mut sites[tap.connection];
        let ended = start + tap.at + end.took;
        let got_in = matches!(end.result, Ok(Outcome::Opened(_) | Outcome::Accepted(_)));
        if got_in && ended >= back && tap.wave != Wave::Again {
            let after = ended - back;
            site.back_after = Some(site.back_after.map_or(after, |first| first.min(after)));
        }
        if tap.wave == Wave::Everybody {
            site.ends[match end.result {
                Ok(Outcome::Opened(_) | Outcome::Accepted(_)) => 0,
                Ok(Outcome::NotOpened(_)) => 1,
                Ok(Outcome::Unknown(_)) => 2,
                Err(_) => 3,
            }] += 1;
        }
    }
    let House { access, mut ends, .. } = house;
    drop(access);
    // It ends once no order, and nobody else, holds the front door.
    left.front_door = !matches!(timeout(Duration::from_secs(1), ends.recv()).await, Ok(None));
    Ok(Seen { sites, in_flight: most_in_flight, peak, left, faults })
}

/// How long somebody waited, and whether they got in; `None` for who went away.
type Waited = Option<(Duration, bool)>;

/// Somebody who taps when it is time, and may go away before the answer.
fn call(
    house: &House,
    tap: &Planned,
    start: Instant,
) -> Result<impl Future<Output = Waited> + use<>, Box<dyn Error>> {
    let access = house.access.clone();
    let resident = resident(u32::try_from(tap.connection)?, tap.resident)?;
    let door = house.sites[tap.connection].door_of(tap.resident)?;
    let (at, leaves_after) = (start + tap.at, tap.leaves_after);
    let id = TapId::new(&tap.id)?;
    Ok(async move {
        sleep_until(at).await;
        let begun = Instant::now();
        let unlock = access.unlock(&resident, &door, Tap::now().with_id(id));
        let outcome = match leaves_after {
            Some(patience) => {
                // Whoever goes away is not asked how long it took, be the answer there first.
                let _ = timeout(patience, unlock).await;
                return None;
            }
            None => unlock.await,
        };
        let got_in = matches!(outcome, Ok(Outcome::Opened(_) | Outcome::Accepted(_)));
        Some((begun.elapsed(), got_in))
    })
}

/// How many claims of taps are settled, and how many are not.
async fn claims(house: &House) -> Result<(usize, usize), Box<dyn Error>> {
    let (mut settled, mut open) = (0, 0);
    let mut query = TapQuery::new().limit(TapQuery::MOST);
    loop {
        let records = house.access.taps(&query).await?;
        let Some(oldest) = records.last() else { return Ok((settled, open)) };
        query = TapQuery::new().limit(TapQuery::MOST).older_than(oldest);
        for record in &records {
            match record.state {
                TapState::Settled { .. } => settled += 1,
                TapState::UnderWay { .. } => open += 1,
            }
        }
    }
}
