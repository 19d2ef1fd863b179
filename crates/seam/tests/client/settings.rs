//! Building a client: what is refused, and what every request carries.

use std::sync::{Arc, Mutex};

use elevate_access_testkit::{Ledger, MemoryWire, Model, Received, Reply, TestClock, Vendor};
use elevate_seam::{ApiKey, Client, ClientBuilder, ErrorKind, WorkspaceId};

use super::in_secs;

/// A vendor that keeps what it receives.
#[derive(Default)]
struct Ear {
    heard: Arc<Mutex<Vec<Received>>>,
    ledger: Ledger,
}

impl Model for Ear {
    fn answer(&mut self, request: &Received, _: jiff::Timestamp) -> Reply {
        self.heard.lock().unwrap().push(request.clone());
        Reply::json(200, r#"{"workspace":{"workspace_id":"ws-1"},"ok":true}"#)
    }

    fn ledger(&self) -> &Ledger {
        &self.ledger
    }
}

async fn heard(build: impl FnOnce(ClientBuilder) -> ClientBuilder, key: &str) -> Received {
    let ear = Ear::default();
    let heard = ear.heard.clone();
    let wire = MemoryWire::new(Vendor::new(ear), TestClock::new());
    let builder = Client::builder(ApiKey::new(key).unwrap()).wire(Arc::new(wire));
    let client = build(builder).build().unwrap();
    client.get_workspace(in_secs(10)).await.unwrap();
    let heard = heard.lock().unwrap().clone();
    assert_eq!(heard.len(), 1);
    heard[0].clone()
}

#[tokio::test(start_paused = true)]
async fn every_request_is_a_post_of_json_with_the_key_in_its_header() {
    let request = heard(|builder| builder, "seam_key7").await;
    assert_eq!(request.method.as_str(), "POST");
    assert_eq!(request.path, "/workspaces/get");
    assert_eq!(request.query, []);
    assert_eq!(request.headers["content-type"], "application/json");
    assert_eq!(request.headers["authorization"], "Bearer seam_key7");
    assert!(request.headers["authorization"].is_sensitive());
    assert!(!request.headers.contains_key("seam-workspace"));
    assert_eq!(&request.body[..], b"{}");
}

#[tokio::test(start_paused = true)]
async fn a_base_url_may_have_a_path() {
    for url in ["https://proxy.example/seam", "https://proxy.example/seam/"] {
        let request = heard(|builder| builder.base_url(url), "seam_key7").await;
        assert_eq!(request.path, "/seam/workspaces/get");
    }
}

#[tokio::test(start_paused = true)]
async fn a_personal_token_comes_with_its_workspace() {
    let alone = Client::builder(ApiKey::new("seam_at1_token").unwrap()).build().unwrap_err();
    assert_eq!(alone.kind(), ErrorKind::InvalidInput);
    assert!(alone.to_string().contains("workspace"), "{alone}");

    let workspace = WorkspaceId::new("ws-1").unwrap();
    let request = heard(|builder| builder.workspace(workspace), "seam_at1_token").await;
    assert_eq!(request.headers["seam-workspace"], "ws-1");
}

#[test]
fn a_base_url_that_would_show_the_key_is_refused_and_not_repeated() {
    for url in ["http://connect.getseam.com", "https://canary@connect.getseam.com", "canary"] {
        let builder = Client::builder(ApiKey::new("seam_key7").unwrap()).base_url(url);
        let shown = format!("{builder:?}");
        let error = builder.build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{url}");
        assert!(!format!("{shown} {error} {error:?}").contains("canary"), "{shown} {error}");
    }
}
