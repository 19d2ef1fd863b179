//! Late truth: what is found out afterwards is written down beside what was told, and changes nothing else.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use elevate_access::{
    AccessProvider, Audited, Auditor, Cause, Check, Context, Error, Freshness, Grants, Health,
    Notification, Notified, Occupant, Outcome, PastOrder, ProviderInfo, Reason, Residency,
    Resident, Standing, Tap, TapId, TapQuery, TapRecord, TapState, UnlockPermit, VendorDoorId,
    Verdict,
};
use elevate_access_testkit::{Fault, FaultKind, MemoryAnswer, MemoryProvider, StoreCall};
use tokio::time::sleep;

use crate::house::{Broken, House, millis, provider_of, seconds, unit};

async fn history(house: &House) -> Vec<TapRecord> {
    house.access.taps(&TapQuery::new()).await.unwrap()
}

fn later(record: &TapRecord) -> Option<&Outcome> {
    let TapState::Settled { later, .. } = &record.state else { panic!("{record:?}") };
    later.as_ref()
}

fn told(record: &TapRecord) -> &Outcome {
    let TapState::Settled { outcome, .. } = &record.state else { panic!("{record:?}") };
    outcome
}

/// A house whose system takes orders and says no more.
fn taking() -> House {
    let house = House::new();
    house.vendor.with(|system| system.answer_with(MemoryAnswer::Takes));
    house
}

#[tokio::test(start_paused = true)]
async fn what_became_of_an_order_is_found_out_once_and_written_down_with_an_id_or_without() {
    let house = taking();
    let answers = [house.tap().await.unwrap(), house.tap_with("t").await.unwrap()];
    assert!(answers.iter().all(|told| matches!(told, Outcome::Accepted(_))), "{answers:?}");
    sleep(seconds(29)).await;
    assert!(history(&house).await.iter().all(|record| later(record).is_none()), "not at once");
    sleep(seconds(2)).await;
    let records = history(&house).await;
    assert_eq!(records.len(), 2);
    for record in &records {
        assert!(matches!(told(record), Outcome::Accepted(_)), "what was told stays");
        let Some(Outcome::Opened(receipt)) = later(record) else { panic!("{record:?}") };
        assert!(receipt.certain && receipt.reference.is_some());
        assert_eq!((&receipt.door, &receipt.tap), (&house.door, &record.id));
        assert!(receipt.took >= seconds(30), "{:?}", receipt.took);
    }
    // Whoever sends the same id again is told what was told before.
    assert_eq!(house.tap_with("t").await.unwrap(), answers[1]);
    sleep(seconds(600)).await;
    assert_eq!(house.vendor.requests_on("/order"), 2, "one look for each, and no more");
    assert_eq!(house.orders().len(), 2, "and nothing was sent for it");
}

#[tokio::test(start_paused = true)]
async fn of_taps_that_follow_each_other_closely_each_gets_what_became_of_its_own_order() {
    let house = taking();
    for id in ["one", "two"] {
        house.tap_with(id).await.unwrap();
        house.tap().await.unwrap();
        sleep(millis(300)).await;
    }
    sleep(seconds(60)).await;
    let records = history(&house).await;
    assert_eq!(records.len(), 4);
    for record in &records {
        let (told, later) = (told(record).receipt(), later(record).unwrap().receipt());
        assert_eq!((&later.tap, &later.reference), (&record.id, &told.reference));
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_found_out_about_an_order_is_written_down_for_every_tap_that_shared_it() {
    let house = taking();
    house.directory.slow_by(millis(500));
    let later_by = async |after, id| {
        sleep(millis(after)).await;
        house.tap_with(id).await
    };
    let (led, one, other) =
        tokio::join!(house.tap_with("led"), later_by(100, "one"), later_by(200, "other"));
    for told in [&led, &one, &other] {
        assert!(matches!(told, Ok(Outcome::Accepted(_))), "{told:?}");
    }
    sleep(seconds(60)).await;
    let records = history(&house).await;
    assert_eq!(records.len(), 3);
    for record in &records {
        let Some(Outcome::Opened(receipt)) = later(record) else { panic!("{record:?}") };
        assert_eq!(
            (&receipt.tap, &receipt.reference),
            (&record.id, &told(record).receipt().reference)
        );
        assert!(receipt.took >= seconds(30), "{:?}", receipt.took);
    }
    assert_eq!((house.orders().len(), house.vendor.requests_on("/order")), (1, 1), "one look");
}

#[tokio::test(start_paused = true)]
async fn a_tap_that_was_answered_before_the_order_it_shared_gets_what_became_of_it() {
    let house = House::new();
    house.vendor.faults(|f| f.next_on("/open", Fault::after(FaultKind::Trickle(millis(300)))));
    let (led, shared) = tokio::join!(house.tap_with("led"), async {
        sleep(millis(100)).await;
        let old = Tap::aged(millis(4_500)).with_id(TapId::new("old").unwrap());
        house.access.unlock(&house.jane, &house.door, old).await
    });
    assert!(matches!(led, Ok(Outcome::Opened(_))), "{led:?}");
    assert!(matches!(shared, Ok(Outcome::Unknown(_))), "{shared:?}");
    sleep(seconds(60)).await;
    let old = history(&house).await.into_iter().find(|r| r.id == TapId::new("old").ok()).unwrap();
    assert!(matches!(later(&old), Some(Outcome::Opened(_))), "{old:?}");
    assert_eq!(told(&old), &shared.unwrap(), "what was told stays");
    assert_eq!((house.orders().len(), house.vendor.requests_on("/order")), (1, 0), "no look");
}

#[tokio::test(start_paused = true)]
async fn what_is_known_is_not_asked_for() {
    let house = House::new();
    house.tap().await.unwrap();
    house.vendor.with(|system| system.answer_with(MemoryAnswer::Fails));
    house.tap_with("t").await.unwrap();
    house.directory.down(true);
    assert!(house.tap().await.is_err());
    sleep(seconds(120)).await;
    assert_eq!(house.vendor.requests_on("/order"), 0);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_was_lost_leaves_nothing_to_ask_for_and_stays_unknown() {
    let house = taking();
    house.vendor.faults(|f| f.next_on("/open", Fault::after(FaultKind::Reset)));
    assert!(matches!(house.tap_with("t").await.unwrap(), Outcome::Unknown(_)));
    sleep(seconds(120)).await;
    let records = history(&house).await;
    assert!(matches!(records[0].last_known(), Some(Outcome::Unknown(_))));
    assert_eq!(house.orders().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_look_that_fails_leaves_it_as_it_was_and_can_be_repeated_by_the_host() {
    let house = taking();
    house.tap_with("t").await.unwrap();
    house.vendor.faults(|f| f.next_on("/order", Fault::before(FaultKind::Refuse)));
    sleep(seconds(60)).await;
    let [record] = history(&house).await.try_into().unwrap();
    assert_eq!(later(&record), None);
    let known = house.access.look_back(&record).await.unwrap();
    assert!(matches!(known, Some(Outcome::Opened(_))));
    let [record] = history(&house).await.try_into().unwrap();
    assert_eq!(later(&record), known.as_ref());
    // What is known by now is not asked for again.
    assert_eq!(house.access.look_back(&record).await.unwrap(), known);
    assert_eq!(house.vendor.requests_on("/order"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_store_that_fails_then_costs_only_the_late_truth() {
    let house = taking();
    house.tap_with("t").await.unwrap();
    house.store.break_at(StoreCall::Amend, Broken::Fails);
    sleep(seconds(60)).await;
    let [record] = history(&house).await.try_into().unwrap();
    assert_eq!(later(&record), None);
    let error = house.access.look_back(&record).await.unwrap_err();
    assert_eq!(error.cause(), Cause::StoreFailed);
    house.store.mend();
    assert!(house.access.look_back(&record).await.unwrap().is_some());
}

#[tokio::test(start_paused = true)]
async fn one_who_has_left_is_asked_for_no_more() {
    let house = taking();
    house.tap_with("t").await.unwrap();
    house.vendor.faults(|f| f.next_on("/order", Fault::before(FaultKind::Refuse)));
    sleep(seconds(60)).await;
    let [record] = history(&house).await.try_into().unwrap();
    let home = Residency::new(house.building.clone(), unit("u1", "101"), Standing::Former);
    house.directory.people.put(Resident::new(house.jane.clone()).with_residency(home));
    assert_eq!(house.access.look_back(&record).await.unwrap(), None);
}

#[tokio::test(start_paused = true)]
async fn a_front_door_that_is_gone_looks_back_at_nothing() {
    let house = taking();
    house.tap_with("t").await.unwrap();
    let vendor = house.vendor.clone();
    drop(house);
    sleep(seconds(120)).await;
    assert_eq!(vendor.requests_on("/order"), 0);
}

#[tokio::test(start_paused = true)]
async fn who_was_told_the_end_has_nothing_written_beside_it_and_costs_no_look() {
    let house = House::new();
    house.vendor.faults(|f| f.next_on("/open", Fault::after(FaultKind::Trickle(millis(300)))));
    let tap = |id: &'static str, age: u64, after: u64| {
        let house = &house;
        async move {
            sleep(millis(after)).await;
            let tap = Tap::aged(millis(age)).with_id(TapId::new(id).unwrap());
            house.access.unlock(&house.jane, &house.door, tap).await.unwrap()
        }
    };
    // The last one gives up before the order is answered.
    let (led, joined, old) =
        tokio::join!(tap("led", 0, 0), tap("joined", 0, 100), tap("old", 4_800, 100));
    assert!(matches!((led, joined), (Outcome::Opened(_), Outcome::Opened(_))));
    assert!(matches!(old, Outcome::Unknown(_)), "or it shows nothing: {old:?}");
    sleep(seconds(60)).await;
    for record in history(&house).await {
        let is_old = record.id.as_ref().is_some_and(|id| id.as_str() == "old");
        assert_eq!(later(&record).is_some(), is_old, "{record:?}");
    }
    // Where all were told, the history is not even read again.
    let orders = house.orders().len();
    house.vendor.faults(|f| f.next_on("/open", Fault::after(FaultKind::Trickle(millis(50)))));
    let told = tokio::join!(tap("one", 0, 0), tap("two", 0, 100));
    assert!(matches!(told, (Outcome::Opened(_), Outcome::Opened(_))), "{told:?}");
    assert_eq!(house.orders().len(), orders + 1, "they share it");
    let before = house.store.asked(StoreCall::Taps);
    sleep(seconds(60)).await;
    assert_eq!(house.store.asked(StoreCall::Taps), before);
}

/// The in-memory system's provider, but for what it says when it looks back.
#[derive(Debug)]
struct Recalling {
    to: MemoryProvider,
    says: Mutex<Verdict>,
}

#[async_trait]
impl AccessProvider for Recalling {
    fn info(&self) -> ProviderInfo {
        self.to.info()
    }
    async fn grants(
        &self,
        context: &Context,
        who: &Occupant,
        freshness: Freshness,
    ) -> Result<Grants, Error> {
        self.to.grants(context, who, freshness).await
    }
    async fn unlock(
        &self,
        context: &Context,
        who: &Occupant,
        door: &VendorDoorId,
        permit: UnlockPermit,
    ) -> Verdict {
        self.to.unlock(context, who, door, permit).await
    }
    async fn look_back(
        &self,
        _: &Context,
        _: &Occupant,
        _: &PastOrder,
    ) -> Result<Option<Verdict>, Error> {
        Ok(Some(self.says.lock().unwrap().clone()))
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
async fn what_is_no_more_than_was_told_is_not_written_down_and_stands_in_the_way_of_no_later_truth()
{
    let lost = || Verdict::Lost { reference: None, reason: Reason::new(Cause::StillPending) };
    let accepted = || Verdict::Accepted { reference: None };
    for (answer_is_lost, no_more) in [(false, vec![lost(), accepted()]), (true, vec![lost()])] {
        let house = taking();
        let to = provider_of(&house.vendor, house.clock);
        let provider = Arc::new(Recalling { to, says: Mutex::new(lost()) });
        let connection = house.door.connection();
        house.connections.connect(&house.building, connection, provider.clone());
        if answer_is_lost {
            house.vendor.faults(|f| f.next_on("/open", Fault::after(FaultKind::Reset)));
        }
        house.tap_with("t").await.unwrap();
        let [record] = history(&house).await.try_into().unwrap();
        for says in no_more {
            *provider.says.lock().unwrap() = says.clone();
            assert_eq!(house.access.look_back(&record).await.unwrap(), None, "{says:?}");
            // Nor by the look that comes by itself.
            sleep(seconds(60)).await;
            let [record] = history(&house).await.try_into().unwrap();
            assert_eq!(later(&record), None, "{says:?}");
        }
        *provider.says.lock().unwrap() = Verdict::Opened { reference: None };
        let known = house.access.look_back(&record).await.unwrap();
        assert!(matches!(known, Some(Outcome::Opened(_))), "{known:?}");
        let [record] = history(&house).await.try_into().unwrap();
        assert_eq!(later(&record), known.as_ref());
    }
}
