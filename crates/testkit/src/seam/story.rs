//! The words in which a test tells its story.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::attempts::Pace;
use super::json::text;
use super::{
    Account, AttemptEnd, Delivery, Device, Endless, Key, NextPageUrl, OnUnfit, Seam, Space, Unfit,
};
use crate::Effect;

/// What the workspace holds at the start.
impl Seam {
    /// With a space of that id and name.
    pub fn space(self, id: &str, name: &str) -> Self {
        self.space_with(Space::new(id, name))
    }

    /// With that space.
    pub fn space_with(mut self, space: Space) -> Self {
        self.world.put_space(space);
        self
    }

    /// With that device. Its account comes with it, unless it is there already.
    pub fn device(mut self, device: Device) -> Self {
        self.world.put_device(device);
        self
    }

    /// With that device, which the vendor shows as unmanaged and does not control.
    pub fn unmanaged_device(mut self, device: Device) -> Self {
        self.world.put_unmanaged(device);
        self
    }

    /// With that connected account.
    pub fn account(mut self, account: Account) -> Self {
        self.world.put_account(account);
        self
    }

    /// With that workspace id, in place of `workspace-1`. Say it before adding anything.
    pub fn workspace(mut self, id: &str) -> Self {
        self.world.workspace.insert("workspace_id".to_owned(), json!(id));
        self
    }

    /// As a sandbox workspace; suspended, if it was not used for a while.
    pub fn sandbox(mut self, suspended: bool) -> Self {
        self.world.workspace.insert("is_sandbox".to_owned(), json!(true));
        self.world.workspace.insert("is_suspended".to_owned(), json!(suspended));
        self
    }
}

/// How an account comes to be connected.
impl Seam {
    /// Lets accounts be connected: a link that is made is made, and no write that nobody asked for.
    pub fn being_set_up(mut self) -> Self {
        self.is_set_up = true;
        self
    }

    /// Somebody signs in by each link, that long after it was made. Without this nobody does, unless
    /// [`sign_in`](Self::sign_in) says so.
    pub fn sign_in_takes(&mut self, time: Duration) -> &mut Self {
        self.setup.sign_in_takes(time);
        self
    }

    /// Somebody signs in by that link.
    pub fn sign_in(&mut self, webview: &str) -> &mut Self {
        self.setup.sign_in(webview, true);
        self
    }

    /// Somebody tries to, and it fails.
    pub fn sign_in_fails(&mut self, webview: &str) -> &mut Self {
        self.setup.sign_in(webview, false);
        self
    }

    /// What the next sign-in brings: an account at once, and its devices with the end of its first sync. Without
    /// this it is an account with nothing.
    pub fn next_sign_in_brings(
        &mut self,
        account: Account,
        devices: Vec<Device>,
        unmanaged: Vec<Device>,
    ) -> &mut Self {
        self.setup.next_brings(account, devices, unmanaged);
        self
    }

    /// How long a first sync takes: 3 s if not said otherwise.
    pub fn sync_takes(&mut self, time: Duration) -> &mut Self {
        self.setup.sync_takes(time);
        self
    }

    /// What a webview says in that field, whatever is so.
    pub fn webview_says(&mut self, webview: &str, field: &str, value: Value) -> &mut Self {
        self.setup.says(webview, field, value);
        self
    }

    /// What the vendor posts by then to each webhook, signed with its secret: the events since this was last
    /// asked, in their order. At the vendor they come twice, late, and in any order.
    pub fn deliveries(&mut self, now: Timestamp) -> Vec<Delivery> {
        self.advance(now);
        self.webhooks.deliveries(&self.events.numbered(), now)
    }

    /// How many connect links were made.
    pub fn links_made(&self) -> usize {
        self.setup.len()
    }
}

/// How the world changes while it is served.
impl Seam {
    /// Adds the space, or replaces the one with its id.
    pub fn add_space(&mut self, space: Space) -> &mut Self {
        self.events.note("space.created", json!({ "space_id": text(&space.fields, "space_id") }));
        self.world.put_space(space);
        self
    }

    /// Adds the device, or replaces the one with its id.
    pub fn add_device(&mut self, device: Device) -> &mut Self {
        self.note_device("device.added", text(&device.fields, "device_id"));
        self.world.put_device(device);
        self
    }

    /// Adds the device as one that the vendor does not manage, or makes it so.
    pub fn add_unmanaged_device(&mut self, device: Device) -> &mut Self {
        let id = text(&device.fields, "device_id");
        if self.world.device(id).is_some() {
            self.note_device("device.converted_to_unmanaged", id);
        }
        self.world.put_unmanaged(device);
        self
    }

    /// Adds the account, or replaces the one with its id.
    pub fn add_account(&mut self, account: Account) -> &mut Self {
        self.world.put_account(account);
        self
    }

    /// Gives the space another name, shown and plain. No event tells of it, at the vendor either.
    pub fn rename_space(&mut self, space: &str, name: &str) -> &mut Self {
        if let Some(space) = self.world.space_mut(space) {
            space.insert("name".to_owned(), json!(name));
            space.insert("display_name".to_owned(), json!(name));
        }
        self
    }

    /// Takes the space away; devices forget it.
    pub fn remove_space(&mut self, id: &str) -> &mut Self {
        self.events.note("space.deleted", json!({ "space_id": id }));
        self.world.spaces.retain(|space| text(space, "space_id") != id);
        for device in &mut self.world.devices {
            if let Some(spaces) = device.get_mut("space_ids").and_then(|ids| ids.as_array_mut()) {
                spaces.retain(|space| space != id);
            }
        }
        self
    }

    /// Puts the device into these spaces and no others.
    pub fn move_device(&mut self, device: &str, spaces: &[&str]) -> &mut Self {
        for space in spaces {
            let about =
                json!({ "space_id": space, "device_ids": [device], "acs_entrance_ids": [] });
            self.events.note("space.device_membership_changed", about);
        }
        if let Some(device) = self.world.device_mut(device) {
            device.insert("space_ids".to_owned(), json!(spaces));
        }
        self
    }

    /// Changes `properties.online`, and nothing else.
    pub fn set_online(&mut self, device: &str, online: bool) -> &mut Self {
        let kind = if online { "device.connected" } else { "device.disconnected" };
        self.note_device(kind, device);
        let device = self.world.device_mut(device);
        let properties = device.and_then(|device| device.get_mut("properties")?.as_object_mut());
        if let Some(properties) = properties {
            properties.insert("online".to_owned(), json!(online));
        }
        self
    }

    /// Takes the device away: from now on it is `404`.
    pub fn remove_device(&mut self, id: &str) -> &mut Self {
        self.note_device("device.removed", id);
        self.world.devices.retain(|device| text(device, "device_id") != id);
        self.world.unmanaged.retain(|device| text(device, "device_id") != id);
        self
    }

    fn note_device(&mut self, kind: &str, device: &str) {
        self.events.note(kind, json!({ "device_id": device }));
    }

    /// Rotates the key: from now on only the new one is accepted.
    pub fn set_key(&mut self, key: &str) -> &mut Self {
        self.key = Key(key.to_owned());
        self
    }
}

/// How orders fare.
impl Seam {
    /// Attempts at that device settle this long after the order, whose own reply says `pending`: also if
    /// this is zero, which is how the vendor's fake server does it.
    pub fn attempt_takes(&mut self, device: &str, time: Duration) -> &mut Self {
        self.attempts.take(device, Pace::After(time));
        self
    }

    /// Attempts at that device are final in the reply to the order.
    pub fn attempt_settles_at_once(&mut self, device: &str) -> &mut Self {
        self.attempts.take(device, Pace::InTheReply);
        self
    }

    /// Attempts at that device end like this.
    pub fn attempt_ends(&mut self, device: &str, end: AttemptEnd) -> &mut Self {
        self.attempts.end(device, end);
        self
    }

    /// The next attempt at that device ends like this, whatever holds for the others. Several of these are
    /// used up in order.
    pub fn next_attempt_ends(&mut self, device: &str, end: AttemptEnd) -> &mut Self {
        self.attempts.next_ends(device, end);
        self
    }

    /// Attempts at devices that are not named settle this long after the order.
    pub fn attempts_take(&mut self, time: Duration) -> &mut Self {
        self.attempts.usually_take(Pace::After(time));
        self
    }

    /// Attempts at devices that are not named are final in the reply to the order.
    pub fn attempts_settle_at_once(&mut self) -> &mut Self {
        self.attempts.usually_take(Pace::InTheReply);
        self
    }

    /// Attempts at devices that are not named end like this.
    pub fn attempts_end(&mut self, end: AttemptEnd) -> &mut Self {
        self.attempts.usually_end(end);
        self
    }

    /// What the door itself does, whatever the vendor says of the attempt: one that opens though the
    /// attempt failed or stays pending for ever, one that stays shut behind a success. `None` makes door
    /// and word agree again.
    pub fn door_really(&mut self, device: &str, effect: Option<Effect>) -> &mut Self {
        self.attempts.door_really(device, effect);
        self
    }

    /// What the vendor does with an order for a device that is unfit in that way. It comes before what was
    /// said of the device's attempts. The vendor's own behaviour is unknown.
    pub fn unlock_of(&mut self, unfit: Unfit, then: OnUnfit) -> &mut Self {
        self.rules.on_unfit(unfit, then);
        self
    }

    /// So many orders for one device in that time are taken, and those beyond get `429`. At the start: 15
    /// a minute, as documented.
    pub fn unlock_limit(&mut self, orders: usize, per: Duration) -> &mut Self {
        self.rules.limit(orders, per);
        self
    }

    /// Whether a `429` carries `Retry-After`, in whole seconds.
    pub fn say_retry_after(&mut self, say: bool) -> &mut Self {
        self.rules.say_retry_after = say;
        self
    }
}

/// How lists and messages look.
impl Seam {
    /// No page has more items than this, whatever the request asks for: so that a small world has pages.
    pub fn page_size(&mut self, most: usize) -> &mut Self {
        self.paging.most = Some(most);
        self
    }

    /// Where `next_page_url` leads. Following it shows in [`followed_url`](Self::followed_url).
    pub fn next_page_url(&mut self, leads: NextPageUrl) -> &mut Self {
        self.paging.url = leads;
        self
    }

    /// Lists never end, in that way; `None` lets them end again.
    pub fn endless_pages(&mut self, how: Option<Endless>) -> &mut Self {
        self.paging.endless = how;
        self
    }

    /// Whether error messages, and those of failed attempts, repeat the `Authorization` header of the
    /// request and every e-mail that the vendor knows or was sent.
    pub fn echo_secrets(&mut self, echo: bool) -> &mut Self {
        self.echo_secrets = echo;
        self
    }
}

/// What a test reads.
impl Seam {
    /// The key that opens the workspace now.
    pub fn api_key(&self) -> &str {
        &self.key.0
    }

    /// How many requests came for that path, whatever became of them.
    pub fn requests(&self, path: &str) -> usize {
        self.counts.get(path).copied().unwrap_or_default()
    }

    /// How many requests came for each path.
    pub fn request_counts(&self) -> &BTreeMap<String, usize> {
        &self.counts
    }

    /// Counts requests from nought again.
    pub fn forget_requests(&mut self) -> &mut Self {
        self.counts.clear();
        self
    }

    /// Every request that would have changed the vendor's state, other than an unlock, as method and path,
    /// in order. Nothing was changed.
    pub fn forbidden(&self) -> &[String] {
        &self.forbidden
    }

    /// What the vendor found fault with in the requests' shape, in order: path, kind and message.
    pub fn complaints(&self) -> &[String] {
        &self.complaints
    }

    /// Parameters that came and are documented nowhere, as path and name. The vendor accepts them.
    pub fn unknown_parameters(&self) -> &BTreeSet<String> {
        &self.unknown_parameters
    }

    /// Whether anybody followed a `next_page_url`.
    pub fn followed_url(&self) -> bool {
        self.followed_url
    }
}
