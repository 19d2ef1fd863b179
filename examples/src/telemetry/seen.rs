use std::fmt::{self, Write as _};

use opentelemetry::trace::{SpanId, Status};
use opentelemetry_sdk::trace::SpanData;

/// How wide the names are.
const NAMES: usize = 64;

/// The attributes that the tree shows. The exporter prints them all.
const SHOWN: [&str; 8] = [
    "outcome",
    "joined",
    "sent_after_ms",
    "system",
    "http.request.method",
    "http.response.status_code",
    "http.request.resend_count",
    "error.type",
];

/// What was seen of the taps. `Display` is for people.
#[derive(Debug)]
pub struct Seen {
    spans: Vec<SpanData>,
    metrics: String,
    log: Vec<String>,
}

impl Seen {
    pub(super) fn new(mut spans: Vec<SpanData>, metrics: String, log: Vec<String>) -> Self {
        spans.sort_by_key(|span| span.start_time);
        Self { spans, metrics, log }
    }

    /// What OpenTelemetry was given.
    pub fn spans(&self) -> &[SpanData] {
        &self.spans
    }

    /// The tree of each tap, as OpenTelemetry was given it: the same at each run, if it is without times.
    pub fn tree(&self, with_times: bool) -> String {
        let mut text = String::new();
        for root in self.beneath(SpanId::INVALID) {
            self.write(root, 0, with_times, &mut text);
        }
        text
    }

    /// What a scrape would bring, without buckets and quantiles.
    pub fn metrics(&self) -> impl Iterator<Item = &str> {
        let is_shown =
            |line: &&str| !line.is_empty() && !line.starts_with('#') && !line.contains("quantile=");
        self.metrics.lines().filter(is_shown)
    }

    /// The lines of the host's own log.
    pub fn log(&self) -> &[String] {
        &self.log
    }

    fn beneath(&self, parent: SpanId) -> impl Iterator<Item = &SpanData> {
        self.spans.iter().filter(move |span| span.parent_span_id == parent)
    }

    fn write(&self, span: &SpanData, depth: usize, with_times: bool, text: &mut String) {
        let name = format!("{}{}", "  ".repeat(depth), span.name);
        let _ = write!(text, "{name:NAMES$}");
        if with_times {
            let took = span.end_time.duration_since(span.start_time).unwrap_or_default();
            let _ = write!(text, "{:>5} ms", took.as_millis());
        }
        for shown in SHOWN.iter().filter(|name| with_times || **name != "sent_after_ms") {
            if let Some(attribute) = span.attributes.iter().find(|a| a.key.as_str() == *shown) {
                let _ = write!(text, "  {shown}={}", attribute.value);
            }
        }
        if matches!(span.status, Status::Error { .. }) {
            text.push_str("  ERROR");
        }
        for link in span.links.iter() {
            let to = self.spans.iter().position(|s| s.span_context == link.span_context);
            let _ = write!(text, "  follows from span {}", to.map_or(0, |to| to + 1));
        }
        text.truncate(text.trim_end().len());
        text.push('\n');
        let mut children: Vec<_> = self.beneath(span.span_context.span_id()).collect();
        if !with_times {
            // Some are at the same time, and race.
            children.sort_by(|a, b| a.name.cmp(&b.name));
        }
        for child in children {
            self.write(child, depth + 1, with_times, text);
        }
    }
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "The same spans, as a tree a tap:\n\n{}", self.tree(true))?;
        writeln!(f, "The metrics, as Prometheus would scrape them (quantiles left out):\n")?;
        for line in self.metrics() {
            writeln!(f, "{line}")?;
        }
        writeln!(f, "\nThe host's own log:\n")?;
        for line in &self.log {
            writeln!(f, "{line}")?;
        }
        Ok(())
    }
}
