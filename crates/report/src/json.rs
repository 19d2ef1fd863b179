//! JSON that holds every name whole, and nothing that steers whoever prints it.

use std::io;

use serde::Serialize as _;
use serde_json::ser::{Formatter, PrettyFormatter, Serializer};

use crate::{Report, WriteError, visible::is_hidden};

pub(crate) fn write(report: &Report) -> Result<String, WriteError> {
    let mut text = Vec::new();
    let mut serializer = Serializer::with_formatter(&mut text, Escaping(PrettyFormatter::new()));
    report.serialize(&mut serializer).map_err(|error| WriteError(Box::new(error)))?;
    text.push(b'\n');
    String::from_utf8(text).map_err(|error| WriteError(Box::new(error)))
}

/// Writes characters that do not show, or change how others show, as `\u202e`: the same text to a program. So are
/// those that begin and end a tag, should somebody put the text into a page.
struct Escaping(PrettyFormatter<'static>);

impl Formatter for Escaping {
    fn write_string_fragment<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut rest = fragment;
        while let Some(at) = rest.find(|c| is_hidden(c) || matches!(c, '<' | '>')) {
            let (plain, tail) = rest.split_at(at);
            writer.write_all(plain.as_bytes())?;
            let hidden = tail.chars().next().map_or(0, char::len_utf8);
            for unit in tail[..hidden].encode_utf16() {
                write!(writer, "\\u{unit:04x}")?;
            }
            rest = &tail[hidden..];
        }
        writer.write_all(rest.as_bytes())
    }

    fn begin_array<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_array(writer)
    }

    fn end_array<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array(writer)
    }

    fn begin_array_value<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        self.0.begin_array_value(writer, first)
    }

    fn end_array_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array_value(writer)
    }

    fn begin_object<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object(writer)
    }

    fn end_object<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object(writer)
    }

    fn begin_object_key<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        self.0.begin_object_key(writer, first)
    }

    fn begin_object_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object_value(writer)
    }

    fn end_object_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object_value(writer)
    }
}
