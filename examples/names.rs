//! Compares two lists of unit names: which match, which nearly do, and why.
//!
//! ```sh
//! cargo run --example names -- FILE.tsv
//! ```
//!
//! `--help` says what the file holds and what is printed.

use std::{
    env, fs,
    io::{self, Write as _},
    process::ExitCode,
};

use elevate_examples::names::{compared, too_wide};

const HELP: &str = "\
usage: names FILE.tsv

Each line of the file holds one of our names, a tab, and one of theirs; either may be missing, and the two lists need
not be in one order. For each line it prints, with tabs between:

  ours, theirs        as they stand in the line
  verdict             on these two: same, near or different
  counterpart         what ours matches, or likely is, in the whole of theirs; - for nothing
  why                 in what ours and that counterpart differ, or why there is none

A file to try: printf 'Apt 101\\tapt 101\\nApt 1O2\\tApt 102\\n' > units.tsv

Only `same` lets anybody in. A near name is for a person to correct.";

fn main() -> ExitCode {
    let mut arguments = env::args().skip(1);
    let (Some(file), None) = (arguments.next(), arguments.next()) else {
        let _ = writeln!(io::stderr(), "{HELP}");
        return ExitCode::from(2);
    };
    if file == "--help" || file == "-h" {
        let _ = writeln!(io::stdout(), "{HELP}");
        return ExitCode::SUCCESS;
    }
    match fs::read_to_string(&file) {
        Ok(text) if let Some(line) = too_wide(&text) => {
            let _ = writeln!(
                io::stderr(),
                "names: line {line} has more than two columns; one of our names, a tab and one of theirs are meant"
            );
            ExitCode::from(2)
        }
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
