//! Near-misses: which of the names left over are likely meant to be one, for a person to decide.

mod difference;
mod looks;
mod parts;
mod place;
mod reading;
mod slip;
mod suggest;
mod words;

pub use difference::Difference;
pub use suggest::{Suggestion, suggest};

use crate::NameKey;
use looks::Habits;
use reading::Reading;

/// What two names have in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Likeness {
    /// They are one name: a match, and no near-miss.
    Same,
    /// One is likely meant to be the other, but for these differences.
    Near(Vec<Difference>),
    /// Two names, as far as can be told from the two alone.
    Different,
}

/// Compares two names for a person. Which is whose makes no difference.
///
/// It says what the two alone can tell. Whether one is to be *suggested* for the other depends on all names of
/// both sides ([`suggest`]).
///
/// ```
/// use elevate_unit_match::{Difference, Likeness, compare};
///
/// assert_eq!(compare("Apt 101", "apt 101"), Likeness::Same);
/// assert_eq!(compare("Apt 101", "#101"), Likeness::Near(vec![Difference::UnitWord]));
/// assert_eq!(compare("4-B", "4b"), Likeness::Near(vec![Difference::Separators]));
/// // Another number is another apartment, however near.
/// assert_eq!(compare("101", "1011"), Likeness::Different);
/// assert_eq!(compare("102", "120"), Likeness::Different);
/// ```
pub fn compare(ours: &str, theirs: &str) -> Likeness {
    match (NameKey::of(ours), NameKey::of(theirs)) {
        (Ok(a), Ok(b)) if a == b => Likeness::Same,
        (Ok(_), Ok(_)) => {
            let [mut a, mut b] = [ours, theirs].map(|name| Reading::of(name, Habits::default()));
            let habits = a.habits.and(b.habits);
            for (reading, name) in [(&mut a, ours), (&mut b, theirs)] {
                if reading.bends(habits) {
                    *reading = Reading::of(name, habits);
                }
            }
            near(&a, &b)
        }
        _ => Likeness::Different,
    }
}

/// The most differences that two names may have and still be near: more is no slip.
const MOST: usize = 3;

/// The same for names that are not one, as they read.
fn near(a: &Reading, b: &Reading) -> Likeness {
    let Some(mut found) = a.outer_differences(b) else { return Likeness::Different };
    if a.core.is_empty() || b.core.is_empty() {
        return Likeness::Different;
    }
    match (&a.place, &b.place) {
        (Some(a), Some(b)) if a != b => return Likeness::Different,
        (None, Some(_)) | (Some(_), None) => {
            // Without its number it would be just any one at that place.
            if !a.has_number() {
                return Likeness::Different;
            }
            found.push(Difference::Place);
        }
        _ => {}
    }
    if a.core != b.core {
        // With the building missing too, another building's house of a like name is as likely.
        if found.contains(&Difference::Place) || !slip::is_slip(&a.core, &b.core) {
            return Likeness::Different;
        }
        found.push(Difference::Letters);
    }
    found.sort_unstable();
    found.dedup();
    match found.len() {
        // What is left is punctuation that no token holds.
        0 => Likeness::Near(vec![Difference::Separators]),
        1..=MOST => Likeness::Near(found),
        _ => Likeness::Different,
    }
}
