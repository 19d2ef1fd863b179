//! The stand-in for Openpath keeps to what the vendor documents, and to what a test told it.

use std::collections::BTreeSet;
use std::time::Duration;

use elevate_access_testkit::openpath::{
    Credential, Entry, Filtering, NotGranted, Openpath, Operation, TOKEN_PREFIX, User, fixtures,
};
use elevate_access_testkit::{Effect, Model, Received, Reply};
use elevate_transport::{Bytes, HeaderMap, HeaderValue, Method, header};
use jiff::Timestamp;
use serde_json::{Value, json};

const EMAIL: &str = "svc@example.com";
const PASSWORD: &str = "correct horse";
const JANE: u64 = 7001;
const GATE: u64 = 4401;
const KEY: u64 = 88001;

fn noon() -> Timestamp {
    "2026-11-24T12:00:00.250Z".parse().unwrap()
}

fn later(seconds: u64) -> Timestamp {
    noon() + Duration::from_secs(seconds)
}

fn jane() -> User {
    User::active(JANE, "jane@example.com")
        .named("Jane", "Doe")
        .entry(Entry::new(GATE, "Main entrance"))
        .credential(Credential::cloud_key(KEY))
}

fn with(user: User) -> Openpath {
    Openpath::new(5120).service_account(EMAIL, PASSWORD).user(user)
}

/// A client's side of a conversation: what it sends, with which token, and when.
struct Caller {
    token: Option<String>,
    now: Timestamp,
}

impl Caller {
    fn stranger() -> Self {
        Self { token: None, now: noon() }
    }

    fn signed_in(openpath: &mut Openpath) -> Self {
        let mut caller = Self::stranger();
        let (status, body) = caller.log_in(openpath);
        assert_eq!(status, 201);
        caller.token = Some(body["data"]["token"].as_str().unwrap().to_owned());
        caller
    }

    fn log_in(&self, openpath: &mut Openpath) -> (u16, Value) {
        self.post(openpath, "/auth/login", &json!({ "email": EMAIL, "password": PASSWORD }))
    }

    fn request(&self, method: Method, url: &str, body: Option<&Value>) -> Received {
        let (path, query) = url.split_once('?').unwrap_or((url, ""));
        let mut headers = HeaderMap::new();
        if let Some(token) = &self.token {
            headers.insert(header::AUTHORIZATION, HeaderValue::from_str(token).unwrap());
        }
        if body.is_some() {
            let json = HeaderValue::from_static("application/json");
            headers.insert(header::CONTENT_TYPE, json);
        }
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        Received {
            method,
            path: path.to_owned(),
            query: pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
            headers,
            body: body.map(|body| Bytes::from(body.to_string())).unwrap_or_default(),
        }
    }

    fn raw(&self, openpath: &mut Openpath, method: Method, url: &str, body: Option<&Value>) -> Reply {
        openpath.answer(&self.request(method, url, body), self.now)
    }

    fn get(&self, openpath: &mut Openpath, url: &str) -> (u16, Value) {
        read(&self.raw(openpath, Method::GET, url, None))
    }

    fn post(&self, openpath: &mut Openpath, url: &str, body: &Value) -> (u16, Value) {
        read(&self.raw(openpath, Method::POST, url, Some(body)))
    }

    fn users(&self, openpath: &mut Openpath, body: &Value) -> Value {
        let (status, list) = self.post(openpath, "/orgs/5120/users/list", body);
        assert_eq!(status, 200, "{list}");
        list
    }

    fn unlock(&self, openpath: &mut Openpath, user: u64, key: u64, entry: u64) -> u16 {
        self.post(openpath, &unlock_path(user, key), &json!({ "entryId": entry })).0
    }
}

fn unlock_path(user: u64, key: u64) -> String {
    format!("/orgs/5120/users/{user}/credentials/{key}/cloudKeyEntryUnlock")
}

fn read(reply: &Reply) -> (u16, Value) {
    (reply.status, serde_json::from_slice(&reply.body).unwrap_or_default())
}

fn ids(list: &Value) -> Vec<u64> {
    list["data"].as_array().unwrap().iter().map(|row| row["id"].as_u64().unwrap()).collect()
}

fn effects(openpath: &Openpath) -> Vec<Effect> {
    openpath.ledger().orders().iter().map(|order| order.effect).collect()
}

// Signing in

#[test]
fn login_answers_201_with_a_token_that_lives_fourteen_days() {
    let mut openpath = with(jane());
    let (status, body) = Caller::stranger().log_in(&mut openpath);
    assert_eq!(status, 201);
    assert_eq!(body["data"]["createdAt"], "2026-11-24T12:00:00.250Z");
    assert_eq!(body["data"]["expiresAt"], "2026-12-08T12:00:00.250Z");
    assert!(body["data"]["token"].as_str().unwrap().starts_with(TOKEN_PREFIX));
    let scopes = body["data"]["tokenScopeList"].as_array().unwrap();
    assert!(scopes.iter().any(|scope| scope["org"]["id"].is_null()));
    assert!(scopes.iter().any(|scope| scope["org"]["id"] == 5120));
}

#[test]
fn wrong_password_or_namespace_is_refused_and_counted() {
    let mut openpath = with(jane());
    let stranger = Caller::stranger();
    for body in [
        json!({ "email": EMAIL, "password": "wrong" }),
        json!({ "email": "who@example.com", "password": PASSWORD }),
        json!({ "email": EMAIL, "password": PASSWORD, "namespaceId": 0 }),
    ] {
        assert_eq!(stranger.post(&mut openpath, "/auth/login", &body).0, 401, "{body}");
    }
    assert_eq!(openpath.refused_sign_ins(), 3);
    openpath.set_password(EMAIL, "changed");
    assert_eq!(stranger.log_in(&mut openpath).0, 401);
}

#[test]
fn a_demanded_code_must_be_sent_and_right() {
    let mut openpath = with(jane()).totp_code("123456");
    let stranger = Caller::stranger();
    let mut attempt = |mfa: Value| {
        let mut body = json!({ "email": EMAIL, "password": PASSWORD });
        if !mfa.is_null() {
            body["mfa"] = mfa;
        }
        stranger.post(&mut openpath, "/auth/login", &body).0
    };
    assert_eq!(attempt(Value::Null), 401);
    assert_eq!(attempt(json!({ "totpCode": "000000" })), 401);
    assert_eq!(attempt(json!({ "totpCode": "123456" })), 201);
}

#[test]
fn token_is_taken_raw_and_after_bearer() {
    let mut openpath = with(jane());
    let mut caller = Caller::signed_in(&mut openpath);
    assert_eq!(caller.get(&mut openpath, "/orgs/5120/users/7001").0, 200);
    caller.token = caller.token.map(|token| format!("Bearer {token}"));
    assert_eq!(caller.get(&mut openpath, "/orgs/5120/users/7001").0, 200);
}

#[test]
fn missing_unknown_spent_and_revoked_tokens_are_refused() {
    let mut openpath = with(jane());
    openpath.set_token_life(Some(Duration::from_mins(1)));
    let mut caller = Caller::signed_in(&mut openpath);
    let path = "/orgs/5120/users/7001";
    assert_eq!(Caller::stranger().get(&mut openpath, path).0, 401);
    let unknown = Caller { token: Some("made-up".into()), now: noon() };
    assert_eq!(unknown.get(&mut openpath, path).0, 401);

    caller.now = later(59);
    assert_eq!(caller.get(&mut openpath, path).0, 200);
    caller.now = later(60);
    let (status, body) = caller.get(&mut openpath, path);
    assert_eq!((status, &body["statusCode"], &body["error"]), (401, &json!(401), &json!("Unauthorized")));

    let caller = Caller::signed_in(&mut openpath);
    openpath.revoke_tokens();
    assert_eq!(caller.get(&mut openpath, path).0, 401);
}

#[test]
fn token_without_stated_end_lives_on() {
    let mut openpath = with(jane());
    openpath.set_token_life(None);
    let mut caller = Caller::signed_in(&mut openpath);
    assert_eq!(caller.log_in(&mut openpath).1["data"]["expiresAt"], Value::Null);
    caller.now = later(365 * 24 * 60 * 60);
    assert_eq!(caller.get(&mut openpath, "/orgs/5120/users/7001").0, 200);
}

#[test]
fn new_sign_in_ends_older_tokens_only_where_the_test_says_so() {
    for (ends_older, status) in [(false, 200), (true, 401)] {
        let mut openpath = with(jane()).behaving(|it| it.sign_in_ends_older_tokens = ends_older);
        let first = Caller::signed_in(&mut openpath);
        let second = Caller::signed_in(&mut openpath);
        assert_eq!(first.get(&mut openpath, "/orgs/5120/users/7001").0, status);
        assert_eq!(second.get(&mut openpath, "/orgs/5120/users/7001").0, 200);
    }
}

#[test]
fn another_organisation_is_out_of_scope() {
    let mut openpath = with(jane());
    let caller = Caller::signed_in(&mut openpath);
    assert_eq!(caller.get(&mut openpath, "/orgs/4988/users/7001").0, 403);
}

// Shapes

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
    assert_eq!(openpath.strays(), ["GET /orgs/5120/users/7001/doors", "GET /v2/orgs", "GET /auth/login"]);
}

// Users

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
            for value in ["identity.email:(=jane@example.com)", "identity.email:(jane@example.com)"] {
                let list = caller.users(&mut openpath, &json!({ "limit": 10, "sort": "id", name: value }));
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
    let by_cursor = caller.users(&mut openpath, &json!({ "limit": 2, "cursor": "7002", "sort": "id" }));
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

// Keys

#[test]
fn created_key_is_there_at_the_next_list_and_opens() {
    let mut openpath = with(
        User::active(JANE, "jane@example.com").entry(Entry::new(GATE, "Main entrance")),
    );
    let caller = Caller::signed_in(&mut openpath);
    let types = caller.get(&mut openpath, "/orgs/5120/credentialTypes?limit=100").1;
    let kinds = types["data"].as_array().unwrap();
    let kind = kinds.iter().find(|kind| kind["modelName"] == "cloudKey").unwrap();

    let url = "/orgs/5120/users/7001/credentials";
    assert!(ids(&caller.get(&mut openpath, url).1).is_empty());
    let body = json!({ "credentialTypeId": kind["id"], "cloudKey": { "name": " ours " } });
    let (status, made) = caller.post(&mut openpath, url, &body);
    assert_eq!(status, 201);
    let key = made["data"]["id"].as_u64().unwrap();
    assert_ne!(made["data"]["cloudKey"]["id"], key);

    let list = caller.get(&mut openpath, url).1;
    assert_eq!(list["data"][0], made["data"]);
    assert_eq!(list["data"][0]["credentialType"]["modelName"], "cloudKey");
    assert_eq!(openpath.cloud_key_names(JANE), ["ours"]);
    assert_eq!(caller.unlock(&mut openpath, JANE, key, GATE), 204);
    assert_eq!(openpath.ledger().opened("4401"), 1);
    assert!(openpath.forbidden().is_empty());
}

#[test]
fn two_creations_make_two_keys() {
    let mut openpath = with(User::active(JANE, "jane@example.com"));
    let caller = Caller::signed_in(&mut openpath);
    let body = json!({ "credentialTypeId": 34, "cloudKey": { "name": "ours" } });
    for _ in 0..2 {
        let url = "/orgs/5120/users/7001/credentials";
        assert_eq!(caller.post(&mut openpath, url, &body).0, 201);
    }
    assert_eq!(openpath.cloud_keys(JANE), 2);
    let made: BTreeSet<u64> = openpath.credential_ids(JANE).into_iter().collect();
    assert_eq!(made.len(), 2);
}

#[test]
fn unknown_users_and_types_get_no_key_and_other_kinds_are_on_record() {
    let mut openpath = with(User::active(JANE, "jane@example.com"));
    let caller = Caller::signed_in(&mut openpath);
    let mut create = |user: u64, kind: u64| {
        let url = format!("/orgs/5120/users/{user}/credentials");
        caller.post(&mut openpath, &url, &json!({ "credentialTypeId": kind })).0
    };
    assert_eq!(create(1, 34), 404);
    assert_eq!(create(JANE, 99), 422);
    assert_eq!(create(JANE, 1), 201);
    assert_eq!(openpath.cloud_keys(JANE), 0);
    assert_eq!(openpath.forbidden(), [Operation::CreateCredential]);
}

#[test]
fn deleted_key_is_gone_and_opens_nothing() {
    let mut openpath = with(jane());
    let caller = Caller::signed_in(&mut openpath);
    openpath.delete_credential(JANE, KEY);
    assert_eq!(openpath.cloud_keys(JANE), 0);
    assert_eq!(caller.unlock(&mut openpath, JANE, KEY, GATE), 404);
    assert_eq!(effects(&openpath), [Effect::Refused]);
}

// Unlocking

#[test]
fn granted_unlock_is_204_without_a_body_and_written_down() {
    let mut openpath = with(jane());
    let mut caller = Caller::signed_in(&mut openpath);
    caller.now = later(7);
    let body = json!({ "entryId": GATE, "description": "tap 17" });
    let reply = caller.raw(&mut openpath, Method::POST, &unlock_path(JANE, KEY), Some(&body));
    assert_eq!(reply, Reply::empty(204));
    let [order] = openpath.ledger().orders() else { panic!("one order") };
    assert_eq!((order.door.as_str(), order.who.as_str()), ("4401", "7001"));
    assert_eq!((order.at, order.reference.as_deref()), (later(7), Some("tap 17")));
    assert_eq!(order.effect, Effect::Opened);
}

#[test]
fn unlock_needs_an_active_user_within_dates_with_remote_unlock_a_good_key_and_the_entry() {
    let key = || Credential::cloud_key(KEY);
    let user = |status: &str| {
        User::with_status(JANE, "jane@example.com", status).entry(Entry::new(GATE, "Main entrance"))
    };
    for (case, user, opens) in [
        ("active", user("A").credential(key()), true),
        ("remote unlock unstated", user("A").remote_unlock_unstated().credential(key()), true),
        ("within dates", user("A").valid_from("2026-11-24").valid_until("2026-12-01").credential(key()), true),
        ("last day", user("A").valid_until("2026-11-24").credential(key()), true),
        ("suspended", user("S").credential(key()), false),
        ("archived", user("I").credential(key()), false),
        ("unknown status", user("P").credential(key()), false),
        ("not yet", user("A").valid_from("2026-11-25").credential(key()), false),
        ("no longer", user("A").valid_until("2026-11-24T11:59:59.999Z").credential(key()), false),
        ("unreadable date", user("A").valid_until("end of lease").credential(key()), false),
        ("remote unlock off", user("A").remote_unlock(false).credential(key()), false),
        ("key expired", user("A").credential(key().valid_until("2026-11-23")), false),
        ("key not yet", user("A").credential(key().valid_from("2099-01-01")), false),
        ("a phone", user("A").credential(Credential::mobile(KEY)), false),
        ("no entry", User::active(JANE, "jane@example.com").credential(key()), false),
    ] {
        let mut openpath = with(user);
        let caller = Caller::signed_in(&mut openpath);
        let status = caller.unlock(&mut openpath, JANE, KEY, GATE);
        assert_eq!(status, if opens { 204 } else { 403 }, "{case}");
        let effect = if opens { Effect::Opened } else { Effect::Refused };
        assert_eq!(effects(&openpath), [effect], "{case}");
    }
}

#[test]
fn key_of_another_user_opens_nothing() {
    let mut openpath = with(jane()).user(
        User::active(7002, "omar@example.com")
            .entry(Entry::new(GATE, "Main entrance"))
            .credential(Credential::cloud_key(88002)),
    );
    let caller = Caller::signed_in(&mut openpath);
    assert_eq!(caller.unlock(&mut openpath, JANE, 88002, GATE), 404);
    assert_eq!(openpath.ledger().opened("4401"), 0);
}

#[test]
fn removed_entry_opens_no_more_and_an_added_one_does() {
    let mut openpath = with(jane());
    let caller = Caller::signed_in(&mut openpath);
    openpath.remove_entry(JANE, GATE);
    assert_eq!(caller.unlock(&mut openpath, JANE, KEY, GATE), 403);
    openpath.add_entry(JANE, Entry::new(4402, "Garage"));
    assert_eq!(caller.unlock(&mut openpath, JANE, KEY, 4402), 204);
    let entries = caller.get(&mut openpath, "/orgs/5120/users/7001/entries").1;
    assert_eq!(ids(&entries), [4402]);
}

#[test]
fn unlock_that_is_not_granted_is_answered_as_the_test_says() {
    for (not_granted, status, effect) in [
        (NotGranted::Forbidden, 403, Effect::Refused),
        (NotGranted::NotFound, 404, Effect::Refused),
        (NotGranted::Unprocessable, 422, Effect::Refused),
        (NotGranted::AcceptedAndNothingHappens, 204, Effect::Failed),
    ] {
        let mut openpath = with(jane()).behaving(|it| it.unlock_not_granted = not_granted);
        let caller = Caller::signed_in(&mut openpath);
        openpath.suspend(JANE);
        assert_eq!(caller.unlock(&mut openpath, JANE, KEY, GATE), status);
        assert_eq!(effects(&openpath), [effect]);
    }
}

#[test]
fn failing_door_is_accepted_and_stays_shut() {
    let mut openpath = with(jane());
    let caller = Caller::signed_in(&mut openpath);
    openpath.door_fails(GATE);
    assert_eq!(caller.unlock(&mut openpath, JANE, KEY, GATE), 204);
    openpath.door_works(GATE);
    assert_eq!(caller.unlock(&mut openpath, JANE, KEY, GATE), 204);
    assert_eq!(effects(&openpath), [Effect::Failed, Effect::Opened]);
}

#[test]
fn key_made_seconds_ago_may_not_be_known_at_the_door_yet() {
    let mut openpath = with(
        User::active(JANE, "jane@example.com").entry(Entry::new(GATE, "Main entrance")),
    )
    .behaving(|it| it.key_works_after = Duration::from_secs(5));
    let mut caller = Caller::signed_in(&mut openpath);
    let url = "/orgs/5120/users/7001/credentials";
    let made = caller.post(&mut openpath, url, &json!({ "credentialTypeId": 34 })).1;
    let key = made["data"]["id"].as_u64().unwrap();
    for seconds in [0, 4, 5] {
        caller.now = later(seconds);
        assert_eq!(caller.unlock(&mut openpath, JANE, key, GATE), 204);
    }
    assert_eq!(effects(&openpath), [Effect::Failed, Effect::Failed, Effect::Opened]);
}

#[test]
fn turned_down_unlock_reaches_no_door_and_gets_the_tests_words() {
    let mut openpath = with(jane());
    let caller = Caller::signed_in(&mut openpath);
    openpath.turn_down_unlock(409, "{\"message\":\"lockdown\"}");
    let body = json!({ "entryId": GATE });
    let (status, refusal) = caller.post(&mut openpath, &unlock_path(JANE, KEY), &body);
    assert_eq!((status, refusal), (409, json!({ "message": "lockdown" })));
    openpath.judge_unlocks();
    assert_eq!(caller.unlock(&mut openpath, JANE, KEY, GATE), 204);
    assert_eq!(effects(&openpath), [Effect::Refused, Effect::Opened]);
}

#[test]
fn orders_without_a_good_token_or_shape_are_written_down_as_refused() {
    let mut openpath = with(jane());
    let caller = Caller::signed_in(&mut openpath);
    assert_eq!(Caller::stranger().unlock(&mut openpath, JANE, KEY, GATE), 401);
    let text = json!({ "entryId": "4401" });
    assert_eq!(caller.post(&mut openpath, &unlock_path(JANE, KEY), &text).0, 400);
    assert_eq!(effects(&openpath), [Effect::Refused, Effect::Refused]);
    assert_eq!(openpath.ledger().taken("4401"), 0);
    assert!(openpath.ledger().orders().iter().all(|order| order.door == "4401"));
}

#[test]
fn use_of_a_lockdown_key_is_noticed_and_opens_nothing() {
    let mut openpath = with(
        User::active(JANE, "jane@example.com")
            .entry(Entry::new(GATE, "Main entrance"))
            .credential(Credential::cloud_key(KEY).event_action("triggerLockdown")),
    );
    let caller = Caller::signed_in(&mut openpath);
    assert_eq!(caller.unlock(&mut openpath, JANE, KEY, GATE), 204);
    assert_eq!(openpath.event_actions(), 1);
    assert_eq!(openpath.ledger().opened("4401"), 0);
}

// What is never ours to call

#[test]
fn calls_that_are_not_ours_are_answered_as_documented_and_on_record() {
    let mut openpath = with(jane());
    let caller = Caller::signed_in(&mut openpath);
    let key = "/orgs/5120/users/7001/credentials/88001";
    let user = "/orgs/5120/users/7001";
    let remote = json!({ "hasRemoteUnlock": false });
    let until = json!({ "endDate": "2026-12-31" });
    let mut call = |method: Method, url: &str, body: Option<&Value>| {
        caller.raw(&mut openpath, method, url, body).status
    };
    assert_eq!(call(Method::PATCH, user, Some(&remote)), 200);
    assert_eq!(call(Method::PATCH, key, Some(&until)), 204);
    assert_eq!(call(Method::DELETE, key, None), 204);
    assert_eq!(call(Method::DELETE, user, None), 204);
    assert_eq!(call(Method::DELETE, user, None), 404);
    assert_eq!(call(Method::POST, "/auth/accessTokens/refresh", None), 201);
    assert_eq!(call(Method::GET, "/orgs/5120/credentialTypes", None), 401, "the old token died");
    let caller = Caller::signed_in(&mut openpath);
    assert_eq!(caller.raw(&mut openpath, Method::POST, "/auth/logout", None).status, 204);
    assert_eq!(caller.get(&mut openpath, "/orgs/5120/credentialTypes").0, 401);
    assert_eq!(
        openpath.forbidden(),
        [
            Operation::UpdateUser,
            Operation::UpdateCredential,
            Operation::DeleteCredential,
            Operation::DeleteUser,
            Operation::DeleteUser,
            Operation::RefreshLogin,
            Operation::Logout,
        ]
    );
    assert_eq!(openpath.cloud_keys(JANE), 0);
}

#[test]
fn requests_are_counted_by_operation_refused_ones_too() {
    let mut openpath = with(jane());
    let caller = Caller::signed_in(&mut openpath);
    caller.get(&mut openpath, "/orgs/5120/users/7001/entries");
    Caller::stranger().get(&mut openpath, "/orgs/5120/users/7001/entries");
    assert_eq!(openpath.count(Operation::Login), 1);
    assert_eq!(openpath.count(Operation::ListUserEntries), 2);
    assert_eq!(openpath.count(Operation::CloudKeyEntryUnlock), 0);
    assert_eq!(openpath.requests().values().sum::<u64>(), 3);
}

// Replies of a test's own

#[test]
fn replaced_reply_is_served_byte_for_byte_and_still_needs_a_token() {
    let mut openpath = with(jane());
    let caller = Caller::signed_in(&mut openpath);
    let bytes = fixtures::fixture("entries-wireless.json").unwrap();
    openpath.reply_to(Operation::ListUserEntries, bytes, 200);
    let path = "/orgs/5120/users/1/entries";
    let reply = caller.raw(&mut openpath, Method::GET, path, None);
    assert_eq!((reply.status, reply.body.as_ref()), (200, bytes.as_bytes()));
    assert_eq!(Caller::stranger().get(&mut openpath, path).0, 401);
    openpath.reply_as_usual(Operation::ListUserEntries);
    assert_eq!(caller.get(&mut openpath, path).0, 404);
}

#[test]
fn replaced_replies_of_once_are_used_up_in_order() {
    let mut openpath = with(jane());
    let caller = Caller::signed_in(&mut openpath);
    openpath.reply_once(Operation::DescribeUser, fixtures::case("error-server.json").unwrap().reply());
    openpath.reply_once(Operation::DescribeUser, fixtures::case("error-proxy.html").unwrap().reply());
    let path = "/orgs/5120/users/7001";
    let statuses = [(); 3].map(|()| caller.get(&mut openpath, path).0);
    assert_eq!(statuses, [500, 502, 200]);
}

#[test]
fn replaced_reply_hides_what_was_done_but_does_not_undo_it() {
    let mut openpath = with(jane());
    let caller = Caller::signed_in(&mut openpath);
    openpath.reply_to(Operation::CloudKeyEntryUnlock, "{}", 500);
    assert_eq!(caller.unlock(&mut openpath, JANE, KEY, GATE), 500);
    assert_eq!(effects(&openpath), [Effect::Opened]);
    openpath.reply_to(Operation::CreateCredential, "{}", 503);
    let url = "/orgs/5120/users/7001/credentials";
    assert_eq!(caller.post(&mut openpath, url, &json!({ "credentialTypeId": 34 })).0, 503);
    assert_eq!(openpath.cloud_keys(JANE), 2);
}

#[test]
fn replaced_pages_turn_by_offset_and_by_cursor() {
    let mut openpath = with(jane());
    let caller = Caller::signed_in(&mut openpath);
    let pages = ["users-page-1.json", "users-page-2.json"].map(|name| fixtures::fixture(name).unwrap());
    openpath.reply_with_pages(Operation::ListUsersPost, pages);
    for (body, expected) in [
        (json!({ "limit": 500 }), vec![7001, 7010]),
        (json!({ "limit": 500, "offset": 2 }), vec![7044]),
        (json!({ "limit": 500, "cursor": "7010" }), vec![7044]),
        (json!({ "limit": 500, "offset": 3 }), vec![]),
    ] {
        assert_eq!(ids(&caller.users(&mut openpath, &body)), expected, "{body}");
    }
}

// Secrets

#[test]
fn errors_echo_secrets_only_where_the_test_says_so() {
    for echo in [false, true] {
        let mut openpath = with(jane()).echo_secrets(echo);
        let caller = Caller::signed_in(&mut openpath);
        openpath.suspend(JANE);
        let body = json!({ "entryId": GATE });
        let message = caller.post(&mut openpath, &unlock_path(JANE, KEY), &body).1["message"].to_string();
        let token = caller.token.as_deref().unwrap();
        for secret in [token, EMAIL, PASSWORD, "jane@example.com"] {
            assert_eq!(message.contains(secret), echo, "{secret}");
        }
        let wrong = json!({ "email": "who@example.com", "password": "guessed" });
        let message = caller.post(&mut openpath, "/auth/login", &wrong).1["message"].to_string();
        assert_eq!(message.contains("who@example.com") && message.contains("guessed"), echo);
    }
}

#[test]
fn debug_shows_no_email_password_or_token() {
    let mut openpath = with(jane()).token_prefix("canary-token-");
    let caller = Caller::signed_in(&mut openpath);
    assert!(caller.token.as_deref().unwrap().starts_with("canary-token-"));
    let shown = format!("{openpath:?} {:?} {:?}", jane(), Credential::card(1));
    for secret in ["example.com", PASSWORD, "canary", "0011223344"] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
}

#[test]
#[should_panic(expected = "no user 7")]
fn story_about_somebody_who_is_not_there_does_not_pass() {
    with(jane()).suspend(7);
}
