//! One tap: one order, and waiting for what becomes of it.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use elevate_access::{
    Cause, Context, Error, Freshness, Occupant, PastOrder, Reason, ResidentId, UnlockPermit,
    VendorDoorId, Verdict,
};
use elevate_transport::{Delivery, Gate};
use tokio::time::Instant;

use super::{Inner, door::Door};
use crate::{
    ActionAttempt, ActionAttemptId, ActionType, DeviceErrorCode, DeviceWarningCode, ErrorKind,
    Progress, Waited,
};

/// How long a judgement of an order serves before it is made again at its gate.
const JUDGED_FOR: Duration = Duration::from_secs(1);

impl Inner {
    pub(super) async fn unlock(
        self: &Arc<Self>,
        context: &Context,
        occupant: &Occupant,
        door: &VendorDoorId,
        permit: UnlockPermit,
    ) -> Verdict {
        let judged = Instant::now();
        let door = match self.door_to_open(context, occupant, door).await {
            Ok(door) => door,
            Err(error) => return Verdict::NotSent(error),
        };
        // Why the gate stayed shut, where it was not the permit's word.
        let withheld = Arc::new(OnceLock::new());
        let gate = || {
            let (this, permit, withheld) = (Arc::clone(self), permit.open(), withheld.clone());
            let (context, occupant, id) = (context.clone(), occupant.clone(), door.id.clone());
            Gate::new(async move {
                // What was told of the map while the order connected counts.
                if judged.elapsed() > JUDGED_FOR
                    && let Err(error) = this.door_to_open(&context, &occupant, &id).await
                {
                    let _ = withheld.set(error);
                    return false;
                }
                let Some(taken) = this.shares.take(occupant.resident(), &id) else { return false };
                let is_open = permit.await;
                if is_open {
                    taken.keep();
                }
                is_open
            })
        };
        let (send_by, answer_by) = (permit.send_by(), permit.answer_by());
        match self.client.unlock_door(&door.device, send_by, answer_by, gate).await {
            Err(error) => match withheld.get() {
                Some(why) if error.kind() == ErrorKind::Withheld => Verdict::NotSent(why.clone()),
                _ => self.not_taken(&door, occupant.resident(), error),
            },
            Ok(ordered) => {
                self.outcome(&door, self.client.wait_for_unlock(&ordered, answer_by).await)
            }
        }
    }

    /// The attempt as it stands now. Without its id there is nothing to ask for: an event or a log may be any
    /// opening's.
    pub(super) async fn look_back(
        self: &Arc<Self>,
        context: &Context,
        order: &PastOrder,
    ) -> Result<Option<Verdict>, Error> {
        self.serves(context, None)?;
        let id = order.reference.as_deref().map(ActionAttemptId::new).and_then(Result::ok);
        let Some(id) = id else { return Ok(None) };
        let attempt = self.client.get_action_attempt(&id, Self::answer_by(context)).await;
        let attempt = attempt.map_err(|error| self.trouble(error))?;
        if attempt.is_other_than(&ActionType::UnlockDoor) {
            return Ok(None);
        }
        let reference = Some(id.to_string());
        Ok(match attempt.progress() {
            Progress::Confirmed => Some(Verdict::Opened { reference }),
            Progress::Failed => {
                let reason = self.failure(None, &attempt);
                Some(Verdict::Failed { reference, reason })
            }
            Progress::HandedOver => Some(Verdict::Accepted { reference }),
            Progress::Pending | Progress::Unclear => None,
        })
    }

    /// The door, judged once more by the map as it is now.
    async fn door_to_open(
        self: &Arc<Self>,
        context: &Context,
        occupant: &Occupant,
        id: &VendorDoorId,
    ) -> Result<Arc<Door>, Error> {
        self.serves(context, Some(occupant.building()))?;
        let view =
            self.view(context, occupant, Freshness::Cached, Self::answer_by(context)).await?;
        let door = view
            .door(occupant, id)
            .ok_or_else(|| Error::from(self.reason(Cause::DoorNotGranted)))?;
        if let Some(reason) = door.blocked.first() {
            return Err(reason.clone().into());
        }
        if let Some(reason) = self.asked_too_often(door, occupant.resident()) {
            return Err(reason.into());
        }
        Ok(Arc::clone(door))
    }

    /// That nobody, or this resident, may ask the door just now, and for how long.
    pub(super) fn asked_too_often(&self, door: &Door, who: &ResidentId) -> Option<Reason> {
        let reason = |left| self.about(Cause::DoorRateLimited, door).after(left);
        if let Some(left) = self.pauses.left(&door.id) {
            return Some(reason(left));
        }
        let left = self.shares.left(who, &door.id)?;
        Some(reason(left).with_detail("one resident may not use up what all have of it"))
    }

    /// What an order came to that Seam did not take, as far as can be told.
    fn not_taken(&self, door: &Door, resident: &ResidentId, error: crate::Error) -> Verdict {
        if error.delivery() == Delivery::NeverSent {
            if error.kind() == ErrorKind::Withheld
                && let Some(reason) = self.asked_too_often(door, resident)
            {
                return Verdict::NotSent(reason.into());
            }
            return Verdict::NotSent(self.trouble(error));
        }
        if error.is_refusal() {
            return self.turned_down(door, &error);
        }
        if error.kind() == ErrorKind::RateLimited {
            self.pauses.begin(&door.id, error.retry_after());
        }
        let cause = match error.kind() {
            ErrorKind::NoAnswer => Cause::AnswerLost,
            _ => Cause::AnswerUnclear,
        };
        Verdict::Lost { reference: None, reason: self.order_trouble(cause, &error) }
    }

    fn turned_down(&self, door: &Door, error: &crate::Error) -> Verdict {
        let is_seams = error.error_type().is_some();
        let status = error.status().map_or(0, |status| status.as_u16());
        // Anything on the way can answer so; with Seam's own error in it, it was Seam.
        let certain = matches!(status, 400 | 401 | 404 | 429) && is_seams;
        let cause = match error.kind() {
            ErrorKind::Unauthorized => Cause::CredentialsRefused,
            ErrorKind::Forbidden => Cause::RightsMissing,
            ErrorKind::RateLimited => Cause::DoorRateLimited,
            ErrorKind::NotFound if is_seams => Cause::DoorRemoved,
            _ => Cause::OrderRefused,
        };
        let mut reason = self.about(cause, door).with_detail(&error.gist());
        if cause == Cause::DoorRateLimited {
            reason = reason.after(self.pauses.begin(&door.id, error.retry_after()));
        }
        if matches!(cause, Cause::DoorRemoved | Cause::CredentialsRefused) {
            // The map shows a device that is not there any more, or doors that no order can open: whoever
            // asks next reads first.
            self.map.forget();
        }
        Verdict::TurnedDown { certain, reason }
    }

    fn outcome(&self, door: &Door, waited: Waited) -> Verdict {
        let (attempt, trouble) = match waited {
            Waited::Settled(attempt) => (attempt, None),
            Waited::Unsettled { last, trouble } => (last, trouble),
        };
        let reference = Some(attempt.action_attempt_id.as_str().to_owned());
        match attempt.progress() {
            Progress::Confirmed => Verdict::Opened { reference },
            Progress::HandedOver => Verdict::Accepted { reference },
            Progress::Failed => {
                Verdict::Failed { reference, reason: self.failure(Some(door), &attempt) }
            }
            Progress::Pending => {
                let mut reason = self.about(Cause::StillPending, door);
                if let Some(error) = trouble {
                    reason = reason.with_detail(&error.gist());
                }
                Verdict::Lost { reference, reason }
            }
            Progress::Unclear => {
                let status = self.client.scrub(attempt.status.as_str());
                let reason = self.about(Cause::AnswerUnclear, door);
                let reason = reason.with_detail(&format!("Seam gives the status “{status}”"));
                Verdict::Lost { reference, reason }
            }
        }
    }

    /// Seam's word that it failed, with its reasons.
    fn failure(&self, door: Option<&Door>, attempt: &ActionAttempt) -> Reason {
        let about = |cause| door.map_or_else(|| self.reason(cause), |door| self.about(cause, door));
        let Some(error) = &attempt.error else { return about(Cause::OrderFailed) };
        let reason = about(why_it_failed(error.error_type.as_str()));
        if matches!(reason.cause(), Cause::DoorRemoved | Cause::SignInNeeded) {
            // The map did not know: whoever asks next reads first.
            self.map.forget();
        }
        let kind = self.client.scrub(error.error_type.as_str());
        let message = error.message.as_deref().map(|message| self.client.scrub(message));
        let detail = match (kind.as_str(), message) {
            ("", None) => return reason,
            ("", Some(message)) => message,
            (kind, None) => kind.to_owned(),
            (kind, Some(message)) => format!("{kind}: {message}"),
        };
        reason.with_detail(&detail)
    }

    pub(super) fn about(&self, cause: Cause, door: &Door) -> Reason {
        self.reason(cause).about(&door.name)
    }
}

/// The words that Seam has for what is wrong with a device, where an attempt fails by one of them. For unlocking
/// the specification lists none.
fn why_it_failed(error_type: &str) -> Cause {
    match DeviceErrorCode::from(error_type) {
        DeviceErrorCode::DeviceOffline
        | DeviceErrorCode::DeviceDisconnected
        | DeviceErrorCode::HubDisconnected
        | DeviceErrorCode::BridgeDisconnected => Cause::DoorOffline,
        DeviceErrorCode::DeviceRemoved => Cause::DoorRemoved,
        DeviceErrorCode::AccountDisconnected => Cause::SignInNeeded,
        DeviceErrorCode::MissingDeviceCredentials | DeviceErrorCode::SubscriptionRequired => {
            Cause::RightsMissing
        }
        _ if DeviceWarningCode::from(error_type) == DeviceWarningCode::PrivacyMode => {
            Cause::DoorPrivate
        }
        _ => Cause::OrderFailed,
    }
}
