//! What a store in a database has to keep besides the contract: its tables, its privacy, its life through a
//! restart.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::{error::Error as _, time::Duration};

use elevate_access::{Claim, Link, Store, TapId, TapQuery, Taps as _};
use elevate_access_sql::{ErrorKind, PgStore, SqliteStore};
use futures_util::future::join_all;
use sqlx::migrate::{Migration, MigrationType, Migrator};
use support::{NOON, Postgres, jane, pool, pool_in, schema, swept, tapped, told};

/// The host's own migrations, with a table that is called as one of ours might be.
fn hosts() -> Migrator {
    let sql = sqlx::SqlSafeStr::into_sql_str("CREATE TABLE residents (id TEXT)");
    let kind = MigrationType::Simple;
    Migrator::with_migrations(vec![Migration::new(1, "residents".into(), kind, sql, false)])
}

#[tokio::test]
async fn host_migrations_in_both_orders() {
    let folder = tempfile::tempdir().unwrap();
    for ours_first in [true, false] {
        let path = folder.path().join(format!("{ours_first}.db"));
        let store = SqliteStore::open(&path).await.unwrap();
        let pool =
            sqlx::SqlitePool::connect(&format!("sqlite://{}", path.display())).await.unwrap();
        if ours_first {
            store.migrate().await.unwrap();
        }
        hosts().run(&pool).await.unwrap();
        store.migrate().await.unwrap();
        hosts().run(&pool).await.unwrap();
        assert_eq!(store.favorites(&jane()).await.unwrap(), []);
    }
    let Some(postgres) = Postgres::found() else { return };
    for ours_first in [true, false] {
        // In the host's own schema, where the two are closest.
        let schema = schema("host");
        let pool = pool_in(&postgres, &schema).await;
        let store = PgStore::on_pool(pool.clone(), &schema).unwrap();
        if ours_first {
            store.migrate().await.unwrap();
        }
        hosts().run(&pool).await.unwrap();
        store.migrate().await.unwrap();
        hosts().run(&pool).await.unwrap();
        assert_eq!(store.favorites(&jane()).await.unwrap(), []);
    }
    swept(&postgres, "host").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_nodes_that_migrate_at_once_all_succeed() {
    for _ in 0..20 {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("access.db");
        let opened = join_all((0..6).map(|_| SqliteStore::open(&path))).await;
        let stores: Vec<_> = opened.into_iter().map(Result::unwrap).collect();
        for migrated in join_all(stores.iter().map(SqliteStore::migrate)).await {
            migrated.unwrap();
        }
    }
    let Some(postgres) = Postgres::found() else { return };
    let schema = schema("many");
    let pools = join_all((0..6).map(|_| pool_in(&postgres, &schema))).await;
    // Beside the host, who migrates as well.
    let ours = pools.iter().map(async |pool| {
        let store = PgStore::on_pool(pool.clone(), &schema)?;
        store.migrate().await
    });
    let hosts = pools.iter().map(async |pool| hosts().run(pool).await);
    let (ours, hosts) = tokio::join!(join_all(ours), join_all(hosts));
    for migrated in ours {
        migrated.unwrap();
    }
    for migrated in hosts {
        migrated.unwrap();
    }
    swept(&postgres, "many").await;
}

#[tokio::test]
async fn tables_of_a_later_version_are_refused_and_left_as_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("access.db");
    let store = SqliteStore::open(&path).await.unwrap();
    store.migrate().await.unwrap();
    let pool = sqlx::SqlitePool::connect(&format!("sqlite://{}", path.display())).await.unwrap();
    sqlx::query(
        "INSERT INTO access_migrations (version, description, success, checksum, execution_time) \
         VALUES (99, 'later', TRUE, x'00', 0)",
    )
    .execute(&pool)
    .await
    .unwrap();
    let refused = store.migrate().await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Migration);
    assert_eq!(refused.to_string(), "migrate: the tables are not what this version expects");
    assert!(refused.source().is_some());
    // What refused has let go of the file.
    store.set_favorite(&jane(), &"c/1".parse().unwrap(), true).await.unwrap();
}

#[tokio::test]
async fn a_lock_is_not_kept_by_a_migration_that_is_refused() {
    let Some(postgres) = Postgres::found() else { return };
    let (schema, pool) = (schema("lock"), pool(&postgres).await);
    let store = PgStore::on_pool(pool.clone(), &schema).unwrap();
    store.migrate().await.unwrap();
    let later = format!(
        "INSERT INTO \"{schema}\".access_migrations \
         (version, description, success, checksum, execution_time) VALUES (99, 'later', TRUE, ''::bytea, 0)"
    );
    sqlx::query(sqlx::AssertSqlSafe(later)).execute(&pool).await.unwrap();
    assert_eq!(store.migrate().await.unwrap_err().kind(), ErrorKind::Migration);
    let other = PgStore::on_pool(pool, &format!("{schema}_b")).unwrap();
    let migrated = tokio::time::timeout(Duration::from_secs(20), other.migrate()).await;
    migrated.expect("nobody holds the lock").unwrap();
    swept(&postgres, "lock").await;
}

#[tokio::test]
async fn a_schema_name_that_is_more_than_a_name_is_refused() {
    let pool = sqlx::postgres::PgPoolOptions::new()
        .connect_lazy("postgres://nobody@127.0.0.1:1/none")
        .unwrap();
    for wrong in ["", "Access", "1st", "a b", "a\"; DROP SCHEMA public; --", "a.b", &"x".repeat(64)]
    {
        let refused = PgStore::on_pool(pool.clone(), wrong).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::InvalidInput, "{wrong}");
        assert!(wrong.len() < 2 || !refused.to_string().contains(wrong));
    }
    PgStore::on_pool(pool, "access_2").unwrap();
}

#[tokio::test]
async fn what_was_forgotten_is_overwritten_in_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("access.db");
    let store = SqliteStore::open(&path).await.unwrap();
    store.migrate().await.unwrap();
    let digest = serde_json::from_value("ab".repeat(32).into()).unwrap();
    let (subject, key) = ("7001".to_owned(), Some("55".to_owned()));
    let link = Link { email: digest, subject, key, verified: NOON };
    store.set_link(&"op".parse().unwrap(), &jane(), Some(&link)).await.unwrap();
    let id: TapId = "t".parse().unwrap();
    store.claim(&id, &tapped(), NOON).await.unwrap();
    // What was told, and what was found out later.
    store.settle(&id, &told("accepted", "reference-told"), None).await.unwrap();
    let record = store.taps(&TapQuery::new()).await.unwrap().pop().unwrap();
    store.amend(record.number, &told("opened", "reference-later")).await.unwrap();
    store.forget(&jane()).await.unwrap();
    let is_gone = || {
        let mut is_there = false;
        for file in std::fs::read_dir(folder.path()).unwrap() {
            let path = file.unwrap().path();
            let bytes = std::fs::read(&path).unwrap();
            let holds = |text: &str| bytes.windows(text.len()).any(|part| part == text.as_bytes());
            is_there |= holds("access_taps");
            for gone in ["jane", "reference-told", "reference-later", "7001", &"ab".repeat(32)] {
                assert!(!holds(gone), "{gone} was forgotten, and is in {}", path.display());
            }
        }
        assert!(is_there, "it is looked for in the right place");
    };
    // While the service runs, as much as afterwards.
    is_gone();
    store.close().await;
    is_gone();
}

#[tokio::test]
async fn a_lease_that_has_ended_goes_when_taps_are_pruned_and_its_token_is_given_to_nobody_else() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("access.db");
    let store = SqliteStore::open(&path).await.unwrap();
    store.migrate().await.unwrap();
    let ended = store.lease("key/USER7001", Duration::from_secs(45)).await.unwrap().unwrap();
    let held = store.lease("key/USER7002", Duration::from_mins(5)).await.unwrap().unwrap();
    store.release(&ended).await.unwrap();
    store.prune(NOON).await.unwrap();
    assert_eq!(store.lease(&held.name, Duration::from_secs(45)).await.unwrap(), None);
    let again = store.lease(&ended.name, Duration::from_secs(45)).await.unwrap().unwrap();
    assert!(again.token.parse::<i64>().unwrap() > ended.token.parse::<i64>().unwrap());
    store.release(&again).await.unwrap();
    store.prune(NOON).await.unwrap();
    store.close().await;
    let bytes = std::fs::read(&path).unwrap();
    let holds = |text: &str| bytes.windows(text.len()).any(|part| part == text.as_bytes());
    assert!(holds("USER7002") && !holds("USER7001"));
}

#[tokio::test]
async fn tables_are_made_in_a_schema_that_is_there_without_the_right_to_make_one() {
    let Some(postgres) = Postgres::found() else { return };
    let schema = schema("granted");
    let admin = pool(&postgres).await;
    let as_admin = async |sql: String| {
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&admin).await.unwrap();
    };
    as_admin(format!("CREATE ROLE {schema}; CREATE SCHEMA {schema} AUTHORIZATION {schema}")).await;
    let role = schema.clone();
    let options = sqlx::postgres::PgPoolOptions::new().after_connect(move |connection, _| {
        let become_it = sqlx::AssertSqlSafe(format!("SET ROLE {role}"));
        Box::pin(async move { sqlx::raw_sql(become_it).execute(connection).await.map(|_| ()) })
    });
    let service = options.connect(&postgres.url()).await.unwrap();
    let store = PgStore::on_pool(service.clone(), &schema).unwrap();
    store.migrate().await.unwrap();
    assert_eq!(store.favorites(&jane()).await.unwrap(), []);
    let other = format!("{schema}_other");
    let refused = PgStore::on_pool(service, &other).unwrap().migrate().await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Unavailable);
    swept(&postgres, "granted").await;
    as_admin(format!("DROP ROLE {schema}")).await;
}

/// Whether the lease is free again once the database's clock, which was a day ahead, is set right.
async fn is_free_once_the_clock_is_right<T>(
    store: &impl Store,
    set_right: impl Future<Output = T>,
) {
    let ttl = Duration::from_secs(45);
    store.lease("key/USER7001", ttl).await.unwrap().unwrap();
    assert_eq!(store.lease("key/USER7001", ttl).await.unwrap(), None);
    set_right.await;
    assert!(store.lease("key/USER7001", ttl).await.unwrap().is_some());
    assert_eq!(store.lease("key/USER7001", ttl).await.unwrap(), None);
}

#[tokio::test]
async fn a_lease_taken_while_the_databases_clock_was_ahead_is_over_once_it_is_right() {
    let a_day_ahead = |tables: &str| {
        let a_day = Duration::from_hours(24).as_micros();
        sqlx::AssertSqlSafe(format!("UPDATE {tables}leases SET until = until + {a_day}"))
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("access.db");
    let store = SqliteStore::open(&path).await.unwrap();
    store.migrate().await.unwrap();
    let file = sqlx::SqlitePool::connect(&format!("sqlite://{}", path.display())).await.unwrap();
    let set_right = sqlx::query(a_day_ahead("access_")).execute(&file);
    is_free_once_the_clock_is_right(&store, set_right).await;
    let Some(postgres) = Postgres::found() else { return };
    let schema = schema("ahead");
    let pool = pool(&postgres).await;
    let store = PgStore::on_pool(pool.clone(), &schema).unwrap();
    store.migrate().await.unwrap();
    let set_right = sqlx::query(a_day_ahead(&format!("{schema}.access_"))).execute(&pool);
    is_free_once_the_clock_is_right(&store, set_right).await;
    swept(&postgres, "ahead").await;
}

#[tokio::test]
async fn what_was_claimed_before_a_restart_of_the_server_is_claimed_after_it() {
    let Some(Postgres::Own(cluster)) = Postgres::found() else { return };
    let postgres = Postgres::Own(cluster);
    let store = PgStore::on_pool(pool(&postgres).await, &schema("restart")).unwrap();
    store.migrate().await.unwrap();
    let id: TapId = "t".parse().unwrap();
    assert!(matches!(store.claim(&id, &tapped(), NOON).await.unwrap(), Claim::Granted { .. }));
    let lease = store.lease("key/7", Duration::from_mins(30)).await.unwrap();
    assert!(lease.is_some());
    let Postgres::Own(cluster) = &postgres else { unreachable!() };
    cluster.halt().unwrap();
    let tap = tapped();
    let claim = store.claim(&id, &tap, NOON);
    let down = tokio::time::timeout(Duration::from_millis(200), claim).await;
    assert!(!matches!(down, Ok(Ok(_))), "a server that is down grants nothing");
    cluster.go_on().unwrap();
    let again = store.claim(&id, &tapped(), NOON).await.unwrap();
    assert_eq!(again, Claim::Open { answer_by: NOON });
    assert_eq!(store.lease("key/7", Duration::from_mins(30)).await.unwrap(), None);
}

#[tokio::test]
async fn a_row_that_cannot_be_read_is_an_error_that_names_its_column() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("access.db");
    let store = SqliteStore::open(&path).await.unwrap();
    store.migrate().await.unwrap();
    let pool = sqlx::SqlitePool::connect(&format!("sqlite://{}", path.display())).await.unwrap();
    for (sql, said) in [
        (
            "INSERT INTO access_favorites VALUES ('jane', 'no door', 1)",
            "favorites: door: cannot be read",
        ),
        (
            "INSERT INTO access_taps (id, resident, door, tapped_at, written_at, answer_by, outcome) \
             VALUES ('t', 'jane', 'c/1', 1, 1, 1, '{\"outcome\":\"wide open\"}')",
            "tap: outcome: cannot be read",
        ),
    ] {
        sqlx::query(sql).execute(&pool).await.unwrap();
        let error = if said.starts_with("tap") {
            store.tap(&"t".parse().unwrap(), &jane(), &tapped().door).await.map(|_| ())
        } else {
            store.favorites(&jane()).await.map(|_| ())
        };
        assert_eq!(error.unwrap_err().as_error().to_string(), said);
    }
}
