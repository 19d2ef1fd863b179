//! What the in-memory store promises.
#![expect(clippy::unwrap_used, reason = "a test may fail anywhere")]

use std::time::Duration;

use elevate_access::{
    Claim, Clock as _, DoorId, MemoryStore, Outcome, ResidentId, SignInEnd, SignIns as _,
    Store as _, TapId, Turn,
};
use elevate_access_testkit::TestClock;
use tokio::time::sleep;

fn who(id: &str) -> ResidentId {
    ResidentId::new(id).unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_lease_has_one_holder_ends_by_itself_and_is_given_back_by_its_holder_alone() {
    let store = MemoryStore::new();
    let ttl = Duration::from_secs(10);
    let first = store.lease("key/7", ttl).await.unwrap().unwrap();
    assert!(store.lease("key/7", ttl).await.unwrap().is_none());
    assert!(store.lease("key/8", ttl).await.unwrap().is_some());
    sleep(Duration::from_secs(10)).await;
    let second = store.lease("key/7", ttl).await.unwrap().unwrap();
    store.release(&first).await.unwrap();
    assert!(store.lease("key/7", ttl).await.unwrap().is_none(), "still the second's");
    store.release(&second).await.unwrap();
    assert!(store.lease("key/7", ttl).await.unwrap().is_some());
}

#[tokio::test(start_paused = true)]
async fn claim_outlives_the_oldest_tap() {
    let (store, clock) = (MemoryStore::new(), TestClock::new());
    let (jane, door): (_, DoorId) = (who("jane"), "c/1".parse().unwrap());
    let id = TapId::new("t").unwrap();
    let claim = store.claim(&id, &jane, &door, clock.now()).await.unwrap();
    assert_eq!(claim, Claim::Granted);
    for minute in 0..59 {
        sleep(Duration::from_mins(1)).await;
        let other = TapId::new(format!("other-{minute}")).unwrap();
        store.claim(&other, &jane, &door, clock.now()).await.unwrap();
        let again = store.claim(&id, &jane, &door, clock.now()).await.unwrap();
        assert!(matches!(again, Claim::Open { .. }), "after {minute} minutes: {again:?}");
    }
    for minute in 0..10 {
        sleep(Duration::from_mins(1)).await;
        let other = TapId::new(format!("later-{minute}")).unwrap();
        store.claim(&other, &jane, &door, clock.now()).await.unwrap();
    }
    assert_eq!(store.tap(&id, &jane, &door).await.unwrap(), None, "and is not kept for ever");
}

#[tokio::test(start_paused = true)]
async fn a_claim_is_granted_once_and_is_foreign_to_everybody_else() {
    let (store, clock) = (MemoryStore::new(), TestClock::new());
    let (door, other): (DoorId, DoorId) = ("c/1".parse().unwrap(), "c/2".parse().unwrap());
    let id = TapId::new("t").unwrap();
    assert_eq!(store.tap(&id, &who("jane"), &door).await.unwrap(), None);
    let claim = async |resident: &str, door: &DoorId| {
        store.claim(&id, &who(resident), door, clock.now()).await.unwrap()
    };
    assert_eq!(claim("jane", &door).await, Claim::Granted);
    assert!(matches!(claim("jane", &door).await, Claim::Open { .. }));
    assert_eq!(claim("tom", &door).await, Claim::Foreign);
    assert_eq!(claim("jane", &other).await, Claim::Foreign);
    assert_eq!(store.tap(&id, &who("tom"), &door).await.unwrap(), Some(Claim::Foreign));
}

#[tokio::test(start_paused = true)]
async fn a_settled_tap_is_never_given_up() {
    let (store, clock) = (MemoryStore::new(), TestClock::new());
    let (jane, door): (_, DoorId) = (who("jane"), "c/1".parse().unwrap());
    let id = TapId::new("t").unwrap();
    store.claim(&id, &jane, &door, clock.now()).await.unwrap();
    let outcome: Outcome = serde_json::from_str(
        r#"{"outcome":"unknown","door":"c/1","tap":"t","reference":null,"took_ms":5,"reason":null,"certain":false}"#,
    )
    .unwrap();
    assert_eq!(store.settle(&id, &outcome).await.unwrap(), outcome);
    store.unclaim(&id).await.unwrap();
    assert_eq!(store.tap(&id, &jane, &door).await.unwrap(), Some(Claim::Settled(outcome)));
}

#[tokio::test(start_paused = true)]
async fn one_node_at_a_time_has_the_turn_to_sign_in_and_it_ends_by_itself() {
    let (store, hold) = (MemoryStore::new(), Duration::from_secs(15));
    let Turn::Yours { turn, refusals: 0, .. } = store.take_turn("a", None, hold).await.unwrap()
    else {
        panic!("the first one gets it");
    };
    assert_eq!(store.take_turn("a", None, hold).await.unwrap(), Turn::Taken { left: hold });
    assert!(matches!(store.take_turn("b", None, hold).await.unwrap(), Turn::Yours { .. }));
    // The node dies with its turn.
    sleep(hold).await;
    let Turn::Yours { turn: second, .. } = store.take_turn("a", None, hold).await.unwrap() else {
        panic!("it ended by itself");
    };
    let pause = Duration::from_secs(30);
    store.end_turn("a", &turn, SignInEnd::Refused { pause }).await.unwrap();
    let taken = store.take_turn("a", None, hold).await.unwrap();
    assert_eq!(taken, Turn::Taken { left: hold }, "who has lost a turn says nothing of it");
    store.end_turn("a", &second, SignInEnd::Failed { pause: Duration::ZERO }).await.unwrap();
    let next = store.take_turn("a", None, hold).await.unwrap();
    assert!(matches!(next, Turn::Yours { refusals: 0, .. }), "{next:?}");
}

#[tokio::test(start_paused = true)]
async fn refused_sign_ins_are_counted_and_followed_by_a_pause_until_one_is_accepted() {
    let (store, hold) = (MemoryStore::new(), Duration::from_secs(15));
    let pause = Duration::from_secs(30);
    for refusals in 0..3 {
        let Turn::Yours { turn, refusals: counted, .. } =
            store.take_turn("a", None, hold).await.unwrap()
        else {
            panic!("the pause is over");
        };
        assert_eq!(counted, refusals);
        store.end_turn("a", &turn, SignInEnd::Refused { pause }).await.unwrap();
        let paused = store.take_turn("a", None, hold).await.unwrap();
        assert_eq!(paused, Turn::Paused { left: pause, refusals: refusals + 1 });
        sleep(pause).await;
    }
    let Turn::Yours { turn, refusals: 3, .. } = store.take_turn("a", None, hold).await.unwrap()
    else {
        panic!("the pause is over");
    };
    store.end_turn("a", &turn, SignInEnd::Accepted).await.unwrap();
    let next = store.take_turn("a", None, hold).await.unwrap();
    assert!(matches!(next, Turn::Yours { refusals: 0, .. }), "{next:?}");
}

#[tokio::test(start_paused = true)]
async fn a_step_of_a_second_factor_is_granted_once_and_none_before_it() {
    let (store, hold) = (MemoryStore::new(), Duration::from_secs(15));
    let take = async |step| {
        let turn = store.take_turn("a", Some(step), hold).await.unwrap();
        if let Turn::Yours { turn, .. } = &turn {
            store.end_turn("a", turn, SignInEnd::Failed { pause: Duration::ZERO }).await.unwrap();
        }
        turn
    };
    assert!(matches!(take(7).await, Turn::Yours { .. }));
    assert_eq!(take(7).await, Turn::StepSpent, "whatever became of the turn");
    assert_eq!(take(6).await, Turn::StepSpent);
    assert!(matches!(take(8).await, Turn::Yours { .. }));
    // A node whose clock is a day ahead keeps the others out no longer than its code could be good.
    assert!(matches!(take(2_888).await, Turn::Yours { .. }));
    assert_eq!(take(9).await, Turn::StepSpent);
    sleep(Duration::from_mins(2)).await;
    assert!(matches!(take(13).await, Turn::Yours { .. }));
}

#[tokio::test(start_paused = true)]
async fn sign_ins_that_ended_nobody_knows_how_are_counted_until_one_is_accepted() {
    let (store, hold) = (MemoryStore::new(), Duration::from_secs(15));
    let take = async || match store.take_turn("a", None, hold).await.unwrap() {
        Turn::Yours { turn, unclear, .. } => (turn, unclear),
        other => panic!("nobody holds it: {other:?}"),
    };
    let failed = |seconds| SignInEnd::Failed { pause: Duration::from_secs(seconds) };
    for (expected, end) in
        [(0, failed(5)), (1, failed(0)), (1, failed(5)), (2, SignInEnd::Accepted)]
    {
        let (turn, unclear) = take().await;
        assert_eq!(unclear, expected, "nothing that was not sent is counted");
        store.end_turn("a", &turn, end).await.unwrap();
        sleep(Duration::from_secs(5)).await;
    }
    assert_eq!(take().await.1, 0);
}
