//! The building and the floor, where words name them.

use super::{
    parts::{Part, is_number, without_zeros},
    words::{building, floor, is_ordinal, is_unit},
};

/// Where in the property an apartment is: the sense of the word, and the value that goes with it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Place {
    building: Option<(&'static str, String)>,
    floor: Option<(&'static str, String)>,
}

/// How a place was written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Spelling {
    pub(super) words: Vec<String>,
    pub(super) zeros: Vec<usize>,
}

impl Place {
    /// Takes it out of the parts.
    pub(super) fn take(parts: &mut Vec<Part>) -> Option<(Self, Spelling)> {
        let mut spelling = Spelling::default();
        let mut place = Self::default();
        let mut named = |sense: Sense, is_value| {
            let taken = take_named(parts, sense, is_value)?;
            let sense = sense(&taken.word)?;
            spelling.words.push(taken.word);
            spelling.zeros.push(taken.zeros);
            Some((sense, taken.value))
        };
        place.building = named(building, |value| value.len() <= 3);
        place.floor = named(floor, is_number);
        (place != Self::default()).then_some((place, spelling))
    }

    pub(super) fn building(&self) -> Option<&str> {
        self.building.as_ref().map(|(_, value)| value.as_str())
    }

    /// The building's and the floor's names or numbers.
    pub(super) fn values(&self) -> impl Iterator<Item = &str> {
        [&self.building, &self.floor].into_iter().flatten().map(|(_, value)| value.as_str())
    }
}

/// What a word says, if it is one of a sort.
type Sense = fn(&str) -> Option<&'static str>;

struct Taken {
    word: String,
    value: String,
    zeros: usize,
}

/// Takes a word of that sort out with the value that it goes with: `Tower B`, `2nd floor`, `3階`.
fn take_named(parts: &mut Vec<Part>, sense: Sense, is_value: fn(&str) -> bool) -> Option<Taken> {
    let at = parts.iter().position(|part| sense(&part.text).is_some())?;
    let fits = |part: Option<&Part>| {
        part.is_some_and(|part| is_value(&part.text) && !part.is_sign() && !is_unit(&part.text))
    };
    // "B2 Block", "1A棟": more than the last part is the building's name.
    let is_whole = |at: usize| at == 0 || parts.get(at).is_some_and(|part| !part.gap.is_empty());
    let before = at.checked_sub(1);
    // A letter makes an ordinal at a floor that is counted ("2e étage"): "1A棟" is a building of that name.
    let is_counted = floor(&parts[at].text).is_some() && comes_after(&parts[at].text);
    let is_ordinal = before.map(|before| &parts[before]).is_some_and(|part| {
        is_ordinal(&part.text) && (!part.is_letter() || (is_counted && part.gap.is_empty()))
    });
    let number = at.checked_sub(2).filter(|two| is_ordinal && is_number(&parts[*two].text));
    let named = before.filter(|one| fits(parts.get(*one)));
    if number.is_none() && named.is_some_and(|one| !is_whole(one)) {
        return None;
    }
    let counted = named.filter(|_| comes_after(&parts[at].text));
    // "Apt 12 Tower 3": the 12 has a word of its own.
    let is_anothers =
        |one: &usize| one.checked_sub(1).is_some_and(|word| is_unit(&parts[word].text));
    let after = parts.get(at + 1).filter(|part| fits(Some(part)));
    let (value, taken) = if let Some(number) = number {
        (number, number..=at)
    } else if let Some(counted) = counted {
        (counted, counted..=at)
    } else {
        match (named.filter(|one| !is_anothers(one)), after) {
            (Some(named), None) => (named, named..=at),
            (None, Some(_)) => return take_following(parts, at, is_value),
            (None, None) => return None,
            // "A Block 101" and "101 Block A" can be told; of two numbers, or two letters, it cannot.
            (Some(named), Some(after)) => match (parts[named].is_number(), after.is_number()) {
                (false, true) => (named, named..=at),
                (true, false) => return take_following(parts, at, is_value),
                _ => return None,
            },
        }
    };
    // Something has to be left that tells the apartment.
    if parts.len() == taken.clone().count() {
        return None;
    }
    let (value, zeros) = without_zeros(&parts[value].text);
    let told = Taken { word: parts[at].text.clone(), value: value.to_owned(), zeros };
    let next = *taken.start();
    parts.drain(taken);
    if let Some(part) = parts.get_mut(next) {
        part.gap.clear();
    }
    Some(told)
}

/// Words that what they count or name comes before: `2. OG`, `3階`, `A棟`.
fn comes_after(word: &str) -> bool {
    matches!(word, "og" | "stock" | "patro" | "階" | "etage" | "e\u{301}tage" | "andar" | "棟")
}

/// The same where the value comes after the word, with all that belongs to it: `Haus 1a`, `Block B2`.
fn take_following(parts: &mut Vec<Part>, at: usize, is_value: fn(&str) -> bool) -> Option<Taken> {
    let value = parts.get(at + 1)?;
    let next = parts.get(at + 2).filter(|next| {
        (value.is_number() && next.is_letter()) || (value.is_letter() && next.is_number())
    });
    let (bare, zeros) = without_zeros(&value.text);
    let mut told = Taken { word: parts[at].text.clone(), value: bare.to_owned(), zeros };
    let mut end = at + 2;
    if let Some(next) = next {
        let joined = format!("{bare}{}", next.text);
        match (next.gap.is_empty(), is_value(&joined)) {
            (true, true) => (told.value, end) = (joined, at + 3),
            // "Tower B1204" is the 1204 of B.
            (true, false) if value.is_letter() => {}
            // "Floor 2B", and "Haus 1 a 3": whose the letter is cannot be told.
            _ if value.is_number() => return None,
            _ => {}
        }
    }
    // Something has to be left that tells the apartment.
    if parts.len() == end - at {
        return None;
    }
    parts.drain(at..end);
    if let Some(part) = parts.get_mut(at) {
        part.gap.clear();
    }
    Some(told)
}
