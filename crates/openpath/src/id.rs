//! The vendor's ids: opaque text, checked once where it enters.

use std::{cmp::Ordering, fmt, sync::Arc};

use serde::{Deserialize, Deserializer, de};

use crate::{Error, ErrorKind};

/// The most characters that an id may have.
const LONGEST: usize = 64;

pub(crate) fn fault(text: &str) -> Option<&'static str> {
    if text.is_empty() {
        Some("is empty")
    } else if text.len() > LONGEST {
        Some("is longer than 64 characters")
    } else if text.bytes().any(|b| !b.is_ascii_alphanumeric() && !b"_-".contains(&b)) {
        // Ids go into URLs, into the ids of doors and into logs. No step in a path is an id, and no e-mail
        // or password in the wrong place passes for one as long as it holds anything else.
        Some("holds something other than ASCII letters, digits, _ and -")
    } else {
        None
    }
}

/// The number that the text is, if it is written as JSON would write it.
pub(crate) fn number(text: &str) -> Option<u64> {
    let plain = text == "0" || !text.starts_with('0');
    (plain && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}

/// Numbers by value, before all other text.
fn compare(a: &str, b: &str) -> Ordering {
    match (number(a), number(b)) {
        (Some(a), Some(b)) => a.cmp(&b),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => a.cmp(b),
    }
}

/// Reads an id that is a whole number or text.
struct Visitor;

impl de::Visitor<'_> for Visitor {
    type Value = Arc<str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an id: a whole number, or 1 to 64 ASCII letters, digits, _ and -")
    }

    fn visit_u64<E: de::Error>(self, id: u64) -> Result<Arc<str>, E> {
        Ok(id.to_string().into())
    }

    fn visit_str<E: de::Error>(self, id: &str) -> Result<Arc<str>, E> {
        match fault(id) {
            None => Ok(id.into()),
            Some(_) => Err(E::invalid_value(de::Unexpected::Other("other text"), &self)),
        }
    }
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $kind:literal) => {
        $(#[$doc])*
        ///
        /// Opaque text: the vendor's description says *number*, its replies have been seen to hold
        /// numeric text, so both are read, and of other text 1 to 64 ASCII letters, digits, `_` and `-`.
        /// Ids that are whole numbers are ordered by value and come before all others.
        #[derive(Clone, PartialEq, Eq, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Checks the text and takes it as an id.
            ///
            /// # Errors
            /// [`ErrorKind::InvalidInput`] if the text is empty, longer than 64 characters, or holds
            /// anything but ASCII letters, digits, `_` and `-`.
            pub fn new(text: impl AsRef<str>) -> Result<Self, Error> {
                let text = text.as_ref();
                match fault(text) {
                    None => Ok(Self(text.into())),
                    Some(fault) => Err(Error::new(ErrorKind::InvalidInput)
                        .with_message(format!(concat!($kind, " {}"), fault))),
                }
            }

            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// The id as the whole number that it is, if it is one.
            pub fn as_number(&self) -> Option<u64> {
                number(&self.0)
            }
        }

        impl From<u64> for $name {
            fn from(id: u64) -> Self {
                Self(id.to_string().into())
            }
        }

        impl Ord for $name {
            fn cmp(&self, other: &Self) -> Ordering {
                compare(&self.0, &other.0)
            }
        }

        impl PartialOrd for $name {
            fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
                Some(self.cmp(other))
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

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_any(Visitor).map(Self)
            }
        }
    };
}

id!(
    /// An organisation: one customer's Openpath account, with its users, sites and doors.
    OrgId, "an organisation id"
);
id!(
    /// A user of an organisation.
    UserId, "a user id"
);
id!(
    /// A credential of a user. For a cloud key this is the id to unlock with; the `id` inside the
    /// credential's `cloudKey` object is another number.
    CredentialId, "a credential id"
);
id!(
    /// A kind of credential that an organisation can give.
    CredentialTypeId, "a credential type id"
);
id!(
    /// An entry, the vendor's word for a door.
    EntryId, "an entry id"
);
id!(
    /// A state that an entry can be in.
    EntryStateId, "an entry state id"
);
id!(
    /// A controller of entries (*access control unit*).
    AcuId, "a controller id"
);
id!(
    /// A schedule.
    ScheduleId, "a schedule id"
);
id!(
    /// A plan for a lockdown.
    LockdownPlanId, "a lockdown plan id"
);
id!(
    /// Something that an organisation's plan has.
    FeatureId, "a feature id"
);
id!(
    /// A namespace: within one, no two identities have the same e-mail.
    NamespaceId, "a namespace id"
);
id!(
    /// A group of users.
    GroupId, "a group id"
);
id!(
    /// A site: a property.
    SiteId, "a site id"
);
id!(
    /// A zone: a part of a site.
    ZoneId, "a zone id"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_and_its_text_are_one_id() {
        let ids: Vec<EntryId> = serde_json::from_str(r#"[4401, "4401"]"#).unwrap();
        assert_eq!(ids[0], ids[1]);
        assert_eq!(ids[0].as_number(), Some(4401));
    }

    #[test]
    fn what_is_no_id_is_refused() {
        for text in ["null", "\"\"", "1.5", "-1", "true", "[1]", "\"a b\"", "\"..\"", "\"a\\n\""] {
            assert!(serde_json::from_str::<EntryId>(text).is_err(), "{text}");
        }
        for text in ["a/b", "%2e", "a?b", "a#b", "a;b", "a.b", "a@b", "\u{ff11}", "\u{e4}"] {
            assert!(EntryId::new(text).is_err(), "{text}");
        }
        assert!(EntryId::new("x".repeat(64)).is_ok());
        assert!(EntryId::new("x".repeat(65)).is_err());
    }

    #[test]
    fn only_canonical_digits_are_a_number() {
        for text in ["007", "+7", "7a", "", "99999999999999999999"] {
            assert_eq!(number(text), None.filter(|_: &u64| !text.is_empty()), "{text}");
        }
        assert_eq!(number("0"), Some(0));
    }

    #[test]
    fn the_lowest_is_by_value_not_by_text() {
        let mut ids: Vec<_> =
            ["b", "100", "9", "a"].iter().map(|t| CredentialId::new(t).unwrap()).collect();
        ids.sort();
        let order: Vec<_> = ids.iter().map(CredentialId::as_str).collect();
        assert_eq!(order, ["9", "100", "a", "b"]);
    }
}
