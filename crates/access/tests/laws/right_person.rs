//! L1: the right person, in the right building, by the right connection, as of this very second.

use elevate_access::{
    BuildingId, Cause, Freshness, Residency, Resident, ResidentId, Standing, Tap, VerifiedEmail,
};
use elevate_access_testkit::{Fault, FaultKind};
use tokio::time::sleep;

use crate::house::{House, seconds, unit};

#[tokio::test(start_paused = true)]
async fn standing_lost_during_a_slow_connect_sends_nothing() {
    for standing in [Standing::Former, Standing::Future, Standing::Other(String::new())] {
        let house = House::new();
        house.vendor.faults(|f| {
            f.next_on("/open", Fault::before(FaultKind::SlowConnect(seconds(3))));
        });
        let (tapped, ()) = tokio::join!(house.tap(), async {
            sleep(seconds(2)).await;
            house.directory.people.set_standing(&house.jane, &standing);
        });
        assert_eq!(tapped.unwrap_err().cause(), Cause::NotCurrent, "{standing:?}");
        assert!(house.orders().is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn email_or_unit_changed_during_a_slow_connect_sends_nothing() {
    type Change = fn(&mut Resident);
    let other: Change = |r| r.email = Some(VerifiedEmail::from_pms("other@example.com").unwrap());
    let gone: Change = |r| r.email = None;
    let moved: Change = |r| r.residencies[0].unit = unit("u2", "102");
    let renamed: Change = |r| r.residencies[0].unit = unit("u1", "Apt 101");
    let added: Change = |r| {
        let home = Residency::current(r.residencies[0].building.clone(), unit("u2", "102"));
        r.residencies.push(home);
    };
    for change in [other, gone, moved, renamed, added] {
        let house = House::new();
        house.vendor.faults(|f| {
            f.next_on("/open", Fault::before(FaultKind::SlowConnect(seconds(3))));
        });
        let (tapped, ()) = tokio::join!(house.tap(), async {
            sleep(seconds(2)).await;
            house.directory.people.change(&house.jane, change);
        });
        assert_eq!(tapped.unwrap_err().cause(), Cause::DetailsChanged);
        assert!(house.orders().is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn the_case_of_an_email_may_change_under_way() {
    let house = House::new();
    house.vendor.faults(|f| {
        f.next_on("/open", Fault::before(FaultKind::SlowConnect(seconds(3))));
    });
    let (tapped, ()) = tokio::join!(house.tap(), async {
        let email = VerifiedEmail::from_pms("JANE@EXAMPLE.com").unwrap();
        house.directory.people.set_email(&house.jane, Some(email));
    });
    tapped.unwrap();
    assert_eq!(house.opened(), 1);
}

#[tokio::test(start_paused = true)]
async fn foreign_and_unknown_door_get_one_answer() {
    let house = House::new();
    let other = BuildingId::new("b2").unwrap();
    let provider = crate::house::provider_of(&house.vendor, house.clock);
    house.connections.connect(&other, &"memory-2".parse().unwrap(), std::sync::Arc::new(provider));
    let mut answers = Vec::new();
    for door in [
        "memory-1/garage",     // a neighbour's
        "memory-1/nowhere",    // no door at all
        "memory-2/front",      // a door of another building
        "memory-2/nowhere",    // not even that
        "no-connection/front", // no such connection
    ] {
        let refused = house.access.unlock(&house.jane, &door.parse().unwrap(), Tap::now()).await;
        let refused = refused.unwrap_err();
        assert_eq!(refused.cause(), Cause::DoorNotGranted, "{door}");
        answers.push((refused.to_string(), refused.for_resident(), refused.for_manager()));
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
    assert!(house.orders().is_empty());
}

#[tokio::test(start_paused = true)]
async fn who_is_nobody_or_not_current_has_no_list_and_no_order() {
    let house = House::new();
    let nobody = ResidentId::new("nobody").unwrap();
    let refused = house.access.doors(&nobody, Freshness::Cached).await.unwrap_err();
    assert_eq!(refused.cause(), Cause::ResidentUnknown);
    house.directory.people.set_standing(&house.jane, &Standing::Other("Evicted".into()));
    let refused = house.access.doors(&house.jane, Freshness::Cached).await.unwrap_err();
    assert_eq!(refused.cause(), Cause::NotCurrent);
    assert_eq!(house.tap().await.unwrap_err().cause(), Cause::NotCurrent);
    assert_eq!(house.vendor.requests(), 0, "the vendor was asked about somebody without access");
}

#[tokio::test(start_paused = true)]
async fn a_former_residency_does_not_lend_its_building() {
    let house = House::new();
    let elsewhere = BuildingId::new("b2").unwrap();
    house.directory.people.change(&house.jane, |r| {
        r.residencies[0].standing = Standing::Former;
        r.residencies.push(Residency::current(elsewhere.clone(), unit("x1", "101")));
    });
    let refused = house.tap().await.unwrap_err();
    assert_eq!(refused.cause(), Cause::DoorNotGranted);
    assert!(house.orders().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_directory_that_is_down_keeps_the_door_shut() {
    let house = House::new();
    house.tap().await.unwrap();
    house.directory.down(true);
    assert_eq!(house.tap().await.unwrap_err().cause(), Cause::DirectoryFailed);
    assert_eq!(house.orders().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn forged_door_ids_do_not_flood_the_vendor() {
    let house = House::new();
    for n in 0..100 {
        let forged = format!("memory-1/forged-{n}").parse().unwrap();
        house.access.unlock(&house.jane, &forged, Tap::now()).await.unwrap_err();
    }
    // The in-memory provider keeps nothing: one reading for each look at its list, and one anew.
    assert_eq!(house.vendor.requests(), 101);
    sleep(seconds(5)).await;
    house.vendor.with(|s| s.grant("jane", "garage"));
    let garage = "memory-1/garage".parse().unwrap();
    house.access.unlock(&house.jane, &garage, Tap::now()).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn forged_door_ids_do_not_flood_the_vendor_however_many_residents_send_them() {
    let house = House::new();
    let residents: Vec<_> = (0..1_100)
        .map(|n| {
            let id = ResidentId::new(format!("r{n}")).unwrap();
            let home = Residency::current(house.building.clone(), unit("u1", "101"));
            house.directory.people.put(Resident::new(id.clone()).with_residency(home));
            id
        })
        .collect();
    let forged = "memory-1/forged".parse().unwrap();
    for anew in [1, 0] {
        let before = house.vendor.requests();
        for resident in &residents {
            house.access.unlock(resident, &forged, Tap::now()).await.unwrap_err();
        }
        // The list itself, which the in-memory provider does not keep, and once more anew.
        let each = house.vendor.requests() - before;
        assert_eq!(each, residents.len() * (1 + anew), "{anew}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_directory_that_mixes_residents_up_opens_nobodys_door() {
    let house = House::new();
    house.directory.mixes_up();
    let garage = "memory-1/garage".parse().unwrap();
    let refused = house.access.unlock(&house.jane, &garage, Tap::now()).await.unwrap_err();
    assert_eq!(refused.cause(), Cause::DirectoryFailed);
    assert!(house.orders().is_empty());
}
