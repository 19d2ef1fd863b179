//! Seam's own words: closed lists in its specification, open ones here.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $( $(#[$word_doc:meta])* $word:ident = $text:literal, )* }) => {
        $(#[$doc])*
        ///
        /// A word that this version does not know keeps its text. Words are equal if their texts are.
        #[derive(Clone, Serialize, Deserialize)]
        #[serde(from = "String", into = "String")]
        #[non_exhaustive]
        pub enum $name {
            $( $(#[$word_doc])* $word, )*
            /// A word that this version does not know.
            Unknown(String),
        }

        impl $name {
            /// The word as Seam writes it.
            pub fn as_str(&self) -> &str {
                match self { $(Self::$word => $text,)* Self::Unknown(text) => text }
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                match text { $($text => Self::$word,)* _ => Self::Unknown(text.to_owned()) }
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                match text.as_str() { $($text => Self::$word,)* _ => Self::Unknown(text) }
            }
        }

        impl From<$name> for String {
            fn from(word: $name) -> Self {
                match word { $name::Unknown(text) => text, known => known.as_str().to_owned() }
            }
        }

        impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                self.as_str() == other.as_str()
            }
        }

        impl Eq for $name {}

        impl PartialOrd for $name {
            fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
                Some(self.cmp(other))
            }
        }

        impl Ord for $name {
            fn cmp(&self, other: &Self) -> std::cmp::Ordering {
                self.as_str().cmp(other.as_str())
            }
        }

        impl std::hash::Hash for $name {
            fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
                self.as_str().hash(state);
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                // Escaped and cut: an unknown word is a vendor's text.
                write!(f, "{:?}", self.as_str().chars().take(80).collect::<String>())
            }
        }
    };
}

mod accounts;

pub use self::accounts::{
    AccountErrorCode, AccountType, AccountWarningCode, ProviderKey, WebviewStatus,
};

words! {
    /// What a device is (`device_type`).
    ///
    /// Named are those that the specification lists as locks, since only they can be unlocked remotely.
    #[expect(clippy::doc_markdown, reason = "brands are written as they write themselves")]
    DeviceType {
        /// Akiles.
        AkilesLock = "akiles_lock",
        /// Akuvox.
        AkuvoxLock = "akuvox_lock",
        /// August.
        AugustLock = "august_lock",
        /// Avigilon Alta, an entry.
        AvigilonAltaEntry = "avigilon_alta_entry",
        /// Brivo, an access point.
        BrivoAccessPoint = "brivo_access_point",
        /// ButterflyMX, a panel.
        ButterflymxPanel = "butterflymx_panel",
        /// ControlByWeb.
        ControlbywebDevice = "controlbyweb_device",
        /// DoorKing.
        DoorkingLock = "doorking_lock",
        /// dormakaba Oracode.
        DormakabaOracodeDoor = "dormakaba_oracode_door",
        /// 4SUITES.
        FourSuitesDoor = "four_suites_door",
        /// Genie, a garage door.
        GenieDoor = "genie_door",
        /// igloo.
        IglooLock = "igloo_lock",
        /// igloohome.
        IgloohomeLock = "igloohome_lock",
        /// KeyInCode.
        KeyincodeLock = "keyincode_lock",
        /// Kisi.
        KisiLock = "kisi_lock",
        /// Kwikset.
        KwiksetLock = "kwikset_lock",
        /// Linear.
        LinearLock = "linear_lock",
        /// Lockly.
        LocklyLock = "lockly_lock",
        /// Nuki.
        NukiLock = "nuki_lock",
        /// Omnitec.
        OmnitecLock = "omnitec_lock",
        /// Salto.
        SaltoLock = "salto_lock",
        /// Schlage.
        SchlageLock = "schlage_lock",
        /// SmartThings.
        SmartthingsLock = "smartthings_lock",
        /// Tedee.
        TedeeLock = "tedee_lock",
        /// TTLock.
        TtlockLock = "ttlock_lock",
        /// 2N, an intercom.
        TwoNIntercom = "two_n_intercom",
        /// Ultraloq.
        UltraloqLock = "ultraloq_lock",
        /// Wyze.
        WyzeLock = "wyze_lock",
        /// Yale.
        YaleLock = "yale_lock",
    }
}

words! {
    /// What is wrong with a device (`errors[].error_code`).
    DeviceErrorCode {
        /// The device is offline.
        DeviceOffline = "device_offline",
        /// The device was removed from its account.
        DeviceRemoved = "device_removed",
        /// The hub that the device speaks through is disconnected.
        HubDisconnected = "hub_disconnected",
        /// The device is disconnected.
        DeviceDisconnected = "device_disconnected",
        /// The account behind the device needs a new sign-in.
        AccountDisconnected = "account_disconnected",
        /// The bridge that the device speaks through is disconnected.
        BridgeDisconnected = "bridge_disconnected",
        /// The device's own API user is not set.
        MissingDeviceCredentials = "missing_device_credentials",
        /// The brand asks for a subscription.
        SubscriptionRequired = "subscription_required",
    }
}

words! {
    /// What is odd about a device (`warnings[].warning_code`).
    DeviceWarningCode {
        /// Privacy mode is on: remote unlock is blocked.
        PrivacyMode = "privacy_mode",
        /// A hub has to be connected for all capabilities.
        HubRequiredForAdditionalCapabilities = "hub_required_for_additional_capabilities",
        /// The device may be shown online though it is not.
        UnreliableOnlineStatus = "unreliable_online_status",
        /// The brand has an issue that may affect the device.
        ProviderIssue = "provider_issue",
        /// The device seems not to respond.
        DeviceCommunicationDegraded = "device_communication_degraded",
        /// The device's connection comes and goes.
        DeviceHasFlakyConnection = "device_has_flaky_connection",
        /// The brand has announced maintenance.
        ScheduledMaintenanceWindow = "scheduled_maintenance_window",
        /// The 2N device has no time zone; matters for codes only.
        TwoNDeviceMissingTimezone = "two_n_device_missing_timezone",
    }
}

words! {
    /// What an action attempt does (`action_type`).
    ActionType {
        /// Unlocks a door.
        UnlockDoor = "UNLOCK_DOOR",
        /// Locks a door.
        LockDoor = "LOCK_DOOR",
    }
}

words! {
    /// How an action attempt stands (`status`).
    AttemptStatus {
        /// Nothing is known yet.
        Pending = "pending",
        /// It was handed to the brand; whether the device confirmed it is told apart.
        Success = "success",
        /// It failed, says Seam.
        Error = "error",
    }
}

words! {
    /// Why an action attempt failed (`error.type`). For unlocking the specification lists none; these it
    /// lists for other actions.
    AttemptErrorType {
        /// No better word.
        UncategorizedError = "uncategorized_error",
        /// The device did not answer in time.
        ActionAttemptExpired = "action_attempt_expired",
        /// The bridge is disconnected.
        BridgeDisconnected = "bridge_disconnected",
    }
}

words! {
    /// What an event tells of (`event_type`).
    ///
    /// Named are those that concern doors, the units that they belong to, and the accounts behind them.
    EventType {
        /// An order to unlock succeeded. Whether the device confirmed it is not said: read the attempt.
        UnlockDoorSucceeded = "action_attempt.unlock_door.succeeded",
        /// An order to unlock failed. Why is not said: read the attempt.
        UnlockDoorFailed = "action_attempt.unlock_door.failed",
        /// An order to lock succeeded.
        LockDoorSucceeded = "action_attempt.lock_door.succeeded",
        /// An order to lock failed.
        LockDoorFailed = "action_attempt.lock_door.failed",
        /// A door was unlocked, by whatever means: no outcome of an order.
        LockUnlocked = "lock.unlocked",
        /// A door was locked, by whatever means.
        LockLocked = "lock.locked",
        /// A door refused somebody.
        LockAccessDenied = "lock.access_denied",
        /// A device came.
        DeviceAdded = "device.added",
        /// A device was removed from its account.
        DeviceRemoved = "device.removed",
        /// A device was deleted.
        DeviceDeleted = "device.deleted",
        /// A device went online.
        DeviceConnected = "device.connected",
        /// A device went offline.
        DeviceDisconnected = "device.disconnected",
        /// A device's connection comes and goes.
        DeviceConnectionBecameFlaky = "device.connection_became_flaky",
        /// A device's connection is steady again.
        DeviceConnectionStabilized = "device.connection_stabilized",
        /// A device has another name.
        DeviceNameChanged = "device.name_changed",
        /// A managed device was left unmanaged: it cannot be controlled any more.
        DeviceConvertedToUnmanaged = "device.converted_to_unmanaged",
        /// An unmanaged device is managed now.
        DeviceConvertedToManaged = "device.unmanaged.converted_to_managed",
        /// An unmanaged device went online.
        UnmanagedDeviceConnected = "device.unmanaged.connected",
        /// An unmanaged device went offline.
        UnmanagedDeviceDisconnected = "device.unmanaged.disconnected",
        /// The brand asks for a subscription.
        DeviceSubscriptionRequired = "device.error.subscription_required",
        /// The brand asks for a subscription no more.
        DeviceSubscriptionResolved = "device.error.subscription_required.resolved",
        /// Privacy mode was switched on at a Salto door: remote unlock is blocked.
        SaltoPrivacyModeActivated = "device.salto.privacy_mode_activated",
        /// Privacy mode was switched off at a Salto door.
        SaltoPrivacyModeDeactivated = "device.salto.privacy_mode_deactivated",
        /// Somebody rang.
        DeviceDoorbellRang = "device.doorbell_rang",
        /// A device was tampered with.
        DeviceTampered = "device.tampered",
        /// A device's battery is low.
        DeviceLowBattery = "device.low_battery",
        /// A device's battery has another level.
        DeviceBatteryStatusChanged = "device.battery_status_changed",
        /// A space was made.
        SpaceCreated = "space.created",
        /// A space was deleted.
        SpaceDeleted = "space.deleted",
        /// A space has other devices.
        SpaceDeviceMembershipChanged = "space.device_membership_changed",
        /// An entrance of an access system came.
        AcsEntranceAdded = "acs_entrance.added",
        /// An entrance of an access system was removed.
        AcsEntranceRemoved = "acs_entrance.removed",
        /// An account was connected, for the first time or again.
        ConnectedAccountConnected = "connected_account.connected",
        /// An account was made.
        ConnectedAccountCreated = "connected_account.created",
        /// Somebody signed in to an account.
        ConnectedAccountSuccessfulLogin = "connected_account.successful_login",
        /// An account needs a new sign-in.
        ConnectedAccountDisconnected = "connected_account.disconnected",
        /// An account was deleted.
        ConnectedAccountDeleted = "connected_account.deleted",
        /// An account asks for a new sign-in, and works until then.
        ConnectedAccountReauthorizationRequested = "connected_account.reauthorization_requested",
        /// An account's devices are there.
        ConnectedAccountCompletedFirstSync = "connected_account.completed_first_sync",
        /// An account's devices are there again.
        ConnectedAccountCompletedFirstSyncAfterReconnection =
            "connected_account.completed_first_sync_after_reconnection",
        /// A sign-in by link succeeded.
        ConnectWebviewLoginSucceeded = "connect_webview.login_succeeded",
        /// A sign-in by link failed; why is not said.
        ConnectWebviewLoginFailed = "connect_webview.login_failed",
    }
}

words! {
    /// How a door was locked or unlocked (`method`).
    LockMethod {
        /// By an order, Seam's or the brand's own.
        Remote = "remote",
        /// By a code.
        Keycode = "keycode",
        /// By hand.
        Manual = "manual",
        /// By itself.
        Automatic = "automatic",
        /// By a card.
        Card = "card",
        /// The brand does not say: Seam's own word.
        NotSaid = "unknown",
    }
}

words! {
    /// Why a door refused somebody (`reason.reason_code`).
    DenialReason {
        /// A code that the door does not know.
        UnknownCode = "unknown_code",
        /// A code whose time is over.
        ExpiredCode = "expired_code",
        /// A code or card that is barred.
        BlocklistedCode = "blocklisted_code",
        /// Too many tries.
        TooManyAttempts = "too_many_attempts",
        /// Privacy mode is on.
        BlockedByPrivacyMode = "blocked_by_privacy_mode",
        /// What was shown to the door could not be read.
        CredentialError = "credential_error",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_that_nobody_knows_keeps_its_text() {
        let word: DeviceType = serde_json::from_str(r#""two_n_verso_next""#).unwrap();
        assert!(matches!(&word, DeviceType::Unknown(text) if text == "two_n_verso_next"));
        assert_eq!(serde_json::to_string(&word).unwrap(), r#""two_n_verso_next""#);
    }

    #[test]
    fn a_word_is_what_it_says_however_it_was_made() {
        let made = DeviceType::Unknown("two_n_intercom".to_owned());
        assert_eq!(made, DeviceType::TwoNIntercom);
        assert_eq!(DeviceType::from("two_n_intercom"), DeviceType::TwoNIntercom);
        assert_ne!(DeviceType::from("TWO_N_INTERCOM"), DeviceType::TwoNIntercom);
    }

    #[test]
    fn an_unknown_word_cannot_fill_or_steer_a_log() {
        let word = AttemptStatus::Unknown("\u{1b}[31m\u{202e}\n".repeat(10_000));
        let shown = format!("{word:?}");
        assert!(shown.len() < 2000 && !shown.contains(['\u{1b}', '\n', '\u{202e}']), "{shown}");
    }
}
