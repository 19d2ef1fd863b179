//! The quickstart's transcript, and everything that was logged while it was made.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::{
    io,
    sync::{LazyLock, Mutex, PoisonError},
};

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD},
};
use elevate_access_testkit::{
    openpath::{self, fixtures::ORGANISATION},
    seam,
};
use elevate_examples::quickstart;
use serde_json::Value;
use tracing_subscriber::fmt::format::FmtSpan;

/// One run of the quickstart in this process, with every log captured at TRACE.
struct Run {
    transcript: String,
    logs: String,
}

static RUN: LazyLock<Run> = LazyLock::new(|| {
    log::set_logger(&Log).unwrap();
    log::set_max_level(log::LevelFilter::Trace);
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_span_events(FmtSpan::FULL)
        .with_ansi(false)
        .with_writer(|| Trace)
        .finish();
    tracing::subscriber::set_global_default(subscriber).unwrap();
    let transcript = transcript();
    Run { transcript, logs: LOGGED.lock().unwrap_or_else(PoisonError::into_inner).clone() }
});

fn transcript() -> String {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mut text = Vec::new();
    if let Err(error) = runtime.block_on(quickstart::run(&mut text)) {
        panic!("{error}\n{}", String::from_utf8_lossy(&text));
    }
    String::from_utf8(text).unwrap()
}

/// All that was logged, through `tracing` and through `log`.
static LOGGED: Mutex<String> = Mutex::new(String::new());

fn note(text: &str) {
    LOGGED.lock().unwrap_or_else(PoisonError::into_inner).push_str(text);
}

struct Log;

impl log::Log for Log {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        note(&format!("{} {}: {}\n", record.level(), record.target(), record.args()));
    }

    fn flush(&self) {}
}

struct Trace;

impl io::Write for Trace {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        note(&String::from_utf8_lossy(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Everything that the stand-ins and the directory were seeded with and nobody may see.
fn seeded() -> Vec<String> {
    let organisation: Value = serde_json::from_str(ORGANISATION).unwrap();
    let workspace: Value = serde_json::from_str(seam::fixture("workspace.json").unwrap()).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let mut seeded = vec![
        text(&organisation["accounts"][0]["password"]),
        openpath::TOKEN_PREFIX.to_owned(),
        text(&workspace["api_key"]),
    ];
    seeded.extend(quickstart::emails().map(str::to_owned));
    emails_in(&organisation, &mut seeded);
    emails_in(&workspace, &mut seeded);
    seeded
}

fn emails_in(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) if text.contains('@') => found.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| emails_in(item, found)),
        Value::Object(fields) => fields.values().for_each(|item| emails_in(item, found)),
        _ => {}
    }
}

/// The secret as it may stand in a text: plain, percent-encoded, in base64 wherever it begins there.
fn disguises(secret: &str) -> Vec<String> {
    let mut all = vec![secret.to_owned()];
    all.push(secret.bytes().fold(String::new(), |text, byte| match byte {
        b if b.is_ascii_alphanumeric() || b"-._~".contains(&b) => text + &char::from(b).to_string(),
        b => format!("{text}%{b:02X}"),
    }));
    for engine in [STANDARD_NO_PAD, URL_SAFE_NO_PAD] {
        for (before, shared) in [(0, 0), (1, 2), (2, 3)] {
            let text = engine.encode([&vec![0; before], secret.as_bytes()].concat());
            // The characters at both ends also hold bits of the neighbours.
            let end = text.len() - usize::from(!(before + secret.len()).is_multiple_of(3));
            all.push(text[shared..end].to_owned());
        }
    }
    all
}

/// Which of the secrets stand in the text, in whatever form, and where.
fn found_in(text: &str, secrets: &[String]) -> Vec<String> {
    let text = text.to_ascii_lowercase();
    let mut found = Vec::new();
    for secret in secrets {
        // In base64 upper and lower case are other letters, so what is sought has to be in both.
        let forms = [disguises(secret), disguises(&secret.to_ascii_lowercase())].concat();
        for form in forms.iter().map(|form| form.to_ascii_lowercase()) {
            found.extend(text.find(&form).map(|at| {
                let line = text[at..].lines().next().unwrap_or_default();
                format!("{secret} as {form}: {}", line.chars().take(120).collect::<String>())
            }));
        }
    }
    found
}

#[test]
fn the_quickstart_tells_the_same_story_at_each_run() {
    insta::assert_snapshot!(RUN.transcript);
    assert_eq!(transcript(), RUN.transcript, "ports, times and ids must not show");
}

#[test]
fn the_transcript_fits_a_terminal() {
    let width = RUN.transcript.lines().map(|line| line.chars().count()).max().unwrap();
    assert!((80..=100).contains(&width), "{width} characters wide");
}

#[test]
fn no_secret_or_email_in_any_log_at_trace() {
    let Run { transcript, logs } = &*RUN;
    // The logs are those of all crates: the front door's, the providers', the HTTP spans.
    for there in ["tap settled", "cloudKeyEntryUnlock", "/locks/unlock_door", "/auth/login"] {
        assert!(logs.contains(there), "nothing of {there} was captured");
    }
    let secrets = seeded();
    assert!(secrets.len() > 20, "{secrets:?}");
    assert_eq!(found_in(logs, &secrets), [""; 0]);
    assert_eq!(found_in(transcript, &secrets), [""; 0]);
}

#[test]
fn a_secret_is_found_in_every_disguise() {
    let secret = "Jane+1@example.com".to_owned();
    let basic = |text: &str| STANDARD_NO_PAD.encode(text);
    for planted in [
        "to jane+1@EXAMPLE.com".to_owned(),
        "?email=jane%2b1%40example.com&x".to_owned(),
        format!("Basic {}", basic("Jane+1@example.com:password")),
        format!("Basic {}", basic("u:Jane+1@example.com")),
        format!("Basic {}", basic("ab:jane+1@example.com.")),
        format!("Basic {}", basic("abc:Jane+1@example.com...")),
    ] {
        assert!(!found_in(&planted, std::slice::from_ref(&secret)).is_empty(), "{planted}");
    }
    assert!(found_in("jane at example.com", &[secret]).is_empty());
}
