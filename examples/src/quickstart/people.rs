//! Who lives where: what a service's own tables say. In the tour they are held in memory.

use elevate_access::{
    BuildingId, MemoryDirectory, Residency, Resident, ResidentId, Unit, UnitId, VerifiedEmail,
};

use super::Failure;

const LARKSPUR: &str = "larkspur-court";
const MAPLE: &str = "maple-court";

/// Resident, building, unit, and the e-mail that the PMS holds.
const RESIDENTS: [(&str, &str, &str, &str); 8] = [
    ("omar", LARKSPUR, "11", "omar.haddad@example.com"),
    ("ines", LARKSPUR, "12", "ines@example.net"),
    ("noah", LARKSPUR, "13", "no.doors@example.com"),
    ("jane", LARKSPUR, "14", "jane.miller@example.com"),
    ("ana", MAPLE, "101", "ana@example.com"),
    ("dan", MAPLE, "102", "dan@example.com"),
    ("ben", MAPLE, "Apt 103", "ben@example.com"),
    ("cleo", MAPLE, "203", "cleo@example.com"),
];

/// The e-mails that the PMS holds, for a test that must find none of them anywhere.
pub fn emails() -> impl Iterator<Item = &'static str> {
    RESIDENTS.iter().map(|resident| resident.3)
}

pub(super) fn larkspur() -> Result<BuildingId, Failure> {
    Ok(BuildingId::new(LARKSPUR)?)
}

pub(super) fn maple() -> Result<BuildingId, Failure> {
    Ok(BuildingId::new(MAPLE)?)
}

pub(super) fn resident(name: &str) -> Result<ResidentId, Failure> {
    Ok(ResidentId::new(name)?)
}

/// The directory: each resident with e-mail, unit and standing, and *all* units of each building.
pub(super) fn directory() -> Result<MemoryDirectory, Failure> {
    let directory = MemoryDirectory::new();
    for building in [LARKSPUR, MAPLE] {
        let mut units = Vec::new();
        for (name, home, unit, email) in RESIDENTS.iter().filter(|row| row.1 == building) {
            let home = BuildingId::new(home)?;
            let unit = Unit::new(UnitId::new(format!("unit-of-{name}"))?, *unit);
            units.push(unit.clone());
            directory.put(
                Resident::new(ResidentId::new(name)?)
                    .with_email(VerifiedEmail::from_pms(email)?)
                    .with_residency(Residency::current(home, unit)),
            );
        }
        directory.set_units(&BuildingId::new(building)?, units);
    }
    Ok(directory)
}
