//! Lists as streams, and as a whole.

use std::{
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    vec,
};

use elevate_transport::Instant;
use futures_util::{
    Stream, StreamExt as _, TryStreamExt as _,
    stream::{BoxStream, try_unfold},
};

use super::pages::{Item, List, Page, Reading};
use crate::Error;

/// The rows of a list at Seam, as a [`Stream`] that asks for a page when one is wanted, or as a whole
/// ([`all`](Self::all)).
///
/// Nothing is asked before it is polled, nothing ahead of what is taken, and nothing once it is dropped. Each
/// page of a stream has 10 s; how long a reader takes between two pages does not matter.
///
/// The stream ends after the last row, or after its first error. What came before the error is then **not
/// the whole list**, and that something is not among it says nothing.
///
/// Pages follow Seam's cursor; a URL that it sends is never followed. A list that cannot be read to its end
/// is an error ([`ErrorKind::EndlessList`](crate::ErrorKind::EndlessList)): one with more than 1,000 pages,
/// 32 MiB or a million parts, one whose cursor comes a second time, one that announces a page without its
/// cursor, and one that is as long as it was asked to be at most and says nothing of what is behind. A list
/// that carries no pagination, and is shorter than that, ends after its page.
///
/// ```
/// use elevate_seam::{Client, DevicesQuery, Error};
/// use futures_util::StreamExt as _;
///
/// async fn count_remote(client: &Client) -> Result<usize, Error> {
///     let mut remote = 0;
///     let mut devices = client.devices(&DevicesQuery::new());
///     while let Some(device) = devices.next().await {
///         remote += usize::from(device?.can_remotely_unlock == Some(true));
///     }
///     Ok(remote)
/// }
/// ```
#[must_use = "nothing is read before it is polled"]
pub struct Rows<T> {
    list: Arc<List>,
    begin: fn(Reading) -> Pages<T>,
    pages: Pages<T>,
    ready: vec::IntoIter<T>,
}

pub(super) type Pages<T> = BoxStream<'static, Result<Vec<T>, Error>>;

impl<T> Rows<T> {
    pub(super) fn of<P>(list: List) -> Self
    where
        P: Page<Item = T> + 'static,
        T: Item,
    {
        Self::begun_by(list, |reading| try_unfold(reading, Reading::turn::<P>).boxed())
    }

    /// The same of pages that are not taken as they come.
    pub(super) fn begun_by(list: List, begin: fn(Reading) -> Pages<T>) -> Self {
        let list = Arc::new(list);
        let pages = begin(Reading::new(Arc::clone(&list), None));
        Self { list, begin, pages, ready: Vec::new().into_iter() }
    }

    /// The whole list, from its first row, whatever was taken off the stream before.
    ///
    /// # Errors
    /// If any page could not be read by `answer_by`, or the list has no end. Then there is no list, and not a
    /// shorter one.
    pub async fn all(self, answer_by: Instant) -> Result<Vec<T>, Error> {
        Ok(self.all_and_calls(answer_by).await?.0)
    }

    /// The same, and how many pages it had.
    pub(crate) async fn all_and_calls(self, answer_by: Instant) -> Result<(Vec<T>, u64), Error> {
        let Self { list, begin, .. } = self;
        let mut pages = begin(Reading::new(list, Some(answer_by)));
        let (mut rows, mut calls) = (Vec::new(), 0);
        while let Some(page) = pages.try_next().await? {
            rows.extend(page);
            calls += 1;
        }
        Ok((rows, calls))
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
                Some(Ok(page)) => self.ready = page.into_iter(),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
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
