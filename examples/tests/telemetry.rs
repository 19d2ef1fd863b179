//! What the program `telemetry` hands to OpenTelemetry.

use elevate_examples::telemetry;
use opentelemetry::trace::{SpanId, SpanKind};

#[tokio::test(flavor = "multi_thread")]
async fn a_tap_is_exported_as_one_tree_with_the_names_of_an_http_client() {
    let seen = telemetry::run().await.unwrap();
    insta::assert_snapshot!("telemetry_tree", seen.tree(false));

    // One trace a tap, and no span in none.
    let roots = seen.spans().iter().filter(|span| span.parent_span_id == SpanId::INVALID);
    let roots: Vec<_> = roots.map(|span| span.span_context.trace_id()).collect();
    assert_eq!(roots.len(), 3);
    for span in seen.spans() {
        assert!(roots.contains(&span.span_context.trace_id()), "{span:?}");
        let has = |name: &str| span.attributes.iter().any(|a| a.key.as_str() == name);
        if span.span_kind == SpanKind::Client {
            for name in ["http.request.method", "server.address", "server.port", "url.template"] {
                assert!(has(name), "{name}: {span:?}");
            }
            assert!(has("http.response.status_code") || has("error.type"), "{span:?}");
        }
    }
    let all = format!("{:?} {seen}", seen.spans());
    for secret in ["@", "example", "correct horse", "Doe", "Roe", "openpath-secret-token"] {
        assert!(!all.contains(secret), "{secret}");
    }

    let counters: Vec<_> = seen.metrics().filter(|line| line.starts_with("elevate")).collect();
    let counters = counters.into_iter().filter(|line| !line.contains("duration"));
    let mut counters: Vec<_> = counters.collect();
    counters.sort_unstable();
    insta::assert_snapshot!("telemetry_counters", counters.join("\n"));
    let durations = seen.metrics().filter(|line| line.starts_with("http_client_request_duration"));
    assert!(durations.count() > 10);
    // Two that end with one order may be told in either order.
    let mut log = seen.log().to_vec();
    log.sort_unstable();
    insta::assert_snapshot!("telemetry_log", log.join("\n"));
}
