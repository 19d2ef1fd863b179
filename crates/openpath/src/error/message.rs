//! What an error's body says, whatever shape it has. The vendor publishes none.

use elevate_transport::{Answer, decode};
use serde_json::Value;

/// A body longer than this is not looked into: no message is.
const LONGEST: usize = 64 * 1024;

/// What a page begins with.
const PAGE: char = '<';

/// Of more fields than this the rest goes unnamed.
const MOST_KEYS: usize = 5;

/// The message of an error's body: `message`, `error.message`, `err.message` or `error` of a JSON
/// object, else the text as it is; behind it the fields that the server could not take, if it names them. The
/// caller scrubs it.
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
    } else if text.starts_with(PAGE) {
        Some("a page of HTML or XML".to_owned())
    } else {
        Some(text.to_owned())
    }
}

/// Whether it is a page for people, which no API of Openpath's writes.
pub(super) fn is_page(answer: &Answer) -> bool {
    let body = answer.body.trim_ascii_start();
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    body.trim_ascii_start().starts_with(&[PAGE as u8])
}

fn in_json(value: &Value) -> Option<String> {
    let places = ["/message", "/error/message", "/err/message", "/error"];
    let said = places.iter().filter_map(|place| value.pointer(place)).find_map(Value::as_str);
    let said = said.map(str::trim).filter(|text| !text.is_empty());
    match (said, faults(value)) {
        (Some(said), Some(faults)) => Some(format!("{said} ({faults})")),
        (said, faults) => said.map(str::to_owned).or(faults),
    }
}

/// The fields of the request that the server could not take, as hapi names them: `payload: entryId`.
fn faults(value: &Value) -> Option<String> {
    let keys = value.pointer("/validation/keys")?.as_array()?;
    let keys: Vec<_> = keys.iter().filter_map(Value::as_str).take(MOST_KEYS).collect();
    let source = value.pointer("/validation/source").and_then(Value::as_str);
    let source = source.map(|source| format!("{source}: ")).unwrap_or_default();
    (!keys.is_empty()).then(|| source + &keys.join(", "))
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
    fn the_fields_that_were_not_taken_are_named() {
        for (validation, expected) in [
            (r#"{"source":"payload","keys":["entryId"]}"#, "no (payload: entryId)"),
            (r#"{"source":"query","keys":["limit","sort"]}"#, "no (query: limit, sort)"),
            (r#"{"keys":["limit", 7, null]}"#, "no (limit)"),
            (r#"{"keys":["a","b","c","d","e","f"]}"#, "no (a, b, c, d, e)"),
            (r#"{"source":"payload","keys":[]}"#, "no"),
            (r#"{"source":7,"keys":"limit"}"#, "no"),
            ("[]", "no"),
        ] {
            let body = format!(r#"{{"message":"no","validation":{validation}}}"#);
            assert_eq!(said(&body).as_deref(), Some(expected), "{validation}");
        }
        let alone = r#"{"validation":{"source":"payload","keys":["entryId"]}}"#;
        assert_eq!(said(alone).as_deref(), Some("payload: entryId"));
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
