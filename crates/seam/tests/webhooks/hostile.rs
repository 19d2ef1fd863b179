//! L10: whatever is posted, it is refused, and nothing panics.

use elevate_seam::DeliveryErrorKind as Kind;
use proptest::{collection::vec, prelude::*};

use super::{BODY, Delivery, KEY, OTHER_KEY, SENT, now, sign, verifier_with};

/// Names and values that come near to what is looked for, and any others.
fn header() -> impl Strategy<Value = (String, Vec<u8>)> {
    let name = prop_oneof![
        Just("svix-id".to_owned()),
        Just("svix-timestamp".to_owned()),
        Just("svix-signature".to_owned()),
        Just("Webhook-Id".to_owned()),
        Just("webhook-timestamp".to_owned()),
        Just("webhook-signature".to_owned()),
        ".{0,12}",
    ];
    let value = prop_oneof![
        vec(any::<u8>(), 0..40),
        Just(SENT.to_string().into_bytes()),
        any::<i64>().prop_map(|seconds| seconds.to_string().into_bytes()),
        "(v1|v2|v1a),[A-Za-z0-9+/]{0,44}=? ?".prop_map(String::into_bytes),
        Just(b"v1,".to_vec()),
        Just(sign(OTHER_KEY, "msg_1", SENT, BODY).into_bytes()),
        Just(b"msg_1".to_vec()),
    ];
    (name, value)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn nothing_that_is_not_signed_is_let_through(
        headers in vec(header(), 0..8),
        body in prop_oneof![Just(BODY.to_vec()), vec(any::<u8>(), 0..80)],
        seconds in any::<i32>(),
    ) {
        let verifier = verifier_with(&[KEY]);
        let delivery = Delivery { headers, body };
        for at in [now(), jiff::Timestamp::from_second(i64::from(seconds)).unwrap()] {
            let error = delivery.seen_by(&verifier, at).unwrap_err();
            prop_assert!(!error.to_string().is_empty());
        }
    }

    #[test]
    fn no_single_byte_of_a_delivery_can_be_changed(at in any::<prop::sample::Index>(), bit in 0..8_u32) {
        let mut delivery = Delivery::signed(KEY, BODY);
        let lengths: Vec<usize> = delivery.headers.iter().map(|(_, value)| value.len()).collect();
        let mut at = at.index(lengths.iter().sum::<usize>() + BODY.len());
        let mut parts: Vec<&mut Vec<u8>> = delivery.headers.iter_mut().map(|(_, value)| value).collect();
        parts.push(&mut delivery.body);
        for part in parts {
            if at < part.len() {
                part[at] ^= 1 << bit;
                break;
            }
            at -= part.len();
        }
        prop_assert!(delivery.seen().is_err());
    }

    #[test]
    fn whatever_is_signed_gives_an_event_or_an_error(body in vec(any::<u8>(), 0..200)) {
        let seen = Delivery::signed(KEY, &body).seen();
        prop_assert_eq!(seen.unwrap_err(), Kind::NotAnEvent);
    }
}

#[test]
fn headers_are_bounded() {
    let long = "x".repeat(100_000);
    for (name, value) in [
        ("svix-id", long.clone()),
        ("svix-id", "m".repeat(257)),
        ("svix-timestamp", "1".repeat(100_000)),
        ("svix-signature", long),
        ("svix-signature", "v1,AAAA ".repeat(1000)),
        ("svix-id", "msg\u{202e}1".to_owned()),
        ("svix-id", "msg 1".to_owned()),
        ("svix-id", "msg\n1".to_owned()),
    ] {
        let delivery = Delivery::signed(KEY, BODY).header(name, &value);
        assert_eq!(delivery.seen().unwrap_err(), Kind::BadHeaders, "{name} {}", value.len());
    }
    // Other headers are none of ours.
    let mut many = Delivery::signed(KEY, BODY);
    for n in 0..1000 {
        many = many.also(&format!("x-{n}"), vec![b'y'; 1000]);
    }
    assert!(many.seen().is_ok());
}

#[test]
fn a_deep_body_is_refused() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let body =
        format!(r#"{{"event_id":"e","event_type":"t","workspace_id":"ws-1","device_ids":{deep}}}"#);
    assert_eq!(Delivery::signed(KEY, body.as_bytes()).seen().unwrap_err(), Kind::NotAnEvent);
}
