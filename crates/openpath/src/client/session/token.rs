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
    /// Whether the token before it is suspected to have died early, and it has not worked yet.
    pub(super) follows_suspect: AtomicBool,
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
            follows_suspect: AtomicBool::new(false),
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

    /// Notes that it was taken; says whether that shows that the one before it had died early.
    pub(super) fn note_worked(&self) -> bool {
        self.worked.store(true, Ordering::Relaxed);
        self.follows_suspect.swap(false, Ordering::Relaxed)
    }

    pub(super) fn has_worked(&self) -> bool {
        self.worked.load(Ordering::Relaxed)
    }
}
