//! The fault tables of both flows: every step of a first tap, of a diagnosis and of a check × every fault,
//! before and after the vendor acted, once and lastingly, with every log captured.
#![expect(clippy::unwrap_used, reason = "a test may fail anywhere")]

use std::{
    io,
    sync::{Arc, LazyLock, Mutex},
    time::Duration,
};

use elevate_access::{
    AccessProvider, BuildingId, DoorId, MemoryConnections, MemoryDirectory, Residency, Resident,
    ResidentId, Standing, Unit, UnitId, VendorDoorId, VerifiedEmail,
};
use elevate_access_testkit::{
    Latency, MemoryWire, Model, TestClock, Vendor,
    contract::{Behind, Stage},
    fault_table::{self, Reading},
    openpath, seam,
};
use elevate_openpath::{Credentials, OpenpathProvider, OrgId, SiteId};
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

/// What a stage is made of, besides people.
struct Scene<M: Model> {
    model: M,
    latency: Latency,
    door: &'static str,
    order_path: &'static str,
    revoke: fn(&mut M),
    writes: fn(&M) -> usize,
}

fn stage<M: Model>(
    scene: Scene<M>,
    provider: impl FnOnce(Arc<MemoryWire<M>>, &BuildingId) -> Arc<dyn AccessProvider>,
) -> Stage {
    let Scene { model, latency, door, order_path, revoke, writes } = scene;
    let (vendor, clock) = (Vendor::new(model), TestClock::new());
    let building = BuildingId::new("house").unwrap();
    let (directory, connections) = (MemoryDirectory::new(), MemoryConnections::new());
    directory.put(resident("jane", "101", EMAILS[0], &building));
    directory.put(resident("sam", "102", EMAILS[1], &building));
    let unit = |name| Unit::new(UnitId::new(name).unwrap(), name);
    directory.set_units(&building, vec![unit("101"), unit("102")]);
    let wire = Arc::new(MemoryWire::new(vendor.clone(), clock).with_latency(latency, 0));
    let provider = provider(wire, &building);
    let connection = Stage::connect(&connections, &building, "c1", provider);
    Stage {
        directory,
        connections,
        clock,
        resident: ResidentId::new("jane").unwrap(),
        stranger: ResidentId::new("sam").unwrap(),
        door: DoorId::new(connection, VendorDoorId::new(door).unwrap()),
        backstage: Box::new(Behind { vendor, order_path, revoke, writes }),
        grant_age: Duration::from_mins(10),
    }
}

/// A little time for each way, so that a reading that begins later ends later.
const SOME: Latency = {
    let (connect, travel) = (Duration::from_millis(20), Duration::from_millis(40));
    Latency { connect: (connect, connect), travel: (travel, travel) }
};

fn organisation(jane: openpath::User) -> openpath::Openpath {
    openpath::Openpath::new(5)
        .service_account(EMAILS[2], PASSWORD)
        .user(jane.entry(openpath::Entry::new(44, "Front")))
        .echo_secrets(true)
}

fn openpath_with(model: openpath::Openpath, latency: Latency) -> Stage {
    let scene = Scene {
        model,
        latency,
        door: "44",
        order_path: openpath::ORDER_PATH,
        revoke: |o| o.remove_entry(7, 44),
        writes: |o| {
            let made = o.count(openpath::Operation::CreateCredential);
            usize::try_from(made).unwrap() + o.forbidden().len()
        },
    };
    stage(scene, |wire, building| {
        let credentials = Credentials::password(EMAILS[2], PASSWORD);
        let org = OrgId::new("5").unwrap();
        let client =
            elevate_openpath::Client::builder("https://openpath.invalid", org, credentials);
        let client = client.wire(wire).build().unwrap();
        let site = SiteId::new("21").unwrap();
        Arc::new(OpenpathProvider::new(client).at_sites(building.clone(), [site]))
    })
}

/// For a first tap: there is no key yet.
fn openpath_stage() -> Stage {
    openpath_with(organisation(openpath::User::active(7, EMAILS[0])), Latency::NONE)
}

/// For questions: all is well, and everything that can be told is told.
fn openpath_that_shows_all() -> Stage {
    let key = openpath::Credential::cloud_key(9);
    let mut model = organisation(openpath::User::active(7, EMAILS[0]).credential(key))
        .scopes(&["o5-user:w", "o5-site:r"])
        .lockdown_plan(77, "Fire drill", &[301]);
    let at = "2026-03-02T09:00:00Z".parse().unwrap();
    model.activity(7, openpath::Activity::granted(44).at(at));
    openpath_with(model, SOME)
}

/// For questions about somebody who has moved out, and whose user is suspended.
fn openpath_of_a_former_resident() -> Stage {
    let stage = openpath_with(organisation(openpath::User::suspended(7, EMAILS[0])), SOME);
    stage.directory.set_standing(&stage.resident, &Standing::Former);
    stage
}

fn two_n_with(latency: Latency) -> Stage {
    let mut model = seam::Seam::new(API_KEY).space("s1", "101").space("s2", "102").device(
        seam::Device::two_n("gate", "Gate").in_spaces(["s1"]).can_remotely_unlock(Some(true)),
    );
    model.echo_secrets(true);
    let scene = Scene {
        model,
        latency,
        door: "gate",
        order_path: seam::ORDER_PATH,
        revoke: |s| {
            s.move_device("gate", &[]);
        },
        writes: |s| s.forbidden().len(),
    };
    stage(scene, |wire, building| {
        let client = elevate_seam::Client::builder(ApiKey::new(API_KEY).unwrap())
            .base_url("https://seam.invalid")
            .wire(wire)
            .build()
            .unwrap();
        Arc::new(TwoNProvider::new(client, TwoNSettings::new(building.clone())))
    })
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

/// Everything that this process logs.
static LOGGED: LazyLock<Logged> = LazyLock::new(|| {
    let logged = Logged::default();
    let writer = {
        let logged = logged.clone();
        move || logged.clone()
    };
    let layer = fmt::layer().with_ansi(false).with_writer(writer);
    let subscriber = tracing_subscriber::registry().with(LevelFilter::TRACE).with(layer);
    tracing::subscriber::set_global_default(subscriber).unwrap();
    logged
});

fn no_log_names_a_secret_or_an_email(expected: &str) {
    let logged = String::from_utf8_lossy(&LOGGED.0.lock().unwrap()).into_owned();
    assert!(logged.contains(expected), "the capture works");
    for secret in EMAILS.into_iter().chain([PASSWORD, API_KEY, openpath::TOKEN_PREFIX]) {
        let found =
            logged.lines().find(|line| line.to_lowercase().contains(&secret.to_lowercase()));
        assert!(found.is_none(), "{secret} in {found:?}");
    }
    assert!(!logged.contains("canary"), "parts of an e-mail or a secret are in the log");
}

/// `reported_outcome_agrees_with_ledger` is judged within the table, cell by cell.
#[test]
fn reported_outcome_agrees_with_ledger_and_no_log_names_a_secret_or_an_email() {
    LazyLock::force(&LOGGED);
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
    let two_n = || two_n_with(Latency::NONE);
    let two_n = in_paused_time(fault_table::run(two_n, &steps, "/locks/unlock_door"));
    no_log_names_a_secret_or_an_email("tap settled");
    insta::assert_snapshot!("openpath", openpath);
    insta::assert_snapshot!("two_n", two_n);
}

const RIGHTS: &str = "The service account may do what a cloud unlock needs.";
const PLAN: &str = "The organisation's plan includes remote unlock.";
const STATE: &str = "The door's state takes a cloud key now.";
const SEAM: &str = "Seam and the building's list of units can be read.";

/// `what_is_said_under_a_fault_is_so` is judged within the tables, cell by cell.
#[test]
fn diagnoses_and_checks_say_what_is_so_and_no_log_names_a_secret_or_an_email() {
    LazyLock::force(&LOGGED);
    let readings = [
        Reading::vital("", &[]),
        Reading::vital("/auth/login", &["The service account can sign in"]),
        Reading::vital("/users/list", &["The resident's e-mail belongs to one Openpath user."]),
        Reading::helpful("/effectiveScopes", &[RIGHTS, PLAN]),
        Reading::helpful("/features", &[PLAN]),
        Reading::vital("/credentials", &["That user has a usable cloud key."]),
        Reading::vital("/users/7/entries", &["At least one entry is assigned"]),
        Reading::helpful("/entries/44", &[STATE]),
        Reading::helpful("/entryStates", &[STATE]),
        Reading::helpful("/lockdownPlans", &["No lockdown is on at the door."]),
        Reading::helpful("/reports/activity", &["The user's latest activity at this door."]),
    ];
    let told = in_paused_time(fault_table::diagnose(openpath_that_shows_all, &readings));
    insta::assert_snapshot!("openpath_diagnosis", told);

    let readings = [
        Reading::vital("/auth/login", &["The service account can sign in"]),
        Reading::vital("/users/list", &["No active Openpath user is left"]),
    ];
    let told = in_paused_time(fault_table::diagnose(openpath_of_a_former_resident, &readings));
    insta::assert_snapshot!("openpath_diagnosis_of_a_former_resident", told);

    let readings = [
        Reading::vital("", &[]),
        Reading::vital("/auth/login", &["The service account can sign in"]),
        Reading::vital("/users/list", &["The organisation's users can be listed."]),
        Reading::needed("/credentialTypes", &["The organisation has cloud keys."]),
        Reading::helpful(
            "/effectiveScopes",
            &[
                "The account may make every call",
                "The account may do no more than that.",
                PLAN,
                "The account sees the users of all sites.",
            ],
        ),
        Reading::helpful("/features", &[PLAN]),
        Reading::helpful("/orgs/5/entries", &["The organisation has the sites"]),
    ];
    let told = in_paused_time(fault_table::check(openpath_that_shows_all, &readings));
    insta::assert_snapshot!("openpath_check", told);

    let two_n = || two_n_with(SOME);
    let lists = [
        Reading::vital("", &[]),
        Reading::vital("/workspaces/get", &[SEAM]),
        Reading::vital("/devices/list", &[SEAM]),
        Reading::vital("/spaces/list", &[SEAM]),
    ];
    let told = in_paused_time(fault_table::diagnose(two_n, &lists));
    insta::assert_snapshot!("two_n_diagnosis", told);

    let readings = [
        Reading::vital("", &[]),
        Reading::vital("/workspaces/get", &[]),
        Reading::vital("/devices/list", &[]),
        Reading::vital("/spaces/list", &[]),
        Reading::needed("/connected_accounts/list", &["Every connected account"]),
        Reading::needed(
            "/devices/unmanaged/list",
            &["Every connected account has brought devices.", "No device is left unmanaged"],
        ),
    ];
    let told = in_paused_time(fault_table::check(two_n, &readings));
    insta::assert_snapshot!("two_n_check", told);
    no_log_names_a_secret_or_an_email("the filter by e-mail failed");
}
