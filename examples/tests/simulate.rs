//! The simulation is clean, repeatable, and finds every planted bug.

use std::sync::{Mutex, PoisonError};

use elevate_examples::sim::{self, Options, Plant, Report, Verdicts};

/// The panic hook is the process's, so the runs take turns.
static TURN: Mutex<()> = Mutex::new(());

fn run(taps: u64, seed: u64, plant: Option<Plant>) -> Report {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    sim::run(&Options { taps, seed, episode: None, plant, stop_at_first: plant.is_some() })
}

#[test]
fn nothing_happens_that_must_not_and_two_runs_print_the_same() {
    let report = run(4_000, 7, None);
    assert!(report.is_clean(), "{report}");
    // Enough happened for that to mean something.
    for kind in [
        "opened",
        "accepted",
        "not opened",
        "unknown",
        "not_current",
        "door_not_granted",
        "ticket_refused",
        "store_failed",
        "tap_too_old",
    ] {
        assert!(report.outcomes.get(kind).is_some_and(|n| *n > 20), "{kind}: {report}");
    }
    for kind in ["forgotten", "pruned", "tap_id_taken"] {
        assert!(report.outcomes.get(kind).is_some_and(|n| *n > 20), "{kind}: {report}");
    }
    assert!(report.outcomes.get("node died").is_some_and(|n| *n > 2), "{report}");
    assert!(report.outcomes.contains_key("found out later"), "{report}");
    assert!(report.keys > 50, "{report}");
    assert_eq!(report.to_string(), run(4_000, 7, None).to_string());
}

/// What a planted bug has to be found as.
fn found(plant: Plant, verdicts: &Verdicts) -> bool {
    match plant {
        Plant::FollowsRedirects | Plant::RepeatsOn503 => verdicts.double > 0 || verdicts.late > 0,
        // With clocks that differ by more, somebody's own ticket is refused, or made younger than it is.
        Plant::IgnoresGate | Plant::ClocksDifferByMore => {
            verdicts.dishonest > 0 || verdicts.late > 0
        }
        Plant::RemembersStanding | Plant::TrustsTheFilter | Plant::MapNeverAges => {
            verdicts.wrong_person > 0
        }
        Plant::Reads202AsOpened | Plant::ReadsLostAsRefused | Plant::FindsOutThatItOpened => {
            verdicts.dishonest > 0
        }
        Plant::ClockMovesByMinutes | Plant::DropsWhatWasMeasured => verdicts.late > 0,
        Plant::GrantsClaimsTwice | Plant::ForgetFreesIds | Plant::PrunesTheYoung => {
            verdicts.double > 0
        }
        Plant::ForgetsNothing => verdicts.not_forgotten > 0,
        Plant::GivesLeasesTwice => verdicts.keys_per_user > 0,
        Plant::DeletesKeys => verdicts.other_writes > 0,
    }
}

#[test]
fn every_planted_bug_is_found_as_what_it_is() {
    for plant in Plant::ALL {
        let report = run(20_000, 1, Some(plant));
        assert!(found(plant, &report.verdicts), "{plant:?} was not found: {report}");
        let first = report.first.as_deref().unwrap_or_default();
        assert!(first.contains("--seed 1 --episode"), "{plant:?} says how to repeat it: {first}");
    }
}
