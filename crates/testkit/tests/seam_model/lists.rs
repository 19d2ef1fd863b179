use super::*;

/// Reads a list to its end, following cursors, with these parameters on each page.
fn whole(seam: &mut Seam, path: &str, list: &str, id: &str, params: &Value) -> Vec<String> {
    let (mut found, mut params) = (Vec::new(), params.clone());
    for _ in 0..20 {
        let (status, body) = ask(seam, path, &params);
        assert_eq!(status, 200, "{body}");
        found.extend(ids(&body, list, id));
        let pagination = &body["pagination"];
        assert_eq!(pagination["has_next_page"], pagination["next_page_cursor"].is_string());
        if pagination["has_next_page"] == false {
            return found;
        }
        params["page_cursor"] = pagination["next_page_cursor"].clone();
    }
    panic!("the list does not end");
}

#[test]
fn small_pages_make_up_the_whole_list_once() {
    let mut seam = house();
    seam.page_size(1);
    let spaces = whole(&mut seam, "/spaces/list", "spaces", "space_id", &json!({}));
    assert_eq!(spaces, ["sp-101", "sp-102", "sp-empty"]);
    let devices = whole(&mut seam, "/devices/list", "devices", "device_id", &json!({}));
    assert_eq!(devices, ["dev-1", "dev-2"]);
    assert_eq!((seam.requests("/spaces/list"), seam.requests("/devices/list")), (3, 2));
    assert!(seam.complaints().is_empty());
}

#[test]
fn a_limit_makes_pages_and_may_be_a_float() {
    let mut seam = house();
    let (_, body) = ask(&mut seam, "/spaces/list", &json!({ "limit": 2.0 }));
    assert_eq!(ids(&body, "spaces", "space_id"), ["sp-101", "sp-102"]);
    let all = whole(&mut seam, "/spaces/list", "spaces", "space_id", &json!({ "limit": 2 }));
    assert_eq!(all.len(), 3);
}

#[test]
fn a_later_page_with_other_parameters_is_mismatched() {
    let mut seam = house();
    let first = json!({ "limit": 1, "connected_account_id": "account-1" });
    let (_, body) = ask(&mut seam, "/spaces/list", &first);
    let cursor = &body["pagination"]["next_page_cursor"];
    let mismatched = [
        ("/spaces/list", json!({ "page_cursor": cursor })),
        ("/spaces/list", json!({ "page_cursor": cursor, "limit": 1 })),
        (
            "/spaces/list",
            json!({ "page_cursor": cursor, "limit": 2, "connected_account_id": "account-1" }),
        ),
        (
            "/devices/list",
            json!({ "page_cursor": cursor, "limit": 1, "connected_account_id": "account-1" }),
        ),
    ];
    for (path, params) in mismatched {
        let (status, body) = ask(&mut seam, path, &params);
        assert_eq!(
            (status, &body["error"]["type"]),
            (400, &json!("mismatched_page_parameters")),
            "{params}"
        );
    }
    let same = json!({ "page_cursor": cursor, "connected_account_id": "account-1", "limit": 1 });
    assert_eq!(ask(&mut seam, "/spaces/list", &same).0, 200);
}

#[test]
fn a_cursor_that_the_vendor_never_gave_is_invalid() {
    let mut seam = house();
    let (status, body) = ask(&mut seam, "/spaces/list", &json!({ "page_cursor": "2" }));
    assert_eq!((status, &body["error"]["type"]), (400, &json!("invalid_input")));
    assert_eq!(ask(&mut seam, "/spaces/list", &json!({ "page_cursor": null })).0, 200);
}

#[test]
fn following_the_next_page_url_leads_astray_and_is_noticed() {
    for leads in [NextPageUrl::PageOne, NextPageUrl::Elsewhere] {
        let mut seam = house();
        seam.page_size(1).next_page_url(leads);
        let (_, first) = ask(&mut seam, "/spaces/list", &json!({}));
        let url = first["pagination"]["next_page_url"].as_str().unwrap().to_owned();
        assert!(!seam.followed_url());
        let (path, query) = url.strip_prefix("http://seam.test").unwrap().split_once('?').map_or(
            (url.trim_start_matches("http://seam.test").to_owned(), Vec::new()),
            |(path, query)| {
                let (name, value) = query.split_once('=').unwrap();
                (path.to_owned(), vec![(name.to_owned(), value.to_owned())])
            },
        );
        let mut follow = request(&path, "");
        follow.method = Method::GET;
        follow.query = query;
        let reply = seam.answer(&follow, at(0));
        assert!(seam.followed_url(), "{leads:?}");
        if leads == NextPageUrl::PageOne {
            assert_eq!(ids(&read(&reply), "spaces", "space_id"), ["sp-101"]);
        } else {
            assert_eq!(reply.status, 404);
        }
    }
}

#[test]
fn an_endless_list_never_says_that_it_ends() {
    for how in [Endless::Circle, Endless::Repeats, Endless::EmptyPages] {
        let mut seam = house();
        seam.page_size(2).endless_pages(Some(how));
        let mut params = json!({});
        let mut cursors = BTreeSet::new();
        for _ in 0..50 {
            let (status, body) = ask(&mut seam, "/spaces/list", &params);
            assert_eq!(status, 200);
            assert_eq!(body["pagination"]["has_next_page"], true);
            let cursor = body["pagination"]["next_page_cursor"].as_str().unwrap().to_owned();
            params["page_cursor"] = json!(cursor);
            cursors.insert(cursor);
        }
        assert_eq!(cursors.len(), if how == Endless::Circle { 2 } else { 50 }, "{how:?}");
    }
}

#[test]
fn a_space_without_doors_vanishes_from_an_account_s_list() {
    let mut seam = house();
    let params = json!({ "connected_account_id": "account-1" });
    let (_, body) = ask(&mut seam, "/spaces/list", &params);
    assert_eq!(ids(&body, "spaces", "space_id"), ["sp-101", "sp-102"]);
}

#[test]
fn spaces_count_the_devices_that_they_hold_now() {
    let mut seam = house();
    seam.move_device("dev-2", &["sp-empty", "sp-102"]);
    let (_, body) = ask(&mut seam, "/spaces/list", &json!({}));
    let counts: Vec<&Value> =
        body["spaces"].as_array().unwrap().iter().map(|space| &space["device_count"]).collect();
    assert_eq!(counts, [1, 2, 1]);
}

#[test]
fn search_matches_parts_of_names() {
    let mut seam = house();
    let (_, body) = ask(&mut seam, "/spaces/list", &json!({ "search": "10" }));
    assert_eq!(body["spaces"].as_array().unwrap().len(), 3);
}

#[test]
fn filters_find_what_they_name_and_nothing_else() {
    let mut seam = Seam::new(KEY)
        .account(Account::new("maple").customer("maple-court"))
        .account(Account::new("birch").customer("birch-house").of_type("brivo"))
        .space_with(Space::new("sp-maple", "Maple Court").key("maple"))
        .space_with(
            Space::new("sp-101", "101").inside("sp-maple").key("m-101").customer("maple-court"),
        )
        .device(Device::two_n("m1", "Lobby").of_account("maple").in_spaces(["sp-101"]))
        .device(
            Device::of_type("brivo_access_point", "b1", "Barrier")
                .of_account("birch")
                .made_by("brivo")
                .metadata("units", "101")
                .metadata_flag("shown", true),
        );
    let devices = [
        (json!({ "connected_account_id": "maple" }), vec!["m1"]),
        (json!({ "connected_account_ids": ["birch"] }), vec!["b1"]),
        (json!({ "device_type": "two_n_intercom" }), vec!["m1"]),
        (json!({ "device_types": ["two_n_intercom", "brivo_access_point"] }), vec!["m1", "b1"]),
        (json!({ "device_ids": ["b1", "gone"] }), vec!["b1"]),
        (json!({ "customer_key": "maple-court" }), vec!["m1"]),
        (json!({ "space_id": "sp-101" }), vec!["m1"]),
        (json!({ "manufacturer": "brivo" }), vec!["b1"]),
        (json!({ "include_if": ["can_remotely_unlock"] }), vec!["m1"]),
        (json!({ "exclude_if": ["can_remotely_unlock"] }), vec!["b1"]),
        (json!({ "custom_metadata_has": { "units": "101", "shown": true } }), vec!["b1"]),
        (json!({ "custom_metadata_has": { "units": "101", "shown": false } }), vec![]),
        (json!({ "created_before": "2020-01-01T00:00:00Z" }), vec![]),
        (json!({ "connected_account_ids": [] }), vec![]),
    ];
    for (params, expected) in devices {
        let (_, body) = ask(&mut seam, "/devices/list", &params);
        assert_eq!(ids(&body, "devices", "device_id"), expected, "{params}");
    }
    let spaces = [
        (json!({ "space_key": "m-101" }), vec!["sp-101"]),
        (json!({ "parent_space_id": "sp-maple" }), vec!["sp-101"]),
        (json!({ "parent_space_key": "maple" }), vec!["sp-101"]),
        (json!({ "customer_key": "birch-house" }), vec![]),
    ];
    for (params, expected) in spaces {
        let (_, body) = ask(&mut seam, "/spaces/list", &params);
        assert_eq!(ids(&body, "spaces", "space_id"), expected, "{params}");
    }
    let (_, accounts) =
        ask(&mut seam, "/connected_accounts/list", &json!({ "customer_key": "maple-court" }));
    assert_eq!(ids(&accounts, "connected_accounts", "connected_account_id"), ["maple"]);
}

#[test]
fn a_filter_that_the_stand_in_cannot_answer_is_refused_and_not_ignored() {
    let mut seam = house();
    let params = json!({ "connect_webview_id": "w-1" });
    let (status, body) = ask(&mut seam, "/devices/list", &params);
    assert_eq!((status, &body["error"]["type"]), (400, &json!("not_modelled")));
}

#[test]
fn unmanaged_devices_are_in_their_own_list_only() {
    let mut seam = house().unmanaged_device(Device::two_n("dev-9", "Side door"));
    let (_, managed) = ask(&mut seam, "/devices/list", &json!({}));
    assert_eq!(ids(&managed, "devices", "device_id"), ["dev-1", "dev-2"]);
    let (_, unmanaged) = ask(&mut seam, "/devices/unmanaged/list", &json!({}));
    assert_eq!(ids(&unmanaged, "devices", "device_id"), ["dev-9"]);
    assert_eq!(unmanaged["devices"][0]["is_managed"], false);
}

#[test]
fn the_list_of_locks_has_no_pages_and_loses_what_is_beyond_its_limit() {
    let mut seam = house();
    let (_, body) = ask(&mut seam, "/locks/list", &json!({ "limit": 1 }));
    assert_eq!(ids(&body, "locks", "device_id"), ["dev-1"]);
    assert!(body.get("pagination").is_none());
}

#[test]
fn related_resources_are_those_that_were_asked_for() {
    let mut seam = house();
    let params = json!({ "space_ids": ["sp-102"], "include": ["spaces", "devices"] });
    let (_, body) = ask(&mut seam, "/spaces/get_related", &params);
    let batch = &body["batch"];
    assert_eq!(ids(batch, "spaces", "space_id"), ["sp-102"]);
    assert_eq!(ids(batch, "devices", "device_id"), ["dev-1"]);
    assert_eq!(batch.as_object().unwrap().len(), 2);
}

#[test]
fn what_changes_shows_at_the_next_read() {
    let mut seam = house();
    seam.rename_space("sp-101", "Apt 101").set_online("dev-1", false).remove_space("sp-102");
    let (_, space) = ask(&mut seam, "/spaces/get", &json!({ "space_id": "sp-101" }));
    assert_eq!(space["space"]["name"], "Apt 101");
    let (_, device) = ask(&mut seam, "/devices/get", &json!({ "device_id": "dev-1" }));
    assert_eq!(device["device"]["properties"]["online"], false);
    assert_eq!(device["device"]["space_ids"], json!(["sp-101"]));
    let (status, _) = ask(&mut seam, "/spaces/get", &json!({ "space_id": "sp-102" }));
    assert_eq!(status, 404);
}
