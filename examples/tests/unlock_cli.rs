//! The two programs that open one door of a real service, against stand-ins on loopback.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{BufRead, Cursor};

use clap::{CommandFactory as _, Parser as _};
use elevate_access_testkit::{
    Effect, Fault, FaultKind, Loopback, TestClock, Vendor,
    openpath::{Entry, Openpath, TOKEN_PREFIX, User},
    seam::{AttemptEnd, Device, Seam},
};
use elevate_examples::unlock_cli::{Ended, Terminal, openpath, two_n};

const ACCOUNT: &str = "svc-7f1c@example.com";
const PASSWORD: &str = "password-canary-7f1c";
const RESIDENT: &str = "jane-7f1c@example.com";
const KEY: &str = "seam_canary7f1c";

/// Who sits at the terminal.
#[derive(Clone, Copy)]
enum Person<'a> {
    Nobody,
    Says(&'a str),
}

/// What a run showed.
struct Shown {
    ended: Ended,
    out: String,
    err: String,
}

async fn shown(person: Person<'_>, run: impl AsyncFnOnce(&mut Terminal<'_>) -> Ended) -> Shown {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut answers = match person {
        Person::Nobody => None,
        Person::Says(text) => Some(Cursor::new(text.to_owned())),
    };
    let mut terminal = Terminal {
        out: &mut out,
        err: &mut err,
        answers: answers.as_mut().map(|answers| answers as &mut dyn BufRead),
    };
    let ended = run(&mut terminal).await;
    let (out, err) = (String::from_utf8(out).unwrap(), String::from_utf8(err).unwrap());
    for canary in ["7f1c", "@example.com", TOKEN_PREFIX] {
        assert!(!out.contains(canary) && !err.contains(canary), "{canary} in:\n{out}\n{err}");
    }
    Shown { ended, out, err }
}

/// Openpath with one resident, and where it stands.
async fn openpath_stand_in() -> (Vendor<Openpath>, Loopback) {
    let vendor = Vendor::new(
        Openpath::new(5120).service_account(ACCOUNT, PASSWORD).echo_secrets(true).user(
            User::active(7001, RESIDENT)
                .entry(Entry::new(4401, "Main entrance"))
                .entry(Entry::new(4402, "Garage"))
                .entry(Entry::new(4403, "Garage").zone(302, "Basement")),
        ),
    );
    let loopback = Loopback::start(vendor.clone(), TestClock::new()).await.unwrap();
    (vendor, loopback)
}

/// A run of `openpath_unlock` with the usual arguments and these.
async fn openpath_run(at: &Loopback, more: &[&str], person: Person<'_>) -> Shown {
    openpath_run_with(at, more, person, &|name| {
        (name == "OPENPATH_PASSWORD").then(|| PASSWORD.to_owned())
    })
    .await
}

async fn openpath_run_with(
    at: &Loopback,
    more: &[&str],
    person: Person<'_>,
    environment: &dyn Fn(&str) -> Option<String>,
) -> Shown {
    let base_url = at.base_url();
    let usual = ["openpath_unlock", "--org", "5120", "--account", ACCOUNT];
    let usual = [&usual[..], &["--resident", RESIDENT, "--base-url", base_url.as_str()]].concat();
    let arguments = openpath::Arguments::try_parse_from([&usual[..], more].concat()).unwrap();
    shown(person, async |terminal| openpath::run(&arguments, environment, terminal).await).await
}

/// 2N through Seam with the units 101 and 102, and where it stands.
async fn seam_stand_in() -> (Vendor<Seam>, Loopback) {
    let mut seam = Seam::new(KEY)
        .space("sp-101", "101")
        .space("sp-102", "102")
        .device(Device::two_n("dev-1", "Lobby").in_spaces(["sp-101"]))
        .device(Device::two_n("dev-2", "Gate").in_spaces(["sp-101"]).offline())
        .device(Device::two_n("dev-3", "Yard").in_spaces(["sp-101"]))
        .device(Device::two_n("dev-4", "Yard").in_spaces(["sp-101"]))
        .device(Device::of_type("august_lock", "dev-5", "Shed").can_remotely_unlock(Some(true)));
    seam.attempts_settle_at_once().echo_secrets(true);
    let vendor = Vendor::new(seam);
    let loopback = Loopback::start(vendor.clone(), TestClock::new()).await.unwrap();
    (vendor, loopback)
}

/// A run of `two_n_unlock` with the usual arguments and these.
async fn two_n_run(at: &Loopback, more: &[&str], person: Person<'_>) -> Shown {
    let base_url = at.base_url();
    let usual = ["two_n_unlock", "--base-url", base_url.as_str()];
    let arguments = two_n::Arguments::try_parse_from([&usual[..], more].concat()).unwrap();
    let environment = |name: &str| (name == "SEAM_API_KEY").then(|| KEY.to_owned());
    shown(person, async |terminal| two_n::run(&arguments, &environment, terminal).await).await
}

#[test]
fn help_is_complete() {
    let help = |mut command: clap::Command| command.render_long_help().to_string();
    insta::assert_snapshot!("openpath_unlock_help", help(openpath::Arguments::command()));
    insta::assert_snapshot!("two_n_unlock_help", help(two_n::Arguments::command()));
    for command in [openpath::Arguments::command(), two_n::Arguments::command()] {
        for argument in command.get_arguments() {
            assert!(argument.get_help().is_some(), "{} has no help", argument.get_id());
        }
    }
}

#[test]
fn secrets_are_no_arguments() {
    let secret = "canary-7f1c";
    let needed: [(clap::Command, &[&str]); 2] = [
        (
            openpath::Arguments::command(),
            &["x", "--org", "1", "--account", "a@b", "--resident", "c@d"],
        ),
        (two_n::Arguments::command(), &["x", "--unit", "101"]),
    ];
    for (command, needed) in needed {
        command.clone().try_get_matches_from(needed).unwrap();
        for name in ["password", "totp", "code", "api-key", "key", "token"] {
            for given in
                [vec![format!("--{name}={secret}")], vec![format!("--{name}"), secret.into()]]
            {
                let given = needed.iter().map(|text| (*text).to_owned()).chain(given);
                let refused = command.clone().try_get_matches_from(given).unwrap_err();
                assert_eq!(refused.exit_code(), 2, "{name}");
                assert!(!refused.to_string().contains(secret), "{refused}");
            }
        }
        let takes_secret = |argument: &clap::Arg| {
            argument.get_env().is_some_and(|name| {
                ["PASSWORD", "TOTP", "KEY"].iter().any(|word| name.to_string_lossy().contains(word))
            })
        };
        assert!(!command.get_arguments().any(takes_secret));
    }
}

#[test]
fn each_end_has_its_exit_code() {
    let ends = [Ended::Well, Ended::NotOpened, Ended::Usage, Ended::Unknown];
    assert_eq!(ends.map(Ended::code), [0, 1, 2, 3]);
}

#[tokio::test]
async fn without_a_door_the_doors_are_listed_and_none_is_opened() {
    let (vendor, at) = openpath_stand_in().await;
    let run = openpath_run(&at, &["--yes"], Person::Nobody).await;
    assert_eq!(run.ended, Ended::Well, "{}", run.err);
    insta::assert_snapshot!(run.out, @"
    4401  Main entrance
    4402  Garage (Ground floor)
    4403  Garage (Basement)
    ");
    assert!(vendor.ledger().orders().is_empty());

    let (vendor, at) = seam_stand_in().await;
    let run = two_n_run(&at, &["--unit", "101"], Person::Nobody).await;
    assert_eq!(run.ended, Ended::Well, "{}", run.err);
    assert!(run.out.contains("dev-1  Lobby\n") && run.out.contains("offline"), "{}", run.out);
    assert!(vendor.ledger().orders().is_empty());
}

#[tokio::test]
async fn a_list_makes_no_cloud_key_unasked() {
    let (vendor, at) = openpath_stand_in().await;
    let keys = || vendor.with(|it| it.cloud_keys(7001));
    let run = openpath_run(&at, &[], Person::Nobody).await;
    assert_eq!(run.ended, Ended::Usage);
    assert!(run.err.contains("--yes"), "{}", run.err);
    let run = openpath_run(&at, &[], Person::Says("n\n")).await;
    assert_eq!(run.ended, Ended::NotOpened);
    assert_eq!((keys(), vendor.requests()), (0, 0), "not even a sign-in");

    let run = openpath_run(&at, &[], Person::Says("y\n")).await;
    assert_eq!((run.ended, keys()), (Ended::Well, 1), "{}", run.err);
    insta::assert_snapshot!(run.err.replace(at.base_url().as_str(), "http://stand-in/"), @"
    The entries are read first. If the resident has no cloud key yet, that makes one, named ElevateOS, which stays at Openpath.

      at       http://stand-in/

    Go on? [y/N]
    ");

    let (vendor, at) = openpath_stand_in().await;
    let run = openpath_run(&at, &["--yes"], Person::Nobody).await;
    assert!(run.err.contains("makes one") && !run.err.contains("[y/N]"), "{}", run.err);
    assert_eq!(vendor.with(|it| it.cloud_keys(7001)), 1);
}

#[tokio::test]
async fn refusing_without_yes_and_without_a_terminal_sends_nothing() {
    let (vendor, at) = openpath_stand_in().await;
    let run = openpath_run(&at, &["4401"], Person::Nobody).await;
    assert_eq!(run.ended, Ended::Usage);
    assert!(run.err.contains("--yes"), "{}", run.err);
    assert_eq!(vendor.requests(), 0, "not even a sign-in");

    let (vendor, at) = seam_stand_in().await;
    let run = two_n_run(&at, &["dev-1", "--unit", "101"], Person::Nobody).await;
    assert_eq!(run.ended, Ended::Usage);
    assert_eq!(vendor.requests(), 0);
}

#[tokio::test]
async fn any_answer_but_yes_sends_nothing() {
    let (openpath, openpath_at) = openpath_stand_in().await;
    let (seam, seam_at) = seam_stand_in().await;
    for answer in ["", "\n", "n\n", "no\n", "yesterday\n", "yy\n", "4401\n"] {
        let run = openpath_run(&openpath_at, &["4401"], Person::Says(answer)).await;
        assert_eq!(run.ended, Ended::NotOpened, "{answer:?}");
        assert!(run.err.contains("Nothing was sent."), "{}", run.err);
        assert_eq!(openpath.requests(), 0, "not even a sign-in");
        let run = two_n_run(&seam_at, &["dev-1", "--unit", "101"], Person::Says(answer)).await;
        assert_eq!(run.ended, Ended::NotOpened, "{answer:?}");
    }
    for answer in ["y\n", "y\nn\n", "y\nyesterday\n"] {
        let run = openpath_run(&openpath_at, &["4401"], Person::Says(answer)).await;
        assert_eq!(run.ended, Ended::NotOpened, "{answer:?}");
        assert!(run.err.contains("No order was sent."), "{}", run.err);
    }
    assert!(openpath.ledger().orders().is_empty());
    assert!(seam.ledger().orders().is_empty());
}

#[tokio::test]
async fn what_would_be_sent_is_shown_before_it_is_sent() {
    let (vendor, at) = openpath_stand_in().await;
    let run = openpath_run(&at, &["Garage (Basement)"], Person::Says("y\ny\n")).await;
    assert_eq!(run.ended, Ended::Well, "{}", run.err);
    insta::assert_snapshot!(run.err.replace(at.base_url().as_str(), "http://stand-in/"), @"
    The entries are read first. If the resident has no cloud key yet, that makes one, named ElevateOS, which stays at Openpath.

      at       http://stand-in/

    Go on? [y/N] This would be sent, once:

      open     the entry Garage (Basement) (4403)
      by       Openpath's cloud-key unlock
      for      the resident whose e-mail was given
      at       http://stand-in/

    Open this door now? [y/N]
    ");
    insta::assert_snapshot!(run.out, @"Accepted. The door system took the order; it does not confirm that the door opened.");
    assert_eq!((vendor.ledger().opened("4403"), vendor.ledger().orders().len()), (1, 1));

    let (vendor, at) = seam_stand_in().await;
    let run = two_n_run(&at, &["Lobby", "--unit", "101"], Person::Says("Yes\n")).await;
    assert_eq!(run.ended, Ended::Well, "{}", run.err);
    assert!(run.err.contains("open     the device Lobby (dev-1)\n"), "{}", run.err);
    assert!(run.out.starts_with("Opened. "), "{}", run.out);
    assert_eq!((vendor.ledger().opened("dev-1"), vendor.ledger().orders().len()), (1, 1));
}

#[tokio::test]
async fn with_yes_nobody_is_asked() {
    let (vendor, at) = openpath_stand_in().await;
    let run = openpath_run(&at, &["4401", "--yes"], Person::Nobody).await;
    assert_eq!(run.ended, Ended::Well, "{}", run.err);
    assert!(!run.err.contains("[y/N]") && run.err.contains("Main entrance"), "{}", run.err);
    assert_eq!(vendor.ledger().opened("4401"), 1);
}

#[tokio::test]
async fn a_name_that_means_no_door_or_several_opens_none() {
    let (vendor, at) = seam_stand_in().await;
    for (wanted, fault) in [
        ("Yard", "Several"),
        ("yard", "None"),
        ("Shed", "None"),
        ("dev-5", "None"),
        ("Lob", "None"),
    ] {
        let run = two_n_run(&at, &[wanted, "--unit", "101", "--yes"], Person::Nobody).await;
        assert_eq!(run.ended, Ended::NotOpened, "{wanted}");
        assert!(run.err.contains(fault) && run.err.contains("dev-3  Yard"), "{}", run.err);
    }
    assert!(vendor.ledger().orders().is_empty());
    let run = two_n_run(&at, &["dev-4", "--unit", "101", "--yes"], Person::Nobody).await;
    assert_eq!(run.ended, Ended::Well, "{}", run.err);
    assert_eq!(vendor.ledger().opened("dev-4"), 1);
}

#[tokio::test]
async fn a_door_that_fails_and_an_answer_that_is_lost_are_told_apart() {
    let (vendor, at) = seam_stand_in().await;
    vendor.with(|seam| {
        seam.attempt_ends("dev-1", AttemptEnd::error("device_offline", "It is offline"));
    });
    let run = two_n_run(&at, &["dev-1", "--unit", "101", "-y"], Person::Nobody).await;
    assert_eq!(run.ended, Ended::NotOpened);
    let told = "Not opened, by the vendor's word. The door “Lobby” was reported offline.";
    assert!(run.err.contains(told), "{}", run.err);

    let (vendor, at) = openpath_stand_in().await;
    vendor.faults(|faults| {
        faults.next_on("/cloudKeyEntryUnlock", Fault::after(FaultKind::Reset));
    });
    let run = openpath_run(&at, &["4401", "-y"], Person::Nobody).await;
    assert_eq!(run.ended, Ended::Unknown);
    assert!(run.err.contains("Unknown. "), "{}", run.err);
    let orders = vendor.ledger().orders().to_vec();
    assert_eq!(orders.iter().map(|order| order.effect).collect::<Vec<_>>(), [Effect::Opened]);
}

#[tokio::test]
async fn what_is_wrong_is_said_as_a_manager_reads_it() {
    let (vendor, at) = openpath_stand_in().await;
    vendor.with(|openpath| openpath.set_email(7001, "other-7f1c@example.com"));
    let run = openpath_run(&at, &["4401", "-y"], Person::Nobody).await;
    assert_eq!(run.ended, Ended::NotOpened);
    assert!(run.err.contains("No Openpath user has this resident's e-mail."), "{}", run.err);

    vendor.with(|openpath| openpath.set_password(ACCOUNT, "another"));
    let run = openpath_run(&at, &["4401", "-y"], Person::Nobody).await;
    assert_eq!(run.ended, Ended::NotOpened);
    assert!(run.err.contains("refuses the credentials"), "{}", run.err);
    assert!(run.err.contains("No order was sent. "), "{}", run.err);
    assert!(run.err.contains("environment variable OPENPATH_PASSWORD."), "{}", run.err);

    let (vendor, at) = seam_stand_in().await;
    let run = two_n_run(&at, &["--unit", "Apt 101"], Person::Nobody).await;
    assert_eq!(run.ended, Ended::NotOpened);
    assert!(run.err.contains("No 2N unit is named “Apt 101”."), "{}", run.err);
    assert!(!run.err.contains("order"), "none was meant: {}", run.err);
    assert!(vendor.ledger().orders().is_empty());
}

#[tokio::test]
async fn a_secret_that_is_missing_is_a_usage_error() {
    let (vendor, at) = openpath_stand_in().await;
    for (nothing, told) in [(None, "is not set"), (Some(String::new()), "is empty")] {
        let run = openpath_run_with(&at, &["-y"], Person::Nobody, &|_| nothing.clone()).await;
        assert_eq!(run.ended, Ended::Usage);
        assert!(run.err.contains(&format!("OPENPATH_PASSWORD {told}")), "{}", run.err);
    }
    assert_eq!(vendor.requests(), 0);
}

#[tokio::test]
async fn what_cannot_be_used_is_said_before_anything_is_sent() {
    let (vendor, at) = openpath_stand_in().await;
    let base_url = at.base_url();
    for (changed, code, told) in [
        (["--account", "nomail"], None, "--account: "),
        (["--resident", "nomail"], None, "--resident: "),
        (["--org", ""], None, "--org: "),
        (["--org", "5120"], Some("abc"), "OPENPATH_TOTP does not hold six digits"),
        (["--org", "5120"], Some("71717١"), "OPENPATH_TOTP does not hold six digits"),
        (["--org", "5120"], Some(""), "OPENPATH_TOTP is empty"),
    ] {
        let given = [["--org", "5120"], ["--account", ACCOUNT], ["--resident", RESIDENT]];
        let given = given.iter().filter(|pair| pair[0] != changed[0]).chain([&changed]);
        let given: Vec<&str> = given.flatten().copied().collect();
        let given = [&["x", "4401", "--yes", "--base-url", base_url.as_str()], &given[..]].concat();
        let arguments = openpath::Arguments::try_parse_from(given).unwrap();
        let environment = |name: &str| match name {
            "OPENPATH_PASSWORD" => Some(PASSWORD.to_owned()),
            _ => code.map(str::to_owned),
        };
        let run = shown(Person::Nobody, async |terminal| {
            openpath::run(&arguments, &environment, terminal).await
        })
        .await;
        assert_eq!(run.ended, Ended::Usage, "{changed:?} {code:?}");
        assert!(run.err.contains(told), "{told}: {}", run.err);
        assert!(!run.err.contains("nomail") && !run.err.contains("abc"), "{}", run.err);
    }
    let run = openpath_run(&at, &["", "-y"], Person::Nobody).await;
    assert_eq!(run.ended, Ended::Usage, "{}", run.err);
    assert_eq!(vendor.requests(), 0);

    let (vendor, at) = seam_stand_in().await;
    for (more, told) in [
        (&["--unit", ""][..], "--unit: "),
        (&["--unit", " "], "--unit: "),
        (&["--unit", "101", "--workspace", ""], "--workspace: "),
        (&["--unit", "101", "--account", ""], "--account: "),
    ] {
        let run = two_n_run(&at, more, Person::Nobody).await;
        assert_eq!(run.ended, Ended::Usage, "{more:?}");
        assert!(run.err.contains(told), "{told}: {}", run.err);
    }
    assert_eq!(vendor.requests(), 0);
}

#[tokio::test]
async fn a_refused_key_is_told_with_where_it_came_from() {
    let (vendor, at) = seam_stand_in().await;
    let base_url = at.base_url();
    let arguments = ["x", "--base-url", base_url.as_str(), "--unit", "101"];
    let arguments = two_n::Arguments::try_parse_from(arguments).unwrap();
    let run = shown(Person::Nobody, async |terminal| {
        two_n::run(&arguments, &|_| Some("seam_other7f1c".to_owned()), terminal).await
    })
    .await;
    assert_eq!(run.ended, Ended::NotOpened);
    assert!(run.err.contains("environment variable SEAM_API_KEY."), "{}", run.err);
    assert!(vendor.requests() > 0, "it was the vendor who refused it");
}

#[tokio::test]
async fn a_second_factor_is_taken_from_the_environment() {
    let vendor = Vendor::new(
        Openpath::new(5120)
            .service_account(ACCOUNT, PASSWORD)
            .totp_code("717171")
            .user(User::active(7001, RESIDENT).entry(Entry::new(4401, "Main entrance"))),
    );
    let at = Loopback::start(vendor.clone(), TestClock::new()).await.unwrap();
    let run = openpath_run(&at, &["-y"], Person::Nobody).await;
    assert_eq!(run.ended, Ended::NotOpened, "no code was sent");
    let run = openpath_run_with(&at, &["-y"], Person::Nobody, &|name| match name {
        "OPENPATH_PASSWORD" => Some(PASSWORD.to_owned()),
        "OPENPATH_TOTP" => Some("717171".to_owned()),
        _ => None,
    })
    .await;
    assert_eq!(run.ended, Ended::Well, "{}", run.err);
}

#[tokio::test]
async fn units_can_come_from_a_table_and_doors_be_of_another_brand() {
    let (vendor, at) = seam_stand_in().await;
    let table = ["--unit", "apt 9", "--table", "Apt 9=dev-5,dev-2", "--table", "101=dev-1"];
    let run = two_n_run(&at, &table, Person::Nobody).await;
    assert!(run.out.contains("dev-2") && !run.out.contains("dev-5"), "{}{}", run.out, run.err);

    let both = ["--device-type", "august_lock", "--device-type", "two_n_intercom"];
    let more = [&["dev-5", "--yes"], &table[..], &both[..]].concat();
    let run = two_n_run(&at, &more, Person::Nobody).await;
    assert_eq!(run.ended, Ended::Well, "{}", run.err);
    assert_eq!(vendor.ledger().opened("dev-5"), 1);
    assert_eq!(vendor.requests_on("/spaces/list"), 0, "the table stands in for them");
}

#[tokio::test]
async fn no_secret_travels_in_the_clear() {
    let environment = |name: &str| (name != "OPENPATH_TOTP").then(|| KEY.to_owned());
    let url = ["--base-url", "http://vendor.example"];
    let arguments = [&["x", "--unit", "101"], &url[..]].concat();
    let arguments = two_n::Arguments::try_parse_from(arguments).unwrap();
    let two_n = shown(Person::Nobody, async |terminal| {
        two_n::run(&arguments, &environment, terminal).await
    });
    let arguments = ["x", "--org", "5120", "--account", ACCOUNT, "--resident", RESIDENT];
    let arguments = [&arguments[..], &url[..]].concat();
    let arguments = openpath::Arguments::try_parse_from(arguments).unwrap();
    let openpath = shown(Person::Nobody, async |terminal| {
        openpath::run(&arguments, &environment, terminal).await
    });
    for run in [two_n.await, openpath.await] {
        assert_eq!(run.ended, Ended::Usage);
        assert!(run.err.contains("http is for loopback only"), "{}", run.err);
    }
}

#[test]
fn arguments_do_not_show_whom_they_name() {
    let arguments = ["x", "--org", "5120", "--account", ACCOUNT, "--resident", RESIDENT];
    let arguments = openpath::Arguments::try_parse_from(arguments).unwrap();
    assert!(!format!("{arguments:?} {arguments:#?}").contains("7f1c"));
}
