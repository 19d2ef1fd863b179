//! Two seeded buildings in one: Openpath at the front, 2N in the flats, and something of everything wrong.

use elevate_access::BuildingId;
use elevate_access_testkit::{
    openpath::{Credential, Entry, Openpath, User},
    seam::{Device, Seam},
};

use super::roster::Roster;

pub(super) const ORG: u64 = 5120;
pub(super) const ACCOUNT: &str = "service@example.com";
pub(super) const PASSWORD: &str = "made up for this process";
pub(super) const KEY: &str = "seam_madeupforthisprocess";

/// The roster of a building where everything that goes wrong has gone wrong once.
const ROSTER: &str = include_str!("seed.csv");

/// What hostile names look like.
const HOSTILE: [&str; 6] = [
    "<script>alert('door')</script>",
    "=HYPERLINK(\"x\")",
    "\u{1b}[2Jgone",
    "\u{202e}evil\u{2066}",
    "\"><img src=x onerror=alert(1)>",
    "zero\u{200b}width\u{a0}",
];

pub(super) fn roster(building: &BuildingId, is_hostile: bool) -> Roster {
    let mut roster = Roster::read(building, ROSTER);
    if is_hostile {
        for (unit, name) in roster.units.iter_mut().zip(HOSTILE.iter().cycle()) {
            unit.name = format!("{name} {}", unit.name);
        }
        for resident in &mut roster.residents {
            resident.name = Some(HOSTILE[0].to_owned());
            for home in &mut resident.residencies {
                if let Some(unit) = roster.units.iter().find(|unit| unit.id == home.unit.id) {
                    home.unit.name.clone_from(&unit.name);
                }
            }
        }
    }
    roster
}

pub(super) fn openpath(is_hostile: bool) -> Openpath {
    let key = |id| Credential::cloud_key(id).named("ElevateOS");
    let main = || Entry::new(4401, "Main entrance");
    let user = |id: u64, email: &str, first: &str, last: &str| {
        let (first, last) = if is_hostile { (HOSTILE[4], HOSTILE[3]) } else { (first, last) };
        User::active(id, email).named(first, last).entry(main())
    };
    Openpath::new(ORG)
        .service_account(ACCOUNT, PASSWORD)
        .user(user(1, "ada@example.com", "Ada", "Marsh").credential(key(11)))
        .user(user(2, "ben.stone@gmial.com", "Ben", "Stone"))
        .user(user(3, "cleo+door@example.com", "Cleo", "Park"))
        .user(User::suspended(4, "dan@example.com").named("Dan", "Wood").entry(main()))
        .user(user(5, "eve@example.com", "Eve", "Hill").remote_unlock(false))
        .user(user(6, "finn@example.com", "Finn", "Lake"))
        .user(user(7, "gina@example.com", "Gina", "Rock").valid_until("2026-03-09"))
        .user(user(8, "hugo@example.com", "Hugo", "Dale").credential(key(12)).credential(key(13)))
        .user(user(9, "iris77@example.com", "Iris", "Moor"))
        .user(user(10, "shared@example.com", "Jo", "Glen"))
        .user(User::active(11, "kim@example.com").named("Kim", "Fell"))
        .user(user(12, "concierge@example.com", "The", "Concierge"))
        .user(user(13, "liam+DUPEEMAIL+13@example.com", "Liam", "Beck"))
}

pub(super) fn seam(is_hostile: bool) -> Seam {
    let name = |name: &str| {
        if is_hostile { format!("{} {name}", HOSTILE[0]) } else { name.to_owned() }
    };
    let lobby = ["sp-101", "sp-102", "sp-103", "sp-104", "sp-105"];
    Seam::new(KEY)
        .space("sp-101", &name("101"))
        .space("sp-102", &name("Apt 102"))
        .space("sp-103", &name("103\u{a0}"))
        .space("sp-104", &name("104"))
        .space("sp-105", &name("105"))
        .space("sp-106", &name("106"))
        .space("sp-107a", &name("107"))
        .space("sp-107b", &name("107"))
        .space("sp-lobby", &name("Lobby"))
        .device(Device::two_n("dev-main", &name("Main door")).in_spaces(lobby))
        .device(Device::two_n("dev-101", &name("Flat 101")).in_spaces(["sp-101"]))
        .device(Device::two_n("dev-104", &name("Flat 104")).in_spaces(["sp-104", "sp-105"]))
        .device(
            Device::two_n("dev-roof", &name("Roof"))
                .can_remotely_unlock(Some(false))
                .in_spaces(["sp-101", "sp-104", "sp-105"]),
        )
        .device(Device::two_n("dev-yard", &name("Yard")).offline().in_spaces(lobby))
}
