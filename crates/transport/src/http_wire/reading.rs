use bytes::BytesMut;
use http::StatusCode;
use tokio::time::{Instant, timeout_at};

use crate::{Answer, Delivery, WireError, WireErrorKind};

/// Reads the answer to its end: by `answer_by`, and giving up at the first byte beyond `at_most`.
pub(super) async fn whole(
    mut response: reqwest::Response,
    is_head: bool,
    at_most: usize,
    answer_by: Instant,
) -> Result<Answer, WireError> {
    let status = response.status();
    // The answer to a HEAD declares the length of a body that does not come.
    let declared = if is_head { None } else { response.content_length() };
    if declared.is_some_and(|length| length > at_most as u64) {
        return Err(unfinished(WireErrorKind::TooLarge, status));
    }
    let headers = std::mem::take(response.headers_mut());
    let mut body = BytesMut::new();
    loop {
        let Ok(next) = timeout_at(answer_by, response.chunk()).await else {
            return Err(unfinished(WireErrorKind::Timeout, status));
        };
        match next {
            Ok(Some(chunk)) if chunk.len() > at_most - body.len() => {
                return Err(unfinished(WireErrorKind::TooLarge, status));
            }
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) => return Ok(Answer { status, headers, body: body.freeze() }),
            // reqwest calls a body that breaks off a decoding error: it is not about JSON.
            Err(error) => {
                let error = error.without_url();
                return Err(unfinished(WireErrorKind::Broken, status).with_source(error));
            }
        }
    }
}

fn unfinished(kind: WireErrorKind, status: StatusCode) -> WireError {
    WireError::new(kind, Delivery::Answered).with_status(status)
}
