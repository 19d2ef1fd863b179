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
async fn not_remote_refused_at_once() {
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
    assert_eq!(house.refused("jane", "dev-1").await, Cause::DoorUnmanaged);
    let (jane, lobby) = (super::house::resident("jane"), super::house::door("dev-1"));
    let diagnosis = house.access.diagnose(&jane, Some(&lobby)).await.unwrap();
    assert_eq!(diagnosis.first_failure().unwrap().cause(), Cause::DoorUnmanaged, "{diagnosis}");
    assert_eq!(house.vendor.ledger().orders(), []);
}

#[tokio::test(start_paused = true)]
async fn privacy_mode_refused_at_once() {
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
    ] {
        is_remarked_and_opens(device, Cause::DoorOffline).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_signed_out_account_does_not_lock_out_and_is_what_has_to_be_mended() {
    is_remarked_and_opens(lobby().error("account_disconnected"), Cause::SignInNeeded).await;
    // Its devices are offline too, which nobody can mend at the door.
    let device = lobby().offline().error("account_disconnected");
    is_remarked_and_opens(device, Cause::SignInNeeded).await;
}

/// Listed with a remark that says since when if Seam does; a tap is sent all the same.
async fn is_remarked_and_opens(device: Device, cause: Cause) {
    let house = House::of(with(device));
    let door = house.door("jane", "dev-1").await;
    assert_eq!(door.blocked, None);
    let notice = door.notice.unwrap();
    assert_eq!((notice.cause(), notice.subject()), (cause, Some("Lobby")));
    let outcome = house.tap("jane", "dev-1").await.unwrap();
    assert!(matches!(outcome, Outcome::Opened(_)), "{outcome:?}");
    assert_eq!(house.vendor.ledger().opened("dev-1"), 1);
}

#[tokio::test(start_paused = true)]
async fn an_offline_door_says_since_when() {
    let house = House::of(with(lobby().offline()));
    let notice = house.door("jane", "dev-1").await.notice.unwrap();
    assert_eq!(notice.known_since().unwrap().to_string(), "2026-01-05T09:00:00Z");
    assert_eq!(notice.detail(), Some("Seam reports device_offline, for 56 days"));
    assert!(notice.for_manager().contains("2026-01-05"), "{}", notice.for_manager());

    // A flag without an error is of an age that nobody tells.
    let house = House::of(with(lobby().online(false)));
    let notice = house.door("jane", "dev-1").await.notice.unwrap();
    assert_eq!(notice.known_since(), None);
}

#[tokio::test(start_paused = true)]
async fn a_moment_that_has_not_come_yet_is_no_age() {
    let list = |created: serde_json::Value| {
        serde_json::json!({
            "devices": [{
                "device_id": "dev-1", "device_type": "two_n_intercom", "display_name": "Lobby",
                "can_remotely_unlock": true, "space_ids": ["sp-101"],
                "errors": [{ "error_code": "device_offline", "created_at": created }],
            }],
            "ok": true,
        })
    };
    for created in ["9999-01-01T00:00:00Z".into(), "yesterday".into(), 7.into(), ().into()] {
        let house = House::of(with(lobby()));
        let list = list(created).to_string();
        house.vendor.with(|seam| seam.reply_to("/devices/list", 200, list).requests(""));
        let notice = house.door("jane", "dev-1").await.notice.unwrap();
        assert_eq!(notice.detail(), Some("Seam reports device_offline"));
    }
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
async fn warnings_do_not_lock_out() {
    for device in [
        lobby().warning("unreliable_online_status").warning("device_communication_degraded"),
        lobby().warning("hub_required_for_additional_capabilities").warning("provider_issue"),
        lobby().warning("two_n_device_missing_timezone").warning("scheduled_maintenance_window"),
        lobby().error("relay_firmware_mismatch").warning("door_held_open"),
    ] {
        let house = House::of(with(device));
        let door = house.door("jane", "dev-1").await;
        assert_eq!((door.blocked, door.notice), (None, None));
        assert!(matches!(house.tap("jane", "dev-1").await, Ok(Outcome::Opened(_))));
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
    device["workspace_id"] = serde_json::json!("workspace-1");
    let list = serde_json::json!({ "devices": [device], "ok": true });
    let house = House::of(with(lobby()));
    house.vendor.with(|seam| seam.reply_to("/devices/list", 200, list.to_string()).requests(""));
    let name = house.sees("jane").await.remove(0);
    assert!(!name.contains(['\n', '\u{1b}', '\u{202e}']) && name.len() <= 800, "{name:?}");
}
