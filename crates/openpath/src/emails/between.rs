//! Which differences are small enough to tell of.

use super::{
    Difference, Likeness,
    domain::{Domains, domains},
    mailbox::{Mailboxes, is_shared, mailboxes},
    names::Names,
    parts::Parts,
};

/// What two e-mails of those parts have in common that are not the same, and whose names say that.
pub(super) fn likeness(a: Option<&Parts>, b: Option<&Parts>, names: Names) -> Likeness {
    if let (Some(a), Some(b)) = (a, b)
        && let Some(differences) = between(a, b, names)
    {
        // The same address at another provider is anybody's to register, and two names are likelier two people.
        let is_doubtful = names == Names::Differ || differences.contains(&Difference::OtherDomain);
        return if is_doubtful {
            Likeness::Review(differences)
        } else {
            Likeness::Near(differences)
        };
    }
    if names != Names::Same {
        return Likeness::Different;
    }
    // Why there is no better e-mail is worth knowing.
    let robot = |parts: Option<&Parts>| parts.and_then(|parts| parts.robot);
    let mut differences: Vec<_> =
        [robot(a), robot(b)].into_iter().flatten().map(Difference::Robot).collect();
    differences.push(Difference::SameNameOnly);
    differences.sort_unstable();
    differences.dedup();
    Likeness::Review(differences)
}

/// In what they differ, if it is little enough.
fn between(a: &Parts, b: &Parts, names: Names) -> Option<Vec<Difference>> {
    let is_office = is_shared(a) || is_shared(b);
    // Enough that a mistyped domain is likelier than another person.
    let is_telling =
        names == Names::Same || [a, b].iter().all(|parts| parts.core.chars().count() >= 3);
    let mut found = Vec::new();
    match (a.robot, b.robot) {
        (None, None) => {}
        (Some(robot), None) | (None, Some(robot)) => found.push(Difference::Robot(robot)),
        // Two leftovers say nothing of each other.
        (Some(_), Some(_)) => return None,
    }
    match (&a.tag, &b.tag) {
        // Two tags of one mailbox are two people's, as offices give them out.
        (Some(one), Some(other)) if one != other => return None,
        (None, None) | (Some(_), Some(_)) => {}
        _ if is_office => return None,
        _ => found.push(Difference::PlusTag),
    }
    let mailboxes = mailboxes(a, b, names, &mut found);
    if mailboxes == Mailboxes::Two {
        return None;
    }
    match domains(&a.domain, &b.domain) {
        Domains::Same => {}
        // A slip in the domain and another one in the mailbox are one too many.
        _ if mailboxes == Mailboxes::Slip => return None,
        Domains::LookAlike => found.push(Difference::LookAlike),
        // From here on the mailbox has to say something.
        _ if is_office => return None,
        Domains::KnownTypo if is_telling => found.push(Difference::DomainTypo),
        // Two companies may be a letter apart, and have two people with one mailbox.
        Domains::LongTypo if is_telling && names != Names::Differ => {
            found.push(Difference::DomainTypo);
        }
        Domains::PlainLookAlike if names == Names::Same => found.push(Difference::LookAlike),
        _ if names == Names::Same => found.push(Difference::OtherDomain),
        _ => return None,
    }
    // What cannot be seen may be on both sides, in two ways.
    if a.had_invisible != b.had_invisible || a.had_invisible && found.is_empty() {
        found.push(Difference::Invisible);
    }
    found.sort_unstable();
    found.dedup();
    // Same but for what plays no part; or so much that it is no slip any more.
    (1..=2).contains(&found.len()).then_some(found)
}
