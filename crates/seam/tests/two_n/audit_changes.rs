//! What changed since the audit before, and what is told of until it is undone: N7.

use std::collections::BTreeSet;

use elevate_access::{Audit, AuditOptions, Cause, Residency, Resident, Urgency};
use elevate_access_testkit::seam::Space;

use super::{
    audit::{audit, audit_after, detail, likely, told},
    house::{House, building, maple, resident, secs, unit},
};

#[tokio::test(start_paused = true)]
async fn a_rename_is_a_finding_of_its_own_and_says_whom_it_costs_doors() {
    let house = House::of(maple());
    let first = audit(&house).await;
    house.vendor.with(|seam| seam.rename_space("sp-101", "Unit 101").requests(""));
    let second = audit_after(&house, &first).await;
    assert_eq!(
        told(&second),
        [
            (Urgency::MustFix, Cause::UnitUnmatched, "101"),
            (Urgency::MustFix, Cause::UnitRenamed, "Unit 101"),
        ]
    );
    assert_eq!(
        detail(&second, Cause::UnitRenamed),
        "sp-101 was “101”, is “Unit 101”; residents of “101” lost 2 doors"
    );
    assert_eq!(likely(&second, "101"), Some(("Unit 101", vec!["unit_word"])));
    // The change is told once; what it broke stands since then.
    tokio::time::advance(secs(86_400)).await;
    let third = audit_after(&house, &second).await;
    let causes: BTreeSet<Cause> = told(&third).into_iter().map(|(_, cause, _)| cause).collect();
    assert_eq!(causes, BTreeSet::from([Cause::UnitUnmatched]));
    assert_eq!(third.findings[0].since, Some(second.end.begun));
}

#[tokio::test(start_paused = true)]
async fn rename_swap_reported() {
    let house = House::of(maple());
    let first = audit(&house).await;
    house
        .vendor
        .with(|seam| seam.rename_space("sp-101", "102").rename_space("sp-102", "101").requests(""));
    let second = audit_after(&house, &first).await;
    // Every name matches, and everybody opens the neighbour's doors.
    assert_eq!(second.end.connections[0].tallies[0].count, 2);
    let counterpart: Vec<_> =
        told(&second).into_iter().filter(|t| t.1 == Cause::CounterpartChanged).collect();
    assert_eq!(
        counterpart,
        [
            (Urgency::MustFix, Cause::CounterpartChanged, "101"),
            (Urgency::MustFix, Cause::CounterpartChanged, "102"),
        ]
    );
    assert_eq!(
        detail(&second, Cause::CounterpartChanged),
        "it was sp-101 (“101”), is sp-102 (“102”), which was that of “102”"
    );
}

#[tokio::test(start_paused = true)]
async fn a_unit_without_a_match_that_gets_anothers_space_is_told() {
    let house = House::of(maple());
    house.directory.set_units(&building(), vec![unit("101"), unit("102"), unit("103")]);
    let first = audit(&house).await;
    house.vendor.with(|seam| seam.rename_space("sp-101", "103").requests(""));
    let second = audit_after(&house, &first).await;
    let told = told(&second);
    assert!(told.contains(&(Urgency::WillBite, Cause::CounterpartChanged, "103")), "{told:?}");
    assert_eq!(
        detail(&second, Cause::CounterpartChanged),
        "it was matched to nothing, is sp-101 (“101”), which was that of “101”"
    );
}

#[tokio::test(start_paused = true)]
async fn what_appeared_vanished_split_or_moved_is_told() {
    let house = House::of(maple());
    let first = audit(&house).await;
    house.vendor.with(|seam| {
        seam.add_space(Space::new("sp-new", "Roof"))
            .add_space(Space::new("sp-102b", "102"))
            .move_device("dev-gate", &[])
            .requests("")
    });
    let second = audit_after(&house, &first).await;
    let causes: Vec<_> = told(&second).into_iter().map(|(u, cause, n)| (cause, u, n)).collect();
    for expected in [
        (Cause::UnitAppeared, Urgency::Information, "Roof"),
        (Cause::UnitSplit, Urgency::MustFix, "102"),
        (Cause::DoorsChanged, Urgency::WillBite, "101"),
    ] {
        assert!(causes.contains(&expected), "{expected:?} is not among {causes:?}");
    }
    assert_eq!(detail(&second, Cause::DoorsChanged), "lost 1 door");

    house.vendor.with(|seam| seam.remove_space("sp-101").remove_space("sp-102b").requests(""));
    let third = audit_after(&house, &second).await;
    let causes: Vec<_> = told(&third).into_iter().map(|(u, cause, n)| (cause, u, n)).collect();
    for expected in [
        (Cause::UnitVanished, Urgency::MustFix, "101"),
        (Cause::UnitMerged, Urgency::Information, "102"),
    ] {
        assert!(causes.contains(&expected), "{expected:?} is not among {causes:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_unit_renamed_here_says_what_it_was_called() {
    let house = House::of(maple());
    let first = audit(&house).await;
    let renamed = elevate_access::Unit::new(unit("101").id, "Apt 101");
    house.directory.set_units(&building(), vec![renamed.clone(), unit("102")]);
    let jane = Resident::new(resident("jane"));
    house.directory.put(jane.with_residency(Residency::current(building(), renamed)));
    let second = audit_after(&house, &first).await;
    assert_eq!(
        detail(&second, Cause::UnitUnmatched),
        "in ElevateOS it was “101” at the last audit, and matched"
    );
    assert_eq!(likely(&second, "Apt 101"), Some(("101", vec!["unit_word"])));
}

#[tokio::test(start_paused = true)]
async fn swapped_units_stay_to_be_fixed_until_they_are_swapped_back_or_accepted() {
    let swap = |house: &House, a: &str, b: &str| {
        house
            .vendor
            .with(|seam| seam.rename_space("sp-101", a).rename_space("sp-102", b).requests(""));
    };
    let must_fix = |audit: &Audit| -> Vec<(Cause, bool)> {
        let must = audit.findings.iter().filter(|f| f.urgency == Urgency::MustFix);
        must.map(|f| (f.reason.cause(), f.is_new)).collect()
    };
    let house = House::of(maple());
    let first = audit(&house).await;
    swap(&house, "102", "101");
    let second = audit_after(&house, &first).await;
    let is_swapped = |is_new| {
        let both = [Cause::CounterpartChanged, Cause::CounterpartChanged];
        both.map(|cause| (cause, is_new)).to_vec()
    };
    assert!(is_swapped(true).iter().all(|one| must_fix(&second).contains(one)));

    // Nothing was mended, whoever looks and however often; and what else is there is compared with what is there now.
    house.vendor.with(|seam| seam.add_space(Space::new("sp-new", "Roof")).requests(""));
    let third = audit_after(&house, &second).await;
    assert!(told(&third).contains(&(Urgency::Information, Cause::UnitAppeared, "Roof")));
    let fourth = audit_after(&house, &third).await;
    assert!(!told(&fourth).contains(&(Urgency::Information, Cause::UnitAppeared, "Roof")));
    for audit in [&third, &fourth] {
        assert!(is_swapped(false).iter().all(|one| must_fix(audit).contains(one)), "{audit:?}");
        let changed =
            audit.findings.iter().filter(|f| f.reason.cause() == Cause::CounterpartChanged);
        assert!(
            changed.clone().count() == 2
                && changed.clone().all(|f| f.since == Some(second.end.begun))
        );
    }

    // Swapped back, there is nothing to tell.
    swap(&house, "101", "102");
    let mended = audit_after(&house, &fourth).await;
    assert_eq!(must_fix(&mended), []);
    assert!(mended.end.connections[0].mended >= 2);

    // Meant, it is told of once more.
    swap(&house, "102", "101");
    let kept = serde_json::to_string(&mended.end.snapshot).unwrap();
    let options = AuditOptions::new().since(serde_json::from_str(&kept).unwrap());
    let accepted = house.access.audit(&building(), options.accepting_changes()).await;
    let accepted = accepted.unwrap().collect_all().await;
    assert!(!must_fix(&accepted).is_empty());
    assert_eq!(must_fix(&audit_after(&house, &accepted).await), []);
}

#[tokio::test(start_paused = true)]
async fn a_lost_door_is_told_of_until_it_is_back() {
    let house = House::of(maple());
    let first = audit(&house).await;
    house.vendor.with(|seam| seam.move_device("dev-gate", &[]).requests(""));
    let second = audit_after(&house, &first).await;
    let third = audit_after(&house, &second).await;
    for audit in [&second, &third] {
        assert_eq!(detail(audit, Cause::DoorsChanged), "lost 1 door");
    }
    house.vendor.with(|seam| seam.move_device("dev-gate", &["sp-101"]).requests(""));
    assert_eq!(told(&audit_after(&house, &third).await), []);
}

#[tokio::test(start_paused = true)]
async fn what_the_last_audit_left_and_cannot_be_compared_is_told_of() {
    let house = House::of(maple());
    let first = audit(&house).await;
    let kept = serde_json::to_string(&first.end.snapshot).unwrap();
    let broken = kept.replace("\\\"version\\\":1", "\\\"version\\\":0");
    assert_ne!(broken, kept);
    let options = AuditOptions::new().since(serde_json::from_str(&broken).unwrap());
    let audit = house.access.audit(&building(), options).await.unwrap().collect_all().await;
    assert_eq!(told(&audit), [(Urgency::WillBite, Cause::ChangesUnknown, "The connection")]);
    assert_eq!(told(&audit_after(&house, &audit).await), [], "this one can be compared with");
}
