//! Which near-misses stand out over all names of both sides.

use std::collections::HashMap;

use super::{Difference, Likeness, near, reading::Reading};
use crate::{Finding, Matching, Named};

/// The likely counterpart of a name that matches nothing: for a person, who makes both sides the same or does not.
/// Nothing is matched by it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Suggestion<'a, A, B> {
    /// On our side.
    pub ours: &'a Named<A>,
    /// On the other side.
    pub theirs: &'a Named<B>,
    /// In what they differ.
    pub differences: Vec<Difference>,
}

/// The likely counterparts of what is left over, one to one, in our order.
///
/// Each name is suggested once at most, and none where two are as likely. All names are looked at, matched ones
/// too: where "101" is matched already, "Apt 101" is not held to be meant by "#101" either, and "101" stands for
/// "Building A, 101" only if no other building has a 101. The sides can be swapped, and the order in which names
/// were handed in plays no part.
///
/// ```
/// use elevate_unit_match::{NameIndex, match_all, suggest};
///
/// let ours: NameIndex<u32> = [("101", 1), ("102", 2), ("1011", 3)].into_iter().collect();
/// let theirs: NameIndex<&str> = [("Apt 101", "a"), ("102", "b")].into_iter().collect();
///
/// let matching = match_all(&ours, &theirs);
/// let suggestions = suggest(&matching);
///
/// assert_eq!(suggestions.len(), 1);
/// assert_eq!((suggestions[0].ours.name(), suggestions[0].theirs.name()), ("101", "Apt 101"));
/// ```
pub fn suggest<'a, A, B>(matching: &Matching<'a, A, B>) -> Vec<Suggestion<'a, A, B>> {
    let ours = Side::of(matching.pairs.iter().map(|pair| pair.ours), &matching.ours);
    let theirs = Side::of(matching.pairs.iter().map(|pair| pair.theirs), &matching.theirs);
    if ours.left == 0 || theirs.left == 0 {
        return Vec::new();
    }
    let mut pairs: Vec<(usize, usize)> = Vec::new();
    let mut free = (vec![true; ours.names.len()], vec![true; theirs.names.len()]);
    let keys: [fn(&Reading) -> Option<String>; 3] =
        [Reading::spaceless_key, Reading::key, Reading::bare_key];
    for key in keys {
        let met = meet(&ours, &theirs, key);
        for (a, b) in met.sure {
            if free.0[a] && free.1[b] {
                pairs.push((a, b));
            }
            (free.0[a], free.1[b]) = (false, false);
        }
        for a in met.unsure.0 {
            free.0[a] = false;
        }
        for b in met.unsure.1 {
            free.1[b] = false;
        }
    }
    pairs.extend(slips(&ours, &theirs, &free));
    let told = pairs.into_iter().filter_map(|(a, b)| {
        let ((name_a, a), (name_b, b)) = (&ours.names[a], &theirs.names[b]);
        let Likeness::Near(differences) = near(a, b) else { return None };
        Some(Suggestion { ours: name_a, theirs: name_b, differences })
    });
    let mut told: Vec<_> = told.collect();
    let order: HashMap<*const Named<A>, usize> = ours
        .names
        .iter()
        .enumerate()
        .map(|(at, (name, _))| (std::ptr::from_ref(*name), at))
        .collect();
    told.sort_by_key(|one| order.get(&std::ptr::from_ref(one.ours)).copied());
    told
}

/// All names of one side, those that are left over first.
struct Side<'a, T> {
    names: Vec<(&'a Named<T>, Reading)>,
    left: usize,
}

impl<'a, T> Side<'a, T> {
    fn of<U>(matched: impl Iterator<Item = &'a Named<T>>, findings: &[Finding<'a, T, U>]) -> Self {
        let (mut left, mut others) = (Vec::new(), Vec::new());
        for finding in findings {
            match finding {
                Finding::Unmatched(unit) => left.push(*unit),
                Finding::Doubled(units) => others.extend(units.iter()),
                Finding::CounterpartDoubled { unit, .. } => others.push(*unit),
                Finding::Blank(_) | Finding::TooLong(_) => {}
            }
        }
        let count = left.len();
        let names = left.into_iter().chain(others).chain(matched);
        Self { names: names.map(|unit| (unit, Reading::of(unit.name()))).collect(), left: count }
    }
}

/// What a key brings together.
#[derive(Default)]
struct Met {
    /// One on each side, both left over.
    sure: Vec<(usize, usize)>,
    /// Left over, and not the only one that it could be.
    unsure: (Vec<usize>, Vec<usize>),
}

fn meet<A, B>(
    ours: &Side<'_, A>,
    theirs: &Side<'_, B>,
    key: fn(&Reading) -> Option<String>,
) -> Met {
    let mut groups: HashMap<String, (Vec<usize>, Vec<usize>)> = HashMap::new();
    for (at, (_, reading)) in ours.names.iter().enumerate() {
        if let Some(key) = key(reading) {
            groups.entry(key).or_default().0.push(at);
        }
    }
    for (at, (_, reading)) in theirs.names.iter().enumerate() {
        if let Some(group) = key(reading).and_then(|key| groups.get_mut(&key)) {
            group.1.push(at);
        }
    }
    let mut met = Met::default();
    for (a, b) in groups.into_values() {
        match (a.as_slice(), b.as_slice()) {
            (_, []) => {}
            (&[a], &[b]) if a < ours.left && b < theirs.left => met.sure.push((a, b)),
            _ => {
                met.unsure.0.extend(a.into_iter().filter(|at| *at < ours.left));
                met.unsure.1.extend(b.into_iter().filter(|at| *at < theirs.left));
            }
        }
    }
    met
}

/// Those that differ in one letter of a long word, where each is the other's only one.
fn slips<A, B>(
    ours: &Side<'_, A>,
    theirs: &Side<'_, B>,
    free: &(Vec<bool>, Vec<bool>),
) -> Vec<(usize, usize)> {
    let mut by_key: HashMap<String, Vec<usize>> = HashMap::new();
    // Matched ones too: what is as near to one of those is meant by nobody else.
    for (at, (_, reading)) in theirs.names.iter().enumerate() {
        for key in reading.slip_keys() {
            by_key.entry(key).or_default().push(at);
        }
    }
    let mut pairs = Vec::new();
    let (mut of_ours, mut of_theirs) = (HashMap::new(), HashMap::new());
    for (a, (_, reading)) in ours.names.iter().enumerate() {
        let keys = reading.slip_keys();
        let met =
            keys.iter().filter_map(|key| by_key.get(key)).filter(|met| met.len() <= MOST_ALIKE);
        let mut met: Vec<usize> = met.flatten().copied().collect();
        met.sort_unstable();
        met.dedup();
        for b in met {
            if !is_near(reading, &theirs.names[b].1) {
                continue;
            }
            *of_ours.entry(a).or_insert(0_u32) += 1;
            *of_theirs.entry(b).or_insert(0_u32) += 1;
            if a < ours.left && b < theirs.left && free.0[a] && free.1[b] {
                pairs.push((a, b));
            }
        }
    }
    pairs.retain(|(a, b)| of_ours.get(a) == Some(&1) && of_theirs.get(b) == Some(&1));
    pairs
}

/// So many with one key say nothing of any of them.
const MOST_ALIKE: usize = 32;

fn is_near(a: &Reading, b: &Reading) -> bool {
    a.core == b.core || matches!(near(a, b), Likeness::Near(_))
}
