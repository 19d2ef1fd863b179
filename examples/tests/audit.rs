//! The `audit` and `names` programs, as somebody at a terminal meets them.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use std::{fs, path::PathBuf};

use elevate_access::{BuildingId, Standing};
use elevate_examples::{
    audit::{
        Arguments,
        roster::{Fault, Roster},
        run,
    },
    names::{compared, too_wide},
};

struct Ended {
    code: u8,
    out: String,
    told: String,
}

fn ran(arguments: &Arguments) -> Ended {
    ran_with(arguments, false, &[])
}

fn ran_with(arguments: &Arguments, is_terminal: bool, environment: &[(&str, &str)]) -> Ended {
    let environment = |name: &str| {
        environment.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
    };
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
    let (mut out, mut told) = (Vec::new(), Vec::new());
    let work = run(arguments, &environment, &mut out, &mut told, is_terminal);
    let code = runtime.unwrap().block_on(work);
    Ended { code, out: String::from_utf8(out).unwrap(), told: String::from_utf8(told).unwrap() }
}

fn formatted(format: &str) -> Arguments {
    Arguments { format: format.to_owned(), ..Arguments::default() }
}

/// A file of this test's own, in a folder that goes with it.
fn file(folder: &tempfile::TempDir, name: &str, text: &str) -> PathBuf {
    let path = folder.path().join(name);
    fs::write(&path, text).unwrap();
    path
}

#[test]
fn the_seeded_building_shows_everything_and_ends_with_1() {
    let ended = ran(&formatted("table"));
    assert_eq!((ended.code, ended.told.as_str()), (1, ""));
    // Snapshots hold no e-mails, made-up ones neither.
    let masked: Vec<String> = ended
        .out
        .lines()
        .map(|line| {
            let words =
                line.split(' ').map(|word| if word.contains('@') { "(e-mail)" } else { word });
            words.collect::<Vec<_>>().join(" ")
        })
        .collect();
    insta::assert_snapshot!(masked.join("\n"));
}

#[test]
fn every_format_comes_out_and_an_unknown_one_does_not() {
    for (format, begins) in
        [("json", "{\n"), ("csv", "urgency,"), ("table", "Audit of"), ("html", "<!doctype html>")]
    {
        let ended = ran(&formatted(format));
        assert!(ended.out.starts_with(begins), "{format}");
        assert_eq!(ended.code, 1);
    }
    assert_eq!(ran(&formatted("pdf")).code, 2);
}

#[test]
fn hostile_names_break_out_of_no_format() {
    for format in ["json", "csv", "table", "html"] {
        let ended = ran(&Arguments { hostile: true, ..formatted(format) });
        assert_eq!(ended.code, 1, "{format}: {}", ended.told);
        let steers = |c: char| {
            (c.is_control() && !"\n\r".contains(c))
                || matches!(c, '\u{a0}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        };
        assert!(!ended.out.contains(steers), "{format}");
        if format == "html" {
            assert_eq!(ended.out.matches("<script>").count(), 1);
            assert!(!ended.out.contains("<img"));
        }
    }
}

#[test]
fn a_snapshot_that_was_kept_tells_since_when() {
    let folder = tempfile::tempdir().unwrap();
    let kept = folder.path().join("snapshot.json");
    let first = ran(&Arguments { keep: Some(kept.clone()), ..formatted("csv") });
    assert_eq!(first.code, 1);
    let text = fs::read_to_string(&kept).unwrap();
    assert!(!text.contains('@'), "no e-mail is kept");
    let since = Arguments { since: Some(kept.clone()), ..formatted("csv") };
    let second = ran(&since);
    let days = |text: &str| text.matches(",2026-03-02T").count();
    assert_eq!(days(&first.out), 0);
    assert_eq!(
        days(&second.out),
        19,
        "each finding that is to be mended, but the one with a date of its own"
    );

    fs::write(&kept, "{\"version\":9}").unwrap();
    let unread = ran(&since);
    assert_eq!(unread.code, 2);
    assert!(unread.told.contains("no snapshot"), "{}", unread.told);
}

#[test]
fn the_doors_of_each_are_read_on_wish_and_progress_shows_on_a_terminal_only() {
    let arguments = Arguments { doors_of_each: true, ..formatted("csv") };
    let ended = ran_with(&arguments, true, &[]);
    assert!(ended.out.contains("no_doors_assigned"), "Kim has none");
    assert!(ended.told.contains("front: 13 of 13 users"), "{}", ended.told);
    assert_eq!(ran(&arguments).told, "");
}

#[test]
fn a_report_goes_into_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("report.html");
    let ended = ran(&Arguments { out: Some(out.clone()), ..formatted("html") });
    assert_eq!((ended.code, ended.out.as_str()), (1, ""));
    assert!(ended.told.contains("report.html"), "what went where is said: {}", ended.told);
    assert!(fs::read_to_string(out).unwrap().contains("<h1>Door access audit</h1>"));
}

#[test]
fn a_configuration_that_cannot_be_used_says_why_and_shows_no_secret() {
    let folder = tempfile::tempdir().unwrap();
    let roster = file(&folder, "roster.csv", "unit\n101\n");
    let two_n = r#"{ "building": "maple", "connections": [
        { "id": "flats", "two_n": { "key_from": "KEY", "base_url": "http://127.0.0.1:1" } } ] }"#;
    let asked = |connections: &str, environment: &[(&str, &str)]| {
        let arguments = Arguments {
            roster: Some(roster.clone()),
            connections: Some(file(&folder, "connections.json", connections)),
            ..formatted("table")
        };
        ran_with(&arguments, false, environment)
    };
    let ended = asked("{", &[]);
    assert_eq!(ended.code, 2);
    assert!(ended.told.contains("line 1"), "{}", ended.told);
    let ended = asked(two_n, &[]);
    assert!(ended.told.contains("no KEY"), "{}", ended.told);
    let both = r#"{ "building": "maple", "connections": [ { "id": "none" } ] }"#;
    assert!(asked(both, &[]).told.contains("either"), "neither system");
}

#[test]
fn bad_rows_are_named_with_line_and_column_and_the_others_are_read() {
    let building = BuildingId::new("maple").unwrap();
    let text = "resident,name,email,unit_id,unit,standing\n\
                ada,Ada,ada@example.com,u1,101,Current\n\
                ben,Ben,no address,u2,102,Current\n\
                dan,Dan,dan@example.com,u4,104\n\
                eve,Eve,eve@example.com,u5,105,\n\
                ,,,u6,106,\n\
                fay,\"Fay, F.\",fay@example.com,u7,107,Moved out\n\
                ada,Ada,ada@example.com,u8,108,Former\n\
                cleo,\"Cleo,cleo@example.com,u3,103,Current\n";
    let roster = Roster::read(&building, text);
    let faults: Vec<String> = roster.faults.iter().map(Fault::to_string).collect();
    insta::assert_snapshot!(faults.join("\n"));
    assert_eq!(roster.rows, 8);
    let ids: Vec<&str> = roster.residents.iter().map(|r| r.id.as_str()).collect();
    assert_eq!(ids, ["ada", "ben", "fay"]);
    assert_eq!(roster.residents[0].residencies.len(), 2);
    assert_eq!(roster.residents[1].email, None);
    assert_eq!(roster.residents[2].name.as_deref(), Some("Fay, F."));
    let standing = &roster.residents[2].residencies[0].standing;
    assert_eq!(*standing, Standing::Other("Moved out".to_owned()), "only Current is Current");
    let units: Vec<&str> = roster.units.iter().map(|unit| unit.name.as_str()).collect();
    assert_eq!(units, ["101", "102", "105", "106", "107", "108"]);
}

#[test]
fn a_json_roster_is_read_as_far_as_it_goes() {
    let building = BuildingId::new("maple").unwrap();
    let text = "[\n  {\"unit\": \"101\", \"resident\": \"ada\", \"standing\": \"Current\"},\n  \
                {\"unit\": 5},\n  {\"unit\": \"102\", \"colour\": \"red\"},\n  \
                {\"unit\": \"103\"},\n  oops";
    let roster = Roster::read(&building, text);
    let faults: Vec<String> = roster.faults.iter().map(Fault::to_string).collect();
    insta::assert_snapshot!(faults.join("\n"));
    assert_eq!((roster.residents.len(), roster.units.len()), (1, 2));
}

#[test]
fn other_separators_and_a_byte_order_mark_are_no_obstacle() {
    let building = BuildingId::new("maple").unwrap();
    for text in [
        "\u{feff}unit;resident;standing\n101;ada;Current\n",
        "standing\tunit\tresident\nCurrent\t101\tada\r\n",
    ] {
        let roster = Roster::read(&building, text);
        assert_eq!((roster.residents.len(), roster.faults.len()), (1, 0), "{text:?}");
    }
    assert_eq!(
        Roster::read(&building, "name\nx\n").faults[0].what,
        "there is no column called unit"
    );
    assert_eq!(Roster::read(&building, "").faults, []);
}

#[test]
fn names_are_compared_line_by_line_with_what_the_whole_file_suggests() {
    let text =
        "101\tApt 102\n102\t101\nApt 103\t#103\n104\t1041\nA-1\tA1 \n105\n\t106\n4B\u{200b}\t4B\n";
    insta::assert_snapshot!(compared(text));
}

#[test]
fn a_list_of_names_with_more_than_two_columns_is_no_list_of_names() {
    assert_eq!(too_wide("Apt 101\tapt 101\n\t102\n103\n"), None);
    assert_eq!(too_wide("Apt 101\tapt 101\nUS\tApt 102\tapt 102\n"), Some(2));
}

#[tokio::test]
async fn a_roster_that_names_nothing_or_not_everything_is_no_good_news() {
    let folder = tempfile::tempdir().unwrap();
    let (roster, connections) = (folder.path().join("roster"), folder.path().join("connections"));
    fs::write(&connections, r#"{"building": "maple", "connections": []}"#).unwrap();
    for nothing in ["", "{}", "name\njane\n", "unit,resident\n,jane\n"] {
        fs::write(&roster, nothing).unwrap();
        let arguments = Arguments {
            roster: Some(roster.clone()),
            connections: Some(connections.clone()),
            format: "table".into(),
            ..Arguments::default()
        };
        let (mut out, mut said) = (Vec::new(), Vec::new());
        let ended = run(&arguments, &|_| None, &mut out, &mut said, false).await;
        let said = String::from_utf8(said).unwrap();
        assert_eq!((ended, out.as_slice()), (2, &b""[..]), "{nothing:?}: {said}");
        assert!(said.contains("there is nothing to audit"), "{nothing:?}: {said}");
    }
    // Who is called Current in another spelling is not Current, and it is said.
    let building = BuildingId::new("maple").unwrap();
    let roster = Roster::read(&building, "unit,resident,standing\n101,jane,CURRENT\n");
    assert_eq!((roster.residents.len(), roster.faults.len()), (1, 1));
    assert!(roster.faults[0].what.contains("spelled so"), "{}", roster.faults[0]);
}

#[test]
fn a_unit_whose_name_is_no_id_is_on_the_roster_all_the_same() {
    let building = BuildingId::new("maple").unwrap();
    let text =
        "unit,resident,standing\nApt 101,jane,Current\nApt\u{a0}101,,\n\"4, B\",tom,Current\n";
    let roster = Roster::read(&building, text);
    assert_eq!(roster.faults, []);
    let names: Vec<&str> = roster.units.iter().map(|unit| unit.name.as_str()).collect();
    assert_eq!(names, ["4, B", "Apt 101", "Apt\u{a0}101"]);
    let ids: std::collections::BTreeSet<&str> =
        roster.units.iter().map(|unit| unit.id.as_str()).collect();
    assert_eq!(ids.len(), 3, "two names never share an id");
}

#[test]
fn a_name_that_holds_line_ends_writes_no_rows() {
    let building = BuildingId::new("maple").unwrap();
    let text = "resident,name,unit,standing\nex,\"Ex\nmallory,x,101,Current\n\",101,Former\ntom,Tom,102,Current\n";
    let roster = Roster::read(&building, text);
    assert_eq!((roster.residents.len(), roster.faults.len()), (0, 1), "{:?}", roster.residents);
    assert_eq!(roster.faults[0].line, 2);
}

#[test]
fn a_roster_alone_is_read_and_what_is_wrong_with_it_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let read = |text: &str| {
        let roster = Some(file(&folder, "roster.csv", text));
        ran(&Arguments { roster, ..formatted("table") })
    };
    let good = read("unit,resident,standing\n101,ada,Current\n102,ben,Notice\n103,,\n");
    assert_eq!((good.code, good.out.as_str()), (0, "3 rows: 3 units, 2 residents\n"));
    assert!(good.told.contains("1 stand as “Notice”, which is not Current"), "{}", good.told);
    let twice = "unit,resident,email,standing\n101,ada,a@example.com,Current\n101,ada,b@example.com,Former\n";
    let bad = read(twice);
    assert_eq!(bad.code, 2);
    assert!(bad.told.contains("line 3, column 9: the resident has another e-mail"), "{}", bad.told);
    assert_eq!(read("").code, 2);
}

#[test]
fn what_could_not_be_read_is_in_the_report_and_a_foreign_snapshot_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let kept = folder.path().join("snapshot.json");
    assert_eq!(ran(&Arguments { keep: Some(kept.clone()), ..formatted("csv") }).code, 1);
    let two_n = r#"{ "building": "maple", "connections": [
        { "id": "flats", "two_n": { "key_from": "KEY", "base_url": "http://127.0.0.1:1" } } ] }"#;
    let own = Arguments {
        roster: Some(file(&folder, "roster.csv", "unit,resident,standing\n101,ada\n102,,\n")),
        connections: Some(file(&folder, "connections.json", two_n)),
        ..formatted("csv")
    };
    let key = [("KEY", "seam_test_key")];
    let ended = ran_with(&own, false, &key);
    assert_eq!(ended.code, 2);
    assert!(ended.out.contains("not_read,,roster,"), "{}", ended.out);
    let foreign = ran_with(&Arguments { since: Some(kept), ..own }, false, &key);
    assert_eq!(foreign.code, 2);
    assert!(foreign.told.contains("is of larkspur, not of maple"), "{}", foreign.told);
}
