//! Who and what there is in an episode's house, by small numbers.

use elevate_access::{
    BuildingId, DoorId, Residency, Resident, ResidentId, Standing, Unit, UnitId, VerifiedEmail,
};

/// The residents' first names, chosen so that parts of one are another: a filter that matches parts, and a
/// client that does not compare, would let Joann's doors go to Ann.
pub(super) const NAMES: [&str; 8] = ["ann", "joann", "tom", "atom", "eve", "steve", "al", "cal"];

/// The building's units; a resident lives in the one of their number, until they move.
pub(super) const UNITS: [&str; 8] =
    ["101", "102", "Apt 3", "apt 4", "PH-A", "1011", "Straße 7", "10"];

/// The Openpath entries.
pub(super) const ENTRIES: [u64; 4] = [11, 12, 13, 14];

/// The Seam devices.
pub(super) const DEVICES: [&str; 4] = ["dev-a", "dev-b", "dev-c", "dev-d"];

pub(super) const OPENPATH: &str = "openpath-1";
pub(super) const SEAM: &str = "seam-1";

/// Which door system a door is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Vendor {
    Openpath,
    Seam,
}

pub(super) fn building() -> BuildingId {
    BuildingId::new("house").expect("a constant")
}

pub(super) fn resident_id(number: usize) -> ResidentId {
    ResidentId::new(NAMES[number]).expect("a constant")
}

pub(super) fn email_text(number: usize, generation: u8) -> String {
    match generation {
        0 => format!("{}@example.com", NAMES[number]),
        _ => format!("{}.new@example.com", NAMES[number]),
    }
}

pub(super) fn openpath_user(number: usize) -> u64 {
    500 + number as u64
}

pub(super) fn space_id(number: usize) -> String {
    format!("space-{number}")
}

pub(super) fn entry_door(entry: u64) -> DoorId {
    format!("{OPENPATH}/{entry}").parse().expect("a constant")
}

pub(super) fn device_door(device: &str) -> DoorId {
    format!("{SEAM}/{device}").parse().expect("a constant")
}

pub(super) fn all_doors() -> Vec<DoorId> {
    ENTRIES.iter().map(|e| entry_door(*e)).chain(DEVICES.iter().map(|d| device_door(d))).collect()
}

pub(super) fn unit(number: usize) -> Unit {
    Unit::new(UnitId::new(format!("u{number}")).expect("a constant"), UNITS[number])
}

/// What the directory says of one resident, as the history keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Person {
    pub(super) current: bool,
    pub(super) email: Option<u8>,
    pub(super) unit: usize,
}

impl Person {
    pub(super) fn as_resident(&self, number: usize) -> Resident {
        let standing = if self.current { Standing::Current } else { Standing::Former };
        let home = Residency::current(building(), unit(self.unit)).with_standing(standing);
        let resident = Resident::new(resident_id(number)).with_residency(home);
        match self.email {
            None => resident,
            Some(generation) => {
                let email = VerifiedEmail::from_pms(email_text(number, generation));
                resident.with_email(email.expect("a constant"))
            }
        }
    }
}
