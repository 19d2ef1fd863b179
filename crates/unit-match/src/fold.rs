//! The canonical caseless form of a name, by the Unicode Standard's definition D145.

use std::{iter::once, sync::LazyLock};

use caseless::Caseless;
use unicode_normalization::{UnicodeNormalization, char::canonical_combining_class};

/// `NFD(toCasefold(NFD(name)))`.
///
/// Two names are canonically caseless equal exactly if these forms are the same text. No locale takes
/// part, and no compatibility decomposition.
///
/// Each step treats one character at a time, apart from the reordering of marks, which keeps lengths. So
/// the length of the form is the sum over the characters, which `key` relies on.
pub(crate) fn canonical_caseless(name: &str) -> String {
    let mut form = String::with_capacity(name.len() + name.len() / 2);
    let mut rest = name;
    // An ASCII character stands for itself but for its case, and no mark moves across one: what lies between
    // two of them is treated by itself.
    while !rest.is_empty() {
        let plain = rest.bytes().position(|byte| !byte.is_ascii()).unwrap_or(rest.len());
        let (ascii, other) = rest.split_at(plain);
        form.extend(ascii.chars().map(|c| c.to_ascii_lowercase()));
        let end = other.bytes().position(|byte| byte.is_ascii()).unwrap_or(other.len());
        let (other, next) = other.split_at(end);
        if !push_known(other, &mut form) {
            form.extend(other.nfd().map(cased_since).default_case_fold().nfd());
        }
        rest = next;
    }
    form
}

/// Appends the form of a text whose characters all have a known one that begins with a base character, so that no
/// mark moves from one to the next. Otherwise it appends nothing.
fn push_known(text: &str, form: &mut String) -> bool {
    let before = form.len();
    for c in text.chars() {
        match known(c) {
            Known::Is(known) => form.push_str(known),
            Known::Itself => form.push(c),
            Known::No => {
                form.truncate(before);
                return false;
            }
        }
    }
    true
}

enum Known {
    Is(&'static str),
    Itself,
    No,
}

/// The forms of Latin, Greek and Cyrillic letters, made once; ideographs are their own.
fn known(c: char) -> Known {
    const END: u32 = 0x530;
    static FORMS: LazyLock<Vec<Box<str>>> = LazyLock::new(|| {
        let form = |c: char| -> Box<str> {
            let form: String = once(c).nfd().map(cased_since).default_case_fold().nfd().collect();
            let is_base = form.chars().next().is_some_and(|c| canonical_combining_class(c) == 0);
            if is_base { form.into() } else { "".into() }
        };
        (0..END).filter_map(char::from_u32).map(form).collect()
    });
    match u32::from(c) {
        0x4E00..=0x9FFF => Known::Itself,
        code if code < END => match FORMS.get(code as usize).map(AsRef::as_ref) {
            None | Some("") => Known::No,
            Some(form) => Known::Is(form),
        },
        _ => Known::No,
    }
}

/// Folds the letters that Unicode 17 and 18 gave case, and leaves any other as it is.
///
/// `caseless` folds by Unicode 16 and would leave these capitals alone, while `unicode-normalization`
/// knows Unicode 18. Each line is an entry of Unicode 18's `CaseFolding.txt`; a test compares the whole
/// folding with another crate's table.
fn cased_since(c: char) -> char {
    if c < '\u{A7CE}' {
        return c; // nearly every character of nearly every name
    }
    match c {
        // Latin: pairs whose small letter is the next character.
        '\u{A7CE}' | '\u{A7D2}' | '\u{A7D4}' | '\u{1DF40}' | '\u{1DF48}' | '\u{1DF4A}'
        | '\u{1DF4D}' | '\u{1DF51}' | '\u{1DF68}' | '\u{1DF6A}' | '\u{1DF6C}' | '\u{1DF6E}'
        | '\u{1DF72}' | '\u{1DF74}' | '\u{1DF76}' | '\u{1DF78}' | '\u{1DF7A}' | '\u{1DF7C}'
        | '\u{1DF7E}' => plus(c, 1),
        // Latin: new capitals of older small letters.
        '\u{A7DD}' => '\u{0277}',
        '\u{A7E2}' => '\u{027C}',
        '\u{AB6C}' => '\u{AB4B}',
        '\u{AB6D}' => '\u{AB4C}',
        // Folds to "ss", as the sharp s does; `caseless` does that one.
        '\u{1DF95}' => '\u{00DF}',
        // Beria Erfe: capitals, then small letters.
        '\u{16EA0}'..='\u{16EB8}' => plus(c, 0x1B),
        _ => c,
    }
}

fn plus(c: char, step: u32) -> char {
    char::from_u32(u32::from(c) + step).unwrap_or(c)
}

#[cfg(test)]
mod tests {
    use std::cmp::Ordering;

    use super::*;

    fn fold(c: char) -> String {
        once(c).map(cased_since).default_case_fold().collect()
    }

    /// Case ends with the second plane; beyond it are ideographs, tags and private use.
    const LAST_WITH_CASE: char = '\u{1FFFF}';

    #[test]
    fn every_character_folds_as_in_an_independent_table() {
        let theirs = focaccia::CaseFold::Full;
        let mut all: Vec<(String, String)> =
            ('\0'..=LAST_WITH_CASE).map(|c| (c.to_string(), fold(c))).collect();

        for (c, folded) in &all {
            assert!(theirs.case_eq(c, folded), "{c:?} was folded to the stranger {folded:?}");
        }
        // Sorted by the other table, equals are neighbours: so both tables have the same classes.
        all.sort_by(|(a, _), (b, _)| theirs.casecmp(a, b));
        for pair in all.windows(2) {
            let (a, b) = (&pair[0], &pair[1]);
            let equal = theirs.casecmp(&a.0, &b.0) == Ordering::Equal;
            assert_eq!(equal, a.1 == b.1, "{:?} and {:?} ({:?}, {:?})", a.0, b.0, a.1, b.1);
        }
        for c in LAST_WITH_CASE..=char::MAX {
            assert_eq!(fold(c), c.to_string());
        }
    }

    #[test]
    fn treating_parts_by_themselves_is_treating_the_whole() {
        let whole = |name: &str| -> String {
            name.nfd().map(cased_since).default_case_fold().nfd().collect()
        };
        let mut rng = 7_u64;
        let mut some = |of: u64| {
            rng = rng.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (rng >> 33) % of
        };
        // Marks of several classes, letters that decompose, letters that fold to two, and plain ones.
        let letters: Vec<char> =
            "aA1 éÉßŒﬃΣσςİıǅ한室ЖйΆϋ\u{301}\u{323}\u{308}\u{345}\u{5b0}\u{212a}Ω\u{1fb3}\u{16ea0}"
                .chars()
                .collect();
        for _ in 0..20_000 {
            let name: String = (0..some(9))
                .map(|_| letters[usize::try_from(some(letters.len() as u64)).unwrap()])
                .collect();
            assert_eq!(canonical_caseless(&name), whole(&name), "{name:?}");
        }
    }

    #[test]
    fn carried_letters_are_those_that_the_folding_crate_lacks() {
        let carried: Vec<char> = ('\0'..=char::MAX).filter(|&c| cased_since(c) != c).collect();

        assert_eq!(carried.len(), 49);
        for c in carried {
            let left_alone = once(c).default_case_fold().eq([c]);
            assert!(left_alone, "caseless folds {c:?} by itself now: drop it from `cased_since`");
        }
    }
}
