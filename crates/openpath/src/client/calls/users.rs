//! Users: all of them, or those with an e-mail.

use std::time::Duration;

use elevate_transport::{Instant, Method, Operation};

use super::{FEW, MANY};
use crate::{
    Client, Error, Listing, Rows, User, UsersQuery,
    client::{
        ALL_WITHIN, WITHIN,
        filter::odd_spelling,
        page::{Size, Window},
    },
    model::ListReply,
};

const USERS_LIST: Operation = Operation::new("openpath.users.list", "/orgs/{org}/users/list");

impl Client {
    /// Users of the organisation (`POST /orgs/{org}/users/list`).
    pub fn users(&self, query: &UsersQuery) -> Rows<User> {
        self.users_paged(query, MANY, ALL_WITHIN)
    }

    /// Users whose e-mail is that one, ASCII case ignored, found by the vendor's filter and compared again
    /// here, within 10 s.
    ///
    /// The filter is asked for the e-mail in a spelling that nobody uses (`jAnE@eXaMpLe.CoM`): one that
    /// ignores case finds everybody whose e-mail it is, and one that minds case finds nobody, rather than
    /// one of two users whose e-mails differ in case only.
    ///
    /// **That nobody is found is no proof that there is nobody**: how the vendor's filter compares was never
    /// observed. Look through [`UsersQuery::all`] before you say so.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput), before any I/O, for an e-mail that could
    /// be filter syntax; see [`UsersQuery::with_email`].
    pub async fn users_by_email(&self, email: &str) -> Result<Listing<User>, Error> {
        let asked = odd_spelling(email);
        let query = UsersQuery::with_email(&asked).map_err(|e| e.in_call(USERS_LIST))?;
        let same = |user: User| {
            user.email().is_some_and(|theirs| theirs.eq_ignore_ascii_case(email)).then_some(user)
        };
        let mut listing = self.users_paged(&query, FEW, WITHIN).keep(same).await?;
        // Whoever is spelled just so is found by a filter that minds case, too: that tells nothing of others.
        if asked != email && listing.rows.iter().all(|user| user.email() == Some(&asked)) {
            listing.rows.clear();
        }
        Ok(listing)
    }

    /// What `keep` makes of each user of the organisation, within 30 s.
    pub(crate) async fn all_users<U>(
        &self,
        keep: impl Fn(User) -> Option<U>,
    ) -> Result<Listing<U>, Error> {
        self.users(&UsersQuery::all()).keep(keep).await
    }

    /// Whether users can be listed at all: one row is asked for.
    pub(crate) async fn probe_users(&self) -> Result<(), Error> {
        let window = Window { offset: 0, limit: 1 };
        let call = self
            .core
            .call(USERS_LIST, Method::POST, &["users", "list"])?
            .json(&UsersQuery::all().body(window))?;
        let answer = self.core.read(&call, Instant::now() + WITHIN).await?;
        call.decode::<ListReply<User>>(&answer, &self.core.session).map(|_| ())
    }

    fn users_paged(&self, query: &UsersQuery, page: u64, within: Duration) -> Rows<User> {
        let query = query.clone();
        self.rows(Size::pages_of(page), within, move |core, window| {
            core.call(USERS_LIST, Method::POST, &["users", "list"])?
                .hiding(query.hidden.as_deref())
                .json(&query.body(window))
        })
    }
}
