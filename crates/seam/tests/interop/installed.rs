//! Whether the fake is there to test against.

use std::{
    env,
    io::{Write as _, stderr},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Once,
};

use serde_json::Value;

/// The folder that the package is installed into, in place of `target/interop`; the workspace's root is
/// what it counts from.
pub(crate) const DIR: &str = "ELEVATE_INTEROP_DIR";

/// Set to `1` where a missing piece has to fail the test.
pub(crate) const REQUIRE: &str = "ELEVATE_REQUIRE_INTEROP";

/// Never another version: what it answers is part of these tests.
const VERSION: &str = "1.86.0";

/// What the package asks for.
const OLDEST_NODE: u32 = 18;

/// The entry file of the installed package. Where something is missing, `None` and one line that says so,
/// once for all tests of the process.
pub(crate) fn package() -> Option<PathBuf> {
    static SAID: Once = Once::new();
    let missing = match entry() {
        Ok(entry) => return Some(entry),
        Err(missing) => format!(
            "interoperability with Seam's fake (needs node and @seamapi/fake-seam-connect@{VERSION} under \
             target/interop): {missing}"
        ),
    };
    let required = env::var(REQUIRE).is_ok_and(|set| !matches!(set.as_str(), "" | "0"));
    assert!(!required, "{missing}");
    #[expect(
        clippy::explicit_write,
        reason = "what a passing test prints by macro is never shown"
    )]
    SAID.call_once(|| writeln!(stderr(), "skipped: {missing}").unwrap());
    None
}

fn entry() -> Result<PathBuf, &'static str> {
    let folder = env::var_os(DIR).unwrap_or_else(|| "target/interop".into());
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let package = workspace.join(folder).join("node_modules/@seamapi/fake-seam-connect");
    let Ok(manifest) = std::fs::read(package.join("package.json")) else {
        return Err("the package is not installed");
    };
    let manifest: Value = serde_json::from_slice(&manifest).unwrap();
    if manifest["version"] != VERSION {
        return Err("another version of the package is installed");
    }
    match node() {
        None => Err("node is not found"),
        Some(major) if major < OLDEST_NODE => Err("node is too old"),
        Some(_) => Ok(package.join("dist/index.js")),
    }
}

/// The major version of Node.
fn node() -> Option<u32> {
    let asked = Command::new("node").arg("--version").stdin(Stdio::null()).output().ok()?;
    let version = String::from_utf8(asked.stdout).ok()?;
    version.strip_prefix('v')?.split('.').next()?.parse().ok()
}
