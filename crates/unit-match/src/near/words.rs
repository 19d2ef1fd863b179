//! Words that go with an apartment's number, as they are written in the US, the UK, Germany, Austria, France, the
//! Czech Republic, Brazil, India and Japan. In lower case, accents as marks of their own (NFD).

/// Words that say no more than "apartment". Those that name something else stay in the name: a suite, a shop, a
/// garage, a penthouse.
const UNIT: &[&str] = &[
    "#",
    "apt",
    "apts",
    "apartment",
    "unit",
    "flat",
    "no",
    "nr",
    "num",
    "number",
    "wohnung",
    "whg",
    "wohneinheit",
    "we",
    "top",
    "tur",
    "tu\u{308}r",
    "appartement",
    "appartment",
    "appt",
    "app",
    "logement",
    "lgt",
    "porte",
    "numero",
    "nume\u{301}ro",
    "nu\u{301}mero",
    "byt",
    "c\u{30c}",
    "cislo",
    "c\u{30c}i\u{301}slo",
    "bytova",
    "bytova\u{301}",
    "jednotka",
    "apartamento",
    "apto",
    "ap",
    "unidade",
    "unid",
    "qtr",
    "quarter",
    "door",
    "hno",
    "号室",
    "号",
    "室",
];

/// Those of them that stand before a number only: after one, or before a word, they say something else.
const BEFORE_NUMBER: &[&str] = &[
    "no",
    "nr",
    "num",
    "number",
    "we",
    "top",
    "tur",
    "tu\u{308}r",
    "porte",
    "numero",
    "nume\u{301}ro",
    "nu\u{301}mero",
    "c\u{30c}",
    "cislo",
    "c\u{30c}i\u{301}slo",
    "door",
    "quarter",
    "qtr",
    "hno",
];

/// Words for a building, or a part of one, that go with a name of it: those of a line say the same. "Tower 1" and
/// "Block 1" may stand side by side.
const BUILDING: &[&[&str]] = &[
    &[
        "building",
        "bldg",
        "bld",
        "haus",
        "gebaude",
        "geba\u{308}ude",
        "batiment",
        "ba\u{302}timent",
        "bat",
        "ba\u{302}t",
        "budova",
        "dum",
        "du\u{30a}m",
        "edificio",
        "edifi\u{301}cio",
        "棟",
    ],
    &["tower", "twr", "torre"],
    &["block", "blk", "bloco"],
    &["wing"],
    &["phase"],
    &["eingang", "aufgang"],
    &["stiege"],
    &["escalier", "esc"],
    &["vchod"],
];

/// Words for a floor, that go with its number, likewise: from where floors are counted differs.
const FLOOR: &[&[&str]] = &[
    &["floor", "fl", "flr"],
    &["level", "lvl"],
    &["stock", "og"],
    &["etage", "e\u{301}tage"],
    &["patro"],
    &["andar"],
    &["階"],
];

/// What is said before or after a number to make it the first, the second.
const ORDINAL: &[&str] = &["st", "nd", "rd", "th", "er", "ere", "eme", "e", "o", "a"];

pub(super) fn is_unit(word: &str) -> bool {
    UNIT.contains(&word)
}

pub(super) fn stands_before(word: &str) -> bool {
    BEFORE_NUMBER.contains(&word)
}

/// Whether it begins with one of these words, so that what follows may be a value: `BlockAB`.
pub(super) fn begins_with_one(word: &str) -> bool {
    let of = |words: &[&str]| words.iter().any(|one| one.len() >= 4 && word.starts_with(one));
    of(UNIT) || BUILDING.iter().chain(FLOOR).any(|words| of(words))
}

/// What a word for a building says, as the first of those that say it.
pub(super) fn building(word: &str) -> Option<&'static str> {
    sense(BUILDING, word)
}

/// The same for a floor.
pub(super) fn floor(word: &str) -> Option<&'static str> {
    sense(FLOOR, word)
}

fn sense(senses: &[&[&'static str]], word: &str) -> Option<&'static str> {
    senses.iter().find(|words| words.contains(&word)).and_then(|words| words.first().copied())
}

pub(super) fn is_ordinal(word: &str) -> bool {
    ORDINAL.contains(&word)
}
