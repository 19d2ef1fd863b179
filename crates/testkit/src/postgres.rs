//! A PostgreSQL server of one's own, for a test or a program, gone when it is dropped.

use std::{
    ffi::OsStr,
    fmt, fs, io,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use tempfile::TempDir;

/// Set to anything, it turns a server that cannot be found from a reason to skip into a failure.
pub const REQUIRE: &str = "ELEVATE_REQUIRE_POSTGRES";

/// Set to a server's address, it is used instead of a server of one's own.
pub const DATABASE_URL: &str = "DATABASE_URL";

/// A PostgreSQL server in a temporary folder, on a free port of loopback: made by `initdb`, trusting whoever
/// comes, forgotten at the end. Needs Debian's package `postgresql`, or its programs in the path; as root it runs
/// as the user `postgres`, since it refuses root.
///
/// What it writes is not synced to the disk: it survives the end of its processes, not of the machine.
///
/// ```no_run
/// use elevate_access_testkit::postgres::Cluster;
///
/// # fn example() -> std::io::Result<()> {
/// match Cluster::start()? {
///     Some(cluster) => println!("{}", cluster.url()),
///     None => println!("skipped: no PostgreSQL here"),
/// }
/// # Ok(())
/// # }
/// ```
pub struct Cluster {
    bin: PathBuf,
    home: TempDir,
    port: u16,
    as_user: Option<&'static str>,
}

impl Cluster {
    /// Starts one; `None` where its programs are not installed.
    ///
    /// # Errors
    /// If it is installed and does not start, with what it said; or if it is not installed and [`REQUIRE`] is set.
    pub fn start() -> io::Result<Option<Self>> {
        let Some(bin) = programs() else {
            if std::env::var_os(REQUIRE).is_some() {
                return Err(io::Error::other("PostgreSQL is required and not installed"));
            }
            return Ok(None);
        };
        let home = tempfile::Builder::new().prefix("elevate-postgres-").tempdir()?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let as_user = is_root().then_some("postgres");
        let cluster = Self { bin, home, port, as_user };
        if let Some(user) = cluster.as_user {
            let status = Command::new("chown").arg(user).arg(cluster.home.path()).status()?;
            if !status.success() {
                return Err(io::Error::other(format!("its folder cannot be given to {user}")));
            }
        }
        cluster.run("initdb", ["-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-sync"])?;
        cluster.go_on()?;
        Ok(Some(cluster))
    }

    /// Its address, with the user and the database.
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// Ends it as a power cut would, and starts it again.
    ///
    /// # Errors
    /// If it does not end or start, with what it said.
    pub fn restart(&self) -> io::Result<()> {
        self.halt()?;
        self.go_on()
    }

    /// Ends it as a power cut would.
    ///
    /// # Errors
    /// If it does not end, with what it said.
    pub fn halt(&self) -> io::Result<()> {
        self.run("pg_ctl", ["-w", "-m", "immediate", "stop"])
    }

    /// Starts it after [`halt`](Self::halt), on the same port.
    ///
    /// # Errors
    /// If it does not start, with what it said.
    pub fn go_on(&self) -> io::Result<()> {
        let settings = format!(
            "-p {} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off \
             -c max_connections=200",
            self.port
        );
        let log = self.home.path().join("log");
        self.run(
            "pg_ctl",
            [
                OsStr::new("-w"),
                "-o".as_ref(),
                settings.as_ref(),
                "-l".as_ref(),
                log.as_ref(),
                "start".as_ref(),
            ],
        )
    }

    fn run<A: AsRef<OsStr>>(
        &self,
        program: &str,
        args: impl IntoIterator<Item = A>,
    ) -> io::Result<()> {
        let program = self.bin.join(program);
        let mut command = match self.as_user {
            None => Command::new(&program),
            Some(user) => {
                let mut command = Command::new("runuser");
                command.args(["-u", user, "--"]).arg(&program);
                command
            }
        };
        command.arg("-D").arg(self.home.path().join("data")).args(args);
        // A folder that its user may enter; and no pipe that the server would keep open.
        command.current_dir("/").stdin(Stdio::null());
        let said = self.home.path().join("said");
        let file = fs::File::create(&said)?;
        let status = command.stdout(file.try_clone()?).stderr(file).status()?;
        if status.success() {
            return Ok(());
        }
        let said = fs::read_to_string(&said).unwrap_or_default();
        Err(io::Error::other(format!("{}: {status}: {said}", program.display())))
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // It may have been halted before. Its folder goes by itself.
        let _ = self.halt();
    }
}

impl fmt::Debug for Cluster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cluster").field("port", &self.port).finish_non_exhaustive()
    }
}

/// The folder that holds its programs: Debian keeps them out of the path, a folder a version.
fn programs() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let in_path = std::env::split_paths(&path).collect::<Vec<_>>();
    let debians = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut debians: Vec<_> = debians.map(|version| version.path().join("bin")).collect();
    debians.sort();
    let has_all =
        |bin: &Path| ["initdb", "pg_ctl", "postgres"].iter().all(|p| bin.join(p).exists());
    debians.into_iter().rev().chain(in_path).find(|bin| has_all(bin))
}

/// Whether this process is root's: what it makes belongs to user 0.
#[cfg(unix)]
fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt as _;
    fs::metadata("/proc/self").is_ok_and(|of| of.uid() == 0)
}

#[cfg(not(unix))]
fn is_root() -> bool {
    false
}
