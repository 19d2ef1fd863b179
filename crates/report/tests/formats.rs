//! Every format, with names that mean well and names that do not.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use std::time::Duration;

use async_trait::async_trait;
use elevate_access::{
    Access, AccessProvider, Audit, AuditOptions, Audited, Auditor, BuildingId, Cause, Check,
    ConnectionId, Context, Difference, Error, Finding, Freshness, Grants, Health, Identity, Likely,
    MemoryConnections, MemoryDirectory, MemoryStore, Notification, Notified, Occupant,
    ProviderInfo, Reason, ResidentId, Subject, SubjectKind, System, Tally, UnlockPermit, Urgency,
    VendorDoorId, Verdict,
};
use elevate_access_report::{Format, Report};
use elevate_access_testkit::TestClock;
use proptest::prelude::*;

/// A third provider, which is made of its findings.
#[derive(Debug)]
struct Found(Vec<Finding>);

#[async_trait]
impl AccessProvider for Found {
    fn info(&self) -> ProviderInfo {
        ProviderInfo::new(System::new("Latchkey", "the Latchkey portal"), Identity::Unit)
    }
    async fn grants(&self, _: &Context, _: &Occupant, _: Freshness) -> Result<Grants, Error> {
        Err(Error::new(Cause::VendorUnreachable))
    }
    async fn unlock(
        &self,
        _: &Context,
        _: &Occupant,
        _: &VendorDoorId,
        _: UnlockPermit,
    ) -> Verdict {
        Verdict::NotSent(Error::new(Cause::VendorUnreachable))
    }
    async fn explain(&self, _: &Context, _: &Occupant, _: Option<&VendorDoorId>) -> Vec<Check> {
        Vec::new()
    }
    async fn check(&self, _: &Context) -> Health {
        Health::ok()
    }
    async fn audit(&self, _: &Context, auditor: &Auditor) -> Result<Audited, Error> {
        for finding in &self.0 {
            auditor.found(finding.clone()).await;
        }
        Ok(Audited::new(vec![Tally::part("Units matched", 9, 10), Tally::new("Doors", 31)]))
    }
    async fn notified(&self, _: &Context, _: &Notification<'_>) -> Result<Notified, Error> {
        Err(Error::new(Cause::DeliveryRefused))
    }
}

/// The audit of a building whose systems found these things.
fn audit_of(findings: Vec<Vec<Finding>>) -> Audit {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.unwrap().block_on(async {
        let building = BuildingId::new("maple").unwrap();
        let (directory, connections) = (MemoryDirectory::new(), MemoryConnections::new());
        directory.set_units(&building, Vec::new());
        for (number, found) in findings.into_iter().enumerate() {
            let id = ConnectionId::new(format!("lk-{number}")).unwrap();
            connections.connect(&building, &id, std::sync::Arc::new(Found(found)));
        }
        let access = Access::builder()
            .directory(directory)
            .connections(connections)
            .store(MemoryStore::new())
            .clock(TestClock::new())
            .build()
            .unwrap();
        let audit = access.audit(&building, AuditOptions::new()).await.unwrap();
        let mut audit = audit.collect_all().await;
        audit.end.took = Duration::from_millis(1_200);
        audit
    })
}

fn unit(name: &str) -> Subject {
    let residents = ["r-1", "r-2"].map(|id| ResidentId::new(id).unwrap());
    Subject::new(SubjectKind::Unit, "u-12").named(name).lived_in_by(residents.into())
}

fn likely(name: &str) -> Likely {
    let sentence = "They differ in the word for an apartment, or one has none.";
    let counterpart = Subject::new(SubjectKind::VendorUnit, "sp-4c").named(name);
    Likely::new(counterpart, vec![Difference::new("unit_word", sentence)])
}

fn typical() -> Audit {
    let system = System::new("Latchkey", "the Latchkey portal");
    let of = |cause| Reason::new(cause).in_system(&system);
    let since = "2026-02-28T09:00:00Z".parse().unwrap();
    audit_of(vec![vec![
        Finding::new(Urgency::MustFix, unit("Apt 12"), of(Cause::UnitUnmatched).about("Apt 12"))
            .likely(Some(likely("Unit 12"))),
        Finding::new(Urgency::MustFix, unit("Apt 13"), of(Cause::UnitWithoutDoors).since(since)),
        Finding::new(
            Urgency::WillBite,
            Subject::new(SubjectKind::Door, "d-1").named("Garage"),
            of(Cause::DoorOffline).about("Garage").with_detail("for 3 days"),
        ),
        Finding::new(
            Urgency::Information,
            Subject::new(SubjectKind::VendorUnit, "sp-l").named("Lobby "),
            of(Cause::VendorUnitUnmatched).about("Lobby "),
        ),
    ]])
}

#[test]
fn a_report_reads_well_in_every_format() {
    let report = Report::of(&typical());
    insta::assert_snapshot!("json", report.write(Format::Json).unwrap());
    insta::assert_snapshot!("csv", report.write(Format::Csv).unwrap());
    insta::assert_snapshot!("table", report.write(Format::Table).unwrap());
    let page = report.write(Format::Html).unwrap();
    let body = page.split_once("<body>").unwrap().1.split_once("<script>").unwrap().0;
    insta::assert_snapshot!("html", body);
}

#[test]
fn the_json_form_reads_back_as_it_was() {
    let report = Report::of(&typical());
    let text = report.write(Format::Json).unwrap();
    let back: Report = serde_json::from_str(&text).unwrap();
    assert!(back == report);
}

#[test]
fn an_audit_that_failed_never_looks_like_good_news() {
    let mut audit = audit_of(vec![vec![]]);
    audit.end.connections[0].failed = Some(Cause::VendorUnreachable.into());
    let report = Report::of(&audit);
    for (format, word) in [
        (Format::Json, "\"complete\": false"),
        (Format::Csv, "not_audited"),
        (Format::Table, "NOT AUDITED"),
        (Format::Html, "This audit is not complete."),
    ] {
        assert!(report.write(format).unwrap().contains(word), "{format:?}");
    }
}

#[test]
fn a_roster_that_was_not_read_whole_is_said_in_every_format() {
    let faults = (1..=12).map(|line| format!("line {line}, column 2: this is no row"));
    let report = Report::of(&audit_of(vec![vec![]])).with_roster_faults(faults);
    assert!(!report.complete);
    for (format, words) in [
        (Format::Json, ["\"complete\": false", "line 12, column 2: this is no row"]),
        (Format::Csv, ["not_read", "line 12, column 2: this is no row"]),
        (Format::Table, ["NOT COMPLETE", "NOT READ: roster, line 10, column 2: this is no row"]),
        (Format::Html, ["This audit is not complete.", "and 2 places of the roster more"]),
    ] {
        let text = report.write(format).unwrap();
        assert!(words.iter().all(|word| text.contains(word)), "{format:?}:\n{text}");
    }
    assert!(Report::of(&audit_of(vec![vec![]])).with_roster_faults([]).complete);
}

#[test]
fn what_is_new_is_said_in_every_format() {
    let mut audit = typical();
    let words = |audit: &Audit, word: &str| {
        let report = Report::of(audit);
        Format::ALL.map(|format| report.write(format).unwrap().matches(word).count())
    };
    let [json, csv, table, html] = words(&audit, "\"is_new\": true");
    assert_eq!((json, csv, table, html), (0, 0, 0, 0));
    audit.findings[0].is_new = true;
    assert_eq!(words(&audit, "\"is_new\": true")[0], 1);
    assert_eq!(words(&audit, ",yes,")[1], 1);
    assert_eq!(words(&audit, " new ")[2], 1);
    assert_eq!(words(&audit, "<span class=\"tag\">New</span>")[3], 1);
}

/// Names that try to get out.
const HOSTILE: &[&str] = &[
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "' onmouseover='x",
    "</style><b>",
    "{{ 7*7 }}",
    "&lt;b&gt;",
    "]]>",
    "<!--",
    "javascript:alert(1)",
    "=1+1",
    "+cmd|' /C calc'!A0",
    "@SUM(1)",
    "-2+3",
    "\t=1",
    "\r\n=1",
    "\u{1b}[31mred\u{1b}[0m",
    "\u{9b}31m",
    "\u{7}bell",
    "\u{8}",
    "\u{202e}txt.exe",
    "\u{2066}x\u{2069}",
    "\u{200f}rtl",
    "zero\u{200b}width",
    "no\u{a0}break",
    "line\u{2028}sep",
    "\0nul",
    "a,b;c\"d",
    "ends ",
    " begins",
    "\u{e0001}tag",
    "\u{feff}bom",
];

fn hostile(name: &str) -> Report {
    let reason = Reason::new(Cause::UnitUnmatched).about(name).with_detail(name);
    let mut subject = unit(name).with_email(Some(name)).living_in([name]);
    name.clone_into(&mut subject.id);
    let finding = Finding::new(Urgency::MustFix, subject, reason).likely(Some(likely(name)));
    Report::of(&audit_of(vec![vec![finding]]))
}

/// Characters that change how others show, or show nothing.
fn steers(c: char) -> bool {
    (c.is_control() && c != '\n' && c != '\r')
        || matches!(c,
            '\u{a0}' | '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e0fff}')
}

fn holds_nothing_that_steers(report: &Report, name: &str) {
    for format in Format::ALL {
        let text = report.write(format).unwrap();
        assert!(!text.contains(steers), "{format:?} of {name:?}:\n{text}");
        if format != Format::Csv {
            assert!(!text.contains('\r'), "{format:?} of {name:?}");
        }
    }
}

#[test]
fn bidi_and_ansi_escaped_in_every_format() {
    for name in HOSTILE {
        holds_nothing_that_steers(&hostile(name), name);
    }
}

#[test]
fn no_name_breaks_out_of_the_page() {
    let plain = hostile("Apt 12").write(Format::Html).unwrap();
    let tags = |page: &str| -> Vec<String> {
        let tags = page
            .split('<')
            .skip(1)
            .map(|tag| tag.split(['>', ' ']).next().unwrap_or_default().to_owned());
        tags.collect()
    };
    // Within a tag, outside of its quoted values.
    let handlers = |page: &str| {
        let tags = page.split('<').skip(1).filter_map(|tag| tag.split('>').next());
        let bare = tags.map(|tag| tag.split('"').step_by(2).collect::<String>());
        bare.filter(|tag| tag.contains(" on")).count()
    };
    for name in HOSTILE {
        let page = hostile(name).write(Format::Html).unwrap();
        // Whatever the name is, the page has the elements that it has: but for the button that copies a name.
        let without_button = |mut all: Vec<String>| -> Vec<String> {
            let of_it = ["p", "code", "bdi", "button", "span"];
            all.retain(|tag| !of_it.contains(&tag.trim_start_matches('/')));
            all
        };
        assert_eq!(without_button(tags(&page)), without_button(tags(&plain)), "{name:?}");
        assert!(!page.contains("<img") && !page.contains("<b>"), "{name:?}");
        assert_eq!(handlers(&page), 0, "{name:?}");
        assert!(page.matches("<script>").count() == 1, "{name:?}");
    }
}

#[test]
fn no_cell_of_the_sheet_is_a_formula() {
    for name in HOSTILE {
        let text = hostile(name).write(Format::Csv).unwrap();
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let mut rows = 0;
        for row in reader.records() {
            let row = row.unwrap();
            rows += 1;
            assert_eq!(row.len(), 20, "{name:?}");
            for cell in &row {
                let first = cell.chars().next();
                assert!(!matches!(first, Some('=' | '+' | '-' | '@' | '\t' | '\r')), "{cell:?}");
            }
        }
        assert_eq!(rows, 1, "{name:?}");
    }
}

#[test]
fn no_sentence_and_no_list_is_cut() {
    let long = "The order was taken and nothing more was said of it. ".repeat(3);
    let reason = Reason::new(Cause::AccessRemains).with_detail(long.trim());
    let mut subject = unit("Apt 12");
    subject.residents = (0..200).map(|n| ResidentId::new(format!("r-{n}")).unwrap()).collect();
    let report = Report::of(&audit_of(vec![vec![Finding::new(Urgency::MustFix, subject, reason)]]));
    for format in [Format::Csv, Format::Html] {
        let text = report.write(format).unwrap();
        assert_eq!(text.matches("nothing more was said of it.").count(), 3, "{format:?}");
    }
    assert!(report.write(Format::Csv).unwrap().contains("r-199"));
}

#[test]
fn the_page_asks_nothing_of_the_network_and_names_its_one_script() {
    let page = Report::of(&typical()).write(Format::Html).unwrap();
    assert!(page.contains("default-src 'none'"));
    for word in ["http://", "https://", "src=", "@import", "url("] {
        assert!(!page.contains(word), "{word}");
    }
    // Without scripts nothing is there that does not work: controls are hidden until a script shows them.
    assert!(page.contains("<form class=\"filter\" role=\"search\" hidden>"));
    for button in page.split("<button").skip(1) {
        assert!(button.split('>').next().unwrap().ends_with("hidden"), "{button}");
    }
}

#[test]
fn nothing_of_anybody_shows_in_debug() {
    let report = hostile("canary@example.com");
    let text = format!("{report:?} {:?}", report.findings);
    assert!(!text.contains("canary"), "{text}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_text_at_all_is_harmless(name in ".{0,60}") {
        let report = hostile(&name);
        holds_nothing_that_steers(&report, &name);
        let json = report.write(Format::Json).unwrap();
        let back: Report = serde_json::from_str(&json).unwrap();
        prop_assert!(back == report, "JSON keeps names whole");
        prop_assert_eq!(report.write(Format::Html).unwrap().matches("<script>").count(), 1);
    }
}
