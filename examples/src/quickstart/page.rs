//! The layout of the transcript.

use std::io::{self, Write};

/// How wide the text is, in characters.
const WIDTH: usize = 96;

/// Where the text of a row begins.
const INDENT: usize = 20;

pub(super) struct Page<'a> {
    out: &'a mut (dyn Write + Send),
    steps: u32,
}

impl<'a> Page<'a> {
    pub(super) fn new(out: &'a mut (dyn Write + Send)) -> Self {
        Self { out, steps: 0 }
    }

    pub(super) fn title(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "{text}\n{}\n", "═".repeat(WIDTH))
    }

    pub(super) fn part(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "\n\n{text}\n{}", "─".repeat(WIDTH))
    }

    /// A step: what happens on the left, where on the right.
    pub(super) fn step(&mut self, what: &str, place: &str) -> io::Result<()> {
        self.steps += 1;
        let what = format!("{:>2}  {what}", self.steps);
        let gap = WIDTH.saturating_sub(what.chars().count() + place.chars().count()).max(2);
        writeln!(self.out, "\n{what}{}{place}", " ".repeat(gap))
    }

    /// Text across the page.
    pub(super) fn paragraph(&mut self, text: &str) -> io::Result<()> {
        for line in wrapped(text, WIDTH) {
            writeln!(self.out, "{line}")?;
        }
        Ok(())
    }

    pub(super) fn gap(&mut self) -> io::Result<()> {
        writeln!(self.out)
    }

    /// A label, and beside it a text of one line or several.
    pub(super) fn row(&mut self, label: &str, text: &str) -> io::Result<()> {
        let mut label = label;
        for line in text.lines().flat_map(|line| wrapped(line, WIDTH - INDENT)) {
            writeln!(self.out, "    {label:<width$}{line}", width = INDENT - 4)?;
            label = "";
        }
        Ok(())
    }

    /// A report as the front door writes it; what cannot be told for one and the same reason is folded.
    pub(super) fn report(&mut self, label: &str, text: &str) -> io::Result<()> {
        self.row(label, &folded(text))
    }

    pub(super) fn end(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// What stands before a precondition that cannot be told.
const UNKNOWN: &str = "  unknown  ";

/// The report, with one line in place of those that cannot be told for the same reason as the line before.
fn folded(report: &str) -> String {
    let mut lines = Vec::new();
    let mut before = None;
    let mut more = 0;
    // The line after the last one ends the last fold.
    for line in report.lines().map(Some).chain([None]) {
        let reason = line.and_then(why_unknown);
        if reason.is_some() && reason == before {
            more += 1;
            continue;
        }
        if more > 0 {
            let plural = if more == 1 { "" } else { "s" };
            let these = format!("… and {more} more precondition{plural} that cannot be told");
            lines.push(format!("{UNKNOWN}{these} before that"));
        }
        (before, more) = (reason, 0);
        lines.extend(line.map(str::to_owned));
    }
    lines.join("\n")
}

/// Why the line says that its precondition cannot be told: what it ends with, in brackets.
fn why_unknown(line: &str) -> Option<&str> {
    let (_, why) = line.strip_prefix(UNKNOWN)?.strip_suffix(')')?.rsplit_once(" (")?;
    Some(why)
}

/// The line, broken at spaces into lines of at most that many characters. What stands before its last wide
/// gap is kept, and what follows is set in by as much.
fn wrapped(line: &str, width: usize) -> Vec<String> {
    let (head, text) = line.split_at(line.rfind("  ").map_or(0, |gap| gap + 2));
    let mut lines = vec![head.to_owned()];
    let mut room = width.saturating_sub(head.chars().count());
    for word in text.split(' ') {
        let length = word.chars().count();
        if let Some(line) = lines.last_mut() {
            if line.ends_with(' ') || line.is_empty() {
                line.push_str(word);
                room = room.saturating_sub(length);
                continue;
            }
            if length < room {
                line.push(' ');
                line.push_str(word);
                room -= length + 1;
                continue;
            }
        }
        let indent = " ".repeat(head.chars().count());
        room = width.saturating_sub(indent.len() + length);
        lines.push(indent + word);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_neighbours_with_the_same_reason_are_folded() {
        let report = "X\n  unknown  a (p)\n  unknown  b (p)\n  unknown  c (q)\n  ok       d\n  \
                      unknown  e (q)\n  unknown  f (q)\n  unknown  g (q)";
        let told = "X\n  unknown  a (p)\n  unknown  … and 1 more precondition that cannot be told \
                    before that\n  unknown  c (q)\n  ok       d\n  unknown  e (q)\n  unknown  … and 2 \
                    more preconditions that cannot be told before that";
        assert_eq!(folded(report), told);
        assert_eq!(folded("  ok  a (p)\n  ok  b (p)"), "  ok  a (p)\n  ok  b (p)");
    }

    #[test]
    fn no_word_is_lost_and_no_line_is_too_long() {
        let text = "a door is a physical thing, and é is one character";
        let lines = wrapped(&format!("  ok  {text}"), 20);
        assert!(
            lines.len() > 2 && lines.iter().all(|line| line.chars().count() <= 20),
            "{lines:?}"
        );
        assert!(
            lines[0].starts_with("  ok  a door") && lines[1].starts_with("      "),
            "{lines:?}"
        );
        let words: Vec<&str> = lines.iter().flat_map(|line| line.split_whitespace()).collect();
        assert_eq!(words[1..].join(" "), text);
        assert_eq!(wrapped("", 20), [""]);
        assert_eq!(wrapped("0123456789", 5), ["0123456789"]);
        assert_eq!(wrapped("01234 5678", 10), ["01234 5678"]);
    }
}
