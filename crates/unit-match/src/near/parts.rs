//! The parts of a name: runs of letters and of digits, and what stands between them.

/// A run of letters or of digits, or a sign that means something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Part {
    /// What stands before it.
    pub(super) gap: String,
    pub(super) text: String,
}

impl Part {
    pub(super) fn is_number(&self) -> bool {
        is_number(&self.text)
    }

    /// Whether it is one letter, as blocks and lines of apartments have.
    pub(super) fn is_letter(&self) -> bool {
        is_letter(&self.text)
    }

    pub(super) fn is_sign(&self) -> bool {
        !self.text.chars().any(char::is_alphanumeric)
    }
}

/// Takes a text apart, and says what stands after its last part.
pub(super) fn parts(text: &str) -> (Vec<Part>, String) {
    let mut parts: Vec<Part> = Vec::new();
    let mut gap = String::new();
    let mut last = Kind::Gap;
    for c in text.chars() {
        let kind = Kind::of(c, last);
        match kind {
            Kind::Gap => gap.push(c),
            Kind::Sign => parts.push(Part { gap: std::mem::take(&mut gap), text: c.into() }),
            Kind::Letter | Kind::Ideograph | Kind::Digit => {
                if kind == Kind::Digit && is_minus(&gap, is_start(&parts)) {
                    gap.pop();
                    parts.push(Part { gap: std::mem::take(&mut gap), text: "-".into() });
                    last = Kind::Sign;
                }
                match parts.last_mut() {
                    Some(part) if kind == last => part.text.push(c),
                    _ => parts.push(Part { gap: std::mem::take(&mut gap), text: c.into() }),
                }
            }
        }
        last = kind;
    }
    (parts, gap)
}

/// Whether the gap before a number ends in a minus and not in a hyphen: "-1" is below the ground, and another
/// floor than "1". A hyphen touches what stands before it, or stands off from what comes after it.
fn is_minus(gap: &str, at_start: bool) -> bool {
    gap.strip_suffix('-').is_some_and(|before| at_start || !before.is_empty())
}

fn is_start(before: &[Part]) -> bool {
    before.last().is_none_or(Part::is_sign)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Digit,
    Letter,
    Ideograph,
    /// Whatever is no separator means something, known or not: "101+" is not "101".
    Sign,
    Gap,
}

impl Kind {
    fn of(c: char, last: Self) -> Self {
        match c {
            // A mark belongs to the letter before it.
            '\u{300}'..='\u{36f}' => last,
            ' ' | '-' | '.' | ',' | '/' | '\\' | '(' | ')' | '[' | ']' | '_' | ':' | ';' | '·'
            | '・' | '、' => Self::Gap,
            _ if c.is_ascii_digit() => Self::Digit,
            '\u{3040}'..='\u{30ff}' | '\u{4e00}'..='\u{9fff}' => Self::Ideograph,
            _ if c.is_alphanumeric() => Self::Letter,
            _ => Self::Sign,
        }
    }
}

pub(super) fn is_number(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit()) && !text.is_empty()
}

pub(super) fn is_letter(text: &str) -> bool {
    text.len() == 1 && text.bytes().all(|byte| byte.is_ascii_alphabetic())
}

/// A number without the zeros before it, and how many there were. One that is all zeros keeps them.
pub(super) fn without_zeros(text: &str) -> (&str, usize) {
    let bare = text.trim_start_matches('0');
    if is_number(text) && !bare.is_empty() { (bare, text.len() - bare.len()) } else { (text, 0) }
}
