//! One value, told once to any number who wait for it.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Notify;

/// Who will tell the value. Dropped without telling, it tells that nothing will come.
pub(crate) struct Teller<T>(Arc<Shared<T>>);

/// Waits for the value; clones wait for the same one.
///
/// They are woken in the order in which they began to wait. (A `watch` channel wakes in random order, and
/// then two simulations of one seed differ.)
pub(crate) struct Told<T>(Arc<Shared<T>>);

struct Shared<T> {
    state: Mutex<State<T>>,
    told: Notify,
}

enum State<T> {
    Open,
    Told(T),
    Lost,
}

/// A teller, and the first who waits.
pub(crate) fn promise<T: Clone>() -> (Teller<T>, Told<T>) {
    let shared = Arc::new(Shared { state: Mutex::new(State::Open), told: Notify::new() });
    (Teller(shared.clone()), Told(shared))
}

impl<T> Shared<T> {
    fn end(&self, state: State<T>) {
        let mut now = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if matches!(*now, State::Open) {
            *now = state;
            self.told.notify_waiters();
        }
    }
}

impl<T> Teller<T> {
    pub(crate) fn tell(self, value: T) {
        self.0.end(State::Told(value));
    }
}

impl<T> Drop for Teller<T> {
    fn drop(&mut self) {
        self.0.end(State::Lost);
    }
}

impl<T: Clone> Told<T> {
    /// The value, once it is there; `None` if it will never be.
    pub(crate) async fn wait(&self) -> Option<T> {
        let mut told = std::pin::pin!(self.0.told.notified());
        // In line before looking, so that nothing told in between is missed.
        told.as_mut().enable();
        if let Some(end) = self.look() {
            return end;
        }
        told.await;
        self.look().flatten()
    }

    fn look(&self) -> Option<Option<T>> {
        match &*self.0.state.lock().unwrap_or_else(PoisonError::into_inner) {
            State::Open => None,
            State::Told(value) => Some(Some(value.clone())),
            State::Lost => Some(None),
        }
    }
}

impl<T> Clone for Told<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use futures_util::future::join_all;
    use tokio::time::sleep;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn everyone_is_told_in_the_order_of_waiting() {
        let (teller, told) = promise();
        let order = Mutex::new(Vec::new());
        let waiting = join_all((0..40).map(|n| {
            let (told, order) = (told.clone(), &order);
            async move {
                sleep(Duration::from_millis(n)).await;
                let value = told.wait().await;
                order.lock().unwrap().push(n);
                value
            }
        }));
        let (told_all, ()) = tokio::join!(waiting, async {
            sleep(Duration::from_secs(1)).await;
            teller.tell(7);
        });
        assert!(told_all.iter().all(|value| *value == Some(7)));
        assert_eq!(*order.lock().unwrap(), (0..40).collect::<Vec<_>>());
        assert_eq!(told.wait().await, Some(7), "and whoever comes later");
    }

    #[tokio::test(start_paused = true)]
    async fn a_lost_teller_leaves_nobody_waiting() {
        let (teller, told) = promise::<u8>();
        let (lost, ()) = tokio::join!(told.wait(), async { drop(teller) });
        assert_eq!(lost, None);
        assert_eq!(told.wait().await, None);
    }
}
