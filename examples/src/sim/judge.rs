//! What must not be: counted from what the front door said against what wire and vendors saw.

use std::time::Duration;

use elevate_access::{Error, Outcome};
use tokio::time::Instant;

use super::{
    cast::{NAMES, Vendor},
    seen::{Answered, Attempt, Body, Call, Kept, Press, Seen, Sent, connection},
    verdicts::Verdicts,
};

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
        self.judge_what_is_left(&mut findings);
        findings
    }

    /// What stands where at the end: with the service of those who were forgotten, and at the vendors.
    fn judge_what_is_left(&self, findings: &mut Vec<Finding>) {
        let last = |resident: usize, at: Instant| {
            let theirs = |p: &Press| p.resident == resident && p.at <= at;
            self.presses.iter().rposition(theirs).unwrap_or_default()
        };
        for Kept { resident, at, what } in &self.kept {
            let words = format!("{} was forgotten, and {what}", NAMES[*resident]);
            let press = last(*resident, *at);
            findings.push(Finding { count: |v| &mut v.not_forgotten, press, words });
        }
        let press = self.presses.len().saturating_sub(1);
        for (user, keys) in self.keys.iter().filter(|(_, keys)| *keys > 1) {
            let words = format!("user {user} of Openpath has {keys} cloud keys");
            findings.push(Finding { count: |v| &mut v.keys_per_user, press, words });
        }
        for write in &self.other_writes {
            let words = format!("a vendor was asked for {write}");
            findings.push(Finding { count: |v| &mut v.other_writes, press, words });
        }
    }

    /// What is found out afterwards has to fit as what was told at once has to.
    fn judge_later(&self, findings: &mut Vec<Finding>) {
        for (id, outcome) in &self.later {
            let press = self.presses.iter().position(|p| p.id.as_ref() == Some(id) && !p.is_forged);
            let Some(number) = press else { continue };
            let press = &self.presses[number];
            // It may have joined an order that had started before. A connection that refused is tried again: what came of the order is what the last attempt was told.
            let orders = self.sent.iter().filter(|s| {
                s.resident == press.resident
                    && s.at + ANSWER_WITHIN >= press.at
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
        self.calls_of(press).filter(|c| self.presses[c.press].id.is_some()).any(|c| {
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
            let has_led =
                |n: usize| (0..leads.len()).any(|m| leads[m].is_some() && self.is_one_tap(n, m));
            let free = |n: &usize| !has_led(*n) && in_time(n);
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
                let others = self.calls_of(call.press).count() > 1;
                if let Some(body) = body
                    .filter(|b| !others && b.at >= call.begun && b.at <= call.ended + SEND_WITHIN)
                {
                    lie(format!("error {e}, and an order was sent for {}", body.what()));
                }
                self.judge_refusal(call, e, &mut lie);
            }
            Some(Ok(outcome)) => self.judge_outcome(press, call, outcome, &mut lie),
        }
    }

    /// Whoever sends their own ticket or id is not told that it is another's, unless they were forgotten.
    fn judge_refusal(&self, call: &Call, error: &Error, lie: &mut impl FnMut(String)) {
        let press = &self.presses[call.press];
        let forgotten = |(who, at): &(usize, Instant)| *who == press.resident && *at <= call.ended;
        let is_wrong = !press.is_forged
            && match error.code() {
                "ticket_refused" => true,
                "tap_id_taken" => !self.forgets.iter().any(forgotten),
                _ => false,
            };
        if is_wrong {
            lie(format!("error {error}, and it was their own"));
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
        let pressed = self.first_pressed(call.press);
        let orders = self.sent.iter().filter(|s| {
            let door = format!("{}/{}", connection(s.vendor), s.door);
            s.resident == press.resident
                && door == press.door
                && !matches!(s.answer, Answered::Never)
                && s.at <= call.ended
                && (s.id.is_some() && s.id == press.id || s.at + ANSWER_WITHIN >= pressed)
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
