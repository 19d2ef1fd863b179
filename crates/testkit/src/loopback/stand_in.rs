//! The vendor's model behind wiremock.

use elevate_access::Clock as _;
use elevate_transport::{
    Bytes, HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Url, header,
};
use jiff::fmt::rfc2822;
use wiremock::{Request, Respond, ResponseTemplate};

use crate::{Model, Received, Reply, TestClock, Vendor};

/// Answers whatever wiremock receives as the vendor's model does.
pub(super) struct StandIn<M> {
    vendor: Vendor<M>,
    clock: TestClock,
}

impl<M> StandIn<M> {
    pub(super) fn new(vendor: Vendor<M>, clock: TestClock) -> Self {
        Self { vendor, clock }
    }
}

impl<M: Model> Respond for StandIn<M> {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let Request { method, url, headers, body } = request.clone();
        let now = self.clock.now();
        let reply = self.vendor.answer(&received(method, &url, headers, body.into()), now);
        let template = template(&reply);
        if reply.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("date")) {
            return template;
        }
        // Else the server would tell real time, in a world that lives by the test's clock.
        match rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&now) {
            Ok(date) => template.insert_header(header::DATE, date),
            Err(_) => template,
        }
    }
}

/// A request in the test kit's terms.
pub(super) fn received(method: Method, url: &Url, headers: HeaderMap, body: Bytes) -> Received {
    Received {
        method,
        path: url.path().to_owned(),
        query: url.query_pairs().map(|(k, v)| (k.into_owned(), v.into_owned())).collect(),
        headers,
        body,
    }
}

fn template(reply: &Reply) -> ResponseTemplate {
    // wiremock panics over what is no status and no header.
    let status = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut template = ResponseTemplate::new(status).set_body_bytes(reply.body.clone());
    for (name, value) in &reply.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            template = template.append_header(name, value);
        }
    }
    template
}
