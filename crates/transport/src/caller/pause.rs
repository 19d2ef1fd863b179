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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_pause_grows_within_its_step_and_heeds_the_peer(
            resend in 0..40_u32,
            seed: u64,
            wish in proptest::option::of(0..100_000_u64),
        ) {
            let wish = wish.map(Duration::from_millis);
            let pause = before_next(resend, wish, &mut fastrand::Rng::with_seed(seed));
            let step = Duration::from_millis(100 * 2_u64.pow(resend.min(5))).min(LONGEST);
            prop_assert!(pause >= wish.unwrap_or_default());
            prop_assert!(pause >= step / 2);
            prop_assert!(pause <= step.max(wish.unwrap_or_default()));
        }
    }

    #[test]
    fn callers_do_not_pause_in_step() {
        let mut jitter = fastrand::Rng::with_seed(7);
        let pauses: Vec<_> = (0..20).map(|_| before_next(0, None, &mut jitter)).collect();
        assert!(pauses.windows(2).all(|pair| pair[0] != pair[1]), "{pauses:?}");
    }
}
