//! Every cause that is told apart: its code, what sort of trouble it is, and where it is mended.

use serde::{Deserialize, Serialize};

use crate::{ErrorKind, Place};

macro_rules! causes {
    ($( $(#[$doc:meta])* $name:ident = $code:literal, $kind:ident, $place:ident; )*) => {
        /// Every cause that this SDK tells apart; [a table](crate::causes) has them with their sentences.
        ///
        /// Stored and sent as its [`code`](Self::code); a code that this version does not know reads as
        /// [`Unrecognised`](Self::Unrecognised).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[non_exhaustive]
        pub enum Cause {
            $( $(#[$doc])* #[serde(rename = $code)] $name, )*
            /// A cause written by a later version of this crate.
            #[serde(other, rename = "unrecognised")]
            Unrecognised,
        }

        impl Cause {
            /// Whether it keeps doors shut. What does not is worth mending all the same.
            pub fn keeps_shut(self) -> bool {
                !matches!(
                    self,
                    Self::UserShared
                        | Self::KeySurplus
                        | Self::AccessRemains
                        | Self::ConnectionsOverlap
                        | Self::DoorWarned
                        | Self::UserUnclaimed
                        | Self::UserEndsSoon
                        | Self::DoorOfTwoUnits
                        | Self::VendorUnitUnmatched
                        | Self::UnitRenamed
                        | Self::UnitAppeared
                        | Self::UnitVanished
                        | Self::UnitSplit
                        | Self::UnitMerged
                        | Self::CounterpartChanged
                        | Self::DoorsChanged
                        | Self::ChangesUnknown
                        | Self::DeliveryRefused
                )
            }

            /// Every cause, in the order of this list.
            pub const ALL: &'static [Self] = &[$(Self::$name,)* Self::Unrecognised];

            /// A stable code for apps that translate, such as `user_not_found`.
            pub fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* Self::Unrecognised => "unrecognised" }
            }

            /// What sort of trouble it is.
            pub fn kind(self) -> ErrorKind {
                match self { $(Self::$name => ErrorKind::$kind,)* Self::Unrecognised => ErrorKind::Internal }
            }

            /// Where it is mended.
            pub fn place(self) -> Place {
                match self { $(Self::$name => Place::$place,)* Self::Unrecognised => Place::ElevateOs }
            }
        }
    };
}

causes! {
    // The caller and the resident.
    /// The caller asked for something that cannot be asked.
    InvalidInput = "invalid_input", InvalidInput, ElevateOs;
    /// The directory knows no such resident.
    ResidentUnknown = "resident_unknown", Denied, ElevateOs;
    /// No residency is Current (N9, C3).
    NotCurrent = "not_current", Denied, Pms;
    /// There is no e-mail that the host vouches for.
    NoVerifiedEmail = "no_verified_email", Denied, Pms;
    /// E-mail, unit or standing changed while the tap was under way.
    DetailsChanged = "details_changed", Denied, Nowhere;
    /// No such door for this resident: unknown, somebody else's, or no longer granted (O8, N9).
    DoorNotGranted = "door_not_granted", Denied, Console;
    /// The building has no door system.
    NoConnection = "no_connection", Misconfigured, ElevateOs;
    /// The tap is older than an order may be.
    TapTooOld = "tap_too_old", TooLate, Nowhere;
    /// The tap's id belongs to another resident or another door.
    TapIdTaken = "tap_id_taken", InvalidInput, ElevateOs;
    /// The tap's ticket was not issued for this resident and door, or by nobody who may.
    TicketRefused = "ticket_refused", InvalidInput, ElevateOs;
    /// This service was built without the keys that sign tickets.
    NoTicketKeys = "no_ticket_keys", Misconfigured, ElevateOs;
    /// The order could not start in time, so it did not.
    TooSlow = "too_slow", TooLate, Nowhere;
    /// As much is under way on this connection as is allowed.
    Overloaded = "overloaded", Busy, Nowhere;

    // Systems that know people by e-mail.
    /// No user of the system has this resident's e-mail (O1, O8).
    UserNotFound = "user_not_found", Denied, Console;
    /// Several users of the system have this resident's e-mail.
    UserAmbiguous = "user_ambiguous", Denied, Console;
    /// The resident's user is suspended (O6).
    UserSuspended = "user_suspended", Denied, Console;
    /// The resident's user is archived.
    UserArchived = "user_archived", Denied, Console;
    /// The resident's user has a status that this SDK does not know.
    UserStatusUnknown = "user_status_unknown", Denied, Console;
    /// The resident's user is valid from a later date on.
    UserNotYetValid = "user_not_yet_valid", Denied, Console;
    /// The resident's user was valid until a date that has passed.
    UserNoLongerValid = "user_no_longer_valid", Denied, Console;
    /// The resident's user may not unlock remotely.
    RemoteUnlockOff = "remote_unlock_off", Denied, Console;
    /// The resident is connected, and no door is assigned to them (O8).
    NoDoorsAssigned = "no_doors_assigned", Denied, Console;
    /// The resident is no longer Current, and the system's user with their e-mail is still active (O7, O8).
    AccessRemains = "access_remains", Misconfigured, Console;
    /// Two residents have one e-mail, and so are one user of the system.
    UserShared = "user_shared", Misconfigured, Pms;
    /// The resident has several keys that this SDK made.
    KeySurplus = "key_surplus", Misconfigured, Console;
    /// The resident has no usable key, and none could be made now.
    KeyNotReady = "key_not_ready", Unavailable, Nowhere;

    // Systems in which access follows the unit.
    /// The unit's name in ElevateOS is blank.
    UnitNameBlank = "unit_name_blank", Denied, ElevateOs;
    /// Two units of the building have this name.
    UnitNameDoubled = "unit_name_doubled", Denied, ElevateOs;
    /// The building's list of units does not hold the resident's unit.
    UnitNotListed = "unit_not_listed", Denied, ElevateOs;
    /// No unit of the system has this name (N9).
    UnitUnmatched = "unit_unmatched", Denied, Console;
    /// Several units of the system have this name.
    UnitAmbiguous = "unit_ambiguous", Denied, Console;
    /// The matched unit has no doors (N9).
    UnitWithoutDoors = "unit_without_doors", Denied, Console;
    /// A unit of the system has a blank name, and so matches nothing.
    VendorUnitBlank = "vendor_unit_blank", Misconfigured, Console;
    /// The connection serves another building.
    WrongBuilding = "wrong_building", Misconfigured, ElevateOs;

    // What an audit finds beside the above.
    /// An active user of the system has no resident's e-mail (O7).
    UserUnclaimed = "user_unclaimed", Misconfigured, Console;
    /// The resident's user is valid until a date that is near.
    UserEndsSoon = "user_ends_soon", Misconfigured, Console;
    /// The door is given to exactly two units.
    DoorOfTwoUnits = "door_of_two_units", Misconfigured, Console;
    /// A unit of the system matches none of ours.
    VendorUnitUnmatched = "vendor_unit_unmatched", Misconfigured, Console;
    /// A unit of the system has another name than at the last audit (N7).
    UnitRenamed = "unit_renamed", Misconfigured, Console;
    /// A unit of the system was not there at the last audit.
    UnitAppeared = "unit_appeared", Misconfigured, Console;
    /// A unit of the system that was there at the last audit is gone.
    UnitVanished = "unit_vanished", Misconfigured, Console;
    /// Several units of the system have a name that one had at the last audit.
    UnitSplit = "unit_split", Misconfigured, Console;
    /// One unit of the system has a name that several had at the last audit.
    UnitMerged = "unit_merged", Misconfigured, Console;
    /// The unit is matched to what was another unit's at the last audit (L6).
    CounterpartChanged = "counterpart_changed", Misconfigured, Console;
    /// The matched unit has other doors than at the last audit.
    DoorsChanged = "doors_changed", Misconfigured, Console;
    /// What the last audit left cannot be compared with, so that changes since then are not told of.
    ChangesUnknown = "changes_unknown", Misconfigured, ElevateOs;

    // Doors.
    /// The door cannot be unlocked remotely.
    DoorNotRemote = "door_not_remote", Denied, Console;
    /// The door's device was removed.
    DoorRemoved = "door_removed", Denied, Console;
    /// The system knows the door's device and does not manage it, so that it obeys nobody.
    DoorUnmanaged = "door_unmanaged", Denied, Console;
    /// The door's device is in privacy mode.
    DoorPrivate = "door_private", Denied, Door;
    /// The door's device was reported offline (N9).
    DoorOffline = "door_offline", Unavailable, Door;
    /// The system warns of something about the door's device that keeps nobody out.
    DoorWarned = "door_warned", Misconfigured, Console;
    /// The door is in a state in which it takes no remote unlock.
    DoorStateForbids = "door_state_forbids", Denied, Console;
    /// A lockdown is on at the door.
    DoorLockdown = "door_lockdown", Denied, Console;

    // After an order was sent.
    /// The system turned the order down (O8).
    OrderRefused = "order_refused", Denied, Console;
    /// The system took the order and reports that it failed (N9).
    OrderFailed = "order_failed", Unavailable, Door;
    /// The service account's sign-in had lapsed.
    SignInLapsed = "sign_in_lapsed", Unavailable, Nowhere;
    /// The system allows no more orders for this door just now.
    DoorRateLimited = "door_rate_limited", Busy, Nowhere;
    /// The order may have arrived; its answer was lost.
    AnswerLost = "answer_lost", Unavailable, Door;
    /// The order was answered with something that is neither success nor refusal.
    AnswerUnclear = "answer_unclear", Unavailable, Door;
    /// The order was taken, and nothing more was said of it in time.
    StillPending = "still_pending", Unavailable, Door;

    // The systems behind.
    /// The system could not be reached, or did not answer in time.
    VendorUnreachable = "vendor_unreachable", Unavailable, Nowhere;
    /// The system answered with an error of its own.
    VendorError = "vendor_error", Unavailable, Nowhere;
    /// The system asks for a pause.
    VendorBusy = "vendor_busy", Busy, Nowhere;
    /// The system's reply cannot be used.
    VendorReplyUnusable = "vendor_reply_unusable", Unavailable, ElevateOs;
    /// The system refuses the service account's credentials.
    CredentialsRefused = "credentials_refused", Misconfigured, ElevateOs;
    /// The service account lacks a right that is needed.
    RightsMissing = "rights_missing", Misconfigured, Console;
    /// The system has locked the service account, after too many refused sign-ins.
    AccountLocked = "account_locked", Misconfigured, Console;
    /// The service is signing in: nodes that share an account take turns.
    SigningIn = "signing_in", Unavailable, Nowhere;
    /// The system's plan does not include remote unlock.
    PlanLacksUnlock = "plan_lacks_unlock", Misconfigured, Console;
    /// Somebody else signs in with the same account and ends our sign-in by it, again and again.
    SignInContested = "sign_in_contested", Misconfigured, ElevateOs;
    /// The account behind the connection asks its owner to sign in anew.
    SignInNeeded = "sign_in_needed", Misconfigured, ElevateOs;
    /// The account behind the connection is connected, and nothing of it has come.
    NothingSynced = "nothing_synced", Misconfigured, Console;
    /// A notification is not signed by the system, or is not for this connection.
    DeliveryRefused = "delivery_refused", Denied, ElevateOs;
    /// Two connections, or two buildings of one, draw on the same doors.
    ConnectionsOverlap = "connections_overlap", Misconfigured, ElevateOs;
    /// The connection's settings name something that the system does not have.
    SetupWrong = "setup_wrong", Misconfigured, ElevateOs;
    /// The host's directory failed.
    DirectoryFailed = "directory_failed", Unavailable, ElevateOs;
    /// The host's table of connections failed, or a connection could not be opened.
    ConnectionFailed = "connection_failed", Unavailable, ElevateOs;
    /// The store failed.
    StoreFailed = "store_failed", Unavailable, ElevateOs;
    /// A provider broke its contract, or this SDK has a bug.
    Internal = "internal", Internal, ElevateOs;
}
