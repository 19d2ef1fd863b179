use std::fmt::Write as _;

use elevate_access_testkit::openpath::{Operation, fixtures};
use elevate_openpath::UserId;

use crate::support::{Line, with_jane};

/// Every body that an error may have, as the vendor's answer to a list of entries.
#[tokio::test(start_paused = true)]
async fn every_error_says_what_happened_in_one_line() {
    let mut lines = String::new();
    for case in fixtures::of_any_call() {
        let line = Line::to(with_jane());
        line.vendor.with(|openpath| openpath.reply_with(Operation::ListUserEntries, case.reply()));
        let error = line.client.user_entries(&UserId::from(7001)).await.unwrap_err();
        let _ = writeln!(lines, "{}\n  {:?}: {error}", case.name, error.kind());
        assert!(!lines.contains(['\u{7}', '\u{202e}', '\u{1b}']));
    }
    insta::assert_snapshot!(lines);
}
