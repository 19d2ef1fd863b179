use super::*;

const SCOPES: &str = "/orgs/5120/effectiveScopes";

fn allowed(openpath: &mut Openpath, caller: &Caller) -> Vec<String> {
    let (status, body) = caller.get(openpath, SCOPES);
    assert_eq!(status, 200, "{body}");
    let ids = body["data"]["allowedOperationIds"].as_array().unwrap();
    ids.iter().map(|id| id.as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_usual_scope_is_enough_for_the_residents_flow_and_not_for_the_organisations_entries() {
    let mut openpath = with(jane());
    let caller = Caller::signed_in(&mut openpath);
    let body = caller.get(&mut openpath, SCOPES).1;
    assert_eq!(body["data"]["scopes"], json!(["o5120-user:w"]));
    assert_eq!(body["data"]["isParentOrg"], false);
    let ids = allowed(&mut openpath, &caller);
    for id in [
        "listUsersPost",
        "listCredentials",
        "createCredential",
        "listCredentialTypes",
        "listUserEntries",
        "cloudKeyEntryUnlock",
        "listOrgFeatures",
        "listEntryStates",
        "listLockdownPlans",
        "getUserActivity",
        "getEffectivePermissionsForOrg",
        "deleteUser",
    ] {
        assert!(ids.iter().any(|it| it == id), "{id}");
    }
    for id in ["listEntries", "describeEntry", "login"] {
        assert!(!ids.iter().any(|it| it == id), "{id}");
    }
    for url in ["/orgs/5120/entries", "/orgs/5120/entries/4401"] {
        assert_eq!(caller.get(&mut openpath, url).0, 403);
    }
}

/// What the account may call is what it is told that it may call.
#[test]
fn a_call_is_403_exactly_where_its_id_is_not_among_the_allowed_ones() {
    let unlock = json!({ "entryId": GATE });
    let key = json!({ "credentialTypeId": 34 });
    let calls = [
        ("listUsers", Method::GET, "/orgs/5120/users", None),
        ("listUsersPost", Method::POST, "/orgs/5120/users/list", Some(json!({}))),
        ("describeUser", Method::GET, "/orgs/5120/users/7001", None),
        ("updateUser", Method::PATCH, "/orgs/5120/users/7001", Some(json!({}))),
        ("listCredentials", Method::GET, "/orgs/5120/users/7001/credentials", None),
        ("describeCredential", Method::GET, "/orgs/5120/users/7001/credentials/88001", None),
        ("createCredential", Method::POST, "/orgs/5120/users/7001/credentials", Some(key)),
        ("listCredentialTypes", Method::GET, "/orgs/5120/credentialTypes", None),
        ("listUserEntries", Method::GET, "/orgs/5120/users/7001/entries", None),
        ("cloudKeyEntryUnlock", Method::POST, &unlock_path(JANE, KEY), Some(unlock)),
        ("listOrgFeatures", Method::GET, "/orgs/5120/features", None),
        ("listEntryStates", Method::GET, "/orgs/5120/entryStates", None),
        ("listLockdownPlans", Method::GET, "/orgs/5120/lockdownPlans", None),
        ("listEntries", Method::GET, "/orgs/5120/entries", None),
        ("describeEntry", Method::GET, "/orgs/5120/entries/4401", None),
        ("getUserActivity", Method::GET, "/orgs/5120/users/7001/reports/activity", None),
    ];
    for (scopes, some) in [
        (&["o5120-user:w"][..], "createCredential"),
        (&["o5120-user:r"], "listUserEntries"),
        (&["o5120-site:r"], "describeEntry"),
        (&["o5120-credential:w"], "listCredentialTypes"),
        (&["o5120-videoProviderLive:w"], "listUsersPost"),
        (&["o5120-outboundWebhooks:w"], "listEntries"),
        (&["o5120-rpt:r", "o5120-entryState:r"], "listEntryStates"),
        (&["s-o:w"], "cloudKeyEntryUnlock"),
        (&["o:r"], "getUserActivity"),
    ] {
        let mut openpath = with(jane()).scopes(scopes);
        let caller = Caller::signed_in(&mut openpath);
        let ids = allowed(&mut openpath, &caller);
        assert!(ids.iter().any(|id| id == some), "{scopes:?} {some}");
        for (id, method, url, body) in &calls {
            let status = caller.raw(&mut openpath, method.clone(), url, body.as_ref()).status;
            let may = ids.iter().any(|it| it == id);
            assert_eq!(status == 403, !may, "{scopes:?} {id} {status}");
        }
    }
}

#[test]
fn reading_scopes_order_nothing_and_make_nothing() {
    let mut openpath = with(jane()).scopes(&["o5120-user:r", "o:r"]);
    let caller = Caller::signed_in(&mut openpath);
    assert_eq!(caller.unlock(&mut openpath, JANE, KEY, GATE), 403);
    assert_eq!(effects(&openpath), [Effect::Refused]);
    let url = "/orgs/5120/users/7001/credentials";
    assert_eq!(caller.post(&mut openpath, url, &json!({ "credentialTypeId": 34 })).0, 403);
    assert_eq!(openpath.cloud_keys(JANE), 1);
}

#[test]
fn scopes_of_another_organisation_are_worth_nothing_here() {
    let mut openpath =
        with(jane()).scopes(&["o512-user:w", "o51200-user:w", "user:w", "o5120-user"]);
    let caller = Caller::signed_in(&mut openpath);
    for url in [SCOPES, "/orgs/5120/features", "/orgs/5120/users/7001/entries"] {
        assert_eq!(caller.get(&mut openpath, url).0, 403, "{url}");
    }
    openpath.set_scopes(&["o5120-presence:r"]);
    assert_eq!(caller.get(&mut openpath, SCOPES).0, 200, "any scope of the organisation will do");
    assert_eq!(caller.get(&mut openpath, "/orgs/5120/users/7001/entries").0, 403);
}

#[test]
fn login_shows_the_same_scopes() {
    let scopes = ["o5120-user:w", "o5120-site:r"];
    let body = Caller::stranger().log_in(&mut with(jane()).scopes(&scopes)).1;
    assert_eq!(body["data"]["tokenScopeList"][1]["scope"], json!(scopes));
}

#[test]
fn features_of_the_plan_are_listed_and_decide_on_unlocks() {
    let mut openpath = with(jane());
    let caller = Caller::signed_in(&mut openpath);
    let codes = |openpath: &mut Openpath| {
        let body = caller.get(openpath, "/orgs/5120/features").1;
        let rows = body["data"].as_array().unwrap().clone();
        assert_eq!(body["totalCount"], rows.len());
        rows.iter().map(|row| row["code"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert!(codes(&mut openpath).iter().any(|code| code == "remoteUnlock"));
    assert_eq!(caller.unlock(&mut openpath, JANE, KEY, GATE), 204);
    openpath.set_features(&["webHooks"]);
    assert_eq!(codes(&mut openpath), ["webHooks"]);
    assert_eq!(caller.unlock(&mut openpath, JANE, KEY, GATE), 403);
    assert_eq!(effects(&openpath), [Effect::Opened, Effect::Refused]);
}
