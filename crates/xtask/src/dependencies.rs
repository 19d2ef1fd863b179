//! What stands beneath the crates: licences, sources, and what may not be there twice or at all.

use std::collections::{BTreeMap, BTreeSet};

use spdx::{Expression, LicenseReq};

use crate::{Failure, workspace};

/// Licences that a service may ship without asking anybody.
const LICENCES: [&str; 13] = [
    "0BSD",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "OpenSSL",
    "Unicode-3.0",
    "Zlib",
];

/// Never in a tree: a second TLS or crypto provider beside rustls on aws-lc.
const BANNED: [&str; 5] = ["native-tls", "openssl", "openssl-sys", "ring", "schannel"];

/// Of these one version at most: two would be two pools, two clocks, two tables of globals, or types that do not fit.
const ONCE: [&str; 14] = [
    "aws-lc-rs",
    "axum",
    "bytes",
    "http",
    "hyper",
    "jiff",
    "libsqlite3-sys",
    "metrics",
    "reqwest",
    "rustls",
    "secrecy",
    "sqlx-core",
    "tokio",
    "tracing",
];

/// Judges every crate that is built for any of the workspace's packages, tests and features here.
pub(crate) fn run() -> Result<(), Failure> {
    let mut tree = workspace::command("cargo");
    tree.args(["tree", "--workspace", "--locked", "--all-features", "--edges", "all"]);
    tree.args(["--prefix", "none", "--format", "{p}\t{l}"]);
    let root = workspace::root();
    let tree = workspace::output(tree.current_dir(&root))?;
    let lines: BTreeSet<&str> = tree.lines().map(|line| line.trim_end_matches(" (*)")).collect();
    let root = format!("({}", root.display());
    let packages = lines.iter().filter_map(|line| Package::read(line, &root));
    let packages: Vec<_> = packages.collect();
    let wrong = judge(&packages);
    if packages.is_empty() || !wrong.is_empty() {
        let wrong = wrong.join("\n  ");
        return Err(format!("what stands beneath is not as it has to be:\n  {wrong}").into());
    }
    println!("{} crates: licences and sources are allowed, none is banned", packages.len());
    Ok(())
}

struct Package<'a> {
    name: &'a str,
    version: &'a str,
    licence: &'a str,
    /// Whether it comes from crates.io, or lies in this workspace.
    is_known: bool,
}

impl<'a> Package<'a> {
    /// From a line of the tree: name, version, where it is from unless that is crates.io; then the licence.
    fn read(line: &'a str, root: &str) -> Option<Self> {
        let (package, licence) = line.split_once('\t')?;
        let mut words = package.splitn(3, ' ');
        let (name, version) = (words.next()?, words.next()?);
        let from = words.next().unwrap_or_default().trim_start_matches("(proc-macro)").trim();
        let is_known = from.is_empty() || from.starts_with(root);
        Some(Self { name, version, licence, is_known })
    }
}

/// What is wrong, a line each.
fn judge(packages: &[Package<'_>]) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut versions: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for Package { name, version, licence, is_known } in packages {
        versions.entry(name).or_default().insert(version);
        if !is_known {
            wrong.push(format!("{name} {version} comes from elsewhere"));
        }
        if BANNED.contains(name) {
            wrong.push(format!("{name} {version} is banned"));
        }
        if !is_allowed(licence) {
            wrong.push(format!("{name} {version} has the licence \"{licence}\""));
        }
    }
    for name in ONCE {
        let found = versions.get(name).map_or(0, BTreeSet::len);
        if found > 1 {
            wrong.push(format!("{name} is there in {found} versions"));
        }
    }
    wrong
}

fn is_allowed(licence: &str) -> bool {
    let allowed = |required: &LicenseReq| {
        let id = required.license.id();
        required.addition.is_none() && id.is_some_and(|id| LICENCES.contains(&id.name))
    };
    // An older form, which some manifests have, parts alternatives by a slash.
    let expression = Expression::parse(&licence.replace('/', " OR "));
    expression.is_ok_and(|expression| expression.evaluate(allowed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_as_it_has_to_be_is_named() {
        let judged = |lines: &[&'static str]| {
            judge(
                &lines.iter().filter_map(|line| Package::read(line, "(/here")).collect::<Vec<_>>(),
            )
        };
        let good =
            ["tokio v1.0.0\tMIT", "a v1.0.0 (proc-macro)\tMIT/ISC", "b v0.1.0 (/here/b)\tMIT"];
        assert_eq!(judged(&good), [""; 0]);
        for (line, what) in [
            ("tokio v0.2.0\tMIT", "tokio is there in 2 versions"),
            ("ring v0.17.0\tMIT", "ring v0.17.0 is banned"),
            ("c v1.0.0\tGPL-3.0-only", "c v1.0.0 has the licence \"GPL-3.0-only\""),
            ("d v1.0.0\t", "d v1.0.0 has the licence \"\""),
            ("e v1.0.0 (https://example.com/e#1)\tMIT", "e v1.0.0 comes from elsewhere"),
            ("f v1.0.0 (proc-macro) (/there/f)\tMIT", "f v1.0.0 comes from elsewhere"),
        ] {
            assert_eq!(judged(&[good[0], line]), [what]);
        }
    }

    #[test]
    fn a_licence_is_read_as_an_expression() {
        for good in ["MIT", "MIT/Apache-2.0", "GPL-2.0-only OR MIT", "(MIT OR ISC) AND Unicode-3.0"]
        {
            assert!(is_allowed(good), "{good}");
        }
        for bad in ["GPL-3.0-only", "MIT AND GPL-2.0-only", "", "all rights reserved"] {
            assert!(!is_allowed(bad), "{bad}");
        }
    }
}
