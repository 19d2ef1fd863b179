//! The steps of a first tap, told apart by the requests that they send.

use elevate_access_testkit::{Received, openpath::ORDER_PATH};
use elevate_transport::Method;

/// What a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// The service account signs in.
    SignIn,
    /// Who has this e-mail?
    Users,
    /// What has this user of credentials?
    Credentials,
    /// Which credential type is a cloud key?
    Kinds,
    /// Which doors has this user?
    Doors,
    /// A key is made.
    Creation,
    /// A door is to be opened.
    Order,
    /// Anything else.
    Other,
}

impl Step {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::SignIn,
        Self::Users,
        Self::Credentials,
        Self::Kinds,
        Self::Doors,
        Self::Creation,
        Self::Order,
        Self::Other,
    ];

    /// What people call its requests.
    pub fn name(self) -> &'static str {
        match self {
            Self::SignIn => "sign-ins",
            Self::Users => "user lists",
            Self::Credentials => "credential lists",
            Self::Kinds => "credential type lists",
            Self::Doors => "door lists",
            Self::Creation => "key creations",
            Self::Order => "orders",
            Self::Other => "other requests",
        }
    }

    pub(super) fn of(request: &Received) -> Self {
        let path = request.path.as_str();
        if path.ends_with(ORDER_PATH) {
            return Self::Order;
        }
        match path.rsplit('/').next() {
            Some("login") => Self::SignIn,
            Some("list" | "users") => Self::Users,
            Some("credentials") if request.method == Method::POST => Self::Creation,
            Some("credentials") => Self::Credentials,
            Some("credentialTypes") => Self::Kinds,
            Some("entries") => Self::Doors,
            _ => Self::Other,
        }
    }
}
