//! What a sign-in brought.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use elevate_transport::{HeaderValue, Instant};
use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};

use crate::Rights;

/// A token, and what is known of it.
pub(crate) struct Token {
    /// Tells it from every other one of this session.
    pub(super) serial: u64,
    pub(super) secret: SecretString,
    pub(super) header: HeaderValue,
    /// When its sign-in began.
    pub(super) begun: Instant,
    pub(super) life: Option<Duration>,
    pub(super) until: Option<Timestamp>,
    pub(super) rights: Rights,
    /// Whether a call with it was answered with anything but 401.
    worked: AtomicBool,
    /// Whether an order or a write was answered with 401, and nothing has worked with it since.
    doubted: AtomicBool,
}

impl Token {
    pub(super) fn new(secret: SecretString, header: HeaderValue, begun: Instant) -> Self {
        Self {
            serial: 0,
            secret,
            header,
            begun,
            life: None,
            until: None,
            rights: Rights::Unstated,
            worked: AtomicBool::new(false),
            doubted: AtomicBool::new(false),
        }
    }

    /// The value of the `Authorization` header.
    pub(crate) fn header(&self) -> HeaderValue {
        self.header.clone()
    }

    pub(crate) fn rights(&self) -> Rights {
        self.rights
    }

    pub(super) fn secret(&self) -> &str {
        self.secret.expose_secret()
    }

    /// Whether it is worth being used, as far as can be told.
    pub(super) fn is_alive(&self) -> bool {
        self.life.is_none_or(|life| self.begun.elapsed() < life)
    }

    /// Whether a new one should be fetched while this one still works.
    pub(super) fn is_due(&self) -> bool {
        self.life.is_some_and(|life| self.begun.elapsed() >= life / 10 * 9)
    }

    /// Notes that a call with it was answered with anything but 401.
    pub(crate) fn note_worked(&self) {
        self.worked.store(true, Ordering::Relaxed);
        self.doubted.store(false, Ordering::Relaxed);
    }

    /// Notes that an order or a write with it was answered with 401.
    ///
    /// Such a call is not repeated, and may have been refused for its own sake: one user's blocked key must not sign
    /// everybody out. So the token stays, and a read has to prove it before the next order.
    pub(crate) fn doubt(&self) {
        self.doubted.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_doubted(&self) -> bool {
        self.doubted.load(Ordering::Relaxed)
    }

    pub(super) fn has_worked(&self) -> bool {
        self.worked.load(Ordering::Relaxed)
    }
}
