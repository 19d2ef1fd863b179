//! Orchard House, with both systems. The Openpath account may also read the doors' states, and 2N's units
//! come from a table.

use std::time::Duration;

use elevate_access::Cause::{
    DoorLockdown, DoorOffline, DoorStateForbids, SetupWrong, UnitUnmatched, UserSuspended,
};
use elevate_access_testkit::{
    openpath::{Activity, Entry, Openpath, User},
    seam::{Device, Seam},
};
use elevate_seam::{DeviceId, Units};

use super::cast::{ACCOUNT, Building, EMPTY, ORG, Role, SEAM_KEY, usual, well, wrong};

pub(super) const BUILDING: Building = Building {
    id: "orchard-house",
    word: "Openpath, where the service account may read the doors' states too; and 2N through \
           Seam, with a table of units",
    doors: &[
        ("orchard-openpath/4401", "Front door"),
        ("orchard-openpath/4410", "Office"),
        ("orchard-openpath/4411", "Workshop"),
        ("orchard-openpath/4412", "Shed, with a wireless lock that is offline"),
        ("orchard-2n/porch", "Porch"),
    ],
    residents: CAST,
    openpath: || {
        Openpath::new(ORG)
            .service_account(ACCOUNT.0, ACCOUNT.1)
            .scopes(&["o5120-user:w", "o5120-site:r"])
            .entry_state(6, "Cards only", &["card"])
            .lockdown_plan(91, "Break-in", &[304])
    },
    seam: || {
        Seam::new(SEAM_KEY).device(Device::two_n("porch", "Porch")).device(Device::of_type(
            "august_lock",
            "safe",
            "Safe",
        ))
    },
    connect: |house, building| {
        house.connect(building, "orchard-openpath", house.openpath_provider(ORG, ACCOUNT.1)?)?;
        let table = [("1", "porch"), ("2", "attic"), ("3", "safe")]
            .map(|(unit, device)| Ok((unit.to_owned(), vec![DeviceId::new(device)?])));
        let table = table.into_iter().collect::<Result<_, elevate_seam::InvalidId>>()?;
        let table = Units::Table(table);
        house.connect(building, "orchard-2n", house.two_n(building, |s| s.units(table))?)
    },
    ..EMPTY
};

const CAST: &[Role] = &[
    well("abel", "nothing is wrong in either system"),
    well("ida", "asks about the front door, which they opened an hour ago")
        .at("orchard-openpath/4401")
        .when(|house, user| {
            house.shows(user, Activity::granted(4401), Duration::from_hours(1));
        }),
    wrong("bela", DoorStateForbids, "the office is in a state that takes no cloud key")
        .users(&[everywhere])
        .at("orchard-openpath/4410")
        .when(|house, _| house.openpath.with(|openpath| openpath.set_door_state(4410, 6))),
    wrong("carl", DoorLockdown, "a lockdown is on at the workshop")
        .users(&[everywhere])
        .at("orchard-openpath/4411")
        .when(|house, user| {
            house.openpath.with(|openpath| openpath.start_lockdown(91));
            let denied = Activity::denied(4411, "Lockdown (491)");
            house.shows(user, denied, Duration::from_mins(5));
        }),
    wrong("dina", DoorOffline, "the wireless lock of the shed is offline")
        .users(&[everywhere])
        .at("orchard-openpath/4412"),
    wrong("gala", UserSuspended, "their Openpath user is suspended; 2N knows nothing of that")
        .users(&[User::suspended]),
    wrong("emil", SetupWrong, "the table of units names a device that Seam does not know")
        .unit("2"),
    wrong("fred", SetupWrong, "the table of units names a device that is no 2N intercom").unit("3"),
    wrong("hank", UnitUnmatched, "the table of units does not have their unit").unit("4"),
];

fn everywhere(id: u64, email: &str) -> User {
    usual(id, email)
        .entry(Entry::new(4410, "Office").zone(303, "First floor"))
        .entry(Entry::new(4411, "Workshop").zone(304, "Yard"))
        .entry(Entry::new(4412, "Shed").zone(305, "Garden").wireless_lock(72, true))
}
