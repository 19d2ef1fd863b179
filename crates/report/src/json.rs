//! JSON that holds every name whole, and nothing that steers whoever prints it.

use std::fmt::Write as _;

use crate::{Report, WriteError, visible::is_hidden};

/// Characters that do not show, or change how others show, are written as `\u202e`: the same text to a program. So are
/// those that begin and end a tag, should somebody put the text into a page.
pub(crate) fn write(report: &Report) -> Result<String, WriteError> {
    let plain =
        serde_json::to_string_pretty(report).map_err(|error| WriteError(Box::new(error)))?;
    let mut text = String::with_capacity(plain.len() + 1);
    for c in plain.chars() {
        // A line's end stands between values only: within one it is written as \n already.
        if c == '\n' || !(is_hidden(c) || matches!(c, '<' | '>')) {
            text.push(c);
            continue;
        }
        for unit in c.encode_utf16(&mut [0; 2]) {
            // Writing to a String does not fail.
            let _ = write!(text, "\\u{unit:04x}");
        }
    }
    text.push('\n');
    Ok(text)
}
