//! E-mails that are nearly the same: for a person who mends, and never for a door (O9).
//!
//! A resident's e-mail is a user's by ASCII case or not at all
//! ([`VerifiedEmail::matches`](elevate_access::VerifiedEmail::matches)). What is told here is why two that are
//! not the same may be meant to be, so that somebody can find out and correct one of them.
//!
//! ```
//! use elevate_openpath::emails::{Difference, Likeness, Person, compare};
//!
//! let ours = Person { email: "jane.doe@gmail.com", name: Some("Jane Doe") };
//! let typo = Person { email: "jane.doe@gmial.com", name: None };
//! assert_eq!(compare(ours, typo), Likeness::Near(vec![Difference::DomainTypo]));
//!
//! let namesake = Person { email: "jd77@example.com", name: Some("DOE, Jane") };
//! assert_eq!(compare(ours, namesake), Likeness::Review(vec![Difference::SameNameOnly]));
//!
//! let neighbour = Person { email: "john.doe@gmail.com", name: Some("John Doe") };
//! assert_eq!(compare(ours, neighbour), Likeness::Different);
//! ```
//!
//! Precision goes before reach: a digit more or less, another first letter or a shared mailbox at another
//! company are other people.

mod between;
mod difference;
mod domain;
mod index;
mod keys;
mod mailbox;
mod names;
mod parts;

pub use difference::{Difference, Likeness, Robot};
pub use index::{NearIndex, Suggested};

use names::Names;
use parts::Parts;

/// Whose e-mail it is. `Debug` shows neither.
#[derive(Clone, Copy)]
pub struct Person<'a> {
    /// The e-mail as written at its source.
    pub email: &'a str,
    /// The name, where one is known.
    pub name: Option<&'a str>,
}

impl std::fmt::Debug for Person<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Person").finish_non_exhaustive()
    }
}

/// What two e-mails, and the names that go with them, have in common. Which is whose makes no difference.
///
/// What is no address, such as an empty text, is never the same as anything.
pub fn compare(ours: Person<'_>, theirs: Person<'_>) -> Likeness {
    judge(ours, theirs).0
}

/// What they have in common, and what their names alone say.
fn judge(ours: Person<'_>, theirs: Person<'_>) -> (Likeness, Names) {
    let names = names::names(ours.name, theirs.name);
    let (a, b) = (Parts::of(ours.email), Parts::of(theirs.email));
    let is_same = a.is_some() && ours.email.eq_ignore_ascii_case(theirs.email);
    let likeness =
        if is_same { Likeness::Same } else { between::likeness(a.as_ref(), b.as_ref(), names) };
    (likeness, names)
}
