//! Reading and changing the vendor's rows, which are kept as the JSON that goes over the wire.

use serde_json::{Map, Value};

/// What stands at a dotted path; null where any part of it is missing.
pub(super) fn at<'a>(row: &'a Value, path: &str) -> &'a Value {
    path.split('.').try_fold(row, |value, name| value.get(name)).unwrap_or(&Value::Null)
}

/// The text at a dotted path, if there is text.
pub(super) fn text_at<'a>(row: &'a Value, path: &str) -> Option<&'a str> {
    at(row, path).as_str()
}

/// An id, which may be a number or numeric text.
pub(super) fn id_of(value: &Value) -> Option<u64> {
    match value {
        Value::Number(number) => number.as_u64(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

/// The id of a row.
pub(super) fn row_id(row: &Value) -> Option<u64> {
    id_of(at(row, "id"))
}

/// Sets a field of a row, or of an object in it (`identity.email`); objects on the way are made.
pub(super) fn set(row: &mut Value, path: &str, value: impl Into<Value>) {
    let mut place = row;
    for name in path.split('.') {
        if !place.is_object() {
            *place = Value::Object(Map::new());
        }
        let Value::Object(fields) = place else { return };
        place = fields.entry(name).or_insert(Value::Null);
    }
    *place = value.into();
}

/// Takes a top-level field out of a row.
pub(super) fn remove(row: &mut Value, name: &str) {
    if let Value::Object(fields) = row {
        fields.remove(name);
    }
}

/// Turns every `id` that is a number into text, at any depth.
pub(super) fn ids_to_text(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(ids_to_text),
        Value::Object(fields) => {
            for (name, field) in fields {
                match field {
                    Value::Number(number) if name == "id" => {
                        *field = Value::String(number.to_string());
                    }
                    _ => ids_to_text(field),
                }
            }
        }
        _ => {}
    }
}
