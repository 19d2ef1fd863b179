//! Near-misses of a roster among very many users, who pass by one after the other.

use std::{
    cmp::Ordering,
    collections::{HashMap, HashSet, hash_map::RandomState},
    fmt,
    hash::Hash,
};

use super::{Difference, Likeness, Person, judge, keys::keys, names::Names, parts::Parts};

/// So many of ours with one key say nothing of any of them.
const TOO_MANY: usize = 32;

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
    exact: HashSet<Box<str>>,
    /// Who has a key, by its hash: two keys with one hash cost a comparison and no more.
    keys: HashMap<u64, Vec<usize>>,
    hashing: RandomState,
}

struct One<T, U> {
    id: T,
    email: Box<str>,
    name: Option<Box<str>>,
    best: Option<Best<U>>,
}

/// How far two are from being meant to be the same: less is nearer. Names decide between equal differences.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Distance(u32, Names);

/// The nearest of theirs to one of ours, so far.
struct Best<U> {
    distance: Distance,
    /// Of several as near, the one with the lowest id.
    theirs: U,
    email: Box<str>,
    name: Option<Box<str>>,
    differences: Vec<Difference>,
    is_for_review: bool,
    /// Whether several are as near.
    is_tied: bool,
    rivalry: Rivalry,
}

/// Who else of ours one of theirs may be meant to be.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rivalry {
    /// Nobody who is as near.
    None,
    /// Somebody as near who has the same e-mail: a spouse, or the same person listed twice.
    SameEmail,
    /// Somebody nearer, or as near with another e-mail.
    Lost,
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
    /// An index of our side. Hand in everybody, matched or not: whoever is nearer to somebody else is nobody's
    /// counterpart here.
    pub fn of<'a>(ours: impl IntoIterator<Item = (T, Person<'a>)>) -> Self {
        let mut index = Self {
            ours: Vec::new(),
            exact: HashSet::new(),
            keys: HashMap::new(),
            hashing: RandomState::new(),
        };
        for (id, person) in ours {
            let number = index.ours.len();
            if Parts::of(person.email).is_some() {
                index.exact.insert(person.email.to_ascii_lowercase().into());
            }
            for key in keys(person, &index.hashing) {
                let of_key = index.keys.entry(key).or_default();
                // One more than too many is enough to know.
                if of_key.len() <= TOO_MANY {
                    of_key.push(number);
                }
            }
            let (email, name) = (person.email.into(), person.name.map(Into::into));
            index.ours.push(One { id, email, name, best: None });
        }
        index
    }

    /// Holds one of theirs against ours, and says whether they are near anybody. One whose e-mail is exactly
    /// somebody's of ours is left out.
    pub fn consider(&mut self, theirs: &U, person: Person<'_>) -> bool {
        if self.exact.contains(person.email.to_ascii_lowercase().as_str()) {
            return false;
        }
        let met: Vec<Met> = self
            .sharing_a_key(person)
            .into_iter()
            .filter_map(|number| Met::of(number, &self.ours[number], person))
            .collect();
        let Some(nearest) = met.iter().map(|met| met.distance).min() else { return false };
        let nearest: Vec<usize> =
            met.iter().filter(|met| met.distance == nearest).map(|met| met.number).collect();
        for met in met {
            let rivalry = self.rivalry(met.number, &nearest);
            let candidate = Best {
                distance: met.distance,
                theirs: theirs.clone(),
                email: person.email.into(),
                name: person.name.map(Into::into),
                differences: met.differences,
                is_for_review: met.is_for_review,
                is_tied: false,
                rivalry,
            };
            let best = &mut self.ours[met.number].best;
            *best = Some(match best.take() {
                Some(best) => best.or(candidate),
                None => candidate,
            });
        }
        true
    }

    /// Those of ours that share a key with that one, once each.
    fn sharing_a_key(&self, person: Person<'_>) -> Vec<usize> {
        let keys = keys(person, &self.hashing);
        let of_keys = keys.iter().filter_map(|key| self.keys.get(key));
        let mut found: Vec<usize> =
            of_keys.filter(|of| of.len() <= TOO_MANY).flatten().copied().collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    fn rivalry(&self, number: usize, nearest: &[usize]) -> Rivalry {
        if !nearest.contains(&number) {
            return Rivalry::Lost;
        }
        let email = &self.ours[number].email;
        let others = nearest.iter().filter(|other| **other != number);
        let rivalries = others.map(|other| {
            let is_same = self.ours[*other].email.eq_ignore_ascii_case(email);
            if is_same { Rivalry::SameEmail } else { Rivalry::Lost }
        });
        rivalries.max().unwrap_or(Rivalry::None)
    }

    /// The likely counterpart of each of ours that is to have one, in our order: one to one, and none where two
    /// are as likely, on either side. In which order theirs were considered makes no difference.
    pub fn finish(self, wanted: impl Fn(&T) -> bool) -> Vec<Suggested<T, U>> {
        let wanted: Vec<One<T, U>> = self.ours.into_iter().filter(|one| wanted(&one.id)).collect();
        let mut with_email: HashMap<String, usize> = HashMap::new();
        for one in &wanted {
            *with_email.entry(one.email.to_ascii_lowercase()).or_default() += 1;
        }
        let is_alone = |email: &str| with_email.get(&email.to_ascii_lowercase()) == Some(&1);
        let sure = wanted.into_iter().filter_map(|one| {
            let best = one.best.filter(|best| !best.is_tied)?;
            let is_sure = match best.rivalry {
                Rivalry::None => true,
                // Somebody who is not asked for, such as one who has left, may have had the same e-mail.
                Rivalry::SameEmail => is_alone(&one.email),
                Rivalry::Lost => false,
            };
            is_sure.then_some((one.id, best))
        });
        let sure: Vec<(T, Best<U>)> = sure.collect();
        // One of theirs who came twice, with two e-mails, may be the nearest to two of ours.
        let mut claims: HashMap<U, (Distance, usize)> = HashMap::new();
        for (_, best) in &sure {
            let (least, count) = claims.entry(best.theirs.clone()).or_insert((best.distance, 0));
            match best.distance.cmp(least) {
                Ordering::Less => (*least, *count) = (best.distance, 1),
                Ordering::Equal => *count += 1,
                Ordering::Greater => {}
            }
        }
        let only = |(_, best): &(T, Best<U>)| claims.get(&best.theirs) == Some(&(best.distance, 1));
        let suggested = |(ours, best): (T, Best<U>)| Suggested {
            ours,
            theirs: best.theirs,
            email: best.email.into(),
            name: best.name.map(Into::into),
            differences: best.differences,
            is_for_review: best.is_for_review,
        };
        sure.into_iter().filter(only).map(suggested).collect()
    }
}

/// One of ours that one of theirs is near to.
struct Met {
    number: usize,
    distance: Distance,
    differences: Vec<Difference>,
    is_for_review: bool,
}

impl Met {
    fn of<T, U>(number: usize, ours: &One<T, U>, theirs: Person<'_>) -> Option<Self> {
        let ours = Person { email: &ours.email, name: ours.name.as_deref() };
        let (likeness, names) = judge(ours, theirs);
        let (differences, is_for_review) = match likeness {
            Likeness::Near(differences) => (differences, false),
            Likeness::Review(differences) => (differences, true),
            Likeness::Same | Likeness::Different => return None,
        };
        let weight = if differences.contains(&Difference::SameNameOnly) {
            // Whatever the e-mails are.
            Difference::SameNameOnly.weight()
        } else {
            differences.iter().map(|difference| difference.weight()).sum()
        };
        Some(Self { number, distance: Distance(weight, names), differences, is_for_review })
    }
}

impl<U: Ord> Best<U> {
    /// The nearer one; of two as near, which may be one that came twice, always the same one.
    fn or(self, other: Self) -> Self {
        let is_tied = self.is_tied || other.is_tied || self.theirs != other.theirs;
        let rivalry = self.rivalry.max(other.rivalry);
        match self.distance.cmp(&other.distance) {
            Ordering::Less => self,
            Ordering::Greater => other,
            Ordering::Equal => {
                let is_first = self.order() <= other.order();
                Self { is_tied, rivalry, ..if is_first { self } else { other } }
            }
        }
    }

    fn order(&self) -> (&U, &str, Option<&str>) {
        (&self.theirs, &self.email, self.name.as_deref())
    }
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
