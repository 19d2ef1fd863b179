use super::*;

const SERVICE: &str = "access-service@example.com";

fn organisation() -> (Openpath, Caller) {
    let mut openpath = Openpath::from_fixture(fixtures::ORGANISATION).unwrap();
    let mut caller = Caller::stranger();
    let body = json!({ "email": SERVICE, "password": "openpath-secret-password" });
    let (status, body) = caller.post(&mut openpath, "/auth/login", &body);
    assert_eq!(status, 201, "{body}");
    caller.token = Some(body["data"]["token"].as_str().unwrap().to_owned());
    (openpath, caller)
}

/// The row of the fixture itself.
fn row(list: &str, id: u64) -> Value {
    let whole: Value = serde_json::from_str(fixtures::ORGANISATION).unwrap();
    whole[list].as_array().unwrap().iter().find(|row| row["id"] == id).unwrap().clone()
}

#[test]
fn seeded_rows_are_served_as_they_are_in_the_file() {
    let (mut openpath, caller) = organisation();
    for id in [7001, 7012, 7015, 7017, 7022] {
        let shown =
            caller.get(&mut openpath, &format!("/orgs/5120/users/{id}?options=withUserSites")).1;
        assert_eq!(shown["data"], row("users", id));
    }
    let entries = caller.get(&mut openpath, "/orgs/5120/users/7010/entries").1;
    assert_eq!(ids(&entries), [4401, 4402, 4403, 4411]);
    assert_eq!(entries["data"][3], row("entries", 4411));
    let credentials = caller.get(&mut openpath, "/orgs/5120/users/7001/credentials").1;
    assert_eq!(ids(&credentials), [87001, 88001]);
}

#[test]
fn seeded_users_meet_what_their_state_calls_for() {
    let (mut openpath, caller) = organisation();
    for (user, key, status, effect) in [
        (7001, 88001, 204, Effect::Opened),
        (7017, 88017, 204, Effect::Opened),
        (7012, 88012, 403, Effect::Refused),
        (7014, 88014, 403, Effect::Refused),
        (7015, 88015, 403, Effect::Refused),
        (7016, 88016, 403, Effect::Refused),
        (7019, 88019, 403, Effect::Refused),
        (7020, 88020, 204, Effect::Failed),
    ] {
        assert_eq!(caller.unlock(&mut openpath, user, key, GATE), status, "{user}");
        assert_eq!(openpath.ledger().orders().last().unwrap().effect, effect, "{user}");
    }
    let filter = json!({ "limit": 9, "filter": "identity.email:(=twice@example.com)" });
    assert_eq!(ids(&caller.users(&mut openpath, &filter)), [7021, 7022]);
}

#[test]
fn key_made_in_a_seeded_organisation_has_an_id_of_its_own() {
    let (mut openpath, caller) = organisation();
    let url = "/orgs/5120/users/7010/credentials";
    let made = caller.post(&mut openpath, url, &json!({ "credentialTypeId": 34 })).1;
    let id = made["data"]["id"].as_u64().unwrap();
    assert_eq!(openpath.credential_ids(7010), [id]);
    assert_eq!(caller.unlock(&mut openpath, 7010, id, 4411), 204);
    let seeded = [7001, 7012, 7014, 7015, 7016, 7017, 7019, 7020];
    assert!(seeded.iter().all(|user| !openpath.credential_ids(*user).contains(&id)));
}

#[test]
fn fixture_that_contradicts_itself_is_an_error_that_says_where() {
    let org = r#""org": {"id": "5120"}"#;
    for (parts, says) in [
        (String::from("{"), "EOF"),
        (String::from("{}"), "org.id"),
        (format!("{{{org}, \"users\": {{}}}}"), "users"),
        (format!("{{{org}, \"users\": [{{}}]}}"), "a user has no id"),
        (format!("{{{org}, \"accounts\": [{{\"email\": \"a@example.com\"}}]}}"), "password"),
        (format!("{{{org}, \"access\": {{\"7\": [1]}}}}"), "unknown user 7"),
        (format!("{{{org}, \"credentials\": {{\"7\": []}}, \"entries\": 3}}"), "entries"),
        (format!("{{{org}, \"users\": [{{\"id\": 7}}], \"access\": {{\"7\": [1]}}}}"), "entry 1"),
        (
            format!("{{{org}, \"users\": [{{\"id\": 7}}], \"credentials\": {{\"7\": [{{}}]}}}}"),
            "of 7",
        ),
    ] {
        let error = Openpath::from_fixture(&parts).unwrap_err().to_string();
        assert!(error.contains(says), "{parts}: {error}");
    }
    assert!(Openpath::from_fixture(&format!("{{{org}}}")).is_ok());
}
