//! Cutting a release, and publishing it.

use std::{fs, path::Path};

use jiff::Timestamp;
use semver::Version;
use tempfile::TempDir;

use crate::{
    Failure, api,
    baseline::{self, git},
    changelog::Changelog,
    consumer,
    index::Index,
    origin, registry_proof,
    workspace::{self, Manifest},
};

/// Where the version that a service names is written.
const TOLD_IN: [&str; 2] = ["README.md", "crates/access/EMBEDDING.md"];

/// From a clean tree to a proven commit with its tag; and, where a registry is configured, to that.
pub(crate) fn cut(version: &Version) -> Result<(), Failure> {
    let root = workspace::root();
    let tag = format!("v{version}");
    is_clean(&root)?;
    if !git(&root, &["tag", "--list", &tag])?.is_empty() {
        return Err(format!("there is {tag} already").into());
    }
    let mut changelog = Changelog::read(&root)?;
    if changelog.unreleased().is_empty() {
        return Err("CHANGELOG.md has nothing under Unreleased: there is nothing to release".into());
    }
    follows(&root, version)?;

    let mut manifest = Manifest::read(&root)?;
    let before: Version = manifest.version()?.parse()?;
    manifest.set_version(&version.to_string());
    manifest.write()?;
    tell(&root, &before, version)?;
    let mut update = workspace::command("cargo");
    workspace::run(update.args(["update", "--quiet", "--workspace"]).current_dir(&root))?;
    let day = Timestamp::now().strftime("%Y-%m-%d").to_string();
    changelog.release(version, &day);
    changelog.write()?;
    git(&root, &["add", "--update"])?;
    git(&root, &["commit", "--quiet", "--message", &format!("Release {version}")])?;
    let commit = git(&root, &["rev-parse", "HEAD"])?.trim().to_owned();
    // What is proven is what will be tagged, whatever lies about here meanwhile.
    let proven = checkout(&root, &commit)?;
    registry_proof::of(proven.path()).map_err(|error| {
        format!("{error}\nnothing is tagged; `git reset --hard {commit}~1` takes the commit back")
    })?;
    let message = format!("Release {version}");
    git(&root, &["tag", "--annotate", &tag, "--message", &message, &commit])?;
    println!("\n{tag} is {commit}");
    changelog.record(version, &commit)?;
    changelog.write()?;
    let message = format!("Changelog: which commit {version} is, for clones without tags");
    git(&root, &["commit", "--quiet", "--message", &message, "--", "CHANGELOG.md"])?;
    if Index::configured().is_some() {
        return publish(version);
    }
    println!("published nowhere: no index is configured. Later: cargo xtask publish {version}");
    Ok(())
}

/// Publishes what is tagged as that version, and takes it from there.
pub(crate) fn publish(version: &Version) -> Result<(), Failure> {
    let index = Index::configured().ok_or("CARGO_REGISTRIES_ELEVATEOS_INDEX names no registry")?;
    let root = workspace::root();
    // Never from the working tree, which may hold what no tag names and git does not tell of.
    let tagged = checkout(&root, &format!("refs/tags/v{version}"))?;
    let tagged = tagged.path();
    let commit = git(tagged, &["rev-parse", "HEAD"])?.trim().to_owned();
    let written = Changelog::read(&root)?.commit_of(version)?;
    if written.as_ref().is_some_and(|written| *written != commit) {
        return Err(format!("v{version} is {commit}, and CHANGELOG.md says otherwise").into());
    }
    let version = version.to_string();
    let named = Manifest::read(tagged)?.version()?;
    if named != version {
        return Err(format!("what is tagged v{version} says that it is {named}").into());
    }
    let crates = workspace::published(tagged)?;
    let there = index.has(tagged, &crates, &version)?;
    // A tag may have been moved since some of them were published.
    let others = origin::others(&index, &there, &version, &commit)?;
    if !others.is_empty() {
        return Err(format!("the registry has {version} of another commit: {others:?}").into());
    }
    let missing: Vec<_> = crates.iter().filter(|name| !there.contains(*name)).cloned().collect();
    if missing.is_empty() {
        println!("all {} crates of {version} are there", crates.len());
    } else {
        index.publish(tagged, &missing)?;
        println!("published {version}: {}", missing.join(", "));
    }
    let folder = tempfile::tempdir()?;
    consumer::make(tagged, folder.path(), &crates)?;
    consumer::test(folder.path(), &index)?;
    consumer::uses(folder.path(), &crates, &version, &index)
}

/// A fresh checkout of that commit, beside this one.
fn checkout(root: &Path, commit: &str) -> Result<TempDir, Failure> {
    let folder = tempfile::tempdir()?;
    let to = folder.path().display().to_string();
    let from = root.display().to_string();
    git(root, &["clone", "--quiet", "--no-checkout", &from, &to])?;
    git(folder.path(), &["checkout", "--quiet", "--detach", commit])?;
    Ok(folder)
}

/// Whether that version may come after the last one, by what has changed since.
fn follows(root: &Path, version: &Version) -> Result<(), Failure> {
    api::run(false)?;
    let Some(last) = baseline::last(root)? else { return Ok(()) };
    let changes = api::changes(root, &workspace::published(root)?, &last)?;
    if !changes.weight().allows(&last.version, version) {
        let lines = changes.breaking().join("\n");
        return Err(format!("{version} may not follow {}: {changes}\n{lines}", last.version).into());
    }
    // What the listings do not show. It judges by the version in the manifest, which is the last one's still.
    api::second_opinion(root, &last, version)
}

fn is_clean(root: &Path) -> Result<(), Failure> {
    let status = git(root, &["status", "--porcelain", "--untracked-files=normal"])?;
    if status.is_empty() {
        return Ok(());
    }
    Err(format!("there are changes that are not committed:\n{status}").into())
}

/// Says in the guides which version to name.
fn tell(root: &Path, before: &Version, now: &Version) -> Result<(), Failure> {
    let named = |version| format!("version = \"{}\", registry", Manifest::requirement(version));
    for file in TOLD_IN {
        let file = root.join(file);
        let text = fs::read_to_string(&file)?;
        let (from, to) = (named(before), named(now));
        if !text.contains(&from) {
            return Err(format!("{} does not say {from}", file.display()).into());
        }
        fs::write(&file, text.replace(&from, &to))?;
    }
    Ok(())
}
