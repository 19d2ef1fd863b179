//! The stand-in for Openpath keeps to what the vendor documents, and to what a test told it.

#![expect(clippy::unwrap_used, reason = "a story that cannot be told must fail its test")]

#[path = "openpath_model/accounts.rs"]
mod accounts;
#[path = "openpath_model/activity.rs"]
mod activity;
#[path = "openpath_model/basic.rs"]
mod basic;
#[path = "openpath_model/certificates.rs"]
mod certificates;
#[path = "openpath_model/doors.rs"]
mod doors;
#[path = "openpath_model/fixture_files.rs"]
mod fixture_files;
#[path = "openpath_model/keys.rs"]
mod keys;
#[path = "openpath_model/records.rs"]
mod records;
#[path = "openpath_model/replies.rs"]
mod replies;
#[path = "openpath_model/rights.rs"]
mod rights;
#[path = "openpath_model/seed.rs"]
mod seed;
#[path = "openpath_model/shapes.rs"]
mod shapes;
#[path = "openpath_model/sign_in.rs"]
mod sign_in;
#[path = "openpath_model/unlocks.rs"]
mod unlocks;
#[path = "openpath_model/users.rs"]
mod users;

use std::collections::BTreeSet;
use std::time::Duration;

use elevate_access_testkit::openpath::{
    Activity, Credential, Entry, Filtering, NotGranted, Openpath, Operation, TOKEN_PREFIX, User,
    fixtures,
};
use elevate_access_testkit::{Effect, Model, Received, Reply};
use elevate_transport::{Bytes, HeaderMap, HeaderValue, Method, header};
use jiff::Timestamp;
use serde_json::{Value, json};

const EMAIL: &str = "svc@example.com";
const PASSWORD: &str = "correct horse";
const JANE: u64 = 7001;
const GATE: u64 = 4401;
const KEY: u64 = 88001;

fn noon() -> Timestamp {
    "2026-11-24T12:00:00.250Z".parse().unwrap()
}

fn later(seconds: u64) -> Timestamp {
    noon() + Duration::from_secs(seconds)
}

fn jane() -> User {
    User::active(JANE, "jane@example.com")
        .named("Jane", "Doe")
        .entry(Entry::new(GATE, "Main entrance"))
        .credential(Credential::cloud_key(KEY))
}

fn with(user: User) -> Openpath {
    Openpath::new(5120).service_account(EMAIL, PASSWORD).user(user)
}

/// A client's side of a conversation: what it sends, with which token, and when.
struct Caller {
    token: Option<String>,
    now: Timestamp,
}

impl Caller {
    fn stranger() -> Self {
        Self { token: None, now: noon() }
    }

    fn signed_in(openpath: &mut Openpath) -> Self {
        let mut caller = Self::stranger();
        let (status, body) = caller.log_in(openpath);
        assert_eq!(status, 201);
        caller.token = Some(body["data"]["token"].as_str().unwrap().to_owned());
        caller
    }

    fn log_in(&self, openpath: &mut Openpath) -> (u16, Value) {
        self.post(openpath, "/auth/login", &json!({ "email": EMAIL, "password": PASSWORD }))
    }

    fn request(&self, method: Method, url: &str, body: Option<&Value>) -> Received {
        let (path, query) = url.split_once('?').unwrap_or((url, ""));
        let mut headers = HeaderMap::new();
        if let Some(token) = &self.token {
            headers.insert(header::AUTHORIZATION, HeaderValue::from_str(token).unwrap());
        }
        if body.is_some() {
            let json = HeaderValue::from_static("application/json");
            headers.insert(header::CONTENT_TYPE, json);
        }
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        Received {
            method,
            path: path.to_owned(),
            query: pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
            headers,
            body: body.map(|body| Bytes::from(body.to_string())).unwrap_or_default(),
        }
    }

    fn raw(
        &self,
        openpath: &mut Openpath,
        method: Method,
        url: &str,
        body: Option<&Value>,
    ) -> Reply {
        openpath.answer(&self.request(method, url, body), self.now)
    }

    fn get(&self, openpath: &mut Openpath, url: &str) -> (u16, Value) {
        read(&self.raw(openpath, Method::GET, url, None))
    }

    fn post(&self, openpath: &mut Openpath, url: &str, body: &Value) -> (u16, Value) {
        read(&self.raw(openpath, Method::POST, url, Some(body)))
    }

    fn users(&self, openpath: &mut Openpath, body: &Value) -> Value {
        let (status, list) = self.post(openpath, "/orgs/5120/users/list", body);
        assert_eq!(status, 200, "{list}");
        list
    }

    fn unlock(&self, openpath: &mut Openpath, user: u64, key: u64, entry: u64) -> u16 {
        self.post(openpath, &unlock_path(user, key), &json!({ "entryId": entry })).0
    }
}

fn unlock_path(user: u64, key: u64) -> String {
    format!("/orgs/5120/users/{user}/credentials/{key}/cloudKeyEntryUnlock")
}

fn read(reply: &Reply) -> (u16, Value) {
    (reply.status, serde_json::from_slice(&reply.body).unwrap_or_default())
}

fn names(list: &Value) -> Vec<&str> {
    list["data"].as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap()).collect()
}

fn ids(list: &Value) -> Vec<u64> {
    list["data"].as_array().unwrap().iter().map(|row| row["id"].as_u64().unwrap()).collect()
}

fn effects(openpath: &Openpath) -> Vec<Effect> {
    openpath.ledger().orders().iter().map(|order| order.effect).collect()
}
