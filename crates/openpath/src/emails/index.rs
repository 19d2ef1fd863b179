//! Near-misses of a roster among very many users, who pass by one after the other.

use std::{
    cmp::Ordering,
    collections::{BTreeSet, HashMap},
    fmt,
    hash::Hash,
};

use super::{
    Difference, Likeness, Person, compare,
    parts::{Parts, name_key},
};

/// So many of ours with one key say nothing of any of them.
const TOO_MANY: usize = 32;

/// So many that are as likely as each other are remembered for one of ours.
const MOST_TIED: usize = 8;

/// Our side, held against users of the other side one at a time: what is kept does not grow with their number.
///
/// ```
/// use elevate_openpath::emails::{NearIndex, Person};
///
/// let jane = Person { email: "jane.doe@gmail.com", name: Some("Jane Doe") };
/// let mut index = NearIndex::of([("r1", jane)]);
/// index.consider(&7001, Person { email: "jane.doe@gmial.com", name: None });
/// index.consider(&7002, Person { email: "tom@example.com", name: Some("Tom Poe") });
///
/// let found = index.finish(|resident| *resident == "r1");
/// assert_eq!((found[0].ours, found[0].theirs), ("r1", 7001));
/// ```
pub struct NearIndex<T, U> {
    ours: Vec<One<T, U>>,
    /// Whose e-mail it is exactly, in ASCII lower case: such a user is matched, and nobody's near-miss.
    exact: BTreeSet<Box<str>>,
    keys: HashMap<Box<str>, Vec<usize>>,
}

struct One<T, U> {
    id: T,
    email: Box<str>,
    name: Option<Box<str>>,
    best: Option<Best<U>>,
}

struct Best<U> {
    weight: u32,
    /// Those that are as likely: the lowest few.
    theirs: BTreeSet<U>,
    email: Box<str>,
    name: Option<Box<str>>,
    differences: Vec<Difference>,
    is_for_review: bool,
}

/// The likely counterpart of one of ours.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Suggested<T, U> {
    /// Of ours.
    pub ours: T,
    /// Of theirs.
    pub theirs: U,
    /// Their e-mail, as written there.
    pub email: String,
    /// Their name, as written there.
    pub name: Option<String>,
    /// In what the e-mails differ.
    pub differences: Vec<Difference>,
    /// Whether only the names are the same, so that a person has to find out.
    pub is_for_review: bool,
}

impl<T, U> NearIndex<T, U>
where
    U: Clone + Ord + Hash,
{
    /// An index of our side. Hand in everybody, matched or not.
    pub fn of<'a>(ours: impl IntoIterator<Item = (T, Person<'a>)>) -> Self {
        let mut index = Self { ours: Vec::new(), exact: BTreeSet::new(), keys: HashMap::new() };
        for (id, person) in ours {
            let number = index.ours.len();
            index.exact.insert(person.email.to_ascii_lowercase().into());
            for key in keys(person) {
                index.keys.entry(key).or_default().push(number);
            }
            let (email, name) = (person.email.into(), person.name.map(Into::into));
            index.ours.push(One { id, email, name, best: None });
        }
        index
    }

    /// Holds one of theirs against ours. One whose e-mail is exactly somebody's of ours is left out.
    pub fn consider(&mut self, theirs: &U, person: Person<'_>) {
        if self.exact.contains(person.email.to_ascii_lowercase().as_str()) {
            return;
        }
        let keys = keys(person);
        let met =
            keys.iter().filter_map(|key| self.keys.get(key)).filter(|of| of.len() <= TOO_MANY);
        let met: BTreeSet<usize> = met.flatten().copied().collect();
        for number in met {
            let one = &mut self.ours[number];
            let ours = Person { email: &one.email, name: one.name.as_deref() };
            let (differences, is_for_review) = match compare(ours, person) {
                Likeness::Near(differences) => (differences, false),
                Likeness::Review(differences) => (differences, true),
                Likeness::Same | Likeness::Different => continue,
            };
            let weight = differences.iter().map(|difference| difference.weight()).sum();
            match &mut one.best {
                Some(best) if best.weight < weight => {}
                Some(best) if best.weight == weight => {
                    best.theirs.insert(theirs.clone());
                    if best.theirs.len() > MOST_TIED {
                        best.theirs.pop_last();
                    }
                }
                best => {
                    *best = Some(Best {
                        weight,
                        theirs: BTreeSet::from([theirs.clone()]),
                        email: person.email.into(),
                        name: person.name.map(Into::into),
                        differences,
                        is_for_review,
                    });
                }
            }
        }
    }

    /// The likely counterpart of each of ours that is to have one, in our order: one to one, and none where two
    /// are as likely.
    pub fn finish(self, wanted: impl Fn(&T) -> bool) -> Vec<Suggested<T, U>> {
        let found: Vec<(T, Best<U>)> = self
            .ours
            .into_iter()
            .filter(|one| wanted(&one.id))
            .filter_map(|one| Some((one.id, one.best?)))
            .collect();
        // The least weight for each of theirs, and how many of ours have it: also those of ours that have another
        // one as likely.
        let mut least: HashMap<U, (u32, usize)> = HashMap::new();
        for (_, best) in &found {
            for theirs in &best.theirs {
                let (weight, count) = least.entry(theirs.clone()).or_insert((best.weight, 0));
                match best.weight.cmp(weight) {
                    Ordering::Less => (*weight, *count) = (best.weight, 1),
                    Ordering::Equal => *count += 1,
                    Ordering::Greater => {}
                }
            }
        }
        let surely = |(ours, best): (T, Best<U>)| {
            let mut theirs = best.theirs.into_iter();
            let (Some(theirs), None) = (theirs.next(), theirs.next()) else { return None };
            let is_sure = least.get(&theirs) == Some(&(best.weight, 1));
            is_sure.then(|| Suggested {
                ours,
                theirs,
                email: best.email.into(),
                name: best.name.map(Into::into),
                differences: best.differences,
                is_for_review: best.is_for_review,
            })
        };
        found.into_iter().filter_map(surely).collect()
    }
}

/// What two that are near have in common, at least one of them.
fn keys(person: Person<'_>) -> Vec<Box<str>> {
    let mut keys: Vec<Box<str>> = Vec::new();
    let mut add = |kind: char, text: &str| keys.push(format!("{kind}{text}").into());
    if let Some(name) = person.name.and_then(name_key) {
        add('n', &name);
    }
    if let Some(parts) = Parts::of(person.email) {
        add('m', &parts.look());
        // Two that differ in one letter are the same without one letter each.
        let core: Vec<char> = parts.core.chars().collect();
        if (5..=64).contains(&core.len()) {
            let at = &parts.domain;
            add('l', &format!("{}@{at}", parts.core));
            for left_out in 0..core.len() {
                let rest = core.iter().enumerate().filter(|(place, _)| *place != left_out);
                let rest: String = rest.map(|(_, c)| c).collect();
                add('l', &format!("{rest}@{at}"));
            }
        }
    }
    keys.sort_unstable();
    keys.dedup();
    keys
}

impl<T, U> fmt::Debug for NearIndex<T, U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NearIndex").field("ours", &self.ours.len()).finish_non_exhaustive()
    }
}

/// Without e-mail and name.
impl<T: fmt::Debug, U: fmt::Debug> fmt::Debug for Suggested<T, U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Suggested")
            .field("ours", &self.ours)
            .field("theirs", &self.theirs)
            .field("differences", &self.differences)
            .field("is_for_review", &self.is_for_review)
            .finish_non_exhaustive()
    }
}
