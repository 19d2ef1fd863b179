//! What two listings differ in, and what that means to callers.

use std::{collections::BTreeSet, fmt};

use semver::Version;

/// What a change means to callers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Weight {
    /// Nothing that they see.
    Hidden,
    /// There is more.
    Adds,
    /// Some no longer compile.
    Breaks,
}

/// What has changed in all crates.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    breaking: Vec<String>,
    added: usize,
}

impl Changes {
    /// What has changed in one more crate.
    pub(crate) fn add(&mut self, name: &str, before: &str, now: &str) {
        let (before, now): (BTreeSet<_>, BTreeSet<_>) =
            (before.lines().collect(), now.lines().collect());
        let gone = before.difference(&now).map(|line| format!("{name} - {line}"));
        self.breaking.extend(gone);
        for line in now.difference(&before) {
            if breaks_when_added(line, &before) {
                self.breaking.push(format!("{name} + {line}"));
            } else {
                self.added += 1;
            }
        }
    }

    pub(crate) fn weight(&self) -> Weight {
        match (self.breaking.is_empty(), self.added) {
            (false, _) => Weight::Breaks,
            (true, 0) => Weight::Hidden,
            (true, _) => Weight::Adds,
        }
    }

    /// What no longer is as it was, or is asked of callers besides.
    pub(crate) fn breaking(&self) -> &[String] {
        &self.breaking
    }
}

impl fmt::Display for Changes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} lines break callers, {} are added", self.breaking.len(), self.added)
    }
}

impl Weight {
    /// What a step from one version to another is called, where it means the same before 1.0 as after.
    pub(crate) fn meant(last: &Version, next: &Version) -> &'static str {
        if Self::Breaks.allows(last, next) {
            "major"
        } else if Self::Adds.allows(last, next) {
            "minor"
        } else {
            "patch"
        }
    }

    /// Whether a release of it may follow that one under that version: until 1.0, what breaks raises the second number.
    pub(crate) fn allows(self, last: &Version, next: &Version) -> bool {
        let is_compatible = if last.major == 0 {
            (next.major, next.minor) == (0, last.minor)
        } else {
            next.major == last.major
        };
        // After 1.0 what is added raises the second number.
        let needs_minor = last.major > 0 && self == Self::Adds;
        next > last
            && !(is_compatible && self == Self::Breaks)
            && !(is_compatible && needs_minor && next.minor == last.minor)
    }
}

/// Whether that line, which is new, breaks whoever compiled before.
fn breaks_when_added(line: &str, before: &BTreeSet<&str>) -> bool {
    // A type that can no longer be sent to another thread.
    if line.starts_with("impl !") {
        return true;
    }
    if line.ends_with(" // required") {
        // Of a trait that is new as well, nobody has an implementation.
        return owner(line).is_some_and(|it| declares(before, "trait", it));
    }
    // A variant or a field, where callers may have named all of them.
    let is_member = line.strip_prefix("pub ").is_some_and(|rest| {
        rest.starts_with("elevate_") && !rest.starts_with(|c: char| c.is_whitespace())
    });
    let Some(owner_of) = owner(line).filter(|_| is_member) else { return false };
    let is_in_variant = owner(owner_of).is_some_and(|it| declares(before, "enum", it));
    is_in_variant || declares(before, "enum", owner_of) || declares(before, "struct", owner_of)
}

/// Whether callers can name everything in that type, or implement that trait.
fn declares(before: &BTreeSet<&str>, kind: &str, path: &str) -> bool {
    before.iter().any(|line| {
        let rest = line.strip_prefix("pub ").and_then(|rest| rest.strip_prefix(kind));
        let rest = rest.and_then(|rest| rest.trim_start().strip_prefix(path));
        // It ends there: what goes on is another one.
        let goes_on = |rest: &str| {
            rest.starts_with("::") || rest.starts_with(|c: char| c.is_alphanumeric() || c == '_')
        };
        rest.is_some_and(|rest| !goes_on(rest))
    })
}

/// The path of what the line's item belongs to.
fn owner(line: &str) -> Option<&str> {
    let start = line.find("elevate_")?;
    let path = &line[start..];
    let end = path.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':'));
    let path = &path[..end.unwrap_or(path.len())];
    // What ends in a colon is a field, with its type after it.
    path.trim_end_matches(':').rsplit_once("::").map(|(owner, _)| owner)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEFORE: &str = "pub enum elevate_a::Closed\n\
        pub elevate_a::Closed::One\n\
        #[non_exhaustive] pub enum elevate_a::Open\n\
        pub struct elevate_a::Plain\n\
        pub elevate_a::Plain::x: u8\n\
        pub trait elevate_a::Asked: core::marker::Send\n\
        pub fn elevate_a::Asked::f(&self) // required\n\
        pub fn elevate_a::f(u8) -> u8";

    fn weight(change: impl Fn(&str) -> String) -> Weight {
        let mut changes = Changes::default();
        changes.add("a", BEFORE, &change(BEFORE));
        changes.weight()
    }

    #[test]
    fn what_breaks_a_caller_is_told_from_what_does_not() {
        let with = |line: &'static str| weight(move |before| format!("{before}\n{line}"));
        assert_eq!(weight(str::to_owned), Weight::Hidden);
        for line in [
            "pub fn elevate_a::g()",
            "pub elevate_a::Open::Another",
            "pub elevate_a::Open::Another::x: u8",
            "pub fn elevate_a::Asked::g(&self) // provided",
            "pub trait elevate_a::New",
            "pub fn elevate_a::New::g(&self) // required",
            "pub elevate_a::New::x: u8",
            "pub enum elevate_a::ClosedToo",
            "pub elevate_a::ClosedToo::One",
            "impl core::clone::Clone for elevate_a::Plain",
            "pub const elevate_a::Plain::C: u8",
        ] {
            assert_eq!(with(line), Weight::Adds, "{line}");
        }
        for line in [
            "pub elevate_a::Closed::Two",
            "pub elevate_a::Closed::Two(elevate_a::Plain)",
            "pub elevate_a::Plain::y: elevate_a::Open",
            "pub elevate_a::Closed::One::x: u8",
            "pub fn elevate_a::Asked::g(&self) // required",
            "pub type elevate_a::Asked::T // required",
            "impl !core::marker::Send for elevate_a::Plain",
        ] {
            assert_eq!(with(line), Weight::Breaks, "{line}");
        }
        for (from, to) in [
            ("pub fn elevate_a::f(u8) -> u8", ""),
            ("f(u8) -> u8", "f(u16) -> u8"),
            ("pub enum elevate_a::Closed", "#[non_exhaustive] pub enum elevate_a::Closed"),
        ] {
            assert_eq!(weight(|before| before.replace(from, to)), Weight::Breaks, "{from}");
        }
    }

    #[test]
    fn a_version_is_as_far_from_the_last_as_its_changes_are() {
        let version = |text: &str| Version::parse(text).unwrap_or(Version::new(0, 0, 0));
        for (last, next, allowed) in [
            ("0.1.0", "0.1.1", Weight::Adds),
            ("0.1.0", "0.2.0", Weight::Breaks),
            ("0.9.0", "1.0.0", Weight::Breaks),
            ("1.2.3", "1.2.4", Weight::Hidden),
            ("1.2.3", "1.3.0", Weight::Adds),
            ("1.2.3", "2.0.0", Weight::Breaks),
        ] {
            let (last, next) = (version(last), version(next));
            for weight in [Weight::Hidden, Weight::Adds, Weight::Breaks] {
                assert_eq!(
                    weight.allows(&last, &next),
                    weight <= allowed,
                    "{last} {next} {weight:?}"
                );
                assert!(!weight.allows(&next, &last) && !weight.allows(&last, &last));
            }
        }
    }
}
