//! Lists as the vendor serves them: filtered, sorted, cut into pages.

use std::cmp::Ordering;

use serde_json::{Value, json};

use super::behaviour::{Behaviour, Filtering};
use super::refusal::{Refusal, Source};
use super::row::{at, row_id};
use super::shape::Input;

/// One page of a list.
pub(super) struct Page {
    pub(super) rows: Vec<Value>,
    total: usize,
    filtered: usize,
    /// The id of the last row, if rows follow it.
    next: Option<u64>,
}

impl Page {
    /// All rows, as a list without paging has them.
    pub(super) fn whole(rows: Vec<Value>) -> Self {
        Self { total: rows.len(), filtered: rows.len(), rows, next: None }
    }

    /// Filters, sorts and cuts.
    pub(super) fn cut(
        mut rows: Vec<&Value>,
        input: &Input,
        behaviour: &Behaviour,
        source: Source,
        sort_by: &str,
    ) -> Result<Self, Refusal> {
        if let Some(text) = input.text("preFilter") {
            keep(&mut rows, text, behaviour.pre_filter, ("preFilter", source))?;
        }
        let total = rows.len();
        if let Some(text) = input.text("filter") {
            keep(&mut rows, text, behaviour.filter, ("filter", source))?;
        }
        if let Some(words) = input.text("q") {
            rows.retain(|row| mentions(row, &words.to_lowercase()));
        }
        let filtered = rows.len();
        sort(
            &mut rows,
            input.text("sort").unwrap_or(sort_by),
            input.text("order").unwrap_or("asc"),
        );

        let skipped = match input.text("cursor") {
            Some(cursor) => after(&rows, cursor),
            None => input.number("offset").unwrap_or(0),
        };
        let asked = input.number("limit").unwrap_or(behaviour.rows_unless_asked);
        let taken = behaviour.rows_at_most.map_or(asked, |most| asked.min(most));
        let page: Vec<Value> = rows.iter().skip(skipped).take(taken).copied().cloned().collect();
        let more = skipped.saturating_add(page.len()) < filtered;
        let next = if more { page.last().and_then(row_id) } else { None };
        Ok(Self { rows: page, total, filtered, next })
    }

    /// The envelope of a list, without its `meta`.
    pub(super) fn body(self, with_cursors: bool) -> Value {
        let mut body = json!({
            "data": self.rows,
            "totalCount": self.total,
            "filteredCount": self.filtered,
        });
        if let (true, Value::Object(fields)) = (with_cursors, &mut body) {
            let cursors = json!({ "nextCursor": self.next, "hasNextPage": self.next.is_some() });
            fields.insert("cursors".into(), cursors);
        }
        body
    }
}

/// Keeps the rows that the filter lets pass.
fn keep(
    rows: &mut Vec<&Value>,
    text: &str,
    filtering: Filtering,
    (name, source): (&str, Source),
) -> Result<(), Refusal> {
    let refused = || Refusal::shape(source, name, "is not a valid filter");
    let (path, values) = read_filter(text).ok_or_else(refused)?;
    let matches: fn(&str, &str) -> bool = match filtering {
        Filtering::Ignored => return Ok(()),
        Filtering::Refused => return Err(refused()),
        Filtering::FindsNobody => |_, _| false,
        Filtering::Exact => |field, value| field == value,
        Filtering::AnyCase => |field, value| field.to_lowercase() == value.to_lowercase(),
        Filtering::Parts => |field, value| field.to_lowercase().contains(&value.to_lowercase()),
    };
    rows.retain(|row| {
        let field = match at(row, path) {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            _ => return false,
        };
        values.iter().any(|value| matches(&field, value))
    });
    Ok(())
}

/// Reads `field.path:(a,b)` or `field.path:(=a)`. Other syntax that the vendor may know is not modelled.
fn read_filter(text: &str) -> Option<(&str, Vec<&str>)> {
    let (path, rest) = text.split_once(':')?;
    let inside = rest.strip_prefix('(')?.strip_suffix(')')?;
    if path.is_empty() || inside.is_empty() || inside.contains(['(', ')']) {
        return None;
    }
    let values = inside.split(',').map(|value| value.strip_prefix('=').unwrap_or(value));
    Some((path, values.collect()))
}

/// Whether any text in the row holds the words.
fn mentions(value: &Value, words: &str) -> bool {
    match value {
        Value::String(text) => text.to_lowercase().contains(words),
        Value::Array(items) => items.iter().any(|item| mentions(item, words)),
        Value::Object(fields) => fields.values().any(|field| mentions(field, words)),
        _ => false,
    }
}

fn sort(rows: &mut [&Value], by: &str, orders: &str) {
    let names: Vec<&str> = by.split(',').map(str::trim).collect();
    let downward: Vec<bool> = orders.split(',').map(|order| order.trim() == "desc").collect();
    rows.sort_by(|a, b| {
        names.iter().enumerate().fold(Ordering::Equal, |so_far, (place, name)| {
            so_far.then_with(|| {
                let upward = compare(at(a, name), at(b, name));
                match downward.get(place).or(downward.last()) {
                    Some(true) => upward.reverse(),
                    _ => upward,
                }
            })
        })
    });
}

/// Nothing before numbers before text.
fn compare(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => {
            a.as_f64().partial_cmp(&b.as_f64()).unwrap_or(Ordering::Equal)
        }
        (Value::String(a), Value::String(b)) => a.to_lowercase().cmp(&b.to_lowercase()),
        (a, b) => rank(a).cmp(&rank(b)),
    }
}

fn rank(value: &Value) -> u8 {
    match value {
        Value::Number(_) => 1,
        Value::String(_) => 2,
        _ => 0,
    }
}

/// How many rows a cursor skips: those up to the row whose id it is. An unknown one skips all.
fn after(rows: &[&Value], cursor: &str) -> usize {
    let id = cursor.parse().ok();
    rows.iter().position(|row| row_id(row) == id).map_or(rows.len(), |place| place + 1)
}
