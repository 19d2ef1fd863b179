//! One way for both vendors: list, choose, show, confirm, open, tell.

use std::{fmt, io};

use elevate_access::{Access, Cause, Door, DoorList, Error, Freshness, Outcome, ResidentId, Tap};

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
    /// How the door would be opened, in words.
    pub(super) way: &'static str,
    /// For whom, in words. No e-mail.
    pub(super) whom: String,
    /// What listing the doors may write at the vendor. If it may, it is asked about first.
    pub(super) listing_writes: Option<&'static str>,
    /// The environment variable that the vendor is called with.
    pub(super) secret: &'static str,
    /// What the vendor calls a door.
    pub(super) noun: &'static str,
}

impl Order<'_> {
    pub(super) async fn carry_out(&self, terminal: &mut Terminal<'_>) -> Ended {
        if self.door.is_some_and(|door| door.trim().is_empty()) {
            return terminal.usage(&format_args!("the id or name of the {} is empty", self.noun));
        }
        let asks = self.door.is_some() || self.listing_writes.is_some();
        if asks && !self.yes && terminal.answers.is_none() {
            return terminal.usage(&"there is no terminal on which to confirm this; see --yes");
        }
        match self.may_list(terminal) {
            Ok(true) => {}
            Ok(false) => return terminal.nothing(&"It was not confirmed."),
            Err(error) => return terminal.nothing(&error),
        }
        let list = match self.access.doors(&self.resident, Freshness::Fresh).await {
            Ok(list) => list,
            Err(error) => {
                return self.no_order(&self.told(error.cause(), error.for_manager()), terminal);
            }
        };
        let door = match self.choose(&list, terminal) {
            Ok(Some(door)) => door,
            Ok(None) => return Ended::Well,
            Err(why) => return self.no_order(&why, terminal),
        };
        match self.confirm(door, terminal) {
            Ok(true) => {}
            Ok(false) => return self.no_order(&"It was not confirmed.", terminal),
            Err(error) => return self.no_order(&error, terminal),
        }
        // The tap begins here: however long the answer took, the order is not an old one.
        let result = self.access.unlock(&self.resident, &door.id, Tap::now()).await;
        self.tell(result, terminal)
    }

    /// Says what listing may write, and asks about it unless nobody need be asked.
    fn may_list(&self, terminal: &mut Terminal<'_>) -> io::Result<bool> {
        let Some(writes) = self.listing_writes else { return Ok(true) };
        writeln!(terminal.err, "{writes}\n\n  at       {}\n", self.base_url)?;
        Ok(self.yes || terminal.confirms("Go on?")?)
    }

    /// Says why it goes no further; where an order was meant, that none was sent.
    fn no_order(&self, why: &dyn fmt::Display, terminal: &mut Terminal<'_>) -> Ended {
        if self.door.is_none() {
            return terminal.not_opened(why);
        }
        terminal.not_opened(&format_args!("No order was sent. {why}"))
    }

    /// What a manager is told; if the vendor refuses the secret, with where that came from.
    fn told(&self, cause: Cause, told: String) -> String {
        if cause != Cause::CredentialsRefused {
            return told;
        }
        format!(
            "{told} The credentials of this run come from the environment variable {}.",
            self.secret
        )
    }

    /// The door that is meant; none if the doors were only to be listed.
    fn choose<'l>(
        &self,
        list: &'l DoorList,
        terminal: &mut Terminal<'_>,
    ) -> Result<Option<&'l Door>, String> {
        let problems: Vec<String> = list
            .problems
            .iter()
            .map(|it| &it.reason)
            .map(|why| self.told(why.cause(), why.for_manager()))
            .collect();
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
        let Self { way, whom, base_url, noun, .. } = self;
        let will = if self.yes { "This is sent" } else { "This would be sent" };
        let (name, id) = (&door.name, door.id.vendor_id());
        writeln!(
            terminal.err,
            "{will}, once:\n\n  open     the {noun} {name} ({id}){}",
            remark(door)
        )?;
        writeln!(terminal.err, "  by       {way}\n  for      {whom}\n  at       {base_url}\n")?;
        Ok(self.yes || terminal.confirms("Open this door now?")?)
    }

    /// Says what became of it. A stream that is gone by now changes nothing about that.
    fn tell(&self, result: Result<Outcome, Error>, terminal: &mut Terminal<'_>) -> Ended {
        let outcome = match result {
            Ok(outcome) => outcome,
            // The front door's promise: an error means that no order left this process.
            Err(error) => {
                return self.no_order(&self.told(error.cause(), error.for_manager()), terminal);
            }
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
}

/// A door on a line: its id, its name, and what is known against it.
fn shown(door: &Door) -> String {
    format!("{}  {}{}", door.id.vendor_id(), door.name, remark(door))
}

/// What is known against a door, to be said after its name.
fn remark(door: &Door) -> String {
    let remark = door.blocked.as_ref().or(door.notice.as_ref());
    remark.map(|why| format!("  ({})", why.for_manager())).unwrap_or_default()
}
