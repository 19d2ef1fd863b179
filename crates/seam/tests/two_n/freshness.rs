//! How old the map may be, and what is asked of the vendor for it (L8): request counts are exact.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use elevate_access::{
    Access, BuildingId, Cause, Directory, Freshness, HostError, MemoryDirectory, MemoryStore,
    Outcome, Resident, ResidentId, RosterStream, Tap, Unit, UnitId,
};
use elevate_access_testkit::{Fault, FaultKind};
use serde_json::{Value, json};
use tokio::time::sleep;

use super::house::{House, building, door, maple, resident, secs, unit};

fn count(path: &str, times: usize) -> (String, usize) {
    (path.to_owned(), times)
}

#[tokio::test(start_paused = true)]
async fn a_cold_list_is_two_requests_and_a_warm_one_none() {
    let house = House::of(maple());
    house.doors("jane").await;
    assert_eq!(house.asked(), [count("/devices/list", 1), count("/spaces/list", 1)]);
    house.vendor.forget_seen();
    for who in ["jane", "omar", "jane"] {
        house.doors(who).await;
    }
    assert_eq!(house.asked(), []);
}

#[tokio::test(start_paused = true)]
async fn a_warm_unlock_is_one_request_and_the_looks() {
    let house = House::of(maple());
    house.doors("jane").await;
    house.vendor.forget_seen();
    assert!(matches!(house.tap("jane", "dev-gate").await, Ok(Outcome::Opened(_))));
    // The attempt takes 0.7 s: looks at 250, 350, 450, 550, 650 and 750 ms.
    assert_eq!(house.asked(), [count("/locks/unlock_door", 1), count("/action_attempts/get", 6)]);
}

#[tokio::test(start_paused = true)]
async fn a_hundred_first_lists_at_once_share_one_reading() {
    let house = House::of(maple());
    let lists = futures_util::future::join_all((0..100).map(|_| house.doors("jane"))).await;
    assert!(lists.iter().all(|list| list.doors.len() == 2));
    assert_eq!(house.vendor.requests(), 2);
}

#[tokio::test(start_paused = true)]
async fn idle_asks_nothing() {
    let house = House::of(maple());
    house.doors("jane").await;
    house.tap("jane", "dev-gate").await.unwrap();
    house.vendor.forget_seen();
    sleep(secs(24 * 3600)).await;
    assert_eq!(house.vendor.requests(), 0);
}

#[tokio::test(start_paused = true)]
async fn the_map_is_read_ahead_on_use_after_a_minute() {
    let house = House::of(maple());
    house.doors("jane").await;
    house.vendor.with(|seam| seam.move_device("dev-garage", &["sp-101"]).requests(""));
    sleep(secs(61)).await;
    // This list is still the old one; the next has the new reading, and nobody waited for it.
    assert_eq!(house.sees("jane").await, ["Gate", "Lobby"]);
    sleep(secs(1)).await;
    assert_eq!(house.sees("jane").await, ["Garage", "Gate", "Lobby"]);
    assert_eq!(house.vendor.requests(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_refresh_shows_what_was_changed_at_the_vendor() {
    let house = House::of(maple());
    house.doors("jane").await;
    house.vendor.with(|seam| seam.move_device("dev-gate", &[]).requests(""));
    let list = house.refreshed("jane").await;
    assert_eq!(list.doors.len(), 1);
    assert_eq!(house.refused("jane", "dev-gate").await, Cause::DoorNotGranted);
}

#[tokio::test(start_paused = true)]
async fn map_older_than_five_minutes_refuses() {
    let house = House::of(maple());
    house.doors("jane").await;
    house
        .vendor
        .faults(|faults| faults.on("/list", 0, u32::MAX - 1, Fault::before(FaultKind::Refuse)));
    // The vendor cannot be read any more, and what is known still holds for its time.
    sleep(secs(299)).await;
    assert_eq!(house.sees("jane").await, ["Gate", "Lobby"]);
    assert!(house.tap("jane", "dev-gate").await.is_ok());
    let orders = house.vendor.ledger().orders().len();

    sleep(secs(2)).await;
    assert_eq!(house.causes("jane").await, [Cause::VendorUnreachable]);
    assert_eq!(house.refused("jane", "dev-gate").await, Cause::VendorUnreachable);
    assert_eq!(house.vendor.ledger().orders().len(), orders);
}

#[tokio::test(start_paused = true)]
async fn a_map_that_expires_while_the_connection_comes_up_keeps_the_gate_shut() {
    let house = House::of(maple());
    house.doors("jane").await;
    house.vendor.faults(|faults| {
        let slow = Fault::before(FaultKind::SlowConnect(secs(3)));
        faults.on("/list", 0, u32::MAX - 1, Fault::before(FaultKind::Refuse));
        faults.next_on("/locks/unlock_door", slow);
    });
    sleep(secs(298)).await;
    let tapped = house.tap("jane", "dev-gate").await;
    assert!(tapped.is_err(), "{tapped:?}");
    assert_eq!(house.vendor.ledger().orders(), []);
}

#[tokio::test(start_paused = true)]
async fn partial_listing_is_a_failed_refresh() {
    for path in ["/devices/list", "/spaces/list"] {
        for fault in [
            FaultKind::status(503, ""),
            FaultKind::html_200(),
            FaultKind::Cut,
            FaultKind::status(200, r#"{"devices":null,"spaces":null,"ok":true}"#),
        ] {
            let mut seam = maple().space("sp-103", "103");
            seam.page_size(2);
            let house = House::of(seam);
            house.doors("jane").await;
            // A second unit of the same name appears on page two, which from now on cannot be read.
            house.vendor.with(|seam| {
                seam.add_space(elevate_access_testkit::seam::Space::new("sp-twin", "101"))
                    .requests("")
            });
            house.vendor.faults(|f| f.on(path, 1, u32::MAX - 1, Fault::before(fault.clone())));
            let list = house.refreshed("jane").await;
            assert!(list.doors.is_empty(), "{path} {fault:?}");
            assert!(!list.problems.is_empty());
            // What was read whole before still holds, for its time and no longer.
            assert_eq!(house.sees("jane").await, ["Gate", "Lobby"]);
            sleep(secs(301)).await;
            assert_eq!(house.sees("jane").await, [] as [&str; 0]);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_list_that_changes_while_it_is_read_is_not_believed() {
    let house = House::of(maple());
    let page = |id: &str, spaces: &[&str], cursor: Option<&str>| {
        serde_json::json!({
            "devices": [{
                "device_id": id, "device_type": "two_n_intercom", "display_name": "Lobby",
                "can_remotely_unlock": true, "space_ids": spaces, "properties": { "online": true },
            }],
            "pagination": { "has_next_page": cursor.is_some(), "next_page_cursor": cursor },
            "ok": true,
        })
        .to_string()
    };
    for (second, believed) in [(&["sp-101"][..], true), (&["sp-102"][..], false)] {
        house.vendor.with(|seam| {
            seam.reply_once_to("/devices/list", 200, page("d", &["sp-101"], Some("c")));
            seam.reply_once_to("/devices/list", 200, page("d", second, None)).requests("")
        });
        let list = house.refreshed("jane").await;
        assert_eq!(list.doors.len(), usize::from(believed));
        let causes: Vec<_> = list.problems.iter().map(|p| p.reason.cause()).collect();
        assert_eq!(causes.contains(&Cause::VendorReplyUnusable), !believed);
    }
}

#[tokio::test(start_paused = true)]
async fn a_space_that_comes_twice_is_one_unless_its_name_changed_in_between() {
    let house = House::of(maple());
    let page = |name: &str, cursor: Option<&str>| {
        serde_json::json!({
            "spaces": [{ "space_id": "sp-101", "name": name }],
            "pagination": { "has_next_page": cursor.is_some(), "next_page_cursor": cursor },
            "ok": true,
        })
        .to_string()
    };
    for (second, believed) in [("101", true), ("102", false)] {
        house.vendor.with(|seam| {
            seam.reply_once_to("/spaces/list", 200, page("101", Some("c")));
            seam.reply_once_to("/spaces/list", 200, page(second, None)).requests("")
        });
        let list = house.refreshed("jane").await;
        let doors: Vec<_> = list.doors.iter().map(|door| door.name.as_str()).collect();
        assert_eq!(doors, if believed { &["Gate", "Lobby"][..] } else { &[] });
    }
}

#[tokio::test(start_paused = true)]
async fn whatever_admits_and_changed_between_two_pages_is_not_believed() {
    let device = json!({
        "device_id": "d", "device_type": "two_n_intercom", "display_name": "Lobby",
        "can_remotely_unlock": true, "is_managed": true, "space_ids": ["sp-101"],
        "connected_account_id": "account-1", "custom_metadata": { "units": "101" },
        "nickname": "Lobby", "errors": [], "warnings": [],
    });
    let space = json!({
        "space_id": "sp-101", "name": "101", "display_name": "101", "space_key": "k",
        "parent_space_id": "sp-0", "customer_key": "maple",
    });
    let of = |thing: &Value, field: &str, value: Value| {
        let mut other = thing.clone();
        other[field] = value;
        other
    };
    let warned = json!([{ "warning_code": "privacy_mode" }]);
    let second = [
        ("devices", of(&device, "display_name", json!("Vault"))),
        ("devices", of(&device, "nickname", json!("Vault"))),
        ("devices", of(&device, "custom_metadata", json!({ "units": "102" }))),
        ("devices", of(&device, "connected_account_id", json!("account-2"))),
        ("devices", of(&device, "can_remotely_unlock", json!(false))),
        ("devices", of(&device, "is_managed", json!(false))),
        ("devices", of(&device, "warnings", warned)),
        ("devices", of(&device, "workspace_id", json!("workspace-1"))),
        ("spaces", of(&space, "display_name", json!("102"))),
        ("spaces", of(&space, "space_key", json!("l"))),
        ("spaces", of(&space, "parent_space_id", json!("sp-1"))),
        ("spaces", of(&space, "customer_key", json!("oak"))),
        ("spaces", of(&space, "workspace_id", json!("workspace-1"))),
    ];
    let unchanged = [("devices", device.clone()), ("spaces", space.clone())];
    let changed = second.into_iter().map(|page| (page, true));
    for ((list, second), changed) in changed.chain(unchanged.map(|page| (page, false))) {
        let house = House::of(maple());
        let first = if list == "devices" { &device } else { &space };
        for (thing, cursor) in [(first, Some("c")), (&second, None)] {
            let pagination =
                json!({ "has_next_page": cursor.is_some(), "next_page_cursor": cursor });
            let page = json!({ "ok": true, list: [thing], "pagination": pagination });
            let path = format!("/{list}/list");
            let body = page.to_string();
            house.vendor.with(|seam| seam.reply_once_to(&path, 200, body).requests(""));
        }
        let causes = house.causes("jane").await;
        assert_eq!(causes.contains(&Cause::VendorReplyUnusable), changed, "{second} {causes:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn our_own_list_of_units_ages_like_the_map() {
    let house = House::of(maple());
    let directory = Forgetful { known: house.directory.clone(), down: Arc::default() };
    let access = Access::builder()
        .directory(directory.clone())
        .connections(house.connections.clone())
        .store(MemoryStore::new())
        .build()
        .unwrap();
    let jane = resident("jane");
    access.doors(&jane, Freshness::Cached).await.unwrap();

    // The vendor's side is read anew after half a minute; ours cannot be read any more.
    sleep(secs(30)).await;
    directory.down.store(true, Ordering::SeqCst);
    let check = access.check(&building()).await.unwrap();
    assert_eq!(check[0].health.reasons[0].cause(), Cause::DirectoryFailed);

    // Our list ends while the connection comes up, though the map would hold for longer.
    let slow = Fault::before(FaultKind::SlowConnect(secs(3)));
    house.vendor.faults(|faults| faults.next_on("/locks/unlock_door", slow));
    sleep(secs(268)).await;
    let tapped = access.unlock(&jane, &door("dev-gate"), Tap::now()).await;
    assert!(tapped.is_err(), "{tapped:?}");
    assert_eq!(house.vendor.ledger().orders(), []);
}

/// A directory whose list of units can fail, while its residents can still be read.
#[derive(Clone)]
struct Forgetful {
    known: MemoryDirectory,
    down: Arc<AtomicBool>,
}

#[async_trait::async_trait]
impl Directory for Forgetful {
    async fn resident(&self, id: &ResidentId) -> Result<Option<Resident>, HostError> {
        self.known.resident(id).await
    }

    fn roster<'a>(&'a self, building: &'a BuildingId) -> RosterStream<'a> {
        self.known.roster(building)
    }

    async fn units(&self, building: &BuildingId) -> Result<Vec<Unit>, HostError> {
        if self.down.load(Ordering::SeqCst) {
            return Err(HostError::msg("down"));
        }
        self.known.units(building).await
    }
}

#[tokio::test(start_paused = true)]
async fn a_unit_that_is_new_on_our_side_is_found_at_once() {
    let house = House::of(maple().space("sp-103", "103"));
    house.vendor.with(|seam| seam.move_device("dev-garage", &["sp-103"]).requests(""));
    house.doors("jane").await;
    house.vendor.forget_seen();
    sleep(secs(1)).await;
    // The building gets a unit while its list is a moment old: one new reading finds it.
    house.has_units(&["101", "102", "103"]).moves_in("zoe", &["103"]);
    assert_eq!(house.sees("zoe").await, ["Garage"]);
    assert_eq!(house.vendor.requests(), 0, "the vendor's side was known");
}

#[tokio::test(start_paused = true)]
async fn a_double_on_our_side_is_seen_within_five_minutes() {
    let house = House::of(maple());
    house.doors("jane").await;
    let twin = Unit::new(UnitId::new("u-twin").unwrap(), "101");
    house.directory.set_units(&building(), vec![unit("101"), twin, unit("102")]);
    sleep(secs(301)).await;
    assert_eq!(house.causes("jane").await, [Cause::UnitNameDoubled]);
    assert_eq!(house.refused("jane", "dev-gate").await, Cause::UnitNameDoubled);
}

#[tokio::test(start_paused = true)]
async fn a_rotated_key_is_a_named_problem_and_no_empty_list() {
    let house = House::of(maple());
    house.doors("jane").await;
    house.vendor.with(|seam| seam.set_key("seam_otherkey").requests(""));
    let list = house.access.doors(&resident("jane"), Freshness::Fresh).await.unwrap();
    assert_eq!(list.problems[0].reason.cause(), Cause::CredentialsRefused);
    assert!(list.doors.is_empty());
}
