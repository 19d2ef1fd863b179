//! What of a sign-in's reply is needed, and what is made of the rest.

use std::time::Duration;

use elevate_access_testkit::openpath::Operation;
use elevate_openpath::{Credentials, Delivery, ErrorKind, Rights};

use super::service::{Service, by_password, read};
use crate::support::{ACCOUNT, Line, PASSWORD, openpath, pass, with_jane};

/// A line whose sign-in is answered with that.
fn answered(data: &str) -> Line {
    let line = Line::to(openpath());
    let body = format!(r#"{{"data":{data}}}"#);
    line.vendor.with(|openpath| openpath.reply_to(Operation::Login, body, 201));
    line
}

#[tokio::test(start_paused = true)]
async fn nothing_but_the_token_is_needed_to_be_signed_in() {
    let odd = [
        "null",
        "true",
        "-1",
        "0",
        "1.5",
        "18446744073709551615",
        r#""soon""#,
        "[1]",
        r#"{"a":1}"#,
    ];
    for value in odd {
        for name in ["createdAt", "expiresAt", "tokenScopeList"] {
            let line = answered(&format!(r#"{{"token":"t","{name}":{value}}}"#));
            assert_eq!(line.client.sign_in().await.unwrap(), Rights::Unstated, "{name}: {value}");
            assert_eq!(line.client.session().until, None, "{name}: {value}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn rights_that_cannot_be_read_are_unknown() {
    for (list, rights) in [
        ("[null]", Rights::Unstated),
        (r#"[{"org":5120,"scope":["o:w"]}]"#, Rights::Unstated),
        (r#"[{"org":{"id":-1},"scope":["o:w"]}]"#, Rights::Unstated),
        (r#"[{"org":{"id":5120},"scope":"o:w"}]"#, Rights::Unstated),
        (r#"[{"org":{"id":5120},"scope":["o5120-x:r", 1]}]"#, Rights::Unstated),
        (r#"[{"org":{"id":5120},"scope":["o5120-x:r"]}]"#, Rights::Insufficient),
        (r#"[{"org":{"id":5120},"scope":["o5120-x:r"]}, 7]"#, Rights::Insufficient),
        (r#"[{"org":{"id":4988},"scope":[]}, 7]"#, Rights::Unstated),
        (r#"[{"org":{"id":4988},"scope":7}, {}]"#, Rights::OtherOrganisation),
        (r#"[7, {"org":{"id":5120},"scope":["o5120-user:w"]}]"#, Rights::Sufficient),
        (
            r#"[{"org":{"id":5120},"scope":["o5120-x:r"]}, {"org":{"id":5120},"scope":7}]"#,
            Rights::Unstated,
        ),
    ] {
        let line = answered(&format!(r#"{{"token":"t","tokenScopeList":{list}}}"#));
        assert_eq!(line.client.sign_in().await.unwrap(), rights, "{list}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_unix_time_is_read_in_seconds_or_milliseconds() {
    for (number, until) in [
        ("1784021400", Some("2026-07-14T09:30:00Z")),
        ("1784021400125", Some("2026-07-14T09:30:00.125Z")),
        ("999999999", None),
        ("10000000000", None),
        ("9999999999999", Some("2286-11-20T17:46:39.999Z")),
        ("10000000000000", None),
        ("-1784021400", None),
        (r#""1784021400""#, None),
    ] {
        let line = answered(&format!(r#"{{"token":"t","expiresAt":{number}}}"#));
        line.client.sign_in().await.unwrap();
        let seen = line.client.session().until.map(|until| until.to_string());
        assert_eq!(seen.as_deref(), until, "{number}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_whose_life_is_stated_in_numbers_is_renewed_before_its_end() {
    // Ten minutes.
    let line = answered(r#"{"token":"t","createdAt":1784021400,"expiresAt":1784022000000}"#);
    for (minutes, sign_ins) in [(0, 1), (8, 1), (1, 2)] {
        pass(Duration::from_mins(minutes)).await;
        line.client.sign_in().await.unwrap();
        pass(Duration::ZERO).await;
        assert_eq!(line.count(Operation::Login), sign_ins);
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_that_no_header_has_room_for_is_none() {
    let long = |bytes: usize| answered(&format!(r#"{{"token":"{}"}}"#, "a".repeat(bytes)));
    long(8 * 1024).client.sign_in().await.unwrap();
    let error = long(8 * 1024 + 1).client.sign_in().await.unwrap_err();
    assert_eq!((error.kind(), error.path()), (ErrorKind::Undecodable, Some("data.token")));
    assert!(!error.to_string().contains("aaa"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_refusal_in_one_namespace_is_none_in_another() {
    let service = Service::at(with_jane());
    let wrong = || Credentials::password(ACCOUNT, "wrong").in_namespace(999);
    read(&service.node(wrong())).await.unwrap_err();
    let error = read(&service.node(wrong())).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::SignInPaused, Delivery::NeverSent));
    read(&service.node(by_password())).await.unwrap();
    read(&service.node(Credentials::password(ACCOUNT, PASSWORD).in_namespace(611))).await.unwrap();
    // Nor can a revision pass for a namespace.
    for revision in ["999", "999/", ".999/"] {
        read(&service.node(by_password().revision(revision))).await.unwrap();
    }
}
