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

/// The same e-mail in a spelling that nobody uses: the case of its ASCII letters in turns. It differs from
/// `email` if that has a letter at all.
pub(super) fn odd_spelling(email: &str) -> String {
    let spell = |mut is_upper: bool| -> String {
        let turn = |c: char| {
            let spelled = if is_upper { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() };
            is_upper ^= c.is_ascii_alphabetic();
            spelled
        };
        email.chars().map(turn).collect()
    };
    let odd = spell(false);
    if odd == email { spell(true) } else { odd }
}

/// Which users to list (`listUsersPost`).
///
/// What goes into it travels in the request's body, never in a URL. `Debug` does not show it.
#[derive(Clone, Default)]
pub struct UsersQuery {
    pre_filter: Option<String>,
    filter: Option<String>,
    options: Option<&'static str>,
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
            hidden: Some(email.to_owned()),
            ..Self::default()
        })
    }

    /// Only users that pass the filter, in the vendor's syntax: `identity.lastName:(Doe)`.
    pub fn filter(mut self, filter: impl Into<String>) -> Self {
        self.filter = Some(filter.into());
        self
    }

    /// With each user's [`sites`](crate::User::sites), which the vendor leaves out unless it is asked for them.
    pub fn with_sites(mut self) -> Self {
        self.options = Some("withUserSites");
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
            options: self.options,
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
    #[serde(skip_serializing_if = "Option::is_none")]
    options: Option<&'static str>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_is_asked_in_a_spelling_that_is_not_the_emails_own() {
        for (email, odd) in [
            ("jane@example.com", "jAnE@eXaMpLe.CoM"),
            ("JANE@EXAMPLE.COM", "jAnE@eXaMpLe.CoM"),
            ("jAnE@eXaMpLe.CoM", "JaNe@ExAmPlE.cOm"),
            ("j1a2@x.y", "j1A2@x.Y"),
            ("a@1", "A@1"),
            ("1@2", "1@2"),
        ] {
            assert_eq!(odd_spelling(email), odd, "{email}");
            assert!(odd.eq_ignore_ascii_case(email), "{email}");
        }
    }
}
