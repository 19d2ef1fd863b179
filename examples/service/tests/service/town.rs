//! Both vendors' stand-ins on loopback, the service's tables, and the service as a program.

use std::{
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    thread::{self, JoinHandle},
    time::Duration,
};

use elevate_access_testkit::{
    Loopback, TestClock, Vendor,
    openpath::{Entry, Openpath, User},
    seam::{Device, Seam},
};
use serde_json::{Value, json};
use sqlx::SqlitePool;
use tempfile::TempDir;
use tokio::time::{Instant, sleep};

pub(crate) const PASSWORD: &str = "a password";
pub(crate) const API_KEY: &str = "seam_test_key";
/// That of the first webhook that the stand-in makes.
pub(crate) const HOOK: &str = "whsec_YSB3ZWJob29rJ3Mga2V5LCBvZiAzMiBieXRlczogMAA=";

/// Both vendors, the service's files, and who lives where.
pub(crate) struct Town {
    pub(crate) openpath: Vendor<Openpath>,
    pub(crate) seam: Vendor<Seam>,
    folder: TempDir,
    pub(crate) tables: SqlitePool,
    loopbacks: [Loopback; 2],
}

impl Town {
    pub(crate) async fn build() -> Self {
        let jane = User::active(7001, "jane@example.com");
        let jane = jane.entry(Entry::new(4401, "Main entrance")).entry(Entry::new(4402, "Garage"));
        let tom = User::active(7002, "tom@example.com").entry(Entry::new(4403, "Roof terrace"));
        let fred = User::active(7003, "fred@example.com").entry(Entry::new(4401, "Main entrance"));
        let openpath = Openpath::new(5120).service_account("svc@example.com", PASSWORD);
        let openpath = Vendor::new(openpath.user(jane).user(tom).user(fred));
        let gate = Device::two_n("gate", "Gate").in_spaces(["s1"]).can_remotely_unlock(Some(true));
        let seam = Vendor::new(
            Seam::new(API_KEY).workspace("ws-1").being_set_up().space("s1", "101").device(gate),
        );
        let loopbacks = [
            Loopback::start(openpath.clone(), TestClock::new()).await.unwrap(),
            Loopback::start(seam.clone(), TestClock::new()).await.unwrap(),
        ];
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("service.db");
        let url = format!("sqlite://{}?mode=rwc", file.display());
        let tables = SqlitePool::connect(&url).await.unwrap();
        let rows = format!(
            "{}
             INSERT INTO units VALUES ('l-1', 'larkspur', '1A'), ('l-2', 'larkspur', '1B');
             INSERT INTO units VALUES ('m-101', 'maple', '101'), ('m-102', 'maple', '102');
             INSERT INTO residents VALUES ('jane', 'Jane Doe', 'jane@example.com'),
                 ('tom', 'Tom Poe', 'tom@example.com'), ('fred', 'Fred Roe', 'fred@example.com'),
                 ('ana', 'Ana Lima', NULL);
             INSERT INTO residencies VALUES ('jane', 'l-1', 'Current'), ('tom', 'l-2', 'Current'),
                 ('fred', 'l-1', 'Former'), ('ana', 'm-101', 'Current');
             INSERT INTO connections (id, building, vendor, base_url, account, login, secret, webhook_secret)
                 VALUES
                 ('larkspur-doors', 'larkspur', 'openpath', '{}', '5120', 'svc@example.com', 'LARKSPUR', NULL),
                 ('maple-doors', 'maple', 'seam', '{}', 'ws-1', NULL, 'MAPLE', 'HOOK');",
            include_str!("../../src/tables.sql"),
            loopbacks[0].base_url(),
            loopbacks[1].base_url(),
        );
        sqlx::raw_sql(sqlx::AssertSqlSafe(rows)).execute(&tables).await.unwrap();
        Self { openpath, seam, folder, tables, loopbacks }
    }

    pub(crate) fn file(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn seam_url(&self) -> String {
        self.loopbacks[1].base_url().to_string()
    }

    /// The service, once it listens.
    pub(crate) fn service(&self) -> Service {
        self.service_with(&self.file("access.db").display().to_string())
    }

    pub(crate) fn service_with(&self, store: &str) -> Service {
        Service::start(&self.file("service.db"), store, "15")
    }

    /// One that waits for no more than a second for those who are there when it is to end.
    pub(crate) fn hasty_service(&self) -> Service {
        let store = self.file("access.db").display().to_string();
        Service::start(&self.file("service.db"), &store, "1")
    }
}

/// The running program. It ends with this.
pub(crate) struct Service {
    process: Child,
    said: Option<JoinHandle<Vec<String>>>,
    pub(crate) base: String,
    /// The address for staff.
    pub(crate) staff: String,
    pub(crate) agent: ureq::Agent,
}

impl Service {
    fn start(tables: &Path, store: &str, grace: &str) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_elevate-example-service"))
            .env("LISTEN", "127.0.0.1:0")
            .env("STAFF_LISTEN", "127.0.0.1:0")
            .env("TABLES", tables)
            .env("STORE", store)
            .env("TICKET_SECRET", "0123456789abcdef0123456789abcdef")
            .env("GRACE_SECONDS", grace)
            .env("SECRET_HOOK", HOOK)
            .env("SECRET_LARKSPUR", PASSWORD)
            .env("SECRET_MAPLE", API_KEY)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut told = BufReader::new(process.stderr.take().unwrap());
        let mut line = String::new();
        let named = |line: &str, name| {
            let (_, rest) = line.split_once(name)?;
            rest.split_whitespace().next().map(|address| format!("http://{address}"))
        };
        let (base, staff) = loop {
            line.clear();
            assert!(told.read_line(&mut line).unwrap() > 0, "the service ended before it listened");
            if let Some(base) = named(&line, " address=") {
                break (base, named(&line, "for_staff=").unwrap());
            }
        };
        // Whatever it says more is read, so that it never waits for a reader.
        let said = thread::spawn(move || told.lines().map_while(Result::ok).collect());
        let agent = ureq::Agent::config_builder().http_status_as_error(false).build();
        Self { process, said: Some(said), base, staff, agent: agent.into() }
    }

    pub(crate) fn asks(&self, who: &str, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let (url, header) = (format!("{}{path}", self.base), "x-resident");
        let mut answer = match method {
            "GET" => self.agent.get(url).header(header, who).call(),
            "PUT" => self.agent.put(url).header(header, who).send_empty(),
            "DELETE" => self.agent.delete(url).header(header, who).call(),
            "POST" => self.agent.post(url).header(header, who).send_json(body),
            other => panic!("no test sends {other}"),
        }
        .unwrap();
        let text = answer.body_mut().read_to_string().unwrap();
        (answer.status().as_u16(), serde_json::from_str(&text).unwrap_or(Value::Null))
    }

    /// What staff is told, as text.
    pub(crate) fn staff(&self, path: &str) -> (u16, String) {
        let mut answer = self.agent.get(format!("{}{path}", self.staff)).call().unwrap();
        (answer.status().as_u16(), answer.body_mut().read_to_string().unwrap())
    }

    pub(crate) fn get(&self, who: &str, path: &str) -> (u16, Value) {
        self.asks(who, "GET", path, &Value::Null)
    }

    pub(crate) fn ticket(&self, who: &str, door: &str) -> String {
        let (status, told) = self.asks(who, "POST", &format!("/doors/{door}/ticket"), &json!({}));
        assert_eq!(status, 200, "{told}");
        told["ticket"].as_str().unwrap().to_owned()
    }

    pub(crate) fn tap(&self, who: &str, door: &str, ticket: &str) -> (u16, Value) {
        self.asks(who, "POST", &format!("/doors/{door}/unlock"), &json!({ "ticket": ticket }))
    }

    /// Asks it to end, as a deployment does. It has to do so well, and soon enough; what it said comes back.
    pub(crate) async fn ends_well(mut self) -> Vec<String> {
        let kill = format!("kill -TERM {}", self.process.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
        let asked = Instant::now();
        let ended = loop {
            assert!(asked.elapsed() < Duration::from_secs(30), "it runs on");
            match self.process.try_wait().unwrap() {
                Some(ended) => break ended,
                None => sleep(Duration::from_millis(20)).await,
            }
        };
        assert!(ended.success(), "{ended}");
        self.said.take().unwrap().join().unwrap()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
