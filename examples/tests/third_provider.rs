//! The third provider of the documentation keeps the contract, and stays as small as it is said to be.
#![expect(clippy::unwrap_used, reason = "a test may fail anywhere")]

use std::{fmt::Write as _, sync::Arc, time::Duration};

use elevate_access::{
    Access, AuditOptions, BuildingId, Cause, DoorId, MemoryConnections, MemoryDirectory,
    MemoryStore, Outcome, Reason, Residency, Resident, ResidentId, Standing, Tap, Unit, UnitId,
    VendorDoorId, VerifiedEmail,
};
use elevate_access_testkit::{
    Effect, Loopback, MemoryWire, TestClock, Vendor,
    contract::{self, Behind, Stage},
    fault_table::{self, Reading},
};
use elevate_examples::third_provider::{
    Turnpike,
    stand_in::{Doors, TurnpikeCloud},
};
use elevate_transport::{HttpWire, Url, Wire};

const JANE: &str = "jane@example.com";
const SAM: &str = "sam@example.com";
const KEY: &str = "canary-key-4f9a0b7c";

fn base() -> Url {
    Url::parse("https://turnpike.invalid").unwrap()
}

/// Jane may open the yard and the front door, Sam the cellar.
fn cloud() -> TurnpikeCloud {
    TurnpikeCloud::new("maple", KEY).pass(SAM, "cellar", "Cellar").pass(JANE, "yard", "Yard").pass(
        JANE,
        "front",
        "Front door",
    )
}

fn house() -> (MemoryDirectory, BuildingId) {
    let (directory, building) = (MemoryDirectory::new(), BuildingId::new("maple").unwrap());
    let unit = |name: &str| Unit::new(UnitId::new(name).unwrap(), name);
    directory.set_units(&building, vec![unit("101"), unit("102")]);
    for (id, email, home) in [("jane", JANE, "101"), ("sam", SAM, "102")] {
        directory.put(
            Resident::new(ResidentId::new(id).unwrap())
                .with_email(VerifiedEmail::from_pms(email).unwrap())
                .with_residency(Residency::current(building.clone(), unit(home))),
        );
    }
    (directory, building)
}

fn stage(cloud: TurnpikeCloud) -> Stage {
    let (vendor, clock) = (Vendor::new(cloud), TestClock::new());
    let wire = Arc::new(MemoryWire::new(vendor.clone(), clock));
    let turnpike = Turnpike::new(wire, base(), "maple", KEY);
    let ((directory, building), connections) = (house(), MemoryConnections::new());
    let connection = Stage::connect(&connections, &building, "turnpike", Arc::new(turnpike));
    Stage {
        directory,
        connections,
        clock,
        resident: ResidentId::new("jane").unwrap(),
        stranger: ResidentId::new("sam").unwrap(),
        door: DoorId::new(connection, VendorDoorId::new("front").unwrap()),
        backstage: Box::new(Behind {
            vendor,
            order_path: "/v1/orders",
            revoke: |cloud| cloud.revoke(JANE, "front"),
            writes: TurnpikeCloud::unknown,
        }),
        grant_age: Duration::from_mins(5),
    }
}

#[tokio::test(start_paused = true)]
async fn the_contract_is_kept() {
    contract::run_all(|| stage(cloud())).await;
}

#[tokio::test(start_paused = true)]
async fn the_contract_is_kept_where_doors_confirm_nothing() {
    contract::run_all(|| stage(cloud().whose_doors(Doors::SayNothing))).await;
}

#[tokio::test(start_paused = true)]
async fn the_contract_is_kept_over_a_cloud_that_never_looks_whose_a_door_is() {
    contract::run_all(|| stage(cloud().trusting())).await;
}

#[tokio::test(start_paused = true)]
async fn every_fault_is_told_as_it_was() {
    let steps = ["/v1/doors", "/v1/orders"];
    let taps = fault_table::run(|| stage(cloud()), &steps, "/v1/orders").await;
    insta::assert_snapshot!("taps", taps);
    let readings = [Reading::vital("/v1/doors", &["The resident's doors can be read"])];
    let diagnosis = fault_table::diagnose(|| stage(cloud()), &readings).await;
    insta::assert_snapshot!("diagnosis", diagnosis);
    // No table of the check: its answer is two bytes, which the table takes for lost while they trickle in.
}

#[tokio::test(start_paused = true)]
async fn a_door_that_fails_is_told_as_such() {
    let stage = stage(cloud().whose_doors(Doors::Fail));
    let outcome = stage.tap(&stage.access()).await.unwrap();
    let Outcome::NotOpened(receipt) = outcome else { panic!("{outcome:?}") };
    assert_eq!(receipt.reason.as_ref().map(Reason::cause), Some(Cause::OrderFailed));
    assert!(!receipt.certain);
}

async fn audited(stage: &Stage) -> Vec<(String, Cause)> {
    let building = BuildingId::new("maple").unwrap();
    let audit = stage.access().audit(&building, AuditOptions::new()).await.unwrap();
    let audit = audit.collect_all().await;
    assert!(audit.is_complete());
    audit.findings.iter().map(|f| (f.subject.id.clone(), f.reason.cause())).collect()
}

#[tokio::test(start_paused = true)]
async fn an_audit_tells_who_is_locked_out_and_who_has_left_with_a_door() {
    let stage = stage(cloud());
    assert_eq!(audited(&stage).await, []);
    stage.directory.set_standing(&stage.stranger, &Standing::Former);
    assert_eq!(audited(&stage).await, [("sam".to_owned(), Cause::AccessRemains)]);

    let stage = self::stage(TurnpikeCloud::new("maple", KEY).pass(SAM, "cellar", "Cellar"));
    assert_eq!(audited(&stage).await, [("jane".to_owned(), Cause::NoDoorsAssigned)]);
}

/// Jane's former flatmate has her e-mail: whoever takes the doors away takes them from Jane.
#[tokio::test(start_paused = true)]
async fn an_audit_takes_nobody_current_for_who_has_left() {
    let stage = stage(cloud());
    let unit = Unit::new(UnitId::new("101").unwrap(), "101");
    let building = BuildingId::new("maple").unwrap();
    stage.directory.put(
        Resident::new(ResidentId::new("flatmate").unwrap())
            .with_email(VerifiedEmail::from_pms("Jane@Example.com").unwrap())
            .with_residency(Residency::new(building, unit, Standing::Former)),
    );
    assert_eq!(audited(&stage).await, []);
}

#[tokio::test(start_paused = true)]
async fn who_has_left_with_a_door_is_told_to_the_manager() {
    let stage = stage(cloud());
    stage.directory.set_standing(&stage.resident, &Standing::Former);
    let diagnosis = stage.access().diagnose(&stage.resident, None).await.unwrap();
    assert!(diagnosis.to_string().contains("still active"), "{diagnosis}");
}

#[test]
fn the_key_and_the_emails_are_in_no_debug() {
    let wire: Arc<dyn Wire> = Arc::new(MemoryWire::new(Vendor::new(cloud()), TestClock::new()));
    let turnpike = Turnpike::new(wire, base(), "maple", KEY);
    let mut shown = String::new();
    write!(shown, "{turnpike:?} {:?}", cloud()).unwrap();
    assert!(!shown.contains("canary") && !shown.contains('@'), "{shown}");
}

/// The same provider over the wire of production, and a key that is not the account's.
#[tokio::test]
async fn it_opens_a_door_over_real_sockets_and_not_with_another_key() {
    let clock = TestClock::starting_at(elevate_access::Clock::now(&elevate_access::SystemClock));
    let vendor = Vendor::new(cloud());
    let loopback = Loopback::start(vendor.clone(), clock).await.unwrap();
    let (jane, door): (_, DoorId) =
        (ResidentId::new("jane").unwrap(), "turnpike/front".parse().unwrap());
    let tap = async |key| {
        let wire = Arc::new(HttpWire::builder().build().unwrap());
        let turnpike = Turnpike::new(wire, loopback.base_url(), "maple", key);
        let ((directory, building), connections) = (house(), MemoryConnections::new());
        Stage::connect(&connections, &building, "turnpike", Arc::new(turnpike));
        let access = Access::builder().directory(directory).connections(connections);
        let access = access.store(MemoryStore::new()).build().unwrap();
        access.unlock(&jane, &door, Tap::now()).await
    };
    assert!(matches!(tap(KEY).await, Ok(Outcome::Opened(_))));
    let refused = tap("another-key").await;
    assert_eq!(refused.map_err(|e| e.cause()), Err(Cause::CredentialsRefused));
    let orders = vendor.ledger();
    assert_eq!(orders.orders().len(), 1);
    assert_eq!(orders.orders()[0].effect, Effect::Opened);
}

/// All of its code, imports too, but for the audit: what the guide promises to be enough.
#[test]
fn the_provider_without_its_audit_is_at_most_150_lines() {
    let text = include_str!("../src/third_provider.rs");
    let (before, rest) = text.split_once("    async fn audit(").unwrap();
    let (_, after) = rest.split_once("\n    }\n").unwrap();
    let is_code = |line: &&str| !line.is_empty() && !line.starts_with("//");
    let lines = [before, after].into_iter().flat_map(str::lines).map(str::trim).filter(is_code);
    let lines = lines.filter(|line| *line != "mod audit;").count();
    assert!((100..=150).contains(&lines), "{lines} lines");
}
