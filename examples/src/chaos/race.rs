//! The first taps of one resident race on real processes that share one store: a SQLite file, or a PostgreSQL.

use std::time::Duration;

use elevate_access::{Clock as _, SystemClock};
use elevate_access_sql::{PgStore, SqliteStore};
use elevate_access_testkit::{Fault, FaultKind, Loopback, TestClock, Vendor};
use futures_util::future::join_all;
use tokio::time::sleep;

use super::{
    Arguments,
    conductor::{Processes, TAKES},
    phone,
    report::Report,
    truth,
    worker::{Orders, is_postgres},
};
use crate::quickstart::Failure;

/// Within what time all taps come, and the kills with them.
const RACE: Duration = Duration::from_secs(2);

/// Runs the race: so many taps of one resident, each at a door of its own, through any of the processes.
///
/// # Errors
/// If the stage cannot be set up. What goes wrong on it is in the report.
pub async fn run(arguments: &Arguments, racers: u16, store: &str) -> Result<Report, Failure> {
    let run = format!("{}_{}", SystemClock.now().as_microsecond(), std::process::id());
    let schema = format!("first_tap_{run}");
    let sweep = if is_postgres(store) {
        let pool = sqlx::PgPool::connect(store).await?;
        PgStore::on_pool(pool.clone(), &schema)?.migrate().await?;
        Some(pool)
    } else {
        SqliteStore::open(store).await?.migrate().await?;
        None
    };
    let entries: Vec<u64> =
        (0..racers).map(|number| truth::ENTRIES[0] + u64::from(number)).collect();
    let openpath = Vendor::new(truth::openpath(1, &entries));
    openpath.faults(|faults| faults.always(Fault::before(FaultKind::SlowConnect(TAKES))));
    let clock = TestClock::starting_at(SystemClock.now());
    let loopback = Loopback::start(openpath.clone(), clock).await?;
    let (database, vendor) = (store.to_owned(), loopback.base_url().to_string());
    let orders = Orders { database, schema: schema.clone(), vendor, residents: 1 };
    let processes = Processes::start(orders, arguments.processes, arguments.seed).await?;

    let mut dice = fastrand::Rng::with_seed(arguments.seed);
    let mut within = |time: Duration| time.mul_f64(dice.f64());
    let begins: Vec<Duration> = entries.iter().map(|_| within(RACE)).collect();
    let mut kills: Vec<Duration> = (0..arguments.kills).map(|_| within(RACE)).collect();
    kills.sort_unstable();
    let phones = entries.iter().zip(begins).map(|(entry, begins)| {
        phone::taps(&processes, 0, *entry, format!("{run}-{entry}"), begins)
    });
    let killer = async {
        let mut passed = Duration::ZERO;
        for at in kills {
            sleep(at.saturating_sub(passed)).await;
            passed = at;
            processes.kill_one().await?;
        }
        Ok::<(), Failure>(())
    };
    let (endings, done) = tokio::join!(join_all(phones), killer);
    done?;

    let ledger = openpath.ledger().orders().to_vec();
    let keys = openpath.with(|openpath| openpath.cloud_keys(truth::user(0)));
    let report = Report::of(arguments, &endings, &ledger, &[keys]);
    if let Some(pool) = sweep {
        let sweep = format!("DROP SCHEMA {schema} CASCADE");
        sqlx::raw_sql(sqlx::AssertSqlSafe(sweep)).execute(&pool).await?;
    }
    Ok(report)
}
