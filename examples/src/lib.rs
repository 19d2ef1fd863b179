//! What the example programs share.

pub mod quickstart;
pub mod sim;
pub mod unlock_cli;
