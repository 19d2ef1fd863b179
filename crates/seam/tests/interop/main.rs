//! Against what others wrote: Seam's own fake, and the library that signs Seam's webhooks.
//!
//! They are npm packages. Where one of them or Node is missing, its tests say so in one line and pass, unless
//! `ELEVATE_REQUIRE_INTEROP=1` is set. To install them:
//!
//! ```sh
//! npm install --prefix target/interop --omit=optional --no-audit --no-fund --save-exact \
//!     @seamapi/fake-seam-connect@1.86.0 svix@2.5.0
//! ```
//!
//! What the fake cannot show is left to the stand-in of the test kit: it has no 2N device, no spaces, no
//! rights, no rate limits, and it unlocks whatever it is asked to.

#![cfg(feature = "rustls")]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod client;
mod events;
mod fake;
mod installed;
mod setup;
mod skipping;
mod svix;
mod two_n;

use std::time::Duration;

use elevate_seam::{DeviceId, Instant};

/// What the fake is seeded with.
mod seed {
    pub(crate) const WORKSPACE: &str = "seed_workspace_1";
    pub(crate) const KEY: &str = "seam_apikey1_token";
    pub(crate) const FRONT: &str = "august_device_1";
    pub(crate) const BACK: &str = "august_device_2";
    pub(crate) const GATE: &str = "schlage_device_id";
    pub(crate) const THERMOSTAT: &str = "ecobee_device_1";
}

fn device(id: &str) -> DeviceId {
    DeviceId::new(id).unwrap()
}

fn in_ms(millis: u64) -> Instant {
    Instant::now() + Duration::from_millis(millis)
}

fn soon() -> Instant {
    in_ms(5000)
}
