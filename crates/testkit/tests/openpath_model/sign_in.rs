use super::*;

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
    assert_eq!(openpath.refused_sign_ins(EMAIL), 2);
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
    assert_eq!(
        (status, &body["statusCode"], &body["error"]),
        (401, &json!(401), &json!("Unauthorized"))
    );

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
