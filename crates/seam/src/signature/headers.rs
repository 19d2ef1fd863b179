//! The three headers of a delivery.

use super::{DeliveryError, DeliveryErrorKind as Kind};

/// What the list of signatures may weigh: eighty of them, where one or two come.
const MOST_SIGNATURE_BYTES: usize = 4096;

const MOST_ID_BYTES: usize = 256;

/// `-9223372036854775808` has this many.
const MOST_TIMESTAMP_BYTES: usize = 20;

/// What the three are called.
pub(super) struct Names {
    pub(super) id: &'static str,
    pub(super) timestamp: &'static str,
    pub(super) signature: &'static str,
}

const SVIX: Names =
    Names { id: "svix-id", timestamp: "svix-timestamp", signature: "svix-signature" };

const STANDARD: Names =
    Names { id: "webhook-id", timestamp: "webhook-timestamp", signature: "webhook-signature" };

/// The three, each there and in bounds.
pub(super) struct Headers<'a> {
    pub(super) names: &'static Names,
    pub(super) id: &'a [u8],
    pub(super) timestamp: &'a [u8],
    signature: &'a [u8],
}

#[derive(Default)]
struct Found<'a> {
    id: Option<&'a [u8]>,
    timestamp: Option<&'a [u8]>,
    signature: Option<&'a [u8]>,
}

impl<'a> Headers<'a> {
    /// Picks them from all headers. Svix's own names count, if any of them came; the others otherwise.
    pub(super) fn read(
        headers: impl IntoIterator<Item = (&'a str, &'a [u8])>,
    ) -> Result<Self, DeliveryError> {
        let (mut svix, mut standard) = (Found::default(), Found::default());
        for (name, value) in headers {
            svix.take(&SVIX, name, value)?;
            standard.take(&STANDARD, name, value)?;
        }
        let (names, found) = if svix.is_empty() && !standard.is_empty() {
            (&STANDARD, standard)
        } else {
            (&SVIX, svix)
        };
        let id = there(found.id, names.id)?;
        let timestamp = there(found.timestamp, names.timestamp)?;
        let signature = there(found.signature, names.signature)?;
        // A dot would leave open where the id ends in what is signed.
        if id.len() > MOST_ID_BYTES || !id.iter().all(|c| c.is_ascii_graphic() && *c != b'.') {
            return Err(DeliveryError::new(Kind::BadHeaders, names.id));
        }
        if signature.len() > MOST_SIGNATURE_BYTES {
            return Err(DeliveryError::new(Kind::BadHeaders, names.signature));
        }
        Ok(Self { names, id, timestamp, signature })
    }

    /// Seconds since 1970: digits, perhaps after a minus, and nothing else.
    pub(super) fn seconds(&self) -> Result<i64, DeliveryError> {
        let digits = self.timestamp.strip_prefix(b"-").unwrap_or(self.timestamp);
        let plain = self.timestamp.len() <= MOST_TIMESTAMP_BYTES
            && !digits.is_empty()
            && digits.iter().all(u8::is_ascii_digit);
        plain
            .then(|| std::str::from_utf8(self.timestamp).ok()?.parse().ok())
            .flatten()
            .ok_or_else(|| DeliveryError::new(Kind::BadHeaders, self.names.timestamp))
    }

    /// The signatures of the one version that there is, in Base64: `v1,…`, with spaces between.
    pub(super) fn signatures(&self) -> impl Iterator<Item = &'a [u8]> {
        self.signature.split(|c| *c == b' ').filter_map(|one| one.strip_prefix(b"v1,"))
    }
}

impl<'a> Found<'a> {
    fn take(&mut self, names: &Names, name: &str, value: &'a [u8]) -> Result<(), DeliveryError> {
        for (known, place) in [
            (names.id, &mut self.id),
            (names.timestamp, &mut self.timestamp),
            (names.signature, &mut self.signature),
        ] {
            if name.eq_ignore_ascii_case(known)
                && place.replace(value).is_some_and(|before| before != value)
            {
                return Err(DeliveryError::new(Kind::BadHeaders, known));
            }
        }
        Ok(())
    }

    fn is_empty(&self) -> bool {
        self.id.is_none() && self.timestamp.is_none() && self.signature.is_none()
    }
}

fn there<'a>(value: Option<&'a [u8]>, name: &'static str) -> Result<&'a [u8], DeliveryError> {
    let value = value.filter(|value| !value.trim_ascii().is_empty());
    value.ok_or_else(|| DeliveryError::new(Kind::Unsigned, name))
}
