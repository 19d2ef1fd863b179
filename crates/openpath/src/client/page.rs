//! A list's pages, one after the other, with what keeps a vendor from sending them for ever.

use std::{collections::HashSet, sync::Arc};

use elevate_transport::{Delivery, Instant, Operation};
use serde::de::DeserializeOwned;

use super::{Core, WITHIN, call::Call};
use crate::{
    Activity, Credential, CredentialType, Entry, EntryState, Error, ErrorKind, Feature,
    LockdownPlan, OrgCredential, OrgEntry, SiteId, User,
    model::{ListReply, SiteIds},
};

/// The most pages of one list that are read.
pub const MAX_PAGES: u32 = 1_000;

/// The most rows of one list that are read.
pub const MAX_ROWS: u64 = 200_000;

/// The most bytes of one list that are read.
const MAX_BYTES: usize = 64 * 1024 * 1024;

/// A row of a list.
pub(super) trait Row {
    /// What tells it from others; `None` if nothing does.
    fn id(&self) -> Option<&str>;
}

macro_rules! rows {
    ($($name:ident),*) => {
        $(impl Row for $name {
            fn id(&self) -> Option<&str> {
                Some(self.id.as_str())
            }
        })*
    };
}
rows!(Credential, CredentialType, Entry, EntryState, Feature, LockdownPlan, OrgEntry, User);

impl Row for OrgCredential {
    fn id(&self) -> Option<&str> {
        Some(self.credential.id.as_str())
    }
}

impl Row for Activity {
    fn id(&self) -> Option<&str> {
        None
    }
}

/// Where in a list a page begins, and how many rows it is to have.
#[derive(Clone, Copy)]
pub(super) struct Window {
    pub(super) offset: u64,
    pub(super) limit: u64,
}

impl Window {
    /// The query that asks for it, in the one order in which no later page can repeat or skip a row for a
    /// new name.
    pub(super) fn by_id(self) -> [(&'static str, String); 4] {
        self.by("id", "asc")
    }

    pub(super) fn by(self, sort: &str, order: &str) -> [(&'static str, String); 4] {
        [
            ("limit", self.limit.to_string()),
            ("offset", self.offset.to_string()),
            ("sort", sort.to_owned()),
            ("order", order.to_owned()),
        ]
    }
}

/// How much of a list is asked for at a time, and how much is taken in all.
#[derive(Clone, Copy)]
pub(super) struct Size {
    /// Rows of one page.
    pub(super) page: u64,
    /// Rows of the whole list: with more it is refused.
    pub(super) most: u64,
    /// Rows that are enough: what is behind them is left.
    pub(super) enough: u64,
}

impl Size {
    /// A list that is read to its end, in pages of so many rows.
    pub(super) fn pages_of(page: u64) -> Self {
        Self { page, most: MAX_ROWS, enough: u64::MAX }
    }

    /// A list that comes in one piece: no parameter of the call could ask for a second one.
    pub(super) fn one_piece(most: u64) -> Self {
        Self { page: u64::MAX, most, enough: u64::MAX }
    }
}

/// A list at the vendor: how a page of it is asked for.
pub(super) struct List {
    pub(super) core: Arc<Core>,
    pub(super) size: Size,
    pub(super) page: Box<MakeCall>,
}

pub(super) type MakeCall = dyn Fn(&Core, Window) -> Result<Call, Error> + Send + Sync;

/// A page.
pub(super) struct Page<T> {
    /// Its rows, without those of earlier pages.
    pub(super) rows: Vec<T>,
    pub(super) is_site_bound: bool,
    pub(super) site_ids: SiteIds,
    /// How many rows the list has in all, as far as the vendor says.
    pub(super) promised: Option<u64>,
}

/// Why there is no next page, though the list has not ended.
pub(super) enum Stop {
    /// It has fewer rows than when the reading began: a later page may have skipped one.
    Shrank(Error),
    Failed(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl From<Stop> for Error {
    fn from(stop: Stop) -> Self {
        let (Stop::Shrank(error) | Stop::Failed(error)) = stop;
        error
    }
}

/// One reading of a list, from its start.
pub(super) struct Reading {
    list: Arc<List>,
    /// When it has to be over; without it each page has its own 10 s.
    by: Option<Instant>,
    known: HashSet<Box<str>>,
    pages: u32,
    rows: u64,
    bytes: usize,
    promised: Option<u64>,
    is_over: bool,
}

impl Reading {
    pub(super) fn new(list: Arc<List>, by: Option<Instant>) -> Self {
        let is_over = list.size.enough == 0;
        Self {
            list,
            by,
            known: HashSet::new(),
            pages: 0,
            rows: 0,
            bytes: 0,
            promised: None,
            is_over,
        }
    }

    /// The next page, and what is to be known for the one after it; `None` at the end.
    pub(super) async fn turn<T>(mut self) -> Result<Option<(Page<T>, Self)>, Stop>
    where
        T: DeserializeOwned + Row,
    {
        if self.is_over {
            return Ok(None);
        }
        let size = self.list.size;
        let limit = size.page.min(size.enough.saturating_sub(self.rows));
        let call = (self.list.page)(&self.list.core, Window { offset: self.rows, limit })?;
        let fail = |why: &str| Err(Stop::Failed(incomplete(call.operation(), why)));
        if self.pages == MAX_PAGES {
            return fail("it has too many pages");
        }
        self.pages += 1;
        let by = self.by.unwrap_or_else(|| Instant::now() + WITHIN);
        let answer = self.list.core.read(&call, by).await?;
        self.bytes += answer.body.len();
        if self.bytes > MAX_BYTES {
            return fail("it is too long");
        }
        let reply: ListReply<T> = call.decode(&answer, &self.list.core.session)?;
        let site_ids = reply.site_ids();
        let ids = reply.data.iter().filter_map(Row::id);
        self.list.core.check_ids(&call, &answer, ids.chain(site_ids.iter().map(SiteId::as_str)))?;

        if reply.filtered_count.zip(self.promised).is_some_and(|(now, before)| now < before) {
            let error = incomplete(call.operation(), "it shrank while it was read");
            return Err(Stop::Shrank(error));
        }
        self.promised = reply.filtered_count.or(self.promised);

        let (came, next) = (reply.data.len() as u64, reply.has_next_page());
        self.rows += came;
        if self.rows > size.most {
            return fail("it has too many rows");
        }
        let is_site_bound = reply.is_site_bound();
        let mut rows = reply.data;
        rows.retain(|row| row.id().is_none_or(|id| self.known.insert(id.into())));
        if came > 0 && rows.is_empty() {
            return fail("it repeats itself");
        }
        if self.rows >= size.enough {
            let surplus = self.rows - size.enough;
            let left = (rows.len() as u64).saturating_sub(surplus);
            rows.truncate(usize::try_from(left).unwrap_or(usize::MAX));
            self.is_over = true;
            let promised = self.promised;
            return Ok(Some((Page { rows, is_site_bound, site_ids, promised }, self)));
        }
        // A short page is not the last one if the vendor says that there are more.
        let more_are_promised = self.promised.is_some_and(|promised| self.rows < promised);
        let more = next == Some(true)
            || more_are_promised
            || (came >= limit && (next, self.promised) == (None, None));
        match (more, came) {
            (true, 0) if more_are_promised => return fail("it promises rows that do not come"),
            (true, 0) if next == Some(true) => {
                return fail("it promises a next page that is empty");
            }
            (false, _) | (true, 0) => self.is_over = true,
            (true, _) => {}
        }
        let promised = self.promised;
        Ok(Some((Page { rows, is_site_bound, site_ids, promised }, self)))
    }
}

fn incomplete(operation: Operation, why: &str) -> Error {
    Error::new(ErrorKind::Incomplete)
        .delivered(Delivery::Answered)
        .in_call(operation)
        .with_message(why)
}
