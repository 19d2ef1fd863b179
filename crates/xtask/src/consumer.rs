//! Somebody else's workspace that depends on the crates by version alone.

use std::{fs, path::Path};

use crate::{
    Failure,
    index::Index,
    workspace::{self, Manifest},
};

/// What it has beside the example service: a package that uses every crate, so that each is built as it was published.
const EVERYTHING: &str = "everything";

/// Makes it in that folder, with the example service as it stands in ours.
pub(crate) fn make(root: &Path, folder: &Path, crates: &[String]) -> Result<(), Failure> {
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

/// Builds it, and runs the service's tests.
pub(crate) fn test(folder: &Path, index: &Index) -> Result<(), Failure> {
    workspace::run(index.cargo(folder).args(["test", "--quiet", "--workspace"]))
}

/// Each of ours is in its tree in that version, from that index, and in no other.
pub(crate) fn uses(
    folder: &Path,
    crates: &[String],
    version: &str,
    index: &Index,
) -> Result<(), Failure> {
    let lock: toml_edit::DocumentMut = fs::read_to_string(folder.join("Cargo.lock"))?.parse()?;
    let packages = lock["package"].as_array_of_tables().ok_or("Cargo.lock names no packages")?;
    for name in crates {
        let text = |one: &toml_edit::Table, key: &str| {
            one.get(key).and_then(|item| item.as_str()).unwrap_or_default().to_owned()
        };
        let named = packages.iter().filter(|one| text(one, "name") == *name);
        let used: Vec<_> = named.map(|one| (text(one, "version"), text(one, "source"))).collect();
        let is_there = |source: &str| {
            // A sparse index is named as it is, any other with what kind it is before it.
            source == index.address() || source.strip_prefix("registry+") == Some(index.address())
        };
        match used.as_slice() {
            [(used, source)] if used == version && is_there(source) => {}
            other => return Err(format!("{name} is there as {other:?}, not as {version}").into()),
        }
    }
    println!("the service uses {version} of all {} crates", crates.len());
    Ok(())
}
