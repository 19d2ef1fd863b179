//! Codes of a second factor that are made from its secret: RFC 6238.

use jiff::Timestamp;
use secrecy::SecretString;
use totp_rs::{Builder, Secret, Totp};

/// How long one code is the current one, in seconds.
const STEP: u64 = 30;

/// Makes the codes of one account.
pub(crate) struct Codes(Totp);

impl Codes {
    /// Reads a secret in base32; `None` if it is none.
    pub(super) fn from_base32(text: &str) -> Option<Self> {
        let plain: String = text.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
        let plain = plain.trim_end_matches('=').to_ascii_uppercase();
        let secret = Secret::try_from_base32(plain).ok().filter(|s| !s.as_bytes().is_empty())?;
        // Many issuers use shorter secrets than the RFC asks for.
        Some(Self(Builder::new().with_secret(secret).build_noncompliant()))
    }

    /// The code of that step.
    pub(super) fn of_step(&self, step: u64) -> SecretString {
        self.0.generate(step.saturating_mul(STEP)).to_string().into()
    }
}

/// The step that is current at that time. There is none before 1970.
pub(super) fn step_at(now: Timestamp) -> u64 {
    u64::try_from(now.as_second()).unwrap_or_default() / STEP
}

/// When the next step begins.
pub(super) fn next_step(now: Timestamp) -> Timestamp {
    let begins = step_at(now).saturating_add(1).saturating_mul(STEP);
    i64::try_from(begins).ok().and_then(|s| Timestamp::from_second(s).ok()).unwrap_or(now)
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    /// The secret of RFC 6238's examples, as base32.
    const RFC: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

    fn code(secret: &str, second: i64) -> String {
        let step = step_at(Timestamp::from_second(second).unwrap());
        Codes::from_base32(secret).unwrap().of_step(step).expose_secret().to_owned()
    }

    #[test]
    fn codes_are_those_of_the_rfc() {
        // The last six of the eight digits that appendix B gives for SHA-1.
        for (second, digits) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_234_567_890, "005924"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(code(RFC, second), digits, "{second}");
        }
    }

    #[test]
    fn a_secret_is_read_as_apps_show_it() {
        for text in
            ["gezd gnbv gy3t qojq gezd gnbv gy3t qojq", "GEZDGNBV-GY3TQOJQGEZDGNBVGY3TQOJQ=="]
        {
            assert_eq!(code(text, 59), "287082", "{text}");
        }
        // Ten bytes: fewer than the RFC asks for.
        assert_eq!(code("JBSWY3DPEHPK3PXP", 0).len(), 6);
        for text in ["", "  ", "=", "JBSWY3D0", "no secret!", "JBSWY3DPÉ"] {
            assert!(Codes::from_base32(text).is_none(), "{text:?}");
        }
    }

    #[test]
    fn the_next_step_begins_on_a_half_minute() {
        let now: Timestamp = "2026-03-02T12:00:29.999Z".parse().unwrap();
        assert_eq!(next_step(now).to_string(), "2026-03-02T12:00:30Z");
        assert_eq!(next_step(next_step(now)).to_string(), "2026-03-02T12:01:00Z");
    }
}
