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

/// Microseconds for each of so many names.
fn each(took: Duration, count: u32) -> f64 {
    took.as_secs_f64() * 1e6 / f64::from(count.max(1))
}

type Spelling = fn(u32) -> String;

fn suggestions(what: &str, count: u32, ours: Spelling, theirs: Spelling) -> f64 {
    let index =
        |name: Spelling| -> NameIndex<u32> { (1..=count).map(|at| (name(at), at)).collect() };
    let (ours, theirs) = (index(ours), index(theirs));
    let matching = match_all(&ours, &theirs);
    let mut found = 0;
    let took = best(|| found = black_box(suggest(&matching).len()));
    let each = each(took, count);
    println!(
        "suggest {what:<16} {count:>7} left over {found:>7} found  {each:.2} µs each ({took:.0?})"
    );
    each
}

/// How a plain join of as many names grows: what the machine's caches alone cost.
fn plain_growth(count: u32) -> f64 {
    let names: Vec<String> = (1..=count).map(|at| format!("Apt {at}")).collect();
    let took = best(|| {
        black_box(plain_join(&names, &names));
    });
    each(took, count)
}

fn grown(what: &str, of: impl Fn(u32) -> f64) {
    let few = of(5_000);
    let (some, many) = (of(50_000) / few, of(500_000) / few);
    println!(
        "{what}: each costs {some:.2} and {many:.2} times as much with 10 and 100 times as many"
    );
}

fn main() {
    join("numbers", |at| format!("Apt {at}"));
    join("longer names", |at| format!("Building {} / Apartment {at}", at % 17));
    join("a letter with an accent", |at| format!("Wohnung {at} Gärten"));
    join("no ASCII at all", |at| {
        let digits = ['Ä', 'Ö', 'Ü', 'É', 'È', 'Ñ', 'Ç', 'Ø', 'Å', 'Þ'];
        at.to_string().bytes().map(|digit| digits[usize::from(digit - b'0')]).collect()
    });
    grown("plain join", plain_growth);
    let words: (Spelling, Spelling) = (|at| format!("Apt {at}"), |at| format!("#{at:07}"));
    let places: (Spelling, Spelling) =
        (|at| format!("Tower A, Apt {at}"), |at| format!("Unit {at}"));
    let slips: (Spelling, Spelling) =
        (|at| format!("Sunflower {at}"), |at| format!("Sunfower {at}"));
    let strangers: (Spelling, Spelling) = (|at| format!("Apt {at}"), |at| format!("Shop {at}"));
    for (what, (ours, theirs)) in
        [("words", words), ("places", places), ("slips", slips), ("nothing alike", strangers)]
    {
        grown(what, |count| suggestions(what, count, ours, theirs));
    }
}
