//! Nodes that die, and a store that fails.

use std::{
    fmt,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use elevate_access::{HostError, Store};
use elevate_access_testkit::{Side, StoreCall, WatchedStore};
use elevate_transport::{Answer, Request, Wire, WireError};
use fastrand::Rng;
use tokio::{
    sync::watch,
    time::{Instant, sleep},
};

use super::plant::lock;

/// Whether a node lives. One that is dead does nothing more that anybody could see: its calls neither go out nor come
/// back.
#[derive(Clone)]
pub(super) struct Life(watch::Sender<bool>);

impl Life {
    pub(super) fn begin() -> Self {
        Self(watch::Sender::new(true))
    }

    pub(super) fn end(&self) {
        self.0.send_replace(false);
    }

    /// Comes back when the node is dead.
    pub(super) async fn over(&self) {
        // It holds its own sender, so that waiting can only end by the word.
        let _ = self.0.subscribe().wait_for(|lives| !lives).await;
    }

    /// What the work comes to, unless the node dies under it: then nothing, ever.
    async fn unless_over<T>(&self, work: impl Future<Output = T>) -> T {
        tokio::select! {
            biased;
            () = self.over() => std::future::pending().await,
            done = work => done,
        }
    }
}

/// A node's wire, which ends with it.
pub(super) struct MortalWire {
    pub(super) inner: Arc<dyn Wire>,
    pub(super) life: Life,
}

#[async_trait]
impl Wire for MortalWire {
    async fn send(&self, request: Request) -> Result<Answer, WireError> {
        self.life.unless_over(self.inner.send(request)).await
    }
}

impl fmt::Debug for MortalWire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MortalWire").finish_non_exhaustive()
    }
}

/// What is wrong with the store, and for how many calls more.
#[derive(Debug, Default)]
pub(super) struct Trouble {
    left: u32,
    how: How,
}

#[derive(Clone, Copy, Debug, Default)]
enum How {
    /// It does nothing, and says that it failed.
    #[default]
    FailsBefore,
    /// It does what it was asked, and its answer is lost.
    FailsAfter,
    /// It takes its time.
    Slow(Duration),
    /// It never answers.
    Hangs,
}

impl Trouble {
    /// Some trouble, drawn.
    pub(super) fn draw(dice: &mut Rng) -> Self {
        let how = match dice.u8(..6) {
            0 | 1 => How::FailsBefore,
            2 | 3 => How::FailsAfter,
            4 => How::Slow(Duration::from_millis(dice.u64(..3_000))),
            _ => How::Hangs,
        };
        Self { left: dice.u32(1..6), how }
    }

    /// What goes wrong on this side of a call.
    fn at(&mut self, side: Side) -> Option<How> {
        let is_after = matches!(self.how, How::FailsAfter);
        if is_after != (side == Side::After) {
            return None;
        }
        self.left = self.left.checked_sub(1)?;
        Some(self.how)
    }
}

/// The store as a node sees it. What keeps a claim from being released is written down, with its moment.
pub(super) fn mortal_store(
    store: impl Store,
    life: &Life,
    trouble: &Arc<Mutex<Trouble>>,
    unreleased: impl Fn(Instant) + Clone + Send + Sync + 'static,
) -> WatchedStore {
    let (life, trouble) = (life.clone(), Arc::clone(trouble));
    WatchedStore::new(store, move |call, side| {
        let (life, trouble, unreleased) = (life.clone(), Arc::clone(&trouble), unreleased.clone());
        let fails = || Err(HostError::msg("the store is not well"));
        Box::pin(async move {
            let how = lock(&trouble).at(side);
            if how.is_some() && (call, side) == (StoreCall::Unclaim, Side::Before) {
                unreleased(Instant::now());
            }
            let work = async {
                match how {
                    None => Ok(()),
                    Some(How::FailsBefore | How::FailsAfter) => fails(),
                    Some(How::Slow(time)) => {
                        sleep(time).await;
                        Ok(())
                    }
                    Some(How::Hangs) => std::future::pending().await,
                }
            };
            life.unless_over(work).await
        })
    })
}
