//! Every fault at every step of a flow, generated: what the resident is told, and whether it is true.
mod asking;

use std::{fmt::Write as _, time::Duration};

use elevate_access::{Error, Freshness, Outcome};
use tokio::time::{Instant, sleep};

pub use asking::{Reading, check, diagnose};

use crate::{Fault, FaultKind, Reply, contract::Stage};

/// What a vendor says in turning something down: it may name anybody, who is to be named nowhere else.
const REFUSAL: &str = r#"{"message":"not for some.canary@example.com"}"#;

/// Every fault, with a name for the table. Each is tried before the vendor acted and after.
pub fn faults() -> Vec<(String, FaultKind)> {
    let mut faults: Vec<(String, FaultKind)> = [
        ("refused", FaultKind::Refuse),
        ("slow connect, 3 s", FaultKind::SlowConnect(Duration::from_secs(3))),
        ("slow connect, 6 s", FaultKind::SlowConnect(Duration::from_secs(6))),
        ("reset", FaultKind::Reset),
        ("stall", FaultKind::Stall),
        ("trickle", FaultKind::Trickle(Duration::from_secs(1))),
        ("cut", FaultKind::Cut),
        ("200 invalid JSON", FaultKind::invalid_json()),
        ("200 HTML", FaultKind::html_200()),
        ("200 deep JSON", FaultKind::deep_json(100_000)),
        ("200 of 100 MB", FaultKind::oversized(100 * 1000 * 1000)),
        ("200 gzip bomb", FaultKind::compressed_bomb()),
        ("200 empty", FaultKind::Instead(Reply::empty(200))),
        ("200 {}", FaultKind::status(200, "{}")),
        ("202", FaultKind::status(202, "{}")),
        (
            "429, Retry-After 1",
            FaultKind::Instead(Reply::json(429, "{}").header("retry-after", "1")),
        ),
        ("503, Retry-After 1", FaultKind::Instead(Reply::json(503, "").header("retry-after", "1"))),
    ]
    .map(|(name, kind)| (name.to_owned(), kind))
    .into();
    for status in [301, 302, 303, 307, 308] {
        faults.push((format!("{status} elsewhere"), FaultKind::redirect(status, "/elsewhere")));
    }
    for status in [400, 401, 403, 404, 408, 409, 422, 500, 502, 504] {
        faults.push((format!("{status}"), FaultKind::status(status, REFUSAL)));
    }
    faults
}

/// Goes through every step, every fault, before and after the vendor acted, once and lastingly: a first tap
/// on a fresh stage each. Judges each outcome by the wire and the ledger, and returns the table to be kept
/// as a snapshot.
///
/// `steps` are the ends of the flow's paths; `order` is the one of the order itself. Runs in paused time.
///
/// # Panics
/// If an outcome is not true, or comes too late.
pub async fn run(set_the_stage: impl Fn() -> Stage, steps: &[&str], order: &str) -> String {
    let mut table = String::new();
    for step in steps {
        let _ = writeln!(table, "== {step}");
        for (name, kind) in faults() {
            for acted in [false, true] {
                if acted && happens_before_the_vendor_acts(&kind) {
                    continue;
                }
                let fault = Fault { kind: kind.clone(), acted };
                let once = cell(&set_the_stage, step, order, 1, &fault).await;
                let lasting = cell(&set_the_stage, step, order, u32::MAX, &fault).await;
                let when = if acted { ", acted on" } else { "" };
                let what = format!("{name}{when}");
                let both =
                    if once == lasting { once } else { format!("{once} | lasting: {lasting}") };
                let _ = writeln!(table, "{what:<32} {both}");
            }
        }
    }
    table
}

/// What never connects, or only late, is the same whether or not the vendor acts.
fn happens_before_the_vendor_acts(kind: &FaultKind) -> bool {
    matches!(kind, FaultKind::Refuse | FaultKind::SlowConnect(_))
}

async fn cell(
    set_the_stage: &impl Fn() -> Stage,
    step: &str,
    order: &str,
    times: u32,
    fault: &Fault,
) -> String {
    let stage = set_the_stage();
    let access = stage.access();
    stage.backstage.meets(step, 0, times, fault.clone());
    let begun = Instant::now();
    let tapped = stage.tap(&access).await;
    let took = begun.elapsed();
    let context = format!("{step}, {fault}, {times} times: {tapped:?}");
    assert!(took <= Duration::from_secs(13), "{context} took {took:?}");
    // Whatever is still under way arrives, if it ever does.
    sleep(Duration::from_secs(30)).await;
    judge(&stage, &tapped, &context, step == order && fault.acted);
    // And the list, which the same fault may meet, is an answer in time as well.
    let begun = Instant::now();
    let listed = access.doors(&stage.resident, Freshness::Fresh).await;
    assert!(begun.elapsed() <= Duration::from_secs(11), "{context}: the list took too long");
    assert!(listed.is_ok(), "{context}: a vendor's trouble is a problem of the list: {listed:?}");
    words(&tapped)
}

/// The outcome against the wire and the ledger.
fn judge(stage: &Stage, tapped: &Result<Outcome, Error>, context: &str, denied: bool) {
    let (bodies, arrived) = (stage.orders_started().len(), stage.arrived());
    let opened = stage.backstage.opened(stage.door.vendor_id().as_str());
    assert!(bodies <= 1, "{bodies} bodies: {context}");
    assert!(arrived <= 1, "{arrived} orders: {context}");
    match tapped {
        Err(_) => assert_eq!((bodies, arrived), (0, 0), "an error, and an order: {context}"),
        Ok(Outcome::Opened(_)) => assert_eq!(opened, 1, "said to be open: {context}"),
        Ok(Outcome::Accepted(_)) => assert_eq!((bodies, arrived), (1, 1), "{context}"),
        // A vendor that acts and then denies it is taken at its word; the law says for which answers.
        Ok(Outcome::NotOpened(r)) => {
            assert!(!r.certain || opened == 0 || denied, "certain, and it opened: {context}");
        }
        Ok(Outcome::Unknown(_)) => {
            assert_eq!(bodies, 1, "unknown, and nothing was sent: {context}");
        }
    }
}

fn words(tapped: &Result<Outcome, Error>) -> String {
    match tapped {
        Err(e) => format!("error {}", e.code()),
        Ok(Outcome::Opened(_)) => "opened".into(),
        Ok(Outcome::Accepted(_)) => "accepted".into(),
        Ok(Outcome::NotOpened(r)) if r.certain => {
            format!("NOT OPENED {}", r.reason.as_ref().map_or("", |r| r.code()))
        }
        Ok(Outcome::NotOpened(r)) => {
            format!("not opened {}", r.reason.as_ref().map_or("", |r| r.code()))
        }
        Ok(Outcome::Unknown(r)) => {
            format!("unknown {}", r.reason.as_ref().map_or("", |r| r.code()))
        }
    }
}
