//! Cutting a release, and publishing it.

use std::{fs, path::Path, process::Command};

use jiff::Timestamp;
use semver::Version;

use crate::{
    Failure, api,
    baseline::{self, git},
    changelog::Changelog,
    consumer,
    index::Index,
    registry_proof,
    workspace::{self, Manifest},
};

/// Where the version that a service names is written.
const TOLD_IN: [&str; 2] = ["README.md", "crates/access/EMBEDDING.md"];

/// From a clean tree to a commit with its tag; and, where a registry is configured, to that.
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
    workspace::run(cargo(&root).args(["update", "--quiet", "--workspace"]))?;
    let day = Timestamp::now().strftime("%Y-%m-%d").to_string();
    changelog.release(version, &day);
    changelog.write()?;
    // The tree is as it will be tagged, and nothing is final yet.
    registry_proof::run().map_err(|error| {
        format!("{error}\n`git restore .` undoes what was written so far: nothing was committed")
    })?;

    git(&root, &["add", "--update"])?;
    git(&root, &["commit", "--quiet", "--message", &format!("Release {version}")])?;
    git(&root, &["tag", "--annotate", &tag, "--message", &format!("Release {version}")])?;
    let commit = git(&root, &["rev-parse", "HEAD"])?;
    println!("\n{tag} is {commit}");
    if Index::configured().is_some() {
        publish()?;
    } else {
        println!(
            "published nowhere: no index is configured. Later: git checkout {tag}, cargo xtask publish"
        );
    }
    changelog.record(version, commit.trim())?;
    changelog.write()?;
    let message = format!("Changelog: which commit {version} is, for clones without tags");
    git(&root, &["commit", "--quiet", "--all", "--message", &message])?;
    Ok(())
}

/// Publishes what is checked out, and takes it from there.
pub(crate) fn publish() -> Result<(), Failure> {
    let root = workspace::root();
    let index = Index::configured().ok_or("CARGO_REGISTRIES_ELEVATEOS_INDEX names no registry")?;
    let version = Manifest::read(&root)?.version()?;
    is_clean(&root)?;
    let tags = git(&root, &["tag", "--points-at", "HEAD"])?;
    if !tags.lines().any(|tag| tag == format!("v{version}")) {
        return Err(format!(
            "what is checked out is not v{version}: only what is tagged is published"
        )
        .into());
    }
    let crates = workspace::published(&root)?;
    let there = index.has(&root, &crates, &version)?;
    let missing: Vec<_> = crates.iter().filter(|name| !there.contains(*name)).cloned().collect();
    if missing.is_empty() {
        println!("all {} crates of {version} are there", crates.len());
    } else {
        index.publish(&root, &missing)?;
        println!("published {version}: {}", missing.join(", "));
    }
    let folder = tempfile::tempdir()?;
    consumer::make(folder.path(), &crates)?;
    consumer::test(folder.path(), &index)?;
    consumer::uses(folder.path(), &crates, &version, &index)
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
    let status = git(root, &["status", "--porcelain"])?;
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

fn cargo(root: &Path) -> Command {
    let mut cargo = Command::new("cargo");
    cargo.current_dir(root);
    cargo
}
