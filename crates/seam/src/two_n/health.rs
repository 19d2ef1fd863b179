//! Whether the connection works and is set up rightly.

use std::{mem::discriminant, sync::Arc};

use elevate_access::{Cause, Context, Freshness, Health, Reason};
use tokio::time::Instant;

use super::{Inner, MAP_WITHIN, Units, map::UnitMap, matching::OurIndex, units::TheirUnits};
use crate::DeviceType;

/// How many findings of one kind are named; the rest is counted.
const NAMED: usize = 20;

impl Inner {
    pub(super) async fn check(self: &Arc<Self>, context: &Context) -> Health {
        if let Err(error) = self.serves(context, None) {
            return Health::down(error.reason().clone());
        }
        let by = context.until().min(Instant::now() + MAP_WITHIN);
        match self.client.get_workspace(by).await {
            Err(error) => return Health::down(self.trouble(error).reason().clone()),
            Ok(workspace) if workspace.is_suspended == Some(true) => {
                return Health::down(self.setup("the Seam workspace is suspended"));
            }
            Ok(workspace) => {
                if let Some(pinned) = &self.settings.pins.workspace
                    && workspace.workspace_id != *pinned
                {
                    let other = self.client.scrub(workspace.workspace_id.as_str());
                    return Health::down(self.setup(&format!(
                        "the connection is pinned to the workspace {pinned}, and its key is of {other}"
                    )));
                }
            }
        }
        let map = match self.map(context, Freshness::Fresh).await {
            Ok(map) => map.value,
            Err(error) => return Health::down(error.reason().clone()),
        };
        let mut reasons = Vec::new();
        self.synced(&map, &mut reasons);
        match context.units(Freshness::Fresh).await {
            // Names play no part where units are linked by their ids.
            Ok(_) if matches!(map.units, TheirUnits::Keyed(_)) => {}
            Ok(units) => self.our_names(&self.ours.index(&units.value), &mut reasons),
            Err(error) => reasons.push(error.reason().clone()),
        }
        self.their_names(&map, &mut reasons);
        doors(&map, &mut reasons);
        Health::degraded(reasons)
    }

    fn setup(&self, detail: &str) -> Reason {
        self.reason(Cause::SetupWrong).with_detail(detail)
    }

    /// What should be there and is not.
    fn synced(&self, map: &UnitMap, reasons: &mut Vec<Reason>) {
        if map.doors.is_empty() {
            let types: Vec<_> = self.settings.device_types.iter().map(DeviceType::as_str).collect();
            let (devices, types) = (map.devices_held, types.join(", "));
            reasons.push(self.setup(&match self.settings.only_doors {
                None => format!(
                    "Seam lists {devices} devices, and none of this connection's is of the type {types}"
                ),
                Some(_) => format!(
                    "Seam lists {devices} devices, and the list of doors names none of the type {types}"
                ),
            }));
        }
        if map.units.is_empty() {
            reasons.push(self.setup(match self.settings.units {
                Units::Spaces | Units::SpaceDisplayNames => {
                    "Seam lists no spaces, and units come from spaces"
                }
                Units::SpaceKeys => {
                    "Seam lists no space with a space_key, and units come from these"
                }
                Units::Metadata { .. } => "no device names a unit, and units come from metadata",
                Units::Table(_) => "the table of units is empty",
            }));
        }
        for alike in map.findings.chunk_by(|one, other| discriminant(one) == discriminant(other)) {
            named(reasons, alike.iter(), |finding| self.finding(finding));
        }
        let misnamed =
            map.units.iter().filter_map(|(name, unit)| self.misnamed(name, &unit.strangers));
        named(reasons, misnamed, |reason| reason);
    }

    fn our_names(&self, ours: &OurIndex, reasons: &mut Vec<Reason>) {
        named(reasons, ours.names.doubled(), |units| {
            let name = units.first().map_or("", |unit| unit.name());
            let reason = Reason::new(Cause::UnitNameDoubled).in_system(&self.unit_system);
            reason.about(&self.client.scrub(name)).with_detail(&format!("{} units", units.len()))
        });
        named(reasons, ours.names.blank().iter(), |unit| {
            let reason = Reason::new(Cause::UnitNameBlank).in_system(&self.unit_system);
            reason.with_detail(&format!("unit {}", unit.item()))
        });
    }

    fn their_names(&self, map: &UnitMap, reasons: &mut Vec<Reason>) {
        named(reasons, map.units.doubled().into_iter(), |(name, units)| {
            let reason = Reason::new(Cause::UnitAmbiguous).in_system(&self.unit_system);
            reason.about(&self.client.scrub(name)).with_detail(&format!("{units} units"))
        });
        named(reasons, map.units.blank(), |unit| {
            let reason = Reason::new(Cause::VendorUnitBlank).in_system(&self.unit_system);
            let of = unit.space.as_ref().map_or_else(String::new, |id| format!("space {id}, "));
            reason.with_detail(&format!("{of}{} doors", unit.doors.len()))
        });
    }
}

fn doors(map: &UnitMap, reasons: &mut Vec<Reason>) {
    let doors = map.doors.values();
    let wrong = doors.filter_map(|door| door.blocked.first().or(door.notice.as_ref()));
    named(reasons, wrong, Reason::clone);
}

/// Adds a reason for each item; beyond [`NAMED`], one that counts the rest.
fn named<T>(reasons: &mut Vec<Reason>, items: impl Iterator<Item = T>, say: impl Fn(T) -> Reason) {
    let mut more = 0;
    for (place, item) in items.enumerate() {
        if place < NAMED {
            reasons.push(say(item));
        } else {
            more += 1;
        }
    }
    if more > 0 {
        let detail = format!("and {more} more of this kind");
        let kind = reasons.last().map(|last| (last.cause(), last.system().cloned()));
        let Some((cause, Some(system))) = kind else { return };
        reasons.push(Reason::new(cause).in_system(&system).with_detail(&detail));
    }
}
