//! E-mails that are nearly the same, against a table, and among many.

mod laws;

use std::collections::BTreeSet;

use elevate_openpath::emails::{Difference, Likeness, NearIndex, Person, Robot, compare};

/// The table: our e-mail and name, theirs, verdict, differences.
const TABLE: &str = include_str!("../../../../fixtures/names/emails.tsv");

/// Text with `\u{…}` for what a file does not show.
fn unescaped(text: &str) -> String {
    let mut parts = text.split("\\u{");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (code, rest) = part.split_once('}').unwrap();
        out.push(u32::from_str_radix(code, 16).ok().and_then(char::from_u32).unwrap());
        out.push_str(rest);
    }
    out
}

fn person<'a>(email: &'a str, name: &'a str) -> Person<'a> {
    Person { email, name: (!name.is_empty()).then_some(name) }
}

fn codes(differences: &[Difference]) -> String {
    differences.iter().map(|one| one.code()).collect::<Vec<_>>().join(" ")
}

/// What the index says if these two are all there is.
fn alone(ours: Person<'_>, theirs: Person<'_>) -> Option<(bool, String)> {
    let mut index = NearIndex::of([((), ours)]);
    index.consider(&1, theirs);
    let found = index.finish(|()| true).pop()?;
    Some((found.is_for_review, codes(&found.differences)))
}

#[test]
fn every_pair_of_the_table_has_its_verdict_and_reasons() {
    let (mut wrong, mut pairs, mut unlinked) = (Vec::new(), 0, 0);
    for line in TABLE.lines().filter(|line| !line.starts_with('#')) {
        let fields: Vec<String> = line.split('\t').map(unescaped).collect();
        let [ours, our_name, theirs, their_name, expected, reasons] = fields.as_slice() else {
            panic!("{line}")
        };
        pairs += 1;
        unlinked += u32::from(expected == "different");
        let (a, b) = (person(ours, our_name), person(theirs, their_name));
        let likeness = compare(a, b);
        assert_eq!(likeness, compare(b, a), "{line}");
        let (said, found, expected_alone) = match &likeness {
            Likeness::Same => ("same", String::new(), None),
            Likeness::Near(found) => ("near", codes(found), Some((false, codes(found)))),
            Likeness::Review(found) => ("review", codes(found), Some((true, codes(found)))),
            Likeness::Different => ("different", String::new(), None),
        };
        if (said, &found) != (expected.as_str(), reasons) {
            wrong.push(format!("{line}: {said} {found}"));
        }
        if alone(a, b) != expected_alone {
            wrong.push(format!("{line}: alone {:?}", alone(a, b)));
        }
    }
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n"));
    assert!(pairs >= 100 && unlinked * 2 >= pairs, "{unlinked} of {pairs}");
}

/// Pairs that are suggested.
fn suggested(ours: &[&str], theirs: &[&str]) -> BTreeSet<(usize, usize)> {
    let mut index = NearIndex::of(ours.iter().enumerate().map(|(at, one)| (at, person(one, ""))));
    for (at, one) in theirs.iter().enumerate() {
        index.consider(&at, person(one, ""));
    }
    index.finish(|_| true).into_iter().map(|one| (one.ours, one.theirs)).collect()
}

#[test]
fn no_suggestion_where_two_are_equally_likely_in_whatever_order_they_come() {
    let jane = ["jane@example.com"];
    assert!(suggested(&jane, &["jane+a@example.com", "jane+b@example.com"]).is_empty());
    let two = ["jane.doe@example.com", "janed.oe@example.com"];
    assert!(suggested(&two, &["janedoe@example.com"]).is_empty());
    // Whoever is as likely for somebody else, too, is nobody's, wherever that one stands.
    for theirs in [
        ["jane.doe@example.com", "janed.oe@example.com"],
        ["janed.oe@example.com", "jane.doe@example.com"],
    ] {
        assert!(suggested(&["janedoe@example.com", "jan.edoe@example.com"], &theirs).is_empty());
    }
}

#[test]
fn the_likelier_one_is_suggested() {
    let found = suggested(
        &["jane.doe@gmail.com"],
        &["jane.doe@gmial.com", "jane.doe@gmail.com\u{200b}", "janedoe@gmail.com"],
    );
    assert_eq!(found, BTreeSet::from([(0, 1)]), "what cannot be seen is the least difference");
}

#[test]
fn a_user_who_is_somebodys_exactly_is_nobodys_near_miss() {
    let ours = ["jane.doe@example.com", "janedoe@example.com"];
    assert!(suggested(&ours, &["JaneDoe@example.com"]).is_empty());
}

/// Those of ours that have a suggestion, if these are asked for.
fn asked(ours: &[(&str, &str)], theirs: &[(&str, &str)], wanted: &[usize]) -> Vec<(usize, usize)> {
    let people = ours.iter().map(|(email, name)| person(email, name)).enumerate();
    let mut index = NearIndex::of(people);
    for (at, (email, name)) in theirs.iter().enumerate() {
        index.consider(&at, person(email, name));
    }
    let found = index.finish(|id| wanted.contains(id));
    found.into_iter().map(|one| (one.ours, one.theirs)).collect()
}

#[test]
fn a_user_nearer_or_as_near_to_a_matched_resident_is_nobody_elses() {
    let copy = ("jane.smithson+DUPEEMAIL+7@example.com", "");
    // The first has a user; the copy is hers, although a letter more makes it the second's.
    let ours = [("jane.smithson@example.com", ""), ("jane.smihtson@example.com", "")];
    assert!(asked(&ours, &[copy], &[1]).is_empty());
    let ours = [("jane.doe@example.com", ""), ("janed.oe@example.com", "")];
    assert!(asked(&ours, &[("janedoe@example.com", "")], &[1]).is_empty());
}

#[test]
fn a_former_entry_with_the_same_email_does_not_stand_in_the_way() {
    let ours = [("jane.doe@gmail.com", "Jane Doe"), ("Jane.Doe@gmail.com", "Jane Doe")];
    let typo = [("jane.doe@gmial.com", "Jane Doe")];
    assert_eq!(asked(&ours, &typo, &[1]), [(1, 0)]);
    assert!(asked(&ours, &typo, &[0, 1]).is_empty(), "two who live here are as likely");
}

#[test]
fn names_decide_between_equal_differences() {
    let ours = [("jane.doe@example.com", "Jane Doe")];
    let theirs = [("jane.doe+a@example.com", "Tom Poe"), ("jane.doe+b@example.com", "Doe, Jane")];
    assert_eq!(asked(&ours, &theirs, &[0]), [(0, 1)]);
    // And between two of ours with one e-mail.
    let couple = [("does@gmail.com", "Jane Doe"), ("does@gmail.com", "John Doe")];
    assert_eq!(asked(&couple, &[("does@gmial.com", "John Doe")], &[0, 1]), [(1, 0)]);
}

#[test]
fn a_user_as_likely_for_two_with_one_email_is_nobodys_although_one_of_them_has_another() {
    let ours = [("does@example.com", ""), ("does@example.com", "Jane Doe")];
    let theirs = [("does+a@example.com", ""), ("does+b@example.com", "Tom Poe")];
    assert!(asked(&ours, &theirs, &[0, 1]).is_empty());
}

#[test]
fn a_user_that_comes_twice_is_told_by_one_email_whichever_came_first() {
    let of = |emails: [&str; 2]| {
        let mut index = NearIndex::of([((), person("jane.doe@example.com", ""))]);
        for email in emails {
            index.consider(&1, person(email, ""));
        }
        index.finish(|()| true)
    };
    let found = of(["jane.doe+b@example.com", "jane.doe+a@example.com"]);
    assert_eq!(found[0].email, "jane.doe+a@example.com");
    assert!(found == of(["jane.doe+a@example.com", "jane.doe+b@example.com"]));
}

#[test]
fn many_that_are_as_near_are_all_remembered() {
    let ours = ["jane.doe@example.com", "jan.edoe@example.com"];
    let tags = (0..20).map(|n| format!("jane.doe+{n}@example.com")).collect::<Vec<_>>();
    let mut theirs: Vec<&str> = tags.iter().map(String::as_str).collect();
    theirs.push("janedoe@example.com");
    assert!(suggested(&ours, &theirs).is_empty());
}

#[test]
fn no_sentence_and_code_is_told_twice_or_holds_an_email() {
    let mut told = BTreeSet::new();
    for one in ALL {
        assert!(one.code().chars().all(|c| c.is_ascii_lowercase() || c == '_'), "{one:?}");
        assert!(one.sentence().ends_with('.') && told.insert(one.sentence()), "{one:?}");
        assert!(told.insert(one.code()), "{one:?}");
        let is_email =
            |word: &str| word.split_once('@').is_some_and(|(local, _)| !local.is_empty());
        assert!(!one.sentence().split(' ').any(is_email), "{one:?}");
    }
    let in_table: BTreeSet<&str> = TABLE
        .lines()
        .filter(|line| !line.starts_with('#'))
        .flat_map(|line| line.rsplit('\t').next().unwrap_or_default().split(' '))
        .filter(|code| !code.is_empty())
        .collect();
    let all: BTreeSet<&str> = ALL.iter().map(|one| one.code()).collect();
    assert_eq!(in_table, all, "the table has each");
}

const ALL: [Difference; 11] = [
    Difference::Invisible,
    Difference::LookAlike,
    Difference::Dots,
    Difference::PlusTag,
    Difference::Robot(Robot::Duplicate),
    Difference::Robot(Robot::Empty),
    Difference::Robot(Robot::Anonymised),
    Difference::DomainTypo,
    Difference::OtherDomain,
    Difference::Letters,
    Difference::SameNameOnly,
];

#[test]
fn a_mailbox_of_very_many_is_nobodys_near_miss() {
    let ours: Vec<String> = (0..60).map(|n| format!("tenant@house{n}.example")).collect();
    let ours: Vec<&str> = ours.iter().map(String::as_str).collect();
    assert!(suggested(&ours, &["tenant@elsewhere.example"]).is_empty());
}

#[test]
fn hostile_text_is_no_address_and_costs_little() {
    let long = "x".repeat(1 << 20);
    for text in ["", "@", "@@", "\0@\0", "\u{202e}@x", &long, &format!("{long}@{long}")] {
        for other in ["jane@example.com", text] {
            let _ = compare(person(text, text), person(other, &long));
            let _ = alone(person(text, text), person(other, other));
        }
    }
}

#[test]
fn no_email_shows_in_debug() {
    let index = NearIndex::<u8, u8>::of([(1, person("canary@example.com", "Canary Doe"))]);
    let mut with = NearIndex::of([(1, person("canary@example.com", ""))]);
    with.consider(&2, person("canary+x@example.com", "Canary Doe"));
    let found = with.finish(|_| true);
    assert_eq!(found.len(), 1);
    let text = format!("{index:?} {found:?} {:?}", person("canary@example.com", "Canary"));
    assert!(!text.to_lowercase().contains("canary"), "{text}");
}
