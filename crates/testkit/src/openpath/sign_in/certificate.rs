//! Tokens that a caller signs itself, with the key of a certificate that the organisation registered.

use std::collections::BTreeMap;

use aws_lc_rs::signature::{ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde_json::Value;

use super::super::row::{at, text_at};

/// The public keys of the certificates that live, by the certificates' ids.
#[derive(Clone, Default)]
pub(in super::super) struct Certificates(BTreeMap<u64, ParsedPublicKey>);

impl Certificates {
    /// Adds an RSA public key from DER, as `SubjectPublicKeyInfo` or PKCS#1, and says whether it is one.
    pub(in super::super) fn add(&mut self, id: u64, der: &[u8]) -> bool {
        let key = ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, der);
        key.map(|key| self.0.insert(id, key)).is_ok()
    }

    pub(in super::super) fn remove(&mut self, id: u64) {
        self.0.remove(&id);
    }

    /// Whether the token is an RS256 JWT whose `kid` names one of the certificates, signed with its key.
    ///
    /// The algorithm is ours and not the token's to choose: any other in its header is refused. An `exp` that
    /// has passed ends a token; that the vendor looks at it is a guess, and a payload without one is good.
    pub(super) fn vouch(&self, token: &str, now: Timestamp) -> bool {
        let check = || {
            let (signed, signature) = token.rsplit_once('.')?;
            let (header, payload) = signed.split_once('.')?;
            let (header, payload) = (part(header)?, part(payload)?);
            if text_at(&header, "alg") != Some("RS256") {
                return None;
            }
            let id = text_at(&header, "kid")?.strip_prefix("orgCertId:")?.parse().ok()?;
            let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
            self.0.get(&id)?.verify_sig(signed.as_bytes(), &signature).ok()?;
            match at(&payload, "exp") {
                Value::Null => Some(()),
                end => (now.as_second() < end.as_i64()?).then_some(()),
            }
        };
        check().is_some()
    }
}

/// One part of a token: a JSON object.
fn part(text: &str) -> Option<Value> {
    let value: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
    value.is_object().then_some(value)
}
