//! The report as data: what the JSON form holds, field by field.

use std::fmt;

use elevate_access::{Audit, Reason, Urgency};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The version of the JSON form that is written. A field may be added under it; none goes, and none changes its
/// meaning.
pub const VERSION: u32 = 1;

/// An audit as a report. `Debug` shows counts only: findings name people.
///
/// Its fields are the JSON form's, in their order.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Report {
    /// [`VERSION`].
    pub version: u32,
    /// The host's id of the building.
    pub building: String,
    /// When the audit began.
    pub begun: Timestamp,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
    /// Whether every connection was audited to its end, and the roster was read whole. If not, the findings are not all
    /// that there are.
    pub complete: bool,
    /// What of the roster could not be read, a line each ([`with_roster_faults`](Report::with_roster_faults)).
    #[serde(default)]
    pub roster_faults: Vec<String>,
    /// How many findings there are, by urgency.
    pub counts: Counts,
    /// Each connection of the building, with what was counted.
    pub connections: Vec<Connection>,
    /// The findings, in the order in which to mend them.
    pub findings: Vec<Finding>,
}

/// How many findings there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Counts {
    /// To be mended now.
    pub must_fix: usize,
    /// That can wait till tomorrow, and not for ever.
    pub will_bite: usize,
    /// Worth knowing.
    pub information: usize,
}

/// One connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Connection {
    /// The host's id.
    pub connection: String,
    /// The system's name; null if the connection could not be opened.
    pub system: Option<String>,
    /// What was counted, the match rate first.
    pub tallies: Vec<Tally>,
    /// How many calls to the system it took.
    pub calls: u64,
    /// How many findings of the audit before no longer stand: mended, or accepted.
    pub mended: usize,
    /// Why it was not audited to its end; null if it was.
    pub failed: Option<Failure>,
}

/// So many of so many.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Tally {
    /// What was counted.
    pub what: String,
    /// How many.
    pub count: u64,
    /// Of how many; null if it is no part of anything.
    pub of: Option<u64>,
}

/// Why a connection could not be audited.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Failure {
    /// A stable code, such as `vendor_unreachable`.
    pub code: String,
    /// What is wrong, and what to do.
    pub message: String,
}

/// One finding.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Finding {
    /// `must_fix`, `will_bite` or `information`.
    pub urgency: String,
    /// A stable code, such as `unit_unmatched`.
    pub code: String,
    /// The host's id of the connection; null if it is about none.
    pub connection: Option<String>,
    /// The system's name; null if none has a part in it.
    pub system: Option<String>,
    /// Who or what.
    pub subject: Subject,
    /// What is wrong, in words.
    pub wrong: String,
    /// What to do, in words; null if there is nothing to say.
    pub remedy: Option<String>,
    /// The system to mend it in, in words.
    pub mend_in: String,
    /// Since when, as far as is known: the system's own word, or the audit that found it first.
    pub since: Option<Timestamp>,
    /// Whether it is to be mended and did not stand at the audit before.
    #[serde(default)]
    pub is_new: bool,
    /// The likely counterpart; null if none stands out.
    pub likely: Option<Likely>,
}

/// Who or what a finding is about. Text as written at its source, which may hold anything.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Subject {
    /// `resident`, `unit`, `vendor_user`, `vendor_unit`, `door` or `connection`.
    pub kind: String,
    /// The host's id of a resident or a unit, the system's of anything else.
    pub id: String,
    /// Its name.
    pub name: Option<String>,
    /// The e-mail of a resident or user.
    pub email: Option<String>,
    /// The names of the units in which a resident lives.
    pub units: Vec<String>,
    /// The ids of the Current residents whom it concerns.
    pub residents: Vec<String>,
    /// The name of each of them, or the id where the host gives none.
    #[serde(default)]
    pub resident_names: Vec<String>,
}

/// A likely counterpart.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Likely {
    /// What it likely is on the other side.
    pub counterpart: Subject,
    /// In what they differ.
    pub differences: Vec<Difference>,
    /// Whether a person has to find out first if they are the same.
    pub is_for_review: bool,
}

/// A difference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Difference {
    /// A stable code, such as `unit_word`.
    pub code: String,
    /// In words.
    pub sentence: String,
}

impl Report {
    /// The report of that audit.
    pub fn of(audit: &Audit) -> Self {
        let end = &audit.end;
        let count = |urgency| audit.count(urgency);
        Self {
            version: VERSION,
            building: end.building.to_string(),
            begun: end.begun,
            took_ms: u64::try_from(end.took.as_millis()).unwrap_or(u64::MAX),
            complete: audit.is_complete(),
            roster_faults: Vec::new(),
            counts: Counts {
                must_fix: count(Urgency::MustFix),
                will_bite: count(Urgency::WillBite),
                information: count(Urgency::Information),
            },
            connections: end.connections.iter().map(Connection::of).collect(),
            findings: audit.findings.iter().map(Finding::of).collect(),
        }
    }

    /// Says what of the roster could not be read, in words that repeat nothing of it: a report that leaves rows out is
    /// not complete.
    pub fn with_roster_faults(mut self, faults: impl IntoIterator<Item = String>) -> Self {
        self.roster_faults.extend(faults);
        self.complete &= self.roster_faults.is_empty();
        self
    }

    /// The findings of that urgency, in order.
    pub fn of_urgency(&self, urgency: Urgency) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(move |finding| finding.urgency == urgency.code())
    }
}

impl Connection {
    fn of(audit: &elevate_access::ConnectionAudit) -> Self {
        let failed = |reason: &Reason| Failure {
            code: reason.code().to_owned(),
            message: reason.for_manager(),
        };
        let tallies = audit.tallies.iter().map(|tally| Tally {
            what: tally.what.clone(),
            count: tally.count,
            of: tally.of,
        });
        Self {
            connection: audit.connection.to_string(),
            system: audit.system.as_ref().map(|system| system.name.to_string()),
            tallies: tallies.collect(),
            calls: audit.calls,
            mended: audit.mended,
            failed: audit.failed.as_ref().map(failed),
        }
    }
}

impl Finding {
    fn of(finding: &elevate_access::Finding) -> Self {
        let reason = &finding.reason;
        Self {
            urgency: finding.urgency.code().to_owned(),
            code: reason.code().to_owned(),
            connection: finding.connection.as_ref().map(ToString::to_string),
            system: reason.system().map(|system| system.name.to_string()),
            subject: Subject::of(&finding.subject),
            wrong: reason.what_is_wrong(),
            remedy: finding.remedy(),
            mend_in: reason.mended_in(),
            since: finding.since,
            is_new: finding.is_new,
            likely: finding.likely.as_ref().map(Likely::of),
        }
    }
}

impl Subject {
    fn of(subject: &elevate_access::Subject) -> Self {
        Self {
            kind: subject.kind.code().to_owned(),
            id: subject.id.clone(),
            name: subject.name.clone(),
            email: subject.email.clone(),
            units: subject.units.clone(),
            residents: subject.residents.iter().map(ToString::to_string).collect(),
            resident_names: subject.resident_names.clone(),
        }
    }
}

impl Likely {
    fn of(likely: &elevate_access::Likely) -> Self {
        let difference = |one: &elevate_access::Difference| Difference {
            code: one.code.to_string(),
            sentence: one.sentence.clone(),
        };
        Self {
            counterpart: Subject::of(&likely.counterpart),
            differences: likely.differences.iter().map(difference).collect(),
            is_for_review: likely.is_for_review,
        }
    }
}

impl fmt::Debug for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Report")
            .field("building", &self.building)
            .field("complete", &self.complete)
            .field("counts", &self.counts)
            .finish_non_exhaustive()
    }
}

/// Types that hold names and e-mails show none.
macro_rules! hidden {
    ($($name:ident: $shown:ident),*) => {
        $(impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name))
                    .field(stringify!($shown), &self.$shown)
                    .finish_non_exhaustive()
            }
        })*
    };
}
hidden!(Finding: code, Subject: kind, Likely: is_for_review);
