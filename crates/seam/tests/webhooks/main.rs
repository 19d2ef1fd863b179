//! Webhook deliveries: what is let through, and what is not.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod hostile;
mod secrets;
mod verifying;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use elevate_seam::{
    DeliveryError, DeliveryErrorKind, Event, WebhookSecret, WebhookVerifier, WorkspaceId,
};
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use sha2::Sha256;

const KEY: &[u8] = b"0123456789abcdef0123456789abcdef";
const OTHER_KEY: &[u8] = b"another key, of another webhook.";

/// When the deliveries here were sent, in seconds since 1970.
const SENT: i64 = 1_700_000_000;

const BODY: &[u8] = br#"{"event_id":"ev-1","event_type":"lock.unlocked","workspace_id":"ws-1"}"#;

fn secret(key: &[u8]) -> WebhookSecret {
    WebhookSecret::new(format!("whsec_{}", STANDARD.encode(key))).unwrap()
}

fn verifier_with(keys: &[&[u8]]) -> WebhookVerifier {
    let secrets = keys.iter().map(|key| secret(key));
    WebhookVerifier::new(WorkspaceId::new("ws-1").unwrap(), secrets).unwrap()
}

fn now() -> Timestamp {
    Timestamp::from_second(SENT).unwrap()
}

/// A delivery as it comes.
#[derive(Clone)]
struct Delivery {
    headers: Vec<(String, Vec<u8>)>,
    body: Vec<u8>,
}

impl Delivery {
    /// One of that body, signed with that key.
    fn signed(key: &[u8], body: &[u8]) -> Self {
        let signature = sign(key, "msg_1", SENT, body);
        Self { headers: Vec::new(), body: body.to_vec() }
            .header("svix-id", "msg_1")
            .header("svix-timestamp", SENT.to_string())
            .header("svix-signature", signature)
    }

    /// Sets a header.
    fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        self.also(name, value)
    }

    /// Adds a header, whatever is there.
    fn also(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.headers.push((name.to_owned(), value.as_ref().to_vec()));
        self
    }

    fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(known, _)| known != name);
        self
    }

    /// The same under other names.
    fn renamed(mut self, rename: impl Fn(&str) -> String) -> Self {
        for (name, _) in &mut self.headers {
            *name = rename(name);
        }
        self
    }

    fn seen_by(&self, verifier: &WebhookVerifier, at: Timestamp) -> Result<Event, DeliveryError> {
        let headers = self.headers.iter().map(|(name, value)| (name.as_str(), value.as_slice()));
        verifier.verify(headers, &self.body, at)
    }

    /// What the verifier of this webhook makes of it when it is sent.
    fn seen(&self) -> Result<Event, DeliveryErrorKind> {
        self.seen_by(&verifier_with(&[KEY]), now()).map_err(|error| error.kind())
    }
}

/// What Svix writes for one signature.
fn sign(key: &[u8], id: &str, timestamp: i64, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(format!("{id}.{timestamp}.").as_bytes());
    mac.update(body);
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}
