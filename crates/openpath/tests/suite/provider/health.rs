//! Whether a connection is well, and what is looked at for it.

use std::fmt::Write as _;

use elevate_access::{BuildingId, Cause, Connections as _, Freshness, Health, HealthState, Reason};
use elevate_access_testkit::{
    Fault, FaultKind,
    openpath::{Behaviour, Filtering, Openpath, Operation, fixtures},
};
use elevate_openpath::{Client, OpenpathProvider, SiteId};

use super::explain::{RIGHTS_TO_READ, well};
use crate::support::{
    ACCOUNT, House, building, client_over, connection, with_jane, with_janes_key,
};

async fn health(openpath: Openpath) -> Health {
    let house = House::at(openpath);
    house.access.check(&building()).await.unwrap().remove(0).health
}

fn causes(health: &Health) -> (HealthState, Vec<Cause>) {
    (health.state, health.reasons.iter().map(Reason::cause).collect())
}

#[tokio::test(start_paused = true)]
async fn health_says_what_is_wrong_with_a_connection() {
    assert_eq!(causes(&health(with_jane()).await), (HealthState::Ok, vec![]));

    let mut wrong = with_jane();
    wrong.set_password(ACCOUNT, "another");
    let wrong = health(wrong).await;
    assert_eq!(causes(&wrong), (HealthState::Down, vec![Cause::CredentialsRefused]));

    let replying = |operation, name: &str| {
        let mut openpath = with_jane();
        openpath.reply_with(operation, fixtures::case(name).unwrap().reply());
        openpath
    };
    for (openpath, expected) in [
        (
            replying(Operation::Login, "login-other-org-only.json"),
            (HealthState::Down, vec![Cause::SetupWrong]),
        ),
        (
            replying(Operation::ListUsersPost, "error-scope.json"),
            (HealthState::Down, vec![Cause::RightsMissing]),
        ),
        (
            replying(Operation::ListUsersPost, "error-unavailable.json"),
            (HealthState::Down, vec![Cause::VendorError]),
        ),
        (
            replying(Operation::ListCredentialTypes, "credential-types-no-cloud-key.json"),
            (HealthState::Degraded, vec![Cause::SetupWrong]),
        ),
        (
            with_jane().behaving(|it: &mut Behaviour| it.pre_filter = Filtering::Refused),
            (HealthState::Ok, vec![]),
        ),
    ] {
        assert_eq!(causes(&health(openpath).await), expected);
    }
}

#[tokio::test(start_paused = true)]
async fn a_vendor_that_cannot_be_reached_is_down() {
    let house = House::at(with_jane());
    house.vendor.faults(|f| f.always(Fault::before(FaultKind::Refuse)));
    let health = house.access.check(&building()).await.unwrap().remove(0).health;
    assert_eq!(causes(&health), (HealthState::Down, vec![Cause::VendorUnreachable]));
}

/// What a connection's health reads like, in each condition.
#[tokio::test(start_paused = true)]
async fn health_tells_rights_plan_sites_sign_in_and_way_of_lookup() {
    let pinned = |sites: &'static [u64]| {
        move |client| {
            let sites = sites.iter().map(|site| SiteId::from(*site));
            OpenpathProvider::new(client).at_sites(building(), sites)
        }
    };
    let plain = OpenpathProvider::new;
    let to_read = |o: &mut Openpath| o.set_scopes(&RIGHTS_TO_READ);
    let mut text = String::new();
    let mut tell =
        async |name: &str, openpath: Openpath, provider: &dyn Fn(Client) -> OpenpathProvider| {
            let house = House::at(openpath);
            house.connect(provider(client_over(house.wire())));
            let health = house.access.check(&building()).await.unwrap().remove(0).health;
            let _ = writeln!(text, "## {name}\n{health}");
            assert_eq!((house.orders(), house.count(Operation::CreateCredential)), (0, 0));
        };
    tell("all is well", well(|_| {}), &plain).await;
    tell("more rights than are needed", well(to_read), &plain).await;
    tell("all rights there are", well(|o| o.set_scopes(&["o:w", "o5120-user:w"])), &plain).await;
    tell("rights to read only", well(|o| o.set_scopes(&["o5120-user:r"])), &plain).await;
    tell(
        "rights that are not told",
        well(|o| {
            o.reply_with(
                Operation::GetEffectivePermissionsForOrg,
                fixtures::case("error-server.json").unwrap().reply(),
            );
        }),
        &plain,
    )
    .await;
    tell("a plan without remote unlock", well(|o| o.set_features(&["webHooks"])), &plain).await;
    tell("pinned, and not shown the sites", well(|_| {}), &pinned(&[21])).await;
    tell("pinned to a site that is there", well(to_read), &pinned(&[21])).await;
    tell("pinned to one that is not", well(to_read), &pinned(&[21, 99])).await;
    tell("bound to another site than pinned", well(|_| {}).bound_to_sites(&[22]), &pinned(&[21]))
        .await;
    tell(
        "another organisation's account",
        well(|o| {
            o.reply_with(
                Operation::Login,
                fixtures::case("login-other-org-only.json").unwrap().reply(),
            );
        }),
        &plain,
    )
    .await;
    assert!(!text.contains('@'), "an e-mail is shown");
    insta::assert_snapshot!(text);
}

#[tokio::test(start_paused = true)]
async fn health_shows_which_way_of_finding_users_works() {
    let shown = async |openpath: Openpath, email: &str| {
        let house = House::at(openpath);
        house.settle("jane", email);
        house.doors("jane", Freshness::Cached).await;
        house.access.check(&building()).await.unwrap().remove(0).health.to_string()
    };
    let works = shown(with_janes_key(), "jane@example.com").await;
    assert!(works.contains("(by Openpath's filter)"), "{works}");
    for filtering in [Filtering::Exact, Filtering::FindsNobody, Filtering::Refused] {
        let openpath = with_janes_key().behaving(|it: &mut Behaviour| it.pre_filter = filtering);
        let fails = shown(openpath, "jane@example.com").await;
        assert!(fails.contains("(by reading all users"), "{filtering:?} {fails}");
    }
    let nobody = shown(with_janes_key(), "sam@example.com").await;
    assert!(nobody.contains("(nobody was found yet)"), "{nobody}");
}

#[tokio::test(start_paused = true)]
async fn one_connection_for_two_buildings_is_a_finding_unless_pinned() {
    let other = BuildingId::new("south-tower").unwrap();
    for is_pinned in [false, true] {
        let house = House::at(with_janes_key());
        if is_pinned {
            let provider = OpenpathProvider::new(client_over(house.wire()));
            let provider = provider.at_sites(building(), [SiteId::from(21)]);
            house.connect(provider.at_sites(other.clone(), [SiteId::from(22)]));
        }
        let listed = house.connections.of(&building()).await.unwrap();
        let provider = house.connections.open(&listed[0]).await.unwrap();
        house.connections.connect(&other, &connection(), provider);
        let health =
            async |of: &BuildingId| causes(&house.access.check(of).await.unwrap()[0].health);
        assert_eq!(health(&building()).await, (HealthState::Ok, vec![]));
        let expected = if is_pinned {
            (HealthState::Ok, vec![])
        } else {
            (HealthState::Degraded, vec![Cause::ConnectionsOverlap])
        };
        assert_eq!(health(&other).await, expected);
        assert_eq!(health(&building()).await, expected, "told on both sides");
    }
}

#[tokio::test(start_paused = true)]
async fn an_account_whose_sign_in_names_another_organisation_is_judged_by_its_calls() {
    let house = House::at(well(|o| {
        o.reply_with(
            Operation::Login,
            fixtures::case("login-other-org-only.json").unwrap().reply(),
        );
    }));
    // The token of the canned reply is one that the stand-in does not know, so calls are refused.
    let health = house.access.check(&building()).await.unwrap().remove(0).health;
    assert_eq!(causes(&health), (HealthState::Down, vec![Cause::SetupWrong]));
}
