use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::Mutex,
    task::{Context, Poll},
};

use tokio::time::{Instant, timeout_at};

/// Decides, at the very moment a request's body would start, whether it may.
///
/// A gate is a future that a [`Wire`](crate::Wire) awaits at the body's *first poll*: `true` lets the
/// body go, `false` means that no byte of it ever leaves and that the connection is dropped. It is
/// polled by nothing else, so a connection that comes up slowly meets the gate late and not early.
///
/// ```
/// use elevate_transport::Gate;
///
/// let gate = Gate::new(async { true });
/// # let _ = gate;
/// ```
pub struct Gate(
    // The lock only makes the future `Sync`, which a request body has to be; it is never contended.
    Mutex<Pin<Box<dyn Future<Output = bool> + Send>>>,
);

impl Gate {
    /// A gate that opens if `decision` turns out `true`.
    pub fn new(decision: impl Future<Output = bool> + Send + 'static) -> Self {
        Self(Mutex::new(Box::pin(decision)))
    }

    /// The same gate, and shut from that moment on. If this one has not decided by then, it is dropped.
    pub fn until(self, moment: Instant) -> Self {
        Self::new(async move {
            // The first look keeps a late gate from being asked at all: asking may use up a permit.
            Instant::now() < moment
                && timeout_at(moment, self).await.unwrap_or(false)
                && Instant::now() < moment
        })
    }
}

impl Future for Gate {
    type Output = bool;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<bool> {
        match self.0.get_mut() {
            Ok(decision) => decision.as_mut().poll(cx),
            // Its future panicked before: what it would have said is not known, so it stays shut.
            Err(_) => Poll::Ready(false),
        }
    }
}

impl fmt::Debug for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gate").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::{advance, sleep};

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[tokio::test(start_paused = true)]
    async fn a_gate_with_a_moment_opens_before_it() {
        let moment = Instant::now() + SECOND;
        assert!(Gate::new(async { true }).until(moment).await);
        assert!(!Gate::new(async { false }).until(moment).await);
    }

    #[tokio::test(start_paused = true)]
    async fn a_gate_past_its_moment_is_not_even_asked() {
        let asked = async { panic!("it would use up a permit") };
        assert!(!Gate::new(asked).until(Instant::now()).await);
    }

    #[tokio::test(start_paused = true)]
    async fn a_gate_that_does_not_decide_is_shut_at_its_moment() {
        let begun = Instant::now();
        let slow = Gate::new(async {
            sleep(SECOND * 9).await;
            true
        });
        assert!(!slow.until(begun + SECOND).await);
        assert_eq!(begun.elapsed(), SECOND);
    }

    #[tokio::test(start_paused = true)]
    async fn a_yes_that_comes_too_late_is_a_no() {
        let starved = Gate::new(async {
            // As on a machine that was stopped for a while: one poll, and the moment is over.
            advance(SECOND * 2).await;
            true
        });
        assert!(!starved.until(Instant::now() + SECOND).await);
    }
}
