//! From a tap to the fake's locks and back: units from the table, doors of another brand than 2N's.

use std::{sync::Arc, time::Duration};

use elevate_access::{
    Access, AccessBuilder, BuildingId, Cause, ConnectionId, DoorId, Freshness, Health, HealthState,
    MemoryConnections, MemoryDirectory, MemoryStore, Outcome, Reason, Receipt, Residency, Resident,
    ResidentId, Tap, Unit, UnitId,
};
use elevate_seam::{DeviceType, TwoNProvider, TwoNSettings, Units};
use serde_json::json;

use super::{
    device,
    fake::{Fake, Shown},
    seed,
};

const LOOK: &str = "/action_attempts/get";

struct House {
    fake: Fake,
    access: Access,
}

impl House {
    /// Jane lives in 101, which has the front door and the gate, and a thermostat by mistake; Omar lives in
    /// 102, which has the back door.
    async fn with(
        key: &str,
        set: impl FnOnce(TwoNSettings) -> TwoNSettings,
        limit: impl FnOnce(AccessBuilder) -> AccessBuilder,
    ) -> Option<Self> {
        let fake = Fake::start().await?;
        let settings = set(TwoNSettings::new(building())
            .units(table(&[
                ("101", &[seed::FRONT, seed::GATE, seed::THERMOSTAT]),
                ("102", &[seed::BACK]),
            ]))
            .device_types([DeviceType::AugustLock, DeviceType::SchlageLock]));
        let provider = TwoNProvider::new(fake.client_with(key), settings);

        let directory = MemoryDirectory::new();
        let units = ["101", "102"].map(|name| Unit::new(UnitId::new(name).unwrap(), name));
        directory.set_units(&building(), units.to_vec());
        for (who, unit) in ["jane", "omar"].into_iter().zip(units) {
            let home = Residency::current(building(), unit);
            directory.put(Resident::new(resident(who)).with_residency(home));
        }
        let connections = MemoryConnections::new();
        let connection = ConnectionId::new("seam-1").unwrap();
        connections.connect(&building(), &connection, Arc::new(provider));
        let access = Access::builder()
            .directory(directory)
            .connections(connections)
            .store(MemoryStore::new());
        let access = limit(access).build().unwrap();
        Some(Self { fake, access })
    }

    async fn new() -> Option<Self> {
        Self::with(seed::KEY, |settings| settings, |access| access).await
    }

    async fn set_up(set: impl FnOnce(TwoNSettings) -> TwoNSettings) -> Option<Self> {
        Self::with(seed::KEY, set, |access| access).await
    }

    /// The ids on somebody's list, and what keeps others from it.
    async fn sees(&self, who: &str) -> (Vec<String>, Vec<Cause>) {
        let list = self.access.doors(&resident(who), Freshness::Fresh).await.unwrap();
        let ids = list.doors.iter().map(|door| door.id.to_string()).collect();
        (ids, list.problems.iter().map(|problem| problem.reason.cause()).collect())
    }

    async fn tap(&self, who: &str, id: &str) -> Result<Outcome, elevate_access::Error> {
        self.access.unlock(&resident(who), &door(id), Tap::now()).await
    }

    /// A tap of Jane's on the front door whose order is shown like that at the first look that succeeds.
    async fn tap_shown(&self, shown: Shown<'_>) -> Outcome {
        self.fake.outage_of(&[LOOK]).await;
        let access = self.access.clone();
        let tap = tokio::spawn(async move {
            access.unlock(&resident("jane"), &door(seed::FRONT), Tap::now()).await
        });
        let attempt = self.fake.first_order().await;
        self.fake.show(&attempt, shown).await;
        self.fake.outage_of(&[]).await;
        let outcome = tap.await.unwrap().unwrap();
        assert_eq!(outcome.receipt().reference, Some(attempt));
        // Whatever became of it, it was one order.
        assert_eq!(self.fake.unlocked().await, [seed::FRONT]);
        outcome
    }

    async fn health(&self) -> Health {
        self.access.check(&building()).await.unwrap().remove(0).health
    }
}

fn building() -> BuildingId {
    BuildingId::new("maple").unwrap()
}

fn resident(id: &str) -> ResidentId {
    ResidentId::new(id).unwrap()
}

fn door(id: &str) -> DoorId {
    format!("seam-1/{id}").parse().unwrap()
}

fn table(units: &[(&str, &[&str])]) -> Units {
    let devices = |ids: &[&str]| ids.iter().map(|id| device(id)).collect();
    Units::Table(units.iter().map(|(name, ids)| ((*name).to_owned(), devices(ids))).collect())
}

fn cause(receipt: &Receipt) -> Option<Cause> {
    receipt.reason.as_ref().map(Reason::cause)
}

#[tokio::test]
async fn a_resident_sees_the_doors_that_the_table_gives_to_their_unit() {
    let Some(house) = House::new().await else { return };
    let front_and_gate = [seed::FRONT, seed::GATE].map(|id| door(id).to_string());
    assert_eq!(house.sees("jane").await, (front_and_gate.to_vec(), vec![]));
    assert_eq!(house.sees("omar").await, (vec![door(seed::BACK).to_string()], vec![]));
}

#[tokio::test]
async fn a_tap_is_accepted_where_the_vendor_does_not_confirm_it() {
    let Some(house) = House::new().await else { return };
    house.sees("jane").await;
    let (requests, outcome) = house.fake.requests_of(house.tap("jane", seed::GATE)).await;
    assert_eq!(requests, 2, "the order, and one look at what became of it");
    let outcome = outcome.unwrap();
    let Outcome::Accepted(receipt) = outcome else { panic!("{outcome:?}") };
    assert_eq!((receipt.certain, receipt.reason), (false, None));
    assert_eq!(house.fake.orders().await, [receipt.reference.unwrap()]);
    assert_eq!(house.fake.unlocked().await, [seed::GATE]);
}

#[tokio::test]
async fn a_tap_is_opened_only_by_the_devices_own_word() {
    let Some(house) = House::new().await else { return };
    let confirmed = json!({ "was_confirmed_by_device": true });
    let outcome = house.tap_shown(Shown::Success(confirmed)).await;
    assert!(matches!(&outcome, Outcome::Opened(r) if r.certain), "{outcome:?}");

    let Some(house) = House::new().await else { return };
    let unconfirmed = json!({ "was_confirmed_by_device": false });
    let outcome = house.tap_shown(Shown::Success(unconfirmed)).await;
    assert!(matches!(&outcome, Outcome::Accepted(r) if !r.certain), "{outcome:?}");
}

#[tokio::test]
async fn a_tap_that_the_vendor_reports_as_failed_is_not_opened_and_not_certain() {
    let Some(house) = House::new().await else { return };
    let failure = Shown::Error { kind: "uncategorized_error", message: "The lock was silent" };
    let outcome = house.tap_shown(failure).await;
    let Outcome::NotOpened(receipt) = outcome else { panic!("{outcome:?}") };
    assert_eq!((cause(&receipt), receipt.certain), (Some(Cause::OrderFailed), false));
    let detail = receipt.reason.as_ref().and_then(Reason::detail).unwrap_or_default();
    assert!(detail.contains("uncategorized_error: The lock was silent"), "{detail}");
}

#[tokio::test]
async fn a_tap_of_which_nothing_more_is_heard_is_unknown() {
    let hasty = |access: AccessBuilder| {
        let limit = Duration::from_secs(2);
        access.send_within(limit).answer_within(limit)
    };
    let Some(house) = House::with(seed::KEY, |settings| settings, hasty).await else { return };
    house.sees("jane").await;
    let outcome = house.tap_shown(Shown::Pending).await;
    let Outcome::Unknown(receipt) = outcome else { panic!("{outcome:?}") };
    assert_eq!(cause(&receipt), Some(Cause::StillPending));
}

#[tokio::test]
async fn a_tap_that_the_vendor_answers_with_an_error_of_its_own_is_unknown() {
    let Some(house) = House::new().await else { return };
    house.sees("jane").await;
    house.fake.outage_of(&["/locks/unlock_door"]).await;
    let outcome = house.tap("jane", seed::FRONT).await.unwrap();
    let Outcome::Unknown(receipt) = outcome else { panic!("{outcome:?}") };
    assert_eq!(cause(&receipt), Some(Cause::AnswerUnclear));
    assert_eq!(house.fake.unlocked().await, [] as [String; 0]);
}

/// The fake opens whatever it is asked to, so it is all on our side.
#[tokio::test]
async fn no_order_leaves_for_somebody_elses_door_or_for_what_is_no_door() {
    let Some(house) = House::new().await else { return };
    for (who, what) in [
        ("jane", seed::BACK),
        ("omar", seed::FRONT),
        ("jane", seed::THERMOSTAT),
        ("jane", "no-such-device"),
    ] {
        let refused = house.tap(who, what).await.unwrap_err();
        assert_eq!(refused.cause(), Cause::DoorNotGranted, "{who}, {what}");
    }
    assert_eq!(house.fake.orders().await, [] as [String; 0]);
}

#[tokio::test]
async fn doors_that_cannot_be_read_open_for_nobody() {
    let Some(house) = House::new().await else { return };
    house.fake.outage_of(&["/devices/list"]).await;
    assert_eq!(house.sees("jane").await, (vec![], vec![Cause::VendorError]));
    assert_eq!(house.tap("jane", seed::FRONT).await.unwrap_err().cause(), Cause::VendorError);
    assert_eq!(house.fake.orders().await, [] as [String; 0]);
}

#[tokio::test]
async fn a_key_that_is_not_known_is_for_somebody_to_mend() {
    let unknown = House::with("seam_unknownkey", |settings| settings, |access| access).await;
    let Some(house) = unknown else { return };
    assert_eq!(house.sees("jane").await, (vec![], vec![Cause::CredentialsRefused]));
    let refused = house.tap("jane", seed::FRONT).await.unwrap_err();
    assert_eq!(refused.cause(), Cause::CredentialsRefused);
    let diagnosis = house.access.diagnose(&resident("jane"), None).await.unwrap();
    assert_eq!(diagnosis.first_failure().map(Reason::cause), Some(Cause::CredentialsRefused));
    let health = house.health().await;
    assert_eq!(health.state, HealthState::Down);
    assert_eq!(health.reasons[0].cause(), Cause::CredentialsRefused);
    assert_eq!(house.fake.orders().await, [] as [String; 0]);
}

#[tokio::test]
async fn a_server_without_spaces_is_a_wrong_set_up_and_no_empty_building() {
    let spaces = |settings: TwoNSettings| settings.units(Units::Spaces);
    let Some(house) = House::set_up(spaces).await else { return };
    assert_eq!(house.sees("jane").await, (vec![], vec![Cause::SetupWrong]));
}

#[tokio::test]
async fn a_check_finds_what_the_table_names_and_is_no_door() {
    let Some(house) = House::new().await else { return };
    let health = house.health().await;
    assert_eq!(health.state, HealthState::Degraded);
    let [reason] = &health.reasons[..] else { panic!("{health:?}") };
    assert_eq!(reason.cause(), Cause::SetupWrong);
    assert!(reason.detail().is_some_and(|said| said.contains(seed::THERMOSTAT)), "{reason:?}");

    let mended = |settings: TwoNSettings| settings.units(table(&[("101", &[seed::FRONT])]));
    let Some(house) = House::set_up(mended).await else { return };
    assert_eq!(house.health().await.reasons, []);
}
