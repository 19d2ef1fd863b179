//! CSV for a spreadsheet: a row a finding.

use crate::{Finding, Report, WriteError, visible, visible::visible_long};

const COLUMNS: [&str; 17] = [
    "urgency",
    "code",
    "kind",
    "name",
    "email",
    "units",
    "residents",
    "what is wrong",
    "what to do",
    "mend it in",
    "since",
    "likely name",
    "likely email",
    "differences",
    "for review",
    "system",
    "id",
];

/// A first line that names the columns, then a line a finding (RFC 4180, UTF-8). A connection that failed has a
/// line of its own, so that a sheet without findings is not taken for a building in good order.
pub(crate) fn write(report: &Report) -> Result<String, WriteError> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let failed = |error: csv::Error| WriteError(Box::new(error));
    writer.write_record(COLUMNS).map_err(failed)?;
    for connection in &report.connections {
        if let Some(failure) = &connection.failed {
            let mut row = vec![String::new(); COLUMNS.len()];
            "not_audited".clone_into(&mut row[0]);
            row[1].clone_from(&failure.code);
            "connection".clone_into(&mut row[2]);
            row[3] = cell(&connection.connection);
            row[7] = harmless(visible_long(&failure.message));
            row[15] = cell(connection.system.as_deref().unwrap_or_default());
            writer.write_record(&row).map_err(failed)?;
        }
    }
    for finding in &report.findings {
        writer.write_record(row(finding)).map_err(failed)?;
    }
    let text = writer.into_inner().map_err(|error| WriteError(Box::new(error.into_error())))?;
    String::from_utf8(text).map_err(|error| WriteError(Box::new(error)))
}

fn row(finding: &Finding) -> Vec<String> {
    let Finding { subject, likely, .. } = finding;
    let likely_name = likely.as_ref().and_then(|one| one.counterpart.name.as_deref());
    let likely_email = likely.as_ref().and_then(|one| one.counterpart.email.as_deref());
    let differences = likely.iter().flat_map(|one| &one.differences);
    let differences: Vec<&str> = differences.map(|one| one.sentence.as_str()).collect();
    let review = likely.as_ref().map_or("", |one| if one.is_for_review { "yes" } else { "no" });
    let each = |all: &[String]| -> String {
        let shown: Vec<String> = all.iter().map(|one| visible(one)).collect();
        harmless(shown.join("; "))
    };
    let sentence = |text: &str| harmless(visible_long(text));
    vec![
        cell(&finding.urgency),
        cell(&finding.code),
        cell(&subject.kind),
        cell(subject.name.as_deref().unwrap_or_default()),
        cell(subject.email.as_deref().unwrap_or_default()),
        each(&subject.units),
        each(&subject.residents),
        sentence(&finding.wrong),
        sentence(finding.remedy.as_deref().unwrap_or_default()),
        cell(&finding.mend_in),
        finding.since.map(|since| since.to_string()).unwrap_or_default(),
        cell(likely_name.unwrap_or_default()),
        cell(likely_email.unwrap_or_default()),
        sentence(&differences.join(" ")),
        cell(review),
        cell(finding.system.as_deref().unwrap_or_default()),
        cell(&subject.id),
    ]
}

/// A name as a cell, with what cannot be seen shown.
fn cell(text: &str) -> String {
    harmless(visible(text))
}

/// A cell that no spreadsheet takes for a formula.
fn harmless(shown: String) -> String {
    // What a spreadsheet computes begins so, also behind spaces and in full width.
    let start = shown.trim_start_matches([' ', '␣']).chars().next();
    let computes =
        matches!(start, Some('=' | '+' | '-' | '@' | '|' | '%' | '＝' | '＋' | '－' | '＠'));
    if computes { format!("'{shown}") } else { shown }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        for text in
            ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1", "|cmd", "\u{feff}=1"]
        {
            let cell = cell(text);
            assert!(cell.starts_with('\'') || cell.starts_with('⟨'), "{text:?}: {cell:?}");
        }
        assert_eq!(cell("4-B"), "4-B");
        assert_eq!(cell("Apt 101"), "Apt 101");
    }
}
