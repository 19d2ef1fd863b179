//! Two lists of unit names, line by line.

use std::{collections::HashMap, fmt::Write as _};

use elevate_access_report::visible;
use elevate_unit_match::{Likeness, NameIndex, compare, match_all, suggest};

/// A line for each line of the text: ours, theirs, verdict, what is suggested for ours, and why.
pub fn compared(text: &str) -> String {
    let lines: Vec<(&str, &str)> =
        text.lines().map(|line| line.split_once('\t').unwrap_or((line, ""))).collect();
    let side = |of: fn(&(&'_ str, &'_ str)) -> String| -> NameIndex<usize> {
        let named = lines.iter().enumerate().map(|(at, line)| (of(line), at));
        named.filter(|(name, _)| !name.is_empty()).collect()
    };
    let (ours, theirs) = (side(|line| line.0.to_owned()), side(|line| line.1.to_owned()));
    let matching = match_all(&ours, &theirs);
    let matched = matching.pairs.iter().map(|pair| (*pair.ours.item(), pair.theirs.name()));
    let suggested = suggest(&matching);
    let suggested: HashMap<usize, &str> =
        suggested.iter().map(|one| (*one.ours.item(), one.theirs.name())).chain(matched).collect();

    let mut out = String::new();
    for (at, (ours, theirs)) in lines.iter().enumerate() {
        let (verdict, why) = match compare(ours, theirs) {
            Likeness::Same => ("same", "One name: only case differs, if anything.".to_owned()),
            Likeness::Near(found) => {
                let why: Vec<String> =
                    found.iter().map(|one| format!("{}: {}", one.code(), one.sentence())).collect();
                ("near", why.join(" "))
            }
            Likeness::Different => ("different", "Two names.".to_owned()),
        };
        let suggestion = suggested.get(&at).map_or_else(|| "-".to_owned(), |name| visible(name));
        // Writing to a String does not fail.
        let _ =
            writeln!(out, "{}\t{}\t{verdict}\t{suggestion}\t{why}", visible(ours), visible(theirs));
    }
    out
}
