use std::{sync::Arc, time::Duration};

use elevate_access::{MemoryConnections, MemoryDirectory, ResidentId};
use elevate_access_testkit::{
    MemoryWire, TestClock, Vendor,
    contract::{self, Behind, Stage},
    openpath::{Credential, Entry, Filtering, NotGranted, Openpath, Operation, User},
};
use elevate_openpath::{Client, Credentials, OpenpathProvider, OrgId};

use crate::{
    client::certificate,
    support::{ACCOUNT, ORG, PASSWORD, building, door, email_of, jane, openpath, with_janes_key},
};

/// RFC 6238's own secret.
const TOTP_SECRET: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

fn by_password() -> Credentials {
    Credentials::password(ACCOUNT, PASSWORD)
}

fn stage(openpath: Openpath) -> Stage {
    stage_by(by_password(), openpath)
}

fn stage_by(credentials: Credentials, openpath: Openpath) -> Stage {
    let (vendor, clock) = (Vendor::new(openpath), TestClock::new());
    let client = Client::builder("https://openpath.example", OrgId::from(ORG), credentials)
        .wire(Arc::new(MemoryWire::new(vendor.clone(), clock)))
        .clock(clock)
        .build()
        .unwrap();
    let provider = OpenpathProvider::new(client);
    let (directory, connections) = (MemoryDirectory::new(), MemoryConnections::new());
    for (name, email) in [("jane", "jane@example.com"), ("sam", "sam@example.com")] {
        let unit = elevate_access::Unit::new(elevate_access::UnitId::new(name).unwrap(), name);
        directory.put(
            elevate_access::Resident::new(ResidentId::new(name).unwrap())
                .with_email(email_of(email))
                .with_residency(elevate_access::Residency::current(building(), unit)),
        );
    }
    Stage::connect(&connections, &building(), "openpath", Arc::new(provider));
    Stage {
        directory,
        connections,
        clock,
        resident: ResidentId::new("jane").unwrap(),
        stranger: ResidentId::new("sam").unwrap(),
        door: door("4401"),
        backstage: Box::new(Behind {
            vendor,
            order_path: elevate_access_testkit::openpath::ORDER_PATH,
            revoke: |openpath| openpath.remove_entry(7001, 4401),
            writes: |openpath| {
                let made = openpath.count(Operation::CreateCredential);
                usize::try_from(made).unwrap() + openpath.forbidden().len()
            },
        }),
        grant_age: Duration::from_mins(10),
    }
}

#[tokio::test(start_paused = true)]
async fn the_contract_is_kept() {
    contract::run_all(|| stage(openpath().user(jane()))).await;
}

#[tokio::test(start_paused = true)]
async fn the_contract_is_kept_with_rights_that_show_the_door() {
    let scopes = ["o5120-user:w", "o5120-site:r"];
    contract::run_all(|| stage(with_janes_key().scopes(&scopes))).await;
}

#[tokio::test(start_paused = true)]
async fn the_contract_is_kept_for_a_stranger_who_is_a_user_too() {
    contract::run_all(|| {
        stage(openpath().user(jane()).user(User::active(7002, "sam@example.com")))
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn the_contract_is_kept_whatever_the_filter_does() {
    for filtering in [Filtering::Ignored, Filtering::Refused, Filtering::FindsNobody] {
        contract::run_all(|| {
            stage(openpath().user(jane()).behaving(|it| it.pre_filter = filtering))
        })
        .await;
    }
}

#[tokio::test(start_paused = true)]
async fn the_contract_is_kept_by_a_sign_in_with_codes_of_the_moment() {
    contract::run_all(|| {
        let credentials = by_password().with_totp_secret(TOTP_SECRET);
        stage_by(credentials, openpath().totp_secret(TOTP_SECRET).user(jane()))
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn the_contract_is_kept_by_basic_credentials() {
    contract::run_all(|| stage_by(Credentials::basic(ACCOUNT, PASSWORD), openpath().user(jane())))
        .await;
}

#[tokio::test(start_paused = true)]
async fn the_contract_is_kept_by_a_certificate() {
    let (pem, public) = (certificate::pkcs8(), certificate::public());
    contract::run_all(|| {
        let credentials = Credentials::org_certificate("17", pem.as_str());
        stage_by(credentials, openpath().auth_cert(17, &public).user(jane()))
    })
    .await;
}

/// Whatever condition a user, a door or the organisation is in, and whatever words the vendor finds for it.
#[tokio::test(start_paused = true)]
async fn in_every_condition_a_diagnosis_agrees_with_a_tap() {
    const JANE: u64 = 7001;
    const DOOR: u64 = 4401;
    type Change = fn(&mut Openpath);
    let conditions: [(&str, Change); 20] = [
        ("well", |_| {}),
        ("no key", |o| o.delete_credential(JANE, 88_001)),
        ("no key but a lockdown's", |o| {
            o.delete_credential(JANE, 88_001);
            o.add_credential(JANE, Credential::cloud_key(88_002).event_action("triggerLockdown"));
        }),
        ("keys to spare", |o| {
            o.add_credential(JANE, Credential::cloud_key(88_003).named("ElevateOS"));
            o.add_credential(JANE, Credential::cloud_key(88_004).named("ElevateOS"));
        }),
        ("suspended", |o| o.suspend(JANE)),
        ("archived", |o| o.archive(JANE)),
        ("gone", |o| o.remove_user(JANE)),
        ("another e-mail", |o| o.set_email(JANE, "joan@example.com")),
        ("the e-mail in other case", |o| o.set_email(JANE, "JANE@Example.com")),
        ("two users", |o| o.add_user(User::active(7044, "jane@example.com"))),
        ("a second one suspended", |o| o.add_user(User::suspended(7044, "jane@example.com"))),
        ("not yet valid", |o| o.set_dates(JANE, Some("2099-01-01T00:00:00.000Z"), None)),
        ("valid no longer", |o| o.set_dates(JANE, None, Some("2021-01-31"))),
        ("no remote unlock", |o| o.set_remote_unlock(JANE, Some(false))),
        ("remote unlock not stated", |o| o.set_remote_unlock(JANE, None)),
        ("no such door", |o| o.remove_entry(JANE, DOOR)),
        ("a plan without remote unlock", |o| o.set_features(&["webHooks"])),
        ("a state that takes no cloud key", |o| o.set_door_state(DOOR, 9)),
        ("a lockdown", |o| o.start_lockdown(77)),
        ("another zone's lockdown", |o| o.start_lockdown(78)),
    ];
    for (condition, change) in conditions {
        for words in [NotGranted::Forbidden, NotGranted::AcceptedAndNothingHappens] {
            let mut openpath = with_janes_key()
                .scopes(&["o5120-user:w", "o5120-site:r"])
                .entry_state(9, "Strict Security", &["card", "mobile"])
                .lockdown_plan(77, "Fire drill", &[301])
                .lockdown_plan(78, "Basement", &[302])
                .behaving(|it| it.unlock_not_granted = words);
            openpath.add_entry(JANE, Entry::new(DOOR, condition));
            change(&mut openpath);
            contract::a_diagnosis_agrees_with_a_tap(stage(openpath)).await;
        }
    }
}
