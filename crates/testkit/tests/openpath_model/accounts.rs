use super::*;

/// The secret of RFC 6238's tests, in base32, and codes of its appendix B.
const SECRET: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
const STEP_37037037: &str = "050471";

fn at_step(step: i64) -> Caller {
    Caller { token: None, now: Timestamp::from_second(step * 30).unwrap() }
}

fn with_code(caller: &Caller, openpath: &mut Openpath, code: &str) -> u16 {
    let body = json!({ "email": EMAIL, "password": PASSWORD, "mfa": { "totpCode": code } });
    caller.post(openpath, "/auth/login", &body).0
}

fn wrong(openpath: &mut Openpath) -> (u16, Value) {
    let body = json!({ "email": EMAIL, "password": "wrong" });
    Caller::stranger().post(openpath, "/auth/login", &body)
}

#[test]
fn code_of_the_moment_is_taken_a_step_early_and_a_step_late_and_no_further() {
    for (step, status) in [
        (37_037_035, 401),
        (37_037_036, 201),
        (37_037_037, 201),
        (37_037_038, 201),
        (37_037_039, 401),
    ] {
        let mut openpath = with(jane()).totp_secret(SECRET);
        let caller = at_step(step);
        assert_eq!(with_code(&caller, &mut openpath, STEP_37037037), status, "{step}");
    }
}

#[test]
fn each_step_is_good_for_one_sign_in() {
    let mut openpath = with(jane()).totp_secret(SECRET);
    let caller = at_step(37_037_037);
    assert_eq!(with_code(&caller, &mut openpath, STEP_37037037), 201);
    assert_eq!(with_code(&caller, &mut openpath, STEP_37037037), 401, "spent");
    assert_eq!(with_code(&at_step(37_037_038), &mut openpath, STEP_37037037), 401, "still spent");
    assert_eq!(with_code(&caller, &mut openpath, "081804"), 201, "the step before is not");
    assert_eq!((openpath.sign_ins(), openpath.refused_sign_ins(EMAIL)), (2, 2));
}

#[test]
fn a_wrong_password_spends_no_step() {
    let mut openpath = with(jane()).totp_secret(SECRET);
    let caller = at_step(37_037_037);
    let body = json!({
        "email": EMAIL, "password": "wrong", "mfa": { "totpCode": STEP_37037037 },
    });
    assert_eq!(caller.post(&mut openpath, "/auth/login", &body).0, 401);
    assert_eq!(with_code(&caller, &mut openpath, STEP_37037037), 201);
}

#[test]
fn each_account_has_its_own_secret_and_steps() {
    let mut openpath = Openpath::new(5120)
        .service_account("other@example.com", PASSWORD)
        .totp_secret(SECRET)
        .service_account(EMAIL, PASSWORD)
        .totp_secret(SECRET);
    let caller = at_step(37_037_037);
    let other = json!({
        "email": "other@example.com", "password": PASSWORD, "mfa": { "totpCode": STEP_37037037 },
    });
    assert_eq!(with_code(&caller, &mut openpath, STEP_37037037), 201);
    assert_eq!(caller.post(&mut openpath, "/auth/login", &other).0, 201);
}

#[test]
fn too_many_refusals_in_a_row_lock_the_account_to_its_own_password() {
    let mut openpath = with(jane()).service_account("other@example.com", PASSWORD);
    let caller = Caller::signed_in(&mut openpath);
    for _ in 0..4 {
        assert_eq!(wrong(&mut openpath).0, 401);
    }
    assert!(!openpath.is_locked(EMAIL));
    Caller::signed_in(&mut openpath);
    for _ in 0..5 {
        assert_eq!(wrong(&mut openpath).0, 401, "a success began the count anew");
    }
    assert!(openpath.is_locked(EMAIL));

    let (status, body) = Caller::stranger().log_in(&mut openpath);
    let locked: Value =
        serde_json::from_str(fixtures::fixture("login-locked.json").unwrap()).unwrap();
    assert_eq!((status, body), (403, locked));
    assert_eq!(caller.get(&mut openpath, "/orgs/5120/users/7001").0, 200, "its tokens live on");
    assert_eq!((openpath.refused_sign_ins(EMAIL), openpath.sign_ins()), (10, 2));
    assert!(!openpath.is_locked("other@example.com"));

    openpath.unlock_account(EMAIL);
    Caller::signed_in(&mut openpath);
}

#[test]
fn accounts_lock_after_as_many_refusals_as_the_test_says_or_never() {
    for (lock_after, tries, is_locked) in
        [(Some(2), 2, true), (Some(2), 1, false), (None, 50, false)]
    {
        let mut openpath = with(jane()).behaving(|it| it.lock_after = lock_after);
        for _ in 0..tries {
            wrong(&mut openpath);
        }
        assert_eq!(openpath.is_locked(EMAIL), is_locked, "{lock_after:?} {tries}");
    }
}

#[test]
fn a_new_password_is_taken_and_the_old_one_refused() {
    let mut openpath = with(jane());
    let caller = Caller::signed_in(&mut openpath);
    openpath.set_password("SVC@example.com", "changed");
    assert_eq!(Caller::stranger().log_in(&mut openpath).0, 401);
    let body = json!({ "email": EMAIL, "password": "changed" });
    assert_eq!(Caller::stranger().post(&mut openpath, "/auth/login", &body).0, 201);
    assert_eq!(caller.get(&mut openpath, "/orgs/5120/users/7001").0, 200);
}

#[test]
#[should_panic(expected = "no such account")]
fn password_of_nobody_is_a_slip() {
    with(jane()).set_password("who@example.com", "changed");
}

#[test]
#[should_panic(expected = "is base32")]
fn secret_that_is_not_base32_is_a_slip() {
    let _ = with(jane()).totp_secret("10-01");
}
