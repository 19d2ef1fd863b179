//! Seam, as far as waiting goes: orders become attempts that settle at a time drawn beforehand.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use elevate_transport::{
    Answer, Bytes, Delivery, HeaderMap, HeaderValue, Instant, Request, StatusCode, Wire, WireError,
    WireErrorKind, header,
};
use serde_json::{Value, json};
use tokio::time::sleep;

/// What a request takes to get there, and its answer to get back.
pub(super) const ONE_WAY: Duration = Duration::from_millis(20);

/// A wire to an in-memory Seam with one door for each attempt.
#[derive(Debug)]
pub(super) struct Seam(Mutex<Vec<Attempt>>);

/// An attempt, and what the wire saw of it.
#[derive(Clone, Debug)]
pub(super) struct Attempt {
    takes: Duration,
    /// When it settles; `None` until it was ordered.
    pub(super) settles: Option<Instant>,
    /// When the latest look left.
    pub(super) asked: Option<Instant>,
    /// How many looks there were.
    pub(super) looks: u32,
}

impl Seam {
    /// Doors that take so long, numbered from 0.
    pub(super) fn new(takes: &[Duration]) -> Self {
        let attempt =
            |takes: &Duration| Attempt { takes: *takes, settles: None, asked: None, looks: 0 };
        Self(Mutex::new(takes.iter().map(attempt).collect()))
    }

    /// The device to order.
    pub(super) fn device(number: usize) -> String {
        format!("door-{number}")
    }

    /// The attempt as it stands.
    pub(super) fn attempt(&self, number: usize) -> Option<Attempt> {
        self.with(number, |attempt| attempt.clone())
    }

    fn with<T>(&self, number: usize, what: impl FnOnce(&mut Attempt) -> T) -> Option<T> {
        let mut attempts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        attempts.get_mut(number).map(what)
    }

    /// The number behind `door-` or `attempt-` in that field of the body.
    fn number(body: &Bytes, field: &str) -> Option<usize> {
        let body: Value = serde_json::from_slice(body).ok()?;
        body.get(field)?.as_str()?.rsplit('-').next()?.parse().ok()
    }
}

#[async_trait]
impl Wire for Seam {
    async fn send(&self, request: Request) -> Result<Answer, WireError> {
        let Request { operation, body, gate, .. } = request;
        if let Some(gate) = gate
            && !gate.await
        {
            return Err(WireError::new(WireErrorKind::GateShut, Delivery::NeverSent));
        }
        let left = Instant::now();
        sleep(ONE_WAY).await;
        let now = Instant::now();
        let settled = match operation.template {
            "/locks/unlock_door" => Self::number(&body, "device_id").and_then(|number| {
                self.with(number, |attempt| attempt.settles = Some(now + attempt.takes))?;
                Some((number, false))
            }),
            "/action_attempts/get" => Self::number(&body, "action_attempt_id").and_then(|number| {
                let settled = self.with(number, |attempt| {
                    attempt.looks += 1;
                    attempt.asked = Some(left);
                    attempt.settles.is_some_and(|settles| settles <= now)
                })?;
                Some((number, settled))
            }),
            _ => None,
        };
        sleep(ONE_WAY).await;
        let unusable = || WireError::new(WireErrorKind::Unusable, Delivery::MaybeSent);
        let (number, settled) = settled.ok_or_else(unusable)?;
        let (status, result) = if settled {
            ("success", json!({ "was_confirmed_by_device": true }))
        } else {
            ("pending", Value::Null)
        };
        let attempt = json!({
            "action_attempt_id": format!("attempt-{number}"),
            "action_type": "UNLOCK_DOOR",
            "status": status,
            "result": result,
            "error": null,
        });
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let body = json!({ "ok": true, "action_attempt": attempt }).to_string();
        Ok(Answer { status: StatusCode::OK, headers, body: body.into() })
    }
}
