//! Names of people, made comparable.

use caseless::Caseless as _;
use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

/// What two names say of two people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Names {
    /// Both are known, and the same.
    Same,
    /// One is not known, is too little of a name, or leaves out words of the other.
    Unknown,
    /// Both are known, and not the same.
    Differ,
}

/// What the two names say, whichever is whose.
pub(super) fn names(a: Option<&str>, b: Option<&str>) -> Names {
    let (Some(a), Some(b)) = (a.and_then(words), b.and_then(words)) else {
        return Names::Unknown;
    };
    let within = |some: &[String], all: &[String]| some.iter().all(|word| all.contains(word));
    if a == b {
        Names::Same
    } else if within(&a, &b) || within(&b, &a) {
        Names::Unknown
    } else {
        Names::Differ
    }
}

/// What is the same for all spellings of a name; `None` if it is too little to tell people apart.
pub(super) fn name_key(name: &str) -> Option<String> {
    Some(words(name)?.join(" "))
}

/// The words of a name in a fixed order, without case and accents; `None` unless two of them are more than a
/// letter.
fn words(name: &str) -> Option<Vec<String>> {
    // Nobody's name is longer, and hostile text is to cost little.
    if name.len() > 1_000 {
        return None;
    }
    let plain: String = name
        .nfkd()
        .default_case_fold()
        .nfkd()
        .filter(|c| !is_accent(*c) && !is_apostrophe(*c))
        .flat_map(|c| plain(c).chars().chain(plain(c).is_empty().then_some(c)))
        .map(|c| if c.is_alphanumeric() || is_combining_mark(c) { c } else { ' ' })
        .collect();
    let mut words: Vec<String> = plain.split_whitespace().map(str::to_owned).collect();
    words.sort_unstable();
    words.dedup();
    let long = words.iter().filter(|word| word.chars().count() > 1).count();
    (long >= 2).then_some(words)
}

/// Accents of Latin, Greek and Cyrillic letters. In other scripts such marks are vowels, which make other names.
fn is_accent(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}')
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '`' | '\u{b4}' | '\u{2bc}' | '\u{2018}' | '\u{2019}')
}

/// Letters with strokes, which no normal form takes apart; empty for all others.
fn plain(c: char) -> &'static str {
    match c {
        'ø' => "o",
        'ł' => "l",
        'đ' | 'ð' => "d",
        'ħ' => "h",
        'ı' => "i",
        'æ' => "ae",
        'œ' => "oe",
        'þ' => "th",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(a: &str, b: &str) -> Names {
        names(Some(a), Some(b))
    }

    #[test]
    fn a_name_is_its_words_in_any_order_without_case_and_accents() {
        for (a, b) in [
            ("Doe, Jane", "jane DOE"),
            ("José  Núñez", "Jose Nunez"),
            ("Jan Weiß", "JAN WEISS"),
            ("Łukasz Sørensen", "lukasz sorensen"),
            ("Pat O'Brien", "Pat O\u{2019}Brien"),
            ("Anne-Marie Roe", "Roe Anne Marie"),
        ] {
            assert_eq!(judge(a, b), Names::Same, "{a} {b}");
        }
        assert_eq!(judge("Jane Doe", "Jane Roe"), Names::Differ);
    }

    #[test]
    fn too_little_of_a_name_tells_nothing() {
        assert_eq!(judge("Jane", "Jane"), Names::Unknown, "one word");
        assert_eq!(judge("Jane", "Tom"), Names::Unknown);
        assert_eq!(judge("J D", "J D"), Names::Unknown, "initials");
        assert_eq!(judge("Ali Ali", "Ali Ali"), Names::Unknown, "one word twice");
        assert_eq!(judge("Jane Doe", "Jane Q Doe"), Names::Unknown, "a word more");
        assert_eq!(names(None, None), Names::Unknown);
    }

    #[test]
    fn vowel_signs_are_no_accents() {
        assert_eq!(judge("राम वर्मा", "रम वर्मा"), Names::Differ);
        assert_eq!(judge("राम वर्मा", "वर्मा राम"), Names::Same);
    }
}
