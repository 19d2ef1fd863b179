//! The order itself: what leaves, and what is said of it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use elevate_access_testkit::{Fault, FaultKind, seam::fixture};
use elevate_seam::{Delivery, ErrorKind, Gate};

use super::{connect, device, house, in_secs, unlock};

const UNLOCK: &str = elevate_access_testkit::seam::ORDER_PATH;

#[tokio::test(start_paused = true)]
async fn one_order_is_one_gated_body_and_nothing_else_at_the_vendor() {
    let (client, vendor) = connect(house());
    unlock(&client, "dev-1").await.unwrap();
    let started = vendor.started();
    assert_eq!(started.len(), 1);
    assert!(started[0].gated);
    assert_eq!(vendor.ledger().taken("dev-1"), 1);
    vendor.with(|seam| {
        assert_eq!(seam.forbidden(), [] as [String; 0]);
        assert_eq!(seam.complaints(), [] as [String; 0]);
        assert!(seam.unknown_parameters().is_empty());
    });
}

#[tokio::test(start_paused = true)]
async fn a_gate_that_stays_shut_sends_nothing() {
    let (client, vendor) = connect(house());
    let shut = || Gate::new(async { false });
    let error =
        client.unlock_door(&device("dev-1"), in_secs(5), in_secs(12), shut).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Withheld, Delivery::NeverSent));
    assert_eq!(vendor.started(), []);
}

#[tokio::test(start_paused = true)]
async fn an_order_whose_time_is_over_sends_nothing() {
    let (client, vendor) = connect(house());
    let asked = Arc::new(AtomicUsize::new(0));
    let gate = || {
        asked.fetch_add(1, Ordering::SeqCst);
        Gate::new(async { true })
    };
    let error =
        client.unlock_door(&device("dev-1"), in_secs(0), in_secs(12), gate).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Withheld, Delivery::NeverSent));
    assert_eq!((vendor.started(), asked.load(Ordering::SeqCst)), (vec![], 0));
}

#[tokio::test(start_paused = true)]
async fn tried_again_only_while_the_body_has_not_started() {
    let (client, vendor) = connect(house());
    vendor.faults(|faults| faults.on(UNLOCK, 0, 2, Fault::before(FaultKind::Refuse)));
    unlock(&client, "dev-1").await.unwrap();
    assert_eq!((vendor.started().len(), vendor.ledger().taken("dev-1")), (1, 1));

    for fault in [
        Fault::before(FaultKind::Reset),
        Fault::after(FaultKind::Reset),
        Fault::after(FaultKind::Stall),
        Fault::after(FaultKind::Cut),
        Fault::after(FaultKind::status(503, "")),
        Fault::before(FaultKind::status(429, fixture("error-too-many-requests.json").unwrap())),
        Fault::before(FaultKind::redirect(307, "/locks/unlock_door")),
        Fault::before(FaultKind::status(401, fixture("error-unauthorized.json").unwrap())),
    ] {
        let (client, vendor) = connect(house());
        vendor.faults(|faults| faults.next_on(UNLOCK, fault.clone()));
        let error = unlock(&client, "dev-1").await.unwrap_err();
        assert_ne!(error.delivery(), Delivery::NeverSent, "{fault}");
        tokio::time::sleep(Duration::from_mins(1)).await;
        assert_eq!(vendor.started().len(), 1, "{fault}");
    }
}

#[tokio::test(start_paused = true)]
async fn only_the_exact_documented_success_counts() {
    let confirmed = fixture("attempt-success-confirmed.json").unwrap();
    for (status, body) in [
        (201, confirmed),
        (202, confirmed),
        (204, ""),
        (200, ""),
        (200, "null"),
        (200, "{}"),
        (200, r#"{"ok":true}"#),
        (200, r#"{"ok":true,"action_attempt":null}"#),
        (200, r#"{"ok":true,"action_attempt":[]}"#),
        (200, fixture("attempt-ok-false.json").unwrap()),
        (200, fixture("attempt-without-id.json").unwrap()),
        (200, fixture("attempt-other-action.json").unwrap()),
        (200, fixture("success-but-html.txt").unwrap()),
        (200, fixture("success-but-cut.txt").unwrap()),
    ] {
        let (client, vendor) = connect(house());
        vendor.with(|seam| seam.reply_to(UNLOCK, status, body).requests(""));
        let error = unlock(&client, "dev-1").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnusableReply, "{status} {body}");
        assert_eq!(error.delivery(), Delivery::Answered, "{status} {body}");
    }
}
