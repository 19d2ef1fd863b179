//! What a host may do to its database beside the store: transactions that are left open in its pool, readers that take
//! their time.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::{path::PathBuf, time::Duration};

use elevate_access::{
    Claim, Outcome, SignInEnd, SignIns as _, Store as _, TapId, Tapped, Taps as _, Turn,
};
use elevate_access_sql::{PgStore, SqliteStore};
use jiff::Timestamp;
use support::{NOON, Postgres, jane, pool, schema, swept, tapped, told};
use tempfile::TempDir;
use tokio::time::timeout;

const HOLD: Duration = Duration::from_secs(15);
/// As long as the front door waits for a store.
const PATIENCE: Duration = Duration::from_secs(2);

/// A pool with one connection, to be sure which one is used, and a store on it beside one on another pool.
async fn two_nodes(postgres: &Postgres, test: &str) -> (sqlx::PgPool, PgStore, PgStore) {
    let name = schema(test);
    let one = sqlx::postgres::PgPoolOptions::new().max_connections(1);
    let one = one.connect(&postgres.url()).await.unwrap();
    let here = PgStore::on_pool(one.clone(), &name).unwrap();
    here.migrate().await.unwrap();
    let there = PgStore::on_pool(pool(postgres).await, &name).unwrap();
    (one, here, there)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_forget_whose_caller_leaves_takes_no_claim_with_it() {
    let Some(postgres) = Postgres::found() else { return };
    let (_, here, there) = two_nodes(&postgres, "left").await;
    for number in 0..200_u64 {
        let time = Duration::from_micros(number * 10);
        let _ = timeout(time, here.forget(&"tom".parse().unwrap())).await;
        let id: TapId = format!("t{number}").parse().unwrap();
        let claim = here.claim(&id, &tapped(), NOON).await.unwrap();
        assert!(matches!(claim, Claim::Granted { .. }));
        let seen = there.tap(&id, &jane(), &tapped().door).await.unwrap();
        assert!(matches!(seen, Some(Claim::Open { .. })), "{number}: granted, and seen by nobody");
    }
    swept(&postgres, "left").await;
}

#[tokio::test]
async fn a_transaction_that_the_host_left_open_in_its_pool_takes_no_claim_and_no_lease_with_it() {
    let Some(postgres) = Postgres::found() else { return };
    let (one, here, there) = two_nodes(&postgres, "host").await;
    for left in ["BEGIN", "BEGIN; SELECT 1 / 0"] {
        let id: TapId = format!("t{}", left.len()).parse().unwrap();
        // What is half begun when it is dropped: sqlx does not know of it, and gives the connection back.
        let _ = sqlx::raw_sql(left).execute(&one).await;
        let claim = here.claim(&id, &tapped(), NOON).await.unwrap();
        assert!(matches!(claim, Claim::Granted { .. }));
        let seen = there.tap(&id, &jane(), &tapped().door).await.unwrap();
        assert!(matches!(seen, Some(Claim::Open { .. })), "granted, and seen by nobody");
        let _ = sqlx::raw_sql(left).execute(&one).await;
        let lease = here.lease(left, Duration::from_mins(5)).await.unwrap();
        assert!(lease.is_some());
        assert_eq!(there.lease(left, Duration::from_mins(5)).await.unwrap(), None);
    }
    swept(&postgres, "host").await;
}

#[tokio::test]
async fn a_transaction_that_the_host_left_open_takes_no_turn_with_it() {
    let Some(postgres) = Postgres::found() else { return };
    let (one, here, there) = two_nodes(&postgres, "turn").await;
    sqlx::raw_sql("BEGIN").execute(&one).await.unwrap();
    let Turn::Yours { turn, .. } = here.take_turn("account", Some(7), HOLD).await.unwrap() else {
        unreachable!("nobody else has it")
    };
    let theirs = there.take_turn("account", Some(7), HOLD).await.unwrap();
    assert!(matches!(theirs, Turn::Taken { .. }), "{theirs:?}");
    sqlx::raw_sql("BEGIN").execute(&one).await.unwrap();
    here.end_turn("account", &turn, SignInEnd::Accepted).await.unwrap();
    let theirs = timeout(PATIENCE, there.take_turn("account", Some(8), HOLD)).await.unwrap();
    assert!(matches!(theirs, Ok(Turn::Yours { .. })), "{theirs:?}");
    swept(&postgres, "turn").await;
}

#[tokio::test]
async fn what_is_settled_or_given_up_beside_a_transaction_that_was_left_open_is_so_for_all() {
    let Some(postgres) = Postgres::found() else { return };
    let (one, here, there) = two_nodes(&postgres, "settled").await;
    let ids: [TapId; 2] = ["settled", "given-up"].map(|id| id.parse().unwrap());
    let mut tokens = Vec::new();
    for id in &ids {
        let claim = here.claim(id, &tapped(), NOON).await.unwrap();
        let Claim::Granted { token } = claim else { unreachable!("{claim:?}") };
        tokens.push(token);
    }
    sqlx::raw_sql("BEGIN").execute(&one).await.unwrap();
    here.settle(&ids[0], &told("opened", "order-1"), None).await.unwrap();
    sqlx::raw_sql("BEGIN").execute(&one).await.unwrap();
    here.unclaim(&ids[1], &tokens[1]).await.unwrap();
    one.close().await;
    let seen = there.tap(&ids[0], &jane(), &tapped().door).await.unwrap();
    assert!(matches!(seen, Some(Claim::Settled(Outcome::Opened(_)))), "{seen:?}");
    let again = timeout(PATIENCE, there.claim(&ids[1], &tapped(), NOON)).await.unwrap().unwrap();
    assert!(matches!(again, Claim::Granted { .. }), "{again:?}");
    swept(&postgres, "settled").await;
}

async fn in_a_file() -> (TempDir, PathBuf, SqliteStore) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("access.db");
    let store = SqliteStore::open(&path).await.unwrap();
    store.migrate().await.unwrap();
    (folder, path, store)
}

/// The files of the folder in which that text stands.
fn holding(folder: &TempDir, text: &str) -> Vec<PathBuf> {
    let files = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path());
    let holds = |file: &PathBuf| {
        let bytes = std::fs::read(file).unwrap();
        bytes.windows(text.len()).any(|part| part == text.as_bytes())
    };
    files.filter(holds).collect()
}

#[tokio::test]
async fn a_reader_that_takes_its_time_delays_no_forget_and_keeps_no_tap_outside() {
    let (folder, path, store) = in_a_file().await;
    let other = SqliteStore::open(&path).await.unwrap();
    store.claim(&"first".parse().unwrap(), &tapped(), NOON).await.unwrap();
    // A backup, or a report of the host's.
    let url = format!("sqlite://{}", path.display());
    let pool = sqlx::SqlitePool::connect(&url).await.unwrap();
    let mut reading = pool.begin().await.unwrap();
    sqlx::query("SELECT COUNT(*) FROM access_taps").fetch_all(&mut *reading).await.unwrap();
    for n in 0..5 {
        let id: TapId = format!("tap-{n}").parse().unwrap();
        let (resident, tapped) = (jane(), tapped());
        let (forgotten, claimed) = tokio::join!(
            timeout(PATIENCE / 2, store.forget(&resident)),
            timeout(PATIENCE / 2, other.claim(&id, &tapped, NOON)),
        );
        forgotten.expect("nobody waits for the reader").unwrap();
        claimed.expect("nobody waits for the reader").unwrap();
    }
    reading.rollback().await.unwrap();
    store.forget(&jane()).await.unwrap();
    assert_eq!(holding(&folder, "jane"), [""; 0].map(PathBuf::from));
}

#[tokio::test]
async fn what_is_pruned_leaves_the_log_too() {
    let (folder, path, store) = in_a_file().await;
    let tapped = Tapped { resident: "who-is-pruned".parse().unwrap(), ..tapped() };
    let id: TapId = "old".parse().unwrap();
    store.claim(&id, &tapped, NOON).await.unwrap();
    assert!(!holding(&folder, "who-is-pruned").is_empty(), "a vain test");
    let url = format!("sqlite://{}", path.display());
    let pool = sqlx::SqlitePool::connect(&url).await.unwrap();
    sqlx::query("UPDATE access_taps SET written_at = 1").execute(&pool).await.unwrap();
    assert_eq!(store.prune(Timestamp::MAX).await.unwrap(), 1);
    assert_eq!(holding(&folder, "who-is-pruned"), [""; 0].map(PathBuf::from));
}
