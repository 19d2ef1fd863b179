//! Harbour North and Harbour West: buildings of one Openpath organisation, and a connection that is pinned
//! to sites.

use elevate_access::{
    BuildingId,
    Cause::{DoorNotGranted, NoDoorsAssigned, UserNotFound, WrongBuilding},
};
use elevate_access_testkit::openpath::{Entry, Openpath, User};
use elevate_openpath::{OpenpathProvider, SiteId};

use super::{
    cast::{ACCOUNT, Building, EMPTY, ORG, key, usual, well, wrong},
    house::House,
};
use crate::quickstart::Failure;

const NORTH_SITE: u64 = 21;
const SOUTH_SITE: u64 = 22;

pub(super) const NORTH: Building = Building {
    id: "harbour-north",
    word: "Openpath, pinned to its own site; the service account sees two sites of three",
    doors: &[("harbour-openpath/4401", "Front door"), ("harbour-openpath/4420", "South gate")],
    residents: &[
        well("ada", "nothing is wrong").users(&[at_home]),
        wrong("bo", UserNotFound, "their user is at a site that the account does not see")
            .users(&[|id, email| usual(id, email).at_site(33, "Marina")]),
        wrong("cy", NoDoorsAssigned, "their entries are all at another building's site")
            .users(&[|id, email| away(id, email).credential(key(id))]),
        wrong("di", DoorNotGranted, "asks about an entry of theirs at another building's site")
            .users(&[|id, email| at_home(id, email).entry(south_gate())])
            .at("harbour-openpath/4420"),
    ],
    openpath: || {
        Openpath::new(ORG)
            .service_account(ACCOUNT.0, ACCOUNT.1)
            .bound_to_sites(&[NORTH_SITE, SOUTH_SITE])
    },
    connect: |house, building| house.connect(building, "harbour-openpath", pinned(house)?),
    ..EMPTY
};

pub(super) const WEST: Building = Building {
    id: "harbour-west",
    word: "the connections of Harbour North, entered for this building by mistake",
    residents: &[wrong("ed", WrongBuilding, "neither connection serves this building")],
    connect: |house, building| {
        house.connect(building, "harbour-openpath", pinned(house)?)?;
        house.connect(building, "harbour-2n", house.two_n(&BuildingId::new(NORTH.id)?, |s| s)?)
    },
    ..EMPTY
};

fn pinned(house: &House) -> Result<OpenpathProvider, Failure> {
    Ok(house
        .openpath_provider(ORG, ACCOUNT.1)?
        .at_sites(BuildingId::new(NORTH.id)?, [SiteId::from(NORTH_SITE)])
        .at_sites(BuildingId::new("harbour-south")?, [SiteId::from(SOUTH_SITE)]))
}

fn at_home(id: u64, email: &str) -> User {
    usual(id, email).at_site(NORTH_SITE, "North Tower")
}

fn away(id: u64, email: &str) -> User {
    User::active(id, email).at_site(SOUTH_SITE, "South Tower").entry(south_gate())
}

fn south_gate() -> Entry {
    Entry::new(4420, "South gate").zone(311, "South").site(SOUTH_SITE, "South Tower")
}
