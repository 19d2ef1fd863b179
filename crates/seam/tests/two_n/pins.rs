//! Several properties in one workspace: what is not this property's is no door and no unit, and is not named.

use std::{fmt::Write as _, sync::Arc};

use elevate_access::{BuildingId, Cause, ConnectionId};
use elevate_access_testkit::{
    Model as _, Received,
    seam::{Account, Device, Seam, Space},
};
use elevate_seam::{ConnectedAccountId, DeviceId, SpaceId, TwoNSettings, Units, WorkspaceId};
use elevate_transport::{Bytes, HeaderMap, Method};
use serde_json::{Value, json};

use super::house::{House, KEY, door, maple, resident, secs};

type Set = fn(TwoNSettings) -> TwoNSettings;

fn workspace(id: &str) -> WorkspaceId {
    WorkspaceId::new(id).unwrap()
}

fn account(id: &str) -> ConnectedAccountId {
    ConnectedAccountId::new(id).unwrap()
}

fn space(id: &str) -> SpaceId {
    SpaceId::new(id).unwrap()
}

/// Everything that anybody can be told: lists, diagnoses, health.
async fn told(house: &House) -> String {
    let mut told = format!("{:?}", house.health().await);
    for who in ["jane", "omar"] {
        let _ = write!(told, "{:?}", house.refreshed(who).await);
        for id in [None, Some(door("dev-oak"))] {
            let diagnosis = house.access.diagnose(&resident(who), id.as_ref()).await.unwrap();
            told += &diagnosis.to_string();
        }
    }
    told
}

#[tokio::test(start_paused = true)]
async fn foreign_workspace_reading_refused() {
    let device = |id: &str, at: Value| {
        json!({
            "device_id": id, "device_type": "two_n_intercom", "display_name": "Lobby",
            "can_remotely_unlock": true, "space_ids": ["sp-101"], "workspace_id": at,
        })
    };
    let devices = |second: Value| {
        let list = [device("dev-lobby", json!("workspace-1")), device("dev-gate", second)];
        ("/devices/list", json!({ "ok": true, "devices": list }).to_string())
    };
    let spaces = |second: Value| {
        let list = json!([
            { "space_id": "sp-101", "name": "101", "workspace_id": "workspace-1" },
            { "space_id": "sp-102", "name": "102", "workspace_id": second },
        ]);
        ("/spaces/list", json!({ "ok": true, "spaces": list }).to_string())
    };
    for pin in [Some("workspace-1"), None] {
        for (list, other) in [
            (devices(json!("workspace-2")), true),
            (spaces(json!("workspace-2")), true),
            (devices(json!("workspace-1")), false),
            // Who says of no workspace says of no other.
            (devices(json!(null)), false),
            (spaces(json!(7)), false),
        ] {
            let house = House::with(maple(), |s| match pin {
                Some(pin) => s.workspace(workspace(pin)),
                None => s,
            });
            house.doors("jane").await;
            let (path, body) = list;
            house.vendor.with(|seam| seam.reply_to(path, 200, body.clone()).requests(""));
            let list = house.refreshed("jane").await;
            let causes: Vec<_> = list.problems.iter().map(|p| p.reason.cause()).collect();
            if !other {
                assert_eq!((list.doors.is_empty(), causes), (false, vec![]), "{pin:?} {body}");
                continue;
            }
            assert_eq!((list.doors.len(), causes), (0, vec![Cause::SetupWrong]), "{pin:?} {body}");
            let detail = list.problems[0].reason.detail().unwrap();
            assert!(detail.contains("workspace-1") && detail.contains("workspace-2"), "{detail}");
            // The reading before it holds for its time, and then nothing does.
            assert_eq!(house.sees("jane").await, ["Gate", "Lobby"]);
            tokio::time::sleep(secs(301)).await;
            assert_eq!(house.refused("jane", "dev-gate").await, Cause::SetupWrong);
            assert_eq!(house.vendor.ledger().orders(), []);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_key_of_another_workspace_than_the_pinned_one_opens_nothing() {
    let house = House::with(maple(), |settings| settings.workspace(workspace("workspace-9")));
    let problem = house.problems("jane").await.remove(0);
    assert_eq!(problem.cause(), Cause::SetupWrong);
    let detail = problem.detail().unwrap();
    assert!(detail.contains("workspace-9") && detail.contains("workspace-1"), "{detail}");
    assert_eq!(house.refused("jane", "dev-gate").await, Cause::SetupWrong);

    // An empty workspace lists nothing that could say whose it is; its key does.
    let house =
        House::with(Seam::new(KEY), |settings| settings.workspace(workspace("workspace-9")));
    let health = house.health().await;
    assert_eq!(health.reasons[0].cause(), Cause::SetupWrong);
    let detail = health.reasons[0].detail().unwrap();
    assert!(detail.contains("workspace-9") && detail.contains("workspace-1"), "{detail}");
}

/// Maple and Oak in one workspace: each has a 101, Oak also a 102 without doors, and a lobby of its own.
fn shared() -> Seam {
    Seam::new(KEY)
        .account(Account::new("account-1").customer("maple"))
        .account(Account::new("account-2").customer("oak"))
        .space_with(Space::new("sp-maple", "Maple").customer("maple"))
        .space_with(Space::new("sp-oak", "Oak").customer("oak"))
        .space_with(Space::new("sp-101", "101").customer("maple").inside("sp-maple"))
        .space_with(Space::new("sp-oak-101", "101").customer("oak").inside("sp-oak"))
        .space_with(Space::new("sp-oak-102", "102").customer("oak").inside("sp-oak"))
        .space_with(Space::new("sp-102", "102").customer("maple").inside("sp-maple"))
        .device(Device::two_n("dev-lobby", "Lobby").in_spaces(["sp-101", "sp-102", "sp-maple"]))
        .device(Device::two_n("dev-gate", "Gate").in_spaces(["sp-101"]))
        .device(
            Device::two_n("dev-oak", "Oak's lobby")
                .of_account("account-2")
                .in_spaces(["sp-oak-101", "sp-oak"]),
        )
}

/// Oak's door in Maple's space.
fn misplaced() -> Seam {
    shared().device(
        Device::two_n("dev-oak", "Oak's lobby")
            .of_account("account-2")
            .in_spaces(["sp-oak-101", "sp-101"]),
    )
}

async fn is_mapled(house: &House) {
    assert_eq!(house.sees("jane").await, ["Gate", "Lobby"]);
    assert_eq!(house.sees("omar").await, ["Lobby"]);
    assert_eq!(house.refused("jane", "dev-oak").await, Cause::DoorNotGranted);
    assert_eq!(house.refused("jane", "no-such-door").await, Cause::DoorNotGranted);
    assert_eq!(house.health().await.reasons, []);
    assert_eq!(house.vendor.ledger().orders(), []);
    let told = told(house).await.replace("dev-oak", "");
    assert!(!told.to_lowercase().contains("oak") && !told.contains("account-2"), "{told}");
}

#[tokio::test(start_paused = true)]
async fn customer_pin_holds_what_is_that_customers() {
    assert_eq!(House::of(shared()).causes("jane").await, [Cause::UnitAmbiguous], "a vain test");
    let house = House::with(shared(), |settings| settings.customer("maple"));
    house.doors("jane").await;
    let calls = house.asked();
    assert_eq!(calls.len(), 3);
    assert!(calls.iter().all(|(_, times)| *times == 1), "{calls:?}");
    is_mapled(&house).await;
    let house = House::with(misplaced(), |settings| settings.customer("maple"));
    is_mapled(&house).await;
}

/// What the vendor lists to somebody who names no filter.
fn everything(mut seam: Seam) -> [(&'static str, String); 3] {
    let mut headers = HeaderMap::new();
    headers.insert("authorization", format!("Bearer {KEY}").parse().unwrap());
    headers.insert("content-type", "application/json".parse().unwrap());
    ["/connected_accounts/list", "/spaces/list", "/devices/list"].map(|path| {
        let request = Received {
            method: Method::POST,
            path: path.to_owned(),
            query: Vec::new(),
            headers: headers.clone(),
            body: Bytes::from_static(b"{}"),
        };
        let reply = seam.answer(&request, jiff::Timestamp::UNIX_EPOCH);
        assert_eq!(reply.status, 200, "{path}");
        (path, String::from_utf8(reply.body.to_vec()).unwrap())
    })
}

#[tokio::test(start_paused = true)]
async fn customer_pin_trusts_no_filter() {
    // The vendor answers with everything, whatever is asked: list by list, and all of them.
    for seam in [shared, misplaced] {
        let lists = everything(seam());
        for answered in [&lists[..], &lists[..1], &lists[1..2], &lists[2..]] {
            let house = House::with(seam(), |settings| settings.customer("maple"));
            for (path, body) in answered {
                house.vendor.with(|seam| seam.reply_to(path, 200, body.clone()).requests(""));
            }
            is_mapled(&house).await;
        }
    }
    // Things that are said to be of no customer are not those of a connection that is pinned to none.
    let unowned = shared()
        .account(Account::new("account-1").customer(""))
        .space_with(Space::new("sp-101", "101").customer(""));
    let house = House::with(unowned, |settings| settings.customer(""));
    assert_eq!(house.causes("jane").await, [Cause::UnitUnmatched]);
    assert!(house.tap("jane", "dev-gate").await.is_err());

    // An account that says of no customer, or of one in no text, is not the customer's.
    for of in [json!(null), json!(7), json!(["maple"]), json!("MAPLE"), json!("")] {
        let accounts = json!([{ "connected_account_id": "account-1", "customer_key": of }]);
        let list = json!({ "ok": true, "connected_accounts": accounts }).to_string();
        let house = House::with(shared(), |settings| settings.customer("maple"));
        house.vendor.with(|seam| seam.reply_to("/connected_accounts/list", 200, list).requests(""));
        assert_eq!(house.causes("jane").await, [Cause::UnitWithoutDoors], "{of}");
        assert!(house.tap("jane", "dev-gate").await.is_err());
        assert_eq!(house.vendor.ledger().orders(), []);
    }
}

#[tokio::test(start_paused = true)]
async fn a_customer_that_has_nothing_is_a_finding() {
    for key in ["elm", "Maple", "maple ", ""] {
        let house = House::with(shared(), |settings| settings.customer(key));
        assert_eq!(house.sees("jane").await, [] as [&str; 0], "{key:?}");
        assert!(house.tap("jane", "dev-gate").await.is_err());
        let health = house.health().await;
        let found = health.reasons.iter().filter_map(|reason| reason.detail());
        assert!(found.clone().any(|found| found.contains("of the customer")), "{health:?}");
        assert_eq!(house.vendor.requests_on("/devices/list"), 0, "none is asked for");
        assert_eq!(house.vendor.ledger().orders(), []);
    }
}

#[tokio::test(start_paused = true)]
async fn parent_space_holds_what_lies_below_it_at_any_depth() {
    let pinned = |seam| House::with(seam, |settings| settings.parent_space(space("sp-maple")));
    is_mapled(&pinned(shared())).await;

    let deep = shared()
        .space_with(Space::new("sp-floor", "Floor 1").inside("sp-maple"))
        .space_with(Space::new("sp-wing", "Wing A").inside("sp-floor"))
        .space_with(Space::new("sp-102", "102").inside("sp-wing"));
    is_mapled(&pinned(deep)).await;
}

#[tokio::test(start_paused = true)]
async fn the_parent_space_itself_is_no_unit() {
    let seam = shared().space_with(Space::new("sp-maple", "101"));
    let house = House::with(seam, |settings| settings.parent_space(space("sp-maple")));
    is_mapled(&house).await;
}

#[tokio::test(start_paused = true)]
async fn parent_space_cycle() {
    // The building lies in one of its own units, and two floors lie in each other.
    let seam = shared()
        .space_with(Space::new("sp-maple", "101").inside("sp-101"))
        .space_with(Space::new("sp-a", "A").inside("sp-b"))
        .space_with(Space::new("sp-b", "B").inside("sp-a"))
        .space_with(Space::new("sp-self", "Self").inside("sp-self"));
    let house = House::with(seam, |settings| settings.parent_space(space("sp-maple")));
    is_mapled(&house).await;
    let seam = shared().space_with(Space::new("sp-self", "Self").inside("sp-self"));
    let house = House::with(seam, |settings| settings.parent_space(space("sp-self")));
    assert_eq!(house.causes("jane").await, [Cause::UnitUnmatched]);
}

#[tokio::test(start_paused = true)]
async fn a_parent_space_that_holds_nothing_is_a_finding() {
    for (parent, devices) in [("sp-none", 0), ("sp-102", 1)] {
        let house = House::with(shared(), |settings| settings.parent_space(space(parent)));
        assert_eq!(house.causes("jane").await, [Cause::UnitUnmatched]);
        assert_eq!(house.refused("jane", "dev-gate").await, Cause::UnitUnmatched);
        let health = house.health().await;
        let mut found = health.reasons.iter().filter_map(|reason| reason.detail());
        assert!(found.any(|found| found.contains(parent)), "{health:?}");
        // Others' devices are not counted either: here the doors of the parent alone are.
        let none = Some(
            "Seam lists 0 devices, and none of this connection's is of the type two_n_intercom",
        );
        let is_told = health.reasons.iter().any(|reason| reason.detail() == none);
        assert_eq!(is_told, devices == 0, "{health:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn pins_hold_for_doors_of_a_table_and_of_metadata_too() {
    let ids = ["dev-gate", "dev-oak"].map(|id| DeviceId::new(id).unwrap());
    let table = || Units::Table(vec![("101".to_owned(), ids.to_vec())]);
    let tagged = || {
        shared()
            .device(Device::two_n("dev-gate", "Gate").in_spaces(["sp-101"]).metadata("u", "101"))
            .device(
                Device::two_n("dev-oak", "Oak's lobby")
                    .of_account("account-2")
                    .in_spaces(["sp-oak-101"])
                    .metadata("u", "101;102"),
            )
    };
    let pins: [Set; 3] = [
        |s| s.connected_accounts([account("account-1")]),
        |s| s.customer("maple"),
        |s| s.parent_space(space("sp-maple")),
    ];
    for (units, others_unit) in
        [(table(), Cause::UnitUnmatched), (Units::metadata("u"), Cause::UnitUnmatched)]
    {
        for pin in pins {
            let house = House::with(tagged(), |settings| pin(settings.units(units.clone())));
            assert_eq!(house.sees("jane").await, ["Gate"], "{units:?}");
            assert_eq!(house.causes("omar").await, [others_unit], "{units:?}");
            assert_eq!(house.refused("jane", "dev-oak").await, Cause::DoorNotGranted);
            assert_eq!(house.vendor.ledger().orders(), []);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn all_pins_have_to_hold() {
    let all = |settings: TwoNSettings| {
        settings
            .workspace(workspace("workspace-1"))
            .connected_accounts([account("account-1")])
            .customer("maple")
            .parent_space(space("sp-maple"))
    };
    is_mapled(&House::with(shared(), all)).await;
    is_mapled(&House::with(misplaced(), all)).await;

    // Two that contradict each other leave nothing, of either.
    let apart: [(fn() -> Seam, Set); 5] = [
        (shared, |s| s.connected_accounts([account("account-2")]).customer("maple")),
        (misplaced, |s| s.connected_accounts([account("account-2")]).customer("maple")),
        (shared, |s| s.connected_accounts([account("account-2")]).parent_space(space("sp-maple"))),
        (shared, |s| s.customer("oak").parent_space(space("sp-maple"))),
        (misplaced, |s| s.customer("oak").parent_space(space("sp-maple"))),
    ];
    for (seam, pins) in apart {
        let house = House::with(seam(), pins);
        assert_eq!(house.sees("jane").await, [] as [&str; 0]);
        for id in ["dev-gate", "dev-lobby", "dev-oak"] {
            assert!(house.tap("jane", id).await.is_err());
        }
        assert_eq!(house.vendor.ledger().orders(), []);
    }
}

#[tokio::test(start_paused = true)]
async fn spaces_are_never_listed_by_account_nor_searched_for() {
    for set in [
        (|s| s) as Set,
        |s| s.connected_accounts([account("account-1")]),
        |s| s.customer("maple"),
        |s| s.parent_space(space("sp-maple")),
    ] {
        let house = House::with(shared(), set);
        house.has_units(&["101", "102", "103"]).moves_in("zoe", &["103"]);
        // An empty unit is there, and says that it has no doors.
        house.vendor.with(|seam| {
            let empty = Space::new("sp-103", "103").customer("maple").inside("sp-maple");
            seam.add_space(empty).requests("")
        });
        assert_eq!(house.causes("zoe").await, [Cause::UnitWithoutDoors]);
    }
}

#[tokio::test(start_paused = true)]
async fn two_connections_that_draw_on_one_workspace_are_a_finding() {
    let workspace = || WorkspaceId::new("workspace-1").unwrap();
    let account = |id: &str| ConnectedAccountId::new(id).unwrap();
    let set = |accounts: Option<&str>| {
        let accounts = accounts.map(account);
        move |settings: TwoNSettings| match accounts {
            Some(one) => settings.workspace(workspace()).connected_accounts([one]),
            None => settings.workspace(workspace()),
        }
    };
    for (ours, theirs, overlap) in [
        (None, None, true),
        (Some("account-1"), None, true),
        (Some("account-1"), Some("account-1"), true),
        (Some("account-1"), Some("account-2"), false),
    ] {
        let house = House::with(maple(), set(ours));
        // Another building's connection to the same workspace, opened by the same service.
        let oak = BuildingId::new("oak").unwrap();
        let other = House::provider(
            &house.vendor,
            house.clock,
            set(theirs)(TwoNSettings::new(oak.clone())),
        );
        house.connections.connect(&oak, &ConnectionId::new("oak-2n").unwrap(), Arc::new(other));
        house.directory.set_units(&oak, Vec::new());
        house.access.check(&oak).await.unwrap();
        let causes: Vec<_> =
            house.health().await.reasons.iter().map(elevate_access::Reason::cause).collect();
        let found = causes.contains(&Cause::ConnectionsOverlap);
        assert_eq!(found, overlap, "{ours:?} beside {theirs:?}: {causes:?}");
    }
}
