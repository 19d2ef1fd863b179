//! Two sides brought together.

use std::slice;

use crate::{NameIndex, NameKey, Named, Unusable};

/// One of ours and one of theirs that have the same name, which nothing else on either side has.
#[derive(Debug, PartialEq, Eq)]
pub struct Pair<'a, A, B> {
    /// On our side.
    pub ours: &'a Named<A>,
    /// On the other side.
    pub theirs: &'a Named<B>,
}

/// Why something on one side (`T`) matched nothing on the other (`U`).
///
/// Exhaustive on purpose: a report that learns of a new kind should not compile until it shows it.
#[derive(Debug, PartialEq, Eq)]
pub enum Finding<'a, T, U> {
    /// Its name shows nothing: [`Unusable::Blank`].
    Blank(&'a Named<T>),
    /// Its name is too long to be one: [`Unusable::TooLong`].
    TooLong(&'a Named<T>),
    /// These, two or more, have one name on their own side, whatever stands on the other.
    Doubled(&'a [Named<T>]),
    /// Nothing on the other side has its name.
    Unmatched(&'a Named<T>),
    /// Its own name stands once, but on the other side two or more have it. (There it is
    /// [`Finding::Doubled`]: the mending is to be done there.)
    CounterpartDoubled {
        /// What would have matched.
        unit: &'a Named<T>,
        /// Those that have its name on the other side.
        counterparts: &'a [Named<U>],
    },
}

impl<'a, T, U> Finding<'a, T, U> {
    /// Whom the finding is about: one, or all that share the doubled name.
    pub fn about(&self) -> &'a [Named<T>] {
        match self {
            Self::Blank(unit) | Self::TooLong(unit) | Self::Unmatched(unit) => {
                slice::from_ref(unit)
            }
            Self::CounterpartDoubled { unit, .. } => slice::from_ref(unit),
            Self::Doubled(units) => units,
        }
    }
}

/// The outcome of [`match_all`]. All that was handed in is here once: in a pair, or in a finding of its
/// side.
#[derive(Debug, PartialEq, Eq)]
pub struct Matching<'a, A, B> {
    /// What belongs together, in our order.
    pub pairs: Vec<Pair<'a, A, B>>,
    /// What is left over on our side, in our order: by name, then what is blank, then what is too long.
    pub ours: Vec<Finding<'a, A, B>>,
    /// What is left over on the other side, in its order, likewise.
    pub theirs: Vec<Finding<'a, B, A>>,
}

/// Matches two sides, one to one.
///
/// The sides can be swapped: the pairs and findings are the same, swapped. The order in which names were
/// handed in changes the order of the answer and nothing else.
///
/// ```
/// use elevate_unit_match::{Finding, NameIndex, match_all};
///
/// let ours: NameIndex<u32> = [("101", 1), ("102", 2), ("103", 3)].into_iter().collect();
/// let theirs: NameIndex<&str> =
///     [("101", "a"), ("Apt 102", "b"), ("103", "c"), ("103", "d")].into_iter().collect();
///
/// let matching = match_all(&ours, &theirs);
///
/// assert_eq!(matching.pairs.len(), 1);
/// assert!(matches!(matching.ours[0], Finding::Unmatched(unit) if unit.name() == "102"));
/// assert!(matches!(matching.ours[1], Finding::CounterpartDoubled { unit, .. } if *unit.item() == 3));
/// assert!(matches!(matching.theirs[0], Finding::Unmatched(unit) if unit.name() == "Apt 102"));
/// assert!(matches!(matching.theirs[1], Finding::Doubled([_, _])));
/// ```
pub fn match_all<'a, A, B>(ours: &'a NameIndex<A>, theirs: &'a NameIndex<B>) -> Matching<'a, A, B> {
    let (mut pairs, mut left_ours) = (Vec::new(), Vec::new());
    // For each group of theirs, the group of ours with the same key.
    let mut met: Vec<&'a [Named<A>]> = vec![&[]; theirs.groups().len()];
    for group in ours.groups() {
        let number = group.first().and_then(|unit| theirs.group_of(unit.key().ok()?));
        let mut there: &[Named<B>] = &[];
        if let Some(number) = number {
            met[number] = group;
            there = theirs.group(number);
        }
        match judge(group, there).pair() {
            Ok(pair) => pairs.push(pair),
            Err(finding) => left_ours.push(finding),
        }
    }
    let left = theirs.groups().zip(met).filter_map(|(group, met)| judge(group, met).pair().err());
    let mut left_theirs: Vec<_> = left.collect();

    unusable(ours, &mut left_ours);
    unusable(theirs, &mut left_theirs);
    Matching { pairs, ours: left_ours, theirs: left_theirs }
}

/// What is to be said of the units of one name.
enum Judgement<'a, T, U> {
    Pair(&'a Named<T>, &'a Named<U>),
    Doubled(&'a [Named<T>]),
    Unmatched(&'a Named<T>),
    CounterpartDoubled(&'a Named<T>, &'a [Named<U>]),
}

/// The law, and the only place where two sides meet: a name that stands once on each side matches.
fn judge<'a, T, U>(here: &'a [Named<T>], there: &'a [Named<U>]) -> Judgement<'a, T, U> {
    match (here, there) {
        ([unit], [counterpart]) => Judgement::Pair(unit, counterpart),
        ([unit], []) => Judgement::Unmatched(unit),
        ([unit], counterparts) => Judgement::CounterpartDoubled(unit, counterparts),
        (doubled, _) => Judgement::Doubled(doubled),
    }
}

impl<'a, T, U> Judgement<'a, T, U> {
    fn pair(self) -> Result<Pair<'a, T, U>, Finding<'a, T, U>> {
        Err(match self {
            Self::Pair(ours, theirs) => return Ok(Pair { ours, theirs }),
            Self::Doubled(units) => Finding::Doubled(units),
            Self::Unmatched(unit) => Finding::Unmatched(unit),
            Self::CounterpartDoubled(unit, counterparts) => {
                Finding::CounterpartDoubled { unit, counterparts }
            }
        })
    }
}

fn unusable<'a, T, U>(index: &'a NameIndex<T>, findings: &mut Vec<Finding<'a, T, U>>) {
    findings.extend(index.blank().iter().map(Finding::Blank));
    findings.extend(index.too_long().iter().map(Finding::TooLong));
}

/// What [`counterpart`] says of one name of ours.
#[derive(Debug, PartialEq, Eq)]
pub enum Counterpart<'a, A, B> {
    /// It matches.
    Matched(Pair<'a, A, B>),
    /// The name can match nothing.
    Unusable(Unusable),
    /// Our own side does not list it: the list is incomplete, or the name was changed since.
    NotListed,
    /// Two or more of ours have it, however many of theirs do.
    Doubled(&'a [Named<A>]),
    /// Nothing of theirs has it.
    Unmatched(&'a Named<A>),
    /// Two or more of theirs have it.
    CounterpartDoubled {
        /// What would have matched.
        unit: &'a Named<A>,
        /// Those of theirs that have its name.
        counterparts: &'a [Named<B>],
    },
}

/// The counterpart of one name of ours: what [`match_all`] says, without matching all.
///
/// It takes our whole side and not only the name, since a name that is doubled on our side matches
/// nothing. Where the name comes from another read than the list, compare the ids too: `pair.ours` is the
/// unit that has the name *on the list*, and units may have swapped names in between.
///
/// ```
/// use elevate_unit_match::{Counterpart, NameIndex, counterpart};
///
/// let ours: NameIndex<u32> = [("Apt 1", 1), ("Apt 2", 2)].into_iter().collect();
/// let theirs: NameIndex<&str> = [("APT 1", "space-a")].into_iter().collect();
///
/// let Counterpart::Matched(pair) = counterpart(&ours, &theirs, "apt 1") else { panic!() };
/// assert_eq!((*pair.ours.item(), *pair.theirs.item()), (1, "space-a"));
/// assert!(matches!(counterpart(&ours, &theirs, "Apt 2"), Counterpart::Unmatched(_)));
/// ```
pub fn counterpart<'a, A, B>(
    ours: &'a NameIndex<A>,
    theirs: &'a NameIndex<B>,
    name: &str,
) -> Counterpart<'a, A, B> {
    let key = match NameKey::of(name) {
        Ok(key) => key,
        Err(why) => return Counterpart::Unusable(why),
    };
    let Some(here) = ours.group_of(&key) else { return Counterpart::NotListed };
    let there = theirs.group_of(&key).map_or(&[][..], |number| theirs.group(number));
    match judge(ours.group(here), there) {
        Judgement::Pair(ours, theirs) => Counterpart::Matched(Pair { ours, theirs }),
        Judgement::Doubled(units) => Counterpart::Doubled(units),
        Judgement::Unmatched(unit) => Counterpart::Unmatched(unit),
        Judgement::CounterpartDoubled(unit, counterparts) => {
            Counterpart::CounterpartDoubled { unit, counterparts }
        }
    }
}

/// References, so copied whatever they refer to.
macro_rules! copied {
    ($name:ident) => {
        impl<T, U> Clone for $name<'_, T, U> {
            fn clone(&self) -> Self {
                *self
            }
        }

        impl<T, U> Copy for $name<'_, T, U> {}
    };
}

copied!(Pair);
copied!(Finding);
copied!(Counterpart);
