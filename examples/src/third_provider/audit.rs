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
    let current: BTreeSet<_> = auditor.roster().current().filter_map(email).collect();
    let (mut residents, mut with_doors) = (0, 0);
    for entry in auditor.roster().entries() {
        let email = email(entry);
        let is_in = |set: &BTreeSet<_>| email.as_ref().is_some_and(|email| set.contains(email));
        let has_doors = is_in(&holders);
        if entry.is_current() {
            residents += 1;
            with_doors += usize::from(has_doors);
        }
        let cause = match (entry.is_current(), has_doors) {
            (true, false) if email.is_none() => Cause::NoVerifiedEmail,
            (true, false) => Cause::NoDoorsAssigned,
            // With a Current resident's e-mail the doors are that resident's, who is not to lose them.
            (false, true) if entry.has_left() && !is_in(&current) => Cause::AccessRemains,
            _ => continue,
        };
        let who = Subject::new(SubjectKind::Resident, entry.resident.as_str())
            .named_if(entry.name.as_deref())
            .living_in(entry.units.iter().map(|unit| unit.name.as_str()));
        auditor.found(Finding::new(Urgency::MustFix, who, told(cause))).await;
    }
    let what = "Current residents with doors in Turnpike";
    Ok(Audited::new(vec![Tally::part(what, with_doors, residents)]))
}

/// The resident's e-mail, as it is compared (L6).
fn email(entry: &RosterEntry) -> Option<String> {
    Some(entry.email.as_ref()?.expose().to_ascii_lowercase())
}
