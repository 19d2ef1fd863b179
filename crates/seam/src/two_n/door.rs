//! A device as a door: its name, what blocks it, what is known against it.

use elevate_access::{Cause, Grant, InvalidId, Reason, VendorDoorId};
use elevate_unit_match::NameKey;
use jiff::Timestamp;

use crate::{Device, DeviceError, DeviceErrorCode, DeviceId, DeviceWarningCode};

/// One door of the building.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Door {
    pub(super) id: VendorDoorId,
    pub(super) device: DeviceId,
    /// Fit to be shown.
    pub(super) name: String,
    /// The name as Seam has it, if any shows something.
    pub(super) raw_name: Option<String>,
    /// Why a tap would be refused at once: all that holds, what cannot be mended by waiting first.
    pub(super) blocked: Vec<Reason>,
    /// What is known against it without refusing a tap.
    pub(super) notice: Option<Reason>,
    /// Whether it was online when Seam last heard of it.
    pub(super) online: Option<bool>,
    /// What Seam reports to be wrong with it, and since when.
    pub(super) errors: Vec<(DeviceErrorCode, Option<Timestamp>)>,
    /// What Seam warns of without it keeping anybody out, and since when. Not for residents.
    pub(super) warnings: Vec<(DeviceWarningCode, Option<Timestamp>)>,
}

/// Errors by which a device was out of reach when Seam last heard of it.
const OUT_OF_REACH: [DeviceErrorCode; 4] = [
    DeviceErrorCode::DeviceOffline,
    DeviceErrorCode::DeviceDisconnected,
    DeviceErrorCode::HubDisconnected,
    DeviceErrorCode::BridgeDisconnected,
];

/// Errors that somebody with an account has to mend before the device obeys.
const NOT_ALLOWED: [DeviceErrorCode; 2] =
    [DeviceErrorCode::MissingDeviceCredentials, DeviceErrorCode::SubscriptionRequired];

impl Door {
    /// The device as a door, as it was in a reading that began then.
    pub(super) fn of(
        device: &Device,
        begun: Timestamp,
        reason: &impl Fn(Cause) -> Reason,
        scrub: &impl Fn(&str) -> String,
    ) -> Result<Self, InvalidId> {
        let raw_name = raw_name(device, scrub).map(str::to_owned);
        let name = raw_name.as_deref().map_or_else(|| device.device_id.as_str().to_owned(), scrub);
        let say = |why: Why| {
            let reason = reason(why.cause).about(&name);
            let reason = match why.detail {
                Some(detail) => reason.with_detail(&scrub(&detail)),
                None => reason,
            };
            match why.since {
                Some(since) => reason.since(since),
                None => reason,
            }
        };
        let errors = device.errors.iter();
        let errors = errors.filter_map(|error| Some((error.error_code.clone()?, error.created_at)));
        let warnings = device.warnings.iter();
        let warnings = warnings.filter_map(|odd| Some((odd.warning_code.clone()?, odd.created_at)));
        Ok(Self {
            id: VendorDoorId::new(device.device_id.as_str())?,
            device: device.device_id.clone(),
            blocked: blocked(device).into_iter().map(say).collect(),
            notice: notice(device, begun).map(say),
            name,
            raw_name,
            online: device.properties.online,
            errors: errors.collect(),
            warnings: warnings
                .filter(|(code, _)| *code != DeviceWarningCode::PrivacyMode)
                .collect(),
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

/// The first name that shows something. What is left of one after scrubbing may be blank, or may be nothing
/// but a mask.
fn raw_name<'d>(device: &'d Device, scrub: &impl Fn(&str) -> String) -> Option<&'d str> {
    let brand = device.properties.appearance.as_ref();
    let names = [
        device.display_name.as_deref(),
        device.nickname.as_deref(),
        brand.and_then(|appearance| appearance.name.as_deref()),
    ];
    names.into_iter().flatten().find(|name| NameKey::of(&scrub(name)).is_ok())
}

/// Something against a door.
struct Why {
    cause: Cause,
    detail: Option<String>,
    since: Option<Timestamp>,
}

/// An error that the device has, of those codes.
fn error<'d>(device: &'d Device, codes: &[DeviceErrorCode]) -> Option<&'d DeviceError> {
    device.errors.iter().find(|e| e.error_code.as_ref().is_some_and(|code| codes.contains(code)))
}

fn blocked(device: &Device) -> Vec<Why> {
    let mut blocked = Vec::new();
    let mut is = |cause, detail: Option<&str>, since| {
        blocked.push(Why { cause, detail: detail.map(str::to_owned), since });
    };
    if let Some(removed) = error(device, &[DeviceErrorCode::DeviceRemoved]) {
        is(Cause::DoorRemoved, None, removed.created_at);
    }
    if device.is_managed == Some(false) {
        is(Cause::DoorUnmanaged, None, None);
    }
    match device.can_remotely_unlock {
        Some(true) => {}
        Some(false) => is(Cause::DoorNotRemote, None, None),
        None => is(Cause::DoorNotRemote, Some("Seam does not say that it can be"), None),
    }
    let mut warnings = device.warnings.iter();
    let private = Some(DeviceWarningCode::PrivacyMode);
    if let Some(private) = warnings.find(|warning| warning.warning_code == private) {
        is(Cause::DoorPrivate, None, private.created_at);
    }
    blocked
}

/// Seam's picture of a device may be minutes old, so nothing here refuses a tap.
fn notice(device: &Device, begun: Timestamp) -> Option<Why> {
    let reported = |cause, codes: &[DeviceErrorCode]| {
        let error = error(device, codes)?;
        let (code, since) = (error.error_code.as_ref()?, error.created_at);
        let age = since.and_then(|since| age(since, begun)).unwrap_or_default();
        Some(Why { cause, detail: Some(format!("Seam reports {code}{age}")), since })
    };
    // An account that is signed out is why its devices are out of reach, and is what has to be mended.
    reported(Cause::SignInNeeded, &[DeviceErrorCode::AccountDisconnected])
        .or_else(|| reported(Cause::DoorOffline, &OUT_OF_REACH))
        .or_else(|| {
            let report = "Seam showed it offline when it last heard of it, it does not say when";
            (device.properties.online == Some(false)).then(|| Why {
                cause: Cause::DoorOffline,
                detail: Some(report.to_owned()),
                since: None,
            })
        })
        .or_else(|| reported(Cause::RightsMissing, &NOT_ALLOWED))
}

/// How long it was so when the reading began, in its largest unit: `, for 5 min`.
pub(super) fn age(since: Timestamp, begun: Timestamp) -> Option<String> {
    let seconds = begun.duration_since(since).as_secs();
    let (length, unit) = match seconds {
        ..0 => return None,
        0..60 => (seconds, "s"),
        60..3_600 => (seconds / 60, "min"),
        3_600..86_400 => (seconds / 3_600, "h"),
        86_400.. => (seconds / 86_400, "days"),
    };
    Some(format!(", for {length} {unit}"))
}
