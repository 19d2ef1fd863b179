//! Webhooks: where the vendor tells its events, and how it signs them.

use std::fmt::{self, Debug, Formatter};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::Sha256;

use super::json::{Object, object, text, texts};

/// One webhook, and how far it has been told.
#[derive(Clone)]
struct Webhook {
    fields: Object,
    key: [u8; 32],
    /// The number of the first event that it has not been told of.
    next: usize,
}

/// All webhooks that were made and not deleted.
#[derive(Clone, Default)]
pub(super) struct Webhooks {
    all: Vec<Webhook>,
    made: u8,
}

/// What the vendor posts to a webhook's URL: give it to whatever serves that.
///
/// `Debug` shows neither the signature nor the body.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Delivery {
    /// The webhook that it is for.
    pub webhook: String,
    /// `svix-id`, `svix-timestamp` and `svix-signature`.
    pub headers: Vec<(String, String)>,
    /// The event, byte for byte as it is signed.
    pub body: Vec<u8>,
}

impl Delivery {
    /// The headers as a web server has them: names, and values as bytes.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes()))
    }
}

impl Debug for Delivery {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("Delivery").field("webhook", &self.webhook).finish_non_exhaustive()
    }
}

impl Webhooks {
    /// Makes one, which is told of events from that number on.
    pub(super) fn create(&mut self, given: &Object, next: usize) -> Value {
        let mut key = *b"a webhook's key, of 32 bytes: 00";
        key[31] = self.made;
        self.made = self.made.wrapping_add(1);
        let fields = object(json!({
            "webhook_id": format!("5ea3eb40-0000-4000-8000-0000000000{:02x}", key[31]),
            "url": given.get("url"),
            "event_types": given.get("event_types").cloned().unwrap_or_else(|| json!(["*"])),
            "secret": format!("whsec_{}", STANDARD.encode(key)),
        }));
        self.all.push(Webhook { fields: fields.clone(), key, next });
        Value::Object(fields)
    }

    pub(super) fn get(&self, id: &str) -> Option<&Object> {
        self.list().find(|fields| text(fields, "webhook_id") == id)
    }

    pub(super) fn list(&self) -> impl Iterator<Item = &Object> {
        self.all.iter().map(|webhook| &webhook.fields)
    }

    /// Changes which events go there, which is all that can be changed; whether there is such a webhook.
    pub(super) fn update(&mut self, id: &str, given: &Object) -> bool {
        let mut all = self.all.iter_mut();
        let found = all.find(|webhook| text(&webhook.fields, "webhook_id") == id);
        if let (Some(webhook), Some(types)) = (found, given.get("event_types")) {
            webhook.fields.insert("event_types".to_owned(), types.clone());
            return true;
        }
        false
    }

    /// Whether there was such a webhook.
    pub(super) fn delete(&mut self, id: &str) -> bool {
        let before = self.all.len();
        self.all.retain(|webhook| text(&webhook.fields, "webhook_id") != id);
        self.all.len() < before
    }

    /// What is to be told now of those events, each with its number.
    pub(super) fn deliveries<'e>(
        &mut self,
        events: &(impl Iterator<Item = (usize, &'e Object)> + Clone),
        now: Timestamp,
    ) -> Vec<Delivery> {
        let mut told = Vec::new();
        for webhook in &mut self.all {
            for (number, event) in events.clone() {
                if number < webhook.next {
                    continue;
                }
                webhook.next = number + 1;
                let kind = text(event, "event_type");
                if texts(&webhook.fields, "event_types")
                    .any(|wanted| wanted == "*" || wanted == kind)
                {
                    told.push(webhook.sign(event, now));
                }
            }
        }
        told
    }
}

impl Webhook {
    #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
    fn sign(&self, event: &Object, now: Timestamp) -> Delivery {
        let (id, at) = (format!("msg_{}", text(event, "event_id")), now.as_second().to_string());
        let body = json!(event).to_string().into_bytes();
        let mut signing = Hmac::<Sha256>::new_from_slice(&self.key).expect("a key of any length");
        for part in [id.as_bytes(), b".", at.as_bytes(), b".", &body[..]] {
            signing.update(part);
        }
        let signature = format!("v1,{}", STANDARD.encode(signing.finalize().into_bytes()));
        let headers = [("svix-id", id), ("svix-timestamp", at), ("svix-signature", signature)];
        Delivery {
            webhook: text(&self.fields, "webhook_id").to_owned(),
            headers: headers.map(|(name, value)| (name.to_owned(), value)).into(),
            body,
        }
    }
}
