//! The span of each attempt, seen through a subscriber that keeps everything.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    collections::{BTreeMap, VecDeque},
    fmt::{Debug, Write as _},
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use elevate_transport::{
    Answer, Bytes, Caller, Delivery, HeaderMap, Instant, Method, Operation, Request, StatusCode,
    Url, Wire, WireError, WireErrorKind, header,
};
use tracing::{
    Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};
use tracing_subscriber::{
    Layer,
    layer::{Context, SubscriberExt as _},
    registry::LookupSpan,
};

const OPERATION: Operation = Operation::new("test.users.list", "/orgs/{org}/users");
const CANARY: &str = "canary7c1f";

/// Every span that was opened, in order, with its fields as they stood at its end.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<Span>>>);

struct Span {
    id: u64,
    name: &'static str,
    fields: BTreeMap<String, String>,
}

struct Fields<'a>(&'a mut BTreeMap<String, String>);

impl Visit for Fields<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().to_owned(), value.to_owned());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.insert(field.name().to_owned(), format!("{value:?}"));
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Kept {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, _: Context<'_, S>) {
        let mut fields = BTreeMap::new();
        attributes.record(&mut Fields(&mut fields));
        let name = attributes.metadata().name();
        self.0.lock().unwrap().push(Span { id: id.into_u64(), name, fields });
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, _: Context<'_, S>) {
        let mut spans = self.0.lock().unwrap();
        let span = spans.iter_mut().rev().find(|span| span.id == id.into_u64()).unwrap();
        values.record(&mut Fields(&mut span.fields));
    }
}

/// A peer that gives these in turn.
#[derive(Debug)]
struct Gives(Mutex<VecDeque<Result<u16, WireError>>>);

#[async_trait]
impl Wire for Gives {
    async fn send(&self, _request: Request) -> Result<Answer, WireError> {
        let status = self.0.lock().unwrap().pop_front().unwrap()?;
        let headers = HeaderMap::from_iter([(header::SET_COOKIE, CANARY.parse().unwrap())]);
        let status = StatusCode::from_u16(status).unwrap();
        Ok(Answer { status, headers, body: Bytes::from_static(CANARY.as_bytes()) })
    }
}

/// Makes one read of a peer that gives these, and shows the spans.
async fn spans(gives: impl IntoIterator<Item = Result<u16, WireError>>) -> String {
    let kept = Kept::default();
    let subscriber = tracing_subscriber::registry().with(kept.clone());
    let _guard = tracing::subscriber::set_default(subscriber);
    let caller = Caller::new(Arc::new(Gives(Mutex::new(gives.into_iter().collect()))));
    let url = format!("https://vendor.test/orgs/{CANARY}/users?email={CANARY}");
    let _ = caller
        .read(Instant::now() + Duration::from_secs(9), |by| {
            Request::new(OPERATION, Method::POST, Url::parse(&url).unwrap(), by)
                .secret_header(header::AUTHORIZATION, CANARY.parse().unwrap())
                .json(format!("{{\"key\":\"{CANARY}\"}}"))
        })
        .await;
    let mut shown = String::new();
    for span in kept.0.lock().unwrap().iter() {
        writeln!(shown, "{}", span.name).unwrap();
        for (name, value) in &span.fields {
            writeln!(shown, "  {name}: {value}").unwrap();
        }
    }
    assert!(!shown.contains(CANARY), "{shown}");
    shown
}

#[tokio::test(start_paused = true)]
async fn an_attempt_is_a_span_with_the_names_of_an_http_client() {
    insta::assert_snapshot!(spans([Ok(200)]).await, @r"
    http.client.attempt
      http.request.body.size: 20
      http.request.method: POST
      http.response.body.size: 10
      http.response.status_code: 200
      operation: test.users.list
      otel.kind: client
      otel.name: POST /orgs/{org}/users
      server.address: vendor.test
      server.port: 443
      url.template: /orgs/{org}/users
    ");
}

#[tokio::test(start_paused = true)]
async fn each_repeat_is_a_span_that_counts_and_failures_name_their_kind() {
    let refused = WireError::new(WireErrorKind::Connect, Delivery::NeverSent);
    let cut_off =
        WireError::new(WireErrorKind::Broken, Delivery::Answered).with_status(StatusCode::OK);
    insta::assert_snapshot!(spans([Err(refused), Err(cut_off), Ok(404)]).await, @r"
    http.client.attempt
      error.type: connect
      http.request.body.size: 20
      http.request.method: POST
      operation: test.users.list
      otel.kind: client
      otel.name: POST /orgs/{org}/users
      otel.status_code: ERROR
      server.address: vendor.test
      server.port: 443
      url.template: /orgs/{org}/users
    http.client.attempt
      error.type: broken
      http.request.body.size: 20
      http.request.method: POST
      http.request.resend_count: 1
      http.response.status_code: 200
      operation: test.users.list
      otel.kind: client
      otel.name: POST /orgs/{org}/users
      otel.status_code: ERROR
      server.address: vendor.test
      server.port: 443
      url.template: /orgs/{org}/users
    http.client.attempt
      error.type: 404
      http.request.body.size: 20
      http.request.method: POST
      http.request.resend_count: 2
      http.response.body.size: 10
      http.response.status_code: 404
      operation: test.users.list
      otel.kind: client
      otel.name: POST /orgs/{org}/users
      otel.status_code: ERROR
      server.address: vendor.test
      server.port: 443
      url.template: /orgs/{org}/users
    ");
}
