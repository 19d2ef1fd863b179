//! Who taps which door, and when: drawn once, the same for the run with stalling connections and the one without.

use std::{collections::HashMap, time::Duration};

use super::{AT_ONCE, Arguments, CALM, QUIET, STALL};

/// How long somebody may wait who goes away, at most.
const PATIENCE: Duration = Duration::from_secs(4);

/// How often somebody taps at a connection while all is quiet.
const EVERY: Duration = Duration::from_millis(500);

/// One tap to come.
#[derive(Clone, Debug)]
pub(super) struct Planned {
    pub(super) id: String,
    pub(super) wave: Wave,
    pub(super) connection: usize,
    /// Of those who live there.
    pub(super) resident: u32,
    /// After the start.
    pub(super) at: Duration,
    /// When its caller goes away, if they do.
    pub(super) leaves_after: Option<Duration>,
}

/// What a tap belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wave {
    /// What comes all the time.
    Quiet,
    /// When everybody taps.
    Everybody,
    /// The same residents once more, when all is over.
    Again,
}

pub(super) struct Plan {
    pub(super) taps: Vec<Planned>,
    /// How many residents each connection has.
    pub(super) residents: u32,
}

impl Plan {
    pub(super) fn by_id(&self) -> HashMap<&str, &Planned> {
        self.taps.iter().map(|tap| (tap.id.as_str(), tap)).collect()
    }
}

pub(super) fn draw(arguments: &Arguments, stalled_for: Duration) -> Plan {
    let Arguments { connections, doors, taps, seed, .. } = *arguments;
    let mut dice = fastrand::Rng::with_seed(seed);
    let back = STALL + stalled_for;
    // One for each door taps all the time; the others live behind the same doors, and tap when everybody does.
    let eager = taps.div_ceil(connections);
    let mut plan = Vec::new();
    for connection in 0..connections {
        let tap = |wave, resident: u32, at: Duration, leaves_after| Planned {
            id: format!("{wave:?}-{connection}-{resident}-{}", at.as_millis()),
            wave,
            connection: connection as usize,
            resident,
            at,
            leaves_after,
        };
        let mut at = EVERY.mul_f64(dice.f64());
        for turn in 0.. {
            if at >= back + CALM {
                break;
            }
            plan.push(tap(Wave::Quiet, turn % doors, at, None));
            at += EVERY;
        }
        for number in (0..taps).filter(|number| number % connections == connection) {
            let resident = doors + number / connections;
            let leaves = dice.bool().then(|| PATIENCE.mul_f64(dice.f64()));
            let at = STALL + AT_ONCE.mul_f64(dice.f64());
            plan.push(tap(Wave::Everybody, resident, at, leaves));
            let at = back + CALM + QUIET + AT_ONCE.mul_f64(dice.f64());
            plan.push(tap(Wave::Again, resident, at, None));
        }
    }
    Plan { taps: plan, residents: doors + eager }
}
