use std::time::Duration;

use http::StatusCode;

use crate::{Answer, Delivery, WireError, WireErrorKind};

/// What a request is for, as far as repeating it goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Intent {
    /// It changes nothing.
    Read,
    /// It moves a door.
    Order,
}

/// Whether to ask again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// What is at hand stands.
    Final,
    /// It is safe and may help; not within that time, if the peer named one.
    Again { not_within: Option<Duration> },
}

/// Whether an attempt that ended so may be made again: was it sent, may it be repeated, is the trouble
/// a passing one? Whether there is time is the caller's to know.
pub(super) fn verdict(intent: Intent, seen: &Result<Answer, WireError>) -> Verdict {
    let never_sent = matches!(seen, Err(error) if error.delivery() == Delivery::NeverSent);
    let may_be_repeated = match intent {
        Intent::Read => true,
        Intent::Order => never_sent,
    };
    if may_be_repeated && passing(intent, seen) {
        Verdict::Again { not_within: seen.as_ref().ok().and_then(Answer::retry_after) }
    } else {
        Verdict::Final
    }
}

fn passing(intent: Intent, seen: &Result<Answer, WireError>) -> bool {
    match seen {
        Ok(answer) => passing_status(answer.status),
        Err(error) => match error.kind() {
            WireErrorKind::Connect | WireErrorKind::Timeout => true,
            // Answered before the body started: a refusal stands, and an order is not pressed
            // against a limit.
            WireErrorKind::Broken if error.delivery() == Delivery::NeverSent => {
                error.status().is_none_or(|status| {
                    passing_status(status)
                        && (intent == Intent::Read || status != StatusCode::TOO_MANY_REQUESTS)
                })
            }
            WireErrorKind::Broken => true,
            WireErrorKind::GateShut | WireErrorKind::TooLarge | WireErrorKind::Unusable => false,
        },
    }
}

/// Statuses behind which the same request may fare better a moment later.
///
/// 408 and 504 speak of one slow exchange, 429 of the pace, 502 and 503 of a peer that is restarting or
/// full. 500 may be a bug that stays, but is as often one bad node behind a balancer, and costs a read
/// two more requests at most. Every other status says something about the request, and stands.
fn passing_status(status: StatusCode) -> bool {
    matches!(status.as_u16(), 408 | 429 | 500 | 502 | 503 | 504)
}
