//! What is told of a tap's end: to its span, to the counters, to the host's own log.

use std::sync::Arc;

use tokio::sync::mpsc;
use tracing::{
    Span,
    field::{Empty, display},
    info_span,
};

use super::{
    Core,
    crowd::{Crowd, Place},
    flight::{Flight, Key, lost},
    reading::unknown,
};
use crate::{
    Cause, Error, Outcome, Tap, TapEnd,
    spans::{self, Plain},
};

/// One tap that came in: tells of its end, once.
pub(super) struct Telling {
    core: Arc<Core>,
    key: Key,
    tap: Tap,
    span: Span,
    /// The order that is sent for it, or that it waits for.
    flight: Option<Arc<Flight>>,
    /// Whether that order is another tap's, or one that its own id began before.
    joined: bool,
    /// Its place among the resident's taps; `None` if they have too many under way.
    place: Option<Place>,
    /// Whether it has an end though nobody waits any more.
    must_end: bool,
}

impl Telling {
    /// Opens the tap's span.
    pub(super) fn of(core: &Arc<Core>, key: &Key, tap: &Tap) -> Self {
        let span = info_span!(
            "unlock",
            resident = %Plain(&key.resident),
            door = %Plain(&key.door),
            connection = %Plain(key.door.connection()),
            tap = tap.id().map(|id| display(Plain(id))),
            joined = Empty,
            sent_after_ms = Empty,
            outcome = Empty,
            otel.status_code = Empty,
            "error.type" = Empty
        );
        let (core, key, tap) = (Arc::clone(core), key.clone(), tap.clone());
        let place = Crowd::enter(&core, &key.resident);
        Self { core, key, tap, span, flight: None, joined: false, place, must_end: false }
    }

    /// Whether the resident has so many taps under way that this one is none.
    pub(super) fn is_too_many(&self) -> bool {
        self.place.is_none()
    }

    pub(super) fn span(&self) -> &Span {
        &self.span
    }

    /// The tap, once its ticket was read: only then its id is known.
    pub(super) fn is(&mut self, judged: &Tap) {
        if let (None, Some(id)) = (self.tap.id(), judged.id()) {
            self.span.record("tap", display(Plain(id)));
        }
        self.tap = judged.clone();
    }

    /// It leads: from now on there is an end, whatever happens.
    pub(super) fn leads(&mut self, flight: &Arc<Flight>) {
        self.flight = Some(Arc::clone(flight));
        self.joined = false;
        self.must_end = true;
    }

    /// It waits for an order whose tree stands under another tap's span.
    pub(super) fn joins(&mut self, flight: &Arc<Flight>, leader: &Span) {
        self.flight = Some(Arc::clone(flight));
        self.joined = true;
        self.span.record("joined", true);
        self.span.follows_from(leader);
    }

    /// What it joined is written down for it too: from now on there is an end, whatever happens.
    pub(super) fn shares(&mut self) {
        self.must_end = true;
    }

    /// Tells how the tap ended.
    pub(super) fn ended(mut self, result: Result<Outcome, Error>) -> Result<Outcome, Error> {
        self.must_end = false;
        self.tell(&result);
        result
    }

    fn tell(&self, result: &Result<Outcome, Error>) {
        let arrived = self.tap.arrived();
        let own = self.flight.as_ref().filter(|_| !self.joined);
        let sent = own.and_then(|own| own.latch.opened()).map(|at| at.duration_since(arrived));
        let took = arrived.elapsed();
        let reason = match result {
            Ok(outcome) => outcome.receipt().reason.as_ref(),
            Err(error) => Some(error.reason()),
        };
        let system = self.flight.as_ref().and_then(|flight| flight.system.get());
        let system = system.or_else(|| reason?.system());

        self.span.record("outcome", kind(result));
        if let Some(sent) = sent {
            self.span.record("sent_after_ms", u64::try_from(sent.as_millis()).unwrap_or(u64::MAX));
        }
        if let Some(reason) = reason {
            spans::failed(&self.span, reason.cause());
        }
        self.span.in_scope(|| match result {
            Ok(_) => tracing::info!("tap settled"),
            Err(e) => tracing::info!(error = %e, "tap ended before its order started"),
        });
        #[cfg(feature = "metrics")]
        super::meter::tap(kind(result), reason.map(crate::Reason::code), system, took, sent);
        if let Some(log) = &self.core.tap_log {
            let place = self.flight.as_ref().and_then(|flight| flight.place.get());
            let end = TapEnd {
                tapped: self.core.tapped(&self.key, &self.tap, place),
                id: self.tap.id().cloned(),
                system: system.cloned(),
                sent,
                took,
                result: result.clone().map_err(|e| e.in_call("unlock")),
            };
            self.span.in_scope(|| write(log, end));
        }
    }
}

impl Drop for Telling {
    fn drop(&mut self) {
        let Some(flight) = self.flight.as_ref().filter(|_| self.must_end) else { return };
        // The task that had to end it was lost: to a panic, or to the runtime's own end.
        if !self.joined {
            flight.latch.revoke();
        }
        let end =
            lost(&flight.latch).map(|()| unknown(&self.key.door, &self.tap, Cause::AnswerLost));
        self.tell(&end);
    }
}

/// The end in one word, of which there are five.
fn kind(result: &Result<Outcome, Error>) -> &'static str {
    match result {
        Ok(Outcome::Opened(_)) => "opened",
        Ok(Outcome::Accepted(_)) => "accepted",
        Ok(Outcome::NotOpened(_)) => "not_opened",
        Ok(Outcome::Unknown(_)) => "unknown",
        Err(_) => "refused",
    }
}

/// Hands the end to the host, and waits for nothing.
fn write(log: &mpsc::Sender<TapEnd>, end: TapEnd) {
    if let Err(error) = log.try_send(end) {
        let why = match error {
            mpsc::error::TrySendError::Full(_) => "full",
            mpsc::error::TrySendError::Closed(_) => "closed",
        };
        tracing::error!(why, "a tap is missing from the host's own log");
        #[cfg(feature = "metrics")]
        super::meter::missing(why);
    }
}
