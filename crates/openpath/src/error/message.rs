//! What an error's body says, whatever shape it has. The vendor publishes none.

use elevate_transport::{Answer, decode};
use serde_json::Value;

/// A body longer than this is not looked into: no message is.
const LONGEST: usize = 64 * 1024;

/// The message of an error's body: `message`, `error.message`, `err.message` or `error` of a JSON
/// object, else the text as it is. The caller scrubs it.
pub(super) fn of(answer: &Answer) -> Option<String> {
    let body = answer.body.as_ref();
    if body.len() > LONGEST {
        return Some("a long body".to_owned());
    }
    if let Ok(value) = decode::<Value>(body) {
        return in_json(&value).or_else(|| Some("JSON without a message".to_owned()));
    }
    let text = String::from_utf8_lossy(body);
    let text = text.trim();
    if text.is_empty() {
        None
    } else if text.starts_with('<') {
        Some("a page of HTML or XML".to_owned())
    } else {
        Some(text.to_owned())
    }
}

fn in_json(value: &Value) -> Option<String> {
    let places = ["/message", "/error/message", "/err/message", "/error"];
    let said = places.iter().filter_map(|place| value.pointer(place)).find_map(Value::as_str);
    said.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use elevate_transport::{Bytes, HeaderMap, StatusCode};

    use super::*;

    fn said(body: &str) -> Option<String> {
        let body = Bytes::copy_from_slice(body.as_bytes());
        of(&Answer { status: StatusCode::FORBIDDEN, headers: HeaderMap::new(), body })
    }

    #[test]
    fn a_message_is_found_where_servers_put_it() {
        for body in [
            r#"{"statusCode":403,"error":"Forbidden","message":"no"}"#,
            r#"{"error":{"message":"no"}}"#,
            r#"{"err":{"name":"X","message":"no"}}"#,
            r#"{"error":"no"}"#,
            "no",
        ] {
            assert_eq!(said(body).as_deref(), Some("no"), "{body}");
        }
    }

    #[test]
    fn no_body_is_too_odd() {
        assert_eq!(said(""), None);
        assert_eq!(said(" \n").as_deref(), None);
        assert_eq!(said("<html>502</html>").as_deref(), Some("a page of HTML or XML"));
        for body in ["[]", "null", "7", r#"{"message":7}"#, r#"{"message":""}"#] {
            assert_eq!(said(body).as_deref(), Some("JSON without a message"), "{body}");
        }
        assert_eq!(said(&"x".repeat(LONGEST + 1)).as_deref(), Some("a long body"));
        let deep = "[".repeat(10_000);
        assert_eq!(said(&deep).as_deref(), Some(deep.as_str()), "scrubbing cuts it");
    }
}
