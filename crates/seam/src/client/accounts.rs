use std::collections::BTreeMap;

use elevate_transport::{Instant, Operation};
use serde::Serialize;

use super::{
    Client,
    call::{Done, reply},
    pages::{Item, List, page},
    rows::Rows,
};
use crate::{ConnectedAccount, ConnectedAccountId, Error, MetadataValue, SpaceId};

const LIST: Operation = Operation::new("seam.connected_accounts.list", "/connected_accounts/list");
const GET: Operation = Operation::new("seam.connected_accounts.get", "/connected_accounts/get");
const SYNC: Operation = Operation::new("seam.connected_accounts.sync", "/connected_accounts/sync");

/// How many accounts a page has if nothing else is asked for. Seam's own choice of 11,000 is more than fits into
/// one reply.
const PAGE_SIZE: u32 = 500;

/// Which connected accounts to list; all of them by default.
///
/// The filters are Seam's: check what they let through where it matters. `search`, which finds parts of names
/// and e-mails, is left out.
#[derive(Clone, Debug, Serialize)]
pub struct AccountsQuery {
    #[serde(skip_serializing_if = "Option::is_none")]
    customer_key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    space_id: Option<SpaceId>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    custom_metadata_has: BTreeMap<String, MetadataValue>,
    limit: u32,
}

impl Default for AccountsQuery {
    fn default() -> Self {
        Self {
            customer_key: None,
            space_id: None,
            custom_metadata_has: BTreeMap::new(),
            limit: PAGE_SIZE,
        }
    }
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

    /// Only accounts with something in that space.
    pub fn space(mut self, id: SpaceId) -> Self {
        self.space_id = Some(id);
        self
    }

    /// Only accounts with that pair of metadata; each call asks for one more.
    pub fn metadata(mut self, name: impl Into<String>, value: impl Into<MetadataValue>) -> Self {
        self.custom_metadata_has.insert(name.into(), value.into());
        self
    }

    /// How many accounts a page has at most; 500 by default.
    pub fn page_size(mut self, limit: u32) -> Self {
        self.limit = limit;
        self
    }
}

#[derive(Serialize)]
struct ById<'a> {
    connected_account_id: &'a ConnectedAccountId,
}

page!(AccountPage { connected_accounts: ConnectedAccount });

reply!(OneAccount { connected_account: ConnectedAccount });

impl Item for ConnectedAccount {
    fn parts(&self) -> usize {
        self.errors.len()
            + self.warnings.len()
            + self.custom_metadata.as_ref().map_or(0, BTreeMap::len)
    }
}

impl Client {
    /// The connected accounts that the query asks for (`connected_accounts/list`).
    pub fn connected_accounts(&self, query: &AccountsQuery) -> Rows<ConnectedAccount> {
        Rows::of::<AccountPage>(List::new(&self.0, LIST, query, Some(query.limit)))
    }

    /// One connected account (`connected_accounts/get`).
    ///
    /// # Errors
    /// [`NotFound`](crate::ErrorKind::NotFound) if there is none by that id, and whatever else keeps it from
    /// being read.
    pub async fn get_connected_account(
        &self,
        id: &ConnectedAccountId,
        answer_by: Instant,
    ) -> Result<ConnectedAccount, Error> {
        let reply: OneAccount =
            self.0.read(GET, &ById { connected_account_id: id }, answer_by).await?;
        if reply.connected_account.connected_account_id != *id {
            return Err(Error::beside_the_point(GET, "it is about another connected account"));
        }
        Ok(reply.connected_account)
    }

    /// Asks Seam to read the account's devices from the brand anew (`connected_accounts/sync`). It says nothing
    /// of when that is done.
    ///
    /// Sent once, and never repeated.
    ///
    /// # Errors
    /// Whatever keeps the request from being sent or its answer from being read;
    /// [`delivery`](Error::delivery) tells whether it may have been asked all the same, which does no harm.
    pub async fn sync_connected_account(
        &self,
        id: &ConnectedAccountId,
        answer_by: Instant,
    ) -> Result<(), Error> {
        let Done { .. } = self.0.write(SYNC, &ById { connected_account_id: id }, answer_by).await?;
        Ok(())
    }
}
