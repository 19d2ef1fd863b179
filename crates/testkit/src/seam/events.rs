//! What the vendor says has happened.

use std::collections::VecDeque;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::json::{Object, object, text, texts};
use super::refusal::Refusal;

/// How many are kept: how long the vendor keeps them is unknown, and a long simulation must not fill the memory.
const KEPT: usize = 10_000;

/// The events so far, oldest first.
#[derive(Clone, Default)]
pub(super) struct Events {
    all: VecDeque<Object>,
    /// How many there were.
    number: usize,
    /// Those of a story that was told while nobody asked: they get their time with the next request.
    untold: Vec<Object>,
}

impl Events {
    /// Something happened, at the time of the next request.
    pub(super) fn note(&mut self, kind: &str, about: Value) {
        let mut event = object(about);
        event.insert("event_type".to_owned(), json!(kind));
        self.untold.push(event);
    }

    /// Gives what happened since the last request its id and time.
    pub(super) fn advance(&mut self, now: Timestamp, workspace: &str) {
        for mut event in self.untold.drain(..) {
            let id = format!("5ea3e7e7-0000-4000-8000-{:012x}", self.number);
            self.number += 1;
            event.insert("event_id".to_owned(), json!(id));
            event.insert("workspace_id".to_owned(), json!(workspace));
            event.insert("created_at".to_owned(), json!(now.to_string()));
            event.insert("occurred_at".to_owned(), json!(now.to_string()));
            if self.all.len() == KEPT {
                self.all.pop_front();
            }
            self.all.push_back(event);
        }
    }

    /// How many there were so far.
    pub(super) fn number(&self) -> usize {
        self.number
    }

    /// Those that are kept, each with its number.
    pub(super) fn numbered(&self) -> impl Iterator<Item = (usize, &Object)> + Clone {
        (self.number - self.all.len()..).zip(&self.all)
    }

    pub(super) fn get(&self, id: &str) -> Option<&Object> {
        self.all.iter().find(|event| text(event, "event_id") == id)
    }

    /// Those that the request asks for, oldest first. The vendor wants a time to begin with, whose ends are
    /// excluded; there are no pages.
    pub(super) fn list(&self, given: &Object) -> Result<Vec<Value>, Refusal> {
        let moment = |text: &str| text.parse::<Timestamp>().ok();
        let between: Vec<_> = texts(given, "between").filter_map(moment).collect();
        let (after, before) = match (moment(text(given, "since")), between.as_slice()) {
            (Some(since), _) => (since, Timestamp::MAX),
            (None, [after, before]) => (*after, *before),
            _ => {
                let message = "Either since or between is required";
                return Err(Refusal::invalid(message.to_owned(), json!({ "_errors": [message] })));
            }
        };
        let is_asked = |event: &&Object| {
            let at = moment(text(event, "created_at")).unwrap_or(Timestamp::MIN);
            let has = |one: &str, many: &str, field: &str| {
                let found = text(event, field);
                (!given.contains_key(one) || text(given, one) == found)
                    && (!given.contains_key(many) || texts(given, many).any(|id| id == found))
            };
            after < at
                && at < before
                && has("event_type", "event_types", "event_type")
                && has("connected_account_id", "connected_account_ids", "connected_account_id")
                && has("device_id", "device_ids", "device_id")
                && has("space_id", "space_ids", "space_id")
        };
        let number = |name: &str| -> Option<usize> {
            given.get(name).and_then(Value::as_u64).and_then(|n| n.try_into().ok())
        };
        let asked = self.all.iter().filter(is_asked).skip(number("unstable_offset").unwrap_or(0));
        Ok(asked.take(number("limit").unwrap_or(500)).map(|event| json!(event)).collect())
    }
}
