//! The vendor: a server in a process of its own, which answers fixed bytes.

use std::{
    env,
    io::{self, BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    process::{Child, ChildStdin, Command, Stdio},
    thread,
};

use serde_json::json;

use super::Failure;

/// How many units a building has, each with a door of its own beside the two that all share.
pub(crate) const UNITS: usize = 20;

const SERVE: &str = "--serve";
/// An attempt that has succeeded already, so that an unlock is one request.
const ATTEMPT: &str = include_str!("../../../../fixtures/seam/attempt-success-confirmed.json");

/// How an answer says where it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framing {
    /// By `Content-Length`.
    Length,
    /// In chunks.
    Chunked,
}

/// The server, which ends when this is dropped.
pub(crate) struct Server {
    child: Child,
    address: SocketAddr,
    _until: ChildStdin,
}

impl Server {
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Starts the server on the second core, and stays on the first one.
pub(crate) fn start(framing: Framing) -> Result<Server, Failure> {
    let mut child = Command::new(env::current_exe()?)
        .args([SERVE, &format!("{framing:?}")])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let until = child.stdin.take().ok_or("no stdin")?;
    let mut line = String::new();
    BufReader::new(child.stdout.take().ok_or("no stdout")?).read_line(&mut line)?;
    let server = Server { child, address: line.trim().parse()?, _until: until };
    keep_to_core(0);
    Ok(server)
}

/// Whether this process is to be the server.
pub(crate) fn asked_for() -> Option<Framing> {
    let mut arguments = env::args().skip_while(|argument| argument != SERVE).skip(1);
    let chunked = arguments.next()? == format!("{:?}", Framing::Chunked);
    Some(if chunked { Framing::Chunked } else { Framing::Length })
}

/// Serves until whoever started it is gone.
pub(crate) fn serve(framing: Framing) -> Result<(), Failure> {
    keep_to_core(1);
    let listener = TcpListener::bind("127.0.0.1:0")?;
    writeln!(io::stdout(), "{}", listener.local_addr()?)?;
    let replies: &'static Replies = Box::leak(Box::new(Replies::new(framing)));
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || replies.converse(stream));
        }
    });
    io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}

/// So that neither side is moved about, and one never waits for the other. Where it cannot be had, it is done without.
#[cfg(target_os = "linux")]
fn keep_to_core(core: usize) {
    let mut cores = rustix::thread::CpuSet::new();
    cores.set(core);
    let _ = rustix::thread::sched_setaffinity(None, &cores);
}

#[cfg(not(target_os = "linux"))]
fn keep_to_core(_: usize) {}

/// Whole answers, head and body.
struct Replies {
    unlock: Vec<u8>,
    devices: Vec<u8>,
    spaces: Vec<u8>,
}

impl Replies {
    fn new(framing: Framing) -> Self {
        let space = |unit: usize| {
            json!({ "space_id": format!("sp-{unit}"), "name": format!("Apt {unit}"),
                "display_name": format!("Apt {unit}"), "workspace_id": "w-1" })
        };
        let device = |id: String, name: String, spaces: Vec<String>| {
            json!({ "device_id": id, "device_type": "two_n_intercom", "display_name": name,
                "workspace_id": "w-1", "connected_account_id": "a-1", "space_ids": spaces,
                "can_remotely_unlock": true, "is_managed": true, "errors": [], "warnings": [],
                "custom_metadata": {}, "properties": { "online": true, "manufacturer": "two_n" } })
        };
        let all: Vec<String> = (0..UNITS).map(|unit| format!("sp-{unit}")).collect();
        let own = (0..UNITS).map(|unit| {
            device(door(unit), format!("Front door {unit}"), vec![format!("sp-{unit}")])
        });
        let shared = ["Lobby", "Garage"]
            .map(|name| device(name.to_lowercase(), name.to_owned(), all.clone()));
        let devices: Vec<_> = own.chain(shared).collect();
        let pagination = json!({ "has_next_page": false, "next_page_cursor": null });
        let devices = json!({ "devices": devices, "pagination": pagination, "ok": true });
        let spaces: Vec<_> = (0..UNITS).map(space).collect();
        let spaces = json!({ "spaces": spaces, "pagination": pagination, "ok": true });
        // Without the white space between, as the vendor sends it; there is none within.
        let attempt: String = ATTEMPT.split_whitespace().collect();
        Self {
            unlock: answer(framing, &attempt),
            devices: answer(framing, &devices.to_string()),
            spaces: answer(framing, &spaces.to_string()),
        }
    }

    fn converse(&self, stream: TcpStream) -> io::Result<()> {
        stream.set_nodelay(true)?;
        let mut out = stream.try_clone()?;
        let mut requests = BufReader::new(stream);
        loop {
            let (mut path, mut length) = (String::new(), 0);
            loop {
                let mut line = String::new();
                if requests.read_line(&mut line)? == 0 {
                    return Ok(());
                }
                let line = line.trim_end();
                if line.is_empty() {
                    break;
                }
                match line.split_once(':') {
                    Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                        length = value.trim().parse().map_err(io::Error::other)?;
                    }
                    _ if path.is_empty() => {
                        path.push_str(line.split(' ').nth(1).unwrap_or_default());
                    }
                    _ => {}
                }
            }
            io::copy(&mut requests.by_ref().take(length), &mut io::sink())?;
            out.write_all(match path.as_str() {
                "/locks/unlock_door" => &self.unlock,
                "/devices/list" => &self.devices,
                "/spaces/list" => &self.spaces,
                _ => b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n",
            })?;
        }
    }
}

/// The id of a unit's own door.
pub(crate) fn door(unit: usize) -> String {
    format!("0f3a5c7e-9b1d-4e2f-8a6c-{unit:012}")
}

/// With about as many headers as a service behind a content network sends.
fn answer(framing: Framing, body: &str) -> Vec<u8> {
    let head = "HTTP/1.1 200 OK\r\n\
        Date: Fri, 27 Nov 2026 09:00:00 GMT\r\n\
        Content-Type: application/json; charset=utf-8\r\n\
        Connection: keep-alive\r\n\
        Cache-Control: public, max-age=0, must-revalidate\r\n\
        ETag: \"6nx0gs2hqf5w\"\r\n\
        Seam-Request-Id: 2c9a0b5e-7d41-4f8e-9a63-5b1e0d7c4f22\r\n\
        Strict-Transport-Security: max-age=63072000\r\n\
        Vary: Accept-Encoding\r\n\
        Server: network\r\n";
    match framing {
        Framing::Length => format!("{head}Content-Length: {}\r\n\r\n{body}", body.len()),
        Framing::Chunked => {
            format!(
                "{head}Transfer-Encoding: chunked\r\n\r\n{:x}\r\n{body}\r\n0\r\n\r\n",
                body.len()
            )
        }
    }
    .into_bytes()
}
