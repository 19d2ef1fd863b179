//! How matching and suggesting grow: ratios taken in one run, each the best of three.
//!
//! ```sh
//! cargo bench -p elevate-unit-match
//! ```
#![expect(clippy::print_stdout, reason = "it prints its figures")]
#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]

use std::{
    collections::HashMap,
    hint::black_box,
    time::{Duration, Instant},
};

use elevate_unit_match::{NameIndex, match_all, suggest};

const NAMES: usize = 100_000;

fn best(mut work: impl FnMut()) -> Duration {
    let once = |work: &mut dyn FnMut()| {
        let begun = Instant::now();
        work();
        begun.elapsed()
    };
    (0..3).map(|_| once(&mut work)).min().unwrap_or_default()
}

/// The plain thing: names in lower case, joined by a hash.
fn plain_join(ours: &[String], theirs: &[String]) -> usize {
    let ours: HashMap<String, usize> =
        ours.iter().enumerate().map(|(at, name)| (name.to_lowercase(), at)).collect();
    theirs.iter().filter(|name| ours.contains_key(&name.to_lowercase())).count()
}

fn join(what: &str, name: impl Fn(usize) -> String) {
    let ours: Vec<String> = (0..NAMES).map(&name).collect();
    let theirs: Vec<String> = (0..NAMES).rev().map(|at| name(at).to_uppercase()).collect();
    let plain = best(|| {
        black_box(plain_join(&ours, &theirs));
    });
    let index = |names: &[String]| -> NameIndex<usize> {
        names.iter().enumerate().map(|(at, name)| (name.as_str(), at)).collect()
    };
    let matched = best(|| {
        let (ours, theirs) = (index(&ours), index(&theirs));
        black_box(match_all(&ours, &theirs).pairs.len());
    });
    let (ours, theirs) = (index(&ours), index(&theirs));
    let pairs = match_all(&ours, &theirs).pairs.len();
    let ratio = matched.as_secs_f64() / plain.as_secs_f64();
    println!(
        "match {what:<24} {pairs} pairs  {ratio:.2} times a plain join ({matched:.0?}, {plain:.0?})"
    );
}

fn suggestions(count: usize) -> f64 {
    let ours: NameIndex<usize> = (0..count).map(|at| (format!("Apt {at}"), at)).collect();
    let theirs: NameIndex<usize> = (0..count).map(|at| (format!("#{at:07}"), at)).collect();
    let matching = match_all(&ours, &theirs);
    let mut found = 0;
    let took = best(|| found = black_box(suggest(&matching).len()));
    let each =
        took.as_secs_f64() * 1e6 / usize::max(count, 1).to_string().parse::<f64>().unwrap_or(1.0);
    println!("suggest {count:>7} left over   {found:>7} found  {each:.2} µs each ({took:.0?})");
    each
}

fn main() {
    join("numbers", |at| format!("Apt {at}"));
    join("longer names", |at| format!("Building {} / Apartment {at}", at % 17));
    join("a letter with an accent", |at| format!("Wohnung {at} Gärten"));
    join("no ASCII at all", |at| {
        let digits = ['Ä', 'Ö', 'Ü', 'É', 'È', 'Ñ', 'Ç', 'Ø', 'Å', 'Þ'];
        at.to_string().bytes().map(|digit| digits[usize::from(digit - b'0')]).collect()
    });
    let few = suggestions(5_000);
    let some = suggestions(50_000);
    let many = suggestions(500_000);
    println!(
        "each costs {:.2} and {:.2} times as much with 10 and 100 times as many",
        some / few,
        many / few
    );
}
