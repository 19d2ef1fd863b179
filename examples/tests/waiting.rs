//! The comparison of ways to wait repeats exactly, and says what it has to.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{process::ExitCode, time::Duration};

use clap::CommandFactory as _;
use elevate_examples::waiting::{Arguments, Report, compare};

fn compared(attempts: u32, seed: u64) -> Report {
    compare(&Arguments { attempts, seed }).unwrap()
}

#[test]
fn a_seed_repeats_byte_for_byte() {
    let [one, again, other] = [1, 1, 2].map(|seed| compared(100, seed).to_string());
    assert_eq!(one, again);
    assert_ne!(one, other);
}

#[test]
fn the_schedule_knows_earlier_than_fixed_polling_and_events_make_it_earlier_still() {
    let report = compared(500, 1);
    let Report { schedule, every_second, every_half_second, with_events, .. } = &report;
    for slower in [every_second, every_half_second] {
        assert!(schedule.known.median * 2 < slower.known.median, "{report}");
        assert!(schedule.known.p99 < slower.known.p99, "{report}");
    }
    assert!(with_events.known.median < schedule.known.median, "{report}");
    assert!(with_events.known.p99 * 2 < schedule.known.p99, "{report}");
    // An event costs no more looks than it saves.
    assert!(with_events.mean_looks < schedule.mean_looks + 0.5, "{report}");
    assert_eq!((report.missed(), report.exit_code()), (Vec::new(), ExitCode::SUCCESS), "{report}");
    insta::assert_snapshot!("waiting_passed", report);
}

#[test]
fn a_goal_that_is_missed_is_named_and_fails() {
    let mut report = compared(50, 1);
    report.schedule = report.every_second;
    report.with_events.asked.median = Duration::from_millis(61);
    report.every_half_second.unknown = 1;
    assert_eq!(report.exit_code(), ExitCode::FAILURE);
    insta::assert_snapshot!("waiting_failed", report);
}

#[test]
fn help_says_what_is_compared() {
    let mut command = Arguments::command();
    insta::assert_snapshot!("waiting_help", command.render_long_help());
}
