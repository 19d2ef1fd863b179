//! A tap from end to end, with an order that the vendor answers with anything: at most one body, one order, and never
//! more said of it than the answer did.
//!
//! The input: `a` for Openpath, `b` for 2N; `a` if the vendor acts on the order before that answer, else `b`; then
//! replies as in `shared`: to the order, and for 2N to the looks at what became of it.
#![no_main]

mod shared;

use std::{sync::Arc, time::Duration};

use elevate_access::{
    AccessProvider, BuildingId, DoorId, MemoryConnections, MemoryDirectory, Outcome, Reason,
    Residency, Resident, ResidentId, Unit, UnitId, VendorDoorId, VerifiedEmail,
};
use elevate_access_testkit::{
    Fault, FaultKind, MemoryWire, Model, Reply, TestClock, Vendor,
    contract::{Behind, Stage},
    openpath::{self, Openpath},
    seam::{self, Device, Seam},
};
use elevate_openpath::{Credentials, OpenpathProvider, OrgId};
use elevate_seam::{ApiKey, TwoNProvider, TwoNSettings};
use libfuzzer_sys::fuzz_target;
use serde::Deserialize;
use serde_json::{Value, value::RawValue};
use shared::{
    API_KEY, EMAIL, PASSWORD, Scripted, in_paused_time, is_fit_to_be_shown, names_not, script,
};
use tokio::time::{Instant, sleep};

fuzz_target!(|data: &[u8]| {
    let [which, acts, rest @ ..] = data else { return };
    let (is_openpath, acts) = (which.wrapping_sub(b'a') % 2 == 0, acts.wrapping_sub(b'a') % 2 == 0);
    let replies = script(rest);
    let tap = || async {
        if is_openpath { on_openpath(&replies, acts).await } else { on_two_n(&replies, acts).await }
    };
    let once = in_paused_time(tap());
    assert_eq!(once, in_paused_time(tap()), "one answer was told in two ways");
});

async fn on_openpath(replies: &[Scripted], acts: bool) -> String {
    let jane = openpath::User::active(7, EMAIL).entry(openpath::Entry::new(44, "Front"));
    let model = Openpath::new(5).service_account("svc@example.com", PASSWORD).user(jane);
    let vendor = Vendor::new(model);
    let (stage, answer) = (
        stage(vendor, "44", openpath::ORDER_PATH, |wire, _| {
            let credentials = Credentials::password("svc@example.com", PASSWORD);
            let client = elevate_openpath::Client::builder(
                "https://openpath.invalid",
                OrgId::from(5),
                credentials,
            );
            let client = client.wire(wire).build().expect("settings that hold");
            Arc::new(OpenpathProvider::new(client))
        }),
        &replies[0],
    );
    stage.backstage.meets(openpath::ORDER_PATH, 0, u32::MAX, fault(answer, acts));
    let outcome = tap(&stage).await;
    match &outcome {
        Outcome::Opened(_) => panic!("Openpath never says that a door opened"),
        Outcome::Accepted(_) => assert_eq!((answer.status, answer.body.len()), (204, 0)),
        Outcome::NotOpened(receipt) => {
            assert!((400..500).contains(&answer.status), "{}: {outcome:?}", answer.status);
            assert!(!receipt.certain || answer.status == 401);
        }
        Outcome::Unknown(_) => {}
    }
    names_not(PASSWORD, &format!("{outcome:?} {}", outcome.for_manager()));
    format!("{outcome:?}")
}

async fn on_two_n(replies: &[Scripted], acts: bool) -> String {
    let model = Seam::new(API_KEY)
        .space("s1", "101")
        .space("s2", "102")
        .device(Device::two_n("gate", "Gate").in_spaces(["s1"]).can_remotely_unlock(Some(true)));
    let vendor = Vendor::new(model);
    let stage = stage(vendor, "gate", seam::ORDER_PATH, |wire, building| {
        let client = elevate_seam::Client::builder(ApiKey::new(API_KEY).expect("a key"));
        let client = client.base_url("https://seam.invalid").wire(wire).build();
        let settings = TwoNSettings::new(building.clone());
        Arc::new(TwoNProvider::new(client.expect("settings that hold"), settings))
    });
    let (answer, looks) = (&replies[0], &replies[1..]);
    stage.backstage.meets(seam::ORDER_PATH, 0, u32::MAX, fault(answer, acts));
    for (nth, look) in (0..).zip(looks) {
        // The last one stays.
        let times = if nth as usize + 1 == looks.len() { u32::MAX } else { 1 };
        stage.backstage.meets("/action_attempts/get", 0, times, fault(look, true));
    }
    let outcome = tap(&stage).await;
    let attempt = Attempt::of(answer);
    let said: Vec<Attempt> = looks.iter().filter_map(Attempt::of).chain(attempt.clone()).collect();
    let is_of_this = |one: &Attempt| {
        attempt.as_ref().is_some_and(|order| order.action_attempt_id == one.action_attempt_id)
    };
    let says = |status: &str| said.iter().any(|one| is_of_this(one) && one.status == status);
    // Without looks of the script the model tells what became of it.
    let is_told_by_model = looks.is_empty() && attempt.is_some();
    match &outcome {
        Outcome::Opened(_) => {
            let confirmed = said.iter().any(|one| is_of_this(one) && one.is_confirmed());
            let by_model = is_told_by_model && stage.backstage.opened("gate") == 1;
            assert!(confirmed || by_model, "nobody confirmed it: {outcome:?}");
        }
        Outcome::Accepted(_) => assert!(says("success") || is_told_by_model, "{outcome:?}"),
        Outcome::NotOpened(receipt) => {
            let refused = (400..500).contains(&answer.status);
            assert!(refused || says("error") || is_told_by_model, "{outcome:?}");
            assert!(!receipt.certain || matches!(answer.status, 400 | 401 | 404 | 429));
        }
        Outcome::Unknown(_) => {}
    }
    names_not(API_KEY, &format!("{outcome:?} {}", outcome.for_manager()));
    format!("{outcome:?}")
}

/// An action attempt, read by nothing of the crates: as far as it is JSON where it is looked at.
#[derive(Clone, Deserialize)]
struct Attempt {
    action_attempt_id: Value,
    status: Value,
    #[serde(default)]
    result: Option<Box<RawValue>>,
    #[serde(default)]
    error: Value,
}

#[derive(Deserialize)]
struct Confirmation {
    was_confirmed_by_device: bool,
}

impl Attempt {
    fn of(reply: &Scripted) -> Option<Self> {
        #[derive(Deserialize)]
        struct Body {
            action_attempt: Attempt,
        }
        let body = String::from_utf8_lossy(&reply.body);
        let body = serde_json::from_str::<Body>(&body).ok().filter(|_| reply.status == 200);
        body.map(|body| body.action_attempt)
    }

    fn is_confirmed(&self) -> bool {
        let read = |raw: &RawValue| serde_json::from_str::<Confirmation>(raw.get()).ok();
        let confirmation = self.result.as_deref().and_then(read);
        self.status == "success"
            && self.error.is_null()
            && confirmation.is_some_and(|one| one.was_confirmed_by_device)
    }
}

/// One tap, judged by what holds whatever the vendor answers.
async fn tap(stage: &Stage) -> Outcome {
    let begun = Instant::now();
    let tapped = stage.tap(&stage.access()).await;
    assert!(begun.elapsed() <= Duration::from_secs(13), "it took {:?}", begun.elapsed());
    // Whatever is still under way arrives, if it ever does.
    sleep(Duration::from_mins(1)).await;
    let (bodies, arrived) = (stage.orders_started().len(), stage.arrived());
    assert!(bodies <= 1 && arrived <= 1, "{bodies} bodies, {arrived} orders: {tapped:?}");
    // All readings are as they should be, so the order was sent.
    let outcome = tapped.expect("an error, and an order left");
    assert_eq!(bodies, 1, "nothing was sent: {outcome:?}");
    let receipt = outcome.receipt();
    for text in [outcome.for_resident(), outcome.for_manager(), format!("{outcome:?}")] {
        is_fit_to_be_shown(&text);
    }
    for text in [receipt.reference.as_deref(), receipt.reason.as_ref().and_then(Reason::detail)] {
        is_fit_to_be_shown(&text.unwrap_or_default());
    }
    outcome
}

fn fault(reply: &Scripted, acted: bool) -> Fault {
    let headers = reply.headers.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
    let (headers, body) = (headers.collect(), reply.body.clone().into());
    Fault { kind: FaultKind::Instead(Reply { status: reply.status, headers, body }), acted }
}

fn stage<M: Model>(
    vendor: Vendor<M>,
    door: &str,
    order_path: &'static str,
    provider: impl FnOnce(Arc<MemoryWire<M>>, &BuildingId) -> Arc<dyn AccessProvider>,
) -> Stage {
    let clock = TestClock::new();
    let building = BuildingId::new("house").expect("an id");
    let (directory, connections) = (MemoryDirectory::new(), MemoryConnections::new());
    let unit = |name: &str| Unit::new(UnitId::new(name).expect("an id"), name);
    directory.set_units(&building, vec![unit("101"), unit("102")]);
    let jane = ResidentId::new("jane").expect("an id");
    directory.put(
        Resident::new(jane.clone())
            .with_email(VerifiedEmail::from_pms(EMAIL).expect("an e-mail"))
            .with_residency(Residency::current(building.clone(), unit("101"))),
    );
    let wire = Arc::new(MemoryWire::new(vendor.clone(), clock));
    let connection = Stage::connect(&connections, &building, "c1", provider(wire, &building));
    Stage {
        directory,
        connections,
        clock,
        stranger: jane.clone(),
        resident: jane,
        door: DoorId::new(connection, VendorDoorId::new(door).expect("an id")),
        backstage: Box::new(Behind { vendor, order_path, revoke: |_| (), writes: |_| 0 }),
        grant_age: Duration::from_mins(10),
    }
}
