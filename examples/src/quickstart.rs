//! The quickstart: both vendors on loopback, and a walk through what a resident meets.
//!
//! Read it in this order; each part is short.
//!
//! - `service.rs`: what a service does once, when it starts. This is the part to copy.
//! - `works.rs`: first use, the list of doors, a favourite, a tap, at each vendor.
//! - `fails.rs`: what goes wrong, what the resident and the manager are told, and what the door did.
//! - `people.rs` and `stand_ins.rs`: who lives where, and the vendors that stand on loopback.
//!
//! Each step tells what the front door answered, and what the vendor's own ledger of orders shows. The tour
//! ends with an error as soon as one of them is not as told.

mod fails;
mod page;
mod people;
mod service;
pub(crate) mod stand_ins;
mod works;

use std::{error::Error, io::Write, path::PathBuf};

use elevate_access::{Access, Door, DoorList, MemoryDirectory, Outcome};
use elevate_access_testkit::{Effect, Order, TestClock, openpath::Operation};

use page::Page;
pub use people::emails;
use stand_ins::StandIns;

/// Why the tour ended before its end.
pub type Failure = Box<dyn Error + Send + Sync>;

/// Where a step happens, as the transcript says it.
const LARKSPUR: &str = "Larkspur Court, Openpath";
const MAPLE: &str = "Maple Court, 2N";

/// Openpath's own id of Jane.
const JANE_AT_OPENPATH: u64 = 7001;

/// Goes through all steps and writes down what happens.
///
/// The text is the same at each run: no port, time, duration or random id is in it.
///
/// # Errors
/// If a step does not go as told, or the text cannot be written.
pub async fn run(out: &mut (dyn Write + Send)) -> Result<(), Failure> {
    // The stand-ins live in March 2026, whatever day it is.
    let stand_ins = StandIns::start(TestClock::new()).await?;
    let directory = people::directory()?;
    let folder = tempfile::tempdir()?;
    let store_file = folder.path().join("access.db");
    let access = service::access(&stand_ins, directory.clone(), &store_file).await?;

    let page = Page::new(out);
    let mut tour = Tour { access, directory, stand_ins, store_file, page, told: 0 };
    opening(&mut tour.page)?;
    works::part(&mut tour).await?;
    fails::part(&mut tour).await?;
    closing(&mut tour)
}

/// What the steps share.
struct Tour<'a> {
    access: Access,
    directory: MemoryDirectory,
    stand_ins: StandIns,
    /// Where the service keeps what outlives it.
    store_file: PathBuf,
    page: Page<'a>,
    /// How many of the vendors' orders were told of.
    told: usize,
}

fn opening(page: &mut Page<'_>) -> Result<(), Failure> {
    page.title("ElevateOS access SDK: quickstart")?;
    page.paragraph(
        "Two vendors stand on this machine's loopback interface, seeded from fixtures/. All else is what \
         a service runs: the HTTP clients, a provider for each vendor, a store in a file, and the front \
         door, `Access`. \
         Nothing leaves this machine.",
    )?;
    page.gap()?;
    page.row("Larkspur Court", "Openpath, which knows residents by e-mail:")?;
    page.row("", "Omar, Inês, Noah and Jane live here")?;
    page.row("Maple Court", "2N through Seam, where doors belong to units:")?;
    page.row("", "Ana lives in 101, Dan in 102, Ben in Apt 103, Cleo in 203")?;
    page.gap()?;
    page.paragraph(
        "Each step shows what the resident sees in the app, and where it matters what the property \
         manager is told and what the door did, as the vendor's own ledger of orders has it. The code of \
         the steps is in examples/src/quickstart/.",
    )?;
    page.gap()?;
    page.row("PMS", "the property-management system (PMS): who lives where, with which e-mail")?;
    page.row("Current", "what the PMS says of those who live there now: nobody else opens a door")?;
    page.row("entry", "what Openpath calls a door that it can open")?;
    page.row(
        "cloud key",
        "what an Openpath user needs to open entries from afar; made at first use",
    )?;
    Ok(())
}

fn closing(tour: &mut Tour<'_>) -> Result<(), Failure> {
    let orders = tour.stand_ins.orders();
    let opened = orders.iter().filter(|order| order.effect == Effect::Opened).count();
    ensure(orders.len() == tour.told, "each order was told of")?;
    let (openpath, seam) = (&tour.stand_ins.openpath, &tour.stand_ins.seam);
    let keys = openpath.with(|it| it.count(Operation::CreateCredential));
    ensure(keys == 3, "a key was made for Omar, Inês and Noah, and for nobody else")?;
    ensure(
        openpath.with(|it| it.cloud_keys(JANE_AT_OPENPATH)) == 1,
        "Jane has the key that she came with",
    )?;
    let other_writes =
        openpath.with(|it| it.forbidden().len()) + seam.with(|it| it.forbidden().len());
    ensure(other_writes == 0, "nothing but keys and unlocks was written")?;
    ensure(openpath.with(|it| it.secrets_in_urls()) == 0, "no URL held an e-mail or a secret")?;

    tour.page.part("What the vendors saw in all")?;
    tour.page.row("Orders to open", &format!("{}; a door opened {opened} times", orders.len()))?;
    tour.page.row(
        "Cloud keys made",
        &format!("{keys}: for Omar, Inês and Noah at first use, one each; Jane had one already"),
    )?;
    tour.page.row("Other writes", "none: no user, right or device was touched")?;
    tour.page.row("Openpath's URLs", "without an e-mail, a password or a token")?;
    tour.page.end()?;
    Ok(())
}

impl Tour<'_> {
    /// Shows a list of doors as an app would.
    fn shows_doors(&mut self, who: &str, list: &DoorList) -> Result<(), Failure> {
        let mut label = format!("{who} sees");
        for door in &list.doors {
            let star = if door.favorite { "★" } else { "·" };
            self.page.row(&label, &format!("{star} {}", door.name))?;
            label.clear();
            if let Some(remark) = door.blocked.as_ref().or(door.notice.as_ref()) {
                self.page.row("", &format!("  {}", remark.for_resident()))?;
            }
        }
        for problem in &list.problems {
            self.page.row(&label, &problem.reason.for_resident())?;
            self.page.row("the manager", &problem.reason.for_manager())?;
            label.clear();
        }
        Ok(())
    }

    /// Shows what became of a tap.
    fn shows_outcome(&mut self, who: &str, outcome: &Outcome) -> Result<(), Failure> {
        let kind = match outcome {
            Outcome::Opened(_) => "Opened",
            Outcome::Accepted(_) => "Accepted",
            Outcome::NotOpened(receipt) if receipt.certain => "NotOpened: certain",
            Outcome::NotOpened(_) => "NotOpened: the vendor's word, not proof",
            Outcome::Unknown(_) => "Unknown",
        };
        self.page.row("Outcome", kind)?;
        self.page.row(&format!("{who} sees"), &outcome.for_resident())?;
        self.page.row("the manager", &outcome.for_manager())?;
        Ok(())
    }

    /// Shows why a tap was refused.
    fn shows_refusal(&mut self, who: &str, error: &elevate_access::Error) -> Result<(), Failure> {
        self.page.row("Outcome", "Err: no order left this process")?;
        self.page.row(&format!("{who} sees"), &error.for_resident())?;
        self.page.row("the manager", &error.for_manager())?;
        Ok(())
    }

    /// The orders that arrived since they were last shown, by the vendors' ledgers.
    fn new_orders(&self) -> Vec<Order> {
        self.stand_ins.orders().split_off(self.told)
    }

    /// Shows what the door did since this was last shown, and returns it.
    fn shows_doings(&mut self) -> Result<Vec<Order>, Failure> {
        let new = self.new_orders();
        let text = match new.as_slice() {
            [] => "was not asked: no order arrived",
            [order] => match order.effect {
                Effect::Opened => "opened: one order arrived",
                Effect::Failed => "stayed shut, though one order arrived",
                Effect::Refused => "stayed shut: one order arrived and was turned down",
                Effect::Pending => "one order arrived, and is still under way",
            },
            _ => return Err("more than one order arrived for one tap".into()),
        };
        self.page.row("the door", text)?;
        self.told += new.len();
        Ok(new)
    }
}

/// The door of that name on the list.
fn named<'a>(list: &'a DoorList, name: &str) -> Result<&'a Door, Failure> {
    let door = list.doors.iter().find(|door| door.name == name);
    door.ok_or_else(|| format!("no door is called {name}").into())
}

/// Ends the tour unless it went as told.
fn ensure(holds: bool, told: &str) -> Result<(), Failure> {
    if holds { Ok(()) } else { Err(format!("this did not hold: {told}").into()) }
}

/// Whether one order arrived and led to that.
fn is_one(doings: &[Order], effect: Effect) -> bool {
    matches!(doings, [order] if order.effect == effect)
}
