//! JSON from bytes, with errors that say where and of what kind, and never what stood there.

use std::fmt::{self, Write as _};

use serde::de::DeserializeOwned;
use serde_json::error::Category;
use serde_path_to_error::{Path, Segment};

use crate::scrub::{Scrubber, looks_like_a_secret};

/// What is wrong with a JSON text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DecodeErrorKind {
    /// It is not JSON.
    Syntax,
    /// It ends too early.
    Truncated,
    /// It is nested deeper than 127 levels.
    TooDeep,
    /// Something that is needed is not there.
    Missing,
    /// A value has another type than is read there.
    WrongType,
    /// A value has the right type and no meaning.
    WrongValue,
}

/// A JSON text that could not be read as what it should be.
///
/// It says where and of what kind the fault is, so that a vendor's change can be found, and quotes
/// nothing: what stands there may be a secret or an e-mail. A name in the path that does not look like
/// a field's is shown as `?`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecodeError {
    kind: DecodeErrorKind,
    path: String,
    line: usize,
    column: usize,
}

impl DecodeError {
    /// What is wrong.
    pub fn kind(&self) -> DecodeErrorKind {
        self.kind
    }

    /// Where in the structure, such as `data[3].email`; `.` for the whole. What is
    /// [missing](DecodeErrorKind::Missing) is named with the rest.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The same, where no name in the path holds a secret that the scrubber knows: such a one is shown as `?`. Whoever
    /// answers may have written any name there.
    pub fn scrubbed(mut self, scrubber: &Scrubber) -> Self {
        let fit = |name| if scrubber.holds_secret(name) { "?" } else { name };
        if scrubber.holds_secret(&self.path) {
            self.path = self.path.split('.').map(fit).collect::<Vec<_>>().join(".");
        }
        if scrubber.holds_secret(&self.path) {
            // One that has a dot in it.
            "?".clone_into(&mut self.path);
        }
        self
    }

    /// The line of the text, from 1.
    pub fn line(&self) -> usize {
        self.line
    }

    /// The column in that line, in bytes.
    pub fn column(&self) -> usize {
        self.column
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.kind {
            DecodeErrorKind::Syntax => "not JSON",
            DecodeErrorKind::Truncated => "JSON that ends too early",
            DecodeErrorKind::TooDeep => "JSON that is nested too deep",
            DecodeErrorKind::Missing => "a missing field",
            DecodeErrorKind::WrongType => "a value of the wrong type",
            DecodeErrorKind::WrongValue => "a value without meaning",
        };
        write!(f, "{what} at `{}` (line {}, column {})", self.path, self.line, self.column)
    }
}

impl std::error::Error for DecodeError {}

/// Reads a JSON text, whole, and nothing after it.
///
/// ```
/// use elevate_transport::{DecodeErrorKind, decode};
///
/// let error = decode::<Vec<u8>>(b"[1, \"hunter2\"]").unwrap_err();
/// assert_eq!(error.kind(), DecodeErrorKind::WrongType);
/// assert_eq!(error.to_string(), "a value of the wrong type at `[1]` (line 1, column 13)");
/// ```
///
/// # Errors
/// When the text is not the JSON that `T` asks for, or is nested deeper than 127 levels.
pub fn decode<T: DeserializeOwned>(body: &[u8]) -> Result<T, DecodeError> {
    // To keep track of the place costs more than the reading itself: that is for a text that has a fault.
    serde_json::from_slice(body).or_else(|_| located(body))
}

/// The same, slowly: keeps track of where it reads.
fn located<T: DeserializeOwned>(body: &[u8]) -> Result<T, DecodeError> {
    let mut json = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut json)
        .map_err(|error| describe(error.path(), error.inner()))?;
    json.end().map_err(|error| DecodeError {
        kind: DecodeErrorKind::Syntax,
        path: ".".to_owned(),
        line: error.line(),
        column: error.column(),
    })?;
    Ok(value)
}

/// Sorts the fault by what serde's message begins with, which is serde's own text. The rest of the
/// message quotes the input, and is dropped.
fn describe(path: &Path, error: &serde_json::Error) -> DecodeError {
    let message = error.to_string();
    let missing = missing_field(&message);
    let kind = match error.classify() {
        Category::Eof | Category::Io => DecodeErrorKind::Truncated,
        Category::Syntax if message.starts_with("recursion limit exceeded") => {
            DecodeErrorKind::TooDeep
        }
        Category::Syntax => DecodeErrorKind::Syntax,
        Category::Data if message.starts_with("missing field") => DecodeErrorKind::Missing,
        Category::Data if message.starts_with("invalid type") => DecodeErrorKind::WrongType,
        Category::Data => DecodeErrorKind::WrongValue,
    };
    let mut path = readable(path);
    if let Some(field) = missing {
        path = if path == "." { field.to_owned() } else { format!("{path}.{field}") };
    }
    DecodeError { kind, path, line: error.line(), column: error.column() }
}

/// The name in serde's ``missing field `name` ``.
fn missing_field(message: &str) -> Option<&str> {
    let name = message.strip_prefix("missing field `")?.split('`').next()?;
    is_a_name(name).then_some(name)
}

/// The path, with every name that may be content taken out: the keys of a map are.
fn readable(path: &Path) -> String {
    let mut readable = String::new();
    for segment in path {
        if let Segment::Seq { index } = segment {
            // Writing to a string cannot fail.
            let _ = write!(readable, "[{index}]");
            continue;
        }
        let name = match segment {
            Segment::Map { key: name } | Segment::Enum { variant: name } if is_a_name(name) => name,
            _ => "?",
        };
        if !readable.is_empty() {
            readable.push('.');
        }
        readable.push_str(name);
    }
    if readable.is_empty() { ".".to_owned() } else { readable }
}

fn is_a_name(name: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    (1..=40).contains(&name.len()) && name.bytes().all(fits) && !looks_like_a_secret(name)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    struct Page {
        #[expect(dead_code, reason = "only read in")]
        data: Vec<User>,
    }

    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only read in")]
    struct User {
        id: u64,
        kind: Kind,
        tags: Option<BTreeMap<String, u8>>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Kind {
        Tenant,
    }

    fn fault(json: &str) -> (DecodeErrorKind, String) {
        let error = decode::<Page>(json.as_bytes()).unwrap_err();
        for shown in [error.to_string(), format!("{error:?}")] {
            assert!(!shown.contains("canary"), "{shown}");
        }
        (error.kind(), error.path().to_owned())
    }

    #[test]
    fn an_error_names_the_place_and_the_kind_and_quotes_nothing() {
        use DecodeErrorKind::*;
        let cases = [
            (r#"{"data":[{"id":"canary","kind":"tenant"}]}"#, WrongType, "data[0].id"),
            (r#"{"data":[{"id":1,"kind":"canary"}]}"#, WrongValue, "data[0].kind"),
            (r#"{"data":[{"id":-1,"kind":"tenant","x":"canary"}]}"#, WrongValue, "data[0].id"),
            (r#"{"data":[{"kind":"tenant","x":"canary"}]}"#, Missing, "data[0].id"),
            (r#"{"canary":1}"#, Missing, "data"),
            (r#"{"data":"canary"}"#, WrongType, "data"),
            (r#""canary""#, WrongType, "."),
            (r#"{"data":[{"id":1,"kind":"tenant","tags":{"a":{}}}]}"#, WrongType, "data[0].tags.a"),
            ("<html>canary</html>", Syntax, "."),
            (r#"{"data":[]} canary"#, Syntax, "."),
            (r#"{"data":[{"id":1,"#, Truncated, "data[0].?"),
            ("", Truncated, "."),
        ];
        for (json, kind, path) in cases {
            assert_eq!(fault(json), (kind, path.to_owned()), "{json}");
        }
    }

    #[test]
    fn a_map_key_that_may_be_content_stays_out_of_the_path() {
        for key in ["canary@example.test", "seam_canary1", "a canary", &"canary0".repeat(6)] {
            let json =
                format!(r#"{{"data":[{{"id":1,"kind":"tenant","tags":{{"{key}":{{}}}}}}]}}"#);
            assert_eq!(fault(&json), (DecodeErrorKind::WrongType, "data[0].tags.?".to_owned()));
        }
    }

    #[test]
    fn a_name_that_holds_a_secret_that_is_known_stays_out_of_the_path() {
        let path = |secret: &str, key: &str| {
            let json =
                format!(r#"{{"data":[{{"id":1,"kind":"tenant","tags":{{"{key}":{{}}}}}}]}}"#);
            let error = decode::<Page>(json.as_bytes()).unwrap_err();
            error.scrubbed(&Scrubber::new().secret(secret)).path().to_owned()
        };
        assert_eq!(path("canary", "a_CANARY_b"), "data[0].tags.?");
        assert_eq!(path("tags.canary", "canary"), "?");
        assert_eq!(path("hunter2", "canary"), "data[0].tags.canary");
    }

    #[test]
    fn bombs_of_depth_end_in_a_typed_error() {
        let deep = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        assert!(decode::<serde_json::Value>(deep(127).as_bytes()).is_ok());
        for levels in [128, 1_000_000] {
            let error = decode::<serde_json::Value>(deep(levels).as_bytes()).unwrap_err();
            assert_eq!(error.kind(), DecodeErrorKind::TooDeep);
        }
        // What nobody reads is skipped without recursion, so it needs no bound.
        let ignored = format!(r#"{{"data":[],"x":{}}}"#, deep(1_000_000));
        assert!(decode::<Page>(ignored.as_bytes()).is_ok());
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic_or_quote(
            before in "[\\[\\]{}:,0-9a\" ]{0,20}",
            after in "[\\[\\]{}:,0-9a\" ]{0,20}",
        ) {
            let json = format!("{before}\"canary\"{after}");
            prop_assert_eq!(decode::<Page>(json.as_bytes()).err(), located::<Page>(json.as_bytes()).err());
            if let Err(error) = decode::<Page>(json.as_bytes()) {
                let shown = format!("{error} {error:?}");
                // A lone word may be a field's name; it then stands in the path, and only there.
                prop_assert!(!shown.replace(error.path(), "").contains("canary"));
            }
        }
    }
}
