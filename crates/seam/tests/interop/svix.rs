//! Signatures by Svix's own library: what it signs is let through, and what it refuses is not.

use std::{
    collections::BTreeMap,
    process::{Command, Stdio},
};

use elevate_seam::{WebhookSecret, WebhookVerifier, WorkspaceId};
use jiff::Timestamp;
use serde::Deserialize;

use super::installed;

#[derive(Deserialize)]
struct Signed {
    secret: String,
    now: i64,
    deliveries: Vec<Delivery>,
}

#[derive(Deserialize)]
struct Delivery {
    name: String,
    /// What Svix's library says of it.
    passes: bool,
    headers: BTreeMap<String, String>,
    body: String,
}

fn signed() -> Option<Signed> {
    let package = installed::svix()?;
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/interop/svix.mjs");
    let ran = Command::new("node").arg(script).arg(package).stdin(Stdio::null()).output().unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    Some(serde_json::from_slice(&ran.stdout).unwrap())
}

#[test]
fn a_delivery_passes_where_svix_lets_it_pass_and_nowhere_else() {
    let Some(signed) = signed() else { return };
    let secret = WebhookSecret::new(signed.secret).unwrap();
    let verifier = WebhookVerifier::new(WorkspaceId::new("ws-1").unwrap(), [secret]).unwrap();
    let now = Timestamp::from_second(signed.now).unwrap();
    let (mut passed, mut refused) = (0, 0);
    for delivery in signed.deliveries {
        let headers = delivery.headers.iter().map(|(name, value)| (&**name, value.as_bytes()));
        let seen = verifier.verify(headers, delivery.body.as_bytes(), now);
        assert_eq!(seen.is_ok(), delivery.passes, "{}: {seen:?}", delivery.name);
        *if delivery.passes { &mut passed } else { &mut refused } += 1;
    }
    // Four bodies under three names: six that Svix lets pass, twelve that it does not.
    assert_eq!((passed, refused), (4 * 3 * 6, 4 * 3 * 12));
}
