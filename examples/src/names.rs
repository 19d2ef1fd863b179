//! Two lists of unit names, line by line.

use std::{collections::HashMap, fmt::Write as _};

use elevate_access_report::visible;
use elevate_unit_match::{Likeness, Lookup, NameIndex, compare, match_all, suggest};

/// The first line, counted from one, that holds more than two names: a tab parts ours from theirs, and nothing else.
pub fn too_wide(text: &str) -> Option<usize> {
    text.lines().position(|line| line.matches('\t').count() > 1).map(|before| before + 1)
}

/// A line for each line of the text: ours, theirs, the verdict on the two, what ours is or likely is in the whole
/// file (`-` for nothing), and why. The reason is that of the verdict where both are of one line, else that of what is
/// suggested.
pub fn compared(text: &str) -> String {
    let lines: Vec<(&str, &str)> =
        text.lines().map(|line| line.split_once('\t').unwrap_or((line, ""))).collect();
    let side = |of: fn(&(&'_ str, &'_ str)) -> String| -> NameIndex<usize> {
        let named = lines.iter().enumerate().map(|(at, line)| (of(line), at));
        named.filter(|(name, _)| !name.is_empty()).collect()
    };
    let ours_all = side(|line| line.0.to_owned());
    let theirs_all = side(|line| line.1.to_owned());
    let matching = match_all(&ours_all, &theirs_all);
    let matched = matching.pairs.iter().map(|pair| (*pair.ours.item(), pair.theirs.name()));
    let suggested = suggest(&matching);
    let suggested: HashMap<usize, &str> =
        suggested.iter().map(|one| (*one.ours.item(), one.theirs.name())).chain(matched).collect();

    let mut out = String::new();
    for (at, (ours, theirs)) in lines.iter().enumerate() {
        let (verdict, why) = reason(ours, theirs);
        let elsewhere = suggested.get(&at).filter(|name| **name != *theirs);
        let why = match (ours_all.get(ours), theirs_all.get(ours), elsewhere) {
            (Lookup::Doubled(_), ..) => {
                "It stands more than once among ours, so it matches nothing.".into()
            }
            (_, Lookup::Doubled(_), _) => {
                "It stands more than once among theirs, so it matches nothing.".into()
            }
            (.., Some(name)) => reason(ours, name).1,
            _ if ours.is_empty() => "No name of ours in this line.".into(),
            _ if theirs.is_empty() => {
                "Nothing of theirs in this line, and nothing like it elsewhere.".into()
            }
            _ => why,
        };
        let suggestion = suggested.get(&at).map_or_else(|| "-".to_owned(), |name| visible(name));
        // Writing to a String does not fail.
        let _ =
            writeln!(out, "{}\t{}\t{verdict}\t{suggestion}\t{why}", visible(ours), visible(theirs));
    }
    out
}

/// The verdict on two names, and why.
fn reason(ours: &str, theirs: &str) -> (&'static str, String) {
    match compare(ours, theirs) {
        Likeness::Same => ("same", "One name: only case differs, if anything.".to_owned()),
        Likeness::Near(found) => {
            let why: Vec<String> =
                found.iter().map(|one| format!("{}: {}", one.code(), one.sentence())).collect();
            ("near", why.join(" "))
        }
        Likeness::Different => ("different", "Two names.".to_owned()),
    }
}
