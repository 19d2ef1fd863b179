//! Turns to sign in.

use std::time::Duration;

use elevate_access::{SignInEnd, Store, Turn};
use futures_util::future::join_all;

use super::{StoreStage, seconds};

const HOLD: Duration = seconds(15);

async fn take(store: &dyn Store, account: &str, step: Option<u64>) -> Turn {
    store.take_turn(account, step, HOLD).await.unwrap()
}

async fn my_turn(store: &dyn Store, account: &str) -> (String, u32, u32) {
    match take(store, account, None).await {
        Turn::Yours { turn, refusals, unclear } => (turn, refusals, unclear),
        other => panic!("nobody holds it: {other:?}"),
    }
}

fn is_left(turn: &Turn, most: Duration) -> bool {
    // A database's clock goes on while it is asked.
    let about = |left: Duration| left <= most && left + seconds(5) >= most;
    match turn {
        Turn::Taken { left } | Turn::Paused { left, .. } => about(*left),
        _ => false,
    }
}

/// One node at a time has an account's turn; it ends by itself, and who has lost it says nothing of it.
pub async fn one_node_at_a_time_has_the_turn_to_sign_in(stage: &dyn StoreStage) {
    let nodes: Vec<_> = (0..4).map(|_| stage.node()).collect();
    let turns = join_all((0..12).map(|n| {
        let node = nodes[n % 4].clone();
        async move { take(&*node, "a", None).await }
    }))
    .await;
    let yours = turns.iter().filter(|turn| matches!(turn, Turn::Yours { .. }));
    assert_eq!(yours.count(), 1, "{turns:?}");
    assert_eq!(turns.iter().filter(|turn| is_left(turn, HOLD)).count(), 11, "{turns:?}");
    my_turn(&*nodes[1], "b").await;
    // The node dies with its turn, and all come again at once.
    for _ in 0..5 {
        stage.pass(HOLD).await;
        let turns = join_all((0..12).map(|n| {
            let node = nodes[n % 4].clone();
            async move { take(&*node, "a", None).await }
        }))
        .await;
        let yours = turns.iter().filter(|turn| matches!(turn, Turn::Yours { .. }));
        assert_eq!(yours.count(), 1, "{turns:?}");
    }
    stage.pass(HOLD).await;
    let (lost, ..) = my_turn(&*nodes[2], "a").await;
    stage.pass(HOLD).await;
    let (second, ..) = my_turn(&*nodes[3], "a").await;
    let refused = SignInEnd::Refused { pause: seconds(30) };
    nodes[2].end_turn("a", &lost, refused).await.unwrap();
    nodes[2].end_turn("nobody's", &lost, refused).await.unwrap();
    assert!(is_left(&take(&*nodes[0], "a", None).await, HOLD));
    nodes[0].end_turn("a", &second, SignInEnd::Failed { pause: Duration::ZERO }).await.unwrap();
    assert_eq!(my_turn(&*nodes[1], "a").await.1, 0, "the refusal was of a turn that was lost");
}

/// Refusals, and ends that nobody knows, are counted until a sign-in is accepted; each is followed by its pause.
pub async fn refused_sign_ins_are_counted_and_followed_by_a_pause(stage: &dyn StoreStage) {
    let (one, two) = (stage.node(), stage.node());
    let failed = |n| SignInEnd::Failed { pause: seconds(n) };
    let refused = SignInEnd::Refused { pause: seconds(30) };
    // How each turn ends, and what has been counted before it.
    for (end, refusals, unclear, pause) in [
        (refused, 0, 0, 30),
        (failed(20), 1, 0, 20),
        (failed(0), 1, 1, 0),
        (refused, 1, 1, 30),
        (SignInEnd::Accepted, 2, 1, 0),
        (refused, 0, 0, 30),
    ] {
        let (turn, was_refused, was_unclear) = my_turn(&*one, "a").await;
        assert_eq!((was_refused, was_unclear), (refusals, unclear), "before {end:?}");
        one.end_turn("a", &turn, end).await.unwrap();
        if pause > 0 {
            let paused = take(&*two, "a", None).await;
            assert!(matches!(paused, Turn::Paused { .. }), "{paused:?}");
            assert!(is_left(&paused, seconds(pause)), "{paused:?}");
            stage.pass(seconds(pause)).await;
        }
    }
}

/// A step of a second factor is granted once, and none before it while its code could be good.
pub async fn a_step_of_a_second_factor_is_granted_once(stage: &dyn StoreStage) {
    let store = stage.node();
    let take = async |step| {
        let turn = take(&*store, "a", Some(step)).await;
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
    stage.pass(Duration::from_mins(2)).await;
    assert!(matches!(take(13).await, Turn::Yours { .. }));
}
