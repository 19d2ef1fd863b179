use elevate_transport::{Instant, Operation};
use serde::Serialize;

use super::{
    Client,
    call::reply,
    pages::{Item, Page, Pagination},
};
use crate::{ConnectedAccount, Error, lenient};

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

reply!(AccountPage {
    connected_accounts: Vec<ConnectedAccount>,
    #[serde(default, deserialize_with = "lenient::or_default")]
    pagination: Pagination
});

impl Page for AccountPage {
    type Item = ConnectedAccount;

    fn parts(self) -> (Vec<ConnectedAccount>, Pagination) {
        (self.connected_accounts, self.pagination)
    }
}

impl Item for ConnectedAccount {
    fn parts(&self) -> usize {
        0
    }
}

impl Client {
    /// Every connected account that the query asks for, all pages read (`connected_accounts/list`).
    ///
    /// # Errors
    /// If any page could not be read, or the list has no end: there is no partial list.
    pub async fn list_connected_accounts(
        &self,
        query: &AccountsQuery,
        answer_by: Instant,
    ) -> Result<Vec<ConnectedAccount>, Error> {
        self.0.list::<AccountPage>(LIST, query, answer_by).await
    }
}
