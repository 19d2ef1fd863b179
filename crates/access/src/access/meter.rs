//! The front door's metrics. The guide lists them; no id is ever a label.

use std::time::Duration;

use metrics::{counter, histogram};

use crate::System;

/// A tap has ended.
pub(super) fn tap(
    outcome: &'static str,
    cause: Option<&'static str>,
    system: Option<&System>,
    took: Duration,
    sent: Option<Duration>,
) {
    let cause = cause.unwrap_or("none");
    let system = system.map_or_else(|| "none".into(), |system| system.name.clone());
    let label = || system.clone();
    counter!("elevate.taps", "outcome" => outcome, "cause" => cause, "system" => label())
        .increment(1);
    histogram!("elevate.tap.duration", "outcome" => outcome, "system" => label()).record(took);
    let Some(sent) = sent else { return };
    counter!("elevate.orders", "system" => label()).increment(1);
    if outcome != "unknown" {
        histogram!("elevate.order.duration", "outcome" => outcome, "system" => system)
            .record(took.saturating_sub(sent));
    }
}

/// The host's own log of taps misses one.
pub(super) fn missing(why: &'static str) {
    counter!("elevate.tap_log.missing", "why" => why).increment(1);
}
