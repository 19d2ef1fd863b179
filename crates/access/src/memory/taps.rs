//! The table of taps in memory.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use jiff::Timestamp;

use crate::{
    Claim, DoorId, DoorPlace, Outcome, ResidentId, TAPS_KEPT, TapId, TapQuery, TapRecord, TapState,
    Tapped,
};

/// How often old taps are looked for, so that not every claim walks all of them.
const SWEEP_EVERY: Duration = Duration::from_mins(1);

/// All taps of a store, by number.
#[derive(Default)]
pub(super) struct Table {
    /// In boxes, for rows come at the end alone, and half of each of the tree's nodes stays empty then.
    rows: BTreeMap<u64, Box<Row>>,
    by_id: HashMap<TapId, u64>,
    last: u64,
    swept: Duration,
}

struct Row {
    id: Option<TapId>,
    /// The tap, and how it stands. `None` once its resident was forgotten: it is foreign to everybody then, and nothing
    /// is written down of it any more.
    tap: Option<(Tapped, TapState)>,
    /// By the store's own clock.
    written: Duration,
}

impl Row {
    fn read(&self, resident: &ResidentId, door: &DoorId) -> Claim {
        let ours = |t: &Tapped| t.resident == *resident && t.door == *door;
        match &self.tap {
            Some((tapped, TapState::Settled { outcome, .. })) if ours(tapped) => {
                Claim::Settled(outcome.clone())
            }
            Some((tapped, TapState::UnderWay { answer_by })) if ours(tapped) => {
                Claim::Open { answer_by: *answer_by }
            }
            _ => Claim::Foreign,
        }
    }
}

impl Table {
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(super) fn look(&self, id: &TapId, resident: &ResidentId, door: &DoorId) -> Option<Claim> {
        let row = self.rows.get(self.by_id.get(id)?)?;
        Some(row.read(resident, door))
    }

    pub(super) fn claim(
        &mut self,
        now: Duration,
        id: &TapId,
        tapped: &Tapped,
        answer_by: Timestamp,
    ) -> Claim {
        if let Some(claim) = self.look(id, &tapped.resident, &tapped.door) {
            return claim;
        }
        let number = self.write(now, Some(id), tapped, TapState::UnderWay { answer_by });
        Claim::Granted { token: number.to_string() }
    }

    pub(super) fn settle(
        &mut self,
        id: &TapId,
        outcome: &Outcome,
        place: Option<&DoorPlace>,
    ) -> Option<Outcome> {
        let row = self.rows.get_mut(self.by_id.get(id)?)?;
        if let Some((tapped, state)) = &mut row.tap {
            if let TapState::Settled { outcome, .. } = state {
                return Some(outcome.clone());
            }
            tapped.place = tapped.place.take().or_else(|| place.cloned());
            *state = TapState::Settled { outcome: outcome.clone(), later: None };
        }
        Some(outcome.clone())
    }

    pub(super) fn unclaim(&mut self, id: &TapId, token: &str) {
        let Some(number) = self.by_id.get(id).filter(|n| n.to_string() == token) else { return };
        let tap = self.rows.get(number).and_then(|row| row.tap.as_ref());
        if tap.is_some_and(|(_, state)| matches!(state, TapState::UnderWay { .. })) {
            self.rows.remove(number);
            self.by_id.remove(id);
        }
    }

    pub(super) fn record(&mut self, now: Duration, tapped: &Tapped, outcome: &Outcome) {
        let state = TapState::Settled { outcome: outcome.clone(), later: None };
        self.write(now, None, tapped, state);
    }

    pub(super) fn amend(&mut self, number: u64, later: &Outcome) -> Option<Outcome> {
        match &mut self.rows.get_mut(&number)?.tap.as_mut()?.1 {
            TapState::UnderWay { .. } => None,
            TapState::Settled { later: known, .. } => {
                Some(known.get_or_insert_with(|| later.clone()).clone())
            }
        }
    }

    pub(super) fn read(&self, query: &TapQuery) -> Vec<TapRecord> {
        let records = self.rows.iter().filter_map(|(number, row)| {
            let (tapped, state) = row.tap.clone()?;
            Some(TapRecord { number: *number, id: row.id.clone(), tapped, state })
        });
        let mut records: Vec<_> = records.filter(|record| query.asks_for(record)).collect();
        records.sort_by_key(|record| Reverse((record.tapped.at, record.number)));
        records.truncate(query.most() as usize);
        records
    }

    /// Removes what is older than [`TAPS_KEPT`], and from before that moment.
    pub(super) fn prune(&mut self, now: Duration, before: Option<Timestamp>) -> u64 {
        let were = self.rows.len();
        let (rows, by_id) = (&mut self.rows, &mut self.by_id);
        rows.retain(|_, row| {
            let from_before = |t: &Tapped| before.is_none_or(|before| t.at < before);
            let goes = now.saturating_sub(row.written) >= TAPS_KEPT
                && row.tap.as_ref().is_none_or(|(tapped, _)| from_before(tapped));
            if let Some(id) = row.id.as_ref().filter(|_| goes) {
                by_id.remove(id);
            }
            !goes
        });
        (were - self.rows.len()) as u64
    }

    pub(super) fn forget(&mut self, now: Duration, resident: &ResidentId) {
        let theirs = |row: &Row| row.tap.as_ref().is_some_and(|(t, _)| t.resident == *resident);
        for row in self.rows.values_mut().filter(|row| theirs(row)) {
            row.tap = None;
        }
        self.rows.retain(|_, row| row.tap.is_some() || row.id.is_some());
        self.prune(now, Some(Timestamp::MIN));
    }

    fn write(
        &mut self,
        now: Duration,
        id: Option<&TapId>,
        tapped: &Tapped,
        state: TapState,
    ) -> u64 {
        if now.saturating_sub(self.swept) >= SWEEP_EVERY {
            self.swept = now;
            self.prune(now, None);
        }
        self.last += 1;
        let row = Row { id: id.cloned(), tap: Some((tapped.clone(), state)), written: now };
        self.rows.insert(self.last, Box::new(row));
        if let Some(id) = id {
            self.by_id.insert(id.clone(), self.last);
        }
        self.last
    }
}
