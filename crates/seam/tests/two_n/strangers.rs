//! Whose words and whose doors: an answer that names our own key, and devices of nobody's account.

use elevate_access::{Cause, Outcome};
use elevate_access_testkit::seam::Seam;
use elevate_seam::{ConnectedAccountId, DeviceId, Units};
use serde_json::json;

use super::house::{House, KEY, maple};

#[tokio::test(start_paused = true)]
async fn an_attempt_by_the_name_of_our_key_is_no_opening_and_is_not_asked_for() {
    for status in ["success", "pending", "error"] {
        let house = House::of(maple());
        house.doors("jane").await;
        let body = json!({ "ok": true, "action_attempt": {
            "action_attempt_id": KEY, "action_type": "UNLOCK_DOOR", "status": status,
            "result": { "was_confirmed_by_device": true }, "error": null,
        } });
        house.vendor.with(|seam| {
            seam.act_then_reply_to("/locks/unlock_door", 200, body.to_string()).requests("")
        });
        let outcome = house.tap("jane", "dev-gate").await.unwrap();
        let Outcome::Unknown(receipt) = &outcome else { panic!("{status}: {outcome:?}") };
        assert_eq!(receipt.reference, None);
        assert_eq!(receipt.reason.as_ref().unwrap().cause(), Cause::AnswerUnclear);
        assert!(!format!("{outcome:?}").contains(KEY), "{outcome:?}");
        assert_eq!(house.vendor.requests_on("/action_attempts/get"), 0);
        assert_eq!(house.vendor.ledger().taken("dev-gate"), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_device_that_says_of_no_account_is_no_door_of_a_pinned_connection() {
    let pin = || [ConnectedAccountId::new("account-1").unwrap()];
    // An account's id that cannot be one says as little as none.
    for account in [json!(null), json!(7), json!("account 1"), json!("account-1\u{200b}")] {
        let device = json!({
            "device_id": "dev-stray", "device_type": "two_n_intercom", "display_name": "Stray",
            "can_remotely_unlock": true, "is_managed": true, "space_ids": ["sp-101"],
            "errors": [], "warnings": [], "connected_account_id": account,
        });
        let listed = json!({ "ok": true, "devices": [device] }).to_string();
        let seam = || -> Seam {
            let mut seam = maple();
            seam.reply_to("/devices/list", 200, listed.clone());
            seam
        };
        assert_eq!(House::of(seam()).sees("jane").await, ["Stray"], "a vain test");

        let table =
            Units::Table(vec![("101".to_owned(), vec![DeviceId::new("dev-stray").unwrap()])]);
        for units in [Units::Spaces, table] {
            let house = House::with(seam(), |s| s.units(units).connected_accounts(pin()));
            assert_eq!(house.sees("jane").await, [] as [&str; 0], "{account}");
            assert!(house.tap("jane", "dev-stray").await.is_err(), "{account}");
            assert_eq!(house.vendor.ledger().orders(), [], "{account}");
        }
    }
}
