//! Auditing every unit and resident against the map: N7.

use elevate_access::{
    Audit, AuditOptions, Cause, Freshness, Residency, Resident, Snapshot, Standing, Urgency,
};
use elevate_access_testkit::{
    Fault, FaultKind,
    seam::{Device, Seam},
};
use elevate_seam::{ConnectedAccountId, DeviceId, Units};

use super::house::{House, KEY, building, maple, resident, secs, unit};

pub(crate) async fn audit(house: &House) -> Audit {
    house.access.audit(&building(), AuditOptions::new()).await.unwrap().collect_all().await
}

/// The audit after what another one left, as the host keeps it: text.
pub(crate) async fn audit_after(house: &House, before: &Audit) -> Audit {
    let kept = serde_json::to_string(&before.end.snapshot).unwrap();
    let options = AuditOptions::new().since(serde_json::from_str::<Snapshot>(&kept).unwrap());
    house.access.audit(&building(), options).await.unwrap().collect_all().await
}

/// Urgency, cause and name of each.
pub(crate) fn told(audit: &Audit) -> Vec<(Urgency, Cause, &str)> {
    audit
        .findings
        .iter()
        .map(|f| (f.urgency, f.reason.cause(), f.subject.name.as_deref().unwrap_or_default()))
        .collect()
}

pub(crate) fn likely<'a>(audit: &'a Audit, name: &str) -> Option<(&'a str, Vec<&'a str>)> {
    let finding = audit.findings.iter().find(|f| f.subject.name.as_deref() == Some(name))?;
    let likely = finding.likely.as_ref()?;
    let codes = likely.differences.iter().map(|one| one.code.as_ref()).collect();
    Some((likely.counterpart.name.as_deref()?, codes))
}

pub(crate) fn detail(audit: &Audit, cause: Cause) -> &str {
    let finding = audit.findings.iter().find(|f| f.reason.cause() == cause);
    finding.and_then(|f| f.reason.detail()).unwrap_or_default()
}

#[tokio::test(start_paused = true)]
async fn a_building_in_good_order_has_no_findings_and_its_match_rate_on_top() {
    let house = House::of(maple());
    let audit = audit(&house).await;
    assert_eq!(told(&audit), []);
    let [connection] = audit.end.connections.as_slice() else { panic!() };
    assert_eq!((connection.tallies[0].count, connection.tallies[0].of), (2, Some(2)));
    assert_eq!((connection.tallies[1].count, connection.tallies[1].of), (2, Some(2)));
    assert_eq!(connection.calls, 2, "devices and spaces, a page of each");
    house.vendor.with(|seam| assert_eq!(seam.forbidden(), [] as [String; 0], "it only reads"));
}

#[tokio::test(start_paused = true)]
async fn every_way_in_which_a_unit_gets_no_doors_is_found_with_whom_it_keeps_out() {
    let seam = Seam::new(KEY)
        .space("sp-1", "Apt 101")
        .space("sp-2", "102")
        .space("sp-3a", "103")
        .space("sp-3b", "103")
        .space("sp-4", "104")
        .space("sp-x", "")
        .space("sp-l", "Lobby")
        .device(Device::two_n("dev-4", "Door 4").in_spaces(["sp-4"]));
    let house = House::of(seam);
    house.directory.set_units(
        &building(),
        ["101", "102", "103", "104", "105", " ", "106"]
            .iter()
            .map(|name| unit(name))
            .chain([elevate_access::Unit::new(
                elevate_access::UnitId::new("u-twin").unwrap(),
                "105",
            )])
            .collect(),
    );
    house.moves_in("omar", &["102"]);
    house.moves_in("eve", &["103"]).moves_in("ann", &["105"]).moves_in("bob", &[" "]);
    house.moves_in("cid", &["104"]).moves_in("dan", &["999"]);
    let audit = audit(&house).await;
    let mut expected = vec![
        (Urgency::MustFix, Cause::UnitNameBlank, " "),
        (Urgency::MustFix, Cause::UnitNameDoubled, "105"),
        (Urgency::WillBite, Cause::UnitNameDoubled, "105"),
        (Urgency::MustFix, Cause::UnitNotListed, "999"),
        (Urgency::MustFix, Cause::UnitUnmatched, "101"),
        (Urgency::MustFix, Cause::UnitAmbiguous, "103"),
        (Urgency::MustFix, Cause::UnitWithoutDoors, "102"),
        (Urgency::WillBite, Cause::UnitUnmatched, "106"),
        (Urgency::WillBite, Cause::VendorUnitBlank, ""),
        // "Apt 101" is told of with 101, whose it likely is.
        (Urgency::Information, Cause::VendorUnitUnmatched, "Lobby"),
    ];
    let mut found = told(&audit);
    expected.sort_unstable();
    found.sort_unstable();
    assert_eq!(found, expected);
    assert_eq!(likely(&audit, "101"), Some(("Apt 101", vec!["unit_word"])));
    assert_eq!(likely(&audit, "106"), None);
    let unmatched = audit.findings.iter().find(|f| f.subject.name.as_deref() == Some("101"));
    assert_eq!(unmatched.unwrap().subject.residents, [resident("jane")]);
    // And what the audit suggests lets nobody in.
    assert_eq!(house.causes("jane").await, [Cause::UnitUnmatched]);
}

#[tokio::test(start_paused = true)]
async fn suggestions_never_in_resident_text() {
    let house = House::of(
        Seam::new(KEY)
            .space("sp-1", "Apt 101")
            .device(Device::two_n("dev-1", "Gate").in_spaces(["sp-1"])),
    );
    let audit = audit(&house).await;
    assert!(likely(&audit, "101").is_some());
    let list = house.doors("jane").await;
    let mut texts: Vec<String> = list.problems.iter().map(|p| p.reason.for_resident()).collect();
    texts.extend(audit.findings.iter().map(|finding| finding.reason.for_resident()));
    texts.push(house.tap("jane", "dev-1").await.unwrap_err().for_resident());
    for text in texts {
        assert!(!text.contains("Apt"), "{text}");
    }
}

#[tokio::test(start_paused = true)]
async fn doors_that_open_for_nobody_are_found_once_each_with_all_whom_they_keep_out() {
    let house = House::of(
        maple()
            .device(
                Device::two_n("dev-a", "Attic")
                    .can_remotely_unlock(Some(false))
                    .in_spaces(["sp-101", "sp-102"]),
            )
            .device(Device::two_n("dev-b", "Bikes").warning("privacy_mode").in_spaces(["sp-101"]))
            .device(Device::two_n("dev-c", "Cellar").offline().in_spaces(["sp-102"])),
    );
    let audit = audit(&house).await;
    assert_eq!(
        told(&audit),
        [
            (Urgency::MustFix, Cause::DoorNotRemote, "Attic"),
            (Urgency::WillBite, Cause::DoorOffline, "Cellar"),
            (Urgency::Information, Cause::DoorPrivate, "Bikes"),
        ]
    );
    assert_eq!(audit.findings[0].subject.residents, [resident("jane"), resident("omar")]);
}

#[tokio::test(start_paused = true)]
async fn a_device_in_two_private_units_is_told_of_and_a_lobby_is_not() {
    let all = ["sp-101", "sp-102", "sp-103"];
    let house = House::of(
        maple()
            .space("sp-103", "103")
            .device(Device::two_n("dev-all", "Main").in_spaces(all))
            .device(Device::two_n("dev-two", "Flat door").in_spaces(["sp-102", "sp-103"]))
            .device(Device::two_n("dev-three", "Yard").in_spaces(all)),
    );
    house.has_units(&["101", "102", "103"]);
    let audit = audit(&house).await;
    assert_eq!(
        told(&audit),
        [
            (Urgency::WillBite, Cause::DoorOfTwoUnits, "Flat door"),
            (Urgency::WillBite, Cause::DoorOfTwoUnits, "Lobby"),
        ]
    );
    assert_eq!(audit.findings[0].reason.detail(), Some("“102” and “103”"));
}

#[tokio::test(start_paused = true)]
async fn an_empty_unit_bites_only_later_and_a_former_resident_is_kept_out_of_nothing() {
    let house = House::of(maple());
    house.has_units(&["101", "102", "103", "104"]);
    let someone = |id: &str, name: &str, standing| {
        Resident::new(resident(id)).with_residency(Residency::new(building(), unit(name), standing))
    };
    house.directory.put(someone("left", "103", Standing::Former));
    house.directory.put(someone("soon", "104", Standing::Future));
    let audit = audit(&house).await;
    assert_eq!(
        told(&audit),
        [
            (Urgency::WillBite, Cause::UnitUnmatched, "103"),
            (Urgency::WillBite, Cause::UnitUnmatched, "104"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_neighbours_units_are_told_of_in_nothing() {
    let theirs = |device: Device| device.of_account("account-theirs");
    let seam = maple()
        .space("sp-n1", "Apt 103")
        .space("sp-n2", "Penthouse")
        .device(theirs(Device::two_n("dev-n", "Neighbour").in_spaces(["sp-n1"])));
    let ours = |id: &str| ConnectedAccountId::new(id).unwrap();
    let house = House::with(seam, |settings| settings.connected_accounts([ours("account-1")]));
    house.has_units(&["101", "102", "103"]);
    let audit = audit(&house).await;
    assert_eq!(told(&audit), [(Urgency::WillBite, Cause::UnitUnmatched, "103")]);
    assert_eq!(likely(&audit, "103"), None, "the neighbour's is nobody's counterpart");
    let kept = serde_json::to_string(&audit.end.snapshot).unwrap();
    assert!(!kept.contains("Penthouse") && !kept.contains("dev-n"), "{kept}");
}

#[tokio::test(start_paused = true)]
async fn units_of_a_table_are_audited_too() {
    let table = vec![
        ("101".to_owned(), vec![DeviceId::new("dev-gate").unwrap()]),
        ("#102".to_owned(), vec![DeviceId::new("dev-garage").unwrap()]),
    ];
    let house = House::with(maple(), |settings| settings.units(Units::Table(table)));
    let audit = audit(&house).await;
    assert_eq!(likely(&audit, "102"), Some(("#102", vec!["unit_word"])));
    let finding = audit.findings.iter().find(|f| f.reason.cause() == Cause::UnitUnmatched).unwrap();
    assert_eq!(finding.reason.mended_in(), "the unit table of the connection");
}

#[tokio::test(start_paused = true)]
async fn an_audit_of_seam_that_is_down_finds_nothing_and_says_why() {
    let house = House::of(maple());
    house.vendor.faults(|faults| faults.always(Fault::before(FaultKind::Refuse)));
    let audit = audit(&house).await;
    assert!(!audit.is_complete());
    let why = audit.end.connections[0].failed.as_ref().unwrap();
    assert_eq!(why.cause(), Cause::VendorUnreachable);
    assert_eq!(told(&audit), []);
}

#[tokio::test(start_paused = true)]
async fn audit_never_delays_a_tap() {
    let house = House::of(maple());
    house.access.doors(&resident("jane"), Freshness::Cached).await.unwrap();
    // Seam answers no list any more, and forty audits wait for one.
    house.vendor.faults(|faults| {
        faults.on("/spaces/list", 0, u32::MAX, Fault::before(FaultKind::Stall));
    });
    let audits = (0..40).map(|_| audit(&house));
    let audits = async { futures_util::future::join_all(audits).await };
    let tap = async {
        tokio::time::sleep(secs(2)).await;
        let begun = tokio::time::Instant::now();
        let outcome = house.tap("jane", "dev-gate").await.unwrap();
        (outcome.code(), begun.elapsed())
    };
    tokio::pin!(audits);
    let (said, took) = tokio::select! {
        biased;
        done = tap => done,
        _ = &mut audits => panic!("the audits came first"),
    };
    assert_eq!(said, "opened");
    assert!(took < secs(3), "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn names_are_told_as_written_and_secrets_in_them_are_not() {
    let house = House::of(
        maple()
            .space("sp-n", "103\u{a0}")
            .space("sp-key", &format!("Flat {KEY}"))
            .device(Device::two_n("dev-k", KEY).offline().in_spaces(["sp-101"])),
    );
    house.has_units(&["101", "102", "103"]);
    let audit = audit(&house).await;
    assert_eq!(likely(&audit, "103"), Some(("103\u{a0}", vec!["outer_space", "odd_space"])));
    let kept = serde_json::to_string(&audit.end.snapshot).unwrap();
    assert!(!kept.contains(KEY), "what the host keeps holds no secret either");
    for finding in &audit.findings {
        let name = finding.subject.name.clone().unwrap_or_default();
        assert!(!name.contains(KEY), "{name}");
        assert!(!finding.reason.for_manager().contains(KEY));
    }
}

#[tokio::test(start_paused = true)]
async fn a_resident_whose_record_calls_a_listed_unit_otherwise_is_told_of_as_the_tap_tells_it() {
    let house = House::of(maple());
    let otherwise = elevate_access::Unit::new(unit("101").id, "Apt 101");
    let kay = Resident::new(resident("kay"));
    house.directory.put(kay.with_residency(Residency::current(building(), otherwise)));
    assert_eq!(house.causes("kay").await, [Cause::UnitNotListed]);
    let audit = audit(&house).await;
    assert_eq!(told(&audit), [(Urgency::MustFix, Cause::UnitNotListed, "Apt 101")]);
    assert_eq!(audit.findings[0].subject.residents, [resident("kay")]);
    assert_eq!(audit.findings[0].reason.detail(), Some("the building's list calls it “101”"));
    let tally = &audit.end.connections[0].tallies[1];
    assert_eq!((tally.count, tally.of), (2, Some(3)));
}
