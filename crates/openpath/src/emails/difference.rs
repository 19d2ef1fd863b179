//! In what two e-mails differ, and which differences are small enough to tell of.

use strsim::osa_distance;
use unicode_security::confusable_detection::skeleton;

use super::parts::{Names, Parts};

/// What two e-mails have in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Likeness {
    /// They are the same, by ASCII case: no near-miss, a match.
    Same,
    /// One is likely meant to be the other, for these reasons.
    Near(Vec<Difference>),
    /// The names say so and the e-mails do not: a person has to find out if it is one person.
    Review(Vec<Difference>),
    /// Two e-mails of two people, as far as can be told.
    Different,
}

/// In what two e-mails differ that may be meant to be the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Difference {
    /// White space, or something that shows nothing.
    Invisible,
    /// A letter that looks like another one: a Cyrillic `а`, a one for an `l`.
    LookAlike,
    /// Dots before the `@`.
    Dots,
    /// A plus tag, such as `+home`.
    PlusTag,
    /// A mark that a tool left which keeps users in step with another system.
    Robot(Robot),
    /// A slip in the domain: `gmial.com`.
    DomainTypo,
    /// The same before the `@` and the same name, at another domain.
    OtherDomain,
    /// Two letters before the `@` swapped, or one missed, added or mistaken.
    Letters,
    /// Nothing but the person's name is the same.
    SameNameOnly,
}

/// A mark that tools leave in an e-mail which they could not keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Robot {
    /// `+DUPEEMAIL+`: another user had the e-mail already.
    Duplicate,
    /// `+EMPTYEMAIL`: there was none.
    Empty,
    /// `+ANONIMYZED`: it was taken out.
    Anonymised,
}

impl Robot {
    /// The mark in that local part, which is in lower case.
    pub(super) fn in_local_part(local: &str) -> Option<Self> {
        [
            ("+dupeemail", Self::Duplicate),
            ("+emptyemail", Self::Empty),
            ("+anonimyzed", Self::Anonymised),
            ("+anonymized", Self::Anonymised),
        ]
        .into_iter()
        .find_map(|(mark, robot)| local.contains(mark).then_some(robot))
    }
}

impl Difference {
    /// A stable code, such as `plus_tag`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Invisible => "invisible",
            Self::LookAlike => "look_alike",
            Self::Dots => "dots",
            Self::PlusTag => "plus_tag",
            Self::Robot(Robot::Duplicate) => "robot_duplicate",
            Self::Robot(Robot::Empty) => "robot_empty",
            Self::Robot(Robot::Anonymised) => "robot_anonymised",
            Self::DomainTypo => "domain_typo",
            Self::OtherDomain => "other_domain",
            Self::Letters => "letters",
            Self::SameNameOnly => "same_name_only",
        }
    }

    /// The difference in a sentence for a manager. It repeats no e-mail.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Invisible => "One holds a space or a character that cannot be seen.",
            Self::LookAlike => "One holds a character that only looks like the other's.",
            Self::Dots => "They differ in dots before the @.",
            Self::PlusTag => "One has a tag after a plus sign.",
            Self::Robot(Robot::Duplicate) => {
                "A tool marked one as a duplicate (+DUPEEMAIL+), because another user had the e-mail."
            }
            Self::Robot(Robot::Empty) => {
                "A tool made one up (+EMPTYEMAIL), because it was given none."
            }
            Self::Robot(Robot::Anonymised) => "A tool took one out (+ANONIMYZED).",
            Self::DomainTypo => "The domain of one looks mistyped.",
            Self::OtherDomain => "Name and mailbox are the same, at another domain.",
            Self::Letters => "They differ in one letter, or in two that are swapped.",
            Self::SameNameOnly => {
                "The names are the same and the e-mails are not: find out if it is one person."
            }
        }
    }

    /// How much it counts against two being meant to be the same: less is likelier.
    pub(super) fn weight(self) -> u32 {
        match self {
            Self::Invisible => 1,
            Self::LookAlike => 2,
            Self::Dots | Self::PlusTag | Self::Robot(_) => 3,
            Self::DomainTypo => 5,
            Self::Letters => 8,
            Self::OtherDomain => 10,
            Self::SameNameOnly => 100,
        }
    }
}

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

/// Mailboxes of offices, which say nothing of people.
const SHARED: [&str; 12] = [
    "info", "office", "admin", "contact", "mail", "hello", "support", "sales", "billing", "team",
    "service", "noreply",
];

/// In what they differ, if it is little enough.
pub(super) fn between(a: &Parts, b: &Parts, names: Names) -> Option<Vec<Difference>> {
    let mut found = Vec::new();
    if a.had_invisible != b.had_invisible {
        found.push(Difference::Invisible);
    }
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
        _ if a.robot.is_some() || b.robot.is_some() => {}
        _ => found.push(Difference::PlusTag),
    }
    let is_shared = |parts: &Parts| SHARED.contains(&parts.core.as_str());
    let same_mailbox = mailbox(a, b, names, &mut found)?;
    match domains(&a.domain, &b.domain) {
        Domains::Same => {}
        // A slip in the domain and another one in the mailbox are one too many.
        Domains::Typo if same_mailbox && !is_shared(a) && a.core.chars().count() >= 3 => {
            found.push(Difference::DomainTypo);
        }
        Domains::LookAlike if same_mailbox => found.push(Difference::LookAlike),
        Domains::Other if same_mailbox && names == Names::Same && !is_shared(a) => {
            found.push(Difference::OtherDomain);
        }
        _ => return None,
    }
    found.sort_unstable();
    found.dedup();
    // Same but for what plays no part; or so much that it is no slip any more.
    (1..=2).contains(&found.len()).then_some(found)
}

/// Whether the mailboxes are the same but for dots; else the slip between them is told. `None` if they are two.
fn mailbox(a: &Parts, b: &Parts, names: Names, found: &mut Vec<Difference>) -> Option<bool> {
    if a.core == b.core {
        if a.core.is_empty() {
            return None;
        }
        if a.base != b.base {
            found.push(Difference::Dots);
        }
        return Some(true);
    }
    if a.look() == b.look() {
        // Among plain letters and digits it can be two people's, unless their names are one.
        let is_plain = a.core.is_ascii() && b.core.is_ascii();
        if is_plain && names != Names::Same {
            return None;
        }
        found.push(Difference::LookAlike);
        return Some(true);
    }
    let least = match names {
        Names::Same => 5,
        Names::Unknown => 8,
        Names::Differ => return None,
    };
    // Dots part a name into its words, whose initials tell people apart.
    let dots = |parts: &Parts| parts.base.matches('.').count();
    let is_slip = if dots(a) == dots(b) { slip(&a.base, &b.base) } else { slip(&a.core, &b.core) };
    if is_slip && a.core.chars().count().min(b.core.chars().count()) >= least {
        found.push(Difference::Letters);
        return Some(false);
    }
    None
}

/// One letter swapped, missed or mistaken, and no initial. Digits tell people apart.
fn slip(a: &str, b: &str) -> bool {
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let initials = |text: &str| {
        let parts = text.split(|c: char| !c.is_alphanumeric()).map(|part| part.chars().next());
        parts.collect::<Vec<_>>()
    };
    initials(a) == initials(b)
        && digits(a) == digits(b)
        && a.chars().filter(|c| !c.is_alphabetic()).eq(b.chars().filter(|c| !c.is_alphabetic()))
        && osa_distance(a, b) == 1
}

enum Domains {
    Same,
    Typo,
    LookAlike,
    Other,
}

fn domains(a: &str, b: &str) -> Domains {
    if a == b {
        return Domains::Same;
    }
    if skeleton(a).eq(skeleton(b)) {
        return Domains::LookAlike;
    }
    let (known_a, known_b) = (WELL_KNOWN.contains(&a), WELL_KNOWN.contains(&b));
    if known_a && known_b || a.len().max(b.len()) > 255 || osa_distance(a, b) != 1 {
        return Domains::Other;
    }
    if known_a || known_b {
        return Domains::Typo;
    }
    // Two companies can differ in a letter; long names seldom do, and their endings tell countries apart.
    let (Some((name_a, end_a)), Some((name_b, end_b))) = (a.rsplit_once('.'), b.rsplit_once('.'))
    else {
        return Domains::Other;
    };
    let is_long = name_a.len().min(name_b.len()) >= 8;
    if end_a == end_b && is_long && slip(name_a, name_b) { Domains::Typo } else { Domains::Other }
}
