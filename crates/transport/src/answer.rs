use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, StatusCode, header};

/// The longest request id that is passed on.
const LONGEST_ID: usize = 128;

/// A whole HTTP answer: status, headers, and every byte of the body.
///
/// `Debug` shows the status and the size: a vendor may echo anything into the rest.
#[derive(Clone)]
pub struct Answer {
    /// The status, as sent.
    pub status: StatusCode,
    /// The headers, as sent.
    pub headers: HeaderMap,
    /// The body, complete and within the request's bound.
    pub body: Bytes,
}

impl Answer {
    /// How long the peer asks to wait before the next request (`Retry-After`).
    ///
    /// Whole seconds are taken as they are. A date is measured against the answer's own `Date`, and
    /// without one it is ignored: so no clock of ours is read, and a peer whose clock is wrong is still
    /// understood. A date that has passed means zero.
    pub fn retry_after(&self) -> Option<Duration> {
        let wish = self.text(&header::RETRY_AFTER)?;
        if !wish.is_empty() && wish.bytes().all(|byte| byte.is_ascii_digit()) {
            // More digits than fit ask for longer than anybody waits.
            return Some(Duration::from_secs(wish.parse().unwrap_or(u64::MAX)));
        }
        let then = httpdate::parse_http_date(wish).ok()?;
        let now = httpdate::parse_http_date(self.text(&header::DATE)?).ok()?;
        Some(then.duration_since(now).unwrap_or_default())
    }

    /// Whether the answer says that its body is JSON, and not compressed.
    pub fn is_json(&self) -> bool {
        let media_type = self.text(&header::CONTENT_TYPE).unwrap_or_default();
        let essence = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let json = essence == "application/json"
            || (essence.starts_with("application/") && essence.ends_with("+json"));
        let plain = self
            .headers
            .get_all(header::CONTENT_ENCODING)
            .iter()
            .all(|coding| coding.as_bytes().eq_ignore_ascii_case(b"identity"));
        json && plain
    }

    /// The id that the vendor's support asks for, from the header of that name.
    ///
    /// `None` unless it looks like an id: up to 128 ASCII letters, digits, and `-_.:/+=`. A header is a
    /// vendor's text, and this one ends up in errors and logs.
    pub fn request_id(&self, name: &str) -> Option<&str> {
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        let id = self.text(&name)?;
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:/+=".contains(&byte);
        (!id.is_empty() && id.len() <= LONGEST_ID && id.bytes().all(fits)).then_some(id)
    }

    fn text(&self, name: &HeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok().map(str::trim)
    }
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Answer")
            .field("status", &self.status.as_u16())
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    fn answer(headers: &[(HeaderName, &str)]) -> Answer {
        let headers = headers
            .iter()
            .map(|(name, value)| (name.clone(), HeaderValue::from_str(value).unwrap()))
            .collect();
        Answer { status: StatusCode::OK, headers, body: Bytes::from_static(b"hunter2") }
    }

    fn retry_after(value: &str) -> Option<Duration> {
        answer(&[(header::DATE, "Sun, 06 Nov 1994 08:49:37 GMT"), (header::RETRY_AFTER, value)])
            .retry_after()
    }

    #[test]
    fn retry_after_is_read_as_seconds_or_as_a_date_against_the_answers_own() {
        assert_eq!(retry_after("0"), Some(Duration::ZERO));
        assert_eq!(retry_after(" 7 "), Some(Duration::from_secs(7)));
        assert_eq!(retry_after("Sun, 06 Nov 1994 08:49:49 GMT"), Some(Duration::from_secs(12)));
        // The two older forms of a date that a recipient has to accept.
        assert_eq!(retry_after("Sunday, 06-Nov-94 08:49:39 GMT"), Some(Duration::from_secs(2)));
        assert_eq!(retry_after("Sun Nov  6 08:49:38 1994"), Some(Duration::from_secs(1)));
        assert_eq!(retry_after("Sun, 06 Nov 1994 08:00:00 GMT"), Some(Duration::ZERO));
        assert_eq!(retry_after(&"9".repeat(40)), Some(Duration::from_secs(u64::MAX)));
        for nonsense in ["", "-1", "1.5", "soon", "+3", "1e3", "0x10"] {
            assert_eq!(retry_after(nonsense), None, "{nonsense:?}");
        }
    }

    #[test]
    fn a_date_without_the_peers_own_clock_is_ignored() {
        let date = [(header::RETRY_AFTER, "Sun, 06 Nov 1994 08:49:49 GMT")];
        assert_eq!(answer(&date).retry_after(), None);
    }

    #[test]
    fn only_plain_json_counts_as_json() {
        let json = |value| answer(&[(header::CONTENT_TYPE, value)]).is_json();
        assert!(json("application/json"));
        assert!(json("Application/JSON; charset=utf-8"));
        assert!(json("application/problem+json"));
        for other in
            ["text/html", "text/json", "application/jsonp", "", "application/x-json-stream"]
        {
            assert!(!json(other), "{other:?}");
        }
        let coded = |coding| {
            answer(&[
                (header::CONTENT_TYPE, "application/json"),
                (header::CONTENT_ENCODING, coding),
            ])
            .is_json()
        };
        assert!(coded("identity"));
        assert!(!coded("gzip"));
        assert!(!answer(&[]).is_json());
    }

    #[test]
    fn a_request_id_is_passed_on_only_if_it_looks_like_one() {
        let id = |value: &str| {
            let answer = answer(&[(HeaderName::from_static("x-request-id"), value)]);
            answer.request_id("X-Request-Id").map(str::to_owned)
        };
        assert_eq!(id("b6f2-19/a:1").as_deref(), Some("b6f2-19/a:1"));
        for no in ["", "jane@example.test", "two words", "<b>", &"a".repeat(129)] {
            assert_eq!(id(no), None, "{no:?}");
        }
        assert_eq!(answer(&[]).request_id("x-request-id"), None);
        assert_eq!(answer(&[]).request_id("no header name"), None);
    }

    #[test]
    fn debug_shows_no_header_and_no_body() {
        let answer = answer(&[(header::SET_COOKIE, "canary")]);
        assert_eq!(format!("{answer:?}"), "Answer { status: 200, body_bytes: 7, .. }");
    }

    proptest! {
        #[test]
        fn no_header_makes_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            let Ok(value) = HeaderValue::from_bytes(&bytes) else { return Ok(()) };
            let mut answer = answer(&[(header::DATE, "Sun, 06 Nov 1994 08:49:37 GMT")]);
            for name in [header::RETRY_AFTER, header::CONTENT_TYPE, header::DATE] {
                answer.headers.insert(name, value.clone());
                let _ = (answer.retry_after(), answer.is_json(), answer.request_id("date"));
            }
        }
    }
}
