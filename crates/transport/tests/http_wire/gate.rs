//! The gate before the body.

use std::sync::atomic::AtomicBool;

use tokio::{sync::oneshot, task::yield_now, time::sleep};

use super::{peer::Peer, tls::Tls, *};

/// Reads one head, and whatever comes after it to the end of the connection.
async fn head_and_rest() -> Peer {
    Peer::start(|mut connection| async move {
        connection.head().await;
        connection.drain().await;
    })
    .await
}

#[tokio::test]
async fn a_shut_gate_lets_no_byte_of_the_body_go_and_drops_the_connection() {
    let peer = head_and_rest().await;
    let order = request(url("http", peer.address), AMPLE).gated(Gate::new(async { false }));
    assert_eq!(fail(&wire(), order).await, (WireErrorKind::GateShut, Delivery::NeverSent));
    peer.ledger.ended(1).await;
    assert_eq!(peer.ledger.body_bytes(), 0);
}

#[tokio::test]
async fn a_gate_that_shuts_after_the_head_left_still_withholds_the_body() {
    let peer = head_and_rest().await;
    let ledger = Arc::clone(&peer.ledger);
    let gate = Gate::new(async move {
        while ledger.heads().is_empty() {
            sleep(Duration::from_millis(1)).await;
        }
        false
    });
    let order = request(url("http", peer.address), AMPLE).gated(gate);
    assert_eq!(fail(&wire(), order).await, (WireErrorKind::GateShut, Delivery::NeverSent));
    peer.ledger.ended(1).await;
    assert_eq!((peer.ledger.heads().len(), peer.ledger.body_bytes()), (1, 0));
}

#[tokio::test]
async fn an_open_gate_lets_the_body_go_whole() {
    let peer = Peer::start(|connection| connection.serve(200)).await;
    let gate = Gate::new(async {
        sleep(Duration::from_millis(20)).await;
        true
    });
    let answer = send(&wire(), request(url("http", peer.address), AMPLE).gated(gate)).await;
    assert_eq!(answer.unwrap().status.as_u16(), 200);
    assert_eq!(peer.ledger.bodies(), 1);
}

#[tokio::test]
async fn no_body_after_a_wait_past_send_within() {
    let patience = Duration::from_millis(60);
    let tls = Tls::offering(&["http/1.1"]);
    let wire = HttpWire::builder().only_root_certificates([tls.authority]).build().unwrap();
    for (slow, sent) in [(Duration::ZERO, true), (patience * 3, false)] {
        let acceptor = tls.acceptor.clone();
        let peer = Peer::start(move |connection| {
            let acceptor = acceptor.clone();
            async move {
                sleep(slow).await;
                let peer::Connection { stream, unread, ledger, nth } = connection;
                let stream = acceptor.accept(stream).await.unwrap();
                peer::Connection { stream, unread, ledger, nth }.serve(200).await;
            }
        })
        .await;
        // Asked before the connection is up, this gate would open.
        let send_by = Instant::now() + if sent { AMPLE } else { patience };
        let gate = Gate::new(async move { Instant::now() < send_by });
        let seen = send(&wire, request(url("https", peer.address), AMPLE).gated(gate)).await;
        assert_eq!(seen.is_ok(), sent);
        assert_eq!(peer.ledger.bodies(), usize::from(sent));
        if let Err(error) = seen {
            assert_eq!(error.kind(), WireErrorKind::GateShut);
            assert_eq!(error.delivery(), Delivery::NeverSent);
        }
    }
}

#[tokio::test]
async fn an_early_answer_is_no_answer_to_an_order_that_did_not_happen() {
    for status in [200, 202, 401, 429, 503] {
        let peer = Peer::start(move |mut connection| async move {
            connection.head().await;
            connection.answer(status, "").await;
            connection.drain().await;
        })
        .await;
        let (key, opened) = oneshot::channel::<()>();
        let gate = Gate::new(async move { opened.await.is_ok() });
        let order = request(url("http", peer.address), AMPLE).gated(gate);
        let error = send(&wire(), order).await.unwrap_err();
        assert_eq!(error.delivery(), Delivery::NeverSent);
        assert_eq!(error.status().map(|status| status.as_u16()), Some(status));
        // It did not happen, and it cannot happen any more.
        assert!(key.send(()).is_err(), "the gate is still waiting");
        peer.ledger.ended(1).await;
        assert_eq!(peer.ledger.body_bytes(), 0, "{status}");
    }
}

#[tokio::test]
async fn no_body_after_the_caller_gave_up() {
    for gives_up in ["drops the future", "meets its deadline"] {
        let peer = head_and_rest().await;
        let (reached, at_the_gate) = oneshot::channel::<()>();
        let (key, opened) = oneshot::channel::<()>();
        let gate = Gate::new(async move {
            reached.send(()).unwrap();
            opened.await.is_ok()
        });
        let within =
            if gives_up == "drops the future" { AMPLE } else { Duration::from_millis(100) };
        let order = request(url("http", peer.address), within).gated(gate);
        let wire = wire();
        let mut attempt = Box::pin(send(&wire, order));
        tokio::select! {
            biased;
            _ = &mut attempt => panic!("no answer can have come"),
            reached = at_the_gate => reached.unwrap(),
        }
        if within == AMPLE {
            drop(attempt);
        } else {
            let error = attempt.await.unwrap_err();
            assert_eq!(error.kind(), WireErrorKind::Timeout);
            assert_eq!(error.delivery(), Delivery::NeverSent);
        }
        // The gate is let go at once, so what it would say does not matter any more.
        assert!(key.is_closed(), "{gives_up}");
        peer.ledger.ended(1).await;
        assert_eq!((peer.ledger.heads().len(), peer.ledger.body_bytes()), (1, 0), "{gives_up}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn giving_up_and_opening_at_one_moment_still_agree() {
    let mut sent = 0;
    for round in 0..200_u32 {
        let peer = head_and_rest().await;
        let (reached, at_the_gate) = oneshot::channel::<()>();
        let (key, turned) = oneshot::channel::<()>();
        let opened = Arc::new(AtomicBool::new(false));
        let said = Arc::clone(&opened);
        let gate = Gate::new(async move {
            reached.send(()).unwrap();
            let _ = turned.await;
            said.store(true, Ordering::SeqCst);
            true
        });
        let order = request(url("http", peer.address), AMPLE).gated(gate);
        let wire = wire();
        let attempt = tokio::spawn(async move { wire.send(order).await });
        at_the_gate.await.unwrap();
        let opens = tokio::spawn(async move { key.send(()) });
        for _ in 0..round % 7 {
            yield_now().await;
        }
        attempt.abort();
        let _ = attempt.await;
        let _ = opens.await;
        peer.ledger.ended(1).await;
        // Either the gate opened and the body may have gone, or it was let go and nothing went.
        if peer.ledger.body_bytes() > 0 {
            sent += 1;
            assert!(opened.load(Ordering::SeqCst), "a body went past its gate");
        }
    }
    println!("{sent} of 200 bodies went");
    assert!(sent < 200, "giving up never won: this shows nothing");
}

#[tokio::test]
async fn one_gate_one_body() {
    // However the peer behaves, the gate opens at most once, and never more often than bodies came.
    for (status, keeps) in [(200, true), (307, true), (401, true), (429, false), (503, false)] {
        let peer = Peer::start(move |mut connection| async move {
            while connection.request().await.is_some() {
                connection.answer(status, if keeps { "" } else { "Connection: close\r\n" }).await;
                if !keeps {
                    return;
                }
            }
        })
        .await;
        let wire = wire();
        for nth in 1..=3 {
            let (order, asked) = order(url("http", peer.address), AMPLE);
            send(&wire, order).await.unwrap();
            assert_eq!(asked.load(Ordering::SeqCst), 1);
            assert_eq!(peer.ledger.bodies(), nth, "{status}");
        }
    }
}

#[tokio::test]
async fn a_gate_without_a_body_to_guard_is_refused_before_any_io() {
    let peer = Peer::start(|connection| connection.serve(200)).await;
    let (mut order, asked) = order(url("http", peer.address), AMPLE);
    order.body = elevate_transport::Bytes::new();
    assert_eq!(fail(&wire(), order).await, (WireErrorKind::Unusable, Delivery::NeverSent));
    assert_eq!((peer.ledger.connections(), asked.load(Ordering::SeqCst)), (0, 0));
}

#[tokio::test]
async fn a_gate_that_panics_stays_shut() {
    let peer = head_and_rest().await;
    let gate = Gate::new(async { panic!("a directory that panics, on purpose") });
    let order = request(url("http", peer.address), AMPLE).gated(gate);
    assert_eq!(fail(&wire(), order).await, (WireErrorKind::GateShut, Delivery::NeverSent));
    peer.ledger.ended(1).await;
    assert_eq!(peer.ledger.body_bytes(), 0);
}
