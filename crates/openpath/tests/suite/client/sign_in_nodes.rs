use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use elevate_access::{Freshness, HostError, MemoryStore, SignInEnd, SignIns, Turn};
use elevate_access_testkit::{
    Fault, FaultKind,
    openpath::{Openpath, Operation},
};
use elevate_openpath::{Client, Credentials, Delivery, ErrorKind, OpenpathProvider};
use elevate_transport::Instant;
use futures_util::future::join_all;

use super::service::{Service, by_password, read};
use crate::support::{ACCOUNT, House, PASSWORD, openpath, pass, with_jane, with_janes_key};

const SECRET: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

fn by_totp() -> Credentials {
    by_password().with_totp_secret(SECRET)
}

/// Signs in, as callers do who come back until it is done.
async fn until_signed_in(client: &Client) -> Result<(), ErrorKind> {
    loop {
        match client.sign_in().await.map_err(|error| error.kind()) {
            Ok(_) => return Ok(()),
            Err(ErrorKind::SignInPending) => {}
            Err(kind) => return Err(kind),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn ten_nodes_one_totp_step_no_lockout() {
    let service = Service::at(with_jane().totp_secret(SECRET));
    let nodes: Vec<_> = (0..10).map(|_| service.node(by_totp())).collect();
    let begun = Instant::now();
    for result in join_all(nodes.iter().map(until_signed_in)).await {
        result.unwrap();
    }
    for node in &nodes {
        read(node).await.unwrap();
    }
    assert_eq!(service.count(Operation::Login), 10, "one for each node");
    assert_eq!((service.refused(), service.is_locked()), (0, false));
    // One step each, and none is left out.
    assert!(begun.elapsed() >= Duration::from_secs(9 * 30), "{:?}", begun.elapsed());
    assert!(begun.elapsed() <= Duration::from_mins(5), "{:?}", begun.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_caller_for_whom_the_next_code_is_too_late_hears_it_at_once_and_the_sign_in_goes_on() {
    let service = Service::at(with_jane().totp_secret(SECRET));
    service.node(by_totp()).sign_in().await.unwrap();
    let second = service.node(by_totp());
    let begun = Instant::now();
    let error = read(&second).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::SignInPending, Delivery::NeverSent));
    assert!(error.is_transient());
    assert!(error.message().unwrap().contains("second factor"), "{error}");
    assert!(begun.elapsed() <= Duration::from_millis(50), "{:?}", begun.elapsed());
    let left = error.retry_after().unwrap();
    assert_eq!(left + begun.elapsed(), Duration::from_secs(30));

    // One who can wait for it does.
    pass(Duration::from_secs(22)).await;
    read(&second).await.unwrap();
    assert!(second.session().signed_in, "it went on without the first caller");
    assert_eq!(service.refused(), 0);
}

#[tokio::test(start_paused = true)]
async fn ten_nodes_with_a_wrong_password_make_one_refused_sign_in() {
    let service = Service::at(with_jane());
    let wrong = || Credentials::password(ACCOUNT, "wrong");
    let nodes: Vec<_> = (0..10).map(|_| service.node(wrong())).collect();
    let all = || join_all(nodes.iter().map(read));
    let kinds = |results: Vec<Result<(), elevate_openpath::Error>>| {
        let refused =
            results.iter().filter_map(|r| r.as_ref().err()).map(elevate_openpath::Error::kind);
        let refused: Vec<_> = refused.collect();
        (refused.len(), refused.iter().filter(|k| **k == ErrorKind::SignInRefused).count())
    };
    assert_eq!(kinds(all().await), (10, 1));
    assert_eq!(service.refused(), 1);

    // The pause is everybody's, and grows whoever is refused next.
    let second = Duration::from_secs(1);
    for (nth, pause) in [(2, 30), (3, 300), (4, 1800)] {
        // Those who waited for the first one's turn have heard of it a moment later.
        let lefts: Vec<_> = nodes.iter().filter_map(|node| node.session().paused).collect();
        let left = lefts[0];
        assert!((pause - 1..=pause).contains(&left.as_secs()), "{left:?}");
        assert_eq!(lefts, [left; 10]);
        pass(left.saturating_sub(second)).await;
        assert_eq!(kinds(all().await), (10, 0), "within a pause of {pause} s");
        assert_eq!(service.refused(), nth - 1);
        pass(second).await;
        // Another node each time.
        let turn = usize::try_from(nth).unwrap();
        assert_eq!(read(&nodes[turn]).await.unwrap_err().kind(), ErrorKind::SignInRefused);
        assert_eq!(kinds(all().await), (10, 0));
        assert_eq!(service.refused(), nth);
    }
    assert!(!service.is_locked());

    // A node that starts now hears of it.
    let error = read(&service.node(wrong())).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SignInPaused);
    assert_eq!(error.retry_after(), None, "four were the last");
    assert_eq!(service.refused(), 4);
}

#[tokio::test(start_paused = true)]
async fn ten_nodes_with_a_wrong_basic_password_send_it_once() {
    let service = Service::at(with_jane());
    let nodes: Vec<_> =
        (0..10).map(|_| service.node(Credentials::basic(ACCOUNT, "wrong"))).collect();
    for result in join_all(nodes.iter().map(read)).await {
        result.unwrap_err();
    }
    assert_eq!((service.refused(), service.vendor.requests()), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn a_corrected_password_under_a_new_revision_is_tried_at_once() {
    let service = Service::at(with_jane());
    let wrong = Credentials::password(ACCOUNT, "wrong").revision("7");
    read(&service.node(wrong)).await.unwrap_err();

    // The same revision waits, for nothing says that anything was corrected.
    let same = service.node(by_password().revision("7"));
    assert_eq!(read(&same).await.unwrap_err().kind(), ErrorKind::SignInPaused);

    read(&service.node(by_password().revision("8"))).await.unwrap();
    pass(Duration::from_secs(30)).await;
    read(&same).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn nodes_that_start_at_once_sign_in_one_after_the_other() {
    let service = Service::at(with_jane());
    let slow = Fault::before(FaultKind::SlowConnect(Duration::from_secs(3)));
    service.vendor.faults(|f| f.next_on("/auth/login", slow));
    let nodes: Vec<_> = (0..3).map(|_| service.node(by_password())).collect();
    let begun = Instant::now();
    for result in join_all(nodes.iter().map(read)).await {
        result.unwrap();
    }
    // The first takes three seconds; the others ask every second.
    assert!((3..=5).contains(&begun.elapsed().as_secs()), "{:?}", begun.elapsed());
    assert_eq!(service.count(Operation::Login), 3);
}

#[tokio::test(start_paused = true)]
async fn a_node_that_dies_in_its_turn_holds_the_others_up_for_fifteen_seconds() {
    let service = Service::at(with_jane());
    let node = service.node(by_password());
    let name = Arc::new(Spy::before(service.store.clone()));
    let first = service.builder(by_password()).sign_ins(name.clone()).build().unwrap();
    first.sign_in().await.unwrap();
    let account = name.accounts().pop().unwrap();
    // Somebody took the turn, and was never heard of again.
    let hold = Duration::from_secs(15);
    let taken = service.store.take_turn(&account, None, hold).await.unwrap();
    assert!(matches!(taken, Turn::Yours { .. }));

    let error = read(&node).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SignInPending);
    assert!(error.message().unwrap().contains("another process"), "{error}");
    pass(Duration::from_secs(6)).await;
    read(&node).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_turn_is_waited_for_two_minutes_and_no_longer() {
    let service = Service::at(with_jane());
    let spy = Arc::new(Spy::before(service.store.clone()));
    let client = service.builder(by_password()).sign_ins(spy.clone()).build().unwrap();
    spy.is_always_taken(true);
    assert_eq!(read(&client).await.unwrap_err().kind(), ErrorKind::SignInPending);
    tokio::time::sleep(Duration::from_secs(115)).await;
    let asked = spy.accounts().len();
    assert!((120..=1_200).contains(&asked), "once a second at least: {asked}");
    tokio::time::sleep(Duration::from_hours(1)).await;
    assert_eq!(spy.accounts().len(), asked);
    assert_eq!(service.vendor.requests(), 0);

    spy.is_always_taken(false);
    read(&client).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn an_account_is_named_without_its_email_or_password() {
    let service = Service::at(with_jane());
    let spy = Arc::new(Spy::before(service.store.clone()));
    for credentials in [
        by_password(),
        Credentials::password("SVC@Example.com", PASSWORD),
        Credentials::basic(ACCOUNT, PASSWORD),
        by_password().revision("8"),
    ] {
        let client = service.builder(credentials).sign_ins(spy.clone()).build().unwrap();
        client.sign_in().await.unwrap();
    }
    // The digest is that of svc@example.com: one account, however it is written.
    let name = "openpath/openpath.example/c45e3200c0a454b89778e8f7b09ed619a01dbcceb0fa5815b1c4c56f18e77b7d/";
    assert_eq!(spy.accounts(), [name, name, name, &format!("{name}8")]);
}

#[tokio::test(start_paused = true)]
async fn a_store_that_is_down_signs_nobody_in_who_never_was() {
    let service = Service::at(with_jane());
    let spy = Arc::new(Spy::before(service.store.clone()));
    let client = service.builder(by_password()).sign_ins(spy.clone()).build().unwrap();
    spy.is_down(true);
    let error = read(&client).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::StoreFailed, Delivery::NeverSent));
    assert!(error.is_transient());
    assert_eq!(service.vendor.requests(), 0, "nothing was sent");

    // One that hangs is one that is down.
    spy.is_down(false);
    spy.hangs(true);
    let begun = Instant::now();
    assert_eq!(read(&client).await.unwrap_err().kind(), ErrorKind::StoreFailed);
    assert_eq!(begun.elapsed(), Duration::from_secs(2));

    spy.hangs(false);
    read(&client).await.unwrap();
}

/// Ten nodes that each find out for themselves that the password was changed lock the account.
#[tokio::test(start_paused = true)]
async fn a_store_that_is_down_signs_nobody_in_who_was_accepted_before_either() {
    let service = Service::at(with_jane());
    let spy = Arc::new(Spy::before(service.store.clone()));
    let node = || service.builder(by_password()).sign_ins(spy.clone()).build().unwrap();
    let nodes: Vec<_> = (0..10).map(|_| node()).collect();
    for result in join_all(nodes.iter().map(read)).await {
        result.unwrap();
    }
    spy.is_down(true);
    for result in join_all(nodes.iter().map(read)).await {
        result.expect("a token serves without a store");
    }
    service.vendor.with(|openpath| {
        openpath.set_password(ACCOUNT, "another");
        openpath.revoke_tokens();
    });
    for result in join_all(nodes.iter().map(read)).await {
        assert_eq!(result.unwrap_err().kind(), ErrorKind::StoreFailed);
    }
    assert_eq!((service.refused(), service.is_locked()), (0, false));
}

#[tokio::test(start_paused = true)]
async fn a_store_that_cannot_be_told_how_a_sign_in_ended_costs_nobody_their_token() {
    let service = Service::at(with_jane());
    let spy = Arc::new(Spy::before(service.store.clone()));
    spy.forgets_ends(true);
    let client = service.builder(by_password()).sign_ins(spy.clone()).build().unwrap();
    read(&client).await.unwrap();
    // The turn ends by itself.
    let other = service.node(by_password());
    assert_eq!(read(&other).await.unwrap_err().kind(), ErrorKind::SignInPending);
    pass(Duration::from_secs(6)).await;
    read(&other).await.unwrap();
}

/// Without a word in the builder, the store of the front door is where nodes agree.
#[tokio::test(start_paused = true)]
async fn providers_agree_through_the_store_of_their_front_door() {
    let store = MemoryStore::new();
    let wrong = |openpath: Openpath| {
        let mut openpath = openpath;
        openpath.set_password(ACCOUNT, "another");
        openpath
    };
    let one = House::with_store(wrong(with_janes_key()), store.clone());
    let two = House::node(one.vendor.clone(), one.clock, one.directory.clone(), store);
    for house in [&one, &two] {
        for _ in 0..3 {
            let (doors, problems) = house.list(Freshness::Fresh).await;
            assert!(doors.is_empty());
            assert_eq!(problems[0].code(), "credentials_refused");
        }
    }
    assert_eq!(one.vendor.with(|openpath| openpath.refused_sign_ins(ACCOUNT)), 1);
}

#[tokio::test(start_paused = true)]
async fn what_the_builder_was_told_stands_against_the_front_door() {
    let service = Service::at(openpath());
    service.vendor.with(|openpath| openpath.set_password(ACCOUNT, "another"));
    let house = House::node(
        service.vendor.clone(),
        service.clock,
        elevate_access::MemoryDirectory::new(),
        MemoryStore::new(),
    );
    house.settle("jane", "jane@example.com");
    house.connect(OpenpathProvider::new(service.node(by_password())));
    house.list(Freshness::Fresh).await;
    let paused = read(&service.node(by_password())).await.unwrap_err();
    assert_eq!(paused.kind(), ErrorKind::SignInPaused);
}

/// A store in front of another one, that can be down and says what it was asked.
struct Spy {
    to: MemoryStore,
    accounts: Mutex<Vec<String>>,
    down: AtomicBool,
    hanging: AtomicBool,
    forgetting: AtomicBool,
    taken: AtomicBool,
}

impl Spy {
    fn before(to: MemoryStore) -> Self {
        let off = AtomicBool::default;
        Self {
            to,
            accounts: Mutex::default(),
            down: off(),
            hanging: off(),
            forgetting: off(),
            taken: off(),
        }
    }

    fn accounts(&self) -> Vec<String> {
        self.accounts.lock().unwrap().clone()
    }

    fn is_down(&self, down: bool) {
        self.down.store(down, Ordering::Relaxed);
    }

    fn hangs(&self, hangs: bool) {
        self.hanging.store(hangs, Ordering::Relaxed);
    }

    fn is_always_taken(&self, taken: bool) {
        self.taken.store(taken, Ordering::Relaxed);
    }

    fn forgets_ends(&self, forgets: bool) {
        self.forgetting.store(forgets, Ordering::Relaxed);
    }
}

#[async_trait]
impl SignIns for Spy {
    async fn take_turn(
        &self,
        account: &str,
        step: Option<u64>,
        hold: Duration,
    ) -> Result<Turn, HostError> {
        if self.hanging.load(Ordering::Relaxed) {
            std::future::pending::<()>().await;
        }
        if self.down.load(Ordering::Relaxed) {
            return Err(HostError::msg("no store today"));
        }
        self.accounts.lock().unwrap().push(account.to_owned());
        if self.taken.load(Ordering::Relaxed) {
            return Ok(Turn::Taken { left: hold });
        }
        self.to.take_turn(account, step, hold).await
    }

    async fn end_turn(&self, account: &str, turn: &str, end: SignInEnd) -> Result<(), HostError> {
        if self.forgetting.load(Ordering::Relaxed) {
            return Err(HostError::msg("no store today"));
        }
        self.to.end_turn(account, turn, end).await
    }
}
