//! What an audit adds: the whole roster against everybody's doors, in one call.

use std::collections::BTreeSet;

use elevate_access::{
    Audited, Auditor, Cause, Context, Error, Finding, RosterEntry, Subject, SubjectKind, Tally,
    Urgency,
};
use serde_json::json;

use super::{Turnpike, told};

/// Who is Current and has no door, and who has left and still has one.
pub(super) async fn audit(
    turnpike: &Turnpike,
    context: &Context,
    auditor: &Auditor,
) -> Result<Audited, Error> {
    auditor.called(1);
    // Aside: it takes no room and no repeats from taps (L10).
    let aside = Turnpike { caller: turnpike.caller.aside(1), ..turnpike.clone() };
    let doors = aside.listed(context, json!({})).await?;
    let holders: BTreeSet<_> = doors.iter().map(|door| door.holder.to_ascii_lowercase()).collect();
    let has_doors = |entry: &RosterEntry| {
        let email = entry.email.as_ref();
        email.is_some_and(|email| holders.contains(&email.expose().to_ascii_lowercase()))
    };
    let (mut with_doors, mut current) = (0, 0);
    for entry in auditor.roster().entries() {
        let cause = match has_doors(entry) {
            true if entry.has_left() && !entry.is_current_elsewhere => Cause::AccessRemains,
            false if entry.is_current() && entry.email.is_none() => Cause::NoVerifiedEmail,
            false if entry.is_current() => Cause::NoDoorsAssigned,
            has_doors => {
                with_doors += usize::from(has_doors && entry.is_current());
                current += usize::from(entry.is_current());
                continue;
            }
        };
        current += usize::from(entry.is_current());
        let who = Subject::new(SubjectKind::Resident, entry.resident.as_str())
            .named_if(entry.name.as_deref())
            .living_in(entry.units.iter().map(|unit| unit.name.as_str()));
        auditor.found(Finding::new(Urgency::MustFix, who, told(cause))).await;
    }
    let what = "Current residents with doors in Turnpike";
    Ok(Audited::new(vec![Tally::part(what, with_doors, current)]))
}
