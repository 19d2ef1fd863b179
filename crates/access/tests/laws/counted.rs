//! What is counted: by outcome, cause and system, and never by whom or where.

use std::collections::BTreeMap;

use elevate_access::Tap;
use elevate_access_testkit::{Fault, FaultKind};
use metrics_util::debugging::{DebugValue, DebuggingRecorder};
use tokio::time::sleep;

use crate::house::{House, millis, seconds, tap_id};

#[tokio::test(start_paused = true)]
async fn taps_are_counted_by_outcome_cause_and_system() {
    let recorder = DebuggingRecorder::new();
    let _local = metrics::set_default_local_recorder(&recorder);
    let house = House::new();
    let slow = Fault::before(FaultKind::SlowConnect(millis(500)));
    house.vendor.faults(|f| f.next_on("/open", slow));
    let (led, joined) = tokio::join!(house.tap_with("a"), house.tap());
    led.unwrap();
    joined.unwrap();
    house.vendor.faults(|f| f.next_on("/open", Fault::after(FaultKind::Reset)));
    house.tap().await.unwrap();
    house.vendor.faults(|f| f.next_on("/open", Fault::before(FaultKind::Refuse)));
    house.tap().await.unwrap_err();
    house.access.unlock(&house.tom, &house.door, Tap::now()).await.unwrap_err();
    house.access.unlock(&house.jane, &house.door, Tap::aged(seconds(6))).await.unwrap_err();
    house.access.unlock(&house.jane, &house.door, tap_id("a")).await.unwrap();
    sleep(seconds(1)).await;

    let mut lines = BTreeMap::new();
    for (key, _, _, value) in recorder.snapshotter().snapshot().into_vec() {
        let labels: Vec<_> =
            key.key().labels().map(|label| format!("{}={}", label.key(), label.value())).collect();
        let value = match value {
            DebugValue::Counter(count) => count.to_string(),
            DebugValue::Gauge(value) => value.to_string(),
            DebugValue::Histogram(values) => format!("{values:?}"),
        };
        lines.insert(format!("{} {}", key.key().name(), labels.join(" ")), value);
    }
    let lines: Vec<_> = lines.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    let lines = lines.join("\n");
    insta::assert_snapshot!(lines, @r"
    elevate.order.duration outcome=opened system=Memory: [0.0]
    elevate.orders system=Memory: 2
    elevate.tap.duration outcome=opened system=Memory: [0.5, 0.5]
    elevate.tap.duration outcome=opened system=none: [0.0]
    elevate.tap.duration outcome=refused system=Memory: [0.0]
    elevate.tap.duration outcome=refused system=none: [0.0, 0.0]
    elevate.tap.duration outcome=unknown system=Memory: [0.0]
    elevate.taps outcome=opened cause=none system=Memory: 2
    elevate.taps outcome=opened cause=none system=none: 1
    elevate.taps outcome=refused cause=door_not_granted system=none: 1
    elevate.taps outcome=refused cause=tap_too_old system=none: 1
    elevate.taps outcome=refused cause=vendor_unreachable system=Memory: 1
    elevate.taps outcome=unknown cause=answer_lost system=Memory: 1
    ");
    for id in ["jane", "tom", "front", "memory-1", "b1", "u1"] {
        assert!(!lines.contains(id), "{id}: {lines}");
    }
}
