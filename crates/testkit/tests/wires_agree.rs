//! The two ways to serve a vendor are one to a client: over loopback with the production wire, and in
//! memory. Every fault, before and after the vendor acted, meets every kind of call on both; where they
//! differ, the difference stands in a table here.

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
    Delivery, Gate, HttpWire, Instant, Method, Operation, Request, Url, Wire, WireErrorKind, header,
};
use jiff::Timestamp;
use tokio::time::sleep;

/// For calls that are meant to be answered.
const LONG: Duration = Duration::from_secs(5);
/// For calls that are meant to run into their deadline.
const SHORT: Duration = Duration::from_millis(200);

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

const CALLS: [Call; 5] =
    [Call::Read, Call::Write, Call::Order, Call::SlowOrder, Call::ShutOrder];

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
    Answer { status: u16, headers: Vec<String>, body: Vec<u8> },
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

/// Headers of an answer that HTTP or the server adds.
const ADDED: [header::HeaderName; 2] = [header::CONTENT_LENGTH, header::DATE];

/// One way to serve a vendor.
struct Side {
    vendor: Vendor<Echo>,
    received: Arc<Mutex<Vec<Received>>>,
    wire: Box<dyn Wire>,
    base: Url,
    _loopback: Option<Loopback>,
}

impl Side {
    fn in_memory(silent: bool) -> Self {
        let (vendor, received) = vendor(silent);
        let wire = Box::new(MemoryWire::new(vendor.clone(), TestClock::new()));
        let base = Url::parse("http://vendor.test").unwrap();
        Self { vendor, received, wire, base, _loopback: None }
    }

    async fn on_loopback(silent: bool) -> Self {
        let (vendor, received) = vendor(silent);
        let loopback = Loopback::start(vendor.clone(), TestClock::new()).await.unwrap();
        let wire = Box::new(HttpWire::builder().only_root_certificates([]).build().unwrap());
        let base = loopback.base_url();
        Self { vendor, received, wire, base, _loopback: Some(loopback) }
    }

    async fn meet(&self, call: Call, fault: Option<&Fault>, within: Duration) -> Outcome {
        self.vendor.faults(|faults| {
            faults.clear();
            if let Some(fault) = fault {
                faults.next(fault.clone());
            }
        });
        let gates = Arc::new(AtomicUsize::new(0));
        let before = (self.vendor.requests(), self.vendor.ledger().orders().len());
        let got = match self.wire.send(self.request(call, within, &gates)).await {
            Ok(answer) => Got::Answer {
                status: answer.status.as_u16(),
                headers: answer
                    .headers
                    .iter()
                    .filter(|(name, _)| !ADDED.contains(name))
                    .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
                    .collect(),
                body: answer.body.to_vec(),
            },
            Err(error) => Got::Error {
                kind: error.kind(),
                delivery: error.delivery(),
                status: error.status().map(|status| status.as_u16()),
            },
        };
        Outcome {
            got,
            seen: self.vendor.requests() - before.0,
            orders: self.vendor.ledger().orders().len() - before.1,
            gates: gates.load(Ordering::SeqCst),
        }
    }

    fn request(&self, call: Call, within: Duration, gates: &Arc<AtomicUsize>) -> Request {
        let operation = Operation::new("test", "/test");
        let request = |method, path| {
            let url = self.base.join(path).unwrap();
            let request = Request::new(operation, method, url, Instant::now() + within);
            Request { max_answer_bytes: 100_000, ..request }
        };
        let gated = |after: Duration, opens: bool| {
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
            Call::Order => gated(Duration::ZERO, true),
            Call::SlowOrder => gated(Duration::from_millis(20), true),
            Call::ShutOrder => gated(Duration::ZERO, false),
        }
    }
}

fn vendor(silent: bool) -> (Vendor<Echo>, Arc<Mutex<Vec<Received>>>) {
    let echo = Echo { silent, ..Echo::default() };
    let received = Arc::clone(&echo.received);
    (Vendor::new(echo), received)
}

/// Every kind of fault; the deadline that a call which meets it needs.
fn kinds() -> Vec<(FaultKind, Duration)> {
    let moment = Duration::from_millis(5);
    let mut kinds = vec![
        (FaultKind::Refuse, LONG),
        (FaultKind::SlowConnect(Duration::from_millis(30)), LONG),
        (FaultKind::SlowConnect(Duration::from_millis(400)), SHORT),
        (FaultKind::Reset, LONG),
        (FaultKind::Stall, SHORT),
        (FaultKind::Trickle(moment / 5), LONG),
        (FaultKind::Trickle(Duration::from_secs(60)), SHORT),
        (FaultKind::Cut, LONG),
        (Fault::invalid_json(), LONG),
        (Fault::html_200(), LONG),
        (Fault::oversized(99_999), LONG),
        (Fault::oversized(100_000), LONG),
        (Fault::oversized(100_001), LONG),
        (Fault::oversized(3_000_000), LONG),
        (Fault::compressed_bomb(), LONG),
        (Fault::deep_json(20_000), LONG),
    ];
    for status in [301, 302, 303, 307, 308] {
        kinds.push((Fault::redirect(status, "http://127.0.0.1:9/unlock"), LONG));
    }
    for status in [200, 201, 202, 203, 204, 206, 304, 400, 401, 403, 404, 409, 418, 422, 425, 429] {
        let body = if matches!(status, 204 | 304) { "" } else { r#"{"message":"so"}"# };
        kinds.push((Fault::status(status, body), LONG));
    }
    for status in [500, 502, 503, 504, 599] {
        let reply = Reply::json(status, "<html>").header("retry-after", "7");
        kinds.push((FaultKind::Instead(reply), LONG));
    }
    kinds
}

/// Where loopback differs from memory, and what is seen there instead: the whole list.
fn over_loopback(call: Call, fault: &Fault, within: Duration, silent: bool, in_memory: &Outcome) -> Outcome {
    let mut outcome = in_memory.clone();
    let is_sent = call != Call::ShutOrder;
    match &fault.kind {
        // The fault is chosen for a request, so the connection is up and the request has come.
        FaultKind::Refuse if is_sent => {
            outcome.got = failed(WireErrorKind::Broken, Delivery::MaybeSent, None);
            outcome.gates = usize::from(matches!(call, Call::Order | Call::SlowOrder));
        }
        // No fault is asked before a request is whole: what stays shut is just that.
        FaultKind::Refuse => {
            outcome.got = failed(WireErrorKind::GateShut, Delivery::NeverSent, None);
            outcome.gates = 1;
        }
        // The body has left before the wait, and is read after it.
        FaultKind::SlowConnect(by) if *by > within && is_sent => {
            outcome.got = failed(WireErrorKind::Timeout, Delivery::MaybeSent, None);
            outcome.seen = 1;
            outcome.orders = usize::from(matches!(call, Call::Order | Call::SlowOrder));
            outcome.gates = outcome.orders;
        }
        FaultKind::SlowConnect(by) if *by > within => {
            outcome.got = failed(WireErrorKind::GateShut, Delivery::NeverSent, None);
            outcome.gates = 1;
        }
        // A 204 has no body: it breaks off, or is waited for, in its head, so its status is not known.
        FaultKind::Cut if silent && fault.acted && is_sent => {
            outcome.got = failed(WireErrorKind::Broken, Delivery::MaybeSent, None);
        }
        FaultKind::Trickle(gap) if *gap > within && silent && fault.acted && is_sent => {
            outcome.got = failed(WireErrorKind::Timeout, Delivery::MaybeSent, None);
        }
        _ => {}
    }
    outcome
}

fn failed(kind: WireErrorKind, delivery: Delivery, status: Option<u16>) -> Got {
    Got::Error { kind, delivery, status }
}

/// Meets every fault with every call on both wires, and compares.
async fn agree(silent: bool) {
    let mut failures = Vec::new();
    for (kind, within) in kinds() {
        for acted in [false, true] {
            let fault = Fault { kind: kind.clone(), acted };
            let (memory, loopback) = (Side::in_memory(silent), Side::on_loopback(silent).await);
            for call in CALLS {
                let (in_memory, mut on_loopback) = tokio::join!(
                    memory.meet(call, Some(&fault), within),
                    loopback.meet(call, Some(&fault), within),
                );
                let wanted = over_loopback(call, &fault, within, silent, &in_memory);
                // What the client no longer waits for may still be on its way to the vendor.
                let patience = Instant::now() + LONG;
                while on_loopback.seen < wanted.seen && Instant::now() < patience {
                    sleep(Duration::from_millis(5)).await;
                    on_loopback.seen = loopback.vendor.requests() - (wanted.seen - wanted.seen);
                }
                if on_loopback != wanted {
                    failures.push(format!(
                        "{call:?} meets {fault}:\n  {on_loopback:?}, not\n  {wanted:?}"
                    ));
                }
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
