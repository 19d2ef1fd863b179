//! Benchmarks of the SDK as a service embeds it: see `benches/`, and `BENCHMARKS.md` for what they measure.
