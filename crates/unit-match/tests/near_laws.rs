//! What holds of suggestions whatever the names are.

use std::collections::BTreeSet;

use elevate_unit_match::{Likeness, NameIndex, NameKey, compare, match_all, suggest};
use proptest::prelude::*;

/// Pairs of numbers that are suggested, by the names' places.
fn suggested(ours: &[String], theirs: &[String]) -> BTreeSet<(usize, usize)> {
    let index = |names: &[String]| -> NameIndex<usize> {
        names.iter().enumerate().map(|(at, name)| (name.as_str(), at)).collect()
    };
    let (ours, theirs) = (index(ours), index(theirs));
    let matching = match_all(&ours, &theirs);
    let suggestions = suggest(&matching);
    let told: BTreeSet<(usize, usize)> =
        suggestions.iter().map(|one| (*one.ours.item(), *one.theirs.item())).collect();
    assert_eq!(told.len(), suggestions.len(), "one is told twice: {told:?}");
    told
}

fn names(all: &[&str]) -> Vec<String> {
    all.iter().map(|&name| name.to_owned()).collect()
}

fn pairs(ours: &[&str], theirs: &[&str]) -> Vec<(String, String)> {
    let (ours, theirs) = (names(ours), names(theirs));
    let found = suggested(&ours, &theirs);
    found.into_iter().map(|(a, b)| (ours[a].clone(), theirs[b].clone())).collect()
}

fn one(a: &str, b: &str) -> Vec<(String, String)> {
    vec![(a.to_owned(), b.to_owned())]
}

#[test]
fn no_suggestion_where_two_are_equally_likely() {
    assert!(pairs(&["101"], &["Apt 101", "Unit 101"]).is_empty());
    assert!(pairs(&["Apt 101", "#101"], &["Unit 101"]).is_empty());
    assert!(pairs(&["Penthouse West"], &["Pentouse West", "Penthose West"]).is_empty());
}

#[test]
fn what_differs_only_in_spaces_is_likelier_than_what_differs_in_words() {
    assert_eq!(pairs(&["101 "], &["101", "Apt 101"]), one("101 ", "101"));
}

#[test]
fn what_is_matched_already_is_nobodys_counterpart_and_neither_is_its_like() {
    assert!(pairs(&["101", "Apt 101"], &["101"]).is_empty());
    assert!(pairs(&["101", "Apt 101"], &["101", "#101"]).is_empty());
    assert!(pairs(&["Carriage House", "Carraige House"], &["Carriage House"]).is_empty());
}

#[test]
fn a_building_is_left_out_only_where_no_other_one_has_that_number() {
    assert_eq!(
        pairs(&["Building A 101", "Building A 102"], &["101"]),
        one("Building A 101", "101")
    );
    assert!(pairs(&["Building A 101", "Building B 101"], &["101"]).is_empty());
    assert!(pairs(&["Building A 101"], &["101", "Building B 101"]).is_empty());
    // Also where the other one is matched.
    assert!(pairs(&["Building A 101", "Building B 101"], &["Building B 101", "101"]).is_empty());
}

#[test]
fn another_number_is_never_suggested() {
    for (a, b) in [("101", "1011"), ("101", "110"), ("Apt 12", "Apt 21"), ("12345", "12354")] {
        assert!(pairs(&[a], &[b]).is_empty(), "{a} {b}");
    }
}

#[test]
fn a_doubled_or_blank_name_is_no_suggestion() {
    assert!(pairs(&["101"], &["Apt 101", "apt 101"]).is_empty());
    assert!(pairs(&[" "], &[""]).is_empty());
}

#[test]
fn a_whole_house_named_otherwise_is_suggested_apartment_by_apartment() {
    let ours: Vec<String> = (1..=40).map(|number| format!("Apt {number}")).collect();
    let theirs: Vec<String> = (1..=40).rev().map(|number| format!("{number:03}")).collect();
    let found = suggested(&ours, &theirs);
    assert_eq!(found.len(), 40);
    assert!(found.iter().all(|(a, b)| a + b == 39), "{found:?}");
}

#[test]
fn long_names_of_many_words_are_no_slips_and_cost_little() {
    let long = |n: usize| format!("{} {n}", "gardenhouse ".repeat(80));
    let ours: Vec<String> = (0..400).map(long).collect();
    let theirs: Vec<String> =
        ours.iter().map(|name| name.replacen("garden", "gardne", 1)).collect();
    assert!(suggested(&ours, &theirs).is_empty());
}

/// Names made of what such names are made of.
fn a_name() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        Just("Apt".to_owned()),
        Just("#".to_owned()),
        Just("Unit".to_owned()),
        Just("Bldg A".to_owned()),
        Just("Penthouse".to_owned()),
        Just("Pentouse".to_owned()),
        (1..30_u32).prop_map(|number| number.to_string()),
        (1..30_u32).prop_map(|number| format!("{number:03}")),
        "[A-Da-d]",
        " |-|/|\u{a0}|\u{200b}|\\+",
        "O|l|I|А|Б|І|１",
        "Top|No|Flat|2nd Floor|Haus 1a|Sunflower|Sunfower|号室|棟",
    ];
    let glue = prop_oneof![3 => Just(" "), 2 => Just(""), 1 => Just("-")];
    prop::collection::vec((part, glue), 1..4).prop_map(|parts| {
        parts.into_iter().flat_map(|(part, glue)| [part, glue.to_owned()]).collect()
    })
}

fn side() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec(a_name(), 0..14)
}

proptest! {
    #[test]
    fn suggestions_are_one_to_one_symmetric_and_free_of_order(ours in side(), theirs in side()) {
        let found = suggested(&ours, &theirs);
        let ours_told: BTreeSet<usize> = found.iter().map(|pair| pair.0).collect();
        let theirs_told: BTreeSet<usize> = found.iter().map(|pair| pair.1).collect();
        prop_assert_eq!((ours_told.len(), theirs_told.len()), (found.len(), found.len()));

        let swapped = suggested(&theirs, &ours);
        let back: BTreeSet<_> = swapped.into_iter().map(|(b, a)| (a, b)).collect();
        prop_assert_eq!(&found, &back);

        let (last_a, last_b) = (ours.len().saturating_sub(1), theirs.len().saturating_sub(1));
        let turned = |names: &[String]| names.iter().rev().cloned().collect::<Vec<_>>();
        let turned = suggested(&turned(&ours), &turned(&theirs));
        let turned: BTreeSet<_> = turned.into_iter().map(|(a, b)| (last_a - a, last_b - b)).collect();
        prop_assert_eq!(&found, &turned);
    }

    #[test]
    fn what_is_suggested_is_near_and_not_one_name(ours in side(), theirs in side()) {
        for (a, b) in suggested(&ours, &theirs) {
            prop_assert!(matches!(compare(&ours[a], &theirs[b]), Likeness::Near(_)));
            prop_assert_ne!(NameKey::of(&ours[a]).unwrap(), NameKey::of(&theirs[b]).unwrap());
        }
    }

    #[test]
    fn doing_what_is_suggested_leaves_nothing_to_suggest_for_it(ours in side(), theirs in side()) {
        let found = suggested(&ours, &theirs);
        let mut mended = theirs.clone();
        for (a, b) in &found {
            mended[*b].clone_from(&ours[*a]);
        }
        let again = suggested(&ours, &mended);
        prop_assert!(again.iter().all(|pair| !found.contains(pair)), "{:?}", again);
    }

    #[test]
    fn alone_what_is_near_is_suggested_and_nothing_else(a in a_name(), b in a_name()) {
        let near = matches!(compare(&a, &b), Likeness::Near(_));
        let found = suggested(std::slice::from_ref(&a), std::slice::from_ref(&b));
        prop_assert_eq!(found.len(), usize::from(near), "{:?} {:?}", a, b);
    }

    #[test]
    fn suggesting_again_says_the_same(ours in side(), theirs in side()) {
        prop_assert_eq!(suggested(&ours, &theirs), suggested(&ours, &theirs));
    }

    #[test]
    fn digits_of_what_is_near_are_the_same_but_for_zeros_before_and_look_alikes(
        ours in side(), theirs in side()
    ) {
        let place = ["2nd Floor", "Haus 1a"];
        let digits = |name: &str| -> String {
            name.chars().filter(|c| ('1'..='9').contains(c)).collect()
        };
        for (a, b) in suggested(&ours, &theirs) {
            let both = [&ours[a], &theirs[b]];
            let skipped = |name: &&String| {
                place.iter().any(|place| name.contains(place))
                    || name.contains(['O', 'l', 'I', '１', '棟'])
            };
            if !both.iter().any(skipped) {
                prop_assert_eq!(digits(both[0]), digits(both[1]), "{:?}", both);
            }
        }
    }

    /// The matching itself: what near-misses read away stays in the key.
    #[test]
    fn folding_never_joins_names_that_differ_by_more_than_case(
        name in a_name(), more in "[ \u{a0}\u{200b}#.,/0-9a-z-]|Apt |Ａ", at in any::<prop::sample::Index>()
    ) {
        let places: Vec<usize> = name.char_indices().map(|(place, _)| place).chain([name.len()]).collect();
        let mut other = name.clone();
        other.insert_str(places[at.index(places.len())], &more);
        if let (Ok(one), Ok(other)) = (NameKey::of(&name), NameKey::of(&other)) {
            prop_assert_ne!(one, other);
        }
    }

    #[test]
    fn a_name_and_its_case_are_one_and_never_a_near_miss(name in a_name()) {
        prop_assume!(NameKey::of(&name).is_ok());
        prop_assert_eq!(compare(&name, &name.to_uppercase()), Likeness::Same);
        prop_assert_eq!(compare(&name.to_lowercase(), &name), Likeness::Same);
    }

    #[test]
    fn comparing_is_symmetric_and_never_panics(a in "\\PC{0,24}", b in "\\PC{0,24}") {
        prop_assert_eq!(compare(&a, &b), compare(&b, &a));
        prop_assert_eq!(compare(&a, &a) == Likeness::Same, NameKey::of(&a).is_ok());
    }

    #[test]
    fn numbers_that_differ_are_never_near(a in 0..100_000_u32, b in 0..100_000_u32) {
        prop_assume!(a != b);
        prop_assert_eq!(compare(&a.to_string(), &format!("Apt {b}")), Likeness::Different);
    }
}
