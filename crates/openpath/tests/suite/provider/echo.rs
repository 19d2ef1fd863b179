//! A vendor that answers successfully, with secrets and strangers' affairs in what it says.

use std::fmt::Write as _;

use elevate_access::{Cause, DoorId, Freshness, MemoryStore, ResidentId, Store, Tap};
use elevate_access_testkit::openpath::{Activity, Credential, Entry, Openpath, Operation, User};
use elevate_openpath::{
    Client, CredentialTypeId, Credentials, ErrorKind, OpenpathProvider, OrgId, UserId,
};

use crate::{
    secrets::Log,
    support::{
        ACCOUNT, House, Line, ORG, PASSWORD, Recorder, building, client_over, connection, door,
        openpath, said, with_jane, with_janes_key,
    },
};

/// The first token that the vendor gives out.
const TOKEN: &str = "openpath-secret-token-1";

fn jane() -> ResidentId {
    ResidentId::new("jane").unwrap()
}

#[tokio::test(start_paused = true)]
async fn what_openpath_says_in_a_success_is_shown_without_the_sessions_secrets() {
    let jane_of_secrets = User::active(7001, "jane@example.com")
        .credential(Credential::cloud_key(88_001))
        .entry(Entry::new(4401, &format!("Main {PASSWORD}")).zone(1, TOKEN));
    let house = House::at(
        openpath()
            .user(jane_of_secrets)
            .scopes(&["o5120-user:w", &format!("o5120-{TOKEN}:w"), "o5120-site:r"])
            .entry_state(9, PASSWORD, &["card"])
            .lockdown_plan(77, PASSWORD, &[1]),
    );
    house.vendor.with(|openpath| {
        openpath.set_door_state(4401, 9);
        openpath.start_lockdown(77);
        let denied = Activity::denied(4401, &format!("sent {PASSWORD} and {TOKEN}"));
        openpath.activity(7001, denied.at(jiff_of("2026-03-02T12:00:00Z")));
    });
    let list = house.doors("jane", Freshness::Cached).await;
    assert_eq!(list.doors[0].name, "Main ***");
    let mut text = format!("{list:?}");
    let diagnosis = house.access.diagnose(&jane(), Some(&door("4401"))).await.unwrap();
    let health = house.access.check(&building()).await.unwrap();
    let _ = write!(text, "{diagnosis}{diagnosis:?}{health:?}");
    for told in
        ["sent *** and ***", "the plan “***”", "its state is “***”", "it also has o5120-***:w"]
    {
        assert!(text.contains(told), "{told} in {text}");
    }
    for secret in [PASSWORD, TOKEN] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}

fn jiff_of(text: &str) -> jiff::Timestamp {
    text.parse().unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_secret_in_the_place_of_an_id_reaches_no_url_no_log_and_no_store() {
    let log = Log::default();
    let kept = log.kept();
    let creation = |id: &str| format!(r#"{{"data":{{"id":"{id}"}}}}"#);
    let list = |id: &str| {
        format!(
            r#"{{"data":[{{"id":"{id}","credentialType":{{"id":29,"modelName":"cloudKey"}}}}]}}"#
        )
    };
    let longer = format!("x-{}", TOKEN.to_uppercase());
    for id in [TOKEN, &longer] {
        for (operation, body, status) in [
            (Operation::CreateCredential, creation(id), 201),
            (Operation::ListCredentials, list(id), 200),
        ] {
            let store = MemoryStore::new();
            let house = House::with_store(with_jane(), store.clone());
            let recorder = Recorder::before(house.wire());
            house.connect(OpenpathProvider::new(client_over(recorder.clone())));
            house.vendor.with(|openpath| openpath.reply_to(operation, body, status));
            said(house.tap("jane", 4401).await);
            house.doors("jane", Freshness::Fresh).await;
            let link = store.link(&connection(), &jane()).await.unwrap();
            let mut seen = format!("{link:?}");
            for sent in recorder.sent() {
                let _ = write!(seen, " {}", sent.url);
            }
            assert!(!seen.to_lowercase().contains(TOKEN), "{operation:?}: {seen}");
        }
    }
    drop(kept);
    assert!(!log.text().to_lowercase().contains(TOKEN), "{}", log.text());
}

#[tokio::test(start_paused = true)]
async fn an_id_that_holds_a_secret_is_an_unreadable_reply() {
    let line = Line::to(with_jane());
    let (user, kind) = (UserId::from(7001), CredentialTypeId::from(29));
    let reply = |operation, body: String, status| {
        line.vendor.with(|openpath| openpath.reply_to(operation, body, status));
    };
    line.client.sign_in().await.unwrap();
    let body = format!(r#"{{"data":{{"id":"{TOKEN}"}}}}"#);
    reply(Operation::CreateCredential, body, 201);
    let created = line.client.create_cloud_key(&user, &kind, "k").await.unwrap_err();
    assert_eq!(created.kind(), ErrorKind::Undecodable);
    assert!(!format!("{created} {created:?}").contains(TOKEN));
    let body = format!(r#"{{"data":[{{"id":"{TOKEN}"}}]}}"#);
    reply(Operation::ListUserEntries, body, 200);
    let listed = line.client.user_entries(&user).all().await.unwrap_err();
    assert_eq!(listed.kind(), ErrorKind::Undecodable);
    let bound = format!(
        r#"{{"data":{{}},"meta":{{"siteSpecificAccess":{{"isSiteSpecific":true,"siteIds":["{TOKEN}"]}}}}}}"#
    );
    reply(Operation::GetEffectivePermissionsForOrg, bound, 200);
    let scopes = line.client.self_check().await.unwrap_err();
    assert_eq!(scopes.kind(), ErrorKind::Undecodable);
}

#[tokio::test(start_paused = true)]
async fn a_report_names_a_few_sites_and_counts_the_others() {
    let line = Line::to(with_jane());
    for (count, told) in [(20_u32, "6, 7 and 12 more; users"), (2_000, "some only, not told which")]
    {
        let ids: Vec<String> = (0..count).map(|n| n.to_string()).collect();
        let body = format!(
            r#"{{"data":{{}},"meta":{{"siteSpecificAccess":{{"isSiteSpecific":true,"siteIds":[{}]}}}}}}"#,
            ids.join(",")
        );
        line.vendor.with(|openpath| {
            openpath.reply_to(Operation::GetEffectivePermissionsForOrg, body, 200);
        });
        let report = line.client.self_check().await.unwrap().to_string();
        assert!(report.contains(told), "{report}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_door_id_that_is_no_id_is_not_logged() {
    let log = Log::default();
    let kept = log.kept();
    let house = House::at(with_janes_key());
    for id in ["openpath/bob@example.com", "bob%40example.com/4401", "bob@example.com/1"] {
        let door: DoorId = id.parse().unwrap();
        let refused = house.access.unlock(&jane(), &door, Tap::now()).await.unwrap_err();
        assert_eq!(refused.cause(), Cause::DoorNotGranted);
    }
    house.tap("jane", 4401).await.unwrap();
    drop(kept);
    assert!(log.text().contains("openpath/4401"));
    assert!(!log.text().contains("bob"), "{}", log.text());
}

#[tokio::test(start_paused = true)]
async fn a_number_that_has_the_passwords_digits_in_it_is_an_id_like_any_other() {
    let jane = User::active(7001, "jane@example.com").entry(Entry::new(4401, "Main"));
    let openpath = Openpath::new(ORG)
        .service_account(ACCOUNT, "8800")
        .user(jane.credential(Credential::cloud_key(88_001)));
    let house = House::at(openpath);
    let client = Client::builder(
        "https://openpath.example",
        OrgId::from(ORG),
        Credentials::password(ACCOUNT, "8800"),
    );
    let client = client.wire(house.wire()).build().unwrap();
    house.connect(OpenpathProvider::new(client));
    assert_eq!(said(house.tap("jane", 4401).await), "accepted");
}
