//! What the taps were told, against what left and what arrived.

use std::collections::BTreeMap;

use elevate_access::{Error, Outcome, TapId};
use elevate_access_testkit::{Effect, Order};
use tokio::time::Instant;

use super::{
    house::{Body, Sent},
    step::Step,
};

/// A tap that ended.
pub(super) struct Tapped {
    pub(super) id: TapId,
    pub(super) node: usize,
    pub(super) door: usize,
    pub(super) begun: Instant,
    pub(super) ended: Instant,
    pub(super) result: Result<Outcome, Error>,
}

/// What came of everybody's tapping once.
#[derive(Clone, Debug, Default)]
pub struct Round {
    /// Requests that began to leave, by what they were for.
    pub sent: BTreeMap<Step, u64>,
    /// How the taps ended, in words, and how many.
    pub ends: BTreeMap<String, u64>,
    /// How many taps sent so many orders.
    pub orders: BTreeMap<usize, usize>,
    /// Orders that name none of the taps.
    pub nobodys: usize,
    /// What taps were told that is not so.
    pub dishonest: Vec<String>,
    /// Taps that hung or panicked.
    pub endless: usize,
}

impl Round {
    /// How many taps ended so.
    pub fn ended(&self, words: &str) -> u64 {
        self.ends.get(words).copied().unwrap_or(0)
    }

    /// The most orders that one tap sent.
    pub fn most_orders(&self) -> usize {
        self.orders.keys().next_back().copied().unwrap_or(0)
    }
}

pub(super) fn judge(
    racers: usize,
    mut tapped: Vec<Tapped>,
    sent: Sent,
    arrived: &[Order],
) -> Round {
    tapped.sort_by_key(|tap| (tap.begun, tap.node, tap.door));
    let mut round = Round { sent: sent.requests, ..Round::default() };
    round.endless = racers - tapped.len();
    let mut named = 0;
    for tap in &tapped {
        let id = Some(tap.id.as_str());
        let left = sent.orders.iter().filter(|body| body.tap.as_deref() == id).count();
        let came = arrived.iter().filter(|order| order.reference.as_deref() == id).count();
        named += left;
        *round.orders.entry(left.max(came)).or_default() += 1;
        *round.ends.entry(words(&tap.result)).or_default() += 1;
        if let Some(lie) = lie(tap, &tapped, &sent.orders, arrived) {
            round.dishonest.push(format!("{}, told {}: {lie}", tap.id, words(&tap.result)));
        }
    }
    round.nobodys = sent.orders.len() - named;
    round
}

fn words(result: &Result<Outcome, Error>) -> String {
    match result {
        Ok(Outcome::Opened(_)) => "opened".to_owned(),
        Ok(Outcome::Accepted(_)) => "accepted".to_owned(),
        Ok(outcome @ Outcome::NotOpened(_)) => format!("not opened, {}", outcome.code()),
        Ok(outcome @ Outcome::Unknown(_)) => format!("unknown, {}", outcome.code()),
        Err(error) => format!("no order, {}", error.code()),
    }
}

/// What is not so about what the tap was told, if anything.
///
/// A tap answers for its own order, or for the one that it joined. A door has one order at a time on a node, from
/// before it leaves until the tap that leads it is told, and whoever taps meanwhile joins. At the very moment
/// at which it ends, a tap may still have joined it, or not: that moment clears and does not accuse.
fn lie(tap: &Tapped, all: &[Tapped], left: &[Body], arrived: &[Order]) -> Option<&'static str> {
    let is_own = |body: &Body| body.tap.as_deref() == Some(tap.id.as_str());
    let joined = |body: &Body, over: fn(&Instant, &Instant) -> bool| {
        let there = (body.node, body.door) == (tap.node, Some(tap.door));
        let leader = all.iter().find(|other| body.tap.as_deref() == Some(other.id.as_str()));
        there
            && body.at <= tap.ended
            && leader.is_some_and(|leader| over(&leader.ended, &tap.begun))
    };
    let may_be: Vec<_> =
        left.iter().filter(|body| is_own(body) || joined(body, Instant::ge)).collect();
    let is: Vec<_> = left.iter().filter(|body| is_own(body) || joined(body, Instant::gt)).collect();
    let taken = |orders: &[&Body]| {
        let mut taken = arrived.iter().filter(|order| order.effect != Effect::Refused);
        taken.any(|order| orders.iter().any(|body| body.tap == order.reference))
    };
    match &tap.result {
        Err(_) if is.is_empty() => None,
        Err(_) => Some("an order had left"),
        Ok(_) if may_be.is_empty() => Some("no order had left"),
        Ok(Outcome::Opened(_)) => Some("Openpath confirms no opening"),
        Ok(Outcome::Accepted(_)) if !taken(&may_be) => Some("the vendor had taken no order"),
        Ok(Outcome::NotOpened(receipt)) if receipt.certain && taken(&is) => {
            Some("called certain, and the vendor had taken the order")
        }
        Ok(_) => None,
    }
}
