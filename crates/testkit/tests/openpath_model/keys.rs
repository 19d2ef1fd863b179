use super::*;

#[test]
fn created_key_is_there_at_the_next_list_and_opens() {
    let mut openpath =
        with(User::active(JANE, "jane@example.com").entry(Entry::new(GATE, "Main entrance")));
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
