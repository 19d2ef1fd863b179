//! The same on real sockets: how many connections a client holds open to one host while very many tap.
//!
//! In real time, so it tells nothing of latency, and takes as long as an order may. Three servers on loopback: two take
//! a while for each order, one takes orders and never says so.

use std::{error::Error, fmt, sync::Arc, time::Duration};

use elevate_access::{
    Access, ConnectionId, DoorId, MemoryConnections, MemoryDirectory, MemoryStore, Outcome, Tap,
    TapId,
};
use elevate_access_testkit::{Fault, FaultKind, Loopback, TestClock, Vendor, openpath, seam};
use elevate_transport::{HttpWire, Wire};
use tokio::{
    runtime::Builder,
    time::{Instant, sleep},
};

use super::{
    Arguments,
    house::{
        openpath_provider, organisation, resident, settle, two_n_provider, vendor_door, workspace,
    },
    report::{ORDERS, OTHERS},
    witness::{InFlight, Witness},
};

/// How many servers there are.
const SERVERS: u32 = 3;

/// How long an order takes that is answered.
const ORDER: Duration = Duration::from_millis(300);

/// How long a connection may lie unused; nothing is left after twice that.
const IDLE: Duration = Duration::from_secs(3);

/// How many connections one client may hold open: one for each request in flight, and some that came up for a request
/// which another connection, freed meanwhile, has served.
const OPEN: usize = ORDERS + OTHERS + 32;

/// What was seen of each server.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Report {
    taps: u32,
    servers: Vec<Server>,
}

#[derive(Clone, Debug)]
struct Server {
    name: &'static str,
    taps: usize,
    opened: usize,
    /// The most orders, and the most of all else, in flight at once.
    orders: usize,
    others: usize,
    /// The most connections that were open at once, by what the server saw, and how many were left.
    open: usize,
    left: usize,
}

impl Report {
    /// Whether connections were bounded at each server, and none was left.
    pub fn is_fine(&self) -> bool {
        self.servers.iter().all(|it| {
            it.orders <= ORDERS
                && it.others <= OTHERS
                && it.open <= OPEN
                && it.left == 0
                && it.open > 0
        })
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} taps at once, real sockets on loopback", self.taps)?;
        writeln!(
            f,
            "\n  {:<24} {:>5} {:>7} {:>17} {:>15} {:>17} {:>5}",
            "",
            "taps",
            "opened",
            "orders in flight",
            "others in flight",
            "open connections",
            "left"
        )?;
        writeln!(
            f,
            "  {:<24} {:>13} {ORDERS:>17} {OTHERS:>15} {OPEN:>17} {:>5}",
            "at most", "", 0
        )?;
        for it in &self.servers {
            let Server { name, taps, opened, orders, others, open, left } = it;
            writeln!(
                f,
                "  {name:<24} {taps:>5} {opened:>7} {orders:>17} {others:>15} {open:>17} {left:>5}"
            )?;
        }
        let fine = "passed: open connections are bounded, however many tap";
        writeln!(f, "\n{}", if self.is_fine() { fine } else { "FAILED: they are not bounded" })
    }
}

/// Taps over real sockets.
///
/// # Errors
/// If no server can be had.
pub fn run(arguments: &Arguments) -> Result<Report, Box<dyn Error>> {
    Builder::new_current_thread().enable_all().build()?.block_on(taps(arguments))
}

async fn taps(arguments: &Arguments) -> Result<Report, Box<dyn Error>> {
    let Arguments { doors, taps, seed, .. } = *arguments;
    let (clock, people, table) =
        (TestClock::new(), MemoryDirectory::new(), MemoryConnections::new());
    let residents = taps.div_ceil(SERVERS);
    let all = Arc::<InFlight>::default();
    let (mut servers, mut witnesses, mut access_doors) = (Vec::new(), Vec::new(), Vec::new());
    for number in 0..SERVERS {
        let building = settle(&people, number, doors, residents)?;
        let connection = ConnectionId::new(format!("connection-{number}"))?;
        let witness = Arc::new(Witness::new(Arc::clone(&all)));
        let http = HttpWire::builder().only_root_certificates([]).build()?;
        let wire: Arc<dyn Wire> = witness.around(Arc::new(http));
        let is_openpath = number == 0;
        let slow = Fault::before(FaultKind::SlowConnect(ORDER));
        let (name, server, provider) = if is_openpath {
            let vendor = Vendor::new(organisation(number, doors, residents));
            vendor.faults(|faults| faults.on(openpath::ORDER_PATH, 0, u32::MAX, slow));
            let server = Loopback::start(vendor, clock).await?;
            let provider = openpath_provider(server.base_url().into(), number, wire, seed)?;
            ("Openpath", server, provider)
        } else {
            let vendor = Vendor::new(workspace(number, doors));
            let (name, fault) = match number {
                1 => ("2N", slow),
                _ => ("2N, never says so", Fault::after(FaultKind::Stall)),
            };
            vendor.faults(|faults| faults.on(seam::ORDER_PATH, 0, u32::MAX, fault));
            let server = Loopback::start(vendor, clock).await?;
            let at = server.base_url().into();
            (name, server, two_n_provider(at, number, &building, wire, seed)?)
        };
        table.connect(&building, &connection, provider);
        servers.push((name, server));
        witnesses.push(witness);
        access_doors.push(move |one: u32| -> Result<DoorId, Box<dyn Error>> {
            Ok(format!("{connection}/{}", vendor_door(is_openpath, one % doors)).parse()?)
        });
    }
    let access = Access::builder()
        .directory(people)
        .connections(table)
        .store(MemoryStore::new())
        .clock(clock)
        .build()?;

    let mut callers = Vec::new();
    for tap in 0..taps {
        let (number, one) = (tap % SERVERS, tap / SERVERS);
        let (resident, door) = (resident(number, one)?, access_doors[number as usize](one)?);
        let (access, id) = (access.clone(), TapId::new(format!("tap-{tap}"))?);
        callers.push(tokio::spawn(async move {
            let outcome = access.unlock(&resident, &door, Tap::now().with_id(id)).await;
            matches!(outcome, Ok(Outcome::Opened(_) | Outcome::Accepted(_)))
        }));
    }
    let mut opened = vec![(0, 0); servers.len()];
    for (tap, caller) in callers.into_iter().enumerate() {
        let got_in = caller.await?;
        let server = &mut opened[tap % SERVERS as usize];
        *server = (server.0 + 1, server.1 + usize::from(got_in));
    }
    let done = Instant::now();
    let is_open = |servers: &[(&str, Loopback)]| servers.iter().any(|it| it.1.connections() > 0);
    while is_open(&servers) && done.elapsed() < IDLE * 3 {
        sleep(Duration::from_millis(50)).await;
    }
    let seen = servers.iter().zip(&witnesses).zip(opened);
    let servers = seen.map(|(((name, server), witness), (taps, opened))| Server {
        name,
        taps,
        opened,
        orders: witness.orders.most(),
        others: witness.others.most(),
        open: server.most_connections(),
        left: server.connections(),
    });
    Ok(Report { taps, servers: servers.collect() })
}
