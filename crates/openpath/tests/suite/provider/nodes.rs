//! What one node writes down for the others, and what they may make of it.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use elevate_access::{
    BuildingId, ConnectionId,
    Freshness::{Cached, Fresh},
    MemoryStore, Residency, Store as _, Unit, UnitId,
};
use elevate_access_testkit::{
    MemoryWire, Vendor,
    openpath::{Credential, Entry, Openpath, Operation, User},
};
use elevate_openpath::{Client, Credentials, OpenpathProvider, OrgId, Wire};
use elevate_transport::{Answer, Bytes, Method, Request, WireError};
use futures_util::future::join_all;
use tokio::time::{Instant, sleep};

use crate::support::{
    ACCOUNT, House, ORG, PASSWORD, client_over, connection, jane, openpath, pass, said, with_jane,
    with_janes_key,
};

/// Another organisation, whose user 7001 is Bob.
fn bobs(org: u64) -> Vendor<Openpath> {
    let openpath = Openpath::new(org)
        .service_account(ACCOUNT, PASSWORD)
        .user(
            User::active(7001, "bob@example.com")
                .entry(Entry::new(9901, "Bob's flat"))
                .credential(Credential::cloud_key(5)),
        )
        .user(
            User::active(42, "jane@example.com")
                .entry(Entry::new(10, "Jane's flat"))
                .credential(Credential::cloud_key(6)),
        );
    Vendor::new(openpath)
}

#[tokio::test(start_paused = true)]
async fn another_organisation_under_the_same_connection_starts_anew() {
    // Another organisation of the same host; the same number at another host, port or path.
    for (base, org) in [
        ("https://openpath.example", 9000),
        ("https://openpath.example", 51),
        ("https://eu.openpath.example", ORG),
        ("https://openpath.example:8443", ORG),
        ("https://openpath.example/eu", ORG),
    ] {
        for has_key in [false, true] {
            let house = House::at(if has_key { with_janes_key() } else { with_jane() });
            if !has_key {
                house.vendor.with(|o| o.reply_to(Operation::CreateCredential, "{}", 403));
            }
            assert_eq!(house.list(Cached).await.0, ["Main entrance", "Garage"]);

            let vendor = bobs(org);
            let credentials = Credentials::password(ACCOUNT, PASSWORD);
            let client = Client::builder(base, OrgId::from(org), credentials)
                .wire(Arc::new(MemoryWire::new(vendor.clone(), house.clock)))
                .build()
                .unwrap();
            house.connect(OpenpathProvider::new(client));
            if base.ends_with("/eu") {
                // Nothing answers there; nobody is taken for Bob all the same.
                assert_eq!(house.list(Cached).await.0, Vec::<String>::new());
                assert_eq!(vendor.requests_on("/users/7001"), 0, "{base} {org}");
                continue;
            }
            assert_eq!(house.list(Cached).await.0, ["Jane's flat"], "{base} {org}");
            assert_eq!(said(house.tap("jane", 9901).await), "door_not_granted");
            assert_eq!(vendor.requests_on("/users/7001"), 0, "{base} {org}");
            assert_eq!(said(house.tap("jane", 10).await), "accepted");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_link_that_names_no_place_counts_for_nothing() {
    let store = MemoryStore::new();
    let house = House::with_store(with_janes_key(), store.clone());
    assert_eq!(said(house.tap("jane", 4401).await), "accepted");
    let jane = elevate_access::ResidentId::new("jane").unwrap();
    let link = store.link(&connection(), &jane).await.unwrap().unwrap();
    assert_eq!(link.subject, "openpath.example/5120/7001");
    for subject in ["7001", "5120/7001", "openpath.example/51207001", "openpath.example/5120/a/b"] {
        let link = elevate_access::Link { subject: subject.to_owned(), ..link.clone() };
        store.set_link(&connection(), &jane, Some(&link)).await.unwrap();
        house.connect_anew();
        let before = house.count(Operation::ListUsersPost);
        assert_eq!(said(house.tap("jane", 4401).await), "accepted");
        assert_eq!(house.count(Operation::ListUsersPost), before + 1, "{subject}");
    }
}

/// Two nodes of one store; the first one reads, and its list is as it should be.
fn two_nodes(openpath: Openpath) -> (House, House) {
    let store = MemoryStore::new();
    let one = House::with_store(openpath, store.clone());
    let two = House::node(one.vendor.clone(), one.clock, one.directory.clone(), store);
    (one, two)
}

#[tokio::test(start_paused = true)]
async fn the_end_of_a_users_validity_holds_on_every_node() {
    for had_a_link in [false, true] {
        let (one, two) = two_nodes(with_janes_key());
        if had_a_link {
            one.doors("jane", Cached).await;
            pass(Duration::from_secs(1)).await;
        }
        one.vendor.with(|o| o.set_dates(7001, None, Some("2026-03-02T12:01:00.000Z")));
        assert_eq!(one.list(Fresh).await.1, []);
        pass(Duration::from_secs(90)).await;
        assert_eq!(said(two.tap("jane", 4401).await), "user_no_longer_valid", "{had_a_link}");
        assert_eq!(said(one.tap("jane", 4401).await), "user_no_longer_valid", "{had_a_link}");
        assert_eq!(one.orders(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn no_node_relies_on_a_link_past_the_end_of_its_user() {
    // A link may be relied on for five minutes, and says nothing of the end.
    for (minutes, ends) in [(2, "12:02:00"), (4, "12:04:00")] {
        let (one, two) = two_nodes(with_janes_key());
        one.vendor.with(|o| o.set_dates(7001, None, Some(&format!("2026-03-02T{ends}.000Z"))));
        assert_eq!(one.list(Cached).await.1, []);
        pass(Duration::from_secs(minutes * 60 - 10)).await;
        assert_eq!(said(two.tap("jane", 4401).await), "accepted", "{ends}");
        pass(Duration::from_secs(20)).await;
        for node in [&two, &one] {
            assert_eq!(said(node.tap("jane", 4401).await), "user_no_longer_valid", "{ends}");
        }
        assert_eq!(one.orders(), 1, "{ends}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_end_of_a_keys_validity_holds_on_every_node() {
    for (ends, read_after) in [("12:01:00", 90), ("12:04:00", 270)] {
        let first = Credential::cloud_key(88_001).valid_until(&format!("2026-03-02T{ends}.000Z"));
        let lasts = Credential::cloud_key(88_002);
        let (one, two) = two_nodes(openpath().user(jane().credential(first).credential(lasts)));
        assert_eq!(one.list(Cached).await.1, []);
        pass(Duration::from_secs(read_after)).await;
        for node in [&two, &one] {
            assert_eq!(said(node.tap("jane", 4401).await), "accepted");
            let order = node.vendor.seen().last().unwrap().path.clone();
            assert!(order.contains("/credentials/88002/"), "{ends}: {order}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_validity_that_outlasts_a_link_is_written_down() {
    let (one, two) = two_nodes(with_janes_key());
    one.vendor.with(|o| o.set_dates(7001, None, Some("2026-03-02T12:10:00.000Z")));
    one.doors("jane", Cached).await;
    let before = one.count(Operation::ListUsersPost);
    assert_eq!(said(two.tap("jane", 4401).await), "accepted");
    assert_eq!(one.count(Operation::ListUsersPost), before);
}

fn keys(house: &House) -> usize {
    house.vendor.with(|openpath| openpath.cloud_keys(7001))
}

#[tokio::test(start_paused = true)]
async fn a_resident_of_two_buildings_of_one_organisation_ends_with_one_key() {
    for is_one_client in [true, false] {
        let house = House::at(with_jane());
        let (south, connection) =
            (BuildingId::new("south").unwrap(), ConnectionId::new("openpath-south").unwrap());
        house.directory.change(&elevate_access::ResidentId::new("jane").unwrap(), |resident| {
            let unit = Unit::new(UnitId::new("u-9").unwrap(), "9");
            resident.residencies.push(Residency::current(south.clone(), unit));
        });
        let one = client_over(house.wire());
        let other = if is_one_client { one.clone() } else { client_over(house.wire()) };
        // Both are signed in, so that neither waits for the other.
        for client in [&one, &other] {
            client.sign_in().await.unwrap();
        }
        house.connect(OpenpathProvider::new(one));
        house.connections.connect(&south, &connection, Arc::new(OpenpathProvider::new(other)));
        assert_eq!(house.list(Cached).await.1, []);
        assert_eq!(keys(&house), 1, "{is_one_client}");
    }
}

/// A wire over which keys are not listed until some time after the first was made.
#[derive(Debug)]
struct Lagging {
    to: Arc<dyn Wire>,
    made: Arc<Mutex<Option<Instant>>>,
    lag: Duration,
}

#[async_trait]
impl Wire for Lagging {
    async fn send(&self, request: Request) -> Result<Answer, WireError> {
        let is_about_keys = request.url.path().ends_with("/credentials");
        let is_list = request.method == Method::GET;
        let mut answer = self.to.send(request).await?;
        let mut made = self.made.lock().unwrap();
        if is_about_keys && !is_list {
            made.get_or_insert_with(Instant::now);
        } else if is_about_keys && made.is_some_and(|made| made.elapsed() < self.lag) {
            answer.body = Bytes::from_static(br#"{"data":[],"filteredCount":0}"#);
        }
        Ok(answer)
    }
}

#[tokio::test(start_paused = true)]
async fn no_node_makes_a_key_while_lists_do_not_show_the_one_that_was_made() {
    for (lag, others) in [(1, "accepted"), (30, "key_not_ready")] {
        let lag = Duration::from_secs(lag);
        let (first, made, store) =
            (House::at(with_jane()), Arc::<Mutex<_>>::default(), MemoryStore::new());
        let nodes: Vec<_> = (0..4)
            .map(|_| {
                let (vendor, directory) = (first.vendor.clone(), first.directory.clone());
                let node = House::node(vendor, first.clock, directory, store.clone());
                let wire = Lagging { to: node.wire(), made: made.clone(), lag };
                node.connect(OpenpathProvider::new(client_over(Arc::new(wire))));
                node
            })
            .collect();
        let taps = join_all(nodes.iter().map(|node| node.tap("jane", 4401))).await;
        let mut words: Vec<_> = taps.into_iter().map(said).collect();
        words.sort_unstable();
        assert_eq!(words, ["accepted", others, others, others], "{lag:?}");
        assert_eq!(keys(&first), 1, "{lag:?}");
        pass(lag).await;
        for node in &nodes {
            assert_eq!(said(node.tap("jane", 4401).await), "accepted");
        }
        assert_eq!(keys(&first), 1, "{lag:?}");
    }
}

/// A node that stands still once it has the credential types.
#[derive(Debug)]
struct Hanging(Arc<dyn Wire>, Duration);

#[async_trait]
impl Wire for Hanging {
    async fn send(&self, request: Request) -> Result<Answer, WireError> {
        let hangs = request.url.path().ends_with("/credentialTypes");
        let answer = self.0.send(request).await;
        if hangs {
            sleep(self.1).await;
        }
        answer
    }
}

#[tokio::test(start_paused = true)]
async fn a_node_that_hung_makes_no_key_under_a_lease_that_is_about_to_end() {
    // The lease is for 45 s, and a creation may take 10 s.
    for (hung, made) in [(34, 1), (36, 0), (50, 0)] {
        let (one, two) = two_nodes(with_jane());
        let wire = Hanging(one.wire(), Duration::from_secs(hung));
        one.connect(OpenpathProvider::new(client_over(Arc::new(wire))));
        let doors = one.access.clone();
        let jane = elevate_access::ResidentId::new("jane").unwrap();
        tokio::spawn(async move { doors.doors(&jane, Cached).await });
        if hung > 45 {
            sleep(Duration::from_secs(46)).await;
            assert_eq!(said(two.tap("jane", 4401).await), "accepted");
            assert_eq!(keys(&two), 1);
        }
        sleep(Duration::from_secs(hung + 1)).await;
        assert_eq!(one.count(Operation::CreateCredential), made + u64::from(hung > 45), "{hung}");
        assert_eq!(said(two.tap("jane", 4401).await), "accepted");
        assert_eq!(keys(&two), 1, "{hung}");
    }
}

/// A node that gets each list of keys so much later than it was written.
#[derive(Debug)]
struct Behind(Arc<dyn Wire>, Duration);

#[async_trait]
impl Wire for Behind {
    async fn send(&self, request: Request) -> Result<Answer, WireError> {
        let waits = request.method == Method::GET && request.url.path().ends_with("/credentials");
        let answer = self.0.send(request).await;
        if waits {
            sleep(self.1).await;
        }
        answer
    }
}

#[tokio::test(start_paused = true)]
async fn no_key_is_made_after_a_list_that_was_read_before_the_lease() {
    let store = MemoryStore::new();
    let one = House::with_store(with_jane(), store.clone());
    let two = House::node(one.vendor.clone(), one.clock, one.directory.clone(), store.clone());
    // The second node holds the lease for half a second, makes the key, and gives the lease back once a list shows it.
    let slow = Hanging(two.wire(), Duration::from_millis(500));
    two.connect(OpenpathProvider::new(client_over(Arc::new(slow))));
    // The first one reads meanwhile that there is none, and hears of it when the lease is free again.
    let behind = Behind(one.wire(), Duration::from_secs(2));
    one.connect(OpenpathProvider::new(client_over(Arc::new(behind))));
    let ((doors, problems), ()) = tokio::join!(
        async {
            sleep(Duration::from_millis(100)).await;
            one.list(Cached).await
        },
        async {
            assert_eq!(two.list(Cached).await.1, []);
            assert_eq!(keys(&two), 1);
            assert_eq!(two.list(Fresh).await.1, []);
            let key = format!("key/openpath.example/{ORG}/7001");
            let lease = store.lease(&key, Duration::from_secs(1)).await.unwrap();
            store.release(&lease.expect("it was given back")).await.unwrap();
        }
    );
    assert_eq!((doors.len(), problems), (2, vec![]));
    assert_eq!(keys(&one), 1);
}
