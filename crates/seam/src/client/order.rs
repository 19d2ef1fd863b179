//! The one call that moves a door.

use std::sync::{Arc, OnceLock};

use elevate_transport::{Gate, Instant, Operation};
use serde::Serialize;

use super::{
    Client,
    call::{THING_BYTES, body, reply},
};
use crate::{ActionAttempt, ActionAttemptId, ActionType, DeviceId, Error};

const UNLOCK: Operation = Operation::new("seam.locks.unlock_door", "/locks/unlock_door");

/// The longest id of an attempt that is taken for one.
const LONGEST_ID: usize = 128;

#[derive(Serialize)]
struct Unlock<'a> {
    device_id: &'a DeviceId,
}

reply!(Attempt { action_attempt: ActionAttempt });

/// An order that Seam took.
///
/// An attempt carries neither its time nor its device, so they are noted here.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Ordered {
    /// The device that was ordered to unlock.
    pub device: DeviceId,
    /// The attempt, as Seam's first reply shows it. It may be settled already.
    pub attempt: ActionAttempt,
    /// When the order's body started.
    pub started: Instant,
}

impl Ordered {
    /// The attempt's id.
    pub fn id(&self) -> &ActionAttemptId {
        &self.attempt.action_attempt_id
    }
}

impl Client {
    /// Orders that device to unlock, once (`locks/unlock_door`).
    ///
    /// `gate` is called for each attempt to get the request out, and awaited when the body would start: only
    /// then, and only if it opens, does a byte of the order leave. Another attempt is made only while no
    /// body has started, and none at or after `send_by`. Who has decided beforehand hands in
    /// `|| Gate::new(async { true })`.
    ///
    /// A reply says that Seam took the order, not that the door opened: see
    /// [`wait_for_unlock`](Self::wait_for_unlock).
    ///
    /// # Errors
    /// [`delivery`](Error::delivery) tells what may have become of the order. After
    /// [`NeverSent`](elevate_transport::Delivery::NeverSent) nothing was ordered; after anything else but a
    /// readable refusal it is not known, and *sending it again may open the door a second time*. That goes for
    /// a success whose attempt has an id that cannot be one, the API key for instance: whoever wrote that is
    /// not believed.
    pub async fn unlock_door(
        &self,
        device: &DeviceId,
        send_by: Instant,
        answer_by: Instant,
        mut gate: impl FnMut() -> Gate + Send,
    ) -> Result<Ordered, Error> {
        let body = body(UNLOCK, &Unlock { device_id: device })?;
        let begun = Instant::now();
        let started = Arc::new(OnceLock::new());
        let make = |attempt_by| {
            let (gate, started) = (gate(), Arc::clone(&started));
            let noting = Gate::new(async move {
                let open = gate.await;
                if open {
                    started.get_or_init(Instant::now);
                }
                open
            });
            let mut request = self.0.request(UNLOCK, body.clone(), attempt_by).gated(noting);
            request.max_answer_bytes = THING_BYTES;
            request
        };
        let seen = self.0.caller.order(answer_by, send_by, make).await;
        let reply: Attempt = self.0.reply(UNLOCK, seen, begun)?;
        let attempt = reply.action_attempt;
        if attempt.is_other_than(&ActionType::UnlockDoor) {
            return Err(Error::beside_the_point(UNLOCK, "it is about another kind of action"));
        }
        if !self.can_ask_for(&attempt.action_attempt_id) {
            return Err(Error::beside_the_point(UNLOCK, "its action attempt has no usable id"));
        }
        let started = started.get().copied().unwrap_or(begun);
        Ok(Ordered { device: device.clone(), attempt, started })
    }

    /// Whether that can be the id of an attempt. It goes into receipts, which are stored and shown, and Seam's
    /// are UUIDs: so nothing that must not be seen, and nothing but up to 128 letters, digits, `-` and `_`.
    fn can_ask_for(&self, id: &ActionAttemptId) -> bool {
        let id = id.as_str();
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        if is_uuid(id) {
            // Of all that scrubbing looks for, only a secret that it was told of can stand in one.
            return !self.0.scrubber.holds_secret(id);
        }
        id.len() <= LONGEST_ID && id.bytes().all(plain) && self.scrub(id) == id
    }
}

fn is_uuid(id: &str) -> bool {
    let fits = |(at, byte): (usize, u8)| match at {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    };
    id.len() == 36 && id.bytes().enumerate().all(fits)
}

#[cfg(test)]
mod tests {
    use elevate_access_testkit::{MemoryWire, TestClock, Vendor, seam};
    use proptest::prelude::*;

    use super::*;
    use crate::ApiKey;

    fn client(key: &str) -> Client {
        let wire = MemoryWire::new(Vendor::new(seam::Seam::new(key)), TestClock::new());
        let key = ApiKey::new(key).unwrap();
        Client::builder(key).wire(Arc::new(wire)).build().unwrap()
    }

    fn is_taken(client: &Client, id: &str) -> bool {
        client.can_ask_for(&ActionAttemptId::new(id).unwrap())
    }

    #[test]
    fn a_uuid_with_the_key_in_it_is_no_id() {
        let id = "646f6f72-815a-4678-a1af-23eb88c101d2";
        assert!(is_taken(&client("seam_testkey"), id));
        for key in ["door", "88C101d2", id, "4678"] {
            assert!(!is_taken(&client(key), id), "{key}");
        }
    }

    proptest! {
        #[test]
        fn a_uuid_is_judged_as_any_other_id(
            id in "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}",
            own in (0_usize..30, 4_usize..7),
            is_own: bool,
        ) {
            prop_assert!(is_uuid(&id));
            let client = client(if is_own { &id[own.0..own.0 + own.1] } else { "seam_testkey" });
            prop_assert_eq!(is_taken(&client, &id), client.scrub(&id) == id);
        }
    }
}
