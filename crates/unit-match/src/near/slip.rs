//! One letter of a long word, swapped with its neighbour or missed.

use std::hash::{DefaultHasher, Hash, Hasher};

use strsim::osa_distance;

use super::{reading::Reading, words};

/// No apartment's name has more parts; in what has, no slip is sought, so that hostile text costs little.
const MOST_PARTS: usize = 8;

/// The shortest word in which a letter is taken for a slip: shorter ones are too often a letter from another
/// word, as Carlton from Charlton.
const LONG: usize = 8;

/// The longest one.
const LONGEST: usize = 64;

/// Whether they differ in one letter of one long word and in nothing else.
///
/// A letter for another one is no slip, and neither is one at the edge: `StudioA` and `StudioB` are two.
pub(super) fn is_slip(a: &[String], b: &[String]) -> bool {
    if a.len() != b.len() || a.len() > MOST_PARTS {
        return false;
    }
    let mut different = a.iter().zip(b).filter(|(a, b)| a != b);
    let (Some((a, b)), None) = (different.next(), different.next()) else { return false };
    let edges = |word: &str| (word.chars().next(), word.chars().next_back());
    is_word(a)
        && is_word(b)
        && edges(a) == edges(b)
        && !ends_in_more(a, b)
        && !ends_in_more(b, a)
        && is_swapped_or_missed(a, b)
}

/// `PenthouseE` is no `Penthouse`, though both end in an e.
fn ends_in_more(a: &str, b: &str) -> bool {
    a.strip_prefix(b).is_some_and(|more| !more.is_empty())
}

fn is_swapped_or_missed(a: &str, b: &str) -> bool {
    let mut letters = [a, b].map(|word| word.chars().collect::<Vec<_>>());
    let is_one = osa_distance(a, b) == 1;
    // Of one length, they differ in two that are swapped, or in one that is another.
    let sorted = |letters: &mut Vec<char>| letters.sort_unstable();
    letters.iter_mut().for_each(sorted);
    is_one && (letters[0].len() != letters[1].len() || letters[0] == letters[1])
}

/// A word in which a letter is easily missed. Words for places end in the place's own letter too often (`BlockAB`),
/// and in other scripts one character says too much.
fn is_word(text: &str) -> bool {
    (LONG..=LONGEST).contains(&text.chars().count())
        && text.chars().all(|c| c.is_alphabetic() && c < '\u{370}')
        && !words::begins_with_one(text)
}

/// What two have in common that differ in a slip: digests of the name without one of its letters. Others may share
/// one by chance, so whoever meets is compared.
pub(super) fn keys(of: &Reading) -> Vec<u64> {
    let core = &of.core;
    let mut keys = Vec::new();
    if core.len() > MOST_PARTS {
        return keys;
    }
    for (at, word) in core.iter().enumerate().filter(|(_, word)| is_word(word)) {
        let mut rest = DefaultHasher::new();
        (at, &core[..at], &core[at + 1..]).hash(&mut rest);
        let mut short = String::with_capacity(word.len());
        let mut key = |before: &str, after: &str| {
            short.clear();
            short.push_str(before);
            short.push_str(after);
            let mut hasher = rest.clone();
            short.hash(&mut hasher);
            keys.push(hasher.finish());
        };
        for (place, c) in word.char_indices() {
            key(&word[..place], &word[place + c.len_utf8()..]);
        }
        key(word, "");
    }
    keys.sort_unstable();
    keys.dedup();
    keys
}
