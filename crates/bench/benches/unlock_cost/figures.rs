//! What the rounds come to.

use std::{collections::BTreeMap, time::Duration};

use super::ways::Way;

/// What each way cost, round by round: in itself, and in terms of the bare way of the same round.
#[derive(Default)]
pub(crate) struct Figures {
    costs: BTreeMap<&'static str, Vec<f64>>,
    ratios: BTreeMap<&'static str, Vec<f64>>,
}

impl Figures {
    pub(crate) fn add(&mut self, round: &[(Way, Duration)]) {
        let bare = round.iter().find(|(way, _)| *way == Way::Bare);
        let Some(bare) = bare.map(|(_, cost)| cost.as_secs_f64()) else { return };
        for (way, cost) in round {
            let cost = cost.as_secs_f64();
            self.costs.entry(way.name()).or_default().push(cost);
            self.ratios.entry(way.name()).or_default().push(cost / bare);
        }
    }

    pub(crate) fn print(&self, each: usize) {
        println!("way              µs of CPU each   times bare   middle half of the rounds");
        for way in Way::ALL {
            let [_, cost, _] = quartiles(self.costs.get(way.name()));
            let [low, ratio, high] = quartiles(self.ratios.get(way.name()));
            let each = cost * 1e6 / f64::from(u32::try_from(each).unwrap_or(u32::MAX));
            println!("{:<16} {each:>14.1} {ratio:>12.3}   {low:.3} to {high:.3}", way.name());
        }
    }
}

/// A quarter, the half and three quarters of the way through.
fn quartiles(values: Option<&Vec<f64>>) -> [f64; 3] {
    let mut values = values.cloned().unwrap_or_default();
    values.sort_by(f64::total_cmp);
    [1, 2, 3].map(|quarter| values.get(values.len() * quarter / 4).copied().unwrap_or(f64::NAN))
}
