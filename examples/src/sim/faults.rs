//! Every fault at every step, drawn.

use std::time::Duration;

use elevate_access_testkit::{Fault, FaultKind, Reply};
use fastrand::Rng;

use super::cast::Vendor;

/// The steps of both flows, by how their paths end, and whether the step is the order itself.
const STEPS: [(Vendor, &str, bool); 11] = [
    (Vendor::Openpath, "/auth/login", false),
    (Vendor::Openpath, "/users/list", false),
    (Vendor::Openpath, KEYS, false),
    (Vendor::Openpath, "/credentialTypes", false),
    (Vendor::Openpath, "/entries", false),
    (Vendor::Openpath, "/cloudKeyEntryUnlock", true),
    (Vendor::Seam, "/devices/list", false),
    (Vendor::Seam, "/spaces/list", false),
    (Vendor::Seam, "/locks/unlock_door", true),
    (Vendor::Seam, "/locks/unlock_door", true),
    (Vendor::Seam, "/action_attempts/get", false),
];

/// Where keys are listed, and made.
pub(super) const KEYS: &str = "/credentials";

/// A step and what goes wrong with it.
pub(super) fn draw(dice: &mut Rng) -> (Vendor, &'static str, Fault) {
    let (vendor, path, order) = STEPS[dice.usize(..STEPS.len())];
    let kind = kind(dice, path);
    // A vendor that acts and then says that it certainly did not is beyond what L4 can see through; nor L9, where
    // the key that was made is not listed yet.
    let denies = match &kind {
        FaultKind::Instead(r) if order => matches!(r.status, 400 | 401 | 404 | 429),
        FaultKind::Instead(r) if path == KEYS => matches!(r.status, 401 | 403 | 404 | 429),
        _ => false,
    };
    let acted = dice.bool() && !denies;
    (vendor, path, Fault { kind, acted })
}

/// The steps of one vendor's readings, each failing in a way of its own: for so long, nothing is known anew.
pub(super) fn outage(dice: &mut Rng) -> (Vendor, Vec<(&'static str, Fault)>) {
    let vendor = if dice.bool() { Vendor::Openpath } else { Vendor::Seam };
    let readings = STEPS.iter().filter(|(of, _, order)| *of == vendor && !order);
    let faults =
        readings.map(|(_, path, _)| (*path, Fault { kind: kind(dice, path), acted: false }));
    (vendor, faults.collect())
}

fn kind(dice: &mut Rng, path: &str) -> FaultKind {
    match dice.u8(..14) {
        0 => FaultKind::Refuse,
        1 => FaultKind::SlowConnect(Duration::from_millis(dice.u64(500..7_000))),
        2 => FaultKind::Reset,
        3 => FaultKind::Stall,
        4 => FaultKind::Trickle(Duration::from_millis(dice.u64(1..200))),
        5 => FaultKind::Cut,
        6 => FaultKind::invalid_json(),
        7 => FaultKind::html_200(),
        8 => FaultKind::oversized(9 * 1024 * 1024),
        9 => FaultKind::compressed_bomb(),
        10 => {
            let status = [301, 302, 303, 307, 308][dice.usize(..5)];
            // Back to the same place, where a client that follows would order anew.
            FaultKind::redirect(status, path)
        }
        11 => {
            let status = [500, 502, 503, 504, 521][dice.usize(..5)];
            FaultKind::Instead(Reply::json(status, "{}").header("retry-after", "1"))
        }
        12 => {
            let status = [400, 401, 403, 404, 408, 409, 422][dice.usize(..7)];
            let body = r#"{"statusCode":400,"error":"Bad Request","message":"no"}"#;
            FaultKind::status(status, body)
        }
        _ => match dice.u8(..3) {
            0 => FaultKind::Instead(Reply::json(429, "{}").header("retry-after", "2")),
            1 => FaultKind::Instead(Reply::json(202, "{}")),
            _ => FaultKind::deep_json(100_000),
        },
    }
}
