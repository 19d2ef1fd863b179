//! Small helpers over JSON objects, as the vendor's resources are kept.

use serde_json::{Map, Value};

/// One resource or request body, as it stands on the wire.
pub(super) type Object = Map<String, Value>;

/// The text in that field; empty if the field is absent or something else.
pub(super) fn text<'a>(object: &'a Object, field: &str) -> &'a str {
    object.get(field).and_then(Value::as_str).unwrap_or_default()
}

/// The texts in that list; nothing if the field is absent or something else.
pub(super) fn texts<'a>(object: &'a Object, field: &str) -> impl Iterator<Item = &'a str> {
    object.get(field).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

/// Whether one of the entries in `list` has `code` in its field `field`.
pub(super) fn has_code(object: &Object, list: &str, field: &str, code: &str) -> bool {
    let entries = object.get(list).and_then(Value::as_array).into_iter().flatten();
    entries.filter_map(|entry| entry.get(field)).any(|found| found == code)
}

/// Turns `json!({…})` into its object.
pub(super) fn object(value: Value) -> Object {
    match value {
        Value::Object(object) => object,
        _ => Object::new(),
    }
}

/// What JSON calls that value, in the words of a validation message.
pub(super) fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}
