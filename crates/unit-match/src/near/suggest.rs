//! Which near-misses stand out over all names of both sides.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
};

use super::{Difference, Likeness, looks::Habits, near, place::Place, reading::Reading, slip};
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
/// too: where "101" is matched already, "Apt 101" is not held to be meant by "#101" either; "101" stands for
/// "Building A, 101" only if nothing else could, as "A-101" or another building's; and where there is a "10K",
/// "10l" is not read as "101". The sides can be swapped, and the order in which names were handed in plays no part.
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
    let mut ours = Side::of(matching.pairs.iter().map(|pair| pair.ours), &matching.ours);
    let mut theirs = Side::of(matching.pairs.iter().map(|pair| pair.theirs), &matching.theirs);
    if ours.left == 0 || theirs.left == 0 {
        return Vec::new();
    }
    let habits = ours.habits().and(theirs.habits());
    ours.read_among(habits);
    theirs.read_among(habits);

    let mut pairs: Vec<(usize, usize)> = Vec::new();
    let mut free = (vec![true; ours.names.len()], vec![true; theirs.names.len()]);
    let mut settle = |met: Met| {
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
    };
    settle(meet(&ours, &theirs, Reading::spaceless_key));
    settle(meet(&ours, &theirs, Reading::key));
    if ours.has_places() || theirs.has_places() {
        settle(places(&ours, &theirs));
    }
    pairs.extend(slips(&ours, &theirs, &free));
    // Those that are left over come first, in the order of the matching.
    pairs.sort_unstable();
    let told = pairs.into_iter().filter_map(|(a, b)| {
        let ((name_a, a), (name_b, b)) = (&ours.names[a], &theirs.names[b]);
        let Likeness::Near(differences) = near(a, b) else { return None };
        Some(Suggestion { ours: name_a, theirs: name_b, differences })
    });
    told.collect()
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
        let read = |unit: &'a Named<T>| (unit, Reading::of(unit.name(), Habits::default()));
        Self { names: names.map(read).collect(), left: count }
    }

    fn habits(&self) -> Habits {
        let all = self.names.iter().map(|(_, reading)| reading);
        let habits = all.clone().fold(Habits::default(), |all, reading| all.and(reading.habits));
        // An "I01" may be a slip. With an "I02" beside it, it is the first of a building I.
        let mut edges: Vec<(char, bool)> = all.filter_map(|reading| reading.edge).collect();
        edges.sort_unstable();
        let letters_at_numbers = edges.windows(2).any(|two| two[0] == two[1]);
        habits.and(Habits { letters_at_numbers, ..Habits::default() })
    }

    /// Reads anew what reads otherwise among such names.
    fn read_among(&mut self, habits: Habits) {
        for (unit, reading) in &mut self.names {
            if reading.bends(habits) {
                *reading = Reading::of(unit.name(), habits);
            }
        }
    }

    fn has_places(&self) -> bool {
        self.names.iter().any(|(_, reading)| reading.place.is_some())
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

/// Who of one side has a key: the first, and how many.
#[derive(Clone, Copy, Default)]
struct Bearers {
    first: usize,
    count: usize,
}

impl Bearers {
    fn add(&mut self, at: usize) {
        if self.count == 0 {
            self.first = at;
        }
        self.count += 1;
    }
}

fn meet<'r, A, B>(
    ours: &'r Side<'_, A>,
    theirs: &'r Side<'_, B>,
    key: fn(&'r Reading) -> Option<Cow<'r, str>>,
) -> Met {
    let mut groups: Vec<(Bearers, Bearers)> = Vec::with_capacity(ours.names.len());
    let mut numbers: HashMap<Cow<'r, str>, usize> = HashMap::with_capacity(ours.names.len());
    // The group of each name, so that no key is sought twice.
    let mut of_ours = Vec::with_capacity(ours.names.len());
    for (at, (_, reading)) in ours.names.iter().enumerate() {
        let number = key(reading).map(|key| *numbers.entry(key).or_insert(groups.len()));
        if let Some(number) = number {
            if number == groups.len() {
                groups.push(Default::default());
            }
            groups[number].0.add(at);
        }
        of_ours.push(number);
    }
    let mut of_theirs = Vec::with_capacity(theirs.names.len());
    for (at, (_, reading)) in theirs.names.iter().enumerate() {
        let number = key(reading).and_then(|key| numbers.get(&key).copied());
        if let Some(number) = number {
            groups[number].1.add(at);
        }
        of_theirs.push(number);
    }
    let is_sure = |(a, b): &(Bearers, Bearers)| {
        a.count == 1 && b.count == 1 && a.first < ours.left && b.first < theirs.left
    };
    let unsure = |numbers: Vec<Option<usize>>, left: usize| -> Vec<usize> {
        let met = |number: &Option<usize>| {
            number.is_some_and(|number| groups[number].1.count > 0 && !is_sure(&groups[number]))
        };
        (0..left).zip(numbers).filter(|(_, number)| met(number)).map(|(at, _)| at).collect()
    };
    let unsure = (unsure(of_ours, ours.left), unsure(of_theirs, theirs.left));
    let sure = groups.iter().filter(|group| is_sure(group)).map(|(a, b)| (a.first, b.first));
    Met { sure: sure.collect(), unsure }
}

/// Those of which one says where it lies, and the other does not. Where there are several buildings, or one number on
/// several floors, a number alone can be any of them, also of those that are not listed. And one that stands in another
/// name is unsure: "Building A, 101" can be the "A-101" that is there, and need not be the "101".
fn places<A, B>(ours: &Side<'_, A>, theirs: &Side<'_, B>) -> Met {
    let mut met = meet(ours, theirs, Reading::bare_key);
    let all = || {
        let ours = ours.names.iter().map(|(_, reading)| reading);
        ours.chain(theirs.names.iter().map(|(_, reading)| reading))
    };
    let mut buildings = all().filter_map(Reading::building);
    let first = buildings.next();
    let mut is_several = buildings.any(|other| Some(other) != first);
    let mut of_number: HashMap<Cow<'_, str>, &Place> = HashMap::new();
    for (key, place) in all().filter_map(|one| one.bare_key().zip(one.place.as_ref())) {
        is_several |= *of_number.entry(key).or_insert(place) != place;
    }
    let ends: HashSet<String> = all().flat_map(Reading::ends).collect();
    let bare: HashSet<Cow<'_, str>> = all().filter_map(Reading::bare_key).collect();
    let is_unsure = |reading: &Reading| {
        reading.bare_key().is_some_and(|key| ends.contains(&*key))
            || reading.joined_keys().iter().any(|key| bare.contains(key.as_str()))
    };
    met.sure.retain(|&(a, b)| {
        let (one, other) = (&ours.names[a].1, &theirs.names[b].1);
        let is_sure = !is_several && !is_unsure(one) && !is_unsure(other);
        // Both of one place, or of none, have met before.
        if !is_sure && one.place != other.place {
            met.unsure.0.push(a);
            met.unsure.1.push(b);
        }
        is_sure
    });
    met
}

/// Those that differ in one letter of a long word, where each is the other's only one.
fn slips<A, B>(
    ours: &Side<'_, A>,
    theirs: &Side<'_, B>,
    free: &(Vec<bool>, Vec<bool>),
) -> Vec<(usize, usize)> {
    // Matched ones too: what is as near to one of those is meant by nobody else.
    let mut by_key: Vec<(u64, bool, usize)> = Vec::new();
    for (at, (_, reading)) in ours.names.iter().enumerate() {
        by_key.extend(slip::keys(reading).into_iter().map(|key| (key, false, at)));
    }
    if by_key.is_empty() {
        return Vec::new();
    }
    for (at, (_, reading)) in theirs.names.iter().enumerate() {
        by_key.extend(slip::keys(reading).into_iter().map(|key| (key, true, at)));
    }
    by_key.sort_unstable();
    let mut crowded = (HashSet::new(), HashSet::new());
    let mut met = HashSet::new();
    for group in by_key.chunk_by(|one, next| one.0 == next.0) {
        let (a, b) = group.split_at(group.partition_point(|(_, is_theirs, _)| !is_theirs));
        let of =
            |side: &[(u64, bool, usize)]| -> Vec<usize> { side.iter().map(|one| one.2).collect() };
        if a.is_empty() || b.is_empty() {
            continue;
        }
        let (a, b) = (of(a), of(b));
        if a.len() > MOST_ALIKE || b.len() > MOST_ALIKE {
            crowded.0.extend(a);
            crowded.1.extend(b);
        } else {
            met.extend(a.iter().flat_map(|a| b.iter().map(move |b| (*a, *b))));
        }
    }
    met.retain(|&(a, b)| is_near(&ours.names[a].1, &theirs.names[b].1));
    let (mut of_ours, mut of_theirs) = (HashMap::new(), HashMap::new());
    for (a, b) in &met {
        *of_ours.entry(*a).or_insert(0_u32) += 1;
        *of_theirs.entry(*b).or_insert(0_u32) += 1;
    }
    let is_sure = |&(a, b): &(usize, usize)| {
        a < ours.left
            && b < theirs.left
            && free.0[a]
            && free.1[b]
            && of_ours.get(&a) == Some(&1)
            && of_theirs.get(&b) == Some(&1)
            && !crowded.0.contains(&a)
            && !crowded.1.contains(&b)
    };
    met.into_iter().filter(is_sure).collect()
}

/// Of more than so many with one key none is the likeliest, and they are not compared one by one.
const MOST_ALIKE: usize = 32;

fn is_near(a: &Reading, b: &Reading) -> bool {
    a.core == b.core || matches!(near(a, b), Likeness::Near(_))
}
