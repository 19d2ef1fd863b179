//! The ways in which a connection stalls.

use std::{fmt, time::Duration};

use elevate_access_testkit::{Fault, FaultKind, Faults, openpath, seam};
use elevate_transport::Method;

/// What the vendor of a stalling connection does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// Takes nothing in and says nothing.
    Silent,
    /// Opens the doors and never says so; all else is well.
    SilentOrders,
    /// Comes up later than any order may start.
    SlowConnect,
    /// Comes up in time for those orders alone that do not wait for room first.
    LateConnect,
    /// Takes orders, and answers no look at what became of them, or at who somebody is.
    SilentReads,
}

const WAYS: [Way; 5] =
    [Way::SilentOrders, Way::SilentReads, Way::Silent, Way::LateConnect, Way::SlowConnect];

impl Way {
    /// The way of the connection of that number. Neighbours are of different kinds and stall alike.
    pub(super) fn of(connection: usize) -> Self {
        WAYS[connection / 2 % WAYS.len()]
    }

    pub(super) fn arrange(self, faults: &mut Faults) {
        let without_end = u32::MAX;
        match self {
            Self::Silent => faults.always(Fault::before(FaultKind::Stall)),
            Self::SilentOrders => {
                for path in [openpath::ORDER_PATH, seam::ORDER_PATH] {
                    faults.on(path, 0, without_end, Fault::after(FaultKind::Stall));
                }
            }
            Self::SlowConnect => {
                faults.always(Fault::before(FaultKind::SlowConnect(Duration::from_secs(8))));
            }
            Self::LateConnect => {
                faults.always(Fault::before(FaultKind::SlowConnect(Duration::from_millis(2_700))));
            }
            Self::SilentReads => {
                let stall = Fault::before(FaultKind::Stall);
                faults.rule(|it| it.method == Method::GET, 0, without_end, stall.clone());
                faults.on("/action_attempts/get", 0, without_end, stall);
            }
        }
    }
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Silent => "says nothing",
            Self::SilentOrders => "opens, never says so",
            Self::SlowConnect => "connects after 8 s",
            Self::LateConnect => "connects after 2.7 s",
            Self::SilentReads => "answers no reading",
        })
    }
}
