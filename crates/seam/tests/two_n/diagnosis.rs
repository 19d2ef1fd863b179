//! Why a door stays shut: the rows of N9, each told apart, with its remedy.

use std::fmt::Write as _;

use elevate_access::{BuildingId, Cause, Diagnosis, MemoryConnections, Standing};
use elevate_access_testkit::{
    Fault, FaultKind, Reply,
    seam::{Device, Seam, fixture},
};
use elevate_seam::{DeviceId, Units, WorkspaceId};
use serde_json::json;

use super::house::{House, building, connection, door, maple, resident};

async fn diagnosed(house: &House, who: &str, id: Option<&str>) -> Diagnosis {
    let door = id.map(door);
    house.access.diagnose(&resident(who), door.as_ref()).await.unwrap()
}

async fn first(house: &House, who: &str, id: Option<&str>) -> Option<Cause> {
    diagnosed(house, who, id).await.first_failure().map(elevate_access::Reason::cause)
}

/// The rows, each in a house of its own: what is asked, and the first thing to mend.
fn rows() -> Vec<(&'static str, House, Option<&'static str>, Option<Cause>)> {
    let state = |change: fn(Device) -> Device| {
        let gate = change(Device::two_n("dev-gate", "Gate").in_spaces(["sp-101"]));
        House::of(maple().device(gate))
    };
    let ours = |units: &[&str], mine: &str| {
        let house = House::of(maple());
        house.has_units(units).moves_in("jane", &[mine]);
        house
    };
    let gate = Some("dev-gate");
    let mut doubled = maple().space("sp-twin", "101");
    doubled.page_size(2);
    let former = House::of(maple());
    former.directory.set_standing(&resident("jane"), &Standing::Former);
    let down = House::of(maple());
    let elsewhere = House::with(maple(), |settings| {
        settings.workspace(WorkspaceId::new("workspace-9").unwrap())
    });
    down.vendor.faults(|faults| faults.always(Fault::before(FaultKind::Refuse)));
    // Seam lists managed devices there; one that is none all the same is believed.
    let unmanaged = House::of(maple());
    let list = json!({ "ok": true, "devices": [{
        "device_id": "dev-gate", "device_type": "two_n_intercom", "display_name": "Gate",
        "can_remotely_unlock": true, "is_managed": false, "space_ids": ["sp-101"],
    }] });
    unmanaged.vendor.with(|seam| {
        seam.reply_to("/devices/list", 200, list.to_string()).requests("");
    });
    vec![
        ("all is well", House::of(maple()), gate, None),
        ("all is well, no door named", House::of(maple()), None, None),
        ("names differ", ours(&["Apt 101", "102"], "Apt 101"), None, Some(Cause::UnitUnmatched)),
        ("two 2N units of the name", House::of(doubled), None, Some(Cause::UnitAmbiguous)),
        (
            "matched unit without doors",
            House::of(Seam::new("seam_testkey").space("sp-101", "101")),
            None,
            Some(Cause::UnitWithoutDoors),
        ),
        ("unit not on our list", ours(&["102"], "101"), None, Some(Cause::UnitNotListed)),
        (
            "door of another unit",
            House::of(maple()),
            Some("dev-garage"),
            Some(Cause::DoorNotGranted),
        ),
        ("no such door", House::of(maple()), Some("no-such-door"), Some(Cause::DoorNotGranted)),
        ("door offline", state(Device::offline), gate, Some(Cause::DoorOffline)),
        ("door removed", state(|d| d.error("device_removed")), gate, Some(Cause::DoorRemoved)),
        (
            "door not remotely unlockable",
            state(|d| d.can_remotely_unlock(None)),
            gate,
            Some(Cause::DoorNotRemote),
        ),
        ("door private", state(|d| d.warning("privacy_mode")), gate, Some(Cause::DoorPrivate)),
        ("door not managed", unmanaged, gate, Some(Cause::DoorUnmanaged)),
        (
            "account signed out",
            state(|d| d.error("account_disconnected")),
            gate,
            Some(Cause::SignInNeeded),
        ),
        ("door warned of", state(|d| d.warning("two_n_device_missing_timezone")), gate, None),
        ("workspace suspended", House::of(maple().sandbox(true)), gate, Some(Cause::SetupWrong)),
        ("key of another workspace", elsewhere, gate, Some(Cause::SetupWrong)),
        ("door offline, no door named", state(Device::offline), None, Some(Cause::DoorOffline)),
        ("not Current", former, gate, Some(Cause::NotCurrent)),
        ("Seam down", down, gate, Some(Cause::VendorUnreachable)),
    ]
}

#[tokio::test(start_paused = true)]
async fn each_row_is_told_apart_and_says_what_to_mend_where() {
    let mut table = String::new();
    for (row, house, id, expected) in rows() {
        let diagnosis = diagnosed(&house, "jane", id).await;
        let found = diagnosis.first_failure().map(elevate_access::Reason::cause);
        assert_eq!(found, expected, "{row}\n{diagnosis}");
        writeln!(table, "== {row}\n{diagnosis}").unwrap();
        assert_eq!(house.vendor.ledger().orders(), [], "{row}: a diagnosis opened a door");
    }
    insta::assert_snapshot!(table);
}

#[tokio::test(start_paused = true)]
async fn a_door_that_is_left_alone_for_a_while_says_so() {
    let house = House::of(maple());
    let busy = Reply::json(429, fixture("error-too-many-requests.json").unwrap());
    house.vendor.faults(|faults| {
        faults.next_on("/locks/unlock_door", Fault::before(FaultKind::Instead(busy)));
    });
    house.tap("jane", "dev-gate").await.unwrap();
    assert_eq!(first(&house, "jane", Some("dev-gate")).await, Some(Cause::DoorRateLimited));
}

#[tokio::test(start_paused = true)]
async fn a_diagnosis_looks_anew_however_fresh_the_map_is() {
    let cuts: [(fn(&House), _, _); 2] = [
        (
            |house| house.vendor.faults(|f| f.always(Fault::before(FaultKind::Refuse))),
            Cause::VendorUnreachable,
            "Seam could not be reached",
        ),
        (
            |house| {
                house.vendor.with(|seam| seam.set_key("seam_otherkey").requests(""));
            },
            Cause::CredentialsRefused,
            "Seam refuses the credentials",
        ),
    ];
    for (cut, cause, words) in cuts {
        let house = House::of(maple());
        house.doors("jane").await;
        assert_eq!(first(&house, "jane", Some("dev-gate")).await, None);
        cut(&house);
        for id in [Some("dev-gate"), None] {
            let diagnosis = diagnosed(&house, "jane", id).await;
            let reason = diagnosis.first_failure().unwrap();
            assert_eq!(reason.cause(), cause, "{diagnosis}");
            assert!(reason.for_manager().starts_with(words), "{}", reason.for_manager());
            assert_eq!(reason.system().unwrap().console, "the Seam console");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_table_that_names_an_unknown_device_is_the_first_thing_to_mend() {
    let id = |id: &str| DeviceId::new(id).unwrap();
    let table = vec![
        ("101".to_owned(), vec![id("dev-gate"), id("dev-typo")]),
        ("102".to_owned(), vec![id("dev-slip")]),
    ];
    let house = House::with(maple(), |settings| settings.units(Units::Table(table)));
    let diagnosis = diagnosed(&house, "omar", None).await;
    let reason = diagnosis.first_failure().unwrap();
    assert_eq!((reason.cause(), reason.subject()), (Cause::SetupWrong, Some("102")));
    assert!(reason.for_manager().contains("dev-slip"), "{diagnosis}");

    // 101 has a door besides: that door is in order, and the list as a whole is not.
    assert_eq!(first(&house, "jane", Some("dev-gate")).await, None);
    for asked in [None, Some("dev-typo")] {
        let diagnosis = diagnosed(&house, "jane", asked).await;
        let reason = diagnosis.first_failure().unwrap();
        assert_eq!((reason.cause(), reason.subject()), (Cause::SetupWrong, Some("101")));
        assert!(reason.for_manager().contains("dev-typo"), "{diagnosis}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_occupant_of_another_building_is_told_that_the_connection_is_not_theirs() {
    // The host's table gives this building a connection that was set up for another one.
    let house = House::of(maple());
    let oak = BuildingId::new("oak").unwrap();
    let provider = provider_of(&house.connections).await;
    house.connections.connect(&oak, &connection(), provider);
    house.directory.set_units(&oak, vec![super::house::unit("101")]);
    house.directory.put(elevate_access::Resident::new(resident("oda")).with_residency(
        elevate_access::Residency::current(oak.clone(), super::house::unit("101")),
    ));
    assert_eq!(house.causes("oda").await, [Cause::WrongBuilding]);
    assert_eq!(house.refused("oda", "dev-gate").await, Cause::WrongBuilding);
    assert_eq!(first(&house, "oda", Some("dev-gate")).await, Some(Cause::WrongBuilding));
    let health = house.access.check(&oak).await.unwrap();
    assert_eq!(health[0].health.reasons[0].cause(), Cause::WrongBuilding);
    assert_eq!(house.vendor.requests(), 0, "nothing was asked for the wrong building");
}

async fn provider_of(
    connections: &MemoryConnections,
) -> std::sync::Arc<dyn elevate_access::AccessProvider> {
    use elevate_access::Connections as _;
    let listed = connections.of(&building()).await.unwrap();
    connections.open(&listed[0]).await.unwrap()
}
