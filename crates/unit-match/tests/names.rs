//! Which names are one name, and which match nothing.

use elevate_unit_match::{
    Counterpart, Finding, Lookup, NameIndex, NameKey, Named, Unusable, counterpart, match_all,
};

fn index<'n>(names: impl IntoIterator<Item = &'n str>) -> NameIndex<usize> {
    names.into_iter().enumerate().map(|(at, name)| (name, at)).collect()
}

fn same(a: &str, b: &str) -> bool {
    matches!((NameKey::of(a), NameKey::of(b)), (Ok(a), Ok(b)) if a == b)
}

#[track_caller]
fn one_name(spellings: &[&str]) {
    for a in spellings {
        for b in spellings {
            assert!(same(a, b), "{a:?} and {b:?} are one name");
        }
    }
}

#[track_caller]
fn all_differ(names: &[&str]) {
    for (at, a) in names.iter().enumerate() {
        assert!(NameKey::of(a).is_ok(), "{a:?} has no key");
        for b in &names[at + 1..] {
            assert!(!same(a, b), "{a:?} and {b:?} are two names");
        }
    }
}

#[test]
fn case_is_ignored() {
    one_name(&["Apt 4c", "APT 4C", "apt 4C"]);
    one_name(&["ÉTAGE 2", "étage 2"]);
    one_name(&["Квартира 7", "КВАРТИРА 7"]);
}

#[test]
fn unit_words_are_part_of_the_name() {
    all_differ(&["101", "Apt 101", "Unit 101", "#101", "Apt. 101", "Apartment 101", "101 Unit"]);
}

#[test]
fn white_space_is_part_of_the_name() {
    all_differ(&[
        "Apt 101",
        " Apt 101",
        "Apt 101 ",
        "Apt  101",
        "Apt\t101",
        "Apt101",
        "Apt 101\n",
        "Apt\u{A0}101",   // no-break space
        "Apt\u{202F}101", // narrow no-break space
        "Apt\u{3000}101", // ideographic space
    ]);
}

#[test]
fn punctuation_and_zeros_are_part_of_the_name() {
    all_differ(&["4B", "4-B", "4 B", "4.B", "4/B", "04B", "4\u{2010}B", "4\u{2013}B"]);
}

#[test]
fn an_invisible_character_makes_another_name() {
    all_differ(&[
        "101",
        "101\u{200B}",  // zero-width space
        "\u{FEFF}101",  // byte order mark
        "1\u{AD}01",    // soft hyphen
        "10\u{200D}1",  // zero-width joiner
        "\u{202E}101",  // right-to-left override
        "101\u{FE0F}",  // variation selector
        "101\u{0}",     // NUL
        "101\u{E0031}", // tag digit one
    ]);
}

#[test]
fn compatibility_forms_are_other_names() {
    all_differ(&["101", "１０１", "①⓪①", "¹⁰¹", "\u{1D7CF}\u{1D7CE}\u{1D7CF}"]);
    all_differ(&["4A", "４Ａ", "4ª"]);
    all_differ(&["No 5", "№ 5"]);
    all_differ(&["1/2", "½"]);
}

#[test]
fn look_alikes_are_other_names() {
    all_differ(&["4A", "4\u{410}", "4\u{391}"]); // Latin, Cyrillic, Greek
    all_differ(&["10", "1O", "l0", "I0"]);
}

#[test]
fn accents_are_part_of_the_name() {
    all_differ(&["Etage", "Étage", "Ètage", "Ëtage"]);
}

#[test]
fn turkish_dots_are_letters_in_every_locale() {
    one_name(&["I", "i"]);
    one_name(&["İ", "i\u{307}", "I\u{307}"]);
    all_differ(&["I", "ı", "İ"]);
}

#[test]
fn german_sharp_s_is_double_s() {
    one_name(&["Gartenstraße", "GARTENSTRASSE", "GARTENSTRAẞE", "gartenstrasse", "Gartenſtraſſe"]);
    all_differ(&["Straße", "Strase"]);
    all_differ(&["Möbel", "Moebel"]);
}

#[test]
fn greek_final_sigma_and_iota_below_fold() {
    one_name(&["ΟΔΟΣ", "οδος", "οδοσ"]);
    one_name(&["ᾳ", "ᾼ", "α\u{345}", "ΑΙ", "αι", "α\u{3B9}"]);
    // The marks in either order: the case for which the definition decomposes before it folds.
    one_name(&["\u{1FB4}", "α\u{301}\u{345}", "α\u{345}\u{301}", "ά\u{345}", "ΆΙ"]);
    all_differ(&["Ἀ", "Α", "Ά"]);
}

#[test]
fn canonical_singletons_are_their_letters() {
    one_name(&["K", "k", "\u{212A}"]); // Kelvin
    one_name(&["Å", "å", "\u{212B}", "A\u{30A}"]); // Ångström
    one_name(&["Ω", "ω", "\u{2126}"]); // Ohm
}

#[test]
fn composed_and_decomposed_are_one_name() {
    one_name(&["Café 1", "Cafe\u{301} 1", "CAFÉ 1", "CAFE\u{301} 1"]);
    one_name(&["ệ", "e\u{323}\u{302}", "e\u{302}\u{323}", "ẹ\u{302}", "ê\u{323}", "Ệ"]);
    one_name(&["한 1", "\u{1112}\u{1161}\u{11AB} 1"]);
    one_name(&["ガ", "カ\u{3099}"]);
}

#[test]
fn ligatures_fold_to_their_letters() {
    one_name(&["Office", "O\u{FB03}ce", "OFFICE"]);
    one_name(&["First", "Fir\u{FB06}", "Fir\u{FB05}"]);
}

#[test]
fn letters_that_were_given_case_lately_fold() {
    one_name(&["\u{16EA0}", "\u{16EBB}"]); // Beria Erfe, Unicode 17
    one_name(&["\u{A7CE}", "\u{A7CF}"]); // Latin, Unicode 17
    one_name(&["\u{1DF95}", "ss", "ß"]); // Latin, Unicode 18
}

const BLANK: [&str; 16] = [
    "",
    " ",
    "\t\r\n",
    "\u{A0}\u{2003}\u{3000}", // spaces: no-break, em, ideographic
    "\u{200B}",               // zero-width space
    "\u{FEFF}",               // byte order mark
    "\u{AD}",                 // soft hyphen
    "\u{200D}\u{FE0F}",       // joiner, variation selector
    "\u{202E}\u{2066}",       // bidi controls
    "\u{3164}",               // Hangul filler
    "\u{115F}\u{1160}",       // Hangul fillers
    "\u{2800}",               // empty braille cell
    "\u{E0001}\u{E0041}",     // tags
    "\0\u{7F}\u{85}",         // controls
    "\u{FFF9}\u{FFFB}",       // interlinear annotation
    " \u{200B} \u{180E} \u{2060}",
];

#[test]
fn blank_unit_never_matches() {
    for name in BLANK {
        assert_eq!(NameKey::of(name), Err(Unusable::Blank), "{name:?}");

        let (ours, theirs) = (index([name, "101"]), index(["101", name]));
        let matching = match_all(&ours, &theirs);

        assert_eq!(matching.pairs.len(), 1, "{name:?}");
        assert!(matches!(matching.ours[..], [Finding::Blank(unit)] if unit.name() == name));
        assert!(matches!(matching.theirs[..], [Finding::Blank(unit)] if unit.name() == name));
        assert_eq!(theirs.get(name), Lookup::Unusable(Unusable::Blank));
        assert_eq!(counterpart(&ours, &theirs, name), Counterpart::Unusable(Unusable::Blank));
    }
}

#[test]
fn two_blank_names_are_not_a_double_but_two_blanks() {
    let both = index(["", ""]);

    assert_eq!(both.blank().len(), 2);
    assert_eq!(both.doubled().count(), 0);
}

#[test]
fn what_shows_is_not_blank() {
    for name in ["0", "-", "\u{301}", "\u{600}", "\u{E000}", " . ", "\u{200B}1", "🏠"] {
        assert!(NameKey::of(name).is_ok(), "{name:?}");
    }
}

#[test]
fn doubled_on_our_side_matches_nothing() {
    let (ours, theirs) = (index(["101", "102", "Apt", "APT"]), index(["101", "apt"]));

    let matching = match_all(&ours, &theirs);

    assert_eq!(matching.pairs.len(), 1);
    let [Finding::Doubled(doubled)] = matching.ours[1..] else { panic!("{:?}", matching.ours) };
    assert_eq!(
        doubled.iter().map(|unit| (unit.name(), *unit.item())).collect::<Vec<_>>(),
        [("Apt", 2), ("APT", 3)]
    );
    let [Finding::CounterpartDoubled { unit, counterparts }] = matching.theirs[..] else {
        panic!("{:?}", matching.theirs)
    };
    assert_eq!((unit.name(), counterparts), ("apt", doubled));
    for spelling in ["Apt", "APT", "apt"] {
        assert_eq!(counterpart(&ours, &theirs, spelling), Counterpart::Doubled(doubled));
    }
}

#[test]
fn doubled_on_their_side_matches_nothing() {
    let (ours, theirs) = (index(["STRASSE 1"]), index(["Straße 1", "Strasse 1", "Straße 2"]));

    let matching = match_all(&ours, &theirs);

    assert!(matching.pairs.is_empty());
    assert!(matches!(
        matching.ours[..],
        [Finding::CounterpartDoubled { unit, counterparts: [_, _] }] if unit.name() == "STRASSE 1"
    ));
    assert!(matches!(matching.theirs[..], [Finding::Doubled([_, _]), Finding::Unmatched(_)]));
    assert!(matches!(
        counterpart(&ours, &theirs, "Strasse 1"),
        Counterpart::CounterpartDoubled { counterparts: [_, _], .. }
    ));
}

#[test]
fn doubled_on_both_sides_is_a_finding_on_both() {
    let (ours, theirs) = (index(["1a", "1A"]), index(["1A", "1a", "1a"]));

    let matching = match_all(&ours, &theirs);

    assert!(matching.pairs.is_empty());
    assert!(matches!(matching.ours[..], [Finding::Doubled([_, _])]));
    assert!(matches!(matching.theirs[..], [Finding::Doubled([_, _, _])]));
}

#[test]
fn a_double_far_apart_and_spelt_otherwise_is_found() {
    let middle: Vec<String> = (0..1000).map(|n| format!("Unit {n}")).collect();
    let names =
        ["Café"].into_iter().chain(middle.iter().map(String::as_str)).chain(["CAFE\u{301}"]);
    let index = index(names);

    assert!(matches!(index.get("café"), Lookup::Doubled([_, _])));
    assert_eq!(index.get("café").one(), None);
    assert_eq!(index.doubled().count(), 1);
    assert_eq!(index.single().count(), 1000);
}

#[test]
fn a_name_that_our_side_does_not_list_matches_nothing() {
    let (ours, theirs) = (index(["101"]), index(["101", "102"]));

    assert_eq!(counterpart(&ours, &theirs, "102"), Counterpart::NotListed);
}

#[test]
fn order_is_that_of_first_appearance() {
    let index = index(["c", "b", "", "C", "a", "B", " ", "d"]);

    let names: Vec<&str> = index.iter().map(Named::name).collect();
    assert_eq!(names, ["c", "C", "b", "B", "a", "d", "", " "]);
    assert_eq!(index.len(), 8);
    let single: Vec<usize> = index.single().map(|unit| *unit.item()).collect();
    assert_eq!(single, [4, 7]);
}

#[test]
fn an_empty_side_matches_nothing() {
    let (none, some) = (NameIndex::<usize>::default(), index(["101"]));

    assert!(none.is_empty());
    assert_eq!(none.get("101"), Lookup::Absent);
    assert!(matches!(match_all(&some, &none).ours[..], [Finding::Unmatched(_)]));
    assert!(matches!(match_all(&none, &some).theirs[..], [Finding::Unmatched(_)]));
}

#[test]
fn findings_name_all_whom_they_are_about() {
    let (ours, theirs) = (index(["1", "2", "2", "3", "", "4"]), index(["3", "3", "4"]));

    let about: Vec<Vec<usize>> = match_all(&ours, &theirs)
        .ours
        .iter()
        .map(|finding| finding.about().iter().map(|unit| *unit.item()).collect())
        .collect();

    assert_eq!(about, [vec![0], vec![1, 2], vec![3], vec![4]]);
}

#[test]
fn an_index_is_shared_between_threads() {
    fn shareable<T: Send + Sync + 'static>(_: &T) {}
    shareable(&index(["101"]));
}
