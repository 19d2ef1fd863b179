//! An e-mail taken apart.

use std::fmt;

use unicode_security::confusable_detection::skeleton;

use super::difference::Robot;

/// An e-mail in the parts by which it is compared. ASCII case plays no part. `Debug` shows none of them.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Parts {
    /// Before the `@`, without a robot's mark, a plus tag and what cannot be seen.
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
        let domain = domain.trim_end_matches('.');
        if local.is_empty() || domain.is_empty() || domain.contains('@') {
            return None;
        }
        let (robot, own) = match Robot::in_local_part(local) {
            Some((robot, own)) => (Some(robot), own),
            None => (None, local),
        };
        let (base, tag) = match own.split_once('+') {
            Some((base, tag)) => (base, Some(tag.to_owned())),
            None => (own, None),
        };
        Some(Self {
            base: base.to_owned(),
            core: base.chars().filter(|c| *c != '.').collect(),
            tag,
            robot,
            domain: domain.to_owned(),
            had_invisible,
        })
    }

    /// What the mailbox looks like, without dots.
    pub(super) fn look(&self) -> String {
        look(&self.core)
    }
}

impl fmt::Debug for Parts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Parts").finish_non_exhaustive()
    }
}

/// What text looks like: the same for all that looks alike.
pub(super) fn look(text: &str) -> String {
    skeleton(text).map(|c| c.to_ascii_lowercase()).collect()
}

/// White space, and what shows nothing.
fn is_unseen(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(
            c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
                | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
                | '\u{feff}' | '\u{ffa0}' | '\u{e0000}'..='\u{e0fff}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_take_tag_dots_robots_and_the_unseen_away() {
        let parts = Parts::of(" J.Doe+gym@Example.com\u{200b}").unwrap();
        assert_eq!((parts.core.as_str(), parts.domain.as_str()), ("jdoe", "example.com"));
        assert_eq!(parts.tag.as_deref(), Some("gym"));
        assert!(parts.had_invisible);
        assert_eq!(Parts::of("no address"), None);
    }

    #[test]
    fn a_robots_mark_is_found_in_any_case_and_leaves_what_was_before_it() {
        let robot = Parts::of("jane+DupeEmail+42@example.com").unwrap();
        assert_eq!((robot.base.as_str(), robot.tag), ("jane", None));
        assert_eq!(robot.robot, Some(Robot::Duplicate));
        let tagged = Parts::of("jane+home+ANONIMYZED@example.com").unwrap();
        assert_eq!((tagged.base.as_str(), tagged.tag.as_deref()), ("jane", Some("home")));
        assert_eq!(tagged.robot, Some(Robot::Anonymised));
        let domain = Parts::of("jane@x+EMPTYEMAIL.example").unwrap();
        assert_eq!(domain.robot, None, "only before the @");
    }

    #[test]
    fn no_email_shows_in_debug_of_its_parts() {
        let parts = Parts::of("canary+canary@canary.example");
        assert!(!format!("{parts:?}").contains("canary"));
    }
}
