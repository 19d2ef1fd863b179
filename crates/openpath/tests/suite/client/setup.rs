//! What helps to say why a door stays shut.

use std::{future::ready, sync::Arc, time::Duration};

use elevate_access_testkit::{
    MemoryWire,
    openpath::{Activity, Openpath, Operation},
};
use elevate_openpath::{
    ActivityResult, CloudKeyUnlock, CredentialId, EntryId, ErrorKind, Gate, UserId, ZoneId,
};
use tokio::time::Instant;

use crate::support::{Line, Recorder, client_over, with_jane, with_janes_key};

fn wide(openpath: Openpath) -> Openpath {
    openpath.scopes(&["o5120-user:w", "o5120-site:r"])
}

#[tokio::test(start_paused = true)]
async fn each_read_is_the_documented_request() {
    let line = Line::to(wide(with_jane()));
    let recorder = Recorder::before(Arc::new(MemoryWire::new(line.vendor.clone(), line.clock)));
    let client = client_over(recorder.clone());
    let jane = UserId::from(7001);
    client.entry_states().all().await.unwrap();
    client.lockdown_plans().all().await.unwrap();
    client.entries().all().await.unwrap();
    client.entry(&EntryId::from(4401)).await.unwrap();
    client.features().all().await.unwrap();
    client.user_activity(&jane, 50).all().await.unwrap();
    client.effective_scopes().await.unwrap();

    let sent: Vec<String> = recorder
        .sent()
        .iter()
        .skip(1)
        .map(|sent| {
            assert!(sent.body.is_empty());
            let query = sent.url.query().map(|query| format!("?{query}")).unwrap_or_default();
            format!("{}{query}", sent.url.path().trim_start_matches("/orgs/5120"))
        })
        .collect();
    let by_id = "?limit=100&offset=0&sort=id&order=asc";
    assert_eq!(
        sent,
        [
            format!("/entryStates{by_id}"),
            format!("/lockdownPlans{by_id}"),
            format!("/entries{by_id}"),
            "/entries/4401".to_owned(),
            "/features".to_owned(),
            "/users/7001/reports/activity?limit=50&offset=0&sort=time&order=desc".to_owned(),
            "/effectiveScopes".to_owned(),
        ]
    );
    assert_eq!(line.vendor.with(|openpath| openpath.strays().to_vec()), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_state_says_whether_a_cloud_key_opens() {
    let line = Line::to(wide(with_jane().entry_state(3, "Strict", &["card", "mobile"])));
    let states = line.client.entry_states().all().await.unwrap().rows;
    let of = |name: &str| states.iter().find(|state| state.name.as_deref() == Some(name)).unwrap();
    assert_eq!(of("Standard Security").allows_cloud_key(), Some(true));
    assert_eq!(of("Strict").allows_cloud_key(), Some(false));

    line.vendor.with(|openpath| openpath.set_door_state(4401, 3));
    let door = line.client.entry(&EntryId::from(4401)).await.unwrap();
    assert_eq!(door.entry_state.unwrap().id.as_ref(), Some(&of("Strict").id));
}

#[tokio::test(start_paused = true)]
async fn the_organisations_entries_need_more_than_user_w() {
    let line = Line::to(with_jane());
    let error = line.client.entries().all().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Forbidden);
    let error = line.client.entry(&EntryId::from(4401)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Forbidden);

    let line = Line::to(wide(with_jane()));
    let entries = line.client.entries().all().await.unwrap().rows;
    let ids: Vec<_> = entries.iter().filter_map(|entry| entry.id.as_number()).collect();
    assert_eq!(ids, [4401, 4402]);
    let error = line.client.entry(&EntryId::from(9999)).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.operation()),
        (ErrorKind::NotFound, "openpath.org_entries.get")
    );
}

#[tokio::test(start_paused = true)]
async fn a_lockdown_is_seen_while_it_is_on() {
    let line = Line::to(with_jane().lockdown_plan(61, "Basement", &[302]));
    for is_active in [false, true, false] {
        line.vendor.with(|openpath| {
            if is_active { openpath.start_lockdown(61) } else { openpath.end_lockdown(61) }
        });
        let plans = line.client.lockdown_plans().all().await.unwrap().rows;
        let [plan] = plans.as_slice() else { panic!("{plans:?}") };
        assert_eq!(plan.is_active, Some(is_active));
        assert_eq!(plan.zone_ids, [ZoneId::from(302)]);
    }
}

#[tokio::test(start_paused = true)]
async fn an_unlock_is_found_in_the_users_activity() {
    let line = Line::to(with_janes_key());
    let (jane, key) = (UserId::from(7001), CredentialId::from(88_001));
    let earlier = Activity::denied(4402, "Lockdown").by("mobile");
    line.vendor.with(|openpath| openpath.activity(7001, earlier));
    let (door, other) = (EntryId::from(4401), EntryId::from(4402));
    let unlock = CloudKeyUnlock::new(&jane, &key, &door);
    let by = Instant::now() + Duration::from_secs(5);
    line.client.cloud_key_unlock(&unlock, by, by, || Gate::new(ready(true))).await.unwrap();
    tokio::time::sleep(Duration::from_mins(1)).await;

    let rows = line.client.user_activity(&jane, 10).all().await.unwrap().rows;
    let [last, first] = rows.as_slice() else { panic!("{rows:?}") };
    assert_eq!(last.result, Some(ActivityResult::Granted));
    assert!(last.is_by_cloud_key() && last.is_at(&door) && !last.is_at(&other));
    assert_eq!(last.user_id.as_ref(), Some(&jane));
    assert_eq!(first.result, Some(ActivityResult::Denied));
    assert_eq!(first.denied_reason.as_deref(), Some("Lockdown"));
    assert!(!first.is_by_cloud_key() && first.is_at(&other) && first.time < last.time);
    assert_eq!(line.count(Operation::GetUserActivity), 1);
}

#[tokio::test(start_paused = true)]
async fn activity_shows_no_person() {
    let line = Line::to(with_jane());
    line.vendor.with(|openpath| {
        openpath.activity(7001, Activity::denied(4401, "Jane Doe").described("Jane Doe was late"));
    });
    let rows = line.client.user_activity(&UserId::from(7001), 10).all().await.unwrap();
    let shown = format!("{rows:#?}");
    for private in ["jane@example.com", "Jane", "Doe"] {
        assert!(!shown.contains(private), "{private} in {shown}");
    }
    assert!(shown.contains("7001"), "{shown}");
}
