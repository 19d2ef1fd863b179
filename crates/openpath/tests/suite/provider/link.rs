//! Who is who: L1 and L8 for people.

use std::time::Duration;

use elevate_access::{
    Cause,
    Freshness::{Cached, Fresh},
    MemoryStore, ResidentId,
};
use elevate_access_testkit::{
    Fault, FaultKind,
    openpath::{Entry, Filtering, Openpath, Operation, User, fixtures},
};

use crate::support::{House, email_of, openpath, pass, said, with_janes_key};

const LINK_AGE: Duration = Duration::from_mins(5);

fn jane_id() -> ResidentId {
    ResidentId::new("jane").unwrap()
}

async fn is_linked(house: &House) -> bool {
    let statuses = house.access.link_status(&jane_id()).await.unwrap();
    matches!(statuses[0].state, elevate_access::LinkState::Linked { .. })
}

#[tokio::test(start_paused = true)]
async fn unverified_email_never_links() {
    let house = House::at(with_janes_key());
    house.directory.set_email(&jane_id(), None);
    assert_eq!(house.list(Cached).await, (vec![], vec![Cause::NoVerifiedEmail]));
    assert_eq!(said(house.tap("jane", 4401).await), "no_verified_email");
    assert_eq!(house.vendor.requests(), 0);
    assert!(!is_linked(&house).await);
}

#[tokio::test(start_paused = true)]
async fn changed_resident_email_unlinks_at_once() {
    let house = House::at(with_janes_key());
    assert_eq!(said(house.tap("jane", 4401).await), "accepted");
    assert!(is_linked(&house).await);

    house.directory.set_email(&jane_id(), Some(email_of("jane.new@example.com")));
    assert!(!is_linked(&house).await);
    assert_eq!(said(house.tap("jane", 4401).await), "user_not_found");
    assert_eq!(house.orders(), 1);

    // Back again, and at once: the old readings are still of age, and were of this very e-mail.
    house.directory.set_email(&jane_id(), Some(email_of("JANE@example.com")));
    assert_eq!(said(house.tap("jane", 4401).await), "accepted");
}

#[tokio::test(start_paused = true)]
async fn recycled_vendor_user_unlinks_within_bound() {
    for anew in [false, true] {
        let house = House::at(with_janes_key());
        assert_eq!(said(house.tap("jane", 4401).await), "accepted");
        house.vendor.with(|openpath| openpath.set_email(7001, "somebody.else@example.com"));
        pass(LINK_AGE + Duration::from_millis(1)).await;
        if anew {
            // Another process has only the stored link to go by, and that is too old as well.
            house.connect_anew();
        }
        assert_eq!(said(house.tap("jane", 4401).await), "user_not_found");
        assert_eq!(house.orders(), 1);
        assert!(!is_linked(&house).await);
    }
}

#[tokio::test(start_paused = true)]
async fn a_stored_link_from_the_future_counts_for_nothing() {
    let store = MemoryStore::new();
    let house = House::with_store(with_janes_key(), store.clone());
    assert_eq!(said(house.tap("jane", 4401).await), "accepted");
    let (connection, jane) = (crate::support::connection(), jane_id());
    let mut link = elevate_access::Store::link(&store, &connection, &jane).await.unwrap().unwrap();
    link.verified = link.verified.checked_add(Duration::from_mins(2)).unwrap();
    elevate_access::Store::set_link(&store, &connection, &jane, Some(&link)).await.unwrap();

    house.connect_anew();
    let before = house.count(Operation::ListUsersPost);
    assert_eq!(said(house.tap("jane", 4401).await), "accepted");
    assert_eq!(house.count(Operation::ListUsersPost), before + 1);
}

#[tokio::test(start_paused = true)]
async fn duplicate_on_page_two_is_ambiguous() {
    for filtering in [Filtering::AnyCase, Filtering::Ignored, Filtering::FindsNobody] {
        let others = (7002..7020).map(|id| User::active(id, &format!("p{id}@example.com")));
        let openpath = others
            .fold(with_janes_key(), Openpath::user)
            .user(User::active(7044, "Jane@Example.com").in_namespace(612, "staff"))
            .behaving(|it| {
                it.pre_filter = filtering;
                it.rows_at_most = Some(1);
            });
        let house = House::at(openpath);
        assert_eq!(house.list(Cached).await, (vec![], vec![Cause::UserAmbiguous]), "{filtering:?}");
        assert_eq!(said(house.tap("jane", 4401).await), "user_ambiguous");
        assert_eq!(house.orders(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn one_active_user_among_several_is_the_one() {
    let openpath = with_janes_key()
        .user(User::suspended(6001, "jane@example.com").in_namespace(612, "staff"))
        .user(User::archived(7099, "jane@example.com").in_namespace(613, "old"));
    let house = House::at(openpath);
    assert_eq!(said(house.tap("jane", 4401).await), "accepted");
    assert_eq!(house.vendor.ledger().orders()[0].who, "7001");
}

#[tokio::test(start_paused = true)]
async fn partial_listing_is_a_failed_refresh() {
    let house = House::at(with_janes_key());
    assert_eq!(said(house.tap("jane", 4401).await), "accepted");
    let partial = fixtures::case("users-count-promises-more.json").unwrap().reply();
    house.vendor.with(|openpath| openpath.reply_with(Operation::ListUsersPost, partial));

    // A refresh fails, and the older readings serve on until they are of age, and no longer.
    assert_eq!(house.list(Fresh).await, (vec![], vec![Cause::VendorReplyUnusable]));
    assert_eq!(said(house.tap("jane", 4401).await), "accepted");
    pass(LINK_AGE + Duration::from_millis(1)).await;
    assert_eq!(said(house.tap("jane", 4401).await), "vendor_reply_unusable");
    assert_eq!(house.orders(), 2);
}

#[tokio::test(start_paused = true)]
async fn kelvin_sign_email_differs() {
    // The vendor folds case as Unicode does, so it finds the one for the other. They are two addresses.
    let (plain, kelvin) = ("kim@example.com", "\u{212a}im@example.com");
    for (ours, theirs) in [(plain, kelvin), (kelvin, plain)] {
        let user = User::active(7005, theirs).entry(Entry::new(4401, "Main"));
        let house = House::at(openpath().user(user));
        house.settle("jane", ours);
        assert_eq!(said(house.tap("jane", 4401).await), "user_not_found", "{ours:?}");
        assert_eq!(house.orders(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn filter_that_finds_nobody_is_checked_by_a_scan() {
    for filtering in [Filtering::FindsNobody, Filtering::Refused, Filtering::Exact] {
        let openpath = openpath()
            .user(User::active(7001, "Jane@Example.com").entry(Entry::new(4401, "Main")))
            .behaving(|it| it.pre_filter = filtering);
        let house = House::at(openpath);
        assert_eq!(said(house.tap("jane", 4401).await), "accepted", "{filtering:?}");
        assert_eq!(house.count(Operation::ListUsersPost), 2, "{filtering:?}");

        // The filter is not asked again in vain.
        house.doors("jane", Fresh).await;
        assert_eq!(house.count(Operation::ListUsersPost), 3, "{filtering:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn one_scan_answers_for_everybody_until_it_is_of_age() {
    let house = House::at(with_janes_key());
    for n in 0..20 {
        house.settle(&format!("r{n}"), &format!("nobody{n}@example.com"));
    }
    let ids: Vec<_> = (0..20).map(|n| format!("r{n}")).collect();
    let lists = futures_util::future::join_all(ids.iter().map(|id| house.doors(id, Cached))).await;
    for list in lists {
        assert_eq!(list.problems[0].reason.cause(), Cause::UserNotFound);
    }
    assert_eq!(house.count(Operation::ListUsersPost), 20 + 1);
    pass(Duration::from_mins(4)).await;
    house.doors("r0", Cached).await;
    assert_eq!(house.count(Operation::ListUsersPost), 22, "the filter, and no scan");
    pass(Duration::from_mins(2)).await;
    house.doors("r0", Cached).await;
    assert_eq!(house.count(Operation::ListUsersPost), 24, "the filter, and a scan");
}

#[tokio::test(start_paused = true)]
async fn somebody_who_is_not_a_user_cannot_keep_the_vendor_busy_with_scans() {
    let house = House::at(openpath());
    let begun = tokio::time::Instant::now();
    while begun.elapsed() < Duration::from_secs(29) {
        assert_eq!(house.list(Fresh).await, (vec![], vec![Cause::UserNotFound]));
        pass(Duration::from_secs(1)).await;
    }
    // A refresh beyond a resident's pace is answered from what is known.
    assert_eq!(house.count(Operation::ListUsersPost), 28 + 1, "one scan");
    // Once they are one, the filter finds them at the next refresh.
    house.vendor.with(|openpath| openpath.add_user(crate::support::jane()));
    pass(Duration::from_secs(4)).await;
    assert_eq!(house.list(Fresh).await.0.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_suspension_shows_at_the_next_refresh_where_only_a_scan_finds_the_user() {
    let house = House::at(with_janes_key().behaving(|it| it.pre_filter = Filtering::FindsNobody));
    assert_eq!(house.list(Cached).await.0.len(), 2);
    house.vendor.with(|openpath| openpath.suspend(7001));
    assert_eq!(house.list(Fresh).await, (vec![], vec![Cause::UserSuspended]));
}

#[tokio::test(start_paused = true)]
async fn an_old_scan_never_overrules_a_filter_that_was_asked_later() {
    let house = House::at(with_janes_key());
    // Somebody else is not found, so everybody is read, Jane too.
    house.settle("sam", "sam@example.com");
    assert_eq!(said(house.tap("sam", 4401).await), "user_not_found");
    house.vendor.with(|openpath| openpath.set_email(7001, "somebody.else@example.com"));
    pass(Duration::from_mins(1)).await;
    assert_eq!(said(house.tap("jane", 4401).await), "user_not_found");
    assert_eq!(house.orders(), 0);
}

#[tokio::test(start_paused = true)]
async fn filter_ignored_by_the_server_finds_the_right_user() {
    let others = |from: u64| {
        (from..from + 30).map(|id| {
            User::active(id, &format!("p{id}@example.com")).entry(Entry::new(4401, "Main"))
        })
    };
    let openpath = others(6000)
        .chain([User::active(7001, "jane@example.com").entry(Entry::new(4401, "Main"))])
        .chain(others(8000))
        .fold(openpath(), Openpath::user)
        .behaving(|it| {
            it.pre_filter = Filtering::Ignored;
            it.rows_at_most = Some(7);
        });
    let house = House::at(openpath);
    assert_eq!(said(house.tap("jane", 4401).await), "accepted");
    assert_eq!(house.vendor.ledger().orders()[0].who, "7001");

    house.settle("jane", "nobody@example.com");
    assert_eq!(said(house.tap("jane", 4401).await), "user_not_found");
}

#[tokio::test(start_paused = true)]
async fn an_email_that_is_filter_syntax_is_looked_for_in_a_scan() {
    for email in ["o'neil(1)@example.com", "a,jane@example.com", "=jane@example.com"] {
        let openpath =
            with_janes_key().user(User::active(7009, email).entry(Entry::new(4409, "Side door")));
        let house = House::at(openpath);
        house.settle("jane", email);
        assert_eq!(house.list(Cached).await, (vec!["Side door".into()], vec![]), "{email}");
        assert_eq!(house.count(Operation::ListUsersPost), 1, "{email}");
    }
}

/// Everything that keeps a user from opening, by its own cause.
#[tokio::test(start_paused = true)]
async fn a_user_that_may_not_open_grants_nothing_and_says_why() {
    let mine = |user: User| user.entry(Entry::new(4401, "Main"));
    let active = || User::active(7001, "jane@example.com");
    for (user, cause) in [
        (User::suspended(7001, "jane@example.com"), Cause::UserSuspended),
        (User::archived(7001, "jane@example.com"), Cause::UserArchived),
        (User::with_status(7001, "jane@example.com", "X"), Cause::UserStatusUnknown),
        (active().valid_from("2099-01-01T00:00:00.000Z"), Cause::UserNotYetValid),
        // It is noon of the 2nd in UTC, and the 3rd where the day begins first.
        (active().valid_from("2026-03-03"), Cause::UserNotYetValid),
        (active().valid_until("2026-03-02T12:00:00.000Z"), Cause::UserNoLongerValid),
        (active().valid_until("2026-03-03"), Cause::UserNoLongerValid),
        (active().remote_unlock(false), Cause::RemoteUnlockOff),
    ] {
        let house = House::at(openpath().user(mine(user)));
        assert_eq!(house.list(Cached).await, (vec![], vec![cause]));
        assert_eq!(said(house.tap("jane", 4401).await), cause.code());
        assert_eq!(
            (house.orders(), house.vendor.with(|o| o.cloud_keys(7001))),
            (0, 0),
            "{cause:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_not_stated_is_not_held_against_a_user() {
    let openpath = openpath().user(
        User::active(7001, "jane@example.com")
            .remote_unlock_unstated()
            .entry(Entry::new(4401, "Main")),
    );
    assert_eq!(said(House::at(openpath).tap("jane", 4401).await), "accepted");
}

#[tokio::test(start_paused = true)]
async fn suspension_shows_at_the_next_refresh() {
    let house = House::at(with_janes_key());
    assert_eq!(house.list(Cached).await.0.len(), 2);
    house.vendor.with(|openpath| openpath.suspend(7001));
    assert_eq!(house.list(Fresh).await, (vec![], vec![Cause::UserSuspended]));
    assert_eq!(said(house.tap("jane", 4401).await), "user_suspended");
    assert!(!is_linked(&house).await);

    house.vendor.with(|openpath| openpath.activate(7001));
    assert_eq!(house.list(Fresh).await.0.len(), 2);
    assert_eq!(said(house.tap("jane", 4401).await), "accepted");
    assert_eq!(house.orders(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_validity_that_ends_between_two_readings_ends_the_grant() {
    let openpath = openpath().user(
        User::active(7001, "jane@example.com")
            .valid_until("2026-03-02T12:02:00.000Z")
            .entry(Entry::new(4401, "Main")),
    );
    let house = House::at(openpath);
    assert_eq!(said(house.tap("jane", 4401).await), "accepted");
    pass(Duration::from_mins(2)).await;
    assert_eq!(said(house.tap("jane", 4401).await), "user_no_longer_valid");
    assert_eq!(house.orders(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_soon_looked_at_again() {
    let house = House::at(openpath());
    assert_eq!(house.list(Cached).await, (vec![], vec![Cause::UserNotFound]));
    house.vendor.with(|openpath| openpath.add_user(crate::support::jane()));
    pass(Duration::from_secs(11)).await;
    assert_eq!(house.list(Cached).await.0.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_user_that_was_replaced_is_found_anew() {
    let house = House::at(with_janes_key());
    house.doors("jane", Cached).await;
    // Deleted and made anew under another id; the stored link still names the old one.
    house.vendor.with(|openpath| {
        openpath.remove_user(7001);
        openpath.add_user(
            User::active(7801, "jane@example.com").entry(Entry::new(4401, "Main entrance")),
        );
    });
    house.connect_anew();
    assert_eq!(said(house.tap("jane", 4401).await), "accepted");
    assert_eq!(house.vendor.ledger().orders()[0].who, "7801");
    assert_eq!(house.vendor.ledger().opened("4401"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_list_that_cannot_be_read_says_how_far_its_request_came() {
    let broke =
        "the connection broke before a whole answer was there; the request may have been sent.";
    for (path, kind, words) in [
        ("/users/list", FaultKind::Refuse, "no connection could be made; nothing was sent."),
        ("/users/list", FaultKind::Reset, broke),
        ("/auth/login", FaultKind::Refuse, "no connection could be made; nothing was sent."),
        ("/auth/login", FaultKind::Reset, &format!("at the sign-in: {broke}")),
    ] {
        let house = House::at(with_janes_key());
        house.vendor.faults(|f| f.on(path, 0, 99, Fault::before(kind)));
        let list = house.doors("jane", Fresh).await;
        let told = list.problems[0].reason.for_manager();
        assert!(told.ends_with(&format!(" Detail: {words}")), "{told}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_vendor_that_is_down_is_told_from_a_user_who_is_not_there() {
    let house = House::at(with_janes_key());
    for (kind, cause) in [
        (FaultKind::Refuse, Cause::VendorUnreachable),
        (FaultKind::status(503, "{}"), Cause::VendorError),
        (FaultKind::html_200(), Cause::VendorReplyUnusable),
        (FaultKind::status(403, "{}"), Cause::RightsMissing),
        (FaultKind::status(404, "{}"), Cause::SetupWrong),
        (FaultKind::status(429, "{}"), Cause::VendorBusy),
    ] {
        house.vendor.faults(|f| f.on("/users/list", 0, 99, Fault::before(kind)));
        assert_eq!(house.list(Fresh).await, (vec![], vec![cause]));
        house.vendor.faults(elevate_access_testkit::Faults::clear);
        pass(Duration::from_mins(1)).await;
    }
}
