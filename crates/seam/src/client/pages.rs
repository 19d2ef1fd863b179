//! Lists, read page by page to their end.

use std::collections::HashSet;

use elevate_transport::{Instant, Operation};
use serde::{Deserialize, Serialize};

use super::{
    Inner,
    call::{LIST_BYTES, Reply},
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

/// What a page says of the next one. Its `next_page_url` is not even read: Seam's own fake has been seen to
/// lead back to page one by it.
#[derive(Default, Deserialize)]
pub(super) struct Pagination {
    #[serde(default, deserialize_with = "lenient::or_none")]
    has_next_page: Option<bool>,
    #[serde(default, deserialize_with = "lenient::or_none")]
    next_page_cursor: Option<String>,
}

/// One page of a list.
pub(super) trait Page: Reply {
    /// What is listed.
    type Item: Item;

    /// The page's items, and what it says of the next page.
    fn parts(self) -> (Vec<Self::Item>, Pagination);
}

/// Something that is listed.
pub(super) trait Item {
    /// How many entries its own lists have.
    fn parts(&self) -> usize;
}

impl Item for Device {
    fn parts(&self) -> usize {
        self.space_ids.len() + self.errors.len() + self.warnings.len() + self.custom_metadata.len()
    }
}

impl Item for Space {
    fn parts(&self) -> usize {
        0
    }
}

/// Later pages have to repeat the first page's parameters.
#[derive(Serialize)]
struct Paged<'a, Q> {
    #[serde(flatten)]
    query: &'a Q,
    #[serde(skip_serializing_if = "Option::is_none")]
    page_cursor: Option<&'a str>,
}

impl Inner {
    /// The whole list, or an error: never a part of it.
    pub(super) async fn list<P: Page>(
        &self,
        operation: Operation,
        query: &(impl Serialize + Sync),
        answer_by: Instant,
    ) -> Result<Vec<P::Item>, Error> {
        let mut items = Vec::new();
        let mut cursor: Option<String> = None;
        let mut seen = HashSet::new();
        let (mut weight, mut parts) = (0, 0);
        for _ in 0..MOST_PAGES {
            let params = Paged { query, page_cursor: cursor.as_deref() };
            let (page, bytes) =
                self.read_within::<P>(operation, &params, answer_by, LIST_BYTES).await?;
            let (more, pagination) = page.parts();
            weight += bytes;
            if weight > MOST_BYTES {
                return Err(Error::endless(operation, "it is larger than 32 MiB"));
            }
            parts += more.iter().map(|item| ITEM_PARTS + item.parts()).sum::<usize>();
            if parts > MOST_PARTS {
                return Err(Error::endless(operation, "it has too many parts"));
            }
            items.extend(more);
            let Some(next) = pagination.next(operation)? else { return Ok(items) };
            if !seen.insert(next.clone()) {
                return Err(Error::endless(operation, "a cursor came a second time"));
            }
            cursor = Some(next);
        }
        Err(Error::endless(operation, "it has more than 1,000 pages"))
    }
}

impl Pagination {
    /// The cursor of the next page; `None` at the end.
    fn next(self, operation: Operation) -> Result<Option<String>, Error> {
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
