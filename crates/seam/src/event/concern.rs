//! What an event makes worth reading anew.

use super::Event;
use crate::{ActionAttemptId, ConnectWebviewId, DeviceId, EventType};

/// What of the facts that doors rest on may have changed: what to read anew, and never a fact by itself.
///
/// ```
/// use elevate_seam::{Concern, Event};
///
/// fn act_on(event: &Event) {
///     match event.concerns() {
///         Concern::Attempt(id) => println!("look at {id}: the event is not its outcome"),
///         Concern::Map => println!("read devices and spaces before the next use"),
///         Concern::DeviceState(id) => println!("{id} went on- or offline: nobody's right"),
///         Concern::Webview(id) => println!("a sign-in by {id} got on"),
///         _ => {}
///     }
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Concern {
    /// That action attempt may be settled.
    Attempt(ActionAttemptId),
    /// Which doors there are, which can be opened, or whose they are. So are all events of accounts, since
    /// an account's devices come, go and fail with it.
    Map,
    /// How that device is: on- or offline, its subscription. It changes nobody's right.
    DeviceState(DeviceId),
    /// How far that sign-in by link is.
    Webview(ConnectWebviewId),
    /// Nothing of these.
    Nothing,
}

impl Event {
    /// What of the facts that doors rest on may have changed.
    ///
    /// `lock.unlocked` may be any opening and is no outcome; one that names an action attempt makes that worth
    /// a look. A type that nobody knows is taken for a change of the [`Map`](Concern::Map) if it is a device's,
    /// a space's, an entrance's or an account's: one reading too many does no harm. One that should name its
    /// attempt, device or webview and does not is [`Nothing`](Concern::Nothing).
    pub fn concerns(&self) -> Concern {
        use EventType as E;
        match &self.event_type {
            E::UnlockDoorSucceeded
            | E::UnlockDoorFailed
            | E::LockDoorSucceeded
            | E::LockDoorFailed
            | E::LockUnlocked
            | E::LockLocked => or_nothing(Concern::Attempt, self.action_attempt_id.as_ref()),
            E::DeviceConnected
            | E::DeviceDisconnected
            | E::DeviceConnectionBecameFlaky
            | E::DeviceConnectionStabilized
            | E::UnmanagedDeviceConnected
            | E::UnmanagedDeviceDisconnected
            | E::DeviceSubscriptionRequired
            | E::DeviceSubscriptionResolved => {
                or_nothing(Concern::DeviceState, self.device_id.as_ref())
            }
            E::DeviceAdded
            | E::DeviceRemoved
            | E::DeviceDeleted
            | E::DeviceNameChanged
            | E::DeviceConvertedToUnmanaged
            | E::DeviceConvertedToManaged
            | E::SaltoPrivacyModeActivated
            | E::SaltoPrivacyModeDeactivated
            | E::SpaceCreated
            | E::SpaceDeleted
            | E::SpaceDeviceMembershipChanged
            | E::AcsEntranceAdded
            | E::AcsEntranceRemoved
            | E::ConnectedAccountConnected
            | E::ConnectedAccountCreated
            | E::ConnectedAccountSuccessfulLogin
            | E::ConnectedAccountDisconnected
            | E::ConnectedAccountDeleted
            | E::ConnectedAccountReauthorizationRequested
            | E::ConnectedAccountCompletedFirstSync
            | E::ConnectedAccountCompletedFirstSyncAfterReconnection => Concern::Map,
            E::ConnectWebviewLoginSucceeded | E::ConnectWebviewLoginFailed => {
                or_nothing(Concern::Webview, self.connect_webview_id.as_ref())
            }
            E::Unknown(text) if is_of_the_map(text) => Concern::Map,
            E::LockAccessDenied
            | E::DeviceDoorbellRang
            | E::DeviceTampered
            | E::DeviceLowBattery
            | E::DeviceBatteryStatusChanged
            | E::Unknown(_) => Concern::Nothing,
        }
    }
}

fn or_nothing<T: Clone>(concern: fn(T) -> Concern, id: Option<&T>) -> Concern {
    id.cloned().map_or(Concern::Nothing, concern)
}

fn is_of_the_map(event_type: &str) -> bool {
    ["device.", "space.", "acs_entrance.", "connected_account."]
        .iter()
        .any(|family| event_type.starts_with(family))
}
