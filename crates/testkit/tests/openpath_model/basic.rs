use super::*;

/// `Basic` credentials, encoded by hand so that the test shares nothing with the model.
fn basic(pair: &str) -> Caller {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::from("Basic ");
    for three in pair.as_bytes().chunks(3) {
        let bits = (0..3).fold(0, |bits, n| bits << 8 | usize::from(*three.get(n).unwrap_or(&0)));
        for n in 0..4 {
            let letter = char::from(LETTERS[bits >> (18 - 6 * n) & 63]);
            text.push(if n <= three.len() { letter } else { '=' });
        }
    }
    Caller { token: Some(text), now: noon() }
}

const JANES: &str = "/orgs/5120/users/7001";

#[test]
fn password_on_each_call_is_taken_and_is_no_sign_in() {
    let mut openpath = with(jane());
    let caller = basic(&format!("{EMAIL}:{PASSWORD}"));
    assert_eq!(caller.get(&mut openpath, JANES).0, 200);
    assert_eq!(caller.unlock(&mut openpath, JANE, KEY, GATE), 204);
    assert_eq!((openpath.sign_ins(), openpath.refused_sign_ins(EMAIL)), (0, 0));
    assert_eq!(openpath.count(Operation::Login), 0);
}

#[test]
fn password_may_hold_a_colon() {
    let mut openpath = Openpath::new(5120).service_account(EMAIL, "a:b:c").user(jane());
    assert_eq!(basic(&format!("{EMAIL}:a:b:c")).get(&mut openpath, JANES).0, 200);
}

#[test]
fn wrong_password_on_a_call_counts_as_a_refused_sign_in_and_locks() {
    let mut openpath = with(jane());
    for _ in 0..5 {
        assert_eq!(basic(&format!("{EMAIL}:wrong")).get(&mut openpath, JANES).0, 401);
    }
    assert_eq!(openpath.refused_sign_ins(EMAIL), 5);
    assert!(openpath.is_locked(EMAIL));
    assert_eq!(basic(&format!("{EMAIL}:{PASSWORD}")).get(&mut openpath, JANES).0, 401);
    assert_eq!(Caller::stranger().log_in(&mut openpath).0, 403);
}

#[test]
fn account_with_a_second_factor_is_never_taken_so() {
    for mut openpath in [
        with(jane()).totp_code("123456"),
        with(jane()).totp_secret("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"),
    ] {
        assert_eq!(basic(&format!("{EMAIL}:{PASSWORD}")).get(&mut openpath, JANES).0, 401);
        assert_eq!(openpath.refused_sign_ins(EMAIL), 1);
    }
}

#[test]
fn where_it_is_not_taken_nobody_looks_at_the_password() {
    let mut openpath = with(jane()).behaving(|it| it.basic_is_taken = false);
    for password in [PASSWORD, "wrong"] {
        assert_eq!(basic(&format!("{EMAIL}:{password}")).get(&mut openpath, JANES).0, 401);
    }
    assert_eq!(openpath.refused_sign_ins(EMAIL), 0);
}

#[test]
fn what_is_no_pair_is_refused() {
    let mut openpath = with(jane());
    for token in ["Basic", "Basic ", "Basic !!", "Basic bm8gY29sb24="] {
        let caller = Caller { token: Some(token.into()), now: noon() };
        assert_eq!(caller.get(&mut openpath, JANES).0, 401, "{token}");
    }
}
