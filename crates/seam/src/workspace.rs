//! The workspace that an API key rules.

use std::fmt;

use serde::Deserialize;

use crate::{WorkspaceId, lenient};

/// A workspace (`workspaces/get`). `Debug` leaves names out.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Workspace {
    /// Its id.
    pub workspace_id: WorkspaceId,
    /// Its name.
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub name: Option<String>,
    /// The company that it belongs to.
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub company_name: Option<String>,
    /// Whether it holds virtual devices only.
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub is_sandbox: Option<bool>,
    /// Whether it is suspended, as sandboxes are that nobody used for 14 days.
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub is_suspended: Option<bool>,
}

impl fmt::Debug for Workspace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Workspace")
            .field("workspace_id", &self.workspace_id)
            .field("is_sandbox", &self.is_sandbox)
            .field("is_suspended", &self.is_suspended)
            .finish_non_exhaustive()
    }
}
