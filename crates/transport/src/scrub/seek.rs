//! Finds a secret however it is escaped.

use base64::prelude::{BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD, Engine as _};

use super::visible::is_ignorable;

/// An occurrence at the start of a text.
pub(super) struct Found {
    /// Its bytes.
    pub(super) length: usize,
    /// Whether it is in base64 or hex, where its surroundings belong to it.
    pub(super) encoded: bool,
}

/// How many characters may still be compared: a long text that nearly repeats a long secret over and over
/// would else cost the one times the other.
pub(super) struct Budget(u32);

impl Budget {
    /// Far more than any honest text needs, which is about one for each character and form of a secret.
    const WHOLE: u32 = 300_000;

    pub(super) fn new() -> Self {
        Self(Self::WHOLE)
    }

    pub(super) fn is_spent(&self) -> bool {
        self.0 == 0
    }

    fn take(&mut self) -> bool {
        self.0 = self.0.saturating_sub(1);
        !self.is_spent()
    }
}

/// The ASCII characters with which a secret can begin in a text, however it is escaped: a quick look that spares the
/// long one at nearly every character.
#[derive(Clone, Copy, Default)]
pub(super) struct Beginnings(u128);

impl Beginnings {
    /// Those of one form of a secret.
    pub(super) fn of(form: &str) -> Self {
        let Some(first) = form.chars().next() else { return Self::default() };
        if !first.is_ascii() {
            // A letter beyond ASCII can be an ASCII one in other case.
            return Self(u128::MAX);
        }
        let all = [first.to_ascii_lowercase(), first.to_ascii_uppercase(), '%', '\\', '&'];
        Self(all.into_iter().fold(0, |all, c| all | 1 << u32::from(c)))
    }

    /// Adds those of another.
    pub(super) fn add(&mut self, other: Self) {
        self.0 |= other.0;
    }

    /// Whether a secret may begin with that character; beyond ASCII always.
    pub(super) fn may_be(self, c: char) -> bool {
        !c.is_ascii() || self.0 >> u32::from(c) & 1 == 1
    }
}

/// The ASCII characters of a text, without their case, and how many: a quick look at whether a secret can stand in it at
/// all.
#[derive(Clone, Copy, Default)]
pub(super) struct Letters {
    set: u128,
    count: usize,
}

impl Letters {
    /// Those that one form of a secret is made of; none if it can be made of others.
    pub(super) fn of(form: &str) -> Self {
        // A letter beyond ASCII can be an ASCII one in other case.
        if form.is_ascii() { Self::all(form.as_bytes()) } else { Self::default() }
    }

    /// Those of a text in which nothing is escaped and nothing skipped: what it does not show is not in it.
    pub(super) fn plain(text: &str) -> Option<Self> {
        let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_".contains(byte);
        text.as_bytes().iter().all(is_plain).then(|| Self::all(text.as_bytes()))
    }

    fn all(ascii: &[u8]) -> Self {
        let set = ascii.iter().fold(0, |set, byte| set | 1 << byte.to_ascii_lowercase());
        Self { set, count: ascii.len() }
    }

    /// Whether those may hold these, in some order.
    pub(super) fn are_among(self, those: Self) -> bool {
        self.set & !those.set == 0 && self.count <= those.count
    }
}

/// How many characters that do not count may stand between two that do.
const LONGEST_GAP: usize = 8;
/// `&#x10FFFF;`
const LONGEST_ENTITY: usize = 10;
/// Shorter encoded forms would be found by chance.
const SHORTEST_FORM: usize = 8;

/// The secret in hex, and in base64 at each of the three places in a longer input where it can begin:
/// of each, the middle part that does not depend on the neighbours.
pub(super) fn encoded_forms(secret: &str) -> Vec<String> {
    let digits = secret.bytes().flat_map(|byte| [byte >> 4, byte & 15]);
    let hex = digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect::<String>();
    let mut forms = vec![hex];
    for offset in 0..3_usize {
        let mut bytes = vec![0; offset];
        bytes.extend_from_slice(secret.as_bytes());
        let own = (offset * 8).div_ceil(6)..bytes.len() * 8 / 6;
        for whole in [BASE64_STANDARD_NO_PAD.encode(&bytes), BASE64_URL_SAFE_NO_PAD.encode(&bytes)]
        {
            forms.extend(whole.get(own.clone()).map(str::to_owned));
        }
    }
    forms.retain(|form| form.len() >= SHORTEST_FORM);
    forms.sort_unstable();
    forms.dedup();
    forms
}

/// If the text begins with the secret, in any mixture of the escapes, how many bytes of it that is.
///
/// Follows all readings at once: `%41` may be an `A` or stand for itself. Once the budget is spent, nothing is
/// known any more.
pub(super) fn length_at_start(text: &str, secret: &str, budget: &mut Budget) -> Option<usize> {
    let mut secret = secret.chars();
    let mut ends = Vec::new();
    // A secret begins with its own first character, not with what may be skipped.
    follow(text, 0, secret.next()?, 0, &mut ends, budget);
    for wanted in secret {
        let mut next = Vec::new();
        for &end in &ends {
            follow(text, end, wanted, LONGEST_GAP, &mut next, budget);
        }
        next.sort_unstable();
        next.dedup();
        ends = next;
        if ends.is_empty() {
            return None;
        }
    }
    ends.pop()
}

/// Adds to `ends` where the text continues if it has `wanted` at `at`, or within the gap after.
fn follow(
    text: &str,
    at: usize,
    wanted: char,
    gap: usize,
    ends: &mut Vec<usize>,
    budget: &mut Budget,
) {
    if !budget.take() {
        return;
    }
    let rest = &text[at..];
    for (read, length) in readings(rest) {
        if same(read, wanted) {
            ends.push(at + length);
        }
        // A backslash escapes, and a plus is a space in a form.
        if gap > 0 && (is_ignorable(read) || matches!(read, '\\' | '+')) {
            follow(text, at + length, wanted, gap - 1, ends, budget);
        }
    }
}

fn same(a: char, b: char) -> bool {
    a.eq_ignore_ascii_case(&b)
        || (!(a.is_ascii() && b.is_ascii()) && a.to_lowercase().eq(b.to_lowercase()))
}

/// What the text's first character can be read as, each with the bytes that it takes.
fn readings(text: &str) -> impl Iterator<Item = (char, usize)> {
    let literal = text.chars().next().map(|c| (c, c.len_utf8()));
    let escaped = match text.as_bytes().first() {
        Some(b'%') => percent(text),
        Some(b'\\') => backslash(text),
        Some(b'&') => entity(text),
        _ => None,
    };
    literal.into_iter().chain(escaped)
}

/// `%C3%A9`
fn percent(text: &str) -> Option<(char, usize)> {
    let byte = |nth: usize| {
        let digits = text.get(nth * 3..)?.strip_prefix('%')?.get(..2)?;
        u8::from_str_radix(digits, 16).ok()
    };
    let mut bytes = [0; 4];
    for nth in 0..4 {
        bytes[nth] = byte(nth)?;
        if let Some(c) = std::str::from_utf8(&bytes[..=nth]).ok().and_then(|s| s.chars().next()) {
            return Some((c, (nth + 1) * 3));
        }
    }
    None
}

/// `\n`, `\u00e9`, `\ud83d\ude00`
fn backslash(text: &str) -> Option<(char, usize)> {
    let unit = |text: &str| u16::from_str_radix(text.strip_prefix("\\u")?.get(..4)?, 16).ok();
    if text.starts_with("\\u") {
        let first = unit(text)?;
        let second = text.get(6..).and_then(unit);
        let units = [Some(first), second];
        let c = char::decode_utf16(units.into_iter().flatten()).next()?.ok()?;
        return Some((c, c.len_utf16() * 6));
    }
    match text.as_bytes().get(1)? {
        b'n' | b't' | b'r' | b'b' | b'f' => Some((' ', 2)),
        _ => None,
    }
}

/// `&amp;`, `&#38;`, `&#x26;`
fn entity(text: &str) -> Option<(char, usize)> {
    let end = text.bytes().take(LONGEST_ENTITY).position(|byte| byte == b';')?;
    let name = text.get(1..end)?;
    let c = match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        _ => {
            let number = name.strip_prefix('#')?;
            let hex = number.strip_prefix(['x', 'X']);
            let code = hex.map_or_else(|| number.parse(), |hex| u32::from_str_radix(hex, 16));
            char::from_u32(code.ok()?)?
        }
    };
    Some((c, end + 1))
}
