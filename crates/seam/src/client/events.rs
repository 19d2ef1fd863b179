use std::{collections::HashSet, fmt};

use elevate_transport::{Instant, Operation};
use futures_util::{StreamExt as _, stream::try_unfold};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::{
    Client,
    call::{body, reply},
    pages::{Item, List, Page, Pagination, Reading},
    rows::{Pages, Rows},
};
use crate::{ConnectedAccountId, DeviceId, Error, Event, EventId, EventType, SpaceId};

const LIST: Operation = Operation::new("seam.events.list", "/events/list");
const GET: Operation = Operation::new("seam.events.get", "/events/get");

/// How many events are asked for at once; Seam's own choice. As many may mean that there are more.
const PAGE: usize = 500;

/// Ends are excluded, and times are shown in milliseconds: the next page begins so much before the last event's
/// time that no other event of the same instant is missed.
const OVERLAP: SignedDuration = SignedDuration::from_millis(1);

/// Which events to list: those made after a moment, or between two; the moments themselves are excluded. Seam
/// is asked to the millisecond, outwards.
///
/// The filters are Seam's: check what they let through where it matters.
#[derive(Clone, Debug, Serialize)]
pub struct EventsQuery {
    #[serde(skip)]
    span: Span,
    #[serde(skip_serializing_if = "Option::is_none")]
    event_types: Option<Vec<EventType>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    device_ids: Option<Vec<DeviceId>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    space_ids: Option<Vec<SpaceId>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    connected_account_id: Option<ConnectedAccountId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer_key: Option<String>,
}

impl EventsQuery {
    /// Events made after that moment.
    pub fn since(after: Timestamp) -> Self {
        Self::of(Span { after, before: None })
    }

    /// Events made after the one moment and before the other.
    pub fn between(after: Timestamp, before: Timestamp) -> Self {
        Self::of(Span { after, before: Some(before) })
    }

    fn of(span: Span) -> Self {
        Self {
            span,
            event_types: None,
            device_ids: None,
            space_ids: None,
            connected_account_id: None,
            customer_key: None,
        }
    }

    /// Only events of those types.
    pub fn types(mut self, types: impl IntoIterator<Item = EventType>) -> Self {
        self.event_types = Some(types.into_iter().collect());
        self
    }

    /// Only events of those devices.
    pub fn devices(mut self, ids: impl IntoIterator<Item = DeviceId>) -> Self {
        self.device_ids = Some(ids.into_iter().collect());
        self
    }

    /// Only events of those spaces; Seam takes 100 at most.
    pub fn spaces(mut self, ids: impl IntoIterator<Item = SpaceId>) -> Self {
        self.space_ids = Some(ids.into_iter().collect());
        self
    }

    /// Only events of that account.
    pub fn connected_account(mut self, id: ConnectedAccountId) -> Self {
        self.connected_account_id = Some(id);
        self
    }

    /// Only events of that customer.
    pub fn customer_key(mut self, key: impl Into<String>) -> Self {
        self.customer_key = Some(key.into());
        self
    }
}

/// From when to when, the ends excluded.
#[derive(Clone, Copy, Debug)]
struct Span {
    after: Timestamp,
    before: Option<Timestamp>,
}

#[derive(Serialize)]
struct Params<'a> {
    #[serde(flatten)]
    query: &'a EventsQuery,
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    between: Option<[String; 2]>,
    limit: usize,
}

#[derive(Serialize)]
struct ById<'a> {
    event_id: &'a EventId,
}

reply!(EventPage { events: Vec<Event> });

reply!(OneEvent {
    #[serde(default)]
    event: Option<Event>
});

impl Item for Event {
    fn parts(&self) -> usize {
        self.device_ids.len()
    }
}

impl Page for EventPage {
    type Item = Event;

    fn parts(self) -> (Vec<Event>, Pagination) {
        let pagination = match self.events.len() {
            0..PAGE => Pagination::default(),
            _ => beyond(&self.events),
        };
        (self.events, pagination)
    }
}

/// A time as Seam's own SDKs write it. Always in milliseconds: Seam's fake compares the two ends of a span as
/// texts.
fn millis(time: Timestamp) -> String {
    format!("{time:.3}")
}

/// The next whole millisecond, so that an end that lies between two excludes nothing before it.
fn upwards(time: Timestamp) -> Timestamp {
    time.checked_add(SignedDuration::from_nanos(999_999)).unwrap_or(time)
}

/// Where a list goes on after a full page. Which end Seam lists first is not documented: the page tells.
fn beyond(page: &[Event]) -> Pagination {
    let times: Option<Vec<Timestamp>> = page.iter().map(|event| event.created_at).collect();
    let Some(times) = times else {
        return Pagination::fault("an event of a full page does not say when it was made");
    };
    let next = times.last().and_then(|last| {
        let end = if times.is_sorted() {
            End::After(last.checked_sub(OVERLAP).ok()?)
        } else if times.is_sorted_by(|one, next| one >= next) {
            End::Before(last.checked_add(OVERLAP).ok()?)
        } else {
            return None;
        };
        Some(end.to_string())
    });
    next.map_or_else(|| Pagination::fault("a full page is in no order of time"), Pagination::more)
}

/// The end of the span that a page moves.
#[derive(Clone, Copy)]
enum End {
    After(Timestamp),
    Before(Timestamp),
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::After(time) => write!(f, ">{time}"),
            Self::Before(time) => write!(f, "<{time}"),
        }
    }
}

impl End {
    fn read(text: &str) -> Option<Self> {
        let time = text.get(1..)?.parse().ok()?;
        match text.as_bytes().first()? {
            b'>' => Some(Self::After(time)),
            b'<' => Some(Self::Before(time)),
            _ => None,
        }
    }
}

impl Span {
    fn moved(self, end: Option<End>) -> Self {
        match end {
            None => self,
            Some(End::After(after)) => Self { after, ..self },
            Some(End::Before(before)) => Self { before: Some(before), ..self },
        }
    }
}

impl Client {
    /// The events that the query asks for (`events/list`), to catch up on what no webhook delivered.
    ///
    /// Oldest first or newest first is Seam's choice. The list has no pages of Seam's making: after 500 events
    /// it is asked for what lies beyond the last of them, and an event that comes twice by that is given once.
    /// More than 500 events of one millisecond cannot be read to their end, which is
    /// [`EndlessList`](crate::ErrorKind::EndlessList) and no shorter list. How long Seam keeps events is not
    /// documented.
    pub fn events(&self, query: &EventsQuery) -> Rows<Event> {
        let query = query.clone();
        let list = List::without_cursors(&self.0, LIST, move |end| {
            let Span { after, before } = query.span.moved(end.and_then(End::read));
            let (since, between) = match before {
                None => (Some(millis(after)), None),
                Some(before) => (None, Some([millis(after), millis(upwards(before))])),
            };
            body(LIST, &Params { query: &query, since, between, limit: PAGE })
        });
        Rows::begun_by(list, each_once)
    }

    /// One event (`events/get`); `None` where Seam answers without one, as it is documented to do.
    ///
    /// # Errors
    /// [`NotFound`](crate::ErrorKind::NotFound) if Seam says that there is none by that id, and whatever else
    /// keeps the reply from being read.
    pub async fn get_event(
        &self,
        id: &EventId,
        answer_by: Instant,
    ) -> Result<Option<Event>, Error> {
        let reply: OneEvent = self.0.read(GET, &ById { event_id: id }, answer_by).await?;
        if reply.event.as_ref().is_some_and(|event| event.event_id != *id) {
            return Err(Error::beside_the_point(GET, "it is about another event"));
        }
        Ok(reply.event)
    }
}

fn each_once(reading: Reading) -> Pages<Event> {
    try_unfold((reading, HashSet::new()), async |(reading, mut known)| {
        let Some((mut page, reading)) = reading.turn::<EventPage>().await? else { return Ok(None) };
        page.retain(|event| known.insert(event.event_id.clone()));
        Ok(Some((page, (reading, known))))
    })
    .boxed()
}
