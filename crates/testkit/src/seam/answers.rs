//! What each route answers, once the request was found to be in order.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::json::{Object, object, text, texts};
use super::lists;
use super::refusal::Refusal;
use super::routes::{Act, Route};
use super::world::show_space;
use super::{Seam, shape};
use crate::Received;

impl Seam {
    /// Does what the request asks for, and returns the reply's body without its `ok`.
    pub(super) fn act(
        &mut self,
        route: &Route,
        given: &Object,
        request: &Received,
        now: Timestamp,
    ) -> Result<Object, Refusal> {
        let world = &self.world;
        match route.act {
            Act::Unlock => self.unlock(given, request, now),
            Act::CreateWebview => {
                let workspace = text(&self.world.workspace, "workspace_id").to_owned();
                Ok(one("connect_webview", self.setup.create(given, &workspace, now)))
            }
            Act::GetWebview => {
                let webview = self.setup.get(text(given, "connect_webview_id"));
                let webview = webview.ok_or_else(|| Refusal::not_found("connect_webview"))?;
                Ok(one("connect_webview", json!(webview)))
            }
            Act::ListWebviews => {
                let items = self.setup.list(given);
                self.page("connect_webviews", route, given, items, request)
            }
            Act::SyncAccount => {
                let account = world.account(text(given, "connected_account_id"));
                account.ok_or_else(|| Refusal::not_found("connected_account"))?;
                Ok(Object::new())
            }
            Act::CreateWebhook => {
                let webhook = self.webhooks.create(given, self.events.number());
                Ok(one("webhook", webhook))
            }
            Act::GetWebhook => {
                let webhook = self.webhooks.get(text(given, "webhook_id"));
                Ok(one("webhook", json!(webhook.ok_or_else(|| Refusal::not_found("webhook"))?)))
            }
            Act::ListWebhooks => {
                Ok(one("webhooks", self.webhooks.list().map(|webhook| json!(webhook)).collect()))
            }
            Act::UpdateWebhook => {
                let found = self.webhooks.update(text(given, "webhook_id"), given);
                found.then(Object::new).ok_or_else(|| Refusal::not_found("webhook"))
            }
            Act::DeleteWebhook => {
                let found = self.webhooks.delete(text(given, "webhook_id"));
                found.then(Object::new).ok_or_else(|| Refusal::not_found("webhook"))
            }
            Act::ListEvents => Ok(one("events", json!(self.events.list(given)?))),
            Act::GetEvent => {
                // An event that is not there is no error: the reply has none.
                let event = self.events.get(text(given, "event_id"));
                Ok(event.map_or_else(Object::new, |event| one("event", json!(event))))
            }
            Act::GetWorkspace => Ok(one("workspace", json!(world.workspace))),
            Act::GetDevice => Ok(one("device", json!(self.find_device(given)?))),
            Act::GetLock => {
                let device = self.find_device(given)?;
                if !is_lock(device) {
                    return Err(Refusal::not_found("device"));
                }
                Ok(object(json!({ "lock": device, "device": device })))
            }
            Act::GetAttempt => {
                let attempt = self.attempts.get(text(given, "action_attempt_id"));
                attempt
                    .map(|attempt| one("action_attempt", attempt))
                    .ok_or_else(|| Refusal::not_found("action_attempt"))
            }
            Act::GetSpace => {
                shape::either(given, "space_id", "space_key")?;
                let space = world
                    .spaces
                    .iter()
                    .find(|space| matches(given, space, &["space_id", "space_key"]));
                let space = space.ok_or_else(|| Refusal::not_found("space"))?;
                Ok(one("space", show_space(space, &world.device_counts())))
            }
            Act::GetAccount => {
                shape::either(given, "connected_account_id", "email")?;
                let account = world.accounts.iter().find(|account| {
                    matches(given, account, &["connected_account_id"])
                        || given.get("email").is_some_and(|email| email_of(account) == Some(email))
                });
                let account = account.ok_or_else(|| Refusal::not_found("connected_account"))?;
                Ok(one("connected_account", json!(account)))
            }
            Act::GetRelated => Ok(one("batch", lists::related(world, given))),
            Act::ListLocks => {
                let mut locks = lists::devices(world, &world.devices, given)?;
                locks.retain(|lock| lock.as_object().is_some_and(is_lock));
                // No pages here, though the route takes a cursor: what is beyond the limit is lost.
                let first = Object::from_iter(
                    given.get("limit").map(|limit| ("limit".to_owned(), limit.clone())),
                );
                let page = self.paging.cut(route.path, &first, route.page, locks, "")?;
                Ok(object(json!({ "locks": page.items, "devices": page.items })))
            }
            Act::ListDevices => {
                let items = lists::devices(world, &world.devices, given)?;
                self.page("devices", route, given, items, request)
            }
            Act::ListUnmanaged => {
                let items = lists::devices(world, &world.unmanaged, given)?;
                self.page("devices", route, given, items, request)
            }
            Act::ListSpaces => {
                self.page("spaces", route, given, lists::spaces(world, given), request)
            }
            Act::ListAccounts => {
                let items = lists::accounts(world, given)?;
                self.page("connected_accounts", route, given, items, request)
            }
            Act::ListAttempts => {
                let mut items = self.attempts.list(given.get("device_id").and_then(Value::as_str));
                if given.contains_key("action_attempt_ids") {
                    items.retain(|item| {
                        texts(given, "action_attempt_ids").any(|id| item["action_attempt_id"] == id)
                    });
                }
                self.page("action_attempts", route, given, items, request)
            }
        }
    }

    fn unlock(
        &mut self,
        given: &Object,
        request: &Received,
        now: Timestamp,
    ) -> Result<Object, Refusal> {
        let id = text(given, "device_id");
        let device = self.world.device(id).ok_or_else(|| Refusal::not_found("device"))?;
        self.rules.admit(id, now)?;
        let end = self.rules.judge(device)?;
        let wait = given.get("sync").is_some_and(|sync| sync == true);
        let echo = self.echo_of(request);
        let attempt = self.attempts.order(id, end, wait, echo, now, &mut self.ledger);
        Ok(one("action_attempt", attempt))
    }

    fn find_device(&self, given: &Object) -> Result<&Object, Refusal> {
        shape::either(given, "device_id", "name")?;
        let name = text(given, "name");
        let mine = |device: &&Object| {
            matches(given, device, &["device_id"])
                || (!name.is_empty() && text(device, "display_name") == name)
        };
        self.world.devices.iter().find(mine).ok_or_else(|| Refusal::not_found("device"))
    }

    fn page(
        &self,
        key: &str,
        route: &Route,
        given: &Object,
        items: Vec<Value>,
        request: &Received,
    ) -> Result<Object, Refusal> {
        let host = request.headers.get("host").and_then(|host| host.to_str().ok());
        let host = host.unwrap_or("seam.invalid");
        let page = self.paging.cut(route.path, given, route.page, items, host)?;
        Ok(object(json!({ key: page.items, "pagination": page.pagination })))
    }
}

fn one(key: &str, resource: Value) -> Object {
    Object::from_iter([(key.to_owned(), resource)])
}

/// Whether the request names one of these ids, and the resource has every one that it names.
fn matches(given: &Object, resource: &Object, ids: &[&str]) -> bool {
    let mut named = ids.iter().filter(|id| given.contains_key(**id)).peekable();
    named.peek().is_some() && named.all(|id| resource.get(*id) == given.get(*id))
}

fn email_of(account: &Object) -> Option<&Value> {
    account.get("user_identifier")?.get("email")
}

fn is_lock(device: &Object) -> bool {
    texts(device, "capabilities_supported").any(|capability| capability == "lock")
}
