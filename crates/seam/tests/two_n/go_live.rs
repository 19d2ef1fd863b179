//! What is still open before residents are let in (N1, N2).

use std::sync::Arc;

use elevate_access::{Cause, Clock as _, Error, HealthState, Reason, Unit};
use elevate_access_testkit::{
    Fault, FaultKind, MemoryWire, TestClock, Vendor,
    seam::{Account, Device, Seam, Space},
};
use elevate_seam::{
    ApiKey, Client, ConnectedAccountId, GoLive, SpaceId, TwoNProvider, TwoNSettings, WorkspaceId,
};
use tokio::time::Instant;

use super::house::{House, KEY, building, maple, secs, unit};

type Set = fn(TwoNSettings) -> TwoNSettings;

async fn report(
    vendor: &Vendor<Seam>,
    units: &[&str],
    set: impl FnOnce(TwoNSettings) -> TwoNSettings,
) -> Result<GoLive, Error> {
    let clock = TestClock::new();
    let wire = Arc::new(MemoryWire::new(vendor.clone(), clock));
    let client = Client::builder(ApiKey::new(KEY).unwrap()).wire(wire).build().unwrap();
    let provider = TwoNProvider::new(client, set(TwoNSettings::new(building())));
    let units: Vec<Unit> = units.iter().map(|name| unit(name)).collect();
    provider.go_live(&units, clock.now(), Instant::now() + secs(10)).await
}

async fn of(seam: Seam, units: &[&str]) -> GoLive {
    let vendor = Vendor::new(seam);
    let report = report(&vendor, units, |settings| settings).await.unwrap();
    vendor.with(|seam| assert_eq!(seam.forbidden(), [] as [String; 0], "it only reads"));
    report
}

fn causes(report: &GoLive) -> Vec<Cause> {
    report.open().map(Reason::cause).collect()
}

#[tokio::test(start_paused = true)]
async fn a_building_in_good_order_is_ready() {
    let report = of(maple(), &["101", "102"]).await;
    assert!(report.is_ready());
    assert_eq!((report.doors, report.their_units, report.our_units, report.matched), (3, 2, 2, 2));
    insta::assert_snapshot!(report.to_string());
}

#[tokio::test(start_paused = true)]
async fn everything_that_is_open_is_told_in_the_order_in_which_to_mend_it() {
    let two_n = |id: &str| Account::new(id).of_type("my_2n");
    let seam = maple()
        .account(two_n("account-asleep").error("account_disconnected"))
        .account(two_n("account-empty"))
        .unmanaged_device(Device::two_n("dev-left", "Back gate").of_account("account-asleep"))
        .unmanaged_device(Device::of_type("minut_sensor", "dev-else", "Sensor"))
        .device(Device::two_n("dev-a", "Attic").error("device_removed").in_spaces(["sp-101"]))
        .device(Device::two_n("dev-b", "Bikes").can_remotely_unlock(None).in_spaces(["sp-101"]))
        .device(Device::two_n("dev-c", "Cellar").offline().in_spaces(["sp-101"]))
        .device(Device::two_n("dev-d", "Den").warning("privacy_mode"))
        .device(Device::two_n("dev-e", "Lift").error("missing_device_credentials"))
        .device(Device::two_n("dev-f", "Yard").warning("two_n_device_missing_timezone"))
        .space("sp-103", "Apt 103")
        .space("sp-104", "104")
        .space("sp-105", "105")
        .space("sp-105b", "105")
        .space("sp-blank", " ");
    let report = of(seam, &["101", "102", "103", "104", "105", "106", "106"]).await;
    assert!(!report.is_ready());
    assert_eq!(
        causes(&report),
        [
            Cause::SignInNeeded,
            Cause::NothingSynced,
            Cause::DoorUnmanaged,
            Cause::DoorRemoved,
            Cause::DoorNotRemote,
            Cause::DoorPrivate,
            Cause::DoorOffline,
            Cause::RightsMissing,
            Cause::DoorWarned,
            Cause::UnitAmbiguous,
            Cause::VendorUnitBlank,
            Cause::UnitUnmatched,
            Cause::UnitUnmatched,
            Cause::UnitWithoutDoors,
        ]
    );
    insta::assert_snapshot!(report.to_string());
}

#[tokio::test(start_paused = true)]
async fn connected_and_nothing_synced_names_what_2n_has_to_switch_on() {
    let seam = Seam::new(KEY).account(Account::new("account-7").of_type("my_2n"));
    let report = of(seam, &["101"]).await;
    let found = causes(&report);
    assert_eq!(found[0], Cause::NothingSynced);
    assert!(report.to_string().contains("remote access (RAA)"), "{report}");
    insta::assert_snapshot!(report.to_string());
}

#[tokio::test(start_paused = true)]
async fn a_warning_alone_keeps_nobody_from_going_live() {
    let report =
        of(maple().device(Device::two_n("dev-f", "Yard").warning("provider_issue")), &["101"])
            .await;
    assert_eq!(causes(&report), [Cause::DoorWarned]);
    assert!(report.is_ready());
}

#[tokio::test(start_paused = true)]
async fn what_is_not_this_connections_shows_in_nothing() {
    let seam = || {
        maple()
            .account(Account::new("account-oak").of_type("my_2n").error("account_disconnected"))
            .unmanaged_device(Device::two_n("dev-oak-1", "Oak gate").of_account("account-oak"))
            .device(Device::two_n("dev-oak-2", "Oak lobby").of_account("account-oak").offline())
    };
    let alone = of(maple(), &["101", "102"]).await;
    let pinned = ConnectedAccountId::new("account-1").unwrap();
    let vendor = Vendor::new(seam());
    let shared = report(&vendor, &["101", "102"], |s| s.connected_accounts([pinned])).await;
    assert_eq!(shared.unwrap(), alone);

    // Without a pin, all of the workspace is this building's.
    assert!(!of(seam(), &["101", "102"]).await.is_ready());
}

#[tokio::test(start_paused = true)]
async fn nothing_of_others_shows_whatever_the_connection_is_pinned_to() {
    // Oak's account is signed out, another one is empty, and one of its doors is not managed.
    let seam = || {
        Seam::new(KEY)
            .account(Account::new("account-1").customer("maple"))
            .account(Account::new("account-oak").customer("oak").error("account_disconnected"))
            .account(Account::new("account-oak-2").customer("oak"))
            .space_with(Space::new("sp-maple", "Maple").customer("maple"))
            .space_with(Space::new("sp-oak", "Oak").customer("oak"))
            .space_with(Space::new("sp-101", "101").customer("maple").inside("sp-maple"))
            .space_with(Space::new("sp-o", "Oak 9").customer("oak").inside("sp-oak"))
            .space_with(Space::new("sp-oak-8", "Oak 8").customer("oak").inside("sp-oak"))
            .space_with(Space::new("sp-oak-8b", "Oak 8").customer("oak").inside("sp-oak"))
            .space_with(Space::new("sp-oak-blank", " ").customer("oak").inside("sp-oak"))
            .device(Device::two_n("dev-gate", "Gate").in_spaces(["sp-101"]))
            .device(
                Device::two_n("dev-oak-1", "Oak lobby")
                    .of_account("account-oak")
                    .in_spaces(["sp-o"])
                    .warning("provider_issue")
                    .offline(),
            )
            .unmanaged_device(Device::two_n("dev-oak-2", "Oak gate").of_account("account-oak"))
    };
    // How many units there are to be told of: Maple's own space is one where nothing says that it is none.
    let pins: [(Set, usize); 3] = [
        (|s| s.connected_accounts([ConnectedAccountId::new("account-1").unwrap()]), 1),
        (|s| s.customer("maple"), 2),
        (|s| s.parent_space(SpaceId::new("sp-maple").unwrap()), 1),
    ];
    for (pin, their_units) in pins {
        let settings = format!("{:?}", pin(TwoNSettings::new(building())));
        let report = report(&Vendor::new(seam()), &["101"], pin).await.unwrap();
        let text = report.to_string();
        assert!(!text.to_lowercase().contains("oak"), "{settings}\n{text}");
        let counted = (report.doors, report.unmanaged, report.their_units);
        assert_eq!(counted, (1, 0, their_units), "{settings}");
        assert_eq!(causes(&report), [], "{settings}\n{text}");
    }
}

#[tokio::test(start_paused = true)]
async fn no_report_is_made_of_a_workspace_that_cannot_be_read_or_is_another() {
    let vendor = Vendor::new(maple());
    let other = WorkspaceId::new("ws-of-others").unwrap();
    let error = report(&vendor, &["101"], |s| s.workspace(other)).await.unwrap_err();
    assert_eq!(error.cause(), Cause::SetupWrong);

    for kind in [FaultKind::Stall, FaultKind::Refuse, FaultKind::status(503, "")] {
        let vendor = Vendor::new(maple());
        vendor.faults(|faults| faults.always(Fault::before(kind)));
        let begun = Instant::now();
        let error = report(&vendor, &["101"], |settings| settings).await.unwrap_err();
        assert!(matches!(error.cause(), Cause::VendorUnreachable | Cause::VendorError), "{error}");
        assert!(begun.elapsed() <= secs(10), "{:?}", begun.elapsed());
    }
}

#[tokio::test(start_paused = true)]
async fn a_report_ends_when_it_was_asked_for_whichever_reading_stalls() {
    for path in ["/workspaces/get", "/connected_accounts/list", "/devices/list", "/spaces/list"] {
        let vendor = Vendor::new(maple());
        vendor.faults(|f| f.on(path, 0, u32::MAX, Fault::before(FaultKind::Stall)));
        let provider = House::provider(&vendor, TestClock::new(), TwoNSettings::new(building()));
        let begun = Instant::now();
        let _ = provider.go_live(&[], TestClock::new().now(), begun + secs(2)).await;
        assert!(begun.elapsed() <= secs(2), "{path}: {:?}", begun.elapsed());
    }
}

#[tokio::test(start_paused = true)]
async fn lists_that_only_the_report_needs_do_not_bring_a_connection_down() {
    for path in ["/connected_accounts/list", "/devices/unmanaged/list"] {
        let house = House::of(maple());
        let denied = Fault::before(FaultKind::status(403, r#"{"error":{"type":"forbidden"}}"#));
        house.vendor.faults(|faults| faults.on(path, 0, u32::MAX, denied));
        let health = house.health().await;
        assert_eq!(health.state, HealthState::Degraded, "{path}: {health}");
        assert_eq!(health.reasons[0].cause(), Cause::RightsMissing);
        assert!(
            matches!(house.tap("jane", "dev-gate").await, Ok(outcome) if outcome.code() == "opened")
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_check_reads_each_list_once_and_ends_in_time() {
    let house = House::of(maple());
    house.vendor.faults(|faults| {
        faults.on("/devices/unmanaged/list", 0, u32::MAX, Fault::before(FaultKind::Stall));
    });
    let begun = Instant::now();
    let health = house.health().await;
    assert!(begun.elapsed() <= secs(10), "{:?}", begun.elapsed());
    assert_ne!(health.state, HealthState::Ok, "{health}");
}

#[tokio::test(start_paused = true)]
async fn health_tells_rate_states_and_the_last_notification() {
    let seam = maple().device(Device::two_n("dev-c", "Cellar").offline());
    let house = House::of(seam);
    house.has_units(&["101", "102", "Apt 7"]);
    let health = house.health().await;
    insta::assert_snapshot!(health.to_string());
}
