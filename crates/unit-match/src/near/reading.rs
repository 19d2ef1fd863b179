//! A name as a person reads it: its parts, what goes with them, and what is in the way.

use std::borrow::Cow;

use super::{
    difference::Difference,
    looks::{Habits, cleaned, read},
    parts::{Part, is_letter, is_number, parts, without_zeros},
    place::{Place, Spelling},
    words::{is_unit, stands_before},
};
use crate::fold::canonical_caseless;

/// A name taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Reading {
    /// The name without what cannot be seen, its spaces plain and single: what is compared first.
    pub(super) clean: String,
    /// What is odd about its spaces, and that it holds what cannot be seen.
    oddities: Vec<Difference>,
    /// The characters that were read as others.
    look_alikes: Vec<char>,
    /// The parts that tell the apartment, numbers without leading zeros.
    pub(super) core: Vec<String>,
    /// What stands before, between and after them.
    gaps: Vec<String>,
    /// So many zeros stood before numbers.
    zeros: Vec<usize>,
    /// The words for an apartment, each with how many parts stand before it.
    words: Vec<(usize, String)>,
    /// The building and the floor, where a word says that it is one.
    pub(super) place: Option<Place>,
    place_spelling: Spelling,
    /// What it does that is no slip where it is a habit.
    pub(super) habits: Habits,
    /// Whether it would read otherwise among names of such habits.
    bends_to: Habits,
    /// The letter that was read as the first or last digit of its number, and whether it was the first.
    pub(super) edge: Option<(char, bool)>,
}

impl Reading {
    /// Reads a name among others of these habits.
    pub(super) fn of(name: &str, habits: Habits) -> Self {
        let mut reading = Self::default();
        let seen;
        (seen, reading.oddities) = cleaned(name);
        reading.clean = canonical_caseless(&seen);
        let plain = read(&seen, habits);
        let (mut parts, after) = if plain.look_alikes.is_empty() && plain.text == seen {
            parts(&reading.clean)
        } else {
            parts(&canonical_caseless(&plain.text))
        };
        reading.bends_to = Habits {
            letters_at_numbers: plain.has_letter_for_digit,
            other_alphabet: plain.look_alikes.iter().any(|c| c.is_alphabetic()),
        };
        reading.habits = Habits {
            letters_at_numbers: parts.windows(2).any(|two| {
                (two[0].is_letter() && two[1].is_number())
                    || (two[0].is_number() && two[1].is_letter())
            }),
            other_alphabet: plain.has_other_alphabet,
        };
        reading.edge = plain.edge;
        reading.look_alikes = plain.look_alikes;
        if let Some((place, spelling)) = Place::take(&mut parts) {
            (reading.place, reading.place_spelling) = (Some(place), spelling);
        }
        reading.take(parts, after);
        reading
    }

    /// Whether it is to be read anew among names of these habits.
    pub(super) fn bends(&self, habits: Habits) -> bool {
        (self.bends_to.letters_at_numbers && habits.letters_at_numbers)
            || (self.bends_to.other_alphabet && habits.other_alphabet)
    }

    /// Whether a number is among its parts.
    pub(super) fn has_number(&self) -> bool {
        self.core.iter().any(|part| is_number(part))
    }

    /// What is the same for names that differ only in spaces and in what cannot be seen.
    pub(super) fn spaceless_key(&self) -> Option<Cow<'_, str>> {
        (!self.core.is_empty()).then_some(Cow::Borrowed(&self.clean))
    }

    /// What is the same for names that read alike, and lie at the same place if they say where.
    pub(super) fn key(&self) -> Option<Cow<'_, str>> {
        let core = self.joined_core()?;
        Some(match &self.place {
            None => core,
            // No part holds a control character.
            Some(place) => format!("{core}\n{place:?}").into(),
        })
    }

    /// The same wherever they lie.
    pub(super) fn bare_key(&self) -> Option<Cow<'_, str>> {
        if self.has_number() { self.joined_core() } else { None }
    }

    fn joined_core(&self) -> Option<Cow<'_, str>> {
        match self.core.as_slice() {
            [] => None,
            [one] => Some(one.into()),
            many => Some(many.join("\u{1f}").into()),
        }
    }

    /// The building that it names, by a word, or as a letter or number before its number.
    pub(super) fn building(&self) -> Option<&str> {
        let named = self.place.as_ref().and_then(Place::building);
        named.or_else(|| match self.core.as_slice() {
            [first, number, ..] if is_number(number) && (is_letter(first) || is_number(first)) => {
                Some(first)
            }
            _ => None,
        })
    }

    /// With what other names end that have something before it.
    pub(super) fn ends(&self) -> Vec<String> {
        let last = self.core.len().saturating_sub(MOST_ENDS).max(1);
        let starts = last..self.core.len();
        starts.map(|start| self.core[start..].join("\u{1f}")).collect()
    }

    /// What it would be called if its place were a part of its number: the 12 of the third floor as 312.
    pub(super) fn joined_keys(&self) -> Vec<String> {
        let Some(place) = &self.place else { return Vec::new() };
        let Some((first, rest)) = self.core.split_first() else { return Vec::new() };
        let mut keys = Vec::new();
        for value in place.values() {
            let before = ["", "0", "00"].map(|zeros| format!("{value}{zeros}{first}"));
            keys.extend(before.map(|first| [&[first], rest].concat().join("\u{1f}")));
            // "5A" can be the 5 of A.
            keys.push(format!("{}\u{1f}{value}", self.core.join("\u{1f}")));
        }
        keys
    }

    /// The differences around the parts, and not in them. None can be told of names that are made up of the same
    /// parts in another way.
    pub(super) fn outer_differences(&self, other: &Self) -> Option<Vec<Difference>> {
        if self.is_divided_otherwise(other) {
            return None;
        }
        let mut found: Vec<Difference> = Vec::new();
        for (here, there) in [(self, other), (other, self)] {
            found.extend(here.oddities.iter().filter(|odd| !there.oddities.contains(odd)));
        }
        let differ = [
            (Difference::LookAlike, self.look_alikes != other.look_alikes),
            (Difference::Separators, self.gaps != other.gaps),
            (Difference::LeadingZeros, self.zeros != other.zeros),
            (Difference::UnitWord, self.words != other.words),
        ];
        found.extend(differ.into_iter().filter_map(|(what, differ)| differ.then_some(what)));
        if self.place.is_some() && self.place == other.place {
            let (ours, theirs) = (&self.place_spelling, &other.place_spelling);
            found.extend((ours.words != theirs.words).then_some(Difference::PlaceWord));
            found.extend((ours.zeros != theirs.zeros).then_some(Difference::LeadingZeros));
        }
        Some(found)
    }

    /// "1-B2" and "1B-2" have the same parts, and so have "A-1/2" and "A/1-2", "Unit 3 Flat 2" and
    /// "Flat 3 Unit 2", or "3 Flat 2" and "Flat 3, 2": each of these is two apartments.
    fn is_divided_otherwise(&self, other: &Self) -> bool {
        let inner = 1..self.core.len().min(other.core.len());
        let divided = |name: &Self, at: usize| {
            name.gaps.get(at).is_some_and(|gap| !gap.is_empty())
                || name.words.iter().any(|(before, _)| *before == at)
        };
        let only = |a: &Self, b: &Self| inner.clone().any(|at| divided(a, at) && !divided(b, at));
        if only(self, other) && only(other, self) {
            return true;
        }
        let gaps = |name: &Self| -> Vec<String> {
            inner
                .clone()
                .filter_map(|at| name.gaps.get(at))
                .map(|gap| gap.trim().to_owned())
                .collect()
        };
        let (mut ours, mut theirs) = (gaps(self), gaps(other));
        if ours != theirs {
            ours.sort_unstable();
            theirs.sort_unstable();
            if ours == theirs {
                return true;
            }
        }
        // Of two numbers, each name's word stands before another one.
        let tells = |name: &Self| {
            let mut words = name.words.iter().map(|(before, _)| *before);
            let numbers = |at: usize| {
                at > 0
                    && name
                        .core
                        .get(at - 1..=at)
                        .is_some_and(|two| two.iter().all(|part| is_number(part)))
            };
            words.find(|at| numbers(*at))
        };
        for (name, other) in [(self, other), (other, self)] {
            let elsewhere =
                |at| !other.words.is_empty() && other.words.iter().all(|(before, _)| *before != at);
            if tells(name).is_some_and(elsewhere) {
                return true;
            }
        }
        let apart = |name: &Self| {
            let first = name.words.first().map(|(before, _)| before);
            name.words.iter().any(|(before, _)| Some(before) != first)
        };
        self.words != other.words && apart(self) && apart(other)
    }

    /// Sorts what is left into words for an apartment and the parts that tell it.
    fn take(&mut self, parts: Vec<Part>, after: String) {
        let is_word: Vec<bool> = (0..parts.len()).map(|at| is_word_at(&parts, at)).collect();
        // What is left tells an apartment only with a number or a letter: a "Garden Flat" is not the garden.
        let tells = parts
            .iter()
            .zip(&is_word)
            .any(|(part, is_word)| !is_word && (part.is_number() || part.is_letter()));
        let mut gap = None;
        for (part, is_word) in parts.into_iter().zip(is_word) {
            if tells && is_word {
                self.words.push((self.core.len(), part.text));
                gap = Some(String::new());
                continue;
            }
            let is_first = self.core.is_empty();
            let before = gap.take().unwrap_or(part.gap);
            self.gaps.push(if is_first { before.trim().to_owned() } else { before });
            let (text, zeros) = without_zeros(&part.text);
            self.zeros.push(zeros);
            self.core.push(text.to_owned());
        }
        let after = if gap.is_some() { String::new() } else { after };
        self.gaps.push(after.trim().to_owned());
    }
}

/// Of a longer name so many parts at its end are looked at.
const MOST_ENDS: usize = 8;

/// Whether the part is a word that says no more than "apartment".
fn is_word_at(parts: &[Part], at: usize) -> bool {
    let text = |at: usize| parts.get(at).map_or("", |part| part.text.as_str());
    if !is_unit(text(at)) {
        return false;
    }
    // "Top 12" is an apartment, "12 Top" the one under the roof.
    let next = text(at + 1);
    !stands_before(text(at))
        || is_number(next)
        || is_unit(next)
        || (is_letter(next) && is_number(text(at + 2)))
}
