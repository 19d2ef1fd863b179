//! L8: what is remembered has an age, counted from the start of its reading.
#![expect(clippy::panic, reason = "a test may fail anywhere")]

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use elevate_access::{Aged, Cause, Error, Freshness, MaxAge};
use elevate_access_testkit::Spans;
use futures_util::future::join_all;
use tokio::time::{Instant, sleep, timeout};
use tracing::Instrument as _;

/// A source that is slow to ask: what it says is what was so when the reading began.
#[derive(Clone, Default)]
struct Source {
    value: Arc<AtomicU64>,
    reads: Arc<AtomicUsize>,
    takes_ms: Arc<AtomicU64>,
    down: Arc<AtomicU64>,
}

impl Source {
    fn set(&self, value: u64) {
        self.value.store(value, Ordering::SeqCst);
    }

    fn reads(&self) -> usize {
        self.reads.load(Ordering::SeqCst)
    }

    fn read(&self) -> impl Future<Output = Result<u64, Error>> + Send + 'static {
        let (source, value) = (self.clone(), self.value.load(Ordering::SeqCst));
        self.reads.fetch_add(1, Ordering::SeqCst);
        async move {
            sleep(Duration::from_millis(source.takes_ms.load(Ordering::SeqCst))).await;
            match source.down.load(Ordering::SeqCst) {
                0 => Ok(value),
                1 => Err(Error::new(Cause::VendorUnreachable)),
                _ => panic!("a reading's bug"),
            }
        }
    }
}

async fn get(cell: &Aged<u64>, source: &Source, freshness: Freshness) -> Result<u64, Cause> {
    let got = cell.get(freshness, || source.read()).await;
    got.map(|dated| *dated.value).map_err(|e| e.cause())
}

fn cell() -> (Aged<u64>, Source) {
    let age = MaxAge::of(Duration::from_mins(5)).read_ahead(Duration::from_mins(1));
    (Aged::new(age), Source::default())
}

use Freshness::{Cached, Fresh};

#[tokio::test(start_paused = true)]
async fn a_value_is_used_until_its_age_and_never_after() {
    let (cell, source) = cell();
    source.takes_ms.store(2_000, Ordering::SeqCst);
    let begun = Instant::now();
    assert_eq!(get(&cell, &source, Cached).await, Ok(0));
    source.down.store(1, Ordering::SeqCst);
    tokio::time::sleep_until(begun + Duration::from_mins(5)).await;
    assert_eq!(
        get(&cell, &source, Cached).await,
        Ok(0),
        "to the very end, from the reading's start"
    );
    sleep(Duration::from_millis(1)).await;
    assert_eq!(get(&cell, &source, Cached).await, Err(Cause::VendorUnreachable));
    assert!(cell.peek().is_none());
}

#[tokio::test(start_paused = true)]
async fn any_number_of_callers_share_one_reading() {
    let (cell, source) = cell();
    source.takes_ms.store(50, Ordering::SeqCst);
    for value in join_all((0..100).map(|_| get(&cell, &source, Cached))).await {
        assert_eq!(value, Ok(0));
    }
    assert_eq!(source.reads(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_gives_up_does_not_end_the_reading() {
    let (cell, source) = cell();
    source.takes_ms.store(50, Ordering::SeqCst);
    let first = timeout(Duration::from_millis(10), get(&cell, &source, Cached)).await;
    assert!(first.is_err());
    assert_eq!(get(&cell, &source, Cached).await, Ok(0));
    assert_eq!(source.reads(), 1);
}

#[tokio::test(start_paused = true)]
async fn fresh_means_begun_no_earlier_than_the_call() {
    let (cell, source) = cell();
    source.takes_ms.store(100, Ordering::SeqCst);
    let early = get(&cell, &source, Cached);
    let late = async {
        sleep(Duration::from_millis(50)).await;
        source.set(7); // after the first reading began, before this call
        join_all((0..10).map(|_| get(&cell, &source, Fresh))).await
    };
    let (early, late) = tokio::join!(early, late);
    assert_eq!(early, Ok(0));
    assert!(late.iter().all(|value| *value == Ok(7)), "{late:?}");
    assert_eq!(source.reads(), 2, "those who waited share the second reading");
}

#[tokio::test(start_paused = true)]
async fn it_is_read_ahead_on_use_and_never_while_nobody_asks() {
    let (cell, source) = cell();
    assert_eq!(get(&cell, &source, Cached).await, Ok(0));
    sleep(Duration::from_secs(61)).await;
    source.set(1);
    assert_eq!(source.reads(), 1);
    assert_eq!(get(&cell, &source, Cached).await, Ok(0), "the older value at once");
    sleep(Duration::from_millis(1)).await;
    assert_eq!(get(&cell, &source, Cached).await, Ok(1), "and the newer one was read behind it");
    assert_eq!(source.reads(), 2);
    sleep(Duration::from_hours(24)).await;
    assert_eq!(source.reads(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_failed_reading_leaves_the_older_value_to_its_own_age() {
    let (cell, source) = cell();
    assert_eq!(get(&cell, &source, Cached).await, Ok(0));
    source.down.store(1, Ordering::SeqCst);
    assert_eq!(get(&cell, &source, Fresh).await, Err(Cause::VendorUnreachable));
    assert_eq!(get(&cell, &source, Cached).await, Ok(0));
    sleep(Duration::from_secs(301)).await;
    assert!(get(&cell, &source, Cached).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn what_was_forgotten_is_read_first_and_a_reading_under_way_does_not_count() {
    let (cell, source) = cell();
    source.takes_ms.store(100, Ordering::SeqCst);
    let early = get(&cell, &source, Cached);
    let forgets = async {
        sleep(Duration::from_millis(50)).await;
        source.set(7);
        cell.forget();
        get(&cell, &source, Cached).await
    };
    let (early, late) = tokio::join!(early, forgets);
    assert_eq!((early, late), (Ok(0), Ok(7)));
    assert_eq!(cell.peek().map(|v| *v.value), Some(7));
}

#[tokio::test(start_paused = true)]
async fn a_reading_that_panics_is_an_error_and_the_next_one_works() {
    let (cell, source) = cell();
    source.down.store(2, Ordering::SeqCst);
    assert_eq!(get(&cell, &source, Cached).await, Err(Cause::Internal));
    source.down.store(0, Ordering::SeqCst);
    assert_eq!(get(&cell, &source, Cached).await, Ok(0));
}

#[tokio::test(start_paused = true)]
async fn a_reading_hangs_beneath_who_waits_for_it_and_one_ahead_beneath_nobody() {
    let spans = Spans::default();
    let listening = spans.listen();
    let (cell, source) = cell();
    let read = || async {
        // Its span is opened when it is polled, as those of a provider's requests are.
        let inner = || {
            let read = source.read();
            async { read.instrument(tracing::info_span!("read")).await }
        };
        cell.get(Cached, inner).instrument(tracing::info_span!("call")).await.unwrap()
    };
    read().await;
    sleep(Duration::from_secs(90)).await;
    read().await;
    sleep(Duration::from_secs(1)).await;
    drop(listening);
    assert_eq!(spans.outline(), "call\n  read\ncall\nread_ahead\n  read\n");
    assert_eq!(spans.named("read_ahead")[0].follows, [2]);
}
