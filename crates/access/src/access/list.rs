//! Lists: doors, favourites, links.

use std::collections::HashSet;

use futures_util::future::join_all;
use jiff::Timestamp;
use tokio::time::Instant;

use super::Core;
use crate::{
    BuildingId, Cause, ConnectionId, ConnectionRef, DoorId, EmailDigest, Error, Freshness,
    Identity, Reason, Resident, ResidentId, System, context::bounded,
};

/// The doors of a resident, and what keeps others from them.
///
/// Not serialisable on purpose: reasons hold what managers may read and residents may not. An app gets
/// [`Door::id`], the name, [`Door::favorite`], and [`Reason::for_resident`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct DoorList {
    /// The doors: favourites first, in the order in which they were set, then the rest in the order of
    /// connections and, within one, as its provider lists them: by name, or as the vendor does.
    pub doors: Vec<Door>,
    /// What went wrong, one entry a connection and cause. Empty when all is well.
    pub problems: Vec<Problem>,
}

/// One door on a resident's list.
///
/// An app shows its [`name`](Self::name) and, where there is one, what the resident may read of
/// [`blocked`](Self::blocked) or else of [`notice`](Self::notice): `notice.for_resident()`. A blocked door need
/// not be offered for a tap. One with a notice has to be: what the system shows may be minutes old, and a tap is
/// sent all the same.
///
/// ```
/// use elevate_access::Door;
///
/// /// What stands below the door's name, and whether it can be tapped.
/// fn shown(door: &Door) -> (Option<String>, bool) {
///     let remark = door.blocked.as_ref().or(door.notice.as_ref());
///     (remark.map(|reason| reason.for_resident()), door.blocked.is_none())
/// }
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Door {
    /// What to hand to [`Access::unlock`](crate::Access::unlock).
    pub id: DoorId,
    /// The door's name, as the vendor has it. Where two doors of a connection share one, their vendor crate
    /// may add what tells them apart.
    pub name: String,
    /// Whether the resident made it a favourite.
    pub favorite: bool,
    /// The building that it belongs to.
    pub building: BuildingId,
    /// The door system.
    pub system: System,
    /// Why a tap on it would be refused, if it would.
    pub blocked: Option<Reason>,
    /// A remark, such as that it was last seen offline. No tap is refused for it.
    pub notice: Option<Reason>,
}

/// What keeps doors from a resident.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Problem {
    /// The building.
    pub building: Option<BuildingId>,
    /// The connection, where one is to blame.
    pub connection: Option<ConnectionId>,
    /// Why.
    pub reason: Reason,
    /// The error, where there was one rather than a vendor's plain word: its
    /// [`source`](std::error::Error::source) is what lies underneath, a host's own failure for one.
    pub error: Option<Error>,
}

/// Whether a resident is connected to one door system (O5).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LinkStatus {
    /// The building.
    pub building: BuildingId,
    /// The connection.
    pub connection: ConnectionId,
    /// The door system.
    pub system: System,
    /// How the resident stands with it.
    pub state: LinkState,
}

/// How a resident stands with a door system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkState {
    /// They were found there.
    Linked {
        /// When the system last confirmed it.
        verified: Timestamp,
    },
    /// They have not been found there yet, or their e-mail has changed since.
    NotLinked,
    /// The system knows no residents: access follows the unit (N6).
    ByUnit,
}

impl Core {
    pub(super) async fn doors(
        &self,
        resident: &ResidentId,
        freshness: Freshness,
    ) -> Result<DoorList, Error> {
        let until = Instant::now() + self.limits.list;
        let (resident, _) = self.resident(resident).await?;
        let freshness = match freshness {
            Freshness::Fresh if !self.refreshes.allows(&resident.id) => Freshness::Cached,
            asked => asked,
        };
        let mut problems = Vec::new();
        let mut asks = Vec::new();
        let buildings = current_buildings(&resident)?;
        let listings = join_all(buildings.iter().map(|building| self.hub.of(building))).await;
        for (building, listing) in buildings.into_iter().zip(listings) {
            match listing {
                Ok(listed) if listed.is_empty() => {
                    problems.push(Problem::of(&building, None, Reason::new(Cause::NoConnection)));
                }
                Ok(listed) => asks.extend(listed.into_iter().map(|c| (building.clone(), c))),
                Err(e) => problems.push(Problem::failed(Some(&building), None, e)),
            }
        }
        let asked = join_all(asks.iter().map(|(building, connection)| {
            self.doors_by(&resident, building, connection, freshness, until)
        }));
        let (asked, favorites) = tokio::join!(asked, self.favorites(&resident.id));
        let favorites = favorites.unwrap_or_else(|e| {
            problems.push(Problem::failed(None, None, e));
            Vec::new()
        });
        let mut doors = Vec::new();
        let mut seen = HashSet::new();
        for ((building, connection), result) in asks.iter().zip(asked) {
            match result {
                Ok((found, reasons)) => {
                    doors.extend(found.into_iter().filter(|d: &Door| seen.insert(d.id.clone())));
                    problems.extend(
                        reasons.into_iter().map(|r| Problem::of(building, Some(&connection.id), r)),
                    );
                }
                Err(e) => {
                    tracing::warn!(connection = %connection.id, error = %e, "a connection gave no doors");
                    problems.push(Problem::failed(Some(building), Some(&connection.id), e));
                }
            }
        }
        for door in &mut doors {
            door.favorite = favorites.contains(&door.id);
        }
        // A stable sort: all that are no favourites share one place and keep their order.
        doors.sort_by_key(|d| favorites.iter().position(|f| *f == d.id).unwrap_or(usize::MAX));
        Ok(DoorList { doors, problems })
    }

    async fn doors_by(
        &self,
        resident: &Resident,
        building: &BuildingId,
        connection: &ConnectionRef,
        freshness: Freshness,
        until: Instant,
    ) -> Result<(Vec<Door>, Vec<Reason>), Error> {
        let Some(occupant) = resident.occupant(building) else { return Ok(Default::default()) };
        let desk = self.desk(building, connection, until, true).await?;
        let system = desk.provider.info().system;
        let grants = desk.grants(&occupant, freshness).await.map_err(|e| e.naming(&system))?;
        let doors = grants
            .doors
            .into_iter()
            .map(|grant| Door {
                id: DoorId::new(connection.id.clone(), grant.id),
                name: grant.name,
                favorite: false,
                building: building.clone(),
                system: system.clone(),
                blocked: grant.blocked,
                notice: grant.notice,
            })
            .collect();
        Ok((doors, grants.problems))
    }

    async fn favorites(&self, resident: &ResidentId) -> Result<Vec<DoorId>, Error> {
        bounded("store.favorites", Cause::StoreFailed, self.store.favorites(resident)).await
    }

    pub(super) async fn set_favorite(
        &self,
        resident: &ResidentId,
        door: &DoorId,
        favorite: bool,
    ) -> Result<(), Error> {
        if favorite {
            let until = Instant::now() + self.limits.list;
            self.find(resident, door, until, false).await?;
        } else {
            // Taking one back needs no door: it may be the very one that is gone.
            self.resident(resident).await?;
        }
        let set = self.store.set_favorite(resident, door, favorite);
        bounded("store.set_favorite", Cause::StoreFailed, set).await
    }

    pub(super) async fn link_status(
        &self,
        resident: &ResidentId,
    ) -> Result<Vec<LinkStatus>, Error> {
        let (resident, _) = self.resident(resident).await?;
        let mut statuses = Vec::new();
        for building in current_buildings(&resident)? {
            for connection in self.hub.of(&building).await? {
                let info = self.hub.provider(&connection).await?.info();
                let state = match info.identity {
                    Identity::Unit => LinkState::ByUnit,
                    Identity::Email => self.link_state(&resident, &connection.id).await?,
                };
                statuses.push(LinkStatus {
                    building: building.clone(),
                    connection: connection.id,
                    system: info.system,
                    state,
                });
            }
        }
        Ok(statuses)
    }

    async fn link_state(
        &self,
        resident: &Resident,
        connection: &ConnectionId,
    ) -> Result<LinkState, Error> {
        let Some(email) = &resident.email else { return Ok(LinkState::NotLinked) };
        let link = self.store.link(connection, &resident.id);
        let link = bounded("store.link", Cause::StoreFailed, link).await?;
        let digest = EmailDigest::of(connection, &resident.id, email);
        Ok(match link {
            Some(link) if link.email == digest => LinkState::Linked { verified: link.verified },
            _ => LinkState::NotLinked,
        })
    }
}

pub(super) fn current_buildings(resident: &Resident) -> Result<Vec<BuildingId>, Error> {
    let buildings = resident.current_buildings();
    if buildings.is_empty() {
        return Err(Error::new(Cause::NotCurrent));
    }
    Ok(buildings)
}

impl Problem {
    fn of(building: &BuildingId, connection: Option<&ConnectionId>, reason: Reason) -> Self {
        Self {
            building: Some(building.clone()),
            connection: connection.cloned(),
            reason,
            error: None,
        }
    }

    fn failed(
        building: Option<&BuildingId>,
        connection: Option<&ConnectionId>,
        error: Error,
    ) -> Self {
        let (building, connection) = (building.cloned(), connection.cloned());
        Self { building, connection, reason: error.reason().clone(), error: Some(error) }
    }
}
