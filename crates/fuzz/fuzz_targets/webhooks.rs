//! Deliveries of a webhook: what nobody signed is refused; what is signed is an event of our workspace or is refused,
//! and told apart from what is not; one changed bit makes it unsigned. No error repeats what was sent.
//!
//! The input: `a`, then lines of `name: value`, an empty line and a body that nobody signed; or `b` and a body that is
//! signed. A provider is handed the same.
#![no_main]

mod shared;

use std::sync::Arc;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use elevate_access::{
    Access, BuildingId, Cause, Clock as _, MemoryConnections, MemoryDirectory, MemoryStore,
    Notification,
};
use elevate_access_testkit::{MemoryWire, TestClock, Vendor, contract::Stage, seam::Seam};
use elevate_seam::{
    ApiKey, Client, DeliveryErrorKind as Kind, TwoNProvider, TwoNSettings, WebhookSecret,
    WebhookVerifier, WorkspaceId,
};
use hmac::{Hmac, KeyInit as _, Mac as _};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use sha2::Sha256;
use shared::{API_KEY, in_paused_time, is_fit_to_be_shown};

const KEY: &[u8] = b"0123456789abcdef0123456789abcdef";

type Headers = Vec<(String, Vec<u8>)>;

fuzz_target!(|data: &[u8]| {
    let Some((which, rest)) = data.split_first() else { return };
    in_paused_time(async {
        let clock = TestClock::new();
        let now = clock.now();
        if which.wrapping_sub(b'a') % 2 == 0 {
            let (headers, body) = posted(rest, now.as_second());
            let refused = verified(&headers, body, now).expect_err("nobody signed it");
            is_refused(refused, body);
            assert!(!is_believed(&headers, body, clock).await);
            return;
        }
        let headers = signed(rest, now.as_second());
        let seen = verified(&headers, rest, now);
        assert_eq!(seen.is_ok(), is_believed(&headers, rest, clock).await);
        match seen {
            Ok(event) => {
                // What nobody reads of it may be no Unicode.
                if let Ok(said) = serde_json::from_slice::<Value>(rest) {
                    assert_eq!(said["workspace_id"], "ws-1");
                    assert_eq!(said["event_id"], event.event_id.as_str());
                }
                assert!(format!("{:?} {event:?}", event.concerns()).len() < 1 << 20);
            }
            Err(error) => {
                assert!(matches!(error.kind(), Kind::NotAnEvent | Kind::ForeignWorkspace));
                is_refused(error, rest);
            }
        }
        // Another body under the same signature.
        let mut other = rest.to_vec();
        match other.last_mut() {
            Some(byte) => *byte ^= 1,
            None => other.push(b'{'),
        }
        let refused = verified(&headers, &other, now).expect_err("another body was signed");
        assert_eq!(refused.kind(), Kind::BadSignature);
    });
});

/// Lines of headers, an empty line, a body. A value `now` is the moment.
fn posted(data: &[u8], now: i64) -> (Headers, &[u8]) {
    let end = data.windows(2).position(|two| two == b"\n\n");
    let (head, body) = end.map_or((data, &b""[..]), |at| (&data[..at], &data[at + 2..]));
    let header = |line: &[u8]| {
        let colon = line.iter().position(|byte| *byte == b':').unwrap_or(line.len());
        let (name, value) = line.split_at(colon);
        let value = value.strip_prefix(b": ").unwrap_or(value);
        let value = if value == b"now" { now.to_string().into_bytes() } else { value.to_vec() };
        (String::from_utf8_lossy(name).into_owned(), value)
    };
    (head.split(|byte| *byte == b'\n').map(header).collect(), body)
}

fn signed(body: &[u8], now: i64) -> Headers {
    let mut mac = Hmac::<Sha256>::new_from_slice(KEY).expect("a key");
    mac.update(format!("msg_1.{now}.").as_bytes());
    mac.update(body);
    let signature = format!("v1,{}", BASE64_STANDARD.encode(mac.finalize().into_bytes()));
    let headers = [
        ("svix-id", "msg_1".to_owned()),
        ("svix-timestamp", now.to_string()),
        ("svix-signature", signature),
    ];
    headers.map(|(name, value)| (name.to_owned(), value.into_bytes())).into()
}

fn verifier() -> WebhookVerifier {
    let secret = format!("whsec_{}", BASE64_STANDARD.encode(KEY));
    let workspace = WorkspaceId::new("ws-1").expect("an id");
    WebhookVerifier::new(workspace, [WebhookSecret::new(secret).expect("a secret")]).expect("a key")
}

fn verified(
    headers: &Headers,
    body: &[u8],
    now: jiff::Timestamp,
) -> Result<elevate_seam::Event, elevate_seam::DeliveryError> {
    let headers = headers.iter().map(|(name, value)| (name.as_str(), value.as_slice()));
    verifier().verify(headers, body, now)
}

fn is_refused(error: elevate_seam::DeliveryError, body: &[u8]) {
    is_fit_to_be_shown(&error);
    let shown = format!("{error} {error:?}");
    let body = String::from_utf8_lossy(body);
    assert!(body.len() < 48 || !shown.contains(&*body), "{shown}");
    assert!(!shown.contains(&BASE64_STANDARD.encode(KEY)));
}

/// Whether the provider believes it. Either way Seam is asked nothing.
async fn is_believed(headers: &Headers, body: &[u8], clock: TestClock) -> bool {
    let vendor = Vendor::new(Seam::new(API_KEY).workspace("ws-1"));
    let client = Client::builder(ApiKey::new(API_KEY).expect("a key"))
        .base_url("https://seam.invalid")
        .wire(Arc::new(MemoryWire::new(vendor.clone(), clock)))
        .build()
        .expect("settings that hold");
    let building = BuildingId::new("b").expect("an id");
    let settings = TwoNSettings::new(building.clone()).webhooks(verifier());
    let connections = MemoryConnections::new();
    let provider = Arc::new(TwoNProvider::new(client, settings));
    let connection = Stage::connect(&connections, &building, "c", provider);
    let access = Access::builder()
        .directory(MemoryDirectory::new())
        .connections(connections)
        .store(MemoryStore::new())
        .clock(clock)
        .build()
        .expect("all that is needed");
    let headers = headers.iter().map(|(name, value)| (name.as_str(), value.as_slice()));
    let told = access.webhook(&building, &connection, &Notification::new(headers, body)).await;
    assert_eq!(vendor.requests(), 0);
    match told {
        Ok(told) => {
            is_fit_to_be_shown(&told.event);
            true
        }
        Err(error) => {
            assert_eq!(error.cause(), Cause::DeliveryRefused);
            is_fit_to_be_shown(&error);
            false
        }
    }
}
