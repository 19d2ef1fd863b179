//! Maple Court, on 2N through Seam, with units from Seam's spaces: what is wrong with units and doors (N9).

use elevate_access::Cause::{
    DoorNotGranted, DoorNotRemote, DoorOffline, DoorPrivate, DoorRemoved, NotCurrent,
    RightsMissing, SignInNeeded, UnitAmbiguous, UnitNameBlank, UnitNameDoubled, UnitNotListed,
    UnitUnmatched, UnitWithoutDoors,
};
use elevate_access_testkit::seam::{Account, Device, Seam};

use super::cast::{Building, EMPTY, Pms, Role, SEAM_KEY, well, wrong};

pub(super) const BUILDING: Building = Building {
    id: "maple-court",
    word: "2N through Seam; units are Seam's spaces",
    doors: &[
        ("maple-2n/lobby", "Lobby"),
        ("maple-2n/gate", "Gate, offline"),
        ("maple-2n/cellar", "Cellar, removed at Seam"),
        ("maple-2n/bins", "Bins, cannot be unlocked remotely"),
        ("maple-2n/pool", "Pool, does not say whether it can be"),
        ("maple-2n/study", "Study, in privacy mode"),
        ("maple-2n/annex", "Annex, wants new credentials"),
        ("maple-2n/studio", "Studio, whose 2N account is disconnected"),
    ],
    residents: CAST,
    seam,
    connect: |house, building| house.connect(building, "maple-2n", house.two_n(building, |s| s)?),
    ..EMPTY
};

const CAST: &[Role] = &[
    well("ana", "nothing is wrong").unit("101"),
    // The unit.
    wrong("ben", UnitUnmatched, "unit “Apt 103” here is “103” at 2N").unit("Apt 103"),
    wrong("cleo", UnitWithoutDoors, "their unit is matched and has no doors").unit("203"),
    wrong("finn", UnitNameBlank, "their unit has a blank name in ElevateOS").unit(" "),
    wrong("gus", UnitNameDoubled, "gina's unit has the same name as theirs").unit("105"),
    wrong("gina", UnitNameDoubled, "gus's unit has the same name as theirs").another_unit("105"),
    wrong("hope", UnitNotListed, "the building's list does not hold their unit")
        .unit("106")
        .pms(Pms::Unlisted),
    wrong("ivan", UnitAmbiguous, "two 2N units have their unit's name").unit("107"),
    wrong("jude", UnitUnmatched, "the 2N unit that should be theirs has a blank name").unit("108"),
    // The door.
    wrong("eva", DoorNotGranted, "the gate is not associated with their unit")
        .unit("101")
        .at("maple-2n/gate"),
    wrong("milo", DoorRemoved, "the cellar's intercom was removed at Seam")
        .unit("109")
        .at("maple-2n/cellar"),
    wrong("nora", DoorNotRemote, "the bins' intercom cannot be unlocked remotely")
        .unit("109")
        .at("maple-2n/bins"),
    wrong("otto", DoorNotRemote, "the pool's intercom does not say whether it can be")
        .unit("109")
        .at("maple-2n/pool"),
    wrong("pia", DoorPrivate, "the study's intercom is in privacy mode")
        .unit("109")
        .at("maple-2n/study"),
    wrong("quin", DoorOffline, "the gate's intercom is offline").unit("104").at("maple-2n/gate"),
    wrong("rita", RightsMissing, "the annex's intercom wants new credentials")
        .unit("109")
        .at("maple-2n/annex"),
    wrong("tara", SignInNeeded, "the studio's 2N account is disconnected")
        .unit("109")
        .at("maple-2n/studio"),
    wrong("dan", DoorOffline, "asks about no door in particular; one of two is offline")
        .unit("104"),
    well("vito", "asks about the lobby, which is theirs").unit("101").at("maple-2n/lobby"),
    // The PMS.
    wrong("saul", NotCurrent, "moved out").unit("101").pms(Pms::Former),
];

fn seam() -> Seam {
    Seam::new(SEAM_KEY)
        .space("sp-101", "101")
        .space("sp-103", "103")
        .space("sp-104", "104")
        .space("sp-105", "105")
        .space("sp-106", "106")
        .space("sp-107a", "107")
        .space("sp-107b", "107")
        .space("sp-108", " ")
        .space("sp-109", "109")
        .space("sp-203", "203")
        .device(Device::two_n("lobby", "Lobby").in_spaces([
            "sp-101", "sp-103", "sp-104", "sp-105", "sp-106", "sp-107a", "sp-107b", "sp-108",
        ]))
        .device(
            Device::two_n("gate", "Gate")
                .offline()
                .warning("device_has_flaky_connection")
                .in_spaces(["sp-104"]),
        )
        // Beside the doors: a device that nobody has had managed, and an account of which nothing came.
        .unmanaged_device(Device::two_n("roof", "Roof"))
        .account(Account::new("account-new").of_type("my_2n"))
        .device(Device::two_n("cellar", "Cellar").error("device_removed").in_spaces(["sp-109"]))
        .device(
            Device::two_n("bins", "Bins").can_remotely_unlock(Some(false)).in_spaces(["sp-109"]),
        )
        .device(Device::two_n("pool", "Pool").can_remotely_unlock(None).in_spaces(["sp-109"]))
        .device(Device::two_n("study", "Study").warning("privacy_mode").in_spaces(["sp-109"]))
        .device(
            Device::two_n("annex", "Annex")
                .error("missing_device_credentials")
                .in_spaces(["sp-109"]),
        )
        .device(
            Device::two_n("studio", "Studio").error("account_disconnected").in_spaces(["sp-109"]),
        )
}
