//! One model of findings for every system, as a manager works through them.

use std::{borrow::Cow, fmt};

use jiff::Timestamp;

use crate::{Cause, ConnectionId, Reason, ResidentId};

/// How soon something has to be mended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Urgency {
    /// A resident is locked out, or somebody has access who should not.
    MustFix,
    /// It may wait till tomorrow and not for ever: somebody will be locked out, or may have more doors than they should.
    WillBite,
    /// Worth knowing; often there is nothing to mend.
    Information,
}

impl Urgency {
    /// All of them, the most urgent first.
    pub const ALL: [Self; 3] = [Self::MustFix, Self::WillBite, Self::Information];

    /// A stable code: `must_fix`, `will_bite`, `information`.
    pub fn code(self) -> &'static str {
        match self {
            Self::MustFix => "must_fix",
            Self::WillBite => "will_bite",
            Self::Information => "information",
        }
    }

    /// Its heading, for a person.
    pub fn heading(self) -> &'static str {
        match self {
            Self::MustFix => "Must fix now",
            Self::WillBite => "Will bite",
            Self::Information => "For information",
        }
    }
}

/// What a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum SubjectKind {
    /// A resident, by the host's id.
    Resident,
    /// A unit of the building, by the host's id.
    Unit,
    /// A user of the system, by its id there.
    VendorUser,
    /// A unit of the system, by its id there.
    VendorUnit,
    /// A door, by its id there.
    Door,
    /// The connection itself.
    Connection,
}

impl SubjectKind {
    /// A stable code, such as `vendor_user`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Resident => "resident",
            Self::Unit => "unit",
            Self::VendorUser => "vendor_user",
            Self::VendorUnit => "vendor_unit",
            Self::Door => "door",
            Self::Connection => "connection",
        }
    }
}

/// Who or what a finding is about.
///
/// Names and e-mails are as written at their source and may hold anything: escape them before showing.
/// `Debug` shows neither.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Subject {
    /// What it is.
    pub kind: SubjectKind,
    /// The host's id of a resident or a unit, the system's of anything else.
    pub id: String,
    /// Its name, if it has one.
    pub name: Option<String>,
    /// The e-mail of a resident or user.
    pub email: Option<String>,
    /// The units in which a resident lives, by name.
    pub units: Vec<String>,
    /// The Current residents of a unit: whom it concerns.
    pub residents: Vec<ResidentId>,
    /// The name of each of them, or the id where the host gives none. Filled in where a finding is
    /// [reported](super::Auditor::found).
    pub resident_names: Vec<String>,
}

impl Subject {
    /// A subject of that kind and id.
    pub fn new(kind: SubjectKind, id: impl Into<String>) -> Self {
        Self {
            kind,
            id: id.into(),
            name: None,
            email: None,
            units: Vec::new(),
            residents: Vec::new(),
            resident_names: Vec::new(),
        }
    }

    /// Gives it its name.
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Gives it its name, if there is one.
    pub fn named_if(mut self, name: Option<&str>) -> Self {
        self.name = name.map(str::to_owned);
        self
    }

    /// Gives it its e-mail, if there is one.
    pub fn with_email(mut self, email: Option<&str>) -> Self {
        self.email = email.map(str::to_owned);
        self
    }

    /// Says in which units a resident lives.
    pub fn living_in<'a>(mut self, units: impl IntoIterator<Item = &'a str>) -> Self {
        self.units = units.into_iter().map(str::to_owned).collect();
        self
    }

    /// Says who lives in a unit.
    pub fn lived_in_by(mut self, residents: Vec<ResidentId>) -> Self {
        self.residents = residents;
        self
    }
}

impl fmt::Debug for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subject")
            .field("kind", &self.kind)
            .field("id", &self.id)
            .field("residents", &self.residents.len())
            .finish_non_exhaustive()
    }
}

/// Why two names or e-mails are not the same though they look so: for managers, never for residents.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Difference {
    /// A stable code, such as `trailing_space`.
    pub code: Cow<'static, str>,
    /// The difference in a sentence, which repeats no e-mail.
    pub sentence: String,
}

impl Difference {
    /// The difference of that code, in that sentence.
    pub fn new(code: impl Into<Cow<'static, str>>, sentence: impl Into<String>) -> Self {
        Self { code: code.into(), sentence: sentence.into() }
    }
}

/// The likely counterpart of something that is matched with nothing. Nobody is let in by it: a person has
/// to make both sides the same.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Likely {
    /// What it likely is on the other side.
    pub counterpart: Subject,
    /// In what they differ.
    pub differences: Vec<Difference>,
    /// Whether a person has to find out first if they are the same: two people can have one name.
    pub is_for_review: bool,
}

impl Likely {
    /// That counterpart, with those differences.
    pub fn new(counterpart: Subject, differences: Vec<Difference>) -> Self {
        Self { counterpart, differences, is_for_review: false }
    }

    /// Says that a person has to find out first.
    pub fn for_review(mut self) -> Self {
        self.is_for_review = true;
        self
    }
}

/// One thing that an audit found.
///
/// [`Reason::what_is_wrong`], [`remedy`](Self::remedy) and [`Reason::mended_in`] say it in words.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// How soon it has to be mended.
    pub urgency: Urgency,
    /// The connection whose audit found it.
    pub connection: Option<ConnectionId>,
    /// Who or what.
    pub subject: Subject,
    /// What is wrong.
    pub reason: Reason,
    /// The likely counterpart, where one stands out.
    pub likely: Option<Likely>,
    /// Since when, as far as is known: the system's word, or the first audit that found it.
    pub since: Option<Timestamp>,
    /// Whether it is to be mended and did not stand at the audit before. Never so where there was none to compare with.
    pub is_new: bool,
}

impl Finding {
    /// A finding that urgent.
    pub fn new(urgency: Urgency, subject: Subject, reason: impl Into<Reason>) -> Self {
        let reason = reason.into();
        let since = reason.known_since();
        Self { urgency, connection: None, subject, reason, likely: None, since, is_new: false }
    }

    /// Names the likely counterpart, if there is one.
    pub fn likely(mut self, likely: Option<Likely>) -> Self {
        self.likely = likely;
        self
    }

    /// What to do about it; where the likely counterpart is for review, only once that is settled.
    pub fn remedy(&self) -> Option<String> {
        let remedy = self.reason.remedy()?;
        let is_doubtful = self.likely.as_ref().is_some_and(|likely| likely.is_for_review);
        Some(if is_doubtful { format!("If that is one person: {remedy}") } else { remedy })
    }

    /// The order in which to mend: by urgency, then what keeps people out first, then by cause and name.
    pub(super) fn order(&self) -> impl Ord + '_ {
        let name = self.subject.name.as_deref().or(self.subject.units.first().map(String::as_str));
        let cause: Cause = self.reason.cause();
        (self.urgency, cause, name, &self.subject.id, &self.connection)
    }
}
