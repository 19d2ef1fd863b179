use tracing::{Span, field::Empty, info_span};

use crate::{Answer, Request, WireError};

/// The span of one attempt, with OpenTelemetry's names for an HTTP client.
///
/// An allow-list: nothing here can hold an id, an e-mail or a key. `url.full` is left out on purpose.
pub(super) fn open(request: &Request, resend: u32) -> Span {
    let operation = request.operation;
    info_span!(
        "http.client.attempt",
        otel.name = format!("{} {}", request.method, operation.template),
        otel.kind = "client",
        otel.status_code = Empty,
        operation = operation.name,
        http.request.method = request.method.as_str(),
        http.request.resend_count = (resend > 0).then_some(resend),
        http.request.body.size = request.body.len(),
        http.response.status_code = Empty,
        http.response.body.size = Empty,
        server.address = request.url.host_str(),
        server.port = request.url.port_or_known_default(),
        url.template = operation.template,
        "error.type" = Empty,
    )
}

/// Records how the attempt ended.
pub(super) fn close(span: &Span, seen: &Result<Answer, WireError>) {
    let status = match seen {
        Ok(answer) => Some(answer.status),
        Err(error) => error.status(),
    };
    if let Some(status) = status {
        span.record("http.response.status_code", status.as_u16());
    }
    match seen {
        Ok(answer) => {
            span.record("http.response.body.size", answer.body.len());
            if answer.status.is_client_error() || answer.status.is_server_error() {
                span.record("error.type", answer.status.as_str());
                span.record("otel.status_code", "ERROR");
            }
        }
        Err(error) => {
            span.record("error.type", error.kind().as_str());
            span.record("otel.status_code", "ERROR");
        }
    }
}
