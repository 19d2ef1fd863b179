//! Waiting for an order while events are handed in: they make it look sooner, and decide nothing.

use std::{future::pending, sync::Arc, time::Duration};

use elevate_access_testkit::{
    Fault, FaultKind, Latency, MemoryWire, Reply, TestClock, Vendor,
    seam::{AttemptEnd, Seam, fixture},
};
use elevate_seam::{ActionAttemptId, ApiKey, Client, Instant, Ordered, Progress, Waited};
use tokio::time::{sleep, sleep_until};

use super::{KEY, connect, house, in_secs, ms, unlock};

const LOOK: &str = "/action_attempts/get";

async fn ordered(client: &Client) -> Ordered {
    unlock(client, "dev-1").await.unwrap()
}

/// When the looks began, counted from the order.
fn looks(vendor: &Vendor<Seam>, ordered: &Ordered) -> Vec<Duration> {
    vendor.started().iter().skip(1).map(|started| started.at - ordered.started).collect()
}

/// Waits for the order while `events` go on, which may end before it.
async fn wait_beside(
    client: &Client,
    ordered: &Ordered,
    events: impl Future<Output = ()>,
) -> Waited {
    let until = ordered.started + ms(12_000);
    tokio::select! {
        biased;
        waited = client.wait_for_unlock(ordered, until) => waited,
        never = async { events.await; pending().await } => never,
    }
}

fn progress(waited: &Waited) -> Progress {
    match waited {
        Waited::Settled(attempt) | Waited::Unsettled { last: attempt, .. } => attempt.progress(),
        other => panic!("{other:?}"),
    }
}

fn slow(takes: u64) -> Seam {
    let mut seam = house();
    seam.attempt_takes("dev-1", ms(takes));
    seam
}

#[tokio::test(start_paused = true)]
async fn an_event_makes_it_look_at_once() {
    let (client, vendor) = connect(slow(2800));
    let ordered = ordered(&client).await;
    let told = async {
        sleep(ms(2840)).await;
        // Whoever has a clone can tell.
        client.clone().prompt(ordered.id());
    };
    let waited = wait_beside(&client, &ordered, told).await;
    assert_eq!(progress(&waited), Progress::Confirmed);
    // By the schedule alone it would have been 3,003 ms.
    assert_eq!(looks(&vendor, &ordered).last(), Some(&ms(2840)));
}

#[tokio::test(start_paused = true)]
async fn prompt_before_the_wait_counts() {
    let (client, vendor) = connect(slow(40));
    let ordered = ordered(&client).await;
    sleep(ms(60)).await;
    client.prompt(ordered.id());
    sleep(ms(10)).await;
    let waited = client.wait_for_unlock(&ordered, in_secs(12)).await;
    assert_eq!(progress(&waited), Progress::Confirmed);
    assert_eq!(looks(&vendor, &ordered), [ms(70)]);
}

#[tokio::test(start_paused = true)]
async fn an_event_that_overtakes_the_orders_reply_counts() {
    let vendor = Vendor::new(slow(10));
    let latency = Latency { connect: (ms(0), ms(0)), travel: (ms(20), ms(20)) };
    let wire = MemoryWire::new(vendor.clone(), TestClock::new()).with_latency(latency, 1);
    let key = ApiKey::new(KEY).unwrap();
    let client = Client::builder(key).wire(Arc::new(wire)).build().unwrap();
    // The stand-in's first attempt always has the same id.
    let (other, _) = connect(house());
    let id = ordered(&other).await.id().clone();
    let (taken, ()) = tokio::join!(ordered(&client), async {
        sleep(ms(35)).await;
        client.prompt(&id);
    });
    assert_eq!(*taken.id(), id);
    let waited = client.wait_for_unlock(&taken, in_secs(12)).await;
    assert_eq!(progress(&waited), Progress::Confirmed);
    assert_eq!(looks(&vendor, &taken), [ms(40)]);
}

#[tokio::test(start_paused = true)]
async fn prompts_in_flood_do_not_raise_the_rate_of_looks() {
    let (client, vendor) = connect(slow(1730));
    let ordered = ordered(&client).await;
    let flood = async {
        loop {
            for _ in 0..50 {
                client.prompt(ordered.id());
            }
            sleep(ms(1)).await;
        }
    };
    let waited = wait_beside(&client, &ordered, flood).await;
    assert_eq!(progress(&waited), Progress::Confirmed);
    let looks = looks(&vendor, &ordered);
    for pair in looks.windows(2) {
        assert!(pair[1].saturating_sub(pair[0]) >= ms(100), "{looks:?}");
    }
    assert!(looks.len() <= 19, "{looks:?}");
}

#[tokio::test(start_paused = true)]
async fn duplicates_of_one_event_are_one_look() {
    // By the schedule alone, then with an event and its copies, which all come too early.
    let mut seen = Vec::new();
    for copies in [0, 1, 50] {
        let (client, vendor) = connect(slow(3000));
        let ordered = ordered(&client).await;
        let events = async {
            sleep(ms(2370)).await;
            for _ in 0..copies {
                client.prompt(ordered.id());
            }
        };
        let waited = wait_beside(&client, &ordered, events).await;
        assert_eq!(progress(&waited), Progress::Confirmed);
        seen.push(looks(&vendor, &ordered));
    }
    let (plain, one, many) = (&seen[0], &seen[1], &seen[2]);
    assert_eq!(one, many);
    // A look between two of the schedule, which goes on as if nothing had been.
    let mut with_it = plain.clone();
    with_it.push(ms(2370));
    with_it.sort();
    assert_eq!(*one, with_it);
}

#[tokio::test(start_paused = true)]
async fn events_during_a_look_and_right_after_it_are_one_look() {
    let vendor = Vendor::new(slow(3000));
    let latency = Latency { connect: (ms(0), ms(0)), travel: (ms(20), ms(20)) };
    let wire = MemoryWire::new(vendor.clone(), TestClock::new()).with_latency(latency, 1);
    let key = ApiKey::new(KEY).unwrap();
    let client = Client::builder(key).wire(Arc::new(wire)).build().unwrap();
    let ordered = ordered(&client).await;
    let events = async {
        // The first look is under way from 250 to 290 ms.
        for at in [260, 270, 280, 300, 320, 349] {
            sleep_until(ordered.started + ms(at)).await;
            client.prompt(ordered.id());
        }
    };
    wait_beside(&client, &ordered, events).await;
    // The schedule's second look is due at 390 ms, and has to keep its distance from the prompted one.
    assert_eq!(looks(&vendor, &ordered)[..4], [ms(250), ms(350), ms(450), ms(590)]);
}

#[tokio::test(start_paused = true)]
async fn an_event_is_never_the_outcome() {
    for end in [AttemptEnd::PendingForever, AttemptEnd::error("uncategorized_error", "no")] {
        let mut seam = house();
        seam.attempts_end(end.clone());
        let (client, _) = connect(seam);
        let ordered = ordered(&client).await;
        let events = async {
            for _ in 0..20 {
                client.prompt(ordered.id());
                sleep(ms(333)).await;
            }
        };
        let waited = wait_beside(&client, &ordered, events).await;
        match end {
            AttemptEnd::PendingForever => {
                assert!(matches!(waited, Waited::Unsettled { .. }), "{waited:?}");
                assert_eq!(progress(&waited), Progress::Pending);
                assert_eq!(Instant::now(), ordered.started + ms(12_000));
            }
            _ => assert_eq!(progress(&waited), Progress::Failed),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_event_whose_look_fails_is_not_an_outcome_either() {
    let (client, vendor) = connect(slow(100));
    vendor.faults(|faults| faults.next_on(LOOK, Fault::before(FaultKind::Reset)));
    let other = fixture("attempt-other-id.json").unwrap();
    vendor.with(|seam| seam.reply_once_to(LOOK, 200, other).requests(""));
    let ordered = ordered(&client).await;
    let event = async {
        sleep(ms(110)).await;
        client.prompt(ordered.id());
    };
    let waited = wait_beside(&client, &ordered, event).await;
    assert_eq!(progress(&waited), Progress::Confirmed);
    // Reset; another attempt's; then this one's, by the schedule.
    assert_eq!(looks(&vendor, &ordered), [ms(110), ms(250), ms(350)]);
}

#[tokio::test(start_paused = true)]
async fn a_prompt_for_another_attempt_does_nothing() {
    let mut seen = Vec::new();
    for prompted in [false, true] {
        let (client, vendor) = connect(slow(1000));
        let ordered = ordered(&client).await;
        let foreign = ActionAttemptId::new(format!("{}0", ordered.id())).unwrap();
        let events = async {
            loop {
                if prompted {
                    client.prompt(&foreign);
                }
                sleep(ms(10)).await;
            }
        };
        wait_beside(&client, &ordered, events).await;
        seen.push(looks(&vendor, &ordered));
    }
    assert_eq!(seen[0], seen[1]);
}

#[tokio::test(start_paused = true)]
async fn a_flood_of_other_attempts_costs_only_the_memory_of_this_one() {
    let (client, vendor) = connect(slow(40));
    let ordered = ordered(&client).await;
    client.prompt(ordered.id());
    for number in 0..256 {
        client.prompt(&ActionAttemptId::new(format!("other-{number}")).unwrap());
    }
    let waited = client.wait_for_unlock(&ordered, in_secs(12)).await;
    // Forgotten, so it is the schedule that finds it.
    assert_eq!(progress(&waited), Progress::Confirmed);
    assert_eq!(looks(&vendor, &ordered), [ms(250)]);
}

#[tokio::test(start_paused = true)]
async fn a_prompt_during_a_look_that_hangs_is_not_lost() {
    let (client, vendor) = connect(slow(700));
    vendor.faults(|faults| faults.next_on(LOOK, Fault::before(FaultKind::Stall)));
    let ordered = ordered(&client).await;
    let event = async {
        sleep(ms(750)).await;
        client.prompt(ordered.id());
    };
    let waited = wait_beside(&client, &ordered, event).await;
    assert_eq!(progress(&waited), Progress::Confirmed);
    // The look that hangs is given up after 2 s; by the schedule the next would come at 2,475 ms.
    assert_eq!(looks(&vendor, &ordered), [ms(250), ms(2250)]);
}

#[tokio::test(start_paused = true)]
async fn a_prompt_does_not_cut_a_pause_that_seam_asks_for() {
    let (client, vendor) = connect(slow(300));
    let busy = fixture("error-too-many-requests.json").unwrap();
    let busy = FaultKind::Instead(Reply::json(429, busy).header("retry-after", "3"));
    vendor.faults(|faults| faults.next_on(LOOK, Fault::before(busy)));
    let ordered = ordered(&client).await;
    let events = async {
        loop {
            client.prompt(ordered.id());
            sleep(ms(90)).await;
        }
    };
    let waited = wait_beside(&client, &ordered, events).await;
    assert_eq!(progress(&waited), Progress::Confirmed);
    assert_eq!(looks(&vendor, &ordered), [ms(0), ms(3000)]);
}

#[tokio::test(start_paused = true)]
async fn an_event_after_the_schedules_last_look_still_counts() {
    let (client, vendor) = connect(slow(11_700));
    let ordered = ordered(&client).await;
    let event = async {
        sleep(ms(11_750)).await;
        client.prompt(ordered.id());
    };
    let waited = wait_beside(&client, &ordered, event).await;
    assert_eq!(progress(&waited), Progress::Confirmed);
    assert_eq!(looks(&vendor, &ordered).last(), Some(&ms(11_750)));
}

#[tokio::test(start_paused = true)]
async fn a_deadline_ends_the_wait_whatever_is_handed_in() {
    let (client, vendor) = connect(house());
    vendor.faults(|faults| faults.on(LOOK, 0, u32::MAX - 1, Fault::before(FaultKind::Stall)));
    let ordered = ordered(&client).await;
    let flood = async {
        loop {
            client.prompt(ordered.id());
            sleep(ms(1)).await;
        }
    };
    let waited = wait_beside(&client, &ordered, flood).await;
    assert!(matches!(waited, Waited::Unsettled { .. }), "{waited:?}");
    assert_eq!(ordered.started.elapsed(), ms(12_000));
}
