//! The calls, one by one.

mod key;
mod setup;
mod unlock;
mod users;

pub(crate) use key::key_name;
pub(super) use setup::SCOPES;
pub use unlock::CloudKeyUnlock;

use std::time::Duration;

use elevate_transport::Operation;
use serde::de::DeserializeOwned;

use super::{
    ALL_WITHIN, Client, Core, Rows, WITHIN,
    call::Call,
    page::{List, Row, Size, Window},
};
use crate::{Credential, CredentialType, Entry, Error, OrgCredential, UserId};

const CREDENTIALS: Operation =
    Operation::new("openpath.credentials.list", "/orgs/{org}/users/{user}/credentials");
const ORG_CREDENTIALS: Operation =
    Operation::new("openpath.org_credentials.list", "/orgs/{org}/credentials");
const CREDENTIAL_TYPES: Operation =
    Operation::new("openpath.credential_types.list", "/orgs/{org}/credentialTypes");
const ENTRIES: Operation =
    Operation::new("openpath.entries.list", "/orgs/{org}/users/{user}/entries");

/// Rows of one page, where few are expected, and where all are.
const FEW: u64 = 100;
const MANY: u64 = 1_000;

/// The most entries of one user that are read.
const MAX_ENTRIES: u64 = 5_000;

/// The longest description of an unlock and the longest name of a key, in UTF-16 units.
const LONGEST_TEXT: usize = 100;

impl Client {
    /// Where the organisation is: host, path and organisation. An id of a user means something only there.
    pub(crate) fn place(&self) -> String {
        let base = &self.core.base;
        let host = base.host_str().unwrap_or_default();
        let port = base.port().map(|port| format!(":{port}")).unwrap_or_default();
        format!("{host}{port}{}/{}", base.path().trim_end_matches('/'), self.core.org)
    }

    /// The credentials of a user (`GET /orgs/{org}/users/{user}/credentials`).
    pub fn user_credentials(&self, user: &UserId) -> Rows<Credential> {
        let user = user.clone();
        self.rows(Size::pages_of(FEW), WITHIN, move |core, window| {
            let path = ["users", user.as_str(), "credentials"];
            core.get(CREDENTIALS, &path, &window.by_id())
        })
    }

    /// The credentials of all users (`GET /orgs/{org}/credentials`), each with whose it is.
    pub fn credentials(&self) -> Rows<OrgCredential> {
        self.rows(Size::pages_of(MANY), ALL_WITHIN, |core, window| {
            core.get(ORG_CREDENTIALS, &["credentials"], &window.by_id())
        })
    }

    /// The kinds of credential that the organisation can give (`GET /orgs/{org}/credentialTypes`).
    pub fn credential_types(&self) -> Rows<CredentialType> {
        self.rows(Size::pages_of(FEW), WITHIN, |core, window| {
            core.get(CREDENTIAL_TYPES, &["credentialTypes"], &window.by_id())
        })
    }

    /// The entries that a user has access to (`GET /orgs/{org}/users/{user}/entries`): 5,000 at most, which
    /// the vendor sends in one piece.
    pub fn user_entries(&self, user: &UserId) -> Rows<Entry> {
        let user = user.clone();
        self.rows(Size::one_piece(MAX_ENTRIES), WITHIN, move |core, _| {
            core.get(ENTRIES, &["users", user.as_str(), "entries"], &[])
        })
    }

    fn rows<T>(
        &self,
        size: Size,
        within: Duration,
        page: impl Fn(&Core, Window) -> Result<Call, Error> + Send + Sync + 'static,
    ) -> Rows<T>
    where
        T: DeserializeOwned + Row + Send + 'static,
    {
        Rows::of(List { core: self.core.clone(), size, page: Box::new(page) }, within)
    }
}
