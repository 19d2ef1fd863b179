//! Connected accounts: one sign-in at a brand, and the devices behind it.

use std::{collections::BTreeMap, fmt};

use jiff::Timestamp;
use serde::Deserialize;

use crate::{
    AccountErrorCode, AccountType, AccountWarningCode, ConnectedAccountId, MetadataValue, lenient,
};

/// A connected account (`connected_accounts/list`, `connected_accounts/get`).
///
/// Only its id is required. The deprecated `user_identifier`, which holds an e-mail, is not read. Names and
/// messages are the vendor's text and may hold anything, an e-mail as well: escape them before showing.
/// `Debug` leaves them out.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct ConnectedAccount {
    /// Its id.
    pub connected_account_id: ConnectedAccountId,
    /// What it is of.
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub account_type: Option<AccountType>,
    /// The same, as people write it.
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub account_type_display_name: Option<String>,
    /// Its name.
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub display_name: Option<String>,
    /// The customer that it belongs to.
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub customer_key: Option<String>,
    /// What is wrong with it, at most 200 of it.
    #[serde(default, deserialize_with = "lenient::some_of::<_, _, 200>")]
    pub errors: Vec<AccountError>,
    /// What is odd about it, at most 200 of it.
    #[serde(default, deserialize_with = "lenient::some_of::<_, _, 200>")]
    pub warnings: Vec<AccountWarning>,
    /// Whether devices that are new at the brand become managed ones by themselves.
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub automatically_manage_new_devices: Option<bool>,
    /// Pairs that the workspace's owner attached; those of the connect webview among them.
    /// `None` if they cannot be read: they are no object, or more than 200. Seam allows 50.
    #[serde(default = "lenient::no_metadata", deserialize_with = "lenient::metadata")]
    pub custom_metadata: Option<BTreeMap<String, MetadataValue>>,
    /// When it was connected.
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub created_at: Option<Timestamp>,
}

impl ConnectedAccount {
    /// Whether it has an error of that code.
    pub fn has_error(&self, code: &AccountErrorCode) -> bool {
        self.errors.iter().any(|error| error.error_code.as_ref() == Some(code))
    }

    /// Whether it has a warning of that code.
    pub fn has_warning(&self, code: &AccountWarningCode) -> bool {
        self.warnings.iter().any(|warning| warning.warning_code.as_ref() == Some(code))
    }
}

impl fmt::Debug for ConnectedAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConnectedAccount")
            .field("connected_account_id", &self.connected_account_id)
            .field("account_type", &self.account_type)
            .field("errors", &self.errors)
            .field("warnings", &self.warnings)
            .finish_non_exhaustive()
    }
}

/// Something wrong with a connected account. `Debug` leaves the message out.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct AccountError {
    /// What is wrong.
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub error_code: Option<AccountErrorCode>,
    /// The vendor's words for it.
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub message: Option<String>,
    /// Since when.
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub created_at: Option<Timestamp>,
}

impl fmt::Debug for AccountError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccountError")
            .field("error_code", &self.error_code)
            .field("created_at", &self.created_at)
            .finish_non_exhaustive()
    }
}

/// Something odd about a connected account. `Debug` leaves the message out.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct AccountWarning {
    /// What is odd.
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub warning_code: Option<AccountWarningCode>,
    /// The vendor's words for it.
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub message: Option<String>,
    /// Since when.
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub created_at: Option<Timestamp>,
}

impl fmt::Debug for AccountWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccountWarning")
            .field("warning_code", &self.warning_code)
            .field("created_at", &self.created_at)
            .finish_non_exhaustive()
    }
}
