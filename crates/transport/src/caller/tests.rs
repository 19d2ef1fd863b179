use std::{
    collections::{BTreeMap, VecDeque},
    sync::atomic::{AtomicUsize, Ordering},
};

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use tokio::time::sleep;
use url::Url;

use super::*;
use crate::{Gate, Operation};

const OPERATION: Operation = Operation::new("test.thing", "/things/{thing}");

/// What the peer does with one attempt.
#[derive(Clone, Debug)]
enum Act {
    Says(u16),
    SaysWith(u16, header::HeaderName, &'static str),
    Refuse,
    /// Opens the gate, takes the body, and breaks.
    BreakAfterTheBody,
    /// Answers before it wants the body.
    AnswerEarly(u16),
    Hang,
}
use Act::*;

/// A wire that plays a list of acts, and the last of them for ever, and remembers what it saw.
#[derive(Debug)]
struct Played {
    acts: Mutex<VecDeque<Act>>,
    seen: Mutex<Vec<Seen>>,
    bodies: AtomicUsize,
    start: Instant,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Seen {
    at: Duration,
    answer_by: Duration,
}

impl Played {
    fn new(acts: impl IntoIterator<Item = Act>) -> Arc<Self> {
        Arc::new(Self {
            acts: Mutex::new(acts.into_iter().collect()),
            seen: Mutex::new(Vec::new()),
            bodies: AtomicUsize::new(0),
            start: Instant::now(),
        })
    }

    fn attempts(&self) -> usize {
        self.seen.lock().unwrap().len()
    }

    fn pauses(&self) -> Vec<Duration> {
        let seen = self.seen.lock().unwrap();
        seen.windows(2).map(|pair| pair[1].at.checked_sub(pair[0].at).unwrap()).collect()
    }

    fn bodies(&self) -> usize {
        self.bodies.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl Wire for Played {
    async fn send(&self, request: Request) -> Result<Answer, WireError> {
        let since = |moment: Instant| moment - self.start;
        let answer_by = request.answer_by;
        self.seen
            .lock()
            .unwrap()
            .push(Seen { at: since(Instant::now()), answer_by: since(answer_by) });
        let act = {
            let mut acts = self.acts.lock().unwrap();
            if acts.len() > 1 { acts.pop_front().unwrap() } else { acts[0].clone() }
        };
        let error = |kind, delivery| Err(WireError::new(kind, delivery));
        match act {
            Refuse => return error(WireErrorKind::Connect, Delivery::NeverSent),
            AnswerEarly(status) => {
                return Err(WireError::new(WireErrorKind::Broken, Delivery::NeverSent)
                    .with_early_status(StatusCode::from_u16(status).unwrap()));
            }
            Hang => {
                sleep_until(answer_by).await;
                return error(WireErrorKind::Timeout, Delivery::MaybeSent);
            }
            Says(_) | SaysWith(..) | BreakAfterTheBody => {}
        }
        if let Some(gate) = request.gate
            && !gate.await
        {
            return error(WireErrorKind::GateShut, Delivery::NeverSent);
        }
        self.bodies.fetch_add(1, Ordering::SeqCst);
        let (status, headers) = match act {
            Says(status) => (status, HeaderMap::new()),
            SaysWith(status, name, value) => {
                (status, HeaderMap::from_iter([(name, HeaderValue::from_static(value))]))
            }
            _ => return error(WireErrorKind::Broken, Delivery::MaybeSent),
        };
        let status = StatusCode::from_u16(status).unwrap();
        Ok(Answer { status, headers, body: Bytes::new() })
    }
}

fn request(answer_by: Instant) -> Request {
    let url = Url::parse("https://vendor.test/things/1").unwrap();
    Request::new(OPERATION, Method::POST, url, answer_by).json("{}")
}

fn order(answer_by: Instant) -> Request {
    request(answer_by).gated(Gate::new(async { true }))
}

fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

async fn read(wire: &Arc<Played>, within: Duration) -> Result<Answer, WireError> {
    Caller::new(wire.clone()).read(Instant::now() + within, request).await
}

async fn ordered(wire: &Arc<Played>) -> Result<Answer, WireError> {
    let now = Instant::now();
    Caller::new(wire.clone()).order(now + secs(12), now + secs(5), order).await
}

fn status(seen: &Result<Answer, WireError>) -> Option<u16> {
    seen.as_ref().ok().map(|answer| answer.status.as_u16())
}

#[tokio::test(start_paused = true)]
async fn a_read_is_made_again_until_it_succeeds() {
    let wire = Played::new([Refuse, Says(503), Says(200)]);
    assert_eq!(status(&read(&wire, secs(10)).await), Some(200));
    assert_eq!(wire.attempts(), 3);
    let pauses = wire.pauses();
    assert!((50..=100).contains(&pauses[0].as_millis()), "{pauses:?}");
    assert!((100..=201).contains(&pauses[1].as_millis()), "{pauses:?}");
}

#[tokio::test(start_paused = true)]
async fn a_read_ends_after_three_attempts_with_the_last_answer() {
    let wire = Played::new([BreakAfterTheBody, BreakAfterTheBody, Says(502)]);
    assert_eq!(status(&read(&wire, secs(10)).await), Some(502));
    assert_eq!(wire.attempts(), 3);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_says_something_about_the_request_stands() {
    for code in [200, 302, 400, 401, 403, 404, 409, 422, 501] {
        let wire = Played::new([Says(code)]);
        assert_eq!(status(&read(&wire, secs(10)).await), Some(code));
        assert_eq!(wire.attempts(), 1, "{code}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_stalled_attempt_leaves_time_for_another() {
    let wire = Played::new([Hang, Says(200)]);
    assert_eq!(status(&read(&wire, secs(10)).await), Some(200));
    let seen = wire.seen.lock().unwrap();
    assert_eq!(seen[0].answer_by, secs(4));
    assert!(seen[1].at >= secs(4) && seen[1].at < secs(5));
    // What is left is less than an attempt may take only near the end.
    assert_eq!(seen[1].answer_by, seen[1].at + secs(4));
}

#[tokio::test(start_paused = true)]
async fn an_attempt_gets_no_more_than_what_remains() {
    let wire = Played::new([Hang]);
    let start = Instant::now();
    let error = read(&wire, secs(6)).await.unwrap_err();
    assert_eq!(error.kind(), WireErrorKind::Timeout);
    assert_eq!(start.elapsed(), secs(6));
    assert!(wire.seen.lock().unwrap().iter().all(|seen| seen.answer_by <= secs(6)));
    assert_eq!(wire.attempts(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_request_cannot_take_itself_more_time_than_its_attempt_has() {
    let wire = Played::new([Says(200)]);
    let caller = Caller::new(wire.clone());
    let make = |_| request(Instant::now() + secs(1000));
    caller.read(Instant::now() + secs(2), make).await.unwrap();
    assert_eq!(wire.seen.lock().unwrap()[0].answer_by, secs(2));
}

#[tokio::test(start_paused = true)]
async fn retry_after_is_honoured_and_never_slept_past_the_deadline() {
    let limited = |wish| SaysWith(429, header::RETRY_AFTER, wish);
    let wire = Played::new([limited("3"), Says(200)]);
    assert_eq!(status(&read(&wire, secs(10)).await), Some(200));
    assert_eq!(wire.pauses()[0].as_secs(), 3);

    for wish in ["10", "11", "99999999999999999999999"] {
        let wire = Played::new([limited(wish), Says(200)]);
        let start = Instant::now();
        assert_eq!(status(&read(&wire, secs(10)).await), Some(429), "{wish}");
        assert_eq!(start.elapsed(), Duration::ZERO, "{wish}");
    }
}

#[tokio::test(start_paused = true)]
async fn tried_again_only_while_the_body_has_not_started() {
    // Nothing left: tried again.
    let wire = Played::new([Refuse, AnswerEarly(503), Refuse, Says(200)]);
    assert_eq!(status(&ordered(&wire).await), Some(200));
    assert_eq!((wire.attempts(), wire.bodies()), (4, 1));

    // The body left, and then the connection broke: never again, though nothing came back.
    let wire = Played::new([Refuse, BreakAfterTheBody, Says(200)]);
    assert_eq!(ordered(&wire).await.unwrap_err().delivery(), Delivery::MaybeSent);
    assert_eq!((wire.attempts(), wire.bodies()), (2, 1));

    // Any answer at all.
    for code in [200, 302, 307, 401, 408, 425, 429, 500, 502, 503, 504] {
        let wire = Played::new([Says(code)]);
        assert_eq!(status(&ordered(&wire).await), Some(code));
        assert_eq!((wire.attempts(), wire.bodies()), (1, 1), "{code}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_refusal_before_the_body_stands_for_an_order() {
    for code in [400, 401, 403, 404, 429] {
        let wire = Played::new([AnswerEarly(code)]);
        let error = ordered(&wire).await.unwrap_err();
        assert_eq!(error.delivery(), Delivery::NeverSent);
        assert_eq!(error.status().map(|status| status.as_u16()), Some(code));
        assert_eq!(wire.attempts(), 1, "{code}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_shut_gate_ends_an_order() {
    let wire = Played::new([Says(200)]);
    let caller = Caller::new(wire.clone());
    let now = Instant::now();
    let shut = |by| request(by).gated(Gate::new(async { false }));
    let error = caller.order(now + secs(12), now + secs(5), shut).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (WireErrorKind::GateShut, Delivery::NeverSent));
    assert_eq!((wire.attempts(), wire.bodies()), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn no_body_starts_after_send_by_even_behind_a_gate_that_would_open() {
    let now = Instant::now();
    for (opens_after, starts) in [(4, true), (6, false)] {
        let wire = Played::new([Says(200)]);
        let slow = |by| {
            request(by).gated(Gate::new(async move {
                sleep(secs(opens_after)).await;
                true
            }))
        };
        let begun = Instant::now();
        let caller = Caller::new(wire.clone());
        let seen = caller.order(begun + secs(12), begun + secs(5), slow).await;
        assert_eq!(seen.is_ok(), starts);
        assert_eq!(wire.bodies(), usize::from(starts));
        // The wait ends with the moment, not with the gate's own good time.
        assert_eq!(begun.elapsed(), secs(opens_after.min(5)));
    }

    // Too late from the start: not even a connection.
    let wire = Played::new([Says(200)]);
    let error = Caller::new(wire.clone()).order(now + secs(30), now, order).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (WireErrorKind::GateShut, Delivery::NeverSent));
    assert_eq!(wire.attempts(), 0);
}

#[tokio::test(start_paused = true)]
async fn an_order_is_not_tried_again_at_send_by() {
    let wire = Played::new([Refuse]);
    let caller = Caller::new(wire.clone());
    let now = Instant::now();
    let error = caller.order(now + secs(12), now + secs(1), order).await.unwrap_err();
    assert_eq!(error.kind(), WireErrorKind::Connect);
    assert!(wire.seen.lock().unwrap().iter().all(|seen| seen.at < secs(1)));
}

#[tokio::test(start_paused = true)]
async fn a_gate_tells_an_order_from_a_read() {
    let wire = Played::new([Says(200)]);
    let caller = Caller::new(wire.clone());
    let by = Instant::now() + secs(5);
    let as_read = caller.read(by, order).await.unwrap_err();
    let as_order = caller.order(by, by, request).await.unwrap_err();
    for error in [as_read, as_order] {
        assert_eq!(
            (error.kind(), error.delivery()),
            (WireErrorKind::Unusable, Delivery::NeverSent)
        );
        assert!(error.detail().is_some());
    }
    assert_eq!(wire.attempts(), 0);
}

#[tokio::test(start_paused = true)]
async fn once_is_once() {
    for act in [Refuse, Says(503), BreakAfterTheBody] {
        let wire = Played::new([act]);
        let _ = Caller::new(wire.clone()).once(request(Instant::now() + secs(5))).await;
        assert_eq!(wire.attempts(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_vendor_that_is_down_is_not_asked_three_times_as_much() {
    let wire = Played::new([Says(503)]);
    let caller = Caller::new(wire.clone());
    for _ in 0..100 {
        let _ = caller.clone().read(Instant::now() + secs(5), request).await;
    }
    // 100 calls, 20 repeats in the first burst, then one a second of the few that passed.
    assert!((120..=125).contains(&wire.attempts()), "{}", wire.attempts());

    // Orders have a budget of their own.
    let before = wire.attempts();
    wire.acts.lock().unwrap()[0] = Refuse;
    let now = Instant::now();
    let _ = caller.order(now + secs(12), now + secs(5), order).await;
    assert_eq!(wire.attempts() - before, 4);
}

#[tokio::test(start_paused = true)]
async fn the_same_seed_pauses_the_same() {
    let run = async |seed| {
        let wire = Played::new([Refuse, Refuse, Says(200)]);
        let caller = Caller::new(wire.clone()).with_jitter(seed);
        caller.read(Instant::now() + secs(9), request).await.unwrap();
        wire.pauses()
    };
    assert_eq!(run(1).await, run(1).await);
    assert_ne!(run(1).await, run(2).await);
}

#[tokio::test(start_paused = true)]
async fn a_silent_vendor_costs_bounded_room_and_no_read_takes_an_orders() {
    let wire = Played::new([Hang]);
    let caller = Caller::new(wire.clone());
    let by = Instant::now() + Duration::from_secs(10);
    let read = || {
        let caller = caller.clone();
        async move { caller.read(by, request).await.unwrap_err().kind() }
    };
    let reads: Vec<_> = (0..400).map(|_| tokio::spawn(read())).collect();
    sleep(Duration::from_secs(1)).await;
    assert_eq!(wire.attempts(), READS_AT_ONCE);
    let ordered = tokio::spawn({
        let caller = caller.clone();
        async move { caller.order(by, by, order).await }
    });
    sleep(Duration::from_millis(1)).await;
    assert_eq!(wire.attempts(), READS_AT_ONCE + 1, "the order goes out at once");
    let mut ends = BTreeMap::new();
    for read in reads {
        *ends.entry(read.await.unwrap().as_str()).or_insert(0) += 1;
    }
    assert!(Instant::now() <= by + Duration::from_millis(1));
    assert!(ends["busy"] > 200 && ends["timeout"] > 30, "{ends:?}");
    assert!(ordered.await.unwrap().is_err());
}

#[tokio::test(start_paused = true)]
async fn a_silent_vendor_costs_bounded_room_also_where_each_call_is_made_once() {
    let wire = Played::new([Hang]);
    let caller = Caller::new(wire.clone());
    let by = Instant::now() + secs(2);
    let once = |caller: &Caller| {
        let caller = caller.clone();
        tokio::spawn(async move { caller.once(request(by)).await.unwrap_err() })
    };
    let calls: Vec<_> = (0..400).map(|_| once(&caller)).collect();
    sleep(secs(1)).await;
    assert_eq!(wire.attempts(), ONCE_AT_ONCE);
    // What goes aside, such as a sign-in, takes no part in it.
    once(&caller.aside(1));
    sleep(Duration::from_millis(1)).await;
    assert_eq!(wire.attempts(), ONCE_AT_ONCE + 1);
    let mut unsent = 0;
    for call in calls {
        unsent += usize::from(call.await.unwrap().delivery() == Delivery::NeverSent);
    }
    assert_eq!((unsent, wire.attempts()), (400 - ONCE_AT_ONCE, ONCE_AT_ONCE + 1));
    assert_eq!(Instant::now(), by);
}
