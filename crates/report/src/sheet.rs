//! CSV for a spreadsheet: a row a finding.

use crate::{Finding, Report, WriteError, visible, visible::visible_long};

const COLUMNS: [&str; 20] = [
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
    "connection",
    "new",
    "names of residents",
];

/// A first line that names the columns, then a line a finding (RFC 4180, UTF-8). A connection that failed has a
/// line of its own, and so has what of the roster could not be read, so that a sheet without findings is not taken for a
/// building in good order.
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
            row[7] = harmless(&visible_long(&failure.message));
            row[15] = cell(connection.system.as_deref().unwrap_or_default());
            row[17] = cell(&connection.connection);
            writer.write_record(&row).map_err(failed)?;
        }
    }
    for fault in &report.roster_faults {
        let mut row = vec![String::new(); COLUMNS.len()];
        "not_read".clone_into(&mut row[0]);
        "roster".clone_into(&mut row[2]);
        row[7] = harmless(&visible_long(fault));
        writer.write_record(&row).map_err(failed)?;
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
        harmless(&shown.join("; "))
    };
    let sentence = |text: &str| harmless(&visible_long(text));
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
        cell(finding.connection.as_deref().unwrap_or_default()),
        cell(if finding.is_new { "yes" } else { "no" }),
        each(&subject.resident_names),
    ]
}

/// A name as a cell, with what cannot be seen shown.
fn cell(text: &str) -> String {
    harmless(&visible(text))
}

/// A cell that no spreadsheet takes for a formula, nor a part of it where a semicolon parts cells, as it does in half of
/// Europe.
fn harmless(shown: &str) -> String {
    let mut text = String::with_capacity(shown.len() + 2);
    let mut starts = true;
    for (at, c) in shown.char_indices() {
        if starts && begins_formula(&shown[at..]) {
            text.push('\'');
        }
        starts = c == ';';
        text.push(c);
    }
    text
}

/// What a spreadsheet computes begins so, also behind spaces, quotes and in full width.
fn begins_formula(text: &str) -> bool {
    let start = text.trim_start_matches([' ', '␣', '"']).chars().next();
    matches!(start, Some('=' | '+' | '-' | '@' | '|' | '%' | '＝' | '＋' | '－' | '＠'))
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

    #[test]
    fn no_cell_is_a_formula_where_a_semicolon_parts_cells() {
        for name in ["x;=cmd|' /C calc'!A0;", "x; @SUM(1)", "a;\"=1+1", "101;=1;;+2"] {
            let mut writer = csv::Writer::from_writer(Vec::new());
            writer.write_record(["must_fix", "resident", &cell(name), "e"]).unwrap();
            let line = writer.into_inner().unwrap();
            let mut reader = csv::ReaderBuilder::new();
            let reader = reader.delimiter(b';').has_headers(false).flexible(true).quoting(false);
            let mut reader = reader.from_reader(line.as_slice());
            let cells = reader.records().next().unwrap().unwrap();
            let computes = |cell: &str| begins_formula(cell);
            assert!(!cells.iter().any(computes), "{cells:?}");
        }
        assert_eq!(cell("4-B; 5-B"), "4-B; 5-B");
    }
}
