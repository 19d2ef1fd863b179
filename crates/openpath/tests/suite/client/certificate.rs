use std::sync::{Arc, LazyLock, Mutex};

use aws_lc_rs::{
    encoding::{AsDer, Pkcs8V1Der},
    rsa::{KeyPair, KeySize},
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _},
};
use base64::{
    Engine as _,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use elevate_access::{HostError, SignInEnd, SignIns, Turn, async_trait};
use elevate_access_testkit::{MemoryWire, openpath::Operation};
use elevate_openpath::{Client, Credentials, ErrorKind, OrgId, Rights};
use serde_json::{Value, json};

use super::service::{Service, read};
use crate::support::{ORG, with_jane};

/// Made anew by each run; none is kept.
static KEY: LazyLock<KeyPair> = LazyLock::new(|| KeyPair::generate(KeySize::Rsa2048).unwrap());

fn pkcs8_der() -> Vec<u8> {
    AsDer::<Pkcs8V1Der<'_>>::as_der(&*KEY).unwrap().as_ref().to_vec()
}

fn pem(label: &str, der: &[u8]) -> String {
    let text = BASE64_STANDARD.encode(der);
    let lines = text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap());
    let body = lines.collect::<Vec<_>>().join("\n");
    format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n")
}

pub(crate) fn pkcs8() -> String {
    pem("PRIVATE KEY", &pkcs8_der())
}

/// PKCS#8 is 26 bytes that say that it is RSA, and PKCS#1.
fn pkcs1() -> String {
    pem("RSA PRIVATE KEY", &pkcs8_der()[26..])
}

/// The certificate's public key, as PKCS#1.
pub(crate) fn public() -> Vec<u8> {
    KEY.public_key().as_ref().to_vec()
}

fn service() -> Service {
    Service::at(with_jane().auth_cert(17, &public()))
}

#[tokio::test(start_paused = true)]
async fn a_certificate_signs_in_with_either_form_of_its_key() {
    for pem in [pkcs8(), pkcs1(), pkcs8().replace('\n', "\r\n")] {
        let service = service();
        let client = service.node(Credentials::org_certificate("17", pem));
        assert_eq!(client.sign_in().await.unwrap(), Rights::Sufficient);
        read(&client).await.unwrap();
        read(&client).await.unwrap();
        assert_eq!(service.count(Operation::GetEffectivePermissionsForOrg), 1);
        assert_eq!(service.count(Operation::Login), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn its_token_is_of_the_form_that_was_seen() {
    let service = service();
    let headers = Arc::new(Mutex::new(Vec::new()));
    let seen = headers.clone();
    let wire = MemoryWire::new(service.vendor.clone(), service.clock)
        .observing(move |received| seen.lock().unwrap().push(received.headers.clone()));
    let credentials = Credentials::org_certificate("17", pkcs8());
    let client = service.builder(credentials).wire(Arc::new(wire)).build().unwrap();
    client.sign_in().await.unwrap();
    let headers = headers.lock().unwrap().pop().unwrap();
    let header = headers.get("authorization").unwrap();
    assert!(header.is_sensitive());
    let parts: Vec<&str> = header.to_str().unwrap().split('.').collect();
    let json = |part: &str| -> Value {
        serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
    };
    assert_eq!(parts.len(), 3);
    assert_eq!(json(parts[0]), json!({ "alg": "RS256", "typ": "JWT", "kid": "orgCertId:17" }));
    assert_eq!(json(parts[1]), json!({}));
}

#[tokio::test(start_paused = true)]
async fn a_certificate_that_is_not_registered_is_refused_and_not_hammered() {
    let service = service();
    let stranger = service.node(Credentials::org_certificate("18", pkcs8()));
    assert_eq!(read(&stranger).await.unwrap_err().kind(), ErrorKind::SignInRefused);
    assert_eq!(read(&stranger).await.unwrap_err().kind(), ErrorKind::SignInPaused);
    assert_eq!(service.vendor.requests(), 1);

    let client = service.node(Credentials::org_certificate("17", pkcs8()));
    read(&client).await.unwrap();
    service.vendor.with(|openpath| openpath.remove_auth_cert(17));
    let error = read(&client).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SignInRefused);
    assert!(error.message().unwrap().contains("accepted before"), "{error}");
}

/// Nothing locks a certificate, so nobody has to wait for a turn.
#[tokio::test(start_paused = true)]
async fn a_certificate_needs_no_turn() {
    struct Down;

    #[async_trait]
    impl SignIns for Down {
        async fn take_turn(
            &self,
            _: &str,
            _: Option<u64>,
            _: std::time::Duration,
        ) -> Result<Turn, HostError> {
            Err(HostError::msg("down"))
        }

        async fn end_turn(&self, _: &str, _: &str, _: SignInEnd) -> Result<(), HostError> {
            Err(HostError::msg("down"))
        }
    }

    let credentials = Credentials::org_certificate("17", pkcs8());
    let client = service().builder(credentials).sign_ins(Arc::new(Down)).build().unwrap();
    read(&client).await.unwrap();
}

#[tokio::test]
async fn a_key_or_an_id_that_cannot_be_used_is_refused_at_build() {
    let ec = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
    let ec = ec.to_pkcs8v1().unwrap();
    let half = pkcs8();
    let half = &half[..half.len() / 2];
    let cut = pem("PRIVATE KEY", &pkcs8_der()[..600]);
    let keys = [
        ("none", String::new()),
        ("no PEM", "secret".to_owned()),
        ("half a file", half.to_owned()),
        ("half a key", cut),
        ("another kind of key", pem("PRIVATE KEY", ec.as_ref())),
        ("a public key", pem("RSA PUBLIC KEY", &public())),
        ("an encrypted key", pem("ENCRYPTED PRIVATE KEY", &pkcs8_der())),
        ("a certificate", pem("CERTIFICATE", &public())),
    ];
    let build = |id: &str, pem: &str| {
        let credentials = Credentials::org_certificate(id, pem);
        Client::builder("https://openpath.example", OrgId::from(ORG), credentials).build()
    };
    for (what, pem) in keys {
        let error = build("17", &pem).expect_err(what);
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{what}");
        assert!(error.message().unwrap().starts_with("private_key_pem"), "{what}: {error}");
    }
    for id in ["", "17 ", "a/b", "17\"", &"1".repeat(65)] {
        let error = build(id, &pkcs8()).expect_err(id);
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{id}");
        assert!(error.message().unwrap().starts_with("certificate_id"), "{id}: {error}");
    }
}
