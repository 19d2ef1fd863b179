//! Late truth: an order's row in the user's activity, if rows say whose they are.

use std::sync::atomic::Ordering;

use elevate_access::{
    Cause, Context, Error as AccessError, Freshness, Occupant, PastOrder, Verdict,
};
use jiff::SignedDuration;

use super::{
    Inner,
    causes::{in_time, reason, unread},
    link::Who,
};
use crate::{Activity, ActivityResult, EntryId};

/// Rows of activity that are looked through.
const ROWS: u32 = 200;

/// How far the vendor's clock may be behind ours: far less than the hour for which every store remembers a tap's id.
const CLOCKS_DIFFER: SignedDuration = SignedDuration::from_mins(5);

impl Inner {
    /// Takes note of rows that carry the description of what was ordered: nobody has seen one yet, so nothing is asked
    /// for the sake of a row until one was.
    pub(super) fn notice(&self, rows: &[Activity]) {
        if rows.iter().any(|row| row.description.as_deref().is_some_and(|text| !text.is_empty())) {
            self.rows_are_described.store(true, Ordering::Relaxed);
        }
    }

    /// What the row says that carries the tap's id, which was the order's description. No other row is taken for the
    /// order's, however near it is.
    pub(super) async fn look_back(
        &self,
        context: &Context,
        occupant: &Occupant,
        order: &PastOrder,
    ) -> Result<Option<Verdict>, AccessError> {
        let Some(tap) = &order.tap else { return Ok(None) };
        if !self.rows_are_described.load(Ordering::Relaxed) {
            return Ok(None);
        }
        let user = match self.who(context, occupant, Freshness::Cached).await? {
            Who::User(linked) => linked.user,
            Who::Nobody { .. } => return Ok(None),
        };
        let rows = in_time(context, self.client.user_activity(&user, ROWS).all()).await;
        let rows = rows.map_err(unread)?.rows;
        let Ok(entry) = EntryId::new(order.door.as_str()) else { return Ok(None) };
        // An id may come again once the history has let it go: a row from before is another tap's.
        let earliest = order.tapped_at.saturating_sub(CLOCKS_DIFFER);
        let earliest = earliest.unwrap_or(order.tapped_at);
        let is_it = |row: &&Activity| {
            row.description.as_deref() == Some(tap.as_str())
                && row.is_by_cloud_key()
                && row.time >= earliest
                && row.user_id.as_ref().is_none_or(|of| *of == user)
                && row.is_at(&entry)
        };
        let own: Vec<&Activity> = rows.iter().filter(is_it).collect();
        // One order has one row. Two are of somebody who uses the tap's id for something else.
        let [row] = own.as_slice() else { return Ok(None) };
        Ok(match row.result {
            Some(ActivityResult::Granted) => {
                Some(Verdict::Opened { reference: row.request_id.clone() })
            }
            Some(ActivityResult::Denied) => {
                let said =
                    row.denied_reason.as_deref().map(|text| self.client.scrubber().scrub(text));
                let mut failed = reason(Cause::OrderFailed);
                if let Some(said) = said.filter(|said| !said.is_empty()) {
                    failed = failed.with_detail(&said);
                }
                Some(Verdict::Failed { reference: row.request_id.clone(), reason: failed })
            }
            _ => None,
        })
    }
}
