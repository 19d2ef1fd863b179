//! Action attempts: how they end, when, and what the door does meanwhile.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::json::{Object, object};
use crate::{Effect, Ledger, Order};

/// How an action attempt ends, as the vendor will say it. The attempt's text carries neither a time nor a
/// device, at the vendor and here.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AttemptEnd {
    /// `success` with `was_confirmed_by_device: true`: the only confirmation there is.
    Confirmed,
    /// `success` with `was_confirmed_by_device: false`: handed to the provider.
    Unconfirmed,
    /// `success` with `result: null`.
    ResultNull,
    /// `success` with `result: {}`.
    ResultEmpty,
    /// `success` without the fields `result` and `error`, as in the vendor's older samples.
    NoResultField,
    /// `error`. The vendor lists no types for unlocking.
    Error {
        /// `error.type`.
        kind: String,
        /// `error.message`.
        message: String,
    },
    /// `pending`, for ever.
    PendingForever,
    /// A status that no specification knows.
    OddStatus(String),
}

impl AttemptEnd {
    /// `error` with that type and message.
    pub fn error(kind: &str, message: &str) -> Self {
        Self::Error { kind: kind.to_owned(), message: message.to_owned() }
    }

    /// What the door does, unless a test says otherwise.
    fn usual_effect(&self) -> Effect {
        match self {
            Self::Error { .. } => Effect::Failed,
            Self::PendingForever | Self::OddStatus(_) => Effect::Pending,
            _ => Effect::Opened,
        }
    }

    fn show(&self, shown: &mut Object, echo: &str) {
        let mut say = |status: &str, result: Value, error: Value| {
            shown.insert("status".to_owned(), json!(status));
            shown.insert("result".to_owned(), result);
            shown.insert("error".to_owned(), error);
        };
        match self {
            Self::Confirmed => {
                say("success", json!({ "was_confirmed_by_device": true }), Value::Null);
            }
            Self::Unconfirmed => {
                say("success", json!({ "was_confirmed_by_device": false }), Value::Null);
            }
            Self::ResultNull => say("success", Value::Null, Value::Null),
            Self::ResultEmpty => say("success", json!({}), Value::Null),
            Self::NoResultField => {
                shown.insert("status".to_owned(), json!("success"));
            }
            Self::Error { kind, message } => {
                let message = format!("{message}{echo}");
                say("error", Value::Null, json!({ "type": kind, "message": message }));
            }
            Self::PendingForever => say("pending", Value::Null, Value::Null),
            Self::OddStatus(status) => say(status, Value::Null, Value::Null),
        }
    }
}

/// When an attempt's end is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pace {
    /// So soon that the reply to the order tells it.
    InTheReply,
    /// That long after the order; the reply to the order says `pending`.
    After(Duration),
}

/// What is planned for a device's next orders; where it is silent, the usual holds.
#[derive(Clone, Debug, Default)]
struct Plan {
    pace: Option<Pace>,
    end: Option<AttemptEnd>,
    door: Option<Effect>,
    next: VecDeque<AttemptEnd>,
}

/// One attempt.
#[derive(Clone)]
struct Attempt {
    device: String,
    end: AttemptEnd,
    effect: Effect,
    settled: bool,
    /// Its order's place in the ledger.
    entry: usize,
    echo: String,
}

/// All attempts, and the plans for those to come.
#[derive(Clone)]
pub(super) struct Attempts {
    all: Vec<Attempt>,
    /// Those that have still to settle, by their time.
    due: BTreeSet<(Timestamp, usize)>,
    /// Those that settled since they were last told.
    untold: Vec<usize>,
    usual_pace: Pace,
    usual_end: AttemptEnd,
    plans: BTreeMap<String, Plan>,
}

/// What the ids of attempts begin with; a number in hexadecimal ends them.
const ID: &str = "5ea3a77e-0000-4000-8000-";

impl Attempts {
    pub(super) fn new() -> Self {
        Self {
            all: Vec::new(),
            due: BTreeSet::new(),
            untold: Vec::new(),
            usual_pace: Pace::After(Duration::from_millis(700)),
            usual_end: AttemptEnd::Confirmed,
            plans: BTreeMap::new(),
        }
    }

    pub(super) fn usually_take(&mut self, pace: Pace) {
        self.usual_pace = pace;
    }

    pub(super) fn usually_end(&mut self, end: AttemptEnd) {
        self.usual_end = end;
    }

    pub(super) fn take(&mut self, device: &str, pace: Pace) {
        self.plan(device).pace = Some(pace);
    }

    pub(super) fn end(&mut self, device: &str, end: AttemptEnd) {
        self.plan(device).end = Some(end);
    }

    pub(super) fn next_ends(&mut self, device: &str, end: AttemptEnd) {
        self.plan(device).next.push_back(end);
    }

    pub(super) fn door_really(&mut self, device: &str, effect: Option<Effect>) {
        self.plan(device).door = effect;
    }

    fn plan(&mut self, device: &str) -> &mut Plan {
        self.plans.entry(device.to_owned()).or_default()
    }

    /// Takes an order: enters it in the ledger and returns the attempt as the reply shows it.
    ///
    /// `end` stands in for what was planned; `wait` (the parameter `sync`) makes the reply tell the end.
    pub(super) fn order(
        &mut self,
        device: &str,
        end: Option<AttemptEnd>,
        wait: bool,
        echo: String,
        now: Timestamp,
        ledger: &mut Ledger,
    ) -> Value {
        let mut none = Plan::default();
        let plan = self.plans.get_mut(device).unwrap_or(&mut none);
        let end = end
            .or_else(|| plan.next.pop_front())
            .or_else(|| plan.end.clone())
            .unwrap_or_else(|| self.usual_end.clone());
        let effect = plan.door.unwrap_or_else(|| end.usual_effect());
        let pace = plan.pace.unwrap_or(self.usual_pace);
        let number = self.all.len();
        let entry = ledger.enter(Order {
            door: device.to_owned(),
            who: String::new(),
            at: now,
            reference: Some(id(number)),
            effect: Effect::Pending,
        });
        self.all.push(Attempt {
            device: device.to_owned(),
            end,
            effect,
            settled: false,
            entry,
            echo,
        });
        let wait = wait || pace == Pace::InTheReply;
        let after = match pace {
            Pace::After(after) if !wait => after,
            _ => Duration::ZERO,
        };
        if let Ok(due) = now.checked_add(after) {
            self.due.insert((due, number));
        }
        if wait {
            self.advance(now, ledger);
        }
        self.show(number)
    }

    /// Settles what is due by `now`, in the ledger too.
    pub(super) fn advance(&mut self, now: Timestamp, ledger: &mut Ledger) {
        while let Some(&(due, number)) = self.due.first()
            && due <= now
        {
            self.due.pop_first();
            if let Some(attempt) = self.all.get_mut(number) {
                attempt.settled = true;
                self.untold.push(number);
                ledger.settle(attempt.entry, attempt.effect);
            }
        }
    }

    /// What there is to tell of those that settled since this was last asked: events carry neither a reason nor a
    /// confirmation.
    pub(super) fn settled(&mut self) -> Vec<(&'static str, Value)> {
        let mut told = Vec::new();
        for number in std::mem::take(&mut self.untold) {
            let Some(attempt) = self.all.get(number) else { continue };
            let about = |status: &str| {
                json!({
                    "action_attempt_id": id(number),
                    "device_id": attempt.device,
                    "status": status,
                })
            };
            match &attempt.end {
                AttemptEnd::Error { .. } => {
                    told.push(("action_attempt.unlock_door.failed", about("error")));
                }
                AttemptEnd::PendingForever | AttemptEnd::OddStatus(_) => {}
                _ => told.push(("action_attempt.unlock_door.succeeded", about("success"))),
            }
            if attempt.effect == Effect::Opened {
                let opened = json!({
                    "action_attempt_id": id(number),
                    "device_id": attempt.device,
                    "method": "remote",
                });
                told.push(("lock.unlocked", opened));
            }
        }
        told
    }

    /// The attempt of that id as the wire shows it.
    pub(super) fn get(&self, id: &str) -> Option<Value> {
        let number = usize::from_str_radix(id.strip_prefix(ID)?, 16).ok()?;
        (number < self.all.len()).then(|| self.show(number))
    }

    /// The attempts of a device, or all of them, the latest first. (The vendor's order is unknown.)
    pub(super) fn list(&self, device: Option<&str>) -> Vec<Value> {
        let mine = |attempt: &Attempt| device.is_none_or(|device| attempt.device == device);
        let numbers = (0..self.all.len()).rev();
        numbers.filter(|&number| mine(&self.all[number])).map(|number| self.show(number)).collect()
    }

    fn show(&self, number: usize) -> Value {
        let mut shown = object(json!({
            "action_attempt_id": id(number),
            "action_type": "UNLOCK_DOOR",
        }));
        match self.all.get(number) {
            Some(attempt) if attempt.settled => attempt.end.show(&mut shown, &attempt.echo),
            _ => AttemptEnd::PendingForever.show(&mut shown, ""),
        }
        Value::Object(shown)
    }
}

fn id(number: usize) -> String {
    format!("{ID}{number:012x}")
}
