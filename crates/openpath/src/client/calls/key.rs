//! Making a cloud key.

use std::iter;

use elevate_transport::{Instant, Method, Operation, StatusCode};
use serde::Serialize;

use super::LONGEST_TEXT;
use crate::{Client, Credential, CredentialTypeId, Error, ErrorKind, UserId, client::WITHIN};

const CREATE_CREDENTIAL: Operation =
    Operation::new("openpath.credentials.create", "/orgs/{org}/users/{user}/credentials");

impl Client {
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
        let key: Credential = call.one(&answer, &self.core.session)?;
        self.core.check_ids(&call, &answer, iter::once(key.id.as_str()))?;
        Ok(key)
    }
}

/// The name as the vendor would take it.
pub(crate) fn key_name(name: &str) -> Option<&str> {
    let name = name.trim();
    let length = name.encode_utf16().count();
    (1..=LONGEST_TEXT).contains(&length).then_some(name)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_keys_name_is_one_to_a_hundred_characters() {
        assert_eq!(key_name("  ElevateOS "), Some("ElevateOS"));
        assert_eq!(key_name("   "), None);
        assert_eq!(key_name(&"x".repeat(101)), None);
    }
}
