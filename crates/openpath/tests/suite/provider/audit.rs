//! Auditing a building's roster against the organisation's users: O7, O9.

use std::{collections::BTreeMap, time::Duration};

use elevate_access::{
    Audit, AuditOptions, Cause, Finding, Freshness::Cached, Residency, Resident, ResidentId,
    Snapshot, Standing, SubjectKind, Unit, UnitId, Urgency,
};
use elevate_access_testkit::{
    Fault, FaultKind,
    openpath::{Credential, Entry, Openpath, Operation, User},
};
use elevate_openpath::{OpenpathProvider, SiteId};
use futures_util::future::join_all;
use tokio::time::Instant;

use crate::support::{House, PASSWORD, building, client_over, email_of, openpath, pass, said};

/// A house where nobody lives yet.
fn house(openpath: Openpath) -> House {
    let house = House::at(openpath);
    house.directory.remove(&ResidentId::new("jane").unwrap());
    house
}

fn resident(id: &str, email: Option<&str>, standing: Standing) -> Resident {
    let unit = Unit::new(UnitId::new(format!("u-{id}")).unwrap(), format!("Apt {id}"));
    let home = Residency::new(building(), unit, standing);
    let resident = Resident::new(ResidentId::new(id).unwrap()).with_residency(home);
    match email {
        Some(email) => resident.with_email(email_of(email)),
        None => resident,
    }
}

fn current(id: &str, email: &str) -> Resident {
    resident(id, Some(email), Standing::Current)
}

async fn audit(house: &House) -> Audit {
    house.access.audit(&building(), AuditOptions::new()).await.unwrap().collect_all().await
}

async fn audit_since(house: &House, snapshot: Snapshot) -> Audit {
    let options = AuditOptions::new().since(snapshot);
    house.access.audit(&building(), options).await.unwrap().collect_all().await
}

/// Urgency, cause and whom it is about, of each.
fn told(audit: &Audit) -> Vec<(Urgency, Cause, &str)> {
    let one = |f: &'_ Finding| (f.urgency, f.reason.cause());
    audit.findings.iter().map(|f| (one(f).0, one(f).1, f.subject.id.as_str())).collect()
}

fn likely(audit: &Audit, id: &str) -> Option<(String, Vec<String>, bool)> {
    let finding = audit.findings.iter().find(|f| f.subject.id == id)?;
    let likely = finding.likely.as_ref()?;
    let codes = likely.differences.iter().map(|one| one.code.to_string()).collect();
    Some((likely.counterpart.id.clone(), codes, likely.is_for_review))
}

#[tokio::test(start_paused = true)]
async fn every_way_to_be_locked_out_is_found_with_its_own_cause() {
    let house = house(
        openpath()
            .user(User::active(1, "fine@example.com"))
            .user(User::suspended(2, "suspended@example.com"))
            .user(User::archived(3, "archived@example.com"))
            .user(User::active(4, "early@example.com").valid_from("2030-01-01"))
            .user(User::active(5, "late@example.com").valid_until("2020-01-01"))
            .user(User::active(6, "off@example.com").remote_unlock(false))
            .user(User::active(7, "two@example.com"))
            .user(User::active(8, "two@example.com").in_namespace(612, "other"))
            .user(User::with_status(9, "odd@example.com", "Q")),
    );
    for (id, email) in [
        ("fine", "FINE@example.com"),
        ("suspended", "suspended@example.com"),
        ("archived", "archived@example.com"),
        ("early", "early@example.com"),
        ("late", "late@example.com"),
        ("off", "off@example.com"),
        ("two", "two@example.com"),
        ("odd", "odd@example.com"),
        ("nobody", "nobody@example.com"),
    ] {
        house.directory.put(current(id, email));
    }
    house.directory.put(resident("blank", None, Standing::Current));
    let audit = audit(&house).await;
    let must_fix: BTreeMap<&str, Cause> = audit
        .findings
        .iter()
        .filter(|f| f.urgency == Urgency::MustFix)
        .map(|f| (f.subject.id.as_str(), f.reason.cause()))
        .collect();
    let expected = BTreeMap::from([
        ("suspended", Cause::UserSuspended),
        ("archived", Cause::UserArchived),
        ("early", Cause::UserNotYetValid),
        ("late", Cause::UserNoLongerValid),
        ("off", Cause::RemoteUnlockOff),
        ("two", Cause::UserAmbiguous),
        ("odd", Cause::UserStatusUnknown),
        ("nobody", Cause::UserNotFound),
        ("blank", Cause::NoVerifiedEmail),
    ]);
    assert_eq!(must_fix, expected);
    let two = audit.findings.iter().find(|f| f.subject.id == "two").unwrap();
    assert_eq!(two.reason.detail(), Some("2 users, in 2 namespaces"));
    assert_eq!(audit.findings.len(), expected.len(), "{:?}", told(&audit));
    let rate = &audit.end.connections[0].tallies[0];
    assert_eq!((rate.count, rate.of), (7, Some(10)), "{rate:?}");
    let [connection] = audit.end.connections.as_slice() else { panic!() };
    assert_eq!((connection.calls, &connection.failed), (2, &None), "users once, credentials once");
    // Nobody was let in, and nothing was written, by looking.
    assert!(house.vendor.with(|openpath| openpath.forbidden().is_empty()));
    assert_eq!(house.count(Operation::CreateCredential), 0);
}

#[tokio::test(start_paused = true)]
async fn those_who_left_and_still_have_an_active_user_are_the_move_out_list() {
    let house = house(
        openpath()
            .user(User::active(1, "left@example.com"))
            .user(User::suspended(2, "done@example.com"))
            .user(User::active(3, "couple@example.com"))
            .user(User::active(4, "over@example.com").valid_until("2020-01-01"))
            .user(User::active(5, "moved@example.com")),
    );
    let former = |id: &str, email: &str| resident(id, Some(email), Standing::Former);
    house.directory.put(former("left", "LEFT@example.com"));
    house.directory.put(former("done", "done@example.com"));
    house.directory.put(former("over", "over@example.com"));
    house.directory.put(former("gone", "gone@example.com"));
    // Whose e-mail is also a current resident's keeps the user for that one.
    house.directory.put(former("ex", "couple@example.com"));
    house.directory.put(current("stays", "couple@example.com"));
    // Another building of the same organisation.
    let south = elevate_access::BuildingId::new("south").unwrap();
    let unit = Unit::new(UnitId::new("u-s").unwrap(), "S1");
    let moved = former("moved", "moved@example.com");
    house.directory.put(moved.with_residency(Residency::current(south, unit)));

    let audit = audit(&house).await;
    assert_eq!(
        told(&audit),
        [
            (Urgency::MustFix, Cause::AccessRemains, "left"),
            (Urgency::WillBite, Cause::AccessRemains, "moved"),
        ]
    );
    assert!(audit.findings[0].reason.remedy().unwrap().contains("Openpath dashboard"));
}

#[tokio::test(start_paused = true)]
async fn whoever_moves_in_soon_is_told_of_before_it_bites() {
    let house = house(
        openpath()
            .user(User::active(1, "ready@example.com").valid_from("2030-01-01"))
            .user(User::suspended(2, "suspended@example.com"))
            .user(User::active(3, "ends@example.com").valid_until("2026-03-10T00:00:00.000Z")),
    );
    let future = |id: &str, email: &str| resident(id, Some(email), Standing::Future);
    house.directory.put(future("ready", "ready@example.com"));
    house.directory.put(future("suspended", "suspended@example.com"));
    house.directory.put(future("missing", "missing@example.com"));
    house.directory.put(current("ends", "ends@example.com"));
    let audit = audit(&house).await;
    assert_eq!(
        told(&audit),
        [
            (Urgency::WillBite, Cause::UserNotFound, "missing"),
            (Urgency::WillBite, Cause::UserSuspended, "suspended"),
            (Urgency::WillBite, Cause::UserEndsSoon, "ends"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_missing_residents_likely_user_is_named_with_the_difference() {
    let house = house(
        openpath()
            .user(User::active(1, "jane.doe@gmial.com"))
            .user(User::active(2, "tom+gym@example.com"))
            .user(User::active(3, "annpoe@example.com").named("Ann", "Poe"))
            .user(User::active(4, "ann77@other.example").named("Ann", "Poe"))
            .user(User::active(5, "stranger@example.com")),
    );
    house.directory.put(current("jane", "jane.doe@gmail.com"));
    house.directory.put(current("tom", "tom@example.com"));
    house.directory.put(current("ann", "a.poe@elsewhere.example").with_name("Poe, Ann"));
    house.directory.put(current("eve", "eve@example.com"));
    let audit = audit(&house).await;
    let codes = |code: &str| vec![code.to_owned()];
    assert_eq!(likely(&audit, "jane"), Some(("1".into(), codes("domain_typo"), false)));
    assert_eq!(likely(&audit, "tom"), Some(("2".into(), codes("plus_tag"), false)));
    assert_eq!(likely(&audit, "ann"), None, "two of her name are equally likely");
    assert_eq!(likely(&audit, "eve"), None);
    // Five users are nobody's by their e-mails, whatever they are like.
    let unclaimed = told(&audit).into_iter().filter(|(_, cause, _)| *cause == Cause::UserUnclaimed);
    assert_eq!(unclaimed.count(), 5);

    // With one namesake there is one to review, and still no link: the tap finds nobody.
    house.vendor.with(|openpath| openpath.remove_user(3));
    let audit = self::audit(&house).await;
    assert_eq!(likely(&audit, "ann"), Some(("4".into(), codes("same_name_only"), true)));
    for resident in ["jane", "tom", "ann"] {
        assert_eq!(said(house.tap(resident, 4401).await), "user_not_found");
    }
}

#[tokio::test(start_paused = true)]
async fn suggestions_never_in_resident_text() {
    let house = house(openpath().user(User::active(1, "jane.doe@gmial.com").named("Jane", "Doe")));
    house.directory.put(current("jane", "jane.doe@gmail.com").with_name("Jane Doe"));
    let audit = audit(&house).await;
    let finding = &audit.findings[0];
    assert!(finding.likely.is_some());
    let jane = ResidentId::new("jane").unwrap();
    let list = house.access.doors(&jane, Cached).await.unwrap();
    let mut texts: Vec<String> =
        list.problems.iter().map(|problem| problem.reason.for_resident()).collect();
    texts.push(finding.reason.for_resident());
    texts.push(house.tap("jane", 4401).await.unwrap_err().for_resident());
    // Nor do they show by accident in logs.
    texts.push(format!("{finding:?} {audit:?}"));
    for text in texts {
        for word in ["gmial", "gmail", "Doe", "jane.doe"] {
            assert!(!text.contains(word), "{text}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn two_residents_on_one_user_and_surplus_keys_are_told_of() {
    let ours = |id| Credential::cloud_key(id).named("ElevateOS");
    let house = house(
        openpath()
            .user(User::active(1, "both@example.com").entry(Entry::new(4401, "Main")))
            .user(
                User::active(2, "keys@example.com")
                    .credential(ours(11))
                    .credential(ours(12))
                    .credential(Credential::cloud_key(13).named("Mine"))
                    .credential(Credential::card(14)),
            )
            .user(User::active(3, "one@example.com").credential(ours(15)))
            .user(User::active(4, "staff@example.com").credential(ours(16)).credential(ours(17))),
    );
    house.directory.put(current("a", "both@example.com"));
    house.directory.put(current("b", "Both@example.com"));
    house.directory.put(current("keys", "keys@example.com"));
    house.directory.put(current("one", "one@example.com"));
    let audit = audit(&house).await;
    assert_eq!(
        told(&audit),
        [
            (Urgency::WillBite, Cause::UserShared, "a"),
            (Urgency::WillBite, Cause::UserShared, "b"),
            (Urgency::Information, Cause::KeySurplus, "keys"),
            (Urgency::Information, Cause::UserUnclaimed, "4"),
        ]
    );
    assert_eq!(audit.findings[3].subject.kind, SubjectKind::VendorUser);
}

#[tokio::test(start_paused = true)]
async fn without_entries_is_asked_for_matched_residents_only_and_only_on_wish() {
    let house = house(
        openpath()
            .user(User::active(1, "none@example.com"))
            .user(User::active(2, "some@example.com").entry(Entry::new(4401, "Main")))
            .user(User::active(3, "staff@example.com")),
    );
    house.directory.put(current("none", "none@example.com"));
    house.directory.put(current("some", "some@example.com"));
    house.directory.put(current("lost", "lost@example.com"));
    let plain = audit(&house).await;
    assert_eq!(house.count(Operation::ListUserEntries), 0);
    assert!(!told(&plain).iter().any(|(_, cause, _)| *cause == Cause::NoDoorsAssigned));

    let options = AuditOptions::new().with_doors_of_each();
    let audit = house.access.audit(&building(), options).await.unwrap().collect_all().await;
    assert!(told(&audit).contains(&(Urgency::MustFix, Cause::NoDoorsAssigned, "none")));
    assert_eq!(house.count(Operation::ListUserEntries), 2, "the matched ones, and nobody else");
    assert_eq!(audit.end.connections[0].calls, 4);
}

#[tokio::test(start_paused = true)]
async fn only_the_sites_users_are_nobodys_where_sites_are_pinned() {
    let house = house(
        openpath()
            .user(User::active(1, "north@example.com").at_site(1, "North"))
            .user(User::active(2, "south@example.com").at_site(2, "South"))
            .user(User::active(3, "nowhere@example.com")),
    );
    let provider = OpenpathProvider::new(client_over(house.wire()));
    house.connect(provider.at_sites(building(), [SiteId::from(1)]));
    let audit = audit(&house).await;
    let ids: Vec<&str> = told(&audit).into_iter().map(|(_, _, id)| id).collect();
    assert_eq!(ids, ["1", "3"], "one whose sites are not told may be of this one");
}

#[tokio::test(start_paused = true)]
async fn what_stays_broken_says_since_when_and_what_was_mended_is_counted() {
    let house = house(openpath());
    house.directory.put(current("jane", "jane@example.com"));
    house.directory.put(current("tom", "tom@example.com"));
    let first = audit(&house).await;
    assert_eq!(first.findings.len(), 2);
    assert!(first.findings.iter().all(|finding| finding.since.is_none()));

    pass(Duration::from_hours(24)).await;
    house.vendor.with(|openpath| openpath.add_user(User::active(1, "tom@example.com")));
    // As the host keeps it: text.
    let kept = serde_json::to_string(&first.end.snapshot).unwrap();
    for word in ["jane", "tom", "example.com", "Apt"] {
        assert!(!kept.contains(word), "{kept}");
    }
    let second = audit_since(&house, serde_json::from_str(&kept).unwrap()).await;
    assert_eq!(told(&second), [(Urgency::MustFix, Cause::UserNotFound, "jane")]);
    assert_eq!(second.findings[0].since, Some(first.end.begun));
    assert_eq!(second.end.connections[0].mended, 1);

    pass(Duration::from_hours(24)).await;
    let third = audit_since(&house, second.end.snapshot).await;
    assert_eq!(third.findings[0].since, Some(first.end.begun), "still since the first");
}

#[tokio::test(start_paused = true)]
async fn an_audit_that_fails_half_way_says_so_and_forgets_nothing() {
    let house = house(openpath());
    house.directory.put(current("jane", "jane@example.com"));
    let first = audit(&house).await;
    house.vendor.faults(|faults| {
        faults.always(Fault::before(FaultKind::status(500, "{}")));
    });
    pass(Duration::from_mins(10)).await;
    let failed = audit_since(&house, first.end.snapshot.clone()).await;
    assert!(!failed.is_complete());
    let why = failed.end.connections[0].failed.as_ref().unwrap();
    assert_eq!(why.cause(), Cause::VendorError);
    assert!(failed.findings.is_empty());
    assert_eq!(failed.end.connections[0].mended, 0, "nothing is mended for not being read");

    house.vendor.faults(|faults| faults.clear());
    pass(Duration::from_mins(10)).await;
    let third = audit_since(&house, failed.end.snapshot).await;
    assert_eq!(third.findings[0].since, Some(first.end.begun));
}

#[tokio::test(start_paused = true)]
async fn audit_never_delays_a_tap() {
    let jane = User::active(7001, "jane@example.com").entry(Entry::new(4401, "Main"));
    let house = House::at(openpath().user(jane.credential(Credential::cloud_key(1))));
    house.doors("jane", Cached).await;
    // The vendor does not answer what only audits ask, and forty audits wait for it.
    house.vendor.faults(|faults| {
        faults.on("/5120/credentials", 0, u32::MAX, Fault::before(FaultKind::Stall));
    });
    // Nothing that was read before may be relied on: a tap has to read, and finds room.
    pass(Duration::from_mins(11)).await;
    let audits = (0..40).map(|_| audit(&house));
    let audits = async { join_all(audits).await };
    let tap = async {
        tokio::time::sleep(Duration::from_secs(2)).await;
        let (begun, read) = (Instant::now(), house.count(Operation::ListUserEntries));
        let said = said(house.tap("jane", 4401).await);
        assert!(house.count(Operation::ListUserEntries) > read, "it did not have to read");
        (said, begun.elapsed())
    };
    tokio::pin!(audits);
    let (said, took) = tokio::select! {
        biased;
        done = tap => done,
        _ = &mut audits => panic!("the audits came first"),
    };
    assert_eq!(said, "accepted");
    assert!(took < Duration::from_millis(500), "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn many_users_pass_with_progress_and_few_calls() {
    let mut organisation = openpath();
    for id in 0..3_500 {
        organisation.add_user(User::active(10_000 + id, &format!("user{id}@example.com")));
    }
    let house = house(organisation);
    house.directory.put(current("one", "user7@example.com"));
    let mut progress = Vec::new();
    let audit = house.access.audit(&building(), AuditOptions::new()).await.unwrap();
    let audit = audit
        .collect_telling(|event| {
            if let elevate_access::AuditEvent::Progress(how_far) = event {
                progress.push((how_far.what, how_far.done, how_far.of));
            }
        })
        .await;
    assert_eq!(audit.count(Urgency::Information), 3_499);
    assert_eq!(audit.end.connections[0].calls, 5, "four pages of users, one of credentials");
    assert_eq!(&progress[..2], [("users", 1_000, Some(3_500)), ("users", 2_000, Some(3_500))]);
}

#[tokio::test(start_paused = true)]
async fn a_secret_that_a_vendor_puts_into_a_name_shows_in_no_finding() {
    let house = house(
        openpath()
            .user(User::active(1, "staff@example.com").named(PASSWORD, "Doe"))
            .user(User::active(2, &format!("{}@example.com", PASSWORD.replace(' ', "")))),
    );
    let audit = audit(&house).await;
    assert_eq!(audit.findings.len(), 2);
    for finding in &audit.findings {
        let subject = &finding.subject;
        for text in [&subject.name, &subject.email].into_iter().flatten() {
            let plain: String = text.chars().filter(|c| *c != ' ').collect();
            assert!(!plain.contains("correcthorse"), "{text}");
        }
    }
}
