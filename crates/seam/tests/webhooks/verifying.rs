//! What is signed, by whom, when, and for which workspace.

use elevate_seam::{
    Concern, DeliveryErrorKind as Kind, EventType, InvalidSecrets, WebhookSecret, WebhookVerifier,
    WorkspaceId,
};
use jiff::{SignedDuration, Timestamp};

use super::{BODY, Delivery, KEY, OTHER_KEY, SENT, now, secret, sign, verifier_with};

#[test]
fn a_signature_that_was_computed_by_other_means_verifies() {
    // By Python's hmac, hashlib and base64.
    let delivery = Delivery::signed(KEY, BODY)
        .header("svix-signature", "v1,iop+a8lc6hRTJhf7TO/mDMMx6cJbZU6x8tz+k4WfRBI=");
    let event = delivery.seen().unwrap();
    assert_eq!(event.event_id.as_str(), "ev-1");
    assert_eq!(event.event_type, EventType::LockUnlocked);
    assert_eq!(event.concerns(), Concern::Nothing);
}

#[test]
fn webhook_without_signature_refused() {
    let signed = Delivery::signed(KEY, BODY);
    assert!(signed.seen().is_ok(), "a vain test");
    for name in ["svix-id", "svix-timestamp", "svix-signature"] {
        let verifier = verifier_with(&[KEY]);
        for delivery in [signed.clone().without(name), signed.clone().header(name, "  ")] {
            let error = delivery.seen_by(&verifier, now()).unwrap_err();
            assert_eq!(error.kind(), Kind::Unsigned, "{name}");
            assert!(error.to_string().contains(name), "{error}");
        }
    }
    let bare = Delivery { headers: Vec::new(), body: BODY.to_vec() };
    assert_eq!(bare.seen().unwrap_err(), Kind::Unsigned);
}

#[test]
fn foreign_workspace_event_refused() {
    let foreign = br#"{"event_id":"ev-1","event_type":"device.added","workspace_id":"ws-2"}"#;
    let mine = br#"{"event_id":"ev-1","event_type":"device.added","workspace_id":"ws-1"}"#;
    assert!(Delivery::signed(KEY, mine).seen().is_ok());
    assert_eq!(Delivery::signed(KEY, foreign).seen().unwrap_err(), Kind::ForeignWorkspace);
}

#[test]
fn a_delivery_that_does_not_name_its_workspace_is_refused() {
    for workspace in ["", r#","workspace_id":null"#, r#","workspace_id":["ws-1"]"#] {
        let body = format!(r#"{{"event_id":"e","event_type":"device.added"{workspace}}}"#);
        let delivery = Delivery::signed(KEY, body.as_bytes());
        let error = delivery.seen_by(&verifier_with(&[KEY]), now()).unwrap_err();
        assert_eq!((error.kind(), error.path()), (Kind::NotAnEvent, Some("workspace_id")));
    }
    let twice = br#"{"event_id":"e","event_type":"t","workspace_id":"ws-2","workspace_id":"ws-1"}"#;
    assert_eq!(Delivery::signed(KEY, twice).seen().unwrap_err(), Kind::NotAnEvent);
}

#[test]
fn an_altered_body_is_refused() {
    for at in [0, BODY.len() / 2, BODY.len() - 1] {
        let mut delivery = Delivery::signed(KEY, BODY);
        delivery.body[at] ^= 1;
        assert_eq!(delivery.seen().unwrap_err(), Kind::BadSignature, "{at}");
    }
    let mut longer = Delivery::signed(KEY, BODY);
    longer.body.push(b' ');
    assert_eq!(longer.seen().unwrap_err(), Kind::BadSignature);
}

#[test]
fn an_altered_id_or_timestamp_is_refused() {
    let delivery = Delivery::signed(KEY, BODY);
    let other_id = delivery.clone().header("svix-id", "msg_2");
    let other_time = delivery.clone().header("svix-timestamp", (SENT + 1).to_string());
    // The same moment, written in another way: other bytes were signed.
    let other_text = delivery.header("svix-timestamp", format!("0{SENT}"));
    for altered in [other_id, other_time, other_text] {
        assert_eq!(altered.seen().unwrap_err(), Kind::BadSignature);
    }
}

#[test]
fn where_id_timestamp_and_body_meet_cannot_be_moved() {
    // Signed: an id, a time, and a body that begins like a time and goes on like an event.
    let body = [SENT.to_string().as_bytes(), b".", BODY].concat();
    let signature = sign(KEY, "msg_1", SENT, &body);
    let moved = Delivery::signed(KEY, BODY)
        .header("svix-id", format!("msg_1.{SENT}"))
        .header("svix-signature", &signature);
    assert_eq!(signature, sign(KEY, &format!("msg_1.{SENT}"), SENT, BODY), "a vain test");
    assert_eq!(moved.seen().unwrap_err(), Kind::BadHeaders);
}

#[test]
fn old_and_new_secret_both_verify_while_one_is_changed() {
    let changing = verifier_with(&[OTHER_KEY, KEY]);
    for key in [KEY, OTHER_KEY] {
        assert!(Delivery::signed(key, BODY).seen_by(&changing, now()).is_ok());
    }
    // Svix signs with both for a day; a service that has one of them is served.
    let both =
        format!("{} {}", sign(OTHER_KEY, "msg_1", SENT, BODY), sign(KEY, "msg_1", SENT, BODY));
    let delivery = Delivery::signed(KEY, BODY).header("svix-signature", both);
    for keys in [&[KEY][..], &[OTHER_KEY][..]] {
        assert!(delivery.seen_by(&verifier_with(keys), now()).is_ok());
    }
    // And afterwards the old one is worth nothing.
    assert_eq!(Delivery::signed(OTHER_KEY, BODY).seen().unwrap_err(), Kind::BadSignature);
}

#[test]
fn signatures_of_other_versions_are_passed_over_and_any_of_ours_counts() {
    let right = sign(KEY, "msg_1", SENT, BODY);
    let wrong = sign(OTHER_KEY, "msg_1", SENT, BODY);
    let bare = &right["v1,".len()..];
    for (header, passes) in [
        (format!("{wrong} {right}"), true),
        (format!("v1a,{bare} v2,x,y v1,@@ {right}"), true),
        (format!("  {right}  "), true),
        (format!("v1a,{bare}"), false),
        (format!("v2,{bare}"), false),
        (format!("V1,{bare}"), false),
        (format!("v1,,{bare}"), false),
        (bare.to_owned(), false),
        (wrong, false),
        ("v1,".to_owned(), false),
        (right[..right.len() - 4].to_owned(), false),
        (format!("{right},{right}"), false),
    ] {
        let seen = Delivery::signed(KEY, BODY).header("svix-signature", &header).seen();
        assert_eq!(
            seen.map_err(|kind| kind == Kind::BadSignature).map(|_| ()),
            if passes { Ok(()) } else { Err(true) },
            "{header}"
        );
    }
}

#[test]
fn the_names_of_standard_webhooks_serve_as_well_and_case_does_not_matter() {
    let standard = |name: &str| name.replace("svix", "webhook");
    let delivery = Delivery::signed(KEY, BODY);
    for renamed in [
        delivery.clone().renamed(standard),
        delivery.clone().renamed(|name| standard(name).to_uppercase()),
        delivery.clone().renamed(|name| name.replace("svix-", "Svix-")),
    ] {
        assert!(renamed.seen().is_ok());
    }
    let altered = delivery.clone().renamed(standard).header("webhook-id", "msg_2");
    assert_eq!(altered.seen().unwrap_err(), Kind::BadSignature);
    // The two do not make up for each other.
    let mixed = delivery.renamed(|name| name.replace("svix-id", "webhook-id"));
    assert_eq!(mixed.seen().unwrap_err(), Kind::Unsigned);
}

#[test]
fn a_header_that_comes_twice_is_taken_only_if_both_say_the_same() {
    for (name, other) in
        [("svix-id", "msg_2"), ("svix-timestamp", "1700000001"), ("svix-signature", "v1,AAAA")]
    {
        let delivery = Delivery::signed(KEY, BODY);
        let (_, same) = delivery.headers.iter().find(|(known, _)| known == name).unwrap().clone();
        assert!(delivery.clone().also(name, same).seen().is_ok(), "{name}");
        let error = delivery
            .also(&name.to_uppercase(), other)
            .seen_by(&verifier_with(&[KEY]), now())
            .unwrap_err();
        assert_eq!(error.kind(), Kind::BadHeaders);
        assert!(error.to_string().contains(name), "{error}");
    }
}

#[test]
fn five_minutes_to_either_side_and_not_a_moment_more() {
    let (verifier, delivery) = (verifier_with(&[KEY]), Delivery::signed(KEY, BODY));
    let seen = |from: SignedDuration| delivery.seen_by(&verifier, now() + from);
    let (most, moment) = (SignedDuration::from_secs(300), SignedDuration::from_nanos(1));
    assert!(seen(most).is_ok() && seen(-most).is_ok());
    for beyond in [most + moment, -most - moment] {
        let error = seen(beyond).unwrap_err();
        assert_eq!(error.kind(), Kind::Stale);
        assert!(error.to_string().contains("svix-timestamp"), "{error}");
    }
}

#[test]
fn no_timestamp_is_out_of_reach_of_the_arithmetic() {
    for (text, kind) in [
        ("-9223372036854775808", Kind::Stale),
        ("9223372036854775807", Kind::Stale),
        ("9223372036854775808", Kind::BadHeaders),
        ("-9223372036854775809", Kind::BadHeaders),
        ("-0", Kind::Stale),
        ("0", Kind::Stale),
        ("-", Kind::BadHeaders),
        ("+1700000000", Kind::BadHeaders),
        (" 1700000000", Kind::BadHeaders),
        ("1700000000 ", Kind::BadHeaders),
        ("1700000000.0", Kind::BadHeaders),
        ("1.7e9", Kind::BadHeaders),
        ("0x6553f100", Kind::BadHeaders),
        ("1_700_000_000", Kind::BadHeaders),
        ("\u{661}\u{667}", Kind::BadHeaders),
        ("2023-11-14T22:13:20Z", Kind::BadHeaders),
        ("000000000001700000000", Kind::BadHeaders),
    ] {
        for at in [now(), Timestamp::MIN, Timestamp::MAX] {
            let delivery = Delivery::signed(KEY, BODY).header("svix-timestamp", text);
            let error = delivery.seen_by(&verifier_with(&[KEY]), at).unwrap_err();
            assert_eq!(error.kind(), kind, "{text}");
        }
    }
}

#[test]
fn a_body_of_a_mebibyte_is_read_and_a_larger_one_is_not() {
    let mut body = BODY.to_vec();
    body.resize(1024 * 1024, b' ');
    assert!(Delivery::signed(KEY, &body).seen().is_ok());
    body.push(b' ');
    assert_eq!(Delivery::signed(KEY, &body).seen().unwrap_err(), Kind::TooLarge);
}

#[test]
fn what_is_signed_and_no_event_is_told_by_its_field() {
    for (body, path) in [
        ("", "."),
        ("[]", "."),
        (r#"{"event_type":"t","workspace_id":"ws-1"}"#, "event_id"),
        (r#"{"event_id":"e","event_type":7,"workspace_id":"ws-1"}"#, "event_type"),
        (r#"{"event_id":"a b","event_type":"t","workspace_id":"ws-1"}"#, "event_id"),
    ] {
        let delivery = Delivery::signed(KEY, body.as_bytes());
        let error = delivery.seen_by(&verifier_with(&[KEY]), now()).unwrap_err();
        assert_eq!((error.kind(), error.path()), (Kind::NotAnEvent, Some(path)), "{body}");
    }
}

#[test]
fn a_verifier_has_a_secret_that_is_one() {
    let workspace = || WorkspaceId::new("ws-1").unwrap();
    assert_eq!(WebhookVerifier::new(workspace(), []).unwrap_err(), InvalidSecrets::None);
    assert!(WebhookVerifier::new(workspace(), [secret(b"x")]).is_ok());
    for text in ["whsec_", "", "whsec_@@", "whsec_="] {
        let Ok(secret) = WebhookSecret::new(text) else { continue };
        let refused = WebhookVerifier::new(workspace(), [secret]).unwrap_err();
        assert_eq!(refused, InvalidSecrets::NotAKey, "{text}");
    }
}
