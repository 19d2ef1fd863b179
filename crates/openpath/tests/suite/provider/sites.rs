//! One connection of several buildings, pinned to sites.

use std::sync::Arc;

use elevate_access::{
    Access, BuildingId, Cause, DoorList,
    Freshness::{Cached, Fresh},
    HealthState, Residency, Resident, ResidentId, Standing, Unit, UnitId,
};
use elevate_access_testkit::{
    Fault, FaultKind,
    openpath::{Credential, Entry, ORDER_PATH, Openpath, Operation, User},
};
use elevate_openpath::{OpenpathProvider, SiteId};

use crate::support::{House, building, client_over, connection, door, email_of, openpath, said};

fn south() -> BuildingId {
    BuildingId::new("south").unwrap()
}

/// Jane has a door at each of two sites, and two that tell of none.
fn both() -> Openpath {
    openpath().user(
        User::active(7001, "jane@example.com")
            .entry(Entry::new(4401, "North door").zone(1, "N").site(1, "North"))
            .entry(Entry::new(5501, "South door").zone(2, "S").site(2, "South"))
            .entry(Entry::new(6601, "Shed"))
            .entry(Entry::new(6602, "Barn").zone(3, "B"))
            .credential(Credential::cloud_key(1)),
    )
}

fn north_only(house: &House) -> OpenpathProvider {
    OpenpathProvider::new(client_over(house.wire())).at_sites(building(), [SiteId::from(1)])
}

fn names(list: DoorList) -> Vec<String> {
    list.doors.into_iter().map(|door| door.name).collect()
}

async fn said_of(access: &Access, what: &str) -> String {
    let jane = ResidentId::new("jane").unwrap();
    access.diagnose(&jane, Some(&door(what))).await.unwrap().to_string()
}

#[tokio::test(start_paused = true)]
async fn entry_outside_pinned_site_hidden() {
    let house = House::at(both());
    assert_eq!(names(house.doors("jane", Cached).await).len(), 4, "without a pin all are doors");

    house.connect(north_only(&house));
    assert_eq!(names(house.doors("jane", Fresh).await), ["North door"]);
    for hidden in [5501, 6601, 6602] {
        assert_eq!(said(house.tap("jane", hidden).await), "door_not_granted");
    }
    assert_eq!(house.orders(), 0);
    assert_eq!(said(house.tap("jane", 4401).await), "accepted");
    let told = said_of(&house.access, "5501").await;
    assert!(
        told.contains("FAILED   This door is among") && told.contains("at another building's site"),
        "{told}"
    );
    assert!(!said_of(&house.access, "4401").await.contains("FAILED"));

    // Sites add up.
    house.connect(north_only(&house).at_sites(building(), [SiteId::from(2)]));
    assert_eq!(names(house.doors("jane", Fresh).await), ["North door", "South door"]);

    // Nothing but doors elsewhere is no door, and says why.
    let nowhere = OpenpathProvider::new(client_over(house.wire())).at_sites(building(), []);
    house.connect(nowhere);
    let list = house.doors("jane", Fresh).await;
    assert_eq!(list.problems[0].reason.cause(), Cause::NoDoorsAssigned);
    assert!(list.problems[0].reason.detail().unwrap().contains("at none of this building's sites"));
}

#[tokio::test(start_paused = true)]
async fn a_former_buildings_doors_stay_shut_when_sites_are_pinned() {
    let house = House::at(both());
    let provider = Arc::new(north_only(&house).at_sites(south(), [SiteId::from(2)]));
    house.connections.connect(&building(), &connection(), provider.clone());
    house.connections.connect(&south(), &connection(), provider);
    assert_eq!(names(house.doors("jane", Cached).await), ["North door"]);

    // She moves, and Openpath is not told.
    let unit = |name: &str| Unit::new(UnitId::new(name).unwrap(), name);
    let former = Residency::current(building(), unit("101")).with_standing(Standing::Former);
    house.directory.put(
        Resident::new(ResidentId::new("jane").unwrap())
            .with_email(email_of("jane@example.com"))
            .with_residency(former)
            .with_residency(Residency::current(south(), unit("7"))),
    );
    assert_eq!(names(house.doors("jane", Cached).await), ["South door"]);
    assert_eq!(said(house.tap("jane", 4401).await), "door_not_granted");
    assert_eq!(house.orders(), 0);
    assert_eq!(said(house.tap("jane", 5501).await), "accepted");
}

#[tokio::test(start_paused = true)]
async fn a_building_that_is_not_pinned_keeps_nobody_from_another_one() {
    let house = House::at(both());
    let provider = OpenpathProvider::new(client_over(house.wire()));
    let provider = Arc::new(provider.at_sites(south(), [SiteId::from(2)]));
    house.connections.connect(&building(), &connection(), provider.clone());
    house.connections.connect(&south(), &connection(), provider);
    let unit = |name: &str| Unit::new(UnitId::new(name).unwrap(), name);
    house.directory.put(
        Resident::new(ResidentId::new("jane").unwrap())
            .with_email(email_of("jane@example.com"))
            .with_residency(Residency::current(building(), unit("101")))
            .with_residency(Residency::current(south(), unit("7"))),
    );
    assert_eq!(house.list(Cached).await, (vec!["South door".into()], vec![Cause::WrongBuilding]));
    assert_eq!(said(house.tap("jane", 5501).await), "accepted");
    assert_ne!(said(house.tap("jane", 4401).await), "accepted");
    assert_eq!(house.orders(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_building_that_is_not_pinned_gets_nothing_from_a_pinned_connection() {
    let house = House::at(both());
    let elsewhere = OpenpathProvider::new(client_over(house.wire()));
    house.connect(elsewhere.at_sites(south(), [SiteId::from(1)]));
    assert_eq!(house.list(Cached).await, (vec![], vec![Cause::WrongBuilding]));
    assert_eq!(said(house.tap("jane", 4401).await), "wrong_building");
    let report = said_of(&house.access, "4401").await;
    assert!(report.contains("serves this building"), "{report}");
    let health = house.access.check(&building()).await.unwrap().remove(0).health;
    assert_eq!(
        (health.state, health.reasons[0].cause()),
        (HealthState::Down, Cause::WrongBuilding)
    );
    assert_eq!(house.vendor.requests(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_door_that_is_left_alone_is_the_one_whose_order_was_throttled() {
    let house = House::at(both());
    let south_only = OpenpathProvider::new(client_over(house.wire()));
    house.connect(south_only.at_sites(building(), [SiteId::from(2), SiteId::from(3)]));
    house.doors("jane", Cached).await;
    let throttled = Fault::before(FaultKind::status(429, "{}"));
    house.vendor.faults(|f| f.next_on(ORDER_PATH, throttled));
    let _ = house.tap("jane", 5501).await;
    let doors = house.doors("jane", Cached).await.doors;
    let blocked = |name: &str| doors.iter().find(|d| d.name == name).unwrap().blocked.is_some();
    assert_eq!((doors.len(), blocked("South door")), (1, true));

    house.connect(OpenpathProvider::new(client_over(house.wire())));
    house.vendor.faults(|f| f.next_on(ORDER_PATH, Fault::before(FaultKind::status(429, "{}"))));
    let _ = house.tap("jane", 6601).await;
    let doors = house.doors("jane", Cached).await.doors;
    let blocked: Vec<_> =
        doors.iter().filter(|d| d.blocked.is_some()).map(|d| d.name.as_str()).collect();
    assert_eq!((doors.len(), blocked), (4, vec!["Shed"]));
}

#[tokio::test(start_paused = true)]
async fn a_user_with_5000_entries_has_5000_doors_and_one_with_more_has_none() {
    for (count, doors, problems) in
        [(5_000, 5_000, vec![]), (5_001, 0, vec![Cause::VendorReplyUnusable])]
    {
        let house = House::at(both());
        let rows: Vec<_> = (0..count).map(|n| format!(r#"{{"id":{}}}"#, 100_000 + n)).collect();
        let body = format!(r#"{{"data":[{}]}}"#, rows.join(","));
        house.vendor.with(|openpath| openpath.reply_to(Operation::ListUserEntries, body, 200));
        let list = house.list(Cached).await;
        assert_eq!((list.0.len(), list.1), (doors, problems), "{count}");
    }
}
