use std::time::Duration;

/// The wait before the first repeat; it doubles with each one after.
const FIRST: Duration = Duration::from_millis(100);
/// The longest wait that is ours. The peer may ask for more.
const LONGEST: Duration = Duration::from_secs(2);

/// How long to wait after an attempt that was the `resend`-th repeat (0: the first attempt).
///
/// Between half and the whole of an exponential step, drawn from `jitter`; or what the peer asked for,
/// if that is longer. The jitter is always drawn, so that one answer's header does not shift the draws
/// of everything after it.
pub(super) fn before_next(
    resend: u32,
    not_within: Option<Duration>,
    jitter: &mut fastrand::Rng,
) -> Duration {
    let step = FIRST.saturating_mul(1 << resend.min(8)).min(LONGEST);
    let ours = step / 2 + (step / 2).mul_f64(jitter.f64());
    ours.max(not_within.unwrap_or_default())
}
