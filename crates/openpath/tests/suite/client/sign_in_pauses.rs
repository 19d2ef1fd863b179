//! How long nobody signs in after a sign-in that brought no token.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use elevate_access::{HostError, MemoryStore, SignInEnd, SignIns, Turn};
use elevate_access_testkit::{Fault, FaultKind, Reply, openpath::Operation};
use elevate_openpath::{Client, Credentials, Delivery, ErrorKind};
use elevate_transport::Instant;
use futures_util::future::join_all;

use super::service::{Service, by_password, read};
use crate::support::{ACCOUNT, PASSWORD, pass, with_jane};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_mins(1);

fn wrong() -> Credentials {
    Credentials::password(ACCOUNT, "wrong")
}

/// Sign-ins whose body reached the vendor, whatever became of them.
fn sent(service: &Service) -> usize {
    service.vendor.started().iter().filter(|started| started.path == "/auth/login").count()
}

#[tokio::test(start_paused = true)]
async fn a_wrong_password_is_not_hammered() {
    let service = Service::at(with_jane());
    let client = service.node(wrong());
    let error = read(&client).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SignInRefused);
    assert_eq!(error.operation(), "openpath.login");
    assert_eq!(error.delivery(), Delivery::NeverSent, "the read itself was never sent");
    assert!(!error.is_transient());

    // Each pause is longer than the one before, and no call within it signs in.
    for pause in [30, 5 * 60, 30 * 60] {
        pass(Duration::from_secs(pause - 1)).await;
        let before = sent(&service);
        let paused = read(&client).await.unwrap_err();
        assert_eq!(paused.kind(), ErrorKind::SignInPaused);
        assert_eq!(paused.retry_after(), Some(SECOND));
        assert_eq!(sent(&service), before, "within a pause of {pause} s");
        pass(SECOND).await;
        assert_eq!(read(&client).await.unwrap_err().kind(), ErrorKind::SignInRefused);
        assert_eq!(sent(&service), before + 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_week_with_a_wrong_password_does_not_lock_the_account() {
    let service = Service::at(with_jane());
    let node = || service.node(wrong().revision("7"));
    let nodes = [node(), node(), node()];
    let mut last = None;
    for _ in 0..7 * 24 * 6 {
        for client in &nodes {
            last = Some(read(client).await.unwrap_err());
        }
        pass(10 * MINUTE).await;
    }
    assert_eq!((service.refused(), service.is_locked()), (4, false));

    // Also a node that starts now says what is waited for, and names no time.
    for error in [last.unwrap(), read(&node()).await.unwrap_err()] {
        assert_eq!((error.kind(), error.retry_after()), (ErrorKind::SignInPaused, None));
        assert!(error.message().unwrap().contains("new ones under a new revision"), "{error}");
    }
    // Not even the right password under the old revision is tried; under a new one it is, at once.
    assert!(read(&service.node(by_password().revision("7"))).await.is_err());
    assert_eq!(sent(&service), 4);
    read(&service.node(by_password().revision("8"))).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn the_fourth_refusal_itself_says_that_it_was_the_last() {
    let service = Service::at(with_jane());
    let client = service.node(wrong());
    let mut error = read(&client).await.unwrap_err();
    for pause in [30, 5 * 60, 30 * 60] {
        pass(Duration::from_secs(pause)).await;
        let asks = Reply::json(401, r#"{"message":"no"}"#).header("retry-after", "60");
        service.vendor.with(|openpath| openpath.reply_once(Operation::Login, asks));
        error = read(&client).await.unwrap_err();
    }
    assert_eq!((error.kind(), error.retry_after()), (ErrorKind::SignInRefused, None));
    assert_eq!(
        error.to_string(),
        "openpath.login: the sign-in was refused (401): no; no further sign-in is made with these \
         credentials: new ones under a new revision are waited for",
    );
}

/// What may have arrived, with nobody knowing how it ended.
fn unclear() -> Vec<Fault> {
    vec![
        Fault::after(FaultKind::Cut),
        Fault::after(FaultKind::Reset),
        Fault::after(FaultKind::status(408, "{}")),
        Fault::after(FaultKind::status(429, "{}")),
        Fault::after(FaultKind::status(502, "{}")),
        Fault::after(FaultKind::redirect(302, "/maintenance")),
        Fault::after(FaultKind::html_200()),
    ]
}

#[tokio::test(start_paused = true)]
async fn lost_replies_to_a_wrong_password_make_few_sign_ins() {
    for (nth, fault) in unclear().into_iter().enumerate() {
        for nodes in [1, 10] {
            let service = Service::at(with_jane());
            service.vendor.faults(|f| f.on("/auth/login", 0, 99, fault.clone()));
            let mut nodes: Vec<_> = (0..nodes).map(|_| service.node(wrong())).collect();
            let begun = Instant::now();
            while begun.elapsed() < Duration::from_secs(90) {
                for result in join_all(nodes.iter().map(read)).await {
                    assert_ne!(result.unwrap_err().kind(), ErrorKind::SignInRefused);
                }
                // Another one is the first to ask each time.
                nodes.rotate_left(1);
                pass(SECOND).await;
            }
            let sign_ins = service.refused();
            assert!((2..5).contains(&sign_ins), "fault {nth}, {} nodes: {sign_ins}", nodes.len());
            assert!(!service.is_locked());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn nodes_that_ask_one_after_the_other_share_the_pauses_after_unclear_ends() {
    let service = Service::at(with_jane());
    service.vendor.faults(|f| f.on("/auth/login", 0, 99, Fault::after(FaultKind::Cut)));
    let nodes: Vec<_> = (0..90).map(|_| service.node(wrong())).collect();
    // Each node asks once, and has heard nothing before.
    for node in &nodes {
        read(node).await.unwrap_err();
        pass(SECOND).await;
    }
    assert_eq!(service.refused(), 3, "at 0, 5 and 35 s");
}

#[tokio::test(start_paused = true)]
async fn an_outage_of_minutes_heals_within_five_minutes() {
    for fault in unclear() {
        for minutes in [1, 3, 12] {
            let service = Service::at(with_jane());
            service.vendor.faults(|f| f.on("/auth/login", 0, u32::MAX, fault.clone()));
            let nodes = [service.node(by_password()), service.node(by_password())];
            let begun = Instant::now();
            while begun.elapsed() < minutes * MINUTE {
                assert!(join_all(nodes.iter().map(read)).await.iter().all(Result::is_err));
                pass(2 * SECOND).await;
            }
            service.vendor.faults(elevate_access_testkit::Faults::clear);
            pass(5 * MINUTE).await;
            for result in join_all(nodes.iter().map(read)).await {
                result.unwrap();
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_pauses_after_unclear_ends_grow_to_five_minutes_and_end_with_a_success() {
    let service = Service::at(with_jane());
    let client = service.node(by_password());
    let fails = |client: Client| async move {
        let error = read(&client).await.unwrap_err();
        assert!(error.is_transient(), "{error}");
        client.session().paused.unwrap().as_secs()
    };
    for pause in [5, 30, 60, 300, 300] {
        let fault = Fault::before(FaultKind::status(503, "{}"));
        service.vendor.faults(|f| f.next_on("/auth/login", fault));
        assert_eq!(fails(client.clone()).await, pause);
        // Another node keeps it too, and says why.
        let other = read(&service.node(by_password())).await.unwrap_err();
        assert_eq!((other.kind(), other.delivery()), (ErrorKind::Unreachable, Delivery::NeverSent));
        assert_eq!(other.retry_after(), Some(Duration::from_secs(pause)));
        assert!(other.message().unwrap().contains("no clear answer"), "{other}");
        pass(Duration::from_secs(pause)).await;
    }
    read(&client).await.unwrap();

    // A wish of the vendor's counts, up to five minutes.
    for (wish, pause) in [("20", 20), ("99999999999", 300)] {
        service.vendor.with(|openpath| openpath.revoke_tokens());
        let asks = Reply::json(429, "{}").header("retry-after", wish);
        service
            .vendor
            .faults(|f| f.next_on("/auth/login", Fault::before(FaultKind::Instead(asks))));
        assert_eq!(fails(client.clone()).await, pause);
        pass(Duration::from_secs(pause)).await;
        read(&client).await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_sign_in_of_which_nothing_was_sent_is_followed_by_no_pause() {
    let service = Service::at(with_jane());
    let client = service.node(by_password());
    service.vendor.faults(|f| f.on("/auth/login", 0, 3, Fault::before(FaultKind::Refuse)));
    assert_eq!(read(&client).await.unwrap_err().kind(), ErrorKind::Unreachable);
    assert_eq!(client.session().paused, None);
    read(&service.node(by_password())).await.unwrap();
    read(&client).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn only_the_vendors_own_words_are_refusals() {
    const PAGE: &str = "\u{feff} <html>Sign in to the guest network</html>";
    let refusals = [400, 401, 403, 404, 409, 410, 422].map(|status| (status, "{}", true));
    let others = [402, 405, 406, 407, 411, 418, 431, 451].map(|status| (status, "{}", false));
    let pages = [400, 401, 403, 404, 423].map(|status| (status, PAGE, false));
    for (status, body, is_refusal) in refusals.into_iter().chain(others).chain(pages) {
        let service = Service::at(with_jane());
        service.vendor.with(|openpath| openpath.reply_to(Operation::Login, body, status));
        let client = service.node(by_password());
        let error = read(&client).await.unwrap_err();
        let (kind, pause) =
            if is_refusal { (ErrorKind::SignInRefused, 30) } else { (ErrorKind::Rejected, 5) };
        assert_eq!(error.kind(), kind, "{status} {body}");
        assert_eq!(client.session().paused, Some(Duration::from_secs(pause)), "{status} {body}");
    }
}

/// One node behind a proxy that wants to be paid, or a page for guests, is not to stop the others for long.
#[tokio::test(start_paused = true)]
async fn what_stands_in_between_uses_up_no_sign_in() {
    let service = Service::at(with_jane());
    let client = service.node(by_password());
    let page = Fault::before(FaultKind::status(407, "<html>Proxy Authentication Required"));
    service.vendor.faults(|f| f.on("/auth/login", 0, u32::MAX, page));
    for _ in 0..60 {
        read(&client).await.unwrap_err();
        pass(MINUTE).await;
    }
    service.vendor.faults(elevate_access_testkit::Faults::clear);
    pass(5 * MINUTE).await;
    read(&service.node(by_password())).await.unwrap();
}

/// A store that is slow to write, and does not at first.
struct Reluctant {
    to: MemoryStore,
    fails: AtomicU32,
    told: AtomicU32,
}

impl Reluctant {
    fn before(to: &MemoryStore, fails: u32) -> Self {
        Self { to: to.clone(), fails: fails.into(), told: 0.into() }
    }
}

#[async_trait]
impl SignIns for Reluctant {
    async fn take_turn(
        &self,
        account: &str,
        step: Option<u64>,
        hold: Duration,
    ) -> Result<Turn, HostError> {
        self.to.take_turn(account, step, hold).await
    }

    async fn end_turn(&self, account: &str, turn: &str, end: SignInEnd) -> Result<(), HostError> {
        tokio::time::sleep(SECOND).await;
        let fails = |n: u32| n.checked_sub(1);
        if self.fails.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fails).is_ok() {
            return Err(HostError::msg("not now"));
        }
        self.told.fetch_add(1, Ordering::Relaxed);
        self.to.end_turn(account, turn, end).await
    }
}

/// A process that ends itself when it cannot sign in, and is started again, would lock the account.
#[tokio::test(start_paused = true)]
async fn a_refusal_is_written_down_before_anybody_hears_of_it() {
    for fails in 0..3 {
        let service = Service::at(with_jane());
        let store = Arc::new(Reluctant::before(&service.store, fails));
        let client = service.builder(wrong()).sign_ins(store.clone()).build().unwrap();
        assert_eq!(client.sign_in().await.unwrap_err().kind(), ErrorKind::SignInRefused);
        assert_eq!(store.told.load(Ordering::Relaxed), 1, "{fails}");
        let started_again = read(&service.node(wrong())).await.unwrap_err();
        assert_eq!(started_again.kind(), ErrorKind::SignInPaused, "{fails}");
        assert_eq!(service.refused(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_for_a_success_to_be_written_down() {
    let service = Service::at(with_jane());
    let store = Arc::new(Reluctant::before(&service.store, 0));
    let credentials = Credentials::password(ACCOUNT, PASSWORD);
    let client = service.builder(credentials).sign_ins(store).build().unwrap();
    let begun = Instant::now();
    read(&client).await.unwrap();
    assert_eq!(begun.elapsed(), Duration::ZERO);
}
