//! How the vendor says no.

use serde_json::{Value, json};

use crate::Reply;

/// The types of error, beside those with a tree, that blame the request's shape.
const SHAPE_FAULTS: [&str; 4] =
    ["invalid_content_type", "method_not_allowed", "mismatched_page_parameters", "not_modelled"];

/// A request turned down, in the vendor's words.
#[derive(Clone, Debug)]
pub(super) enum Refusal {
    /// The documented shape: a type, a message, and perhaps a tree of what was wrong with the input.
    Typed { status: u16, kind: String, message: String, tree: Option<Value> },
    /// Plain text, as the vendor answers what it could not even route or parse.
    Plain { status: u16, text: &'static str },
    /// Too many unlocks of one device; with `Retry-After` in seconds where the vendor gives it.
    TooMany { retry_after: Option<u64> },
}

impl Refusal {
    /// A refusal of the documented shape.
    pub(super) fn typed(status: u16, kind: &str, message: impl Into<String>) -> Self {
        Self::Typed { status, kind: kind.to_owned(), message: message.into(), tree: None }
    }

    /// `400 invalid_input`, with the tree of what was wrong.
    pub(super) fn invalid(message: impl Into<String>, tree: Value) -> Self {
        let kind = "invalid_input".to_owned();
        Self::Typed { status: 400, kind, message: message.into(), tree: Some(tree) }
    }

    /// `404` for a resource that is not there.
    pub(super) fn not_found(resource: &str) -> Self {
        let words = resource.replace('_', " ");
        Self::typed(404, &format!("{resource}_not_found"), format!("No such {words}"))
    }

    /// Whether the vendor found fault with the request's shape, rather than with what it asked for.
    pub(super) fn complaint(&self) -> Option<String> {
        match self {
            Self::Typed { kind, message, tree, .. }
                if tree.is_some() || SHAPE_FAULTS.contains(&kind.as_str()) =>
            {
                Some(format!("{kind}: {message}"))
            }
            Self::Plain { status, text } => Some(format!("{status}: {text}")),
            Self::Typed { .. } | Self::TooMany { .. } => None,
        }
    }

    /// The reply, its message followed by `echo`.
    pub(super) fn reply(self, request_id: &str, echo: &str) -> Reply {
        match self {
            Self::Typed { status, kind, message, tree } => {
                let mut error = json!({
                    "type": kind,
                    "message": format!("{message}{echo}"),
                    "request_id": request_id,
                });
                if let Some(tree) = tree {
                    error["validation_errors"] = tree;
                }
                Reply::json(status, json!({ "error": error, "ok": false }).to_string())
            }
            Self::Plain { status, text } => Reply {
                status,
                headers: vec![("content-type".into(), "text/plain; charset=utf-8".into())],
                body: text.into(),
            },
            Self::TooMany { retry_after } => {
                let message = "Too many unlock requests for this device within a minute";
                let reply = Self::typed(429, "too_many_requests", message).reply(request_id, echo);
                match retry_after {
                    Some(seconds) => reply.header("retry-after", &seconds.to_string()),
                    None => reply,
                }
            }
        }
    }
}
