//! What a warm unlock costs in processor time, beside a bare reqwest POST and decode of the same bytes.
//!
//! ```sh
//! cargo bench -p elevate-access-bench --bench unlock_cost
//! cargo bench -p elevate-access-bench --bench unlock_cost -- --rounds 20 --each 100 --chunked
//! cargo bench -p elevate-access-bench --bench unlock_cost -- --only client --times 1000 # for a profiler
//! ```
//!
//! One thread does all ways in turn, in rounds of a shuffled order, against a server in a process of its own, so that
//! whatever else the machine does hits them alike and the server's own cost is not counted. A ratio is taken
//! within a round; told are the median of all rounds and the middle half. `BENCHMARKS.md` says what the figures mean.
//!
//! Without `--bench`, which cargo gives to benchmarks alone, it is a test: few rounds, which only have to work.
#![expect(clippy::print_stdout, reason = "it prints its figures")]

mod figures;
mod house;
mod server;
mod ways;

use std::{env, error::Error};

use self::{
    figures::Figures,
    house::House,
    server::Framing,
    ways::{Way, Ways},
};

type Failure = Box<dyn Error + Send + Sync>;

/// What was asked for on the command line.
struct Asked {
    rounds: usize,
    each: usize,
    framing: Framing,
    only: Option<Way>,
    times: usize,
}

impl Asked {
    fn read() -> Result<Self, Failure> {
        let arguments: Vec<String> = env::args().collect();
        let has = |name: &str| arguments.iter().any(|argument| argument == name);
        let value = |name: &str| {
            let at = arguments.iter().position(|argument| argument == name)?;
            arguments.get(at + 1)
        };
        let number = |name: &str, usual: usize| value(name).map_or(Ok(usual), |text| text.parse());
        let (rounds, each) = if has("--bench") { (200, 50) } else { (3, 5) };
        Ok(Self {
            rounds: number("--rounds", rounds)?,
            each: number("--each", each)?,
            framing: if has("--chunked") { Framing::Chunked } else { Framing::Length },
            only: value("--only").map(|name| Way::named(name)).transpose()?,
            times: number("--times", 1000)?,
        })
    }
}

fn main() -> Result<(), Failure> {
    if let Some(framing) = server::asked_for() {
        return server::serve(framing);
    }
    if env::args().any(|argument| argument == "--list") {
        // Somebody looks for tests with names; this one has none.
        return Ok(());
    }
    let asked = Asked::read()?;
    let server = server::start(asked.framing)?;
    // One thread: what it costs is all that it costs.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let taps = match asked.only {
        // The same house for few as for many, so that two runs differ by the unlocks alone.
        Some(_) => asked.times.max(4_000),
        None => asked.rounds * asked.each * Way::ALL.len(),
    };
    runtime.block_on(async {
        let house = House::open(server.address(), taps + ways::WARMING).await?;
        let mut ways = Ways::new(server.address(), house)?;
        for way in Way::ALL {
            ways.run(way, ways::WARMING / Way::ALL.len()).await?;
        }
        if let Some(way) = asked.only {
            let cost = ways.run(way, asked.times).await?;
            println!("{} times {}: {cost:.1?}", asked.times, way.name());
            return Ok(());
        }
        let mut figures = Figures::default();
        let mut order = Way::ALL;
        let mut dice = fastrand::Rng::with_seed(7);
        for _ in 0..asked.rounds {
            dice.shuffle(&mut order);
            let mut costs = Vec::with_capacity(order.len());
            for way in order {
                costs.push((way, ways.run(way, asked.each).await?));
            }
            figures.add(&costs);
        }
        println!("{} rounds of {} of each way, {:?}", asked.rounds, asked.each, asked.framing);
        figures.print(asked.each);
        Ok(())
    })
}
