//! Whom an audit takes for whom: one e-mail of several people, several users of one e-mail, and several sites.

use elevate_access::{
    Audit, AuditOptions, BuildingId, Cause, Residency, Resident, Standing, Unit, UnitId, Urgency,
};
use elevate_access_testkit::{
    Fault, FaultKind, Reply,
    openpath::{Credential, Entry, Operation, User},
};
use elevate_openpath::{OpenpathProvider, SiteId};

use super::audit::{audit, current, house, resident, told};
use crate::support::{House, building, client_over, openpath};

fn future(id: &str, email: &str) -> Resident {
    resident(id, Some(email), Standing::Future)
}

fn former(id: &str, email: &str) -> Resident {
    resident(id, Some(email), Standing::Former)
}

fn settle(house: &House, residents: impl IntoIterator<Item = Resident>) {
    for resident in residents {
        house.directory.put(resident);
    }
}

fn rates(audit: &Audit) -> Vec<(u64, Option<u64>)> {
    audit.end.connections[0].tallies.iter().map(|tally| (tally.count, tally.of)).collect()
}

/// Pins the building to the first site.
fn pin(house: &House) {
    let provider = OpenpathProvider::new(client_over(house.wire()));
    house.connect(provider.at_sites(building(), [SiteId::from(1)]));
}

async fn audit_with_doors(house: &House) -> Audit {
    let options = AuditOptions::new().with_doors_of_each();
    house.access.audit(&building(), options).await.unwrap().collect_all().await
}

#[tokio::test(start_paused = true)]
async fn an_email_that_openpath_writes_in_capitals_is_the_same() {
    let house = house(openpath().user(User::active(1, "Jane.Doe@Example.COM")));
    settle(&house, [current("jane", "jane.doe@example.com")]);
    assert_eq!(told(&audit(&house).await), []);
}

#[tokio::test(start_paused = true)]
async fn whoever_lives_here_keeps_the_user_that_somebody_who_left_had_too_and_who_will_is_told_of()
{
    let house = house(
        openpath()
            .user(User::active(1, "first@example.com"))
            .user(User::active(2, "last@example.com"))
            .user(User::active(3, "soon@example.com")),
    );
    settle(
        &house,
        [
            former("a", "first@example.com"),
            current("b", "first@example.com"),
            current("c", "last@example.com"),
            former("d", "last@example.com"),
            former("e", "soon@example.com"),
            future("f", "soon@example.com"),
        ],
    );
    assert_eq!(told(&audit(&house).await), [(Urgency::WillBite, Cause::AccessRemains, "e")]);
}

#[tokio::test(start_paused = true)]
async fn who_left_and_is_to_come_back_is_told_of_while_the_user_opens_doors() {
    let house = house(openpath().user(User::active(1, "ann@example.com")));
    let soon = Unit::new(UnitId::new("u-9").unwrap(), "Apt 9");
    let soon = Residency::new(building(), soon, Standing::Future);
    settle(&house, [former("ann", "ann@example.com").with_residency(soon)]);
    let audit = audit(&house).await;
    assert_eq!(told(&audit), [(Urgency::WillBite, Cause::AccessRemains, "ann")]);
}

#[tokio::test(start_paused = true)]
async fn a_status_that_is_not_known_hides_nobody_who_left() {
    let house = house(openpath().user(User::with_status(1, "ex@example.com", "P")));
    settle(&house, [former("ex", "ex@example.com")]);
    let audit = audit(&house).await;
    assert_eq!(told(&audit), [(Urgency::MustFix, Cause::AccessRemains, "ex")]);
}

#[tokio::test(start_paused = true)]
async fn a_standing_that_is_none_of_ours_is_named_where_it_takes_access_away() {
    let house = house(openpath().user(User::active(1, "ann@example.com")));
    let standing = Standing::Other("Currnt".to_owned());
    settle(&house, [resident("ann", Some("ann@example.com"), standing)]);
    let audit = audit(&house).await;
    assert_eq!(told(&audit), [(Urgency::MustFix, Cause::AccessRemains, "ann")]);
    assert_eq!(audit.findings[0].reason.detail(), Some("their standing is “Currnt”"));
}

#[tokio::test(start_paused = true)]
async fn a_user_of_another_site_is_nobodys_likely_counterpart() {
    let jane = User::active(2, "jane.doe@gmial.com").named("Jane", "Doe").at_site(2, "South");
    let house = house(openpath().user(jane));
    settle(&house, [current("jane", "jane.doe@gmail.com")]);
    assert!(audit(&house).await.findings[0].likely.is_some(), "known, where no site is pinned");
    pin(&house);
    assert_eq!(audit(&house).await.findings[0].likely, None);
}

#[tokio::test(start_paused = true)]
async fn a_likely_user_of_another_name_or_at_another_provider_is_for_review() {
    for (email, name, is_for_review) in [
        ("janedoe@example.com", ("Jane", "Doe"), false),
        ("janedoe@example.com", ("Joanna", "Dorset"), true),
        ("jane.doe@example.net", ("Jane", "Doe"), true),
    ] {
        let house = house(openpath().user(User::active(1, email).named(name.0, name.1)));
        settle(&house, [current("jane", "jane.doe@example.com").with_name("Jane Doe")]);
        let audit = audit(&house).await;
        let missing = audit.findings.iter().find(|f| f.subject.id == "jane").unwrap();
        let likely = missing.likely.as_ref().unwrap();
        assert_eq!(likely.is_for_review, is_for_review, "{email} {name:?}");
        let is_doubtful = missing.remedy().unwrap().starts_with("If that is one person: ");
        assert_eq!(is_doubtful, is_for_review);
    }
}

#[tokio::test(start_paused = true)]
async fn only_those_who_live_here_now_share_a_user() {
    let house = house(
        openpath()
            .user(User::active(1, "both@example.com"))
            .user(User::active(2, "one@example.com")),
    );
    settle(
        &house,
        [
            current("a", "both@example.com"),
            current("b", "both@example.com"),
            future("c", "both@example.com"),
            current("d", "one@example.com"),
            future("e", "one@example.com"),
        ],
    );
    assert_eq!(
        told(&audit(&house).await),
        [(Urgency::WillBite, Cause::UserShared, "a"), (Urgency::WillBite, Cause::UserShared, "b")]
    );
}

#[tokio::test(start_paused = true)]
async fn whoever_moves_in_later_is_in_no_rate_and_their_doors_are_not_asked_for() {
    let main = || Entry::new(4401, "Main");
    let house = house(
        openpath()
            .user(User::active(1, "fine@example.com").entry(main()))
            .user(User::active(2, "none@example.com"))
            .user(User::active(3, "soon@example.com").entry(main()))
            .user(User::suspended(4, "suspended@example.com")),
    );
    settle(
        &house,
        [
            current("fine", "fine@example.com"),
            current("none", "none@example.com"),
            future("soon", "soon@example.com"),
            future("suspended", "suspended@example.com"),
        ],
    );
    let audit = audit_with_doors(&house).await;
    let of_two = [(2, Some(2)), (2, Some(2))];
    assert_eq!(rates(&audit), [&of_two[..], &[(4, None), (0, None), (1, Some(2))]].concat());
    assert_eq!(house.count(Operation::ListUserEntries), 2);
}

#[tokio::test(start_paused = true)]
async fn an_end_is_near_from_two_weeks_before() {
    let house = house(
        openpath()
            .user(User::active(1, "near@example.com").valid_until("2026-03-15T00:00:00.000Z"))
            .user(User::active(2, "far@example.com").valid_until("2026-03-18T00:00:00.000Z")),
    );
    settle(&house, [current("near", "near@example.com"), current("far", "far@example.com")]);
    assert_eq!(told(&audit(&house).await), [(Urgency::WillBite, Cause::UserEndsSoon, "near")]);
}

#[tokio::test(start_paused = true)]
async fn somebody_who_left_has_access_if_any_user_with_their_email_is_active() {
    let house = house(
        openpath()
            .user(User::suspended(1, "left@example.com"))
            .user(User::active(2, "left@example.com").in_namespace(612, "other")),
    );
    settle(&house, [former("left", "left@example.com")]);
    assert_eq!(told(&audit(&house).await), [(Urgency::MustFix, Cause::AccessRemains, "left")]);
}

#[tokio::test(start_paused = true)]
async fn a_suspended_user_who_is_nobodys_is_no_finding() {
    let house = house(openpath().user(User::suspended(1, "staff@example.com")));
    assert_eq!(told(&audit(&house).await), []);
}

#[tokio::test(start_paused = true)]
async fn two_users_of_one_namespace_are_not_said_to_be_in_several() {
    let alike = |id| User::active(id, "two@example.com").in_namespace(612, "other");
    let house = house(openpath().user(alike(1)).user(alike(2)));
    settle(&house, [current("two", "two@example.com")]);
    let audit = audit(&house).await;
    assert_eq!(audit.findings[0].reason.detail(), Some("2 users that may be active"));
}

#[tokio::test(start_paused = true)]
async fn an_account_that_sees_some_sites_only_says_so_before_it_says_not_found() {
    let house = house(openpath().bound_to_sites(&[1]));
    settle(&house, [current("jane", "jane@example.com")]);
    let audit = audit(&house).await;
    let detail = audit.findings[0].reason.detail().unwrap_or_default();
    assert!(detail.contains("sees some sites only"), "{detail}");
}

#[tokio::test(start_paused = true)]
async fn whoever_left_takes_no_likely_user_from_those_who_live_here() {
    let house = house(openpath().user(User::active(1, "jane.doe@gmial.com")));
    settle(&house, [former("a", "jane.doe@gmail.com"), current("b", "jane.doe@gmail.com")]);
    let audit = audit(&house).await;
    let missing = audit.findings.iter().find(|f| f.subject.id == "b").unwrap();
    assert_eq!(missing.likely.as_ref().map(|one| one.counterpart.id.as_str()), Some("1"));
}

#[tokio::test(start_paused = true)]
async fn a_user_goes_by_the_full_name_and_where_that_is_blank_by_both_parts() {
    let house = house(
        openpath()
            .user(User::active(1, "ann@example.com").named("Ann", "Poe"))
            .user(User::active(2, "bo@example.com").named("Bo", "Lee")),
    );
    house.connect_rewriting(|_, body| {
        body.replace("\"Ann Poe\"", "\"  \"").replace("\"Bo Lee\"", "\"Bo Lee-Smith\"")
    });
    let audit = audit(&house).await;
    let names: Vec<_> = audit.findings.iter().map(|f| f.subject.name.as_deref()).collect();
    assert_eq!(names, [Some("Ann Poe"), Some("Bo Lee-Smith")]);
}

#[tokio::test(start_paused = true)]
async fn a_list_of_users_that_cannot_be_right_is_read_once_more_and_tells_nothing_twice() {
    let house = house(
        openpath()
            .user(User::active(1, "jane@example.com"))
            .user(User::active(2, "staff@example.com")),
    );
    settle(&house, [current("jane", "jane@example.com")]);
    let row = |id: u64, email: &str| serde_json::json!({ "id": id, "status": "A", "identity": { "email": email } });
    // It promises a third user, who does not come.
    let first = serde_json::json!({ "data": [row(2, "staff@example.com")], "filteredCount": 3 });
    let second = serde_json::json!({ "data": [], "filteredCount": 3 });
    house.vendor.with(|openpath| {
        for page in [first, second] {
            openpath.reply_once(Operation::ListUsers, Reply::json(200, page.to_string()));
        }
    });
    let audit = audit(&house).await;
    assert!(audit.is_complete(), "{audit:?}");
    assert_eq!(told(&audit), [(Urgency::Information, Cause::UserUnclaimed, "2")]);
    assert_eq!(rates(&audit)[0], (1, Some(1)));
}

#[tokio::test(start_paused = true)]
async fn keys_that_cannot_be_read_are_said_to_be_unread_and_take_nothing_from_the_rest() {
    let house = house(openpath().user(User::suspended(1, "jane@example.com")));
    settle(&house, [current("jane", "jane@example.com")]);
    house.vendor.faults(|faults| {
        faults.on("/5120/credentials", 0, u32::MAX, Fault::before(FaultKind::status(500, "{}")));
    });
    let audit = audit(&house).await;
    assert!(audit.is_complete());
    assert_eq!(
        told(&audit),
        [
            (Urgency::MustFix, Cause::UserSuspended, "jane"),
            (Urgency::Information, Cause::VendorError, "cloud keys"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_key_of_our_name_that_does_something_else_is_no_surplus() {
    let ours = |id| Credential::cloud_key(id).named("ElevateOS");
    let jane = User::active(1, "jane@example.com");
    let lockdown = ours(12).event_action("triggerLockdown");
    let house = house(openpath().user(jane.credential(ours(11)).credential(lockdown)));
    settle(&house, [current("jane", "jane@example.com")]);
    assert_eq!(told(&audit(&house).await), []);
}

#[tokio::test(start_paused = true)]
async fn doors_at_other_sites_are_no_doors_of_a_pinned_building() {
    let at = |id: u64, site: u64| Entry::new(id, "Main").zone(site, "Z").site(site, "S");
    let house = house(
        openpath()
            .user(User::active(1, "here@example.com").entry(at(4401, 1)))
            .user(User::active(2, "there@example.com").entry(at(5501, 2))),
    );
    pin(&house);
    settle(&house, [current("here", "here@example.com"), current("there", "there@example.com")]);
    let audit = audit_with_doors(&house).await;
    assert_eq!(told(&audit), [(Urgency::MustFix, Cause::NoDoorsAssigned, "there")]);
    assert_eq!(rates(&audit)[4], (1, Some(2)));
}

#[tokio::test(start_paused = true)]
async fn one_who_moved_to_another_building_keeps_the_user_that_opens_only_that_one() {
    let user = |id, email: &str| User::active(id, email);
    let house = house(
        openpath()
            .user(user(1, "away@example.com").at_site(2, "South"))
            .user(user(2, "both@example.com").at_site(2, "South").at_site(1, "North"))
            .user(user(3, "untold@example.com"))
            .user(user(4, "gone@example.com").at_site(2, "South")),
    );
    pin(&house);
    let south = || {
        let unit = Unit::new(UnitId::new("u-s").unwrap(), "S1");
        Residency::current(BuildingId::new("south").unwrap(), unit)
    };
    settle(
        &house,
        [
            former("away", "away@example.com").with_residency(south()),
            former("both", "both@example.com").with_residency(south()),
            former("untold", "untold@example.com").with_residency(south()),
            former("gone", "gone@example.com"),
        ],
    );
    let audit = audit(&house).await;
    assert_eq!(
        told(&audit),
        [
            (Urgency::MustFix, Cause::AccessRemains, "gone"),
            (Urgency::WillBite, Cause::AccessRemains, "both"),
            (Urgency::WillBite, Cause::AccessRemains, "untold"),
        ]
    );
    let detail = audit.findings[1].reason.detail().unwrap_or_default();
    assert!(detail.contains("take away only what opens this one"), "{detail}");
}

#[tokio::test(start_paused = true)]
async fn a_user_of_several_sites_who_is_nobodys_is_told_of_at_each_of_them() {
    let staff = User::active(1, "staff@example.com").at_site(2, "South").at_site(1, "North");
    let house = house(openpath().user(staff));
    pin(&house);
    assert_eq!(told(&audit(&house).await), [(Urgency::Information, Cause::UserUnclaimed, "1")]);
}
