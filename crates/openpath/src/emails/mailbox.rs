//! Whether what stands before two e-mails' `@` may be meant to be the same.

use strsim::osa_distance;

use super::{Difference, names::Names, parts::Parts};

/// Mailboxes of offices and of nobody, which say nothing of people.
const SHARED: [&str; 32] = [
    "accounting",
    "admin",
    "apartments",
    "billing",
    "concierge",
    "contact",
    "donotreply",
    "frontdesk",
    "hello",
    "info",
    "leasing",
    "mail",
    "maintenance",
    "management",
    "manager",
    "na",
    "no-email",
    "no-reply",
    "noemail",
    "none",
    "noreply",
    "office",
    "property",
    "reception",
    "rent",
    "resident",
    "sales",
    "service",
    "support",
    "team",
    "tenant",
    "test",
];

/// A letter is told only in a mailbox of that length: with the same name, and without.
pub(super) const LEAST_SAME_NAME: usize = 5;
const LEAST_NO_NAME: usize = 8;
/// Without the same name, also the word with the slip has to be long: `dan` and `dean` are two.
const LEAST_WORD: usize = 6;
/// No mailbox is longer.
pub(super) const MOST: usize = 64;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mailboxes {
    /// One, but for dots and letters that look alike.
    Same,
    /// One, but for a slip.
    Slip,
    /// Two.
    Two,
}

/// Whether it is an office's mailbox.
pub(super) fn is_shared(parts: &Parts) -> bool {
    SHARED.contains(&parts.core.as_str())
}

/// Whether the mailboxes are one, with what is between them added to `found`.
pub(super) fn mailboxes(
    a: &Parts,
    b: &Parts,
    names: Names,
    found: &mut Vec<Difference>,
) -> Mailboxes {
    if a.core.is_empty() || b.core.is_empty() {
        return Mailboxes::Two;
    }
    let same_dots = dots(a) == dots(b);
    if a.core == b.core {
        if a.base != b.base {
            found.push(Difference::Dots);
        }
        return Mailboxes::Same;
    }
    if !same_dots {
        found.push(Difference::Dots);
    }
    if a.look() == b.look() {
        // Among plain letters and digits it can be two people's, unless their names are one.
        if a.core.is_ascii() && b.core.is_ascii() && names != Names::Same {
            return Mailboxes::Two;
        }
        found.push(Difference::LookAlike);
        return Mailboxes::Same;
    }
    let lengths = [a, b].map(|parts| parts.core.chars().count());
    let least = match names {
        Names::Same => LEAST_SAME_NAME,
        Names::Unknown => LEAST_NO_NAME,
        Names::Differ => return Mailboxes::Two,
    };
    if lengths.iter().any(|length| !(least..=MOST).contains(length)) {
        return Mailboxes::Two;
    }
    let is_slip = match names {
        // Dots part a name into words, whose initials and ends are looked at; without them it needs the name.
        Names::Same if !same_dots => is_slip(&a.core, &b.core),
        Names::Same => is_slip(&a.base, &b.base),
        _ => same_dots && is_slip(&a.base, &b.base) && is_sure_slip(&a.base, &b.base),
    };
    if !is_slip {
        return Mailboxes::Two;
    }
    found.push(Difference::Letters);
    Mailboxes::Slip
}

fn dots(parts: &Parts) -> usize {
    parts.base.matches('.').count()
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric())
}

/// One letter swapped, missed or mistaken, and no initial. Digits tell people apart.
fn is_slip(a: &str, b: &str) -> bool {
    let fixed = |text: &str| text.chars().filter(|c| !c.is_alphabetic()).collect::<String>();
    let initials =
        |text: &str| words(text).map(|word| word.chars().next()).collect::<Vec<Option<char>>>();
    fixed(a) == fixed(b) && initials(a) == initials(b) && osa_distance(a, b) == 1
}

/// Whether the slip is hardly another person's name: two letters swapped or one missed within a long word. At
/// its end they make relatives: `daniel` and `daniela`, `christian` and `christina`.
fn is_sure_slip(a: &str, b: &str) -> bool {
    let Some((one, other)) = words(a).zip(words(b)).find(|(one, other)| one != other) else {
        return false;
    };
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let (short, long) = if one.len() < other.len() { (one, other) } else { (other, one) };
    if long.len() < LEAST_WORD {
        return false;
    }
    if short.len() == long.len() {
        // A swap keeps the letters, a mistaken one does not.
        let (mut x, mut y) = (short.clone(), long.clone());
        x.sort_unstable();
        y.sort_unstable();
        return x == y && short.last() == long.last();
    }
    let is_at_end = long.starts_with(&short);
    let is_doubled = long.last() == short.last();
    !is_at_end || is_doubled
}
