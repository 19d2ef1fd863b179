use metrics::{Label, counter, histogram};
use tokio::time::Instant;

use crate::{Answer, Request, WireError};

/// One attempt that is measured, with OpenTelemetry's names for an HTTP client. As little of the request as its span
/// has: no id, no URL.
pub(super) struct Attempt {
    labels: Vec<Label>,
    vendor: &'static str,
    operation: &'static str,
    begun: Instant,
}

pub(super) fn begin(request: &Request, resend: u32) -> Attempt {
    let operation = request.operation.name;
    // `openpath.users.list` is Openpath's.
    let vendor = operation.split('.').next().unwrap_or_default();
    let mut labels = vec![
        Label::new("http.request.method", request.method.as_str().to_owned()),
        Label::from_static_parts("url.template", request.operation.template),
        Label::new("server.address", request.url.host_str().unwrap_or_default().to_owned()),
    ];
    if let Some(port) = request.url.port_or_known_default() {
        labels.push(Label::new("server.port", port.to_string()));
    }
    if resend > 0 {
        counter!("elevate.vendor.retries", "vendor" => vendor, "operation" => operation)
            .increment(1);
    }
    Attempt { labels, vendor, operation, begun: Instant::now() }
}

impl Attempt {
    /// It came to an end. One that was given up by whoever waited for it is not measured.
    pub(super) fn end(mut self, seen: &Result<Answer, WireError>) {
        let status = match seen {
            Ok(answer) => Some(answer.status),
            Err(error) => error.status(),
        };
        if let Some(status) = status {
            self.labels.push(Label::new("http.response.status_code", status.as_str().to_owned()));
        }
        match seen {
            Ok(answer) if answer.status.is_client_error() || answer.status.is_server_error() => {
                self.labels.push(Label::new("error.type", answer.status.as_str().to_owned()));
            }
            Ok(_) => {}
            Err(error) => {
                self.labels.push(Label::from_static_parts("error.type", error.kind().as_str()));
            }
        }
        let class = match status.map(|status| status.as_u16() / 100) {
            Some(1) => "1xx",
            Some(2) => "2xx",
            Some(3) => "3xx",
            Some(4) => "4xx",
            Some(_) => "5xx",
            None => "none",
        };
        let requests = counter!(
            "elevate.vendor.requests",
            "vendor" => self.vendor,
            "operation" => self.operation,
            "status" => class
        );
        requests.increment(1);
        histogram!("http.client.request.duration", self.labels).record(self.begun.elapsed());
    }
}
