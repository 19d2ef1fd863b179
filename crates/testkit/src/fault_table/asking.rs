//! Every fault at every reading of a diagnosis or a check: what the manager is told, and whether it is so.

use std::{fmt::Write as _, time::Duration};

use elevate_access::{Check, CheckResult, Health, HealthState, Reason};
use tokio::time::sleep;

use super::{faults, happens_before_the_vendor_acts};
use crate::{
    Fault, FaultKind,
    contract::{self, Stage, is_trouble},
};

/// One reading that a diagnosis or a check makes, and what hangs on it.
#[derive(Clone, Copy, Debug)]
pub struct Reading {
    path_end: &'static str,
    tells: &'static [&'static str],
    without: HealthState,
}

impl Reading {
    /// One without which nothing works: a check then says [`Down`](HealthState::Down), and a diagnosis fails
    /// at the first precondition of `tells`. They are named by how they begin.
    pub const fn vital(path_end: &'static str, tells: &'static [&'static str]) -> Self {
        Self { path_end, tells, without: HealthState::Down }
    }

    /// One without which something fails, and the rest can be told.
    pub const fn needed(path_end: &'static str, tells: &'static [&'static str]) -> Self {
        Self { path_end, tells, without: HealthState::Degraded }
    }

    /// One that only helps: without it the preconditions of `tells` are unknown, and nothing else changes.
    pub const fn helpful(path_end: &'static str, tells: &'static [&'static str]) -> Self {
        Self { path_end, tells, without: HealthState::Ok }
    }

    /// Of everything, the end of the path is empty.
    fn name(&self) -> &str {
        if self.path_end.is_empty() { "everything" } else { self.path_end }
    }

    fn is_told(&self, check: &Check) -> bool {
        self.tells.iter().any(|start| check.what.starts_with(start))
    }
}

/// One way in which one reading goes wrong.
struct Case<'a> {
    reading: &'a Reading,
    fault: Fault,
    is_lasting: bool,
}

impl Case<'_> {
    /// Whether the vendor's word cannot come through, however often it is asked.
    fn is_lost(&self) -> bool {
        // What comes late may still come.
        self.is_lasting && !matches!(self.fault.kind, FaultKind::SlowConnect(_))
    }

    fn name(&self) -> String {
        let times = if self.is_lasting { "lastingly" } else { "once" };
        format!("while {} meets {} {times}", self.reading.name(), self.fault)
    }

    fn arrange(&self, stage: &Stage) {
        let times = if self.is_lasting { u32::MAX } else { 1 };
        stage.backstage.meets(self.reading.path_end, 0, times, self.fault.clone());
    }
}

/// Goes through every reading of [`Access::diagnose`](elevate_access::Access::diagnose) for the resident and
/// the door, and every fault, before and after the vendor acted, once and lastingly, on a fresh stage each on
/// which all is well. Judges each answer, and returns the table to be kept as a snapshot.
///
/// # Panics
/// If something is ordered or written, an answer comes too late, or something is said that is not so.
pub async fn diagnose(set_the_stage: impl Fn() -> Stage, readings: &[Reading]) -> String {
    let well = diagnosed(&set_the_stage(), "while all is well").await;
    assert!(well.iter().all(|check| check.failure().is_none()), "{well:?}");
    table(&well, readings, async |case| {
        let (stage, when) = (set_the_stage(), case.name());
        case.arrange(&stage);
        let told = diagnosed(&stage, &when).await;
        sleep(Duration::from_secs(30)).await;
        stage.expect_hands_off(&when);
        judge_diagnosis(&well, &told, &case);
        changes(&well, &told)
    })
    .await
}

/// The same for [`Access::check`](elevate_access::Access::check).
///
/// # Panics
/// As [`diagnose`].
pub async fn check(set_the_stage: impl Fn() -> Stage, readings: &[Reading]) -> String {
    let stage = set_the_stage();
    let well = contract::health(&stage, &stage.access(), "while all is well").await;
    assert_eq!(well.state, HealthState::Ok, "{well}");
    table(&well.checks, readings, async |case| {
        let (stage, when) = (set_the_stage(), case.name());
        case.arrange(&stage);
        let told = contract::health(&stage, &stage.access(), &when).await;
        sleep(Duration::from_secs(30)).await;
        stage.expect_hands_off(&when);
        assert!(!told.to_string().contains('@'), "an e-mail {when}: {told}");
        judge_health(&well, &told, &case);
        let codes: Vec<_> = told.reasons.iter().map(Reason::code).collect();
        let changed = changes(&well.checks, &told.checks);
        match codes.as_slice() {
            [] => changed,
            codes => format!("{:?} {}: {changed}", told.state, codes.join(", ")),
        }
    })
    .await
}

/// What the connection's diagnosis tells.
async fn diagnosed(stage: &Stage, when: &str) -> Vec<Check> {
    let mut told = contract::diagnosis(stage, &stage.access(), when).await;
    assert!(!told.to_string().contains('@'), "an e-mail {when}: {told}");
    assert_eq!(told.connections.len(), 1, "{when}: {told}");
    told.connections.remove(0).checks
}

/// A precondition that could not be read is unknown or the vendor's trouble; all others read as ever.
fn judge_diagnosis(well: &[Check], told: &[Check], case: &Case<'_>) {
    let (reading, when) = (case.reading, case.name());
    if reading.without == HealthState::Ok {
        return judge_helpful(well, told, case);
    }
    let Some(first) = told.iter().position(|check| check.failure().is_some()) else {
        assert!(!case.is_lost(), "nothing is wrong {when}: {told:?}");
        // It came in the end, and may have left no time for what only helps.
        return judge_unknowns(well, told, &when, |_| true);
    };
    let (before, rest) = told.split_at(first);
    judge_unknowns(&well[..first], before, &when, |_| reading.path_end.is_empty());
    for (nth, check) in rest.iter().enumerate() {
        match &check.result {
            CheckResult::Failed(why) => {
                assert!(nth == 0 && is_trouble(why.cause()), "{when}: {check}");
            }
            CheckResult::Unknowable(_) => {}
            _ => assert!(well.contains(check), "{when}: {check}"),
        }
    }
    let fails_there = reading.tells.is_empty() || rest.first().is_some_and(|c| reading.is_told(c));
    assert!(fails_there, "{when}: {told:?}");
}

fn judge_helpful(well: &[Check], told: &[Check], case: &Case<'_>) {
    let when = case.name();
    judge_unknowns(well, told, &when, |check| case.reading.is_told(check));
    let is_known = |(was, is): &(&Check, &Check)| case.reading.is_told(is) && was == is;
    let known = well.iter().zip(told).find(is_known);
    assert!(!case.is_lost() || known.is_none(), "known {when}: {known:?}");
}

/// Each reads as ever, or is one of those that may be unknown and is.
fn judge_unknowns(well: &[Check], told: &[Check], when: &str, may_be: impl Fn(&Check) -> bool) {
    assert_eq!(well.len(), told.len(), "{when}: {told:?}");
    for (was, is) in well.iter().zip(told) {
        let is_unknown = matches!(is.result, CheckResult::Unknowable(_)) && may_be(is);
        assert!(was == is || (is_unknown && was.what == is.what), "{when}: {is}");
    }
}

/// Never well when something needed could not be read, never down for something that only helps.
fn judge_health(well: &Health, told: &Health, case: &Case<'_>) {
    let (reading, when) = (case.reading, case.name());
    let is_as_ever = told.state == well.state && told.checks == well.checks;
    assert!(told.state == reading.without || (is_as_ever && !case.is_lost()), "{when}: {told}");
    assert!(told.reasons.iter().all(|why| is_trouble(why.cause())), "{when}: {told}");
    match reading.without {
        HealthState::Ok => judge_helpful(&well.checks, &told.checks, case),
        HealthState::Degraded => {
            assert_eq!(well.checks.len(), told.checks.len(), "{when}: {told}");
            for (was, is) in well.checks.iter().zip(&told.checks) {
                assert!(was == is || reading.is_told(is), "{when}: {is}");
                assert!(!(case.is_lost() && was == is && reading.is_told(is)), "{when}: {is}");
            }
        }
        HealthState::Down => {
            let passes = |check: &&Check| check.result == CheckResult::Passed;
            for check in told.checks.iter().filter(passes) {
                let is_lost = case.is_lost() && reading.is_told(check);
                assert!(well.checks.contains(check) && !is_lost, "{when}: {check}");
            }
        }
    }
}

/// The preconditions, numbered, and a line for each fault with what it changes of them.
async fn table(
    well: &[Check],
    readings: &[Reading],
    cell: impl AsyncFn(Case<'_>) -> String,
) -> String {
    let mut table = String::new();
    for (nth, check) in (1..).zip(well) {
        let line = check.to_string();
        let _ = writeln!(table, "{nth:>2} {}", line.trim());
    }
    for reading in readings {
        let _ = writeln!(table, "== {}", reading.name());
        for (name, kind) in faults() {
            let mut lines: Vec<String> = Vec::new();
            for acted in [false, true] {
                if acted && happens_before_the_vendor_acts(&kind) {
                    continue;
                }
                let fault = Fault { kind: kind.clone(), acted };
                let once = cell(Case { reading, fault: fault.clone(), is_lasting: false }).await;
                let lasting = cell(Case { reading, fault, is_lasting: true }).await;
                lines.push(if once == lasting {
                    once
                } else {
                    format!("{once} | lasting: {lasting}")
                });
            }
            // What is said is mostly the same whether or not the vendor read the request.
            lines.dedup();
            for (line, when) in lines.iter().zip(["", ", acted on"]) {
                let _ = writeln!(table, "{:<28} {line}", format!("{name}{when}"));
            }
        }
    }
    table
}

/// What reads otherwise than when all is well, by the numbers of the preconditions.
fn changes(well: &[Check], told: &[Check]) -> String {
    let was = |check: &Check| well.iter().position(|was| was.what == check.what);
    let is_unknown = |check: &Check| matches!(check.result, CheckResult::Unknowable(_));
    let mut changes: Vec<(String, Vec<String>)> = Vec::new();
    for (nth, check) in told.iter().enumerate() {
        let at = was(check);
        if at.is_some_and(|at| well[at] == *check) {
            continue;
        }
        let word = match &check.result {
            CheckResult::Passed => "ok".to_owned(),
            CheckResult::Failed(why) => format!("FAILED {}", why.code()),
            CheckResult::Unknowable(why) => format!("unknown ({why})"),
            other => format!("{other:?}"),
        };
        let name = at.map_or_else(|| check.what.clone(), |at| (at + 1).to_string());
        match changes.last_mut() {
            Some((same, names)) if *same == word => names.push(name),
            _ => changes.push((word, vec![name])),
        }
        // What failed first hides the rest.
        let rest = &told[nth + 1..];
        if check.failure().is_some() && !rest.is_empty() && rest.iter().all(is_unknown) {
            changes.push(("unknown".to_owned(), vec!["all after it".to_owned()]));
            break;
        }
    }
    let text = |(word, names): &(String, Vec<String>)| format!("{} {word}", names.join(" "));
    let text: Vec<_> = changes.iter().map(text).collect();
    if text.is_empty() { "-".to_owned() } else { text.join(", ") }
}
