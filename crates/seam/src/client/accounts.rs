use elevate_transport::Operation;
use serde::Serialize;

use super::{
    Client,
    pages::{Item, List, page},
    rows::Rows,
};
use crate::ConnectedAccount;

const LIST: Operation = Operation::new("seam.connected_accounts.list", "/connected_accounts/list");

/// Which connected accounts to list; all of them by default.
#[derive(Clone, Debug, Default, Serialize)]
pub struct AccountsQuery {
    #[serde(skip_serializing_if = "Option::is_none")]
    customer_key: Option<String>,
}

impl AccountsQuery {
    /// All accounts.
    pub fn new() -> Self {
        Self::default()
    }

    /// Only accounts of that customer.
    pub fn customer_key(mut self, key: impl Into<String>) -> Self {
        self.customer_key = Some(key.into());
        self
    }
}

page!(AccountPage { connected_accounts: ConnectedAccount });

impl Item for ConnectedAccount {
    fn parts(&self) -> usize {
        0
    }
}

impl Client {
    /// The connected accounts that the query asks for (`connected_accounts/list`).
    pub fn connected_accounts(&self, query: &AccountsQuery) -> Rows<ConnectedAccount> {
        Rows::of::<AccountPage>(List::new(&self.0, LIST, query, None))
    }
}
