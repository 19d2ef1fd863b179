//! A list's pages, one after the other, with what keeps a vendor from sending them for ever.

use std::{
    collections::{BTreeMap, HashSet},
    sync::Arc,
    time::Duration,
};

use elevate_transport::{Bytes, Instant, Operation};
use serde::{Deserialize, Serialize};

use super::{
    Inner,
    call::{LIST_BYTES, Reply, body},
};
use crate::{Device, Error, Space, lenient};

/// More pages than this are no list.
const MOST_PAGES: usize = 1000;

/// More bytes than this are no list that fits here. A property of 2,000 units and 300 devices, each in a
/// dozen units, is about 2 MiB.
const MOST_BYTES: usize = 32 * 1024 * 1024;

/// What a list may come to in memory, where a part that weighs three bytes on the wire can take eighty: 300
/// devices that are in 2,000 spaces each come to 600,000.
const MOST_PARTS: usize = 1_000_000;

/// What one item counts for, beside its own lists.
const ITEM_PARTS: usize = 10;

/// How long a page of a stream may take. Who wants the whole list says when it has to be there.
const PAGE: Duration = Duration::from_secs(10);

/// What a page says of the next one. Its `next_page_url` is not even read: Seam's own fake has been seen to
/// lead back to page one by it.
#[derive(Default, Deserialize)]
pub(super) struct Pagination {
    #[serde(default, deserialize_with = "lenient::or_none")]
    has_next_page: Option<bool>,
    #[serde(default, deserialize_with = "lenient::or_none")]
    next_page_cursor: Option<String>,
    /// Why the list cannot be read on, where that is found out on our side.
    #[serde(skip)]
    fault: Option<&'static str>,
}

/// One page of a list.
pub(super) trait Page: Reply + Send {
    /// What is listed.
    type Item: Item + Send + 'static;

    /// The page's items, and what it says of the next page.
    fn parts(self) -> (Vec<Self::Item>, Pagination);
}

/// Declares the body of a page: the list under its own key, beside `pagination`, which not every list has.
macro_rules! page {
    ($name:ident { $list:ident: $item:ty }) => {
        super::call::reply!($name {
            $list: Vec<$item>,
            #[serde(default, deserialize_with = "crate::lenient::or_default")]
            pagination: super::pages::Pagination
        });

        impl super::pages::Page for $name {
            type Item = $item;

            fn parts(self) -> (Vec<$item>, super::pages::Pagination) {
                (self.$list, self.pagination)
            }
        }
    };
}

pub(super) use page;

/// Something that is listed.
pub(super) trait Item {
    /// How many entries its own lists have.
    fn parts(&self) -> usize;
}

impl Item for Device {
    fn parts(&self) -> usize {
        self.space_ids.len()
            + self.errors.len()
            + self.warnings.len()
            + self.custom_metadata.as_ref().map_or(0, BTreeMap::len)
    }
}

impl Item for Space {
    fn parts(&self) -> usize {
        0
    }
}

/// A list at the vendor: how a page of it is asked for.
pub(super) struct List {
    inner: Arc<Inner>,
    operation: Operation,
    params: Box<MakeBody>,
    /// The most items that a page can have.
    limit: Option<usize>,
    /// Why it cannot be asked for.
    fault: Option<&'static str>,
}

/// Makes the body of the request for the page at that cursor.
type MakeBody = dyn Fn(Option<&str>) -> Result<Bytes, Error> + Send + Sync;

/// Later pages have to repeat the first page's parameters.
#[derive(Serialize)]
struct Paged<'a, Q> {
    #[serde(flatten)]
    query: &'a Q,
    #[serde(skip_serializing_if = "Option::is_none")]
    page_cursor: Option<&'a str>,
}

impl List {
    /// A list of which a page has at most so many items, if there is such a limit.
    pub(super) fn new<Q>(
        inner: &Arc<Inner>,
        operation: Operation,
        query: &Q,
        limit: Option<u32>,
    ) -> Self
    where
        Q: Clone + Serialize + Send + Sync + 'static,
    {
        let query = query.clone();
        let params =
            move |page_cursor: Option<&str>| body(operation, &Paged { query: &query, page_cursor });
        let limit = limit.and_then(|limit| limit.try_into().ok());
        Self { inner: Arc::clone(inner), operation, params: Box::new(params), limit, fault: None }
    }

    /// A list without cursors, of which the pages themselves say how the next one is asked for
    /// ([`Pagination::more`]).
    pub(super) fn without_cursors(
        inner: &Arc<Inner>,
        operation: Operation,
        params: impl Fn(Option<&str>) -> Result<Bytes, Error> + Send + Sync + 'static,
    ) -> Self {
        Self {
            inner: Arc::clone(inner),
            operation,
            params: Box::new(params),
            limit: None,
            fault: None,
        }
    }

    /// The same list, which is not asked for if its query has that fault.
    pub(super) fn unless(mut self, fault: Option<&'static str>) -> Self {
        self.fault = fault;
        self
    }
}

/// A filter by a list of nothing: what Seam takes it for nobody has said, and it may be everything.
pub(super) fn is_empty<T>(filter: Option<&Vec<T>>) -> bool {
    filter.is_some_and(Vec::is_empty)
}

/// One reading of a list, from its start.
pub(super) struct Reading {
    list: Arc<List>,
    /// When the whole has to be there; without it each page has its own 10 s.
    by: Option<Instant>,
    cursor: Option<String>,
    seen: HashSet<String>,
    pages: usize,
    bytes: usize,
    parts: usize,
    is_over: bool,
}

impl Reading {
    pub(super) fn new(list: Arc<List>, by: Option<Instant>) -> Self {
        let seen = HashSet::new();
        Self { list, by, cursor: None, seen, pages: 0, bytes: 0, parts: 0, is_over: false }
    }

    /// The next page, with what is needed to read the one behind it; `None` after the last.
    pub(super) async fn turn<P: Page>(mut self) -> Result<Option<(Vec<P::Item>, Self)>, Error> {
        if self.is_over {
            return Ok(None);
        }
        let operation = self.list.operation;
        if self.pages == MOST_PAGES {
            return Err(Error::endless(operation, "it has more than 1,000 pages"));
        }
        if let Some(fault) = self.list.fault {
            return Err(Error::invalid(operation.name, fault));
        }
        let params = (self.list.params)(self.cursor.as_deref())?;
        let by = self.by.unwrap_or_else(|| Instant::now() + PAGE);
        let read = self.list.inner.read_body::<P>(operation, params, by, LIST_BYTES);
        let (page, bytes) = read.await?;
        let (items, pagination) = page.parts();

        self.pages += 1;
        self.bytes += bytes;
        if self.bytes > MOST_BYTES {
            return Err(Error::endless(operation, "it is larger than 32 MiB"));
        }
        self.parts += items.iter().map(|item| ITEM_PARTS + item.parts()).sum::<usize>();
        if self.parts > MOST_PARTS {
            return Err(Error::endless(operation, "it has too many parts"));
        }
        let full = self.list.limit.is_some_and(|limit| items.len() >= limit);
        if full && pagination.says_nothing() {
            let why = "it is as long as it may be at most, and does not say whether there is more";
            return Err(Error::endless(operation, why));
        }
        self.cursor = pagination.next(operation)?;
        match &self.cursor {
            None => self.is_over = true,
            Some(next) if self.seen.insert(next.clone()) => {}
            Some(_) => return Err(Error::endless(operation, "a cursor came a second time")),
        }
        Ok(Some((items, self)))
    }
}

impl Pagination {
    /// There may be another page, to be asked for by that.
    pub(super) fn more(next: String) -> Self {
        Self { has_next_page: Some(true), next_page_cursor: Some(next), fault: None }
    }

    /// There may be another page, and no way to ask for it.
    pub(super) fn fault(why: &'static str) -> Self {
        Self { fault: Some(why), ..Self::default() }
    }

    /// Whether it tells neither that there is another page nor that there is none.
    fn says_nothing(&self) -> bool {
        self.has_next_page.is_none() && self.next_page_cursor.is_none()
    }

    /// The cursor of the next page; `None` at the end.
    fn next(self, operation: Operation) -> Result<Option<String>, Error> {
        if let Some(fault) = self.fault {
            return Err(Error::endless(operation, fault));
        }
        let cursor = self.next_page_cursor.filter(|cursor| !cursor.is_empty());
        match (self.has_next_page, cursor) {
            (Some(true), None) => {
                Err(Error::endless(operation, "another page is announced, without its cursor"))
            }
            (Some(true) | None, cursor) => Ok(cursor),
            (Some(false), _) => Ok(None),
        }
    }
}
