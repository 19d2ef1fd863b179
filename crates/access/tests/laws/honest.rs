//! L4 and the promise of `Err`: outcomes never say more than is known, errors never hide an order.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use elevate_access::{
    AccessProvider, Cause, Check, Context, Error, Freshness, Grant, Grants, Health, Identity,
    Occupant, Outcome, ProviderInfo, Reason, System, UnlockPermit, VendorDoorId, Verdict,
};
use elevate_access_testkit::MemoryAnswer;
use tokio::time::{Instant, sleep};

use crate::house::House;

/// A provider that says what it is told to, with its gate opened or not.
#[derive(Debug)]
struct Scripted {
    opens_gate: u32,
    then: Then,
}

#[derive(Debug, Clone)]
enum Then {
    Say(Verdict),
    Panic,
    Hang,
    BlockThenSay(Duration, Verdict),
}

#[async_trait]
impl AccessProvider for Scripted {
    fn info(&self) -> ProviderInfo {
        ProviderInfo::new(System::new("Scripted", "the script"), Identity::Unit)
    }
    async fn grants(&self, _: &Context, _: &Occupant, _: Freshness) -> Result<Grants, Error> {
        let doors = vec![Grant::new(VendorDoorId::new("front").unwrap(), "Front")];
        let good_until = Instant::now() + Duration::from_secs(60);
        Ok(Grants { doors, problems: Vec::new(), good_until })
    }
    async fn unlock(
        &self,
        _: &Context,
        _: &Occupant,
        _: &VendorDoorId,
        permit: UnlockPermit,
    ) -> Verdict {
        for asked in 0..self.opens_gate {
            assert_eq!(permit.open().await, asked == 0, "one permit, one body");
        }
        match self.then.clone() {
            Then::Say(verdict) => verdict,
            Then::Panic => panic!("a provider's bug"),
            Then::Hang => std::future::pending().await,
            Then::BlockThenSay(by, verdict) => {
                sleep(by).await;
                // It goes on behind the front door's back and asks for its gate after all.
                if permit.open().await {
                    verdict
                } else {
                    Verdict::NotSent(Error::new(Cause::TooSlow))
                }
            }
        }
    }
    async fn explain(&self, _: &Context, _: &Occupant, _: Option<&VendorDoorId>) -> Vec<Check> {
        Vec::new()
    }
    async fn check(&self, _: &Context) -> Health {
        Health::ok()
    }
}

async fn tap(opens_gate: u32, then: Then) -> Result<Outcome, Error> {
    let house = House::new();
    let provider = Arc::new(Scripted { opens_gate, then });
    house.connections.connect(&house.building, house.door.connection(), provider);
    house.tap().await
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
            table.push_str(&format!("{verdict:<26} gate {gate}: {said}\n"));
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
    // Asked three times, the gate opens once (asserted by the provider itself).
    tap(3, Then::Say(Verdict::Accepted { reference: None })).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_outlives_its_tap_finds_the_gate_shut() {
    for by in [5_001, 11_999, 12_500, 60_000] {
        let then =
            Then::BlockThenSay(Duration::from_millis(by), Verdict::Opened { reference: None });
        tap(0, then).await.unwrap_err();
    }
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
        table.push_str(&format!(
            "{} ({:?}, mended: {:?})\n  resident: {}\n  manager:  {}\n",
            cause.code(),
            cause.kind(),
            cause.place(),
            reason.for_resident(),
            reason.for_manager()
        ));
    }
    insta::assert_snapshot!(table);
}
