//! The e-mail that a resident is known by at a vendor.

use std::{fmt, sync::Arc};

use serde::{Deserialize, Serialize};

use crate::{ConnectionId, ResidentId, digest::hex_digest};

/// An e-mail address that the host vouches for: it comes from the PMS, or the resident has proven that
/// they receive mail there.
///
/// The two constructors make the host say which. An address that a resident can edit unproven must not
/// become one: whoever types a neighbour's address would get the neighbour's doors.
///
/// `Debug` masks it, and it has no `Display`: it belongs in a vendor's request body and nowhere else.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct VerifiedEmail(Arc<str>);

/// Text that cannot be an e-mail address. The text itself is not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the text is not an e-mail address")]
pub struct InvalidEmail;

impl VerifiedEmail {
    /// The address that the property-management system holds for the resident.
    ///
    /// # Errors
    /// If the text is not of the form `local@domain`, holds white space or control characters, or is
    /// longer than 254 bytes. Nothing is trimmed.
    pub fn from_pms(address: impl AsRef<str>) -> Result<Self, InvalidEmail> {
        Self::checked(address.as_ref())
    }

    /// An address at which the resident has proven to receive mail.
    ///
    /// # Errors
    /// As for [`from_pms`](Self::from_pms).
    pub fn proven_by_resident(address: impl AsRef<str>) -> Result<Self, InvalidEmail> {
        Self::checked(address.as_ref())
    }

    fn checked(address: &str) -> Result<Self, InvalidEmail> {
        let parts = address.split_once('@').filter(|(local, domain)| {
            !local.is_empty() && !domain.is_empty() && !domain.contains('@')
        });
        let sound =
            address.len() <= 254 && !address.chars().any(|c| c.is_control() || c.is_whitespace());
        if parts.is_none() || !sound {
            return Err(InvalidEmail);
        }
        Ok(Self(address.into()))
    }

    /// The address, for a request body to a vendor.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether `other` is the same address: byte for byte, but for the case of ASCII letters.
    ///
    /// Nothing else is tolerated: dots, plus tags and look-alike letters make another address.
    ///
    /// ```
    /// use elevate_access::VerifiedEmail;
    ///
    /// let email = VerifiedEmail::from_pms("Jane.Doe@example.com")?;
    /// assert!(email.matches("jane.doe@EXAMPLE.com"));
    /// assert!(!email.matches("janedoe@example.com"));
    /// # Ok::<(), elevate_access::InvalidEmail>(())
    /// ```
    pub fn matches(&self, other: &str) -> bool {
        self.0.eq_ignore_ascii_case(other)
    }
}

impl fmt::Debug for VerifiedEmail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("VerifiedEmail(***)")
    }
}

/// What a store keeps in place of an e-mail: enough to see that it has changed, not what it was.
///
/// SHA-256 over connection, resident and the address in lower case, in hexadecimal. Bound to both ids,
/// so that equal addresses cannot be found by comparing rows. (Whoever holds the store *and* a list of
/// candidate addresses can still test them: it is a digest, not encryption.)
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EmailDigest(String);

impl EmailDigest {
    /// The digest of that resident's e-mail for that connection.
    pub fn of(connection: &ConnectionId, resident: &ResidentId, email: &VerifiedEmail) -> Self {
        let address = email.0.to_ascii_lowercase();
        Self(hex_digest(&[connection.as_str(), resident.as_str(), &address]))
    }

    /// The digest as hexadecimal text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kelvin_sign_email_differs() {
        let email = VerifiedEmail::from_pms("kim@example.com").unwrap();
        assert!(email.matches("KIM@example.com"));
        assert!(!email.matches("\u{212a}im@example.com"), "the Kelvin sign is not a k here");
        assert!(!email.matches("kim@example.com "));
    }

    #[test]
    fn what_is_not_an_address_is_refused() {
        for text in ["", "@", "a@", "@b", "a", "a@b@c", "a b@c", " a@b", "a@b\n", "a@\u{a0}b"] {
            assert_eq!(VerifiedEmail::from_pms(text), Err(InvalidEmail), "{text:?}");
        }
        assert!(VerifiedEmail::from_pms(format!("{}@x.example", "a".repeat(260))).is_err());
    }

    #[test]
    fn an_email_prints_nowhere() {
        let email = VerifiedEmail::proven_by_resident("canary@example.com").unwrap();
        assert!(!format!("{email:?} {email:#?}").contains("canary"));
    }

    #[test]
    fn a_digest_ignores_ascii_case_and_tells_residents_apart() {
        let connection = ConnectionId::new("c").unwrap();
        let (one, two) = (ResidentId::new("r1").unwrap(), ResidentId::new("r2").unwrap());
        let lower = VerifiedEmail::from_pms("jane@example.com").unwrap();
        let upper = VerifiedEmail::from_pms("JANE@example.com").unwrap();
        let digest = EmailDigest::of(&connection, &one, &lower);
        assert_eq!(digest, EmailDigest::of(&connection, &one, &upper));
        assert_ne!(digest, EmailDigest::of(&connection, &two, &lower));
        assert_eq!(digest.as_str().len(), 64);
    }
}
