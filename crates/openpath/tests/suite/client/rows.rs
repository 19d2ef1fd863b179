//! Lists as streams.

use std::time::Duration;

use elevate_access_testkit::{
    Fault, FaultKind,
    openpath::{Operation, User, fixtures},
};
use elevate_openpath::{
    Activity, Credential, Entry, Error, ErrorKind, MAX_PAGES, Rows, SiteId, User as Row, UserId,
    UsersQuery,
};
use futures_util::{Stream, StreamExt as _, TryStreamExt as _};
use serde_json::json;
use tokio::time::{Instant, sleep};

use super::script::{Script, Window, rows};
use crate::support::{Line, openpath, with_jane};

fn id(row: Result<Row, Error>) -> u64 {
    row.unwrap().id.as_number().unwrap()
}

fn kind(row: Option<Result<Row, Error>>) -> (ErrorKind, String) {
    let error = row.unwrap().unwrap_err();
    (error.kind(), error.message().unwrap_or_default().to_owned())
}

#[test]
fn rows_can_be_kept_and_sent_to_another_task() {
    fn check<S: Stream<Item = Result<T, Error>> + Send + Unpin + 'static, T>(_: &S) {}
    let client = Script::of(|_| json!({})).client();
    check::<Rows<Row>, _>(&client.users(&UsersQuery::all()));
    check::<Rows<Credential>, _>(&client.user_credentials(&UserId::from(1)));
    check::<Rows<Entry>, _>(&client.user_entries(&UserId::from(1)));
    check::<Rows<Activity>, _>(&client.user_activity(&UserId::from(1), 1));
}

#[tokio::test(start_paused = true)]
async fn a_stream_pages_by_itself_to_the_end() {
    let user = |n: u64| User::active(7000 + n, &format!("p{n}@example.com"));
    let people = (0..7).fold(openpath(), |openpath, n| openpath.user(user(n)));
    let line = Line::to(people.behaving(|it| it.rows_at_most = Some(3)));
    let users = line.client.users(&UsersQuery::all());
    let ids: Vec<u64> = users.map(id).collect().await;
    assert_eq!(ids, (7000..7007).collect::<Vec<_>>());
    assert_eq!(line.count(Operation::ListUsersPost), 3);
}

#[tokio::test(start_paused = true)]
async fn a_page_is_asked_for_when_a_row_of_it_is_wanted() {
    let server =
        Script::of(|at| json!({ "data": rows(at.offset, at.offset + 2), "filteredCount": 9 }));
    let mut users = server.client().users(&UsersQuery::all());
    assert_eq!(server.asked(), []);
    for (row, pages) in [(0, 1), (1, 1), (2, 2), (3, 2), (4, 3)] {
        assert_eq!(id(users.next().await.unwrap()), row);
        assert_eq!(server.asked().len(), pages, "at row {row}");
    }
    drop(users);
    sleep(Duration::from_hours(1)).await;
    assert_eq!(server.asked().len(), 3, "a stream that is dropped asks no more");
}

#[tokio::test(start_paused = true)]
async fn a_stream_of_endless_pages_ends() {
    let server = Script::of(
        |at| json!({ "data": rows(at.offset, at.offset + 1), "cursors": { "hasNextPage": true } }),
    );
    let mut users = server.client().users(&UsersQuery::all());
    for row in 0..u64::from(MAX_PAGES) {
        assert_eq!(id(users.next().await.unwrap()), row);
    }
    let end = kind(users.next().await);
    assert_eq!(end, (ErrorKind::Incomplete, "it has too many pages".to_owned()));
    assert!(users.next().await.is_none());
    assert_eq!(server.asked().len(), MAX_PAGES as usize);
}

#[tokio::test(start_paused = true)]
async fn a_stream_is_over_after_its_last_row_and_after_its_first_error() {
    let line = Line::to(with_jane());
    let mut users = line.client.users(&UsersQuery::all());
    assert_eq!(id(users.next().await.unwrap()), 7001);
    for _ in 0..3 {
        assert!(users.next().await.is_none());
    }
    assert_eq!(line.count(Operation::ListUsersPost), 1);

    line.vendor.faults(|f| f.next_on("/users/list", Fault::before(FaultKind::status(404, "{}"))));
    let mut users = line.client.users(&UsersQuery::all());
    assert_eq!(kind(users.next().await).0, ErrorKind::NotFound);
    for _ in 0..3 {
        assert!(users.next().await.is_none(), "an error is the last item");
    }
    assert_eq!(line.count(Operation::ListUsersPost), 1);
}

/// Of five rows the first is deleted after page one: by offset the fourth would be skipped.
#[tokio::test(start_paused = true)]
async fn a_stream_of_a_list_that_shrank_ends_with_an_error_and_a_whole_list_begins_anew() {
    let shrinking = || {
        let mut asked = 0;
        Script::of(move |at| {
            asked += 1;
            let (first, count) = if asked == 1 { (0, 5) } else { (1, 4) };
            let from = first + at.offset;
            json!({ "data": rows(from, (from + 3).min(5)), "filteredCount": count })
        })
    };
    let users = shrinking().client().users(&UsersQuery::all());
    let (seen, failed): (Vec<_>, Vec<_>) =
        users.collect::<Vec<_>>().await.into_iter().partition(Result::is_ok);
    assert_eq!(seen.into_iter().map(id).collect::<Vec<_>>(), [0, 1, 2]);
    let ends: Vec<_> = failed.into_iter().map(|row| kind(Some(row))).collect();
    assert_eq!(ends, [(ErrorKind::Incomplete, "it shrank while it was read".to_owned())]);

    let all = shrinking().client().users(&UsersQuery::all()).all().await.unwrap();
    let ids: Vec<_> = all.rows.into_iter().map(|row| id(Ok(row))).collect();
    assert_eq!(ids, [1, 2, 3, 4]);
}

#[tokio::test(start_paused = true)]
async fn a_whole_list_begins_with_its_first_row_whatever_was_taken_before() {
    let server =
        Script::of(|at| json!({ "data": rows(at.offset, at.offset + 2), "filteredCount": 4 }));
    let mut users = server.client().users(&UsersQuery::all());
    for row in 0..3 {
        assert_eq!(id(users.next().await.unwrap()), row);
    }
    assert_eq!(users.all().await.unwrap().rows.len(), 4);
}

/// Twenty pages of three seconds each.
fn slow() -> std::sync::Arc<Script> {
    Script::slow(
        Duration::from_secs(3),
        |at| json!({ "data": rows(at.offset, at.offset + 1), "filteredCount": 20 }),
    )
}

#[tokio::test(start_paused = true)]
async fn each_page_of_a_stream_has_its_own_time_and_a_slow_reader_all_the_time() {
    let mut users = slow().client().users(&UsersQuery::all());
    let mut count = 0;
    while let Some(user) = users.try_next().await.unwrap() {
        assert_eq!(user.id.as_number(), Some(count));
        count += 1;
        sleep(Duration::from_mins(10)).await;
    }
    assert_eq!(count, 20);
}

#[tokio::test(start_paused = true)]
async fn a_page_that_does_not_come_ends_a_stream_within_10_seconds() {
    let line = Line::to(with_jane());
    line.client.sign_in().await.unwrap();
    line.vendor.faults(|f| f.on("/users/list", 0, 99, Fault::before(FaultKind::Stall)));
    let begun = Instant::now();
    assert_eq!(kind(line.client.users(&UsersQuery::all()).next().await).0, ErrorKind::Unreachable);
    assert!(begun.elapsed() <= Duration::from_secs(10), "{:?}", begun.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_whole_list_has_10_seconds_and_one_of_users_30() {
    let begun = Instant::now();
    let error = slow().client().users(&UsersQuery::all()).all().await.unwrap_err();
    assert_eq!((error.kind(), begun.elapsed().as_secs()), (ErrorKind::Unreachable, 30));

    let begun = Instant::now();
    let error = slow().client().user_credentials(&UserId::from(7001)).all().await.unwrap_err();
    assert_eq!((error.kind(), begun.elapsed().as_secs()), (ErrorKind::Unreachable, 10));
}

#[tokio::test(start_paused = true)]
async fn the_sites_that_an_account_is_bound_to_are_told() {
    let line = Line::to(with_jane());
    for (file, expected) in [
        ("users-site-bound-none.json", vec![SiteId::from(22)]),
        ("users-site-bound-all.json", vec![]),
    ] {
        let case = fixtures::case(file).unwrap();
        line.vendor.with(|it| it.reply_with(Operation::ListUsersPost, case.reply()));
        let listing = line.client.users(&UsersQuery::all()).all().await.unwrap();
        assert_eq!(listing.is_site_bound, !expected.is_empty(), "{file}");
        assert_eq!(listing.site_ids, expected, "{file}");
    }

    // Those of all pages, each once; what is null among them is left out.
    let paged = Script::of(|at| {
        let sites = if at.offset == 0 { json!([23, null, "9"]) } else { json!([9, 101]) };
        let access = json!({ "isSiteSpecific": true, "siteIds": sites });
        json!({
            "data": rows(at.offset, at.offset + 1),
            "filteredCount": 2,
            "meta": { "siteSpecificAccess": access },
        })
    });
    let listing = paged.client().users(&UsersQuery::all()).all().await.unwrap();
    assert_eq!(listing.site_ids, [9, 23, 101].map(SiteId::from));
}

/// Rows of a user's activity, as many as there are pages for, all alike.
fn busy(page: u64, promised: u64) -> std::sync::Arc<Script> {
    Script::of(move |at| {
        let came = page.min(at.limit).min(promised.saturating_sub(at.offset));
        let row = json!({ "time": 1_795_521_605, "sourceName": "entry", "result": "Granted" });
        let rows: Vec<_> = (0..came).map(|_| row.clone()).collect();
        json!({ "data": rows, "filteredCount": promised })
    })
}

#[tokio::test(start_paused = true)]
async fn activity_is_read_up_to_its_limit_and_no_further() {
    let window = |offset, limit| Window { offset, limit };
    for (limit, page, rows, asked) in [
        (2, 1000, 2, vec![window(0, 2)]),
        (1500, 1000, 1500, vec![window(0, 1000), window(1000, 500)]),
        (5, 2, 5, vec![window(0, 5), window(2, 3), window(4, 1)]),
        (9000, 1000, 4000, (0..4).map(|n| window(n * 1000, 1000)).collect()),
        (0, 1000, 0, vec![]),
    ] {
        let server = busy(page, 4000);
        let activity = server.client().user_activity(&UserId::from(7001), limit);
        let got: Vec<_> = activity.try_collect().await.unwrap();
        assert_eq!((got.len(), server.asked()), (rows, asked), "limit {limit}");
    }
    // A vendor that sends more than it was asked for.
    let server = Script::of(
        |_| json!({ "data": [{ "time": 3 }, { "time": 2 }, { "time": 1 }], "filteredCount": 3 }),
    );
    let got = server.client().user_activity(&UserId::from(7001), 2).all().await.unwrap();
    let times: Vec<_> = got.rows.iter().map(|row| row.time.as_second()).collect();
    assert_eq!(times, [3, 2]);
}
