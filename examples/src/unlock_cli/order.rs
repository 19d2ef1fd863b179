//! One way for both vendors: list, choose, show, confirm, open, tell.

use std::io;

use elevate_access::{Access, Door, DoorList, Error, Freshness, Outcome, ResidentId, Tap};

use super::{Ended, Terminal};

/// One run, ready to be asked of the front door.
pub(super) struct Order<'a> {
    pub(super) access: Access,
    pub(super) resident: ResidentId,
    /// The door's id or name; without one the doors are listed.
    pub(super) door: Option<&'a str>,
    /// Whether nobody need be asked.
    pub(super) yes: bool,
    /// Where the order would go.
    pub(super) base_url: &'a str,
    /// The order as the vendor documents it: method and path.
    pub(super) request: &'static str,
    /// What the vendor calls a door.
    pub(super) noun: &'static str,
}

impl Order<'_> {
    pub(super) async fn carry_out(&self, terminal: &mut Terminal<'_>) -> Ended {
        if self.door.is_some() && !self.yes && terminal.answers.is_none() {
            return terminal
                .usage(&"there is no terminal on which to confirm the order; see --yes");
        }
        let list = match self.access.doors(&self.resident, Freshness::Fresh).await {
            Ok(list) => list,
            Err(error) => return terminal.no_order(&error.for_manager()),
        };
        let door = match self.choose(&list, terminal) {
            Ok(Some(door)) => door,
            Ok(None) => return Ended::Well,
            Err(why) => return terminal.no_order(&why),
        };
        match self.confirm(door, terminal) {
            Ok(true) => {}
            Ok(false) => return terminal.no_order(&"It was not confirmed."),
            Err(error) => return terminal.no_order(&error),
        }
        // The tap begins here: however long the answer took, the order is not an old one.
        let result = self.access.unlock(&self.resident, &door.id, Tap::now()).await;
        tell(result, terminal)
    }

    /// The door that is meant; none if the doors were only to be listed.
    fn choose<'l>(
        &self,
        list: &'l DoorList,
        terminal: &mut Terminal<'_>,
    ) -> Result<Option<&'l Door>, String> {
        let problems: Vec<String> =
            list.problems.iter().map(|problem| problem.reason.for_manager()).collect();
        if list.doors.is_empty() {
            return Err(match problems.as_slice() {
                [] => format!("The resident has no {}.", self.noun),
                some => some.join("\n"),
            });
        }
        for problem in problems {
            writeln!(terminal.err, "{problem}").map_err(|error| error.to_string())?;
        }
        let Some(wanted) = self.door else {
            for door in &list.doors {
                writeln!(terminal.out, "{}", shown(door)).map_err(|error| error.to_string())?;
            }
            return Ok(None);
        };
        let is_meant = |door: &&Door| door.id.vendor_id().as_str() == wanted || door.name == wanted;
        let meant: Vec<&Door> = list.doors.iter().filter(is_meant).collect();
        match meant.as_slice() {
            [door] => Ok(Some(*door)),
            // To open one of several by guess would be to open the wrong door.
            several => {
                let (fault, these) = match several {
                    [] => ("None has that id or name. There are:", list.doors.iter().collect()),
                    several => ("Several have that name. Say which by its id:", several.to_vec()),
                };
                let lines = these.into_iter().map(|door| format!("\n  {}", shown(door)));
                Err(fault.to_owned() + &lines.collect::<String>())
            }
        }
    }

    /// Shows what would be sent, and asks unless nobody need be asked.
    fn confirm(&self, door: &Door, terminal: &mut Terminal<'_>) -> io::Result<bool> {
        let Self { request, base_url, noun, .. } = self;
        let will = if self.yes { "This is sent" } else { "This would be sent" };
        writeln!(terminal.err, "{will}, once:\n\n  request  {request}")?;
        writeln!(terminal.err, "  to       {base_url}")?;
        writeln!(terminal.err, "  {noun:<8} {}\n", shown(door))?;
        Ok(self.yes || terminal.confirms("Open this door now?")?)
    }
}

/// A door on a line: its id, its name, and what is known against it.
fn shown(door: &Door) -> String {
    let remark = door.blocked.as_ref().or(door.notice.as_ref());
    let remark = remark.map(|why| format!("  ({})", why.for_manager())).unwrap_or_default();
    format!("{}  {}{remark}", door.id.vendor_id(), door.name)
}

/// Says what became of it. A stream that is gone by now changes nothing about that.
fn tell(result: Result<Outcome, Error>, terminal: &mut Terminal<'_>) -> Ended {
    let outcome = match result {
        Ok(outcome) => outcome,
        // The front door's promise: an error means that no order left this process.
        Err(error) => return terminal.no_order(&error.for_manager()),
    };
    let told = outcome.for_manager();
    let (ended, line) = match &outcome {
        Outcome::Opened(_) => (Ended::Well, format!("Opened. {told}")),
        Outcome::Accepted(_) => (Ended::Well, format!("Accepted. {told}")),
        Outcome::NotOpened(receipt) if receipt.certain => {
            (Ended::NotOpened, format!("Not opened. {told}"))
        }
        Outcome::NotOpened(_) => {
            (Ended::NotOpened, format!("Not opened, by the vendor's word. {told}"))
        }
        Outcome::Unknown(_) => (Ended::Unknown, format!("Unknown. {told}")),
    };
    let stream = if ended == Ended::Well { &mut terminal.out } else { &mut terminal.err };
    let _ = writeln!(stream, "{line}");
    if let Some(reference) = &outcome.receipt().reference {
        let _ = writeln!(stream, "The vendor's reference: {reference}");
    }
    ended
}
