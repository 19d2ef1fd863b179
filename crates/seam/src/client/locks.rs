use elevate_transport::Operation;

use super::{
    Client, DevicesQuery,
    pages::{List, page},
    rows::Rows,
};
use crate::Device;

const LIST: Operation = Operation::new("seam.locks.list", "/locks/list");

/// How many locks come if nothing else is asked for.
const PAGE_SIZE: u32 = 500;

page!(LockPage { locks: Device });

impl Client {
    /// The locks that the query asks for (`locks/list`). Prefer [`devices`](Self::devices), which has pages:
    /// this list has none, so that whatever is beyond 500, or the page size asked for, is lost silently. As
    /// many as that are therefore no list but [`EndlessList`](crate::ErrorKind::EndlessList).
    pub fn locks(&self, query: &DevicesQuery) -> Rows<Device> {
        let list = List::new(&self.0, LIST, query, Some(query.page_size_or(PAGE_SIZE)));
        Rows::of::<LockPage>(list.unless(query.fault()))
    }
}
