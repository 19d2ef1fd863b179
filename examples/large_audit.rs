//! A large organisation, audited: how many calls, seconds and megabytes.
//!
//! ```sh
//! cargo run --release --example large_audit -- --users 50000 --residents 2000
//! ```
//!
//! The organisation stands in the test kit's stand-in for Openpath. One resident in twenty is spelled otherwise
//! there, one in fifty is missing, and the rest of the users are nobody's. What the audit holds in memory is told
//! apart from what the stand-in holds, and from a quarter of as many users beside it.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program that prints its report")]
#![expect(clippy::disallowed_methods, reason = "it measures, so it reads the clock")]

use std::{error::Error, process::ExitCode, sync::Arc, time::Instant};

use clap::Parser;
use elevate_access::{
    Access, AuditEvent, AuditOptions, BuildingId, ConnectionId, MemoryConnections, MemoryDirectory,
    MemoryStore, Residency, Resident, ResidentId, Unit, UnitId, Urgency, VerifiedEmail,
};
use elevate_access_testkit::{
    MemoryWire, TestClock, Vendor,
    openpath::{Openpath, User},
};
use elevate_openpath::{Client, Credentials, OpenpathProvider, OrgId};
use futures_util::StreamExt as _;
use peak_alloc::PeakAlloc;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

const ORG: u64 = 5120;
const ACCOUNT: &str = "service@example.com";
const PASSWORD: &str = "made up for this process";

/// How large the organisation is.
#[derive(Debug, Parser)]
struct Arguments {
    /// How many users it has.
    #[arg(long, default_value_t = 50_000, value_parser = clap::value_parser!(u64).range(100..=150_000))]
    users: u64,
    /// How many residents the building has.
    #[arg(long, default_value_t = 2_000, value_parser = clap::value_parser!(u64).range(20..=20_000))]
    residents: u64,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let Arguments { users, residents } = Arguments::parse();
    println!("   users  residents  calls  findings  to fix  likely  milliseconds  peak MiB");
    for part in [4, 2, 1] {
        if let Err(error) = measure(users / part, residents.min(users / part)).await {
            eprintln!("The organisation could not be audited: {error}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

async fn measure(users: u64, residents: u64) -> Result<(), Box<dyn Error>> {
    let building = BuildingId::new("maple")?;
    let mut organisation = Openpath::new(ORG).service_account(ACCOUNT, PASSWORD);
    let directory = MemoryDirectory::new();
    directory.set_units(&building, Vec::new());
    for number in 0..users {
        let email = match number {
            spelled if spelled < residents && spelled % 20 == 0 => {
                format!("tenant.number{spelled}+door@example.com")
            }
            missing if missing < residents && missing % 50 == 1 => {
                format!("someone.else{missing}@other.example")
            }
            number => format!("tenant.number{number}@example.com"),
        };
        organisation.add_user(User::active(10_000 + number, &email));
    }
    for number in 0..residents {
        let unit = Unit::new(UnitId::new(format!("u{number}"))?, format!("Apt {number}"));
        let email = VerifiedEmail::from_pms(format!("tenant.number{number}@example.com"))?;
        let resident = Resident::new(ResidentId::new(format!("r{number}"))?).with_email(email);
        directory.put(resident.with_residency(Residency::current(building.clone(), unit)));
    }
    let clock = TestClock::new();
    let wire = MemoryWire::new(Vendor::new(organisation), clock);
    let credentials = Credentials::password(ACCOUNT, PASSWORD);
    let client = Client::builder("https://openpath.example", OrgId::from(ORG), credentials)
        .wire(Arc::new(wire))
        .build()?;
    let connections = MemoryConnections::new();
    let connection = ConnectionId::new("openpath")?;
    connections.connect(&building, &connection, Arc::new(OpenpathProvider::new(client)));
    let access = Access::builder()
        .directory(directory)
        .connections(connections)
        .store(MemoryStore::new())
        .clock(clock)
        .build()?;

    let held = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    let begun = Instant::now();
    let mut events = access.audit(&building, AuditOptions::new()).await?;
    let (mut findings, mut must_fix, mut likely, mut end) = (0, 0, 0, None);
    while let Some(event) = events.next().await {
        match event {
            AuditEvent::Finding(finding) => {
                findings += 1;
                must_fix += usize::from(finding.urgency == Urgency::MustFix);
                likely += usize::from(finding.likely.is_some());
            }
            AuditEvent::Ended(ended) => end = Some(ended),
            _ => {}
        }
    }
    let took = begun.elapsed().as_millis();
    let peak = MEMORY.peak_usage().saturating_sub(held) / (1 << 20);
    let end = end.ok_or("the audit did not end")?;
    let [audit] = end.connections.as_slice() else { return Err("one connection".into()) };
    if let Some(why) = &audit.failed {
        return Err(why.for_manager().into());
    }
    println!(
        "{users:>8}  {residents:>9}  {:>5}  {findings:>8}  {must_fix:>6}  {likely:>6}  {took:>12}  {peak:>8}",
        audit.calls
    );
    Ok(())
}
