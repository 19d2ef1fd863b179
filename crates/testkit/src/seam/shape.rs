//! The shapes that requests must have, and the vendor's complaints about others.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::json::{Object, kind_of};
use super::refusal::Refusal;

/// What one parameter may hold.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    Text,
    TextOrNull,
    NonEmptyText,
    Moment,
    Number,
    /// A whole number above zero.
    Count,
    Flag,
    Texts,
    OneOf(&'static [&'static str]),
    SomeOf(&'static [&'static str]),
    /// Names with a text or a boolean each.
    Pairs,
}

/// One documented parameter.
#[derive(Clone, Copy, Debug)]
pub(super) struct Param {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) required: bool,
}

impl Param {
    /// A parameter that may be left out (but not be null, unless its kind says so).
    pub(super) const fn new(name: &'static str, kind: Kind) -> Self {
        Self { name, kind, required: false }
    }

    /// A parameter that must be there.
    pub(super) const fn required(name: &'static str, kind: Kind) -> Self {
        Self { name, kind, required: true }
    }
}

/// Reads a JSON body into parameters. An empty body counts as no parameters, as at the vendor.
pub(super) fn from_body(body: &[u8]) -> Result<Object, Refusal> {
    if body.is_empty() {
        return Ok(Object::new());
    }
    match serde_json::from_slice(body) {
        Ok(Value::Object(given)) => Ok(given),
        Ok(other) => {
            let message = format!("Expected object, received {}", kind_of(&other));
            Err(Refusal::invalid(message.clone(), json!({ "_errors": [message] })))
        }
        Err(_) => Err(Refusal::Plain { status: 400, text: "Invalid JSON" }),
    }
}

/// Reads a query into parameters: lists as a repeated name, with or without `[]`, or parted by commas.
pub(super) fn from_query(params: &[Param], query: &[(String, String)]) -> Object {
    let mut given = Object::new();
    for (name, value) in query {
        if let Some((name, key)) = name.strip_suffix(']').and_then(|name| name.split_once('['))
            && !key.is_empty()
        {
            if let Value::Object(pairs) = given.entry(name).or_insert_with(|| json!({})) {
                pairs.insert(key.to_owned(), json!(value));
            }
            continue;
        }
        let name = name.strip_suffix("[]").unwrap_or(name);
        match params.iter().find(|param| param.name == name).map(|param| param.kind) {
            Some(Kind::Texts | Kind::SomeOf(_)) => {
                let list = given.entry(name).or_insert_with(|| json!([]));
                if let Value::Array(list) = list {
                    list.extend(value.split(',').map(Value::from));
                }
            }
            Some(Kind::Number | Kind::Count | Kind::Flag) => {
                let value = serde_json::from_str(value).unwrap_or_else(|_| json!(value));
                given.insert(name.to_owned(), value);
            }
            _ => {
                given.insert(name.to_owned(), json!(value));
            }
        }
    }
    given
}

/// Checks the parameters given against the documented ones. Undocumented ones are no fault: the
/// specification restricts them nowhere.
pub(super) fn check(params: &[Param], given: &Object) -> Result<(), Refusal> {
    let mut tree = Object::new();
    let mut first = None;
    for param in params {
        let fault = match given.get(param.name) {
            None if param.required => Some(Fault::here("Required")),
            None => None,
            Some(value) => fault(param.kind, value),
        };
        if let Some(fault) = fault {
            first.get_or_insert_with(|| fault.sentence(param.name));
            tree.insert(param.name.to_owned(), fault.tree());
        }
    }
    match first {
        None => Ok(()),
        Some(message) => {
            tree.insert("_errors".to_owned(), json!([]));
            Err(Refusal::invalid(message, Value::Object(tree)))
        }
    }
}

/// Checks that the request names at least one of two parameters.
pub(super) fn either(given: &Object, one: &str, other: &str) -> Result<(), Refusal> {
    if given.contains_key(one) || given.contains_key(other) {
        return Ok(());
    }
    let message = format!("{one} or {other} is required");
    Err(Refusal::invalid(message.clone(), json!({ "_errors": [message] })))
}

/// What is wrong with a value, and where within it.
struct Fault {
    at: Option<String>,
    what: String,
}

impl Fault {
    fn here(what: impl Into<String>) -> Self {
        Self { at: None, what: what.into() }
    }

    fn sentence(&self, name: &str) -> String {
        match &self.at {
            _ if self.what == "Required" => format!("{name} is required"),
            None => format!("{} for \"{name}\"", self.what),
            Some(at) => format!("{} for \"{name}.{at}\"", self.what),
        }
    }

    fn tree(&self) -> Value {
        match &self.at {
            None => json!({ "_errors": [self.what] }),
            Some(at) => json!({ "_errors": [], at.as_str(): { "_errors": [self.what] } }),
        }
    }
}

fn fault(kind: Kind, value: &Value) -> Option<Fault> {
    let wanted = match (kind, value) {
        (Kind::NonEmptyText, Value::String(text)) if text.is_empty() => {
            return Some(Fault::here("String must contain at least 1 character"));
        }
        (Kind::Text | Kind::NonEmptyText, Value::String(_))
        | (Kind::TextOrNull, Value::String(_) | Value::Null)
        | (Kind::Flag, Value::Bool(_)) => return None,
        (Kind::Moment, Value::String(text)) => {
            return text.parse::<Timestamp>().is_err().then(|| Fault::here("Invalid date"));
        }
        (Kind::Number | Kind::Count, Value::Number(number)) => {
            let number = number.as_f64().unwrap_or_default();
            let odd = matches!(kind, Kind::Count) && number.fract() != 0.0;
            return (odd || number < 1.0)
                .then(|| Fault::here(if odd { "Expected integer" } else { "Must be positive" }));
        }
        (Kind::OneOf(known), Value::String(text)) => {
            return (!known.contains(&text.as_str())).then(|| Fault::here("Invalid enum value"));
        }
        (Kind::Texts | Kind::SomeOf(_), Value::Array(items)) => {
            let item = if let Kind::SomeOf(known) = kind { Kind::OneOf(known) } else { Kind::Text };
            return items.iter().enumerate().find_map(|(place, value)| {
                fault(item, value).map(|fault| Fault { at: Some(place.to_string()), ..fault })
            });
        }
        (Kind::Pairs, Value::Object(pairs)) => {
            return pairs
                .iter()
                .find(|(_, value)| !value.is_string() && !value.is_boolean())
                .map(|(key, _)| Fault { at: Some(key.clone()), what: "Invalid input".to_owned() });
        }
        (Kind::Text | Kind::TextOrNull | Kind::NonEmptyText | Kind::Moment | Kind::OneOf(_), _) => {
            "string"
        }
        (Kind::Number | Kind::Count, _) => "number",
        (Kind::Flag, _) => "boolean",
        (Kind::Texts | Kind::SomeOf(_), _) => "array",
        (Kind::Pairs, _) => "object",
    };
    Some(Fault::here(format!("Expected {wanted}, received {}", kind_of(value))))
}
