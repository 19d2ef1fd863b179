//! Where the crates are published to and pulled from.

use std::{
    collections::BTreeSet,
    env,
    path::Path,
    process::{Command, Stdio},
};

use crate::{
    Failure,
    workspace::{self, REGISTRY, TOKEN},
};

const INDEX: &str = "CARGO_REGISTRIES_ELEVATEOS_INDEX";

/// The index of a registry, as cargo is told of it.
pub(crate) struct Index {
    address: String,
    /// `None` where cargo finds it by itself.
    token: Option<String>,
}

impl Index {
    /// The one that the environment names.
    pub(crate) fn configured() -> Option<Self> {
        let address = env::var(INDEX).ok().filter(|address| !address.is_empty())?;
        Some(Self { address, token: env::var(TOKEN).ok() })
    }

    /// One that asks nobody who they are.
    pub(crate) fn open(address: String) -> Self {
        Self { address, token: Some("any".to_owned()) }
    }

    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// A command of cargo's that takes this for the registry of ours, and may not publish.
    pub(crate) fn cargo(&self, folder: &Path) -> Command {
        let mut cargo = workspace::command("cargo");
        cargo
            .current_dir(folder)
            .env(INDEX, &self.address)
            // Nobody debugs it, and it is built in less time.
            .env("CARGO_PROFILE_DEV_DEBUG", "false")
            .env_remove("CARGO_TARGET_DIR");
        cargo
    }

    /// The same, with the token, for what builds nothing.
    fn cargo_with_token(&self, folder: &Path) -> Command {
        let mut cargo = self.cargo(folder);
        if let Some(token) = &self.token {
            cargo.env(TOKEN, token);
        }
        cargo
    }

    /// Publishes those crates, without a build of each: who depends on them builds them, from what was published.
    pub(crate) fn publish(&self, workspace: &Path, crates: &[String]) -> Result<(), Failure> {
        let mut publish = self.cargo_with_token(workspace);
        publish.args([
            "publish",
            "--quiet",
            "--no-verify",
            "--allow-dirty",
            "--registry",
            REGISTRY,
        ]);
        publish.args(crates.iter().flat_map(|name| ["--package", name]));
        workspace::run(&mut publish)
    }

    /// Which of them it has in that version.
    pub(crate) fn has(
        &self,
        folder: &Path,
        crates: &[String],
        version: &str,
    ) -> Result<BTreeSet<String>, Failure> {
        let mut there = BTreeSet::new();
        for name in crates {
            let mut info = self.cargo_with_token(folder);
            info.args(["info", "--quiet", "--registry", REGISTRY, &format!("{name}@{version}")]);
            if info.stdout(Stdio::null()).stderr(Stdio::null()).status()?.success() {
                there.insert(name.clone());
            }
        }
        Ok(there)
    }
}
