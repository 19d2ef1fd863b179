//! L4 and the promise of `Err`: outcomes never say more than is known, errors never hide an order.

use std::{
    fmt::Write as _,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use elevate_access::{
    AccessProvider, Audited, Auditor, BuildingId, Cause, Check, Context, Error, Freshness, Grant,
    Grants, Health, Identity, Notification, Notified, Occupant, Outcome, ProviderInfo, Reason,
    Residency, Standing, System, UnlockPermit, VendorDoorId, Verdict,
};
use elevate_access_testkit::MemoryAnswer;
use tokio::time::{Instant, sleep};

use crate::house::{House, unit};

/// A provider that says what it is told to, with its gate asked as often as it is told to.
#[derive(Debug)]
struct Scripted {
    asks_gate: u32,
    then: Then,
    good_for: Duration,
    blocked: Option<Reason>,
    aged: bool,
    /// What the gate answered, and the units of each occupant that was seen.
    gate: Mutex<Vec<bool>>,
    units: Mutex<Vec<String>>,
}

#[derive(Debug, Clone)]
enum Then {
    Say(Verdict),
    Panic,
    Hang,
    /// Wait before asking the gate (again), then say it if it opened.
    WaitThenSay(Duration, Verdict),
    /// Leave the permit with a task of its own that asks after that long, and say it at once.
    LeaveBehind(Duration, Verdict),
}

impl Scripted {
    fn new(asks_gate: u32, then: Then) -> Arc<Self> {
        Arc::new(Self::plain(asks_gate, then))
    }

    fn plain(asks_gate: u32, then: Then) -> Self {
        let (gate, units) = Default::default();
        Self {
            asks_gate,
            then,
            good_for: Duration::from_mins(1),
            blocked: None,
            aged: false,
            gate,
            units,
        }
    }
}

#[async_trait]
impl AccessProvider for Scripted {
    fn info(&self) -> ProviderInfo {
        ProviderInfo::new(System::new("Scripted", "the script"), Identity::Unit)
    }
    async fn grants(&self, _: &Context, who: &Occupant, _: Freshness) -> Result<Grants, Error> {
        self.units.lock().unwrap().extend(who.units().iter().map(|u| u.name.clone()));
        let mut door = Grant::new(VendorDoorId::new("front").unwrap(), "Front");
        door.blocked.clone_from(&self.blocked);
        let mut good_until = Instant::now() + self.good_for;
        if self.aged {
            good_until = Instant::now().checked_sub(Duration::from_millis(1)).unwrap();
        }
        Ok(Grants { doors: vec![door], problems: Vec::new(), good_until })
    }
    async fn unlock(
        &self,
        _: &Context,
        _: &Occupant,
        _: &VendorDoorId,
        permit: UnlockPermit,
    ) -> Verdict {
        for _ in 0..self.asks_gate {
            let opened = permit.open().await;
            self.gate.lock().unwrap().push(opened);
        }
        match self.then.clone() {
            Then::Say(verdict) => verdict,
            Then::Panic => panic!("a provider's bug"),
            Then::Hang => std::future::pending().await,
            Then::WaitThenSay(by, verdict) => {
                sleep(by).await;
                let opened = permit.open().await;
                self.gate.lock().unwrap().push(opened);
                if opened { verdict } else { Verdict::NotSent(Error::new(Cause::TooSlow)) }
            }
            Then::LeaveBehind(by, verdict) => {
                tokio::spawn(async move {
                    sleep(by).await;
                    assert!(!permit.open().await, "the tap is over, and its gate opens");
                    LEFT_BEHIND_ASKED.fetch_add(1, Ordering::SeqCst);
                });
                verdict
            }
        }
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

static LEFT_BEHIND_ASKED: AtomicUsize = AtomicUsize::new(0);

fn house_with(provider: &Arc<Scripted>) -> House {
    let house = House::new();
    house.connections.connect(&house.building, house.door.connection(), provider.clone());
    house
}

async fn tap(opens_gate: u32, then: Then) -> Result<Outcome, Error> {
    house_with(&Scripted::new(opens_gate, then)).tap().await
}

fn verdicts() -> Vec<Verdict> {
    let reason = || Reason::new(Cause::OrderRefused);
    vec![
        Verdict::Opened { reference: None },
        Verdict::Accepted { reference: Some("ref".into()) },
        Verdict::TurnedDown { certain: true, reason: reason() },
        Verdict::TurnedDown { certain: false, reason: reason() },
        Verdict::Failed { reference: None, reason: reason() },
        Verdict::Lost { reference: None, reason: Reason::new(Cause::AnswerLost) },
        Verdict::NotSent(Error::new(Cause::VendorUnreachable)),
    ]
}

#[tokio::test(start_paused = true)]
async fn a_shut_gate_is_always_an_error_and_an_open_one_never() {
    let mut table = String::new();
    for verdict in verdicts() {
        for opens_gate in [0, 1] {
            let result = tap(opens_gate, Then::Say(verdict.clone())).await;
            assert_eq!(result.is_ok(), opens_gate == 1, "{verdict:?}");
            let said = match result {
                Ok(outcome) => format!("{} certain={}", kind(&outcome), outcome.receipt().certain),
                Err(e) => format!("error {}", e.code()),
            };
            let gate = if opens_gate == 1 { "open" } else { "shut" };
            let verdict = match &verdict {
                Verdict::TurnedDown { certain, .. } => format!("TurnedDown certain={certain}"),
                other => format!("{other:?}").split([' ', '(']).next().unwrap().to_owned(),
            };
            let _ = writeln!(table, "{verdict:<26} gate {gate}: {said}");
        }
    }
    insta::assert_snapshot!(table);
}

fn kind(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Opened(_) => "Opened",
        Outcome::Accepted(_) => "Accepted",
        Outcome::NotOpened(_) => "NotOpened",
        Outcome::Unknown(_) => "Unknown",
    }
}

#[tokio::test(start_paused = true)]
async fn a_panic_or_a_hang_behind_an_open_gate_is_unknown() {
    for then in [Then::Panic, Then::Hang] {
        let begun = Instant::now();
        let outcome = tap(1, then.clone()).await.unwrap();
        assert!(matches!(outcome, Outcome::Unknown(_)), "{then:?}: {outcome:?}");
        let refused = tap(0, then.clone()).await.unwrap_err();
        assert!(matches!(refused.cause(), Cause::Internal | Cause::TooSlow), "{then:?}: {refused}");
        assert!(begun.elapsed() <= Duration::from_secs(24));
    }
}

#[tokio::test(start_paused = true)]
async fn one_permit_one_body() {
    let provider = Scripted::new(3, Then::Say(Verdict::Accepted { reference: None }));
    house_with(&provider).tap().await.unwrap();
    assert_eq!(*provider.gate.lock().unwrap(), [true, false, false]);
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_asks_too_late_finds_the_gate_shut() {
    for by in [5_001, 11_999, 12_500, 60_000] {
        let then =
            Then::WaitThenSay(Duration::from_millis(by), Verdict::Opened { reference: None });
        tap(0, then).await.unwrap_err();
    }
}

#[tokio::test(start_paused = true)]
async fn a_permit_that_outlives_its_tap_opens_nothing() {
    let said = Verdict::NotSent(Error::new(Cause::VendorUnreachable));
    let then = Then::LeaveBehind(Duration::from_millis(200), said);
    tap(0, then).await.unwrap_err();
    sleep(Duration::from_secs(1)).await;
    assert_eq!(LEFT_BEHIND_ASKED.load(Ordering::SeqCst), 1, "it did ask, within its time");
}

#[tokio::test(start_paused = true)]
async fn a_grant_that_ages_while_the_order_waits_opens_nothing() {
    for (good_for, opens) in [(1_900, false), (2_100, true)] {
        let said = Verdict::Opened { reference: None };
        let mut provider = Scripted::plain(0, Then::WaitThenSay(Duration::from_secs(2), said));
        provider.good_for = Duration::from_millis(good_for);
        let result = house_with(&Arc::new(provider)).tap().await;
        assert_eq!(result.is_ok(), opens, "{result:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_provider_offers_past_its_age_is_neither_listed_nor_opened() {
    let mut provider = Scripted::plain(1, Then::Say(Verdict::Opened { reference: None }));
    provider.aged = true;
    let provider = Arc::new(provider);
    let house = house_with(&provider);
    let list = house.access.doors(&house.jane, Freshness::Cached).await.unwrap();
    assert!(list.doors.is_empty(), "{list:?}");
    assert_eq!(list.problems[0].reason.cause(), Cause::Internal);
    assert_eq!(house.tap().await.unwrap_err().cause(), Cause::Internal);
    assert!(provider.gate.lock().unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_blocked_door_is_refused_at_once_with_its_reason() {
    let mut provider = Scripted::plain(1, Then::Say(Verdict::Opened { reference: None }));
    provider.blocked = Some(Reason::new(Cause::DoorPrivate));
    let provider = Arc::new(provider);
    let refused = house_with(&provider).tap().await.unwrap_err();
    assert_eq!(refused.cause(), Cause::DoorPrivate);
    assert!(provider.gate.lock().unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_provider_sees_the_current_units_of_its_building_and_no_others() {
    let provider = Scripted::new(1, Then::Say(Verdict::Opened { reference: None }));
    let house = house_with(&provider);
    house.directory.people.change(&house.jane, |r| {
        let (here, there) = (house.building.clone(), BuildingId::new("b2").unwrap());
        r.residencies.push(Residency::current(here.clone(), unit("u3", "103")));
        r.residencies.push(Residency::current(there, unit("x1", "elsewhere")));
        let former = Residency::current(here, unit("u4", "former"));
        r.residencies.push(former.with_standing(Standing::Former));
    });
    house.tap().await.unwrap();
    assert_eq!(*provider.units.lock().unwrap(), ["101", "103"]);
}

#[tokio::test(start_paused = true)]
async fn only_a_confirmation_is_opened() {
    for (answer, expected) in [
        (MemoryAnswer::Opens, "Opened"),
        (MemoryAnswer::Takes, "Accepted"),
        (MemoryAnswer::Fails, "NotOpened"),
    ] {
        let house = House::new();
        house.vendor.with(|s| s.answer_with(answer));
        let outcome = house.tap().await.unwrap();
        assert_eq!(kind(&outcome), expected);
        assert_eq!(outcome.receipt().certain, answer == MemoryAnswer::Opens);
    }
}

#[tokio::test(start_paused = true)]
async fn an_outcome_survives_a_store_that_keeps_text() {
    for verdict in verdicts() {
        let outcome = tap(1, Then::Say(verdict)).await.unwrap();
        let kept = serde_json::to_string(&outcome).unwrap();
        assert_eq!(serde_json::from_str::<Outcome>(&kept).unwrap(), outcome, "{kept}");
    }
}

#[test]
fn a_cause_of_a_later_version_can_be_read() {
    let reason: Reason = serde_json::from_str(r#"{"cause":"from_the_future"}"#).unwrap();
    assert_eq!(reason.cause(), Cause::Unrecognised);
}

#[test]
fn a_refused_notification_keeps_no_door_shut() {
    // Somebody else may have sent it; and what the system did send would only have made a reading earlier.
    assert!(!Cause::DeliveryRefused.keeps_shut());
    assert!(Cause::ConnectionFailed.keeps_shut());
}

#[test]
fn sentences_for_residents_and_managers() {
    let system = System::new("Openpath", "the Openpath dashboard");
    let mut table = String::new();
    for cause in Cause::ALL {
        for reason in [Reason::new(*cause), Reason::new(*cause).in_system(&system).about("101")] {
            let (resident, manager) = (reason.for_resident(), reason.for_manager());
            assert!(resident.ends_with('.') && manager.ends_with('.'), "{cause:?}");
            assert!(!resident.contains("  ") && resident.chars().next().unwrap().is_uppercase());
            assert!(manager.chars().next().unwrap().is_uppercase(), "{manager}");
        }
        let reason = Reason::new(*cause).in_system(&system).about("101");
        let _ = writeln!(
            table,
            "{} ({:?}, mended: {:?})\n  resident: {}\n  manager:  {}",
            cause.code(),
            cause.kind(),
            cause.place(),
            reason.for_resident(),
            reason.for_manager()
        );
    }
    insta::assert_snapshot!(table);
}
