//! The service as a program: its residents over HTTP, both vendors' stand-ins on loopback.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod strangers;
mod town;

use elevate_access_testkit::postgres::Cluster;
use serde_json::{Value, json};

use crate::town::{API_KEY, PASSWORD, Service, Town};

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
        (first.0, &first.1["code"], &first.1["door"]),
        (200, &json!("accepted"), &json!("taken"))
    );
    assert_eq!(service.tap("jane", "larkspur-doors/4402", &ticket), first);
    assert_eq!(town.openpath.ledger().opened("4402"), 1);

    // 2N confirms.
    let ticket = service.ticket("ana", "maple-doors/gate");
    let (status, told) = service.tap("ana", "maple-doors/gate", &ticket);
    assert_eq!((status, &told["code"], &told["door"]), (200, &json!("opened"), &json!("open")));
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
    service.ends_well().await;

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
    let forgets = forgets.header("x-staff-request", "1");
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
