use std::sync::{Arc, Mutex};

use elevate_access_testkit::{
    Fault, FaultKind,
    openpath::{Filtering, Openpath, Operation, User, fixtures},
};
use elevate_openpath::{
    Error, ErrorKind, Listing, MAX_PAGES, MAX_ROWS, UserId, UserStatus, UsersQuery,
};
use serde_json::{Value, json};

use super::script::{Script, rows};
use crate::support::{Line, client_over, openpath, with_jane};

fn people(count: u64) -> Openpath {
    let user = |n: u64| User::active(7000 + n, &format!("p{n}@example.com"));
    (0..count).fold(openpath(), |openpath, n| openpath.user(user(n)))
}

fn ids(listing: &Listing<elevate_openpath::User>) -> Vec<u64> {
    listing.rows.iter().filter_map(|user| user.id.as_number()).collect()
}

async fn all(line: &Line) -> Result<Listing<elevate_openpath::User>, Error> {
    line.client.users(&UsersQuery::all()).all().await
}

#[tokio::test(start_paused = true)]
async fn a_list_is_read_to_its_end() {
    for (count, at_most) in [(0, None), (1, None), (11, None), (7, Some(2)), (6, Some(2))] {
        let line = Line::to(people(count).behaving(|it| it.rows_at_most = at_most));
        let listing = all(&line).await.unwrap();
        assert_eq!(ids(&listing), (7000..7000 + count).collect::<Vec<_>>(), "{count}, {at_most:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn every_list_goes_past_its_first_page() {
    let keys = |user: User| {
        (1..=5).fold(user, |user, n| {
            user.credential(elevate_access_testkit::openpath::Credential::cloud_key(88_000 + n))
        })
    };
    let jane = keys(User::active(7001, "jane@example.com"));
    let line = Line::to(openpath().user(jane).behaving(|it| it.rows_at_most = Some(2)));
    let credentials = line.client.user_credentials(&UserId::from(7001)).all().await.unwrap();
    assert_eq!(credentials.rows.len(), 5);
    assert_eq!(line.client.credential_types().all().await.unwrap().rows.len(), 3);
    assert_eq!(line.count(Operation::ListCredentials), 3);
}

#[tokio::test(start_paused = true)]
async fn a_short_page_is_not_the_last_if_the_vendor_says_so() {
    let line = Line::to(openpath());
    let pages = ["users-page-1.json", "users-page-2.json"].map(|n| fixtures::fixture(n).unwrap());
    line.vendor.with(|openpath| openpath.reply_with_pages(Operation::ListUsersPost, pages));
    assert_eq!(ids(&all(&line).await.unwrap()), [7001, 7010, 7044]);
}

#[tokio::test(start_paused = true)]
async fn a_row_that_comes_twice_counts_once() {
    let line = Line::to(openpath());
    let twice = fixtures::case("users-row-twice.json").unwrap().reply();
    line.vendor.with(|openpath| openpath.reply_with(Operation::ListUsersPost, twice));
    assert_eq!(ids(&all(&line).await.unwrap()), [7001]);
}

async fn scripted_users(
    mut script: impl FnMut(u64, u64) -> Value + Send + 'static,
) -> Result<Listing<elevate_openpath::User>, Error> {
    let server = Script::of(move |window| script(window.offset, window.limit));
    server.client().users(&UsersQuery::all()).all().await
}

async fn scripted(
    script: impl FnMut(u64, u64) -> Value + Send + 'static,
) -> Result<Vec<u64>, (ErrorKind, String)> {
    scripted_users(script)
        .await
        .map(|listing| ids(&listing))
        .map_err(|error| (error.kind(), error.message().unwrap_or_default().to_owned()))
}

fn incomplete<T>(why: &str) -> Result<T, (ErrorKind, String)> {
    Err((ErrorKind::Incomplete, why.to_owned()))
}

#[tokio::test(start_paused = true)]
async fn a_server_that_says_nothing_of_its_length_is_asked_until_a_page_is_short() {
    let full =
        scripted(|offset, limit| json!({ "data": rows(offset, (offset + limit).min(2500)) }));
    assert_eq!(full.await, Ok((0..2500).collect()));
    let even =
        scripted(|offset, limit| json!({ "data": rows(offset, (offset + limit).min(2000)) }));
    assert_eq!(even.await, Ok((0..2000).collect()));
}

#[tokio::test(start_paused = true)]
async fn partial_listing_is_a_failed_refresh() {
    let promised = scripted(
        |offset, _| json!({ "data": rows(offset, 1), "filteredCount": 2, "cursors": { "hasNextPage": false } }),
    );
    assert_eq!(promised.await, incomplete("it promises rows that do not come"));

    let next = scripted(
        |offset, _| json!({ "data": rows(offset, 1), "cursors": { "hasNextPage": true } }),
    );
    assert_eq!(next.await, incomplete("it promises a next page that is empty"));
}

#[tokio::test(start_paused = true)]
async fn endless_pages_end() {
    let same = scripted(|_, _| json!({ "data": rows(0, 3), "cursors": { "hasNextPage": true } }));
    assert_eq!(same.await, incomplete("it repeats itself"));

    let asked = Arc::new(Mutex::new(0));
    let count = asked.clone();
    let endless = scripted(move |offset, _| {
        *count.lock().unwrap() += 1;
        json!({ "data": rows(offset, offset + 1), "cursors": { "hasNextPage": true } })
    });
    assert_eq!(endless.await, incomplete("it has too many pages"));
    assert_eq!(*asked.lock().unwrap(), MAX_PAGES);

    let broad = scripted(
        |offset, _| json!({ "data": rows(offset, offset + 1000), "cursors": { "hasNextPage": true } }),
    );
    assert_eq!(broad.await, incomplete("it has too many rows"));
}

#[tokio::test(start_paused = true)]
async fn a_list_of_too_many_rows_is_refused_on_its_last_page_too() {
    let one_page =
        scripted(|_, _| json!({ "data": rows(0, MAX_ROWS + 1), "filteredCount": MAX_ROWS + 1 }));
    assert_eq!(one_page.await, incomplete("it has too many rows"));
    let whole = scripted(|_, _| json!({ "data": rows(0, MAX_ROWS), "filteredCount": MAX_ROWS }));
    assert_eq!(whole.await.map(|ids| ids.len() as u64), Ok(MAX_ROWS));
}

#[tokio::test(start_paused = true)]
async fn a_list_is_no_longer_than_64_mib() {
    // Each page is below the bound of a single answer.
    let asked = Arc::new(Mutex::new(0));
    let count = asked.clone();
    let weight = "x".repeat(7 * 1024 * 1024);
    let heavy = scripted(move |offset, _| {
        *count.lock().unwrap() += 1;
        let row = json!({ "id": offset, "externalId": weight });
        json!({ "data": [row], "cursors": { "hasNextPage": offset < 50 } })
    });
    assert_eq!(heavy.await, incomplete("it is too long"));
    assert_eq!(*asked.lock().unwrap(), 10);
}

#[tokio::test(start_paused = true)]
async fn a_user_has_no_more_than_5000_entries() {
    for (count, is_refused) in [(5_000, false), (5_001, true)] {
        let line = Line::to(with_jane());
        let body = json!({ "data": rows(100_000, 100_000 + count) }).to_string();
        line.vendor.with(|openpath| openpath.reply_to(Operation::ListUserEntries, body, 200));
        let read = line.client.user_entries(&UserId::from(7001)).all().await;
        match read {
            Ok(listing) => assert_eq!((listing.rows.len() as u64, is_refused), (count, false)),
            Err(error) => {
                assert!(is_refused, "{error}");
                assert_eq!(error.kind(), ErrorKind::Incomplete);
                assert_eq!(error.message(), Some("it has too many rows"));
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_status_that_is_not_known_weighs_little() {
    let status = format!("Q<{}", "q".repeat(1000));
    let users =
        scripted_users(move |_, _| json!({ "data": [{ "id": 1, "status": status }] })).await;
    let status = users.unwrap().rows[0].status.clone();
    assert_eq!(status, Some(UserStatus::Unknown("Qqqqqqqqqqqqqqqq".to_owned())));
}

#[tokio::test(start_paused = true)]
async fn a_list_that_shrinks_while_it_is_read_is_read_again() {
    // Of five rows, the first is deleted after page one: by offset the fourth would be skipped.
    let mut asked = 0;
    let once = scripted(move |offset, _| {
        asked += 1;
        let (first, count) = if asked == 1 { (0, 5) } else { (1, 4) };
        let from = first + offset;
        json!({ "data": rows(from, (from + 3).min(5)), "filteredCount": count })
    });
    assert_eq!(once.await, Ok(vec![1, 2, 3, 4]));

    let mut left = 1000;
    let always = scripted(move |offset, _| {
        left -= 1;
        json!({ "data": rows(offset, offset + 3), "filteredCount": left })
    });
    assert_eq!(always.await, incomplete("it shrank while it was read"));
}

#[tokio::test(start_paused = true)]
async fn an_email_is_looked_for_in_a_body_and_compared_again() {
    for filtering in [Filtering::AnyCase, Filtering::Parts, Filtering::Ignored] {
        let openpath = with_jane()
            .user(User::active(7002, "mary.jane@example.com"))
            .user(User::active(7003, "jane@example.com.au"))
            .behaving(|it| it.pre_filter = filtering);
        let line = Line::to(openpath);
        let found = line.client.users_by_email("jane@example.com").await.unwrap();
        assert_eq!(ids(&found), [7001], "{filtering:?}");
        assert_eq!(line.vendor.with(|openpath| openpath.secrets_in_urls()), 0);
    }
}

fn two_janes(filtering: Filtering) -> Line {
    let two = with_jane().user(User::active(7002, "Jane@Example.com"));
    Line::to(two.behaving(|it| it.pre_filter = filtering))
}

/// One of the two would be a half answer, and would look like a whole one.
#[tokio::test(start_paused = true)]
async fn of_two_users_that_differ_in_case_both_are_found_or_none() {
    for (filtering, expected) in [
        (Filtering::AnyCase, vec![7001, 7002]),
        (Filtering::Parts, vec![7001, 7002]),
        (Filtering::Ignored, vec![7001, 7002]),
        (Filtering::Exact, vec![]),
    ] {
        let line = two_janes(filtering);
        for email in ["jane@example.com", "Jane@Example.com", "JANE@EXAMPLE.COM"] {
            let found = line.client.users_by_email(email).await.unwrap();
            assert_eq!(ids(&found), expected, "{filtering:?}, {email}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_email_that_is_spelled_as_the_filter_is_asked_hides_no_other() {
    let spelled = User::active(7002, "jAnE@eXaMpLe.CoM");
    let line = Line::to(with_jane().user(spelled).behaving(|it| it.pre_filter = Filtering::Exact));
    let found = line.client.users_by_email("jane@example.com").await.unwrap();
    assert_eq!(ids(&found), [0; 0], "a filter that minds case has found one of two");
    line.vendor.with(|openpath| openpath.behaviour().pre_filter = Filtering::AnyCase);
    let found = line.client.users_by_email("jane@example.com").await.unwrap();
    assert_eq!(ids(&found), [7001, 7002]);
}

#[tokio::test(start_paused = true)]
async fn an_email_without_letters_can_be_found() {
    let digits = User::active(7002, "12@34.56");
    let line = Line::to(with_jane().user(digits).behaving(|it| it.pre_filter = Filtering::Exact));
    let found = line.client.users_by_email("12@34.56").await.unwrap();
    assert_eq!(ids(&found), [7002]);
}

#[tokio::test(start_paused = true)]
async fn filter_metacharacters_refused_before_io() {
    let line = Line::to(with_jane());
    for email in [
        "a,b@example.com",
        "(a)@example.com",
        "=a@example.com",
        "a-<b@example.com",
        "a:b@example.com",
        "a*@example.com",
        "a%@example.com",
        "a\\b@example.com",
        "a\"b@example.com",
        "j\u{e4}ne@example.com",
        "a b@example.com",
        "",
    ] {
        let error = line.client.users_by_email(email).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{email:?}");
        assert!(email.is_empty() || !error.to_string().contains(email), "{error}");
    }
    assert_eq!(line.vendor.requests(), 0);
    for email in ["jane@example.com", "j.d-o_e+north@ex-ample.com"] {
        assert!(UsersQuery::with_email(email).is_ok(), "{email}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_vendor_sends_cannot_harm_the_reader() {
    for fault in [
        FaultKind::invalid_json(),
        FaultKind::html_200(),
        FaultKind::deep_json(100_000),
        FaultKind::compressed_bomb(),
        FaultKind::oversized(9 * 1024 * 1024),
    ] {
        let line = Line::to(with_jane());
        line.vendor.faults(|f| f.on("/users/list", 0, 9, Fault::before(fault)));
        let error = all(&line).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Undecodable, "{error}");
        assert_eq!(error.operation(), "openpath.users.list");
    }
}

#[tokio::test(start_paused = true)]
async fn a_read_is_repeated_where_that_helps() {
    let line = Line::to(with_jane());
    line.vendor.faults(|f| f.on("/users/list", 0, 2, Fault::before(FaultKind::status(503, "{}"))));
    assert_eq!(ids(&all(&line).await.unwrap()), [7001]);
}

#[tokio::test(start_paused = true)]
async fn a_users_sites_come_if_they_are_asked_for() {
    let line =
        Line::to(openpath().user(User::active(7001, "jane@example.com").at_site(22, "North")));
    for (query, sites) in [(UsersQuery::all(), 0), (UsersQuery::all().with_sites(), 1)] {
        let users = line.client.users(&query).all().await.unwrap().rows;
        assert_eq!(users[0].sites.len(), sites, "{query:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn every_paged_list_names_its_length_and_its_order() {
    let line = Line::to(with_jane());
    let wire = elevate_access_testkit::MemoryWire::new(line.vendor.clone(), line.clock);
    let recorder = crate::support::Recorder::before(Arc::new(wire));
    let client = client_over(recorder.clone());
    client.users(&UsersQuery::all()).all().await.unwrap();
    client.user_credentials(&UserId::from(7001)).all().await.unwrap();
    client.credential_types().all().await.unwrap();
    let sent = recorder.sent();
    let users: Value = serde_json::from_slice(&sent[1].body).unwrap();
    assert_eq!(users, json!({"limit": 1000, "offset": 0, "sort": "id", "order": "asc"}));
    for request in &sent[2..] {
        assert_eq!(request.url.query(), Some("limit=100&offset=0&sort=id&order=asc"));
    }
}
