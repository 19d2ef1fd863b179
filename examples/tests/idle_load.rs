//! Nothing is asked while nobody asks, and a tap is one order, however many nodes there are.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use clap::Parser as _;
use elevate_examples::idle_load::{Arguments, Report, run};

fn counted(arguments: &[&str]) -> Report {
    let arguments = ["idle_load"].iter().chain(arguments);
    run(&Arguments::try_parse_from(arguments).unwrap()).unwrap()
}

const SMALL: [&str; 8] =
    ["--buildings", "30", "--nodes", "3", "--residents", "200", "--minutes", "600"];

#[test]
fn nothing_is_asked_while_nobody_asks() {
    let report = counted(&SMALL);
    assert_eq!(report.idle_calls(), 0);
    assert!(report.is_fine(), "{report}");
    insta::assert_snapshot!(report.to_string());
}

#[test]
fn one_seed_is_one_morning() {
    let again = counted(&SMALL).to_string();
    assert_eq!(again, counted(&SMALL).to_string());
    let other = [&SMALL[..], &["--seed", "2"]].concat();
    assert_ne!(again, counted(&other).to_string());
}
