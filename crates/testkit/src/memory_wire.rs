//! The wire in memory: no socket, so that time can be paused and simulated.

use std::{fmt, sync::Mutex, time::Duration};

use async_trait::async_trait;
use elevate_access::Clock as _;
use elevate_transport::{
    Answer, Delivery, HeaderMap, HeaderName, HeaderValue, Request, StatusCode, Wire, WireError,
    WireErrorKind,
};
use tokio::time::{Instant, sleep, timeout_at};

use crate::{Fault, FaultKind, Model, Received, Reply, Started, TestClock, Vendor};

/// How long things take on a [`MemoryWire`]: each time a draw between the two ends.
#[derive(Clone, Copy, Debug)]
pub struct Latency {
    /// Until a connection is up.
    pub connect: (Duration, Duration),
    /// Each way of a request and its answer.
    pub travel: (Duration, Duration),
}

impl Latency {
    /// Everything at once.
    pub const NONE: Self = Self {
        connect: (Duration::ZERO, Duration::ZERO),
        travel: (Duration::ZERO, Duration::ZERO),
    };
}

/// A [`Wire`] to a [`Vendor`] in this process, which keeps the same promises as the one in production.
///
/// Time is tokio's, so under a paused clock everything is exact and repeatable.
pub struct MemoryWire<M> {
    vendor: Vendor<M>,
    clock: TestClock,
    latency: Latency,
    dice: Mutex<fastrand::Rng>,
    on_start: Option<OnStart>,
}

/// Told of each body as it starts, in the task that sends it.
type OnStart = Box<dyn Fn(&Received) + Send + Sync>;

impl<M: Model> MemoryWire<M> {
    /// A wire to that vendor that takes no time.
    pub fn new(vendor: Vendor<M>, clock: TestClock) -> Self {
        Self {
            vendor,
            clock,
            latency: Latency::NONE,
            dice: Mutex::new(fastrand::Rng::with_seed(0)),
            on_start: None,
        }
    }

    /// Sets how long things take, drawn from that seed.
    pub fn with_latency(mut self, latency: Latency, seed: u64) -> Self {
        self.latency = latency;
        self.dice = Mutex::new(fastrand::Rng::with_seed(seed));
        self
    }

    /// Tells `on_start` of each body as it starts, in the task that sends it: for a simulation that has to
    /// know on whose behalf that was.
    pub fn observing(mut self, on_start: impl Fn(&Received) + Send + Sync + 'static) -> Self {
        self.on_start = Some(Box::new(on_start));
        self
    }

    fn draw(&self, (least, most): (Duration, Duration)) -> Duration {
        if least >= most {
            return least;
        }
        let span = u64::try_from(most.saturating_sub(least).as_micros()).unwrap_or(u64::MAX);
        let drawn = self.dice.lock().map_or(0, |mut dice| dice.u64(0..=span));
        least + Duration::from_micros(drawn)
    }

    async fn attempt(&self, request: Request, progress: &Progress) -> Result<Answer, WireError> {
        let Request { operation: _, method, url, headers, body, gate, max_answer_bytes, .. } =
            request;
        let gated = gate.is_some();
        if gated && body.is_empty() {
            return Err(WireError::new(WireErrorKind::Unusable, Delivery::NeverSent));
        }
        let received = Received {
            method,
            path: url.path().to_owned(),
            query: url.query_pairs().map(|(k, v)| (k.into_owned(), v.into_owned())).collect(),
            headers,
            body,
        };
        let fault = self.vendor.strike(&received);
        let kind = fault.as_ref().map(|f| &f.kind);
        sleep(self.draw(self.latency.connect)).await;
        match kind {
            Some(FaultKind::Refuse) => {
                return Err(WireError::new(WireErrorKind::Connect, Delivery::NeverSent));
            }
            Some(FaultKind::SlowConnect(by)) => sleep(*by).await,
            _ => {}
        }
        if let Some(gate) = gate
            && !gate.await
        {
            return Err(WireError::new(WireErrorKind::GateShut, Delivery::NeverSent));
        }
        progress.start();
        if let Some(tell) = &self.on_start {
            tell(&received);
        }
        let path = received.path.clone();
        self.vendor.note_started(Started { path, at: Instant::now(), gated });

        // What is under way arrives, whether or not anyone still waits for the answer.
        let there = self.draw(self.latency.travel);
        let acts =
            fault.as_ref().is_none_or(|f| f.acted || matches!(f.kind, FaultKind::SlowConnect(_)));
        let (vendor, clock) = (self.vendor.clone(), self.clock);
        let arrival = tokio::spawn(async move {
            sleep(there).await;
            acts.then(|| vendor.answer(&received, clock.now()))
        });
        let reply = arrival.await.map_err(|_| broken())?;
        sleep(self.draw(self.latency.travel)).await;
        let (reply, fault) = match fault {
            None => (reply, None),
            Some(Fault { kind: FaultKind::Instead(instead), .. }) => (Some(instead), None),
            Some(Fault { kind, .. }) => (reply.or_else(|| Some(Reply::empty(200))), Some(kind)),
        };
        let reply = reply.ok_or_else(broken)?;
        let status = StatusCode::from_u16(reply.status).map_err(|_| broken())?;
        match fault {
            Some(FaultKind::Reset) => return Err(broken()),
            Some(FaultKind::Stall) => std::future::pending().await,
            Some(FaultKind::Cut) => return Err(broken().with_status(status)),
            Some(FaultKind::Trickle(gap)) => {
                progress.status(status);
                for _ in 0..reply.body.len().max(1) {
                    sleep(gap).await;
                }
            }
            _ => {}
        }
        if reply.body.len() > max_answer_bytes {
            let kind = WireErrorKind::TooLarge;
            return Err(WireError::new(kind, Delivery::Answered).with_status(status));
        }
        Ok(Answer { status, headers: headers_of(&reply), body: reply.body })
    }
}

fn broken() -> WireError {
    WireError::new(WireErrorKind::Broken, Delivery::MaybeSent)
}

fn headers_of(reply: &Reply) -> HeaderMap {
    let named = |(name, value): &(String, String)| {
        Some((HeaderName::try_from(name).ok()?, HeaderValue::try_from(value).ok()?))
    };
    reply.headers.iter().filter_map(named).collect()
}

/// How far an attempt has come, for what is said of it at its deadline.
#[derive(Default)]
struct Progress(Mutex<(bool, Option<StatusCode>)>);

impl Progress {
    fn start(&self) {
        if let Ok(mut progress) = self.0.lock() {
            progress.0 = true;
        }
    }

    fn status(&self, status: StatusCode) {
        if let Ok(mut progress) = self.0.lock() {
            progress.1 = Some(status);
        }
    }

    fn timed_out(&self) -> WireError {
        let (started, status) = self.0.lock().map_or((true, None), |progress| *progress);
        let delivery = if started { Delivery::MaybeSent } else { Delivery::NeverSent };
        let error = WireError::new(WireErrorKind::Timeout, delivery);
        match status {
            Some(status) => error.with_status(status),
            None => error,
        }
    }
}

#[async_trait]
impl<M: Model> Wire for MemoryWire<M> {
    async fn send(&self, request: Request) -> Result<Answer, WireError> {
        let answer_by = request.answer_by;
        let progress = Progress::default();
        match timeout_at(answer_by, self.attempt(request, &progress)).await {
            Ok(result) => result,
            Err(_) => Err(progress.timed_out()),
        }
    }
}

impl<M> fmt::Debug for MemoryWire<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryWire").field("latency", &self.latency).finish_non_exhaustive()
    }
}
