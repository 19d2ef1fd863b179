//! The spans of one test, as a tree.

use std::{
    collections::{BTreeMap, HashMap},
    fmt::{self, Write as _},
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
};

use tracing::{
    Dispatch, Event, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
    subscriber::DefaultGuard,
};
use tracing_subscriber::{
    Layer,
    layer::{Context, SubscriberExt as _},
    registry::{LookupSpan, Registry},
};

/// Keeps every span and event of a thread, at every level: what hangs beneath a tap, and what is told in it.
///
/// ```
/// use elevate_access_testkit::Spans;
///
/// let spans = Spans::default();
/// let listening = spans.listen();
/// tracing::info_span!("unlock").in_scope(|| drop(tracing::info_span!("directory")));
/// drop(listening);
/// assert_eq!(spans.outline(), "unlock\n  directory\n");
/// ```
#[derive(Clone, Default)]
pub struct Spans(Arc<Mutex<Kept>>);

#[derive(Default)]
struct Kept {
    spans: Vec<KeptSpan>,
    /// Ids are given again once a span was closed.
    open: HashMap<u64, usize>,
    /// Events outside of any span.
    events: Vec<String>,
}

/// One span, with its fields as they were last.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct KeptSpan {
    /// Its name for OpenTelemetry, or else its own.
    pub name: String,
    /// Which one it stands beneath, by its place among all.
    pub parent: Option<usize>,
    /// Which ones it follows from.
    pub follows: Vec<usize>,
    /// Its fields.
    pub fields: BTreeMap<&'static str, String>,
    /// What was told in it.
    pub events: Vec<String>,
    /// Whether it has ended.
    pub is_closed: bool,
}

impl Spans {
    /// Keeps what this thread opens and tells until the guard is dropped: so use a runtime of one thread.
    #[must_use = "it listens until it is dropped"]
    pub fn listen(&self) -> DefaultGuard {
        // With one subscriber alone, what another test's thread tells first is taken to interest nobody.
        static ANOTHER: OnceLock<Dispatch> = OnceLock::new();
        ANOTHER.get_or_init(|| Dispatch::new(Registry::default()));
        tracing::subscriber::set_default(Registry::default().with(self.clone()))
    }

    /// All spans so far, in the order in which they were opened.
    pub fn all(&self) -> Vec<KeptSpan> {
        self.lock().spans.clone()
    }

    /// Those of that name.
    pub fn named(&self, name: &str) -> Vec<KeptSpan> {
        self.all().into_iter().filter(|span| span.name == name).collect()
    }

    /// The names, each beneath its parent's.
    pub fn outline(&self) -> String {
        let all = self.all();
        let mut text = String::new();
        for at in (0..all.len()).filter(|at| all[*at].parent.is_none()) {
            outline(&all, at, 0, &mut text);
        }
        text
    }

    /// All that was told: names, fields, and events.
    pub fn text(&self) -> String {
        let kept = self.lock();
        format!("{:#?}\n{:#?}", kept.spans, kept.events)
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn outline(all: &[KeptSpan], at: usize, depth: usize, text: &mut String) {
    // Writing into a `String` cannot fail.
    let _ = writeln!(text, "{:width$}{}", "", all[at].name, width = 2 * depth);
    for child in (0..all.len()).filter(|child| all[*child].parent == Some(at)) {
        outline(all, child, depth + 1, text);
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Spans {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        let parent = context.span(id).and_then(|span| Some(span.parent()?.id().into_u64()));
        let mut kept = self.lock();
        let name = attributes.metadata().name();
        let span = KeptSpan {
            name: fields.0.remove("otel.name").unwrap_or_else(|| name.to_owned()),
            parent: parent.and_then(|parent| kept.open.get(&parent).copied()),
            follows: Vec::new(),
            fields: fields.0,
            events: Vec::new(),
            is_closed: false,
        };
        let at = kept.spans.len();
        kept.spans.push(span);
        kept.open.insert(id.into_u64(), at);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, _: Context<'_, S>) {
        let mut fields = Fields::default();
        values.record(&mut fields);
        self.with(id, |span| span.fields.extend(fields.0));
    }

    fn on_follows_from(&self, id: &Id, follows: &Id, _: Context<'_, S>) {
        let follows = self.lock().open.get(&follows.into_u64()).copied();
        self.with(id, |span| span.follows.extend(follows));
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let told = format!("{}: {:?}", event.metadata().target(), fields.0);
        match context.event_span(event) {
            Some(span) => self.with(&span.id(), |span| span.events.push(told)),
            None => self.lock().events.push(told),
        }
    }

    fn on_close(&self, id: Id, _: Context<'_, S>) {
        self.with(&id, |span| span.is_closed = true);
        self.lock().open.remove(&id.into_u64());
    }
}

impl Spans {
    fn with(&self, id: &Id, change: impl FnOnce(&mut KeptSpan)) {
        let mut kept = self.lock();
        if let Some(at) = kept.open.get(&id.into_u64()).copied() {
            change(&mut kept.spans[at]);
        }
    }
}

#[derive(Default)]
struct Fields(BTreeMap<&'static str, String>);

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }
}

impl fmt::Debug for Spans {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Spans").field("spans", &self.lock().spans.len()).finish_non_exhaustive()
    }
}
