//! Names of two sides, a line each, parted by an empty line.
#![no_main]

use std::collections::BTreeSet;

use elevate_unit_match::{Likeness, NameIndex, NameKey, compare, match_all, suggest};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let (ours, theirs) = text.split_once("\n\n").unwrap_or((text, ""));
    for (a, b) in ours.lines().zip(theirs.lines()) {
        assert_eq!(compare(a, b), compare(b, a));
        if let Ok(key) = NameKey::of(a) {
            assert_eq!(NameKey::of(key.as_str()).as_ref(), Ok(&key));
        }
    }
    let index = |text: &str| -> NameIndex<usize> {
        text.lines().enumerate().map(|(at, name)| (name.to_owned(), at)).collect()
    };
    let (ours, theirs) = (index(ours), index(theirs));
    let matching = match_all(&ours, &theirs);
    let (mut seen_a, mut seen_b) = (BTreeSet::new(), BTreeSet::new());
    for one in suggest(&matching) {
        assert!(seen_a.insert(*one.ours.item()) && seen_b.insert(*one.theirs.item()));
        // Other names of the two sides can tell how these are read; alike they never are.
        assert!(!one.differences.is_empty());
        assert_ne!(compare(one.ours.name(), one.theirs.name()), Likeness::Same);
    }
});
