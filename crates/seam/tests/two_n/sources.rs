//! Where units and doors come from: each source of units by its own rule, and doors restricted to named ones.

use elevate_access::{Cause, Unit, UnitId};
use elevate_access_testkit::seam::{Device, Seam, Space};
use elevate_seam::{ConnectedAccountId, DeviceType, TwoNSettings, Units};

use super::house::{House, KEY, building, maple, unit};

fn by(units: Units) -> impl FnOnce(TwoNSettings) -> TwoNSettings {
    |settings| settings.units(units)
}

/// Cause, subject and detail of each finding, a line each.
async fn findings(house: &House) -> String {
    let health = house.health().await;
    let line = |reason: &elevate_access::Reason| {
        let about = reason.subject().map(|about| format!(" [{about}]")).unwrap_or_default();
        format!("{}{about} {}\n", reason.code(), reason.detail().unwrap_or_default())
    };
    health.reasons.iter().map(line).collect()
}

/// The id of our unit of that name, as a space's key gives it.
fn id_of(name: &str) -> String {
    unit(name).id.as_str().to_owned()
}

#[tokio::test(start_paused = true)]
async fn empty_space_of_the_same_name_is_ambiguous() {
    let house = House::of(maple().space("sp-empty", "101"));
    assert_eq!(house.causes("jane").await, [Cause::UnitAmbiguous]);
    assert_eq!(house.refused("jane", "dev-gate").await, Cause::UnitAmbiguous);
    assert_eq!(house.sees("omar").await, ["Garage", "Lobby"]);
    assert_eq!(house.vendor.ledger().orders(), []);
}

#[tokio::test(start_paused = true)]
async fn the_display_name_names_units_where_it_is_said_to() {
    let seam = || {
        Seam::new(KEY)
            .space_with(Space::new("sp-1", "import-0001").shown_as("101"))
            .space_with(Space::new("sp-2", "102").shown_as("Cellar"))
            .device(Device::two_n("dev-1", "Lobby").in_spaces(["sp-1"]))
            .device(Device::two_n("dev-2", "Garage").in_spaces(["sp-2"]))
    };
    let house = House::with(seam(), by(Units::SpaceDisplayNames));
    assert_eq!(house.sees("jane").await, ["Lobby"]);
    assert_eq!(house.causes("omar").await, [Cause::UnitUnmatched]);

    let house = House::of(seam());
    assert_eq!(house.causes("jane").await, [Cause::UnitUnmatched]);
    assert_eq!(house.sees("omar").await, ["Garage"]);
}

#[tokio::test(start_paused = true)]
async fn space_key_links_ignore_names() {
    // Names say the opposite of the keys, and one space has Jane's unit's name and no key.
    let seam = Seam::new(KEY)
        .space_with(Space::new("sp-1", "102").key(&id_of("101")))
        .space_with(Space::new("sp-2", "101").key(&id_of("102")))
        .space("sp-3", "101")
        .device(Device::two_n("dev-1", "Lobby").in_spaces(["sp-1"]))
        .device(Device::two_n("dev-2", "Garage").in_spaces(["sp-2"]))
        .device(Device::two_n("dev-3", "Vault").in_spaces(["sp-3"]));
    let house = House::with(seam, by(Units::SpaceKeys));
    assert_eq!(house.sees("jane").await, ["Lobby"]);
    assert_eq!(house.sees("omar").await, ["Garage"]);
    assert_eq!(house.refused("jane", "dev-3").await, Cause::DoorNotGranted);

    // Two of our units of one name, or of none, are two all the same.
    let named = |of: &str, name: &str| Unit::new(unit(of).id, name);
    house.directory.set_units(&building(), vec![named("101", "101"), named("102", "101")]);
    assert_eq!(house.health().await.reasons, []);
    house.directory.set_units(&building(), vec![named("101", ""), named("102", " ")]);
    assert_eq!(house.refreshed("jane").await.doors.len(), 1);
    assert_eq!(house.refreshed("omar").await.doors.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_space_key_is_an_id_byte_for_byte() {
    let unlinked = |key: &str| {
        let seam = Seam::new(KEY)
            .space_with(Space::new("sp-1", "101").key(key))
            .device(Device::two_n("dev-1", "Lobby").in_spaces(["sp-1"]));
        House::with(seam, by(Units::SpaceKeys))
    };
    let id = id_of("101");
    for key in [id.to_uppercase(), format!("{id} "), format!("{id}0"), "101".into(), String::new()]
    {
        let house = unlinked(&key);
        let problem = house.problems("jane").await.remove(0);
        assert_eq!((problem.cause(), problem.subject()), (Cause::UnitUnmatched, Some("101")));
        assert!(problem.detail().unwrap().contains(&id), "{problem}");
        assert_eq!(house.refused("jane", "dev-1").await, Cause::UnitUnmatched);
        assert_eq!(house.vendor.ledger().orders(), []);
    }
}

#[tokio::test(start_paused = true)]
async fn a_linked_unit_that_the_building_does_not_list_gets_nothing() {
    let seam = maple().space_with(Space::new("sp-101", "101").key(&id_of("101")));
    let house = House::with(seam, by(Units::SpaceKeys));
    assert_eq!(house.sees("jane").await, ["Gate", "Lobby"]);
    house.has_units(&["102"]);
    let list = house.refreshed("jane").await;
    assert_eq!(list.problems[0].reason.cause(), Cause::UnitNotListed);
    assert_eq!(house.refused("jane", "dev-gate").await, Cause::UnitNotListed);
}

#[tokio::test(start_paused = true)]
async fn two_spaces_of_one_key_are_ambiguous() {
    // Seam promises that keys are unique; a promise opens no door.
    let seam = maple()
        .space_with(Space::new("sp-101", "101").key(&id_of("101")))
        .space_with(Space::new("sp-9", "900").key(&id_of("101")));
    let house = House::with(seam, by(Units::SpaceKeys));
    assert_eq!(house.causes("jane").await, [Cause::UnitAmbiguous]);
    assert_eq!(house.refused("jane", "dev-gate").await, Cause::UnitAmbiguous);
    assert_eq!(findings(&house).await, format!("unit_ambiguous [{}] 2 units\n", id_of("101")));
    let diagnosis = house.access.diagnose(&super::house::resident("jane"), None).await.unwrap();
    insta::assert_snapshot!(diagnosis);
}

/// A building whose doors name their units.
fn tagged() -> Seam {
    Seam::new(KEY)
        .device(Device::two_n("dev-lobby", "Lobby").metadata("units", "101; 102 ;Apt 3B"))
        .device(Device::two_n("dev-gate", "Gate").metadata("units", "101"))
        .device(Device::two_n("dev-garage", "Garage").metadata("units", "102;apt 3b;102"))
        .device(Device::two_n("dev-attic", "Attic"))
}

#[tokio::test(start_paused = true)]
async fn metadata_with_several_names() {
    let house = House::with(tagged(), by(Units::metadata("units")));
    house.has_units(&["101", "102", "APT 3b"]).moves_in("ann", &["APT 3b"]);
    assert_eq!(house.sees("jane").await, ["Gate", "Lobby"]);
    assert_eq!(house.sees("omar").await, ["Garage", "Lobby"]);
    // Two spellings on two devices are one unit.
    assert_eq!(house.sees("ann").await, ["Garage", "Lobby"]);
    assert_eq!(house.refused("jane", "dev-attic").await, Cause::DoorNotGranted);
    assert_eq!(house.vendor.requests_on("/spaces/list"), 0, "spaces are not needed");
    assert_eq!(house.health().await.reasons, []);

    // A part of a name is no name.
    house.has_units(&["101", "102", "10", "3B"]).moves_in("zoe", &["10"]).moves_in("yan", &["3B"]);
    assert_eq!(house.refreshed("zoe").await.problems[0].reason.cause(), Cause::UnitUnmatched);
    assert_eq!(house.causes("yan").await, [Cause::UnitUnmatched]);
}

#[tokio::test(start_paused = true)]
async fn names_in_metadata_are_separated_as_the_settings_say() {
    let seam =
        |text: &str| Seam::new(KEY).device(Device::two_n("dev-1", "Lobby").metadata("units", text));
    let by_bar = |separator: &str| Units::Metadata {
        key: "units".to_owned(),
        separator: separator.to_owned(),
    };
    for (text, separator, sees) in [
        ("101|102", "|", true),
        ("100, 101", ", ", true),
        ("\t101\u{a0}", ";", true),
        ("101", "", true),
        ("101|102", ";", false),
        ("101;102", "", false),
        // Without a separator there is no part, and so nothing around one.
        ("101 ", "", false),
    ] {
        let house = House::with(seam(text), by(by_bar(separator)));
        let expected: &[&str] = if sees { &["Lobby"] } else { &[] };
        assert_eq!(house.sees("jane").await, expected, "{text:?} by {separator:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn metadata_blank_or_flag_is_a_finding() {
    let seam = tagged()
        .device(Device::two_n("dev-a", "A").metadata("units", "103;;104;"))
        .device(Device::two_n("dev-b", "B").metadata("units", ""))
        .device(Device::two_n("dev-c", "C").metadata("units", "101;\u{200b}"))
        .device(Device::two_n("dev-d", "D").metadata_flag("units", true))
        .device(Device::two_n("dev-e", "E").metadata_flag("other", true));
    let house = House::with(seam, by(Units::metadata("units")));
    insta::assert_snapshot!(findings(&house).await);

    // What is sound beside it holds, and a blank unit of ours gets none of it.
    assert_eq!(house.sees("jane").await, ["C", "Gate", "Lobby"]);
    let blank = Unit::new(UnitId::new("u-blank").unwrap(), "");
    house.directory.set_units(&building(), vec![blank.clone()]);
    house.directory.put(
        elevate_access::Resident::new(super::house::resident("bo"))
            .with_residency(elevate_access::Residency::current(building(), blank)),
    );
    assert_eq!(house.causes("bo").await, [Cause::UnitNameBlank]);
    assert_eq!(house.refused("bo", "dev-b").await, Cause::UnitNameBlank);
}

#[tokio::test(start_paused = true)]
async fn a_device_with_overlong_metadata_names_no_unit_and_hides_no_other() {
    let overlong = |id: &str, name: &str| {
        let device = Device::two_n(id, name).metadata("units", "101").in_spaces(["sp-102"]);
        (0..201).fold(device, |device, n| device.metadata(&format!("note-{n}"), "x"))
    };
    // A neighbour's, in a workspace that properties share: nothing of ours is lost, and nothing is told of it.
    let seam = maple().device(overlong("dev-next", "Next door").of_account("account-next"));
    let house = House::with(seam, |settings| {
        settings.connected_accounts([ConnectedAccountId::new("account-1").unwrap()])
    });
    assert_eq!(house.sees("omar").await, ["Garage", "Lobby"]);
    assert_eq!(house.health().await.reasons, []);

    // Ours, where spaces say whose it is.
    let house = House::of(maple().device(overlong("dev-long", "Long")));
    assert_eq!(house.sees("jane").await, ["Gate", "Lobby"]);
    assert_eq!(house.sees("omar").await, ["Garage", "Lobby", "Long"]);
    assert_eq!(house.health().await.reasons, []);

    // Ours, where metadata would say it: then it is nobody's.
    let seam = tagged().device(overlong("dev-long", "Long"));
    let house = House::with(seam, by(Units::metadata("units")));
    assert_eq!(house.sees("jane").await, ["Gate", "Lobby"]);
    assert_eq!(house.refused("jane", "dev-long").await, Cause::DoorNotGranted);
    assert_eq!(house.vendor.ledger().orders(), []);
    insta::assert_snapshot!(findings(&house).await, @"vendor_unit_blank the metadata of the device dev-long has more than 200 pairs or is no object, so it names no unit");
}

#[tokio::test(start_paused = true)]
async fn a_device_that_is_no_door_names_a_unit_without_doors() {
    let camera = Device::of_type("minut_sensor", "dev-cam", "Camera").metadata("units", "101");
    let house = House::with(Seam::new(KEY).device(camera), by(Units::metadata("units")));
    assert_eq!(house.causes("jane").await, [Cause::UnitWithoutDoors]);
    assert_eq!(house.refused("jane", "dev-cam").await, Cause::UnitWithoutDoors);
}

#[tokio::test(start_paused = true)]
async fn only_named_doors_are_doors() {
    // By name, in any case, and by id.
    let house = House::with(maple(), |settings| settings.only_doors(["LOBBY", "dev-garage"]));
    assert_eq!(house.sees("jane").await, ["Lobby"]);
    assert_eq!(house.sees("omar").await, ["Garage", "Lobby"]);
    assert_eq!(house.refused("jane", "dev-gate").await, Cause::DoorNotGranted);
    assert_eq!(house.refused("jane", "no-such-door").await, Cause::DoorNotGranted);
    assert!(house.tap("jane", "dev-lobby").await.is_ok());
    assert_eq!(house.vendor.ledger().taken("dev-gate"), 0);
    assert_eq!(house.health().await.reasons, []);
}

#[tokio::test(start_paused = true)]
async fn an_entry_that_names_no_door_is_a_finding() {
    let seam = maple()
        .device(Device::two_n("dev-lobby-2", "lobby").in_spaces(["sp-101"]))
        .device(Device::of_type("minut_sensor", "dev-cam", "Camera").in_spaces(["sp-101"]));
    let names = ["Gate", "Gat", "gate ", "", "Lobby", "dev-cam", "DEV-GATE"];
    let house = House::with(seam, |settings| settings.only_doors(names));
    assert_eq!(house.sees("jane").await, ["Gate"]);
    insta::assert_snapshot!(findings(&house).await);
    assert_eq!(house.causes("omar").await, [Cause::UnitWithoutDoors]);
    assert_eq!(house.refused("omar", "dev-lobby").await, Cause::UnitWithoutDoors);
}

#[tokio::test(start_paused = true)]
async fn no_name_names_no_door() {
    let house = House::with(maple(), |settings| settings.only_doors([] as [&str; 0]));
    assert_eq!(house.causes("jane").await, [Cause::UnitWithoutDoors]);
    assert_eq!(house.refused("jane", "dev-gate").await, Cause::UnitWithoutDoors);
    assert_eq!(house.vendor.ledger().orders(), []);
}

#[tokio::test(start_paused = true)]
async fn named_doors_and_types_both_have_to_hold() {
    let barrier = || {
        let barrier = Device::of_type("brivo_access_point", "dev-brivo", "Barrier");
        maple().device(barrier.can_remotely_unlock(Some(true)).in_spaces(["sp-101"]))
    };
    let house = House::with(barrier(), |settings| settings.only_doors(["Barrier", "Gate"]));
    assert_eq!(house.sees("jane").await, ["Gate"]);
    let both = [DeviceType::TwoNIntercom, DeviceType::BrivoAccessPoint];
    let house = House::with(barrier(), |s| s.only_doors(["Barrier", "Gate"]).device_types(both));
    assert_eq!(house.sees("jane").await, ["Barrier", "Gate"]);
}

/// A property of 2,000 units and 300 doors, each unit with 1 to 12 of them.
fn large() -> Seam {
    let mut seam = Seam::new(KEY);
    let mut spaces_of = vec![Vec::new(); 300];
    for n in 0..2000 {
        seam.add_space(Space::new(&format!("sp-{n}"), &format!("Apt {n}")));
        for k in 0..=(n % 12) {
            spaces_of[(n * 7 + k * 25) % 300].push(format!("sp-{n}"));
        }
    }
    for (n, spaces) in spaces_of.into_iter().enumerate() {
        let door = Device::two_n(&format!("dev-{n}"), &format!("Door {n}"));
        seam.add_device(door.in_spaces(spaces));
    }
    seam
}

#[tokio::test(start_paused = true)]
async fn a_large_property_is_read_in_five_calls() {
    let house = House::of(large());
    let names: Vec<String> = (0..2000).map(|n| format!("Apt {n}")).collect();
    house.directory.set_units(&building(), names.iter().map(|name| unit(name)).collect());
    for n in [0, 11, 1999] {
        house.moves_in("ann", &[&names[n]]);
        assert_eq!(house.sees("ann").await.len(), n % 12 + 1);
    }
    // 300 devices on one page, 2,000 spaces on four: each page asked for once, and for all three lists.
    assert_eq!(house.asked(), [("/devices/list".to_owned(), 1), ("/spaces/list".to_owned(), 4)]);
}
