//! What holds for all names, whatever they are.

use std::collections::BTreeSet;

use elevate_unit_match::{
    Counterpart, Finding, Matching, NameIndex, NameKey, Named, Unusable, counterpart, match_all,
};
use proptest::{collection::vec, prelude::*, sample::select};
use unicode_normalization::UnicodeNormalization;

/// D145, step by step as it is written, with no fast path, on the tables of `caseless` alone.
fn by_definition(name: &str) -> String {
    let decomposed: String = name.nfd().collect();
    let folded = caseless::default_case_fold_str(&decomposed);
    folded.nfd().collect()
}

/// Letters that `caseless` does not fold; held to another table by a test of its own.
fn cased_since(c: char) -> bool {
    matches!(c, '\u{A7CE}'..='\u{A7E2}' | '\u{AB6C}' | '\u{AB6D}' | '\u{16EA0}'..='\u{16EB8}'
        | '\u{1DF40}'..='\u{1DF95}')
}

/// Characters that meet in names, and those that trip normalisation and folding.
fn awkward() -> impl Strategy<Value = char> {
    let pool: Vec<char> =
        "aAkKsSiIıİßẞſΣσςΑαΆάᾳᾼ\u{345}\u{301}\u{307}\u{323}\u{30A}\u{212A}\u{212B}\
        éÉèﬁﬀ한ᄒ\u{1161}\u{11AB}ガ\u{3099}Ꭰꭰ0149-# \u{A0}\u{200B}\u{2000}１Ａ４Аа"
            .chars()
            .collect();
    prop_oneof![8 => select(pool), 1 => any::<char>()]
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "(apt |APT |unit )?[0-2]?[aAbB]?",
        3 => vec(awkward(), 0..8).prop_map(String::from_iter),
        1 => "\\PC{0,12}",
    ]
}

/// From few enough names that doubles and matches are common.
fn side() -> impl Strategy<Value = Vec<String>> {
    let few = select(vec![
        "1", "2", "3", "a", "A", "ß", "SS", "ẞ", "é", "e\u{301}", "k", "\u{212A}", "İ", "i", "I",
        "ı", "", " ", "\u{200B}", "1 ", "apt 1", "Apt 1",
    ]);
    vec(prop_oneof![5 => few.prop_map(str::to_owned), 1 => name()], 0..24)
}

fn index(names: &[String]) -> NameIndex<usize> {
    names.iter().enumerate().map(|(at, name)| (name.as_str(), at)).collect()
}

type Sketch = (BTreeSet<(usize, usize)>, BTreeSet<String>, BTreeSet<String>);

fn findings(all: &[Finding<'_, usize, usize>]) -> BTreeSet<String> {
    let items = |units: &[Named<usize>]| -> BTreeSet<usize> {
        units.iter().map(|unit| *unit.item()).collect()
    };
    all.iter()
        .map(|finding| {
            let about = items(finding.about());
            match finding {
                Finding::Blank(_) => format!("blank {about:?}"),
                Finding::TooLong(_) => format!("too long {about:?}"),
                Finding::Doubled(_) => format!("doubled {about:?}"),
                Finding::Unmatched(_) => format!("unmatched {about:?}"),
                Finding::CounterpartDoubled { counterparts, .. } => {
                    format!("counterpart doubled {about:?} {:?}", items(counterparts))
                }
            }
        })
        .collect()
}

/// A matching without its order.
fn sketch(matching: &Matching<'_, usize, usize>) -> Sketch {
    let pairs =
        matching.pairs.iter().map(|pair| (*pair.ours.item(), *pair.theirs.item())).collect();
    (pairs, findings(&matching.ours), findings(&matching.theirs))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn a_key_is_what_the_definition_says(name in name()) {
        prop_assume!(!name.nfd().any(cased_since));
        match NameKey::of(&name) {
            Ok(key) => prop_assert_eq!(key.as_str(), by_definition(&name)),
            Err(why) => prop_assert_eq!(why, Unusable::Blank),
        }
    }

    #[test]
    fn names_are_equal_exactly_if_the_definition_says_so(a in name(), b in name()) {
        prop_assume!(!a.nfd().chain(b.nfd()).any(cased_since));
        if let (Ok(key_a), Ok(key_b)) = (NameKey::of(&a), NameKey::of(&b)) {
            prop_assert_eq!(key_a == key_b, by_definition(&a) == by_definition(&b));
        }
    }

    #[test]
    fn a_key_is_its_own_key(name in name()) {
        if let Ok(key) = NameKey::of(&name) {
            prop_assert_eq!(NameKey::of(key.as_str()), Ok(key));
        }
    }

    #[test]
    fn composing_and_decomposing_keep_the_name(name in name()) {
        let key = NameKey::of(&name);
        prop_assert_eq!(&NameKey::of(&name.nfc().collect::<String>()), &key);
        prop_assert_eq!(&NameKey::of(&name.nfd().collect::<String>()), &key);
    }

    #[test]
    fn changing_the_case_keeps_the_name(name in name()) {
        // Decomposed first, since the iota below is a mark in small letters and a letter in capitals.
        // Dotless ı has no capital of its own.
        let name: String = name.chars().filter(|c| *c != 'ı').nfd().collect();
        prop_assert_eq!(NameKey::of(&name.to_lowercase()), NameKey::of(&name));
        prop_assert_eq!(NameKey::of(&name.to_uppercase()), NameKey::of(&name));
    }

    #[test]
    fn what_unicode_calls_invisible_is_blank(
        name in r"[\p{White_Space}\p{Default_Ignorable_Code_Point}\p{Cc}]{0,6}"
    ) {
        prop_assert_eq!(NameKey::of(&name), Err(Unusable::Blank));
    }

    #[test]
    fn any_letter_number_or_sign_makes_a_name_that_is_not_blank(
        before in r"[\s\p{Cf}]{0,3}",
        shown in r"[[\p{L}\p{N}\p{P}\p{S}\p{M}]--[\p{Default_Ignorable_Code_Point}\u{2800}]]",
        after in r"[\s\p{Cf}]{0,3}",
    ) {
        prop_assert_ne!(NameKey::of(&format!("{before}{shown}{after}")), Err(Unusable::Blank));
    }

    #[test]
    fn matching_is_symmetric(ours in side(), theirs in side()) {
        let (ours, theirs) = (index(&ours), index(&theirs));
        let (pairs, left_ours, left_theirs) = sketch(&match_all(&ours, &theirs));
        let swapped = pairs.into_iter().map(|(a, b)| (b, a)).collect();
        prop_assert_eq!(sketch(&match_all(&theirs, &ours)), (swapped, left_theirs, left_ours));
    }

    #[test]
    fn matching_does_not_depend_on_order(
        (before, after) in side().prop_flat_map(|names| {
            let items: Vec<_> = names.into_iter().enumerate().map(|(at, name)| (name, at)).collect();
            (Just(items.clone()), Just(items).prop_shuffle())
        }),
        theirs in side(),
    ) {
        let (before, after): (NameIndex<usize>, NameIndex<usize>) =
            (before.into_iter().collect(), after.into_iter().collect());
        let theirs = index(&theirs);
        prop_assert_eq!(sketch(&match_all(&before, &theirs)), sketch(&match_all(&after, &theirs)));
        prop_assert_eq!(sketch(&match_all(&theirs, &before)), sketch(&match_all(&theirs, &after)));
    }

    #[test]
    fn a_pair_is_the_only_bearer_of_its_name_on_each_side(ours in side(), theirs in side()) {
        let (our_index, their_index) = (index(&ours), index(&theirs));
        for pair in match_all(&our_index, &their_index).pairs {
            let key = NameKey::of(pair.ours.name()).unwrap();
            for (side, item) in [(&ours, *pair.ours.item()), (&theirs, *pair.theirs.item())] {
                let bearers: Vec<usize> = side
                    .iter()
                    .enumerate()
                    .filter(|(_, name)| NameKey::of(name).as_ref() == Ok(&key))
                    .map(|(at, _)| at)
                    .collect();
                prop_assert_eq!(bearers, [item]);
            }
        }
    }

    #[test]
    fn everything_handed_in_comes_out_once(ours in side(), theirs in side()) {
        let (our_index, their_index) = (index(&ours), index(&theirs));
        let matching = match_all(&our_index, &their_index);

        let mut seen: Vec<usize> = matching.pairs.iter().map(|pair| *pair.ours.item()).collect();
        seen.extend(matching.ours.iter().flat_map(Finding::about).map(|unit| *unit.item()));
        seen.sort_unstable();
        prop_assert_eq!(seen, (0..ours.len()).collect::<Vec<_>>());

        let mut seen: Vec<usize> = matching.pairs.iter().map(|pair| *pair.theirs.item()).collect();
        seen.extend(matching.theirs.iter().flat_map(Finding::about).map(|unit| *unit.item()));
        seen.sort_unstable();
        prop_assert_eq!(seen, (0..theirs.len()).collect::<Vec<_>>());
    }

    #[test]
    fn one_name_is_answered_as_all_are(ours in side(), theirs in side()) {
        let (our_index, their_index) = (index(&ours), index(&theirs));
        let matching = match_all(&our_index, &their_index);
        for pair in &matching.pairs {
            prop_assert_eq!(
                counterpart(&our_index, &their_index, pair.ours.name()),
                Counterpart::Matched(*pair)
            );
        }
        for finding in &matching.ours {
            for unit in finding.about() {
                let answer = counterpart(&our_index, &their_index, unit.name());
                let expected = match *finding {
                    Finding::Blank(_) => Counterpart::Unusable(Unusable::Blank),
                    Finding::TooLong(_) => Counterpart::Unusable(Unusable::TooLong),
                    Finding::Doubled(units) => Counterpart::Doubled(units),
                    Finding::Unmatched(unit) => Counterpart::Unmatched(unit),
                    Finding::CounterpartDoubled { unit, counterparts } => {
                        Counterpart::CounterpartDoubled { unit, counterparts }
                    }
                };
                prop_assert_eq!(answer, expected);
            }
        }
    }
}
