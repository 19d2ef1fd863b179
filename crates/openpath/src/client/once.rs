//! Writes that are no unlock orders: a sign-in, a new key.

use std::time::Duration;

use elevate_transport::{Answer, Caller, Delivery, Instant, Request, WireError, WireErrorKind};
use tokio::time::sleep;

/// The most attempts while nothing was sent.
const ATTEMPTS: u32 = 3;

/// The wait before the second attempt; it doubles.
const PAUSE: Duration = Duration::from_millis(100);

/// Sends a request that must not be repeated once it may have arrived: tried again only while no byte of its
/// body has left, as happens to a connection that the peer closed while it was idle.
///
/// It has no gate: gates are for what moves doors.
pub(super) async fn at_most_once(
    caller: &Caller,
    by: Instant,
    make: impl Fn() -> Request,
) -> Result<Answer, WireError> {
    let mut pause = PAUSE;
    for _ in 1..ATTEMPTS {
        match caller.once(make()).await {
            Err(error) if is_worth_another(&error) && Instant::now() + pause < by => {
                sleep(pause).await;
                pause *= 2;
            }
            ended => return ended,
        }
    }
    caller.once(make()).await
}

/// A peer that answers before the body starts has refused it: that stands.
fn is_worth_another(error: &WireError) -> bool {
    error.delivery() == Delivery::NeverSent
        && error.status().is_none()
        && matches!(error.kind(), WireErrorKind::Connect | WireErrorKind::Broken)
}
