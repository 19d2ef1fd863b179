//! One side's names, looked up by key.

use std::{fmt, slice};

use foldhash::{HashMap, HashMapExt as _};

use crate::{NameKey, Unusable};

/// A name as it is written at its source, with whatever the caller tied to it: an id, a unit, a space.
///
/// Names are another system's text: they may be long and may hold anything. Escape before showing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named<T> {
    name: Box<str>,
    key: Result<NameKey, Unusable>,
    item: T,
}

impl<T> Named<T> {
    /// Ties the item to its name.
    pub fn new(name: impl Into<Box<str>>, item: T) -> Self {
        let name = name.into();
        Self { key: NameKey::of(&name), name, item }
    }

    /// The name as written.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the name is compared by, or why it is compared with nothing.
    ///
    /// # Errors
    /// The reason, for a name that can match nothing.
    pub fn key(&self) -> Result<&NameKey, Unusable> {
        self.key.as_ref().map_err(|why| *why)
    }

    /// What the name belongs to.
    pub fn item(&self) -> &T {
        &self.item
    }
}

/// All names of one side: a building's units, or a vendor's.
///
/// Built once from an iterator of `(name, item)`, then only read: put it behind an `Arc` to share it.
/// **Hand in all names**, those in use or not: a double that is not handed in is not seen, and a name
/// would match that must not. Each pair handed in counts, so hand in no item twice.
///
/// Order is kept: names come in the order in which each first appeared, the spellings of a doubled name
/// in theirs.
///
/// ```
/// use elevate_unit_match::{Lookup, NameIndex};
///
/// let index: NameIndex<u32> = [("Apt 1", 10), ("Apt 2", 20), ("APT 2", 21)].into_iter().collect();
///
/// assert_eq!(index.get("apt 1").one().map(|unit| *unit.item()), Some(10));
/// assert!(matches!(index.get("Apt 2"), Lookup::Doubled(two) if two.len() == 2));
/// assert!(matches!(index.get("1"), Lookup::Absent));
/// ```
#[derive(Clone)]
pub struct NameIndex<T> {
    /// Group after group, then the blank ones, then those too long.
    units: Vec<Named<T>>,
    /// Where each group starts, and where the last one ends.
    bounds: Vec<usize>,
    /// Where the blank ones end.
    blank_until: usize,
    groups: HashMap<NameKey, usize>,
}

/// What an index holds under a name.
#[derive(Debug, PartialEq, Eq)]
pub enum Lookup<'a, T> {
    /// Exactly one item has this name.
    One(&'a Named<T>),
    /// None has it.
    Absent,
    /// Two or more have it, so that it means none of them.
    Doubled(&'a [Named<T>]),
    /// The name that was asked for can match nothing.
    Unusable(Unusable),
}

impl<'a, T> Lookup<'a, T> {
    /// The item, if there is exactly one.
    pub fn one(self) -> Option<&'a Named<T>> {
        match self {
            Self::One(unit) => Some(unit),
            Self::Absent | Self::Doubled(_) | Self::Unusable(_) => None,
        }
    }
}

impl<T> NameIndex<T> {
    /// What stands under this name.
    pub fn get(&self, name: &str) -> Lookup<'_, T> {
        match NameKey::of(name) {
            Ok(key) => self.get_key(&key),
            Err(why) => Lookup::Unusable(why),
        }
    }

    /// What stands under this key; never [`Lookup::Unusable`].
    pub fn get_key(&self, key: &NameKey) -> Lookup<'_, T> {
        match self.group_of(key).map(|number| self.group(number)) {
            None | Some([]) => Lookup::Absent,
            Some([one]) => Lookup::One(one),
            Some(doubled) => Lookup::Doubled(doubled),
        }
    }

    /// How many were handed in, those with unusable names included.
    pub fn len(&self) -> usize {
        self.units.len()
    }

    /// True if nothing was handed in.
    pub fn is_empty(&self) -> bool {
        self.units.is_empty()
    }

    /// Everything that was handed in: by name, then what is blank, then what is too long.
    pub fn iter(&self) -> slice::Iter<'_, Named<T>> {
        self.units.iter()
    }

    /// The names that stand once, and so can match.
    pub fn single(&self) -> impl Iterator<Item = &Named<T>> {
        self.groups().filter_map(|group| match group {
            [one] => Some(one),
            _ => None,
        })
    }

    /// The names that stand twice or more, each with all that have it. They match nothing.
    pub fn doubled(&self) -> impl Iterator<Item = &[Named<T>]> {
        self.groups().filter(|group| group.len() > 1)
    }

    /// Those whose name shows nothing. They match nothing.
    pub fn blank(&self) -> &[Named<T>] {
        &self.units[self.named()..self.blank_until]
    }

    /// Those whose name is too long to be one. They match nothing.
    pub fn too_long(&self) -> &[Named<T>] {
        &self.units[self.blank_until..]
    }

    /// Groups of one name each, in order; none is empty.
    pub(crate) fn groups(&self) -> impl ExactSizeIterator<Item = &[Named<T>]> {
        self.bounds.windows(2).map(|bounds| &self.units[bounds[0]..bounds[1]])
    }

    pub(crate) fn group_of(&self, key: &NameKey) -> Option<usize> {
        self.groups.get(key).copied()
    }

    pub(crate) fn group(&self, number: usize) -> &[Named<T>] {
        &self.units[self.bounds[number]..self.bounds[number + 1]]
    }

    /// How many have a usable name.
    fn named(&self) -> usize {
        self.bounds.last().copied().unwrap_or(0)
    }
}

impl<T, N: Into<Box<str>>> FromIterator<(N, T)> for NameIndex<T> {
    fn from_iter<I: IntoIterator<Item = (N, T)>>(pairs: I) -> Self {
        let pairs = pairs.into_iter();
        let expected = pairs.size_hint().0;
        let mut groups = HashMap::with_capacity(expected);
        let mut grouped = Vec::with_capacity(expected);
        let (mut blank, mut too_long) = (Vec::new(), Vec::new());
        for (name, item) in pairs {
            let unit = Named::new(name, item);
            match &unit.key {
                Ok(key) => {
                    let next = groups.len();
                    let number = *groups.entry(key.clone()).or_insert(next);
                    grouped.push((number, unit));
                }
                Err(Unusable::Blank) => blank.push(unit),
                Err(Unusable::TooLong) => too_long.push(unit),
            }
        }
        // Stable, so that a group keeps its order; and nearly no work, since only doubles are out of place.
        grouped.sort_by_key(|(number, _)| *number);

        let mut bounds = Vec::with_capacity(groups.len() + 1);
        for (at, (number, _)) in grouped.iter().enumerate() {
            if *number == bounds.len() {
                bounds.push(at);
            }
        }
        bounds.push(grouped.len());

        let mut units = Vec::with_capacity(grouped.len() + blank.len() + too_long.len());
        units.extend(grouped.into_iter().map(|(_, unit)| unit));
        units.append(&mut blank);
        let blank_until = units.len();
        units.append(&mut too_long);
        Self { units, bounds, blank_until, groups }
    }
}

impl<T> Default for NameIndex<T> {
    fn default() -> Self {
        std::iter::empty::<(&str, T)>().collect()
    }
}

impl<'a, T> IntoIterator for &'a NameIndex<T> {
    type Item = &'a Named<T>;
    type IntoIter = slice::Iter<'a, Named<T>>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// Counts only: an index can hold a hundred thousand names.
impl<T> fmt::Debug for NameIndex<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NameIndex")
            .field("len", &self.len())
            .field("doubled", &self.doubled().count())
            .field("blank", &self.blank().len())
            .field("too_long", &self.too_long().len())
            .finish_non_exhaustive()
    }
}

impl<T> Clone for Lookup<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Lookup<'_, T> {}
