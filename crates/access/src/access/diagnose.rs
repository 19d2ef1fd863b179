//! Answers for people who mend things.

use futures_util::future::join_all;
use tokio::time::Instant;

use super::{Core, ask::guarded};
use crate::{
    BuildingId, Cause, Check, ConnectionDiagnosis, ConnectionHealth, ConnectionRef, Diagnosis,
    DoorId, Error, Health, Occupant, ProviderInfo, Reason, Residency, Resident, ResidentId,
    Standing,
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
                    asks.extend(
                        listed
                            .into_iter()
                            .filter(asked)
                            .map(|c| (building.clone(), occupant.clone(), c)),
                    );
                }
            }
        }
        if let Some(door) = door
            && asks.is_empty()
        {
            checks.push(self.elsewhere(&resident, door).await);
        }
        let connections = join_all(asks.iter().map(|(building, occupant, connection)| {
            self.explain(building, occupant, connection, door, until)
        }))
        .await;
        Ok(Diagnosis { resident: checks, connections })
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

    async fn explain(
        &self,
        building: &BuildingId,
        occupant: &Occupant,
        connection: &ConnectionRef,
        door: Option<&DoorId>,
        until: Instant,
    ) -> ConnectionDiagnosis {
        let mut diagnosis = ConnectionDiagnosis {
            connection: connection.id.clone(),
            system: None,
            door: door.cloned(),
            checks: Vec::new(),
        };
        let answered = "The connection can be opened and answers.";
        match self.desk(building, connection, until, false).await {
            Err(e) => diagnosis.checks.push(Check::failed(answered, e.reason().clone())),
            Ok(desk) => {
                let system = desk.provider.info().system;
                let vendor_door = door.map(DoorId::vendor_id);
                let ask = desk.provider.explain(&desk.context, occupant, vendor_door);
                diagnosis.checks = guarded(until, ask).await.unwrap_or_else(|e| {
                    vec![Check::failed(answered, e.reason().clone().in_system(&system))]
                });
                diagnosis.system = Some(system);
            }
        }
        diagnosis
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
                let health = guarded(until, desk.provider.check(&desk.context))
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
