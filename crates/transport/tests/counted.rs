//! What is counted of each attempt, seen through a recorder.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use elevate_transport::{
    Answer, Bytes, Caller, Delivery, HeaderMap, Instant, Method, Operation, Request, StatusCode,
    Url, Wire, WireError, WireErrorKind, header,
};
use metrics_util::debugging::{DebugValue, DebuggingRecorder};

const OPERATION: Operation = Operation::new("test.users.list", "/orgs/{org}/users");
const CANARY: &str = "canary7c1f";

/// A peer that gives these in turn, each after a quarter of a second.
#[derive(Debug)]
struct Gives(Mutex<VecDeque<Result<u16, WireError>>>);

#[async_trait]
impl Wire for Gives {
    async fn send(&self, _request: Request) -> Result<Answer, WireError> {
        tokio::time::sleep(Duration::from_millis(250)).await;
        let status = self.0.lock().unwrap().pop_front().unwrap()?;
        let status = StatusCode::from_u16(status).unwrap();
        Ok(Answer { status, headers: HeaderMap::new(), body: Bytes::from_static(b"canary7c1f") })
    }
}

#[tokio::test(start_paused = true)]
async fn attempts_are_counted_by_operation_and_status_and_nothing_secret() {
    let recorder = DebuggingRecorder::new();
    let _local = metrics::set_default_local_recorder(&recorder);
    let refused = WireError::new(WireErrorKind::Connect, Delivery::NeverSent);
    let gives = [Err(refused), Ok(503), Ok(200), Ok(404)];
    let caller = Caller::new(Arc::new(Gives(Mutex::new(gives.into_iter().collect()))));
    for _ in 0..2 {
        let url = format!("https://u:{CANARY}@vendor.test/orgs/{CANARY}/users?email={CANARY}");
        let _ = caller
            .read(Instant::now() + Duration::from_secs(9), |by| {
                Request::new(OPERATION, Method::POST, Url::parse(&url).unwrap(), by)
                    .secret_header(header::AUTHORIZATION, CANARY.parse().unwrap())
                    .json(format!("{{\"key\":\"{CANARY}\"}}"))
            })
            .await;
    }
    let mut lines = Vec::new();
    for (key, _, _, value) in recorder.snapshotter().snapshot().into_vec() {
        let labels: Vec<_> =
            key.key().labels().map(|label| format!("{}={}", label.key(), label.value())).collect();
        let value = match value {
            DebugValue::Counter(count) => count.to_string(),
            other => format!("{other:?}"),
        };
        lines.push(format!("{} {}: {value}", key.key().name(), labels.join(" ")));
    }
    lines.sort();
    let lines = lines.join("\n");
    insta::assert_snapshot!(lines, @r"
    elevate.vendor.requests vendor=test operation=test.users.list status=2xx: 1
    elevate.vendor.requests vendor=test operation=test.users.list status=4xx: 1
    elevate.vendor.requests vendor=test operation=test.users.list status=5xx: 1
    elevate.vendor.requests vendor=test operation=test.users.list status=none: 1
    elevate.vendor.retries vendor=test operation=test.users.list: 2
    http.client.request.duration http.request.method=POST url.template=/orgs/{org}/users server.address=vendor.test server.port=443 error.type=connect: Histogram([0.25])
    http.client.request.duration http.request.method=POST url.template=/orgs/{org}/users server.address=vendor.test server.port=443 http.response.status_code=200: Histogram([0.25])
    http.client.request.duration http.request.method=POST url.template=/orgs/{org}/users server.address=vendor.test server.port=443 http.response.status_code=404 error.type=404: Histogram([0.25])
    http.client.request.duration http.request.method=POST url.template=/orgs/{org}/users server.address=vendor.test server.port=443 http.response.status_code=503 error.type=503: Histogram([0.25])
    ");
    assert!(!lines.contains(CANARY), "{lines}");
}
