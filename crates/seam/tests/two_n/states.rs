//! What a device's state does to its door: refused at once, listed with a remark, or nothing.

use elevate_access::{Cause, Outcome};
use elevate_access_testkit::seam::{Device, OnUnfit, Seam, Unfit, fixture};

use super::house::{House, KEY};

/// One door in that state, in 101.
fn with(device: Device) -> Seam {
    let mut seam = Seam::new(KEY).space("sp-101", "101").device(device.in_spaces(["sp-101"]));
    // Whatever the vendor would say: a refusal here is ours.
    for unfit in [Unfit::Removed, Unfit::NotUnlockable, Unfit::PrivacyMode, Unfit::Offline] {
        seam.unlock_of(unfit, OnUnfit::AsUsual);
    }
    seam
}

fn lobby() -> Device {
    Device::two_n("dev-1", "Lobby")
}

/// Listed, with the reason; a tap sends nothing and says the same.
async fn is_refused(device: Device, cause: Cause) {
    let house = House::of(with(device));
    let door = house.door("jane", "dev-1").await;
    let blocked = door.blocked.unwrap();
    assert_eq!((blocked.cause(), blocked.subject()), (cause, Some("Lobby")));
    assert_eq!(house.refused("jane", "dev-1").await, cause);
    assert_eq!(house.vendor.ledger().orders(), []);
}

#[tokio::test(start_paused = true)]
async fn removed_device_refused_at_once() {
    is_refused(lobby().error("device_removed"), Cause::DoorRemoved).await;
}

#[tokio::test(start_paused = true)]
async fn device_without_can_remotely_unlock_is_refused() {
    is_refused(lobby().can_remotely_unlock(None), Cause::DoorNotRemote).await;
    is_refused(lobby().can_remotely_unlock(Some(false)), Cause::DoorNotRemote).await;
}

#[tokio::test(start_paused = true)]
async fn a_device_that_seam_does_not_manage_is_refused() {
    let list = serde_json::json!({
        "devices": [{
            "device_id": "dev-1", "device_type": "two_n_intercom", "display_name": "Lobby",
            "can_remotely_unlock": true, "is_managed": false, "space_ids": ["sp-101"],
        }],
        "ok": true,
    });
    let house = House::of(with(lobby()));
    house.vendor.with(|seam| seam.reply_to("/devices/list", 200, list.to_string()).requests(""));
    assert_eq!(house.refused("jane", "dev-1").await, Cause::DoorNotRemote);
    assert_eq!(house.vendor.ledger().orders(), []);
}

#[tokio::test(start_paused = true)]
async fn device_in_privacy_mode_refused_at_once() {
    is_refused(lobby().warning("privacy_mode"), Cause::DoorPrivate).await;
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_mended_by_waiting_is_said_first() {
    let device = lobby().error("device_removed").warning("privacy_mode").can_remotely_unlock(None);
    is_refused(device, Cause::DoorRemoved).await;
}

#[tokio::test(start_paused = true)]
async fn offline_flag_does_not_lock_out() {
    for device in [
        lobby().offline(),
        lobby().online(false),
        lobby().error("device_disconnected"),
        lobby().error("hub_disconnected"),
        lobby().error("bridge_disconnected"),
        lobby().error("account_disconnected"),
    ] {
        let house = House::of(with(device));
        let door = house.door("jane", "dev-1").await;
        assert_eq!(door.blocked, None);
        assert_eq!(door.notice.map(|notice| notice.cause()), Some(Cause::DoorOffline));
        let outcome = house.tap("jane", "dev-1").await.unwrap();
        assert!(matches!(outcome, Outcome::Opened(_)), "{outcome:?}");
        assert_eq!(house.vendor.ledger().opened("dev-1"), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn an_offline_door_says_since_when() {
    let house = House::of(with(lobby().offline()));
    let notice = house.door("jane", "dev-1").await.notice.unwrap();
    let detail = notice.detail().unwrap();
    assert!(detail.contains("device_offline") && detail.contains("since 2026-01-05"), "{detail}");
}

#[tokio::test(start_paused = true)]
async fn missing_rights_at_the_device_are_remarked_and_do_not_lock_out() {
    for code in ["missing_device_credentials", "subscription_required"] {
        let house = House::of(with(lobby().error(code)));
        let door = house.door("jane", "dev-1").await;
        assert_eq!(door.notice.map(|notice| notice.cause()), Some(Cause::RightsMissing));
        assert!(house.tap("jane", "dev-1").await.is_ok());
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_not_known_to_matter_is_not_held_against_a_door() {
    for device in [
        lobby().warning("two_n_device_missing_timezone").warning("scheduled_maintenance_window"),
        lobby().error("relay_firmware_mismatch").warning("door_held_open"),
    ] {
        let door = House::of(with(device)).door("jane", "dev-1").await;
        assert_eq!((door.blocked, door.notice), (None, None));
    }
}

#[tokio::test(start_paused = true)]
async fn a_door_is_called_what_people_call_it() {
    let house = House::of(with(lobby().nickname("Garden gate")));
    assert_eq!(house.sees("jane").await, ["Garden gate"]);
    for blank in ["", " ", "\u{200b}"] {
        let house = House::of(with(Device::two_n("dev-1", blank)));
        assert_eq!(house.sees("jane").await, ["dev-1"], "{blank:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_hostile_name_is_harmless_on_the_list() {
    let device: serde_json::Value =
        serde_json::from_str(fixture("device-hostile-names.json").unwrap()).unwrap();
    let mut device = device["device"].clone();
    device["space_ids"] = serde_json::json!(["sp-101"]);
    let list = serde_json::json!({ "devices": [device], "ok": true });
    let house = House::of(with(lobby()));
    house.vendor.with(|seam| seam.reply_to("/devices/list", 200, list.to_string()).requests(""));
    let name = house.sees("jane").await.remove(0);
    assert!(!name.contains(['\n', '\u{1b}', '\u{202e}']) && name.len() <= 800, "{name:?}");
}
