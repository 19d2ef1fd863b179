//! The race of first taps holds for every seed, repeats, and is broken by the bugs that it is there to find.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{process::ExitCode, sync::Arc};

use async_trait::async_trait;
use clap::{CommandFactory as _, Parser as _};
use elevate_access::{Lease, MemoryStore};
use elevate_access_testkit::{WatchedStore, openpath::ORDER_PATH};
use elevate_examples::first_tap::{Arguments, Report, Round, Step, race, race_over};
use elevate_transport::{Answer, Bytes, HeaderMap, Request, StatusCode, Wire, WireError};

fn arguments(seed: u64) -> Arguments {
    Arguments { racers: 64, seed, ..Arguments::default() }
}

fn held(seed: u64) -> Report {
    race(&arguments(seed), &MemoryStore::new()).unwrap()
}

#[test]
fn a_seed_repeats_byte_for_byte() {
    for seed in [0, 7, 8] {
        assert_eq!(held(seed).to_string(), held(seed).to_string());
    }
    assert_ne!(held(7).to_string(), held(8).to_string());
}

#[test]
fn every_seed_ends_with_one_key_and_nothing_dishonest() {
    let (mut creations_lost, mut none_in_the_race, mut ends) = (0, 0, Vec::new());
    for seed in 0..60 {
        let report = held(seed);
        assert_eq!(report.broken(), Vec::<String>::new(), "{report}");
        assert_eq!(report.exit_code(), ExitCode::SUCCESS);
        let creations = report.race.sent.get(&Step::Creation).copied().unwrap_or(0);
        creations_lost += u64::from(creations > 1 || creations == 1 && report.keys_after_race == 0);
        none_in_the_race += u64::from(report.keys_after_race == 0);
        ends.extend(report.race.ends.into_keys());
    }
    // Enough happened for that to mean something.
    assert!(creations_lost > 5 && none_in_the_race > 5, "{creations_lost} {none_in_the_race}");
    assert!(none_in_the_race < 40, "{none_in_the_race}");
    for kind in ["accepted", "unknown, answer_lost", "not opened, door_rate_limited", "no order, "]
    {
        assert!(ends.iter().any(|end| end.starts_with(kind)), "{kind} never happened");
    }
}

#[test]
fn the_number_of_racers_is_free() {
    for racers in [1, 2, 500] {
        let report =
            race(&Arguments { racers, seed: 3, ..Arguments::default() }, &MemoryStore::new())
                .unwrap();
        assert_eq!(report.broken(), Vec::<String>::new(), "{report}");
        assert_eq!(report.race.orders.values().sum::<usize>(), usize::from(racers));
    }
}

/// What was sent and how the taps ended, in round numbers: the report's form does not hang on what the
/// vendor crates send.
fn round(orders: usize, ends: &[(&str, u64)]) -> Round {
    let sent = [(Step::SignIn, 4), (Step::Credentials, 9), (Step::Creation, 2), (Step::Order, 31)];
    Round {
        sent: sent.into(),
        ends: ends.iter().map(|(words, count)| ((*words).to_owned(), *count)).collect(),
        orders: [(0, 33), (orders, 31)].into(),
        ..Round::default()
    }
}

#[test]
fn the_report_reads_well() {
    let ends = [("accepted", 50), ("no order, key_not_ready", 4), ("unknown, answer_lost", 10)];
    let (race, calm) = (round(1, &ends), round(1, &[("accepted", 64)]));
    let report = Report { met: 21, race, calm, keys_after_race: 1, keys: 1, ..held(7) };
    insta::assert_snapshot!("first_tap_passed", report);

    let late = Report { keys_after_race: 0, ..report.clone() };
    assert!(late.to_string().contains("No creation came through in the race"), "{late}");
    assert_eq!(late.exit_code(), ExitCode::SUCCESS);

    let race = Round {
        nobodys: 1,
        dishonest: vec!["race-5, told accepted: the vendor had taken no order".to_owned()],
        endless: 2,
        ..round(2, &ends)
    };
    let calm = round(1, &[("accepted", 63), ("no order, key_not_ready", 1)]);
    let keys = 2;
    let failed = Report { race, calm, keys_after_race: 2, keys, foreign_writes: 1, ..report };
    insta::assert_snapshot!("first_tap_failed", failed);
    assert_eq!(failed.exit_code(), ExitCode::FAILURE);
}

#[test]
fn help_is_complete_and_other_arguments_are_refused() {
    let mut command = Arguments::command();
    insta::assert_snapshot!("first_tap_help", command.render_long_help());
    for argument in command.get_arguments() {
        assert!(argument.get_help().is_some(), "{} has no help", argument.get_id());
    }
    for wrong in [["x", "--racers=0"], ["x", "--racers=1025"], ["x", "--seed=-1"], ["x", "7"]] {
        assert_eq!(Arguments::try_parse_from(wrong).unwrap_err().exit_code(), 2, "{wrong:?}");
    }
}

/// What is wrong with a store.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wrong {
    LeasesForAll,
    LeasesForNobody,
    NoLinks,
}

fn wrong_store(wrong: Wrong) -> WatchedStore {
    let store = WatchedStore::around(MemoryStore::new());
    match wrong {
        Wrong::LeasesForAll => store.changing_leases(|name, lease| {
            let everybodys = || Lease { name: name.to_owned(), token: "somebody's".to_owned() };
            Some(lease.unwrap_or_else(everybodys))
        }),
        Wrong::LeasesForNobody => store.changing_leases(|_, _| None),
        Wrong::NoLinks => store.changing_links(|_| None),
    }
}

fn over_wrong_store(seed: u64, wrong: Wrong) -> Report {
    race(&arguments(seed), &wrong_store(wrong)).unwrap()
}

#[test]
fn leases_that_everybody_gets_make_more_keys_than_one() {
    let reports: Vec<_> = (0..20).map(|seed| over_wrong_store(seed, Wrong::LeasesForAll)).collect();
    let found = reports.iter().filter(|report| report.keys > 1).count();
    assert!(found >= 5, "found with {found} seeds of 20");
    for report in reports.iter().filter(|report| report.keys > 1) {
        assert_eq!(report.exit_code(), ExitCode::FAILURE);
        assert!(report.to_string().contains("broken: there are "), "{report}");
        assert!(report.to_string().contains("\nFAILED; --racers 64 --seed "), "{report}");
    }
}

#[test]
fn leases_that_nobody_gets_make_no_key_and_are_found() {
    let report = over_wrong_store(7, Wrong::LeasesForNobody);
    assert_eq!((report.keys, report.exit_code()), (0, ExitCode::FAILURE));
    assert!(report.broken().iter().any(|words| words.contains("64 taps were not accepted")));
}

#[test]
fn links_that_are_forgotten_cost_readings_and_break_nothing() {
    for seed in 0..20 {
        let report = over_wrong_store(seed, Wrong::NoLinks);
        assert_eq!(report.broken(), Vec::<String>::new(), "{report}");
    }
}

/// What a wire does to orders.
#[derive(Clone, Copy, Debug)]
enum Slip {
    /// Sends again what was not answered well.
    SendsAgain,
    /// Does not ask the gate.
    IgnoresTheGate,
    /// Says that it was done, where nothing is known.
    SaysDone,
    /// Says that it was refused, where nothing is known.
    SaysRefused,
}

#[derive(Debug)]
struct SlippingWire(Arc<dyn Wire>, Slip);

#[async_trait]
impl Wire for SlippingWire {
    async fn send(&self, mut request: Request) -> Result<Answer, WireError> {
        if !request.url.path().ends_with(ORDER_PATH) {
            return self.0.send(request).await;
        }
        if let Slip::IgnoresTheGate = self.1 {
            request.gate = None;
        }
        let (operation, method) = (request.operation, request.method.clone());
        let mut again = Request::new(operation, method, request.url.clone(), request.answer_by);
        (again.headers, again.body) = (request.headers.clone(), request.body.clone());
        let sent = self.0.send(request).await;
        let said = |status| Answer { status, headers: HeaderMap::new(), body: Bytes::new() };
        match (self.1, sent) {
            (Slip::SendsAgain, Ok(answer)) if answer.status.is_server_error() => {
                self.0.send(again).await
            }
            (Slip::SaysDone, Err(_)) => Ok(said(StatusCode::NO_CONTENT)),
            (Slip::SaysRefused, Err(_)) => Ok(said(StatusCode::UNAUTHORIZED)),
            (_, sent) => sent,
        }
    }
}

#[test]
fn orders_sent_twice_and_words_that_are_not_so_are_found() {
    for (slip, words) in [
        (Slip::SendsAgain, "race: a tap sent 2 orders"),
        (Slip::IgnoresTheGate, ": an order had left"),
        (Slip::SaysDone, "told accepted: the vendor had taken no order"),
        (Slip::SaysRefused, ": called certain, and the vendor had taken the order"),
    ] {
        let broken = (0..20).find_map(|seed| {
            let wire = |wire| Arc::new(SlippingWire(wire, slip)) as Arc<dyn Wire>;
            let report = race_over(&arguments(seed), &MemoryStore::new(), wire).unwrap();
            let broken = report.broken();
            let is_found = broken.iter().any(|broken| broken.contains(words));
            (is_found && report.exit_code() == ExitCode::FAILURE).then_some(broken)
        });
        assert!(broken.is_some(), "{slip:?} was not found");
    }
}
