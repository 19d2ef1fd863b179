//! Lists, read page by page to the end, or not at all.

use std::collections::HashSet;

use elevate_transport::Instant;
use serde::de::DeserializeOwned;

use super::{Core, Listing, call::Call};
use crate::{Credential, CredentialType, Entry, Error, ErrorKind, User, model::ListReply};

/// The most pages of one list that are read.
pub const MAX_PAGES: u32 = 1_000;

/// The most rows of one list that are read.
pub const MAX_ROWS: u64 = 200_000;

/// The most bytes of one list that are read.
const MAX_BYTES: usize = 64 * 1024 * 1024;

/// A row of a list, told from others by its id.
pub(super) trait Row {
    fn id(&self) -> &str;
}

macro_rules! rows {
    ($($name:ident),*) => {
        $(impl Row for $name {
            fn id(&self) -> &str {
                self.id.as_str()
            }
        })*
    };
}
rows!(Credential, CredentialType, Entry, User);

/// Where in a list a page begins, and how many rows it is to have.
#[derive(Clone, Copy)]
pub(super) struct Window {
    pub(super) offset: u64,
    pub(super) limit: u64,
}

/// How much of a list is asked for at a time, and how much is taken in all.
#[derive(Clone, Copy)]
pub(super) struct Size {
    /// Rows of one page.
    pub(super) page: u64,
    /// Rows of the whole list: with more it is refused.
    pub(super) most: u64,
}

/// How a reading of a list ended.
enum End<T> {
    Whole(Listing<T>),
    /// It has fewer rows than when the reading began: a later page may have skipped one.
    Shrank,
}

impl Core {
    /// Reads a list to its end, and keeps of it what `keep` makes of each row. A list that shrinks while it
    /// is read is read once more from its start.
    pub(super) async fn list<T, U>(
        &self,
        size: Size,
        by: Instant,
        page: impl Fn(Window) -> Result<Call, Error>,
        keep: impl Fn(T) -> Option<U>,
    ) -> Result<Listing<U>, Error>
    where
        T: DeserializeOwned + Row,
    {
        if let End::Whole(listing) = self.pass(size, by, &page, &keep).await? {
            return Ok(listing);
        }
        match self.pass(size, by, &page, &keep).await? {
            End::Whole(listing) => Ok(listing),
            End::Shrank => {
                let operation = page(Window { offset: 0, limit: size.page })?.operation();
                Err(incomplete("it shrank while it was read").in_call(operation))
            }
        }
    }

    async fn pass<T, U>(
        &self,
        size: Size,
        by: Instant,
        page: &impl Fn(Window) -> Result<Call, Error>,
        keep: &impl Fn(T) -> Option<U>,
    ) -> Result<End<U>, Error>
    where
        T: DeserializeOwned + Row,
    {
        let limit = size.page;
        let mut listing = Listing { rows: Vec::new(), is_site_bound: false };
        let mut known: HashSet<Box<str>> = HashSet::new();
        let mut rows = 0;
        let mut bytes = 0;
        let mut promised = None;
        for _ in 0..MAX_PAGES {
            let call = page(Window { offset: rows, limit })?;
            let answer = self.read(&call, by).await?;
            let fail = |why: &str| Err(incomplete(why).in_call(call.operation()));
            bytes += answer.body.len();
            if bytes > MAX_BYTES {
                return fail("it is too long");
            }
            let reply: ListReply<T> = call.decode(&answer)?;

            listing.is_site_bound |= reply.is_site_bound();
            if reply.filtered_count.zip(promised).is_some_and(|(now, before)| now < before) {
                return Ok(End::Shrank);
            }
            promised = reply.filtered_count.or(promised);

            let (came, next) = (reply.data.len() as u64, reply.has_next_page());
            rows += came;
            if rows > size.most {
                return fail("it has too many rows");
            }
            let before = known.len();
            for row in reply.data {
                if known.insert(row.id().into()) {
                    listing.rows.extend(keep(row));
                }
            }
            if came > 0 && known.len() == before {
                return fail("it repeats itself");
            }
            // A short page is not the last one if the vendor says that there are more.
            let more_are_promised = promised.is_some_and(|promised| rows < promised);
            let more = next == Some(true)
                || more_are_promised
                || (came >= limit && (next, promised) == (None, None));
            match (more, came) {
                (true, 0) if more_are_promised => {
                    return fail("it promises rows that do not come");
                }
                (true, 0) if next == Some(true) => {
                    return fail("it promises a next page that is empty");
                }
                (false, _) | (true, 0) => return Ok(End::Whole(listing)),
                (true, _) => {}
            }
        }
        let operation = page(Window { offset: rows, limit })?.operation();
        Err(incomplete("it has too many pages").in_call(operation))
    }
}

fn incomplete(why: &str) -> Error {
    Error::new(ErrorKind::Incomplete)
        .delivered(elevate_transport::Delivery::Answered)
        .with_message(why)
}
