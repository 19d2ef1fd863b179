//! What a service keeps in its store's file: no e-mail, no secret.

use std::sync::Arc;

use elevate_access::{
    Access, BuildingId, ConnectionId, Freshness, MemoryConnections, MemoryDirectory, Outcome,
    Residency, Resident, Tap, TapQuery, Unit, UnitId, VerifiedEmail,
};
use elevate_access_sql::SqliteStore;
use elevate_access_testkit::{
    MemoryWire, TestClock, Vendor,
    openpath::{Entry, Openpath, User},
};
use elevate_openpath::{Client, Credentials, OpenpathProvider, OrgId};

const EMAIL: &str = "canary.resident@example.com";
const ACCOUNT: (&str, &str) = ("canary.account@example.com", "canary password");

#[tokio::test]
async fn no_email_or_secret_in_the_store_file() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path().join("access.db")).await.unwrap();
    store.migrate().await.unwrap();
    let clock = TestClock::new();
    let resident = User::active(7001, EMAIL).entry(Entry::new(4401, "Main entrance"));
    let openpath = Openpath::new(5120).service_account(ACCOUNT.0, ACCOUNT.1).user(resident);
    let openpath = Vendor::new(openpath);
    let credentials = Credentials::password(ACCOUNT.0, ACCOUNT.1);
    let client = Client::builder("https://openpath.example", OrgId::from(5120), credentials)
        .wire(Arc::new(MemoryWire::new(openpath.clone(), clock)))
        .sign_ins(Arc::new(store.clone()))
        .build()
        .unwrap();
    let (building, jane) = (BuildingId::new("maple").unwrap(), "jane".parse().unwrap());
    let connections = MemoryConnections::new();
    let provider = Arc::new(OpenpathProvider::new(client));
    connections.connect(&building, &ConnectionId::new("op").unwrap(), provider);
    let directory = MemoryDirectory::new();
    let home = Unit::new(UnitId::new("u-101").unwrap(), "101");
    directory.put(
        Resident::new("jane".parse().unwrap())
            .with_email(VerifiedEmail::from_pms(EMAIL).unwrap())
            .with_residency(Residency::current(building, home)),
    );
    let access = Access::builder()
        .directory(directory)
        .connections(connections)
        .store(store.clone())
        .clock(clock)
        .build()
        .unwrap();

    // First use to open door: a turn to sign in, a link, a lease, a key, a favourite, a tap.
    let door = access.doors(&jane, Freshness::Fresh).await.unwrap().doors[0].id.clone();
    access.set_favorite(&jane, &door, true).await.unwrap();
    let tap = Tap::now().with_id("tap-1".parse().unwrap());
    let told = access.unlock(&jane, &door, tap).await.unwrap();
    assert!(matches!(told, Outcome::Accepted(_)), "{told:?}");
    assert_eq!(access.taps(&TapQuery::new().of(&jane)).await.unwrap().len(), 1);
    let token = openpath.with(|openpath| openpath.cloud_keys(7001));
    assert_eq!(token, 1);
    store.close().await;

    let mut read = 0;
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        let holds = |text: &str| {
            let same = |part: &[u8]| part.eq_ignore_ascii_case(text.as_bytes());
            bytes.windows(text.len()).any(same)
        };
        for kept in ["access_taps", "tap-1", "7001"] {
            read += usize::from(holds(kept));
        }
        for canary in ["canary", "example.com", "password", "Bearer", "eyJ"] {
            assert!(!holds(canary), "{canary} is in the file");
        }
    }
    assert!(read >= 3, "what is kept is looked for in the right place");
}
