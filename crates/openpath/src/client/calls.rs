//! The calls, one by one.

use elevate_transport::{Gate, Instant, Method, Operation, StatusCode};
use serde::Serialize;

use super::{
    ALL_WITHIN, Client, UsersQuery, WITHIN,
    page::{MAX_ROWS, Size, Window},
};
use crate::{
    Credential, CredentialId, CredentialType, CredentialTypeId, Entry, EntryId, Error, ErrorKind,
    User, UserId,
};

const USERS_LIST: Operation = Operation::new("openpath.users.list", "/orgs/{org}/users/list");
const CREDENTIALS: Operation =
    Operation::new("openpath.credentials.list", "/orgs/{org}/users/{user}/credentials");
const CREATE_CREDENTIAL: Operation =
    Operation::new("openpath.credentials.create", "/orgs/{org}/users/{user}/credentials");
const CREDENTIAL_TYPES: Operation =
    Operation::new("openpath.credential_types.list", "/orgs/{org}/credentialTypes");
const ENTRIES: Operation =
    Operation::new("openpath.entries.list", "/orgs/{org}/users/{user}/entries");
const UNLOCK: Operation = Operation::new(
    "openpath.unlock",
    "/orgs/{org}/users/{user}/credentials/{credential}/cloudKeyEntryUnlock",
);

/// Rows of one page, where few are expected, and where all are.
const FEW: u64 = 100;
const MANY: u64 = 1_000;

/// The most entries of one user that are read.
const MAX_ENTRIES: u64 = 5_000;

/// The longest description of an unlock and the longest name of a key, in UTF-16 units.
const LONGEST_TEXT: usize = 100;

/// A list, read to its end.
///
/// A list that cannot be read whole is an error ([`ErrorKind::Incomplete`]) and never a shorter list: pages
/// are read until the vendor neither says nor implies that there are more, rows that come twice count once,
/// and a list that repeats itself, that promises rows which do not come, or that goes on past
/// [`MAX_PAGES`](crate::MAX_PAGES), [`MAX_ROWS`](crate::MAX_ROWS) or 64 MiB fails.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Listing<T> {
    /// The rows, lowest id first where the vendor sorts.
    pub rows: Vec<T>,
    /// Whether the service account sees some sites only, so that there may be more rows than it is shown.
    pub is_site_bound: bool,
}

/// One unlock: which user opens which entry with which key.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct CloudKeyUnlock<'a> {
    /// The user in whose name.
    pub user: &'a UserId,
    /// The cloud key: the credential's own id.
    pub credential: &'a CredentialId,
    /// The door.
    pub entry: &'a EntryId,
    /// A note that the vendor keeps with the unlock. What is over 100 characters is cut.
    pub description: Option<&'a str>,
}

impl<'a> CloudKeyUnlock<'a> {
    /// An unlock without a description.
    pub fn new(user: &'a UserId, credential: &'a CredentialId, entry: &'a EntryId) -> Self {
        Self { user, credential, entry, description: None }
    }

    /// Adds a description.
    pub fn described(mut self, description: Option<&'a str>) -> Self {
        self.description = description;
        self
    }
}

impl Client {
    /// Where the organisation is: host, path and organisation. An id of a user means something only there.
    pub(crate) fn place(&self) -> String {
        let base = &self.core.base;
        let host = base.host_str().unwrap_or_default();
        let port = base.port().map(|port| format!(":{port}")).unwrap_or_default();
        format!("{host}{port}{}/{}", base.path().trim_end_matches('/'), self.core.org)
    }

    /// Users of the organisation (`POST /orgs/{org}/users/list`), within 30 s.
    ///
    /// # Errors
    /// See [`ErrorKind`].
    pub async fn users_list(&self, query: &UsersQuery) -> Result<Listing<User>, Error> {
        self.users_kept(query, MANY, Instant::now() + ALL_WITHIN, Some).await
    }

    /// Users whose e-mail is that one, ASCII case ignored, found by the vendor's filter and compared again
    /// here, within 10 s.
    ///
    /// **That nobody is found is no proof that there is nobody**: how the vendor's filter compares was never
    /// observed. Look through [`UsersQuery::all`] before you say so.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`], before any I/O, for an e-mail that could be filter syntax; see
    /// [`UsersQuery::with_email`].
    pub async fn users_by_email(&self, email: &str) -> Result<Listing<User>, Error> {
        let query = UsersQuery::with_email(email).map_err(|e| e.in_call(USERS_LIST))?;
        let same = |user: User| {
            user.email().is_some_and(|theirs| theirs.eq_ignore_ascii_case(email)).then_some(user)
        };
        self.users_kept(&query, FEW, Instant::now() + WITHIN, same).await
    }

    /// What `keep` makes of each user of the organisation, within 30 s.
    pub(crate) async fn all_users<U>(
        &self,
        keep: impl Fn(User) -> Option<U>,
    ) -> Result<Listing<U>, Error> {
        self.users_kept(&UsersQuery::all(), MANY, Instant::now() + ALL_WITHIN, keep).await
    }

    /// Whether users can be listed at all: one row is asked for.
    pub(crate) async fn probe_users(&self) -> Result<(), Error> {
        let window = Window { offset: 0, limit: 1 };
        let call = self
            .core
            .call(USERS_LIST, Method::POST, &["users", "list"])?
            .json(&UsersQuery::all().body(window))?;
        let answer = self.core.read(&call, Instant::now() + WITHIN).await?;
        call.decode::<crate::model::ListReply<User>>(&answer).map(|_| ())
    }

    async fn users_kept<U>(
        &self,
        query: &UsersQuery,
        limit: u64,
        by: Instant,
        keep: impl Fn(User) -> Option<U>,
    ) -> Result<Listing<U>, Error> {
        let page = |window| {
            self.core
                .call(USERS_LIST, Method::POST, &["users", "list"])?
                .hiding(query.hidden.as_deref())
                .json(&query.body(window))
        };
        self.core.list(Size { page: limit, most: MAX_ROWS }, by, page, keep).await
    }

    /// The credentials of a user (`GET /orgs/{org}/users/{user}/credentials`), within 10 s.
    ///
    /// # Errors
    /// See [`ErrorKind`].
    pub async fn user_credentials(&self, user: &UserId) -> Result<Listing<Credential>, Error> {
        let path = ["users", user.as_str(), "credentials"];
        self.get_list(CREDENTIALS, &path).await
    }

    /// The kinds of credential that the organisation can give (`GET /orgs/{org}/credentialTypes`), within
    /// 10 s.
    ///
    /// # Errors
    /// See [`ErrorKind`].
    pub async fn credential_types(&self) -> Result<Listing<CredentialType>, Error> {
        self.get_list(CREDENTIAL_TYPES, &["credentialTypes"]).await
    }

    /// The entries that a user has access to (`GET /orgs/{org}/users/{user}/entries`), within 10 s. The
    /// vendor sends them in one piece.
    ///
    /// # Errors
    /// See [`ErrorKind`]; [`ErrorKind::Incomplete`] also for more than 5,000 entries.
    pub async fn user_entries(&self, user: &UserId) -> Result<Listing<Entry>, Error> {
        let path = ["users", user.as_str(), "entries"];
        // One page, however long: no parameter of this call could ask for a second one.
        let page = |_| self.core.call(ENTRIES, Method::GET, &path);
        let size = Size { page: u64::MAX, most: MAX_ENTRIES };
        self.core.list(size, Instant::now() + WITHIN, page, Some).await
    }

    async fn get_list<T>(&self, operation: Operation, path: &[&str]) -> Result<Listing<T>, Error>
    where
        T: serde::de::DeserializeOwned + super::page::Row,
    {
        let page = |window: Window| {
            let query = [
                ("limit", window.limit.to_string()),
                ("offset", window.offset.to_string()),
                ("sort", "id".to_owned()),
                ("order", "asc".to_owned()),
            ];
            self.core.call_with_query(operation, Method::GET, path, &query)
        };
        let size = Size { page: FEW, most: MAX_ROWS };
        self.core.list(size, Instant::now() + WITHIN, page, Some).await
    }

    /// Creates a cloud key for a user (`POST /orgs/{org}/users/{user}/credentials`), within 10 s.
    ///
    /// **Not to be repeated blindly**: the vendor knows no idempotency key, and two calls make two keys. If
    /// [`Error::delivery`] does not say that nothing was sent, list the user's credentials first.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`], before any I/O, if the kind's id is not a number, or the name is blank or
    /// longer than 100 characters.
    pub async fn create_cloud_key(
        &self,
        user: &UserId,
        kind: &CredentialTypeId,
        name: &str,
    ) -> Result<Credential, Error> {
        let refuse = |why: &str| {
            Error::new(ErrorKind::InvalidInput).in_call(CREATE_CREDENTIAL).with_message(why)
        };
        let kind =
            kind.as_number().ok_or_else(|| refuse("the credential type's id is no number"))?;
        let name = key_name(name)
            .ok_or_else(|| refuse("the key's name has to have 1 to 100 characters"))?;
        let body = NewCredential { credential_type_id: kind, cloud_key: NewCloudKey { name } };
        let path = ["users", user.as_str(), "credentials"];
        let call = self.core.call(CREATE_CREDENTIAL, Method::POST, &path)?.json(&body)?;
        let by = Instant::now() + WITHIN;
        let answer = self.core.write(&call, StatusCode::CREATED, by).await?;
        call.one(&answer)
    }

    /// Asks the vendor to open an entry (`cloudKeyEntryUnlock`), at most once.
    ///
    /// Success is the documented 204 without a body, and nothing less. It means that the cloud took the
    /// request; whether the door opened is not told. The body starts by `send_by` or never, and only if
    /// `gate` opens, which is made anew for each attempt whose body has not started; the answer is awaited
    /// until `answer_by`.
    ///
    /// # Errors
    /// Read [`Error::delivery`] first: unless it says that nothing was sent, **the door may have opened**,
    /// and only an [`ErrorKind`] that is a refusal (a whole 4xx) speaks against it. Before any I/O,
    /// [`ErrorKind::InvalidInput`] if the entry's id is not a number: that is what the vendor takes.
    ///
    /// ```no_run
    /// # use std::{future::ready, time::Duration};
    /// # use elevate_openpath::{Client, CloudKeyUnlock, CredentialId, EntryId, Error, Gate, UserId};
    /// # use tokio::time::Instant;
    /// # async fn example(client: Client) -> Result<(), Error> {
    /// let (user, key, door) = (UserId::from(7001), CredentialId::from(88003), EntryId::from(4401));
    /// let now = Instant::now();
    /// let unlock = CloudKeyUnlock::new(&user, &key, &door).described(Some("front desk"));
    /// client
    ///     .cloud_key_unlock(
    ///         &unlock,
    ///         now + Duration::from_secs(5),
    ///         now + Duration::from_secs(12),
    ///         || Gate::new(ready(true)),
    ///     )
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn cloud_key_unlock(
        &self,
        unlock: &CloudKeyUnlock<'_>,
        send_by: Instant,
        answer_by: Instant,
        gate: impl FnMut() -> Gate + Send,
    ) -> Result<(), Error> {
        let entry_id = unlock.entry.as_number().ok_or_else(|| {
            Error::new(ErrorKind::InvalidInput)
                .in_call(UNLOCK)
                .with_message("the entry's id is no number")
        })?;
        let body = UnlockBody { entry_id, description: unlock.description.and_then(cut) };
        let path = [
            "users",
            unlock.user.as_str(),
            "credentials",
            unlock.credential.as_str(),
            "cloudKeyEntryUnlock",
        ];
        let call = self.core.call(UNLOCK, Method::POST, &path)?.json(&body)?;
        let answer =
            self.core.order(&call, StatusCode::NO_CONTENT, send_by, answer_by, gate).await?;
        if answer.body.is_empty() {
            return Ok(());
        }
        Err(Error::new(ErrorKind::UnexpectedStatus)
            .delivered(elevate_transport::Delivery::Answered)
            .in_call(UNLOCK)
            .with_status(answer.status)
            .with_message("a body where there is none"))
    }
}

/// The name as the vendor would take it.
pub(crate) fn key_name(name: &str) -> Option<&str> {
    let name = name.trim();
    let length = name.encode_utf16().count();
    (1..=LONGEST_TEXT).contains(&length).then_some(name)
}

/// The first 100 characters; nothing if there are none.
fn cut(text: &str) -> Option<&str> {
    let mut units = 0;
    let fits = |c: &char| {
        units += c.len_utf16();
        units <= LONGEST_TEXT
    };
    let end: usize = text.chars().take_while(fits).map(char::len_utf8).sum();
    text.get(..end).filter(|text| !text.is_empty())
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NewCredential<'a> {
    credential_type_id: u64,
    cloud_key: NewCloudKey<'a>,
}

#[derive(Serialize)]
struct NewCloudKey<'a> {
    name: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct UnlockBody<'a> {
    entry_id: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_is_cut_at_a_character() {
        assert_eq!(cut("tap-1"), Some("tap-1"));
        assert_eq!(cut(""), None);
        assert_eq!(cut(&"a".repeat(300)).map(str::len), Some(100));
        // Two units each: the 50th ends at 100.
        let faces = "😀".repeat(60);
        assert_eq!(cut(&faces).map(|t| t.chars().count()), Some(50));
        let odd = format!("a{faces}");
        assert_eq!(cut(&odd).map(|t| t.encode_utf16().count()), Some(99));
    }

    #[test]
    fn a_keys_name_is_one_to_a_hundred_characters() {
        assert_eq!(key_name("  ElevateOS "), Some("ElevateOS"));
        assert_eq!(key_name("   "), None);
        assert_eq!(key_name(&"x".repeat(101)), None);
    }
}
