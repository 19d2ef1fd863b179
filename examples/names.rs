//! Compares two lists of unit names: which match, which nearly do, and why.
//!
//! ```sh
//! cargo run --example names -- FILE.tsv
//! ```
//!
//! Each line of the file holds one of our names, a tab, and one of theirs; either may be missing. It prints a line
//! for each: ours, theirs, verdict (`same`, `near`, `different`), what would be suggested for ours over the whole
//! file, and why.

use std::{
    env, fs,
    io::{self, Write as _},
    process::ExitCode,
};

use elevate_examples::names::compared;

fn main() -> ExitCode {
    let mut arguments = env::args().skip(1);
    let (Some(file), None) = (arguments.next(), arguments.next()) else {
        let usage = "usage: names FILE.tsv (ours, a tab, theirs; a line each)";
        let _ = writeln!(io::stderr(), "{usage}");
        return ExitCode::from(2);
    };
    match fs::read_to_string(&file) {
        Ok(text) => match io::stdout().write_all(compared(&text).as_bytes()) {
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => ExitCode::from(2),
        },
        Err(error) => {
            let _ = writeln!(io::stderr(), "names: the file cannot be read: {error}");
            ExitCode::from(2)
        }
    }
}
