//! A device as a door: its name, what blocks it, what is known against it.

use elevate_access::{Cause, Grant, InvalidId, Reason, System, VendorDoorId};
use elevate_unit_match::NameKey;
use jiff::Timestamp;

use crate::{Device, DeviceErrorCode, DeviceId, DeviceWarningCode};

/// One door of the building.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Door {
    pub(super) id: VendorDoorId,
    pub(super) device: DeviceId,
    /// Fit to be shown.
    pub(super) name: String,
    /// Why a tap would be refused at once: all that holds, what cannot be mended by waiting first.
    pub(super) blocked: Vec<Reason>,
    /// What is known against it without refusing a tap.
    pub(super) notice: Option<Reason>,
}

/// Errors by which a device was out of reach when Seam last heard of it.
const OUT_OF_REACH: [DeviceErrorCode; 5] = [
    DeviceErrorCode::DeviceOffline,
    DeviceErrorCode::DeviceDisconnected,
    DeviceErrorCode::HubDisconnected,
    DeviceErrorCode::BridgeDisconnected,
    DeviceErrorCode::AccountDisconnected,
];

/// Errors that somebody with an account has to mend before the device obeys.
const NOT_ALLOWED: [DeviceErrorCode; 2] =
    [DeviceErrorCode::MissingDeviceCredentials, DeviceErrorCode::SubscriptionRequired];

impl Door {
    pub(super) fn of(
        device: &Device,
        system: &System,
        scrub: &impl Fn(&str) -> String,
    ) -> Result<Self, InvalidId> {
        let name = name(device, scrub);
        let say = |(cause, detail): (Cause, Option<String>)| {
            let reason = Reason::new(cause).in_system(system).about(&name);
            match detail {
                Some(detail) => reason.with_detail(&detail),
                None => reason,
            }
        };
        Ok(Self {
            id: VendorDoorId::new(device.device_id.as_str())?,
            device: device.device_id.clone(),
            blocked: blocked(device).into_iter().map(say).collect(),
            notice: notice(device).map(say),
            name,
        })
    }

    pub(super) fn grant(&self) -> Grant {
        let mut grant = Grant::new(self.id.clone(), self.name.clone());
        if let Some(reason) = self.blocked.first() {
            grant = grant.blocked(reason.clone());
        }
        if let Some(notice) = &self.notice {
            grant = grant.with_notice(notice.clone());
        }
        grant
    }
}

/// The first name that shows something; the id, if none does.
fn name(device: &Device, scrub: &impl Fn(&str) -> String) -> String {
    let brand = device.properties.appearance.as_ref();
    let names = [
        device.display_name.as_deref(),
        device.nickname.as_deref(),
        brand.and_then(|appearance| appearance.name.as_deref()),
    ];
    // What is left of a name after scrubbing may be blank, or may be nothing but a mask.
    let shown = names.into_iter().flatten().map(scrub).find(|name| NameKey::of(name).is_ok());
    shown.unwrap_or_else(|| device.device_id.as_str().to_owned())
}

fn blocked(device: &Device) -> Vec<(Cause, Option<String>)> {
    let mut blocked = Vec::new();
    if device.has_error(&DeviceErrorCode::DeviceRemoved) {
        blocked.push((Cause::DoorRemoved, None));
    }
    let why = match (device.is_managed, device.can_remotely_unlock) {
        (Some(false), _) => Some("Seam does not manage the device"),
        (_, None) => Some("Seam does not say that it can be"),
        _ => None,
    };
    if why.is_some() || device.can_remotely_unlock == Some(false) {
        blocked.push((Cause::DoorNotRemote, why.map(str::to_owned)));
    }
    if device.has_warning(&DeviceWarningCode::PrivacyMode) {
        blocked.push((Cause::DoorPrivate, None));
    }
    blocked
}

/// Seam's picture of a device may be minutes old, so nothing here refuses a tap.
fn notice(device: &Device) -> Option<(Cause, Option<String>)> {
    let first = |codes: &[DeviceErrorCode]| {
        let mut errors = device.errors.iter();
        errors.find_map(|error| {
            let code = error.error_code.as_ref().filter(|code| codes.contains(code))?;
            Some(format!("Seam reports {code}{}", since(error.created_at)))
        })
    };
    if let Some(report) = first(&OUT_OF_REACH) {
        return Some((Cause::DoorOffline, Some(report)));
    }
    if device.properties.online == Some(false) {
        let report = "Seam showed it offline when it last heard of it";
        return Some((Cause::DoorOffline, Some(report.to_owned())));
    }
    first(&NOT_ALLOWED).map(|report| (Cause::RightsMissing, Some(report)))
}

fn since(moment: Option<Timestamp>) -> String {
    moment.map_or_else(String::new, |moment| format!(" since {moment}"))
}
