//! The public interface of each crate as text, which is committed and reviewed; and whether it breaks callers of the last
//! release.

mod changes;
mod listing;

use std::{collections::BTreeSet, fs, path::Path};

pub(crate) use changes::{Changes, Weight};
use semver::Version;

use crate::{
    Failure,
    baseline::{self, Baseline},
    changelog::Changelog,
    workspace,
};

/// Where the listings lie.
const FOLDER: &str = "api";

/// Which types of other crates stand in ours.
const EXTERNAL: &str = "external-types";

/// Compares what the code says with what is committed, and that with the last release.
pub(crate) fn run(bless: bool) -> Result<(), Failure> {
    let root = workspace::root();
    let crates = workspace::published(&root)?;
    listing::build(&root)?;
    let mut external = BTreeSet::new();
    let mut wrong = Vec::new();
    for name in &crates {
        let lines = listing::read(&root, name)?;
        external.extend(lines.iter().flat_map(|line| listing::external(name, line)));
        wrong.extend(kept(&root, name, &lines, bless)?);
    }
    let external: Vec<_> = external.into_iter().collect();
    wrong.extend(kept(&root, EXTERNAL, &external, bless)?);
    if !wrong.is_empty() {
        let wrong = wrong.join("\n");
        let advice = "if that is what is meant: cargo xtask api --bless, and commit it";
        return Err(format!("the public interface is not as committed:\n{wrong}\n{advice}").into());
    }
    println!("{} crates: the public interface is as committed", crates.len());
    since_release(&root, &crates)
}

/// What breaks callers has to be told of.
fn since_release(root: &Path, crates: &[String]) -> Result<(), Failure> {
    let Some(last) = baseline::last(root)? else {
        println!("nothing has been released yet");
        return Ok(());
    };
    if !last.is_here(root)? {
        println!("not compared with {}: there is no history here", last.version);
        return Ok(());
    }
    let changes = changes(root, crates, &last)?;
    println!("since {}: {changes}", last.version);
    if changes.weight() == Weight::Breaks && !Changelog::read(root)?.tells_of_breaking() {
        let lines = changes.breaking().join("\n");
        let advice = "CHANGELOG.md has no heading \"### Breaking\" under Unreleased";
        return Err(format!("callers of {} break:\n{lines}\n{advice}", last.version).into());
    }
    Ok(())
}

/// What has changed since then, by the committed listings.
pub(crate) fn changes(root: &Path, crates: &[String], last: &Baseline) -> Result<Changes, Failure> {
    let mut changes = Changes::default();
    for name in crates {
        let file = file(name);
        let now = fs::read_to_string(root.join(&file))?;
        changes.add(name, &last.file(root, &file)?, &now);
    }
    // A crate that is gone breaks whoever has it.
    for gone in last.listed(root, FOLDER)? {
        let name = gone.trim_end_matches(".txt");
        if name != EXTERNAL && !crates.iter().any(|one| one == name) {
            changes.add(name, &last.file(root, &file(name))?, "");
        }
    }
    Ok(changes)
}

fn file(name: &str) -> String {
    format!("{FOLDER}/{name}.txt")
}

/// What differs from the committed text, or commits it.
fn kept(root: &Path, name: &str, lines: &[String], bless: bool) -> Result<Vec<String>, Failure> {
    let path = root.join(file(name));
    if bless {
        fs::create_dir_all(root.join(FOLDER))?;
        let mut text = lines.join("\n");
        text.push('\n');
        fs::write(path, text)?;
        return Ok(Vec::new());
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    let (kept, now): (BTreeSet<_>, BTreeSet<_>) =
        (kept.lines().collect(), lines.iter().map(String::as_str).collect());
    let gone = kept.difference(&now).map(|line| format!("{name} - {line}"));
    let new = now.difference(&kept).map(|line| format!("{name} + {line}"));
    Ok(gone.chain(new).collect())
}

/// What the ecosystem's own checker makes of it besides: it knows rules that no listing shows, and misses changed types.
pub(crate) fn second_opinion(root: &Path, last: &Baseline, next: &Version) -> Result<(), Failure> {
    const CHECKER: &str = "cargo-semver-checks";
    let tools = root.join("target/tools");
    let program = tools.join("bin").join(CHECKER);
    if !program.exists() {
        let mut install = workspace::command("cargo");
        install.args(["install", "--quiet", "--locked", CHECKER, "--version", "0.51.0", "--root"]);
        workspace::run(install.arg(&tools))?;
    }
    let mut check = workspace::command(program);
    check.args(["semver-checks", "--workspace", "--baseline-rev", &last.commit]);
    check.args(["--release-type", Weight::meant(&last.version, next)]);
    workspace::run(check.current_dir(root))
}
