//! One self-contained page for a property manager.

use askama::Template;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use elevate_access::Urgency;
use sha2::{Digest as _, Sha256};

use crate::{
    Finding, Report, WriteError,
    terminal::{amount, day, faults, who},
    visible,
    visible::{is_hidden, visible_long},
};

const STYLE: &str = include_str!("../templates/page.css");
const SCRIPT: &str = include_str!("../templates/page.js");

/// So many findings of one urgency are on the page; the rest is counted.
const MOST: usize = 2_000;

#[derive(Template)]
#[template(path = "page.html")]
struct Page {
    style: &'static str,
    script: &'static str,
    /// What a browser is told to run, and nothing else.
    script_hash: String,
    building: String,
    day: String,
    groups: Vec<Group>,
    connections: Vec<Connection>,
    complete: bool,
    faults: Vec<String>,
}

struct Group {
    code: &'static str,
    heading: &'static str,
    about: &'static str,
    count: usize,
    more: usize,
    findings: Vec<Card>,
}

struct Connection {
    system: String,
    name: String,
    failed: Option<String>,
    tallies: Vec<(String, String)>,
}

/// One finding, every text fit to be shown.
struct Card {
    who: String,
    wrong: String,
    remedy: String,
    mend_in: String,
    since: Option<String>,
    is_new: bool,
    likely: Option<Counterpart>,
    /// The name or e-mail to copy, as it is to be on both sides.
    copy: Option<String>,
}

struct Counterpart {
    who: String,
    is_for_review: bool,
    differences: Vec<String>,
}

pub(crate) fn write(report: &Report) -> Result<String, WriteError> {
    let groups = Urgency::ALL.map(|urgency| {
        let count = report.of_urgency(urgency).count();
        Group {
            code: urgency.code(),
            heading: urgency.heading(),
            about: match urgency {
                Urgency::MustFix => {
                    "A resident is locked out, or somebody has access who should not."
                }
                Urgency::WillBite => {
                    "It can wait till tomorrow, and not for ever: somebody will be locked out, or may have more doors than they should."
                }
                Urgency::Information => "Worth knowing. Often there is nothing to mend.",
            },
            count,
            more: count.saturating_sub(MOST),
            findings: report.of_urgency(urgency).take(MOST).map(Card::of).collect(),
        }
    });
    let connections = report.connections.iter().map(|one| Connection {
        system: visible(one.system.as_deref().unwrap_or("Unknown system")),
        name: visible(&one.connection),
        failed: one.failed.as_ref().map(|failure| visible_long(&failure.message)),
        tallies: one
            .tallies
            .iter()
            .map(|tally| (visible(&tally.what), amount(tally)))
            .chain(
                (one.mended > 0)
                    .then(|| ("Mended since the last audit".to_owned(), one.mended.to_string())),
            )
            .collect(),
    });
    let page = Page {
        style: STYLE,
        script: SCRIPT,
        script_hash: BASE64_STANDARD.encode(Sha256::digest(SCRIPT)),
        building: visible(&report.building),
        day: day(report.begun),
        groups: groups.into(),
        connections: connections.collect(),
        complete: report.complete,
        faults: faults(report),
    };
    page.render().map_err(|error| WriteError(Box::new(error)))
}

impl Card {
    fn of(finding: &Finding) -> Self {
        let subject = &finding.subject;
        let ours = subject.email.as_deref().filter(|_| subject.kind == "resident");
        let ours = ours.or(subject.name.as_deref().filter(|_| subject.kind == "unit"));
        // What cannot be seen is not to be carried on.
        let is_plain = |text: &&str| {
            !text.is_empty()
                && text.trim() == *text
                && !text.contains(is_hidden)
                && text.len() <= 300
        };
        let is_to_copy = matches!(finding.code.as_str(), "unit_unmatched" | "user_not_found");
        Self {
            who: who(subject),
            wrong: visible_long(&finding.wrong),
            remedy: visible_long(finding.remedy.as_deref().unwrap_or("Nothing to mend.")),
            mend_in: visible(&finding.mend_in),
            since: finding.since.map(day),
            is_new: finding.is_new,
            likely: finding.likely.as_ref().map(|likely| Counterpart {
                who: who(&likely.counterpart),
                is_for_review: likely.is_for_review,
                differences: likely
                    .differences
                    .iter()
                    .map(|difference| visible_long(&difference.sentence))
                    .collect(),
            }),
            copy: ours.filter(|_| is_to_copy).filter(is_plain).map(str::to_owned),
        }
    }
}
