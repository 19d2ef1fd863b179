//! A phone: it sends its tap until it is told what became of it.

use std::time::Duration;

use elevate_access::Outcome;
use tokio::time::{Instant, sleep};

use super::{conductor::Processes, worker::Asked};

/// How long a phone goes on: longer than a lease of a key and a pause of sign-ins together.
const PATIENCE: Duration = Duration::from_secs(110);

/// What a phone was told of one tap, in the end.
#[derive(Clone, Debug)]
pub(super) struct Ending {
    pub(super) resident: u16,
    pub(super) tap: String,
    pub(super) outcome: Option<Outcome>,
    /// What it was told when it asked once more, where that is something else.
    pub(super) changed: Option<String>,
    pub(super) sent: u32,
}

pub(super) async fn taps(
    processes: &Processes,
    resident: u16,
    entry: u64,
    tap: String,
    begins: Duration,
) -> Ending {
    sleep(begins).await;
    let asked = Asked { number: 0, resident, entry, tap: tap.clone() };
    let (begun, mut sent, mut outcome) = (Instant::now(), 0, None);
    while outcome.is_none() && begun.elapsed() < PATIENCE {
        sent += 1;
        match processes.ask(asked.clone()).await {
            Some(Ok(told)) => outcome = Some(told),
            // An error promises that nothing was sent for this call; no answer promises nothing. Either way the
            // same tap is sent again.
            Some(Err(_)) | None => sleep(Duration::from_millis(500)).await,
        }
    }
    let mut changed = None;
    if let Some(first) = &outcome {
        match processes.ask(asked).await {
            Some(Ok(again)) if again != *first => {
                changed = Some(format!("{} became {}", first.code(), again.code()));
            }
            Some(Err(code)) if code != "store_failed" && code != "overloaded" => {
                changed = Some(format!("{} became an error, {code}", first.code()));
            }
            _ => {}
        }
    }
    Ending { resident, tap, outcome, changed, sent }
}
