//! What is told of it.

use std::{fmt, time::Duration};

use super::{Arguments, Seen, SiteSeen, USUAL};

/// What one connection may have in flight at once.
pub(super) const ORDERS: usize = 128;
/// Readings, single calls, and a sign-in.
pub(super) const OTHERS: usize = 32 + 128 + 1;

/// What a tap may cost of memory, at most, with all that the stand-ins and the witnesses write down of it.
const BYTES: usize = 64 * 1024;

/// What was counted.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Report {
    pub(super) arguments: Arguments,
    pub(super) well: Seen,
    pub(super) stalled: Seen,
}

/// How long taps took, in simulated time.
struct Spread {
    median: Duration,
    p99: Duration,
    most: Duration,
}

impl Spread {
    fn of(times: impl Iterator<Item = Duration>) -> Self {
        let mut times: Vec<Duration> = times.collect();
        times.sort_unstable();
        let at = |share: usize| {
            let place = (times.len() * share / 100).min(times.len().saturating_sub(1));
            times.get(place).copied().unwrap_or_default()
        };
        Self { median: at(50), p99: at(99), most: at(100) }
    }

    fn within_twice(&self, other: &Self) -> bool {
        self.median <= other.median * 2 && self.p99 <= other.p99 * 2 && self.most <= other.most * 2
    }
}

impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [median, p99, most] = [self.median, self.p99, self.most].map(|it| it.as_millis());
        write!(f, "{median:>6} ms {p99:>6} ms {most:>6} ms")
    }
}

impl Report {
    /// Whether every claim holds.
    pub fn is_fine(&self) -> bool {
        self.claims().iter().all(|(_, holds)| *holds)
    }

    /// The claims that do not hold.
    pub fn broken(&self) -> Vec<&'static str> {
        self.claims().into_iter().filter(|(_, holds)| !holds).map(|(claim, _)| claim).collect()
    }

    fn stalling(&self) -> usize {
        self.arguments.stalling as usize
    }

    fn claims(&self) -> [(&'static str, bool); 8] {
        let runs = [&self.well, &self.stalled];
        let stalling = self.stalling();
        let sites = || runs.iter().flat_map(|run| &run.sites);
        let healthy = |run: &Seen| Spread::of(waited(&run.sites[stalling..]));
        let again = Spread::of(again(&self.stalled.sites[..stalling]));
        let usual = Spread::of(waited(&self.well.sites[..stalling]));
        let back = || self.well.sites.iter().zip(&self.stalled.sites).take(stalling);
        let left = || runs.iter().map(|run| &run.left);
        let faults = runs.iter().map(|run| &run.faults);
        [
            (
                "what one connection has in flight is bounded",
                sites().all(|site| site.orders <= ORDERS && site.others <= OTHERS),
            ),
            (
                "memory is bounded",
                runs.iter().all(|run| run.peak.is_none_or(|peak| peak <= self.most_bytes())),
            ),
            (
                "the others are unaffected",
                healthy(&self.stalled).within_twice(&healthy(&self.well)),
            ),
            ("no herd", back().all(|(well, stalled)| stalled.first_second <= well.window)),
            (
                "nothing is under way after the last deadline",
                left().all(|it| it.in_flight + it.open_claims + it.endless == 0),
            ),
            (
                "nothing is left of it",
                left().all(|it| it.tasks + it.leases.1 == 0 && !it.front_door)
                    && self.well.left.leases_at_first <= self.well.left.keys,
            ),
            (
                "whoever taps afterwards gets in as usual",
                sites().all(|site| site.again_in.0 == site.again_in.1)
                    && again.within_twice(&usual),
            ),
            (
                "no order is late, double, for the wrong person or dishonest",
                faults
                    .into_iter()
                    .all(|it| it.late + it.double + it.wrong_person + it.dishonest == 0),
            ),
        ]
    }

    fn most_bytes(&self) -> usize {
        BYTES * self.arguments.taps as usize
    }
}

fn waited(sites: &[SiteSeen]) -> impl Iterator<Item = Duration> {
    sites.iter().flat_map(|site| site.waited.iter().copied())
}

fn again(sites: &[SiteSeen]) -> impl Iterator<Item = Duration> {
    sites.iter().flat_map(|site| site.again.iter().copied())
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Arguments { connections, stalling, doors, taps, seconds, seed, .. } = &self.arguments;
        writeln!(
            f,
            "{connections} connections of {doors} doors, {taps} taps at once, seed {seed}; \
             {stalling} connections stall for {seconds} s"
        )?;
        let (well, stalled, first) = (&self.well, &self.stalled, self.stalling());
        let healthy = connections - stalling;

        writeln!(f, "\nHow long a tap takes, simulated:         median       p99   slowest")?;
        let row = |run: &Seen| Spread::of(waited(&run.sites[first..]));
        writeln!(f, "  at the {healthy:>3} others, none stalls     {}", row(well))?;
        writeln!(f, "  at the {healthy:>3} others, {stalling:>3} stall       {}", row(stalled))?;
        let row = Spread::of(waited(&well.sites[..first]));
        writeln!(f, "  at those {stalling:>3}, none stalls          {row}")?;
        let row = Spread::of(waited(&stalled.sites[..first]));
        writeln!(f, "  at those {stalling:>3}, while they stall     {row}")?;
        let row = Spread::of(again(&stalled.sites[..first]));
        writeln!(f, "  at those {stalling:>3}, once more afterwards {row}")?;

        writeln!(f, "\nThe most in flight at once, each a connection:  none stalls  some stall")?;
        let most = |of: fn(&SiteSeen) -> usize| {
            [well, stalled].map(|run| run.sites.iter().map(of).max().unwrap_or_default())
        };
        let [a, b] = most(|site| site.orders);
        writeln!(f, "  orders of one connection, at most {ORDERS:>3}      {a:>11} {b:>11}")?;
        let [a, b] = most(|site| site.others);
        writeln!(f, "  all else of one connection, at most {OTHERS:>3}    {a:>11} {b:>11}")?;
        let (a, b) = (well.in_flight, stalled.in_flight);
        writeln!(f, "  over all connections                       {a:>11} {b:>11}")?;
        if let (Some(a), Some(b)) = (well.peak, stalled.peak) {
            let [a, b, most] = [a, b, self.most_bytes()].map(|bytes| bytes / (1 << 20));
            writeln!(f, "  memory in MiB, at most {most:>4}                {a:>11} {b:>11}")?;
        }

        let every = USUAL.1.as_secs();
        writeln!(
            f,
            "\nRequests a second at those that stall, and how everybody's taps ended there:"
        )?;
        writeln!(
            f,
            "  {:<29} usual  back  at most  opens after  opened  refused  unknown  not sent",
            ""
        )?;
        for (calm, site) in well.sites.iter().zip(&stalled.sites).take(first) {
            let kind = if site.is_openpath { "Openpath" } else { "2N" };
            let usual = calm.usual as u64 / every;
            let back = site
                .back_after
                .map_or_else(|| "never".into(), |it| it.as_millis().to_string() + " ms");
            let [opened, refused, unknown, not_sent] = site.ends;
            writeln!(
                f,
                "  {kind:<8} {:<20} {usual:>5} {:>5} {:>8} {back:>12} {opened:>7} {refused:>8} \
                 {unknown:>8} {not_sent:>9}",
                site.way, site.first_second, calm.window
            )?;
        }

        for (name, run) in [("none stalls", well), ("some stall", stalled)] {
            let (left, faults) = (&run.left, &run.faults);
            writeln!(f, "\nWhat is left, {name} ({} callers went away):", left.dropped)?;
            writeln!(
                f,
                "  after the last deadline: {} requests in flight, {} taps without an end, {} claims open \
                 ({} settled)",
                left.in_flight, left.endless, left.open_claims, left.settled
            )?;
            writeln!(
                f,
                "  after the last look:     {} tasks, {} of {} leases held ({} when all were answered, {} for new keys){}",
                left.tasks,
                left.leases.1,
                left.leases.0,
                left.leases_at_first,
                left.keys,
                if left.front_door { ", the front door held" } else { "" }
            )?;
            writeln!(
                f,
                "  {} orders: {} late, {} double, {} for the wrong person, {} dishonest",
                faults.orders, faults.late, faults.double, faults.wrong_person, faults.dishonest
            )?;
        }
        writeln!(f)?;
        for (claim, holds) in self.claims() {
            writeln!(f, "  {}  {claim}", if holds { "holds " } else { "BROKEN" })?;
        }
        writeln!(f, "\n{}", if self.is_fine() { "passed" } else { "FAILED" })
    }
}
