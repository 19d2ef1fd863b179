//! Why a door stays shut: a cause, with what is known about it and what to do.

use std::{borrow::Cow, fmt, time::Duration};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Cause, text::tidy, words};

/// A door system, as people call it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct System {
    /// The system's name, such as `Openpath`.
    pub name: Cow<'static, str>,
    /// Where its settings are mended, such as `the Openpath dashboard`.
    pub console: Cow<'static, str>,
}

impl System {
    /// A system of that name, mended in that console.
    pub const fn new(name: &'static str, console: &'static str) -> Self {
        Self { name: Cow::Borrowed(name), console: Cow::Borrowed(console) }
    }
}

/// Where something has to be mended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Place {
    /// Nothing to mend: waiting or tapping again helps.
    Nowhere,
    /// The property-management system.
    Pms,
    /// ElevateOS: its residents, units or connections.
    ElevateOs,
    /// The door system's own console.
    Console,
    /// The door, its controller or its network.
    Door,
}

/// One cause, with what is known about it.
///
/// [`for_resident`](Self::for_resident) and [`for_manager`](Self::for_manager) say it in a sentence.
/// Neither ever names an e-mail, a secret or another resident.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Reason {
    cause: Cause,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    system: Option<Box<System>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    retry_after_ms: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    since: Option<Timestamp>,
}

impl Reason {
    /// A reason of that cause and nothing else.
    pub fn new(cause: Cause) -> Self {
        Self { cause, system: None, subject: None, detail: None, retry_after_ms: None, since: None }
    }

    /// Names the door system that it happened in.
    pub fn in_system(mut self, system: &System) -> Self {
        self.system = Some(Box::new(system.clone()));
        self
    }

    /// Names the door system, unless one is named, or none has a part in it.
    pub(crate) fn or_in_system(self, system: &System) -> Self {
        if self.system.is_some() || self.cause == Cause::DoorNotGranted {
            self
        } else {
            self.in_system(system)
        }
    }

    /// Names what it is about: a unit's or a door's name as people know it. Control characters go, and
    /// what is over 80 characters is cut.
    pub fn about(mut self, subject: &str) -> Self {
        self.subject = Some(tidy(subject, 80));
        self
    }

    /// Adds what a manager may read besides: a status, a count, a vendor's message. The caller has
    /// scrubbed it of secrets and e-mails; control characters go, and what is over 200 characters is cut.
    pub fn with_detail(mut self, detail: &str) -> Self {
        self.detail = Some(tidy(detail, 200));
        self
    }

    /// Says when trying again can help.
    pub fn after(mut self, pause: Duration) -> Self {
        self.retry_after_ms = Some(u64::try_from(pause.as_millis()).unwrap_or(u64::MAX));
        self
    }

    /// Says since when it is so, by the system's word.
    pub fn since(mut self, moment: Timestamp) -> Self {
        self.since = Some(moment);
        self
    }

    /// The cause.
    pub fn cause(&self) -> Cause {
        self.cause
    }

    /// The stable code, such as `user_not_found`.
    pub fn code(&self) -> &'static str {
        self.cause.code()
    }

    /// The door system, where one is concerned.
    pub fn system(&self) -> Option<&System> {
        self.system.as_deref()
    }

    /// The unit's or door's name that it is about.
    pub fn subject(&self) -> Option<&str> {
        self.subject.as_deref()
    }

    /// What a manager may read besides.
    pub fn detail(&self) -> Option<&str> {
        self.detail.as_deref()
    }

    /// Where it is mended.
    pub fn place(&self) -> Place {
        self.cause.place()
    }

    /// How long to wait before trying again can help, where the system said so.
    pub fn retry_after(&self) -> Option<Duration> {
        self.retry_after_ms.map(Duration::from_millis)
    }

    /// Since when it is so, where the system says so.
    pub fn known_since(&self) -> Option<Timestamp> {
        self.since
    }

    /// One plain sentence or two, safe to show to the resident.
    pub fn for_resident(&self) -> String {
        words::for_resident(self)
    }

    /// What to mend and in which system, for the property manager.
    pub fn for_manager(&self) -> String {
        words::for_manager(self)
    }

    /// The part of [`for_manager`](Self::for_manager) that says what is wrong, with the detail.
    pub fn what_is_wrong(&self) -> String {
        words::wrong(self)
    }

    /// The part of [`for_manager`](Self::for_manager) that says what to do; `None` if that cannot be said.
    pub fn remedy(&self) -> Option<String> {
        words::remedy(self)
    }

    /// Where it is mended, for a person: `the PMS`, or the console's name.
    pub fn mended_in(&self) -> String {
        words::place(self.place(), self)
    }
}

impl From<Cause> for Reason {
    fn from(cause: Cause) -> Self {
        Self::new(cause)
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())?;
        if let Some(system) = &self.system {
            write!(f, " in {}", system.name)?;
        }
        if let Some(detail) = &self.detail {
            write!(f, " ({detail})")?;
        }
        Ok(())
    }
}
