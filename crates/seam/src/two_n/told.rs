//! What Seam tells by itself: it settles nothing, and only says what is to be read again.

use std::sync::{Mutex, PoisonError};

use elevate_access::{Cause, Context, Error, Notification, Notified};
use jiff::Timestamp;

use super::Inner;
use crate::{Concern, Event};

/// When Seam last told something that was believed.
#[derive(Debug, Default)]
pub(super) struct LastTold(Mutex<Option<Timestamp>>);

impl LastTold {
    fn note(&self, now: Timestamp) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(now);
    }

    /// The moment, if there was one in this process.
    pub(super) fn get(&self) -> Option<Timestamp> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
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
        let notified = Notified::of(event.event_type.as_str());
        Ok(match event.concerns() {
            Concern::Attempt(attempt) => {
                self.client.prompt(&attempt);
                notified
            }
            Concern::Map => {
                self.map.forget();
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
