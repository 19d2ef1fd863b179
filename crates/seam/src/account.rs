//! Connected accounts: one sign-in at a brand, and the devices behind it.

use std::fmt;

use serde::Deserialize;

use crate::{ConnectedAccountId, lenient};

/// A connected account (`connected_accounts/list`). Only its id is required.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct ConnectedAccount {
    /// Its id.
    pub connected_account_id: ConnectedAccountId,
    /// The customer that it belongs to.
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub customer_key: Option<String>,
}

impl fmt::Debug for ConnectedAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConnectedAccount")
            .field("connected_account_id", &self.connected_account_id)
            .finish_non_exhaustive()
    }
}
