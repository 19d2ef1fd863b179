//! The permit: what stands between an order and its first byte.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU8, Ordering},
    },
    time::Duration,
};

use jiff::Timestamp;
use tokio::{
    sync::SetOnce,
    time::{Instant, timeout_at},
};
use tracing::{Instrument as _, Span};

use crate::{Cause, Clock, TapId};

/// How old the directory's word may be when a body starts (L1).
const DIRECTORY_AGE: Duration = Duration::from_secs(1);

/// By how much the two clocks may part before the machine counts as suspended: more than a wall clock is ever corrected by
/// while a tap is under way.
const SLEPT: Duration = Duration::from_secs(1);

/// What a provider keeps of the answer's time for the way back, so that `Access` hears of it before it
/// gives up itself.
const WAY_BACK: Duration = Duration::from_millis(100);

const UNDECIDED: u8 = 0;
const OPENED: u8 = 1;
const REVOKED: u8 = 2;

/// Whether a body has started: decided once, by whichever side comes first.
#[derive(Debug, Default)]
pub(crate) struct Latch {
    state: AtomicU8,
    opened: SetOnce<Instant>,
    /// Why the gate stayed shut, for the error.
    shut: OnceLock<Cause>,
}

impl Latch {
    /// Lets the body start, unless it started before or was revoked.
    fn open(&self) -> bool {
        let opens = self.decide(OPENED).is_ok();
        if opens {
            // By nobody else: it opens once.
            let _ = self.opened.set(Instant::now());
        }
        opens
    }

    fn decide(&self, state: u8) -> Result<u8, u8> {
        self.state.compare_exchange(UNDECIDED, state, Ordering::SeqCst, Ordering::SeqCst)
    }

    /// When the body started, if it has.
    pub(crate) fn opened(&self) -> Option<Instant> {
        self.has_opened().then(|| self.opened.get().copied().unwrap_or_else(Instant::now))
    }

    /// Comes back once a body has started.
    pub(crate) async fn opening(&self) {
        self.opened.wait().await;
    }

    /// Makes sure that no body starts from here on; says whether one had started.
    pub(crate) fn revoke(&self) -> bool {
        match self.decide(REVOKED) {
            Ok(_) => false,
            Err(was) => was == OPENED,
        }
    }

    /// Why the gate stayed shut when it was asked, if it did.
    pub(crate) fn shut(&self) -> Option<Cause> {
        self.shut.get().copied()
    }

    pub(crate) fn has_opened(&self) -> bool {
        self.state.load(Ordering::SeqCst) == OPENED
    }
}

type Verdict = Pin<Box<dyn Future<Output = Result<(), Cause>> + Send>>;

/// Reads the directory anew: `Ok` if it still shows the same e-mail, the same units, all Current.
pub(crate) type Recheck = Arc<dyn Fn() -> Verdict + Send + Sync>;

/// Leave to start the body of one unlock order, once.
///
/// Only [`Access`](crate::Access) makes one. A provider puts [`open`](Self::open) where its transport
/// awaits it at the body's *first poll*, and starts the body only on `true`. It may be asked again for a
/// repeated attempt as long as it has not opened, for then no body ever started; it opens at most once.
///
/// What it looks at, at that very moment: the tap is younger than `send_within`; the grant is not past its
/// age; the directory, read within the last second, still shows the same e-mail and units, Current; and the machine was
/// not suspended in between.
pub struct UnlockPermit(Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) latch: Arc<Latch>,
    pub(crate) recheck: Recheck,
    /// When the directory reading that made the occupant began.
    pub(crate) read_begun: Instant,
    pub(crate) good_until: Instant,
    pub(crate) send_by: Instant,
    pub(crate) answer_by: Instant,
    pub(crate) tap: Option<TapId>,
    /// When the tap came, and by which clock that is told.
    pub(crate) came: Moment,
    pub(crate) clock: Arc<dyn Clock>,
    /// A wire may ask in a task of its own; what the directory is asked for hangs under this all the same.
    pub(crate) span: Span,
}

/// One moment by both clocks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    at: Instant,
    wall: Timestamp,
}

impl Moment {
    pub(crate) fn now(clock: &dyn Clock) -> Self {
        Self { at: Instant::now(), wall: clock.now() }
    }

    /// Whether more time has passed since than the monotonic clock knows of: it stands still while a machine is suspended.
    fn was_longer_ago(self, clock: &dyn Clock) -> bool {
        let passed = clock.now().duration_since(self.wall);
        Duration::try_from(passed).is_ok_and(|passed| passed > self.at.elapsed() + SLEPT)
    }
}

impl UnlockPermit {
    pub(crate) fn new(inner: Inner) -> Self {
        Self(Arc::new(inner))
    }

    /// No body may start after this moment.
    pub fn send_by(&self) -> Instant {
        self.0.send_by
    }

    /// The provider's verdict must be there by this moment; later ones are not heard.
    pub fn answer_by(&self) -> Instant {
        self.0.answer_by.checked_sub(WAY_BACK).unwrap_or(self.0.answer_by)
    }

    /// The tap's id, for a vendor that takes a note with an order.
    pub fn tap(&self) -> Option<&TapId> {
        self.0.tap.as_ref()
    }

    /// Whether the body was let go.
    pub fn has_opened(&self) -> bool {
        self.0.latch.has_opened()
    }

    /// Decides whether the body may start *now*. Await it at the body's first poll and nowhere earlier.
    pub fn open(&self) -> impl Future<Output = bool> + Send + 'static {
        let permit = self.0.clone();
        let span = permit.span.clone();
        let decided = async move {
            match permit.decide().await {
                Ok(()) => true,
                Err(cause) => {
                    tracing::debug!(cause = cause.code(), "the gate stayed shut");
                    let _ = permit.latch.shut.set(cause);
                    false
                }
            }
        };
        decided.instrument(span)
    }
}

impl Inner {
    async fn decide(&self) -> Result<(), Cause> {
        let mut begun = self.read_begun;
        if begun.elapsed() > DIRECTORY_AGE {
            begun = Instant::now();
            timeout_at(self.send_by, (self.recheck)()).await.unwrap_or(Err(Cause::TooSlow))?;
        }
        // Nothing is awaited between here and the body's first byte.
        let now = Instant::now();
        if now > self.send_by || now.duration_since(begun) > DIRECTORY_AGE {
            return Err(Cause::TooSlow);
        }
        if now > self.good_until || self.came.was_longer_ago(&*self.clock) {
            return Err(Cause::TooSlow);
        }
        if self.latch.open() { Ok(()) } else { Err(Cause::Internal) }
    }
}

impl fmt::Debug for UnlockPermit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnlockPermit").field("opened", &self.has_opened()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SystemClock;

    #[tokio::test(start_paused = true)]
    async fn a_gate_past_its_moment_stays_shut_though_nobody_has_revoked_it_yet() {
        tokio::time::advance(Duration::from_mins(1)).await;
        let (now, moment) = (Instant::now(), Duration::from_millis(1));
        for (send_by, good_until, opens) in [
            (now + moment, now + moment, true),
            (now - moment, now + moment, false),
            (now + moment, now - moment, false),
        ] {
            let clock = Arc::new(SystemClock);
            let permit = UnlockPermit::new(Inner {
                latch: Arc::default(),
                recheck: Arc::new(|| Box::pin(async { Ok(()) })),
                read_begun: now,
                good_until,
                send_by,
                answer_by: now + moment * 2,
                tap: None,
                came: Moment::now(&*clock),
                clock,
                span: Span::none(),
            });
            assert_eq!(permit.open().await, opens);
            assert_eq!(permit.has_opened(), opens);
        }
    }
}
