//! Larkspur Court, on Openpath: what is wrong with residents and their users (O8).

use std::time::Duration;

use elevate_access::Cause::{
    AccessRemains, DoorNotGranted, DoorOffline, KeyNotReady, KeySurplus, NoDoorsAssigned,
    NoVerifiedEmail, NotCurrent, RemoteUnlockOff, ResidentUnknown, UserAmbiguous, UserArchived,
    UserNoLongerValid, UserNotFound, UserNotYetValid, UserShared, UserStatusUnknown, UserSuspended,
};
use elevate_access_testkit::openpath::{Activity, Entry, Openpath, User};

use super::cast::{ACCOUNT, Building, EMPTY, ORG, Pms, Role, key, usual, well, without_key, wrong};

pub(super) const BUILDING: Building = Building {
    id: "larkspur-court",
    word: "Openpath; the service account has the scope user:w and no other",
    doors: &[
        ("larkspur-openpath/4401", "Front door"),
        ("larkspur-openpath/4402", "Garage"),
        ("larkspur-openpath/4403", "Roof"),
        ("larkspur-openpath/4404", "Bicycles"),
        ("maple-2n/lobby", "a door of another building"),
    ],
    residents: CAST,
    openpath: || {
        Openpath::new(ORG)
            .service_account(ACCOUNT.0, ACCOUNT.1)
            .entry_state(5, "No entry", &[])
            .entry_state(6, "Cards only", &["card"])
    },
    connect: |house, building| {
        house.connect(building, "larkspur-openpath", house.openpath_provider(ORG, ACCOUNT.1)?)
    },
    ..EMPTY
};

const GARAGE: &str = "larkspur-openpath/4402";

const CAST: &[Role] = &[
    well("omar", "nothing is wrong"),
    well("mira", "has never used the app, so has no cloud key yet").users(&[without_key]),
    well("hugo", "Openpath does not say whether they may unlock remotely")
        .users(&[|id, email| usual(id, email).remote_unlock_unstated()]),
    well("uma", "has a user and an archived one of the same e-mail")
        .users(&[usual, User::archived]),
    // The PMS.
    wrong("zara", ResidentUnknown, "lives there, and ElevateOS has no record of them")
        .pms(Pms::Missing),
    wrong("nina", NotCurrent, "moved out; their Openpath user is still active")
        .pms(Pms::Former)
        .besides(AccessRemains),
    wrong("nora", NotCurrent, "moved out; their Openpath user was disabled")
        .pms(Pms::Former)
        .users(&[User::suspended]),
    wrong("remo", NotCurrent, "moves in next month; is an Openpath user already").pms(Pms::Future),
    wrong("sami", NotCurrent, "has a status that is not Current").pms(Pms::Status("Eviction")),
    wrong("paul", NoVerifiedEmail, "the PMS has no confirmed e-mail").pms(Pms::NoEmail),
    // The user.
    wrong("ines", UserNotFound, "no Openpath user has their e-mail").users(&[]),
    wrong("theo", UserAmbiguous, "two active users have their e-mail").users(&[usual, usual]),
    wrong("sven", UserSuspended, "their user is suspended").users(&[User::suspended]),
    wrong("aldo", UserArchived, "their user is archived").users(&[User::archived]),
    wrong("xena", UserStatusUnknown, "their user has a status that nobody knows")
        .users(&[|id, email| User::with_status(id, email, "Q")]),
    wrong("faye", UserNotYetValid, "their user is valid from April on")
        .users(&[|id, email| usual(id, email).valid_from("2026-04-01")]),
    wrong("lars", UserNoLongerValid, "their user was valid until February")
        .users(&[|id, email| usual(id, email).valid_until("2026-02-28")]),
    wrong("rhea", RemoteUnlockOff, "their user may not unlock remotely")
        .users(&[|id, email| usual(id, email).remote_unlock(false)]),
    wrong("kim", UserShared, "shares an e-mail, and so a user, with kai").using_the_app(),
    wrong("kai", UserShared, "shares an e-mail, and so a user, with kim")
        .users(&[])
        .with_email_of("kim")
        .using_the_app(),
    // The key.
    wrong("jack", KeyNotReady, "their only cloud key is valid from 2027 on")
        .users(&[|id, email| without_key(id, email).credential(key(id).valid_from("2027-01-01"))]),
    wrong("olga", KeySurplus, "has two cloud keys of ours")
        .users(&[|id, email| usual(id, email).credential(key(id + 500))]),
    // The doors.
    wrong("noah", NoDoorsAssigned, "is connected, and has no entries")
        .users(&[|id, email| User::active(id, email).credential(key(id))]),
    well("omri", "asks about the front door, which is theirs").at("larkspur-openpath/4401"),
    wrong("dora", DoorNotGranted, "asks about the roof, which is not among their entries")
        .at("larkspur-openpath/4403"),
    wrong("enzo", DoorNotGranted, "asks about a door of another building").at("maple-2n/lobby"),
    wrong("nils", NotCurrent, "moved out, and asks about the front door")
        .pms(Pms::Former)
        .at("larkspur-openpath/4401"),
    wrong("gwen", DoorOffline, "the wireless lock of the bicycle room is offline")
        .users(&[|id, email| usual(id, email).entry(bicycles())])
        .at("larkspur-openpath/4404"),
    well("hana", "the garage's controller did not answer at their last tap")
        .users(&[with_garage])
        .at(GARAGE)
        .when(|house, user| {
            house.shows(user, Activity::denied(4402, "-1"), Duration::from_mins(30));
        }),
    well("hedy", "tapped too early in the day for the garage's schedule")
        .users(&[with_garage])
        .at(GARAGE)
        .when(|house, user| {
            house.shows(user, Activity::denied(4402, "490"), Duration::from_hours(6));
        }),
];

fn with_garage(id: u64, email: &str) -> User {
    usual(id, email).entry(Entry::new(4402, "Garage").zone(302, "Basement"))
}

fn bicycles() -> Entry {
    Entry::new(4404, "Bicycles").zone(303, "Yard").wireless_lock(71, true)
}
