//! A name as a person reads it: its parts, what goes with them, and what is in the way.

use std::collections::BTreeSet;

use strsim::osa_distance;
use unicode_security::confusable_detection::skeleton;

use super::{
    difference::Difference,
    words::{is_building, is_floor, is_ordinal, is_unit},
};
use crate::{fold::canonical_caseless, invisible::is_invisible};

/// A name taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Reading {
    /// The name without what cannot be seen, its spaces plain and single: what is compared first.
    pub(super) clean: String,
    /// What is odd about its spaces, and that it holds what cannot be seen.
    oddities: BTreeSet<Difference>,
    /// The characters that were read as others.
    look_alikes: Vec<char>,
    /// The parts that tell the apartment, numbers without leading zeros.
    pub(super) core: Vec<String>,
    /// What stands before, between and after them.
    gaps: Vec<String>,
    /// So many zeros stood before numbers.
    zeros: Vec<usize>,
    /// The words for an apartment.
    words: Vec<String>,
    /// The building and the floor, where a word says that it is one.
    pub(super) place: Option<Place>,
}

/// Where in the property an apartment is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Place {
    building: Option<String>,
    floor: Option<String>,
}

/// A run of letters, of digits, or of what is neither.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Part {
    /// What stands before it.
    gap: String,
    text: String,
}

impl Reading {
    pub(super) fn of(name: &str) -> Self {
        let mut reading = Self::default();
        let seen = reading.cleaned(name);
        let plain = reading.without_look_alikes(&seen);
        reading.clean = canonical_caseless(&seen);
        let (parts, after) = parts(&canonical_caseless(&plain));
        let parts = reading.without_place(parts);
        reading.take(parts, after);
        reading
    }

    /// Whether a number is among its parts.
    pub(super) fn has_number(&self) -> bool {
        self.core.iter().any(|part| is_number(part))
    }

    /// What is the same for names that differ only in spaces and in what cannot be seen.
    pub(super) fn spaceless_key(&self) -> Option<String> {
        (!self.core.is_empty()).then(|| self.clean.clone())
    }

    /// What is the same for names that read alike, and lie at the same place if they say where.
    pub(super) fn key(&self) -> Option<String> {
        let place = self.place.as_ref().map(|place| format!("{place:?}"));
        (!self.core.is_empty())
            .then(|| format!("{}\n{}", self.core.join("\u{1f}"), place.unwrap_or_default()))
    }

    /// The same wherever they lie.
    pub(super) fn bare_key(&self) -> Option<String> {
        self.has_number().then(|| self.core.join("\u{1f}"))
    }

    /// What two have in common that differ in one letter of a long word.
    pub(super) fn slip_keys(&self) -> Vec<String> {
        let mut keys = Vec::new();
        if self.core.len() > MOST_PARTS {
            return keys;
        }
        for (at, word) in self.core.iter().enumerate() {
            let letters: Vec<char> = word.chars().collect();
            if !(LONG..=64).contains(&letters.len()) || !letters.iter().all(|c| c.is_alphabetic()) {
                continue;
            }
            let rest = [&self.core[..at], &self.core[at + 1..]].concat().join("\u{1f}");
            for left_out in 0..letters.len() {
                let short = letters.iter().enumerate().filter(|(place, _)| *place != left_out);
                let short: String = short.map(|(_, c)| c).collect();
                keys.push(format!("{at}\n{short}\n{rest}"));
            }
            keys.push(format!("{at}\n{word}\n{rest}"));
        }
        keys.sort_unstable();
        keys.dedup();
        keys
    }

    /// The differences around the parts, and not in them.
    pub(super) fn outer_differences(&self, other: &Self) -> Vec<Difference> {
        let mut found: Vec<Difference> =
            self.oddities.symmetric_difference(&other.oddities).copied().collect();
        let differ = [
            (Difference::LookAlike, self.look_alikes != other.look_alikes),
            (Difference::Separators, self.gaps != other.gaps),
            (Difference::LeadingZeros, self.zeros != other.zeros),
            (Difference::UnitWord, self.words != other.words),
        ];
        found.extend(differ.into_iter().filter_map(|(what, differ)| differ.then_some(what)));
        found
    }

    /// Takes away what cannot be seen, and makes every space a plain and single one.
    fn cleaned(&mut self, name: &str) -> String {
        let mut text = String::with_capacity(name.len());
        let mut spaces = 0;
        for c in name.chars() {
            if c.is_whitespace() {
                if c != ' ' {
                    self.oddities.insert(Difference::OddSpace);
                }
                spaces += 1;
            } else if is_invisible(c) {
                self.oddities.insert(Difference::Invisible);
            } else {
                if spaces > 0 && text.is_empty() {
                    self.oddities.insert(Difference::OuterSpace);
                } else if spaces > 0 {
                    text.push(' ');
                }
                if spaces > 1 && !text.is_empty() {
                    self.oddities.insert(Difference::RepeatedSpace);
                }
                spaces = 0;
                text.push(c);
            }
        }
        if spaces > 0 {
            self.oddities.insert(Difference::OuterSpace);
        }
        text
    }

    /// Reads characters of other alphabets as the Latin ones that they look like, full-width ones as plain ones,
    /// and `O`, `I` and `l` among digits as digits.
    fn without_look_alikes(&mut self, text: &str) -> String {
        let mut plain: Vec<char> = Vec::with_capacity(text.len());
        for c in text.chars() {
            match (c, plain.last()) {
                ('№', _) => plain.extend(['N', 'o']),
                ('°' | 'º', Some('n' | 'N')) => plain.push('o'),
                _ => {
                    let read = latin(c);
                    if read != c {
                        self.look_alikes.push(c);
                    }
                    plain.push(read);
                }
            }
        }
        for place in 0..plain.len() {
            let digit = match plain[place] {
                'O' | 'o' => '0',
                'I' | 'l' | '|' => '1',
                _ => continue,
            };
            if is_among_digits(&plain, place) {
                self.look_alikes.push(plain[place]);
                plain[place] = digit;
            }
        }
        plain.into_iter().collect()
    }

    /// Takes the building and the floor out, where words name them.
    fn without_place(&mut self, mut parts: Vec<Part>) -> Vec<Part> {
        let mut place = Place::default();
        if let Some(building) = take_named(&mut parts, is_building, |value| value.len() <= 3) {
            place.building = Some(building);
        }
        if let Some(floor) = take_named(&mut parts, is_floor, is_number) {
            place.floor = Some(floor);
        }
        self.place = Some(place).filter(|place| *place != Place::default());
        parts
    }

    /// Sorts what is left into words for an apartment and the parts that tell it.
    fn take(&mut self, parts: Vec<Part>, after: String) {
        let others = parts.iter().filter(|part| !is_unit(&part.text)).count();
        let mut gap = None;
        for part in parts {
            // A name that is nothing but such words is told by them.
            if others > 0 && is_unit(&part.text) {
                self.words.push(part.text);
                gap = Some(String::new());
                continue;
            }
            let is_first = self.core.is_empty();
            let before = gap.take().unwrap_or(part.gap);
            self.gaps.push(if is_first { before.trim().to_owned() } else { before });
            let (text, zeros) = without_zeros(&part.text);
            self.zeros.push(zeros);
            self.core.push(text);
        }
        let after = if gap.is_some() { String::new() } else { after };
        self.gaps.push(after.trim().to_owned());
    }
}

/// A Latin letter or digit that the character looks like, or the character.
fn latin(c: char) -> char {
    if c.is_ascii() {
        return c;
    }
    if ('\u{ff01}'..='\u{ff5e}').contains(&c) {
        return char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c);
    }
    // Japanese writes a bar or a katakana for a hyphen.
    if matches!(c, '‐'..='―' | '−' | 'ー' | '－') {
        return '-';
    }
    if !c.is_alphabetic() {
        return c;
    }
    let mut looks = skeleton(c.encode_utf8(&mut [0; 4])).collect::<Vec<_>>();
    match (looks.pop(), looks.is_empty()) {
        (Some(look), true) if look.is_ascii_alphabetic() => {
            if c.is_uppercase() {
                look.to_ascii_uppercase()
            } else {
                look
            }
        }
        _ => c,
    }
}

/// Whether the letter stands where a digit would: between two, or at the edge of a number of three or more places.
fn is_among_digits(text: &[char], place: usize) -> bool {
    let digit =
        |at: Option<usize>| at.and_then(|at| text.get(at)).is_some_and(char::is_ascii_digit);
    let word =
        |at: Option<usize>| at.and_then(|at| text.get(at)).is_some_and(|c| c.is_alphanumeric());
    let (before, after) = (place.checked_sub(1), Some(place + 1));
    if digit(before) && digit(after) {
        return true;
    }
    let starts = !word(before) && digit(after) && digit(Some(place + 2));
    let ends = !word(after) && digit(before) && digit(place.checked_sub(2));
    starts || ends
}

/// Runs of letters and of digits, each with what stands before it; and what stands after the last.
fn parts(text: &str) -> (Vec<Part>, String) {
    let mut parts: Vec<Part> = Vec::new();
    let mut gap = String::new();
    let mut last = Kind::Other;
    for c in text.chars() {
        let kind = Kind::of(c, last);
        match kind {
            Kind::Other => gap.push(c),
            Kind::Hash => parts.push(Part { gap: std::mem::take(&mut gap), text: c.into() }),
            Kind::Letter | Kind::Ideograph | Kind::Digit => match parts.last_mut() {
                Some(part) if kind == last => part.text.push(c),
                _ => parts.push(Part { gap: std::mem::take(&mut gap), text: c.into() }),
            },
        }
        last = kind;
    }
    (parts, gap)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Digit,
    Letter,
    Ideograph,
    Hash,
    Other,
}

impl Kind {
    fn of(c: char, last: Self) -> Self {
        match c {
            '#' => Self::Hash,
            // A mark belongs to the letter before it.
            '\u{300}'..='\u{36f}' => last,
            _ if c.is_ascii_digit() => Self::Digit,
            '\u{3040}'..='\u{30ff}' | '\u{4e00}'..='\u{9fff}' => Self::Ideograph,
            _ if c.is_alphanumeric() => Self::Letter,
            _ => Self::Other,
        }
    }
}

/// Takes a word of that sort out with the value that it goes with: `Tower B`, `2nd floor`, `3階`.
fn take_named(
    parts: &mut Vec<Part>,
    is_word: fn(&str) -> bool,
    is_value: fn(&str) -> bool,
) -> Option<String> {
    let at = parts.iter().position(|part| is_word(&part.text))?;
    let fits =
        |part: Option<&Part>| part.is_some_and(|part| is_value(&part.text) && !is_unit(&part.text));
    let before = at.checked_sub(1);
    let is_ordinal = before.is_some_and(|before| is_ordinal(&parts[before].text));
    let number = at.checked_sub(2).filter(|two| is_ordinal && is_number(&parts[*two].text));
    let counted = before.filter(|one| comes_after(&parts[at].text) && fits(parts.get(*one)));
    let (value, taken) = if let Some(number) = number {
        (number, number..=at)
    } else if let Some(counted) = counted {
        (counted, counted..=at)
    } else if fits(parts.get(at + 1)) {
        (at + 1, at..=at + 1)
    } else if let Some(before) = before.filter(|before| fits(parts.get(*before))) {
        (before, before..=at)
    } else {
        return None;
    };
    // Something has to be left that tells the apartment.
    if parts.len() == taken.clone().count() {
        return None;
    }
    let value = without_zeros(&parts[value].text).0;
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

fn is_number(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit()) && !text.is_empty()
}

fn without_zeros(text: &str) -> (String, usize) {
    if !is_number(text) {
        return (text.to_owned(), 0);
    }
    let bare = text.trim_start_matches('0');
    let bare = if bare.is_empty() { "0" } else { bare };
    (bare.to_owned(), text.len() - bare.len())
}

/// No apartment's name has more parts; in what has, no slip is sought, so that hostile text costs little.
const MOST_PARTS: usize = 8;

/// The shortest word in which one letter is taken for a slip.
const LONG: usize = 6;

/// Whether they differ in one letter of one long word and in nothing else.
pub(super) fn is_slip(a: &[String], b: &[String]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let mut different = a.iter().zip(b).filter(|(a, b)| a != b);
    let (Some((a, b)), None) = (different.next(), different.next()) else { return false };
    let is_word =
        |text: &str| text.chars().all(char::is_alphabetic) && text.chars().count() >= LONG;
    is_word(a) && is_word(b) && a.chars().next() == b.chars().next() && osa_distance(a, b) == 1
}
