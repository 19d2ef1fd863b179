//! What stands around a pair decides whether it is suggested: rather none than a stranger's door.

use elevate_unit_match::{NameIndex, match_all, suggest};

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
