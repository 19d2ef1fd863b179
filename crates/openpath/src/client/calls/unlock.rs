//! The one order: a cloud key opens an entry.

use elevate_transport::{Delivery, Gate, Instant, Method, Operation, StatusCode};
use serde::Serialize;

use super::LONGEST_TEXT;
use crate::{Client, CredentialId, EntryId, Error, ErrorKind, UserId};

const UNLOCK: Operation = Operation::new(
    "openpath.unlock",
    "/orgs/{org}/users/{user}/credentials/{credential}/cloudKeyEntryUnlock",
);

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
            .delivered(Delivery::Answered)
            .in_call(UNLOCK)
            .with_status(answer.status)
            .with_message("a body where there is none"))
    }
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
}
