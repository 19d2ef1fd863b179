//! What a service does by itself: it finds out what became of orders whose node ended, and lets the history go with age.

use std::time::Duration;

use elevate_access::{Access, Clock, Outcome, TapQuery};
use jiff::SignedDuration;
use tokio::time::interval;

use crate::start::History;

const HISTORY_KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);

/// How far back it looks for orders without an outcome, when it starts.
const LOOKED_BACK: SignedDuration = SignedDuration::from_mins(10);

/// Runs until it is aborted.
pub async fn run(access: Access, history: History, clock: impl Clock) {
    look_back(&access, &clock).await;
    let mut every_day = interval(Duration::from_hours(24));
    loop {
        every_day.tick().await;
        match history.0.prune(clock.now() - HISTORY_KEPT).await {
            Ok(pruned) => tracing::info!(pruned, "taps that were kept long enough are gone"),
            Err(error) => {
                tracing::warn!(error = %error.as_error(), "the history could not be pruned");
            }
        }
    }
}

/// The node that sends an order looks for its outcome half a minute later. One that ended in between did not.
async fn look_back(access: &Access, clock: &impl Clock) {
    let since = clock.now() - LOOKED_BACK;
    let is_open = |outcome: &Outcome| matches!(outcome, Outcome::Accepted(_) | Outcome::Unknown(_));
    let mut lately = TapQuery::new().since(since).limit(TapQuery::MOST);
    loop {
        let records = match access.taps(&lately).await {
            Ok(records) => records,
            Err(error) => {
                tracing::warn!(
                    code = error.code(),
                    "nothing more is looked for that was left open"
                );
                return;
            }
        };
        let Some(oldest) = records.last() else { return };
        for record in records.iter().filter(|record| record.last_known().is_some_and(is_open)) {
            match access.look_back(record).await {
                Ok(known) => {
                    let known = known.as_ref().map_or("not_known", Outcome::code);
                    tracing::info!(known, "an order that was left open");
                }
                Err(error) => tracing::warn!(code = error.code(), "an order that was left open"),
            }
        }
        lately = lately.older_than(oldest);
    }
}
