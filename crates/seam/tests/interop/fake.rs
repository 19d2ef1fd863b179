//! Seam's fake: started, steered, asked what it did, and ended.

use std::{
    io::{BufRead as _, BufReader, Read as _},
    process::{Child, ChildStdout, Command, Stdio},
    sync::Arc,
    time::Duration,
};

use elevate_seam::{ApiKey, Client, HttpWire, StatusCode, Wire as _};
use elevate_transport::{Method, Operation, Request, Url};
use serde_json::{Value, json};
use tokio::time::{sleep, timeout};

use super::{installed, seed, soon};

/// What starting may take on a busy machine; it is done in half a second on a free one.
const START_WITHIN: Duration = Duration::from_secs(10);

/// How often to ask whether something has happened yet.
const GLANCE: Duration = Duration::from_millis(10);

const STEER: Operation = Operation::new("fake", "/_fake");

/// A fake of its own for each test: it holds what the test did to it.
pub(crate) struct Fake {
    child: Child,
    /// Kept open: closed, it would break the fake at the first line that it logs.
    stdout: Option<BufReader<ChildStdout>>,
    wire: Arc<HttpWire>,
    base_url: Url,
}

/// What is to be shown of an order from now on.
pub(crate) enum Shown<'a> {
    Pending,
    Success(Value),
    Error { kind: &'a str, message: &'a str },
}

impl Fake {
    /// A seeded one, on loopback alone; `None` where it is not installed.
    pub(crate) async fn start() -> Option<Self> {
        Self::start_with(&json!([])).await
    }

    /// The same, with those devices put into its workspace: it has no 2N device of its own.
    pub(crate) async fn start_with(devices: &Value) -> Option<Self> {
        let package = installed::package()?;
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/interop/fake.mjs");
        let child = Command::new("node")
            .arg(script)
            .arg(package)
            .arg(devices.to_string())
            // Otherwise its errors carry a stack, as Seam's do not.
            .env("NODE_ENV", "production")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // Nothing but loopback is spoken to: no certificates are needed.
        let wire = Arc::new(HttpWire::builder().only_root_certificates([]).build().unwrap());
        let base_url = Url::parse("http://127.0.0.1").unwrap();
        let mut fake = Self { child, stdout: None, wire, base_url };
        let port = fake.port().await;
        fake.base_url.set_port(Some(port)).unwrap();
        Some(fake)
    }

    /// The line by which it tells that it answers, and where.
    async fn port(&mut self) -> u16 {
        let mut stdout = BufReader::new(self.child.stdout.take().unwrap());
        let first_line = tokio::task::spawn_blocking(move || {
            let mut line = String::new();
            let read = stdout.read_line(&mut line);
            (stdout, read.map(|_| line))
        });
        if let Ok(Ok((stdout, Ok(line)))) = timeout(START_WITHIN, first_line).await
            && let Ok(port) = line.trim().parse()
        {
            self.stdout = Some(stdout);
            return port;
        }
        self.end();
        let mut why = String::new();
        let _ = self.child.stderr.take().unwrap().read_to_string(&mut why);
        panic!("Seam's fake did not start within {START_WITHIN:?}: {why}");
    }

    /// A client of the seeded workspace.
    pub(crate) fn client(&self) -> Client {
        self.client_with(seed::KEY)
    }

    pub(crate) fn client_with(&self, key: &str) -> Client {
        Client::builder(ApiKey::new(key).unwrap())
            .base_url(self.base_url.as_str())
            .wire(self.wire.clone())
            .build()
            .unwrap()
    }

    /// How an order is shown from now on.
    pub(crate) async fn show(&self, attempt: &str, shown: Shown<'_>) {
        let mut update = match shown {
            Shown::Pending => json!({ "status": "pending" }),
            Shown::Success(result) => json!({ "status": "success", "result": result }),
            Shown::Error { kind, message } => {
                json!({ "status": "error", "error": { "type": kind, "message": message } })
            }
        };
        update["action_attempt_id"] = attempt.into();
        self.steer("/_fake/update_action_attempt", &update).await;
    }

    /// Those calls are answered with 503 from now on; none are, if there are none.
    pub(crate) async fn outage_of(&self, routes: &[&str]) {
        let outage = json!({ "workspace_id": seed::WORKSPACE, "routes": routes });
        self.steer("/_fake/simulate_workspace_outage", &outage).await;
    }

    /// Somebody signs in by that link: whatever it is for, it brings a lock of another brand than 2N.
    pub(crate) async fn sign_in(&self, webview: &str) {
        let webview = json!({ "connect_webview_id": webview });
        self.steer("/_fake/complete_connect_webview", &webview).await;
    }

    /// The id of the first order, once it has come.
    pub(crate) async fn first_order(&self) -> String {
        let first = async {
            loop {
                if let Some(id) = self.orders().await.into_iter().next() {
                    return id;
                }
                sleep(GLANCE).await;
            }
        };
        timeout(Duration::from_secs(5), first).await.unwrap()
    }

    /// The ids of all orders that it took.
    pub(crate) async fn orders(&self) -> Vec<String> {
        let state = self.state().await;
        let attempts = state["action_attempts"].as_array().unwrap();
        let id = |attempt: &Value| attempt["action_attempt_id"].as_str().unwrap().to_owned();
        attempts.iter().map(id).collect()
    }

    /// The devices that it unlocked, one entry for each time.
    pub(crate) async fn unlocked(&self) -> Vec<String> {
        let state = self.state().await;
        let events = state["events"].as_array().unwrap().iter();
        let unlocked = events.filter(|event| event["event_type"] == "lock.unlocked");
        unlocked.map(|event| event["device_id"].as_str().unwrap().to_owned()).collect()
    }

    /// How many requests that brought it, and what it brought.
    pub(crate) async fn requests_of<T>(&self, calls: impl Future<Output = T>) -> (u64, T) {
        let before = self.requests().await;
        let brought = calls.await;
        // The second count counts itself.
        (self.requests().await - before - 1, brought)
    }

    async fn requests(&self) -> u64 {
        self.state().await["_counters"]["request"].as_u64().unwrap()
    }

    async fn state(&self) -> Value {
        self.ask(self.request(Method::GET, "/_fake/database")).await
    }

    async fn steer(&self, path: &str, body: &Value) {
        self.ask(self.request(Method::POST, path).json(body.to_string())).await;
    }

    fn request(&self, method: Method, path: &str) -> Request {
        Request::new(STEER, method, self.base_url.join(path).unwrap(), soon())
    }

    async fn ask(&self, request: Request) -> Value {
        let answer = self.wire.send(request).await.unwrap();
        let text = String::from_utf8_lossy(&answer.body);
        assert_eq!(answer.status, StatusCode::OK, "{text}");
        serde_json::from_str(&text).unwrap()
    }

    fn end(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.end();
    }
}
