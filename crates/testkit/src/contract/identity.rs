//! What holds of whom a provider takes somebody for.

use elevate_access::{Directory as _, Freshness, Resident, ResidentId};

use super::Stage;

/// Doors follow the e-mail and the unit, at once: two residents who exchange both exchange their doors, whatever was
/// remembered of either (L1).
///
/// Does not hold of a vendor that [knows the host's ids](crate::Model::knows_host_ids), and is not tried there.
pub async fn doors_follow_the_email_and_the_unit(stage: Stage) {
    if stage.backstage.knows_host_ids() {
        return;
    }
    let access = stage.access();
    for who in [&stage.resident, &stage.stranger] {
        let list = access.doors(who, Freshness::Cached).await;
        list.unwrap_or_else(|e| panic!("no list: {e}"));
    }
    let mut one = resident(&stage, &stage.resident).await;
    let mut other = resident(&stage, &stage.stranger).await;
    std::mem::swap(&mut one.id, &mut other.id);
    stage.directory.put(one);
    stage.directory.put(other);

    let list = access.doors(&stage.resident, Freshness::Cached).await;
    let list = list.unwrap_or_else(|e| panic!("no list: {e}"));
    assert!(list.doors.iter().all(|d| d.id != stage.door), "as somebody else: {list:?}");
    let tapped = stage.tap(&access).await;
    assert!(tapped.is_err(), "{tapped:?}");
    stage.expect_no_order("for somebody else by now");

    let list = access.doors(&stage.stranger, Freshness::Cached).await;
    let list = list.unwrap_or_else(|e| panic!("no list: {e}"));
    assert!(list.doors.iter().any(|d| d.id == stage.door), "the door is missing: {list:?}");
}

async fn resident(stage: &Stage, id: &ResidentId) -> Resident {
    let resident = stage.directory.resident(id).await.ok().flatten();
    resident.unwrap_or_else(|| panic!("the directory does not know {id}"))
}
