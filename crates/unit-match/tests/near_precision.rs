//! What stands around a pair decides whether it is suggested: rather none than a stranger's door.

use elevate_unit_match::{NameIndex, match_all, suggest};
use proptest::prelude::*;

fn pairs(ours: &[&str], theirs: &[&str]) -> Vec<(String, String)> {
    let index =
        |names: &[&str]| -> NameIndex<()> { names.iter().map(|name| (*name, ())).collect() };
    let suggested = |ours: &[&str], theirs: &[&str]| -> Vec<(String, String)> {
        let (ours, theirs) = (index(ours), index(theirs));
        let matching = match_all(&ours, &theirs);
        let found = suggest(&matching);
        found.iter().map(|one| (one.ours.name().to_owned(), one.theirs.name().to_owned())).collect()
    };
    let found = suggested(ours, theirs);
    // Whose is whose plays no part in any of these.
    let mut swapped: Vec<_> = suggested(theirs, ours).into_iter().map(|(b, a)| (a, b)).collect();
    let mut sorted = found.clone();
    swapped.sort();
    sorted.sort();
    assert_eq!(sorted, swapped);
    found
}

fn one(a: &str, b: &str) -> Vec<(String, String)> {
    vec![(a.to_owned(), b.to_owned())]
}

#[test]
fn a_letter_is_no_digit_where_letters_stand_at_numbers() {
    assert_eq!(pairs(&["10l", "102"], &["101", "102"]), one("10l", "101"));
    assert!(pairs(&["10k", "10l", "10m"], &["101"]).is_empty());
    assert!(pairs(&["10l"], &["10k", "101"]).is_empty());
    assert!(pairs(&["A101", "I101"], &["A101", "1101"]).is_empty());
    assert!(pairs(&["12N", "12O", "12P"], &["12N", "120", "12P"]).is_empty());
    assert!(pairs(&["1A1", "1I1"], &["1A1", "111"]).is_empty());
}

#[test]
fn a_letter_at_the_edge_of_two_numbers_of_one_side_is_a_building_and_no_slip() {
    assert_eq!(pairs(&["I01"], &["101", "102"]), one("I01", "101"));
    assert!(pairs(&["I01", "I02", "I03"], &["101", "102", "103"]).is_empty());
    assert!(pairs(&["O01", "O02"], &["1", "2"]).is_empty());
    assert!(pairs(&["10O", "20o"], &["100", "200"]).is_empty());
}

#[test]
fn flat_3_of_house_2_is_not_flat_2_of_house_3() {
    assert!(pairs(&["Flat 3, 2"], &["3 Flat 2"]).is_empty());
    assert!(pairs(&["3 Flat 2"], &["Unit 3/2"]).is_empty());
    assert_eq!(pairs(&["Flat 3, 2"], &["Flat 3/2"]), one("Flat 3, 2", "Flat 3/2"));
}

#[test]
fn among_letters_at_numbers_it_is_the_letter() {
    assert_eq!(pairs(&["10k", "10l"], &["10k", "10-L"]), one("10l", "10-L"));
}

#[test]
fn an_alphabet_of_its_own_is_no_slip() {
    // Cyrillic А and В, the first and third of their alphabet.
    assert_eq!(pairs(&["\u{410}-1"], &["A-1"]), one("\u{410}-1", "A-1"));
    assert!(pairs(&["\u{411}-1", "\u{412}-1"], &["A-1", "B-1"]).is_empty());
}

#[test]
fn a_building_or_floor_that_stands_in_another_name_is_not_left_out() {
    assert_eq!(pairs(&["Building A 101"], &["101"]), one("Building A 101", "101"));
    assert!(pairs(&["Building A 101"], &["101", "A-101"]).is_empty());
    assert!(pairs(&["Building A 101"], &["101", "B101"]).is_empty());
    assert!(pairs(&["Building A 101", "A-101"], &["101"]).is_empty());
    // Nor where there are other buildings at all: theirs may have a 101 that is not listed.
    assert!(pairs(&["Building A 101", "Building B 7"], &["101"]).is_empty());
    assert!(pairs(&["Building A 101"], &["101", "B-7"]).is_empty());
    assert!(pairs(&["Building 1 101"], &["101", "2-7"]).is_empty());
    // Or one number on several floors.
    assert_eq!(pairs(&["Floor 1 Apt 2", "Floor 2 Apt 3"], &["2"]), one("Floor 1 Apt 2", "2"));
    assert!(pairs(&["Floor 1 Apt 2", "Floor 1 Apt 3", "Floor 2 Apt 3"], &["2"]).is_empty());
    // Also where the other one is matched.
    assert!(pairs(&["Building A 101", "B-101"], &["101", "B-101"]).is_empty());
}

#[test]
fn a_floor_can_be_in_the_number() {
    assert_eq!(pairs(&["3rd Floor 12"], &["12", "313"]), one("3rd Floor 12", "12"));
    assert!(pairs(&["3rd Floor 12"], &["12", "312"]).is_empty());
    assert!(pairs(&["3rd Floor 2"], &["2", "302"]).is_empty());
    assert!(pairs(&["Tower 2 Apt 12"], &["Apt 12", "Apt 212"]).is_empty());
    assert!(pairs(&["Tower A 5"], &["5", "5A"]).is_empty());
}

#[test]
fn a_slip_is_suggested_only_where_nothing_else_is_as_near() {
    assert_eq!(pairs(&["Sunflower 3"], &["Sunfower 3"]), one("Sunflower 3", "Sunfower 3"));
    assert!(pairs(&["Sunflower 3"], &["Sunfower 3", "Sunflwer 3"]).is_empty());
    assert!(pairs(&["Sunflower 3"], &["Sunfower 4"]).is_empty());
}

/// So many are not compared one by one, and count all the same.
#[test]
fn a_crowd_of_words_as_near_leaves_nothing_to_suggest_whichever_side_it_is_on() {
    assert_eq!(pairs(&["Sunflower"], &["Sunfloewr"]), one("Sunflower", "Sunfloewr"));
    let crowd: Vec<String> = ('a'..='z')
        .chain("æðøđħıłœŋŧƀƙ".chars())
        .map(|letter| format!("Sunflow{letter}er"))
        .collect();
    let theirs: Vec<&str> = crowd.iter().map(String::as_str).chain(["Sunfloewr"]).collect();
    assert!(pairs(&["Sunflower"], &theirs).is_empty());
}

#[test]
fn a_whole_street_of_slips_is_suggested_house_by_house() {
    let numbered: Vec<String> = (1..=40).map(|number| format!("Sunflower {number}")).collect();
    let named: Vec<String> = ('a'..='h')
        .flat_map(|one| ('p'..='u').map(move |two| format!("Garden{one}{one}{two}{two}house")))
        .collect();
    let slips = [("Sunflower", "Sunfower", &numbered), ("Garden", "Gaden", &named)];
    for (right, wrong, ours) in slips {
        assert!(ours.len() >= 40);
        let theirs: Vec<String> = ours.iter().map(|name| name.replace(right, wrong)).collect();
        let ours: Vec<&str> = ours.iter().map(String::as_str).collect();
        let theirs: Vec<&str> = theirs.iter().map(String::as_str).collect();
        let found = pairs(&ours, &theirs);
        assert_eq!(found.len(), ours.len());
        assert!(found.iter().all(|(a, b)| a.replace(right, wrong) == *b), "{found:?}");
    }
}

/// An apartment as it is, whatever it is called.
type Apartment = (char, u32, u32);

/// How a system names all its apartments.
#[derive(Clone, Copy, Debug)]
enum Style {
    Plain,
    Apt,
    Padded,
    Building,
    Dashed,
    Glued,
    Floor,
    Look,
}

impl Style {
    fn name(self, (building, floor, unit): Apartment) -> String {
        let number = floor * 100 + unit;
        match self {
            Self::Plain => format!("{number}"),
            Self::Apt => format!("Apt {number}"),
            Self::Padded => format!("#{number:05}"),
            Self::Building => format!("Building {building} Apt {number}"),
            Self::Dashed => format!("{building}-{number}"),
            Self::Glued => format!("{building}{number}"),
            Self::Floor => format!("Floor {floor} Apt {unit}"),
            Self::Look => format!("{number}").replacen('0', "O", 1),
        }
    }
}

/// The buildings, two styles of ours and two of theirs. Where there are several buildings, one style may leave them out
/// and no other: whoever leaves them out on both sides calls two apartments by one name.
fn property() -> impl Strategy<Value = (Vec<char>, [Style; 4])> {
    let told = prop::sample::select(vec![Style::Building, Style::Dashed, Style::Glued]);
    let bare = prop::sample::select(vec![Style::Plain, Style::Apt, Style::Padded, Style::Look]);
    let floor = prop_oneof![told.clone(), bare.clone(), Just(Style::Floor)];
    let one = [floor.clone(), floor.clone(), floor.clone(), floor];
    let several = [told.clone().boxed(), told.clone().boxed(), told.boxed(), bare.boxed()];
    prop_oneof![
        (prop::sample::subsequence(vec!['A', 'B', 'I'], 1), one),
        (prop::sample::subsequence(vec!['A', 'B', 'I'], 2..=3), several),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    /// Each side knows some of the apartments, and names each in one of its two styles.
    #[test]
    fn in_a_property_of_some_buildings_nobody_is_led_to_a_strangers_door(
        (buildings, styles) in property(),
        known in prop::collection::vec((0..12_u8, 0..12_u8), 27)
    ) {
        let apartments: Vec<Apartment> = buildings
            .iter()
            .flat_map(|one| (1..=3).flat_map(move |floor| (1..=3).map(move |unit| (*one, floor, unit))))
            .collect();
        // Known under the first style mostly, under the second now and then, and not at all sometimes.
        let side = |first: Style, second: Style, of: fn(&(u8, u8)) -> u8| -> NameIndex<Apartment> {
            let named = apartments.iter().zip(&known).filter_map(|(one, known)| match of(known) {
                0..=5 => Some((first.name(*one), *one)),
                6..=8 => Some((second.name(*one), *one)),
                _ => None,
            });
            named.collect()
        };
        let (ours, theirs) = (
            side(styles[0], styles[1], |known| known.0),
            side(styles[2], styles[3], |known| known.1),
        );
        for one in suggest(&match_all(&ours, &theirs)) {
            prop_assert_eq!(one.ours.item(), one.theirs.item(), "{} {}", one.ours.name(), one.theirs.name());
        }
    }
}
