//! A server that answers as a test writes it: for lists whose pages no sane vendor would send.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use elevate_openpath::{Client, Delivery, Wire};
use elevate_transport::{Answer, Bytes, HeaderMap, Request, StatusCode, WireError, WireErrorKind};
use serde_json::{Value, json};
use tokio::time::{sleep, timeout_at};

use crate::support::client_over;

/// Which page was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) offset: u64,
    pub(super) limit: u64,
}

type Answers = dyn FnMut(Window) -> Value + Send;

/// The server: every list but the sign-in is answered so.
pub(super) struct Script {
    answers: Mutex<Box<Answers>>,
    asked: Mutex<Vec<Window>>,
    takes: Duration,
}

impl Script {
    pub(super) fn of(answers: impl FnMut(Window) -> Value + Send + 'static) -> Arc<Self> {
        Self::slow(Duration::ZERO, answers)
    }

    /// Each page takes so long.
    pub(super) fn slow(
        takes: Duration,
        answers: impl FnMut(Window) -> Value + Send + 'static,
    ) -> Arc<Self> {
        Arc::new(Self { answers: Mutex::new(Box::new(answers)), asked: Mutex::default(), takes })
    }

    pub(super) fn client(self: &Arc<Self>) -> Client {
        client_over(self.clone())
    }

    /// The pages that were asked for.
    pub(super) fn asked(&self) -> Vec<Window> {
        self.asked.lock().unwrap().clone()
    }
}

impl std::fmt::Debug for Script {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Script")
    }
}

#[async_trait]
impl Wire for Script {
    async fn send(&self, request: Request) -> Result<Answer, WireError> {
        if request.url.path() == "/auth/login" {
            return Ok(answer(StatusCode::CREATED, &json!({"data": {"token": "t0ken"}})));
        }
        let window = window(&request);
        self.asked.lock().unwrap().push(window);
        if timeout_at(request.answer_by, sleep(self.takes)).await.is_err() {
            return Err(WireError::new(WireErrorKind::Timeout, Delivery::MaybeSent));
        }
        let body = self.answers.lock().unwrap()(window);
        Ok(answer(StatusCode::OK, &body))
    }
}

/// What was asked for in the body, or in the query; all of it if nothing is said.
fn window(request: &Request) -> Window {
    let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
    let number = |name: &str| {
        let in_query = request.url.query_pairs().find(|(key, _)| key == name);
        body[name].as_u64().or_else(|| in_query?.1.parse().ok())
    };
    Window { offset: number("offset").unwrap_or(0), limit: number("limit").unwrap_or(u64::MAX) }
}

fn answer(status: StatusCode, body: &Value) -> Answer {
    Answer { status, headers: HeaderMap::new(), body: Bytes::from(body.to_string()) }
}

pub(super) fn rows(from: u64, to: u64) -> Vec<Value> {
    (from..to).map(|id| json!({ "id": id })).collect()
}
