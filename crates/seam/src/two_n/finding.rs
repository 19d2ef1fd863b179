//! What a reading shows to be set up wrongly, beside what doors and names show.

use elevate_access::{Cause, Reason};

use super::Inner;
use crate::{ConnectedAccountId, DeviceId, SpaceId};

/// Something to mend, in the connection's settings or at Seam.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Finding {
    /// A connected account that the connection is pinned to, and no door's or other device's.
    EmptyAccount(ConnectedAccountId),
    /// No connected account has the customer key that the connection is pinned to.
    EmptyCustomer,
    /// No space lies in the one that the connection is pinned to.
    EmptyParent(SpaceId),
    /// An entry of the list of doors names none.
    NoSuchDoor(String),
    /// An entry of the list of doors names so many, by their name.
    DoorDoubled(String, usize),
    /// The metadata of that device names units, and one of the names is blank.
    BlankName(DeviceId),
    /// The metadata of that device should name units, and is no text.
    NotText(DeviceId),
    /// The metadata of that device may name units, and cannot be read.
    UnreadableMetadata(DeviceId),
}

impl Inner {
    /// The finding as a reason.
    pub(super) fn finding(&self, finding: &Finding) -> Reason {
        let setup = |detail: &str| self.reason(Cause::SetupWrong).with_detail(detail);
        let entry = |entry: &str, why: &str| {
            let entry = self.client.scrub(entry);
            setup(&format!("the list of doors names “{entry}”, {why}")).about(&entry)
        };
        let metadata = |detail: String| {
            let reason = Reason::new(Cause::VendorUnitBlank).in_system(&self.unit_system);
            reason.with_detail(&detail)
        };
        match finding {
            Finding::EmptyAccount(account) => {
                setup(&format!("Seam lists no device of the connected account {account}"))
            }
            Finding::EmptyCustomer => {
                setup("Seam lists no connected account of the customer of this connection")
            }
            Finding::EmptyParent(space) => {
                setup(&format!("Seam lists no space of this connection's below the space {space}"))
            }
            Finding::NoSuchDoor(name) => {
                entry(name, "and no door of this connection is called exactly so")
            }
            Finding::DoorDoubled(name, doors) => {
                entry(name, &format!("and {doors} doors are called so: name each by its device id"))
            }
            Finding::BlankName(device) => {
                metadata(format!("the metadata of the device {device} holds a blank name"))
            }
            Finding::NotText(device) => {
                metadata(format!("the metadata of the device {device} is no text"))
            }
            Finding::UnreadableMetadata(device) => metadata(format!(
                "the metadata of the device {device} has more than 200 pairs or is no object, so it names no unit"
            )),
        }
    }
}
