use super::*;

#[test]
fn bad_shapes_are_refused_and_the_field_named() {
    let mut openpath = with(jane());
    let caller = Caller::signed_in(&mut openpath);
    let list = "/orgs/5120/users/list";
    let create = "/orgs/5120/users/7001/credentials";
    let unlock = unlock_path(JANE, KEY);
    let name = "n".repeat(101);
    for (url, body, key) in [
        ("/auth/login", json!({ "password": PASSWORD }), "email"),
        ("/auth/login", json!({ "email": "svc", "password": PASSWORD }), "email"),
        ("/auth/login", json!({ "email": EMAIL, "password": 12 }), "password"),
        ("/auth/login", json!({ "email": EMAIL, "password": PASSWORD, "mfa": "123456" }), "mfa"),
        (
            "/auth/login",
            json!({ "email": EMAIL, "password": PASSWORD, "mfa": { "totpCode": 123_456 } }),
            "mfa.totpCode",
        ),
        (list, json!({ "limit": 0 }), "limit"),
        (list, json!({ "limit": 1001 }), "limit"),
        (list, json!({ "limit": "10" }), "limit"),
        (list, json!({ "limit": 1.5 }), "limit"),
        (list, json!({ "offset": -1 }), "offset"),
        (list, json!({ "sort": "identity.lastName desc" }), "sort"),
        (list, json!({ "order": "down" }), "order"),
        (list, json!({ "cursor": "a b" }), "cursor"),
        (list, json!({ "withBuildings": "yes" }), "withBuildings"),
        (list, json!({ "email": "jane@example.com" }), "email"),
        (list, json!({ "filter": "jane@example.com" }), "filter"),
        (list, json!([]), "value"),
        (create, json!({ "cloudKey": { "name": "ours" } }), "credentialTypeId"),
        (create, json!({ "credentialTypeId": "34" }), "credentialTypeId"),
        (create, json!({ "credentialTypeId": 34, "cloudKey": { "name": " " } }), "cloudKey.name"),
        (create, json!({ "credentialTypeId": 34, "cloudKey": { "name": name } }), "cloudKey.name"),
        (create, json!({ "credentialTypeId": 34, "cloudKey": null }), "cloudKey"),
        (create, json!({ "credentialTypeId": 34, "startDate": "soon" }), "startDate"),
        (create, json!({ "credentialTypeId": 34, "name": "ours" }), "name"),
        (&unlock, json!({}), "entryId"),
        (&unlock, json!({ "entryId": null }), "entryId"),
        (&unlock, json!({ "entryId": "4401" }), "entryId"),
        (&unlock, json!({ "entryId": GATE, "description": "d".repeat(101) }), "description"),
        (&unlock, json!({ "entryId": GATE, "doorId": GATE }), "doorId"),
    ] {
        let (status, refusal) = caller.post(&mut openpath, url, &body);
        assert_eq!(status, 400, "{url} {body}");
        assert_eq!(refusal["statusCode"], 400);
        assert_eq!(refusal["error"], "Bad Request");
        assert_eq!(refusal["validation"], json!({ "source": "payload", "keys": [key] }), "{body}");
        assert!(refusal["message"].as_str().unwrap().contains(key), "{refusal}");
    }
    assert_eq!(openpath.cloud_keys(JANE), 1);
    assert_eq!(openpath.ledger().opened("4401"), 0);
}

#[test]
fn good_shapes_at_their_limits_are_taken() {
    let mut openpath = with(jane());
    let caller = Caller::signed_in(&mut openpath);
    for body in [
        json!({ "limit": 1 }),
        json!({ "limit": 1000, "offset": 0, "sort": "identity.lastName, id", "order": "asc,desc" }),
        json!({ "limit": 50, "options": "withRoles,withUserSites", "q": "jane" }),
    ] {
        caller.users(&mut openpath, &body);
    }
    let url = "/orgs/5120/users/7001/credentials";
    let body = json!({
        "credentialTypeId": 34, "startDate": "2026-01-01", "endDate": null, "allowReassign": false,
        "cloudKey": { "name": "n".repeat(100), "maxDurationSeconds": null },
    });
    assert_eq!(caller.post(&mut openpath, url, &body).0, 201);
    for description in [json!("d".repeat(100)), Value::Null] {
        let body = json!({ "entryId": GATE, "description": description });
        assert_eq!(caller.post(&mut openpath, &unlock_path(JANE, KEY), &body).0, 204);
    }
}

#[test]
fn bad_queries_and_paths_are_refused_and_the_field_named() {
    let mut openpath = with(jane());
    let caller = Caller::signed_in(&mut openpath);
    for (url, source, key) in [
        ("/orgs/5120/users?limit=1001", "query", "limit"),
        ("/orgs/5120/users?limit=ten", "query", "limit"),
        ("/orgs/5120/users?page=2", "query", "page"),
        ("/orgs/5120/users?limit=1&limit=2", "query", "limit"),
        ("/orgs/5120/users/7001/entries?limit=10", "query", "limit"),
        ("/orgs/5120/users/7001/reports/activity?limit=10001", "query", "limit"),
        ("/orgs/5120/users/7001/reports/activity?limit=0", "query", "limit"),
        ("/orgs/5120/users/7001/reports/activity?q=jane", "query", "q"),
        ("/orgs/5120/users/7001/reports/activity?cursor=1", "query", "cursor"),
        ("/orgs/5120/users/7001/reports/activity?options=slow", "query", "options"),
        ("/orgs/5120/effectiveScopes?limit=1", "query", "limit"),
        ("/orgs/5120/features?limit=1", "query", "limit"),
        ("/orgs/5120/entryStates?limit=1001", "query", "limit"),
        ("/orgs/5120/entryStates?options=quick", "query", "options"),
        ("/orgs/5120/lockdownPlans?page=1", "query", "page"),
        ("/orgs/5120/users/jane", "params", "userId"),
        ("/orgs/larkspur/users", "params", "orgId"),
        ("/orgs/5120/users/7001/credentials/key", "params", "credentialId"),
    ] {
        let (status, refusal) = caller.get(&mut openpath, url);
        assert_eq!(status, 400, "{url}");
        assert_eq!(refusal["validation"], json!({ "source": source, "keys": [key] }), "{url}");
    }
}

#[test]
fn bodies_that_are_not_declared_or_not_written_as_json_are_refused() {
    let mut openpath = with(jane());
    let caller = Caller::signed_in(&mut openpath);
    let mut request =
        caller.request(Method::POST, &unlock_path(JANE, KEY), Some(&json!({ "entryId": GATE })));
    request.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain"));
    assert_eq!(openpath.answer(&request, noon()).status, 415);
    request.headers.remove(header::CONTENT_TYPE);
    assert_eq!(openpath.answer(&request, noon()).status, 415);
    let json = HeaderValue::from_static("application/json; charset=utf-8");
    request.headers.insert(header::CONTENT_TYPE, json);
    request.body = Bytes::from_static(b"{\"entryId\":");
    assert_eq!(openpath.answer(&request, noon()).status, 400);
    assert_eq!(effects(&openpath), [Effect::Refused; 3]);
}

#[test]
fn unknown_routes_are_404_and_remembered() {
    let mut openpath = with(jane());
    let caller = Caller::signed_in(&mut openpath);
    for url in ["/orgs/5120/users/7001/doors", "/v2/orgs", "/auth/login"] {
        assert_eq!(caller.get(&mut openpath, url).0, 404);
    }
    assert_eq!(
        openpath.strays(),
        ["GET /orgs/5120/users/7001/doors", "GET /v2/orgs", "GET /auth/login"]
    );
}
