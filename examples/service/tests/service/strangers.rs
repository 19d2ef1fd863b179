//! What a stranger tried on the service.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::TcpStream,
    process::Command,
    time::Duration,
};

use elevate_access::{Clock as _, SystemClock};
use elevate_access_testkit::{
    Fault, FaultKind,
    openpath::{Entry, User},
};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::town::{HOOK, Service, Town};

#[tokio::test(flavor = "multi_thread")]
async fn a_former_resident_opens_no_door_of_another_building_of_the_same_organisation() {
    let town = Town::build().await;
    // Vera moved from oak to larkspur, and Openpath lists the doors of both as hers.
    let vera = User::active(7004, "vera@example.com");
    let vera = vera.entry(Entry::new(4401, "Main entrance"));
    let vera = vera.entry(Entry::new(4501, "Oak gate").site(22, "Oak"));
    town.openpath.with(|it| it.add_user(vera));
    let rows = "INSERT INTO units VALUES ('o-1', 'oak', '7');
        INSERT INTO residents VALUES ('vera', 'Vera Roe', 'vera@example.com');
        INSERT INTO residencies VALUES ('vera', 'l-1', 'Current'), ('vera', 'o-1', 'Former');
        UPDATE connections SET sites = '20, 21' WHERE id = 'larkspur-doors';
        INSERT INTO connections (id, building, vendor, base_url, account, login, sites, secret)
            SELECT 'oak-doors', 'oak', vendor, base_url, account, login, '22', secret
            FROM connections WHERE id = 'larkspur-doors'";
    sqlx::raw_sql(rows).execute(&town.tables).await.unwrap();
    let service = town.service();
    for (door, code) in [
        ("larkspur-doors/4501", "door_not_granted"),
        ("oak-doors/4501", "door_not_granted"),
        ("larkspur-doors/4401", "accepted"),
    ] {
        let (_, told) = service.tap("vera", door, &service.ticket("vera", door));
        assert_eq!(told["code"], code, "{door}: {told}");
    }
    assert_eq!(town.openpath.ledger().opened("4501"), 0);
    assert_eq!(town.openpath.ledger().opened("4401"), 1);
}

#[test]
fn a_secret_in_a_database_url_with_a_slip_in_it_is_not_logged() {
    let folder = tempfile::tempdir().unwrap();
    for url in [
        "postgres://access:hunter2-x7@127.0.0.1:9/access?pasword=hunter2-x7",
        "postgres://access:hunter2-x7@127.0.0.1:hunter2-x7/access",
        "postgres://access@127.0.0.1:9/access?sslmode=hunter2-x7",
    ] {
        let ended = Command::new(env!("CARGO_BIN_EXE_elevate-example-service"))
            .current_dir(folder.path())
            .envs([("STORE", url), ("TICKET_SECRET", "0123456789abcdef0123456789abcdef")])
            .env("LISTEN", "127.0.0.1:0")
            .output()
            .unwrap();
        let log = String::from_utf8_lossy(&ended.stderr);
        assert!(!ended.status.success() && !log.is_empty(), "{url}");
        assert!(!log.contains("hunter2"), "{log}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_knows_is_never_shown_as_an_open_door() {
    let town = Town::build().await;
    let service = town.service();
    let busy = FaultKind::status(422, r#"{"message": "no"}"#);
    for (door, fault, shown) in [
        ("larkspur-doors/4401", Fault::after(FaultKind::Reset), "unknown"),
        ("larkspur-doors/4402", Fault::before(busy), "shut"),
    ] {
        town.openpath.faults(|f| f.next_on("/cloudKeyEntryUnlock", fault));
        let (status, told) = service.tap("jane", door, &service.ticket("jane", door));
        assert_eq!((status, &told["door"]), (200, &json!(shown)), "{told}");
        assert_eq!(town.openpath.faults(|f| f.unused()), 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tap_that_was_held_up_on_the_phone_opens_nothing() {
    let town = Town::build().await;
    let service = town.service();
    let tap = |measured_ms: u64| {
        let ticket = service.ticket("jane", "larkspur-doors/4401");
        let sent = json!({ "ticket": ticket, "measured_ms": measured_ms });
        service.asks("jane", "POST", "/doors/larkspur-doors/4401/unlock", &sent)
    };
    let (status, told) = tap(6000);
    assert_eq!((status, &told["code"]), (408, &json!("tap_too_old")));
    assert_eq!(town.openpath.ledger().orders().len(), 0);
    assert_eq!(tap(500).0, 200);
    assert_eq!(town.openpath.ledger().opened("4401"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_id_is_in_no_log() {
    let town = Town::build().await;
    let service = town.service();
    for (who, door) in [
        ("jane", "larkspur-doors/jane@example.com"),
        ("tom@example.com", "larkspur-doors/4401"),
        ("jane", "larkspur-doors/4401"),
    ] {
        service.tap(who, door, &service.ticket(who, door));
    }
    let said = service.ends_well().await;
    let taps: Vec<_> = said.iter().filter(|line| line.contains(" taps: ")).collect();
    for told in [
        "resident=jane door=*** ",
        "resident=*** door=larkspur-doors/4401 ",
        "resident=jane door=larkspur-doors/4401 ",
    ] {
        assert!(taps.iter().any(|line| line.contains(told)), "{told}: {taps:?}");
    }
    assert!(!said.iter().any(|line| line.contains('@')), "{said:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_residents_in_one_request_are_nobody() {
    let town = Town::build().await;
    let service = town.service();
    for pair in [["tom", "jane"], ["jane", "tom"], ["jane", "jane"]] {
        let asks = service.agent.get(format!("{}/doors", service.base));
        let asks = pair.iter().fold(asks, |asks, who| asks.header("x-resident", *who));
        assert_eq!(asks.call().unwrap().status().as_u16(), 403, "{pair:?}");
    }
    assert_eq!(service.get("jane", "/doors").0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_page_in_a_browser_of_staff_has_somebody_forgotten() {
    let town = Town::build().await;
    let service = town.service();
    let ticket = service.ticket("jane", "larkspur-doors/4401");
    service.tap("jane", "larkspur-doors/4401", &ticket);
    // What a form on any page can send.
    let post = service.agent.post(format!("{}/residents/jane/forget", service.staff));
    let post = post.header("origin", "https://elsewhere.example");
    assert_eq!(post.send_empty().unwrap().status().as_u16(), 403);
    assert_ne!(service.get("jane", "/taps").1, json!([]));
    // Whether it may send more is asked first, which is not answered with a yes.
    let asks = service.agent.options(format!("{}/residents/jane/forget", service.staff));
    let asks = asks.header("origin", "https://elsewhere.example");
    let asks = asks.header("access-control-request-headers", "x-staff-request").call().unwrap();
    assert!(!asks.status().is_success());
    assert!(!asks.headers().contains_key("access-control-allow-headers"));
}

/// A request whose body never comes; it is being read by now.
fn hangs(base: &str, path: &str) -> BufReader<TcpStream> {
    let mut stream = TcpStream::connect(base.trim_start_matches("http://")).unwrap();
    write!(
        stream,
        "POST {path} HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\nexpect: 100-continue\r\n\r\n"
    )
    .unwrap();
    let (mut stream, mut line) = (BufReader::new(stream), String::new());
    stream.read_line(&mut line).unwrap();
    assert!(line.starts_with("HTTP/1.1 100 "), "{line}");
    stream
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_never_ends_does_not_keep_the_service_from_ending() {
    let town = Town::build().await;
    let service = town.hasty_service();
    // Nobody has to sign in for that.
    let _hangs = hangs(&service.base, "/webhooks/maple/maple-doors");
    let asked = Instant::now();
    service.ends_well().await;
    let took = asked.elapsed();
    assert!(took >= Duration::from_secs(1), "whoever was there had their time: {took:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_audit_without_end_does_not_keep_the_service_from_ending() {
    let town = Town::build().await;
    let service = town.hasty_service();
    service.get("jane", "/doors");
    town.openpath.faults(|f| f.always(Fault::before(FaultKind::Stall)));
    let asked = Instant::now();
    let mut stream = TcpStream::connect(service.staff.trim_start_matches("http://")).unwrap();
    write!(stream, "GET /buildings/larkspur/audit HTTP/1.1\r\nhost: x\r\n\r\n").unwrap();
    while town.openpath.faults(|f| f.unused()) > 0 {
        assert!(asked.elapsed() < Duration::from_secs(30), "nobody asks Openpath");
        sleep(Duration::from_millis(5)).await;
    }
    let asked = Instant::now();
    service.ends_well().await;
    let took = asked.elapsed();
    assert!(took >= Duration::from_secs(1), "whoever was there had their time: {took:?}");
}

fn posts(service: &Service, path: &str, headers: &[(String, String)], body: &[u8]) -> u16 {
    let post = service.agent.post(format!("{}{path}", service.base));
    let post = headers.iter().fold(post, |post, (name, value)| post.header(name, value));
    post.send(body).unwrap().status().as_u16()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_that_is_not_seams_is_refused_and_its_sender_notices() {
    let town = Town::build().await;
    let service = town.service();
    let (url, key) = (format!("{}webhooks/create", town.seam_url()), "Bearer seam_test_key");
    let made = service.agent.post(url).header("authorization", key);
    let made = made.send_json(json!({ "url": "https://service.example/hook" })).unwrap();
    let made: Value = serde_json::from_str(&made.into_body().read_to_string().unwrap()).unwrap();
    assert_eq!(made["webhook"]["secret"], HOOK, "{made}");
    town.seam.with(|it| {
        it.remove_device("gate");
    });
    let delivery = town.seam.with(|it| it.deliveries(SystemClock.now())).remove(0);

    let hook = "/webhooks/maple/maple-doors";
    let mut forged = delivery.body.clone();
    forged.push(b' ');
    assert_eq!(posts(&service, hook, &delivery.headers, &forged), 401);
    assert_eq!(posts(&service, hook, &[], &delivery.body), 401);
    assert_eq!(posts(&service, hook, &delivery.headers, &delivery.body), 204);
}
