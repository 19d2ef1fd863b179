//! Waiting for an order: the schedule, in paused time, against attempts that behave in every way.

use std::sync::Arc;

use elevate_access_testkit::{
    Fault, FaultKind, Latency, MemoryWire, Reply, TestClock, Vendor,
    seam::{AttemptEnd, fixture},
};
use elevate_seam::{ApiKey, AttemptStatus, Client, ErrorKind, Instant, Ordered, Progress, Waited};
use tokio::time::sleep;

use super::{KEY, connect, house, in_secs, ms, unlock};

const LOOK: &str = "/action_attempts/get";

async fn ordered(client: &Client) -> Ordered {
    unlock(client, "dev-1").await.unwrap()
}

fn settled(waited: Waited) -> Progress {
    match waited {
        Waited::Settled(attempt) => attempt.progress(),
        other => panic!("not settled: {other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_settles_is_seen_within_a_tenth_of_its_time() {
    for (takes, looks) in [(0, 1), (250, 1), (251, 2), (700, 6), (3000, 20)] {
        let mut seam = house();
        seam.attempt_takes("dev-1", ms(takes));
        let (client, vendor) = connect(seam);
        let (ordered, begun) = (ordered(&client).await, Instant::now());
        assert_eq!(ordered.attempt.progress(), Progress::Pending);
        let waited = client.wait_for_unlock(&ordered, in_secs(12)).await;
        assert_eq!(settled(waited), Progress::Confirmed);
        assert_eq!(vendor.requests_on(LOOK), looks, "{takes} ms");
        let late = begun.elapsed().saturating_sub(ms(takes));
        assert!(late <= ms(250) || late <= ms(takes) / 10, "{takes} ms: {late:?} late");
    }
}

#[tokio::test(start_paused = true)]
async fn a_first_reply_that_is_final_needs_no_look() {
    let mut seam = house();
    seam.attempts_settle_at_once();
    let (client, vendor) = connect(seam);
    let ordered = ordered(&client).await;
    let waited = client.wait_for_unlock(&ordered, in_secs(12)).await;
    assert_eq!(settled(waited), Progress::Confirmed);
    assert_eq!(vendor.requests(), 1);
}

#[tokio::test(start_paused = true)]
async fn every_end_is_told_for_what_it_is() {
    for (end, progress) in [
        (AttemptEnd::Confirmed, Progress::Confirmed),
        (AttemptEnd::Unconfirmed, Progress::HandedOver),
        (AttemptEnd::ResultNull, Progress::HandedOver),
        (AttemptEnd::ResultEmpty, Progress::HandedOver),
        (AttemptEnd::NoResultField, Progress::HandedOver),
        (AttemptEnd::error("uncategorized_error", "no"), Progress::Failed),
        (AttemptEnd::error("a_type_that_nobody_knows", ""), Progress::Failed),
    ] {
        let mut seam = house();
        seam.attempts_end(end.clone());
        let (client, _) = connect(seam);
        let ordered = ordered(&client).await;
        let waited = client.wait_for_unlock(&ordered, in_secs(12)).await;
        assert_eq!(settled(waited), progress, "{end:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_endless_pending_attempt_ends_at_the_deadline() {
    let mut seam = house();
    seam.attempts_end(AttemptEnd::PendingForever);
    let (client, vendor) = connect(seam);
    let (ordered, until) = (ordered(&client).await, in_secs(12));
    let Waited::Unsettled { last, trouble: None } = client.wait_for_unlock(&ordered, until).await
    else {
        panic!("settled")
    };
    assert_eq!(last.progress(), Progress::Pending);
    assert_eq!(Instant::now(), until);
    // The last look is half a second before the end, not a gap before it.
    assert_eq!(vendor.requests_on(LOOK), 35);
    assert_eq!(vendor.started().last().unwrap().at, until - ms(500));
}

#[tokio::test(start_paused = true)]
async fn a_status_that_nobody_knows_is_looked_at_until_the_end() {
    let mut seam = house();
    seam.attempts_end(AttemptEnd::OddStatus("queued_at_provider".into()));
    let (client, _) = connect(seam);
    let (ordered, until) = (ordered(&client).await, in_secs(12));
    let Waited::Unsettled { last, .. } = client.wait_for_unlock(&ordered, until).await else {
        panic!("settled")
    };
    assert_eq!(last.progress(), Progress::Unclear);
    assert_eq!(last.status, AttemptStatus::from("queued_at_provider"));
}

#[tokio::test(start_paused = true)]
async fn a_failed_look_is_not_a_failed_unlock() {
    for fault in [
        FaultKind::Refuse,
        FaultKind::Reset,
        FaultKind::Cut,
        FaultKind::status(503, ""),
        FaultKind::status(401, fixture("error-unauthorized.json").unwrap()),
        FaultKind::status(404, fixture("error-action-attempt-not-found.json").unwrap()),
        FaultKind::status(202, fixture("attempt-success-confirmed.json").unwrap()),
        FaultKind::html_200(),
        FaultKind::invalid_json(),
        FaultKind::redirect(302, "/elsewhere"),
    ] {
        let (client, vendor) = connect(house());
        vendor.faults(|faults| faults.on(LOOK, 0, 4, Fault::before(fault.clone())));
        let ordered = ordered(&client).await;
        let waited = client.wait_for_unlock(&ordered, in_secs(12)).await;
        assert_eq!(settled(waited), Progress::Confirmed, "{fault:?}");
        // Four that failed and the two after them: a look is one request, and the schedule goes on.
        let looks = if fault == FaultKind::Refuse { 2 } else { 6 };
        assert_eq!(vendor.started().len(), 1 + looks, "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_look_that_hangs_leaves_time_for_the_next() {
    let (client, vendor) = connect(house());
    vendor.faults(|faults| faults.next_on(LOOK, Fault::before(FaultKind::Stall)));
    let (ordered, begun) = (ordered(&client).await, Instant::now());
    let waited = client.wait_for_unlock(&ordered, in_secs(12)).await;
    assert_eq!(settled(waited), Progress::Confirmed);
    assert!(begun.elapsed() < ms(3000), "{:?}", begun.elapsed());
}

#[tokio::test(start_paused = true)]
async fn looks_that_all_fail_leave_the_orders_own_reply() {
    let (client, vendor) = connect(house());
    vendor.faults(|faults| faults.on(LOOK, 0, u32::MAX - 1, Fault::before(FaultKind::Reset)));
    let (ordered, until) = (ordered(&client).await, in_secs(12));
    let Waited::Unsettled { last, trouble } = client.wait_for_unlock(&ordered, until).await else {
        panic!("settled")
    };
    assert_eq!((last.progress(), Instant::now()), (Progress::Pending, until));
    assert_eq!(trouble.map(|error| error.kind()), Some(ErrorKind::NoAnswer));
}

#[tokio::test(start_paused = true)]
async fn mismatched_attempt_id_ignored() {
    // A confirmed attempt, but another one; then one of another kind under the right id.
    let (client, vendor) = connect(house());
    let ordered = ordered(&client).await;
    let other = fixture("attempt-other-id.json").unwrap();
    let kind = fixture("attempt-other-action.json").unwrap();
    let kind = kind.replace("93cf481b-815a-4678-a1af-23eb88c101d2", ordered.id().as_str());
    vendor.with(|seam| seam.reply_once_to(LOOK, 200, other).requests(""));
    vendor.with(|seam| seam.reply_to(LOOK, 200, kind).requests(""));
    let waited = client.wait_for_unlock(&ordered, in_secs(12)).await;
    let Waited::Unsettled { last, trouble } = waited else { panic!("{waited:?}") };
    assert_eq!(last.progress(), Progress::Pending);
    assert_eq!(trouble.map(|error| error.kind()), Some(ErrorKind::UnusableReply));
}

#[tokio::test(start_paused = true)]
async fn a_pause_that_seam_asks_for_is_kept() {
    let (client, vendor) = connect(house());
    let busy = fixture("error-too-many-requests.json").unwrap();
    let busy = FaultKind::Instead(Reply::json(429, busy).header("retry-after", "3"));
    vendor.faults(|faults| faults.next_on(LOOK, Fault::before(busy)));
    let ordered = ordered(&client).await;
    let waited = client.wait_for_unlock(&ordered, in_secs(12)).await;
    assert_eq!(settled(waited), Progress::Confirmed);
    let looks: Vec<_> = vendor.started().iter().skip(1).map(|s| s.at - ordered.started).collect();
    assert_eq!(looks, [ms(250), ms(3250)]);
}

#[tokio::test(start_paused = true)]
async fn a_pause_beyond_the_deadline_is_waited_out_without_a_look() {
    let (client, vendor) = connect(house());
    let (ordered, until) = (ordered(&client).await, in_secs(12));
    let busy = Reply::empty(429).header("retry-after", "99999999999999999999");
    vendor.faults(|faults| faults.always(Fault::before(FaultKind::Instead(busy))));
    let waited = client.wait_for_unlock(&ordered, until).await;
    assert!(matches!(waited, Waited::Unsettled { .. }), "{waited:?}");
    assert_eq!((Instant::now(), vendor.started().len()), (until, 2));
}

#[tokio::test(start_paused = true)]
async fn time_that_the_reply_took_counts() {
    let mut seam = house();
    seam.attempt_takes("dev-1", ms(50));
    let (client, vendor) = connect(seam);
    let ordered = ordered(&client).await;
    sleep(ms(240)).await;
    client.wait_for_unlock(&ordered, in_secs(12)).await;
    assert_eq!(vendor.started().last().unwrap().at - ordered.started, ms(250));
}

#[tokio::test(start_paused = true)]
async fn the_schedule_starts_with_the_orders_body_and_not_with_its_reply() {
    let vendor = Vendor::new(house());
    let latency = Latency { connect: (ms(40), ms(40)), travel: (ms(30), ms(30)) };
    let wire = MemoryWire::new(vendor.clone(), TestClock::new()).with_latency(latency, 1);
    let key = ApiKey::new(KEY).unwrap();
    let client = Client::builder(key).wire(Arc::new(wire)).build().unwrap();
    let ordered = ordered(&client).await;
    client.wait_for_unlock(&ordered, in_secs(12)).await;
    let started: Vec<_> = vendor.started().iter().map(|started| started.at).collect();
    assert_eq!(ordered.started, started[0]);
    // The first look's own connection takes its time, too.
    assert_eq!(started[1] - started[0], ms(250 + 40));
}

#[tokio::test(start_paused = true)]
async fn an_attempt_can_be_read_at_any_time() {
    let (client, _) = connect(house());
    let ordered = ordered(&client).await;
    sleep(ms(700)).await;
    let attempt = client.get_action_attempt(ordered.id(), in_secs(10)).await.unwrap();
    assert_eq!(attempt.progress(), Progress::Confirmed);
}
