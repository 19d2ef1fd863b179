//! What a tap leaves behind: nothing that sends, and nothing that hangs.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use elevate_access::{
    AccessProvider, Audited, Auditor, Cause, Check, Context, Error, Freshness, Grant, Grants,
    Health, Identity, Notification, Notified, Occupant, Outcome, ProviderInfo, System, Tap,
    TapQuery, TapState, UnlockPermit, VendorDoorId, Verdict,
};
use tokio::{
    runtime::{Builder, Runtime},
    time::{Instant, sleep, timeout},
};

use crate::house::{House, millis, seconds, tap_id};

/// A provider that never answers an order, and hands its permit on.
#[derive(Debug, Default)]
struct Silent {
    opens: bool,
    permit: Mutex<Option<UnlockPermit>>,
    has_ended: AtomicBool,
    /// Panics when its order is let go.
    breaks: bool,
}

impl Silent {
    fn in_house(self) -> (House, Arc<Self>) {
        let (house, silent) = (House::new(), Arc::new(self));
        house.connections.connect(&house.building, house.door.connection(), silent.clone());
        (house, silent)
    }
}

struct Ends<'s>(&'s Silent);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        self.0.has_ended.store(true, Ordering::SeqCst);
        assert!(!self.0.breaks, "a bug in a guard of a provider");
    }
}

#[async_trait]
impl AccessProvider for Silent {
    fn info(&self) -> ProviderInfo {
        ProviderInfo::new(System::new("Silent", "its console"), Identity::Unit)
    }
    async fn grants(&self, _: &Context, _: &Occupant, _: Freshness) -> Result<Grants, Error> {
        let doors = vec![Grant::new(VendorDoorId::new("front").unwrap(), "Front door")];
        Ok(Grants { doors, problems: Vec::new(), good_until: Instant::now() + seconds(60) })
    }
    async fn unlock(
        &self,
        _: &Context,
        _: &Occupant,
        _: &VendorDoorId,
        permit: UnlockPermit,
    ) -> Verdict {
        let _ends = Ends(self);
        if self.opens {
            permit.open().await;
        }
        *self.permit.lock().unwrap() = Some(permit);
        std::future::pending().await
    }
    async fn explain(&self, _: &Context, _: &Occupant, _: Option<&VendorDoorId>) -> Vec<Check> {
        Vec::new()
    }
    async fn check(&self, _: &Context) -> Health {
        Health::ok()
    }
    async fn audit(&self, _: &Context, _: &Auditor) -> Result<Audited, Error> {
        Ok(Audited::default())
    }
    async fn notified(&self, _: &Context, _: &Notification<'_>) -> Result<Notified, Error> {
        Err(Error::new(Cause::DeliveryRefused))
    }
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

#[test]
fn a_runtime_that_ends_shuts_the_gates_of_its_taps() {
    let first = runtime();
    let silent = first.block_on(async {
        let (house, silent) = Silent::default().in_house();
        let waited = timeout(Duration::from_millis(200), house.tap()).await;
        assert!(waited.is_err(), "its order is not let go yet");
        silent
    });
    drop(first);
    // A wire may have a runtime of its own, which goes on.
    let permit = silent.permit.lock().unwrap().take().unwrap();
    assert!(!runtime().block_on(permit.open()), "an order that nobody would hear of");
}

#[tokio::test(start_paused = true)]
async fn what_hangs_in_a_provider_ends_with_its_tap() {
    for opens in [false, true] {
        let (house, silent) = Silent { opens, ..Silent::default() }.in_house();
        let told = house.tap().await;
        assert_eq!(matches!(told, Ok(Outcome::Unknown(_))), opens, "{told:?}");
        sleep(seconds(1)).await;
        assert!(silent.has_ended.load(Ordering::SeqCst), "it hangs on in a task that nobody ends");
    }
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_panics_when_its_order_is_let_go_leaves_the_tap_settled() {
    for (opens, id) in [(false, None), (false, Some("t")), (true, None), (true, Some("t"))] {
        let (house, _) = Silent { opens, breaks: true, ..Silent::default() }.in_house();
        let tap = || id.map_or_else(Tap::now, tap_id);
        let told = house.access.unlock(&house.jane, &house.door, tap()).await;
        assert_eq!(matches!(told, Ok(Outcome::Unknown(_))), opens, "{told:?}");
        sleep(millis(1)).await;
        let written = house.access.taps(&TapQuery::new().of(&house.jane)).await.unwrap();
        let states: Vec<_> = written.iter().map(|record| &record.state).collect();
        match (opens, states.as_slice()) {
            (false, []) | (true, [TapState::Settled { .. }]) => {}
            other => panic!("{other:?}"),
        }
    }
}
