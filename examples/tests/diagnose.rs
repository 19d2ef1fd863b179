//! The diagnosis finds what is wrong with every resident, reads the same each time, and writes nothing.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;

use clap::{CommandFactory as _, Parser as _};
use elevate_access::Cause;
use elevate_examples::diagnose::{Arguments, BUILDINGS, Ended, check, diagnose, run};

fn told(arguments: &[&str]) -> (Ended, String) {
    let arguments = ["diagnose"].iter().chain(arguments);
    let mut out = Vec::new();
    let ended = run(&Arguments::try_parse_from(arguments).unwrap(), &mut out).unwrap();
    (ended, String::from_utf8(out).unwrap())
}

/// Causes that are no answer to why a door stays shut, and what they are an answer to.
const ELSEWHERE: &[(&str, &[Cause])] = &[
    (
        "a tap",
        &[
            Cause::InvalidInput,
            Cause::DetailsChanged,
            Cause::TapTooOld,
            Cause::TapIdTaken,
            Cause::TicketRefused,
            Cause::NoTicketKeys,
        ],
    ),
    ("a tap that could not start", &[Cause::TooSlow, Cause::Overloaded]),
    (
        "an order",
        &[
            Cause::OrderRefused,
            Cause::OrderFailed,
            Cause::SignInLapsed,
            Cause::AnswerLost,
            Cause::AnswerUnclear,
            Cause::StillPending,
        ],
    ),
    ("many nodes that sign in at once", &[Cause::SigningIn]),
    ("many orders for one door", &[Cause::DoorRateLimited]),
    (
        "a host whose own tables fail",
        &[Cause::DirectoryFailed, Cause::ConnectionFailed, Cause::StoreFailed],
    ),
    ("a notification", &[Cause::DeliveryRefused]),
    (
        "an audit",
        &[
            Cause::UserUnclaimed,
            Cause::UserEndsSoon,
            Cause::DoorOfTwoUnits,
            Cause::VendorUnitUnmatched,
            Cause::UnitRenamed,
            Cause::UnitAppeared,
            Cause::UnitVanished,
            Cause::UnitSplit,
            Cause::UnitMerged,
            Cause::CounterpartChanged,
            Cause::DoorsChanged,
            Cause::ChangesUnknown,
        ],
    ),
    ("a bug", &[Cause::Internal, Cause::Unrecognised]),
];

/// Causes that a building's check finds; no resident's diagnosis names them.
const OF_BUILDINGS: [Cause; 5] = [
    Cause::VendorUnitBlank,
    Cause::ConnectionsOverlap,
    Cause::DoorUnmanaged,
    Cause::DoorWarned,
    Cause::NothingSynced,
];

#[test]
fn what_is_wrong_with_a_resident_is_named_first() {
    for (building, role) in BUILDINGS.iter().flat_map(|b| b.residents.iter().map(move |r| (b, r))) {
        let asked = diagnose(building, role, role.door).unwrap();
        assert_eq!(asked.causes.first().copied(), role.cause, "{}", asked.text);
        let is_told = |cause: Cause| asked.causes.contains(&cause);
        assert!(role.besides.is_none_or(is_told), "{}", asked.text);
    }
}

#[test]
fn every_cause_that_can_be_asked_about_has_a_resident_or_a_building() {
    let expected = BUILDINGS.iter().flat_map(|b| b.residents);
    let expected = expected.flat_map(|role| [role.cause, role.besides]).flatten();
    let mut reached: BTreeSet<Cause> = expected.collect();
    let checks = BUILDINGS.iter().flat_map(|building| check(building).unwrap().causes);
    let found: BTreeSet<Cause> = checks.collect();
    for cause in OF_BUILDINGS {
        assert!(found.contains(&cause), "no building's check finds {cause:?}");
        assert!(reached.insert(cause), "{cause:?} has a resident by now");
    }
    for cause in ELSEWHERE.iter().flat_map(|(_, causes)| *causes) {
        assert!(reached.insert(*cause), "{cause:?} is reached by now");
    }
    let missing: Vec<_> = Cause::ALL.iter().filter(|cause| !reached.contains(cause)).collect();
    assert!(missing.is_empty(), "nobody shows {missing:?}");
}

#[test]
fn no_question_writes_anything_at_a_vendor() {
    for building in BUILDINGS {
        for role in building.residents {
            // With their own door, with none, and with each of the building's.
            let doors = building.doors.iter().map(|(id, _)| Some(*id));
            for door in doors.chain([None, role.door]) {
                let asked = diagnose(building, role, door).unwrap();
                assert!(asked.written.is_empty(), "{}{:?}", asked.text, asked.written);
            }
        }
        assert!(check(building).unwrap().written.is_empty(), "{}", building.id);
    }
}

#[test]
fn the_transcript_reads_well_and_names_no_e_mail() {
    let (ended, transcript) = told(&["--all"]);
    assert_eq!(ended, Ended::Wrong);
    assert!(!transcript.contains('@'));
    let starts: Vec<_> = BUILDINGS
        .iter()
        .map(|b| transcript.find(&format!("{}: {}\n\n", b.id, b.word)).unwrap())
        .chain([transcript.len()])
        .collect();
    for (building, part) in BUILDINGS.iter().zip(starts.windows(2)) {
        insta::assert_snapshot!(building.id, &transcript[part[0]..part[1]]);
    }
    // An answer does not depend on what was asked before it.
    for building in [BUILDINGS.first(), BUILDINGS.last()].into_iter().flatten() {
        let role = building.residents.last().unwrap();
        let one = diagnose(building, role, role.door).unwrap().text;
        assert!(transcript.contains(&one), "{one}");
        assert!(transcript.contains(&check(building).unwrap().text), "{}", building.id);
    }
}

#[test]
fn without_arguments_the_buildings_and_their_residents_are_listed() {
    let (ended, list) = told(&[]);
    assert_eq!(ended, Ended::Well);
    assert!(!list.contains('@'));
    insta::assert_snapshot!("list", list);
    let (ended, one) = told(&["--building", "maple-court"]);
    assert_eq!(ended, Ended::Well);
    assert!(list.contains(one.split_once("\n\n").unwrap().1), "{one}");
}

#[test]
fn the_exit_code_tells_well_from_wrong_from_unasked() {
    let larkspur = ["--building", "larkspur-court"];
    let with = |more: &[&'static str]| told(&[&larkspur, more].concat()).0;
    assert_eq!(with(&["--resident", "omar"]), Ended::Well);
    assert_eq!(with(&["--resident", "sven"]), Ended::Wrong);
    assert_eq!(with(&["--check"]), Ended::Well);
    assert_eq!(told(&["--building", "birch-lane", "--check"]).0, Ended::Wrong);
    // The door makes the difference.
    assert_eq!(with(&["--resident", "gwen"]), Ended::Wrong);
    let front = ["--resident", "gwen", "--door", "larkspur-openpath/4401"];
    assert_eq!(with(&front), Ended::Well);
    let bicycles = ["--resident", "gwen", "--door", "larkspur-openpath/4404"];
    assert_eq!(with(&bicycles), Ended::Wrong);

    assert_eq!(told(&["--building", "nowhere"]).0, Ended::Unasked);
    assert_eq!(with(&["--resident", "nobody"]), Ended::Unasked);
    assert_eq!(with(&["--resident", "omar", "--door", "no id"]), Ended::Unasked);
    let codes = [Ended::Well, Ended::Wrong, Ended::Unasked].map(Ended::code);
    assert_eq!(codes, [0, 1, 2]);
}

#[test]
fn help_is_complete_and_arguments_that_make_no_sense_are_refused() {
    let mut command = Arguments::command();
    insta::assert_snapshot!("help", command.render_long_help());
    for argument in command.get_arguments() {
        assert!(argument.get_help().is_some(), "{} has no help", argument.get_id());
    }
    for wrong in [
        &["--resident", "omar"][..],
        &["--building", "larkspur-court", "--door", "larkspur-openpath/4401"],
        &["--check"],
        &["--building", "larkspur-court", "--resident", "omar", "--check"],
        &["--all", "--building", "larkspur-court"],
        &["omar"],
    ] {
        let arguments = ["diagnose"].iter().chain(wrong);
        assert_eq!(Arguments::try_parse_from(arguments).unwrap_err().exit_code(), 2, "{wrong:?}");
    }
}
