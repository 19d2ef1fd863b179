//! The way from this workspace to a service that depends on it, through a registry.

use std::{
    collections::BTreeSet,
    env, fs,
    path::{Path, PathBuf},
    time::Instant,
};

use crate::{
    Failure,
    baseline::git,
    consumer, origin,
    registry::{self, Registry},
    workspace::{self, Manifest},
};

/// Of the workspace in that folder.
pub(crate) fn of(root: &Path) -> Result<(), Failure> {
    let begun = Instant::now();
    let step = |text: &str| println!("\n-- {text} ({} s)", begun.elapsed().as_secs());
    let _caches = Caches::before();

    step("a registry on loopback");
    let program = registry::installed()?;
    let folder = tempfile::tempdir()?;
    let at = |name: &str| folder.path().join(name);
    fs::create_dir(at("data"))?;
    let registry = Registry::start(&program, &at("data"))?;
    let index = registry.index();

    step("publishing the workspace");
    let ours = at("ours");
    workspace::copy(root, &ours)?;
    let commit = commit(&ours)?;
    let mut manifest = Manifest::read(&ours)?;
    let first = manifest.version()?;
    let crates = workspace::published(&ours)?;
    index.publish(&ours, &crates)?;
    println!("{} crates of {first}: {}", crates.len(), crates.join(", "));

    step("a version is published once");
    if index.publish(&ours, &crates[..1]).is_ok() {
        return Err("the same version was taken twice".into());
    }
    let there = index.has(&ours, &crates, &first)?;
    if there.len() != crates.len() || !index.has(&ours, &crates, "999.0.0")?.is_empty() {
        return Err("the registry does not tell which versions it has".into());
    }
    let other = "0".repeat(commit.len());
    if !origin::others(&index, &there, &first, &commit)?.is_empty()
        || origin::others(&index, &there, &first, &other)?.len() != crates.len()
    {
        return Err("the registry's crates do not tell of which commit they are".into());
    }

    step("a service elsewhere, with nothing but the version, built and run");
    let service = at("service");
    consumer::make(root, &service, &crates)?;
    consumer::test(&service, &index)?;
    consumer::uses(&service, &crates, &first, &index)?;

    step("a second version, which the service takes by an update");
    let second = next_patch(&first)?;
    manifest.set_version(&second);
    manifest.write()?;
    index.publish(&ours, &crates)?;
    workspace::run(index.cargo(&service).args(["update", "--quiet"]).args(&crates))?;
    consumer::uses(&service, &crates, &second, &index)?;
    consumer::test(&service, &index)?;

    step("a mirror, which is pulled from and never published to");
    workspace::copy_folder(&at("data"), &at("mirrored"))?;
    let mirror = Registry::start(&program, &at("mirrored"))?;
    drop(registry);
    let pulling = at("pulling");
    consumer::make(root, &pulling, &crates)?;
    workspace::run(mirror.index().cargo(&pulling).args(["fetch", "--quiet"]))?;
    consumer::uses(&pulling, &crates, &second, &mirror.index())?;
    println!(
        "\nproven in {} s: {} crates, {first} and {second}",
        begun.elapsed().as_secs(),
        crates.len()
    );
    Ok(())
}

/// Makes that folder a repository, and says which commit it is at.
fn commit(folder: &Path) -> Result<String, Failure> {
    git(folder, &["init", "--quiet"])?;
    git(folder, &["add", "--all"])?;
    let author = [
        "-c",
        "user.name=proof",
        "-c",
        "user.email=proof@example.invalid",
        "-c",
        "commit.gpgsign=false",
    ];
    git(folder, &[&author[..], &["commit", "--quiet", "--message", "proof"]].concat())?;
    Ok(git(folder, &["rev-parse", "HEAD"])?.trim().to_owned())
}

fn next_patch(version: &str) -> Result<String, Failure> {
    let (rest, patch) = version.rsplit_once('.').ok_or("a version has three numbers")?;
    Ok(format!("{rest}.{}", patch.parse::<u64>()? + 1))
}

/// What cargo kept of registries on loopback. What comes besides goes with this, since nobody needs it again.
struct Caches(BTreeSet<PathBuf>);

impl Caches {
    fn before() -> Self {
        Self(Self::found())
    }

    fn found() -> BTreeSet<PathBuf> {
        let home = env::var_os("CARGO_HOME").map(PathBuf::from);
        let home = home.or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(".cargo")));
        let Some(home) = home else { return BTreeSet::new() };
        let folders = ["index", "cache", "src"].map(|name| home.join("registry").join(name));
        let entries = folders.iter().filter_map(|folder| fs::read_dir(folder).ok()).flatten();
        let entries = entries.filter_map(Result::ok);
        let loopback =
            entries.filter(|entry| entry.file_name().to_string_lossy().starts_with("127.0.0.1-"));
        loopback.map(|entry| entry.path()).collect()
    }
}

impl Drop for Caches {
    fn drop(&mut self) {
        for made in Self::found().difference(&self.0) {
            let _ = fs::remove_dir_all(made);
        }
    }
}
