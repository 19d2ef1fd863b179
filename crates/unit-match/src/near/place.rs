//! The building and the floor, where words name them.

use super::{
    parts::{Part, is_number, without_zeros},
    words::{is_building, is_floor, is_ordinal, is_unit},
};

/// Where in the property an apartment is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Place {
    pub(super) building: Option<String>,
    pub(super) floor: Option<String>,
}

impl Place {
    /// Takes it out of the parts.
    pub(super) fn take(parts: &mut Vec<Part>) -> Option<Self> {
        let building = take_named(parts, is_building, |value| value.len() <= 3);
        let floor = take_named(parts, is_floor, is_number);
        let place = Self { building, floor };
        (place != Self::default()).then_some(place)
    }
}

/// Takes a word of that sort out with the value that it goes with: `Tower B`, `2nd floor`, `3階`.
fn take_named(
    parts: &mut Vec<Part>,
    is_word: fn(&str) -> bool,
    is_value: fn(&str) -> bool,
) -> Option<String> {
    let at = parts.iter().position(|part| is_word(&part.text))?;
    let fits = |part: Option<&Part>| {
        part.is_some_and(|part| is_value(&part.text) && !part.is_sign() && !is_unit(&part.text))
    };
    let before = at.checked_sub(1);
    let is_ordinal = before.is_some_and(|before| is_ordinal(&parts[before].text));
    let number = at.checked_sub(2).filter(|two| is_ordinal && is_number(&parts[*two].text));
    let counted = before.filter(|one| comes_after(&parts[at].text) && fits(parts.get(*one)));
    let (value, taken) = if let Some(number) = number {
        (number, number..=at)
    } else if let Some(counted) = counted {
        (counted, counted..=at)
    } else if fits(parts.get(at + 1)) {
        return take_following(parts, at, is_value);
    } else if let Some(before) = before.filter(|before| fits(parts.get(*before))) {
        (before, before..=at)
    } else {
        return None;
    };
    // Something has to be left that tells the apartment.
    if parts.len() == taken.clone().count() {
        return None;
    }
    let value = without_zeros(&parts[value].text).0.to_owned();
    let next = *taken.start();
    parts.drain(taken);
    if let Some(part) = parts.get_mut(next) {
        part.gap.clear();
    }
    Some(value)
}

/// Words that what they count or name comes before: `2. OG`, `3階`, `A棟`.
fn comes_after(word: &str) -> bool {
    matches!(word, "og" | "stock" | "patro" | "階" | "etage" | "e\u{301}tage" | "andar" | "棟")
}

/// The same where the value comes after the word, with all that belongs to it: `Haus 1a`, `Block B2`.
fn take_following(parts: &mut Vec<Part>, at: usize, is_value: fn(&str) -> bool) -> Option<String> {
    let value = parts.get(at + 1)?;
    let next = parts.get(at + 2).filter(|next| {
        (value.is_number() && next.is_letter()) || (value.is_letter() && next.is_number())
    });
    let mut told = without_zeros(&value.text).0.to_owned();
    let mut end = at + 2;
    if let Some(next) = next {
        let joined = format!("{told}{}", next.text);
        match (next.gap.is_empty(), is_value(&joined)) {
            (true, true) => (told, end) = (joined, at + 3),
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
