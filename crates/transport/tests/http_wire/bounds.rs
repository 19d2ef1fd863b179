//! Bounds on what a peer may send.

use std::io::Write as _;

use flate2::{Compression, write::GzEncoder};

use super::{peer::Peer, *};

/// The answer to a read from a peer that says this and then closes, or keeps the connection open.
async fn read_from(said: Vec<u8>, closes: bool, at_most: usize) -> Result<Answer, WireError> {
    let peer = Peer::start(move |mut connection| {
        let said = said.clone();
        async move {
            connection.request().await;
            let _ = connection.say(said).await;
            if !closes {
                connection.drain().await;
            }
        }
    })
    .await;
    let mut read = read(url("http", peer.address), AMPLE);
    read.max_answer_bytes = at_most;
    send(&wire(), read).await
}

fn outcome(seen: Result<Answer, WireError>) -> (WireErrorKind, Delivery, Option<u16>) {
    let error = seen.unwrap_err();
    (error.kind(), error.delivery(), error.status().map(|status| status.as_u16()))
}

const TOO_LARGE: (WireErrorKind, Delivery, Option<u16>) =
    (WireErrorKind::TooLarge, Delivery::Answered, Some(200));
const BROKEN: (WireErrorKind, Delivery, Option<u16>) =
    (WireErrorKind::Broken, Delivery::Answered, Some(200));

#[tokio::test]
async fn a_body_may_reach_the_bound_and_not_pass_it() {
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n5\r\nworld\r\n0\r\n\r\n";
    let sized = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhelloworld";
    for said in [chunked, sized] {
        let answer = read_from(said.into(), false, 10).await.unwrap();
        assert_eq!(&answer.body[..], b"helloworld");
        assert_eq!(outcome(read_from(said.into(), false, 9).await), TOO_LARGE);
    }
}

#[tokio::test]
async fn a_declared_length_beyond_the_bound_is_not_waited_for() {
    for length in ["1001", "9223372036854775807"] {
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n");
        assert_eq!(outcome(read_from(head.into(), false, 1000).await), TOO_LARGE);
    }
    // What is no length at all breaks the head already.
    for length in ["18446744073709551615", "99999999999999999999", "-1", "1,2", "x"] {
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n");
        let seen = outcome(read_from(head.into(), false, 1000).await);
        assert_eq!(seen, (WireErrorKind::Broken, Delivery::MaybeSent, None), "{length}");
    }
}

#[tokio::test]
async fn a_body_of_100_mb_is_given_up_at_the_bound() {
    let written = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&written);
    let peer = Peer::start(move |mut connection| {
        let count = Arc::clone(&count);
        async move {
            connection.request().await;
            let _ = connection.say("HTTP/1.1 200 OK\r\n\r\n").await;
            let block = vec![b' '; 1 << 16];
            while count.load(Ordering::SeqCst) < 100_000_000 && connection.say(&block).await.is_ok()
            {
                count.fetch_add(block.len(), Ordering::SeqCst);
            }
            connection.drain().await;
        }
    })
    .await;
    let mut read = read(url("http", peer.address), AMPLE);
    read.max_answer_bytes = 1 << 20;
    assert_eq!(outcome(send(&wire(), read).await), TOO_LARGE);
    peer.ledger.ended(1).await;
    // The bound, and what the sockets hold.
    let written = written.load(Ordering::SeqCst);
    assert!(written < 32_000_000, "{written} bytes were taken");
}

#[tokio::test]
async fn a_compressed_bomb_stays_compressed() {
    let mut bomb = GzEncoder::new(Vec::new(), Compression::best());
    let block = vec![b'['; 1 << 20];
    for _ in 0..100 {
        bomb.write_all(&block).unwrap();
    }
    let bomb = bomb.finish().unwrap();
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\n\
         Content-Length: {}\r\n\r\n",
        bomb.len()
    );
    let said = [head.as_bytes(), &bomb].concat();
    let answer = read_from(said.clone(), false, 1 << 20).await.unwrap();
    assert_eq!(answer.body, bomb);
    assert!(!answer.is_json(), "what is compressed cannot be read as it is");
    assert_eq!(outcome(read_from(said, false, 1000).await), TOO_LARGE);
}

#[tokio::test]
async fn no_compression_is_asked_for() {
    let peer = Peer::start(|connection| connection.serve(200)).await;
    send(&wire(), read(url("http", peer.address), AMPLE)).await.unwrap();
    assert!(!peer.ledger.heads()[0].contains("accept-encoding"));
}

#[tokio::test]
async fn a_body_that_breaks_off_is_answered_and_broken() {
    for said in [
        "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"half\":",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n",
    ] {
        assert_eq!(outcome(read_from(said.into(), true, 1000).await), BROKEN, "{said}");
    }
    let peer = Peer::start(|mut connection| async move {
        connection.request().await;
        let _ = connection.say("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{").await;
        tokio::time::sleep(Duration::from_millis(20)).await;
        connection.reset();
    })
    .await;
    let (order, _) = order(url("http", peer.address), AMPLE);
    assert_eq!(outcome(send(&wire(), order).await), BROKEN);
    assert_eq!(peer.ledger.bodies(), 1);
}

#[tokio::test]
async fn endless_heads_end() {
    // One header without end; headers without end; interim answers without end.
    for unit in ["x", "X-Padding: xxxxxxxxxxxxxxxx\r\n", "HTTP/1.1 100 Continue\r\n\r\n"] {
        let peer = Peer::start(move |mut connection| async move {
            connection.request().await;
            if !unit.starts_with("HTTP") {
                let _ = connection.say("HTTP/1.1 200 OK\r\nX: ").await;
            }
            let block = unit.repeat(1000);
            while connection.say(&block).await.is_ok() {}
        })
        .await;
        let begun = Instant::now();
        let (order, _) = order(url("http", peer.address), Duration::from_millis(300));
        assert_eq!(fail(&wire(), order).await.1, Delivery::MaybeSent, "{unit}");
        assert!(begun.elapsed() < Duration::from_secs(5), "{unit}");
    }
}

#[tokio::test]
async fn the_length_in_an_answer_to_head_is_not_a_body() {
    let peer = Peer::start(|mut connection| async move {
        connection.request().await;
        let _ = connection.say("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n").await;
        connection.drain().await;
    })
    .await;
    let mut head = read(url("http", peer.address), AMPLE);
    head.method = Method::HEAD;
    head.max_answer_bytes = 10;
    let answer = send(&wire(), head).await.unwrap();
    assert!(answer.body.is_empty());
}
