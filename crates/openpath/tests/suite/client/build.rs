use std::sync::Arc;

use elevate_access_testkit::{MemoryWire, TestClock, Vendor};
use elevate_openpath::{Client, Credentials, ErrorKind, OrgId};

use crate::support::{ACCOUNT, ORG, PASSWORD, openpath};

fn build(base_url: &str) -> Result<Client, elevate_openpath::Error> {
    let wire = MemoryWire::new(Vendor::new(openpath()), TestClock::new());
    let credentials = Credentials::password(ACCOUNT, PASSWORD);
    Client::builder(base_url, OrgId::from(ORG), credentials).wire(Arc::new(wire)).build()
}

#[tokio::test]
async fn a_password_never_travels_over_plain_http_but_on_loopback() {
    for good in [
        "https://api.openpath.com",
        "https://gateway.example/openpath/",
        "http://localhost:8080",
        "http://127.0.0.1:8080",
        "http://[::1]:8080",
    ] {
        assert!(build(good).is_ok(), "{good}");
    }
    for bad in [
        "http://api.openpath.com",
        "http://127.0.0.1.example.com",
        "http://localhost.example.com",
        "ftp://localhost",
        "https://user:secret@api.openpath.com",
        "https://api.openpath.com/?x=1",
        "https://api.openpath.com/#x",
        "api.openpath.com",
        "",
    ] {
        let error = build(bad).expect_err(bad);
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{bad}");
        assert!(error.to_string().contains("base_url"), "{error}");
        assert!(!error.to_string().contains("secret"), "{error}");
    }
}
