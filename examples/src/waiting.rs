//! How late a wait for an unlock knows what became of it, in simulated time.
//!
//! The real client waits, over an in-memory Seam whose attempts settle at times drawn from a seed; beside it
//! stands the polling of the vendor's own SDKs, on the same draw.

mod report;
mod seam;

use std::{sync::Arc, time::Duration};

use clap::Parser;
use elevate_seam::{ApiKey, Client, DeviceId, Gate, Ordered, Progress, Waited};
use fastrand::Rng;
use tokio::{
    task::JoinSet,
    time::{Instant, sleep, sleep_until},
};

use crate::quickstart::Failure;
use seam::{ONE_WAY, Seam};

pub use report::{Report, Row, Spread};

/// What a door's attempts take in the median, in seconds: from the one to the other in equal ratios, so that
/// doors of 0.5 to 1 s are as many as those of 1 to 2 s.
const MEDIANS: (f64, f64) = (0.4, 3.0);

/// How much one door's attempts differ: the sigma of the log-normal distribution.
const SIGMA: f64 = 0.25;

/// How long after an attempt settled its event is handed in.
const EVENT_AFTER: Duration = Duration::from_millis(50);

/// How long a wait may last, from the order on.
const WITHIN: Duration = Duration::from_secs(12);

/// How many wait at once, on one client. No more, or the fixed polling would queue for the client's 32 reads
/// at a time, which its vendors' SDKs do not.
const AT_ONCE: usize = 32;

const AFTER_HELP: &str = "\
Each attempt is ordered by the real client and settles after a time drawn from the seed: log-normal, sigma
0.25, around the door's median. The medians go from 0.4 to 3 s in equal ratios. A request takes 20 ms there
and 20 ms back. The same draw is waited for in four ways:
  schedule             Client::wait_for_unlock, which looks by its own schedule
  every 1 s, 0.5 s     wait, look, repeat, as the vendor's SDKs for JavaScript and Python do, but without
                       their ends after 10 s and 5 s
  schedule and events  Client::wait_for_unlock, with an event handed in 50 ms after the attempt settled

What is printed, in milliseconds after the attempt settled:
  asked   the look that found it left
  known   the wait returned
and the mean number of looks.

The goals:
  - schedule: known after 115 ms in the median, and after 360 ms in 99 of 100
  - it knows earlier than either fixed polling, in the median and in 99 of 100
  - with events: asked after 60 ms in the median, and known a round trip later (100 ms)
  - each attempt was seen to be confirmed
They are for 20,000 attempts: of a few hundred, the latest in 100 can be later by chance.

An event is never taken for the outcome, since it carries neither a reason nor a confirmation: the attempt
is read after it. So what is known by an event is known 50 + 40 ms after it settled; only a look of the
schedule can be earlier. With looks 100 ms apart, which is as near as they come, and events beside them, half
of the waits would still know no sooner than after 70 ms.

Exit codes: 0 if the goals are met, 1 if not, 2 if the arguments cannot be used.";

/// Compares how late each way of waiting for an unlock knows what became of it.
///
/// Simulated time: a run takes seconds, and one seed repeats exactly.
#[derive(Clone, Debug, Parser)]
#[command(name = "waiting", after_long_help = AFTER_HELP)]
pub struct Arguments {
    /// How many attempts.
    #[arg(long, value_name = "N", default_value_t = 20_000,
          value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub attempts: u32,
    /// What everything is drawn from.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
}

/// A way to wait.
#[derive(Clone, Copy, Debug)]
enum Way {
    Schedule,
    Every(Duration),
    WithEvents,
}

/// One wait that came to a confirmed end.
struct Wait {
    asked: Duration,
    known: Duration,
    looks: u32,
}

/// Waits for the same attempts in every way. Two runs of the same arguments give the same report.
///
/// # Errors
/// If a runtime or a client cannot be set up.
pub fn compare(arguments: &Arguments) -> Result<Report, Failure> {
    let takes = draw(arguments);
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build()?;
    let row = |way| runtime.block_on(wait_all(&takes, way));
    Ok(Report {
        attempts: arguments.attempts,
        seed: arguments.seed,
        schedule: row(Way::Schedule)?,
        every_second: row(Way::Every(Duration::from_secs(1)))?,
        every_half_second: row(Way::Every(Duration::from_millis(500)))?,
        with_events: row(Way::WithEvents)?,
    })
}

/// What each attempt takes.
fn draw(arguments: &Arguments) -> Vec<Duration> {
    let mut dice = Rng::with_seed(arguments.seed);
    let (least, most) = MEDIANS;
    let draw = |number| {
        let place = (f64::from(number) + 0.5) / f64::from(arguments.attempts);
        let median = least * (most / least).powf(place);
        // Box and Muller's way to a normal deviate; the logarithm's argument is never 0.
        let (radius, angle) = (1.0 - dice.f64(), dice.f64() * std::f64::consts::TAU);
        let deviate = (-2.0 * radius.ln()).sqrt() * angle.cos();
        Duration::from_secs_f64(median * (SIGMA * deviate).exp())
    };
    (0..arguments.attempts).map(draw).collect()
}

async fn wait_all(takes: &[Duration], way: Way) -> Result<Row, Failure> {
    let mut known = Vec::with_capacity(takes.len());
    for takes in takes.chunks(AT_ONCE) {
        let seam = Arc::new(Seam::new(takes));
        let client = Client::builder(ApiKey::new("seam_simulated")?).wire(seam.clone()).build()?;
        let mut under_way = JoinSet::new();
        for number in 0..takes.len() {
            under_way.spawn(wait(client.clone(), Arc::clone(&seam), number, way));
        }
        // In whatever order they end: only counts and ranks are made of it.
        while let Some(ended) = under_way.join_next().await {
            known.extend(ended.ok().flatten());
        }
    }
    Ok(Row::of(takes.len(), &known))
}

/// Orders, and waits in that way; `None` if what became of it was not known in the end.
async fn wait(client: Client, seam: Arc<Seam>, number: usize, way: Way) -> Option<Wait> {
    let until = Instant::now() + WITHIN;
    let device = DeviceId::new(Seam::device(number)).ok()?;
    let open = || Gate::new(async { true });
    let ordered = client.unlock_door(&device, until, until, open).await.ok()?;
    let settled = seam.attempt(number)?.settles?;
    let progress = async {
        let progress = match way {
            Way::Every(gap) => poll(&client, &ordered, gap, until).await,
            Way::Schedule | Way::WithEvents => look(&client, &ordered, until).await,
        };
        progress.map(|progress| (progress, Instant::now()))
    };
    let event = async {
        if matches!(way, Way::WithEvents) {
            sleep_until(settled + EVENT_AFTER).await;
            client.prompt(ordered.id());
        }
    };
    let (ended, ()) = tokio::join!(biased; progress, event);
    let (Progress::Confirmed, known) = ended? else { return None };
    let seen = seam.attempt(number)?;
    // A look can leave before the attempt settles and find it settled: that is not late.
    let late = |moment: Instant| moment.saturating_duration_since(settled);
    Some(Wait { asked: late(seen.asked?), known: late(known), looks: seen.looks })
}

async fn look(client: &Client, ordered: &Ordered, until: Instant) -> Option<Progress> {
    match client.wait_for_unlock(ordered, until).await {
        Waited::Settled(attempt) => Some(attempt.progress()),
        _ => None,
    }
}

/// Fixed polling: wait, look, repeat.
async fn poll(
    client: &Client,
    ordered: &Ordered,
    gap: Duration,
    until: Instant,
) -> Option<Progress> {
    let mut progress = ordered.attempt.progress();
    while !progress.is_settled() {
        if Instant::now() + gap >= until {
            return None;
        }
        sleep(gap).await;
        progress = client.get_action_attempt(ordered.id(), until).await.ok()?.progress();
    }
    Some(progress)
}
