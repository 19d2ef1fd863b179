//! Part two: what goes wrong, what the resident and the manager are told, and what the door did.

use elevate_access::{Access, Cause, DoorId, Freshness, Outcome, ResidentId, Standing, Tap, TapId};
use elevate_access_testkit::{Effect, Fault, FaultKind};

use super::{Failure, LARKSPUR, MAPLE, Tour, ensure, is_one, named, people::resident};

/// Openpath's own id of Inês, and the e-mail that she ends up with there.
const INES_AT_OPENPATH: (u64, &str) = (7011, "Ines@Example.Net");

/// Openpath's own id of Noah.
const NOAH_AT_OPENPATH: u64 = 7018;

/// The garage of Larkspur Court, by Openpath's id.
const LARKSPUR_GARAGE: u64 = 4402;

/// Unit 103 of Maple Court, by Seam's id.
const SPACE_103: &str = "d3b4d193-d252-44ca-ad7d-156c877ea7fa";

pub(super) async fn part(tour: &mut Tour<'_>) -> Result<(), Failure> {
    tour.page.part("Part two: what a resident meets when something is wrong")?;
    email_not_found(tour).await?;
    connected_but_no_entries(tour).await?;
    unit_names_differ(tour).await?;
    matched_unit_without_doors(tour).await?;
    door_that_fails_at_two_n(tour).await?;
    door_that_fails_at_openpath(tour).await?;
    former_resident(tour).await?;
    somebody_elses_door(tour).await?;
    answer_lost(tour).await
}

async fn email_not_found(tour: &mut Tour<'_>) -> Result<(), Failure> {
    tour.page.step("Inês has another e-mail in the PMS than at Openpath", LARKSPUR)?;
    let ines = resident("ines")?;

    let list = tour.access.doors(&ines, Freshness::Cached).await?;
    tour.shows_doors("Inês", &list)?;
    tour.shows_doings()?;
    ensure(has_problem(&list, Cause::UserNotFound), "no user has her e-mail")?;

    // The same judgement in full, for whoever mends it. It opens nothing and creates nothing.
    let diagnosis = tour.access.diagnose(&ines, None).await?;
    tour.page.report("diagnose", &diagnosis.to_string())?;
    ensure(
        diagnosis.first_failure().map(elevate_access::Reason::cause) == Some(Cause::UserNotFound),
        "the diagnosis finds the same",
    )?;

    tour.page.row("mended", "Her e-mail is corrected at Openpath, and she pulls to refresh:")?;
    let (user, email) = INES_AT_OPENPATH;
    tour.stand_ins.openpath.with(|it| it.set_email(user, email));
    ensure(keys(tour, user) == 0, "no key was made while nobody had her e-mail")?;
    let list = tour.access.doors(&ines, Freshness::Fresh).await?;
    tour.shows_doors("Inês", &list)?;
    ensure(list.doors.len() == 2 && list.problems.is_empty(), "Inês has two doors now")?;
    ensure(keys(tour, user) == 1, "one cloud key was made for Inês")?;
    tour.page.row("at Openpath", "found by e-mail; one cloud key made, named ElevateOS")?;
    Ok(())
}

async fn connected_but_no_entries(tour: &mut Tour<'_>) -> Result<(), Failure> {
    tour.page.step("Noah is known to Openpath, and no entry is assigned to him", LARKSPUR)?;
    ensure(keys(tour, NOAH_AT_OPENPATH) == 0, "Noah has no cloud key yet")?;
    let list = tour.access.doors(&resident("noah")?, Freshness::Cached).await?;
    tour.shows_doors("Noah", &list)?;
    ensure(keys(tour, NOAH_AT_OPENPATH) == 1, "one cloud key was made for Noah")?;
    tour.page.row("at Openpath", "found by e-mail; one cloud key made, named ElevateOS")?;
    tour.shows_doings()?;
    ensure(has_problem(&list, Cause::NoDoorsAssigned), "Noah is connected and has no doors")
}

async fn unit_names_differ(tour: &mut Tour<'_>) -> Result<(), Failure> {
    tour.page.step("Ben lives in “Apt 103”, and 2N has a “103”", MAPLE)?;
    let ben = resident("ben")?;
    let list = tour.access.doors(&ben, Freshness::Cached).await?;
    tour.shows_doors("Ben", &list)?;
    tour.shows_doings()?;
    ensure(has_problem(&list, Cause::UnitUnmatched), "only case may differ")?;

    tour.page.row("mended", "The 2N unit is renamed in Seam, and Ben pulls to refresh:")?;
    tour.stand_ins.seam.with(|it| {
        it.rename_space(SPACE_103, "APT 103");
    });
    let list = tour.access.doors(&ben, Freshness::Fresh).await?;
    tour.shows_doors("Ben", &list)?;
    ensure(list.doors.len() == 1 && list.problems.is_empty(), "Ben has a door now")
}

async fn matched_unit_without_doors(tour: &mut Tour<'_>) -> Result<(), Failure> {
    tour.page.step("Cleo's unit 203 is matched, and 2N gives it no doors", MAPLE)?;
    let list = tour.access.doors(&resident("cleo")?, Freshness::Cached).await?;
    tour.shows_doors("Cleo", &list)?;
    tour.shows_doings()?;
    ensure(has_problem(&list, Cause::UnitWithoutDoors), "her unit has no doors")
}

async fn door_that_fails_at_two_n(tour: &mut Tour<'_>) -> Result<(), Failure> {
    tour.page.step("Dan taps the rear entrance, which is offline", MAPLE)?;
    let dan = resident("dan")?;
    let list = tour.access.doors(&dan, Freshness::Cached).await?;
    tour.shows_doors("Dan", &list)?;

    // What Seam shows may be minutes old, so the tap is let through; the order then fails.
    let outcome = tour.access.unlock(&dan, &named(&list, "Rear entrance")?.id, Tap::now()).await?;

    tour.shows_outcome("Dan", &outcome)?;
    ensure(matches!(&outcome, Outcome::NotOpened(r) if !r.certain), "Seam says that it failed")?;
    let doings = tour.shows_doings()?;
    ensure(is_one(&doings, Effect::Failed), "the door stayed shut")
}

async fn door_that_fails_at_openpath(tour: &mut Tour<'_>) -> Result<(), Failure> {
    tour.page
        .step("Omar taps the garage, and its controller does not answer Openpath", LARKSPUR)?;
    let omar = resident("omar")?;
    tour.stand_ins.openpath.with(|it| it.door_fails(LARKSPUR_GARAGE));

    let garage = door_of(&tour.access, &omar, "Garage").await?;
    let outcome = tour.access.unlock(&omar, &garage, Tap::now()).await?;

    tour.shows_outcome("Omar", &outcome)?;
    // The very answer that a door which opens gets: this is why `Accepted` is not called `Opened`.
    ensure(matches!(outcome, Outcome::Accepted(_)), "Openpath took the order all the same")?;
    let doings = tour.shows_doings()?;
    tour.page.row(
        "note",
        "Openpath answers the same whether the door opens or not, so the app says “asked”.",
    )?;
    ensure(is_one(&doings, Effect::Failed), "the door stayed shut")
}

async fn former_resident(tour: &mut Tour<'_>) -> Result<(), Failure> {
    tour.page.step("Jane has her list on the screen, moves out, and taps", LARKSPUR)?;
    let jane = resident("jane")?;
    let entrance = door_of(&tour.access, &jane, "Main entrance").await?;
    tour.directory.set_standing(&jane, &Standing::Former);

    // The PMS is asked again at each tap. Jane's user at Openpath is still active; that does not help.
    let refused = refusal(tour.access.unlock(&jane, &entrance, Tap::now()).await)?;

    tour.shows_refusal("Jane", &refused)?;
    ensure(refused.cause() == Cause::NotCurrent, "Jane is no longer current")?;
    ensure(tour.shows_doings()?.is_empty(), "nothing was sent")
}

async fn somebody_elses_door(tour: &mut Tour<'_>) -> Result<(), Failure> {
    tour.page.step("Ana's phone sends the id of a door that only Dan has", MAPLE)?;
    let (ana, dan) = (resident("ana")?, resident("dan")?);
    let rear_entrance = door_of(&tour.access, &dan, "Rear entrance").await?;

    let refused = refusal(tour.access.unlock(&ana, &rear_entrance, Tap::now()).await)?;

    tour.shows_refusal("Ana", &refused)?;
    ensure(refused.cause() == Cause::DoorNotGranted, "the door is not Ana's")?;
    ensure(tour.shows_doings()?.is_empty(), "nothing was sent")?;

    // A door that does not exist gets the same answer, so that ids cannot be tried out.
    let made_up: DoorId = "maple-2n/no-such-door".parse()?;
    let other = refusal(tour.access.unlock(&ana, &made_up, Tap::now()).await)?;
    ensure(other.for_resident() == refused.for_resident(), "both get one and the same answer")?;
    tour.page.row(
        "note",
        "A made-up id gets the same answer, so that nobody learns which doors exist.",
    )?;
    Ok(())
}

async fn answer_lost(tour: &mut Tour<'_>) -> Result<(), Failure> {
    tour.page.step("Omar taps the roof terrace, and the answer is lost on its way", LARKSPUR)?;
    let omar = resident("omar")?;
    let roof = door_of(&tour.access, &omar, "Roof terrace").await?;
    let lost = Fault::after(FaultKind::Reset);
    tour.stand_ins.openpath.faults(|it| it.next_on("/cloudKeyEntryUnlock", lost));

    let id = TapId::new("omar-2")?;
    let outcome = tour.access.unlock(&omar, &roof, Tap::now().with_id(id.clone())).await?;

    tour.shows_outcome("Omar", &outcome)?;
    ensure(matches!(outcome, Outcome::Unknown(_)), "nobody here can know")?;
    let doings = tour.shows_doings()?;
    ensure(is_one(&doings, Effect::Opened), "the door opened once")?;

    // The network is back, and the phone asks again with the id of the same tap.
    let again = tour.access.unlock(&omar, &roof, Tap::now().with_id(id)).await?;
    ensure(again == outcome, "one tap has one outcome")?;
    ensure(tour.new_orders().is_empty(), "nothing was sent a second time")?;
    let same = "The phone sends the same tap again, by its id, and gets the same outcome.";
    tour.page.row("again", same)?;
    tour.page.row("the door", "was not asked a second time")?;
    Ok(())
}

/// The id of the resident's door of that name.
async fn door_of(access: &Access, who: &ResidentId, name: &str) -> Result<DoorId, Failure> {
    let list = access.doors(who, Freshness::Cached).await?;
    Ok(named(&list, name)?.id.clone())
}

/// How many cloud keys Openpath's user of that id has.
fn keys(tour: &Tour<'_>, user: u64) -> usize {
    tour.stand_ins.openpath.with(|it| it.cloud_keys(user))
}

fn has_problem(list: &elevate_access::DoorList, cause: Cause) -> bool {
    list.doors.is_empty() && list.problems.iter().any(|problem| problem.reason.cause() == cause)
}

fn refusal(
    result: Result<Outcome, elevate_access::Error>,
) -> Result<elevate_access::Error, Failure> {
    match result {
        Err(error) => Ok(error),
        Ok(outcome) => Err(format!("a refusal was due, and an order was sent: {outcome:?}").into()),
    }
}
