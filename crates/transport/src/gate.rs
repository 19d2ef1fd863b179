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
