use std::sync::OnceLock;

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256, RSA_PKCS1_SHA512, RsaEncoding};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::*;

const CERT: u64 = 41;
const JANES: &str = "/orgs/5120/users/7001";

/// A key made for this run: none is kept anywhere.
fn key() -> &'static KeyPair {
    static KEY: OnceLock<KeyPair> = OnceLock::new();
    KEY.get_or_init(|| KeyPair::generate(KeySize::Rsa2048).unwrap())
}

fn organisation() -> Openpath {
    with(jane()).auth_cert(CERT, key().public_key().as_ref())
}

fn unsigned(header: &Value, payload: &str) -> String {
    let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
    format!("{}.{}", part(&header.to_string()), part(payload))
}

fn signed(header: &Value, payload: &str, encoding: &'static dyn RsaEncoding) -> String {
    let text = unsigned(header, payload);
    let mut signature = vec![0; key().public_modulus_len()];
    key().sign(encoding, &SystemRandom::new(), text.as_bytes(), &mut signature).unwrap();
    format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
}

fn header() -> Value {
    json!({ "alg": "RS256", "typ": "JWT", "kid": "orgCertId:41" })
}

fn good() -> String {
    signed(&header(), "{}", &RSA_PKCS1_SHA256)
}

fn status(openpath: &mut Openpath, token: &str) -> u16 {
    Caller { token: Some(token.to_owned()), now: noon() }.get(openpath, JANES).0
}

#[test]
fn jwt_signed_with_a_registered_key_is_a_good_token_raw_and_after_bearer() {
    let spki = key().public_key().as_der().unwrap();
    for mut openpath in [organisation(), with(jane()).auth_cert(CERT, spki.as_ref())] {
        assert_eq!(status(&mut openpath, &good()), 200);
        assert_eq!(status(&mut openpath, &format!("Bearer {}", good())), 200);
        assert_eq!(openpath.sign_ins(), 0);
    }
}

#[test]
fn certificate_gives_the_scopes_of_its_role_and_no_others() {
    let mut openpath = organisation().scopes(&["o5120-user:r"]);
    assert_eq!(status(&mut openpath, &good()), 200);
    let caller = Caller { token: Some(good()), now: noon() };
    assert_eq!(caller.unlock(&mut openpath, JANE, KEY, GATE), 403);
}

#[test]
fn no_other_algorithm_is_taken_for_the_key() {
    let mut openpath = organisation();
    let with = |alg: &str| json!({ "alg": alg, "typ": "JWT", "kid": "orgCertId:41" });
    let mac = |alg: &str| {
        use aws_lc_rs::hmac;
        let text = unsigned(&with(alg), "{}");
        let public = hmac::Key::new(hmac::HMAC_SHA256, key().public_key().as_ref());
        let tag = hmac::sign(&public, text.as_bytes());
        format!("{text}.{}", URL_SAFE_NO_PAD.encode(tag))
    };
    for token in [
        format!("{}.", unsigned(&with("none"), "{}")),
        format!("{}.", unsigned(&with("RS256"), "{}")),
        unsigned(&with("none"), "{}"),
        signed(&with("none"), "{}", &RSA_PKCS1_SHA256),
        mac("HS256"),
        mac("RS256"),
        signed(&with("RS512"), "{}", &RSA_PKCS1_SHA512),
        signed(&with("RS256"), "{}", &RSA_PKCS1_SHA512),
        signed(&with("rs256"), "{}", &RSA_PKCS1_SHA256),
    ] {
        assert_eq!(status(&mut openpath, &token), 401, "{token}");
    }
}

#[test]
fn only_a_kid_that_names_the_certificate_will_do() {
    let mut openpath = organisation();
    for kid in [json!("orgCertId:42"), json!("41"), json!(41), json!("orgCertId:"), Value::Null] {
        let header = json!({ "alg": "RS256", "typ": "JWT", "kid": kid });
        let token = signed(&header, "{}", &RSA_PKCS1_SHA256);
        assert_eq!(status(&mut openpath, &token), 401, "{kid}");
    }
    openpath.remove_auth_cert(CERT);
    assert_eq!(status(&mut openpath, &good()), 401);
}

#[test]
fn token_that_was_changed_or_cut_or_signed_by_another_is_refused() {
    let mut openpath = organisation();
    let (text, signature) = {
        let token = good();
        let (text, signature) = token.rsplit_once('.').unwrap();
        (text.to_owned(), signature.to_owned())
    };
    let changed = unsigned(&header(), r#"{"a":1}"#);
    for token in [format!("{changed}.{signature}"), text, format!("{}x", good()), "..".into()] {
        assert_eq!(status(&mut openpath, &token), 401, "{token}");
    }
    let other = KeyPair::generate(KeySize::Rsa2048).unwrap();
    let mut openpath = with(jane()).auth_cert(CERT, other.public_key().as_ref());
    assert_eq!(status(&mut openpath, &good()), 401);
}

#[test]
fn payload_needs_no_end_and_one_that_has_passed_ends_the_token() {
    let mut openpath = organisation();
    let now = noon().as_second();
    for (end, wanted) in [(json!(now + 1), 200), (json!(now), 401), (json!("soon"), 401)] {
        let payload = json!({ "exp": end }).to_string();
        let token = signed(&header(), &payload, &RSA_PKCS1_SHA256);
        assert_eq!(status(&mut openpath, &token), wanted, "{end}");
    }
    let list = signed(&header(), "[]", &RSA_PKCS1_SHA256);
    assert_eq!(status(&mut openpath, &list), 401);
}

#[test]
#[should_panic(expected = "no RSA public key")]
fn what_is_no_public_key_is_a_slip() {
    let _ = with(jane()).auth_cert(CERT, b"a key");
}
