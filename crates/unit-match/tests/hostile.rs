//! Names that were made to hurt: they cost little, match nothing, and are findings.

use elevate_unit_match::{Finding, Lookup, NameIndex, NameKey, Unusable, match_all};

const MEGABYTES: usize = 8 << 20;

fn of_bytes(piece: &str, bytes: usize) -> String {
    piece.repeat(bytes / piece.len())
}

#[test]
fn a_name_of_megabytes_is_too_long() {
    for piece in ["a", "é", "\u{301}", "\u{301}\u{323}\u{345}", "\u{FDFA}", "\u{1D160}", "한", "ΐ"]
    {
        let name = of_bytes(piece, MEGABYTES);
        assert_eq!(NameKey::of(&name), Err(Unusable::TooLong), "{piece:?}");
        assert_eq!(NameKey::of(&format!("101{name}")), Err(Unusable::TooLong), "{piece:?}");
    }
}

#[test]
fn megabytes_of_nothing_are_blank() {
    for piece in [" ", "\u{200B}", "\u{E0041}", "\0"] {
        assert_eq!(NameKey::of(&of_bytes(piece, MEGABYTES)), Err(Unusable::Blank), "{piece:?}");
    }
    assert_eq!(
        NameKey::of(&format!("{}1", of_bytes("\u{200B}", MEGABYTES))),
        Err(Unusable::TooLong)
    );
}

#[test]
fn a_flood_of_marks_within_the_bound_is_sorted_and_matches() {
    let marks = ["\u{301}", "\u{323}", "\u{345}", "\u{5B0}"];
    let forth: String = marks.iter().cycle().take(400).copied().collect();
    let back: String = marks.iter().rev().cycle().take(400).copied().collect();

    let (a, b) = (format!("A{forth}"), format!("a{back}"));

    assert_eq!(NameKey::of(&a).unwrap(), NameKey::of(&b).unwrap());
}

#[test]
fn the_bound_is_on_the_key_so_no_spelling_of_a_double_slips_past_it() {
    // 1,023 bytes composed and 1,534 decomposed; the key is the decomposed one.
    let composed = format!("a{}", "é".repeat(511));
    let decomposed = format!("A{}", "e\u{301}".repeat(511));
    // 3,072 bytes as written, 1,024 as a key.
    let kelvin = "\u{212A}".repeat(NameKey::MAX_BYTES);
    let letters = "k".repeat(NameKey::MAX_BYTES);

    assert_eq!(NameKey::of(&composed), Err(Unusable::TooLong));
    assert_eq!(NameKey::of(&decomposed), Err(Unusable::TooLong));
    let index: NameIndex<u8> = [(kelvin, 1), (letters.clone(), 2)].into_iter().collect();
    assert!(matches!(index.get(&letters), Lookup::Doubled([_, _])));
}

#[test]
fn the_longest_name_matches_and_one_byte_more_does_not() {
    let longest = "x".repeat(NameKey::MAX_BYTES);
    let longer = "x".repeat(NameKey::MAX_BYTES + 1);
    let ours: NameIndex<u8> = [(longest.clone(), 1), (longer.clone(), 2)].into_iter().collect();
    let theirs: NameIndex<u8> = [(longer, 1), (longest, 2)].into_iter().collect();

    let matching = match_all(&ours, &theirs);

    assert_eq!(matching.pairs.len(), 1);
    assert!(matches!(matching.ours[..], [Finding::TooLong(unit)] if *unit.item() == 2));
    assert!(matches!(matching.theirs[..], [Finding::TooLong(unit)] if *unit.item() == 1));
}

#[test]
fn an_index_prints_counts_and_not_a_hundred_thousand_names() {
    let index: NameIndex<u32> = (0..100_000).map(|n| (format!("Unit {n}"), n)).collect();

    assert_eq!(
        format!("{index:?}"),
        "NameIndex { len: 100000, doubled: 0, blank: 0, too_long: 0, .. }"
    );
}
