//! What can go wrong with a database.

use std::{error::Error as StdError, fmt};

use sqlx::migrate::MigrateError;

/// A database that could not do what it was asked.
///
/// It names the call, and nothing that was in it. What the driver says is the [`source`](StdError::source).
#[derive(Debug)]
pub struct Error {
    kind: ErrorKind,
    call: Call,
    detail: &'static str,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// What kind of failure it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// Something that the caller gave is not acceptable.
    InvalidInput,
    /// The database could not be reached, or did not do what it was asked.
    Unavailable,
    /// The tables are not what this version expects.
    Migration,
    /// A row holds what this version cannot read.
    Unreadable,
}

/// The call that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Call {
    #[cfg(feature = "sqlite")]
    Open,
    #[cfg_attr(not(feature = "postgres"), expect(dead_code, reason = "only PostgreSQL has a pool"))]
    OnPool,
    Migrate,
    Read(&'static str),
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, call: Call, detail: &'static str) -> Self {
        Self { kind, call, detail, source: None }
    }

    pub(crate) fn in_call(call: Call) -> impl Fn(sqlx::Error) -> Self + Copy {
        move |e| Self { kind: ErrorKind::Unavailable, call, detail: "", source: Some(Box::new(e)) }
    }

    pub(crate) fn unreadable(call: Call, column: &'static str) -> Self {
        Self::new(ErrorKind::Unreadable, call, column)
    }

    /// What kind of failure it is.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }
}

impl From<MigrateError> for Error {
    fn from(e: MigrateError) -> Self {
        let kind = match &e {
            MigrateError::Execute(_) => ErrorKind::Unavailable,
            _ => ErrorKind::Migration,
        };
        Self { kind, call: Call::Migrate, detail: "", source: Some(Box::new(e)) }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let call = match self.call {
            #[cfg(feature = "sqlite")]
            Call::Open => "open",
            Call::OnPool => "on_pool",
            Call::Migrate => "migrate",
            Call::Read(call) => call,
        };
        let what = match self.kind {
            ErrorKind::InvalidInput => "not acceptable",
            ErrorKind::Unavailable => "the database did not do it",
            ErrorKind::Migration => "the tables are not what this version expects",
            ErrorKind::Unreadable => "cannot be read",
        };
        match self.detail {
            "" => write!(f, "{call}: {what}"),
            detail => write!(f, "{call}: {detail}: {what}"),
        }
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|s| s as &(dyn StdError + 'static))
    }
}
