use std::time::Duration;

/// What the vendor does where nobody has seen it do anything: each a setting, each a guess.
///
/// ```
/// use elevate_access_testkit::openpath::{Filtering, Openpath};
///
/// let openpath = Openpath::new(5120).behaving(|it| {
///     it.filter = Filtering::Ignored;
///     it.rows_at_most = Some(2);
/// });
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
#[expect(clippy::struct_excessive_bools, reason = "each is a question of its own to the vendor")]
pub struct Behaviour {
    /// How `filter` compares. Any case unless set.
    pub filter: Filtering,
    /// How `preFilter` compares. Any case unless set.
    pub pre_filter: Filtering,
    /// What happens to an unlock that is not granted. 403 unless set.
    pub unlock_not_granted: NotGranted,
    /// Whether lists of users hold archived ones. Yes unless set.
    pub archived_are_listed: bool,
    /// Whether an end without a time of day still counts that day. Yes unless set.
    pub last_day_counts: bool,
    /// Whether a new sign-in kills the account's older tokens. No unless set.
    pub sign_in_ends_older_tokens: bool,
    /// How many refused sign-ins in a row lock an account, so that the right password is refused too;
    /// `None` never locks. 5 unless set.
    pub lock_after: Option<u32>,
    /// Whether an e-mail and its password are taken on each call (`Authorization: Basic`). Yes unless
    /// set; an account with a second factor is never taken so.
    pub basic_is_taken: bool,
    /// How long a token lives; `None` says no end (`expiresAt` is null). 14 days unless set.
    pub token_life: Option<Duration>,
    /// How many rows a page holds if the request names no limit. 10 unless set.
    pub rows_unless_asked: usize,
    /// The most rows that a page holds, whatever limit is asked for: short pages that are not the last.
    pub rows_at_most: Option<usize>,
    /// How long a new key is unknown to the controller: until then the cloud takes an unlock and the
    /// door stays shut. Zero unless set.
    pub key_works_after: Duration,
    /// Whether what became of an order shows in the user's activity. Yes unless set.
    ///
    /// Then an order that opened a door is `Granted`, one that was not granted is `Denied`, and one whose
    /// door failed leaves no row: nobody was there to report it.
    pub activity_is_kept: bool,
    /// Whether a row carries the description that was sent with its order. No unless set.
    pub activity_is_described: bool,
    /// How long after an order its row shows. Zero unless set.
    pub activity_shows_after: Duration,
    /// Whether ids in replies are text. No unless set.
    pub ids_as_text: bool,
    /// Whether the messages of errors echo the e-mail, the `Authorization` header and the password.
    /// No unless set.
    pub echo_secrets: bool,
}

impl Default for Behaviour {
    fn default() -> Self {
        Self {
            filter: Filtering::AnyCase,
            pre_filter: Filtering::AnyCase,
            unlock_not_granted: NotGranted::Forbidden,
            archived_are_listed: true,
            last_day_counts: true,
            sign_in_ends_older_tokens: false,
            lock_after: Some(5),
            basic_is_taken: true,
            token_life: Some(Duration::from_hours(14 * 24)),
            rows_unless_asked: 10,
            rows_at_most: None,
            key_works_after: Duration::ZERO,
            activity_is_kept: true,
            activity_is_described: false,
            activity_shows_after: Duration::ZERO,
            ids_as_text: false,
            echo_secrets: false,
        }
    }
}

/// How the vendor compares a filter's value with a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Filtering {
    /// The field is the value, byte for byte.
    Exact,
    /// The field is the value, case ignored.
    AnyCase,
    /// The field holds the value somewhere, case ignored.
    Parts,
    /// The filter is ignored: all rows come.
    Ignored,
    /// The filter is an error: 400.
    Refused,
    /// The filter finds nobody, ever.
    FindsNobody,
}

/// What becomes of an unlock that the vendor does not grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NotGranted {
    /// 403.
    Forbidden,
    /// 404.
    NotFound,
    /// 422.
    Unprocessable,
    /// 204, as if it were granted, and the door stays shut.
    AcceptedAndNothingHappens,
}
