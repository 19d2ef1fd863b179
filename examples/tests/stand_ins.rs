//! The stand-ins that a person starts by hand, tried with the commands that they print.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    collections::HashMap,
    io::{self, Write},
    sync::{Arc, Mutex},
    time::Duration,
};

use clap::Parser as _;
use elevate_examples::{
    audit, stand_ins,
    unlock_cli::{Ended, Terminal, openpath, two_n},
};

/// What was printed so far. Clones are one and the same.
#[derive(Clone, Default)]
struct Printed(Arc<Mutex<Vec<u8>>>);

impl Write for Printed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Printed {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

/// The environment that the text exports.
fn exported(text: &str) -> HashMap<String, String> {
    let lines = text.lines().filter_map(|line| line.trim().strip_prefix("export "));
    let pairs = lines.map(|line| line.split_once('=').unwrap());
    pairs.map(|(name, value)| (name.to_owned(), value.trim_matches('\'').to_owned())).collect()
}

/// The arguments of each command in the text that runs that example.
fn commands<'a>(text: &'a str, example: &str) -> Vec<Vec<&'a str>> {
    let start = format!("cargo run --example {example}");
    let lines = text.lines().filter_map(|line| line.trim().strip_prefix(&start));
    lines.map(|rest| rest.split_whitespace().filter(|word| *word != "--").collect()).collect()
}

/// Runs each command as printed, with `--yes` in place of a person; gives what they printed.
async fn as_printed(text: &str) -> Vec<(Ended, String)> {
    let exported = exported(text);
    let environment = |name: &str| exported.get(name).cloned();
    let of = |name: &str| exported[name].as_str();
    let mut ends = Vec::new();
    let (mut out, mut err) = (Vec::new(), io::sink());
    for words in commands(text, "openpath_unlock") {
        // A process would read these from its environment.
        let given = [
            ["--base-url", of("OPENPATH_BASE_URL")],
            ["--org", of("OPENPATH_ORG")],
            ["--account", of("OPENPATH_EMAIL")],
            ["--resident", of("OPENPATH_RESIDENT")],
        ];
        let words = [&["x", "--yes"], &given.concat()[..], &words].concat();
        let arguments = openpath::Arguments::try_parse_from(words).unwrap();
        let mut terminal = Terminal { out: &mut out, err: &mut err, answers: None };
        let ended = openpath::run(&arguments, &environment, &mut terminal).await;
        ends.push((ended, String::from_utf8(std::mem::take(&mut out)).unwrap()));
    }
    for words in commands(text, "two_n_unlock") {
        let words = [&["x", "--yes", "--base-url", of("SEAM_BASE_URL")], &words[..]].concat();
        let arguments = two_n::Arguments::try_parse_from(words).unwrap();
        let mut terminal = Terminal { out: &mut out, err: &mut err, answers: None };
        let ended = two_n::run(&arguments, &environment, &mut terminal).await;
        ends.push((ended, String::from_utf8(std::mem::take(&mut out)).unwrap()));
    }
    ends
}

#[tokio::test]
async fn the_printed_commands_list_and_open_doors() {
    let printed = Printed::default();
    let mut out = printed.clone();
    let serving = stand_ins::run(Duration::from_mins(1), &mut out);
    let trying = async {
        // It prints in one piece, when both vendors are there.
        while printed.text().is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        as_printed(&printed.text()).await
    };
    let ends = tokio::select! {
        served = serving => { served.unwrap(); Vec::new() }
        ends = trying => ends,
    };
    assert_eq!(ends.len(), 4, "{ends:?}");
    for ((ended, out), told) in ends.iter().zip(["Garage", "Accepted. ", "Garage", "Opened. "]) {
        assert!(*ended == Ended::Well && out.contains(told), "{told}: {ends:?}");
    }
}

/// The text between one `END` and the next, for the file of that name.
fn written<'a>(text: &'a str, file: &str) -> &'a str {
    let (_, rest) = text.split_once(&format!("cat > target/{file} <<'END'\n")).unwrap();
    rest.split_once("\nEND\n").unwrap().0
}

#[tokio::test]
async fn the_printed_audit_audits_both() {
    let printed = Printed::default();
    let mut out = printed.clone();
    let serving = stand_ins::run(Duration::from_mins(1), &mut out);
    let folder = tempfile::tempdir().unwrap();
    let trying = async {
        while printed.text().is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let text = printed.text();
        let file = |name: &str| {
            let file = folder.path().join(name);
            std::fs::write(&file, written(&text, name)).unwrap();
            Some(file)
        };
        let arguments = audit::Arguments {
            roster: file("roster.csv"),
            connections: file("connections.json"),
            format: "table".to_owned(),
            ..audit::Arguments::default()
        };
        let exported = exported(&text);
        let environment = |name: &str| exported.get(name).cloned();
        let (mut out, mut told) = (Vec::new(), Vec::new());
        let code = audit::run(&arguments, &environment, &mut out, &mut told, false).await;
        (code, String::from_utf8(out).unwrap(), String::from_utf8(told).unwrap())
    };
    let (code, out, told) = tokio::select! {
        served = serving => { served.unwrap(); panic!("it ended first") }
        ended = trying => ended,
    };
    assert_eq!((code, told.as_str()), (1, ""), "{out}");
    assert!(out.contains("Nell Byrne, Apt 102") && out.contains("Apt 102 (Nell Byrne)"), "{out}");
}

#[tokio::test]
async fn it_ends_by_itself() {
    let mut out = Vec::new();
    stand_ins::run(Duration::from_millis(20), &mut out).await.unwrap();
    let text = String::from_utf8(out).unwrap();
    assert!(text.ends_with("Orders that arrived: 0; doors opened: 0.\n"), "{text}");
}
