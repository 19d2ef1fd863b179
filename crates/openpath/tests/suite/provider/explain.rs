//! Diagnosis.

use std::fmt::Write as _;

use elevate_access::{Cause, DoorId, Reason, ResidentId, Standing};
use elevate_access_testkit::openpath::{
    Activity, Credential, Entry, Openpath, Operation, User, fixtures,
};

use crate::support::{ACCOUNT, House, door, jane, openpath, said, with_jane, with_janes_key};

/// What the account has to have to read a door's own state.
pub(super) const RIGHTS_TO_READ: [&str; 2] = ["o5120-user:w", "o5120-site:r"];

/// Jane with a key, a door whose state can be set, and plans for a lockdown, in another condition.
pub(super) fn well(but: impl FnOnce(&mut Openpath)) -> Openpath {
    let mut openpath = with_janes_key()
        .entry_state(9, "Strict Security", &["card", "mobile"])
        .lockdown_plan(77, "Fire drill", &[301])
        .lockdown_plan(78, "Basement", &[302]);
    but(&mut openpath);
    openpath
}

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
        ("rights that show the door", well(|o| o.set_scopes(&RIGHTS_TO_READ))),
        (
            "a state that takes no cloud key",
            well(|o| {
                o.set_scopes(&RIGHTS_TO_READ);
                o.set_door_state(4401, 9);
            }),
        ),
        ("a lockdown", well(|o| o.start_lockdown(77))),
        ("a lockdown elsewhere", well(|o| o.start_lockdown(78))),
        ("a plan without remote unlock", well(|o| o.set_features(&["webHooks"]))),
        ("rights that are missing", well(|o| o.set_scopes(&["o5120-user:r"]))),
        (
            "rights that show nothing more",
            well(|o| {
                for operation in [
                    Operation::GetEffectivePermissionsForOrg,
                    Operation::ListOrgFeatures,
                    Operation::ListEntryStates,
                    Operation::ListLockdownPlans,
                    Operation::GetUserActivity,
                    Operation::DescribeEntry,
                ] {
                    o.reply_with(operation, fixtures::case("error-scope.json").unwrap().reply());
                }
            }),
        ),
        ("keys to spare", {
            let spare = |id| Credential::cloud_key(id).named("ElevateOS");
            one(jane()
                .credential(spare(88_001))
                .credential(spare(88_003))
                .credential(spare(88_002)))
        }),
        (
            "denied a while ago",
            well(|o| {
                let at = |text: &str| text.parse().unwrap();
                let denied = Activity::denied(4401, "491").at(at("2026-03-02T11:20:00Z"));
                o.activity(7001, Activity::granted(4401).at(at("2026-03-02T09:00:00Z")));
                o.activity(7001, denied);
                o.activity(7001, Activity::granted(4402).at(at("2026-03-02T11:50:00Z")));
            }),
        ),
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
    let well = report(with_janes_key(), None).await;
    assert_eq!(well.lines().filter(|line| line.starts_with("  ok")).count(), 15, "{well}");
    // What is wrong with any of their doors is told, with its name.
    let offline = jane().entry(Entry::new(4403, "Roof").wireless_lock(9, true));
    let offline = report(openpath().user(offline), None).await;
    assert!(offline.contains("The door “Roof” was reported offline."), "{offline}");
    let lockdown = report(self::well(|o| o.start_lockdown(78)), None).await;
    assert!(lockdown.contains("A lockdown is on at the door “Garage”."), "{lockdown}");
}

#[tokio::test(start_paused = true)]
async fn a_door_that_no_tap_would_be_sent_to_is_told() {
    let house = House::at(with_janes_key());
    house.vendor.with(|o| o.turn_down_unlock(429, "{}"));
    assert_eq!(said(house.tap("jane", 4401).await), "door_rate_limited");
    let jane = ResidentId::new("jane").unwrap();
    let diagnosis = house.access.diagnose(&jane, Some(&door("4401"))).await.unwrap();
    assert_eq!(diagnosis.first_failure().map(Reason::cause), Some(Cause::DoorRateLimited));
}

#[tokio::test(start_paused = true)]
async fn without_a_vouched_email_nothing_is_asked() {
    let house = House::at(with_janes_key());
    let jane = ResidentId::new("jane").unwrap();
    house.directory.set_email(&jane, None);
    let diagnosis = house.access.diagnose(&jane, None).await.unwrap();
    let first = diagnosis.first_failure().map(Reason::cause);
    assert_eq!(first, Some(Cause::NoVerifiedEmail));
    assert_eq!(house.vendor.requests(), 0);
}

#[tokio::test(start_paused = true)]
async fn two_residents_who_share_an_email_are_a_finding_and_both_are_let_in() {
    let house = House::at(with_janes_key());
    house.settle("jim", "JANE@example.com");
    for resident in ["jane", "jim"] {
        assert_eq!(said(house.tap(resident, 4401).await), "accepted", "{resident}");
    }
    let failures = async |resident: &str| {
        let resident = ResidentId::new(resident).unwrap();
        let diagnosis = house.access.diagnose(&resident, None).await.unwrap();
        assert!(!diagnosis.to_string().contains("jim"), "nobody else is named");
        diagnosis.first_failure().map(Reason::cause)
    };
    assert_eq!(failures("jane").await, Some(Cause::UserShared));
    assert_eq!(failures("jim").await, Some(Cause::UserShared));
    house.directory.set_standing(&ResidentId::new("jim").unwrap(), &Standing::Former);
    assert_eq!(failures("jane").await, None);
}

#[tokio::test(start_paused = true)]
async fn a_former_residents_user_that_is_still_active_is_a_finding() {
    let jane_left = async |openpath: Openpath| {
        let house = House::at(openpath);
        let jane = ResidentId::new("jane").unwrap();
        house.directory.set_standing(&jane, &Standing::Former);
        let diagnosis = house.access.diagnose(&jane, None).await.unwrap();
        assert_eq!((house.orders(), house.count(Operation::CreateCredential)), (0, 0));
        diagnosis.connections[0].checks.iter().find_map(|check| check.failure()).map(Reason::cause)
    };
    assert_eq!(jane_left(with_janes_key()).await, Some(Cause::AccessRemains));
    let doubled = with_janes_key().user(User::active(7044, "JANE@example.com"));
    assert_eq!(jane_left(doubled).await, Some(Cause::AccessRemains), "both of them");
    let one = |user: User| openpath().user(user);
    for done in [
        openpath(),
        one(User::suspended(7001, "jane@example.com")),
        one(User::archived(7001, "jane@example.com")),
        one(User::active(7001, "jane@example.com").valid_until("2021-01-31")),
    ] {
        assert_eq!(jane_left(done).await, None);
    }
    for end in ["2026-03-03", "2026-03-02", "soon", ""] {
        let user = User::active(7001, "jane@example.com").valid_until(end);
        assert_eq!(jane_left(one(user)).await, Some(Cause::AccessRemains), "until {end}");
    }
    // What is not told to be over may go on.
    let odd = one(User::with_status(7001, "jane@example.com", "Q"));
    assert_eq!(jane_left(odd).await, Some(Cause::AccessRemains));
}

#[tokio::test(start_paused = true)]
async fn an_account_that_sees_some_sites_only_cannot_tell_that_nothing_is_left() {
    let suspended = User::suspended(7001, "jane@example.com").at_site(21, "North");
    let house = House::at(openpath().user(suspended).bound_to_sites(&[21]));
    let jane = ResidentId::new("jane").unwrap();
    house.directory.set_standing(&jane, &Standing::Former);
    let diagnosis = house.access.diagnose(&jane, None).await.unwrap().to_string();
    assert!(diagnosis.contains("unknown  No active Openpath user is left"), "{diagnosis}");
}

#[tokio::test(start_paused = true)]
async fn a_plan_that_does_not_say_whether_it_is_on_is_no_all_clear_with_a_door_or_without() {
    for door in [Some(door("4401")), None] {
        for plan in [
            r#"{"id":1,"zoneStates":[{"zone":{"id":301}}]}"#,
            r#"{"id":1,"isActive":true,"zoneStates":[]}"#,
            r#"{"id":1,"isActive":null,"zoneStates":null}"#,
        ] {
            let body = format!(r#"{{"data":[{plan}],"totalCount":1,"filteredCount":1}}"#);
            let odd = well(|o| o.reply_to(Operation::ListLockdownPlans, body, 200));
            let report = report(odd, door.clone()).await;
            assert!(report.contains("unknown  No lockdown is on at the"), "{plan} {report}");
        }
    }
}
