//! Every sentence that a resident or a manager reads, in one place.

use std::fmt::Write as _;

use crate::{Cause, Place, Reason};

const PICK_UP: &str = "Please ask your property manager.";

/// For the resident: plain, short, no other person, no e-mail, no near-miss.
pub(crate) fn for_resident(reason: &Reason) -> String {
    let system = reason.system().map_or("the door system", |s| s.name.as_ref());
    let text = match reason.cause() {
        Cause::InvalidInput => {
            "The app sent something that could not be understood. Please try again."
        }
        Cause::ResidentUnknown => {
            return format!("Your account could not be found. {PICK_UP}");
        }
        Cause::NotCurrent | Cause::AccessRemains => {
            return format!("Doors can be opened by current residents only. {PICK_UP}");
        }
        Cause::NoVerifiedEmail => {
            return format!("Your property has no confirmed e-mail address for you. {PICK_UP}");
        }
        Cause::DetailsChanged => "Your details have just changed. Please refresh and tap again.",
        Cause::DoorNotGranted => "This door is not among yours. Please refresh your list of doors.",
        Cause::NoConnection => "Your building has no doors that can be opened from the app.",
        Cause::TapTooOld | Cause::TooSlow => {
            "It took too long to reach the door, so it was not opened. Please tap again."
        }
        Cause::TapIdTaken | Cause::TicketRefused => "This tap cannot be used. Please tap again.",
        Cause::NoTicketKeys => {
            "Doors cannot be opened from the app right now. The fault is on our side."
        }
        Cause::Overloaded => "Too much is going on right now. Please tap again in a moment.",
        Cause::UserNotFound => {
            return format!(
                "User not found. Please ask your property manager to check your e-mail address in {system}."
            );
        }
        Cause::UserAmbiguous
        | Cause::UserSuspended
        | Cause::UserArchived
        | Cause::UserStatusUnknown
        | Cause::UserNotYetValid
        | Cause::UserNoLongerValid
        | Cause::RemoteUnlockOff => {
            return format!("Your access in {system} is not active. {PICK_UP}");
        }
        Cause::UserShared | Cause::KeySurplus => {
            return format!("Your access in {system} has to be set right. {PICK_UP}");
        }
        Cause::NoDoorsAssigned => {
            return format!("You are connected, but no doors are assigned to you yet. {PICK_UP}");
        }
        Cause::KeyNotReady => "Your key is not ready yet. Please try again in a moment.",
        Cause::UnitNameBlank
        | Cause::UnitNameDoubled
        | Cause::UnitNotListed
        | Cause::UnitUnmatched
        | Cause::UnitAmbiguous
        | Cause::VendorUnitBlank => {
            return format!("No doors are linked to your unit yet. {PICK_UP}");
        }
        Cause::UnitWithoutDoors => {
            return format!("Your unit has no doors assigned yet. {PICK_UP}");
        }
        Cause::DoorNotRemote | Cause::DoorRemoved | Cause::DoorUnmanaged => {
            return format!("This door cannot be opened from the app. {PICK_UP}");
        }
        Cause::DoorPrivate | Cause::DoorStateForbids => {
            "This door does not accept opening from the app at the moment."
        }
        Cause::DoorWarned => "This door can be opened from the app.",
        Cause::DoorOffline => "This door was last seen offline, and may not open from the app.",
        Cause::SignInNeeded => {
            return format!(
                "Your building's door system has to be connected anew, and doors may not open until then. {PICK_UP}"
            );
        }
        Cause::DoorLockdown => "A lockdown is on, so this door cannot be opened from the app.",
        Cause::OrderRefused => "The door system did not allow this door to be opened.",
        Cause::OrderFailed => "The door reported that it could not be opened.",
        Cause::SignInLapsed => "The door was not opened. Please tap again.",
        Cause::DoorRateLimited => {
            return format!("This door was asked too often. Please try again {}.", wait(reason));
        }
        Cause::SigningIn => {
            return format!(
                "Your building's door system is being connected. Please try again {}.",
                wait(reason)
            );
        }
        Cause::VendorBusy => {
            return format!(
                "Your building's door system is busy. Please try again {}.",
                wait(reason)
            );
        }
        Cause::AnswerLost | Cause::AnswerUnclear | Cause::StillPending => {
            "We could not find out whether the door opened. Please check the door before you tap again."
        }
        Cause::VendorUnreachable
        | Cause::VendorError
        | Cause::VendorReplyUnusable
        | Cause::SignInContested => {
            "Your building's door system cannot be reached right now. Please try again in a moment."
        }
        Cause::CredentialsRefused
        | Cause::AccountLocked
        | Cause::RightsMissing
        | Cause::PlanLacksUnlock
        | Cause::ConnectionsOverlap
        | Cause::NothingSynced
        | Cause::SetupWrong
        | Cause::UserUnclaimed
        | Cause::UserEndsSoon
        | Cause::DoorOfTwoUnits
        | Cause::VendorUnitUnmatched
        | Cause::UnitRenamed
        | Cause::UnitAppeared
        | Cause::UnitVanished
        | Cause::UnitSplit
        | Cause::UnitMerged
        | Cause::CounterpartChanged
        | Cause::DoorsChanged
        | Cause::ChangesUnknown
        | Cause::WrongBuilding => {
            return format!("Your building's doors are not set up correctly. {PICK_UP}");
        }
        Cause::DirectoryFailed
        | Cause::ConnectionFailed
        | Cause::StoreFailed
        | Cause::DeliveryRefused
        | Cause::Internal
        | Cause::Unrecognised => "Something went wrong on our side. Please try again in a moment.",
    };
    text.to_owned()
}

fn wait(reason: &Reason) -> String {
    match reason.retry_after() {
        Some(pause) => format!("in {} seconds", pause.as_millis().div_ceil(1000).max(1)),
        None => "in a minute".to_owned(),
    }
}

/// For the manager: what is wrong, what to mend, and where.
pub(crate) fn for_manager(reason: &Reason) -> String {
    let mut text = told(reason).replace(BREAK, " ");
    if let Some(since) = reason.known_since() {
        let since = since.round(jiff::Unit::Second).unwrap_or(since);
        // Writing to a String does not fail.
        let _ = write!(text, " Since {since}.");
    }
    add_detail(&mut text, reason);
    text
}

/// The first half of it: what is wrong, with its detail.
pub(crate) fn wrong(reason: &Reason) -> String {
    let text = told(reason);
    let mut wrong = text.split_once(BREAK).map_or(text.as_str(), |(wrong, _)| wrong).to_owned();
    add_detail(&mut wrong, reason);
    wrong
}

/// The other half: what to do about it, if that can be said.
pub(crate) fn remedy(reason: &Reason) -> Option<String> {
    Some(told(reason).split_once(BREAK)?.1.to_owned())
}

fn add_detail(text: &mut String, reason: &Reason) {
    if let Some(detail) = reason.detail() {
        text.push_str(" Detail: ");
        text.push_str(detail);
        if !detail.ends_with(['.', '…']) {
            text.push('.');
        }
    }
}

/// What parts the remedy from what is wrong. No name can hold it: control characters are taken out of them.
const BREAK: char = '\n';

fn told(reason: &Reason) -> String {
    let system = reason.system().map_or("the door system", |s| s.name.as_ref());
    let console = reason.system().map_or("the door system's console", |s| s.console.as_ref());
    let about = reason.subject().map(|s| format!(" “{s}”")).unwrap_or_default();
    let mut text = match reason.cause() {
        Cause::InvalidInput => "The request cannot be used as it is; the app or service that made it has to be corrected.".to_owned(),
        Cause::ResidentUnknown => "ElevateOS knows no resident by this id.".to_owned(),
        Cause::NotCurrent => "No residency of this resident has the status Current.\nCheck the status in the PMS.".to_owned(),
        Cause::NoVerifiedEmail => "The resident has no e-mail address that comes from the PMS or was confirmed.\nEnter it in the PMS.".to_owned(),
        Cause::DetailsChanged => "The resident's e-mail, unit or status changed while the tap was under way, so nothing was sent.\nNothing to mend.".to_owned(),
        Cause::DoorNotGranted => format!("The door is not among those that {system} gives this resident, or does not exist.\nCheck the assignment in {console}."),
        Cause::NoConnection => "The building has no door system connected in ElevateOS.".to_owned(),
        Cause::TapTooOld => "The tap reached the service too late, so nothing was sent.\nCheck the phone's reception at the door.".to_owned(),
        Cause::TapIdTaken => "The tap's id was used before by another resident or for another door; the app has to choose a new one for each tap.".to_owned(),
        Cause::TicketRefused => "The tap's ticket was not issued by this service for this resident and door; the app has to ask for a new one at each tap, and all nodes of the service need the same ticket keys.".to_owned(),
        Cause::NoTicketKeys => "The service was started without the keys that sign tickets; all its nodes need the same ones.".to_owned(),
        Cause::TooSlow => "The order could not start in time, so nothing was sent.\nIf this repeats, check the connection to the door system.".to_owned(),
        Cause::Overloaded => format!("As many requests to {system} are under way as are allowed.\nIf this repeats, {system} is slow or down."),
        Cause::UserNotFound => format!("No {system} user has this resident's e-mail.\nMake the e-mail in {console} and in the PMS the same, then have the resident try again."),
        Cause::UserAmbiguous => format!("More than one {system} user has this resident's e-mail.\nLeave one of them active in {console}."),
        Cause::UserSuspended => format!("The resident's {system} user is suspended.\nReactivate it in {console} if they should have access."),
        Cause::UserArchived => format!("The resident's {system} user is archived.\nRestore it in {console} if they should have access."),
        Cause::UserStatusUnknown => format!("The resident's {system} user has a status that is not known here, so it counts as inactive.\nCheck it in {console}."),
        Cause::UserNotYetValid => format!("The resident's {system} user is valid only from a later date on.\nCheck its start date in {console}."),
        Cause::UserNoLongerValid => format!("The resident's {system} user is past its end date.\nCheck it in {console}."),
        Cause::RemoteUnlockOff => format!("Remote unlock is off for the resident's {system} user.\nAllow it in {console}."),
        Cause::NoDoorsAssigned => format!("The resident's {system} user has no entries.\nAssign at least one in {console}, then have the resident refresh."),
        Cause::AccessRemains => format!("The resident is not Current, and the {system} user with their e-mail is still active, so cards, fobs and {system}'s own app may go on opening doors.\nDisable the user in {console}."),
        Cause::UserShared => format!("Another resident has the same e-mail, so both are one {system} user and open the same doors.\nGive each an e-mail of their own in the PMS and in {console}."),
        Cause::KeySurplus => format!("The resident's {system} user has several keys of ours; the one with the lowest number is used.\nThe others can be deleted in {console}; none is deleted from here."),
        Cause::KeyNotReady => format!("The resident has no usable key in {system} yet and none could be made just now.\nIt is tried again at the next use."),
        Cause::UnitNameBlank => "A unit of the building has a blank name, so nothing can be matched to it.\nName it in ElevateOS.".to_owned(),
        Cause::UnitNameDoubled => format!("More than one unit of the building is named{about}, so none of them can be matched.\nRename one in ElevateOS."),
        Cause::UnitNotListed => format!("The building's list of units does not hold the resident's unit{about}.\nCheck the unit in ElevateOS."),
        Cause::UnitUnmatched => format!("No {system} unit is named{about}.\nGive the unit exactly the same name in {console} and in ElevateOS (only upper and lower case may differ)."),
        Cause::UnitAmbiguous => format!("More than one {system} unit is named{about}, so none of them can be matched.\nRename one in {console}."),
        Cause::UnitWithoutDoors => format!("The {system} unit{about} is matched but has no doors.\nAssign at least one door to it in {console}."),
        Cause::VendorUnitBlank => format!("A unit in {system} has a blank name and matches nothing.\nName it in {console}."),
        Cause::WrongBuilding => format!("This {system} connection is set up for another building.\nCorrect the connection in ElevateOS."),
        Cause::DoorNotRemote => format!("The door{about} cannot be unlocked remotely.\nCheck the device's settings and rights in {console}."),
        Cause::DoorRemoved => format!("The door{about} was removed from {system}.\nConnect it again or take it off the unit in {console}."),
        Cause::DoorUnmanaged => format!("The door{about} is known to {system} and not managed there, so it cannot be controlled.\nHave it managed in {console} if it should open for residents; that starts its billing."),
        Cause::DoorPrivate => format!("The door{about} is in privacy mode, which blocks remote unlocking.\nEnd it at the device."),
        Cause::DoorOffline => format!("The door{about} was reported offline.\nCheck its power and network."),
        Cause::DoorWarned => format!("{system} warns about the door{about}.\nIt keeps nobody out; look at it in {console}."),
        Cause::DoorStateForbids => format!("The door{about} is in a state in which {system} takes no remote unlock.\nChange its state or schedule in {console}."),
        Cause::DoorLockdown => format!("A lockdown is on at the door{about}.\nEnd it in {console} once it is over."),
        Cause::OrderRefused => format!("{system} turned the unlock down.\nCheck in {console} that the door is in the resident's permission list and its state allows remote unlock."),
        Cause::OrderFailed => format!("{system} reported that the unlock failed.\nCheck that the door's controller is online and reachable."),
        Cause::SignInLapsed => format!("The sign-in to {system} had lapsed; it is renewed by itself.\nNothing to mend unless this repeats."),
        Cause::DoorRateLimited => format!("{system} allows only so many unlocks a minute for one door.\nNothing to mend."),
        Cause::AnswerLost => format!("The order to {system} may have arrived, and its answer was lost.\nWhether the door opened is not known; look at the door or at {console}."),
        Cause::AnswerUnclear => format!("{system} answered the order with something that is neither success nor refusal.\nWhether the door opened is not known; look at the door or at {console}."),
        Cause::StillPending => format!("The order to {system} was under way, and nothing was said in time of what became of it.\nCheck that the door's controller is online."),
        Cause::VendorUnreachable => format!("{system} could not be reached, or did not answer in time."),
        Cause::VendorError => format!("{system} answered with an error of its own."),
        Cause::VendorBusy => format!("{system} asks for a pause between requests."),
        Cause::VendorReplyUnusable => format!("A reply of {system} could not be used.\nIf this repeats, the SDK has to be adapted."),
        Cause::CredentialsRefused => format!("{system} refuses the credentials of this connection.\nEnter new ones in ElevateOS."),
        Cause::RightsMissing => match reason.subject() {
            Some(door) => format!("The account of this connection lacks a right in {system} for the door “{door}”.\nGive it in {console}."),
            None => format!("The account of this connection lacks a right in {system}.\nGive it in {console}."),
        },
        Cause::AccountLocked => format!("{system} has locked the account of this connection.\nUnlock it in {console}, then enter its credentials anew in ElevateOS, so that they are tried again."),
        Cause::SigningIn => format!("The service is signing in to {system}.\nNodes that share an account with a second factor take turns, half a minute each. Nothing to mend; a certificate of the organisation needs no turns."),
        Cause::PlanLacksUnlock => format!("The plan of the {system} organisation does not include remote unlock.\nChange the plan with {system}'s dealer, or in {console}."),
        Cause::SignInContested => format!("Somebody else signs in to {system} with the account of this connection, and each sign-in ends the other's.\nGive every installation an account of its own in {console}, and enter it in ElevateOS."),
        Cause::SignInNeeded => format!("The account through which {system} is connected asks for a new sign-in.\nMake a fresh connect link for it, and have the account's owner open it and sign in."),
        Cause::NothingSynced => format!("An account is connected to {system}, and no device of it has come.\nCheck at the account that its devices may be reached from outside and were picked, then sync it anew in {console}."),
        Cause::DeliveryRefused => format!("A notification that claims to be from {system} was refused.\nIf {system} sent it, enter its signing secret and workspace in the connection's settings in ElevateOS."),
        Cause::ConnectionsOverlap => match reason.subject() {
            Some(other) => format!("This {system} connection draws on the same doors as “{other}”, so that residents of one may get doors of the other.\nPin each to what is its own (sites, accounts or spaces) in ElevateOS."),
            None => format!("This {system} connection serves several buildings and is pinned to none of their sites, so that residents of one may get doors of another.\nPin its sites in ElevateOS."),
        },
        Cause::SetupWrong => format!("The settings of this connection do not fit what {system} has.\nCorrect them in ElevateOS."),
        Cause::DirectoryFailed => "The list of residents and units in ElevateOS could not be read.".to_owned(),
        Cause::ConnectionFailed => "The building's door connections in ElevateOS could not be read or opened.".to_owned(),
        Cause::StoreFailed => "The store of taps and links in ElevateOS could not be used.".to_owned(),
        Cause::UserUnclaimed => format!("No resident of this building has the e-mail of this {system} user, and it is active.\nNothing to mend if it is staff's or another building's; else disable it in {console}."),
        Cause::UserEndsSoon => format!("The resident's {system} user ends soon, and nothing opens for them from then on.\nMove its end date in {console} if they stay."),
        Cause::DoorOfTwoUnits => format!("The door{about} is assigned to exactly two units, so the residents of each can open it.\nTake it off one of them in {console}, unless they share it."),
        Cause::VendorUnitUnmatched => format!("The {system} unit{about} has the name of no unit of the building.\nNothing to mend if it is no apartment, such as a lobby; else give both exactly the same name in {console} and in ElevateOS."),
        Cause::UnitRenamed => format!("A {system} unit has another name than at the last audit.\nIf that was not meant, name it{about} again in {console}; else give the unit in ElevateOS the new name."),
        Cause::UnitAppeared => format!("The {system} unit{about} was not there at the last audit.\nNothing to mend if it is meant to be there."),
        Cause::UnitVanished => format!("The {system} unit{about} is no longer there.\nMake it again in {console} if it was not meant to go."),
        Cause::UnitSplit => format!("Where one {system} unit was named{about}, there are several now.\nLeave the name to one of them in {console}."),
        Cause::UnitMerged => format!("Where several {system} units were named{about}, there is one now.\nCheck in {console} that its doors belong to that unit."),
        Cause::CounterpartChanged => format!("The unit{about} is matched to what was another unit's at the last audit, so its residents open other doors than before.\nCheck in {console} that its doors belong to it."),
        Cause::DoorsChanged => format!("The unit{about} has other doors than at the last audit.\nCheck its doors in {console} if that was not meant."),
        Cause::ChangesUnknown => format!("What changed in {system} since the last audit cannot be told: what that audit left is of another version of this service or of other settings.\nCheck some units' doors in {system} by hand; the next audit compares with this one."),
        Cause::Internal => "An internal fault.\nPlease report it to ElevateOS.".to_owned(),
        Cause::Unrecognised => "A cause that this version does not know.\nUpdate the service.".to_owned(),
    };
    if let Some(first) = text.get(..1).map(str::to_uppercase) {
        text.replace_range(..1, &first);
    }
    text
}

/// The place's name, for a person.
pub(crate) fn place(place: Place, reason: &Reason) -> String {
    match place {
        Place::Nowhere => "nowhere: it passes".to_owned(),
        Place::Pms => "the PMS".to_owned(),
        Place::ElevateOs => "ElevateOS".to_owned(),
        Place::Console => reason.system().map_or_else(
            || "the door system's console".to_owned(),
            |s| s.console.as_ref().to_owned(),
        ),
        Place::Door => "at the door".to_owned(),
    }
}
