//! Lists as streams, and as a whole.

use std::{
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
    vec,
};

use elevate_transport::Instant;
use futures_util::{
    Stream, StreamExt as _, TryStreamExt as _,
    stream::{BoxStream, try_unfold},
};
use serde::de::DeserializeOwned;

use super::page::{List, Page, Reading, Row, Stop};
use crate::{Error, SiteId, model::SiteIds};

/// The rows of a list at the vendor, as a [`Stream`] that asks for a page when one is wanted, or as a whole
/// ([`all`](Self::all)).
///
/// Nothing is asked before it is polled, nothing ahead of what is taken, and nothing once it is dropped. Each
/// page has 10 s; how long a reader takes between two pages does not matter.
///
/// The stream ends after the last row, or after its first error. What came before the error is then **not
/// the whole list**, and that somebody is not among it says nothing. Bounds are those of [`Listing`]. A list
/// that grows or shrinks between two pages may have skipped a row: one that shrank ends with
/// [`ErrorKind::Incomplete`](crate::ErrorKind::Incomplete), where `all` begins once more.
///
/// ```
/// use elevate_openpath::{Client, Error, UsersQuery};
/// use futures_util::StreamExt as _;
///
/// async fn count_active(client: &Client) -> Result<usize, Error> {
///     let mut active = 0;
///     let mut users = client.users(&UsersQuery::all());
///     while let Some(user) = users.next().await {
///         active += usize::from(user?.is_active());
///     }
///     Ok(active)
/// }
/// ```
#[must_use = "nothing is read before it is polled"]
pub struct Rows<T> {
    list: Arc<List>,
    begin: fn(Reading) -> Pages<T>,
    within: Duration,
    pages: Pages<T>,
    ready: vec::IntoIter<T>,
    told: Told,
}

/// What a stream has learnt of its list so far.
#[derive(Clone, Copy, Default)]
pub(crate) struct Told {
    /// How many pages have come.
    pub(crate) pages: u64,
    /// How many rows there are in all, as far as the vendor says.
    pub(crate) of: Option<u64>,
    /// Whether the service account sees some sites only.
    pub(crate) is_site_bound: bool,
}

type Pages<T> = BoxStream<'static, Result<Page<T>, Stop>>;

/// A list, read to its end.
///
/// A list that cannot be read whole is an error ([`ErrorKind::Incomplete`](crate::ErrorKind::Incomplete)) and
/// never a shorter list: pages are read until the vendor neither says nor implies that there are more, rows
/// that come twice count once, and a list that repeats itself, that promises rows which do not come, or that
/// goes on past [`MAX_PAGES`](crate::MAX_PAGES), [`MAX_ROWS`](crate::MAX_ROWS) or 64 MiB fails. One that
/// shrinks while it is read is read once more from its start.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Listing<T> {
    /// The rows, lowest id first where the vendor sorts.
    pub rows: Vec<T>,
    /// Whether the service account sees some sites only, so that there may be more rows than it is shown.
    pub is_site_bound: bool,
    /// Those sites, lowest first, as far as the vendor names them; empty if the account is not bound, or to more
    /// than 1,000.
    pub site_ids: Vec<SiteId>,
}

impl<T> Rows<T> {
    pub(super) fn of(list: List, within: Duration) -> Self
    where
        T: DeserializeOwned + Row + Send + 'static,
    {
        let begin = |reading: Reading| try_unfold(reading, Reading::turn::<T>).boxed();
        let list = Arc::new(list);
        let pages = begin(Reading::new(list.clone(), None));
        let (ready, told) = (Vec::new().into_iter(), Told::default());
        Self { list, begin, within, pages, ready, told }
    }

    /// The whole list, from its first row, whatever was taken off the stream before: within 10 s in all, a
    /// list of users within 30 s.
    ///
    /// # Errors
    /// See [`ErrorKind`](crate::ErrorKind). Then there is no list, and not a shorter one.
    pub async fn all(self) -> Result<Listing<T>, Error> {
        self.keep(Some).await
    }

    /// What is known of the list so far.
    pub(crate) fn told(&self) -> Told {
        self.told
    }

    /// The same, with what `keep` makes of each row.
    pub(crate) async fn keep<U>(self, keep: impl Fn(T) -> Option<U>) -> Result<Listing<U>, Error> {
        let by = Instant::now() + self.within;
        let Self { list, begin, .. } = self;
        let pass = async || {
            let mut pages = begin(Reading::new(list.clone(), Some(by)));
            let mut listing = Listing { rows: Vec::new(), is_site_bound: false, site_ids: vec![] };
            let mut site_ids = SiteIds::default();
            while let Some(page) = pages.try_next().await? {
                listing.rows.extend(page.rows.into_iter().filter_map(&keep));
                listing.is_site_bound |= page.is_site_bound;
                site_ids.append(page.site_ids);
            }
            listing.site_ids = site_ids.into_list();
            Ok(listing)
        };
        match pass().await {
            Err(Stop::Shrank(_)) => Ok(pass().await?),
            ended => Ok(ended?),
        }
    }
}

impl<T> Stream for Rows<T> {
    type Item = Result<T, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(row) = self.ready.next() {
                return Poll::Ready(Some(Ok(row)));
            }
            match ready!(self.pages.poll_next_unpin(cx)) {
                Some(Ok(page)) => {
                    self.told.pages += 1;
                    self.told.of = page.promised;
                    self.told.is_site_bound |= page.is_site_bound;
                    self.ready = page.rows.into_iter();
                }
                Some(Err(stop)) => return Poll::Ready(Some(Err(stop.into()))),
                None => return Poll::Ready(None),
            }
        }
    }
}

/// No row is ever pinned.
impl<T> Unpin for Rows<T> {}

impl<T> fmt::Debug for Rows<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rows").finish_non_exhaustive()
    }
}
