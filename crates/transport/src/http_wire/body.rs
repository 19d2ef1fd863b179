use std::{
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard},
    task::{Context, Poll, Waker},
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

use crate::Gate;

/// How far a body came by the time its attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// No byte of it left, and none will.
    NotStarted,
    /// The gate refused it: no byte of it left, and none will.
    GateShut,
    /// It was handed to the connection.
    Started,
}

/// A body of one chunk, and the attempt's leash on it.
pub(super) fn leashed(chunk: Bytes, gate: Option<Gate>) -> (LeashedBody, Leash) {
    let length = chunk.len() as u64;
    let held = Arc::new(Mutex::new(Held::Chunk { chunk, gate, waiting: None }));
    (LeashedBody { held: Arc::clone(&held), length }, Leash(held))
}

/// The one chunk, or what became of it.
///
/// The lock is held while the gate is polled, so the gate opens if and only if the body starts: an end
/// of the attempt falls before that poll or after it, never in between.
enum Held {
    Chunk { chunk: Bytes, gate: Option<Gate>, waiting: Option<Waker> },
    Started,
    GateShut,
    TakenBack,
}

/// Locks what is held. A gate that panicked said nothing, which counts as shut.
fn lock(held: &Mutex<Held>) -> MutexGuard<'_, Held> {
    held.lock().unwrap_or_else(|poisoned| {
        held.clear_poison();
        let mut held = poisoned.into_inner();
        if matches!(*held, Held::Chunk { .. }) {
            *held = Held::GateShut;
        }
        held
    })
}

/// The attempt's end of the body. Dropping it takes the chunk back.
pub(super) struct Leash(Arc<Mutex<Held>>);

impl Leash {
    /// Takes the chunk back unless it has started, and says which.
    pub(super) fn end(&self) -> Progress {
        let mut held = lock(&self.0);
        let progress = match *held {
            Held::Chunk { .. } | Held::TakenBack => Progress::NotStarted,
            Held::GateShut => Progress::GateShut,
            Held::Started => Progress::Started,
        };
        if progress == Progress::NotStarted {
            let before = std::mem::replace(&mut *held, Held::TakenBack);
            drop(held);
            // Outside the lock: dropping a gate and waking a task both run code that is not ours.
            if let Held::Chunk { waiting: Some(connection), .. } = before {
                connection.wake();
            }
        }
        progress
    }
}

impl Drop for Leash {
    fn drop(&mut self) {
        self.end();
    }
}

/// The connection's end: asks the gate at the first poll, then yields the chunk, once.
pub(super) struct LeashedBody {
    held: Arc<Mutex<Held>>,
    length: u64,
}

/// Why a body yields an error instead of its chunk; the connection is dropped over it.
#[derive(Debug, thiserror::Error)]
pub(super) enum Withheld {
    #[error("the gate stayed shut")]
    GateShut,
    #[error("the attempt ended before the body started")]
    TakenBack,
}

impl Body for LeashedBody {
    type Data = Bytes;
    type Error = Withheld;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Withheld>>> {
        let mut held = lock(&self.held);
        let opened = match &mut *held {
            Held::Started => return Poll::Ready(None),
            Held::GateShut => return Poll::Ready(Some(Err(Withheld::GateShut))),
            Held::TakenBack => return Poll::Ready(Some(Err(Withheld::TakenBack))),
            Held::Chunk { gate: None, .. } => true,
            Held::Chunk { gate: Some(gate), waiting, .. } => match Pin::new(gate).poll(cx) {
                Poll::Ready(opened) => opened,
                Poll::Pending => {
                    *waiting = Some(cx.waker().clone());
                    return Poll::Pending;
                }
            },
        };
        let after = if opened { Held::Started } else { Held::GateShut };
        let before = std::mem::replace(&mut *held, after);
        drop(held);
        Poll::Ready(Some(match before {
            Held::Chunk { chunk, .. } if opened => Ok(Frame::data(chunk)),
            _ => Err(Withheld::GateShut),
        }))
    }

    fn is_end_stream(&self) -> bool {
        matches!(*lock(&self.held), Held::Started)
    }

    fn size_hint(&self) -> SizeHint {
        match *lock(&self.held) {
            Held::Started => SizeHint::with_exact(0),
            // Also once it is withheld: the head must not promise an empty body, for that would be a
            // request of its own.
            _ => SizeHint::with_exact(self.length),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{future::pending, task::Wake};

    use super::*;

    struct Woken(std::sync::atomic::AtomicUsize);

    impl Wake for Woken {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        }
    }

    const CHUNK: Bytes = Bytes::from_static(b"open");

    /// What the connection gets from one poll.
    fn poll(body: &mut LeashedBody, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, String>>> {
        Pin::new(body).poll_frame(cx).map(|frame| {
            frame.map(|frame| match frame {
                Ok(frame) => Ok(frame.into_data().unwrap()),
                Err(error) => Err(error.to_string()),
            })
        })
    }

    fn now(body: &mut LeashedBody) -> Option<Result<Bytes, String>> {
        match poll(body, &mut Context::from_waker(Waker::noop())) {
            Poll::Ready(frame) => frame,
            Poll::Pending => panic!("the body waits"),
        }
    }

    #[test]
    fn the_chunk_is_yielded_once() {
        for gate in [None, Some(Gate::new(async { true }))] {
            let (mut body, leash) = leashed(CHUNK, gate);
            assert_eq!((body.size_hint().exact(), body.is_end_stream()), (Some(4), false));
            assert_eq!(now(&mut body), Some(Ok(CHUNK)));
            assert_eq!((body.size_hint().exact(), body.is_end_stream()), (Some(0), true));
            assert_eq!(now(&mut body), None);
            assert_eq!(leash.end(), Progress::Started);
            assert_eq!(now(&mut body), None);
        }
    }

    #[test]
    fn what_the_attempt_took_back_never_starts_and_its_gate_is_never_asked() {
        let gate = Gate::new(async { panic!("asked after the end") });
        let (mut body, leash) = leashed(CHUNK, Some(gate));
        assert_eq!(leash.end(), Progress::NotStarted);
        assert!(now(&mut body).unwrap().is_err());
        assert_eq!(leash.end(), Progress::NotStarted);
        // A head that is written now must not promise an empty body: that would be a request.
        assert_eq!((body.size_hint().exact(), body.is_end_stream()), (Some(4), false));
    }

    #[test]
    fn dropping_the_attempt_takes_the_chunk_back_and_wakes_the_connection() {
        let woken = Arc::new(Woken(std::sync::atomic::AtomicUsize::new(0)));
        let waker = Waker::from(Arc::clone(&woken));
        let held = Arc::new(());
        let kept = Arc::clone(&held);
        let gate = Gate::new(async move {
            pending::<()>().await;
            drop(kept);
            true
        });
        let (mut body, leash) = leashed(CHUNK, Some(gate));
        assert!(poll(&mut body, &mut Context::from_waker(&waker)).is_pending());
        drop(leash);
        assert_eq!(woken.0.load(std::sync::atomic::Ordering::SeqCst), 1);
        assert_eq!(Arc::strong_count(&held), 1, "what the gate held is let go");
        assert!(now(&mut body).unwrap().is_err());
    }

    #[test]
    fn a_shut_gate_stays_shut() {
        let (mut body, leash) = leashed(CHUNK, Some(Gate::new(async { false })));
        for _ in 0..3 {
            assert_eq!(now(&mut body), Some(Err("the gate stayed shut".to_owned())));
        }
        assert_eq!(leash.end(), Progress::GateShut);
    }

    #[test]
    fn a_gate_that_panics_is_shut_on_both_ends() {
        let (mut body, leash) =
            leashed(CHUNK, Some(Gate::new(async { panic!("a gate, on purpose") })));
        let poll = std::panic::AssertUnwindSafe(|| now(&mut body));
        assert!(std::panic::catch_unwind(poll).is_err());
        assert_eq!(leash.end(), Progress::GateShut);
        assert!(now(&mut body).unwrap().is_err());
    }
}
