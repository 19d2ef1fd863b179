//! The service as a program: its residents over HTTP, both vendors' stand-ins on loopback.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::{
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

use elevate_access_testkit::{
    Loopback, TestClock, Vendor,
    openpath::{Entry, Openpath, User},
    postgres::Cluster,
    seam::{Device, Seam},
};
use serde_json::{Value, json};
use sqlx::SqlitePool;
use tempfile::TempDir;

const PASSWORD: &str = "a password";
const API_KEY: &str = "seam_test_key";

/// Both vendors, the service's files, and who lives where.
struct Town {
    openpath: Vendor<Openpath>,
    seam: Vendor<Seam>,
    folder: TempDir,
    tables: SqlitePool,
    _loopbacks: [Loopback; 2],
}

impl Town {
    async fn build() -> Self {
        let jane = User::active(7001, "jane@example.com");
        let jane = jane.entry(Entry::new(4401, "Main entrance")).entry(Entry::new(4402, "Garage"));
        let tom = User::active(7002, "tom@example.com").entry(Entry::new(4403, "Roof terrace"));
        let fred = User::active(7003, "fred@example.com").entry(Entry::new(4401, "Main entrance"));
        let openpath = Openpath::new(5120).service_account("svc@example.com", PASSWORD);
        let openpath = Vendor::new(openpath.user(jane).user(tom).user(fred));
        let gate = Device::two_n("gate", "Gate").in_spaces(["s1"]).can_remotely_unlock(Some(true));
        let seam = Vendor::new(Seam::new(API_KEY).space("s1", "101").device(gate));
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
             INSERT INTO connections (id, building, vendor, base_url, account, login, secret) VALUES
                 ('larkspur-doors', 'larkspur', 'openpath', '{}', '5120', 'svc@example.com', 'LARKSPUR'),
                 ('maple-doors', 'maple', 'seam', '{}', 'ws-1', NULL, 'MAPLE');",
            include_str!("../src/tables.sql"),
            loopbacks[0].base_url(),
            loopbacks[1].base_url(),
        );
        sqlx::raw_sql(sqlx::AssertSqlSafe(rows)).execute(&tables).await.unwrap();
        Self { openpath, seam, folder, tables, _loopbacks: loopbacks }
    }

    fn file(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    /// The service, once it listens.
    fn service(&self) -> Service {
        self.service_with(&self.file("access.db").display().to_string())
    }

    fn service_with(&self, store: &str) -> Service {
        Service::start(&self.file("service.db"), store)
    }
}

/// The running program. It ends with this.
struct Service {
    process: Child,
    base: String,
    /// The address for staff.
    staff: String,
    agent: ureq::Agent,
}

impl Service {
    fn start(tables: &Path, store: &str) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_elevate-example-service"))
            .env("LISTEN", "127.0.0.1:0")
            .env("STAFF_LISTEN", "127.0.0.1:0")
            .env("TABLES", tables)
            .env("STORE", store)
            .env("TICKET_SECRET", "0123456789abcdef0123456789abcdef")
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
        std::thread::spawn(move || told.lines().map_while(Result::ok).for_each(drop));
        let agent = ureq::Agent::config_builder().http_status_as_error(false).build();
        Self { process, base, staff, agent: agent.into() }
    }

    fn asks(&self, who: &str, method: &str, path: &str, body: &Value) -> (u16, Value) {
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
    fn staff(&self, path: &str) -> (u16, String) {
        let mut answer = self.agent.get(format!("{}{path}", self.staff)).call().unwrap();
        (answer.status().as_u16(), answer.body_mut().read_to_string().unwrap())
    }

    fn get(&self, who: &str, path: &str) -> (u16, Value) {
        self.asks(who, "GET", path, &Value::Null)
    }

    fn ticket(&self, who: &str, door: &str) -> String {
        let (status, told) = self.asks(who, "POST", &format!("/doors/{door}/ticket"), &json!({}));
        assert_eq!(status, 200, "{told}");
        told["ticket"].as_str().unwrap().to_owned()
    }

    fn tap(&self, who: &str, door: &str, ticket: &str) -> (u16, Value) {
        self.asks(who, "POST", &format!("/doors/{door}/unlock"), &json!({ "ticket": ticket }))
    }

    /// Asks it to end, as a deployment does, and says whether it did so well.
    fn stops_well(mut self) -> bool {
        let kill = format!("kill -TERM {}", self.process.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
        self.process.wait().unwrap().success()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn names(told: &Value) -> Vec<&str> {
    told["doors"].as_array().unwrap().iter().map(|door| door["name"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resident_lists_favours_and_opens_and_nobody_opens_what_is_not_theirs() {
    let town = Town::build().await;
    let service = town.service();

    // The list, and a favourite.
    let (status, told) = service.get("jane", "/doors");
    assert_eq!((status, names(&told)), (200, vec!["Main entrance", "Garage"]), "{told}");
    let (status, _) =
        service.asks("jane", "PUT", "/doors/larkspur-doors/4402/favorite", &Value::Null);
    assert_eq!(status, 204);
    assert_eq!(names(&service.get("jane", "/doors").1), ["Garage", "Main entrance"]);

    service.asks("jane", "DELETE", "/doors/larkspur-doors/4402/favorite", &Value::Null);
    assert_eq!(names(&service.get("jane", "/doors").1), ["Main entrance", "Garage"]);

    // A tap, and a double tap: the phone sends the same ticket again.
    let ticket = service.ticket("jane", "larkspur-doors/4402");
    let first = service.tap("jane", "larkspur-doors/4402", &ticket);
    assert_eq!(
        (first.0, &first.1["code"], &first.1["good"]),
        (200, &json!("accepted"), &json!(true))
    );
    assert_eq!(service.tap("jane", "larkspur-doors/4402", &ticket), first);
    assert_eq!(town.openpath.ledger().opened("4402"), 1);

    // 2N confirms.
    let ticket = service.ticket("ana", "maple-doors/gate");
    let (status, told) = service.tap("ana", "maple-doors/gate", &ticket);
    assert_eq!((status, &told["code"]), (200, &json!("opened")));
    assert_eq!(town.seam.ledger().opened("gate"), 1);

    // A foreign door, somebody else's ticket, one who has left, and nobody at all.
    let orders = || town.openpath.ledger().orders().len() + town.seam.ledger().orders().len();
    let before = orders();
    for (who, door, code) in [
        ("jane", "larkspur-doors/4403", "door_not_granted"),
        ("jane", "maple-doors/gate", "door_not_granted"),
        ("fred", "larkspur-doors/4401", "not_current"),
        ("nobody", "larkspur-doors/4401", "resident_unknown"),
    ] {
        let ticket = service.ticket(who, door);
        let (status, told) = service.tap(who, door, &ticket);
        assert_eq!((status, &told["code"]), (403, &json!(code)), "{who} at {door}");
    }
    let stolen = service.ticket("tom", "larkspur-doors/4403");
    let (status, told) = service.tap("jane", "larkspur-doors/4401", &stolen);
    assert_eq!((status, &told["code"]), (400, &json!("ticket_refused")));
    assert_eq!(service.get("", "/doors").0, 403);
    assert_eq!(orders(), before, "nothing of that was sent");

    let (_, taps) = service.get("jane", "/taps");
    assert_eq!((&taps[0]["door"], &taps[0]["outcome"]), (&json!("Garage"), &json!("accepted")));
}

#[tokio::test(flavor = "multi_thread")]
async fn favourites_and_spent_tickets_outlive_the_process_and_a_move_out_counts_at_once() {
    let town = Town::build().await;
    let service = town.service();
    service.asks("jane", "PUT", "/doors/larkspur-doors/4402/favorite", &Value::Null);
    let ticket = service.ticket("jane", "larkspur-doors/4401");
    let first = service.tap("jane", "larkspur-doors/4401", &ticket);
    assert!(service.stops_well());

    let service = town.service();
    assert_eq!(service.get("jane", "/doors").1["doors"][0]["favorite"], true);
    assert_eq!(service.tap("jane", "larkspur-doors/4401", &ticket), first);
    assert_eq!(town.openpath.ledger().opened("4401"), 1);

    let left = "UPDATE residencies SET status = 'Former' WHERE resident = 'jane'";
    sqlx::raw_sql(left).execute(&town.tables).await.unwrap();
    let ticket = service.ticket("jane", "larkspur-doors/4401");
    assert_eq!(service.tap("jane", "larkspur-doors/4401", &ticket).1["code"], "not_current");
    assert_eq!(town.openpath.ledger().opened("4401"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_building_says_whether_its_door_systems_are_well() {
    let town = Town::build().await;
    let service = town.service();
    assert_eq!(service.staff("/buildings/larkspur/health").0, 200);
    assert_eq!(service.staff("/buildings/nowhere/health").0, 404, "it has no door system");
    assert_eq!(service.get("", "/buildings/larkspur/health").0, 404, "it is not for residents");
    // Somebody rotated the password and forgot the service.
    town.openpath.with(|it| it.set_password("svc@example.com", "another"));
    sqlx::raw_sql("UPDATE connections SET revision = revision + 1")
        .execute(&town.tables)
        .await
        .unwrap();
    let (status, told) = service.staff("/buildings/larkspur/health");
    assert_eq!(status, 503, "{told}");
    assert!(!told.contains("svc@example.com"));
}

#[tokio::test(flavor = "multi_thread")]
async fn staff_sees_why_a_door_stays_shut_who_has_none_and_how_many_taps_there_were() {
    let town = Town::build().await;
    let service = town.service();
    let ticket = service.ticket("jane", "larkspur-doors/4401");
    service.tap("jane", "larkspur-doors/4401", &ticket);

    let (status, told) = service.staff("/residents/jane/diagnosis?door=larkspur-doors/4403");
    assert_eq!(status, 200);
    assert!(told.contains("FAILED   This door is among that user's entries."), "{told}");
    let (_, told) = service.staff("/residents/nobody/diagnosis");
    assert!(told.contains("FAILED   ElevateOS knows the resident."), "{told}");
    // Fred has moved out, and has his door still.
    let (status, told) = service.staff("/buildings/larkspur/audit");
    let report: Value = serde_json::from_str(&told).unwrap();
    let codes: Vec<_> =
        report["findings"].as_array().unwrap().iter().map(|it| &it["code"]).collect();
    assert_eq!((status, codes), (200, vec![&json!("access_remains")]));
    let (status, told) = service.staff("/buildings/larkspur/audit?page=true");
    assert!(status == 200 && told.starts_with("<!doctype html>"), "{told}");
    let (status, told) = service.staff("/metrics");
    assert!(status == 200 && told.contains("elevate_taps"), "{told}");
    for secret in [PASSWORD, API_KEY, "jane@example.com"] {
        assert!(!told.contains(secret));
    }

    let forgets = service.agent.post(format!("{}/residents/jane/forget", service.staff));
    assert_eq!(forgets.send_empty().unwrap().status().as_u16(), 204);
    assert_eq!(service.get("jane", "/taps").1, json!([]));
    let (status, told) = service.tap("jane", "larkspur-doors/4401", &ticket);
    assert_ne!(status, 200, "a ticket that was used stays used: {told}");
    assert_eq!(town.openpath.ledger().opened("4401"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_that_share_a_postgres_take_a_ticket_once() {
    let Some(postgres) = Cluster::start().unwrap() else {
        println!("skipped: PostgreSQL is not installed");
        return;
    };
    let town = Town::build().await;
    let nodes = [town.service_with(&postgres.url()), town.service_with(&postgres.url())];
    for _ in 0..5 {
        let before = town.openpath.ledger().opened("4401");
        let ticket = nodes[0].ticket("jane", "larkspur-doors/4401");
        let tap = |node: &Service| node.tap("jane", "larkspur-doors/4401", &ticket);
        let (one, other) = std::thread::scope(|scope| {
            let one = scope.spawn(|| tap(&nodes[0]));
            (tap(&nodes[1]), one.join().unwrap())
        });
        assert_eq!((one.0, &one.1["code"]), (200, &json!("accepted")), "{one:?}");
        assert_eq!(one, other);
        assert_eq!(town.openpath.ledger().opened("4401"), before + 1);
    }
}
