use std::{sync::Arc, time::Duration};

use elevate_access::{MemoryConnections, MemoryDirectory, ResidentId};
use elevate_access_testkit::{
    MemoryWire, TestClock, Vendor,
    contract::{self, Behind, Stage},
    openpath::{Filtering, Openpath, User},
};
use elevate_openpath::OpenpathProvider;

use crate::support::{building, client_over, door, email_of, jane, openpath};

fn stage(openpath: Openpath) -> Stage {
    let (vendor, clock) = (Vendor::new(openpath), TestClock::new());
    let wire = MemoryWire::new(vendor.clone(), clock);
    let provider = OpenpathProvider::new(client_over(Arc::new(wire)));
    let (directory, connections) = (MemoryDirectory::new(), MemoryConnections::new());
    for (name, email) in [("jane", "jane@example.com"), ("sam", "sam@example.com")] {
        let unit = elevate_access::Unit::new(elevate_access::UnitId::new(name).unwrap(), name);
        directory.put(
            elevate_access::Resident::new(ResidentId::new(name).unwrap())
                .with_email(email_of(email))
                .with_residency(elevate_access::Residency::current(building(), unit)),
        );
    }
    Stage::connect(&connections, &building(), "openpath", Arc::new(provider));
    Stage {
        directory,
        connections,
        clock,
        resident: ResidentId::new("jane").unwrap(),
        stranger: ResidentId::new("sam").unwrap(),
        door: door("4401"),
        backstage: Box::new(Behind {
            vendor,
            order_path: elevate_access_testkit::openpath::ORDER_PATH,
            revoke: |openpath| openpath.remove_entry(7001, 4401),
        }),
        grant_age: Duration::from_mins(10),
    }
}

#[tokio::test(start_paused = true)]
async fn the_contract_is_kept() {
    contract::run_all(|| stage(openpath().user(jane()))).await;
}

#[tokio::test(start_paused = true)]
async fn the_contract_is_kept_for_a_stranger_who_is_a_user_too() {
    contract::run_all(|| {
        stage(openpath().user(jane()).user(User::active(7002, "sam@example.com")))
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn the_contract_is_kept_whatever_the_filter_does() {
    for filtering in [Filtering::Ignored, Filtering::Refused, Filtering::FindsNobody] {
        contract::run_all(|| {
            stage(openpath().user(jane()).behaving(|it| it.pre_filter = filtering))
        })
        .await;
    }
}
