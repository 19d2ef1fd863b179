use super::*;

#[test]
fn only_the_key_opens_the_workspace() {
    let mut seam = house();
    let body = "{\"device_id\":\"dev-1\"}";
    let refused = [
        without_header(request(UNLOCK, body), "authorization"),
        with_header(request(UNLOCK, body), "authorization", KEY),
        with_header(request(UNLOCK, body), "authorization", "Basic c2VhbQ=="),
        with_header(request(UNLOCK, body), "authorization", "Bearer seam_other"),
        with_header(request(UNLOCK, body), "authorization", "Bearer "),
    ];
    for odd in refused {
        let reply = seam.answer(&odd, at(0));
        assert_eq!(reply.status, 401);
        assert_eq!(read(&reply)["error"]["type"], "unauthorized");
    }
    assert_eq!(seam.ledger().taken("dev-1"), 0);
    assert_eq!(seam.ledger().orders().len(), 5);
}

#[test]
fn other_kinds_of_keys_are_refused_even_if_they_are_the_one() {
    for key in ["seam_cst1abc_def", "seam_pk_abc", "eyJhbGciOi"] {
        let mut seam = Seam::new(key);
        let bearer = format!("Bearer {key}");
        let odd = with_header(request("/devices/list", "{}"), "authorization", &bearer);
        assert_eq!(seam.answer(&odd, at(0)).status, 401, "{key}");
    }
}

#[test]
fn a_personal_token_must_name_its_workspace() {
    let mut seam = Seam::new("seam_at1abc").workspace("ws-7");
    let bearer = with_header(request("/devices/list", "{}"), "authorization", "Bearer seam_at1abc");
    assert_eq!(seam.answer(&bearer, at(0)).status, 401);
    let wrong = with_header(bearer.clone(), "seam-workspace", "ws-8");
    assert_eq!(seam.answer(&wrong, at(0)).status, 401);
    let right = with_header(bearer, "seam-workspace", "ws-7");
    assert_eq!(seam.answer(&right, at(0)).status, 200);
}

#[test]
fn a_rotated_key_is_refused_at_once() {
    let mut seam = house();
    assert_eq!(unlock(&mut seam, 0, "dev-1").0, 200);
    seam.set_key("seam_key8");
    assert_eq!(unlock(&mut seam, 1, "dev-1").0, 401);
    let new = with_header(
        request(UNLOCK, "{\"device_id\":\"dev-1\"}"),
        "authorization",
        "Bearer seam_key8",
    );
    assert_eq!(seam.answer(&new, at(2)).status, 200);
    assert_eq!(seam.ledger().taken("dev-1"), 2);
}

#[test]
fn whatever_writes_is_remembered_and_changes_nothing() {
    let mut seam = house();
    let writes = [
        ("/devices/delete", 200),
        ("/devices/update", 200),
        ("/spaces/create", 200),
        ("/spaces/add_devices", 200),
        ("/devices/unmanaged/update", 200),
        ("/devices/simulate/remove", 200),
        ("/locks/lock_door", 200),
        ("/acs/entrances/unlock", 200),
        ("/connected_accounts/sync", 200),
        ("/workspaces/reset_sandbox", 200),
        ("/spacez/create", 404),
    ];
    for (path, status) in writes {
        let reply = seam.answer(&request(path, "{\"device_id\":\"dev-1\"}"), at(0));
        assert_eq!(reply.status, status, "{path}");
    }
    let seen: Vec<String> = writes.iter().map(|(path, _)| format!("POST {path}")).collect();
    assert_eq!(seam.forbidden(), seen);
    let (_, devices) = ask(&mut seam, "/devices/list", &json!({}));
    assert_eq!(ids(&devices, "devices", "device_id"), ["dev-1", "dev-2"]);
    unlock(&mut seam, 0, "dev-1");
    assert_eq!(seam.forbidden().len(), writes.len());
    assert_eq!(seam.ledger().orders().len(), 1);
}

#[test]
fn a_hostile_vendor_echoes_key_and_e_mails() {
    let mut seam = house().account(Account::new("maple").email("manager@maple.example"));
    let search = json!({ "search": "guest@maple.example", "limit": 0 });
    let (_, calm) = ask(&mut seam, "/connected_accounts/list", &search);
    assert!(!calm.to_string().contains('@') && !calm.to_string().contains(KEY));

    seam.echo_secrets(true).attempt_ends("dev-1", AttemptEnd::error("x", "X"));
    let (_, hostile) = ask(&mut seam, "/connected_accounts/list", &search);
    let message = hostile["error"]["message"].as_str().unwrap();
    for secret in [KEY, "manager@maple.example", "guest@maple.example"] {
        assert!(message.contains(secret), "{message}");
    }
    let (_, order) = unlock(&mut seam, 0, "dev-1");
    let failed = poll(&mut seam, 5_000, &order);
    assert!(failed["error"]["message"].as_str().unwrap().contains(KEY));
}

#[test]
fn nothing_that_is_printed_shows_a_key_or_an_e_mail() {
    let account = Account::new("maple").email("manager@maple.example");
    let device = Device::two_n("dev-9", "Gate").metadata("owner", "owner@maple.example");
    let printed = format!("{account:?} {device:?} {CASES:?}");
    let seam = house().account(account).device(device);
    let printed = format!("{printed} {seam:?} {seam:#?}");
    assert!(!printed.contains('@') && !printed.contains(KEY), "{printed}");
    assert!(!printed.contains("c4n4ry"), "{printed}");
}
