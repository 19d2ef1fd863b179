//! Buildings whose residents are all well, and whose connections are not.

use elevate_access::Cause::{
    AccountLocked, CredentialsRefused, NoConnection, PlanLacksUnlock, RightsMissing, SetupWrong,
    SignInContested,
};
use elevate_access_testkit::{
    Reply,
    openpath::{Openpath, Operation},
    seam::{Device, Seam},
};

use super::cast::{ACCOUNT, Building, EMPTY, ORG, SEAM_KEY, well, wrong};

pub(super) const QUAY: Building = Building {
    id: "quay-lofts",
    word: "Openpath, with a plan that has no remote unlock",
    residents: &[wrong("pat", PlanLacksUnlock, "the plan does not include remote unlock")],
    openpath: || plain().features(&["webHooks", "lockdown"]),
    connect: |house, building| {
        house.connect(building, "quay-openpath", house.openpath_provider(ORG, ACCOUNT.1)?)
    },
    ..EMPTY
};

pub(super) const WHARF: Building = Building {
    id: "wharf-studios",
    word: "Openpath, with a service account that may only read",
    residents: &[wrong("rex", RightsMissing, "the service account may not unlock")],
    openpath: || plain().scopes(&["o5120-user:r"]),
    connect: |house, building| {
        house.connect(building, "wharf-openpath", house.openpath_provider(ORG, ACCOUNT.1)?)
    },
    ..EMPTY
};

pub(super) const SPRUCE: Building = Building {
    id: "spruce-close",
    word: "Openpath, whose service account was locked after too many wrong passwords",
    residents: &[wrong("lou", AccountLocked, "the service account is locked")],
    openpath: || {
        let mut openpath = plain();
        let locked = r#"{"statusCode":403,"message":"The account is locked"}"#;
        openpath.reply_with(Operation::Login, Reply::json(403, locked));
        openpath
    },
    connect: |house, building| {
        house.connect(building, "spruce-openpath", house.openpath_provider(ORG, ACCOUNT.1)?)
    },
    ..EMPTY
};

pub(super) const ELM: Building = Building {
    id: "elm-yard",
    word: "Openpath with a wrong password, and 2N through Seam with a key that was replaced",
    residents: &[wrong("eli", CredentialsRefused, "both vendors refuse the credentials")],
    openpath: plain,
    seam: || Seam::new("seam_another_key"),
    connect: |house, building| {
        house.connect(
            building,
            "elm-openpath",
            house.openpath_provider(ORG, "an old password")?,
        )?;
        house.connect(building, "elm-2n", house.two_n(building, |s| s)?)
    },
    ..EMPTY
};

pub(super) const HAZEL: Building = Building {
    id: "hazel-row",
    word: "Openpath, with the id of an organisation that is not the account's",
    residents: &[wrong("hal", SetupWrong, "the wrong organisation is entered")],
    openpath: plain,
    connect: |house, building| {
        house.connect(building, "hazel-openpath", house.openpath_provider(5199, ACCOUNT.1)?)
    },
    ..EMPTY
};

pub(super) const HEATH: Building = Building {
    id: "heath-mews",
    word: "2N through Seam, in a workspace that Seam has suspended",
    residents: &[wrong("ola", SetupWrong, "the workspace is suspended")],
    seam: || lobby_alone().sandbox(true),
    connect: |house, building| house.connect(building, "heath-2n", house.two_n(building, |s| s)?),
    ..EMPTY
};

pub(super) const BIRCH: Building = Building {
    id: "birch-lane",
    word: "two connections to one Openpath organisation",
    residents: &[well("bert", "nothing is wrong with them; see the building's check")],
    openpath: plain,
    connect: |house, building| {
        house.connect(building, "birch-old", house.openpath_provider(ORG, ACCOUNT.1)?)?;
        house.connect(building, "birch-new", house.openpath_provider(ORG, ACCOUNT.1)?)
    },
    ..EMPTY
};

pub(super) const ASH: Building = Building {
    id: "ash-grove",
    word: "Openpath, with a service account with which another installation signs in too",
    residents: &[wrong("amos", SignInContested, "each sign-in ends the other installation's")],
    openpath: || plain().behaving(|it| it.sign_in_ends_older_tokens = true),
    connect: |house, building| {
        house.connect(building, "ash-openpath", house.openpath_provider(ORG, ACCOUNT.1)?)
    },
    has_rival: true,
    ..EMPTY
};

pub(super) const FIR: Building = Building {
    id: "fir-terrace",
    word: "no door system",
    residents: &[wrong("ian", NoConnection, "the building has no connection")],
    ..EMPTY
};

fn plain() -> Openpath {
    Openpath::new(ORG).service_account(ACCOUNT.0, ACCOUNT.1)
}

/// A workspace with a lobby for unit 1.
pub(super) fn lobby_alone() -> Seam {
    Seam::new(SEAM_KEY)
        .space("sp-1", "1")
        .device(Device::two_n("lobby", "Lobby").in_spaces(["sp-1"]))
}
