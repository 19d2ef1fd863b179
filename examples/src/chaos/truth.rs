//! Who there is, for the processes and for the stand-in alike.

use elevate_access::{
    BuildingId, DoorId, MemoryDirectory, Residency, Resident, ResidentId, Unit, UnitId,
    VerifiedEmail,
};
use elevate_access_testkit::openpath::{Entry, Openpath, User};

use crate::quickstart::Failure;

pub(super) const ORG: u64 = 5120;
pub(super) const ACCOUNT: (&str, &str) = ("service@example.com", "made up");
pub(super) const CONNECTION: &str = "openpath";
pub(super) const ENTRIES: [u64; 2] = [4401, 4402];

pub(super) fn building() -> Result<BuildingId, Failure> {
    Ok(BuildingId::new("north-tower")?)
}

pub(super) fn resident(number: u16) -> Result<ResidentId, Failure> {
    Ok(ResidentId::new(format!("resident-{number}"))?)
}

/// The vendor's id of the resident.
pub(super) fn user(number: u16) -> u64 {
    7_000 + u64::from(number)
}

pub(super) fn door(entry: u64) -> Result<DoorId, Failure> {
    Ok(format!("{CONNECTION}/{entry}").parse()?)
}

fn email(number: u16) -> String {
    format!("resident-{number}@example.com")
}

pub(super) fn directory(residents: u16) -> Result<MemoryDirectory, Failure> {
    let directory = MemoryDirectory::new();
    for number in 0..residents {
        let home = Unit::new(UnitId::new(format!("u-{number}"))?, number.to_string());
        directory.put(
            Resident::new(resident(number)?)
                .with_email(VerifiedEmail::from_pms(email(number))?)
                .with_residency(Residency::current(building()?, home)),
        );
    }
    Ok(directory)
}

/// The organisation, in which each resident has all of these entries.
pub(super) fn openpath(residents: u16, entries: &[u64]) -> Openpath {
    let org = Openpath::new(ORG).service_account(ACCOUNT.0, ACCOUNT.1);
    (0..residents).fold(org, |org, number| {
        let made = User::active(user(number), &email(number));
        let entries = entries.iter().map(|entry| Entry::new(*entry, &format!("Door {entry}")));
        org.user(entries.fold(made, User::entry))
    })
}
