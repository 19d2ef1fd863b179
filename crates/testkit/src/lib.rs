#![doc = include_str!("../README.md")]

mod bomb;
mod clock;
pub mod contract;
mod fault;
pub mod fault_table;
mod http;
mod ledger;
mod loopback;
mod memory_system;
mod memory_wire;
pub mod openpath;
pub mod postgres;
pub mod seam;
mod spans;
pub mod store_contract;
mod vendor;
mod watched_store;

pub use clock::TestClock;
pub use fault::{Fault, FaultKind, Faults};
pub use http::{Model, Received, Reply};
pub use ledger::{Effect, Ledger, Order};
pub use loopback::Loopback;
pub use memory_system::{MemoryAnswer, MemoryProvider, MemorySystem};
pub use memory_wire::{Latency, MemoryWire};
pub use spans::{KeptSpan, Spans};
pub use vendor::{Seen, Started, Vendor};
pub use watched_store::{Side, StoreCall, WatchedStore};
