//! Lists: favourites first, one system down leaves the others' doors.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use elevate_access::{
    AccessProvider, Audited, Auditor, BuildingId, Cause, Check, ConnectionId, Context, Error,
    Freshness, Grants, Health, Identity, LinkState, Notification, Notified, Occupant, ProviderInfo,
    Residency, Standing, System, UnlockPermit, VendorDoorId, Verdict, VerifiedEmail,
};
use elevate_access_testkit::{Fault, FaultKind, MemorySystem, StoreCall, Vendor};
use tokio::time::Instant;

use crate::house::{Broken, House, provider_of, unit};

#[tokio::test(start_paused = true)]
async fn favourites_come_first_and_survive_a_door_out_of_reach() {
    let house = House::new();
    house.vendor.with(|s| s.grant("jane", "garage"));
    let garage = "memory-1/garage".parse().unwrap();
    house.access.set_favorite(&house.jane, &garage, true).await.unwrap();
    let names = |list: elevate_access::DoorList| {
        list.doors.into_iter().map(|d| (d.name, d.favorite)).collect::<Vec<_>>()
    };
    let listed = names(house.access.doors(&house.jane, Freshness::Cached).await.unwrap());
    assert_eq!(listed, [("Garage".into(), true), ("Front door".into(), false)]);
    house.vendor.with(|s| s.revoke("jane", "garage"));
    let listed = names(house.access.doors(&house.jane, Freshness::Fresh).await.unwrap());
    assert_eq!(listed, [("Front door".into(), false)]);
    house.vendor.with(|s| s.grant("jane", "garage"));
    let listed = names(house.access.doors(&house.jane, Freshness::Fresh).await.unwrap());
    assert_eq!(listed[0], ("Garage".into(), true));
    house.access.set_favorite(&house.jane, &garage, false).await.unwrap();
    let listed = names(house.access.doors(&house.jane, Freshness::Fresh).await.unwrap());
    assert!(listed.iter().all(|(_, favorite)| !favorite));
}

#[tokio::test(start_paused = true)]
async fn favourite_outside_the_grant_refused() {
    let house = House::new();
    for door in ["memory-1/garage", "memory-1/none", "elsewhere/front"] {
        let refused = house.access.set_favorite(&house.jane, &door.parse().unwrap(), true).await;
        assert_eq!(refused.unwrap_err().cause(), Cause::DoorNotGranted);
    }
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_is_down_leaves_the_others_doors() {
    let house = House::new();
    let down = Vendor::new(MemorySystem::new().door("side", "Side").granting("jane", "side"));
    down.faults(|f| f.always(Fault::before(FaultKind::Stall)));
    let second = ConnectionId::new("memory-2").unwrap();
    let provider = Arc::new(provider_of(&down, house.clock));
    house.connections.connect(&house.building, &second, provider);
    let list = house.access.doors(&house.jane, Freshness::Cached).await.unwrap();
    assert_eq!(list.doors.len(), 1);
    assert_eq!(list.problems.len(), 1);
    assert_eq!(list.problems[0].connection.as_ref(), Some(&second));
    assert_eq!(list.problems[0].reason.cause(), Cause::VendorUnreachable);
    assert!(house.tap().await.is_ok(), "and the door that is there opens");
}

#[tokio::test(start_paused = true)]
async fn favourites_that_cannot_be_read_do_not_hide_the_doors() {
    let house = House::new();
    house.store.break_at(StoreCall::Favorites, Broken::Fails);
    let list = house.access.doors(&house.jane, Freshness::Cached).await.unwrap();
    assert_eq!(list.doors.len(), 1);
    assert_eq!(list.problems[0].reason.cause(), Cause::StoreFailed);
}

#[tokio::test(start_paused = true)]
async fn a_resident_of_two_buildings_sees_the_doors_of_both() {
    let house = House::new();
    let other = BuildingId::new("b2").unwrap();
    let system = MemorySystem::new().door("gate", "Gate").granting("jane", "gate");
    let vendor = Vendor::new(system);
    let provider = Arc::new(provider_of(&vendor, house.clock));
    house.connections.connect(&other, &ConnectionId::new("memory-2").unwrap(), provider);
    let second = Residency::current(other, unit("x", "7"));
    house.directory.people.change(&house.jane, |r| r.residencies.push(second));
    let list = house.access.doors(&house.jane, Freshness::Cached).await.unwrap();
    let ids: Vec<_> = list.doors.iter().map(|d| d.id.to_string()).collect();
    assert_eq!(ids, ["memory-1/front", "memory-2/gate"]);
    house.directory.people.change(&house.jane, |r| r.residencies[1].standing = Standing::Former);
    let list = house.access.doors(&house.jane, Freshness::Cached).await.unwrap();
    assert_eq!(list.doors.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn link_status_asks_no_vendor() {
    let house = House::new();
    let statuses = house.access.link_status(&house.jane).await.unwrap();
    assert_eq!(statuses.len(), 1);
    assert_eq!(statuses[0].state, LinkState::ByUnit);
    assert_eq!(house.vendor.requests(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_diagnosis_names_what_to_mend_and_where() {
    let house = House::new();
    house.vendor.with(|s| s.revoke("jane", "front"));
    let email = VerifiedEmail::from_pms("canary@example.com").unwrap();
    house.directory.people.set_email(&house.jane, Some(email));
    let diagnosis = house.access.diagnose(&house.jane, Some(&house.door)).await.unwrap();
    assert_eq!(diagnosis.first_failure().unwrap().cause(), Cause::DoorNotGranted);
    assert!(!diagnosis.to_string().contains("canary"));
    insta::assert_snapshot!(diagnosis.to_string());
    house.directory.people.set_standing(&house.jane, &Standing::Other("Notice".into()));
    let diagnosis = house.access.diagnose(&house.jane, None).await.unwrap();
    insta::assert_snapshot!(diagnosis.to_string());
    assert!(house.orders().is_empty());
}

/// Knows people by e-mail, links whoever asks for a list, and says which link it finds.
#[derive(Debug, Default)]
struct Linking(Mutex<Vec<Option<String>>>);

#[async_trait]
impl AccessProvider for Linking {
    fn info(&self) -> ProviderInfo {
        ProviderInfo::new(System::new("Linking", "the linking console"), Identity::Email)
    }
    async fn grants(
        &self,
        context: &Context,
        who: &Occupant,
        _: Freshness,
    ) -> Result<Grants, Error> {
        let found = context.link(who).await?.map(|link| link.subject);
        self.0.lock().unwrap().push(found);
        context.set_link(who, "user-1", None, context.now()).await?;
        let good_until = Instant::now() + Duration::from_mins(1);
        Ok(Grants { doors: Vec::new(), problems: Vec::new(), good_until })
    }
    async fn unlock(
        &self,
        _: &Context,
        _: &Occupant,
        _: &VendorDoorId,
        _: UnlockPermit,
    ) -> Verdict {
        Verdict::NotSent(Error::new(Cause::Internal))
    }
    async fn explain(&self, _: &Context, _: &Occupant, _: Option<&VendorDoorId>) -> Vec<Check> {
        Vec::new()
    }
    async fn check(&self, _: &Context) -> Health {
        Health::ok()
    }
    async fn audit(&self, _: &Context, _: &Auditor) -> Result<Audited, Error> {
        Ok(Audited::default())
    }
    async fn notified(&self, _: &Context, _: &Notification<'_>) -> Result<Notified, Error> {
        Err(Error::new(Cause::DeliveryRefused))
    }
}

#[tokio::test(start_paused = true)]
async fn changed_resident_email_unlinks_at_once() {
    let house = House::new();
    let provider = Arc::new(Linking::default());
    house.connections.connect(&house.building, house.door.connection(), provider.clone());
    let state = async || house.access.link_status(&house.jane).await.unwrap()[0].state;
    assert_eq!(state().await, LinkState::NotLinked);
    house.access.doors(&house.jane, Freshness::Cached).await.unwrap();
    assert_eq!(state().await, LinkState::Linked { verified: house.now() });

    let email = |text| Some(VerifiedEmail::from_pms(text).unwrap());
    house.directory.people.set_email(&house.jane, email("JANE@example.com"));
    assert!(matches!(state().await, LinkState::Linked { .. }), "ASCII case is no change");
    house.directory.people.set_email(&house.jane, email("jane.d@example.com"));
    assert_eq!(state().await, LinkState::NotLinked);
    house.access.doors(&house.jane, Freshness::Cached).await.unwrap();
    house.directory.people.set_email(&house.jane, None);
    assert_eq!(state().await, LinkState::NotLinked);
    assert_eq!(
        *provider.0.lock().unwrap(),
        [None, None],
        "no provider sees a link of another e-mail"
    );
}

#[tokio::test(start_paused = true)]
async fn a_door_of_a_building_that_was_moved_out_of_is_mended_in_the_pms() {
    let house = House::new();
    let (elsewhere, second) = (BuildingId::new("b2").unwrap(), ConnectionId::new("m2").unwrap());
    let provider = Arc::new(provider_of(&house.vendor, house.clock));
    house.connections.connect(&elsewhere, &second, provider);
    let former = Residency::new(elsewhere, unit("x", "7"), Standing::Former);
    house.directory.people.change(&house.jane, |r| r.residencies.push(former));
    let door = "m2/front".parse().unwrap();
    let diagnosis = house.access.diagnose(&house.jane, Some(&door)).await.unwrap();
    assert_eq!(diagnosis.first_failure().unwrap().cause(), Cause::NotCurrent, "{diagnosis}");
    // The resident learns nothing of it.
    let refused = house.access.unlock(&house.jane, &door, elevate_access::Tap::now()).await;
    assert_eq!(refused.unwrap_err().cause(), Cause::DoorNotGranted);
}

#[tokio::test(start_paused = true)]
async fn a_hosts_own_failure_is_the_source_of_a_problem() {
    let house = House::new();
    house.store.break_at(StoreCall::Favorites, Broken::Fails);
    let list = house.access.doors(&house.jane, Freshness::Cached).await.unwrap();
    let error = list.problems[0].error.as_ref().unwrap();
    let source = std::error::Error::source(error).unwrap().to_string();
    assert_eq!(source, "the store is broken");
    assert!(!format!("{list:?}").contains("broken"), "it is handed on, not printed");
}
