//! A report whose every name is the text.
#![no_main]

use elevate_access_report::{Format, Report};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let subject = serde_json::json!({
        "kind": "unit", "id": text, "name": text, "email": text, "units": [text], "residents": [text],
    });
    let report = serde_json::json!({
        "version": 1, "building": text, "begun": "2026-03-02T12:00:00Z", "took_ms": 1, "complete": false,
        "counts": { "must_fix": 1, "will_bite": 0, "information": 0 },
        "connections": [{
            "connection": text, "system": text, "tallies": [{ "what": text, "count": 1, "of": 2 }], "calls": 1,
            "mended": 1, "failed": { "code": "x", "message": text },
        }],
        "findings": [{
            "urgency": "must_fix", "code": "unit_unmatched", "connection": text, "system": text,
            "subject": subject, "wrong": text, "remedy": text, "mend_in": text, "since": null,
            "likely": {
                "counterpart": subject, "differences": [{ "code": "x", "sentence": text }],
                "is_for_review": true,
            },
        }],
    });
    let report: Report = serde_json::from_value(report).expect("the form is the documented one");
    let steers = |c: char| {
        (c.is_control() && c != '\n' && c != '\r')
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    for format in Format::ALL {
        let written = report.write(format).expect("a report can be written");
        assert!(!written.contains(steers), "{format:?}");
        match format {
            Format::Json => {
                let back: Report = serde_json::from_str(&written).expect("JSON reads back");
                assert!(back == report);
            }
            Format::Html => {
                assert_eq!(written.matches("<script>").count(), 1);
                assert_eq!(written.matches("</script>").count(), 1);
            }
            _ => {}
        }
    }
});
