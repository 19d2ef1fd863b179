//! Whose doors (N3, N4, L6): units match by Unicode case, or not at all.

use std::fmt::Write as _;

use elevate_access::{Cause, UnitId};
use elevate_access_testkit::seam::{Account, Device, Seam, Space, fixture};
use elevate_seam::{ConnectedAccountId, DeviceId, DeviceType, Units};

use super::house::{House, KEY, building, door, maple, unit};

#[tokio::test(start_paused = true)]
async fn a_resident_sees_the_doors_of_the_unit_of_the_same_name() {
    let house = House::of(maple());
    assert_eq!(house.sees("jane").await, ["Gate", "Lobby"]);
    assert_eq!(house.sees("omar").await, ["Garage", "Lobby"]);
    assert_eq!(house.causes("jane").await, []);
}

#[tokio::test(start_paused = true)]
async fn doors_are_listed_by_name_and_then_by_id() {
    let mut seam = Seam::new(KEY).space("sp-101", "101");
    for (id, name) in [("d-3", "Lobby"), ("d-1", "Yard"), ("d-2", "Lobby"), ("d-4", "Attic")] {
        seam.add_device(Device::two_n(id, name).in_spaces(["sp-101"]));
    }
    let list = House::of(seam).doors("jane").await;
    let ids: Vec<_> = list.doors.iter().map(|d| d.id.clone()).collect();
    assert_eq!(ids, ["d-4", "d-2", "d-3", "d-1"].map(door));
}

#[tokio::test(start_paused = true)]
async fn names_match_by_case_and_by_nothing_else() {
    for (ours, theirs, same) in [
        ("Apt 4C", "APT 4c", true),
        ("Straße 1", "STRASSE 1", true),
        ("Café", "Cafe\u{301}", true),
        ("101", "Apt 101", false),
        ("Apt 101", "Unit 101", false),
        ("101", "101 ", false),
        ("101", "101\u{200b}", false),
        ("Flat 301", "Flat\u{a0}301", false),
        ("101", "１０１", false),
        ("4A", "4\u{410}", false),
    ] {
        let seam = Seam::new(KEY)
            .space("sp-1", theirs)
            .device(Device::two_n("dev-1", "Lobby").in_spaces(["sp-1"]));
        let house = House::of(seam);
        house.has_units(&[ours]).moves_in("jane", &[ours]);
        if same {
            assert_eq!(house.sees("jane").await, ["Lobby"], "{ours:?} {theirs:?}");
        } else {
            assert_eq!(house.causes("jane").await, [Cause::UnitUnmatched], "{ours:?} {theirs:?}");
            assert_eq!(house.refused("jane", "dev-1").await, Cause::UnitUnmatched);
            assert_eq!(house.vendor.ledger().orders(), []);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn blank_unit_never_matches() {
    for blank in ["", " ", "\u{200b}", "\u{a0}\t", "\u{3164}"] {
        let seam = Seam::new(KEY)
            .space("sp-1", blank)
            .device(Device::two_n("dev-1", "Lobby").in_spaces(["sp-1"]));
        let house = House::of(seam);
        house.directory.set_units(&building(), vec![named("u-blank", blank)]);
        house.directory.put(resident_of(named("u-blank", blank)));
        assert_eq!(house.causes("jane").await, [Cause::UnitNameBlank], "{blank:?}");
        assert_eq!(house.refused("jane", "dev-1").await, Cause::UnitNameBlank);
        assert_eq!(house.vendor.ledger().orders(), []);
    }
}

fn named(id: &str, name: &str) -> elevate_access::Unit {
    elevate_access::Unit::new(UnitId::new(id).unwrap(), name)
}

fn resident_of(unit: elevate_access::Unit) -> elevate_access::Resident {
    elevate_access::Resident::new(super::house::resident("jane"))
        .with_residency(elevate_access::Residency::current(building(), unit))
}

#[tokio::test(start_paused = true)]
async fn a_space_without_a_name_matches_nothing() {
    let house = House::of(maple());
    for name in ["space-name-null.json", "space-name-absent.json"] {
        let space = fixture(name).unwrap();
        let mut space: serde_json::Value = serde_json::from_str(space).unwrap();
        space["space"]["workspace_id"] = serde_json::json!("workspace-1");
        let list = serde_json::json!({ "spaces": [space["space"]], "ok": true });
        house.vendor.with(|seam| seam.reply_to("/spaces/list", 200, list.to_string()).requests(""));
        let list = house.refreshed("jane").await;
        assert_eq!(list.problems[0].reason.cause(), Cause::UnitUnmatched);
    }
}

#[tokio::test(start_paused = true)]
async fn duplicate_on_page_two_is_ambiguous() {
    let mut seam = maple().space("sp-103", "103").space("sp-other", "101");
    seam.page_size(3);
    let house = House::of(seam);
    assert_eq!(house.causes("jane").await, [Cause::UnitAmbiguous]);
    assert_eq!(house.refused("jane", "dev-gate").await, Cause::UnitAmbiguous);
    // The other unit is none the worse for it.
    assert_eq!(house.sees("omar").await, ["Garage", "Lobby"]);
    assert_eq!(house.vendor.ledger().orders(), []);
}

#[tokio::test(start_paused = true)]
async fn a_double_that_differs_by_case_is_a_double() {
    let seam = Seam::new(KEY)
        .space("sp-1", "Apt 1a")
        .space("sp-2", "APT 1A")
        .device(Device::two_n("dev-1", "Lobby").in_spaces(["sp-1"]));
    let house = House::of(seam);
    house.has_units(&["Apt 1A"]).moves_in("jane", &["Apt 1A"]);
    assert_eq!(house.causes("jane").await, [Cause::UnitAmbiguous]);
}

#[tokio::test(start_paused = true)]
async fn a_name_that_two_of_our_units_have_matches_nothing_for_either() {
    let house = House::of(maple());
    house.directory.set_units(&building(), vec![unit("101"), named("u-other", "101"), unit("102")]);
    assert_eq!(house.causes("jane").await, [Cause::UnitNameDoubled]);
    assert_eq!(house.refused("jane", "dev-gate").await, Cause::UnitNameDoubled);
}

#[tokio::test(start_paused = true)]
async fn a_unit_listed_twice_by_the_host_is_one_unit() {
    let house = House::of(maple());
    house.directory.set_units(&building(), vec![unit("101"), unit("101"), unit("102")]);
    assert_eq!(house.sees("jane").await, ["Gate", "Lobby"]);
}

#[tokio::test(start_paused = true)]
async fn a_unit_that_the_building_does_not_list_matches_nothing() {
    let house = House::of(maple());
    house.has_units(&["102"]);
    assert_eq!(house.causes("jane").await, [Cause::UnitNotListed]);
    assert_eq!(house.problems("jane").await[0].subject(), Some("101"));
}

#[tokio::test(start_paused = true)]
async fn another_unit_of_ones_own_units_name_is_not_ones_own() {
    // The list was changed: 101 is another unit now, and Jane's is not on it.
    let house = House::of(maple());
    house.directory.set_units(&building(), vec![named("u-new", "101"), unit("102")]);
    assert_eq!(house.causes("jane").await, [Cause::UnitNotListed]);
    assert_eq!(house.refused("jane", "dev-gate").await, Cause::UnitNotListed);
}

#[tokio::test(start_paused = true)]
async fn a_matched_unit_without_doors_says_so() {
    let house = House::of(maple().space("sp-203", "203"));
    house.has_units(&["101", "102", "203"]).moves_in("zoe", &["203"]);
    let problems = house.problems("zoe").await;
    assert_eq!(problems[0].cause(), Cause::UnitWithoutDoors);
    assert_eq!(problems[0].subject(), Some("203"));
}

#[tokio::test(start_paused = true)]
async fn several_units_give_the_doors_of_all_and_each_units_own_problem() {
    let house = House::of(maple().space("sp-103", "103"));
    house.has_units(&["101", "102", "103", "104"]).moves_in("ann", &["101", "102", "103", "104"]);
    assert_eq!(house.sees("ann").await, ["Garage", "Gate", "Lobby"]);
    let problems = house.problems("ann").await;
    let problems: Vec<_> = problems.iter().map(|p| (p.cause(), p.subject().unwrap())).collect();
    let expected = [(Cause::UnitWithoutDoors, "103"), (Cause::UnitUnmatched, "104")];
    assert_eq!(problems, expected);
}

#[tokio::test(start_paused = true)]
async fn only_the_configured_device_types_are_doors() {
    let seam = || {
        maple().device(
            Device::of_type("brivo_access_point", "dev-brivo", "Barrier")
                .can_remotely_unlock(Some(true))
                .in_spaces(["sp-101"]),
        )
    };
    assert_eq!(House::of(seam()).sees("jane").await, ["Gate", "Lobby"]);
    assert_eq!(House::of(seam()).refused("jane", "dev-brivo").await, Cause::DoorNotGranted);

    let both = [DeviceType::TwoNIntercom, DeviceType::BrivoAccessPoint];
    let house = House::with(seam(), |settings| settings.device_types(both));
    assert_eq!(house.sees("jane").await, ["Barrier", "Gate", "Lobby"]);
}

#[tokio::test(start_paused = true)]
async fn unpinned_account_spaces_ignored() {
    // Two properties in one workspace, each with a 101.
    let shared = || {
        maple()
            .account(Account::new("account-2"))
            .space("sp-oak-101", "101")
            .space("sp-oak-102", "102")
            .device(
                Device::two_n("dev-oak", "Oak's door")
                    .of_account("account-2")
                    .in_spaces(["sp-oak-101", "sp-102"]),
            )
    };
    assert_eq!(House::of(shared()).causes("jane").await, [Cause::UnitAmbiguous]);

    let pin = ConnectedAccountId::new("account-1").unwrap();
    let house = House::with(shared(), |settings| settings.connected_accounts([pin]));
    assert_eq!(house.sees("jane").await, ["Gate", "Lobby"]);
    assert_eq!(house.refused("jane", "dev-oak").await, Cause::DoorNotGranted);
    // Oak's empty 102 says of no account that it is its own, so it still doubles the name.
    assert_eq!(house.causes("omar").await, [Cause::UnitAmbiguous]);

    let house = House::with(shared(), |settings| settings.connected_accounts([]));
    assert_eq!(house.sees("jane").await, [] as [&str; 0]);
}

#[tokio::test(start_paused = true)]
async fn units_can_come_from_a_table() {
    let id = |id: &str| DeviceId::new(id).unwrap();
    let table = vec![
        ("101".to_owned(), vec![id("dev-gate"), id("dev-lobby"), id("dev-gate")]),
        ("102".to_owned(), vec![id("gone")]),
        ("103".to_owned(), vec![]),
        ("104".to_owned(), vec![id("dev-gate")]),
        ("104".to_owned(), vec![id("dev-gate")]),
        (String::new(), vec![id("dev-gate")]),
    ];
    let house = House::with(maple(), |settings| settings.units(Units::Table(table)));
    house.has_units(&["101", "102", "103", "104", "105"]);
    assert_eq!(house.sees("jane").await, ["Gate", "Lobby"]);
    let problem = house.problems("omar").await.remove(0);
    assert_eq!((problem.cause(), problem.subject()), (Cause::SetupWrong, Some("102")));
    assert!(problem.detail().unwrap().contains("gone"), "{problem}");
    for (name, cause) in [
        ("103", Cause::UnitWithoutDoors),
        ("104", Cause::UnitAmbiguous),
        ("105", Cause::UnitUnmatched),
    ] {
        let problems = house.moves_in("ann", &[name]).problems("ann").await;
        assert_eq!(problems[0].cause(), cause);
        assert_eq!(problems[0].system().unwrap().console, "the unit table of the connection");
    }
    assert_eq!(house.vendor.requests_on("/spaces/list"), 0, "spaces are not needed");
    assert!(house.tap("jane", "dev-gate").await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn parents_are_spaces_like_others() {
    // A building's own space holds no doors of its units; whether children inherit is not known.
    let seam = Seam::new(KEY)
        .space("sp-maple", "Maple Court")
        .space_with(Space::new("sp-101", "101").inside("sp-maple"))
        .device(Device::two_n("dev-parent", "Garden").in_spaces(["sp-maple"]))
        .device(Device::two_n("dev-1", "Lobby").in_spaces(["sp-101"]));
    assert_eq!(House::of(seam).sees("jane").await, ["Lobby"]);
}

#[tokio::test(start_paused = true)]
async fn an_awkward_workspace_gives_each_unit_what_is_sure() {
    let house = House::of(Seam::from_fixture(fixture("workspace-awkward.json").unwrap()).unwrap());
    let names = ["101", "102", "103", "105", "204", "A12", "Apt 101", "Flat 301", "Storage"];
    let mut table = String::new();
    for name in names {
        house.has_units(&names).moves_in("ann", &[name]);
        let list = house.doors("ann").await;
        let doors = list.doors.iter().map(|door| {
            let state = door.blocked.as_ref().or(door.notice.as_ref()).map_or("ok", |r| r.code());
            format!("{} ({state})", door.name)
        });
        let problems = list.problems.iter().map(|problem| problem.reason.code().to_owned());
        let all: Vec<_> = doors.chain(problems).collect();
        writeln!(table, "{name}: {}", all.join(", ")).unwrap();
    }
    insta::assert_snapshot!(table);
}

#[tokio::test(start_paused = true)]
async fn another_accounts_device_is_no_door_even_in_our_space_or_table() {
    let seam = || {
        maple().account(Account::new("account-2")).device(
            // In a space that holds our own devices too, so the space itself is ours.
            Device::two_n("dev-oak", "Oak's door").of_account("account-2").in_spaces(["sp-101"]),
        )
    };
    let pin = || [ConnectedAccountId::new("account-1").unwrap()];
    let house = House::with(seam(), |settings| settings.connected_accounts(pin()));
    assert_eq!(house.sees("jane").await, ["Gate", "Lobby"]);
    assert_eq!(house.refused("jane", "dev-oak").await, Cause::DoorNotGranted);

    let ids = ["dev-gate", "dev-oak"].map(|id| DeviceId::new(id).unwrap());
    let table = Units::Table(vec![("101".to_owned(), ids.to_vec())]);
    let house = House::with(seam(), |settings| settings.units(table).connected_accounts(pin()));
    assert_eq!(house.sees("jane").await, ["Gate"]);
    assert_eq!(house.refused("jane", "dev-oak").await, Cause::DoorNotGranted);
    assert!(house.vendor.ledger().orders().is_empty());
}
