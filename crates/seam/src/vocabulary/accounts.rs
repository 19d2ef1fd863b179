//! Words of accounts, and of the sign-ins that connect them.

use std::fmt;

use serde::{Deserialize, Serialize};

words! {
    /// A brand whose accounts can be connected (`accepted_providers`, `selected_provider`).
    ProviderKey {
        /// 2N's portal, `My2N`.
        TwoN = "my_2n",
    }
}

words! {
    /// What a connected account is of (`account_type`). Its words are not documented; that 2N's is its
    /// [provider key](ProviderKey) is a guess.
    AccountType {
        /// 2N's portal, `My2N`.
        TwoN = "my_2n",
    }
}

words! {
    /// What is wrong with a connected account (`errors[].error_code`).
    AccountErrorCode {
        /// The account needs a new sign-in.
        AccountDisconnected = "account_disconnected",
        /// The bridge that the account is reached through is disconnected.
        BridgeDisconnected = "bridge_disconnected",
        /// A Salto KS site has as many users as it may have.
        SaltoKsSubscriptionLimitExceeded = "salto_ks_subscription_limit_exceeded",
        /// A dormakaba site could not be connected.
        DormakabaSitesDisconnected = "dormakaba_sites_disconnected",
    }
}

words! {
    /// What is odd about a connected account (`warnings[].warning_code`).
    AccountWarningCode {
        /// The brand has announced maintenance.
        ScheduledMaintenanceWindow = "scheduled_maintenance_window",
        /// Reading the account failed for a reason that Seam does not know.
        UnknownIssueWithConnectedAccount = "unknown_issue_with_connected_account",
        /// A Salto KS site has nearly as many users as it may have.
        SaltoKsSubscriptionLimitAlmostReached = "salto_ks_subscription_limit_almost_reached",
        /// A new sign-in is asked for; until then the account works, without what is new.
        AccountReauthorizationRequested = "account_reauthorization_requested",
        /// The account is being deleted, with all that belongs to it.
        BeingDeleted = "being_deleted",
        /// The brand's own service is unavailable.
        ProviderServiceUnavailable = "provider_service_unavailable",
        /// Something has to be set up before the account works; the message says what.
        SetupRequired = "setup_required",
        /// A dormakaba site is not approved.
        DormakabaSitesUnapproved = "dormakaba_sites_unapproved",
    }
}

words! {
    /// How a sign-in by link stands (`connect_webview.status`).
    WebviewStatus {
        /// Nobody has finished it.
        Pending = "pending",
        /// The sign-in worked. Whether it is [done](crate::ConnectWebview::is_done) is more than that.
        Authorized = "authorized",
        /// It failed. Why is not said.
        Failed = "failed",
    }
}
