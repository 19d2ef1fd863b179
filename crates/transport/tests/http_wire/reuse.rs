//! Connections that are used again.

use tokio::{
    sync::Barrier,
    task::JoinSet,
    time::{sleep, timeout},
};

use super::{peer::Peer, *};

#[tokio::test]
async fn a_connection_is_used_again_while_it_is_warm() {
    let peer = Peer::start(|connection| connection.serve(200)).await;
    let wire = wire();
    for _ in 0..5 {
        send(&wire.clone(), order(url("http", peer.address), AMPLE).0).await.unwrap();
    }
    assert_eq!((peer.ledger.bodies(), peer.ledger.connections()), (5, 1));
}

#[tokio::test]
async fn an_idle_timeout_of_zero_opens_a_fresh_connection_each_time() {
    let peer = Peer::start(|connection| connection.serve(200)).await;
    let wire = HttpWire::builder()
        .only_root_certificates([])
        .idle_timeout(Duration::ZERO)
        .build()
        .unwrap();
    for nth in 1..=3 {
        send(&wire, order(url("http", peer.address), AMPLE).0).await.unwrap();
        assert_eq!(peer.ledger.connections(), nth);
    }
}

#[tokio::test]
async fn of_a_bursts_connections_only_so_many_lie_unused_afterwards() {
    const BURST: usize = 60;
    const KEPT: usize = 32;
    // Nobody is answered before all have come, each on a connection of its own.
    let all_here = Arc::new(Barrier::new(BURST));
    let peer = Peer::start(move |mut connection| {
        let all_here = Arc::clone(&all_here);
        async move {
            connection.request().await;
            all_here.wait().await;
            connection.answer(200, "").await;
            connection.drain().await;
        }
    })
    .await;
    // They last longer than the test, but for the bound.
    let builder = HttpWire::builder().only_root_certificates([]);
    let wire = builder.idle_timeout(AMPLE * 6).build().unwrap();
    let mut sent = JoinSet::new();
    for _ in 0..BURST {
        let (wire, order) = (wire.clone(), order(url("http", peer.address), AMPLE).0);
        sent.spawn(async move { send(&wire, order).await });
    }
    sent.join_all().await.into_iter().for_each(|answer| drop(answer.unwrap()));
    assert_eq!(peer.ledger.connections(), BURST);
    timeout(AMPLE, peer.ledger.ended(BURST - KEPT)).await.expect("the surplus is closed");
}

#[tokio::test]
async fn a_used_connection_that_breaks_under_an_order_carries_no_second_body() {
    // Takes the second request whole and closes without a word: the order may have been carried out.
    let peer = Peer::start(|mut connection| async move {
        connection.request().await;
        connection.answer(200, "").await;
        connection.request().await;
    })
    .await;
    let wire = wire();
    send(&wire, order(url("http", peer.address), AMPLE).0).await.unwrap();
    let (second, asked) = order(url("http", peer.address), AMPLE);
    assert_eq!(fail(&wire, second).await, (WireErrorKind::Broken, Delivery::MaybeSent));
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    assert_eq!((peer.ledger.bodies(), peer.ledger.connections()), (2, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_idle_connection_closed_at_the_moment_of_an_order_sends_at_most_one_body() {
    // Closes as soon as it has answered, while the next order is on its way.
    let peer = Peer::start(|mut connection| async move {
        if connection.request().await.is_some() {
            connection.answer(200, "").await;
        }
    })
    .await;
    let wire = wire();
    for _ in 0..200 {
        let before = peer.ledger.bodies();
        let (order, asked) = order(url("http", peer.address), AMPLE);
        let seen = send(&wire, order).await;
        let came = peer.ledger.bodies() - before;
        assert!(came <= 1 && asked.load(Ordering::SeqCst) <= 1);
        match seen.map_err(|error| error.delivery()) {
            Ok(_) => assert_eq!(came, 1),
            Err(Delivery::NeverSent) => assert_eq!((came, asked.load(Ordering::SeqCst)), (0, 0)),
            Err(_) => {}
        }
    }
}

#[tokio::test]
async fn a_quiet_building_meets_no_half_closed_connection() {
    // The peer keeps an idle connection for a moment. Orders come just when that moment is over.
    const KEPT: Duration = Duration::from_millis(60);
    let peer = Peer::start(|mut connection| async move {
        while let Ok(Some(())) = timeout(KEPT, connection.request()).await {
            connection.answer(200, "").await;
        }
    })
    .await;
    let wire =
        HttpWire::builder().only_root_certificates([]).idle_timeout(KEPT / 4).build().unwrap();
    for nth in 1..=6 {
        send(&wire, order(url("http", peer.address), AMPLE).0).await.unwrap();
        assert_eq!((peer.ledger.bodies(), peer.ledger.connections()), (nth, nth));
        sleep(KEPT).await;
    }
}
