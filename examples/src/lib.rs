//! What the example programs share.

/// The root README's code, compiled.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;

pub mod audit;
pub mod chaos;
pub mod diagnose;
pub mod first_tap;
pub mod idle_load;
pub mod names;
pub mod overload;
pub mod quickstart;
pub mod sim;
pub mod stand_ins;
pub mod telemetry;
pub mod third_provider;
pub mod unlock_cli;
pub mod waiting;
