//! Pages: cursors, the parameters that later pages must repeat, and a URL that nobody should follow.

use serde_json::{Value, json};

use super::json::{Object, text};
use super::refusal::Refusal;

/// Where the `next_page_url` of a reply leads. Nobody should follow it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NextPageUrl {
    /// To page one again, for ever, as the vendor's fake server has it.
    #[default]
    PageOne,
    /// To a path that is no route.
    Elsewhere,
}

/// How a list goes on after its last item, for a vendor gone astray.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endless {
    /// The cursor leads back to page one.
    Circle,
    /// Each page has a new cursor; the items come again.
    Repeats,
    /// Each page has a new cursor and no items.
    EmptyPages,
}

/// How lists are paged.
#[derive(Clone, Debug, Default)]
pub(super) struct Paging {
    /// The most items on a page, whatever the request asks for. The vendor's own highest is unknown.
    pub(super) most: Option<usize>,
    pub(super) url: NextPageUrl,
    pub(super) endless: Option<Endless>,
}

/// One page: its items, and what the reply says of the next.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) items: Vec<Value>,
    pub(super) pagination: Value,
}

/// What only a request that follows a `next_page_url` has in its query, or its path begins with.
const FOLLOWED: (&str, &str) = ("next_page_cursor", "/next_page/");

/// Whether the request can only have come from following a `next_page_url`.
pub(super) fn follows_url(path: &str, query: &[(String, String)]) -> bool {
    path.starts_with(FOLLOWED.1) || query.iter().any(|(name, _)| name == FOLLOWED.0)
}

impl Paging {
    /// Cuts the page that the request asks for out of the whole list.
    pub(super) fn cut(
        &self,
        path: &str,
        given: &Object,
        usual: usize,
        mut items: Vec<Value>,
        host: &str,
    ) -> Result<Page, Refusal> {
        let digest = digest(path, given);
        let offset = match text(given, "page_cursor") {
            "" => 0,
            cursor => read(cursor, digest)?,
        };
        let size = limit(given).unwrap_or(usual).min(self.most.unwrap_or(usize::MAX)).max(1);
        let total = items.len();
        let beyond = offset.saturating_add(size);
        let (from, next) = match self.endless {
            _ if beyond < total => (offset, Some(beyond)),
            None => (offset, None),
            Some(Endless::Circle) => (offset, Some(0)),
            Some(Endless::Repeats) => (offset % total.max(1), Some(beyond)),
            Some(Endless::EmptyPages) => (offset, Some(offset.max(total).saturating_add(1))),
        };
        items.drain(..from.min(total));
        items.truncate(size);
        let cursor = next.map(|offset| cursor(offset, digest));
        let url = cursor.as_ref().map(|cursor| self.url(path, cursor, host));
        let pagination = json!({
            "has_next_page": cursor.is_some(),
            "next_page_cursor": cursor,
            "next_page_url": url,
        });
        Ok(Page { items, pagination })
    }

    fn url(&self, path: &str, cursor: &str, host: &str) -> String {
        let (name, mark) = FOLLOWED;
        let cursor = cursor.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
        match self.url {
            NextPageUrl::PageOne => format!("http://{host}{path}?{name}={cursor}"),
            NextPageUrl::Elsewhere => format!("http://{host}{mark}{cursor}"),
        }
    }
}

fn limit(given: &Object) -> Option<usize> {
    let limit = given.get("limit")?;
    let whole = limit.as_u64().or_else(|| {
        // The specification lets a limit be a float; shape checks let nothing below one through.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
        limit.as_f64().map(|limit| limit as u64)
    })?;
    usize::try_from(whole).ok()
}

/// Opaque, and with the characters that trip those who put it into a URL as it is.
fn cursor(offset: usize, digest: u64) -> String {
    format!("{offset:x}+{digest:016x}/==")
}

fn read(cursor: &str, digest: u64) -> Result<usize, Refusal> {
    let parts = cursor.strip_suffix("/==").and_then(|cursor| cursor.split_once('+'));
    let parsed = parts.and_then(|(offset, digest)| {
        Some((usize::from_str_radix(offset, 16).ok()?, u64::from_str_radix(digest, 16).ok()?))
    });
    match parsed {
        Some((offset, known)) if known == digest => Ok(offset),
        Some(_) => Err(Refusal::typed(
            400,
            "mismatched_page_parameters",
            "The parameters must be those of the first page",
        )),
        None => {
            let what = "Invalid cursor";
            let tree = json!({ "_errors": [], "page_cursor": { "_errors": [what] } });
            Err(Refusal::invalid(format!("{what} for \"page_cursor\""), tree))
        }
    }
}

/// FNV-1a over the path and all parameters but the cursor.
fn digest(path: &str, given: &Object) -> u64 {
    let mut params: Vec<_> = given.iter().filter(|(name, _)| *name != "page_cursor").collect();
    params.sort_by_key(|(name, _)| *name);
    let whole = format!("{path} {params:?}");
    whole.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
