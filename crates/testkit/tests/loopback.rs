//! A vendor on loopback: what a client sees of each fault, byte for byte, and what the vendor saw.
//!
//! Real sockets and real time: waits are short, and what must not happen is given a moment to happen.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::{
    io::{self, ErrorKind, Read as _, Write as _},
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use elevate_access::Clock as _;
use elevate_access_testkit::{
    Fault, FaultKind, Ledger, Loopback, Model, Received, Reply, TestClock, Vendor,
};
use elevate_transport::Method;
use jiff::Timestamp;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::{Instant, sleep, timeout},
};

/// Longer than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(5);
/// A moment in which nothing may happen.
const MOMENT: Duration = Duration::from_millis(50);

const GET: &str = "GET /list?of=doors HTTP/1.1\r\nhost: vendor.test\r\n\r\n";
const POST: &str = "POST /unlock HTTP/1.1\r\nhost: vendor.test\r\ncontent-length: 4\r\n\r\nopen";

/// Keeps what it receives and answers each request with the same reply.
struct Keeper {
    reply: Reply,
    kept: Arc<Mutex<Vec<(Received, Timestamp)>>>,
    ledger: Ledger,
}

impl Model for Keeper {
    fn answer(&mut self, request: &Received, now: Timestamp) -> Reply {
        self.kept.lock().unwrap().push((request.clone(), now));
        self.reply.clone()
    }

    fn ledger(&self) -> &Ledger {
        &self.ledger
    }
}

/// A vendor on loopback that answers every request with that reply.
struct Stage {
    vendor: Vendor<Keeper>,
    kept: Arc<Mutex<Vec<(Received, Timestamp)>>>,
    clock: TestClock,
    loopback: Loopback,
}

impl Stage {
    async fn set() -> Self {
        Self::answering(Reply::json(200, r#"{"data":"ok"}"#)).await
    }

    async fn answering(reply: Reply) -> Self {
        let (kept, clock) = (Arc::default(), TestClock::new());
        let keeper = Keeper { reply, kept: Arc::clone(&kept), ledger: Ledger::new() };
        let vendor = Vendor::new(keeper);
        let loopback = Loopback::start(vendor.clone(), clock).await.unwrap();
        Self { vendor, kept, clock, loopback }
    }

    fn next(&self, fault: Fault) {
        self.vendor.faults(|faults| faults.next(fault));
    }

    fn address(&self) -> SocketAddr {
        let port = self.loopback.base_url().port().unwrap();
        ([127, 0, 0, 1], port).into()
    }

    async fn client(&self) -> Client {
        Client(TcpStream::connect(self.address()).await.unwrap())
    }

    async fn seen_reaches(&self, count: usize) {
        let arrival = async {
            while self.vendor.requests() < count {
                sleep(Duration::from_millis(2)).await;
            }
        };
        timeout(PATIENCE, arrival).await.expect("the request arrives");
    }
}

struct Client(TcpStream);

impl Client {
    async fn send(&mut self, bytes: &str) {
        self.0.write_all(bytes.as_bytes()).await.unwrap();
    }

    /// Everything until the connection ends, and whether it ended well.
    async fn rest(&mut self) -> (String, io::Result<()>) {
        let mut all = Vec::new();
        let end = timeout(PATIENCE, self.0.read_to_end(&mut all)).await.expect("it ends");
        (String::from_utf8(all).unwrap(), end.map(drop))
    }

    /// The head and the body of one answer with a declared length.
    async fn answer(&mut self) -> (String, String) {
        timeout(PATIENCE, self.read_answer()).await.expect("an answer comes")
    }

    async fn read_answer(&mut self) -> (String, String) {
        let head = self.head().await;
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
        self.0.read_exact(&mut body).await.unwrap();
        (head, String::from_utf8(body).unwrap())
    }

    async fn head(&mut self) -> String {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(self.0.read_u8().await.expect("the head is whole"));
        }
        String::from_utf8(head).unwrap()
    }

    /// Whether nothing comes and the connection stays for a moment.
    async fn hears_nothing(&mut self) -> bool {
        timeout(MOMENT, self.0.read_u8()).await.is_err()
    }

    async fn is_reset(&mut self) -> bool {
        let (said, end) = self.rest().await;
        said.is_empty() && end.is_err_and(|error| error.kind() == ErrorKind::ConnectionReset)
    }
}

#[tokio::test]
async fn a_request_reaches_faults_and_model_as_it_was_sent() {
    let stage = Stage::set().await;
    let struck = Arc::new(Mutex::new(None));
    let notes = Arc::clone(&struck);
    let note = move |request: &Received| {
        *notes.lock().unwrap() = Some(request.clone());
        false
    };
    stage.vendor.faults(|faults| faults.rule(note, 0, 1, Fault::before(FaultKind::Reset)));
    let mut client = stage.client().await;
    client.send("PUT /a%2Fb/%C3%BC?who=a%40b&who=c+d&e HTTP/1.1\r\nHost: v.test\r\n").await;
    client.send("X-Two: 1\r\nx-two:2 \r\nContent-Length: 5\r\n\r\nbo\r\ny").await;
    client.answer().await;

    let (modelled, _) = stage.kept.lock().unwrap().pop().unwrap();
    for received in [modelled, struck.lock().unwrap().take().unwrap()] {
        assert_eq!(received.method, Method::PUT);
        assert_eq!(received.path, "/a%2Fb/%C3%BC");
        let query: Vec<_> = received.query.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        assert_eq!(query, [("who", "a@b"), ("who", "c d"), ("e", "")]);
        assert_eq!(received.headers.get("host").unwrap(), "v.test");
        let twice: Vec<_> = received.headers.get_all("x-two").iter().collect();
        assert_eq!(twice, ["1", "2"]);
        assert_eq!(received.body, "bo\r\ny");
    }
}

#[tokio::test]
async fn an_answer_reaches_the_client_as_the_model_gave_it() {
    let reply = Reply::json(202, "{}\r\n").header("x-two", "1").header("X-Two", "2");
    let stage = Stage::answering(reply).await;
    let mut client = stage.client().await;
    client.send(POST).await;
    let (head, body) = client.answer().await;
    assert!(head.starts_with("HTTP/1.1 202 "), "{head}");
    assert!(head.contains("\r\ncontent-type: application/json; charset=utf-8\r\n"), "{head}");
    assert!(head.contains("\r\nx-two: 1\r\nx-two: 2\r\n"), "{head}");
    assert_eq!(body, "{}\r\n");
}

#[tokio::test]
async fn the_model_lives_by_the_tests_clock() {
    let stage = Stage::set().await;
    let mut client = stage.client().await;
    let before = stage.clock.now();
    client.send(GET).await;
    let (head, _) = client.answer().await;
    let (_, now) = stage.kept.lock().unwrap().pop().unwrap();
    assert!(before <= now && now <= stage.clock.now(), "{now}");
    assert!(head.contains("\r\ndate: Mon, 02 Mar 2026 12:00:"), "{head}");
}

#[tokio::test]
async fn a_connection_serves_many_requests_whole_in_pieces_or_at_once() {
    let stage = Stage::set().await;
    let mut client = stage.client().await;
    client.send(GET).await;
    client.answer().await;
    for piece in POST.as_bytes().chunks(1) {
        client.0.write_all(piece).await.unwrap();
        tokio::task::yield_now().await;
    }
    client.answer().await;
    client.send(&[POST, GET, POST].concat()).await;
    for _ in 0..3 {
        client.answer().await;
    }
    assert_eq!(stage.vendor.requests(), 5);
    assert_eq!(stage.vendor.requests_on("/unlock"), 3);
}

#[tokio::test]
async fn a_connection_closes_when_the_client_asks_for_it() {
    let stage = Stage::set().await;
    for wish in ["close", "Close"] {
        let mut client = stage.client().await;
        client.send(&GET.replace("host:", &format!("connection: {wish}\r\nhost:"))).await;
        let (said, end) = client.rest().await;
        assert!(said.ends_with(r#"{"data":"ok"}"#) && end.is_ok(), "{said} {end:?}");
    }
}

#[tokio::test]
async fn half_a_request_is_no_request() {
    let stage = Stage::set().await;
    stage.next(Fault::before(FaultKind::Reset));
    let mut client = stage.client().await;
    client.send(&POST[..POST.len() - 1]).await;
    assert!(client.hears_nothing().await);
    drop(client);
    sleep(MOMENT).await;
    assert_eq!(stage.vendor.requests(), 0);
    // It used up no fault either.
    let mut client = stage.client().await;
    client.send(POST).await;
    assert!(client.is_reset().await);
}

#[tokio::test]
async fn what_the_proxy_cannot_read_the_vendor_never_sees() {
    let stage = Stage::set().await;
    let huge_head = format!("GET / HTTP/1.1\r\nx: {}\r\n\r\n", "x".repeat(70_000));
    for unfit in [
        "POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n",
        "POST / HTTP/1.1\r\nexpect: 100-continue\r\ncontent-length: 1\r\n\r\n",
        "POST / HTTP/1.1\r\ncontent-length: 100000000\r\n\r\n",
        "POST / HTTP/1.1\r\ncontent-length: many\r\n\r\n",
        "GET / HTTP/1.0\r\n\r\n",
        "GET * HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nno header\r\n\r\n",
        "\r\n\r\n",
        &huge_head,
    ] {
        let mut client = stage.client().await;
        client.send(unfit).await;
        let (said, _) = client.rest().await;
        assert!(said.starts_with("HTTP/1.1 400 "), "{unfit:.60} {said}");
    }
    assert_eq!(stage.vendor.requests(), 0);
}

#[tokio::test]
async fn refused_by_a_fault_is_a_reset_that_the_vendor_never_sees() {
    let stage = Stage::set().await;
    for fault in [Fault::before(FaultKind::Refuse), Fault::after(FaultKind::Refuse)] {
        stage.next(fault);
        let mut client = stage.client().await;
        client.send(POST).await;
        assert!(client.is_reset().await);
    }
    assert_eq!(stage.vendor.requests(), 0);
}

#[tokio::test]
async fn a_reset_comes_before_or_after_the_vendor_acted() {
    let stage = Stage::set().await;
    for (fault, seen) in [(Fault::before(FaultKind::Reset), 0), (Fault::after(FaultKind::Reset), 1)]
    {
        stage.next(fault);
        let mut client = stage.client().await;
        client.send(POST).await;
        assert!(client.is_reset().await);
        assert_eq!(stage.vendor.requests(), seen);
    }
}

#[tokio::test]
async fn a_slow_connect_is_waited_out_and_then_all_is_well() {
    let stage = Stage::set().await;
    stage.next(Fault::before(FaultKind::SlowConnect(Duration::from_millis(250))));
    let mut client = stage.client().await;
    let start = Instant::now();
    client.send(POST).await;
    assert!(client.hears_nothing().await);
    assert_eq!(stage.vendor.requests(), 0);
    let (_, body) = client.answer().await;
    assert!(start.elapsed() >= Duration::from_millis(250));
    assert_eq!((body.as_str(), stage.vendor.requests()), (r#"{"data":"ok"}"#, 1));
}

#[tokio::test]
async fn a_client_that_gave_up_on_a_slow_connect_is_served_late() {
    let stage = Stage::set().await;
    stage.next(Fault::before(FaultKind::SlowConnect(Duration::from_millis(250))));
    let mut client = stage.client().await;
    client.send(POST).await;
    drop(client);
    assert_eq!(stage.vendor.requests(), 0);
    stage.seen_reaches(1).await;
}

#[tokio::test]
async fn a_stall_says_nothing_before_or_after_the_vendor_acted() {
    let stage = Stage::set().await;
    for (fault, seen) in [(Fault::before(FaultKind::Stall), 0), (Fault::after(FaultKind::Stall), 1)]
    {
        stage.next(fault);
        let mut client = stage.client().await;
        client.send(POST).await;
        stage.seen_reaches(seen).await;
        assert!(client.hears_nothing().await);
        assert_eq!(stage.vendor.requests(), seen);
    }
}

#[tokio::test]
async fn a_trickle_comes_a_byte_at_a_time() {
    let stage = Stage::answering(Reply::json(200, "12345678")).await;
    let gap = Duration::from_millis(10);
    stage.next(Fault::after(FaultKind::Trickle(gap)));
    let mut client = stage.client().await;
    let start = Instant::now();
    client.send(POST).await;
    assert!(client.head().await.contains("content-length: 8\r\n"));
    let mut pieces = Vec::new();
    while pieces.iter().sum::<usize>() < 8 {
        pieces.push(client.0.read(&mut [0; 64]).await.unwrap());
    }
    assert!(start.elapsed() >= gap * 8, "{:?}", start.elapsed());
    // A busy machine may join a few.
    assert!(pieces.len() > 3, "{pieces:?}");
    client.send(POST).await;
    assert_eq!(client.answer().await.1, "12345678");
}

#[tokio::test]
async fn a_trickle_without_a_body_takes_one_gap() {
    let gap = Duration::from_millis(40);
    for (reply, fault, status, seen) in [
        (Reply::empty(201), Fault::before(FaultKind::Trickle(gap)), "200", 0),
        (Reply::empty(201), Fault::after(FaultKind::Trickle(gap)), "201", 1),
        (Reply::empty(204), Fault::after(FaultKind::Trickle(gap)), "204", 1),
    ] {
        let stage = Stage::answering(reply).await;
        stage.next(fault);
        let mut client = stage.client().await;
        let start = Instant::now();
        client.send(&POST.replace("host:", "connection: close\r\nhost:")).await;
        let (said, end) = client.rest().await;
        assert!(start.elapsed() >= gap);
        assert!(said.starts_with(&format!("HTTP/1.1 {status} ")), "{said}");
        assert!(said.ends_with("\r\n\r\n") && end.is_ok(), "{said}");
        assert_eq!(stage.vendor.requests(), seen);
    }
}

#[tokio::test]
async fn a_cut_answer_promises_more_than_it_brings() {
    for (reply, fault, length, body) in [
        (Reply::json(202, "12345678"), Fault::after(FaultKind::Cut), 8, "1234"),
        (Reply::json(202, "1"), Fault::after(FaultKind::Cut), 1, ""),
        (Reply::empty(202), Fault::after(FaultKind::Cut), 1, ""),
        (Reply::json(202, "12345678"), Fault::before(FaultKind::Cut), 1, ""),
    ] {
        let stage = Stage::answering(reply).await;
        let (status, seen) = if fault.acted { ("202", 1) } else { ("200", 0) };
        stage.next(fault);
        let mut client = stage.client().await;
        client.send(POST).await;
        let (said, end) = client.rest().await;
        assert!(said.starts_with(&format!("HTTP/1.1 {status} ")) && end.is_ok(), "{said} {end:?}");
        assert!(said.contains(&format!("content-length: {length}\r\n")), "{said}");
        assert!(said.ends_with(&format!("\r\n\r\n{body}")), "{said}");
        assert_eq!(stage.vendor.requests(), seen);
    }
}

#[tokio::test]
async fn a_204_is_cut_in_its_head() {
    let stage = Stage::answering(Reply::empty(204)).await;
    stage.next(Fault::after(FaultKind::Cut));
    let mut client = stage.client().await;
    client.send(POST).await;
    let (said, end) = client.rest().await;
    assert!(said.starts_with("HTTP/1.1 204") && !said.contains("\r\n\r\n"), "{said}");
    assert!(end.is_ok() && stage.vendor.requests() == 1);
}

#[tokio::test]
async fn another_answer_is_sent_as_it_is_and_the_connection_lives_on() {
    let stage = Stage::set().await;
    let mut client = stage.client().await;
    for (acted, seen) in [(false, 0), (true, 1)] {
        let reply = Reply::json(503, "later").header("retry-after", "7").header("X-Id", "b");
        stage.next(Fault { kind: FaultKind::Instead(reply), acted });
        client.send(POST).await;
        let (head, body) = client.answer().await;
        let wanted = "HTTP/1.1 503 \r\ncontent-type: application/json; charset=utf-8\r\n\
                      retry-after: 7\r\nx-id: b\r\ncontent-length: 5\r\n\r\n";
        assert_eq!((head.as_str(), body.as_str()), (wanted, "later"));
        assert_eq!(stage.vendor.requests(), seen);
    }
    client.send(POST).await;
    assert!(client.answer().await.0.starts_with("HTTP/1.1 200 "));
}

#[tokio::test]
async fn an_answer_that_has_no_body_gets_none_and_no_length() {
    let stage = Stage::answering(Reply::json(204, "stray")).await;
    let mut client = stage.client().await;
    for fault in [None, Some(FaultKind::Instead(Reply::json(304, "stray")))] {
        if let Some(kind) = fault {
            stage.next(Fault::before(kind));
        }
        client.send(POST).await;
        let head = client.head().await;
        assert!(!head.contains("content-length"), "{head}");
        assert!(client.hears_nothing().await);
    }
}

#[tokio::test]
async fn no_reply_of_a_test_can_break_the_framing() {
    let stage = Stage::set().await;
    let reply = Reply::json(200, "ok")
        .header("content-length", "100")
        .header("Transfer-Encoding", "chunked")
        .header("bad name", "x")
        .header("split", "a\r\nset-cookie: b");
    stage.next(Fault::before(FaultKind::Instead(reply)));
    let mut client = stage.client().await;
    client.send(POST).await;
    let (head, body) = client.answer().await;
    let wanted = "HTTP/1.1 200 \r\ncontent-type: application/json; charset=utf-8\r\n\
                  content-length: 2\r\n\r\n";
    assert_eq!((head.as_str(), body.as_str()), (wanted, "ok"));
}

#[tokio::test]
async fn faults_are_asked_once_for_each_request_and_see_all_of_it() {
    let stage = Stage::set().await;
    let asked = Arc::new(Mutex::new(Vec::new()));
    let notes = Arc::clone(&asked);
    let note = move |request: &Received| {
        notes.lock().unwrap().push(format!("{} {:?}", request.path, request.body));
        false
    };
    stage.vendor.faults(|faults| faults.rule(note, 0, 1, Fault::before(FaultKind::Reset)));
    stage.vendor.faults(|faults| faults.on("/unlock", 1, 1, Fault::before(FaultKind::Reset)));
    let mut client = stage.client().await;
    client.send(&[POST, GET, POST].concat()).await;
    client.answer().await;
    client.answer().await;
    assert!(client.is_reset().await);
    let wanted = [r#"/unlock b"open""#, r#"/list b"""#, r#"/unlock b"open""#];
    assert_eq!(*asked.lock().unwrap(), wanted);
    assert_eq!(stage.vendor.requests(), 2);
}

#[tokio::test]
async fn one_stalled_client_holds_up_no_other() {
    let stage = Stage::set().await;
    stage.next(Fault::before(FaultKind::Stall));
    let mut stalled = stage.client().await;
    stalled.send(POST).await;
    assert!(stalled.hears_nothing().await);
    for _ in 0..20 {
        let mut client = stage.client().await;
        client.send(POST).await;
        client.answer().await;
    }
    assert_eq!(stage.vendor.requests(), 20);
}

#[tokio::test]
async fn open_connections_are_counted_and_the_most_is_remembered() {
    let stage = Stage::set().await;
    let mut clients = Vec::new();
    for _ in 0..3 {
        let mut client = stage.client().await;
        client.send("GET / HTTP/1.1\r\nhost: vendor\r\n\r\n").await;
        client.answer().await;
        clients.push(client);
    }
    let counts = || (stage.loopback.connections(), stage.loopback.most_connections());
    assert_eq!(counts(), (3, 3));
    drop(clients);
    let gone = async {
        while stage.loopback.connections() > 0 {
            sleep(Duration::from_millis(2)).await;
        }
    };
    timeout(PATIENCE, gone).await.expect("closed connections are not counted");
    assert_eq!(counts(), (0, 3));
}

#[tokio::test]
async fn down_refuses_connections_and_up_takes_them_at_the_same_port() {
    let stage = Stage::set().await;
    for _ in 0..3 {
        let mut idle = stage.client().await;
        idle.send(GET).await;
        idle.answer().await;
        stage.loopback.down().await.unwrap();
        stage.loopback.down().await.unwrap();
        assert_eq!(idle.rest().await.0, "");
        let refused = TcpStream::connect(stage.address()).await;
        assert_eq!(refused.unwrap_err().kind(), ErrorKind::ConnectionRefused);

        stage.loopback.up().await.unwrap();
        stage.loopback.up().await.unwrap();
        let mut client = stage.client().await;
        client.send(GET).await;
        client.answer().await;
    }
    assert_eq!(stage.vendor.requests(), 6);
}

#[tokio::test]
async fn down_ends_an_exchange_in_its_middle() {
    let stage = Stage::set().await;
    stage.next(Fault::after(FaultKind::Stall));
    let mut stalled = stage.client().await;
    stalled.send(POST).await;
    stage.seen_reaches(1).await;
    let mut half_sent = stage.client().await;
    half_sent.send(&POST[..POST.len() - 1]).await;
    assert!(half_sent.hears_nothing().await);
    stage.loopback.down().await.unwrap();
    assert_eq!(stalled.rest().await.0, "");
    assert_eq!(half_sent.rest().await.0, "");
    assert_eq!(stage.vendor.requests(), 1);
}

#[tokio::test]
async fn dropping_it_ends_every_wait_at_once() {
    let stage = Stage::answering(Reply::json(200, "12345678")).await;
    let long = Duration::from_mins(1);
    let mut clients = Vec::new();
    for kind in [FaultKind::Stall, FaultKind::SlowConnect(long), FaultKind::Trickle(long)] {
        stage.next(Fault::after(kind));
        let mut client = stage.client().await;
        client.send(POST).await;
        clients.push(client);
    }
    stage.seen_reaches(2).await;
    let address = stage.address();
    let start = Instant::now();
    drop(stage);
    for client in &mut clients {
        let (said, _) = client.rest().await;
        assert!(!said.ends_with("12345678"), "{said}");
    }
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn it_lives_apart_from_the_tests_runtime() {
    let stage = Stage::set().await;
    // From here on this thread, the only one of the runtime, does nothing but block.
    let mut client = std::net::TcpStream::connect(stage.address()).unwrap();
    client.set_read_timeout(Some(PATIENCE)).unwrap();
    client.write_all(POST.as_bytes()).unwrap();
    let mut some = [0; 12];
    client.read_exact(&mut some).unwrap();
    assert_eq!(&some, b"HTTP/1.1 200");
}
