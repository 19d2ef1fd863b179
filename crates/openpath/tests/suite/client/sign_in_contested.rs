use std::{sync::Arc, time::Duration};

use elevate_access::MemoryStore;
use elevate_access_testkit::{
    Fault, FaultKind, Latency, MemoryWire,
    openpath::{Operation, fixtures},
};
use elevate_openpath::{Client, ErrorKind, OpenpathProvider, UserId};
use futures_util::future::join_all;
use tokio::time::sleep;

use super::service::{Service, by_password, read};
use crate::support::{ACCOUNT, House, client_over, pass, with_jane, with_janes_key};

const MINUTE: Duration = Duration::from_mins(1);

fn killing() -> Service {
    Service::at(with_jane().behaving(|it| it.sign_in_ends_older_tokens = true))
}

/// Reads once a second for so long; says how many reads failed, each for the one reason that may be.
async fn read_each_second(client: &Client, seconds: u64) -> u64 {
    let mut contested = 0;
    for _ in 0..seconds {
        if let Err(error) = read(client).await {
            assert_eq!(error.kind(), ErrorKind::SignInContested);
            assert!(error.retry_after().unwrap() <= MINUTE);
            assert!(error.is_transient());
            contested += 1;
        }
        sleep(Duration::from_secs(1)).await;
    }
    contested
}

#[tokio::test(start_paused = true)]
async fn two_nodes_that_end_each_others_tokens_are_a_finding_and_not_a_loop() {
    let service = killing();
    let (one, two) = (service.node(by_password()), service.node(by_password()));
    let (failed, also) = tokio::join!(read_each_second(&one, 600), read_each_second(&two, 600));
    assert!(one.session().contested && two.session().contested);
    // Without a distance there would be one each second for each node.
    let sign_ins = service.count(Operation::Login);
    assert!((10..=40).contains(&sign_ins), "{sign_ins} sign-ins within ten minutes");
    assert!(failed + also > 0, "the calls in between say so");
    assert_eq!(service.refused(), 0);

    // The other one goes. What is left heals, and forgets.
    read_each_second(&one, 60).await;
    let before = service.count(Operation::Login);
    assert_eq!(read_each_second(&one, 600).await, 0);
    assert!(!one.session().contested);
    assert_eq!(service.count(Operation::Login), before);
}

#[tokio::test(start_paused = true)]
async fn two_nodes_with_slow_answers_are_no_loop_either() {
    // So slow that the token is dead again when the repeat of a read arrives.
    let service = killing();
    let slow = |seed| {
        let second = Duration::from_secs(1);
        let latency = Latency { connect: (second / 10, second), travel: (second / 10, second) };
        let wire = MemoryWire::new(service.vendor.clone(), service.clock);
        let wire = Arc::new(wire.with_latency(latency, seed));
        service.builder(by_password()).wire(wire).build().unwrap()
    };
    let nodes = [slow(1), slow(2), slow(3)];
    join_all(nodes.iter().map(|node| async move {
        for _ in 0..300 {
            let _ = read(node).await;
            sleep(Duration::from_millis(100)).await;
        }
    }))
    .await;
    assert!(nodes.iter().all(|node| node.session().contested));
    let sign_ins = service.count(Operation::Login);
    assert!(sign_ins <= 80, "{sign_ins} sign-ins");
}

/// An order is not repeated, so whether it was its token shows with the next one.
#[tokio::test(start_paused = true)]
async fn taps_alone_show_a_contest_too() {
    let store = MemoryStore::new();
    let openpath = with_janes_key().behaving(|it| it.sign_in_ends_older_tokens = true);
    let one = House::with_store(openpath, store.clone());
    let two = House::node(one.vendor.clone(), one.clock, one.directory.clone(), store);
    let nodes = [&one, &two].map(|house| (house, client_over(house.wire())));
    for (house, client) in &nodes {
        house.connect(OpenpathProvider::new(client.clone()));
    }
    let minutes = 10;
    for _ in 0..minutes * 15 {
        for (house, _) in &nodes {
            for _ in 0..2 {
                let _ = house.tap("jane", 4401).await;
                pass(Duration::from_secs(1)).await;
            }
        }
    }
    assert!(nodes.iter().all(|(_, client)| client.session().contested));
    let sign_ins = one.count(Operation::Login);
    assert!((6..=4 * minutes).contains(&sign_ins), "{sign_ins} sign-ins within ten minutes");
}

/// A renewal, or a token that somebody revoked once, is no contest.
#[tokio::test(start_paused = true)]
async fn taps_of_one_node_alone_are_never_contested() {
    let house = House::with_store(
        with_janes_key().behaving(|it| it.sign_in_ends_older_tokens = true),
        MemoryStore::new(),
    );
    house.vendor.with(|openpath| openpath.set_token_life(Some(MINUTE)));
    let client = client_over(house.wire());
    house.connect(OpenpathProvider::new(client.clone()));
    for _ in 0..300 {
        let _ = house.tap("jane", 4401).await;
        assert!(!client.session().contested);
        pass(Duration::from_secs(2)).await;
    }
    assert!(house.count(Operation::Login) >= 10);
}

#[tokio::test(start_paused = true)]
async fn one_node_alone_is_never_contested() {
    let service = killing();
    service.vendor.with(|openpath| openpath.set_token_life(Some(MINUTE)));
    let latency = Latency {
        connect: (Duration::from_millis(10), Duration::from_millis(90)),
        travel: (Duration::from_millis(10), Duration::from_millis(900)),
    };
    let wire = MemoryWire::new(service.vendor.clone(), service.clock).with_latency(latency, 7);
    let client = service.builder(by_password()).wire(Arc::new(wire)).build().unwrap();
    // Each renewal ends the token that others are using at that moment.
    join_all((0..8).map(|_| async {
        for _ in 0..600 {
            read(&client).await.unwrap();
            assert!(!client.session().contested);
            sleep(Duration::from_millis(300)).await;
        }
    }))
    .await;
    assert!(service.count(Operation::Login) > 10);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_always_answered_401_costs_the_other_calls_nothing() {
    let service = Service::at(with_jane());
    let client = service.node(by_password());
    let refusal = fixtures::case("error-token.json").unwrap().reply();
    let always = Fault::before(FaultKind::Instead(refusal));
    service.vendor.faults(|f| f.on("/credentialTypes", 0, 99, always));
    for nth in 1..=6 {
        let error = client.credential_types().all().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unauthorized);
        assert_eq!(service.count(Operation::Login), 1 + nth, "one new sign-in for each");
        read(&client).await.unwrap();
    }
    assert!(!client.session().contested);
}

#[tokio::test(start_paused = true)]
async fn tokens_that_never_work_are_not_fetched_for_each_read() {
    let service = Service::at(with_jane());
    let client = service.node(by_password());
    let refusal = fixtures::case("error-token.json").unwrap().reply();
    service
        .vendor
        .faults(|f| f.on("/entries", 0, 9_999, Fault::before(FaultKind::Instead(refusal))));
    let mut contested = 0;
    for _ in 0..600 {
        let error = read(&client).await.unwrap_err();
        contested += u32::from(error.kind() == ErrorKind::SignInContested);
        sleep(Duration::from_secs(1)).await;
    }
    assert!(contested > 500, "{contested}");
    assert!(service.count(Operation::Login) <= 20, "{}", service.count(Operation::Login));
}

#[tokio::test(start_paused = true)]
async fn how_a_session_stands_is_told() {
    let service = Service::at(with_jane());
    let client = service.node(by_password());
    let state = client.session();
    assert!(!state.signed_in && !state.contested);
    assert_eq!((state.until, state.paused, state.last_success), (None, None, None));

    read(&client).await.unwrap();
    let read_at = elevate_transport::Instant::now();
    pass(MINUTE).await;
    client.user_entries(&UserId::from(1)).all().await.unwrap_err();
    let state = client.session();
    assert!(state.signed_in);
    assert_eq!(state.until.unwrap().to_string(), "2026-03-16T12:00:00Z");
    assert_eq!(state.last_success, Some(read_at), "a 404 is no success");

    service.vendor.with(|openpath| {
        openpath.set_password(ACCOUNT, "another");
        openpath.revoke_tokens();
    });
    read(&client).await.unwrap_err();
    let state = client.session();
    assert!(!state.signed_in);
    assert_eq!((state.until, state.paused), (None, Some(Duration::from_secs(30))));
}
