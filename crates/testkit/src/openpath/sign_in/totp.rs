//! Codes of the moment, from RFC 6238 and not from a client's crate.

use std::collections::BTreeSet;

use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use sha1::Sha1;

/// How long a step is, in seconds.
const STEP: i64 = 30;

/// A second factor: SHA-1, six digits, steps of 30 s, each good for one sign-in.
#[derive(Clone)]
pub(in super::super) struct Totp {
    key: Hmac<Sha1>,
    spent: BTreeSet<u64>,
}

impl Totp {
    /// From a secret as authenticator apps show it, in base32.
    pub(in super::super) fn new(secret: &str) -> Option<Self> {
        let key = Hmac::new_from_slice(&base32(secret)?).ok()?;
        Some(Self { key, spent: BTreeSet::new() })
    }

    /// Takes the code of the step of `now`, the one before or the one after, unless that step is spent.
    pub(super) fn takes(&mut self, code: &str, now: Timestamp) -> bool {
        let step = u64::try_from(now.as_second() / STEP).unwrap_or(0);
        let near = [step, step.saturating_sub(1), step + 1];
        let fits = |step: &u64| !self.spent.contains(step) && self.code(*step) == code;
        near.into_iter().find(fits).is_some_and(|step| self.spent.insert(step))
    }

    fn code(&self, step: u64) -> String {
        let digest = self.key.clone().chain_update(step.to_be_bytes()).finalize().into_bytes();
        let from = digest.last().map_or(0, |last| usize::from(last & 0xf));
        let four = digest.iter().skip(from).take(4);
        let number = four.fold(0_u32, |so_far, byte| (so_far << 8) | u32::from(*byte));
        format!("{:06}", (number & 0x7fff_ffff) % 1_000_000)
    }
}

/// RFC 4648, in any case, with or without padding.
fn base32(text: &str) -> Option<Vec<u8>> {
    let (mut bytes, mut kept, mut bits) = (Vec::new(), 0_u32, 0);
    for letter in text.trim_end_matches('=').bytes() {
        let value = match letter.to_ascii_uppercase() {
            letter @ b'A'..=b'Z' => letter - b'A',
            digit @ b'2'..=b'7' => digit - b'2' + 26,
            _ => return None,
        };
        kept = (kept << 5) | u32::from(value);
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from((kept >> bits) & 0xff).ok()?);
        }
    }
    (!bytes.is_empty()).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Appendix B of RFC 6238, the last six of its eight digits.
    #[test]
    fn codes_are_those_of_the_rfc() {
        let totp = Totp::new("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ").unwrap();
        for (second, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(totp.code(second / 30), code);
        }
    }

    #[test]
    fn secrets_are_base32_in_any_case_with_or_without_padding() {
        for text in ["MZXW6YTB", "mzxw6ytb"] {
            assert_eq!(base32(text).unwrap(), b"fooba");
        }
        for text in ["MZXW6YQ=", "MZXW6YQ"] {
            assert_eq!(base32(text).unwrap(), b"foob");
        }
        assert!(["", "=", "M1XW", "MZ-XW"].iter().all(|text| base32(text).is_none()));
    }
}
