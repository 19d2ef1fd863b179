//! L7: no secret and no e-mail is in anything that can be printed, also where the vendor repeats it.

use std::{error::Error as _, fmt::Write as _};

use elevate_access_testkit::{
    Reply,
    seam::{Account, Device, Seam, Space, fixture},
};
use elevate_seam::{
    ApiKey, Client, ClientBuilder, DevicesQuery, Error, SpaceId, SpacesQuery, Waited,
};

use super::{connect, device, in_secs, unlock};

/// Neither stands in any other text.
const KEY: &str = "seam_c4n4ryKeyDoNotShow";
const EMAIL: &str = "manager@maple.example";

fn echoing() -> Seam {
    let mut seam = Seam::new(KEY)
        .account(Account::new("account-1").email(EMAIL))
        .space_with(Space::new("sp-1", EMAIL).key(KEY))
        .device(Device::two_n("dev-1", EMAIL).in_spaces(["sp-1"]).metadata("who", EMAIL));
    seam.echo_secrets(true);
    seam
}

fn search(shown: &str) {
    for secret in [KEY, EMAIL, "c4n4ry", "maple.example"] {
        assert!(!shown.contains(secret), "{secret} shows in: {shown}");
    }
}

fn whole(error: &Error) -> String {
    let mut shown = format!("{error} {error:?} {error:#?}");
    for field in error.validation_errors() {
        let _ = write!(shown, " {field:?}");
    }
    let parts = [error.error_type(), error.message(), error.request_id(), error.path()];
    let _ = write!(shown, " {parts:?}");
    let mut source = error.source();
    while let Some(below) = source {
        let _ = write!(shown, " {below} {below:?}");
        source = below.source();
    }
    shown
}

#[tokio::test(start_paused = true)]
async fn no_public_type_prints_what_it_must_not() {
    let key = ApiKey::new(KEY).unwrap();
    let builder: ClientBuilder = Client::builder(key.clone());
    let (client, _) = connect(echoing());
    let by = in_secs(10);
    let devices = client.devices(&DevicesQuery::new()).all(by).await.unwrap();
    let spaces = client.spaces(&SpacesQuery::new()).all(by).await.unwrap();
    let related = client.get_related(&[SpaceId::new("sp-1").unwrap()], by).await.unwrap();
    assert_eq!(devices[0].display_name.as_deref(), Some(EMAIL), "nothing to hide: a vain test");
    let ordered = unlock(&client, "dev-1").await.unwrap();
    let waited = client.wait_for_unlock(&ordered, in_secs(12)).await;
    for shown in [
        format!("{key:?} {key:#?} {builder:?} {builder:#?} {client:?} {client:#?}"),
        format!("{devices:?} {devices:#?} {spaces:?} {spaces:#?} {related:?} {related:#?}"),
        format!("{:?} {:?}", devices[0].properties, devices[0].custom_metadata),
        format!("{ordered:?} {ordered:#?} {waited:?} {waited:#?}"),
    ] {
        search(&shown);
    }
}

#[tokio::test(start_paused = true)]
async fn no_error_repeats_a_secret_that_the_vendor_repeats() {
    let (client, vendor) = connect(echoing());
    let gone = client.get_device(&device("no-such-device"), in_secs(10)).await.unwrap_err();
    assert!(gone.message().is_some_and(|text| text.contains("***")), "a vain test: {gone}");
    search(&whole(&gone));

    // The failure of an attempt is a reply like any other; its words do not print either.
    vendor.with(|seam| {
        seam.attempts_end(elevate_access_testkit::seam::AttemptEnd::error("t", "failed"));
    });
    let ordered = unlock(&client, "dev-1").await.unwrap();
    let waited = client.wait_for_unlock(&ordered, in_secs(12)).await;
    let Waited::Settled(attempt) = &waited else { panic!("{waited:?}") };
    let message = attempt.error.as_ref().and_then(|error| error.message.as_deref());
    assert!(message.is_some_and(|text| text.contains(KEY)), "a vain test: {message:?}");
    search(&format!("{waited:?} {waited:#?}"));
}

#[tokio::test(start_paused = true)]
async fn a_secret_is_found_wherever_an_error_body_may_hold_it() {
    let echo = format!("{KEY} {EMAIL}");
    for body in [
        fixture("error-echoes-secrets.json").unwrap().to_owned(),
        echo.clone(),
        serde_json::json!({ "error": echo }).to_string(),
        serde_json::json!({ "error": { "type": echo, "message": echo, "request_id": echo } })
            .to_string(),
        serde_json::json!({ "error": { "type": "t", "validation_errors": {
            (EMAIL): { "_errors": [echo] }, (KEY): "no" } } })
        .to_string(),
        serde_json::json!({ "workspace": { (KEY): EMAIL } }).to_string(),
        serde_json::json!({ "workspace": { "workspace_id": { (EMAIL): KEY } } }).to_string(),
    ] {
        for status in [200, 400, 401, 429, 500] {
            let (client, vendor) = connect(echoing());
            let reply = Reply::json(status, body.clone()).header("seam-request-id", EMAIL);
            vendor.with(|seam| seam.reply_with("/workspaces/get", reply).requests(""));
            search(&whole(&client.get_workspace(in_secs(10)).await.unwrap_err()));
        }
    }
}
