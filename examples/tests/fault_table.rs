//! The fault table of both flows: every step × every fault, before and after the vendor acted, once and
//! lastingly, with every log captured.
#![expect(clippy::unwrap_used, reason = "a test may fail anywhere")]

use std::{
    io,
    sync::{Arc, Mutex},
    time::Duration,
};

use elevate_access::{
    AccessProvider, BuildingId, DoorId, MemoryConnections, MemoryDirectory, Residency, Resident,
    ResidentId, Unit, UnitId, VendorDoorId, VerifiedEmail,
};
use elevate_access_testkit::{
    MemoryWire, Model, TestClock, Vendor,
    contract::{Behind, Stage},
    fault_table, openpath, seam,
};
use elevate_openpath::{Credentials, OpenpathProvider, OrgId};
use elevate_seam::{ApiKey, TwoNProvider, TwoNSettings};
use tracing_subscriber::{filter::LevelFilter, fmt, layer::SubscriberExt as _};

const EMAILS: [&str; 3] =
    ["jane.canary@example.com", "sam.canary@example.com", "service.canary@example.com"];
const PASSWORD: &str = "pass-canary-phrase";
const API_KEY: &str = "seam_canary_4f9a0b7c";

fn resident(id: &str, unit: &str, email: &str, building: &BuildingId) -> Resident {
    let unit = Unit::new(UnitId::new(unit).unwrap(), unit);
    Resident::new(ResidentId::new(id).unwrap())
        .with_email(VerifiedEmail::from_pms(email).unwrap())
        .with_residency(Residency::current(building.clone(), unit))
}

fn stage<M: Model>(
    vendor: Vendor<M>,
    provider: impl FnOnce(Arc<MemoryWire<M>>, &BuildingId) -> Arc<dyn AccessProvider>,
    door: &str,
    order_path: &'static str,
    revoke: fn(&mut M),
) -> Stage {
    let clock = TestClock::new();
    let building = BuildingId::new("house").unwrap();
    let (directory, connections) = (MemoryDirectory::new(), MemoryConnections::new());
    directory.put(resident("jane", "101", EMAILS[0], &building));
    directory.put(resident("sam", "102", EMAILS[1], &building));
    let unit = |name| Unit::new(UnitId::new(name).unwrap(), name);
    directory.set_units(&building, vec![unit("101"), unit("102")]);
    let wire = Arc::new(MemoryWire::new(vendor.clone(), clock));
    let provider = provider(wire, &building);
    let connection = Stage::connect(&connections, &building, "c1", provider);
    Stage {
        directory,
        connections,
        clock,
        resident: ResidentId::new("jane").unwrap(),
        stranger: ResidentId::new("sam").unwrap(),
        door: DoorId::new(connection, VendorDoorId::new(door).unwrap()),
        backstage: Box::new(Behind { vendor, order_path, revoke }),
        grant_age: Duration::from_mins(10),
    }
}

fn openpath_stage() -> Stage {
    let jane = openpath::User::active(7, EMAILS[0]).entry(openpath::Entry::new(44, "Front"));
    let org = openpath::Openpath::new(5)
        .service_account(EMAILS[2], PASSWORD)
        .user(jane)
        .echo_secrets(true);
    let provider = |wire: Arc<MemoryWire<openpath::Openpath>>, _: &BuildingId| {
        let credentials = Credentials::password(EMAILS[2], PASSWORD);
        let org = OrgId::new("5").unwrap();
        let client =
            elevate_openpath::Client::builder("https://openpath.invalid", org, credentials);
        let client = client.wire(wire).build().unwrap();
        Arc::new(OpenpathProvider::new(client)) as Arc<dyn AccessProvider>
    };
    let revoke = |o: &mut openpath::Openpath| o.remove_entry(7, 44);
    stage(Vendor::new(org), provider, "44", "/cloudKeyEntryUnlock", revoke)
}

fn two_n_stage() -> Stage {
    let mut workspace = seam::Seam::new(API_KEY).space("s1", "101").space("s2", "102").device(
        seam::Device::two_n("gate", "Gate").in_spaces(["s1"]).can_remotely_unlock(Some(true)),
    );
    workspace.echo_secrets(true);
    let provider = |wire: Arc<MemoryWire<seam::Seam>>, building: &BuildingId| {
        let client = elevate_seam::Client::builder(ApiKey::new(API_KEY).unwrap())
            .base_url("https://seam.invalid")
            .wire(wire)
            .build()
            .unwrap();
        Arc::new(TwoNProvider::new(client, TwoNSettings::new(building.clone())))
            as Arc<dyn AccessProvider>
    };
    let revoke = |s: &mut seam::Seam| {
        s.move_device("gate", &[]);
    };
    stage(Vendor::new(workspace), provider, "gate", "/locks/unlock_door", revoke)
}

/// Everything that is logged, as bytes.
#[derive(Clone, Default)]
struct Logged(Arc<Mutex<Vec<u8>>>);

impl io::Write for Logged {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn in_paused_time<T>(work: impl Future<Output = T>) -> T {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_time().start_paused(true).build().unwrap().block_on(work)
}

/// One test, since the capture is the process's: `reported_outcome_agrees_with_ledger` is judged within the
/// table, cell by cell.
#[test]
fn reported_outcome_agrees_with_ledger_and_no_log_names_a_secret_or_an_email() {
    let logged = Logged::default();
    let writer = {
        let logged = logged.clone();
        move || logged.clone()
    };
    let layer = fmt::layer().with_ansi(false).with_writer(writer);
    let subscriber = tracing_subscriber::registry().with(LevelFilter::TRACE).with(layer);
    tracing::subscriber::set_global_default(subscriber).unwrap();

    let steps = [
        "/auth/login",
        "/users/list",
        "/credentials",
        "/credentialTypes",
        "/entries",
        "/cloudKeyEntryUnlock",
    ];
    let openpath = in_paused_time(fault_table::run(openpath_stage, &steps, "/cloudKeyEntryUnlock"));
    let steps = ["/devices/list", "/spaces/list", "/locks/unlock_door", "/action_attempts/get"];
    let two_n = in_paused_time(fault_table::run(two_n_stage, &steps, "/locks/unlock_door"));

    let logged = String::from_utf8_lossy(&logged.0.lock().unwrap()).into_owned();
    assert!(logged.contains("tap settled"), "the capture works");
    for secret in EMAILS.into_iter().chain([PASSWORD, API_KEY, openpath::TOKEN_PREFIX]) {
        let found =
            logged.lines().find(|line| line.to_lowercase().contains(&secret.to_lowercase()));
        assert!(found.is_none(), "{secret} in {found:?}");
    }
    assert!(!logged.contains("canary"), "parts of an e-mail or a secret are in the log");
    insta::assert_snapshot!("openpath", openpath);
    insta::assert_snapshot!("two_n", two_n);
}
