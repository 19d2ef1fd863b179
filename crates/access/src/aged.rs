//! A fact with an age: read whole or not at all, by one task at a time, never used past its time.

use std::{fmt, future::Future, sync::Arc, time::Duration};

use futures_util::{FutureExt as _, future::Shared};
use std::sync::{Mutex, PoisonError};
use tokio::{sync::oneshot, time::Instant};
use tracing::{Instrument as _, Span};

use crate::{Cause, Error, Freshness};

/// How long a fact may be used, counted from the start of the reading that brought it (L8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MaxAge {
    /// Older than this it is never used.
    pub most: Duration,
    /// Older than this it is still used, and a new reading is begun behind it.
    pub read_ahead: Option<Duration>,
}

impl MaxAge {
    /// Usable for that long, and read anew only when asked for after that.
    pub const fn of(most: Duration) -> Self {
        Self { most, read_ahead: None }
    }

    /// Read ahead on use once it is older than `age`.
    pub const fn read_ahead(self, age: Duration) -> Self {
        Self { read_ahead: Some(age), ..self }
    }
}

/// A value, and when the reading that brought it began.
pub struct Dated<T> {
    /// The value.
    pub value: Arc<T>,
    /// When its reading began: whatever happened at the source after this may be missing.
    pub begun: Instant,
}

impl<T> Clone for Dated<T> {
    fn clone(&self) -> Self {
        Self { value: self.value.clone(), begun: self.begun }
    }
}

impl<T> fmt::Debug for Dated<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dated").field("begun", &self.begun).finish_non_exhaustive()
    }
}

/// Holds one fact of a source that is slow to ask: what providers keep their vendor's answers in.
///
/// Any number of callers share one reading; a caller that gives up does not end it. A failed reading
/// leaves the older value in place, to be used until its own age is reached and no longer. Nothing is read
/// while nobody asks.
pub struct Aged<T>(Arc<Cell<T>>);

struct Cell<T> {
    age: MaxAge,
    state: Mutex<State<T>>,
}

struct State<T> {
    /// How many readings were begun: the next one's number. Two moments may be equal; numbers are not.
    readings: u64,
    value: Option<(u64, Dated<T>)>,
    running: Option<Running<T>>,
}

struct Running<T> {
    number: u64,
    begun: Instant,
    /// Wakes in the order of waiting; a `watch` channel does so at random, and then two simulations of one
    /// seed differ.
    done: Shared<oneshot::Receiver<Result<Dated<T>, Error>>>,
    /// Forgotten while it ran: what it brings is for those who wait for it, and is not kept.
    disowned: bool,
}

impl<T> Clone for Aged<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> fmt::Debug for Aged<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Aged").field("age", &self.0.age).finish_non_exhaustive()
    }
}

impl<T: Send + Sync + 'static> Aged<T> {
    /// An empty cell whose values live that long.
    pub fn new(age: MaxAge) -> Self {
        Self(Arc::new(Cell {
            age,
            state: Mutex::new(State { readings: 0, value: None, running: None }),
        }))
    }

    /// The value, if there is one that may still be used. Reads nothing.
    pub fn peek(&self) -> Option<Dated<T>> {
        let state = self.0.lock();
        let (_, value) = state.value.clone()?;
        (value.begun.elapsed() <= self.0.age.most).then_some(value)
    }

    /// Forgets the value: whoever asks next reads first. A reading that is under way began before this
    /// and does not count either.
    pub fn forget(&self) {
        let mut state = self.0.lock();
        state.value = None;
        if let Some(running) = &mut state.running {
            running.disowned = true;
        }
    }

    /// The value: [`Cached`](Freshness::Cached) if it may still be used, else from a reading that begins
    /// now; [`Fresh`](Freshness::Fresh) from one that began no earlier than this call.
    ///
    /// `read` is called when a new reading is needed and nobody else's will do. It runs in a task of its
    /// own, and bounds its own time.
    ///
    /// # Errors
    /// Whatever `read` failed with; [`Cause::Internal`] if it panicked.
    pub async fn get<R>(
        &self,
        freshness: Freshness,
        read: impl Fn() -> R + Send,
    ) -> Result<Dated<T>, Error>
    where
        R: Future<Output = Result<T, Error>> + Send + 'static,
    {
        let first_fresh = self.0.lock().readings;
        let most = self.0.age.most;
        loop {
            let now = Instant::now();
            let good = |number: u64, begun: Instant| match freshness {
                Freshness::Cached => now.duration_since(begun) <= most,
                Freshness::Fresh => number >= first_fresh,
            };
            let (done, will_do) = {
                let mut state = self.0.lock();
                let value = state.value.clone().filter(|(number, v)| good(*number, v.begun));
                if let Some((_, value)) = value {
                    let age = now.duration_since(value.begun);
                    let ahead = self.0.age.read_ahead.is_some_and(|ahead| age > ahead);
                    if ahead && state.running.is_none() {
                        // Nobody waits for it, so it is no part of anybody's tree.
                        let span = tracing::info_span!(parent: None, "read_ahead");
                        span.follows_from(Span::current());
                        let read = span.in_scope(&read);
                        self.begin(&mut state, read.instrument(span));
                    }
                    return Ok(value);
                }
                if state.running.is_none() {
                    self.begin(&mut state, read().in_current_span());
                } else {
                    tracing::debug!("a reading is waited for that another call began");
                }
                let Some(running) = &state.running else { continue };
                let will_do = good(running.number, running.begun) && !running.disowned;
                (running.done.clone(), will_do)
            };
            let read = done.await;
            if will_do {
                let panicked =
                    |_| Err(Error::new(Cause::Internal).with_detail("a reading panicked"));
                return read.unwrap_or_else(panicked);
            }
        }
    }

    /// Starts a reading in a task of its own.
    fn begin<R>(&self, state: &mut State<T>, read: R)
    where
        R: Future<Output = Result<T, Error>> + Send + 'static,
    {
        let (number, begun) = (state.readings, Instant::now());
        state.readings += 1;
        let (tell, done) = oneshot::channel();
        let cell = self.0.clone();
        tokio::spawn(async move {
            // If `read` panics, the guard clears the way for the next reading all the same.
            let mut place = Place { cell: &cell, number, result: None };
            let result = read.await.map(|value| Dated { value: Arc::new(value), begun });
            place.result = Some(result.clone());
            drop(place);
            // Nobody may be waiting any more.
            let _ = tell.send(result);
        });
        state.running = Some(Running { number, begun, done: done.shared(), disowned: false });
    }
}

impl<T> Cell<T> {
    fn lock(&self) -> std::sync::MutexGuard<'_, State<T>> {
        // Every section below the lock leaves the state whole, so a panic elsewhere cannot harm it.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Place<'a, T> {
    cell: &'a Cell<T>,
    number: u64,
    result: Option<Result<Dated<T>, Error>>,
}

impl<T> Drop for Place<'_, T> {
    fn drop(&mut self) {
        let mut state = self.cell.lock();
        let disowned = state.running.take().is_some_and(|r| r.disowned);
        if let (Some(Ok(value)), false) = (self.result.take(), disowned) {
            state.value = Some((self.number, value));
        }
    }
}
