//! What goes wrong, drawn.

use std::{collections::BTreeMap, time::Duration};

use elevate_access_testkit::{Fault, FaultKind, Faults, Reply};
use fastrand::Rng;

use super::step::Step;

/// A step, for how many of its requests it is drawn whether they go wrong, and of how many in a hundred: the
/// seed chooses one of these for the whole race.
///
/// Creations go wrong most, since they are what the race is about; where all else went as wrong, few taps
/// would come as far.
const STEPS: [(Step, u32, &[u32]); 7] = [
    (Step::SignIn, 8, &[0, 0, 10, 30]),
    (Step::Users, 16, &[0, 0, 10, 30]),
    (Step::Credentials, 32, &[0, 0, 10, 30]),
    (Step::Kinds, 8, &[0, 0, 10, 30]),
    (Step::Doors, 16, &[0, 0, 10, 30]),
    (Step::Order, 64, &[0, 10, 30, 50]),
    (Step::Creation, 8, &[60, 30, 100]),
];

/// The faults of a race.
#[derive(Clone, Debug)]
pub struct Drawn(Vec<Struck>);

/// A fault that strikes one request of a step, after so many were spared since the one before.
#[derive(Clone, Debug)]
struct Struck {
    step: Step,
    spared: u32,
    fault: Fault,
}

impl Drawn {
    pub(super) fn draw(dice: &mut Rng) -> Self {
        let mut drawn = Vec::new();
        for (step, requests, chances) in STEPS {
            let in_a_hundred = chances[dice.usize(..chances.len())];
            let mut spared = 0;
            for _ in 0..requests {
                if dice.u32(..100) < in_a_hundred {
                    drawn.push(Struck { step, spared, fault: fault(dice) });
                } else {
                    // What an earlier rule strikes never comes to a later one.
                    spared += 1;
                }
            }
        }
        Self(drawn)
    }

    pub(super) fn arrange(&self, faults: &mut Faults) {
        for Struck { step, spared, fault } in self.0.clone() {
            faults.rule(move |request| Step::of(request) == step, spared, 1, fault);
        }
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// What meets each creation of a key, the first one first; `None` where all is well.
    pub fn creations(&self) -> Vec<Option<String>> {
        let mut met = Vec::new();
        let mut before = 0;
        for struck in self.0.iter().filter(|struck| struck.step == Step::Creation) {
            met.extend((before..struck.spared).map(|_| None));
            met.push(Some(struck.fault.to_string()));
            before = struck.spared;
        }
        met
    }

    /// How many of each kind a step has, by the kind's words.
    pub fn of(&self, step: Step) -> BTreeMap<String, usize> {
        let mut kinds = BTreeMap::new();
        for struck in self.0.iter().filter(|struck| struck.step == step) {
            *kinds.entry(struck.fault.to_string()).or_default() += 1;
        }
        kinds
    }
}

fn fault(dice: &mut Rng) -> Fault {
    let acted = dice.u8(..3) > 0;
    match dice.u8(..8) {
        0 => Fault::before(FaultKind::Refuse),
        1 => Fault::before(FaultKind::SlowConnect(Duration::from_secs(dice.u64(1..=3)))),
        2 | 3 => Fault { kind: FaultKind::Reset, acted },
        4 => Fault { kind: FaultKind::Stall, acted },
        5 => Fault::after(FaultKind::Cut),
        6 => Fault { kind: FaultKind::status(500, "{}"), acted },
        // A vendor that asks for a pause has not acted.
        _ => {
            let busy = Reply::json(429, "{}");
            let busy = if acted { busy.header("retry-after", "1") } else { busy };
            Fault::before(FaultKind::Instead(busy))
        }
    }
}
