use super::*;

const REPORT: &str = "/orgs/5120/users/7001/reports/activity";

/// The report as `(time, entry, result, reason)`.
fn report(openpath: &mut Openpath, caller: &Caller, query: &str) -> Vec<(i64, u64, String, Value)> {
    let (status, list) = caller.get(openpath, &format!("{REPORT}{query}"));
    assert_eq!(status, 200, "{list}");
    let rows = list["data"].as_array().unwrap();
    rows.iter()
        .map(|row| {
            assert!(row["sourceName"].is_string());
            (
                row["time"].as_i64().unwrap(),
                row["entryId"].as_u64().unwrap(),
                row["result"].as_str().unwrap().to_owned(),
                row["deniedReason"].clone(),
            )
        })
        .collect()
}

#[test]
fn orders_show_as_granted_or_denied_newest_first() {
    let mut openpath = with(jane());
    let mut caller = Caller::signed_in(&mut openpath);
    assert_eq!(caller.unlock(&mut openpath, JANE, KEY, GATE), 204);
    caller.now = later(5);
    assert_eq!(caller.unlock(&mut openpath, JANE, KEY, 4999), 403);
    let noon = noon().as_second();
    assert_eq!(
        report(&mut openpath, &caller, ""),
        [
            (noon + 5, 4999, "Denied".into(), json!("User does not have access to this entry")),
            (noon, GATE, "Granted".into(), Value::Null),
        ]
    );
    let row = &caller.get(&mut openpath, REPORT).1["data"][1];
    assert_eq!(row["userId"], JANE);
    assert_eq!(row["entryName"], "Main entrance");
    assert_eq!(row["credentialTypeModelName"], "cloudKey");
    assert_eq!(row["timeIsoString"], "2026-11-24T12:00:00.250Z");
}

#[test]
fn order_that_was_taken_but_not_granted_shows_as_denied() {
    let mut openpath =
        with(jane()).behaving(|it| it.unlock_not_granted = NotGranted::AcceptedAndNothingHappens);
    let caller = Caller::signed_in(&mut openpath);
    openpath.suspend(JANE);
    assert_eq!(caller.unlock(&mut openpath, JANE, KEY, GATE), 204);
    assert_eq!(report(&mut openpath, &caller, "")[0].2, "Denied");
}

#[test]
fn key_that_the_controller_does_not_know_yet_shows_as_denied() {
    let mut openpath = with(jane()).behaving(|it| it.key_works_after = Duration::from_secs(9));
    let caller = Caller::signed_in(&mut openpath);
    let url = "/orgs/5120/users/7001/credentials";
    let made = caller.post(&mut openpath, url, &json!({ "credentialTypeId": 34 })).1;
    let key = made["data"]["id"].as_u64().unwrap();
    assert_eq!(caller.unlock(&mut openpath, JANE, key, GATE), 204);
    assert_eq!(report(&mut openpath, &caller, "")[0].2, "Denied");
}

/// A row must never say "Granted" of a door that stayed shut, or say anything of an order that no
/// controller saw.
#[test]
fn failed_doors_and_refused_requests_leave_no_row() {
    let mut openpath = with(jane());
    let caller = Caller::signed_in(&mut openpath);
    openpath.door_fails(GATE);
    assert_eq!(caller.unlock(&mut openpath, JANE, KEY, GATE), 204);
    openpath.door_works(GATE);
    assert_eq!(Caller::stranger().unlock(&mut openpath, JANE, KEY, GATE), 401);
    openpath.turn_down_unlock(503, "");
    assert_eq!(caller.unlock(&mut openpath, JANE, KEY, GATE), 503);
    assert_eq!(report(&mut openpath, &caller, ""), []);
}

#[test]
fn no_row_carries_the_orders_description() {
    let mut openpath = with(jane());
    let caller = Caller::signed_in(&mut openpath);
    let body = json!({ "entryId": GATE, "description": "tap-4711" });
    assert_eq!(caller.post(&mut openpath, &unlock_path(JANE, KEY), &body).0, 204);
    assert!(!caller.get(&mut openpath, REPORT).1.to_string().contains("tap-4711"));
}

#[test]
fn orders_leave_no_rows_or_late_ones_where_the_test_says_so() {
    let mut openpath = with(jane()).behaving(|it| it.activity_is_kept = false);
    let mut caller = Caller::signed_in(&mut openpath);
    caller.unlock(&mut openpath, JANE, KEY, GATE);
    openpath.behaviour().activity_is_kept = true;
    openpath.behaviour().activity_shows_after = Duration::from_secs(3);
    caller.now = later(1);
    caller.unlock(&mut openpath, JANE, KEY, GATE);
    caller.now = later(3);
    assert_eq!(report(&mut openpath, &caller, ""), []);
    caller.now = later(4);
    let shown = report(&mut openpath, &caller, "");
    assert_eq!(shown, [(later(1).as_second(), GATE, "Granted".into(), Value::Null)]);
}

#[test]
fn stories_add_rows_of_their_own() {
    let mut openpath = with(jane());
    let caller = Caller::signed_in(&mut openpath);
    let denied = Activity::denied(GATE, "491").described("Lockdown").at(later(2));
    openpath.activity(JANE, denied);
    openpath.activity(JANE, Activity::granted(GATE).by("mobile").at(later(3)));
    openpath.activity(JANE, Activity::granted(GATE));
    let rows = caller.get(&mut openpath, REPORT).1["data"].clone();
    assert_eq!(rows[0]["credentialTypeModelName"], "mobile");
    assert_eq!(rows[1]["deniedReason"], "491");
    assert_eq!(rows[1]["resultDescription"], "Lockdown");
    assert_eq!(rows[2]["time"], 0);
    let ids: BTreeSet<&str> = (0..3).map(|row| rows[row]["requestId"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), 3);
}

#[test]
fn report_is_cut_sorted_and_filtered_as_asked_and_long_unless_told() {
    let mut openpath = with(jane());
    for second in 0..30 {
        openpath.activity(JANE, Activity::granted(GATE + second % 2).at(later(second)));
    }
    let caller = Caller::signed_in(&mut openpath);
    let noon = noon().as_second();
    let mut times = |query: &str| {
        let rows = report(&mut openpath, &caller, query);
        rows.iter().map(|row| row.0 - noon).collect::<Vec<_>>()
    };
    assert_eq!(times("").len(), 30, "the limit is 10000 unless told");
    assert_eq!(times("?limit=3"), [29, 28, 27]);
    assert_eq!(times("?limit=2&offset=28"), [1, 0]);
    assert_eq!(times("?limit=2&sort=time&order=asc"), [0, 1]);
    assert_eq!(times("?limit=2&filter=entryId:(=4402)"), [29, 27]);
    assert_eq!(times("?limit=1&options=quick"), [29]);
}

#[test]
fn rows_of_one_second_come_newest_first_too() {
    let mut openpath = with(jane());
    for reason in ["first", "second"] {
        openpath.activity(JANE, Activity::denied(GATE, reason).at(noon()));
    }
    let caller = Caller::signed_in(&mut openpath);
    let reasons: Vec<Value> =
        report(&mut openpath, &caller, "").into_iter().map(|row| row.3).collect();
    assert_eq!(reasons, ["second", "first"]);
}

#[test]
fn activity_is_each_users_own() {
    let mut openpath = with(jane()).user(User::active(7002, "omar@example.com"));
    openpath.activity(7002, Activity::granted(GATE));
    let caller = Caller::signed_in(&mut openpath);
    assert_eq!(report(&mut openpath, &caller, ""), []);
    assert_eq!(caller.get(&mut openpath, "/orgs/5120/users/7999/reports/activity").0, 404);
}
