//! Which users a list is to hold.

use std::fmt;

use serde::Serialize;

use super::page::Window;
use crate::{Error, ErrorKind};

/// Whether the text can stand in a filter as it is.
///
/// How the vendor escapes `( ) , - =` and what else it reads as syntax is not known. So this is a list of
/// what is surely none, and not of what is known to be some. A hyphen alone is no syntax (a range is
/// written `a-<b`).
pub(crate) fn fits_a_filter(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "@.-_+".contains(c))
}

/// Which users to list (`listUsersPost`).
///
/// What goes into it travels in the request's body, never in a URL. `Debug` does not show it.
#[derive(Clone, Default)]
pub struct UsersQuery {
    pre_filter: Option<String>,
    filter: Option<String>,
    pub(super) hidden: Option<String>,
}

impl UsersQuery {
    /// All users of the organisation that the service account sees.
    pub fn all() -> Self {
        Self::default()
    }

    /// Only users with that e-mail, by the vendor's own comparison, which was never observed: compare each
    /// row again. See [`Client::users_by_email`](super::Client::users_by_email).
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] if the e-mail holds anything but ASCII letters, digits and `@ . - _ +`,
    /// since that could be filter syntax. Look for such a user among [`all`](Self::all).
    pub fn with_email(email: &str) -> Result<Self, Error> {
        if !fits_a_filter(email) {
            return Err(Error::new(ErrorKind::InvalidInput)
                .with_message("the e-mail could be read as filter syntax"));
        }
        Ok(Self {
            pre_filter: Some(format!("identity.email:(={email})")),
            filter: None,
            hidden: Some(email.to_owned()),
        })
    }

    /// Only users that pass the filter, in the vendor's syntax: `identity.lastName:(Doe)`.
    pub fn filter(mut self, filter: impl Into<String>) -> Self {
        self.filter = Some(filter.into());
        self
    }

    pub(super) fn body(&self, window: Window) -> UsersBody<'_> {
        UsersBody {
            limit: window.limit,
            offset: window.offset,
            sort: "id",
            order: "asc",
            filter: self.filter.as_deref(),
            pre_filter: self.pre_filter.as_deref(),
        }
    }
}

impl fmt::Debug for UsersQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UsersQuery")
            .field("has_pre_filter", &self.pre_filter.is_some())
            .field("has_filter", &self.filter.is_some())
            .finish_non_exhaustive()
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct UsersBody<'a> {
    limit: u64,
    offset: u64,
    sort: &'static str,
    order: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    filter: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pre_filter: Option<&'a str>,
}
