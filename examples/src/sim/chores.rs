//! What a service does besides opening doors: lists, favourites, forgetting somebody, removing what is old.

use std::{collections::BTreeSet, sync::Mutex, time::Duration};

use elevate_access::{
    Access, Clock as _, ConnectionId, Freshness, Store as _, TapQuery, Taps as _,
};
use jiff::Timestamp;
use tokio::time::{Instant, timeout};

use super::{
    cast::{self, NAMES, resident_id},
    episode::{Episode, found_out, records},
    plant::{PlantedStore, lock},
    seen::Kept,
    stage::Node,
    witness::Notes,
};

impl Episode {
    /// A resident's list is asked for, at one node or at several at once.
    pub(super) fn list(&mut self) {
        let resident = resident_id(self.dice.usize(..NAMES.len()));
        for _ in 0..self.dice.usize(1..=3) {
            let Node { access, life, .. } = self.node();
            let freshness = if self.dice.bool() { Freshness::Fresh } else { Freshness::Cached };
            let resident = resident.clone();
            self.under_way.spawn(async move {
                tokio::select! {
                    _ = access.doors(&resident, freshness) => {}
                    () = life.over() => {}
                }
            });
        }
    }

    pub(super) fn set_favorite(&mut self) {
        let resident = self.dice.usize(..NAMES.len());
        let (door, favorite) = (self.own_door(resident), self.dice.u8(..4) > 0);
        let (Node { access, life, .. }, resident) = (self.node(), resident_id(resident));
        self.under_way.spawn(async move {
            tokio::select! {
                _ = access.set_favorite(&resident, &door, favorite) => {}
                () = life.over() => {}
            }
        });
    }

    /// Somebody is forgotten, often one who has just tapped, and whose request is then sent again.
    pub(super) fn forget(&mut self) {
        let lately = self.sent.len().checked_sub(1).filter(|_| self.dice.bool());
        let resident = match lately {
            Some(last) => self.presser(last),
            None => self.dice.usize(..NAMES.len()),
        };
        let Node { access, life, .. } = self.node();
        let (store, notes) = (self.stage.store.clone(), self.stage.notes.clone());
        let begun = Instant::now();
        lock(&notes).forgets.push((resident, begun));
        self.under_way.spawn(async move {
            let left = tokio::select! {
                biased;
                () = life.over() => None,
                left = forget_and_look(&access, &store, &notes, resident) => left,
            };
            let Some((were, left)) = left else { return };
            let mut notes = lock(&notes);
            *notes.chores.entry("forgotten").or_default() += 1;
            notes.forgotten.extend(were.into_iter().map(|number| (number, resident)));
            let kept = left.into_iter().map(|what| Kept { resident, at: begun, what });
            notes.kept.extend(kept);
        });
        if let Some(last) = lately {
            self.send_once_more(last);
        }
    }

    /// The host removes old taps, or what it takes for old.
    pub(super) fn prune(&mut self) {
        let now = self.stage.clock.now();
        let within =
            |dice: &mut fastrand::Rng, hours: u64| Duration::from_secs(dice.u64(..hours * 3_600));
        let before = match self.dice.u8(..5) {
            0 => Timestamp::MAX,
            1 => now + within(&mut self.dice, 24),
            2 => now,
            _ => now - within(&mut self.dice, 3),
        };
        let Node { store, life, .. } = self.node();
        let (kept, notes) = (self.stage.store.clone(), self.stage.notes.clone());
        self.under_way.spawn(async move {
            let all = records(&kept, &TapQuery::new()).await;
            lock(&notes).later.extend(all.iter().filter_map(found_out));
            let pruned = tokio::select! {
                biased;
                () = life.over() => false,
                // A host's own deadline.
                pruned = timeout(Duration::from_secs(10), store.prune(before)) => {
                    pruned.is_ok_and(|pruned| pruned.is_ok())
                }
            };
            if pruned {
                *lock(&notes).chores.entry("pruned").or_default() += 1;
            }
        });
    }
}

/// Forgets the resident. If that was said to be done: the numbers of their taps until then, and what is left.
async fn forget_and_look(
    access: &Access,
    store: &PlantedStore,
    notes: &Mutex<Notes>,
    resident: usize,
) -> Option<(BTreeSet<u64>, Vec<String>)> {
    let id = resident_id(resident);
    let theirs = TapQuery::new().of(&id);
    let before = records(store, &theirs).await;
    lock(notes).later.extend(before.iter().filter_map(found_out));
    let were: BTreeSet<_> = before.iter().map(|record| record.number).collect();
    access.forget(&id).await.ok()?;
    // Nothing else runs between the store's word and these looks: what was begun since is not there yet.
    let mut left = Vec::new();
    let taps = records(store, &theirs).await;
    if taps.iter().any(|record| were.contains(&record.number)) {
        left.push("a tap from before is in the history".to_owned());
    }
    if !store.favorites(&id).await.expect("in memory").is_empty() {
        left.push("a favourite is there".to_owned());
    }
    for connection in [cast::OPENPATH, cast::SEAM] {
        let connection = ConnectionId::new(connection).expect("a constant");
        if store.link(&connection, &id).await.expect("in memory").is_some() {
            left.push(format!("the link on {connection} is there"));
        }
    }
    Some((were, left))
}
