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
        Err(error) => match (error.kind(), error.status()) {
            // Answered before the body started: a refusal stands, and an order is not pressed
            // against a limit.
            (WireErrorKind::Broken, Some(status)) if error.delivery() == Delivery::NeverSent => {
                let pressed = intent == Intent::Order && status == StatusCode::TOO_MANY_REQUESTS;
                passing_status(status) && !pressed
            }
            (kind, _) => {
                use WireErrorKind::{Broken, Connect, Timeout};
                matches!(kind, Connect | Timeout | Broken)
            }
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

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use bytes::Bytes;
    use http::{HeaderMap, HeaderValue, header};

    use super::*;

    fn answered(status: u16) -> Answer {
        let status = StatusCode::from_u16(status).unwrap();
        Answer { status, headers: HeaderMap::new(), body: Bytes::new() }
    }

    fn early(status: u16) -> WireError {
        let status = StatusCode::from_u16(status).unwrap();
        WireError::new(WireErrorKind::Broken, Delivery::NeverSent).with_early_status(status)
    }

    fn again(intent: Intent, seen: &Result<Answer, WireError>) -> &'static str {
        match verdict(intent, seen) {
            Verdict::Final => "final",
            Verdict::Again { .. } => "again",
        }
    }

    /// One line for each run of statuses with the same verdicts.
    fn by_status() -> String {
        let mut table =
            String::from("status    read   order  order, answered before its body started\n");
        let row = |status| {
            let read = again(Intent::Read, &Ok(answered(status)));
            let order = again(Intent::Order, &Ok(answered(status)));
            format!("{read}  {order}  {}", again(Intent::Order, &Err(early(status))))
        };
        let mut first = 100;
        for status in 100..=599 {
            if status == 599 || row(status + 1) != row(first) {
                let run =
                    if first == status { first.to_string() } else { format!("{first}-{status}") };
                writeln!(table, "{run:8}  {}", row(first)).unwrap();
                first = status + 1;
            }
        }
        table
    }

    fn by_error() -> String {
        let mut table = String::from("error                    read   order\n");
        for kind in [
            WireErrorKind::Connect,
            WireErrorKind::Timeout,
            WireErrorKind::GateShut,
            WireErrorKind::Broken,
            WireErrorKind::TooLarge,
            WireErrorKind::Unusable,
        ] {
            for delivery in [Delivery::NeverSent, Delivery::MaybeSent, Delivery::Answered] {
                let seen = Err(WireError::new(kind, delivery));
                let name = format!("{} {delivery:?}", kind.as_str());
                let read = again(Intent::Read, &seen);
                writeln!(table, "{name:23}  {read}  {}", again(Intent::Order, &seen)).unwrap();
            }
        }
        table
    }

    #[test]
    fn the_verdict_for_every_status() {
        insta::assert_snapshot!(by_status());
    }

    #[test]
    fn the_verdict_for_every_error() {
        insta::assert_snapshot!(by_error());
    }

    #[test]
    fn an_order_that_may_have_been_sent_is_never_made_again() {
        for status in 100..=599 {
            assert_eq!(verdict(Intent::Order, &Ok(answered(status))), Verdict::Final, "{status}");
        }
    }

    #[test]
    fn the_peers_wish_to_wait_is_passed_on() {
        let mut answer = answered(503);
        answer.headers.insert(header::RETRY_AFTER, HeaderValue::from_static("9"));
        let not_within = Some(Duration::from_secs(9));
        assert_eq!(verdict(Intent::Read, &Ok(answer)), Verdict::Again { not_within });
    }
}
