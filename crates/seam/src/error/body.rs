//! What Seam says in the body of an answer that is no success.

use elevate_transport::{Scrubber, decode};
use serde_json::{Map, Value};

use super::FieldError;
use crate::shown::shown;

/// A body larger than this is not looked into: Seam's own have a few hundred bytes.
const LARGEST: usize = 64 * 1024;

/// How many fields are kept, how many messages of each, and how deep they may nest.
const MOST_FIELDS: usize = 32;
const MOST_MESSAGES: usize = 8;
const DEEPEST: usize = 16;

/// The most characters of a plain text that are worth repeating.
const PLAIN_TEXT: usize = 200;

/// What could be read of it, scrubbed. Any body at all reads as one, if need be as an empty one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Complaint {
    /// `error.type`: there if, and only if, the body has the shape of Seam's errors.
    pub(super) error_type: Option<String>,
    pub(super) message: Option<String>,
    pub(super) request_id: Option<String>,
    pub(super) fields: Vec<FieldError>,
    /// Whether it is a page for people, which Seam's API does not write.
    pub(super) is_page: bool,
}

impl Complaint {
    pub(super) fn read(body: &[u8], scrubber: &Scrubber) -> Self {
        if is_page(body) {
            return Self { is_page: true, ..Self::default() };
        }
        if body.len() > LARGEST {
            return Self::default();
        }
        match decode::<Value>(body) {
            Ok(Value::Object(reply)) => Self::of_json(&reply, scrubber),
            Ok(_) => Self::default(),
            Err(_) => Self { message: plain_text(body, scrubber), ..Self::default() },
        }
    }

    fn of_json(reply: &Map<String, Value>, scrubber: &Scrubber) -> Self {
        let error = match reply.get("error") {
            Some(Value::Object(error)) => error,
            Some(Value::String(text)) => {
                return Self { message: Some(shown(scrubber, text)), ..Self::default() };
            }
            _ => return Self::default(),
        };
        let text = |field: &str| {
            let text = error.get(field).and_then(Value::as_str).filter(|text| !text.is_empty());
            text.map(|text| shown(scrubber, text))
        };
        let mut fields = Vec::new();
        if let Some(tree) = error.get("validation_errors") {
            collect(tree, &mut String::new(), 0, scrubber, &mut fields);
        }
        Self {
            error_type: text("type"),
            message: text("message"),
            request_id: text("request_id"),
            fields,
            is_page: false,
        }
    }
}

/// Walks the tree: `_errors` holds the messages of a node, every other name leads to a node below.
fn collect(
    node: &Value,
    path: &mut String,
    depth: usize,
    scrubber: &Scrubber,
    found: &mut Vec<FieldError>,
) {
    if depth > DEEPEST || found.len() >= MOST_FIELDS {
        return;
    }
    let messages = match node {
        Value::Object(node) => messages(node.get("_errors"), scrubber),
        // Not seen at Seam, but easily meant: a field with its message, or its messages.
        other => messages(Some(other), scrubber),
    };
    if !messages.is_empty() {
        found.push(FieldError { path: shown(scrubber, path), messages });
    }
    let Value::Object(node) = node else { return };
    for (name, below) in node.iter().filter(|(name, _)| *name != "_errors") {
        let length = path.len();
        if !path.is_empty() {
            path.push('.');
        }
        path.push_str(name);
        collect(below, path, depth + 1, scrubber, found);
        path.truncate(length);
    }
}

fn messages(node: Option<&Value>, scrubber: &Scrubber) -> Vec<String> {
    match node {
        Some(Value::String(text)) => vec![shown(scrubber, text)],
        Some(Value::Array(items)) => {
            let texts = items.iter().filter_map(Value::as_str).take(MOST_MESSAGES);
            texts.map(|text| shown(scrubber, text)).collect()
        }
        _ => Vec::new(),
    }
}

fn is_page(body: &[u8]) -> bool {
    let body = body.trim_ascii_start();
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    body.trim_ascii_start().starts_with(b"<")
}

/// A short plain text is worth repeating.
fn plain_text(body: &[u8], scrubber: &Scrubber) -> Option<String> {
    let text = std::str::from_utf8(body).ok()?.trim();
    let worth =
        !text.is_empty() && text.chars().count() <= PLAIN_TEXT && !text.starts_with(['{', '[']);
    worth.then(|| shown(scrubber, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Complaint {
        Complaint::read(body.as_bytes(), &Scrubber::new())
    }

    fn fields(body: &str) -> Vec<(String, Vec<String>)> {
        read(body).fields.into_iter().map(|field| (field.path, field.messages)).collect()
    }

    #[test]
    fn the_tree_of_validation_errors_becomes_a_path_for_each_field() {
        let body = r#"{"error":{"type":"invalid_input","message":"m","validation_errors":{
            "_errors":["top"],
            "accepted_providers":{"0":{"_errors":["bad"]},"_errors":[]},
            "limit":{"_errors":["a","b"]}}},"ok":false}"#;
        assert_eq!(
            fields(body),
            [
                (String::new(), vec!["top".to_owned()]),
                ("accepted_providers.0".to_owned(), vec!["bad".to_owned()]),
                ("limit".to_owned(), vec!["a".to_owned(), "b".to_owned()]),
            ]
        );
    }

    #[test]
    fn a_flat_map_of_validation_errors_is_read_too() {
        let body = r#"{"error":{"type":"t","validation_errors":{"limit":"must be positive"}}}"#;
        assert_eq!(fields(body), [("limit".to_owned(), vec!["must be positive".to_owned()])]);
    }

    #[test]
    fn any_body_at_all_reads_as_a_complaint() {
        for body in ["", "null", "[]", "7", "\"text\"", "{", "{}", r#"{"error":null}"#] {
            assert_eq!(read(body).error_type, None, "{body}");
        }
        assert_eq!(read("Invalid JSON").message.as_deref(), Some("Invalid JSON"));
        assert_eq!(
            read(r#"{"error":"Internal error"}"#).message.as_deref(),
            Some("Internal error")
        );
        assert_eq!(read("<!doctype html><p>Sign in").message, None);
        assert_eq!(Complaint::read(&[0xff, 0xfe], &Scrubber::new()), Complaint::default());
    }

    #[test]
    fn a_huge_or_deep_complaint_stays_small() {
        let many: Map<String, Value> =
            (0..5000).map(|n| (format!("f{n}"), Value::from("no"))).collect();
        let body = serde_json::json!({ "error": { "type": "t", "validation_errors": many } });
        let body = body.to_string();
        assert!(Complaint::read(body.as_bytes(), &Scrubber::new()).fields.len() <= MOST_FIELDS);

        let mut deep = serde_json::json!({ "_errors": ["deep"] });
        for _ in 0..100 {
            deep = serde_json::json!({ "a": deep });
        }
        let body = serde_json::json!({ "error": { "type": "t", "validation_errors": deep } });
        assert_eq!(read(&body.to_string()).fields, []);

        let huge = format!(r#"{{"error":{{"type":"{}"}}}}"#, "x".repeat(LARGEST));
        assert_eq!(read(&huge), Complaint::default());
    }
}
