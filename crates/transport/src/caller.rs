//! The retry question, asked around a wire.

mod budget;
#[cfg(feature = "metrics")]
mod meter;
mod pause;
mod span;
mod verdict;

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{
    sync::Semaphore,
    time::{Instant, sleep_until, timeout_at},
};
use tracing::Instrument;

use crate::{Answer, Delivery, Request, Wire, WireError, WireErrorKind};
use budget::Budget;
use verdict::{Intent, Verdict, verdict};

/// The most attempts that one read makes.
const READ_ATTEMPTS: u32 = 3;
/// The most attempts that one order makes while its body has not started.
const ORDER_ATTEMPTS: u32 = 4;
/// The most reads of one caller that are under way at once.
const READS_AT_ONCE: usize = 32;
/// The most orders of one caller that are under way at once: room of their own, which no read can take.
const ORDERS_AT_ONCE: usize = 128;
/// The most calls of one caller that are made once and are under way at once: as many as orders, since a look at what
/// became of one is such a call.
const ONCE_AT_ONCE: usize = 128;
/// What one attempt of a read may take, unless set otherwise.
const READ_ATTEMPT: Duration = Duration::from_secs(4);

/// Asks a [`Wire`], and asks again where that is both safe and of use.
///
/// Before it asks again it wants four answers, in this order: was the request sent? may it be repeated?
/// is the trouble a passing one? is there time?
///
/// | call | asked again | at most |
/// | --- | --- | --- |
/// | [`read`](Self::read) | after a connection that failed or broke, an attempt that took too long, and the statuses 408, 429, 500, 502, 503, 504 | 3 attempts |
/// | [`order`](Self::order) | only while its body has not started, and not after a gate that stayed shut, a refusal, or `send_by` | 4 attempts |
/// | [`once`](Self::once) | never | 1 attempt |
///
/// Between attempts it waits a little longer each time, with jitter, or as long as `Retry-After` asks.
/// If that goes past the deadline, the answer at hand is returned at once. Repeats are paid from a
/// budget that all clones of one caller share, one for reads and one for orders, so that a vendor that
/// is down is not asked three times as much, and no flood of reads takes an order's repeat. Work in
/// bulk, such as an audit, goes [aside](Self::aside).
///
/// At most 32 reads, 128 orders and 128 calls by [`once`](Self::once) of one caller are under way at once, so that a
/// vendor that answers nothing costs bounded room. What finds no room waits for it as long as it has time, and has then
/// not been sent.
///
/// Every attempt is a [`tracing`] span with OpenTelemetry's names for an HTTP client: method, path
/// template, server, status. It holds no URL, header or body.
///
/// ```
/// # use std::{sync::Arc, time::Duration};
/// # use elevate_transport::*;
/// # async fn example(wire: Arc<dyn Wire>, url: Url) -> Result<(), WireError> {
/// const LIST: Operation = Operation::new("example.doors.list", "/doors");
///
/// let caller = Caller::new(wire);
/// let answer_by = Instant::now() + Duration::from_secs(5);
/// let answer = caller
///     .read(answer_by, |attempt_by| Request::new(LIST, Method::GET, url.clone(), attempt_by))
///     .await?;
/// # let _ = answer;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Caller {
    wire: Arc<dyn Wire>,
    shared: Arc<Shared>,
    read_attempt: Duration,
}

/// What all clones of a caller have in common.
struct Shared {
    jitter: Mutex<fastrand::Rng>,
    reads: Budget,
    orders: Budget,
    read_room: Semaphore,
    order_room: Semaphore,
    once_room: Semaphore,
}

impl Caller {
    /// A caller over that wire, with a budget of its own.
    ///
    /// Its jitter is the same in each run; see [`with_jitter`](Self::with_jitter).
    pub fn new(wire: Arc<dyn Wire>) -> Self {
        Self { wire, shared: Shared::new(0), read_attempt: READ_ATTEMPT }
    }

    /// Seeds the jitter of the waits: the same seed repeats a simulation; a seed of its own for each
    /// node keeps the nodes of a service from asking in step.
    ///
    /// To be called before cloning: the result shares no budget with clones made earlier.
    pub fn with_jitter(mut self, seed: u64) -> Self {
        self.shared = Shared::new(seed);
        self
    }

    /// A caller over the same wire for work in bulk, such as an audit: it takes no room and no budget of this
    /// one's, and has at most so many reads under way at once. It is not for orders.
    pub fn aside(&self, reads_at_once: usize) -> Self {
        // Of its own for each node, as this one's is, and repeatable with it.
        let mut jitter = self.shared.jitter.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let shared = Shared::with_room(jitter.u64(..), reads_at_once);
        Self { wire: Arc::clone(&self.wire), shared, read_attempt: self.read_attempt }
    }

    /// What one attempt of a read may take before the next one is made, if there is time for it; 4 s
    /// by default.
    pub fn with_read_attempt(mut self, at_most: Duration) -> Self {
        self.read_attempt = at_most;
        self
    }

    /// Sends something that may be repeated, because it changes nothing. It may be a `POST`.
    ///
    /// `make` is called for each attempt with the moment by which that attempt must be answered.
    ///
    /// # Errors
    /// What the last attempt failed with. A request with a gate is an order and is refused as
    /// [`WireErrorKind::Unusable`].
    pub async fn read(
        &self,
        answer_by: Instant,
        make: impl FnMut(Instant) -> Request + Send,
    ) -> Result<Answer, WireError> {
        let plan = Plan {
            intent: Intent::Read,
            attempts: READ_ATTEMPTS,
            budget: &self.shared.reads,
            room: &self.shared.read_room,
            attempt: Some(self.read_attempt),
            answer_by,
            start_by: answer_by,
        };
        self.run(&plan, make).await
    }

    /// Sends an order, and sends it again only while its body has not started.
    ///
    /// `make` is called for each attempt with `answer_by`, and must bring a [gate](Request::gate) each
    /// time. No attempt begins at or after `send_by`, and a gate that has not opened by then counts as
    /// shut.
    ///
    /// # Errors
    /// What the last attempt failed with; [`WireErrorKind::GateShut`] if `send_by` had passed already.
    /// A request without a gate is refused as [`WireErrorKind::Unusable`].
    pub async fn order(
        &self,
        answer_by: Instant,
        send_by: Instant,
        mut make: impl FnMut(Instant) -> Request + Send,
    ) -> Result<Answer, WireError> {
        let plan = Plan {
            intent: Intent::Order,
            attempts: ORDER_ATTEMPTS,
            budget: &self.shared.orders,
            room: &self.shared.order_room,
            attempt: None,
            answer_by,
            start_by: send_by.min(answer_by),
        };
        let gated = |attempt_by| {
            let mut request = make(attempt_by);
            request.gate = request.gate.map(|gate| gate.until(send_by));
            request
        };
        self.run(&plan, gated).await
    }

    /// Makes exactly one attempt: for signing in, for what must not happen twice, and for what is looked at again and
    /// again anyway.
    ///
    /// # Errors
    /// What the attempt failed with; [`WireErrorKind::Busy`] if there was no room for it until it had to be answered.
    pub async fn once(&self, request: Request) -> Result<Answer, WireError> {
        let unsent = |kind| Err(WireError::new(kind, Delivery::NeverSent));
        let room = timeout_at(request.answer_by, self.shared.once_room.acquire());
        let Ok(_room) = room.await else { return unsent(WireErrorKind::Busy) };
        // Room that comes with the deadline comes too late.
        if Instant::now() >= request.answer_by {
            return unsent(WireErrorKind::Timeout);
        }
        self.attempt(request, 0).await
    }

    async fn run(
        &self,
        plan: &Plan<'_>,
        mut make: impl FnMut(Instant) -> Request + Send,
    ) -> Result<Answer, WireError> {
        let mut last = Err(plan.too_late());
        for resend in 0..plan.attempts {
            let room = timeout_at(plan.start_by, plan.room.acquire());
            let Ok(room) = room.await else {
                let busy = || Err(WireError::new(WireErrorKind::Busy, Delivery::NeverSent));
                return if resend == 0 { busy() } else { last };
            };
            let now = Instant::now();
            if now >= plan.start_by {
                return last;
            }
            let attempt_by = plan.attempt_by(now);
            let mut request = make(attempt_by);
            request.answer_by = request.answer_by.min(attempt_by);
            plan.fits(&request)?;
            last = self.attempt(request, resend).await;

            // Was it sent, may it be repeated, is it passing?
            let Verdict::Again { not_within } = verdict(plan.intent, &last) else { return last };
            drop(room);
            // Is there time, and leave to spend it?
            let pause = self.pause(resend, not_within);
            let wake = Instant::now().checked_add(pause).filter(|wake| *wake < plan.start_by);
            let (Some(wake), true) = (wake, resend + 1 < plan.attempts) else { return last };
            if !plan.budget.spend(Instant::now()) {
                return last;
            }
            sleep_until(wake).await;
        }
        last
    }

    async fn attempt(&self, request: Request, resend: u32) -> Result<Answer, WireError> {
        let span = span::open(&request, resend);
        #[cfg(feature = "metrics")]
        let measured = meter::begin(&request, resend);
        let seen = self.wire.send(request).instrument(span.clone()).await;
        span::close(&span, &seen);
        #[cfg(feature = "metrics")]
        measured.end(&seen);
        seen
    }

    fn pause(&self, resend: u32, not_within: Option<Duration>) -> Duration {
        let mut jitter = self.shared.jitter.lock().unwrap_or_else(PoisonError::into_inner);
        pause::before_next(resend, not_within, &mut jitter)
    }
}

impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Caller").field("wire", &self.wire).finish_non_exhaustive()
    }
}

impl Shared {
    fn new(seed: u64) -> Arc<Self> {
        Self::with_room(seed, READS_AT_ONCE)
    }

    fn with_room(seed: u64, reads_at_once: usize) -> Arc<Self> {
        Arc::new(Self {
            jitter: Mutex::new(fastrand::Rng::with_seed(seed)),
            reads: Budget::full(),
            orders: Budget::full(),
            read_room: Semaphore::new(reads_at_once),
            order_room: Semaphore::new(ORDERS_AT_ONCE),
            once_room: Semaphore::new(ONCE_AT_ONCE),
        })
    }
}

/// The bounds of one call.
struct Plan<'a> {
    intent: Intent,
    attempts: u32,
    budget: &'a Budget,
    room: &'a Semaphore,
    /// The most that one attempt may take.
    attempt: Option<Duration>,
    answer_by: Instant,
    /// No attempt begins at this moment or later.
    start_by: Instant,
}

impl Plan<'_> {
    fn attempt_by(&self, now: Instant) -> Instant {
        let attempt_by = self.attempt.and_then(|attempt| now.checked_add(attempt));
        attempt_by.map_or(self.answer_by, |by| by.min(self.answer_by))
    }

    /// A gate is what tells an order from a read: neither may pass for the other.
    fn fits(&self, request: &Request) -> Result<(), WireError> {
        let wrong = match self.intent {
            Intent::Read if request.gate.is_some() => "a request with a gate is no read",
            Intent::Order if request.gate.is_none() => "a request without a gate is no order",
            _ => return Ok(()),
        };
        Err(WireError::new(WireErrorKind::Unusable, Delivery::NeverSent).with_detail(wrong))
    }

    /// What to say if there was no time for even one attempt.
    fn too_late(&self) -> WireError {
        let kind = match self.intent {
            Intent::Read => WireErrorKind::Timeout,
            Intent::Order => WireErrorKind::GateShut,
        };
        WireError::new(kind, Delivery::NeverSent)
    }
}

#[cfg(test)]
mod tests;
