use serde_json::{Value, json};

/// Why the vendor does not do what it was asked, in the shape of a server written with hapi.
///
/// The vendor publishes no error body: all of this is a guess.
#[derive(Clone, Debug)]
pub(super) struct Refusal {
    pub(super) status: u16,
    message: String,
    validation: Option<(Source, String)>,
}

/// Which part of a request was of a wrong shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    Params,
    Query,
    Payload,
}

impl Source {
    const fn name(self) -> &'static str {
        match self {
            Self::Params => "params",
            Self::Query => "query",
            Self::Payload => "payload",
        }
    }
}

impl Refusal {
    pub(super) fn new(status: u16, message: impl Into<String>) -> Self {
        Self { status, message: message.into(), validation: None }
    }

    /// 400: that field of that part has that fault (`must be a number`).
    pub(super) fn shape(source: Source, key: &str, fault: &str) -> Self {
        Self {
            status: 400,
            message: format!("\"{key}\" {fault}"),
            validation: Some((source, key.to_owned())),
        }
    }

    pub(super) fn bad_json() -> Self {
        Self::new(400, "Invalid request payload JSON format")
    }

    pub(super) fn media_type() -> Self {
        Self::new(415, "Unsupported Media Type")
    }

    pub(super) fn password() -> Self {
        Self::new(401, "Incorrect email or password")
    }

    pub(super) fn locked() -> Self {
        Self::new(403, "Identity is locked after too many attempts")
    }

    pub(super) fn token() -> Self {
        Self::new(401, "Invalid or expired token")
    }

    pub(super) fn scope() -> Self {
        Self::new(403, "Insufficient scope")
    }

    pub(super) fn not_found() -> Self {
        Self::new(404, "Not Found")
    }

    /// Adds to the message, for a server that talks too much.
    pub(super) fn add(&mut self, more: &str) {
        self.message.push_str(more);
    }

    pub(super) fn body(&self) -> Value {
        let mut body = json!({
            "statusCode": self.status,
            "error": reason(self.status),
            "message": self.message,
        });
        if let (Some((source, key)), Value::Object(fields)) = (&self.validation, &mut body) {
            fields.insert("validation".into(), json!({ "source": source.name(), "keys": [key] }));
        }
        body
    }
}

const fn reason(status: u16) -> &'static str {
    match status {
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        415 => "Unsupported Media Type",
        422 => "Unprocessable Entity",
        _ => "Error",
    }
}
