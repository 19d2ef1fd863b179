//! A test that could not run never looks like one that did.

use std::{
    env,
    process::{Command, Output},
};

use super::installed::{DIR, REQUIRE};

/// All other tests of this program, with nothing installed.
fn without_the_package(require: &str) -> Output {
    let nowhere = env::temp_dir().join("no-such-folder-for-interoperability");
    Command::new(env::current_exe().unwrap())
        .args(["--skip", "skipping::"])
        .env(DIR, nowhere)
        .env(REQUIRE, require)
        .output()
        .unwrap()
}

const NEEDED: [&str; 2] = [
    "interoperability with Seam's fake (needs node and",
    "interoperability with Svix's signatures (needs node and",
];

#[test]
fn a_missing_package_is_one_plain_line_that_the_harness_does_not_hide() {
    let ran = without_the_package("");
    assert!(ran.status.success(), "{ran:?}");
    let said = String::from_utf8(ran.stderr).unwrap();
    let mut skipped: Vec<&str> = said.lines().filter(|line| line.contains("skipped")).collect();
    skipped.sort_unstable();
    assert_eq!(skipped.len(), NEEDED.len(), "{said}");
    for (line, needed) in skipped.into_iter().zip(NEEDED) {
        assert!(line.starts_with(&format!("skipped: {needed}")), "{line}");
        assert!(line.ends_with(": the package is not installed"), "{line}");
    }
}

#[test]
fn where_it_is_required_a_missing_package_is_a_failure() {
    let ran = without_the_package("1");
    assert!(!ran.status.success(), "{ran:?}");
    let said = String::from_utf8(ran.stdout).unwrap();
    for needed in NEEDED {
        assert!(said.contains(needed), "{said}");
    }
    assert!(!said.contains("... ok"), "{said}");
}
