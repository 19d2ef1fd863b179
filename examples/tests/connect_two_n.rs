//! The program that connects a building, against its own stand-in and against one on loopback.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{BufRead, Cursor};

use clap::{CommandFactory as _, Parser as _};
use elevate_access::{Clock as _, SystemClock};
use elevate_access_testkit::{
    Loopback, TestClock, Vendor,
    seam::{Account, Device, LINK_SECRET, Seam},
};
use elevate_examples::unlock_cli::{Ended, Terminal, connect};

const KEY: &str = "seam_canary7f1c";

/// What a run showed.
struct Shown {
    ended: Ended,
    out: String,
    err: String,
}

async fn run(arguments: &[&str], key: Option<&str>, answer: Option<&str>) -> Shown {
    let arguments = ["connect_two_n"].iter().chain(arguments);
    let arguments = connect::Arguments::try_parse_from(arguments).unwrap();
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut answers = answer.map(|text| Cursor::new(text.to_owned()));
    let mut terminal = Terminal {
        out: &mut out,
        err: &mut err,
        answers: answers.as_mut().map(|answers| answers as &mut dyn BufRead),
    };
    let environment = |name: &str| (name == "SEAM_API_KEY").then(|| key.map(str::to_owned))?;
    let ended = connect::run(&arguments, &environment, &mut terminal).await;
    let (out, err) = (String::from_utf8(out).unwrap(), String::from_utf8(err).unwrap());
    assert!(!out.contains("7f1c") && !err.contains("7f1c") && !err.contains(LINK_SECRET));
    // Where it belongs, once; and in no snapshot.
    assert!(out.matches(LINK_SECRET).count() <= 1, "the link came up a second time");
    Shown { ended, out: out.replace(LINK_SECRET, "…"), err }
}

/// A list of units as a file, which is gone when the test is.
fn units(names: &str) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(&file, names).unwrap();
    file
}

/// A workspace on loopback in which somebody signs in at once, and everything is in order.
async fn in_good_order() -> (Vendor<Seam>, Loopback) {
    let mut seam = Seam::new(KEY).space("sp-1", "101").being_set_up();
    seam.sign_in_takes(std::time::Duration::ZERO).sync_takes(std::time::Duration::ZERO);
    seam.next_sign_in_brings(
        Account::new("account-1"),
        vec![Device::two_n("lobby", "Lobby").in_spaces(["sp-1"])],
        Vec::new(),
    );
    // The program lives in real time, so the stand-in does.
    let clock = TestClock::starting_at(SystemClock.now());
    let vendor = Vendor::new(seam);
    let loopback = Loopback::start(vendor.clone(), clock).await.unwrap();
    (vendor, loopback)
}

#[tokio::test(start_paused = true)]
async fn without_a_base_url_a_made_up_building_is_connected() {
    let shown = run(&[], None, None).await;
    // Its stand-in has something of everything that can be open.
    assert_eq!(shown.ended, Ended::NotOpened);
    insta::assert_snapshot!(shown.out);
    let failed = shown.out.lines().filter(|line| line.starts_with("  FAILED ")).count();
    assert!(shown.out.contains(&format!("Not ready: {failed} to mend.")), "{}", shown.out);
}

#[tokio::test]
async fn a_building_in_good_order_is_connected_and_ready() {
    let (vendor, loopback) = in_good_order().await;
    let (url, file) = (loopback.base_url().to_string(), units("101"));
    let arguments =
        ["--base-url", &url, "--units", file.path().to_str().unwrap(), "--yes", "--wait", "1"];
    let shown = run(&arguments, Some(KEY), None).await;
    assert_eq!(shown.ended, Ended::Well, "{}{}", shown.out, shown.err);
    assert!(shown.out.contains("Ready: nothing is known"), "{}", shown.out);
    vendor.with(|seam| assert_eq!((seam.links_made(), seam.forbidden().len()), (1, 0)));

    // And the report alone makes no other link.
    let arguments = ["--base-url", &url, "--units", file.path().to_str().unwrap(), "--report"];
    let shown = run(&arguments, Some(KEY), None).await;
    assert_eq!(shown.ended, Ended::Well, "{}{}", shown.out, shown.err);
    assert_eq!(vendor.with(|seam| seam.links_made()), 1);
}

#[tokio::test]
async fn no_link_is_made_unless_somebody_says_so() {
    let (vendor, loopback) = in_good_order().await;
    let (url, file) = (loopback.base_url().to_string(), units("101"));
    let arguments = ["--base-url", &url, "--units", file.path().to_str().unwrap()];
    let nobody = run(&arguments, Some(KEY), None).await;
    assert_eq!(nobody.ended, Ended::Usage);
    for answer in ["", "n\n", "maybe\n"] {
        assert_eq!(run(&arguments, Some(KEY), Some(answer)).await.ended, Ended::NotOpened);
    }
    assert_eq!(vendor.requests(), 0);
    assert_eq!(run(&arguments, Some(KEY), Some("y\n")).await.ended, Ended::Well);
    assert_eq!(vendor.with(|seam| seam.links_made()), 1);
}

#[tokio::test]
async fn what_is_missing_is_named_before_anything_is_sent() {
    let (vendor, loopback) = in_good_order().await;
    let (url, files) = (loopback.base_url().to_string(), [units("101"), units("\n")]);
    let [file, none] = files.each_ref().map(|file| file.path().to_str().unwrap());
    for (arguments, key, fault) in [
        (vec!["--base-url", &url, "--yes"], Some(KEY), "--units"),
        (vec!["--base-url", &url, "--yes", "--units", "/no/such/file"], Some(KEY), "--units"),
        (vec!["--base-url", &url, "--yes", "--units", none], Some(KEY), "--units"),
        (vec!["--base-url", &url, "--yes", "--units", file], None, "SEAM_API_KEY"),
        (
            vec!["--base-url", &url, "--yes", "--units", file, "--account", ""],
            Some(KEY),
            "--account",
        ),
    ] {
        let shown = run(&arguments, key, None).await;
        assert_eq!(shown.ended, Ended::Usage, "{arguments:?}");
        assert!(shown.err.contains(fault), "{}", shown.err);
    }
    assert_eq!(vendor.requests(), 0);
}

#[test]
fn the_help_says_what_is_sent() {
    let help = connect::Arguments::command().render_long_help().to_string();
    insta::assert_snapshot!(help);
}
