//! What lists hold: the vendor's documented filters over the workspace.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::json::{Object, text, texts};
use super::refusal::Refusal;
use super::world::{World, show_space};

/// Filters that nothing in the stand-in can answer. Asking for one is refused, not ignored.
const NOT_MODELLED: [&str; 3] =
    ["connect_webview_id", "unstable_location_id", "user_identifier_key"];

/// The devices, of those in `all`, that the request asks for.
pub(super) fn devices(
    world: &World,
    all: &[Object],
    given: &Object,
) -> Result<Vec<Value>, Refusal> {
    answerable(given)?;
    let before = text(given, "created_before").parse::<Timestamp>().ok();
    let wanted = |device: &&Object| {
        same(given, "connected_account_id", device, "connected_account_id")
            && among(given, "connected_account_ids", device, "connected_account_id")
            && among(given, "device_ids", device, "device_id")
            && same(given, "device_type", device, "device_type")
            && among(given, "device_types", device, "device_type")
            && has_pairs(given, device)
            && texts(given, "include_if").all(|flag| is_true(device, flag))
            && !texts(given, "exclude_if").any(|flag| is_true(device, flag))
            && given.get("manufacturer").is_none_or(|wanted| manufacturer(device) == Some(wanted))
            && given.get("space_id").is_none_or(|space| holds(device, space))
            && given.get("customer_key").is_none_or(|key| of_customer(world, device, key))
            && before.is_none_or(|before| created(device).is_some_and(|at| at < before))
            && found(given, device, &["device_id", "display_name", "nickname"])
    };
    Ok(all.iter().filter(wanted).cloned().map(Value::Object).collect())
}

/// The spaces that the request asks for.
///
/// As documented, naming a connected account leaves out every space that holds nothing of that account:
/// a unit without doors vanishes.
pub(super) fn spaces(world: &World, given: &Object) -> Vec<Value> {
    let of_account: BTreeSet<&str> = world
        .devices
        .iter()
        .filter(|device| same(given, "connected_account_id", device, "connected_account_id"))
        .flat_map(|device| texts(device, "space_ids"))
        .collect();
    let counts = world.device_counts();
    let wanted = |space: &&Object| {
        (!given.contains_key("connected_account_id")
            || of_account.contains(text(space, "space_id")))
            && ["customer_key", "parent_space_id", "parent_space_key", "space_key"]
                .iter()
                .all(|field| same(given, field, space, field))
            && found(given, space, &["name", "space_key", "customer_key"])
    };
    world.spaces.iter().filter(wanted).map(|space| show_space(space, &counts)).collect()
}

/// The connected accounts that the request asks for.
pub(super) fn accounts(world: &World, given: &Object) -> Result<Vec<Value>, Refusal> {
    answerable(given)?;
    let in_space: BTreeSet<&str> = world
        .devices
        .iter()
        .filter(|device| given.get("space_id").is_none_or(|space| holds(device, space)))
        .map(|device| text(device, "connected_account_id"))
        .collect();
    let wanted = |account: &&Object| {
        same(given, "customer_key", account, "customer_key")
            && has_pairs(given, account)
            && (!given.contains_key("space_id")
                || in_space.contains(text(account, "connected_account_id")))
            && found(given, account, &["connected_account_id", "account_type", "customer_key"])
    };
    Ok(world.accounts.iter().filter(wanted).cloned().map(Value::Object).collect())
}

/// The spaces of those ids and keys, with what belongs to them.
pub(super) fn related(world: &World, given: &Object) -> Value {
    let ids: BTreeSet<&str> = texts(given, "space_ids").collect();
    let keys: BTreeSet<&str> = texts(given, "space_keys").collect();
    let counts = world.device_counts();
    let of_these = |space: &&Object| {
        ids.contains(text(space, "space_id")) || keys.contains(text(space, "space_key"))
    };
    let spaces: Vec<&Object> = world.spaces.iter().filter(of_these).collect();
    let inside = |device: &&Object| {
        texts(device, "space_ids")
            .any(|id| spaces.iter().any(|space| text(space, "space_id") == id))
    };
    let devices: Vec<&Object> = world.devices.iter().filter(inside).collect();
    let with_devices = |account: &&Object| {
        let id = text(account, "connected_account_id");
        devices.iter().any(|device| text(device, "connected_account_id") == id)
    };
    let accounts: Vec<&Object> = world.accounts.iter().filter(with_devices).collect();
    let spaces: Vec<Value> = spaces.iter().map(|space| show_space(space, &counts)).collect();

    let asked = |kind: &str| {
        let included =
            !given.contains_key("include") || texts(given, "include").any(|name| name == kind);
        included && !texts(given, "exclude").any(|name| name == kind)
    };
    let lists = [
        ("spaces", json!(spaces)),
        ("devices", json!(devices)),
        ("connected_accounts", json!(accounts)),
        ("acs_entrances", json!([])),
        ("acs_systems", json!([])),
        ("access_methods", json!([])),
    ];
    let asked = lists.into_iter().filter(|(kind, _)| asked(kind));
    Value::Object(asked.map(|(kind, list)| (kind.to_owned(), list)).collect())
}

fn answerable(given: &Object) -> Result<(), Refusal> {
    match NOT_MODELLED.iter().find(|name| given.get(**name).is_some_and(|value| !value.is_null())) {
        None => Ok(()),
        Some(name) => {
            let message = format!("This stand-in does not know what \"{name}\" would find");
            Err(Refusal::typed(400, "not_modelled", message))
        }
    }
}

/// Whether the request does not name the parameter, or names what the resource has in that field.
fn same(given: &Object, param: &str, resource: &Object, field: &str) -> bool {
    given.get(param).is_none_or(|wanted| resource.get(field) == Some(wanted))
}

/// Whether the request does not name the list, or the list holds what the resource has in that field.
fn among(given: &Object, param: &str, resource: &Object, field: &str) -> bool {
    !given.contains_key(param) || texts(given, param).any(|wanted| wanted == text(resource, field))
}

fn has_pairs(given: &Object, resource: &Object) -> bool {
    let wanted = given.get("custom_metadata_has").and_then(Value::as_object);
    let pairs = resource.get("custom_metadata").and_then(Value::as_object);
    wanted.is_none_or(|wanted| {
        wanted.iter().all(|(key, value)| pairs.and_then(|pairs| pairs.get(key)) == Some(value))
    })
}

fn is_true(device: &Object, flag: &str) -> bool {
    device.get(flag).is_some_and(|value| value == true)
}

fn manufacturer(device: &Object) -> Option<&Value> {
    device.get("properties")?.get("manufacturer")
}

fn holds(device: &Object, space: &Value) -> bool {
    texts(device, "space_ids").any(|id| space == id)
}

/// A device has no customer key of its own. That its account's or a space's counts is a guess.
fn of_customer(world: &World, device: &Object, key: &Value) -> bool {
    let account = world.account(text(device, "connected_account_id"));
    let spaces = texts(device, "space_ids").filter_map(|id| world.space(id));
    account.into_iter().chain(spaces).any(|owner| owner.get("customer_key") == Some(key))
}

fn created(resource: &Object) -> Option<Timestamp> {
    text(resource, "created_at").parse().ok()
}

/// The vendor's `search` matches parts of names; so nobody may match units with it.
fn found(given: &Object, resource: &Object, fields: &[&str]) -> bool {
    let Some(wanted) = given.get("search").and_then(Value::as_str) else { return true };
    let wanted = wanted.to_lowercase();
    fields.iter().any(|field| text(resource, field).to_lowercase().contains(&wanted))
}
