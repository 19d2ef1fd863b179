//! Entries as the doors that a resident sees.

use std::collections::HashMap;

use elevate_access::{Cause, Error as AccessError, Grant, VendorDoorId};
use elevate_transport::Scrubber;

use super::causes::reason;
use crate::Entry;

/// The doors of these entries, in the vendor's order. Names that stand more than once get their zone, and
/// its site if that is not enough. What the scrubber knows is not in them.
pub(super) fn doors(entries: &[&Entry], scrubber: &Scrubber) -> Result<Vec<Grant>, AccessError> {
    let names = names(entries, scrubber);
    entries
        .iter()
        .zip(names)
        .map(|(entry, name)| {
            let id = VendorDoorId::new(entry.id.as_str()).map_err(AccessError::from)?;
            let is_offline =
                entry.wireless_lock.as_ref().and_then(|lock| lock.is_offline) == Some(true);
            let mut door = Grant::new(id, name.clone());
            if is_offline {
                door = door.with_notice(reason(Cause::DoorOffline).about(&name));
            }
            if entry.id.as_number().is_none() {
                let why = reason(Cause::VendorReplyUnusable).about(&name);
                door = door.blocked(why.with_detail("the entry's id is no number"));
            }
            Ok(door)
        })
        .collect()
}

fn names(entries: &[&Entry], scrubber: &Scrubber) -> Vec<String> {
    let shown = |text: Option<&str>| {
        let text = scrubber.scrub(text.unwrap_or_default());
        (!text.is_empty()).then_some(text)
    };
    let plain = |entry: &Entry| {
        shown(entry.name.as_deref()).unwrap_or_else(|| format!("Entry {}", entry.id))
    };
    let in_zone = |entry: &Entry| {
        let zone = entry.zone.as_ref().and_then(|zone| shown(zone.name.as_deref()));
        zone.map_or_else(|| plain(entry), |zone| format!("{} ({zone})", plain(entry)))
    };
    let in_site = |entry: &Entry| {
        let zone = entry.zone.as_ref();
        let site = zone.and_then(|z| z.site.as_ref()).and_then(|site| shown(site.name.as_deref()));
        site.map_or_else(|| in_zone(entry), |site| format!("{}, {site}", in_zone(entry)))
    };
    let mut names: Vec<String> = entries.iter().map(|entry| plain(entry)).collect();
    tell_apart(&mut names, |place| in_zone(entries[place]));
    tell_apart(&mut names, |place| in_site(entries[place]));
    names
}

/// Gives every name that stands more than once its longer form.
fn tell_apart(names: &mut [String], longer: impl Fn(usize) -> String) {
    let mut counts: HashMap<String, usize> = HashMap::new();
    for name in names.iter() {
        *counts.entry(name.clone()).or_default() += 1;
    }
    for (place, name) in names.iter_mut().enumerate() {
        if counts.get(name).is_some_and(|count| *count > 1) {
            *name = longer(place);
        }
    }
}

/// The entry that is that door.
pub(super) fn entry_of<'a>(entries: &[&'a Entry], door: &VendorDoorId) -> Option<&'a Entry> {
    entries.iter().copied().find(|entry| entry.id.as_str() == door.as_str())
}

#[cfg(test)]
mod tests {
    use elevate_access::Reason;

    use super::*;

    fn named(json: &str) -> Vec<String> {
        let entries: Vec<Entry> = serde_json::from_str(json).unwrap();
        names(&entries.iter().collect::<Vec<_>>(), &Scrubber::new().secret("hunter2"))
    }

    #[test]
    fn one_name_in_several_zones_is_told_apart() {
        let names = named(
            r#"[{"id":1,"name":"Main","zone":{"name":"Lobby","site":{"name":"North"}}},
                {"id":2,"name":"Main","zone":{"name":"Lobby","site":{"name":"South"}}},
                {"id":3,"name":"Main","zone":{"name":"Garage"}},
                {"id":4,"name":"Roof","zone":{"name":"Top"}}]"#,
        );
        assert_eq!(names, ["Main (Lobby), North", "Main (Lobby), South", "Main (Garage)", "Roof"]);
    }

    #[test]
    fn a_door_without_a_name_is_called_by_its_id() {
        assert_eq!(
            named(r#"[{"id":4401,"name":null},{"id":4402,"name":"  "}]"#),
            ["Entry 4401", "Entry 4402"]
        );
    }

    #[test]
    fn a_secret_in_a_name_is_not_shown() {
        let twins = r#"[{"id":1,"name":"Main hunter2"},
            {"id":2,"name":"Main hunter2","zone":{"name":"hunter2","site":{"name":"hunter2"}}}]"#;
        assert_eq!(named(twins), ["Main ***", "Main *** (***)"]);
    }

    #[test]
    fn an_entry_that_cannot_be_ordered_is_listed_and_blocked() {
        let entries: Vec<Entry> = serde_json::from_str(r#"[{"id":"a-1","name":"Main"}]"#).unwrap();
        let doors = doors(&[&entries[0]], &Scrubber::new()).unwrap();
        let why = doors[0].blocked.as_ref().map(Reason::cause);
        assert_eq!(why, Some(Cause::VendorReplyUnusable));
    }
}
