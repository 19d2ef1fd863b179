//! Connecting an account: a link, a sign-in, a first sync.

use std::collections::VecDeque;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::events::Events;
use super::json::{Object, object, text};
use super::world::World;
use super::{Account, Device};

/// A part of every connect link that is made here. It stands for a secret, which may show nowhere but where somebody
/// asked for the link, and reads as what it is: made up.
pub const LINK_SECRET: &str = "made-up-and-connects-nothing";

/// What comes with one sign-in.
#[derive(Clone)]
struct Coming {
    account: Account,
    devices: Vec<Device>,
    unmanaged: Vec<Device>,
}

/// One connect webview.
#[derive(Clone)]
struct Webview {
    fields: Object,
    made: Timestamp,
    /// Whether somebody has signed in by now, and how that went.
    signed_in: Option<bool>,
}

/// The links that were made, and what becomes of them.
#[derive(Clone)]
pub(super) struct Setup {
    webviews: Vec<Webview>,
    sign_in_takes: Option<Duration>,
    sync_takes: Duration,
    next: VecDeque<Coming>,
    syncing: Vec<(Timestamp, Coming)>,
}

impl Setup {
    pub(super) fn new() -> Self {
        Self {
            webviews: Vec::new(),
            sign_in_takes: None,
            sync_takes: Duration::from_secs(3),
            next: VecDeque::new(),
            syncing: Vec::new(),
        }
    }

    pub(super) fn sign_in_takes(&mut self, time: Duration) {
        self.sign_in_takes = Some(time);
    }

    pub(super) fn sync_takes(&mut self, time: Duration) {
        self.sync_takes = time;
    }

    pub(super) fn next_brings(
        &mut self,
        account: Account,
        devices: Vec<Device>,
        unmanaged: Vec<Device>,
    ) {
        self.next.push_back(Coming { account, devices, unmanaged });
    }

    pub(super) fn sign_in(&mut self, webview: &str, works: bool) {
        if let Some(webview) = self.find(webview) {
            webview.signed_in.get_or_insert(works);
        }
    }

    pub(super) fn says(&mut self, webview: &str, field: &str, value: Value) {
        if let Some(webview) = self.find(webview) {
            webview.fields.insert(field.to_owned(), value);
        }
    }

    fn find(&mut self, id: &str) -> Option<&mut Webview> {
        let is_it = |webview: &&mut Webview| text(&webview.fields, "connect_webview_id") == id;
        self.webviews.iter_mut().find(is_it)
    }

    pub(super) fn len(&self) -> usize {
        self.webviews.len()
    }

    /// Makes a link.
    pub(super) fn create(&mut self, given: &Object, workspace: &str, now: Timestamp) -> Value {
        let number = self.webviews.len();
        let id = format!("5ea3c0ec-0000-4000-8000-{number:012x}");
        let or = |name: &str, otherwise: Value| given.get(name).cloned().unwrap_or(otherwise);
        let fields = object(json!({
            "url": format!("https://connect.invalid/view?connect_webview_id={id}&token={LINK_SECRET}"),
            "connect_webview_id": id,
            "workspace_id": workspace,
            "created_at": now.to_string(),
            "status": "pending",
            "login_successful": false,
            "connected_account_id": null,
            "authorized_at": null,
            "selected_provider": null,
            "accepted_providers": or("accepted_providers", json!([])),
            "accepted_devices": [],
            "accepted_capabilities": or("accepted_capabilities", json!(["lock"])),
            "any_provider_allowed": false,
            "any_device_allowed": null,
            "custom_metadata": or("custom_metadata", json!({})),
            "custom_redirect_url": or("custom_redirect_url", Value::Null),
            "custom_redirect_failure_url": or("custom_redirect_failure_url", Value::Null),
            "customer_key": or("customer_key", Value::Null),
            "device_selection_mode": "none",
            "wait_for_device_creation": or("wait_for_device_creation", json!(false)),
            "automatically_manage_new_devices": or("automatically_manage_new_devices", json!(true)),
        }));
        self.webviews.push(Webview { fields: fields.clone(), made: now, signed_in: None });
        Value::Object(fields)
    }

    pub(super) fn get(&self, id: &str) -> Option<&Object> {
        let fields = self.webviews.iter().map(|webview| &webview.fields);
        fields.into_iter().find(|fields| text(fields, "connect_webview_id") == id)
    }

    pub(super) fn list(&self, given: &Object) -> Vec<Value> {
        let key = given.get("customer_key");
        let fields = self.webviews.iter().map(|webview| &webview.fields);
        fields
            .filter(|fields| key.is_none() || fields.get("customer_key") == key)
            .map(|fields| json!(fields))
            .collect()
    }

    /// Whoever was to sign in by now has, and what was to be synced is there.
    pub(super) fn advance(&mut self, now: Timestamp, world: &mut World, events: &mut Events) {
        let later = |at: Timestamp, by: Duration| at.checked_add(by).unwrap_or(Timestamp::MAX);
        let takes = self.sign_in_takes;
        for number in 0..self.webviews.len() {
            let webview = &mut self.webviews[number];
            if text(&webview.fields, "status") != "pending" {
                continue;
            }
            let by_itself = takes.filter(|takes| later(webview.made, *takes) <= now).map(|_| true);
            let Some(works) = webview.signed_in.or(by_itself) else { continue };
            let id = webview.fields.get("connect_webview_id").cloned().unwrap_or_default();
            if !works {
                webview.fields.insert("status".to_owned(), json!("failed"));
                let about = json!({ "connect_webview_id": id });
                events.note("connect_webview.login_failed", about);
                continue;
            }
            let mut coming = self.next.pop_front().unwrap_or_else(|| Coming {
                account: Account::new(&format!("account-of-webview-{number}")),
                devices: Vec::new(),
                unmanaged: Vec::new(),
            });
            if let Some(key) = webview.fields.get("customer_key").filter(|key| !key.is_null()) {
                coming.account.fields.insert("customer_key".to_owned(), key.clone());
            }
            let account = coming.account.fields.get("connected_account_id").cloned();
            let account = account.unwrap_or_default();
            for (field, value) in [
                ("status", json!("authorized")),
                ("login_successful", json!(true)),
                ("connected_account_id", account.clone()),
                ("authorized_at", json!(now.to_string())),
                ("selected_provider", json!("my_2n")),
            ] {
                webview.fields.insert(field.to_owned(), value);
            }
            let about = json!({ "connect_webview_id": id, "connected_account_id": account });
            events.note("connect_webview.login_succeeded", about.clone());
            events.note("connected_account.connected", about);
            world.put_account(coming.account.clone());
            self.syncing.push((later(now, self.sync_takes), coming));
        }
        let (due, syncing) = self.syncing.drain(..).partition(|(due, _)| *due <= now);
        self.syncing = syncing;
        let due: Vec<(Timestamp, Coming)> = due;
        for (_, coming) in due {
            let account = text(&coming.account.fields, "connected_account_id").to_owned();
            for device in coming.devices {
                world.put_device(device.of_account(&account));
            }
            for device in coming.unmanaged {
                world.put_unmanaged(device.of_account(&account));
            }
            let about = json!({ "connected_account_id": account });
            events.note("connected_account.completed_first_sync", about);
        }
    }
}
