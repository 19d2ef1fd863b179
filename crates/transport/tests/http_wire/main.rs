//! The production wire against peers that misbehave, over real sockets on loopback.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod bounds;
mod delivery;
mod gate;
mod http2;
mod peer;
mod reuse;
mod settings;
mod tls;

use std::{
    error::Error as _,
    fmt::Write as _,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use elevate_transport::{
    Answer, Delivery, Gate, HttpWire, Instant, Method, Operation, Request, Url, Wire, WireError,
    WireErrorKind, header,
};

const OPERATION: Operation = Operation::new("test.unlock", "/doors/{door}/unlock");

/// Stands in the path, the query, a header and the body of every request made here.
const CANARY: &str = "canary7c1f";

/// Longer than anything that goes well takes.
const AMPLE: Duration = Duration::from_secs(10);

fn wire() -> HttpWire {
    HttpWire::builder().only_root_certificates([]).build().unwrap()
}

fn url(scheme: &str, address: SocketAddr) -> Url {
    let port = address.port();
    Url::parse(&format!("{scheme}://localhost:{port}/doors/{CANARY}?key={CANARY}")).unwrap()
}

fn request(url: Url, within: Duration) -> Request {
    Request::new(OPERATION, Method::POST, url, Instant::now() + within)
        .secret_header(header::AUTHORIZATION, CANARY.parse().unwrap())
        .json(format!("{{\"door\":\"{CANARY}\"}}"))
}

fn read(url: Url, within: Duration) -> Request {
    Request::new(OPERATION, Method::GET, url, Instant::now() + within)
}

/// An order behind a gate that opens at once, and how often it was asked.
fn order(url: Url, within: Duration) -> (Request, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let gate = Gate::new(async move {
        count.fetch_add(1, Ordering::SeqCst);
        true
    });
    (request(url, within).gated(gate), asked)
}

/// Sends, and checks what holds for every error: nothing of the request shows in it.
async fn send(wire: &HttpWire, request: Request) -> Result<Answer, WireError> {
    let seen = wire.send(request).await;
    if let Err(error) = &seen {
        assert_silent(error);
    }
    seen
}

async fn fail(wire: &HttpWire, request: Request) -> (WireErrorKind, Delivery) {
    let error = send(wire, request).await.unwrap_err();
    (error.kind(), error.delivery())
}

fn assert_silent(error: &WireError) {
    let mut shown = format!("{error} {error:?}");
    let mut cause = error.source();
    while let Some(error) = cause {
        write!(shown, " {error} {error:?}").unwrap();
        cause = error.source();
    }
    assert!(!shown.contains(CANARY), "{shown}");
    assert!(!shown.contains("/doors"), "{shown}");
}
