//! What Seam tells by itself: it settles nothing, and only says what is to be read again.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use elevate_access::{Cause, Context, Error, Notification, Notified};
use jiff::Timestamp;
use tokio::time::Instant;

use super::Inner;
use crate::{Concern, Event, EventId};

/// What Seam told that was believed.
#[derive(Debug, Default)]
pub(super) struct LastTold(Mutex<Told>);

#[derive(Debug, Default)]
struct Told {
    at: Option<Timestamp>,
    /// The latest events about the map: one that comes again says nothing new. Their ids are in the signed body;
    /// whoever caught a delivery may put what they like into a header.
    events: VecDeque<EventId>,
    /// When the events of a flood began to count, and how many came since.
    flood: Option<(Instant, u32)>,
    /// When the map is to be read anew for events that came during one.
    due: Option<Instant>,
}

/// So many events are remembered: more than come in the five minutes in which one can be sent again.
const REMEMBERED: usize = 1_024;

/// So many events within [`FLOOD`] make the next use of the map read first, each of them. What comes beyond is one
/// reading after it, so that a flood leaves time to read a large building and to open its doors.
const AT_ONCE: u32 = 3;
const FLOOD: Duration = Duration::from_secs(30);

impl LastTold {
    fn note(&self, now: Timestamp) {
        self.lock().at = Some(now);
    }

    /// The moment, if there was one in this process.
    pub(super) fn get(&self) -> Option<Timestamp> {
        self.lock().at
    }

    /// Whether the event is none that came before.
    fn is_new(&self, event: &EventId) -> bool {
        let mut told = self.lock();
        if told.events.contains(event) {
            return false;
        }
        if told.events.len() == REMEMBERED {
            told.events.pop_front();
        }
        told.events.push_back(event.clone());
        true
    }

    /// Whether an event may have the map read anew at once; else it is read once the flood is over.
    fn may_forget(&self) -> bool {
        let now = Instant::now();
        let mut told = self.lock();
        let (begun, count) = match told.flood {
            Some((begun, count)) if now.duration_since(begun) < FLOOD => (begun, count + 1),
            _ => (now, 1),
        };
        told.flood = Some((begun, count));
        if count > AT_ONCE {
            told.due = Some(begun + FLOOD);
        }
        count <= AT_ONCE
    }

    /// Whether the map is to be read anew now for what came in a flood.
    pub(super) fn is_due(&self) -> bool {
        let now = Instant::now();
        let mut told = self.lock();
        let is_due = told.due.is_some_and(|due| due <= now);
        if is_due {
            told.due = None;
        }
        is_due
    }

    fn lock(&self) -> MutexGuard<'_, Told> {
        // No section under the lock can panic half-way.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    /// A delivery of Seam's webhook for this connection, if it is one.
    pub(super) fn notified(
        &self,
        context: &Context,
        notification: &Notification<'_>,
    ) -> Result<Notified, Error> {
        self.serves(context, None)?;
        let event = self
            .verified(notification, context.now())
            .map_err(|why| Error::from(self.reason(Cause::DeliveryRefused).with_detail(&why)))?;
        self.last_told.note(context.now());
        let notified = Notified::of(&self.client.scrub(event.event_type.as_str()));
        Ok(match event.concerns() {
            Concern::Attempt(attempt) => {
                self.client.prompt(&attempt);
                notified
            }
            Concern::Map => {
                if self.last_told.is_new(&event.event_id) && self.last_told.may_forget() {
                    self.map.forget();
                }
                notified.stale()
            }
            // Whether a device is on- or offline changes nobody's right: the next reading shows it.
            _ => notified,
        })
    }

    #[cfg(feature = "webhooks")]
    fn verified(&self, notification: &Notification<'_>, now: Timestamp) -> Result<Event, String> {
        let Some(verifier) = &self.settings.webhooks else {
            return Err("no signing secret is set for this connection".to_owned());
        };
        let (headers, body) = (notification.headers(), notification.body());
        let event = verifier.verify(headers, body, now).map_err(|error| error.to_string())?;
        match &self.settings.pins.workspace {
            Some(pinned) if event.workspace_id != *pinned => {
                Err("the connection is pinned to another workspace than its webhook".to_owned())
            }
            _ => Ok(event),
        }
    }

    #[cfg(not(feature = "webhooks"))]
    #[expect(clippy::unused_self, reason = "with the feature it looks into the settings")]
    fn verified(&self, _: &Notification<'_>, _: Timestamp) -> Result<Event, String> {
        Err("this service was built without the feature `webhooks`".to_owned())
    }
}
