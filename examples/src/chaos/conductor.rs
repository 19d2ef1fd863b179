//! Starts the processes, kills them, and has the phones tap.

use std::{
    collections::HashMap,
    process::Stdio,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use elevate_access::{Clock as _, Outcome, SystemClock};
use elevate_access_sql::PgStore;
use elevate_access_testkit::{
    Fault, FaultKind, Loopback, TestClock, Vendor,
    postgres::{Cluster, DATABASE_URL},
};
use futures_util::future::join_all;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    process::{Child, ChildStdin, Command},
    sync::oneshot,
    time::{sleep, timeout},
};

use super::{
    Arguments,
    phone::{self, Ending},
    report::Report,
    truth,
    worker::{Asked, Orders, Told},
};
use crate::quickstart::Failure;

/// Within what time the first taps come, and the kills with them.
const STORM: Duration = Duration::from_secs(20);

/// How long the vendor takes over each call, so that whoever is killed has something under way.
pub(super) const TAKES: Duration = Duration::from_millis(150);

/// How long a phone waits for an answer: somewhat longer than a tap may take.
const ANSWER: Duration = Duration::from_secs(15);

type Waiting = HashMap<u64, oneshot::Sender<Result<Outcome, String>>>;

/// All processes of the service, behind something like a load balancer.
pub(super) struct Processes {
    orders: Orders,
    running: Vec<tokio::sync::Mutex<Option<Process>>>,
    waiting: Arc<Mutex<Waiting>>,
    numbers: AtomicU64,
    dice: Mutex<fastrand::Rng>,
}

struct Process {
    child: Child,
    input: ChildStdin,
}

impl Processes {
    pub(super) async fn start(
        orders: Orders,
        how_many: u16,
        seed: u64,
    ) -> Result<Arc<Self>, Failure> {
        let processes = Self {
            orders,
            running: (0..how_many).map(|_| tokio::sync::Mutex::new(None)).collect(),
            waiting: Arc::default(),
            numbers: AtomicU64::new(1),
            dice: Mutex::new(fastrand::Rng::with_seed(seed)),
        };
        for place in &processes.running {
            *place.lock().await = Some(processes.one().await?);
        }
        Ok(Arc::new(processes))
    }

    async fn one(&self) -> Result<Process, Failure> {
        let mut child = Command::new(std::env::current_exe()?)
            .arg("--worker")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let mut input = child.stdin.take().ok_or("no input")?;
        let mut orders = serde_json::to_vec(&self.orders)?;
        orders.push(b'\n');
        input.write_all(&orders).await?;
        let output = child.stdout.take().ok_or("no output")?;
        let waiting = self.waiting.clone();
        tokio::spawn(async move {
            let mut lines = BufReader::new(output).lines();
            while let Ok(Some(line)) = lines.next_line().await {
                if let Ok(told) = serde_json::from_str::<Told>(&line)
                    && let Some(phone) = lock(&waiting).remove(&told.number)
                {
                    let _ = phone.send(told.outcome);
                }
            }
        });
        Ok(Process { child, input })
    }

    /// Sends the tap through any process; `None` if no answer comes.
    pub(super) async fn ask(&self, mut asked: Asked) -> Option<Result<Outcome, String>> {
        asked.number = self.numbers.fetch_add(1, Ordering::Relaxed);
        let (tell, told) = oneshot::channel();
        lock(&self.waiting).insert(asked.number, tell);
        let place = lock(&self.dice).usize(..self.running.len());
        let mut line = serde_json::to_vec(&asked).ok()?;
        line.push(b'\n');
        let sent = match &mut *self.running[place].lock().await {
            Some(process) => process.input.write_all(&line).await.is_ok(),
            None => false,
        };
        let answer = if sent { timeout(ANSWER, told).await.ok()?.ok() } else { None };
        lock(&self.waiting).remove(&asked.number);
        answer
    }

    /// Kills any of them, and starts another in its place.
    pub(super) async fn kill_one(&self) -> Result<(), Failure> {
        let place = lock(&self.dice).usize(..self.running.len());
        let mut place = self.running[place].lock().await;
        if let Some(process) = &mut *place {
            process.child.kill().await?;
        }
        *place = Some(self.one().await?);
        Ok(())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // No section below can panic half-way.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs all of it. `None` where no PostgreSQL is installed.
///
/// # Errors
/// If the stage cannot be set up. What goes wrong on it is in the report.
pub async fn run(arguments: &Arguments) -> Result<Option<Report>, Failure> {
    let (database, cluster) = match std::env::var(DATABASE_URL) {
        Ok(url) => (url, None),
        Err(_) => match Cluster::start()? {
            Some(cluster) => (cluster.url(), Some(cluster)),
            None => return Ok(None),
        },
    };
    let schema = format!("chaos_{}", std::process::id());
    let pool = sqlx::PgPool::connect(&database).await?;
    PgStore::on_pool(pool.clone(), &schema)?.migrate().await?;
    let openpath = Vendor::new(truth::openpath(arguments.residents, &truth::ENTRIES));
    let clock = TestClock::starting_at(SystemClock.now());
    openpath.faults(|faults| faults.always(Fault::before(FaultKind::SlowConnect(TAKES))));
    let loopback = Loopback::start(openpath.clone(), clock).await?;
    let vendor = loopback.base_url().to_string();
    let residents = arguments.residents;
    let orders = Orders { database, schema: schema.clone(), vendor, residents };
    let processes = Processes::start(orders, arguments.processes, arguments.seed).await?;

    let mut dice = fastrand::Rng::with_seed(arguments.seed);
    let mut within = |time: Duration| time.mul_f64(dice.f64());
    let storm = (0..residents).flat_map(|number| truth::ENTRIES.map(|entry| (number, entry)));
    let storm: Vec<_> = storm.map(|(number, entry)| (number, entry, within(STORM))).collect();
    let mut kills: Vec<_> = (0..arguments.kills).map(|_| within(STORM)).collect();
    kills.sort_unstable();
    let phones = storm.into_iter().map(|(number, entry, begins)| {
        let processes = processes.clone();
        let tap = format!("{number}-{entry}");
        async move { phone::taps(&processes, number, entry, tap, begins).await }
    });
    let killer = async {
        let mut passed = Duration::ZERO;
        for (count, at) in kills.iter().enumerate() {
            sleep(at.saturating_sub(passed)).await;
            passed = *at;
            processes.kill_one().await?;
            // In the middle of it the database goes, too.
            if count == kills.len() / 2
                && let Some(cluster) = &cluster
            {
                cluster.restart()?;
            }
        }
        Ok::<(), Failure>(())
    };
    let (mut endings, done) = tokio::join!(join_all(phones), killer);
    done?;
    let calm = (0..residents).map(|number| {
        let (processes, tap) = (processes.clone(), format!("{number}-calm"));
        let entry = truth::ENTRIES[usize::from(number % 2)];
        async move {
            let begins = Duration::from_millis(20) * u32::from(number);
            phone::taps(&processes, number, entry, tap, begins).await
        }
    });
    let calm: Vec<Ending> = join_all(calm).await;
    endings.extend(calm);

    let ledger = openpath.ledger().orders().to_vec();
    let keys: Vec<_> =
        (0..residents).map(|n| openpath.with(|o| o.cloud_keys(truth::user(n)))).collect();
    let report = Report::of(arguments, &endings, &ledger, &keys);
    let sweep = format!("DROP SCHEMA {schema} CASCADE");
    sqlx::raw_sql(sqlx::AssertSqlSafe(sweep)).execute(&pool).await?;
    Ok(Some(report))
}
