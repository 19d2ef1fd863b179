use http::{HeaderName, Method, header};

use crate::{Delivery, Request, WireError, WireErrorKind};

/// Headers that frame a message or talk to the connection: they are the wire's to set.
const FRAMING: [HeaderName; 6] = [
    header::CONTENT_LENGTH,
    header::TRANSFER_ENCODING,
    header::CONNECTION,
    header::EXPECT,
    header::UPGRADE,
    header::TE,
];

/// Refuses, before any I/O, what must not be put on the network.
pub(super) fn sendable(request: &Request) -> Result<(), WireError> {
    let url = &request.url;
    let why = if !matches!(url.scheme(), "http" | "https") {
        "the URL is neither http nor https"
    } else if !url.username().is_empty() || url.password().is_some() {
        "the URL carries credentials"
    } else if request.gate.is_some() && request.body.is_empty() {
        "a gate guards a body, and there is none"
    } else if request.method == Method::CONNECT {
        "CONNECT is no request to a vendor"
    } else if request.headers.keys().any(|name| FRAMING.contains(name)) {
        "a header that frames the message is the wire's to set"
    } else {
        return Ok(());
    };
    Err(WireError::new(WireErrorKind::Unusable, Delivery::NeverSent).with_detail(why))
}
