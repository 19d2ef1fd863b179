//! What characters look like: alphabets that share letters with Latin, and letters that pass for digits.

use unicode_security::confusable_detection::skeleton;

use super::difference::Difference;
use crate::invisible::is_invisible;

/// What is not to be held for a slip, since names nearby do it on purpose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Habits {
    /// Single letters stand at numbers: where there is a 10K, a 10l is no 101, and where there is an A101, an
    /// I101 is no 1101.
    pub(super) letters_at_numbers: bool,
    /// Letters of another alphabet that look like no Latin one: there a Cyrillic В is a V, and no B.
    pub(super) other_alphabet: bool,
}

impl Habits {
    pub(super) fn and(self, other: Self) -> Self {
        Self {
            letters_at_numbers: self.letters_at_numbers || other.letters_at_numbers,
            other_alphabet: self.other_alphabet || other.other_alphabet,
        }
    }
}

/// A name without what cannot be seen, its spaces plain and single; and what was odd about it, each once.
pub(super) fn cleaned(name: &str) -> (String, Vec<Difference>) {
    let mut odd = Vec::new();
    let mut text = String::with_capacity(name.len());
    let mut spaces = 0;
    for c in name.chars() {
        if c.is_whitespace() || is_empty_cell(c) {
            if c != ' ' {
                odd.push(Difference::OddSpace);
            }
            spaces += 1;
        } else if is_invisible(c) && !turns_text(c) {
            odd.push(Difference::Invisible);
        } else {
            if spaces > 0 && text.is_empty() {
                odd.push(Difference::OuterSpace);
            } else if spaces > 0 {
                text.push(' ');
            }
            if spaces > 1 && !text.is_empty() {
                odd.push(Difference::RepeatedSpace);
            }
            spaces = 0;
            text.push(c);
        }
    }
    if spaces > 0 {
        odd.push(Difference::OuterSpace);
    }
    odd.sort_unstable();
    odd.dedup();
    (text, odd)
}

/// What is no white space to Unicode, and shows as wide as a character: Hangul fillers and the empty braille cell.
fn is_empty_cell(c: char) -> bool {
    matches!(c, '\u{115f}' | '\u{1160}' | '\u{2800}' | '\u{3164}' | '\u{ffa0}')
}

/// Whether it changes the order in which others are shown: a person sees "21" where "12" is written.
fn turns_text(c: char) -> bool {
    matches!(c, '\u{200f}' | '\u{61c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// What [`read`] made of a text.
pub(super) struct Plain {
    pub(super) text: String,
    /// The characters that were read as others.
    pub(super) look_alikes: Vec<char>,
    /// Whether one of them was a letter that was read as a digit.
    pub(super) has_letter_for_digit: bool,
    /// The letter that was read as the first digit of a number or as its last, where one that tells the building or
    /// the apartment would stand; and whether it was the first.
    pub(super) edge: Option<(char, bool)>,
    /// Whether it holds letters of another alphabet that look like no Latin one.
    pub(super) has_other_alphabet: bool,
}

/// Reads characters of other alphabets as the Latin ones that they look like, full-width ones as plain ones, and
/// `O`, `I` and `l` among digits as digits.
pub(super) fn read(text: &str, habits: Habits) -> Plain {
    let mut look_alikes = Vec::new();
    let mut plain: Vec<char> = Vec::with_capacity(text.len());
    let (mut has_other_alphabet, mut has_letter_for_digit) = (false, false);
    let mut edge = None;
    for c in text.chars() {
        match (c, plain.last()) {
            (c, _) if c.is_ascii() => plain.push(c),
            ('№', _) => plain.extend(['N', 'o']),
            ('°' | 'º', Some('n' | 'N')) => plain.push('o'),
            _ => {
                let read = match (plain_form(c), is_shared_alphabet(c)) {
                    (Some(form), _) => form,
                    (None, true) => {
                        let look = latin(c);
                        has_other_alphabet |= look.is_none() && c.is_alphabetic();
                        look.filter(|_| !habits.other_alphabet).unwrap_or(c)
                    }
                    (None, false) => c,
                };
                if read != c {
                    look_alikes.push(c);
                }
                plain.push(read);
            }
        }
    }
    for place in 0..plain.len() {
        let digit = match plain[place] {
            'O' | 'o' => '0',
            'I' | 'l' => '1',
            _ => continue,
        };
        if !habits.letters_at_numbers && is_among_digits(&plain, place) {
            let is_word = |at: usize| plain.get(at).is_some_and(|c| c.is_alphanumeric());
            let is_first = place == 0 || !is_word(place - 1);
            if is_first || !is_word(place + 1) {
                edge = Some((plain[place].to_ascii_uppercase(), is_first));
            }
            look_alikes.push(plain[place]);
            has_letter_for_digit = true;
            plain[place] = digit;
        }
    }
    Plain {
        text: plain.into_iter().collect(),
        look_alikes,
        has_letter_for_digit,
        edge,
        has_other_alphabet,
    }
}

/// The plain form of a full-width character, and of what Japanese and typesetters write for a hyphen.
fn plain_form(c: char) -> Option<char> {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0),
        '‐'..='―' | '−' | 'ー' => Some('-'),
        _ => None,
    }
}

/// Greek and Cyrillic share letters with Latin.
fn is_shared_alphabet(c: char) -> bool {
    matches!(c, '\u{370}'..='\u{52f}')
}

/// The Latin letter that this one looks like. Its capital has to look so too, and both like one letter: a small
/// Greek ν looks like a v, but its capital like an N, and the two are one name.
fn latin(c: char) -> Option<char> {
    let capital = looks_like(c.to_uppercase().next()?)?;
    let small = c.to_lowercase().next().and_then(looks_like);
    if small.is_some_and(|small| small != capital) || (small.is_none() && c.is_lowercase()) {
        return None;
    }
    Some(if c.is_lowercase() { capital } else { capital.to_ascii_uppercase() })
}

/// The same for one character as it is written, as a small letter.
fn looks_like(c: char) -> Option<char> {
    let mut bytes = [0; 4];
    let mut looks = skeleton(c.encode_utf8(&mut bytes));
    match (looks.next(), looks.next()) {
        // The table has one form for I, l and 1. The small ones of those that are capitals here have a dot.
        (Some('l'), None) => Some('i'),
        (Some(look), None) if look.is_ascii_alphabetic() => Some(look.to_ascii_lowercase()),
        _ => None,
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
