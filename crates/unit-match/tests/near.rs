//! Near-misses, against a table of how apartments are named, and over whole sides.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use elevate_unit_match::{Difference, Likeness, NameIndex, compare, match_all, suggest};

/// The table: country, ours, theirs, verdict, differences.
const TABLE: &str = include_str!("../../../fixtures/names/units.tsv");

/// Text with `\u{…}` for what cannot be seen in a file.
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

fn verdict(likeness: &Likeness) -> (&'static str, String) {
    match likeness {
        Likeness::Same => ("same", String::new()),
        Likeness::Near(found) => {
            ("near", found.iter().map(|one| one.code()).collect::<Vec<_>>().join(" "))
        }
        Likeness::Different => ("different", String::new()),
    }
}

/// What is suggested if these two are all there is.
fn alone(ours: &str, theirs: &str) -> Option<Vec<Difference>> {
    let ours: NameIndex<()> = [(ours, ())].into_iter().collect();
    let theirs: NameIndex<()> = [(theirs, ())].into_iter().collect();
    let matching = match_all(&ours, &theirs);
    suggest(&matching).pop().map(|one| one.differences)
}

#[test]
fn every_pair_of_the_table_has_its_verdict_and_reasons() {
    let mut wrong = Vec::new();
    let (mut pairs, mut different) = (0, 0);
    for line in TABLE.lines().filter(|line| !line.starts_with('#')) {
        let fields: Vec<&str> = line.split('\t').collect();
        let [country, ours, theirs, expected, reasons] = fields[..] else { panic!("{line}") };
        let (ours, theirs) = (unescaped(ours), unescaped(theirs));
        pairs += 1;
        different += u32::from(expected == "different");
        let likeness = compare(&ours, &theirs);
        let said = verdict(&likeness);
        if (said.0, said.1.as_str()) != (expected, reasons) {
            wrong
                .push(format!("{country} {ours:?} {theirs:?}: {said:?}, not {expected} {reasons}"));
        }
        // Alone with each other, what is near is suggested, and nothing else.
        let suggested = alone(&ours, &theirs);
        let near = if let Likeness::Near(found) = likeness { Some(found) } else { None };
        if suggested != near {
            wrong.push(format!("{ours:?} {theirs:?}: alone {suggested:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n"));
    assert!(pairs >= 200 && different * 2 >= pairs, "{different} of {pairs}");
}
