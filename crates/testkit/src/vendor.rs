//! A vendor that stands somewhere: its model, what goes wrong on the way to it, and what was seen.

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use elevate_transport::Method;
use jiff::Timestamp;
use tokio::time::Instant;

use crate::{Fault, Faults, Ledger, Model, Received, Reply};

/// A model, the faults on the way to it, and a record of what came. Clones are one and the same.
///
/// Served in memory by [`MemoryWire`](crate::MemoryWire), over loopback by
/// [`Loopback`](crate::Loopback).
pub struct Vendor<M>(Arc<Mutex<Inner<M>>>);

struct Inner<M> {
    model: M,
    faults: Faults,
    seen: Vec<Seen>,
    started: Vec<Started>,
}

/// One request, as it came before the vendor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The method.
    pub method: Method,
    /// The path.
    pub path: String,
}

/// One body that a wire started to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Started {
    /// The path it was for.
    pub path: String,
    /// When its first byte left.
    pub at: Instant,
    /// Whether it went through a gate, as an order must.
    pub gated: bool,
}

impl<M> Clone for Vendor<M> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<M: Model> Vendor<M> {
    /// A vendor with that model and nothing wrong.
    pub fn new(model: M) -> Self {
        let (faults, seen, started) = Default::default();
        Self(Arc::new(Mutex::new(Inner { model, faults, seen, started })))
    }

    /// Looks at the model, or changes it.
    pub fn with<T>(&self, act: impl FnOnce(&mut M) -> T) -> T {
        act(&mut self.lock().model)
    }

    /// Arranges what goes wrong.
    pub fn faults<T>(&self, act: impl FnOnce(&mut Faults) -> T) -> T {
        act(&mut self.lock().faults)
    }

    /// A copy of the ledger of orders.
    pub fn ledger(&self) -> Ledger {
        self.lock().model.ledger().clone()
    }

    /// Every request that reached the vendor, in order.
    pub fn seen(&self) -> Vec<Seen> {
        self.lock().seen.clone()
    }

    /// How many requests reached the vendor.
    pub fn requests(&self) -> usize {
        self.lock().seen.len()
    }

    /// How many requests reached the vendor whose path ends so.
    pub fn requests_on(&self, path_end: &str) -> usize {
        self.lock().seen.iter().filter(|s| s.path.ends_with(path_end)).count()
    }

    /// Every body that a memory wire started to send, in order.
    pub fn started(&self) -> Vec<Started> {
        self.lock().started.clone()
    }

    /// Forgets what was seen and started; the ledger stays.
    pub fn forget_seen(&self) {
        let mut inner = self.lock();
        inner.seen.clear();
        inner.started.clear();
    }

    pub(crate) fn strike(&self, request: &Received) -> Option<Fault> {
        self.lock().faults.strike(request)
    }

    pub(crate) fn note_started(&self, started: Started) {
        self.lock().started.push(started);
    }

    pub(crate) fn answer(&self, request: &Received, now: Timestamp) -> Reply {
        let mut inner = self.lock();
        inner.seen.push(Seen { method: request.method.clone(), path: request.path.clone() });
        inner.model.answer(request, now)
    }
}

impl<M> Vendor<M> {
    fn lock(&self) -> MutexGuard<'_, Inner<M>> {
        // A test that panicked inside `with` has failed already; the others may go on.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<M> fmt::Debug for Vendor<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vendor").field("requests", &self.lock().seen.len()).finish_non_exhaustive()
    }
}
