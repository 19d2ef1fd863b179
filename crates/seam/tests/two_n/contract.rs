//! The contract that every provider keeps.

use elevate_access_testkit::contract::{self, Behind, Stage};

use super::house::{House, door, maple, resident, secs};

fn stage() -> Stage {
    let House { vendor, directory, connections, clock, .. } = House::of(maple());
    Stage {
        directory,
        connections,
        clock,
        resident: resident("jane"),
        stranger: resident("omar"),
        door: door("dev-gate"),
        backstage: Box::new(Behind {
            vendor,
            order_path: elevate_access_testkit::seam::ORDER_PATH,
            revoke: |seam| {
                seam.move_device("dev-gate", &[]);
            },
            writes: |seam| seam.forbidden().len(),
        }),
        grant_age: secs(300),
    }
}

#[tokio::test(start_paused = true)]
async fn two_n_keeps_the_contract() {
    contract::run_all(stage).await;
}
