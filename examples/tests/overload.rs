//! What some connections do is nothing to the others, and nothing of it stays: the program as it is holds, and with a bug
//! planted beneath the clients it says which claim does not.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use clap::Parser as _;
use elevate_examples::overload::{Arguments, Report, run, run_over};
use elevate_transport::{Answer, Gate, Request, Wire, WireError};
use tokio::{
    sync::Semaphore,
    time::{Instant, sleep},
};

/// Two connections of each kind, one of each stalls; each has more taps than it has room for.
const SMALL: [&str; 6] = ["--connections", "4", "--stalling", "2", "--taps", "800"];

/// Few taps, for bugs that show with few: one connection stalls.
const FEW: [&str; 6] = ["--connections", "3", "--stalling", "1", "--taps", "120"];

/// Among those that stall here, some answer no reading.
const UNREAD: [&str; 6] = ["--connections", "5", "--stalling", "4", "--taps", "250"];

fn arguments(of: &[&str]) -> Arguments {
    Arguments::try_parse_from(["overload"].iter().chain(of)).unwrap()
}

/// What the program says does not hold, with that done to each request before it goes on to the wire.
fn broken(
    of: &[&str],
    plant: impl Fn(Arc<dyn Wire>, Request) -> Sending + Clone + Send + Sync + 'static,
) -> Vec<&'static str> {
    let dress = move |wire| -> Arc<dyn Wire> { Arc::new(Planted(wire, plant.clone())) };
    run_over(&arguments(of), None, dress).unwrap().broken()
}

type Sending = futures_util::future::BoxFuture<'static, Result<Answer, WireError>>;

struct Planted<P>(Arc<dyn Wire>, P);

impl<P> fmt::Debug for Planted<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Planted").finish_non_exhaustive()
    }
}

#[async_trait]
impl<P: Fn(Arc<dyn Wire>, Request) -> Sending + Send + Sync> Wire for Planted<P> {
    async fn send(&self, request: Request) -> Result<Answer, WireError> {
        (self.1)(Arc::clone(&self.0), request).await
    }
}

/// The same request, for something that sends it once more; an order lets itself out.
fn copy_of(request: &Request, answer_by: Instant) -> Request {
    let Request { operation, method, url, headers, body, gate, max_answer_bytes, .. } = request;
    let mut copy = Request::new(*operation, method.clone(), url.clone(), answer_by);
    (copy.headers, copy.body) = (headers.clone(), body.clone());
    copy.max_answer_bytes = *max_answer_bytes;
    copy.gate = gate.as_ref().map(|_| Gate::new(async { true }));
    copy
}

fn later(by: Duration) -> Instant {
    Instant::now() + by
}

#[test]
fn stalling_connections_are_nothing_to_the_others_and_leave_nothing() {
    let report = run(&arguments(&SMALL), None).unwrap();
    assert_eq!(report.broken(), Vec::<&str>::new(), "{report}");
    insta::assert_snapshot!(report.to_string());
}

#[test]
fn connections_that_come_back_among_the_waiting_meet_no_herd() {
    // Back while those still wait who came at once; one seed is one run.
    let arguments = arguments(&[&SMALL[..], &["--seconds", "3", "--seed", "3"]].concat());
    let [report, again]: [Report; 2] = [(); 2].map(|()| run(&arguments, None).unwrap());
    assert_eq!(report.broken(), Vec::<&str>::new(), "{report}");
    assert_eq!(report.to_string(), again.to_string());
}

#[test]
fn a_room_that_all_connections_share_is_found() {
    let room = Arc::new(Semaphore::new(40));
    let found = broken(&FEW, move |wire, request| {
        let room = Arc::clone(&room);
        Box::pin(async move {
            let _room = room.acquire().await.unwrap();
            wire.send(request).await
        })
    });
    assert!(found.contains(&"the others are unaffected"), "{found:?}");
}

#[test]
fn a_client_that_asks_on_behind_everybodys_back_is_found_when_the_vendor_returns() {
    let found = broken(&UNREAD, |wire, request| {
        Box::pin(async move {
            let again = copy_of(&request, later(Duration::from_mins(2)));
            let answer = wire.send(request).await;
            if answer.is_err() && again.gate.is_none() {
                tokio::spawn(async move {
                    for _ in 0..60 {
                        sleep(Duration::from_millis(900)).await;
                        let once_more = copy_of(&again, later(Duration::from_millis(500)));
                        if wire.send(once_more).await.is_ok() {
                            return;
                        }
                    }
                });
            }
            answer
        })
    });
    assert!(found.contains(&"no herd"), "{found:?}");
}

#[test]
fn requests_that_outlive_their_callers_are_found() {
    let found = broken(&FEW, |wire, mut request| {
        Box::pin(async move {
            request.answer_by += Duration::from_mins(10);
            let by = later(Duration::from_secs(2));
            let sending = tokio::spawn(async move { wire.send(request).await });
            let in_time = tokio::time::timeout_at(by, sending).await;
            let timeout = elevate_transport::WireErrorKind::Timeout;
            let delivery = elevate_transport::Delivery::MaybeSent;
            in_time.map_or_else(|_| Err(WireError::new(timeout, delivery)), Result::unwrap)
        })
    });
    for claim in ["nothing is under way after the last deadline", "nothing is left of it"] {
        assert!(found.contains(&claim), "{found:?}");
    }
}

#[test]
fn an_order_that_goes_out_late_or_again_is_found() {
    let claim = "no order is late, double, for the wrong person or dishonest";
    // Whoever asked gives up in time; what was begun for them does not.
    let late = broken(&FEW, |wire, request| {
        let whole = copy_of(&request, later(Duration::from_secs(12)));
        let Some(gate) = request.gate else {
            return Box::pin(async move { wire.send(whole).await });
        };
        let sending = tokio::spawn(async move {
            gate.await;
            sleep(Duration::from_secs(6)).await;
            wire.send(whole).await
        });
        Box::pin(async move { sending.await.unwrap() })
    });
    assert!(late.contains(&claim), "{late:?}");
    let twice = broken(&FEW, |wire, request| {
        Box::pin(async move {
            let again = copy_of(&request, request.answer_by);
            let answer = wire.send(request).await;
            if again.gate.is_some() { wire.send(again).await } else { answer }
        })
    });
    assert!(twice.contains(&claim), "{twice:?}");
}
