//! Answers for people who mend things.

use futures_util::future::join_all;
use tokio::time::Instant;
use tracing::Instrument as _;

use super::{Core, ask::guarded};
use crate::{
    BuildingId, Cause, Check, ConnectionDiagnosis, ConnectionHealth, ConnectionId, ConnectionRef,
    Diagnosis, DoorId, Error, Health, Identity, Occupant, ProviderInfo, Reason, Residency,
    Resident, ResidentId, Standing, spans,
};

const APART: &str = "No other connection draws on the same doors.";

impl Core {
    pub(super) async fn diagnose(
        &self,
        resident: &ResidentId,
        door: Option<&DoorId>,
    ) -> Result<Diagnosis, Error> {
        let until = Instant::now() + self.limits.list;
        let known = "ElevateOS knows the resident.";
        let resident = match self.resident(resident).await {
            Ok((resident, _)) => resident,
            Err(e) if e.cause() == Cause::ResidentUnknown => {
                let checks = vec![Check::failed(known, e.reason().clone())];
                return Ok(Diagnosis { resident: checks, connections: Vec::new() });
            }
            Err(e) => return Err(e),
        };
        let mut checks = vec![Check::passed(known), standing(&resident.residencies)];
        let mut asks = Vec::new();
        for building in resident.current_buildings() {
            let what = format!("Building {building} has a door system.");
            match self.hub.of(&building).await {
                Ok(listed) if listed.is_empty() => {
                    checks.push(Check::failed(what, Reason::new(Cause::NoConnection)));
                }
                Err(e) => checks.push(Check::failed(what, e.reason().clone())),
                Ok(listed) => {
                    checks.push(Check::passed(what));
                    let Some(occupant) = resident.occupant(&building) else { continue };
                    let asked = |c: &ConnectionRef| door.is_none_or(|d| c.id == *d.connection());
                    asks.extend(listed.into_iter().filter(asked).map(|c| (occupant.clone(), c)));
                }
            }
        }
        let is_current = !resident.current_buildings().is_empty();
        if let Some(door) = door
            && asks.is_empty()
            && is_current
        {
            checks.push(self.elsewhere(&resident, door).await);
        }
        let explained = asks.iter().map(|(occupant, connection)| {
            self.explain(occupant, connection, door, until, &|_| true)
        });
        let mut connections: Vec<_> = join_all(explained).await.into_iter().flatten().collect();
        if door.is_none() || !is_current {
            let current: Vec<_> = asks.into_iter().map(|(_, connection)| connection.id).collect();
            connections.extend(self.explain_left(&resident, &current, door, until).await);
        }
        Ok(Diagnosis { resident: checks, connections })
    }

    /// What is left of the access to buildings where the resident lives no longer, at systems that know them
    /// by e-mail. One on which a current building draws as well has every reason to know them.
    async fn explain_left(
        &self,
        resident: &Resident,
        current: &[ConnectionId],
        door: Option<&DoorId>,
        until: Instant,
    ) -> Vec<ConnectionDiagnosis> {
        let opened = self.hub.opened();
        let is_current = |id: &ConnectionId| current.contains(id);
        let kept = opened.iter().filter(|(id, _)| is_current(id));
        let kept: Vec<_> = kept.filter_map(|(_, p)| Some(p.info().territory?.account)).collect();
        let mut asks = Vec::new();
        for building in resident.left_buildings() {
            // What cannot be listed has been told of the buildings that count.
            let listed = self.hub.of(&building).await.unwrap_or_default();
            let asked = |c: &ConnectionRef| {
                !is_current(&c.id) && door.is_none_or(|d| c.id == *d.connection())
            };
            let leaver = resident.leaver(&building);
            asks.extend(listed.into_iter().filter(asked).map(|c| (leaver.clone(), c)));
        }
        let is_concerned = |info: &ProviderInfo| {
            let account = info.territory.as_ref().map(|territory| &territory.account);
            info.identity == Identity::Email && !account.is_some_and(|a| kept.contains(a))
        };
        let explained = asks.iter().map(|(leaver, connection)| {
            self.explain(leaver, connection, None, until, &is_concerned)
        });
        join_all(explained).await.into_iter().flatten().collect()
    }

    /// Why none of the buildings where the resident is Current has the door: for a manager, who may know
    /// that it is a building where they are not.
    async fn elsewhere(&self, resident: &Resident, door: &DoorId) -> Check {
        for residency in &resident.residencies {
            let has_door = |c: &ConnectionRef| c.id == *door.connection();
            if residency.standing != Standing::Current
                && self.hub.of(&residency.building).await.is_ok_and(|l| l.iter().any(has_door))
            {
                let what = format!("The resident is Current in building {}.", residency.building);
                return Check::failed(what, Reason::new(Cause::NotCurrent));
            }
        }
        let what = "The door belongs to one of the resident's buildings.";
        Check::failed(what, Reason::new(Cause::DoorNotGranted))
    }

    /// What has to hold at one connection; nothing if it is not concerned.
    async fn explain(
        &self,
        occupant: &Occupant,
        connection: &ConnectionRef,
        door: Option<&DoorId>,
        until: Instant,
        is_concerned: &(dyn Fn(&ProviderInfo) -> bool + Sync),
    ) -> Option<ConnectionDiagnosis> {
        let answered = "The connection can be opened and answers.";
        let (system, checks) = match self.desk(occupant.building(), connection, until, false).await
        {
            Err(e) => (None, vec![Check::failed(answered, e.reason().clone())]),
            Ok(desk) => {
                let info = desk.provider.info();
                if !is_concerned(&info) {
                    return None;
                }
                let vendor_door = door.map(DoorId::vendor_id);
                let ask = desk.provider.explain(&desk.context, occupant, vendor_door);
                let span = spans::provider("provider.explain", desk.provider.as_ref());
                let checks = guarded(until, ask).instrument(span).await.unwrap_or_else(|e| {
                    vec![Check::failed(answered, e.reason().clone().in_system(&info.system))]
                });
                (Some(info.system), checks)
            }
        };
        let (connection, door) = (connection.id.clone(), door.cloned());
        Some(ConnectionDiagnosis { connection, system, door, checks })
    }

    pub(super) async fn check(
        &self,
        building: &BuildingId,
    ) -> Result<Vec<ConnectionHealth>, Error> {
        let until = Instant::now() + self.limits.list;
        let listed = self.hub.of(building).await?;
        let mut healths = join_all(listed.iter().map(|c| self.check_one(building, c, until))).await;
        self.overlaps(&mut healths);
        Ok(healths)
    }

    /// Adds which connections draw on what another one draws on too, among all that are open here.
    fn overlaps(&self, healths: &mut [ConnectionHealth]) {
        let opened = self.hub.opened();
        let infos: Vec<_> = opened.iter().map(|(id, provider)| (id, provider.info())).collect();
        for health in healths {
            let Some((_, own)) = infos.iter().find(|(id, _)| **id == health.connection) else {
                continue;
            };
            let overlaps = |other: &ProviderInfo| {
                own.territory
                    .as_ref()
                    .zip(other.territory.as_ref())
                    .is_some_and(|(a, b)| a.overlaps(b))
            };
            let other = infos.iter().find(|(id, info)| **id != health.connection && overlaps(info));
            if let Some((other, _)) = other {
                let reason = Reason::new(Cause::ConnectionsOverlap)
                    .in_system(&own.system)
                    .about(other.as_str());
                health.health = health.health.clone().and(APART, reason);
            }
        }
    }

    async fn check_one(
        &self,
        building: &BuildingId,
        connection: &ConnectionRef,
        until: Instant,
    ) -> ConnectionHealth {
        let (system, health, error) = match self.desk(building, connection, until, false).await {
            Err(e) => (None, Health::down(e.reason().clone()), Some(e)),
            Ok(desk) => {
                let system = desk.provider.info().system;
                let span = spans::provider("provider.check", desk.provider.as_ref());
                let health = guarded(until, desk.provider.check(&desk.context))
                    .instrument(span)
                    .await
                    .unwrap_or_else(|e| Health::down(e.reason().clone().in_system(&system)));
                (Some(system), health, None)
            }
        };
        ConnectionHealth { connection: connection.id.clone(), system, health, error }
    }
}

fn standing(residencies: &[Residency]) -> Check {
    let what = "The resident is Current in the PMS.";
    if residencies.iter().any(|r| r.standing == Standing::Current) {
        return Check::passed(what);
    }
    let reason = Reason::new(Cause::NotCurrent);
    let statuses: Vec<String> = residencies
        .iter()
        .map(|r| match &r.standing {
            Standing::Current => "“Current”".to_owned(),
            Standing::Former => "“Former”".to_owned(),
            Standing::Future => "“Future”".to_owned(),
            Standing::Other(text) => format!("“{text}”"),
        })
        .collect();
    Check::failed(
        what,
        match statuses.as_slice() {
            [] => reason.with_detail("There is no residency at all."),
            some => reason.with_detail(&format!("The PMS says: {}.", some.join(", "))),
        },
    )
}
