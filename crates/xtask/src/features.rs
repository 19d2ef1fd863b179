//! Each crate with none of its features, with each of them alone, and with all: as a host may have it, which the
//! workspace's own build never does, since its members turn each other's features on.

use std::{path::Path, time::Instant};

use crate::{Failure, workspace};

/// Sets that hosts have besides, for a client and its provider.
const USEFUL: [(&str, &[&str]); 4] = [
    ("elevate-openpath", &["rustls-no-provider", "metrics"]),
    ("elevate-openpath", &["rustls", "totp", "metrics"]),
    ("elevate-seam", &["rustls-no-provider", "webhooks"]),
    ("elevate-seam", &["rustls", "webhooks", "metrics"]),
];

pub(crate) fn run() -> Result<(), Failure> {
    let root = workspace::root();
    let begun = Instant::now();
    let mut count = 0;
    for name in workspace::published(&root)? {
        for features in sets(&name, &features(&root, &name)?) {
            println!("{name} with {}", if features.is_empty() { "none" } else { &features });
            let mut clippy = workspace::command("cargo");
            clippy.args(["clippy", "--quiet", "--locked", "--lib", "--no-default-features"]);
            clippy.args(["--package", &name, "--features", &features, "--", "-D", "warnings"]);
            workspace::run(clippy.current_dir(&root))?;
            count += 1;
        }
    }
    println!("{count} builds, each without a warning, in {} s", begun.elapsed().as_secs());
    Ok(())
}

/// The features that a crate has, but for the defaults.
fn features(root: &Path, name: &str) -> Result<Vec<String>, Failure> {
    let package = workspace::package(root, name)?;
    let features = package["features"].as_object().ok_or("cargo metadata tells of no features")?;
    let is_one = |feature: &&String| *feature != "default";
    Ok(features.keys().filter(is_one).cloned().collect())
}

/// Which of them to build with, each set once.
fn sets(name: &str, features: &[String]) -> Vec<String> {
    let mut sets = vec![String::new()];
    sets.extend(features.iter().cloned());
    sets.extend(USEFUL.iter().filter(|(of, _)| *of == name).map(|(_, set)| set.join(",")));
    if features.len() > 1 {
        sets.push(features.join(","));
    }
    sets
}
