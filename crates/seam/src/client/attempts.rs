use elevate_transport::Operation;
use serde::Serialize;

use super::{
    Client,
    pages::{Item, List, is_empty, page},
    rows::Rows,
};
use crate::{ActionAttempt, ActionAttemptId, DeviceId};

const LIST: Operation = Operation::new("seam.action_attempts.list", "/action_attempts/list");

/// How many attempts a page has if nothing else is asked for.
const PAGE_SIZE: u32 = 500;

/// Which action attempts to list: those of one device, or those by id.
///
/// An attempt carries neither time nor device. So a list shows that there were attempts, and never which of
/// them an order with a lost answer led to. Its order and how far back it goes are not documented.
#[derive(Clone, Debug, Serialize)]
pub struct AttemptsQuery {
    #[serde(skip_serializing_if = "Option::is_none")]
    device_id: Option<DeviceId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    action_attempt_ids: Option<Vec<ActionAttemptId>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    limit: Option<u32>,
}

impl AttemptsQuery {
    /// Those of that device.
    pub fn of_device(id: DeviceId) -> Self {
        Self { device_id: Some(id), action_attempt_ids: None, limit: None }
    }

    /// Those with these ids; one that does not exist is left out.
    pub fn by_ids(ids: impl IntoIterator<Item = ActionAttemptId>) -> Self {
        Self { device_id: None, action_attempt_ids: Some(ids.into_iter().collect()), limit: None }
    }

    /// How many attempts a page has at most; Seam's own choice is 500.
    pub fn page_size(mut self, limit: u32) -> Self {
        self.limit = Some(limit);
        self
    }
}

page!(AttemptPage { action_attempts: ActionAttempt });

impl Item for ActionAttempt {
    fn parts(&self) -> usize {
        0
    }
}

impl Client {
    /// The action attempts that the query asks for (`action_attempts/list`).
    pub fn action_attempts(&self, query: &AttemptsQuery) -> Rows<ActionAttempt> {
        let limit = query.limit.unwrap_or(PAGE_SIZE);
        let fault =
            is_empty(query.action_attempt_ids.as_ref()).then_some("action_attempt_ids: none");
        let list = List::new(&self.0, LIST, query, Some(limit));
        Rows::of::<AttemptPage>(list.unless(fault))
    }
}
