//! Seam's ids: opaque text, whatever they look like.

use std::{fmt, sync::Arc};

use serde::{Deserialize, Serialize};

/// Text that cannot be one of Seam's ids: which kind of id, and what is wrong. The text itself is not
/// repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{kind} {fault}")]
pub struct InvalidId {
    kind: &'static str,
    fault: &'static str,
}

impl InvalidId {
    /// Which kind of id was asked for, such as `device id`.
    pub fn kind(&self) -> &'static str {
        self.kind
    }
}

/// The most bytes that an id may have; Seam's own have 36.
const MAX_BYTES: usize = 256;

fn check(kind: &'static str, text: &str) -> Result<(), InvalidId> {
    let fault = if text.is_empty() {
        "is empty"
    } else if text.len() > MAX_BYTES {
        "is longer than 256 bytes"
    } else if text.chars().any(is_unseen) {
        "holds white space, a control character or an invisible one"
    } else {
        return Ok(());
    };
    Err(InvalidId { kind, fault })
}

/// Whether a character shows nothing, or changes how others show: two ids must not look like one, and an id
/// must not steer the line that it is printed on.
fn is_unseen(c: char) -> bool {
    if c.is_ascii() {
        return !c.is_ascii_graphic();
    }
    c.is_control()
        || c.is_whitespace()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $kind:literal) => {
        $(#[$doc])*
        ///
        /// 1 to 256 bytes without white space, control, bidi or invisible characters; otherwise opaque.
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Arc<str>);

        impl $name {
            /// Takes the text as an id.
            ///
            /// # Errors
            /// If it is empty, too long, or holds white space, a control character or an invisible one.
            pub fn new(text: impl AsRef<str>) -> Result<Self, InvalidId> {
                let text = text.as_ref();
                check($kind, text)?;
                Ok(Self(text.into()))
            }

            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;
            fn try_from(text: String) -> Result<Self, InvalidId> {
                Self::new(text)
            }
        }

        impl std::str::FromStr for $name {
            type Err = InvalidId;
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                Self::new(text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.as_str().to_owned()
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), &self.0)
            }
        }
    };
}

id!(
    /// A device: an intercom, a lock, a panel.
    DeviceId, "device id"
);
id!(
    /// A space: what stands for a unit.
    SpaceId, "space id"
);
id!(
    /// A connected account: one sign-in at a brand, and the devices behind it.
    ConnectedAccountId, "connected account id"
);
id!(
    /// A workspace: what an API key rules.
    WorkspaceId, "workspace id"
);
id!(
    /// An action attempt: an order that Seam took.
    ActionAttemptId, "action attempt id"
);

id!(
    /// An event: the key by which one that comes twice is known.
    EventId, "event id"
);
id!(
    /// A connect webview: one sign-in by link.
    ConnectWebviewId, "connect webview id"
);
id!(
    /// A webhook: where Seam delivers events.
    WebhookId, "webhook id"
);
id!(
    /// An entrance of an access system.
    AcsEntranceId, "entrance id"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_opaque_text_and_survives_json() {
        for text in ["22a887e0-ff9b-434c-9db5-8603d4fc12d2", "august_device_1", "a/b:c", "ü"] {
            let id: DeviceId = serde_json::from_value(serde_json::json!(text)).unwrap();
            assert_eq!(id.as_str(), text);
            assert_eq!(serde_json::to_value(&id).unwrap(), text);
        }
    }

    #[test]
    fn what_cannot_be_an_id_is_refused_and_not_repeated() {
        let unseen =
            ["a\u{202e}b", "a\u{200b}", "\u{feff}a", "a\u{2066}b", "a\u{3164}", "a\u{fe0f}"];
        let plain = ["", "has space", "tab\there", "\u{a0}nbsp", &"x".repeat(257)];
        for text in plain.into_iter().chain(unseen) {
            let refused = SpaceId::new(text).unwrap_err().to_string();
            assert!(text.is_empty() || !refused.contains(text), "{refused}");
            assert!(serde_json::from_value::<SpaceId>(serde_json::json!(text)).is_err());
        }
        assert!(serde_json::from_str::<SpaceId>("7").is_err());
    }
}
