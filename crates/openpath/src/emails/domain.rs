//! Whether two domains may be meant to be one.

use strsim::osa_distance;

use super::parts::look;

/// Domains of many people, at which a slip is likelier than another domain's mailbox.
const WELL_KNOWN: [&str; 22] = [
    "gmail.com",
    "googlemail.com",
    "yahoo.com",
    "outlook.com",
    "hotmail.com",
    "icloud.com",
    "aol.com",
    "live.com",
    "msn.com",
    "me.com",
    "proton.me",
    "protonmail.com",
    "gmx.de",
    "gmx.net",
    "web.de",
    "yahoo.co.uk",
    "hotmail.co.uk",
    "btinternet.com",
    "comcast.net",
    "verizon.net",
    "seznam.cz",
    "orange.fr",
];

/// A shorter name is a letter away from many that are somebody's: `aol.com` and `aon.com`.
const LEAST_KNOWN: usize = 5;

/// What is no domain of many people is told only if its name is that long.
const LEAST_OTHER: usize = 8;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Domains {
    Same,
    /// A slip in a well-known one.
    KnownTypo,
    /// A slip in a long name, which can be two companies'.
    LongTypo,
    /// They look the same, and one holds other letters or is well known.
    LookAlike,
    /// They look the same in plain letters, as `modern` and `modem` do, and can be two companies'.
    PlainLookAlike,
    Other,
}

/// What there is between two domains, both in ASCII lower case.
pub(super) fn domains(a: &str, b: &str) -> Domains {
    if a == b {
        return Domains::Same;
    }
    let known = match (WELL_KNOWN.contains(&a), WELL_KNOWN.contains(&b)) {
        (true, true) => return Domains::Other,
        (true, false) => Some((a, b)),
        (false, true) => Some((b, a)),
        (false, false) => None,
    };
    if look(a) == look(b) {
        let is_sure = known.is_some() || !a.is_ascii() || !b.is_ascii();
        return if is_sure { Domains::LookAlike } else { Domains::PlainLookAlike };
    }
    if a.len().max(b.len()) > 255 {
        return Domains::Other;
    }
    match known {
        Some((known, other)) if is_typo_of_known(known, other) => Domains::KnownTypo,
        None if is_typo_of_long(a, b) => Domains::LongTypo,
        _ => Domains::Other,
    }
}

fn is_typo_of_known(known: &str, other: &str) -> bool {
    if osa_distance(known, other) != 1 {
        return false;
    }
    let letters = |text: &str| text.chars().filter(char::is_ascii_alphanumeric).collect::<String>();
    if letters(known) == letters(other) {
        // A dot or comma.
        return true;
    }
    let (Some((name, end)), Some((its_name, its_end))) =
        (known.split_once('.'), other.split_once('.'))
    else {
        return false;
    };
    if name == its_name {
        // Ends of two letters are countries, where a short name can be somebody else's.
        return matches!(end, "com" | "net") && (name.len() >= LEAST_KNOWN || its_end.len() > 2);
    }
    end == its_end && name.len() >= LEAST_KNOWN && is_slip(name, its_name)
}

fn is_typo_of_long(a: &str, b: &str) -> bool {
    if a.matches('.').count() != b.matches('.').count() {
        return false;
    }
    let mut differing = a.split('.').zip(b.split('.')).filter(|(one, other)| one != other);
    let (Some((one, other)), None) = (differing.next(), differing.next()) else {
        return false;
    };
    let is_coded = |label: &str| label.starts_with("xn--");
    let is_plural = |one: &str, other: &str| one.strip_suffix('s') == Some(other);
    // Short ends tell countries apart; a coded label's letters are not what is read.
    one.len().min(other.len()) >= LEAST_OTHER
        && !(is_coded(one) || is_coded(other))
        && !(is_plural(one, other) || is_plural(other, one))
        && osa_distance(one, other) == 1
        && is_slip(one, other)
}

/// Not in a digit, and not another first letter, which names another company (`gmail`, `ymail`, `mail`) unless
/// two are swapped.
fn is_slip(one: &str, other: &str) -> bool {
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let sorted = |text: &str| {
        let mut all: Vec<char> = text.chars().collect();
        all.sort_unstable();
        all
    };
    digits(one) == digits(other)
        && (one.chars().next() == other.chars().next() || sorted(one) == sorted(other))
}
