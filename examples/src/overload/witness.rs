//! What is seen of a connection, between its client and its vendor.

use std::{
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use async_trait::async_trait;
use elevate_transport::{Answer, Request, Wire, WireError};
use serde_json::Value;
use tokio::time::Instant;

/// Sees every request of one connection. Over HTTP/1.1 each holds a network connection while it is in flight.
pub(super) struct Witness {
    pub(super) orders: InFlight,
    pub(super) others: InFlight,
    all: Arc<InFlight>,
    begun: Mutex<Vec<Instant>>,
    bodies: Arc<Bodies>,
}

/// How many requests are in flight, and how many were at most.
#[derive(Default)]
pub(super) struct InFlight {
    now: AtomicUsize,
    most: AtomicUsize,
}

/// An order's body, as it began to leave.
#[derive(Clone, Debug)]
pub(super) struct Body {
    pub(super) door: String,
    /// The tap that it names, where the vendor's format has room for it.
    pub(super) tap: Option<String>,
    pub(super) at: Instant,
}

/// All bodies of one connection.
#[derive(Default)]
pub(super) struct Bodies(Mutex<Vec<Body>>);

impl Witness {
    pub(super) fn new(all: Arc<InFlight>) -> Self {
        let (orders, others, begun, bodies) = Default::default();
        Self { orders, others, all, begun, bodies }
    }

    pub(super) fn bodies(&self) -> Arc<Bodies> {
        Arc::clone(&self.bodies)
    }

    /// The bodies that started, in order.
    pub(super) fn started(&self) -> Vec<Body> {
        self.bodies.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How many requests began within that time.
    pub(super) fn begun_within(&self, from: Instant, until: Instant) -> usize {
        let begun = self.begun.lock().unwrap_or_else(PoisonError::into_inner);
        begun.iter().filter(|at| (from..until).contains(at)).count()
    }

    pub(super) fn around(self: &Arc<Self>, wire: Arc<dyn Wire>) -> Arc<dyn Wire> {
        Arc::new(Seen { witness: Arc::clone(self), wire })
    }
}

impl InFlight {
    pub(super) fn now(&self) -> usize {
        self.now.load(Ordering::Relaxed)
    }

    pub(super) fn most(&self) -> usize {
        self.most.load(Ordering::Relaxed)
    }

    fn begin(&self) -> Flying<'_> {
        let now = self.now.fetch_add(1, Ordering::Relaxed) + 1;
        self.most.fetch_max(now, Ordering::Relaxed);
        Flying(self)
    }
}

/// A request in flight, until this is dropped: also where nobody waits for it any more.
struct Flying<'a>(&'a InFlight);

impl Drop for Flying<'_> {
    fn drop(&mut self) {
        self.0.now.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Bodies {
    pub(super) fn note(&self, body: &[u8]) {
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        let door = match (&body["device_id"], &body["entryId"]) {
            (Value::String(door), _) | (_, Value::String(door)) => door.clone(),
            (_, door) => door.to_string(),
        };
        let tap = body["description"].as_str().map(str::to_owned);
        let body = Body { door, tap, at: Instant::now() };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(body);
    }
}

/// The wire, with its witness.
struct Seen {
    witness: Arc<Witness>,
    wire: Arc<dyn Wire>,
}

impl fmt::Debug for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Seen").finish_non_exhaustive()
    }
}

#[async_trait]
impl Wire for Seen {
    async fn send(&self, request: Request) -> Result<Answer, WireError> {
        let witness = &self.witness;
        let kind = if request.gate.is_some() { &witness.orders } else { &witness.others };
        let _flying = (kind.begin(), witness.all.begin());
        witness.begun.lock().unwrap_or_else(PoisonError::into_inner).push(Instant::now());
        self.wire.send(request).await
    }
}
