//! Whether a connection works and is set up rightly.

use async_trait::async_trait;
use elevate_access::{
    Access, BuildingId, Cause, Directory, Health, HealthState, HostError, MemoryDirectory,
    MemoryStore, Resident, ResidentId, RosterStream, Unit, UnitId,
};
use elevate_access_testkit::{
    Fault, FaultKind,
    seam::{Account, Device, Seam},
};
use elevate_seam::{ConnectedAccountId, DeviceId, Units};
use tokio::time::Instant;

use super::house::{House, KEY, building, maple, resident, secs};

fn causes(health: &Health) -> Vec<Cause> {
    health.reasons.iter().map(elevate_access::Reason::cause).collect()
}

fn details(health: &Health) -> String {
    health.reasons.iter().filter_map(|reason| reason.detail()).collect::<Vec<_>>().join("; ")
}

#[tokio::test(start_paused = true)]
async fn a_connection_in_good_order_is_ok() {
    let house = House::of(maple());
    let health = house.health().await;
    assert_eq!((health.state, causes(&health)), (HealthState::Ok, vec![]), "{health}");
    let asked = house.asked();
    assert_eq!(asked.len(), 5);
    assert!(asked.iter().all(|(_, times)| *times == 1), "{asked:?}");
    assert_eq!(house.vendor.ledger().orders(), []);
}

#[tokio::test(start_paused = true)]
async fn one_that_cannot_work_is_down_and_says_why() {
    for (break_it, cause) in [
        (
            (|house| house.vendor.faults(|f| f.always(Fault::before(FaultKind::Refuse))))
                as fn(&House),
            Cause::VendorUnreachable,
        ),
        (
            |house| house.vendor.faults(|f| f.always(Fault::before(FaultKind::status(503, "")))),
            Cause::VendorError,
        ),
        (
            |house| house.vendor.faults(|f| f.always(Fault::before(FaultKind::html_200()))),
            Cause::VendorReplyUnusable,
        ),
        (
            |house| {
                house.vendor.faults(|f| f.always(Fault::before(FaultKind::redirect(301, "/x"))));
            },
            Cause::SetupWrong,
        ),
        (
            |house| {
                house.vendor.with(|seam| seam.set_key("seam_otherkey").requests(""));
            },
            Cause::CredentialsRefused,
        ),
    ] {
        let house = House::of(maple());
        break_it(&house);
        let health = house.health().await;
        assert_eq!((health.state, causes(&health)), (HealthState::Down, vec![cause]));
        assert_eq!(health.reasons[0].system().unwrap().name, "Seam");
    }
}

#[tokio::test(start_paused = true)]
async fn a_suspended_workspace_is_down() {
    let health = House::of(maple().sandbox(true)).health().await;
    assert_eq!(health.state, HealthState::Down);
    assert!(details(&health).contains("suspended"), "{health:?}");
    let sandbox = House::of(maple().sandbox(false));
    assert_eq!(sandbox.health().await.state, HealthState::Ok);
}

#[tokio::test(start_paused = true)]
async fn connected_and_nothing_synced_is_a_finding() {
    let health = House::of(Seam::new(KEY)).health().await;
    assert_eq!(health.state, HealthState::Degraded);
    assert_eq!(causes(&health), [Cause::SetupWrong, Cause::SetupWrong]);
    let details = details(&health);
    assert!(details.contains("0 devices") && details.contains("no spaces"), "{details}");
}

#[tokio::test(start_paused = true)]
async fn doubled_and_blank_names_on_either_side_are_findings() {
    let house = House::of(maple().space("sp-a", "102").space("sp-b", "").space("sp-c", "\u{200b}"));
    house.directory.set_units(
        &building(),
        [("u-1", "101"), ("u-2", "101"), ("u-3", "102"), ("u-4", " ")]
            .map(|(id, name)| Unit::new(UnitId::new(id).unwrap(), name))
            .to_vec(),
    );
    let health = house.health().await;
    assert_eq!(
        causes(&health),
        [
            Cause::UnitNameDoubled,
            Cause::UnitNameBlank,
            Cause::UnitAmbiguous,
            Cause::VendorUnitBlank,
            Cause::VendorUnitBlank,
        ]
    );
    assert_eq!(health.reasons[0].subject(), Some("101"));
    assert_eq!(health.reasons[2].subject(), Some("102"));
    assert!(details(&health).contains("sp-b"), "{health:?}");
}

#[tokio::test(start_paused = true)]
async fn a_setting_that_names_what_is_not_there_is_a_finding() {
    let id = |id: &str| DeviceId::new(id).unwrap();
    let table = vec![
        ("101".to_owned(), vec![id("dev-gate"), id("gone"), id("gone")]),
        ("102".to_owned(), vec![id("dev-camera")]),
    ];
    let pins = ["account-1", "account-7"].map(|id| ConnectedAccountId::new(id).unwrap());
    let seam = maple().device(Device::of_type("minut_sensor", "dev-camera", "Camera"));
    let house =
        House::with(seam, |settings| settings.units(Units::Table(table)).connected_accounts(pins));
    let health = house.health().await;
    assert_eq!(causes(&health), [Cause::SetupWrong; 3]);
    let told: Vec<_> =
        health.reasons.iter().map(|why| (why.subject(), why.detail().unwrap())).collect();
    assert!(told[0].1.contains("account-7"), "{told:?}");
    assert_eq!(
        told[1..],
        [
            (
                Some("101"),
                "the table of units names the device gone, which Seam does not list for this connection"
            ),
            (
                Some("102"),
                "the table of units names the device dev-camera, which is no door of this connection"
            ),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn doors_that_do_not_obey_are_findings() {
    let house = House::of(
        maple()
            .device(Device::two_n("dev-a", "Attic").error("device_removed"))
            .device(Device::two_n("dev-b", "Bikes").can_remotely_unlock(None))
            .device(Device::two_n("dev-c", "Cellar").offline()),
    );
    let health = house.health().await;
    assert_eq!(causes(&health), [Cause::DoorRemoved, Cause::DoorNotRemote, Cause::DoorOffline]);
}

#[tokio::test(start_paused = true)]
async fn thousands_of_findings_make_a_short_report() {
    let mut seam = maple();
    for n in 0..2000 {
        seam = seam.space(&format!("sp-{n}"), "").space(&format!("sp-d-{n}"), &(n / 2).to_string());
    }
    let health = House::of(seam).health().await;
    assert!(health.reasons.len() < 50, "{} reasons", health.reasons.len());
    assert!(details(&health).contains("and 1980 more"), "{}", details(&health));
}

#[tokio::test(start_paused = true)]
async fn a_check_looks_anew() {
    let house = House::of(maple());
    house.doors("jane").await;
    house.vendor.with(|seam| seam.rename_space("sp-102", "101").requests(""));
    assert_eq!(causes(&house.health().await), [Cause::UnitAmbiguous]);
}

/// A host whose list of units does not come.
struct Silent(MemoryDirectory);

#[async_trait]
impl Directory for Silent {
    async fn resident(&self, id: &ResidentId) -> Result<Option<Resident>, HostError> {
        self.0.resident(id).await
    }

    fn roster<'a>(&'a self, building: &'a BuildingId) -> RosterStream<'a> {
        self.0.roster(building)
    }

    async fn units(&self, _: &BuildingId) -> Result<Vec<Unit>, HostError> {
        std::future::pending().await
    }
}

#[tokio::test(start_paused = true)]
async fn a_host_that_does_not_answer_takes_no_time_from_seam_nor_its_blame() {
    let house = House::of(maple().device(Device::two_n("dev-c", "Cellar").offline()));
    let access = Access::builder()
        .directory(Silent(house.directory.clone()))
        .connections(house.connections.clone())
        .store(MemoryStore::new())
        .build()
        .unwrap();
    let begun = Instant::now();
    let health = access.check(&building()).await.unwrap().remove(0).health;
    assert!(begun.elapsed() <= secs(10), "{:?}", begun.elapsed());
    assert_eq!(health.state, HealthState::Degraded, "{health}");
    assert_eq!(causes(&health), [Cause::DoorOffline, Cause::DirectoryFailed], "{health}");

    let begun = Instant::now();
    let diagnosis = access.diagnose(&resident("jane"), None).await.unwrap();
    assert!(begun.elapsed() <= secs(10), "{:?}", begun.elapsed());
    let reason = diagnosis.first_failure().unwrap();
    assert_eq!(reason.cause(), Cause::DirectoryFailed, "{diagnosis}");
}

#[tokio::test(start_paused = true)]
async fn a_check_and_a_diagnosis_end_in_time_whichever_reading_stalls() {
    for path in [
        "/workspaces/get",
        "/connected_accounts/list",
        "/devices/list",
        "/devices/unmanaged/list",
        "/spaces/list",
    ] {
        let house = House::of(maple());
        house.vendor.faults(|faults| {
            faults.on(path, 0, u32::MAX, Fault::before(FaultKind::Stall));
        });
        let begun = Instant::now();
        let health = house.health().await;
        assert!(begun.elapsed() < secs(10), "{path}: {:?}", begun.elapsed());
        let is_down = !matches!(path, "/connected_accounts/list" | "/devices/unmanaged/list");
        let state = if is_down { HealthState::Down } else { HealthState::Degraded };
        assert_eq!((health.state, causes(&health)), (state, vec![Cause::VendorUnreachable]));
        assert_eq!(health.reasons[0].system().unwrap().name, "Seam");

        let begun = Instant::now();
        let diagnosis = house.access.diagnose(&resident("jane"), None).await.unwrap();
        assert!(begun.elapsed() < secs(10), "{path}: {:?}", begun.elapsed());
        let found = diagnosis.first_failure().map(elevate_access::Reason::cause);
        assert_eq!(found, is_down.then_some(Cause::VendorUnreachable), "{path}: {diagnosis}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_pinned_account_is_told_as_what_it_is() {
    let seam = || {
        maple()
            .account(Account::new("account-1"))
            .account(Account::new("account-empty"))
            .account(Account::new("account-left"))
            .account(Account::new("account-sensor"))
            .unmanaged_device(Device::two_n("dev-left", "Back gate").of_account("account-left"))
            .unmanaged_device(
                Device::of_type("minut_sensor", "dev-sensor", "Air").of_account("account-sensor"),
            )
    };
    for (pin, cause, detail) in [
        (
            "account-gone",
            Cause::SetupWrong,
            "Seam knows no connected account account-gone for this connection",
        ),
        ("account-empty", Cause::NothingSynced, "the connected account account-empty"),
        ("account-left", Cause::DoorUnmanaged, "device dev-left"),
        (
            "account-sensor",
            Cause::SetupWrong,
            "Seam lists no device of the connected account account-sensor",
        ),
    ] {
        let pins = ["account-1", pin].map(|id| ConnectedAccountId::new(id).unwrap());
        let house = House::with(seam(), |settings| settings.connected_accounts(pins));
        let health = house.health().await;
        assert_eq!(causes(&health), [cause], "{pin}: {health}");
        assert_eq!(details(&health), detail);
    }
}
