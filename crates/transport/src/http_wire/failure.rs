use http::StatusCode;

use super::body::Progress;
use crate::{Delivery, WireError, WireErrorKind};

/// Why there is no answer's head, or none that counts.
pub(super) enum Cause {
    /// The attempt's deadline came.
    Deadline,
    /// The peer answered although the body had not started.
    AnsweredEarly(StatusCode),
    /// What reqwest says.
    Reqwest(reqwest::Error),
}

/// The one place where an attempt without an answer becomes an error, and where the URL is taken off.
///
/// `progress` is how far the body came; `None` for a request without one.
pub(super) fn failure(progress: Option<Progress>, cause: Cause) -> WireError {
    let never_connected = matches!(&cause, Cause::Reqwest(error) if error.is_connect());
    let unusable = matches!(&cause, Cause::Reqwest(error) if error.is_builder());
    let delivery = match progress {
        Some(Progress::NotStarted | Progress::GateShut) => Delivery::NeverSent,
        Some(Progress::Started) => Delivery::MaybeSent,
        // Without a body there is nothing to watch but the connection.
        None if never_connected || unusable => Delivery::NeverSent,
        None => Delivery::MaybeSent,
    };
    let kind = match &cause {
        _ if progress == Some(Progress::GateShut) => WireErrorKind::GateShut,
        Cause::Deadline => WireErrorKind::Timeout,
        Cause::AnsweredEarly(_) => WireErrorKind::Broken,
        Cause::Reqwest(_) if unusable => WireErrorKind::Unusable,
        Cause::Reqwest(_) if never_connected => WireErrorKind::Connect,
        Cause::Reqwest(error) if error.is_timeout() => WireErrorKind::Timeout,
        Cause::Reqwest(_) => WireErrorKind::Broken,
    };
    let error = WireError::new(kind, delivery);
    match cause {
        Cause::Deadline => error,
        Cause::AnsweredEarly(status) => error.with_early_status(status),
        Cause::Reqwest(source) => error.with_source(source.without_url()),
    }
}
