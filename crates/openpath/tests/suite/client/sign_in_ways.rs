use std::{sync::Arc, time::Duration};

use elevate_access_testkit::{
    Fault, FaultKind,
    openpath::{Operation, fixtures},
};
use elevate_openpath::{Client, Credentials, Delivery, ErrorKind, OrgId, Rights, Wire};

use super::service::{Service, by_password, read};
use crate::support::{ACCOUNT, ORG, PASSWORD, Recorder, openpath, pass, with_jane};

/// RFC 6238's own secret.
const SECRET: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

const PROOF: Operation = Operation::GetEffectivePermissionsForOrg;

fn by_basic() -> Credentials {
    Credentials::basic(ACCOUNT, PASSWORD)
}

#[tokio::test(start_paused = true)]
async fn basic_credentials_are_proven_once_and_then_go_with_each_call() {
    let service = Service::at(with_jane());
    let client = service.node(by_basic());
    assert_eq!(client.sign_in().await.unwrap(), Rights::Sufficient);
    for _ in 0..3 {
        read(&client).await.unwrap();
    }
    pass(Duration::from_hours(24 * 365)).await;
    read(&client).await.unwrap();
    assert_eq!((service.count(PROOF), service.count(Operation::Login)), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn a_wrong_basic_password_is_not_sent_with_each_read() {
    let service = Service::at(with_jane());
    let client = service.node(Credentials::basic(ACCOUNT, "wrong"));
    let error = read(&client).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::SignInRefused, Delivery::NeverSent));
    for _ in 0..20 {
        assert_eq!(read(&client).await.unwrap_err().kind(), ErrorKind::SignInPaused);
    }
    assert_eq!((service.refused(), service.vendor.requests()), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn basic_credentials_are_accepted_by_any_word_of_the_api_but_401_and_its_failures() {
    for status in [200, 204, 400, 403, 404, 422] {
        let service = Service::at(with_jane());
        service.vendor.with(|openpath| openpath.reply_to(PROOF, "{}", status));
        read(&service.node(by_basic())).await.unwrap();
    }
    for (status, kind) in [
        (500, ErrorKind::Server),
        (503, ErrorKind::Server),
        (429, ErrorKind::Throttled),
        (302, ErrorKind::UnexpectedStatus),
        (407, ErrorKind::Rejected),
    ] {
        let service = Service::at(with_jane());
        service.vendor.with(|openpath| openpath.reply_to(PROOF, "{}", status));
        let client = service.node(by_basic());
        assert_eq!(read(&client).await.unwrap_err().kind(), kind, "{status}");
        assert!(!client.session().signed_in);
        assert_eq!(service.vendor.requests(), 1, "{status}: sent once");
    }
    let service = Service::at(with_jane());
    let client = service.node(by_basic());
    service.vendor.faults(|f| f.next_on("/effectiveScopes", Fault::after(FaultKind::Reset)));
    assert_eq!(read(&client).await.unwrap_err().kind(), ErrorKind::Unreachable);
    pass(Duration::from_secs(5)).await;
    read(&client).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn credentials_that_were_accepted_before_are_said_to_have_been_changed() {
    for (credentials, is_basic) in [(by_password(), false), (by_basic(), true)] {
        let service = Service::at(with_jane());
        let client = service.node(credentials);
        read(&client).await.unwrap();
        service.vendor.with(|openpath| {
            openpath.set_password(ACCOUNT, "another");
            openpath.revoke_tokens();
        });
        let error = read(&client).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::SignInRefused);
        let message = error.message().unwrap();
        assert!(message.starts_with("Incorrect email or password"), "{message}");
        assert!(message.contains("accepted before"), "{message}");
        assert!(!client.session().signed_in);
        // A wrong Basic password is met by the read as well.
        assert_eq!(service.refused(), if is_basic { 2 } else { 1 });
    }
}

#[tokio::test(start_paused = true)]
async fn a_refused_code_is_told_from_a_wrong_password() {
    let service = Service::at(openpath().totp_code("492039"));
    let error = service.node(by_password()).sign_in().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SecondFactorRefused);
    assert_eq!(error.message(), Some("MFA code is required"));

    let wrong = by_password().with_totp_code("000000").revision("2");
    let client = service.node(wrong);
    let error = client.sign_in().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SecondFactorRefused);
    let paused = client.sign_in().await.unwrap_err();
    assert_eq!(paused.kind(), ErrorKind::SignInPaused);
    assert_eq!(
        paused.to_string(),
        "openpath.login: the last sign-in was refused, and it is not yet time for another (401): the \
         second factor was refused: Incorrect MFA code",
    );

    for (words, kind) in [
        ("Two-Factor authentication needed", ErrorKind::SecondFactorRefused),
        ("enter the verification code", ErrorKind::SecondFactorRefused),
        ("TOTP: expired", ErrorKind::SecondFactorRefused),
        ("the password has to be encoded anew", ErrorKind::SignInRefused),
        ("no", ErrorKind::SignInRefused),
    ] {
        let service = Service::at(openpath());
        let body = format!(r#"{{"statusCode":401,"message":"{words}"}}"#);
        service.vendor.with(|openpath| openpath.reply_to(Operation::Login, body, 401));
        let error = service.node(by_password()).sign_in().await.unwrap_err();
        assert_eq!(error.kind(), kind, "{words}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_locked_account_is_a_refusal_with_the_vendors_words() {
    let service = Service::at(openpath());
    let reply = fixtures::case("login-locked.json").unwrap().reply();
    service.vendor.with(|openpath| openpath.reply_with(Operation::Login, reply));
    let error = service.node(by_password()).sign_in().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AccountLocked);
    assert!(error.message().unwrap().contains("locked"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_lock_is_told_by_the_vendors_words_and_named_in_the_pause() {
    for (words, status, kind) in [
        ("Your account has been LOCKED", 401, ErrorKind::AccountLocked),
        ("Account lockout in effect", 403, ErrorKind::AccountLocked),
        ("Too many failed attempts, enter no more codes", 400, ErrorKind::AccountLocked),
        ("no", 423, ErrorKind::AccountLocked),
        ("this address is blocked", 403, ErrorKind::SignInRefused),
    ] {
        let service = Service::at(openpath());
        let body = format!(r#"{{"message":"{words}"}}"#);
        service.vendor.with(|openpath| openpath.reply_to(Operation::Login, body, status));
        let client = service.node(by_password());
        assert_eq!(client.sign_in().await.unwrap_err().kind(), kind, "{words}");
        let paused = client.sign_in().await.unwrap_err();
        assert_eq!(paused.kind(), ErrorKind::SignInPaused, "{words}");
        let is_named = paused.message().unwrap().starts_with("the account is locked: ");
        assert_eq!(is_named, kind == ErrorKind::AccountLocked, "{paused}");
        assert_eq!(service.vendor.requests(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_namespace_is_sent_only_if_it_is_set() {
    let service = Service::at(openpath());
    for (credentials, sent) in [
        (by_password(), None),
        (by_password().in_namespace(611), Some(611)),
        (by_password().in_namespace(612), Some(612)),
    ] {
        let recorder = Recorder::before(service.wire());
        let wire: Arc<dyn Wire> = recorder.clone();
        let client = service.builder(credentials).wire(wire).build().unwrap();
        assert_eq!(client.sign_in().await.is_ok(), sent != Some(612));
        let body: serde_json::Value = serde_json::from_slice(&recorder.sent()[0].body).unwrap();
        assert_eq!(body.get("namespaceId").and_then(serde_json::Value::as_u64), sent);
    }
}

#[tokio::test(start_paused = true)]
async fn codes_are_made_from_the_secret_for_each_sign_in() {
    let service = Service::at(with_jane().totp_secret(SECRET));
    let client =
        service.node(by_password().with_totp_secret("gezd gnbv gy3t qojq gezd gnbv gy3t qojq"));
    client.sign_in().await.unwrap();
    for _ in 0..3 {
        service.vendor.with(|openpath| openpath.revoke_tokens());
        pass(Duration::from_secs(30)).await;
        read(&client).await.unwrap();
    }
    assert_eq!((service.count(Operation::Login), service.refused()), (4, 0));
}

#[tokio::test]
async fn credentials_that_cannot_be_used_are_refused_before_anything_is_sent() {
    let basic = || Credentials::basic(ACCOUNT, PASSWORD);
    for (credentials, setting) in [
        (by_password().with_totp_secret("canary 0189!"), "totp_secret"),
        (by_password().with_totp_secret(""), "totp_secret"),
        (basic().with_totp_secret(SECRET), "totp"),
        (basic().with_totp_code("123456"), "totp"),
        (basic().in_namespace(611), "namespace"),
        (Credentials::basic("canary:x@example.com", PASSWORD), "email"),
        (Credentials::org_certificate("17", "canary"), "private_key_pem"),
    ] {
        let builder = Client::builder("https://openpath.example", OrgId::from(ORG), credentials);
        let error = builder.build().unwrap_err();
        assert_eq!(
            (error.kind(), error.delivery()),
            (ErrorKind::InvalidInput, Delivery::NeverSent)
        );
        assert!(error.message().unwrap().starts_with(setting), "{error}");
        assert!(!format!("{error} {error:?}").contains("canary"), "{error}");
    }
}
