use super::*;

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

#[test]
fn errors_echo_secrets_only_where_the_test_says_so() {
    for echo in [false, true] {
        let mut openpath = with(jane()).echo_secrets(echo);
        let caller = Caller::signed_in(&mut openpath);
        openpath.suspend(JANE);
        let body = json!({ "entryId": GATE });
        let message =
            caller.post(&mut openpath, &unlock_path(JANE, KEY), &body).1["message"].to_string();
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
