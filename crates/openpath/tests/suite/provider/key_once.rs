//! Keys are not made without end, whatever a list makes of those that were: L9.

use std::time::Duration;

use elevate_access::{
    Cause,
    Freshness::{Cached, Fresh},
};
use elevate_access_testkit::{
    Fault, FaultKind,
    openpath::{Credential, Operation},
};
use elevate_transport::Method;

use crate::support::{House, Rewrite, jane, openpath, pass, said, with_jane};

fn creations(house: &House) -> u64 {
    house.count(Operation::CreateCredential)
}

/// An hour of lists and taps.
async fn an_hour(house: &House) {
    for n in 0..10 {
        house.doors("jane", if n % 2 == 0 { Cached } else { Fresh }).await;
        let _ = house.tap("jane", 4401).await;
        pass(Duration::from_mins(6)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_key_that_starts_later_is_made_once() {
    // Openpath dates new keys from the day on, and where the day has begun is not known.
    let house = House::at(with_jane());
    house.connect_rewriting(|path, body| {
        let is_about_keys = path.ends_with("/credentials");
        let dated = body.replace(r#""startDate":null"#, r#""startDate":"2026-03-03""#);
        if is_about_keys { dated } else { body.to_owned() }
    });
    assert_eq!(house.list(Cached).await.1, [Cause::KeyNotReady]);
    an_hour(&house).await;
    assert_eq!((creations(&house), house.orders()), (1, 0));

    // Noon of the 3rd, UTC, is past midnight everywhere.
    pass(Duration::from_hours(23)).await;
    assert_eq!(said(house.tap("jane", 4401).await), "accepted");
    assert_eq!(creations(&house), 1);
}

#[tokio::test(start_paused = true)]
async fn a_key_that_is_valid_later_calls_for_no_other_one() {
    for start in ["2099-01-01T00:00:00.000Z", "someday"] {
        let later = Credential::cloud_key(88_001).valid_from(start);
        let house = House::at(openpath().user(jane().credential(later)));
        assert_eq!(house.list(Cached).await.1, [Cause::KeyNotReady], "{start}");
        an_hour(&house).await;
        assert_eq!(creations(&house), 0, "{start}");
    }
    let unreadable = Credential::cloud_key(88_001).valid_until("someday");
    let house = House::at(openpath().user(jane().credential(unreadable)));
    an_hour(&house).await;
    assert_eq!(creations(&house), 0);
}

fn of_keys(path: &str, body: &str, from: &str, to: &str) -> String {
    if path.ends_with("/credentials") { body.replace(from, to) } else { body.to_owned() }
}

#[tokio::test(start_paused = true)]
async fn keys_whose_kind_is_not_told_are_not_made_again() {
    let rewrites: [Rewrite; 4] = [
        |path, body| of_keys(path, body, r#""credentialType""#, r#""kind""#),
        |path, body| of_keys(path, body, r#""modelName""#, r#""model""#),
        |path, body| of_keys(path, body, r#""modelName":"cloudKey""#, r#""modelName":" ""#),
        |path, body| of_keys(path, body, r#""modelName":"cloudKey""#, r#""modelName":"CloudKey""#),
    ];
    for (n, rewrite) in rewrites.into_iter().enumerate() {
        let house = House::at(with_jane());
        house.connect_rewriting(rewrite);
        for _ in 0..30 {
            an_hour(&house).await;
        }
        assert_eq!(creations(&house), 1, "{n}: in 30 hours");
        assert_eq!(house.list(Fresh).await.1, [Cause::KeyNotReady], "{n}");
        // Nor by a node that has not made it.
        house.connect_rewriting(rewrite);
        an_hour(&house).await;
        assert_eq!(creations(&house), 1, "{n}: by another node");
    }
}

#[tokio::test(start_paused = true)]
async fn keys_that_no_list_shows_are_made_once_a_day() {
    let house = House::at(with_jane());
    house
        .vendor
        .with(|openpath| openpath.reply_to(Operation::ListCredentials, r#"{"data":[]}"#, 200));
    for _ in 0..23 {
        an_hour(&house).await;
    }
    assert_eq!(creations(&house), 1);
    assert_eq!(house.list(Fresh).await.1, [Cause::KeyNotReady]);
    for _ in 0..2 {
        an_hour(&house).await;
    }
    assert_eq!(creations(&house), 2, "the next day");
}

#[tokio::test(start_paused = true)]
async fn keys_whose_end_comes_at_once_are_made_once_a_day() {
    let house = House::at(with_jane());
    house.connect_rewriting(|path, body| {
        of_keys(path, body, r#""endDate":null"#, r#""endDate":"2026-03-02""#)
    });
    an_hour(&house).await;
    assert_eq!((creations(&house), house.orders()), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn a_creation_whose_end_is_never_told_is_tried_three_times_a_day() {
    let house = House::at(with_jane());
    house.vendor.faults(|f| {
        let is_creation = |request: &elevate_access_testkit::Received| {
            request.method == Method::POST && request.path.ends_with("/credentials")
        };
        f.rule(is_creation, 0, u32::MAX, Fault::after(FaultKind::html_200()));
    });
    house
        .vendor
        .with(|openpath| openpath.reply_to(Operation::ListCredentials, r#"{"data":[]}"#, 200));
    for _ in 0..10 {
        an_hour(&house).await;
    }
    assert_eq!(creations(&house), 3);
}

#[tokio::test(start_paused = true)]
async fn a_creation_that_was_refused_in_unclear_words_is_tried_three_times_a_day() {
    for status in [400, 408, 409, 422] {
        let house = House::at(with_jane());
        house.vendor.with(|openpath| {
            openpath.reply_to(Operation::CreateCredential, "{}", status);
            openpath.reply_to(Operation::ListCredentials, r#"{"data":[]}"#, 200);
        });
        for _ in 0..20 {
            assert_eq!(said(house.tap("jane", 4401).await), "key_not_ready", "{status}");
            pass(Duration::from_secs(1)).await;
        }
        for _ in 0..10 {
            an_hour(&house).await;
        }
        assert_eq!(creations(&house), 3, "{status}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_key_that_was_deleted_in_the_dashboard_is_made_anew_at_the_next_use() {
    let house = House::at(with_jane());
    for deleted in 0..4 {
        house.list(Fresh).await;
        let expected = 3.min(deleted + 1);
        assert_eq!(creations(&house), expected, "and never more than three a day");
        house.list(Fresh).await;
        house.vendor.with(|openpath| {
            for key in openpath.credential_ids(7001) {
                openpath.delete_credential(7001, key);
            }
        });
    }
}
