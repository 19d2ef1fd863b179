//! The token of a certificate of the organisation.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, crypto::aws_lc::DEFAULT_PROVIDER};
use secrecy::SecretString;

/// Signs the token of that certificate; `None` if the key is no RSA private key.
///
/// It is the same each time, for it has no claims: neither a time nor an end was ever seen in one.
///
/// The provider is named here, and none is looked up or installed: a process in which somebody else has
/// switched on jsonwebtoken's other one would panic at looking it up.
pub(super) fn token(certificate_id: &str, private_key_pem: &str) -> Option<SecretString> {
    let key = EncodingKey::from_rsa_pem(private_key_pem.as_bytes()).ok()?;
    let kid = format!("orgCertId:{certificate_id}");
    let header = serde_json::json!({ "alg": "RS256", "typ": "JWT", "kid": kid }).to_string();
    let part = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
    let message = format!("{}.{}", part(header.as_bytes()), part(b"{}"));
    let signer = (DEFAULT_PROVIDER.signer_factory)(&Algorithm::RS256, &key).ok()?;
    let signature = signer.try_sign(message.as_bytes()).ok()?;
    Some(format!("{message}.{}", part(&signature)).into())
}
