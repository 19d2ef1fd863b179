//! E-mails and names of two sides: lines of e-mail, tab, name, the sides parted by an empty line.
#![no_main]

use std::collections::BTreeSet;

use elevate_openpath::emails::{NearIndex, Person, compare};
use libfuzzer_sys::fuzz_target;

fn person(line: &str) -> Person<'_> {
    match line.split_once('\t') {
        Some((email, name)) => Person { email, name: Some(name) },
        None => Person { email: line, name: None },
    }
}

fuzz_target!(|text: &str| {
    let (ours, theirs) = text.split_once("\n\n").unwrap_or((text, ""));
    for (a, b) in ours.lines().zip(theirs.lines()) {
        assert_eq!(compare(person(a), person(b)), compare(person(b), person(a)));
    }
    let mut index = NearIndex::of(ours.lines().map(person).enumerate());
    for (at, line) in theirs.lines().enumerate() {
        index.consider(&at, person(line));
    }
    let (mut seen_a, mut seen_b) = (BTreeSet::new(), BTreeSet::new());
    for one in index.finish(|_| true) {
        assert!(seen_a.insert(one.ours) && seen_b.insert(one.theirs));
    }
});
