use super::*;

#[test]
fn filters_compare_as_the_test_says() {
    let people = [(1, "jane@example.com"), (2, "Jane@Example.com"), (3, "mary-jane@example.com")];
    for (filtering, found) in [
        (Filtering::Exact, vec![1]),
        (Filtering::AnyCase, vec![1, 2]),
        (Filtering::Parts, vec![1, 2, 3]),
        (Filtering::Ignored, vec![1, 2, 3, 4]),
        (Filtering::FindsNobody, vec![]),
    ] {
        let mut openpath = with(User::active(4, "omar@example.com"));
        for (id, email) in people {
            openpath.add_user(User::active(id, email));
        }
        let caller = Caller::signed_in(&mut openpath);
        for name in ["filter", "preFilter"] {
            openpath.behaviour().filter = Filtering::Refused;
            openpath.behaviour().pre_filter = Filtering::Refused;
            match name {
                "filter" => openpath.behaviour().filter = filtering,
                _ => openpath.behaviour().pre_filter = filtering,
            }
            for value in ["identity.email:(=jane@example.com)", "identity.email:(jane@example.com)"]
            {
                let list =
                    caller.users(&mut openpath, &json!({ "limit": 10, "sort": "id", name: value }));
                assert_eq!(ids(&list), found, "{name} {value} {filtering:?}");
                assert_eq!(list["filteredCount"], found.len());
            }
        }
    }
}

#[test]
fn filter_that_the_vendor_does_not_take_is_an_error() {
    let mut openpath = with(jane()).behaving(|it| it.filter = Filtering::Refused);
    let caller = Caller::signed_in(&mut openpath);
    let body = json!({ "limit": 10, "filter": "identity.email:(=jane@example.com)" });
    assert_eq!(caller.post(&mut openpath, "/orgs/5120/users/list", &body).0, 400);
}

#[test]
fn second_user_of_an_email_can_stand_on_page_two() {
    let mut openpath = with(jane())
        .user(User::active(7002, "omar@example.com"))
        .user(User::active(7003, "jane@example.com").in_namespace(612, "staff"));
    let caller = Caller::signed_in(&mut openpath);
    let first = caller.users(&mut openpath, &json!({ "limit": 2, "offset": 0, "sort": "id" }));
    assert_eq!(ids(&first), [7001, 7002]);
    assert_eq!(first["totalCount"], 3);
    assert_eq!(first["cursors"], json!({ "nextCursor": 7002, "hasNextPage": true }));

    let by_offset = caller.users(&mut openpath, &json!({ "limit": 2, "offset": 2, "sort": "id" }));
    let by_cursor =
        caller.users(&mut openpath, &json!({ "limit": 2, "cursor": "7002", "sort": "id" }));
    assert_eq!(by_offset, by_cursor);
    assert_eq!(ids(&by_offset), [7003]);
    assert_eq!(by_offset["data"][0]["identity"]["namespace"]["id"], 612);
    assert_eq!(by_offset["cursors"], json!({ "nextCursor": null, "hasNextPage": false }));
    let beyond = caller.users(&mut openpath, &json!({ "limit": 2, "offset": 4, "sort": "id" }));
    assert_eq!(ids(&beyond), [] as [u64; 0]);
}

#[test]
fn pages_can_be_shorter_than_asked_and_not_the_last() {
    let mut openpath = with(jane())
        .user(User::active(7002, "omar@example.com"))
        .user(User::active(7003, "ines@example.com"))
        .behaving(|it| it.rows_at_most = Some(2));
    let caller = Caller::signed_in(&mut openpath);
    let list = caller.users(&mut openpath, &json!({ "limit": 1000, "sort": "id" }));
    assert_eq!(ids(&list), [7001, 7002]);
    assert_eq!(list["totalCount"], 3);
    assert_eq!(list["cursors"]["hasNextPage"], true);
}

#[test]
fn lists_are_sorted_as_asked_and_by_last_name_otherwise() {
    let mut openpath = with(User::active(3, "c@example.com").named("Ada", "Young"))
        .user(User::active(1, "a@example.com").named("Cleo", "Abel"))
        .user(User::active(2, "b@example.com").named("Bo", "abel"));
    let caller = Caller::signed_in(&mut openpath);
    for (body, order) in [
        (json!({}), [1, 2, 3]),
        (json!({ "sort": "id", "order": "desc" }), [3, 2, 1]),
        (json!({ "sort": "identity.lastName,identity.firstName" }), [2, 1, 3]),
        (json!({ "sort": "identity.lastName,id", "order": "desc,asc" }), [3, 1, 2]),
    ] {
        assert_eq!(ids(&caller.users(&mut openpath, &body)), order, "{body}");
    }
}

#[test]
fn list_without_limit_does_not_hold_everybody() {
    let mut openpath = with(jane());
    for id in 1..=30 {
        openpath.add_user(User::active(id, &format!("r{id}@example.com")));
    }
    let caller = Caller::signed_in(&mut openpath);
    assert_eq!(ids(&caller.users(&mut openpath, &json!({}))).len(), 10);
}

#[test]
fn users_can_be_listed_by_get_and_an_email_in_the_url_is_noticed() {
    let mut openpath = with(jane());
    let caller = Caller::signed_in(&mut openpath);
    assert_eq!(ids(&caller.get(&mut openpath, "/orgs/5120/users?limit=5&sort=id").1), [JANE]);
    assert_eq!(openpath.secrets_in_urls(), 0);
    let url = "/orgs/5120/users?limit=5&filter=identity.email:(jane@example.com)";
    assert_eq!(ids(&caller.get(&mut openpath, url).1), [JANE]);
    assert_eq!(openpath.secrets_in_urls(), 1);
}

#[test]
fn what_is_changed_in_the_dashboard_shows_at_the_next_read() {
    let mut openpath = with(jane());
    let caller = Caller::signed_in(&mut openpath);
    let mut show = |change: fn(&mut Openpath)| {
        change(&mut openpath);
        caller.get(&mut openpath, "/orgs/5120/users/7001").1["data"].clone()
    };
    assert_eq!(show(|_| ())["status"], "A");
    assert_eq!(show(|it| it.suspend(JANE))["status"], "S");
    assert_eq!(show(|it| it.archive(JANE))["status"], "I");
    assert_eq!(show(|it| it.activate(JANE))["status"], "A");
    let moved = show(|it| it.set_email(JANE, "new@example.com"));
    assert_eq!(moved["identity"]["email"], "new@example.com");
    assert_eq!(moved["identity"]["firstName"], "Jane");
    assert_eq!(show(|it| it.set_dates(JANE, None, Some("2026-11-30")))["endDate"], "2026-11-30");
    assert_eq!(show(|it| it.set_remote_unlock(JANE, Some(false)))["hasRemoteUnlock"], false);
    assert!(show(|it| it.set_remote_unlock(JANE, None)).get("hasRemoteUnlock").is_none());
}

#[test]
fn archived_users_are_listed_or_not_as_the_test_says() {
    let mut openpath = with(User::archived(JANE, "jane@example.com"));
    let caller = Caller::signed_in(&mut openpath);
    assert_eq!(ids(&caller.users(&mut openpath, &json!({ "limit": 5 }))), [JANE]);
    openpath.behaviour().archived_are_listed = false;
    assert!(ids(&caller.users(&mut openpath, &json!({ "limit": 5 }))).is_empty());
}

#[test]
fn site_bound_account_sees_its_sites_users_and_is_told_so() {
    let mut openpath = with(jane().at_site(21, "North"))
        .user(User::active(7002, "omar@example.com").at_site(22, "South"))
        .bound_to_sites(&[22]);
    let caller = Caller::signed_in(&mut openpath);
    let list = caller.users(&mut openpath, &json!({ "limit": 5 }));
    assert_eq!(ids(&list), [7002]);
    assert_eq!(list["meta"]["siteSpecificAccess"]["isSiteSpecific"], true);
    assert_eq!(list["meta"]["siteSpecificAccess"]["siteIds"], json!([22]));
    assert_eq!(caller.get(&mut openpath, "/orgs/5120/users/7001").0, 404);
    let all = json!({ "limit": 5, "sort": "id", "options": "ignoreSiteSpecificAccess" });
    assert_eq!(ids(&caller.users(&mut openpath, &all)), [7001, 7002]);
}

#[test]
fn sites_show_only_when_asked_for() {
    let mut openpath = with(jane().at_site(21, "North").at_site(22, "South"));
    let caller = Caller::signed_in(&mut openpath);
    let sites = json!([{ "id": 21, "name": "North" }, { "id": 22, "name": "South" }]);
    for (options, shown) in [("withRoles", None), ("withRoles,withUserSites", Some(&sites))] {
        let list = caller.users(&mut openpath, &json!({ "limit": 5, "options": options }));
        assert_eq!(list["data"][0].get("sites"), shown, "{options}");
        let one = format!("/orgs/5120/users/7001?options={options}");
        assert_eq!(caller.get(&mut openpath, &one).1["data"].get("sites"), shown, "{options}");
    }
}

#[test]
fn units_show_only_when_asked_for() {
    let mut openpath = with(jane().in_unit(1101, "4B", "North"));
    let caller = Caller::signed_in(&mut openpath);
    let plain = caller.users(&mut openpath, &json!({ "limit": 5 }));
    assert!(plain["data"][0].get("buildingFloorUnits").is_none());
    let asked = caller.users(&mut openpath, &json!({ "limit": 5, "withBuildings": true }));
    assert_eq!(asked["data"][0]["buildingFloorUnits"][0]["name"], "4B");
}

#[test]
fn ids_are_text_everywhere_in_replies_but_a_request_with_text_is_refused() {
    let mut openpath = with(jane()).ids_as_text(true);
    let caller = Caller::signed_in(&mut openpath);
    let user = caller.get(&mut openpath, "/orgs/5120/users/7001").1;
    assert_eq!(user["data"]["id"], "7001");
    assert_eq!(user["data"]["identity"]["namespace"]["id"], "611");
    let entries = caller.get(&mut openpath, "/orgs/5120/users/7001/entries").1;
    assert_eq!(entries["data"][0]["zone"]["site"]["id"], "21");
    assert_eq!(entries["totalCount"], 1);
    let body = json!({ "entryId": entries["data"][0]["id"] });
    assert_eq!(caller.post(&mut openpath, &unlock_path(JANE, KEY), &body).0, 400);
}
