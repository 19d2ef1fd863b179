//! Everything that this crate and those below it log at TRACE, searched for what must not be there.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "http_wire/tls.rs"]
mod tls;

use std::{
    io,
    sync::{Arc, LazyLock, Mutex, PoisonError},
    time::Duration,
};

use elevate_transport::{
    Caller, Gate, HttpWire, Instant, Method, Operation, Request, Url, Wire, WireError, header,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};
use tracing_subscriber::fmt::format::FmtSpan;

/// Stands in the path, the query, a header, the body, the answer and the proxy's password.
const CANARY: &str = "canary7c1f";
/// The canary as `u:canary7c1f` in `Basic` credentials.
const CANARY_IN_BASE64: &str = "Y2FuYXJ5N2MxZ";

/// All that was logged, through `tracing` and through `log`.
static LOGGED: LazyLock<Mutex<String>> = LazyLock::new(Mutex::default);

fn note(text: &str) {
    LOGGED.lock().unwrap_or_else(PoisonError::into_inner).push_str(text);
}

struct Log;

impl log::Log for Log {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        note(&format!("{} {}: {}\n", record.level(), record.target(), record.args()));
    }

    fn flush(&self) {}
}

struct Trace;

impl io::Write for Trace {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        note(&String::from_utf8_lossy(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A peer that reads something and says this.
async fn peer(says: &'static str) -> Url {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = vec![0; 4096];
            let _ = stream.read(&mut request).await;
            let _ = stream.write_all(says.as_bytes()).await;
        }
    });
    Url::parse(&format!("http://127.0.0.1:{port}/")).unwrap()
}

/// A peer over TLS that echoes what it read, and the authority that vouches for it.
async fn tls_peer() -> (Url, Vec<u8>) {
    let tls = tls::Tls::offering(&["http/1.1"]);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = tls.acceptor.accept(stream).await else { continue };
            let mut request = vec![0; 4096];
            let length = stream.read(&mut request).await.unwrap_or_default();
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n");
            let _ = stream.write_all(head.as_bytes()).await;
            let _ = stream.write_all(&request[..length]).await;
        }
    });
    (Url::parse(&format!("https://localhost:{port}/")).unwrap(), tls.authority)
}

fn order(url: &Url, by: Instant, opens: bool) -> Request {
    let operation = Operation::new("test.unlock", "/doors/{door}/unlock");
    let url = url.join(&format!("/doors/{CANARY}/unlock?key={CANARY}")).unwrap();
    Request::new(operation, Method::POST, url, by)
        .secret_header(header::AUTHORIZATION, format!("Bearer {CANARY}").parse().unwrap())
        .json(format!("{{\"pin\":\"{CANARY}\"}}"))
        .gated(Gate::new(async move { opens }))
}

async fn send(wire: &HttpWire, url: &Url, opens: bool) -> Result<u16, WireError> {
    let caller = Caller::new(Arc::new(wire.clone()) as Arc<dyn Wire>);
    let by = Instant::now() + Duration::from_millis(120);
    let seen = caller.order(by, by, |by| order(url, by, opens)).await;
    // What a host would do with it.
    match &seen {
        Ok(answer) => tracing::info!(?answer, "answered"),
        Err(error) => {
            let cause = std::error::Error::source(error);
            tracing::error!(%error, ?error, cause, "failed");
        }
    }
    seen.map(|answer| answer.status.as_u16())
}

#[tokio::test]
async fn nothing_secret_is_logged_at_trace() {
    log::set_logger(&Log).unwrap();
    log::set_max_level(log::LevelFilter::Trace);
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_span_events(FmtSpan::FULL)
        .with_writer(|| Trace)
        .finish();
    tracing::subscriber::set_global_default(subscriber).unwrap();

    let wire = HttpWire::builder().only_root_certificates([]).build().unwrap();
    let through = |proxy: &Url| {
        let mut proxy = proxy.clone();
        proxy.set_username("u").unwrap();
        proxy.set_password(Some(CANARY)).unwrap();
        HttpWire::builder().only_root_certificates([]).proxy(proxy).build().unwrap()
    };
    let ok = peer(concat!(
        "HTTP/1.1 200 OK\r\nSet-Cookie: canary7c1f\r\nX-Echo: canary7c1f\r\n",
        "Content-Length: 10\r\n\r\ncanary7c1f"
    ))
    .await;
    assert_eq!(send(&wire, &ok, true).await.unwrap(), 200);
    assert_eq!(send(&through(&ok), &ok, true).await.unwrap(), 200);
    assert!(send(&wire, &ok, false).await.is_err());

    for says in [
        "",
        "canary7c1f\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncanary7c1f\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncanary 7c1f canary7c1f: x\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: canary7c1f\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: canary7c1f\r\nContent-Length: 3\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\ncanary7c1f\r\n",
        "HTTP/1.1 200 canary7c1f\r\nContent-Length: 99\r\n\r\ncanary7c1f",
        "HTTP/1.1 302 Found\r\nLocation: /canary7c1f\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 401 X\r\nWWW-Authenticate: canary7c1f\r\nContent-Length: 0\r\n\r\n",
    ] {
        let url = peer(says).await;
        let _ = send(&wire, &url, true).await;
        let _ = send(&through(&url), &url, true).await;
        let mut over_tls = url;
        over_tls = Url::parse(&over_tls.as_str().replace("http://", "https://")).unwrap();
        let _ = send(&wire, &over_tls, true).await;
    }
    let (over_tls, authority) = tls_peer().await;
    let trusting = HttpWire::builder().only_root_certificates([authority]).build().unwrap();
    assert_eq!(send(&trusting, &over_tls, true).await.unwrap(), 200);
    assert!(send(&wire, &over_tls, true).await.is_err());
    let nobody = Url::parse("http://127.0.0.1:1/").unwrap();
    assert!(send(&wire, &nobody, true).await.is_err());

    let logged = LOGGED.lock().unwrap().clone();
    // It must have looked in the right places to mean anything.
    for part in [
        "POST /doors/{door}/unlock",
        "http.client.attempt",
        "failed",
        "reqwest::connect",
        "hyper_util::client",
        "rustls::client",
    ] {
        assert!(logged.contains(part), "{part} was not logged: {logged}");
    }
    for line in logged.lines() {
        assert!(!line.contains(CANARY) && !line.contains(CANARY_IN_BASE64), "{line}");
    }
}
