//! An e-mail taken apart, and a name made comparable.

use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};
use unicode_security::confusable_detection::skeleton;

use super::difference::Robot;

/// An e-mail in the parts by which it is compared. ASCII case plays no part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Parts {
    /// Before the `@`, as written but for ASCII case and what cannot be seen.
    pub(super) local: String,
    /// The same without a robot's mark and without a plus tag.
    pub(super) base: String,
    /// The same without dots.
    pub(super) core: String,
    /// What follows the first plus sign, unless a robot wrote it.
    pub(super) tag: Option<String>,
    pub(super) robot: Option<Robot>,
    pub(super) domain: String,
    /// Whether white space or something invisible was in it.
    pub(super) had_invisible: bool,
}

impl Parts {
    /// The parts; `None` for what is no address even with what cannot be seen taken out.
    pub(super) fn of(email: &str) -> Option<Self> {
        // No address is longer, and hostile text is to cost little.
        if email.len() > 1_000 {
            return None;
        }
        let seen: String = email.chars().filter(|c| !is_unseen(*c)).collect();
        let had_invisible = seen.len() != email.len();
        let lower = seen.to_ascii_lowercase();
        let (local, domain) = lower.split_once('@')?;
        if local.is_empty() || domain.is_empty() || domain.contains('@') {
            return None;
        }
        let robot = Robot::in_local_part(local);
        let (base, tag) = match (robot, local.split_once('+')) {
            (_, None) => (local, None),
            (Some(_), Some((base, _))) => (base, None),
            (None, Some((base, tag))) => (base, Some(tag.to_owned())),
        };
        Some(Self {
            local: local.to_owned(),
            base: base.to_owned(),
            core: base.chars().filter(|c| *c != '.').collect(),
            tag,
            robot,
            domain: domain.trim_end_matches('.').to_owned(),
            had_invisible,
        })
    }

    /// What the local part looks like.
    pub(super) fn look(&self) -> String {
        skeleton(&self.core).map(|c| c.to_ascii_lowercase()).collect()
    }
}

/// White space, and what shows nothing.
fn is_unseen(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// The words of a name in a fixed order, without case and accents; `None` if it is too little to tell people
/// apart: fewer than two words.
pub(super) fn name_key(name: &str) -> Option<String> {
    if name.len() > 1_000 {
        return None;
    }
    let plain: String = name
        .nfkd()
        .filter(|c| !is_combining_mark(*c))
        .flat_map(char::to_lowercase)
        .map(|c| if c.is_alphanumeric() || c == '\'' { c } else { ' ' })
        .collect();
    let mut words: Vec<&str> = plain.split_whitespace().collect();
    words.sort_unstable();
    words.dedup();
    let long = words.iter().filter(|word| word.chars().count() > 1).count();
    (words.len() >= 2 && long >= 2).then(|| words.join(" "))
}

/// What two names say of two people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Names {
    /// Both are known, and the same.
    Same,
    /// Both are known, and not the same.
    Differ,
    /// One is not known, or too little of a name.
    Unknown,
}

pub(super) fn names(a: Option<&str>, b: Option<&str>) -> Names {
    match (a.and_then(name_key), b.and_then(name_key)) {
        (Some(a), Some(b)) if a == b => Names::Same,
        (Some(_), Some(_)) => Names::Differ,
        _ => Names::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_its_words_in_any_order_without_accents() {
        let judge = |a, b| names(Some(a), Some(b));
        assert_eq!(judge("Doe, Jane", "jane DOE"), Names::Same);
        assert_eq!(judge("José  Núñez", "Jose Nunez"), Names::Same);
        assert_eq!(judge("Jane", "Jane"), Names::Unknown, "one word is too little");
        assert_eq!(judge("J D", "J D"), Names::Unknown, "initials are too little");
        assert_eq!(judge("Jane Doe", "Jane Roe"), Names::Differ);
        assert_eq!(names(None, None), Names::Unknown);
    }

    #[test]
    fn parts_take_tag_dots_robots_and_the_unseen_away() {
        let parts = Parts::of(" J.Doe+gym@Example.com\u{200b}").unwrap();
        assert_eq!((parts.core.as_str(), parts.domain.as_str()), ("jdoe", "example.com"));
        assert_eq!(parts.tag.as_deref(), Some("gym"));
        assert!(parts.had_invisible);
        let robot = Parts::of("jane+DUPEEMAIL+42@example.com").unwrap();
        assert_eq!((robot.base.as_str(), robot.tag), ("jane", None));
        assert_eq!(robot.robot, Some(Robot::Duplicate));
        assert_eq!(Parts::of("no address"), None);
    }
}
