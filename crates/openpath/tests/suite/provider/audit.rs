//! Auditing a building's roster against the organisation's users: O7, O9.

use std::collections::BTreeMap;

use elevate_access::{
    Audit, AuditOptions, Cause, Freshness::Cached, Residency, Resident, ResidentId, Standing,
    SubjectKind, Unit, UnitId, Urgency,
};
use elevate_access_testkit::openpath::{Credential, Entry, Openpath, Operation, User};
use elevate_openpath::{OpenpathProvider, SiteId};

use crate::support::{ACCOUNT, House, building, client_over, email_of, openpath, said};

/// A house where nobody lives yet.
pub(super) fn house(openpath: Openpath) -> House {
    let house = House::at(openpath);
    house.directory.remove(&ResidentId::new("jane").unwrap());
    house
}

pub(super) fn resident(id: &str, email: Option<&str>, standing: Standing) -> Resident {
    let unit = Unit::new(UnitId::new(format!("u-{id}")).unwrap(), format!("Apt {id}"));
    let home = Residency::new(building(), unit, standing);
    let resident = Resident::new(ResidentId::new(id).unwrap()).with_residency(home);
    match email {
        Some(email) => resident.with_email(email_of(email)),
        None => resident,
    }
}

pub(super) fn current(id: &str, email: &str) -> Resident {
    resident(id, Some(email), Standing::Current)
}

pub(super) async fn audit(house: &House) -> Audit {
    house.access.audit(&building(), AuditOptions::new()).await.unwrap().collect_all().await
}

/// Urgency, cause and whom it is about, of each.
pub(super) fn told(audit: &Audit) -> Vec<(Urgency, Cause, &str)> {
    let findings = audit.findings.iter();
    findings.map(|f| (f.urgency, f.reason.cause(), f.subject.id.as_str())).collect()
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
async fn an_active_user_does_not_hide_behind_a_row_of_archived_ones() {
    let archived = (1..=20).map(|id| User::archived(id, "left@example.com"));
    let org = archived.fold(openpath(), |org, user| org.user(user));
    let house = house(org.user(User::active(21, "left@example.com")));
    house.directory.put(resident("left", Some("left@example.com"), Standing::Former));
    let audit = audit(&house).await;
    assert_eq!(told(&audit), [(Urgency::MustFix, Cause::AccessRemains, "left")]);
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
            .user(User::active(5, "stranger@example.com"))
            .user(User::active(6, ACCOUNT)),
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
    // Whoever is likely a resident's is told of with the resident, and not once more as nobody's: "disable it"
    // would lock them out for good. Nor is the account with which we sign in.
    let nobodys = audit.findings.iter().filter(|f| f.reason.cause() == Cause::UserUnclaimed);
    let mut ids: Vec<_> = nobodys.map(|f| f.subject.id.as_str()).collect();
    ids.sort_unstable();
    assert_eq!(ids, ["3", "4", "5"]);

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
