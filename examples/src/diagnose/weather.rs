//! Cedar Rise and Juniper Rise: residents who call while a vendor has trouble of its own.

use elevate_access::Cause::{
    RightsMissing, SetupWrong, VendorBusy, VendorError, VendorReplyUnusable, VendorUnreachable,
};
use elevate_access_testkit::{Fault, FaultKind, openpath::Openpath};

use super::{
    cast::{ACCOUNT, Building, EMPTY, ORG, well, wrong},
    house::House,
    setups::lobby_alone,
};

pub(super) const CEDAR: Building = Building {
    id: "cedar-rise",
    word: "Openpath, which has trouble now and then",
    residents: &[
        well("clea", "calls on a good day"),
        wrong("una", VendorUnreachable, "calls while Openpath cannot be reached")
            .when(|house, _| openpath_fails(house, FaultKind::Refuse)),
        wrong("viv", VendorError, "calls while Openpath answers with errors")
            .when(|house, _| openpath_fails(house, FaultKind::status(500, "{}"))),
        wrong("wes", VendorBusy, "calls while Openpath asks for a pause")
            .when(|house, _| openpath_fails(house, FaultKind::status(429, "{}"))),
        wrong("yan", VendorReplyUnusable, "calls while Openpath's replies break off")
            .when(|house, _| openpath_fails(house, FaultKind::invalid_json())),
    ],
    openpath: || Openpath::new(ORG).service_account(ACCOUNT.0, ACCOUNT.1),
    connect: |house, building| {
        house.connect(building, "cedar-openpath", house.openpath_provider(ORG, ACCOUNT.1)?)
    },
    ..EMPTY
};

pub(super) const JUNIPER: Building = Building {
    id: "juniper-rise",
    word: "2N through Seam, which has trouble now and then",
    residents: &[
        well("juno", "calls on a good day"),
        wrong("vera", VendorUnreachable, "calls while Seam cannot be reached")
            .when(|house, _| seam_fails(house, FaultKind::Refuse)),
        wrong("walt", VendorError, "calls while Seam answers with errors")
            .when(|house, _| seam_fails(house, FaultKind::status(500, "{}"))),
        wrong("yves", VendorBusy, "calls while Seam asks for a pause")
            .when(|house, _| seam_fails(house, FaultKind::status(429, "{}"))),
        wrong("zoe", VendorReplyUnusable, "calls while Seam's replies break off")
            .when(|house, _| seam_fails(house, FaultKind::invalid_json())),
        wrong("ruth", RightsMissing, "calls while Seam says that the key may not")
            .when(|house, _| seam_fails(house, FaultKind::status(403, "{}"))),
        wrong("luca", SetupWrong, "calls while the connection leads to something that is not Seam")
            .when(|house, _| {
                let elsewhere = FaultKind::redirect(302, "https://www.example.com/");
                seam_fails(house, elsewhere);
            }),
    ],
    seam: lobby_alone,
    connect: |house, building| house.connect(building, "juniper-2n", house.two_n(building, |s| s)?),
    ..EMPTY
};

fn openpath_fails(house: &House, kind: FaultKind) {
    house.openpath.faults(|faults| faults.always(Fault::before(kind)));
}

fn seam_fails(house: &House, kind: FaultKind) {
    house.seam.faults(|faults| faults.always(Fault::before(kind)));
}
