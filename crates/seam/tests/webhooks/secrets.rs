//! L7: neither secret nor signature nor body is in anything that can be printed.

use std::{error::Error as _, fmt::Write as _};

use base64::{Engine as _, engine::general_purpose::STANDARD};

use elevate_seam::{InvalidSecrets, WebhookSecret, WebhookVerifier, WorkspaceId};
use jiff::SignedDuration;

use super::{BODY, Delivery, KEY, OTHER_KEY, now, secret, verifier_with};

const CANARY: &str = "c4n4ry";

#[test]
fn no_error_repeats_what_was_sent() {
    let body = format!(
        r#"{{"event_id":"e","event_type":"t","workspace_id":"{CANARY}","{CANARY}":"{CANARY}"}}"#
    );
    let no_event = format!(r#"{{"event_id":{{"{CANARY}":"{CANARY}"}},"{CANARY}":1}}"#);
    let signed = Delivery::signed(KEY, BODY);
    let verifier = verifier_with(&[KEY]);
    let late = now() + SignedDuration::from_hours(1);
    let mut table = String::new();
    for (delivery, at) in [
        (Delivery::signed(KEY, body.as_bytes()), now()),
        (Delivery::signed(KEY, no_event.as_bytes()), now()),
        (Delivery::signed(KEY, CANARY.as_bytes()), now()),
        (Delivery::signed(KEY, BODY).without("svix-signature"), now()),
        (signed.clone().header("svix-id", format!("{CANARY} {CANARY}")), now()),
        (signed.clone().header("svix-timestamp", CANARY), now()),
        (signed.clone().header("svix-signature", format!("v1,{CANARY}")), now()),
        (signed.clone().also("svix-id", CANARY), now()),
        (signed.clone(), late),
        (Delivery::signed(KEY, CANARY.repeat(200_000).as_bytes()), now()),
        (signed.renamed(|name| name.replace("svix", "webhook")), late),
    ] {
        let error = delivery.seen_by(&verifier, at).unwrap_err();
        let source = error.source().map(ToString::to_string);
        let whole = format!("{error} {error:?} {error:#?} {source:?}");
        assert!(!whole.contains(CANARY), "{whole}");
        writeln!(table, "{:?}: {error}", error.kind()).unwrap();
    }
    insta::assert_snapshot!(table);
}

#[test]
fn no_secret_is_shown() {
    let verifier = verifier_with(&[KEY, OTHER_KEY]);
    let shown = format!("{verifier:?} {verifier:#?} {:?}", secret(KEY));
    let text = STANDARD.encode(KEY);
    for part in [text.as_str(), "whsec", "0123456789"] {
        assert!(!shown.contains(part), "{shown}");
    }
    let workspace = WorkspaceId::new("ws-1").unwrap();
    let odd = WebhookSecret::new(format!("whsec_@{CANARY}")).map(|odd| [odd]);
    if let Ok(odd) = odd {
        let refused = WebhookVerifier::new(workspace, odd).unwrap_err();
        assert_eq!(refused, InvalidSecrets::NotAKey);
        assert!(!format!("{refused} {refused:?}").contains(CANARY));
    }
}
