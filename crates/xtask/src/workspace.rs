//! This workspace: its crates, copies of it, and what its manifest says.

use std::{
    env,
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;
use toml_edit::DocumentMut;

use crate::Failure;

/// The registry that the crates are published to.
pub(crate) const REGISTRY: &str = "elevateos";

/// Where this workspace is.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_owned()
}

/// Where cargo builds.
pub(crate) fn target(workspace: &Path) -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace.join("target"), PathBuf::from)
}

/// What publishes, and is nobody else's: a build runs code of third parties.
pub(crate) const TOKEN: &str = "CARGO_REGISTRIES_ELEVATEOS_TOKEN";

/// A command that does not hear of the token.
pub(crate) fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.env_remove(TOKEN).env_remove("CARGO_REGISTRY_TOKEN");
    command
}

/// Runs it to its end, and fails unless it ended well.
pub(crate) fn run(command: &mut Command) -> Result<(), Failure> {
    let status = command.status().map_err(|error| format!("{}: {error}", name(command)))?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("{} ended with {status}", name(command)).into())
    }
}

/// What it prints.
pub(crate) fn output(command: &mut Command) -> Result<String, Failure> {
    let output = command.output().map_err(|error| format!("{}: {error}", name(command)))?;
    if !output.status.success() {
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(format!("{} ended with {}: {told}", name(command), output.status).into());
    }
    Ok(String::from_utf8(output.stdout)?)
}

fn name(command: &Command) -> String {
    let words = [command.get_program()].into_iter().chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

/// The crates that are published.
pub(crate) fn published(workspace: &Path) -> Result<Vec<String>, Failure> {
    let to_ours = |package: &&Value| package["publish"][0] == REGISTRY;
    let name = |package: &Value| package["name"].as_str().map(str::to_owned);
    Ok(packages(workspace)?.iter().filter(to_ours).filter_map(name).collect())
}

/// What cargo knows of one crate.
pub(crate) fn package(workspace: &Path, name: &str) -> Result<Value, Failure> {
    let package = packages(workspace)?.into_iter().find(|package| package["name"] == name);
    package.ok_or_else(|| format!("there is no crate {name}").into())
}

fn packages(workspace: &Path) -> Result<Vec<Value>, Failure> {
    let mut metadata = command("cargo");
    metadata.args(["metadata", "--format-version", "1", "--no-deps"]).current_dir(workspace);
    let mut metadata: Value = serde_json::from_str(&output(&mut metadata)?)?;
    let packages = metadata["packages"].as_array_mut().map(std::mem::take);
    packages.ok_or_else(|| "cargo metadata tells of no packages".into())
}

/// Copies what is in that repository, as it lies on the disk, to that folder.
pub(crate) fn copy(root: &Path, to: &Path) -> Result<(), Failure> {
    let mut listing = command("git");
    listing
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root);
    for file in output(&mut listing)?.split('\0').filter(|file| !file.is_empty()) {
        let (here, there) = (root.join(file), to.join(file));
        if here.is_dir() {
            // A link to another folder of the repository.
            copy_folder(&here, &there)?;
        } else if here.exists() {
            // What was removed and not yet committed is on the list, too.
            fs::create_dir_all(there.parent().unwrap_or(to))?;
            fs::copy(here, there)?;
        }
    }
    Ok(())
}

/// Copies a folder with all that is in it.
pub(crate) fn copy_folder(from: &Path, to: &Path) -> Result<(), Failure> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let there = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &there)?;
        } else {
            fs::copy(entry.path(), there)?;
        }
    }
    Ok(())
}

/// The workspace's own manifest.
pub(crate) struct Manifest {
    file: PathBuf,
    text: DocumentMut,
}

impl Manifest {
    pub(crate) fn read(workspace: &Path) -> Result<Self, Failure> {
        let file = workspace.join("Cargo.toml");
        let text = fs::read_to_string(&file)?.parse()?;
        Ok(Self { file, text })
    }

    pub(crate) fn write(&self) -> Result<(), Failure> {
        Ok(fs::write(&self.file, self.text.to_string())?)
    }

    pub(crate) fn version(&self) -> Result<String, Failure> {
        let version = self.text["workspace"]["package"]["version"].as_str();
        Ok(version.ok_or("the manifest names no version")?.to_owned())
    }

    /// All versions move together, and the crates require each other's.
    pub(crate) fn set_version(&mut self, version: &str) {
        self.text["workspace"]["package"]["version"] = toml_edit::value(version);
        self.each_of_ours(|one| {
            one.insert("version", version.into());
        });
    }

    /// What a service names to have this version and those that do not break it: until 1.0, the first two numbers.
    pub(crate) fn requirement(version: &semver::Version) -> String {
        match version.major {
            0 => format!("0.{}", version.minor),
            major => major.to_string(),
        }
    }

    /// For a workspace of somebody else's: those members, and our crates from the registry alone.
    pub(crate) fn depend_on_registry(&mut self, members: &[&str]) {
        let workspace = &mut self.text["workspace"];
        workspace["members"] =
            toml_edit::value(members.iter().copied().collect::<toml_edit::Array>());
        if let Some(table) = workspace.as_table_like_mut() {
            table.remove("exclude");
        }
        self.each_of_ours(|one| {
            one.remove("path");
        });
    }

    fn each_of_ours(&mut self, mut change: impl FnMut(&mut toml_edit::InlineTable)) {
        let dependencies = self.text["workspace"]["dependencies"].as_table_like_mut();
        for (_, item) in dependencies.into_iter().flat_map(|table| table.iter_mut()) {
            let table = item.as_inline_table_mut();
            if let Some(table) = table.filter(|one| one.get("registry").is_some()) {
                change(table);
            }
        }
    }
}
