#![doc = include_str!("../README.md")]

mod json;
mod model;
mod page;
mod sheet;
mod terminal;
mod visible;

use std::{fmt, str::FromStr};

pub use model::{
    Connection, Counts, Difference, Failure, Finding, Likely, Report, Subject, Tally, VERSION,
};
pub use visible::visible;

/// In what form a [`Report`] is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// For programs: stable, versioned, whole.
    Json,
    /// For a spreadsheet: a row a finding.
    Csv,
    /// For a terminal.
    Table,
    /// One self-contained page, for a person.
    Html,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 4] = [Self::Json, Self::Csv, Self::Table, Self::Html];

    /// Its name: `json`, `csv`, `table`, `html`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Csv => "csv",
            Self::Table => "table",
            Self::Html => "html",
        }
    }
}

/// A name that is no format's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownFormat;

impl fmt::Display for UnknownFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the format is none of json, csv, table, html")
    }
}

impl std::error::Error for UnknownFormat {}

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|format| format.name() == text).ok_or(UnknownFormat)
    }
}

/// A report that could not be written. The report itself is whole.
#[derive(Debug)]
pub struct WriteError(Box<dyn std::error::Error + Send + Sync>);

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the report could not be written")
    }
}

impl std::error::Error for WriteError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(self.0.as_ref())
    }
}

impl Report {
    /// The report in that form.
    ///
    /// # Errors
    /// [`WriteError`] if a library that writes the form gives up, which none is known to do in memory.
    pub fn write(&self, format: Format) -> Result<String, WriteError> {
        match format {
            Format::Json => json::write(self),
            Format::Csv => sheet::write(self),
            Format::Table => Ok(terminal::write(self, terminal::WIDTH)),
            Format::Html => page::write(self),
        }
    }

    /// The report as a table that is so many columns wide: 40 at least.
    pub fn table(&self, width: u16) -> String {
        terminal::write(self, width.max(40))
    }
}
