//! Tap tickets: one tap, by one resident on one door, at a moment that the service knows.

use std::{
    collections::hash_map::RandomState,
    fmt,
    hash::{BuildHasher as _, Hasher as _},
    str::FromStr,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::{SignedDuration, Timestamp};
use sha2::Sha256;

use crate::{Cause, DoorId, Error, ResidentId, TapId, digest::hex};

/// What a ticket begins with: the version of its form.
const FORM: &str = "t1";

/// By how much the wall clocks of any two nodes may differ.
const APART: SignedDuration = SignedDuration::from_secs(1);

/// The shortest secret that is taken.
const SECRET_BYTES: usize = 32;

/// A ticket for one tap: what the app is given the moment somebody taps, and sends with the tap.
///
/// Opaque text without white space, about 120 characters, for [`Tap::ticket`](crate::Tap::ticket). It grants
/// nothing: whoever has it may still open only what the resident may. It says when the tap was, by the service's own
/// clock; it is good for one resident, one door, one order, and no longer than a tap may be old.
#[derive(Clone, PartialEq, Eq)]
pub struct TapTicket {
    key: String,
    issued: Timestamp,
    nonce: String,
    mac: String,
}

/// The secrets with which tickets are signed: one signs, others are still believed while keys are changed.
///
/// To change keys without refusing a tap: give all nodes the new one as one that is [also](Self::also) believed;
/// then let it sign everywhere, and believe the old one also; then drop the old one.
///
/// ```
/// use elevate_access::TicketKeys;
///
/// # let (new_secret, old_secret) = ([7; 32], [8; 32]);
/// let keys = TicketKeys::new("2026-12", &new_secret)?.also("2026-06", &old_secret)?;
/// # let _ = keys;
/// # Ok::<(), elevate_access::Error>(())
/// ```
pub struct TicketKeys {
    /// The first one signs.
    keys: Vec<(String, Hmac<Sha256>)>,
    /// What parts this process's tickets from another's.
    process: u64,
    issued: AtomicU64,
}

impl TicketKeys {
    /// Signs with that secret, known as `id`: 1 to 16 ASCII letters, digits, `-` or `_`. All nodes have the same
    /// secrets under the same ids.
    ///
    /// # Errors
    /// [`Cause::InvalidInput`] for another id, or a secret of under 32 bytes.
    pub fn new(id: &str, secret: &[u8]) -> Result<Self, Error> {
        let process = RandomState::new().build_hasher().finish();
        Self { keys: Vec::new(), process, issued: AtomicU64::new(0) }.also(id, secret)
    }

    /// Believes tickets that were signed with this one, too.
    ///
    /// # Errors
    /// As for [`new`](Self::new), and for an id that is there already.
    pub fn also(mut self, id: &str, secret: &[u8]) -> Result<Self, Error> {
        let refused =
            |why: &str| Error::new(Cause::InvalidInput).with_detail(why).in_call("TicketKeys");
        if !is_key_id(id) {
            return Err(refused("a key's id has to be of 1 to 16 letters, digits, - or _"));
        }
        if self.keys.iter().any(|(known, _)| known == id) {
            return Err(refused("two keys have one id"));
        }
        if secret.len() < SECRET_BYTES {
            return Err(refused("a key's secret has to be of at least 32 bytes"));
        }
        let key = Hmac::new_from_slice(secret).map_err(|_| refused("the secret is no key"))?;
        self.keys.push((id.to_owned(), key));
        Ok(self)
    }

    pub(crate) fn issue(&self, resident: &ResidentId, door: &DoorId, now: Timestamp) -> TapTicket {
        let number = self.issued.fetch_add(1, Ordering::Relaxed);
        let nonce = format!("{}{number:016x}", self.process());
        // To the millisecond, and never later than it was.
        let issued = Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now);
        let (key, signing) = &self.keys[0];
        let mut ticket = TapTicket { key: key.clone(), issued, nonce, mac: String::new() };
        let mac = ticket.signed_by(signing, resident, door).finalize();
        ticket.mac = hex(&mac.into_bytes());
        ticket
    }

    /// What the nonce of each ticket of this process begins with.
    fn process(&self) -> String {
        format!("{:016x}", self.process)
    }

    /// The ticket's tap id and age, if it was issued by this service, for them. Where another node's clock said when
    /// that was, the age is the most that it can be.
    pub(crate) fn judge(
        &self,
        ticket: &TapTicket,
        resident: &ResidentId,
        door: &DoorId,
        now: Timestamp,
    ) -> Result<(TapId, Duration), Error> {
        let refused = |why: &str| Error::new(Cause::TicketRefused).with_detail(why);
        let key = self.keys.iter().find(|(id, _)| *id == ticket.key);
        let (_, key) = key.ok_or_else(|| refused("signed with a key that is not known"))?;
        let mac = unhex(&ticket.mac).ok_or_else(|| refused("not signed"))?;
        // In constant time.
        ticket
            .signed_by(key, resident, door)
            .verify_slice(&mac)
            .map_err(|_| refused("not issued for this resident and door"))?;
        let age = now.duration_since(ticket.issued);
        if age < -APART {
            return Err(refused("issued in the future: the nodes' clocks differ"));
        }
        let is_ours = ticket.nonce.starts_with(&self.process());
        let most = if is_ours { age } else { age.saturating_add(APART) };
        // Nobody can name the id of a ticket that they do not have.
        let id = TapId::new(format!("{FORM}-{}", &ticket.mac[..32]))?;
        Ok((id, Duration::try_from(most).unwrap_or_default()))
    }
}

impl TapTicket {
    fn signed_by(&self, key: &Hmac<Sha256>, resident: &ResidentId, door: &DoorId) -> Hmac<Sha256> {
        let mut mac = key.clone();
        let issued = self.issued.as_millisecond().to_string();
        let door = door.to_string();
        for part in [FORM, &self.key, &issued, &self.nonce, resident.as_str(), &door] {
            // Length first, so that no two lists run together to the same bytes.
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part.as_bytes());
        }
        mac
    }
}

fn is_key_id(id: &str) -> bool {
    (1..=16).contains(&id.len())
        && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

fn is_hex(text: &str, digits: usize) -> bool {
    text.len() == digits && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let pairs = (0..text.len()).step_by(2).map(|at| text.get(at..at + 2));
    pairs.map(|pair| u8::from_str_radix(pair?, 16).ok()).collect()
}

impl fmt::Display for TapTicket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { key, issued, nonce, mac } = self;
        write!(f, "{FORM}.{key}.{}.{nonce}.{mac}", issued.as_millisecond())
    }
}

impl FromStr for TapTicket {
    type Err = Error;

    /// Reads a ticket as an app sends it. Whether it was signed is judged when it is used.
    ///
    /// # Errors
    /// [`Cause::TicketRefused`] for what is no ticket; the text is not repeated.
    fn from_str(text: &str) -> Result<Self, Error> {
        let read = || {
            let mut parts = text.split('.');
            let (form, key, issued) = (parts.next()?, parts.next()?, parts.next()?);
            let (nonce, mac) = (parts.next()?, parts.next()?);
            let is_one = form == FORM
                && is_key_id(key)
                && is_hex(nonce, 32)
                && is_hex(mac, 64)
                && (1..=15).contains(&issued.len())
                && issued.bytes().all(|b| b.is_ascii_digit())
                && parts.next().is_none();
            let issued = Timestamp::from_millisecond(issued.parse().ok()?).ok()?;
            let (key, nonce, mac) = (key.to_owned(), nonce.to_owned(), mac.to_owned());
            let ticket = is_one.then_some(Self { key, issued, nonce, mac })?;
            // In one form only: a moment with a zero before it is the same number.
            (ticket.to_string() == text).then_some(ticket)
        };
        read().ok_or_else(|| {
            Error::new(Cause::TicketRefused).with_detail("not a ticket").in_call("TapTicket")
        })
    }
}

impl fmt::Debug for TapTicket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TapTicket").field("issued", &self.issued).finish_non_exhaustive()
    }
}

impl fmt::Debug for TicketKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ids: Vec<_> = self.keys.iter().map(|(id, _)| id).collect();
        f.debug_struct("TicketKeys").field("ids", &ids).finish_non_exhaustive()
    }
}
