//! L7: what a resident or a manager reads holds no secret and no e-mail, also where the vendor repeats it.

use elevate_access::Outcome;
use elevate_access_testkit::{
    Fault, FaultKind, Reply, Spans,
    seam::{Account, AttemptEnd, Device, Seam},
};
use elevate_seam::{ApiKey, Client, DeviceId, TwoNProvider, TwoNSettings, Units};

use super::house::{House, building, door, resident};

const KEY: &str = "seam_c4n4ryKeyDoNotShow";
const EMAIL: &str = "manager@maple.example";

fn echoing() -> Seam {
    let mut seam = Seam::new(KEY)
        .account(Account::new("account-1").email(EMAIL))
        .space("sp-101", "101")
        .device(Device::two_n("dev-1", &format!("Door of {EMAIL} {KEY}")).in_spaces(["sp-101"]));
    seam.echo_secrets(true);
    seam
}

fn search(shown: &str) {
    for secret in [KEY, EMAIL, "c4n4ry", "maple.example"] {
        assert!(!shown.contains(secret), "{secret} shows in: {shown}");
    }
}

#[tokio::test(start_paused = true)]
async fn no_list_outcome_diagnosis_or_health_shows_one() {
    let mut seam = echoing();
    seam.attempts_end(AttemptEnd::error("t", "It failed"));
    let house = House::of(seam);
    let list = house.doors("jane").await;
    search(&format!("{list:?}"));

    let outcome = house.tap("jane", "dev-1").await.unwrap();
    let Outcome::NotOpened(receipt) = &outcome else { panic!("{outcome:?}") };
    let detail = receipt.reason.as_ref().unwrap().detail().unwrap();
    assert!(detail.contains("***"), "a vain test: {detail}");
    search(&format!("{outcome:?} {} {}", outcome.for_resident(), outcome.for_manager()));
    search(&serde_json::to_string(&outcome).unwrap());

    house.vendor.with(|seam| seam.set_key("seam_otherkey").requests(""));
    for shown in [
        format!("{:?}", house.refreshed("jane").await),
        format!("{:?}", house.access.check(&building()).await.unwrap()),
        house.access.diagnose(&resident("jane"), Some(&door("dev-1"))).await.unwrap().to_string(),
    ] {
        search(&shown);
    }
    tokio::time::sleep(super::house::secs(301)).await;
    let error = house.tap("jane", "dev-1").await.unwrap_err();
    search(&format!("{error} {error:?} {} {}", error.for_resident(), error.for_manager()));
}

#[tokio::test(start_paused = true)]
async fn a_units_name_is_shown_without_one() {
    let name = format!("Loft {EMAIL}");
    let house = House::of(echoing());
    house.has_units(&[&name]).moves_in("jane", &[&name]);
    let list = house.doors("jane").await;
    assert!(list.problems[0].reason.subject().unwrap().contains("***"), "a vain test: {list:?}");
    search(&format!("{list:?}"));
    search(&house.access.diagnose(&resident("jane"), None).await.unwrap().to_string());
}

#[test]
fn neither_the_provider_nor_its_settings_print_one() {
    let client = Client::builder(ApiKey::new(KEY).unwrap())
        .wire(std::sync::Arc::new(elevate_access_testkit::MemoryWire::new(
            elevate_access_testkit::Vendor::new(Seam::new(KEY)),
            elevate_access_testkit::TestClock::new(),
        )))
        .build()
        .unwrap();
    let table = Units::Table(vec![(EMAIL.to_owned(), vec![DeviceId::new("d").unwrap()])]);
    let settings = TwoNSettings::new(building()).units(table.clone());
    let provider = TwoNProvider::new(client, settings.clone());
    search(&format!("{table:?} {table:#?} {settings:?} {settings:#?} {provider:?} {provider:#?}"));

    // A customer's key, a name of a door and a key of metadata are text that people wrote.
    let settings = settings.customer(EMAIL).only_doors([EMAIL]).units(Units::metadata(EMAIL));
    search(&format!("{settings:?} {settings:#?}"));
}

#[tokio::test(start_paused = true)]
async fn no_finding_about_the_settings_or_the_workspace_shows_one() {
    let names = [format!("Door of {EMAIL}"), format!("{KEY} gate")];
    let house = House::with(echoing(), |settings| settings.only_doors(names).customer(EMAIL));
    let health = house.access.check(&building()).await.unwrap();
    assert_eq!(health[0].health.reasons.len(), 5, "a vain test: {health:?}");
    search(&format!("{health:?}"));

    // A vendor that gives our own key for the workspace's id.
    let house = House::of(echoing());
    let device = |id: &str, workspace: &str| {
        serde_json::json!({
            "device_id": id, "device_type": "two_n_intercom", "workspace_id": workspace,
        })
    };
    let devices = [device("d-1", KEY), device("d-2", "workspace-2")];
    let list = serde_json::json!({ "ok": true, "devices": devices }).to_string();
    house.vendor.with(|seam| seam.reply_to("/devices/list", 200, list).requests(""));
    let problem = house.problems("jane").await.remove(0);
    assert!(problem.detail().unwrap().contains("***"), "a vain test: {problem}");
    search(&format!("{problem:?} {}", problem.for_manager()));
}

#[tokio::test(start_paused = true)]
async fn a_key_in_the_place_of_an_id_is_not_shown() {
    // A reply's header names the key as the request's id.
    let house = House::of(echoing());
    house.vendor.faults(|f| {
        let echo = Reply::json(403, "{}").header("seam-request-id", KEY);
        f.always(Fault::before(FaultKind::Instead(echo)));
    });
    let problems = format!("{:?}", house.problems("jane").await);
    assert!(!problems.contains(KEY), "{problems}");

    // The order is taken, and the attempt's id is the key.
    let house = House::of(echoing());
    house.doors("jane").await;
    house.vendor.with(|seam| {
        let body = format!(
            r#"{{"ok":true,"action_attempt":{{"action_attempt_id":"{KEY}","action_type":"UNLOCK_DOOR","status":"success","result":{{"was_confirmed_by_device":true}},"error":null}}}}"#
        );
        seam.act_then_reply_to("/locks/unlock_door", 200, body).requests("");
    });
    let outcome = house.tap("jane", "dev-1").await.unwrap();
    assert_eq!(outcome.receipt().reference, None);
    assert!(!format!("{outcome:?}").contains(KEY));
}

#[tokio::test(start_paused = true)]
async fn no_span_or_event_shows_one() {
    let house = House::of(echoing());
    let resident = resident("jane");
    let spans = Spans::default();
    let listening = spans.listen();
    assert!(matches!(house.tap("jane", "dev-1").await.unwrap(), Outcome::Opened(_)));
    let failed = AttemptEnd::error(EMAIL, &format!("{KEY} failed"));
    house.vendor.with(|seam| {
        seam.attempts_end(failed);
    });
    assert!(matches!(house.tap("jane", "dev-1").await.unwrap(), Outcome::NotOpened(_)));
    for status in [200, 400, 401, 403, 404, 500] {
        let body = format!(r#"{{"error":{{"type":"{EMAIL}","message":"{KEY}"}},"ok":"{EMAIL}"}}"#);
        for path in ["/locks/unlock_door", "/action_attempts/get", "/devices/list", "/spaces/list"]
        {
            let instead = FaultKind::Instead(Reply::json(status, body.clone()));
            house.vendor.faults(|f| f.on(path, 0, 9, Fault::before(instead)));
            tokio::time::sleep(super::house::secs(301)).await;
            let _ = house.tap("jane", "dev-1").await;
            house.refreshed("jane").await;
            let _ = house.access.diagnose(&resident, Some(&door("dev-1"))).await;
            let _ = house.access.check(&building()).await;
            house.vendor.faults(elevate_access_testkit::Faults::clear);
        }
    }
    drop(listening);
    let text = spans.text();
    for there in ["POST /locks/unlock_door", "POST /devices/list", "order_failed", "diagnose"] {
        assert!(text.contains(there), "{there} was not looked at");
    }
    search(&text);
}
