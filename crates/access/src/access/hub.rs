//! The opened connections: one provider each, opened on first use, anew when its revision changes.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use foldhash::HashMap;

use crate::{
    AccessProvider, Aged, BuildingId, BuildingUnits, Cause, ConnectionId, ConnectionRef,
    Connections, Error, Freshness, MaxAge,
    context::{UNITS_AGE, bounded},
};

pub(super) struct Hub {
    connections: Arc<dyn Connections>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    opened: HashMap<ConnectionId, Opened>,
    listed: HashMap<BuildingId, Vec<ConnectionId>>,
    units: HashMap<BuildingId, Aged<BuildingUnits>>,
}

struct Opened {
    revision: String,
    /// All who wait share one opening, also one that fails; a failure is not remembered.
    provider: Aged<Arc<dyn AccessProvider>>,
}

impl Hub {
    pub(super) fn new(connections: Arc<dyn Connections>) -> Self {
        Self { connections, state: Mutex::default() }
    }

    /// The building's connections as of now. What was removed since is let go.
    pub(super) async fn of(&self, building: &BuildingId) -> Result<Vec<ConnectionRef>, Error> {
        let listed =
            bounded("connections.of", Cause::ConnectionFailed, self.connections.of(building))
                .await?;
        let mut state = self.lock();
        let known = state.listed.get(building).map_or(&[][..], Vec::as_slice);
        if known.iter().eq(listed.iter().map(|c| &c.id)) {
            return Ok(listed);
        }
        let ids: Vec<_> = listed.iter().map(|c| c.id.clone()).collect();
        // A building without connections may be one that somebody made up: nothing is kept of it.
        let before = if ids.is_empty() {
            state.listed.remove(building)
        } else {
            state.listed.insert(building.clone(), ids.clone())
        };
        let before = before.unwrap_or_default();
        for gone in before.iter().filter(|id| !ids.contains(id)) {
            if !state.listed.values().any(|ids| ids.contains(gone)) {
                state.opened.remove(gone);
            }
        }
        Ok(listed)
    }

    /// The provider of that connection in that revision; opened once, however many ask.
    pub(super) async fn provider(
        &self,
        connection: &ConnectionRef,
    ) -> Result<Arc<dyn AccessProvider>, Error> {
        let cell = {
            let mut state = self.lock();
            match state.opened.get(&connection.id) {
                Some(opened) if opened.revision == connection.revision => opened.provider.clone(),
                _ => {
                    let provider = Aged::new(MaxAge::of(Duration::MAX));
                    let revision = connection.revision.clone();
                    let opened = Opened { revision, provider: provider.clone() };
                    state.opened.insert(connection.id.clone(), opened);
                    provider
                }
            }
        };
        let open = || {
            let (connections, connection) = (self.connections.clone(), connection.clone());
            async move {
                let open = connections.open(&connection);
                bounded("connections.open", Cause::ConnectionFailed, open).await
            }
        };
        Ok(Arc::clone(&cell.get(Freshness::Cached, open).await?.value))
    }

    /// Every connection that this process has opened and not let go.
    pub(super) fn opened(&self) -> Vec<(ConnectionId, Arc<dyn AccessProvider>)> {
        let state = self.lock();
        let opened = state.opened.iter().filter_map(|(id, opened)| {
            let provider = opened.provider.peek()?;
            Some((id.clone(), Arc::clone(provider.value.as_ref())))
        });
        let mut opened: Vec<(ConnectionId, Arc<dyn AccessProvider>)> = opened.collect();
        opened.sort_by(|(a, _), (b, _)| a.cmp(b));
        opened
    }

    /// The cell that holds the building's units.
    pub(super) fn units(&self, building: &BuildingId) -> Aged<BuildingUnits> {
        let mut state = self.lock();
        state.units.entry(building.clone()).or_insert_with(|| Aged::new(UNITS_AGE)).clone()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // No section under the lock can panic half-way.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
