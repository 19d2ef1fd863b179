//! Why an occupant may or may not open doors: one check for each precondition (N9).

use std::sync::Arc;

use elevate_access::{Cause, Check, Context, Freshness, Occupant, Reason, Unit, VendorDoorId};
use elevate_unit_match::Unusable;
use futures_util::future::join;

use super::{
    Inner, View,
    door::Door,
    matching::{Fate, fate},
    units::TheirUnits,
};

impl Inner {
    /// The same judgements as for a tap, from readings that begin now: what is kept would hide that Seam is
    /// down.
    pub(super) async fn explain(
        self: &Arc<Self>,
        context: &Context,
        occupant: &Occupant,
        door: Option<&VendorDoorId>,
    ) -> Vec<Check> {
        let ours = "The connection is set up for this building.";
        if let Err(error) = self.serves(context, Some(occupant.building())) {
            return vec![Check::failed(ours, error.reason().clone())];
        }
        let mut checks = vec![Check::passed(ours)];
        let by = Self::answer_by(context);
        let view = self.view(context, occupant, Freshness::Fresh, by);
        let (workspace, view) = join(self.client.get_workspace(by), view).await;
        let workspace = workspace.map_err(|error| self.trouble(error));
        let read = "Seam and the building's list of units can be read.";
        let in_use = "The Seam workspace is this connection's, and in use.";
        let (against, view) = match (workspace.map(|workspace| self.against(&workspace)), view) {
            (Ok(against), Ok(view)) => (against, view),
            // What is wrong with the workspace is why it cannot be read.
            (Ok(Some(reason)), Err(_)) => {
                checks.push(Check::failed(in_use, reason));
                return checks;
            }
            (Err(error), _) | (_, Err(error)) => {
                checks.push(Check::failed(read, error.reason().clone()));
                return checks;
            }
        };
        checks.push(Check::passed(read));
        checks.push(match against {
            Some(reason) => Check::failed(in_use, reason),
            None => Check::passed(in_use),
        });
        for unit in occupant.units() {
            self.explain_unit(&view, unit, &mut checks);
        }
        if let Some(id) = door {
            self.explain_door(&view, occupant, id, &mut checks);
        } else {
            self.explain_table(&view, occupant, &mut checks);
            self.explain_doors(&view, occupant, &mut checks);
        }
        checks
    }

    /// What the table of units names in vain beside a unit's doors. Of a door that is there it says nothing.
    fn explain_table(&self, view: &View, occupant: &Occupant, checks: &mut Vec<Check>) {
        for unit in occupant.units() {
            let Fate::Doors(theirs) = fate(&view.ours, &view.map, unit) else { continue };
            let Some(reason) = self.misnamed(&unit.name, &theirs.strangers) else { continue };
            let name = self.client.scrub(&unit.name);
            let what = format!("Whatever the table of units names for unit “{name}” is a door.");
            checks.push(Check::failed(what, reason));
        }
    }

    /// Named, matched, with doors: what fails first leaves the rest unknown.
    fn explain_unit(&self, view: &View, unit: &Unit, checks: &mut Vec<Check>) {
        let fate = fate(&view.ours, &view.map, unit);
        let failed_at = match fate {
            Fate::Doors(_) => 4,
            Fate::WithoutDoors(_) => 3,
            Fate::Unmatched | Fate::Ambiguous(_) | Fate::Unusable(Unusable::TooLong) => 2,
            Fate::Doubled(_) | Fate::Unusable(Unusable::Blank) => 1,
            Fate::NotListed => 0,
        };
        let name = self.client.scrub(&unit.name);
        let listed = format!("The building's list of units holds the resident's unit “{name}”.");
        let steps = match &view.map.units {
            TheirUnits::Named(_) => vec![
                (0, listed),
                (1, format!("Unit “{name}” has a name, and no other unit of the building has it.")),
                (2, format!("Exactly one 2N unit is named “{name}”.")),
                (3, format!("The 2N unit “{name}” has doors.")),
            ],
            TheirUnits::Keyed(_) => vec![
                (0, listed),
                (2, format!("Exactly one space is linked to unit “{name}” by its space_key.")),
                (3, format!("The space of unit “{name}” has doors.")),
            ],
        };
        for (step, what) in steps {
            checks.push(match (step.cmp(&failed_at), self.problem(fate, unit)) {
                (std::cmp::Ordering::Equal, Some(problem)) => Check::failed(what, problem),
                (std::cmp::Ordering::Greater, _) => {
                    Check::unknowable(what, "what comes before has to be mended first")
                }
                _ => Check::passed(what),
            });
        }
    }

    /// Every door that the occupant has, in one line each.
    fn explain_doors(&self, view: &View, occupant: &Occupant, checks: &mut Vec<Check>) {
        for grant in self.grants_of(view, occupant).doors {
            let what = format!("Door “{}” can be opened from the app.", grant.name);
            match (grant.blocked, grant.notice) {
                (Some(reason), _) => checks.push(Check::failed(what, reason)),
                (None, Some(notice)) => checks.extend(remarked(&grant.name, notice)),
                (None, None) => checks.push(Check::passed(what)),
            }
        }
    }

    fn explain_door(
        &self,
        view: &View,
        occupant: &Occupant,
        id: &VendorDoorId,
        checks: &mut Vec<Check>,
    ) {
        let associated = "The door is associated with the resident's unit.";
        // A door that does not exist and somebody else's get one and the same answer.
        let Some(door) = view.door(occupant, id) else {
            self.explain_table(view, occupant, checks);
            let reason = Reason::new(Cause::DoorNotGranted).in_system(&self.unit_system);
            checks.push(Check::failed(associated, reason));
            return;
        };
        checks.push(Check::passed(associated));
        let name = &door.name;
        let mut judge = |what: String, cause: Cause| {
            let blocked = door.blocked.iter().find(|why| why.cause() == cause);
            checks.push(match blocked {
                Some(why) => Check::failed(what, why.clone()),
                None => Check::passed(what),
            });
        };
        judge(format!("Door “{name}” is still connected at Seam."), Cause::DoorRemoved);
        judge(format!("Door “{name}” is managed at Seam."), Cause::DoorUnmanaged);
        judge(format!("Door “{name}” can be unlocked remotely."), Cause::DoorNotRemote);
        judge(format!("Door “{name}” is not in privacy mode."), Cause::DoorPrivate);
        explain_reach(door, checks);
        for (code, since) in &door.warnings {
            let since = since.map_or_else(String::new, |since| format!(", since {since}"));
            let warned = format!("{}{since}", self.client.scrub(code.as_str()));
            checks.push(Check::seen(format!("Seam warns about door “{name}”."), warned));
        }
        let asked = format!("Door “{name}” has not been asked too often.");
        checks.push(match self.asked_too_often(door, occupant.resident()) {
            Some(reason) => Check::failed(asked, reason),
            None => Check::passed(asked),
        });
    }
}

/// Seam's picture of a door is of an age that it does not tell: bad news counts, good news does not prove.
fn explain_reach(door: &Door, checks: &mut Vec<Check>) {
    match &door.notice {
        Some(notice) if door.blocked.is_empty() => {
            checks.extend(remarked(&door.name, notice.clone()));
        }
        Some(notice) => checks.push(Check::failed(in_order(&door.name), notice.clone())),
        None => checks.push(Check::unknowable(
            format!("Door “{}” can be reached.", door.name),
            "Seam knows of nothing against it, but does not tell how old that knowledge is",
        )),
    }
}

/// That something is known against the door, and locks nobody out.
fn remarked(door: &str, notice: Reason) -> [Check; 2] {
    let sent = format!("A tap on door “{door}” is sent all the same.");
    [
        Check::failed(in_order(door), notice),
        Check::seen(sent, "what Seam shows of it may be minutes old"),
    ]
}

fn in_order(door: &str) -> String {
    format!("Door “{door}” was in order when Seam last heard of it.")
}
