//! Seeing inside: what a service sets up once to see each tap as one tree, to count, and to keep its own log.
//!
//! - `install` is the part to copy: a subscriber for spans, a recorder for metrics.
//! - `house.rs`: a vendor on loopback, and the front door with a log of taps.
//! - `seen.rs`: shows what came out at the other end.

mod house;
mod seen;

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use elevate_access::{Tap, TapEnd, TapId};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use opentelemetry::trace::{SpanId, TracerProvider as _};
use opentelemetry_sdk::{
    error::OTelSdkResult,
    trace::{SdkTracerProvider, SpanData, SpanExporter},
};
use tokio::{sync::mpsc, time::sleep};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::{Layer as _, filter::Targets, layer::SubscriberExt as _};

use crate::quickstart::Failure;
use house::House;
pub use seen::Seen;

/// How many taps are made.
const TAPS: usize = 3;

/// Sends every span to OpenTelemetry's exporter for standard output and keeps it besides; keeps metrics as
/// Prometheus would scrape them. A service names its collector's exporter (`opentelemetry-otlp`) instead, and sends
/// in batches.
fn install(kept: Kept) -> Result<(SdkTracerProvider, PrometheusHandle), Failure> {
    let provider = SdkTracerProvider::builder()
        .with_simple_exporter(opentelemetry_stdout::SpanExporter::default())
        .with_simple_exporter(kept)
        .build();
    let spans = tracing_opentelemetry::layer()
        .with_tracer(provider.tracer("elevate"))
        .with_location(false)
        .with_threads(false)
        .with_tracked_inactivity(false)
        // Our crates' spans; what lies beneath them has spans of its own.
        .with_filter(Targets::new().with_targets([
            ("elevate_access", LevelFilter::INFO),
            ("elevate_openpath", LevelFilter::INFO),
            ("elevate_seam", LevelFilter::INFO),
            ("elevate_transport", LevelFilter::INFO),
        ]));
    tracing::subscriber::set_global_default(tracing_subscriber::registry().with(spans))?;
    let metrics = PrometheusBuilder::new().install_recorder()?;
    Ok((provider, metrics))
}

/// Makes three taps, and returns what was seen of them. Once in a process: what is installed stays.
///
/// # Errors
/// If something is installed already, or a tap does not go as told.
pub async fn run() -> Result<Seen, Failure> {
    let kept = Kept::default();
    let (provider, metrics) = install(kept.clone())?;
    let (log, mut ends) = mpsc::channel(100);
    let house = House::open(log).await?;

    // Jane's first: it signs in, has to read her doors twice, and makes her key. Her second joins it.
    house.breaks_off_once("/entries");
    let first = Tap::now().with_id(TapId::new("4f6a0c1e")?);
    let (first, second) = tokio::join!(house.tap("jane", first), house.tap("jane", Tap::now()));
    first?;
    second?;
    // Tom has no door there.
    if house.tap("tom", Tap::now()).await.is_ok() {
        return Err("a stranger's tap was not refused".into());
    }

    // Shutting down: once the front door is gone, the log ends with the last order.
    drop(house);
    let mut told = Vec::new();
    while let Some(end) = ends.recv().await {
        told.push(line(&end));
    }
    // The last span ends with its task, a moment after.
    for _ in 0..100 {
        if kept.roots() == TAPS {
            break;
        }
        sleep(Duration::from_millis(10)).await;
    }
    provider.shutdown()?;
    Ok(Seen::new(kept.spans(), metrics.render(), told))
}

/// What a service writes into its own audit log.
fn line(end: &TapEnd) -> String {
    let name = end.tapped.place.as_ref().map_or("-", |place| place.name.as_str());
    let how = match &end.result {
        Ok(outcome) => outcome.code(),
        Err(error) => error.code(),
    };
    let sent = if end.sent.is_some() { "sent" } else { "not sent" };
    format!("{} at {} ({name}): {how}, {sent}", end.tapped.resident, end.tapped.door)
}

/// Keeps what was exported.
#[derive(Clone, Debug, Default)]
struct Kept(Arc<Mutex<Vec<SpanData>>>);

impl Kept {
    fn roots(&self) -> usize {
        self.spans().iter().filter(|span| span.parent_span_id == SpanId::INVALID).count()
    }

    fn spans(&self) -> Vec<SpanData> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl SpanExporter for Kept {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend(batch);
        Ok(())
    }
}
