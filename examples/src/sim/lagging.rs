//! Lists of keys that lag behind.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use elevate_transport::{Answer, Method, Request, Wire, WireError};
use serde_json::Value;
use tokio::time::Instant;

use super::{faults::KEYS, plant::lock};

/// For how long the vendor's lists do not show a key that was asked for, and when that was, for each user.
#[derive(Clone)]
pub(super) struct Lag {
    for_so_long: Duration,
    asked: Arc<Mutex<HashMap<String, Instant>>>,
}

impl Lag {
    /// Some, drawn: well within the time of a lease, which is what the crates promise for.
    pub(super) fn draw(dice: &mut fastrand::Rng) -> Self {
        let most = [1, 1, 2_000, 10_000][dice.usize(..4)];
        Self { for_so_long: Duration::from_millis(dice.u64(..most)), asked: Arc::default() }
    }
}

/// A wire to a vendor whose lists lag behind, whichever node reads them.
pub(super) struct LaggingWire {
    pub(super) inner: Arc<dyn Wire>,
    pub(super) lag: Lag,
}

#[async_trait]
impl Wire for LaggingWire {
    async fn send(&self, request: Request) -> Result<Answer, WireError> {
        let path = request.url.path().to_owned();
        if !path.ends_with(KEYS) {
            return self.inner.send(request).await;
        }
        if request.method == Method::POST {
            lock(&self.lag.asked).insert(path, Instant::now());
            return self.inner.send(request).await;
        }
        let answer = self.inner.send(request).await?;
        let asked = lock(&self.lag.asked).get(&path).copied();
        let hides = asked.is_some_and(|asked| asked.elapsed() < self.lag.for_so_long);
        let is_list =
            || serde_json::from_slice(&answer.body).is_ok_and(|v: Value| v["data"].is_array());
        if hides && answer.status.is_success() && is_list() {
            // Nobody in this house has a credential besides.
            return Ok(Answer { body: r#"{"data":[],"filteredCount":0}"#.into(), ..answer });
        }
        Ok(answer)
    }
}

impl fmt::Debug for LaggingWire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LaggingWire").finish_non_exhaustive()
    }
}
