//! A roster from a file: CSV or JSON, read as far as it can be, with every bad row named.

use std::{
    cell::RefCell,
    collections::BTreeMap,
    fmt::{self, Write as _},
};

use elevate_access::{
    BuildingId, Residency, Resident, ResidentId, Standing, Unit, UnitId, VerifiedEmail,
};
use serde::{
    Deserialize,
    de::{DeserializeSeed, SeqAccess, Visitor},
};
use serde_json::value::RawValue;

/// What a roster file held.
#[derive(Debug, Default)]
pub struct Roster {
    /// Everybody on it, by id.
    pub residents: Vec<Resident>,
    /// Every unit on it, lived in or not.
    pub units: Vec<Unit>,
    /// What could not be read.
    pub faults: Vec<Fault>,
    /// How many rows there were.
    pub rows: usize,
}

/// Something in the file that could not be read. It repeats nothing that the file holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The line, from 1.
    pub line: usize,
    /// The character in the line, from 1.
    pub column: usize,
    /// What is wrong.
    pub what: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}: {}", self.line, self.column, self.what)
    }
}

/// One row: a resident in a unit, or a unit without a resident.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    #[serde(default)]
    resident: Option<String>,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    email: Option<String>,
    #[serde(default)]
    unit_id: Option<String>,
    #[serde(default)]
    unit: Option<String>,
    #[serde(default)]
    standing: Option<String>,
}

/// The columns of the CSV form, in any order; `unit` is the one that has to be there.
const COLUMNS: [&str; 6] = ["resident", "name", "email", "unit_id", "unit", "standing"];

impl Roster {
    /// Reads the text: JSON if it begins with a bracket, else CSV.
    pub fn read(building: &BuildingId, text: &str) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut reading = Reading { building, people: BTreeMap::new(), out: Self::default() };
        if text.trim_start().starts_with(['[', '{']) {
            reading.json(text);
        } else {
            reading.csv(text);
        }
        let Reading { people, mut out, .. } = reading;
        out.residents = people.into_values().collect();
        out.units.sort_by(|a, b| (&a.id, &a.name).cmp(&(&b.id, &b.name)));
        out.units.dedup();
        out
    }
}

struct Reading<'b> {
    building: &'b BuildingId,
    people: BTreeMap<String, Resident>,
    out: Roster,
}

impl Reading<'_> {
    fn fault(&mut self, line: usize, column: usize, what: impl Into<String>) {
        self.out.faults.push(Fault { line, column, what: what.into() });
    }

    /// A line is a row: a quote that is not closed spoils its own line, and no other one.
    fn csv(&mut self, text: &str) {
        let mut lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
        let Some((first, head)) = lines.next() else { return };
        let separator = [b',', b';', b'\t']
            .into_iter()
            .max_by_key(|one| head.bytes().filter(|byte| byte == one).count())
            .unwrap_or(b',');
        let names = match cells(head, separator) {
            Ok(names) => names,
            Err((column, what)) => return self.fault(first + 1, column, what),
        };
        let mut places = BTreeMap::new();
        for (place, (column, name)) in names.iter().enumerate() {
            let name = name.trim().to_ascii_lowercase();
            match COLUMNS.iter().find(|column| **column == name) {
                Some(known) if places.insert(*known, place).is_some() => {
                    self.fault(first + 1, *column, format!("the column {known} comes twice"));
                }
                Some(_) => {}
                None => {
                    let known = COLUMNS.join(", ");
                    self.fault(first + 1, *column, format!("no such column; there are {known}"));
                }
            }
        }
        if !places.contains_key("unit") {
            return self.fault(first + 1, 1, "there is no column called unit");
        }
        for (number, line) in lines {
            self.out.rows += 1;
            let cells = match cells(line, separator) {
                Ok(cells) => cells,
                // What follows may be the rest of a cell that somebody else wrote: it must not become rows.
                Err((column, what)) if what == UNCLOSED => {
                    return self.fault(number + 1, column, what);
                }
                Err((column, what)) => {
                    self.fault(number + 1, column, what);
                    continue;
                }
            };
            if cells.len() != names.len() {
                let what = format!("{} cells where {} were announced", cells.len(), names.len());
                self.fault(number + 1, 1, what);
                continue;
            }
            let cell = |name: &str| {
                let (_, text) = cells.get(*places.get(name)?)?;
                (!text.is_empty()).then(|| text.clone())
            };
            let column = |name: &str| {
                places.get(name).and_then(|place| cells.get(*place)).map_or(1, |cell| cell.0)
            };
            let row = Row {
                resident: cell("resident"),
                name: cell("name"),
                email: cell("email"),
                unit_id: cell("unit_id"),
                unit: cell("unit"),
                standing: cell("standing"),
            };
            self.row(row, |name| (number + 1, column(name)));
        }
    }

    fn json(&mut self, text: &str) {
        let rows = RefCell::new(Vec::new());
        let mut deserializer = serde_json::Deserializer::from_str(text);
        let ended = Rows(&rows).deserialize(&mut deserializer).and_then(|()| deserializer.end());
        for raw in rows.into_inner() {
            self.out.rows += 1;
            let (line, column) = place_of(text, raw.get());
            match serde_json::from_str::<Row>(raw.get()) {
                Ok(row) => self.row(row, |_| (line, column)),
                Err(error) => {
                    let within = if error.line() == 1 { column - 1 } else { 0 };
                    let what = match error.classify() {
                        serde_json::error::Category::Data => {
                            "a field has another type, or there is no such field"
                        }
                        _ => "this is no row",
                    };
                    self.fault(line + error.line() - 1, within + error.column().max(1), what);
                }
            }
        }
        if let Err(error) = ended {
            let what = "from here on the file is no list of rows";
            self.fault(error.line().max(1), error.column().max(1), what);
        }
    }

    fn row(&mut self, row: Row, place: impl Fn(&str) -> (usize, usize)) {
        let bad = |reading: &mut Self, column: &str, what: &str| {
            let (line, column) = place(column);
            reading.fault(line, column, what);
        };
        let Some(name) = row.unit else { return bad(self, "unit", "the row has no unit") };
        let id = row.unit_id.unwrap_or_else(|| id_of(&name));
        let Ok(id) = UnitId::new(id) else {
            let what = "the unit's id is empty, too long, or holds a space or what cannot be seen";
            return bad(self, "unit_id", what);
        };
        let unit = Unit::new(id, name);
        self.out.units.push(unit.clone());
        let Some(resident) = row.resident else { return };
        let Ok(resident_id) = ResidentId::new(&resident) else {
            return bad(
                self,
                "resident",
                "the resident's id is empty, too long, or holds a space or what cannot be seen",
            );
        };
        let standing = match row.standing.as_deref().map(str::trim) {
            Some("Current") => Standing::Current,
            Some("Former" | "Past") => Standing::Former,
            Some("Future") => Standing::Future,
            Some(other) => {
                if ["current", "former", "past", "future"].contains(&&*other.to_ascii_lowercase()) {
                    let what =
                        "the standing counts only as Current, Former, Past or Future, spelled so";
                    bad(self, "standing", what);
                }
                Standing::Other(other.to_owned())
            }
            None => return bad(self, "standing", "the row does not say how the resident stands"),
        };
        let email = row.email.map(|email| VerifiedEmail::from_pms(email.trim()));
        if let Some(Err(_)) = email {
            bad(self, "email", "this is no e-mail; the resident is read without one");
        }
        let email = email.and_then(Result::ok);
        let known = self.people.get(&resident).and_then(|person| person.email.as_ref());
        if let (Some(known), Some(email)) = (known, &email)
            && !known.expose().eq_ignore_ascii_case(email.expose())
        {
            let what =
                "the resident has another e-mail in a row before; this one is not looked for";
            bad(self, "email", what);
        }
        let building = self.building.clone();
        let person = self.people.entry(resident).or_insert_with(|| Resident::new(resident_id));
        person.email = person.email.take().or(email);
        person.name = person.name.take().or(row.name);
        person.residencies.push(Residency::new(building, unit, standing));
    }
}

/// The name as an id, which holds no white space and nothing that cannot be seen: two names never share one.
fn id_of(name: &str) -> String {
    let mut id = String::with_capacity(name.len());
    for c in name.chars() {
        if c.is_alphanumeric() || "-_.#/".contains(c) {
            id.push(c);
        } else {
            // Writing to a String does not fail.
            let _ = write!(id, "%{:x};", u32::from(c));
        }
    }
    id
}

/// A cell, with the character at which it begins.
type Cell = (usize, String);

const UNCLOSED: &str =
    "a quote is opened here and not closed in the line; nothing from here on is read";

/// The cells of a line; or where it cannot be read, and why.
fn cells(line: &str, separator: u8) -> Result<Vec<Cell>, (usize, &'static str)> {
    let mut starts = vec![1];
    let (mut quoted, mut opened) = (false, 1);
    for (place, c) in line.chars().enumerate() {
        if c == '"' {
            quoted = !quoted;
            opened = place + 1;
        } else if c == char::from(separator) && !quoted {
            starts.push(place + 2);
        }
    }
    if quoted {
        return Err((opened, UNCLOSED));
    }
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator)
        .from_reader(line.as_bytes());
    let mut record = csv::StringRecord::new();
    match reader.read_record(&mut record) {
        Ok(_) if record.len() == starts.len() => {
            Ok(starts.into_iter().zip(record.iter().map(str::to_owned)).collect())
        }
        _ => Err((1, "the line is no row of CSV")),
    }
}

/// Line and column of a part of the text.
fn place_of(text: &str, part: &str) -> (usize, usize) {
    let at = (part.as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
    let before = text.get(..at).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (line, column)
}

/// Collects the elements of a list as far as it goes.
struct Rows<'r, 't>(&'r RefCell<Vec<&'t RawValue>>);

impl<'t> DeserializeSeed<'t> for Rows<'_, 't> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'t>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'t> Visitor<'t> for Rows<'_, 't> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of rows")
    }

    fn visit_seq<A: SeqAccess<'t>>(self, mut rows: A) -> Result<(), A::Error> {
        while let Some(row) = rows.next_element::<&RawValue>()? {
            self.0.borrow_mut().push(row);
        }
        Ok(())
    }
}
