//! Whether what others wrote is there to test against.

use std::{
    env,
    io::{Write as _, stderr},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Once,
};

use serde_json::Value;

/// The folder that the packages are installed into, in place of `target/interop`; the workspace's root is
/// what it counts from.
pub(crate) const DIR: &str = "ELEVATE_INTEROP_DIR";

/// Set to `1` where a missing piece has to fail the test.
pub(crate) const REQUIRE: &str = "ELEVATE_REQUIRE_INTEROP";

/// What the packages ask for, as far as these tests use them.
const OLDEST_NODE: u32 = 18;

/// A package that a test needs. Never in another version: what it answers is part of the test.
struct Package {
    shows: &'static str,
    name: &'static str,
    version: &'static str,
    entry: &'static str,
    said: Once,
}

/// The entry file of Seam's fake. Where something is missing, `None` and one line that says so, once for all
/// tests of the process.
pub(crate) fn package() -> Option<PathBuf> {
    static FAKE: Package = Package {
        shows: "Seam's fake",
        name: "@seamapi/fake-seam-connect",
        version: "1.86.0",
        entry: "dist/index.js",
        said: Once::new(),
    };
    FAKE.installed()
}

/// The same of Svix's library, by which deliveries of webhooks are signed.
pub(crate) fn svix() -> Option<PathBuf> {
    static SVIX: Package = Package {
        shows: "Svix's signatures",
        name: "svix",
        version: "2.5.0",
        entry: "dist/index.mjs",
        said: Once::new(),
    };
    SVIX.installed()
}

impl Package {
    fn installed(&self) -> Option<PathBuf> {
        let Self { shows, name, version, .. } = self;
        let missing = match self.entry() {
            Ok(entry) => return Some(entry),
            Err(missing) => format!(
                "interoperability with {shows} (needs node and {name}@{version} under target/interop): \
                 {missing}"
            ),
        };
        let required = env::var(REQUIRE).is_ok_and(|set| !matches!(set.as_str(), "" | "0"));
        assert!(!required, "{missing}");
        #[expect(
            clippy::explicit_write,
            reason = "what a passing test prints by macro is never shown"
        )]
        self.said.call_once(|| writeln!(stderr(), "skipped: {missing}").unwrap());
        None
    }

    fn entry(&self) -> Result<PathBuf, &'static str> {
        let folder = env::var_os(DIR).unwrap_or_else(|| "target/interop".into());
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let package = workspace.join(folder).join("node_modules").join(self.name);
        let Ok(manifest) = std::fs::read(package.join("package.json")) else {
            return Err("the package is not installed");
        };
        let manifest: Value = serde_json::from_slice(&manifest).unwrap();
        if manifest["version"] != self.version {
            return Err("another version of the package is installed");
        }
        match node() {
            None => Err("node is not found"),
            Some(major) if major < OLDEST_NODE => Err("node is too old"),
            Some(_) => Ok(package.join(self.entry)),
        }
    }
}

/// The major version of Node.
fn node() -> Option<u32> {
    let asked = Command::new("node").arg("--version").stdin(Stdio::null()).output().ok()?;
    let version = String::from_utf8(asked.stdout).ok()?;
    version.strip_prefix('v')?.split('.').next()?.parse().ok()
}
