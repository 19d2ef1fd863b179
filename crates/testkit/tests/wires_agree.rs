//! The two ways to serve a vendor are one to a client: over loopback with the production wire, and in
//! memory. Every fault, before and after the vendor acted, meets every kind of call on both. Where they
//! differ, `Ordeal::listed_difference` says so: it is the whole list.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::{
    fmt,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use elevate_access_testkit::{
    Effect, Fault, FaultKind, Ledger, Loopback, MemoryWire, Model, Order, Received, Reply,
    TestClock, Vendor,
};
use elevate_transport::{
    Bytes, Delivery, Gate, HeaderMap, HeaderValue, HttpWire, Instant, Method, Operation, Request,
    Url, Wire, WireErrorKind, header,
};
use jiff::Timestamp;
use tokio::{sync::oneshot, task::JoinSet, time::sleep};

/// For calls that are meant to be answered.
const LONG: Duration = Duration::from_secs(5);
/// For calls that are meant to run into their deadline.
const SHORT: Duration = Duration::from_millis(300);
/// The most bytes that an answer may have.
const LARGEST: usize = 100_000;
const OPERATION: Operation = Operation::new("test", "/test");

/// Counts requests, writes down orders, and answers with what it received.
#[derive(Default)]
struct Echo {
    received: Arc<Mutex<Vec<Received>>>,
    ledger: Ledger,
    /// Answer an order as Openpath does: 204 without a body.
    silent: bool,
}

impl Model for Echo {
    fn answer(&mut self, request: &Received, now: Timestamp) -> Reply {
        self.received.lock().unwrap().push(request.clone());
        if request.path.ends_with("/unlock") {
            self.ledger.enter(Order {
                door: "gate".into(),
                who: String::from_utf8_lossy(&request.body).into_owned(),
                at: now,
                reference: None,
                effect: Effect::Opened,
            });
        }
        if self.silent {
            return Reply::empty(204);
        }
        let body = String::from_utf8_lossy(&request.body);
        let echo = format!(r#"{{"method":"{}","body":{body:?}}}"#, request.method);
        Reply::json(200, echo).header("x-request-id", "echo-1")
    }

    fn ledger(&self) -> &Ledger {
        &self.ledger
    }
}

/// What a client sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Call {
    /// A GET.
    Read,
    /// A POST without a gate.
    Write,
    /// A POST with a gate that opens at once.
    Order,
    /// A POST with a gate that opens after a while.
    SlowOrder,
    /// A POST with a gate that stays shut.
    ShutOrder,
}

const CALLS: [Call; 5] = [Call::Read, Call::Write, Call::Order, Call::SlowOrder, Call::ShutOrder];

/// What came of a call, as far as a client or the vendor could tell.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Outcome {
    /// What the client got.
    got: Got,
    /// How many requests the vendor saw.
    seen: usize,
    /// How many orders stand in its ledger.
    orders: usize,
    /// How often a gate was asked to its end.
    gates: usize,
}

#[derive(Clone, PartialEq, Eq)]
enum Got {
    Answer { status: u16, headers: Vec<String>, body: Bytes },
    Error { kind: WireErrorKind, delivery: Delivery, status: Option<u16> },
}

impl fmt::Debug for Got {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Answer { status, headers, body } => {
                write!(f, "{status} {headers:?} {} bytes", body.len())
            }
            Self::Error { kind, delivery, status } => write!(f, "{kind:?} {delivery:?} {status:?}"),
        }
    }
}

/// One way to serve a vendor.
struct Side {
    vendor: Vendor<Echo>,
    received: Arc<Mutex<Vec<Received>>>,
    wire: Box<dyn Wire>,
    base: Url,
    loopback: Option<Loopback>,
}

impl Side {
    fn in_memory(silent: bool) -> Self {
        let (vendor, received) = vendor(silent);
        let wire = Box::new(MemoryWire::new(vendor.clone(), TestClock::new()));
        let base = Url::parse("http://vendor.test").unwrap();
        Self { vendor, received, wire, base, loopback: None }
    }

    async fn on_loopback(silent: bool) -> Self {
        let (vendor, received) = vendor(silent);
        let loopback = Loopback::start(vendor.clone(), TestClock::new()).await.unwrap();
        let wire = Box::new(HttpWire::builder().only_root_certificates([]).build().unwrap());
        let base = loopback.base_url();
        Self { vendor, received, wire, base, loopback: Some(loopback) }
    }

    fn served(&self) -> &Loopback {
        self.loopback.as_ref().expect("it is served on loopback")
    }

    /// Makes the call while that fault is the next, and waits until the vendor has seen so many requests
    /// of it: what a client no longer waits for may still be on its way.
    async fn meet(&self, call: Call, ordeal: &Ordeal, at_least: usize) -> Outcome {
        self.vendor.faults(|faults| {
            faults.clear();
            if let Some(fault) = &ordeal.fault {
                faults.next(fault.clone());
            }
        });
        let gates = Arc::new(AtomicUsize::new(0));
        let orders = || self.vendor.ledger().orders().len();
        let (seen_before, orders_before) = (self.vendor.requests(), orders());
        let got = match self.wire.send(self.request(call, ordeal.within, &gates)).await {
            Ok(answer) => Got::Answer {
                status: answer.status.as_u16(),
                headers: seen_headers(&answer.headers),
                body: answer.body,
            },
            Err(error) => Got::Error {
                kind: error.kind(),
                delivery: error.delivery(),
                status: error.status().map(|status| status.as_u16()),
            },
        };
        let patience = Instant::now() + LONG;
        while self.vendor.requests() < seen_before + at_least && Instant::now() < patience {
            sleep(Duration::from_millis(2)).await;
        }
        Outcome {
            got,
            seen: self.vendor.requests() - seen_before,
            orders: orders() - orders_before,
            gates: gates.load(Ordering::SeqCst),
        }
    }

    fn request(&self, call: Call, within: Duration, gates: &Arc<AtomicUsize>) -> Request {
        let request = |method, path| {
            let url = self.base.join(path).unwrap();
            let request = Request::new(OPERATION, method, url, Instant::now() + within);
            Request { max_answer_bytes: LARGEST, ..request }
        };
        let order = |after: Duration, opens: bool| {
            let gates = Arc::clone(gates);
            let gate = Gate::new(async move {
                if !after.is_zero() {
                    sleep(after).await;
                }
                gates.fetch_add(1, Ordering::SeqCst);
                opens
            });
            request(Method::POST, "/unlock").json("{}").gated(gate)
        };
        match call {
            Call::Read => request(Method::GET, "/doors?of=me"),
            Call::Write => request(Method::POST, "/keys").json(r#"{"key":"cloud"}"#),
            Call::Order => order(Duration::ZERO, true),
            Call::SlowOrder => order(Duration::from_millis(5), true),
            Call::ShutOrder => order(Duration::ZERO, false),
        }
    }
}

fn vendor(silent: bool) -> (Vendor<Echo>, Arc<Mutex<Vec<Received>>>) {
    let echo = Echo { silent, ..Echo::default() };
    let received = Arc::clone(&echo.received);
    (Vendor::new(echo), received)
}

/// What a call meets.
#[derive(Clone)]
struct Ordeal {
    fault: Option<Fault>,
    /// How long the call waits for its answer.
    within: Duration,
    /// Whether the vendor answers 204 without a body.
    silent: bool,
}

impl Ordeal {
    /// Each of these faults, before and after the vendor acted, with a vendor that speaks or does not.
    fn each(kinds: Vec<FaultKind>, within: Duration) -> Vec<Self> {
        let mut ordeals = Vec::new();
        for kind in kinds {
            for (acted, silent) in [(false, false), (false, true), (true, false), (true, true)] {
                let fault = Some(Fault { kind: kind.clone(), acted });
                ordeals.push(Self { fault, within, silent });
            }
        }
        ordeals
    }

    /// Every call meets it on both wires, and nothing differs but what is listed.
    async fn does_the_same_on_both(self) {
        let (memory, loopback) =
            (Side::in_memory(self.silent), Side::on_loopback(self.silent).await);
        for call in CALLS {
            let in_memory = memory.meet(call, &self, 0).await;
            let listed = self.listed_difference(call, &in_memory);
            assert_ne!(listed.as_ref(), Some(&in_memory), "{call:?}, {self:?}: no difference");
            let wanted = listed.unwrap_or(in_memory);
            let on_loopback = loopback.meet(call, &self, wanted.seen).await;
            assert_eq!(on_loopback, wanted, "{call:?}, {self:?}");
        }
    }

    /// The whole list of what is different over loopback, given what is seen in memory.
    fn listed_difference(&self, call: Call, in_memory: &Outcome) -> Option<Outcome> {
        let Fault { kind, acted } = self.fault.as_ref()?;
        let orders = usize::from(matches!(call, Call::Order | Call::SlowOrder));
        let shut = || failed(WireErrorKind::GateShut, Delivery::NeverSent);
        let broken = || failed(WireErrorKind::Broken, Delivery::MaybeSent);
        let timeout = || failed(WireErrorKind::Timeout, Delivery::MaybeSent);
        let unseen = Outcome { seen: 0, orders: 0, ..in_memory.clone() };
        match kind {
            // A fault is chosen for a whole request: the connection is up, the gate was asked, ...
            FaultKind::Refuse if call == Call::ShutOrder => {
                Some(Outcome { got: shut(), gates: 1, ..unseen })
            }
            FaultKind::Refuse => Some(Outcome { got: broken(), gates: orders, ..unseen }),
            // ... and what has left is read late, whether or not anybody still waits.
            FaultKind::SlowConnect(by) if *by > self.within && call == Call::ShutOrder => {
                Some(Outcome { got: shut(), gates: 1, ..unseen })
            }
            FaultKind::SlowConnect(by) if *by > self.within => {
                Some(Outcome { got: timeout(), seen: 1, orders, gates: orders })
            }
            // A 204 breaks off, or is waited for, in its head: its status is not known.
            FaultKind::Cut if self.silent && *acted && call != Call::ShutOrder => {
                Some(Outcome { got: broken(), ..in_memory.clone() })
            }
            FaultKind::Trickle(gap)
                if *gap > self.within && self.silent && *acted && call != Call::ShutOrder =>
            {
                Some(Outcome { got: timeout(), ..in_memory.clone() })
            }
            _ => None,
        }
    }
}

impl fmt::Debug for Ordeal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.fault {
            None => f.write_str("no fault")?,
            Some(fault) => write!(f, "{fault}")?,
        }
        f.write_str(if self.silent { ", vendor answers 204" } else { "" })
    }
}

fn failed(kind: WireErrorKind, delivery: Delivery) -> Got {
    Got::Error { kind, delivery, status: None }
}

/// The headers of an answer but those that HTTP or the server adds.
fn seen_headers(headers: &HeaderMap) -> Vec<String> {
    let added = [header::CONTENT_LENGTH, header::DATE, header::CONNECTION];
    let kept = headers.iter().filter(|(name, _)| !added.contains(name));
    let mut kept: Vec<_> =
        kept.map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())).collect();
    kept.sort();
    kept
}

/// Side by side, for they do little but wait.
async fn all_do_the_same(ordeals: Vec<Ordeal>) {
    let mut waiting = JoinSet::new();
    for ordeal in ordeals {
        waiting.spawn(ordeal.does_the_same_on_both());
    }
    while let Some(end) = waiting.join_next().await {
        end.unwrap();
    }
}

#[tokio::test]
async fn without_a_fault_the_wires_agree() {
    for silent in [false, true] {
        Ordeal { fault: None, within: LONG, silent }.does_the_same_on_both().await;
    }
}

#[tokio::test]
async fn the_wires_agree_on_connections_that_fail() {
    let kinds = vec![
        FaultKind::Refuse,
        FaultKind::SlowConnect(Duration::from_millis(30)),
        FaultKind::Reset,
        FaultKind::Trickle(Duration::from_millis(1)),
        FaultKind::Cut,
    ];
    all_do_the_same(Ordeal::each(kinds, LONG)).await;
}

#[tokio::test]
async fn the_wires_agree_on_deadlines() {
    let kinds = vec![
        FaultKind::SlowConnect(SHORT + Duration::from_millis(100)),
        FaultKind::Stall,
        FaultKind::Trickle(Duration::from_mins(1)),
    ];
    all_do_the_same(Ordeal::each(kinds, SHORT)).await;
}

#[tokio::test]
async fn the_wires_agree_on_other_answers() {
    let mut kinds = vec![
        FaultKind::invalid_json(),
        FaultKind::html_200(),
        FaultKind::oversized(LARGEST),
        FaultKind::oversized(LARGEST + 1),
        FaultKind::oversized(3_000_000),
        FaultKind::compressed_bomb(),
        FaultKind::deep_json(20_000),
    ];
    for status in [301, 302, 303, 307, 308] {
        kinds.push(FaultKind::redirect(status, "http://127.0.0.1:9/unlock"));
    }
    for status in [200, 201, 202, 204, 206, 304, 400, 401, 403, 404, 409, 422, 429, 500, 503, 599] {
        kinds.push(FaultKind::status(
            status,
            if status == 204 || status == 304 { "" } else { "{}" },
        ));
    }
    kinds.push(FaultKind::Instead(Reply::json(429, "").header("retry-after", "7")));
    for ordeal in Ordeal::each(kinds, LONG) {
        // What the vendor would have answered is not heard.
        if !ordeal.silent {
            ordeal.does_the_same_on_both().await;
        }
    }
}

#[tokio::test]
async fn a_vendor_that_is_down_is_what_refuse_is_in_memory() {
    let refused =
        Ordeal { fault: Some(Fault::before(FaultKind::Refuse)), within: LONG, silent: false };
    let well = Ordeal { fault: None, ..refused.clone() };
    let (memory, loopback) = (Side::in_memory(false), Side::on_loopback(false).await);
    for call in CALLS {
        // So that a connection lies ready when the vendor goes.
        loopback.meet(Call::Read, &well, 1).await;
        loopback.served().down().await.unwrap();
        let in_memory = memory.meet(call, &refused, 0).await;
        assert_eq!(loopback.meet(call, &well, 0).await, in_memory, "{call:?}");
        loopback.served().up().await.unwrap();
    }
    assert_eq!(loopback.vendor.requests(), CALLS.len());
}

#[tokio::test]
async fn a_vendor_that_goes_down_while_the_gate_is_asked_was_never_sent_the_order() {
    let loopback = Side::on_loopback(false).await;
    let (asked, wait) = oneshot::channel();
    let gate = Gate::new(async {
        asked.send(()).unwrap();
        std::future::pending().await
    });
    let gates = Arc::default();
    let order = Request { gate: Some(gate), ..loopback.request(Call::Order, LONG, &gates) };
    let down = async {
        wait.await.unwrap();
        loopback.served().down().await.unwrap();
    };
    let (result, ()) = tokio::join!(loopback.wire.send(order), down);
    let error = result.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (WireErrorKind::Broken, Delivery::NeverSent));
    assert_eq!(loopback.vendor.requests(), 0);
}

#[tokio::test]
async fn a_shut_gate_uses_up_a_fault_in_memory_only() {
    for (side, resets) in [(Side::in_memory(false), false), (Side::on_loopback(false).await, true)]
    {
        let gates = Arc::default();
        side.vendor.faults(|faults| faults.next(Fault::before(FaultKind::Reset)));
        side.wire.send(side.request(Call::ShutOrder, LONG, &gates)).await.unwrap_err();
        let order = side.wire.send(side.request(Call::Order, LONG, &gates)).await;
        assert_eq!(order.is_err(), resets);
        // And either way it is used up now.
        side.wire.send(side.request(Call::Order, LONG, &gates)).await.unwrap();
    }
}

#[tokio::test]
async fn a_vendor_receives_the_same_request_over_both_wires() {
    let (memory, loopback) = (Side::in_memory(false), Side::on_loopback(false).await);
    let body: Vec<u8> = (0..=255).cycle().take(200_000).collect();
    for (path, body) in [
        ("/", &b""[..]),
        ("/orgs/7/users?offset=0&limit=2&sort=a%2Cb", b""),
        ("/a%2Fb//%c3%bc/ü/..;/%2e%2e/x%20y", b"{}"),
        ("/q?e=a%40b.test&plus=a+b&plus=a%2Bb&empty=&bare&=nameless&ü=%FF", b"{}"),
        ("/bytes", &body),
    ] {
        for side in [&memory, &loopback] {
            let url = side.base.join(path).unwrap();
            let request = Request::new(OPERATION, Method::POST, url, Instant::now() + LONG)
                .header(header::ACCEPT, HeaderValue::from_static("application/json"))
                .header(header::CONTENT_TYPE, HeaderValue::from_static("text/x; a=\"B\""))
                .secret_header(header::AUTHORIZATION, HeaderValue::from_static("Bearer x"));
            side.wire.send(Request { body: body.to_vec().into(), ..request }).await.unwrap();
        }
        let [in_memory, on_loopback] =
            [&memory, &loopback].map(|side| side.received.lock().unwrap().pop().unwrap());
        assert_eq!(on_loopback.method, in_memory.method);
        assert_eq!(on_loopback.path, in_memory.path);
        assert_eq!(on_loopback.query, in_memory.query);
        assert_eq!(on_loopback.body, in_memory.body);
        let mut headers = on_loopback.headers;
        for added in [header::HOST, header::CONTENT_LENGTH, header::USER_AGENT] {
            assert!(headers.remove(&added).is_some(), "{added}");
        }
        assert_eq!(headers, in_memory.headers);
        assert_eq!(loopback.vendor.seen(), memory.vendor.seen());
    }
}
