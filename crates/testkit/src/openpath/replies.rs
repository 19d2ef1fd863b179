//! Replies that a test puts in place of the model's own.

use std::collections::{BTreeMap, VecDeque};

use elevate_transport::Bytes;
use serde_json::Value;

use super::Operation;
use super::row::at;
use super::shape::Input;
use crate::Reply;

/// What to answer instead, by operation.
#[derive(Clone, Default)]
pub(super) struct Replies {
    once: BTreeMap<Operation, VecDeque<Reply>>,
    always: BTreeMap<Operation, Always>,
}

#[derive(Clone)]
enum Always {
    One(Reply),
    Pages(Vec<Page>),
}

#[derive(Clone)]
struct Page {
    bytes: Bytes,
    rows: usize,
    /// What a request for the following page may carry as its cursor.
    next: Option<String>,
}

impl Replies {
    pub(super) fn push_once(&mut self, operation: Operation, reply: Reply) {
        self.once.entry(operation).or_default().push_back(reply);
    }

    pub(super) fn set(&mut self, operation: Operation, reply: Reply) {
        self.always.insert(operation, Always::One(reply));
    }

    pub(super) fn set_pages(&mut self, operation: Operation, pages: Vec<Bytes>) {
        let read = |bytes: Bytes| {
            let body: Value = serde_json::from_slice(&bytes).unwrap_or_default();
            let rows = at(&body, "data").as_array().map_or(0, Vec::len);
            let next = match at(&body, "cursors.nextCursor") {
                Value::String(text) => Some(text.clone()),
                Value::Number(number) => Some(number.to_string()),
                _ => None,
            };
            Page { bytes, rows, next }
        };
        self.always.insert(operation, Always::Pages(pages.into_iter().map(read).collect()));
    }

    pub(super) fn clear(&mut self, operation: Operation) {
        self.once.remove(&operation);
        self.always.remove(&operation);
    }

    /// The reply to give instead of the model's, if there is one.
    pub(super) fn take(&mut self, operation: Operation, input: &Input) -> Option<Reply> {
        if let Some(reply) = self.once.get_mut(&operation).and_then(VecDeque::pop_front) {
            return Some(reply);
        }
        match self.always.get(&operation)? {
            Always::One(reply) => Some(reply.clone()),
            Always::Pages(pages) => Some(turn_to(pages, input)),
        }
    }
}

/// The page that the request's cursor or offset points at; beyond the last one, a list without rows.
fn turn_to(pages: &[Page], input: &Input) -> Reply {
    let asked = if let Some(cursor) = input.text("cursor") {
        let before = pages.iter().position(|page| page.next.as_deref() == Some(cursor));
        before.and_then(|before| pages.get(before + 1))
    } else {
        let offset = input.number("offset").unwrap_or(0);
        let begins = pages.iter().scan(0, |next, page| {
            let begin = *next;
            *next += page.rows;
            Some(begin)
        });
        pages.iter().zip(begins).find(|(_, begin)| *begin == offset).map(|(page, _)| page)
    };
    Reply::json(200, asked.map_or(Bytes::from_static(br#"{"data":[]}"#), |page| page.bytes.clone()))
}
