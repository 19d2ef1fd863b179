//! Replies that a test puts in the vendor's mouth, byte for byte.

use std::collections::{BTreeMap, VecDeque};

use elevate_transport::Bytes;
use serde_json::Value;

use super::Seam;
use crate::{Effect, Reply};

/// A reply in place of the vendor's own.
#[derive(Clone, Debug)]
pub(super) struct Canned {
    pub(super) reply: Reply,
    /// Whether the vendor acts on the request before it is answered so.
    pub(super) acts: bool,
}

impl Canned {
    /// What an order that is answered so led to, by the reply's own word.
    pub(super) fn effect(&self) -> Effect {
        if !(200..300).contains(&self.reply.status) {
            return Effect::Refused;
        }
        let body: Value = serde_json::from_slice(&self.reply.body).unwrap_or_default();
        match body.pointer("/action_attempt/status").and_then(Value::as_str) {
            Some("success") => Effect::Opened,
            Some("error") => Effect::Failed,
            Some(_) => Effect::Pending,
            None => Effect::Refused,
        }
    }
}

/// What to say where, by path.
#[derive(Clone, Debug, Default)]
pub(super) struct Replies {
    once: BTreeMap<String, VecDeque<Canned>>,
    always: BTreeMap<String, Canned>,
}

impl Replies {
    /// The reply to the next request on that path, if there is one.
    pub(super) fn next(&mut self, path: &str) -> Option<Canned> {
        let once = self.once.get_mut(path).and_then(VecDeque::pop_front);
        once.or_else(|| self.always.get(path).cloned())
    }
}

/// Replies in place of the vendor's own. They come whoever asks, and whatever for.
///
/// An order that is answered so is in the ledger with the effect that the reply's text claims; a reply that
/// claims nothing readable counts as [`Refused`](Effect::Refused).
impl Seam {
    /// From now on each request on that path gets this reply, and the vendor does nothing.
    pub fn reply_to(&mut self, path: &str, status: u16, body: impl Into<Bytes>) -> &mut Self {
        self.reply_with(path, reply(status, body.into()))
    }

    /// The next request on that path gets this reply, and the vendor does nothing. Several of these are
    /// used up in order: page one, page two.
    pub fn reply_once_to(&mut self, path: &str, status: u16, body: impl Into<Bytes>) -> &mut Self {
        let canned = Canned { reply: reply(status, body.into()), acts: false };
        self.replies.once.entry(path.to_owned()).or_default().push_back(canned);
        self
    }

    /// From now on each request on that path is acted upon as usual, and then gets this reply: the order
    /// reached the door, and its answer is a 503.
    pub fn act_then_reply_to(
        &mut self,
        path: &str,
        status: u16,
        body: impl Into<Bytes>,
    ) -> &mut Self {
        let canned = Canned { reply: reply(status, body.into()), acts: true };
        self.replies.always.insert(path.to_owned(), canned);
        self
    }

    /// As [`reply_to`](Self::reply_to), with headers of the test's choosing.
    pub fn reply_with(&mut self, path: &str, reply: Reply) -> &mut Self {
        self.replies.always.insert(path.to_owned(), Canned { reply, acts: false });
        self
    }

    /// From now on the path is answered by the vendor again.
    pub fn reply_as_usual(&mut self, path: &str) -> &mut Self {
        self.replies.once.remove(path);
        self.replies.always.remove(path);
        self
    }
}

/// The reply with the content type that its body looks like.
fn reply(status: u16, body: Bytes) -> Reply {
    match body.first() {
        None => Reply::empty(status),
        Some(b'{' | b'[') => Reply::json(status, body),
        Some(first) => {
            let kind = if *first == b'<' { "text/html" } else { "text/plain" };
            let content_type = ("content-type".to_owned(), format!("{kind}; charset=utf-8"));
            Reply { status, headers: vec![content_type], body }
        }
    }
}
