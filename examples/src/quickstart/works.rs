//! Part one: what works.

use elevate_access::{Freshness, LinkState, Outcome, ResidentId, Tap, TapId};
use elevate_access_testkit::{Effect, seam::AttemptEnd};

use super::{Failure, LARKSPUR, MAPLE, Tour, ensure, is_one, named, people::resident, service};

/// Openpath's own id of Omar.
const OMAR_AT_OPENPATH: u64 = 7010;

/// The garage of Maple Court, by Seam's id.
const MAPLE_GARAGE: &str = "7d3765c3-ded8-4e41-9761-1c29207bc2d1";

pub(super) async fn part(tour: &mut Tour<'_>) -> Result<(), Failure> {
    tour.page.part("Part one: what works")?;
    first_use_at_openpath(tour).await?;
    favourite_at_openpath(tour).await?;
    tap_at_openpath(tour).await?;
    restart(tour).await?;
    first_use_at_two_n(tour).await?;
    tap_at_two_n(tour).await?;
    tap_that_two_n_cannot_confirm(tour).await
}

async fn first_use_at_openpath(tour: &mut Tour<'_>) -> Result<(), Failure> {
    tour.page.step("Omar opens the app for the first time", LARKSPUR)?;
    let omar = resident("omar")?;
    let keys = |tour: &Tour<'_>| tour.stand_ins.openpath.with(|it| it.cloud_keys(OMAR_AT_OPENPATH));
    ensure(keys(tour) == 0, "Omar has no cloud key yet")?;
    let before = is_connected(tour, &omar).await?;

    // Asking for the doors is all it takes: Omar is found by the e-mail that the PMS vouches for, and
    // since he has no cloud key yet, one is made.
    let list = tour.access.doors(&omar, Freshness::Cached).await?;

    tour.shows_doors("Omar", &list)?;
    ensure(list.doors.len() == 4 && list.problems.is_empty(), "Omar has four doors")?;
    ensure(keys(tour) == 1, "one cloud key was made for Omar")?;
    let after = is_connected(tour, &omar).await?;
    tour.page.row("at Openpath", "found by e-mail; one cloud key made, named ElevateOS")?;
    tour.page.row("his profile", &format!("before: {before}; now: {after}"))?;
    Ok(())
}

/// What a resident's profile can show. Asks no vendor, and writes nothing.
async fn is_connected(tour: &Tour<'_>, who: &ResidentId) -> Result<&'static str, Failure> {
    let statuses = tour.access.link_status(who).await?;
    let status = statuses.first().ok_or("the building has a connection")?;
    Ok(match status.state {
        LinkState::Linked { .. } => "connected",
        LinkState::NotLinked => "not connected",
        LinkState::ByUnit => "access follows the unit",
    })
}

async fn favourite_at_openpath(tour: &mut Tour<'_>) -> Result<(), Failure> {
    tour.page.step("Omar makes the garage his favourite", LARKSPUR)?;
    let omar = resident("omar")?;
    let list = tour.access.doors(&omar, Freshness::Cached).await?;
    let garage = named(&list, "Garage")?;

    tour.access.set_favorite(&omar, &garage.id, true).await?;
    let list = tour.access.doors(&omar, Freshness::Cached).await?;

    tour.shows_doors("Omar", &list)?;
    let first = list.doors.first();
    ensure(
        first.is_some_and(|door| door.name == "Garage" && door.favorite),
        "favourites come first",
    )
}

async fn tap_at_openpath(tour: &mut Tour<'_>) -> Result<(), Failure> {
    tour.page.step("Omar taps the garage", LARKSPUR)?;
    let omar = resident("omar")?;
    let list = tour.access.doors(&omar, Freshness::Cached).await?;
    let garage = named(&list, "Garage")?;

    // The phone chose the tap's id, so that it may ask again if it gets no answer.
    let tap = Tap::now().with_id(TapId::new("omar-1")?);
    let outcome = tour.access.unlock(&omar, &garage.id, tap).await?;

    tour.shows_outcome("Omar", &outcome)?;
    // Openpath takes the order and says no more, so nobody is told that the door is open.
    ensure(matches!(outcome, Outcome::Accepted(_)), "Openpath took the order")?;
    let doings = tour.shows_doings()?;
    ensure(is_one(&doings, Effect::Opened), "the garage opened once")
}

async fn restart(tour: &mut Tour<'_>) -> Result<(), Failure> {
    tour.page.step("The service restarts, and Omar's phone asks again", LARKSPUR)?;
    let omar = resident("omar")?;
    let (stand_ins, people) = (&tour.stand_ins, tour.directory.clone());
    tour.access = service::access(stand_ins, people, &tour.store_file).await?;

    let list = tour.access.doors(&omar, Freshness::Cached).await?;
    let garage = named(&list, "Garage")?;
    ensure(garage.favorite, "the favourite outlived the process")?;
    // The id was claimed before the order was sent, and the claim is in the store.
    let again = Tap::now().with_id(TapId::new("omar-1")?);
    let outcome = tour.access.unlock(&omar, &garage.id, again).await?;

    tour.shows_doors("Omar", &list)?;
    tour.shows_outcome("Omar", &outcome)?;
    ensure(matches!(outcome, Outcome::Accepted(_)), "the first tap's outcome is told again")?;
    let doings = tour.shows_doings()?;
    ensure(doings.is_empty(), "one tap is one order, across restarts")
}

async fn first_use_at_two_n(tour: &mut Tour<'_>) -> Result<(), Failure> {
    tour.page.step("Ana opens the app, and makes the garage her favourite", MAPLE)?;
    let ana = resident("ana")?;
    let list = tour.access.doors(&ana, Freshness::Cached).await?;
    tour.access.set_favorite(&ana, &named(&list, "Garage")?.id, true).await?;
    let list = tour.access.doors(&ana, Freshness::Cached).await?;

    tour.shows_doors("Ana", &list)?;
    let first = list.doors.first().map(|door| door.name.as_str());
    ensure(list.doors.len() == 2 && first == Some("Garage"), "Ana has two doors")?;
    let profile = is_connected(tour, &ana).await?;
    tour.page
        .row("through Seam", "unit 101 is the 2N unit of the same name; its doors are hers")?;
    tour.page.row("her profile", &format!("{profile}; Seam knows no residents"))?;
    Ok(())
}

async fn tap_at_two_n(tour: &mut Tour<'_>) -> Result<(), Failure> {
    tour.page.step("Ana taps the main entrance", MAPLE)?;
    let ana = resident("ana")?;
    let list = tour.access.doors(&ana, Freshness::Cached).await?;

    let entrance = named(&list, "Main entrance")?;
    let outcome = tour.access.unlock(&ana, &entrance.id, Tap::now()).await?;

    tour.shows_outcome("Ana", &outcome)?;
    // The intercom itself confirmed this very order.
    ensure(matches!(outcome, Outcome::Opened(_)), "the intercom confirmed it")?;
    let doings = tour.shows_doings()?;
    ensure(is_one(&doings, Effect::Opened), "the entrance opened once")
}

async fn tap_that_two_n_cannot_confirm(tour: &mut Tour<'_>) -> Result<(), Failure> {
    tour.page.step("Ana taps the garage, whose intercom confirms nothing", MAPLE)?;
    let ana = resident("ana")?;
    let list = tour.access.doors(&ana, Freshness::Cached).await?;
    tour.stand_ins.seam.with(|it| {
        it.next_attempt_ends(MAPLE_GARAGE, AttemptEnd::Unconfirmed);
    });

    let outcome = tour.access.unlock(&ana, &named(&list, "Garage")?.id, Tap::now()).await?;

    tour.shows_outcome("Ana", &outcome)?;
    ensure(matches!(outcome, Outcome::Accepted(_)), "2N was asked, and confirmed nothing")?;
    let doings = tour.shows_doings()?;
    ensure(is_one(&doings, Effect::Opened), "the garage opened once")
}
