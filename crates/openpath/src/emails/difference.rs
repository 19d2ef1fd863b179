//! In what two e-mails differ, in words.

/// What two e-mails have in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Likeness {
    /// They are the same, by ASCII case: no near-miss, a match.
    Same,
    /// One is likely meant to be the other, for these reasons.
    Near(Vec<Difference>),
    /// The names say so and the e-mails do not: a person has to find out if it is one person. The last reason is
    /// [`SameNameOnly`](Difference::SameNameOnly); before it, a robot's mark on one of the two.
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
    /// The first mark in that local part, which is in lower case, and what stands before it.
    pub(super) fn in_local_part(local: &str) -> Option<(Self, &str)> {
        [
            ("+dupeemail", Self::Duplicate),
            ("+emptyemail", Self::Empty),
            ("+anonimyzed", Self::Anonymised),
            ("+anonymized", Self::Anonymised),
        ]
        .into_iter()
        .filter_map(|(mark, robot)| Some((robot, &local[..local.find(mark)?])))
        .min_by_key(|(_, own)| own.len())
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

    /// How much it counts against two e-mails being meant to be the same: less is likelier.
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
