//! Of which commit the crates are made that a registry has.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use serde_json::Value;

use crate::{
    Failure,
    index::Index,
    workspace::{self, REGISTRY},
};

/// Those of the crates in that version that were made of anything but that commit, each with what it names instead.
pub(crate) fn others(
    index: &Index,
    crates: &BTreeSet<String>,
    version: &str,
    commit: &str,
) -> Result<BTreeMap<String, String>, Failure> {
    if crates.is_empty() {
        return Ok(BTreeMap::new());
    }
    let folder = tempfile::tempdir()?;
    let folder = folder.path();
    fs::create_dir(folder.join("src"))?;
    fs::write(folder.join("src/lib.rs"), "")?;
    let head = "[package]\nname = \"origins\"\nedition = \"2024\"\n\n[dependencies]".to_owned();
    let lines = crates
        .iter()
        .map(|name| format!("{name} = {{ version = \"={version}\", registry = \"{REGISTRY}\" }}"));
    let manifest: Vec<_> = [head].into_iter().chain(lines).collect();
    fs::write(folder.join("Cargo.toml"), manifest.join("\n"))?;
    let mut metadata = index.cargo(folder);
    let metadata = workspace::output(metadata.args(["metadata", "--format-version", "1"]))?;
    let metadata: Value = serde_json::from_str(&metadata)?;
    let packages = metadata["packages"].as_array().ok_or("cargo metadata tells of no packages")?;
    let mut others = BTreeMap::new();
    for name in crates {
        let package = packages.iter().find(|one| one["name"] == **name);
        let manifest = package.and_then(|one| one["manifest_path"].as_str());
        let manifest = manifest.ok_or_else(|| format!("{name} is not in its tree"))?;
        let origin = of_package(Path::new(manifest));
        if origin != commit {
            others.insert(name.clone(), origin);
        }
    }
    Ok(others)
}

/// What cargo has written into a package: the commit, unless it was made outside a repository.
fn of_package(manifest: &Path) -> String {
    let told = fs::read_to_string(manifest.with_file_name(".cargo_vcs_info.json"));
    let told: Value = serde_json::from_str(&told.unwrap_or_default()).unwrap_or_default();
    let commit = told["git"]["sha1"].as_str().unwrap_or("no commit");
    let is_dirty = told["git"]["dirty"] == true;
    if is_dirty { format!("{commit} with changes") } else { commit.to_owned() }
}
