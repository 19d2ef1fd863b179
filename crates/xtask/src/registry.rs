//! A private registry on loopback, for as long as it is held.

use std::{
    net::{SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Stdio},
    time::{Duration, Instant},
};

use crate::{Failure, index::Index, workspace};

const SERVER: &str = "ferro-cargo-registry-server";
const VERSION: &str = "1.0.0";

/// The server's program, which is installed under `target/tools` if it is not there.
pub(crate) fn installed() -> Result<PathBuf, Failure> {
    let tools = workspace::root().join("target/tools");
    let program = tools.join("bin").join(SERVER);
    if !program.exists() {
        let mut install = workspace::command("cargo");
        install.args(["install", "--quiet", "--locked", SERVER, "--version", VERSION, "--root"]);
        workspace::run(install.arg(tools))?;
    }
    Ok(program)
}

/// A running registry.
pub(crate) struct Registry {
    process: Child,
    address: SocketAddr,
}

impl Registry {
    /// Serves what is in that folder, which may be empty, on a free port.
    pub(crate) fn start(program: &Path, data: &Path) -> Result<Self, Failure> {
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let process = workspace::command(program)
            .env("FERRO_CARGO_REGISTRY_LISTEN", address.to_string())
            .env("FERRO_CARGO_REGISTRY_DATA", data)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let mut registry = Self { process, address };
        let give_up = Instant::now() + Duration::from_secs(20);
        while TcpStream::connect(address).is_err() {
            if let Some(status) = registry.process.try_wait()? {
                return Err(format!("the registry ended with {status}").into());
            }
            if Instant::now() > give_up {
                return Err("the registry does not listen".into());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(registry)
    }

    /// Its index.
    pub(crate) fn index(&self) -> Index {
        Index::open(format!("sparse+http://{}/", self.address))
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
