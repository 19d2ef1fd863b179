//! What must not be, as counts.

use std::{fmt, ops::AddAssign};

/// The counts, each of which has to be 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Verdicts {
    /// A body that started after `send_within`.
    pub late: u64,
    /// A body more than there were presses to start it.
    pub double: u64,
    /// A body for a door in no grant of the resident within its age, or for one who was not Current
    /// within the last second.
    pub wrong_person: u64,
    /// An outcome or an error that disagrees with the wire or the ledger.
    pub dishonest: u64,
    /// Something of a resident's that was there before they were forgotten, and is there still.
    pub not_forgotten: u64,
    /// A user of Openpath with more than one cloud key.
    pub keys_per_user: u64,
    /// A call that writes to a vendor, and is neither a cloud key's making nor an unlock.
    pub other_writes: u64,
    /// A call that did not end in time.
    pub hung: u64,
    /// A task that panicked.
    pub panics: u64,
}

impl AddAssign for Verdicts {
    fn add_assign(&mut self, other: Self) {
        self.late += other.late;
        self.double += other.double;
        self.wrong_person += other.wrong_person;
        self.dishonest += other.dishonest;
        self.not_forgotten += other.not_forgotten;
        self.keys_per_user += other.keys_per_user;
        self.other_writes += other.other_writes;
        self.hung += other.hung;
        self.panics += other.panics;
    }
}

impl fmt::Display for Verdicts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "late {}", self.late)?;
        writeln!(f, "double {}", self.double)?;
        writeln!(f, "wrong person {}", self.wrong_person)?;
        writeln!(f, "dishonest {}", self.dishonest)?;
        writeln!(f, "not forgotten {}", self.not_forgotten)?;
        writeln!(f, "keys per user {}", self.keys_per_user)?;
        writeln!(f, "other writes {}", self.other_writes)?;
        writeln!(f, "hung past the deadline {}", self.hung)?;
        writeln!(f, "panics {}", self.panics)
    }
}
