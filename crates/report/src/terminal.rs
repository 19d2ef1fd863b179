//! A table for a terminal.

use std::fmt::Write as _;

use comfy_table::{ContentArrangement, Table, presets::UTF8_HORIZONTAL_ONLY};
use elevate_access::Urgency;

use crate::{Finding, Report, Subject, visible, visible::visible_long};

/// The width that a table has unless another one is asked for.
pub(crate) const WIDTH: u16 = 120;

/// So many findings for information are listed; the rest is counted.
const MOST_INFORMATION: usize = 50;

pub(crate) fn write(report: &Report, width: u16) -> String {
    // Writing to a String does not fail.
    let mut text = head(report);
    for urgency in Urgency::ALL {
        let all: Vec<&Finding> = report.of_urgency(urgency).collect();
        if all.is_empty() {
            continue;
        }
        let _ = writeln!(text, "\n{}: {}", urgency.heading(), all.len());
        let most = if urgency == Urgency::Information { MOST_INFORMATION } else { usize::MAX };
        let mut table = Table::new();
        table
            .load_style(UTF8_HORIZONTAL_ONLY)
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_width(width)
            .set_header(["Who or what", "What is wrong", "What to do", "Where", "Since"]);
        for finding in all.iter().take(most) {
            table.add_row([
                who(&finding.subject),
                visible_long(&finding.wrong),
                to_do(finding),
                visible(&finding.mend_in),
                since(finding).unwrap_or_default(),
            ]);
        }
        let _ = writeln!(text, "{table}");
        if all.len() > most {
            let _ = writeln!(text, "and {} more: see the CSV or JSON form", all.len() - most);
        }
    }
    text
}

fn head(report: &Report) -> String {
    let counts = report.counts;
    let mut text = format!(
        "Audit of {} on {}\n{}{} to fix now, {} that will bite, {} for information\n",
        visible(&report.building),
        day(report.begun),
        if report.complete { "" } else { "NOT COMPLETE, see below: " },
        counts.must_fix,
        counts.will_bite,
        counts.information,
    );
    for fault in faults(report) {
        let _ = writeln!(text, "  NOT READ: {fault}");
    }
    for connection in &report.connections {
        let system = connection.system.as_deref().unwrap_or("unknown system");
        let _ = writeln!(
            text,
            "\n{} ({}), {} calls",
            visible(system),
            visible(&connection.connection),
            connection.calls
        );
        if let Some(failure) = &connection.failed {
            let _ = writeln!(text, "  NOT AUDITED: {}", visible_long(&failure.message));
        }
        for tally in &connection.tallies {
            let _ = writeln!(text, "  {:<50} {}", visible(&tally.what), amount(tally));
        }
        if connection.mended > 0 {
            let _ = writeln!(text, "  {:<50} {}", "Mended since the last audit", connection.mended);
        }
    }
    text
}

/// So many of the roster's faults are listed; the rest is counted.
const MOST_FAULTS: usize = 10;

/// What of the roster could not be read.
pub(crate) fn faults(report: &Report) -> Vec<String> {
    let all = &report.roster_faults;
    let mut told: Vec<String> = all
        .iter()
        .take(MOST_FAULTS)
        .map(|fault| format!("roster, {}", visible_long(fault)))
        .collect();
    if let Some(more) = all.len().checked_sub(MOST_FAULTS).filter(|more| *more > 0) {
        told.push(format!("and {more} places of the roster more"));
    }
    told
}

/// Since when a finding stands, or that it is new.
fn since(finding: &Finding) -> Option<String> {
    match (finding.is_new, finding.since) {
        (true, Some(since)) => Some(format!("new ({})", day(since))),
        (true, None) => Some("new".to_owned()),
        (false, since) => since.map(day),
    }
}

/// `9 of 10 (90 %)`.
pub(crate) fn amount(tally: &crate::Tally) -> String {
    let Some(of) = tally.of else { return tally.count.to_string() };
    match (u128::from(tally.count) * 100).checked_div(u128::from(of)) {
        Some(percent) => format!("{} of {of} ({percent} %)", tally.count),
        None => format!("{} of {of}", tally.count),
    }
}

pub(crate) fn day(at: jiff::Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
}

/// So many of those whom it concerns are named; the rest is counted.
const MOST_NAMES: usize = 3;

/// What names the subject for a person.
pub(crate) fn who(subject: &Subject) -> String {
    let named = subject.name.as_deref().map(visible).filter(|name| !name.is_empty());
    let email = subject.email.as_deref().map(visible);
    let mut parts: Vec<String> = Vec::new();
    parts.extend(named);
    parts.extend(subject.units.iter().map(|unit| visible(unit)));
    parts.extend(email);
    if parts.is_empty() {
        parts.push(format!("{} {}", subject.kind.replace('_', " "), visible(&subject.id)));
    }
    let concerned = subject.resident_names.iter().map(|name| visible(name));
    let mut concerned: Vec<String> = concerned.take(MOST_NAMES).collect();
    match subject.residents.len().saturating_sub(concerned.len()) {
        0 => {}
        1 if concerned.is_empty() => concerned.push("1 resident".to_owned()),
        more if concerned.is_empty() => concerned.push(format!("{more} residents")),
        more => concerned.push(format!("{more} more")),
    }
    let parts = parts.join(", ");
    if concerned.is_empty() { parts } else { format!("{parts} ({})", concerned.join(", ")) }
}

fn to_do(finding: &Finding) -> String {
    let mut text = visible_long(finding.remedy.as_deref().unwrap_or("Nothing to mend."));
    if let Some(likely) = &finding.likely {
        let word = if likely.is_for_review { "To review" } else { "Likely" };
        let _ = write!(text, " {word}: {}.", who(&likely.counterpart));
        for difference in &likely.differences {
            let _ = write!(text, " {}", visible_long(&difference.sentence));
        }
    }
    text
}
