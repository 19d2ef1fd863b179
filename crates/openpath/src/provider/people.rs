//! Finding users by e-mail: by the vendor's filter where it works, else by looking through all of them.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use elevate_access::{Aged, Dated, Error as AccessError, Freshness, MaxAge, VerifiedEmail};
use tokio::time::Instant;

use super::{LINK_AGE, causes::unread, person::Candidate};
use crate::{Client, Error, ErrorKind, client::fits_a_filter};

/// How long a filter that did not find whom a scan found is left alone.
const DISTRUST: Duration = Duration::from_hours(1);

/// How long a scan is good enough to say that somebody is not there, even to one who asks for a fresh
/// reading: so nobody who is not a user keeps the vendor busy with scans.
const NOBODY_AGE: Duration = Duration::from_secs(30);

/// Everybody of the organisation, by e-mail in ASCII lower case.
struct Index {
    by_email: HashMap<Box<str>, Vec<Candidate>>,
    is_site_bound: bool,
}

/// The users with one e-mail.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) users: Vec<Candidate>,
    /// Whether there may be more that the service account is not shown.
    pub(super) is_site_bound: bool,
    /// When the reading began that says so: it may be an earlier one than the one that asks.
    pub(super) begun: Instant,
}

/// Which way of finding somebody by e-mail has worked in this organisation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Way {
    /// Nobody was found yet.
    #[default]
    Untried,
    /// The vendor's filter finds people, whatever the case of their e-mails.
    Filter,
    /// Reading everybody found somebody whom the filter does not find.
    Scan {
        /// The filter is not asked until then.
        until: Instant,
    },
}

/// Finds users of one organisation by e-mail.
#[derive(Debug)]
pub(super) struct People {
    client: Client,
    index: Aged<Index>,
    way: Mutex<Way>,
}

impl People {
    pub(super) fn new(client: Client) -> Self {
        let index = Aged::new(MaxAge::of(LINK_AGE));
        Self { client, index, way: Mutex::default() }
    }

    /// Which way has worked, as of now.
    pub(super) fn way(&self) -> Way {
        *self.way.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn worked(&self, way: Way) {
        *self.way.lock().unwrap_or_else(PoisonError::into_inner) = way;
    }

    /// Every user with that e-mail, from readings that were complete.
    ///
    /// How the vendor's filter compares was never observed. That it finds somebody is checked row by row;
    /// that it finds nobody, or fails, is checked by a scan of all users, which all that ask share, and
    /// which is kept for five minutes. [`Freshness::Fresh`] scans anew, unless a scan of the last 30 s did
    /// not find them either.
    pub(super) async fn find(
        &self,
        email: &VerifiedEmail,
        freshness: Freshness,
    ) -> Result<Found, AccessError> {
        let begun = Instant::now();
        let filtered = if fits_a_filter(email.expose()) && !self.distrusts() {
            match self.client.users_by_email(email.expose()).await {
                Ok(listing) if !listing.rows.is_empty() => {
                    let is_site_bound = listing.is_site_bound;
                    let users = listing.rows.into_iter().map(Candidate::from).collect();
                    self.worked(Way::Filter);
                    return Ok(Found { users, is_site_bound, begun });
                }
                Ok(_) => true,
                Err(error) if may_be_the_filters_fault(&error) => {
                    tracing::warn!(%error, "the filter by e-mail failed; all users are read instead");
                    // A vendor that fails says nothing of its filter.
                    error.kind() != ErrorKind::Server
                }
                Err(error) => return Err(unread(error)),
            }
        } else {
            false
        };

        let key = email.expose().to_ascii_lowercase();
        let is_nobody_in = |index: &Dated<Index>| {
            index.begun.elapsed() <= NOBODY_AGE && !index.value.by_email.contains_key(key.as_str())
        };
        let mut index = match self.index.peek().filter(is_nobody_in) {
            Some(index) => index,
            None => self.index.get(freshness, || self.scan()).await?,
        };
        if filtered && index.begun < begun && index.value.by_email.contains_key(key.as_str()) {
            // The filter was asked later, and has not found them: an older list must not overrule it.
            index = self.index.get(Freshness::Fresh, || self.scan()).await?;
        }
        let users = index.value.by_email.get(key.as_str()).cloned().unwrap_or_default();
        if filtered && !users.is_empty() {
            tracing::warn!("the filter by e-mail does not find whom a list of all users holds");
            self.worked(Way::Scan { until: Instant::now() + DISTRUST });
        }
        Ok(Found { users, is_site_bound: index.value.is_site_bound, begun: index.begun })
    }

    fn distrusts(&self) -> bool {
        matches!(self.way(), Way::Scan { until } if Instant::now() < until)
    }

    /// Reads all users.
    fn scan(&self) -> impl Future<Output = Result<Index, AccessError>> + Send + 'static {
        let client = self.client.clone();
        async move {
            let keep = |user: crate::User| {
                let email = user.email()?.to_ascii_lowercase();
                Some((email.into_boxed_str(), Candidate::from(user)))
            };
            let listing = client.all_users(keep).await.map_err(unread)?;
            let mut by_email: HashMap<Box<str>, Vec<Candidate>> = HashMap::new();
            for (email, candidate) in listing.rows {
                by_email.entry(email).or_default().push(candidate);
            }
            Ok(Index { by_email, is_site_bound: listing.is_site_bound })
        }
    }
}

/// Whether the same list without a filter may fare better.
fn may_be_the_filters_fault(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::Rejected | ErrorKind::Server | ErrorKind::Incomplete)
}
