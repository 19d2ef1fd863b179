use std::time::Duration;

use elevate_access_testkit::{
    Fault, FaultKind,
    openpath::{Operation, fixtures},
};
use elevate_openpath::{
    Client, CloudKeyUnlock, CredentialId, Credentials, Delivery, EntryId, Error, ErrorKind, Gate,
    OrgId, Rights, UserId,
};
use elevate_transport::Instant;
use futures_util::future::join_all;

use crate::support::{ACCOUNT, Line, ORG, PASSWORD, openpath, pass, with_jane, with_janes_key};

const MINUTE: Duration = Duration::from_mins(1);

async fn read(line: &Line) -> Result<(), Error> {
    line.client.user_entries(&UserId::from(7001)).all().await.map(|_| ())
}

async fn order(line: &Line) -> Result<(), Error> {
    let (user, key, door) = (UserId::from(7001), CredentialId::from(88_001), EntryId::from(4401));
    let now = Instant::now();
    let unlock = CloudKeyUnlock::new(&user, &key, &door);
    let (send_by, answer_by) = (now + Duration::from_secs(5), now + Duration::from_secs(12));
    let open = || Gate::new(std::future::ready(true));
    line.client.cloud_key_unlock(&unlock, send_by, answer_by, open).await
}

#[tokio::test(start_paused = true)]
async fn any_number_of_callers_cause_one_sign_in() {
    let line = Line::to(with_jane());
    for result in join_all((0..32).map(|_| read(&line))).await {
        result.unwrap();
    }
    assert_eq!(line.count(Operation::Login), 1);
    assert_eq!(line.count(Operation::ListUserEntries), 32);
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_gives_up_does_not_end_the_sign_in() {
    let line = Line::to(with_jane());
    let slow = Fault::before(FaultKind::SlowConnect(Duration::from_secs(2)));
    line.vendor.faults(|f| f.next_on("/auth/login", slow));
    let gave_up = tokio::time::timeout(Duration::from_millis(10), read(&line)).await;
    assert!(gave_up.is_err());
    read(&line).await.unwrap();
    assert_eq!(line.count(Operation::Login), 1);
}

#[tokio::test(start_paused = true)]
async fn a_token_is_replaced_before_its_end_while_the_old_one_still_serves() {
    let line = Line::to(with_jane());
    line.vendor.with(|openpath| openpath.set_token_life(Some(100 * MINUTE)));
    read(&line).await.unwrap();
    pass(89 * MINUTE).await;
    read(&line).await.unwrap();
    assert_eq!(line.count(Operation::Login), 1, "nine tenths are not over");

    pass(2 * MINUTE).await;
    // The new sign-in is slow, and nobody waits for it.
    let slow = Fault::before(FaultKind::SlowConnect(Duration::from_secs(5)));
    line.vendor.faults(|f| f.next_on("/auth/login", slow));
    let begun = Instant::now();
    for result in join_all((0..8).map(|_| read(&line))).await {
        result.unwrap();
    }
    assert_eq!(begun.elapsed(), Duration::ZERO);
    pass(Duration::from_secs(6)).await;
    assert_eq!(line.count(Operation::Login), 2);

    pass(20 * MINUTE).await;
    let before = line.vendor.requests();
    read(&line).await.unwrap();
    assert_eq!(line.vendor.requests(), before + 1, "the old token is over, the new one serves");
}

#[tokio::test(start_paused = true)]
async fn a_failed_renewal_leaves_the_old_token_in_use_and_is_not_tried_with_each_call() {
    for fault in [FaultKind::status(503, "{}"), FaultKind::status(401, "{}")] {
        let line = Line::to(with_jane());
        line.vendor.with(|openpath| openpath.set_token_life(Some(100 * MINUTE)));
        read(&line).await.unwrap();
        line.vendor.faults(|f| f.on("/auth/login", 0, 2, Fault::before(fault)));
        pass(90 * MINUTE).await;
        for _ in 0..29 {
            read(&line).await.unwrap();
            pass(Duration::from_secs(1)).await;
        }
        let sign_ins = || line.vendor.started().iter().filter(|s| s.path == "/auth/login").count();
        assert_eq!(sign_ins(), 2, "the first, and one that failed");
        // It is tried again until it succeeds, and all the while the old one serves.
        for _ in 0..400 {
            read(&line).await.unwrap();
            pass(Duration::from_secs(1)).await;
        }
        assert_eq!(sign_ins(), 4);
        pass(10 * MINUTE).await;
        read(&line).await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_without_a_stated_end_is_kept() {
    let line = Line::to(with_jane());
    line.vendor.with(|openpath| openpath.set_token_life(None));
    read(&line).await.unwrap();
    pass(400 * 24 * 60 * MINUTE).await;
    read(&line).await.unwrap();
    assert_eq!(line.count(Operation::Login), 1);
}

#[tokio::test(start_paused = true)]
async fn a_dead_token_costs_a_read_one_sign_in_and_one_repeat() {
    let line = Line::to(with_jane());
    read(&line).await.unwrap();
    line.vendor.with(|openpath| openpath.revoke_tokens());
    for result in join_all((0..8).map(|_| read(&line))).await {
        result.unwrap();
    }
    // All met the dead token, one signed in, all repeated once.
    assert_eq!(line.count(Operation::Login), 2);
    assert_eq!(line.count(Operation::ListUserEntries), 1 + 8 + 8);
}

#[tokio::test(start_paused = true)]
async fn a_late_refusal_of_the_old_token_does_not_cost_the_new_one() {
    let line = Line::to(with_jane());
    read(&line).await.unwrap();
    line.vendor.with(|openpath| openpath.revoke_tokens());
    let slow = Fault::before(FaultKind::SlowConnect(Duration::from_secs(2)));
    line.vendor.faults(|f| f.next_on("/entries", slow));
    let (late, ()) = tokio::join!(read(&line), async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        read(&line).await.unwrap();
    });
    late.unwrap();
    read(&line).await.unwrap();
    assert_eq!(line.count(Operation::Login), 2);
}

#[tokio::test(start_paused = true)]
async fn a_read_that_is_refused_again_after_a_new_sign_in_ends() {
    let line = Line::to(with_jane());
    read(&line).await.unwrap();
    let refusal = fixtures::case("error-token.json").unwrap().reply();
    line.vendor.faults(|f| f.on("/entries", 0, 9, Fault::before(FaultKind::Instead(refusal))));
    let error = read(&line).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Unauthorized, Delivery::Answered));
    assert_eq!(line.count(Operation::Login), 2);
}

#[tokio::test(start_paused = true)]
async fn a_dead_token_fails_an_order_which_is_not_repeated() {
    let line = Line::to(with_janes_key());
    order(&line).await.unwrap();
    line.vendor.with(|openpath| openpath.revoke_tokens());

    let error = order(&line).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Unauthorized, Delivery::Answered));
    assert!(error.is_transient());
    assert_eq!(line.vendor.ledger().orders().len(), 2, "one for each call");
    assert_eq!(line.count(Operation::Login), 1, "the call that fails does not sign in");

    order(&line).await.unwrap();
    assert_eq!(line.count(Operation::Login), 2);
    assert_eq!(line.vendor.ledger().opened("4401"), 2);
}

#[tokio::test(start_paused = true)]
async fn an_account_that_two_nodes_sign_in_to_in_turn_works_for_both() {
    // Should a new sign-in kill older tokens: each node heals by one sign-in of its own, and none loops.
    let openpath = with_jane().behaving(|it| it.sign_in_ends_older_tokens = true);
    let one = Line::to(openpath);
    let wire = elevate_access_testkit::MemoryWire::new(one.vendor.clone(), one.clock);
    let client = crate::support::client_over(std::sync::Arc::new(wire));
    let two = Line { client, vendor: one.vendor.clone(), clock: one.clock };
    for _ in 0..3 {
        read(&one).await.unwrap();
        read(&two).await.unwrap();
    }
    assert_eq!(one.count(Operation::Login), 6);
}

#[tokio::test(start_paused = true)]
async fn a_sign_in_is_repeated_only_if_nothing_of_it_was_sent() {
    let line = Line::to(with_jane());
    line.vendor.faults(|f| f.next_on("/auth/login", Fault::before(FaultKind::Refuse)));
    read(&line).await.unwrap();
    assert_eq!(line.vendor.started().iter().filter(|s| s.path == "/auth/login").count(), 1);

    let line = Line::to(with_jane());
    line.vendor.faults(|f| f.next_on("/auth/login", Fault::before(FaultKind::Reset)));
    assert_eq!(read(&line).await.unwrap_err().kind(), ErrorKind::Unreachable);
    assert_eq!(line.vendor.started().iter().filter(|s| s.path == "/auth/login").count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_second_factor_is_sent_if_there_is_one() {
    let line = Line::to(openpath().totp_code("492039"));
    let error = line.client.sign_in().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SecondFactorRefused);
    assert_eq!(error.message(), Some("MFA code is required"));

    let wire = elevate_access_testkit::MemoryWire::new(line.vendor.clone(), line.clock);
    let credentials = Credentials::password(ACCOUNT, PASSWORD).with_totp_code("492039");
    let client = Client::builder("https://openpath.example", OrgId::from(ORG), credentials)
        .wire(std::sync::Arc::new(wire))
        .build()
        .unwrap();
    assert_eq!(client.sign_in().await.unwrap(), Rights::Sufficient);
}

#[tokio::test(start_paused = true)]
async fn refresh_endpoint_never_called() {
    let line = Line::to(with_janes_key());
    line.vendor.with(|openpath| openpath.set_token_life(Some(10 * MINUTE)));
    for step in 0..60 {
        pass(3 * MINUTE).await;
        if step % 7 == 0 {
            line.vendor.with(|openpath| openpath.revoke_tokens());
        }
        read(&line).await.unwrap();
        order(&line).await.unwrap();
    }
    let forbidden = line.vendor.with(|openpath| openpath.forbidden().to_vec());
    assert_eq!(forbidden, []);
    assert_eq!(line.vendor.with(|openpath| openpath.strays().to_vec()), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn what_a_sign_in_says_of_rights_is_told() {
    for (name, rights) in [
        ("login.json", Rights::Sufficient),
        ("login-null-scopes.json", Rights::Sufficient),
        ("login-several-orgs.json", Rights::Sufficient),
        ("login-text-ids.json", Rights::Sufficient),
        ("login-other-org-only.json", Rights::OtherOrganisation),
    ] {
        let line = Line::to(openpath());
        let reply = fixtures::case(name).unwrap().reply();
        line.vendor.with(|openpath| openpath.reply_with(Operation::Login, reply));
        assert_eq!(line.client.sign_in().await.unwrap(), rights, "{name}");
    }
}
