//! Diagnosis and health.

use std::fmt::Write as _;

use elevate_access::{Cause, DoorId, Health, HealthState, ResidentId};
use elevate_access_testkit::{
    Fault, FaultKind,
    openpath::{Behaviour, Credential, Entry, Filtering, Openpath, Operation, User, fixtures},
};

use crate::support::{ACCOUNT, House, building, door, jane, openpath, with_jane, with_janes_key};

async fn report(openpath: Openpath, door: Option<DoorId>) -> String {
    let house = House::at(openpath);
    let jane = ResidentId::new("jane").unwrap();
    let diagnosis = house.access.diagnose(&jane, door.as_ref()).await.unwrap();
    assert_eq!(house.orders(), 0);
    assert_eq!(house.count(Operation::CreateCredential), 0);
    // What holds in the PMS is not told here.
    diagnosis.to_string().lines().skip_while(|line| !line.starts_with("Openpath")).fold(
        String::new(),
        |mut text, line| {
            let _ = writeln!(text, "{line}");
            text
        },
    )
}

/// Every cause that keeps a resident from a door, as the property manager reads of it.
#[tokio::test(start_paused = true)]
async fn every_precondition_is_told_with_its_remedy() {
    let active = || User::active(7001, "jane@example.com");
    let one = |user: User| openpath().user(user);
    let cases: Vec<(&str, Openpath)> = vec![
        ("all is well", with_janes_key()),
        ("no key yet", with_jane()),
        (
            "only a lockdown key",
            one(jane().credential(Credential::cloud_key(88_001).event_action("triggerLockdown"))),
        ),
        ("no such user", openpath()),
        ("two active users", with_janes_key().user(User::active(7044, "jane@example.com"))),
        ("suspended", one(User::suspended(7001, "jane@example.com"))),
        ("archived", one(User::archived(7001, "jane@example.com"))),
        ("a status that is not known", one(User::with_status(7001, "jane@example.com", "Q"))),
        ("not yet valid", one(active().valid_from("2099-01-01T00:00:00.000Z"))),
        ("no longer valid", one(active().valid_until("2021-01-31"))),
        ("a date that is none", {
            let mut openpath = one(active());
            openpath.reply_to(
                Operation::ListUsersPost,
                fixtures::fixture("users-date-unreadable.json")
                    .unwrap()
                    .replace("jane.miller@", "jane@"),
                200,
            );
            openpath
        }),
        ("remote unlock off", one(active().remote_unlock(false))),
        (
            "remote unlock not stated",
            one(active().remote_unlock_unstated().entry(Entry::new(4401, "Main"))),
        ),
        ("no entries", one(active())),
        ("another door", one(active().entry(Entry::new(4409, "Roof")))),
        (
            "a lock that is offline",
            one(active().entry(Entry::new(4401, "Main").wireless_lock(9, true))),
        ),
        ("bound to another site", with_jane().bound_to_sites(&[22])),
        ("a wrong password", {
            let mut openpath = with_jane();
            openpath.set_password(ACCOUNT, "another");
            openpath
        }),
    ];
    let mut text = String::new();
    for (name, openpath) in cases {
        let _ = writeln!(text, "## {name}\n{}", report(openpath, Some(door("4401"))).await);
    }
    assert!(!text.contains('@'), "an e-mail is shown");
    insta::assert_snapshot!(text);
}

#[tokio::test(start_paused = true)]
async fn without_a_door_the_resident_is_judged_all_the_same() {
    let report = report(with_janes_key(), None).await;
    assert_eq!(report.lines().filter(|line| line.starts_with("  ok")).count(), 8, "{report}");
    assert!(!report.to_lowercase().contains("door"), "{report}");
}

#[tokio::test(start_paused = true)]
async fn without_a_vouched_email_nothing_is_asked() {
    let house = House::at(with_janes_key());
    let jane = ResidentId::new("jane").unwrap();
    house.directory.set_email(&jane, None);
    let diagnosis = house.access.diagnose(&jane, None).await.unwrap();
    let first = diagnosis.first_failure().map(elevate_access::Reason::cause);
    assert_eq!(first, Some(Cause::NoVerifiedEmail));
    assert_eq!(house.vendor.requests(), 0);
}

async fn health(openpath: Openpath) -> Health {
    let house = House::at(openpath);
    house.access.check(&building()).await.unwrap().remove(0).health
}

fn causes(health: &Health) -> (HealthState, Vec<Cause>) {
    (health.state, health.reasons.iter().map(elevate_access::Reason::cause).collect())
}

#[tokio::test(start_paused = true)]
async fn health_says_what_is_wrong_with_a_connection() {
    assert_eq!(causes(&health(with_jane()).await), (HealthState::Ok, vec![]));

    let mut wrong = with_jane();
    wrong.set_password(ACCOUNT, "another");
    let wrong = health(wrong).await;
    assert_eq!(causes(&wrong), (HealthState::Down, vec![Cause::CredentialsRefused]));

    let replying = |operation, name: &str| {
        let mut openpath = with_jane();
        openpath.reply_with(operation, fixtures::case(name).unwrap().reply());
        openpath
    };
    for (openpath, expected) in [
        (
            replying(Operation::Login, "login-other-org-only.json"),
            (HealthState::Down, vec![Cause::SetupWrong]),
        ),
        (
            replying(Operation::ListUsersPost, "error-scope.json"),
            (HealthState::Down, vec![Cause::RightsMissing]),
        ),
        (
            replying(Operation::ListUsersPost, "error-unavailable.json"),
            (HealthState::Down, vec![Cause::VendorError]),
        ),
        (
            replying(Operation::ListCredentialTypes, "credential-types-no-cloud-key.json"),
            (HealthState::Degraded, vec![Cause::SetupWrong]),
        ),
        (
            with_jane().behaving(|it: &mut Behaviour| it.pre_filter = Filtering::Refused),
            (HealthState::Ok, vec![]),
        ),
    ] {
        assert_eq!(causes(&health(openpath).await), expected);
    }
}

#[tokio::test(start_paused = true)]
async fn a_vendor_that_cannot_be_reached_is_down() {
    let house = House::at(with_jane());
    house.vendor.faults(|f| f.always(Fault::before(FaultKind::Refuse)));
    let health = house.access.check(&building()).await.unwrap().remove(0).health;
    assert_eq!(causes(&health), (HealthState::Down, vec![Cause::VendorUnreachable]));
}
