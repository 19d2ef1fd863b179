//! The way from this workspace to a service that depends on it, through a registry.

use std::{
    collections::BTreeSet,
    env, fs,
    path::{Path, PathBuf},
    time::Instant,
};

use crate::{
    Failure,
    registry::{self, Registry},
    workspace::{self, Manifest, REGISTRY},
};

/// What the service's workspace has beside the service: a package that uses every crate, so that each is built as it was
/// published.
const EVERYTHING: &str = "everything";

pub(crate) fn run() -> Result<(), Failure> {
    let begun = Instant::now();
    let step = |text: &str| println!("\n-- {text} ({} s)", begun.elapsed().as_secs());
    let _caches = Caches::before();

    step("a registry on loopback");
    let program = registry::installed()?;
    let folder = tempfile::tempdir()?;
    let at = |name: &str| folder.path().join(name);
    fs::create_dir(at("data"))?;
    let registry = Registry::start(&program, &at("data"))?;

    step("publishing the workspace");
    let ours = at("ours");
    workspace::copy(&ours)?;
    let mut manifest = Manifest::read(&ours)?;
    let first = manifest.version()?;
    publish(&registry, &ours)?;
    let crates = workspace::published(&ours)?;
    println!("{} crates of {first}: {}", crates.len(), crates.join(", "));

    step("a version is published once");
    let mut again = registry.cargo(&ours);
    again.args([
        "publish",
        "--no-verify",
        "--allow-dirty",
        "--registry",
        REGISTRY,
        "-p",
        &crates[0],
    ]);
    if again.output()?.status.success() {
        return Err("the same version was taken twice".into());
    }

    step("a service elsewhere, with nothing but the version, built and run");
    let service = at("service");
    consumer(&service, &crates)?;
    workspace::run(registry.cargo(&service).args(["test", "--quiet", "--workspace"]))?;
    uses(&service, &crates, &first)?;

    step("a second version, which the service takes by an update");
    let second = next_patch(&first)?;
    manifest.set_version(&second);
    manifest.write()?;
    publish(&registry, &ours)?;
    workspace::run(registry.cargo(&service).args(["update", "--quiet"]).args(&crates))?;
    uses(&service, &crates, &second)?;
    workspace::run(registry.cargo(&service).args(["test", "--quiet", "--workspace"]))?;

    step("a mirror, which is pulled from and never published to");
    workspace::copy_folder(&at("data"), &at("mirrored"))?;
    let mirror = Registry::start(&program, &at("mirrored"))?;
    drop(registry);
    let pulling = at("pulling");
    consumer(&pulling, &crates)?;
    workspace::run(mirror.cargo(&pulling).args(["fetch", "--quiet"]))?;
    uses(&pulling, &crates, &second)?;
    println!(
        "\nproven in {} s: {} crates, {first} and {second}",
        begun.elapsed().as_secs(),
        crates.len()
    );
    Ok(())
}

/// Without a build of each: the service builds them all, from what was published.
fn publish(registry: &Registry, workspace: &Path) -> Result<(), Failure> {
    let mut publish = registry.cargo(workspace);
    publish.args(["publish", "--workspace", "--quiet", "--no-verify", "--allow-dirty"]);
    workspace::run(publish.args(["--registry", REGISTRY]))
}

/// A workspace of somebody else's: the example service, as it stands in ours, and a package that uses every crate.
fn consumer(folder: &Path, crates: &[String]) -> Result<(), Failure> {
    let root = workspace::root();
    workspace::copy_folder(&root.join("examples/service"), &folder.join("service"))?;
    let everything = folder.join(EVERYTHING);
    fs::create_dir_all(everything.join("src"))?;
    let head = format!(
        "[package]\nname = \"{EVERYTHING}\"\nversion = \"1.0.0\"\nedition = \"2024\"\npublish = false\n\n[dependencies]"
    );
    let dependencies = crates.iter().map(|name| format!("{name}.workspace = true"));
    let package: Vec<_> = [head].into_iter().chain(dependencies).collect();
    let source = crates.iter().map(|name| format!("pub use {};", name.replace('-', "_")));
    let source: Vec<_> = source.collect();
    fs::write(everything.join("Cargo.toml"), package.join("\n"))?;
    fs::write(everything.join("src/lib.rs"), source.join("\n"))?;
    fs::copy(root.join("Cargo.toml"), folder.join("Cargo.toml"))?;
    // Third parties' crates in the versions that ours was tested with.
    fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock"))?;
    let mut manifest = Manifest::read(folder)?;
    manifest.depend_on_registry(&["service", EVERYTHING]);
    manifest.write()
}

/// Each of ours is in the service's tree in that version, from the registry, and in no other.
fn uses(service: &Path, crates: &[String], version: &str) -> Result<(), Failure> {
    let lock: toml_edit::DocumentMut = fs::read_to_string(service.join("Cargo.lock"))?.parse()?;
    let packages = lock["package"].as_array_of_tables().ok_or("Cargo.lock names no packages")?;
    for name in crates {
        let text = |one: &toml_edit::Table, key: &str| {
            one.get(key).and_then(|item| item.as_str()).unwrap_or_default().to_owned()
        };
        let named = packages.iter().filter(|one| text(one, "name") == *name);
        let used: Vec<_> = named.map(|one| (text(one, "version"), text(one, "source"))).collect();
        let from_registry = |source: &str| source.starts_with("sparse+http://127.0.0.1:");
        match used.as_slice() {
            [(used, source)] if used == version && from_registry(source) => {}
            other => return Err(format!("{name} is there as {other:?}, not as {version}").into()),
        }
    }
    println!("the service uses {version} of all {} crates", crates.len());
    Ok(())
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
