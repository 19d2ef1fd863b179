use super::*;

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
    openpath
        .reply_once(Operation::DescribeUser, fixtures::case("error-server.json").unwrap().reply());
    openpath
        .reply_once(Operation::DescribeUser, fixtures::case("error-proxy.html").unwrap().reply());
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
    let pages =
        ["users-page-1.json", "users-page-2.json"].map(|name| fixtures::fixture(name).unwrap());
    openpath.reply_with_pages(Operation::ListUsersPost, pages);
    for (body, expected) in [
        (json!({ "limit": 500 }), vec![7001, 7010]),
        (json!({ "limit": 500, "offset": 2 }), vec![7044]),
        (json!({ "limit": 500, "cursor": "7010" }), vec![7044]),
        (json!({ "limit": 500, "offset": 1 }), vec![]),
        (json!({ "limit": 500, "offset": 3 }), vec![]),
    ] {
        assert_eq!(ids(&caller.users(&mut openpath, &body)), expected, "{body}");
    }
}
