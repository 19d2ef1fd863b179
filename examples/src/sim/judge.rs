//! What must not be: counted from what the front door said against what wire and vendors saw.

use std::{fmt, ops::AddAssign, time::Duration};

use elevate_access::{Error, Outcome};
use tokio::time::Instant;

use super::{cast::Vendor, history::History};

/// The six counts, each of which has to be 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Verdicts {
    /// A body that started after `send_within`.
    pub late: u64,
    /// A body more than there were presses to start it.
    pub double: u64,
    /// A body for a door in no grant of the resident within its age, or for one who was not Current
    /// within the last second.
    pub wrong_person: u64,
    /// An outcome or an error that disagrees with the wire or the ledger.
    pub dishonest: u64,
    /// A call that did not end in time.
    pub hung: u64,
    /// A task that panicked.
    pub panics: u64,
}

impl AddAssign for Verdicts {
    fn add_assign(&mut self, other: Self) {
        self.late += other.late;
        self.double += other.double;
        self.wrong_person += other.wrong_person;
        self.dishonest += other.dishonest;
        self.hung += other.hung;
        self.panics += other.panics;
    }
}

impl fmt::Display for Verdicts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "late {}", self.late)?;
        writeln!(f, "double {}", self.double)?;
        writeln!(f, "wrong person {}", self.wrong_person)?;
        writeln!(f, "dishonest {}", self.dishonest)?;
        writeln!(f, "hung past the deadline {}", self.hung)?;
        writeln!(f, "panics {}", self.panics)
    }
}

/// One wish: pressed once, sent to the service once or more.
#[derive(Clone, Debug)]
pub(super) struct Press {
    pub(super) resident: usize,
    pub(super) door: String,
    /// The id that the phone gave it, if it did.
    pub(super) id: Option<String>,
    pub(super) at: Instant,
    /// Whether nobody pressed: a ticket that is another's or for another door.
    pub(super) is_forged: bool,
}

/// One call of `unlock`.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub(super) press: usize,
    pub(super) begun: Instant,
    pub(super) ended: Instant,
    /// `None` if the caller gave up, or the node died.
    pub(super) died: bool,
    pub(super) result: Option<Result<Outcome, Error>>,
}

/// One body of an order that started.
#[derive(Clone, Debug)]
pub(super) struct Body {
    /// The resident that the provider was asked for.
    pub(super) resident: usize,
    pub(super) vendor: Vendor,
    /// The vendor's id of the door.
    pub(super) door: String,
    /// The id of the tap that led.
    pub(super) id: Option<String>,
    pub(super) at: Instant,
}

/// How the wire answered an order, as the provider saw it.
#[derive(Clone, Debug)]
pub(super) struct Sent {
    pub(super) resident: usize,
    pub(super) vendor: Vendor,
    pub(super) door: String,
    pub(super) id: Option<String>,
    pub(super) at: Instant,
    pub(super) answer: Answered,
}

#[derive(Clone, Debug)]
pub(super) enum Answered {
    /// No byte of the body left.
    Never,
    /// No whole answer came.
    Lost,
    /// This one did: its status, whether its body was empty, and the attempt that it names.
    Whole { status: u16, empty: bool, attempt: Option<String> },
}

/// What became of a Seam action attempt, as its model knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Attempt {
    Confirmed,
    Unconfirmed,
    Failed,
    Pending,
}

/// Everything that was seen in an episode.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) history: History,
    pub(super) presses: Vec<Press>,
    pub(super) calls: Vec<Call>,
    pub(super) bodies: Vec<Body>,
    pub(super) sent: Vec<Sent>,
    pub(super) attempts: std::collections::BTreeMap<String, Attempt>,
    /// When the store kept a node from releasing a claim.
    pub(super) unreleased: Vec<Instant>,
    /// What was found out after the answer, by the tap's id.
    pub(super) later: Vec<(String, Outcome)>,
}

const SEND_WITHIN: Duration = Duration::from_secs(5);
/// 12 s, and a second for settling.
const ANSWER_WITHIN: Duration = Duration::from_secs(13);

/// Something that must not be.
pub(super) struct Finding {
    /// The count that it raises.
    pub(super) count: fn(&mut Verdicts) -> &mut u64,
    /// The press that it was seen at.
    pub(super) press: usize,
    pub(super) words: String,
}

impl Seen {
    pub(super) fn judge(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        self.judge_persons(&mut findings);
        let leads = self.judge_bodies(&mut findings);
        for call in &self.calls {
            self.judge_call(call, &leads, &mut findings);
        }
        self.judge_later(&mut findings);
        findings
    }

    /// What is found out afterwards has to fit as what was told at once has to.
    fn judge_later(&self, findings: &mut Vec<Finding>) {
        for (id, outcome) in &self.later {
            let press = self.presses.iter().position(|p| p.id.as_ref() == Some(id) && !p.is_forged);
            let Some(number) = press else { continue };
            let press = &self.presses[number];
            // A connection that refused is tried again: what came of the order is what the last attempt was told.
            let orders = self.sent.iter().filter(|s| {
                s.resident == press.resident
                    && s.at >= press.at
                    && press.is_for(s.vendor, &s.door)
                    && !matches!(s.answer, Answered::Never)
            });
            let mut orders: Vec<_> = orders.collect();
            if let Some(own) = orders.iter().find(|s| s.id == press.id) {
                orders = vec![*own];
            }
            if !orders.iter().any(|s| self.fits(outcome, s)) {
                let answers: Vec<_> = orders.iter().map(|s| &s.answer).collect();
                let told = told(outcome);
                let words = format!(
                    "of {} was found out {told}, and the order was answered {answers:?}",
                    press.what()
                );
                findings.push(Finding { count: |v| &mut v.dishonest, press: number, words });
            }
        }
    }

    /// Whether the press may hold its id claimed with no order sent: a node died, or the store's answer was lost.
    fn is_troubled(&self, press: usize) -> bool {
        let of_press = self.calls.iter().filter(|c| c.press == press);
        of_press.filter(|c| self.presses[c.press].id.is_some()).any(|c| {
            let failed = |e: &Error| matches!(e.code(), "store_failed" | "too_slow");
            // A claim is released before its call is answered.
            let kept = || self.unreleased.iter().any(|at| c.begun <= *at && *at <= c.ended);
            c.died || matches!(&c.result, Some(Err(e)) if failed(e) || kept())
        })
    }

    /// The press that a body is likely for, to say where in the episode it was seen.
    fn press_of(&self, body: &Body) -> usize {
        let mine = |p: &Press| p.resident == body.resident && p.id == body.id && p.at <= body.at;
        self.presses.iter().rposition(mine).unwrap_or_default()
    }

    fn judge_persons(&self, findings: &mut Vec<Finding>) {
        for body in &self.bodies {
            if !self.history.may_open(body.resident, body.vendor, &body.door, body.at) {
                let words = format!("an order for {}, which is in no grant", body.what());
                findings.push(Finding {
                    count: |v| &mut v.wrong_person,
                    press: self.press_of(body),
                    words,
                });
            }
        }
    }

    /// Finds for each body the press that it is for: each press has at most one, and in time.
    fn judge_bodies(&self, findings: &mut Vec<Finding>) -> Vec<Option<usize>> {
        let mut leads = vec![None; self.presses.len()];
        for (number, body) in self.bodies.iter().enumerate() {
            let door = format!("{}/{}", connection(body.vendor), body.door);
            let mine = |n: &usize| {
                let p = &self.presses[*n];
                let is_it = p.resident == body.resident && p.door == door && p.id == body.id;
                is_it && p.at <= body.at && !p.is_forged
            };
            let candidates: Vec<usize> = (0..self.presses.len()).filter(mine).collect();
            let in_time = |n: &usize| body.at - self.presses[*n].at <= SEND_WITHIN;
            let free = |n: &usize| leads[*n].is_none() && in_time(n);
            // Without an id any press of that door may be the one: the oldest that is in time, and rather
            // one that was not told that nothing was sent.
            let refused = |n: &usize| {
                body.id.is_none()
                    && self.calls.iter().any(|c| c.press == *n && matches!(c.result, Some(Err(_))))
            };
            let best = candidates.iter().find(|n| free(n) && !refused(n));
            if let Some(press) = best.or_else(|| candidates.iter().find(|n| free(n))).copied() {
                leads[press] = Some(number);
                continue;
            }
            let (count, what): (fn(&mut Verdicts) -> &mut u64, _) =
                if candidates.iter().any(in_time) {
                    (|v| &mut v.double, "with no press of its own")
                } else {
                    (|v| &mut v.late, "which started late")
                };
            let words = format!("an order for {}, {what}", body.what());
            findings.push(Finding { count, press: self.press_of(body), words });
        }
        leads
    }

    fn judge_call(&self, call: &Call, leads: &[Option<usize>], findings: &mut Vec<Finding>) {
        let press = &self.presses[call.press];
        if call.ended - call.begun > ANSWER_WITHIN {
            let took = call.ended - call.begun;
            let words = format!("a call for {} took {took:?}", press.what());
            findings.push(Finding { count: |v| &mut v.hung, press: call.press, words });
        }
        let mut lie = |what: String| {
            let words = format!("{} was told {what}", press.what());
            findings.push(Finding { count: |v| &mut v.dishonest, press: call.press, words });
        };
        match &call.result {
            None => {}
            Some(Err(e)) => {
                let body = leads[call.press].map(|number| &self.bodies[number]);
                // An earlier or later call of the same press may have sent; this one says that it did not.
                let others = self.calls.iter().filter(|c| c.press == call.press).count() > 1;
                if let Some(body) = body
                    .filter(|b| !others && b.at >= call.begun && b.at <= call.ended + SEND_WITHIN)
                {
                    lie(format!("error {e}, and an order was sent for {}", body.what()));
                }
            }
            Some(Ok(outcome)) => self.judge_outcome(press, call, outcome, &mut lie),
        }
    }

    fn judge_outcome(
        &self,
        press: &Press,
        call: &Call,
        outcome: &Outcome,
        lie: &mut impl FnMut(String),
    ) {
        // The order that this outcome speaks of: this press's own, or the one that it joined.
        let orders = self.sent.iter().filter(|s| {
            let door = format!("{}/{}", connection(s.vendor), s.door);
            s.resident == press.resident
                && door == press.door
                && !matches!(s.answer, Answered::Never)
                && s.at <= call.ended
                && (s.id.is_some() && s.id == press.id
                    || s.at + Duration::from_secs(13) >= press.at)
        });
        let mut orders: Vec<_> = orders.collect();
        if let Some(own) = orders.iter().find(|s| s.id.is_some() && s.id == press.id) {
            orders = vec![*own];
        }
        if orders.is_empty() {
            // Unknown is also said of a claim whose node said nothing.
            if matches!(outcome, Outcome::Unknown(_)) && self.is_troubled(call.press) {
                return;
            }
            return lie(format!("{} with no order sent", told(outcome)));
        }
        // With several orders in its time, an outcome is a lie only if it fits none of them.
        if !orders.iter().any(|s| self.fits(outcome, s)) {
            let answers: Vec<_> = orders.iter().map(|s| &s.answer).collect();
            lie(format!("{}, and the order was answered {answers:?}", told(outcome)));
        }
    }

    fn fits(&self, outcome: &Outcome, sent: &Sent) -> bool {
        if let Outcome::Unknown(_) = outcome {
            return true;
        }
        let Answered::Whole { status, empty, attempt } = &sent.answer else { return false };
        let certain = outcome.receipt().certain;
        match (outcome, sent.vendor, status) {
            (Outcome::NotOpened(_), Vendor::Openpath, 400..=499) => !certain || *status == 401,
            (Outcome::NotOpened(_), Vendor::Seam, 400..=499) => {
                !certain || matches!(status, 400 | 401 | 404 | 429)
            }
            (Outcome::Accepted(_), Vendor::Openpath, 204) => *empty && !certain,
            (_, Vendor::Seam, 200) => {
                let became = attempt.as_ref().and_then(|id| self.attempts.get(id));
                match (outcome, became) {
                    (Outcome::Opened(_), Some(Attempt::Confirmed)) => certain,
                    (Outcome::Accepted(_), Some(Attempt::Unconfirmed))
                    | (Outcome::NotOpened(_), Some(Attempt::Failed)) => !certain,
                    _ => false,
                }
            }
            _ => false,
        }
    }
}

fn told(outcome: &Outcome) -> String {
    let kind = match outcome {
        Outcome::Opened(_) => "opened",
        Outcome::Accepted(_) => "accepted",
        Outcome::NotOpened(_) => "not opened",
        Outcome::Unknown(_) => "unknown",
    };
    format!("{kind} ({})", outcome.code())
}

impl Press {
    fn is_for(&self, vendor: Vendor, door: &str) -> bool {
        self.door == format!("{}/{door}", connection(vendor))
    }

    fn what(&self) -> String {
        format!("{} at {}", super::cast::NAMES[self.resident], self.door)
    }
}

impl Body {
    fn what(&self) -> String {
        let (resident, vendor) = (super::cast::NAMES[self.resident], connection(self.vendor));
        format!("{resident} at {vendor}/{}", self.door)
    }
}

pub(super) fn connection(vendor: Vendor) -> &'static str {
    match vendor {
        Vendor::Openpath => super::cast::OPENPATH,
        Vendor::Seam => super::cast::SEAM,
    }
}
