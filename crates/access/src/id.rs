//! Ids: opaque text, checked once where it enters.

use std::{fmt, str::FromStr, sync::Arc};

use serde::{Deserialize, Serialize};

use crate::text::is_unprintable;

/// Text that cannot be an id: which kind of id, and what is wrong. The text itself is not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{kind} {fault}")]
pub struct InvalidId {
    kind: &'static str,
    fault: &'static str,
}

impl InvalidId {
    /// Which kind of id was asked for, such as `door id`.
    pub fn kind(&self) -> &'static str {
        self.kind
    }
}

/// The most bytes that any single id may have.
const MAX_BYTES: usize = 256;

fn check(kind: &'static str, text: &str) -> Result<(), InvalidId> {
    let fault = if text.is_empty() {
        "is empty"
    } else if text.len() > MAX_BYTES {
        "is longer than 256 bytes"
    } else if text.chars().any(|c| is_unprintable(c) || c.is_whitespace()) {
        "holds white space, a control character or an invisible one"
    } else {
        return Ok(());
    };
    Err(InvalidId { kind, fault })
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $kind:literal $(, without $sign:literal)?) => {
        $(#[$doc])*
        ///
        /// 1 to 256 bytes without white space, control, bidi or invisible characters; otherwise opaque.
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Arc<str>);

        impl $name {
            /// Checks the text and takes it as an id.
            ///
            /// # Errors
            /// If the text is empty, too long, or holds white space, a control character or an invisible one.
            pub fn new(text: impl AsRef<str>) -> Result<Self, InvalidId> {
                let text = text.as_ref();
                check($kind, text)?;
                $(if text.contains($sign) {
                    return Err(InvalidId { kind: $kind, fault: concat!("holds a '", $sign, "'") });
                })?
                Ok(Self(text.into()))
            }

            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                Self::new(text)
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;
            fn try_from(text: String) -> Result<Self, InvalidId> {
                Self::new(text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0.as_ref().to_owned()
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
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }
    };
}

id!(
    /// A resident, by the host's own id.
    ResidentId, "resident id"
);
id!(
    /// A building, by the host's own id.
    BuildingId, "building id"
);
id!(
    /// A unit (an apartment), by the host's own id. Names may change; this does not.
    UnitId, "unit id"
);
id!(
    /// A door by the id that its vendor gives it: an Openpath entry, a Seam device.
    VendorDoorId, "vendor door id"
);
id!(
    /// One tap, by an id that the phone chose for it, such as a random UUID. It belongs to one resident
    /// and one door for good.
    TapId, "tap id"
);

id!(
    /// A vendor connection, by the host's own id. It holds no `/`, which parts it from the vendor's id in a
    /// [`DoorId`].
    ConnectionId, "connection id", without '/'
);

/// A door, the same on every node: `{connection}/{vendor's id}`.
///
/// Opaque to apps: they send back what they were given. Knowing one grants nothing.
///
/// ```
/// use elevate_access::DoorId;
///
/// let door: DoorId = "building-7-openpath/4711".parse()?;
/// assert_eq!(door.connection().as_str(), "building-7-openpath");
/// assert_eq!(door.vendor_id().as_str(), "4711");
/// # Ok::<(), elevate_access::InvalidId>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DoorId {
    connection: ConnectionId,
    vendor: VendorDoorId,
}

impl DoorId {
    /// The door of that connection with that vendor's id.
    pub fn new(connection: ConnectionId, vendor: VendorDoorId) -> Self {
        Self { connection, vendor }
    }

    /// The connection that the door is reached by.
    pub fn connection(&self) -> &ConnectionId {
        &self.connection
    }

    /// The vendor's id of the door.
    pub fn vendor_id(&self) -> &VendorDoorId {
        &self.vendor
    }
}

impl fmt::Display for DoorId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.connection.0, self.vendor)
    }
}

impl fmt::Debug for DoorId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DoorId({self})")
    }
}

impl FromStr for DoorId {
    type Err = InvalidId;
    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let (connection, vendor) = text
            .split_once('/')
            .ok_or(InvalidId { kind: "door id", fault: "is not of the form connection/door" })?;
        Ok(Self::new(ConnectionId::new(connection)?, VendorDoorId::new(vendor)?))
    }
}

impl TryFrom<String> for DoorId {
    type Error = InvalidId;
    fn try_from(text: String) -> Result<Self, InvalidId> {
        text.parse()
    }
}

impl From<DoorId> for String {
    fn from(id: DoorId) -> Self {
        id.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_door_id_survives_text_and_json() {
        let door: DoorId = "op-1/45/6".parse().unwrap();
        assert_eq!(door.connection().as_str(), "op-1");
        assert_eq!(door.vendor_id().as_str(), "45/6");
        assert_eq!(door.to_string().parse::<DoorId>().unwrap(), door);
        let json = serde_json::to_string(&door).unwrap();
        assert_eq!(json, r#""op-1/45/6""#);
        assert_eq!(serde_json::from_str::<DoorId>(&json).unwrap(), door);
    }

    #[test]
    fn hostile_text_is_no_id_and_is_not_repeated() {
        for text in [
            "",
            "/",
            "a/",
            "/b",
            "no-slash",
            "a/\u{202e}b",
            "a/b\u{200b}",
            "a b/c",
            "a/b\nc",
            "a/\u{a0}",
            &"x".repeat(600),
        ] {
            let refused = text.parse::<DoorId>().unwrap_err().to_string();
            assert!(text.len() < 3 || !refused.contains(text), "{refused}");
        }
        assert!(ConnectionId::new("a/b").is_err());
        assert!(serde_json::from_str::<TapId>("\"\"").is_err());
    }
}
