//! What holds of an order's answer: how much may be said on it, and that it is never a reason to order again.

use std::time::Duration;

use elevate_access::Outcome;
use tokio::time::sleep;

use super::Stage;
use crate::{Fault, FaultKind, Reply};

/// `Opened` is said only of a door that opened: of one that the vendor's own model opened, and never on an answer that
/// tells no more than that something went well (L4).
pub async fn opened_is_said_only_of_a_door_that_opened(stage: Stage) {
    let opened = || stage.backstage.opened(stage.door.vendor_id().as_str());
    let before = opened();
    let outcome = stage.tap(&stage.access()).await.unwrap_or_else(|e| panic!("refused: {e}"));
    if matches!(outcome, Outcome::Opened(_)) {
        assert_eq!(opened(), before + 1, "the vendor has not opened it: {outcome:?}");
    }
    for reply in all_went_well() {
        let when = format!("{} {:?} in the vendor's place", reply.status, reply.body);
        let outcome = answered(&stage, reply).await;
        assert!(!matches!(outcome, Outcome::Opened(_)), "{when}: {outcome:?}");
    }
}

/// `Accepted` is said of the one documented success: of many answers that tell no more than that something went well,
/// at most one is it (L4).
pub async fn only_the_documented_success_is_accepted(stage: Stage) {
    let mut accepted = Vec::new();
    for reply in all_went_well() {
        let what = format!("{} {:?}", reply.status, reply.body);
        if matches!(answered(&stage, reply).await, Outcome::Accepted(_)) {
            accepted.push(what);
        }
    }
    assert!(accepted.len() <= 1, "as good as each other: {accepted:?}");
}

/// An order that was turned down, for whatever reason, is not sent again: not after a new sign-in, not after a pause.
/// The next tap may (L3).
pub async fn a_refusal_is_not_pressed(stage: Stage) {
    for status in [400, 401, 402, 403, 404, 405, 406, 408, 409, 410, 412, 415, 422, 423, 425, 429] {
        let reply = Reply::json(status, "{}").header("retry-after", "1");
        let outcome = answered(&stage, reply).await;
        let is_open = matches!(outcome, Outcome::Opened(_) | Outcome::Accepted(_));
        assert!(!is_open, "{status}: {outcome:?}");
    }
}

/// Answers that say that something went well, and not what.
fn all_went_well() -> impl Iterator<Item = Reply> {
    let bodies = ["{}", "[]", "null", "true", ""];
    let with_body = move |status| bodies.map(|body| Reply::json(status, body));
    let bare = [200, 201, 202, 203, 204, 205, 206, 207].map(Reply::empty);
    [200, 201, 202, 203, 206].into_iter().flat_map(with_body).chain(bare)
}

/// What a tap comes to whose order meets that answer and never the vendor. Its order is the only one.
async fn answered(stage: &Stage, reply: Reply) -> Outcome {
    let status = reply.status;
    let before = (stage.arrived(), stage.orders_started().len());
    stage.backstage.next_order_meets(Fault::before(FaultKind::Instead(reply)));
    let outcome = stage.tap(&stage.access()).await;
    let outcome = outcome.unwrap_or_else(|e| panic!("refused before {status}: {e}"));
    // A pause that the vendor asked for is over by then.
    sleep(Duration::from_mins(10)).await;
    let after = (stage.arrived(), stage.orders_started().len());
    assert_eq!(after, (before.0, before.1 + 1), "ordered again after {status}: {outcome:?}");
    outcome
}
