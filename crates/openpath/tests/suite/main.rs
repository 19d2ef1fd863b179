//! The client and the provider against a stand-in for Openpath, in memory and in paused time.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]
#![expect(
    clippy::redundant_closure_for_method_calls,
    reason = "`openpath.suspend()` tells the story"
)]

mod client;
mod emails;
mod fixtures;
mod provider;
mod secrets;
mod support;
