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

mod difference;
mod index;
mod parts;

pub use difference::{Difference, Likeness};
pub use index::{NearIndex, Suggested};

use parts::{Names, Parts};

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
pub fn compare(ours: Person<'_>, theirs: Person<'_>) -> Likeness {
    if ours.email.eq_ignore_ascii_case(theirs.email) {
        return Likeness::Same;
    }
    let names = parts::names(ours.name, theirs.name);
    let same_name = names == Names::Same;
    let (Some(a), Some(b)) = (Parts::of(ours.email), Parts::of(theirs.email)) else {
        return if same_name {
            Likeness::Review(vec![Difference::SameNameOnly])
        } else {
            Likeness::Different
        };
    };
    match difference::between(&a, &b, names) {
        Some(differences) => Likeness::Near(differences),
        None if same_name => Likeness::Review(vec![Difference::SameNameOnly]),
        None => Likeness::Different,
    }
}
