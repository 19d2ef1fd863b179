//! What an error says about the request's whereabouts, against what reached the peer.

use tokio::{
    net::{TcpListener, TcpSocket, TcpStream},
    time::sleep,
};

use super::{peer::Peer, tls::Tls, *};

const BRIEF: Duration = Duration::from_millis(150);

#[tokio::test]
async fn an_answer_is_an_answer_whatever_its_status() {
    for status in [200, 204, 400, 401, 404, 429, 500, 503] {
        let peer = Peer::start(move |connection| connection.serve(status)).await;
        let answer = send(&wire(), request(url("http", peer.address), AMPLE)).await.unwrap();
        assert_eq!(answer.status.as_u16(), status);
        assert_eq!(peer.ledger.bodies(), 1);
    }
}

#[tokio::test]
async fn a_refused_connection_sent_nothing_and_asked_no_gate() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let (order, asked) = order(url("http", address), AMPLE);
    assert_eq!(fail(&wire(), order).await, (WireErrorKind::Connect, Delivery::NeverSent));
    assert_eq!(asked.load(Ordering::SeqCst), 0);

    let read = read(url("http", address), AMPLE);
    assert_eq!(fail(&wire(), read).await, (WireErrorKind::Connect, Delivery::NeverSent));
}

/// A port whose queue of connections is full, so that the next one hangs.
async fn stalled() -> (SocketAddr, impl Sized) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    let mut queue = Vec::new();
    while let Ok(Ok(stream)) = tokio::time::timeout(BRIEF, TcpStream::connect(address)).await {
        queue.push(stream);
    }
    (address, (listener, queue))
}

#[tokio::test]
async fn a_stalled_connect_sent_nothing() {
    let (address, _held) = stalled().await;
    let hasty =
        HttpWire::builder().only_root_certificates([]).connect_timeout(BRIEF).build().unwrap();
    let (first, asked) = order(url("http", address), AMPLE);
    assert_eq!(fail(&hasty, first).await, (WireErrorKind::Connect, Delivery::NeverSent));
    assert_eq!(asked.load(Ordering::SeqCst), 0);

    // The deadline may come before the connect timeout: the body knows all the same.
    let (second, asked) = order(url("http", address), BRIEF);
    assert_eq!(fail(&wire(), second).await, (WireErrorKind::Timeout, Delivery::NeverSent));
    assert_eq!(asked.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_stalled_handshake_sent_nothing() {
    let peer = Peer::start(async |connection| connection.drain().await).await;
    let (order, asked) = order(url("https", peer.address), BRIEF);
    assert_eq!(fail(&wire(), order).await, (WireErrorKind::Timeout, Delivery::NeverSent));
    assert_eq!(asked.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_sent_nothing() {
    let tls = Tls::offering(&["http/1.1"]);
    let peer = Peer::start(move |connection| {
        let acceptor = tls.acceptor.clone();
        async move {
            let _ = acceptor.accept(connection.stream).await;
        }
    })
    .await;
    let (order, asked) = order(url("https", peer.address), AMPLE);
    assert_eq!(fail(&wire(), order).await, (WireErrorKind::Connect, Delivery::NeverSent));
    assert_eq!(asked.load(Ordering::SeqCst), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn never_sent_is_never_said_of_what_was_sent() {
    // A reset at accept races with our writing: what is said must agree with what came.
    for _ in 0..100 {
        let peer = Peer::start(async |connection| connection.reset()).await;
        let (order, asked) = order(url("http", peer.address), AMPLE);
        let (_, delivery) = fail(&wire(), order).await;
        let started = asked.load(Ordering::SeqCst) > 0;
        assert_eq!(delivery == Delivery::MaybeSent, started);
    }
}

#[tokio::test]
async fn a_connection_that_breaks_after_the_request_may_have_sent_it() {
    for garbage in [None, Some("SSH-2.0-OpenSSH_9.9\r\n\r\n"), Some("HTTP/1.1 2000 OK\r\n\r\n")] {
        for reset in [false, true] {
            let peer = Peer::start(move |mut connection| async move {
                connection.request().await;
                if let Some(garbage) = garbage {
                    let _ = connection.say(garbage).await;
                }
                if reset {
                    connection.reset();
                }
            })
            .await;
            let (order, asked) = order(url("http", peer.address), AMPLE);
            assert_eq!(fail(&wire(), order).await, (WireErrorKind::Broken, Delivery::MaybeSent));
            assert_eq!((peer.ledger.bodies(), peer.ledger.connections()), (1, 1));
            assert_eq!(asked.load(Ordering::SeqCst), 1);

            let read = read(url("http", peer.address), AMPLE);
            assert_eq!(fail(&wire(), read).await, (WireErrorKind::Broken, Delivery::MaybeSent));
        }
    }
}

#[tokio::test]
async fn an_answer_that_does_not_come_ends_at_the_deadline() {
    let peer = Peer::start(|mut connection| async move {
        connection.request().await;
        connection.drain().await;
    })
    .await;
    let begun = Instant::now();
    let (order, _) = order(url("http", peer.address), BRIEF);
    assert_eq!(fail(&wire(), order).await, (WireErrorKind::Timeout, Delivery::MaybeSent));
    assert!(begun.elapsed() >= BRIEF);
    assert_eq!(peer.ledger.bodies(), 1);
    // And nothing is left running: the connection is given up too.
    peer.ledger.ended(1).await;
}

#[tokio::test]
async fn an_answer_that_trickles_ends_at_the_deadline() {
    // It is never idle, so a limit on idling would not end it.
    let peer = Peer::start(|mut connection| async move {
        connection.request().await;
        let _ = connection.say("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n").await;
        while connection.say(" ").await.is_ok() {
            sleep(Duration::from_millis(10)).await;
        }
    })
    .await;
    let begun = Instant::now();
    let error = send(&wire(), request(url("http", peer.address), BRIEF)).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (WireErrorKind::Timeout, Delivery::Answered));
    assert_eq!(error.status().map(|status| status.as_u16()), Some(200));
    assert!(begun.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn a_deadline_that_has_passed_makes_no_connection() {
    let peer = Peer::start(|connection| connection.serve(200)).await;
    let (order, asked) = order(url("http", peer.address), Duration::ZERO);
    assert_eq!(fail(&wire(), order).await, (WireErrorKind::Timeout, Delivery::NeverSent));
    assert_eq!((peer.ledger.connections(), asked.load(Ordering::SeqCst)), (0, 0));
}

#[tokio::test]
async fn no_replay_on_301_302_303_307_308() {
    let elsewhere = Peer::start(|connection| connection.serve(200)).await;
    let target = format!("Location: http://{}/\r\n", elsewhere.address);
    for status in [301, 302, 303, 307, 308] {
        for location in [target.clone(), "Location: /again\r\n".to_owned()] {
            let peer = Peer::start(move |mut connection| {
                let location = location.clone();
                async move {
                    while connection.request().await.is_some() {
                        connection.answer(status, &location).await;
                    }
                }
            })
            .await;
            let (order, asked) = order(url("http", peer.address), AMPLE);
            let answer = send(&wire(), order).await.unwrap();
            assert_eq!(answer.status.as_u16(), status);
            assert_eq!((peer.ledger.heads().len(), peer.ledger.bodies()), (1, 1), "{status}");
            assert_eq!(asked.load(Ordering::SeqCst), 1);
        }
    }
    assert_eq!(elsewhere.ledger.connections(), 0);
}
