//! What came of it, judged by the vendor's ledger.

use std::{collections::BTreeMap, fmt, process::ExitCode};

use elevate_access::Outcome;
use elevate_access_testkit::Order;

use super::{Arguments, phone::Ending};

/// The counts, and what was broken.
#[derive(Clone, Debug)]
pub struct Report {
    arguments: Arguments,
    taps: usize,
    sent: u32,
    outcomes: BTreeMap<&'static str, usize>,
    orders: usize,
    most_keys: usize,
    without_key: usize,
    most_orders: usize,
    dishonest: Vec<String>,
    endless: usize,
}

impl Report {
    pub(super) fn of(
        arguments: &Arguments,
        endings: &[Ending],
        ledger: &[Order],
        keys: &[usize],
    ) -> Self {
        let mut orders = BTreeMap::<&str, usize>::new();
        for order in ledger {
            *orders.entry(order.reference.as_deref().unwrap_or("?")).or_default() += 1;
        }
        let mut outcomes = BTreeMap::<_, usize>::new();
        let mut dishonest = Vec::new();
        for ending in endings {
            let made = orders.get(ending.tap.as_str()).copied().unwrap_or(0);
            if let Some(outcome) = &ending.outcome {
                *outcomes.entry(outcome.code()).or_default() += 1;
                let lies = match outcome {
                    Outcome::Opened(_) | Outcome::Accepted(_) => made == 0,
                    Outcome::NotOpened(receipt) => receipt.certain && made > 0,
                    Outcome::Unknown(_) => false,
                };
                if lies {
                    dishonest.push(format!(
                        "{}: {} with {made} orders",
                        ending.tap,
                        outcome.code()
                    ));
                }
            }
            if let Some(changed) = &ending.changed {
                dishonest
                    .push(format!("{} of resident {}: {changed}", ending.tap, ending.resident));
            }
        }
        let strange = orders.keys().filter(|tap| !endings.iter().any(|e| e.tap == **tap));
        dishonest.extend(strange.map(|tap| format!("an order that nobody tapped for: {tap}")));
        Self {
            arguments: arguments.clone(),
            taps: endings.len(),
            sent: endings.iter().map(|ending| ending.sent).sum(),
            outcomes,
            orders: ledger.len(),
            most_keys: keys.iter().copied().max().unwrap_or(0),
            without_key: keys.iter().filter(|keys| **keys == 0).count(),
            most_orders: orders.values().copied().max().unwrap_or(0),
            dishonest,
            endless: endings.iter().filter(|ending| ending.outcome.is_none()).count(),
        }
    }

    /// Whether everything held.
    pub fn holds(&self) -> bool {
        self.most_keys == 1
            && self.without_key == 0
            && self.most_orders <= 1
            && self.dishonest.is_empty()
            && self.endless == 0
    }

    /// 0 if everything held, else 1.
    pub fn exit_code(&self) -> ExitCode {
        if self.holds() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Arguments { processes, residents, kills, seed, .. } = &self.arguments;
        writeln!(f, "{processes} processes, {residents} residents, {kills} kills, seed {seed}")?;
        writeln!(f, "taps                      {}, sent {} times", self.taps, self.sent)?;
        for (code, count) in &self.outcomes {
            writeln!(f, "  {code:<24}{count}")?;
        }
        writeln!(f, "orders that arrived       {}", self.orders)?;
        writeln!(
            f,
            "keys per user             {} at most, {} users without",
            self.most_keys, self.without_key
        )?;
        writeln!(f, "orders per tap            {} at most", self.most_orders)?;
        writeln!(f, "dishonest outcomes        {}", self.dishonest.len())?;
        for said in self.dishonest.iter().take(10) {
            writeln!(f, "  {said}")?;
        }
        writeln!(f, "taps without an end       {}", self.endless)?;
        writeln!(f, "{}", if self.holds() { "holds" } else { "FAILED" })
    }
}
