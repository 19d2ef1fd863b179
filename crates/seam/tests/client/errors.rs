//! Errors: what can be learned from one.

use std::{error::Error as _, time::Duration};

use elevate_access_testkit::{Fault, FaultKind, Reply, seam::fixture};
use elevate_seam::{Delivery, DeviceId, Error, ErrorKind, SpaceId};

use super::{connect, house, in_secs};

const GET: &str = "/devices/get";

async fn answered(reply: Reply) -> Error {
    let (client, vendor) = connect(house());
    vendor.with(|seam| seam.reply_with(GET, reply).requests(GET));
    client.get_device(&DeviceId::new("dev-1").unwrap(), in_secs(10)).await.unwrap_err()
}

async fn met(fault: FaultKind) -> Error {
    let (client, vendor) = connect(house());
    vendor.faults(|faults| faults.always(Fault::before(fault)));
    client.get_device(&DeviceId::new("dev-1").unwrap(), in_secs(10)).await.unwrap_err()
}

#[tokio::test(start_paused = true)]
async fn each_status_has_its_kind() {
    for (status, kind, transient) in [
        (301, ErrorKind::Redirected, false),
        (307, ErrorKind::Redirected, false),
        (400, ErrorKind::Refused, false),
        (401, ErrorKind::Unauthorized, false),
        (403, ErrorKind::Forbidden, false),
        (404, ErrorKind::NotFound, false),
        (405, ErrorKind::Refused, false),
        (408, ErrorKind::Refused, true),
        (429, ErrorKind::RateLimited, true),
        (500, ErrorKind::Server, true),
        (503, ErrorKind::Server, true),
        (204, ErrorKind::UnusableReply, false),
        (202, ErrorKind::UnusableReply, false),
    ] {
        let error = answered(Reply::empty(status)).await;
        assert_eq!((error.kind(), error.is_transient()), (kind, transient), "{status}");
        assert_eq!(error.delivery(), Delivery::Answered);
        assert_eq!(error.status().map(|s| s.as_u16()), Some(status));
        assert_eq!(error.operation(), "seam.devices.get");
        assert!(error.to_string().contains(&status.to_string()), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_reply_about_something_else_is_no_reply() {
    let (client, vendor) = connect(house());
    let (device, space) = (fixture("device-two-n.json"), fixture("space.json"));
    vendor.with(|seam| {
        seam.reply_to("/devices/get", 200, device.unwrap());
        seam.reply_to("/spaces/get", 200, space.unwrap()).requests("")
    });
    let by = in_secs(10);
    for error in [
        client.get_device(&DeviceId::new("dev-1").unwrap(), by).await.unwrap_err(),
        client.get_space(&SpaceId::new("sp-101").unwrap(), by).await.unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::UnusableReply, "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_request_id_comes_from_the_header_or_else_from_the_body() {
    let body = fixture("error-request-id.json").unwrap();
    let error = answered(Reply::json(400, body)).await;
    // The stand-in gives every reply a header.
    assert_eq!(error.request_id(), Some("5ea34e90-0000-4000-8000-000000000001"));
    assert!(error.to_string().contains("[request 5ea34e90"), "{error}");

    let (client, vendor) = connect(house());
    vendor.faults(|faults| faults.always(Fault::before(FaultKind::status(400, body))));
    let error = client.get_workspace(in_secs(10)).await.unwrap_err();
    assert_eq!(error.request_id(), Some("ddf1239d-7103-4ac6-9fde-9e8a2c43dd58"));
}

#[tokio::test(start_paused = true)]
async fn retry_after_is_handed_on() {
    let body = fixture("error-too-many-requests.json").unwrap();
    let error = answered(Reply::json(429, body).header("retry-after", "20")).await;
    assert_eq!(error.retry_after(), Some(Duration::from_secs(20)));
    assert_eq!(error.error_type(), Some("too_many_requests"));
    assert_eq!(answered(Reply::json(429, body)).await.retry_after(), None);
}

#[tokio::test(start_paused = true)]
async fn without_an_answer_the_wire_says_what_may_have_become_of_it() {
    for (fault, delivery) in [
        (FaultKind::Refuse, Delivery::NeverSent),
        (FaultKind::Reset, Delivery::MaybeSent),
        (FaultKind::Stall, Delivery::MaybeSent),
        (FaultKind::Cut, Delivery::Answered),
    ] {
        let error = met(fault.clone()).await;
        assert_eq!((error.kind(), error.delivery()), (ErrorKind::NoAnswer, delivery), "{fault:?}");
        assert!(error.is_transient(), "{fault:?}");
        let source = error.source().unwrap().to_string();
        assert!(!error.to_string().contains(&source), "the source is said twice: {error}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_error_is_one_short_line_whatever_the_vendor_wrote() {
    let long = "word ".repeat(2000);
    let body = serde_json::json!({
        "error": { "type": long, "message": format!("{long}\r\n\u{1b}[31m\u{202e}"), "request_id": long },
    });
    let error = answered(Reply::json(400, body.to_string())).await;
    let shown = error.to_string();
    assert!(shown.len() < 1000, "{} bytes", shown.len());
    assert!(!shown.contains(['\r', '\n', '\u{1b}', '\u{202e}']), "{shown}");
}
