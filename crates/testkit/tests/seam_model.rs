//! The stand-in for Seam behaves as the vendor documents, so that what is tested against it means something.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a story that cannot be told must fail its test"
)]

#[path = "seam_model/canned_replies.rs"]
mod canned_replies;
#[path = "seam_model/files.rs"]
mod files;
#[path = "seam_model/lists.rs"]
mod lists;
#[path = "seam_model/orders.rs"]
mod orders;
#[path = "seam_model/rights.rs"]
mod rights;
#[path = "seam_model/setup.rs"]
mod setup;
#[path = "seam_model/shapes.rs"]
mod shapes;

use std::collections::BTreeSet;
use std::time::Duration;

use elevate_access_testkit::seam::{
    Account, AttemptEnd, CASES, Device, Endless, NextPageUrl, OnUnfit, Seam, Space, Unfit,
    WORKSPACES, fixture,
};
use elevate_access_testkit::{Effect, Model, Received, Reply};
use elevate_transport::{HeaderMap, HeaderName, HeaderValue, Method};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

const KEY: &str = "seam_key7canary";
const UNLOCK: &str = "/locks/unlock_door";
const ATTEMPT: &str = "/action_attempts/get";

/// So many milliseconds into the test.
fn at(millis: i64) -> Timestamp {
    let start = Timestamp::new(1_800_000_000, 0).unwrap();
    start.checked_add(SignedDuration::from_millis(millis)).unwrap()
}

fn request(path: &str, body: &str) -> Received {
    let mut headers = HeaderMap::new();
    headers.insert("authorization", HeaderValue::from_str(&format!("Bearer {KEY}")).unwrap());
    headers.insert("content-type", HeaderValue::from_static("application/json"));
    headers.insert("host", HeaderValue::from_static("seam.test"));
    Received {
        method: Method::POST,
        path: path.to_owned(),
        query: Vec::new(),
        headers,
        body: body.to_owned().into(),
    }
}

fn with_header(mut request: Received, name: &'static str, value: &str) -> Received {
    request.headers.insert(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
    request
}

fn without_header(mut request: Received, name: &str) -> Received {
    request.headers.remove(name);
    request
}

fn read(reply: &Reply) -> Value {
    serde_json::from_slice(&reply.body).expect("the reply is JSON")
}

/// Asks at the start of time, and returns status and body.
fn ask(seam: &mut Seam, path: &str, body: &Value) -> (u16, Value) {
    ask_at(seam, 0, path, body)
}

fn ask_at(seam: &mut Seam, millis: i64, path: &str, body: &Value) -> (u16, Value) {
    let reply = seam.answer(&request(path, &body.to_string()), at(millis));
    (reply.status, read(&reply))
}

fn unlock(seam: &mut Seam, millis: i64, device: &str) -> (u16, Value) {
    ask_at(seam, millis, UNLOCK, &json!({ "device_id": device }))
}

/// The attempt of an order's reply, read again.
fn poll(seam: &mut Seam, millis: i64, order: &Value) -> Value {
    let id = &order["action_attempt"]["action_attempt_id"];
    let (status, body) = ask_at(seam, millis, ATTEMPT, &json!({ "action_attempt_id": id }));
    assert_eq!(status, 200);
    body["action_attempt"].clone()
}

fn ids(body: &Value, list: &str, field: &str) -> Vec<String> {
    let items = body[list].as_array().expect("a list");
    items.iter().map(|item| item[field].as_str().expect("an id").to_owned()).collect()
}

fn house() -> Seam {
    Seam::new(KEY)
        .space("sp-101", "101")
        .space("sp-102", "102")
        .space("sp-empty", "103")
        .device(Device::two_n("dev-1", "Lobby").in_spaces(["sp-101", "sp-102"]))
        .device(Device::two_n("dev-2", "Garage").in_spaces(["sp-101"]))
}
