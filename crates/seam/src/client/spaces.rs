use elevate_transport::{Instant, Operation};
use serde::Serialize;

use super::{
    Client,
    call::{LIST_BYTES, reply},
    pages::{List, page},
    rows::Rows,
};
use crate::{Error, Related, Space, SpaceId};

const LIST: Operation = Operation::new("seam.spaces.list", "/spaces/list");
const GET: Operation = Operation::new("seam.spaces.get", "/spaces/get");
const GET_RELATED: Operation = Operation::new("seam.spaces.get_related", "/spaces/get_related");

/// How many spaces a page has if nothing else is asked for.
const PAGE_SIZE: u32 = 500;

/// Which spaces to list; all of them by default.
///
/// Two of Seam's filters are left out on purpose: `connected_account_id` hides spaces that hold nothing of
/// the account, so that a unit without doors seems not to exist; `search` finds parts of names, and a unit
/// must never be matched by a part.
#[derive(Clone, Debug, Default, Serialize)]
pub struct SpacesQuery {
    #[serde(skip_serializing_if = "Option::is_none")]
    customer_key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent_space_id: Option<SpaceId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent_space_key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    space_key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    limit: Option<u32>,
}

impl SpacesQuery {
    /// All spaces.
    pub fn new() -> Self {
        Self::default()
    }

    /// Only spaces of that customer.
    pub fn customer_key(mut self, key: impl Into<String>) -> Self {
        self.customer_key = Some(key.into());
        self
    }

    /// Only spaces that lie in that one.
    pub fn parent(mut self, id: SpaceId) -> Self {
        self.parent_space_id = Some(id);
        self
    }

    /// Only spaces that lie in the one with that key.
    pub fn parent_key(mut self, key: impl Into<String>) -> Self {
        self.parent_space_key = Some(key.into());
        self
    }

    /// Only the space with that key.
    pub fn space_key(mut self, key: impl Into<String>) -> Self {
        self.space_key = Some(key.into());
        self
    }

    /// How many spaces a page has at most; Seam's own choice is 500.
    pub fn page_size(mut self, limit: u32) -> Self {
        self.limit = Some(limit);
        self
    }
}

#[derive(Serialize)]
struct ById<'a> {
    space_id: &'a SpaceId,
}

#[derive(Serialize)]
struct RelatedTo<'a> {
    space_ids: &'a [SpaceId],
    include: [&'static str; 3],
}

page!(SpacePage { spaces: Space });

reply!(OneSpace { space: Space });

reply!(Batch { batch: Related });

impl Client {
    /// The spaces that the query asks for (`spaces/list`).
    pub fn spaces(&self, query: &SpacesQuery) -> Rows<Space> {
        let limit = query.limit.unwrap_or(PAGE_SIZE);
        Rows::of::<SpacePage>(List::new(&self.0, LIST, query, Some(limit)))
    }

    /// One space (`spaces/get`).
    ///
    /// # Errors
    /// [`NotFound`](crate::ErrorKind::NotFound) if there is none by that id, and whatever else keeps it from
    /// being read.
    pub async fn get_space(&self, id: &SpaceId, answer_by: Instant) -> Result<Space, Error> {
        let reply: OneSpace = self.0.read(GET, &ById { space_id: id }, answer_by).await?;
        if reply.space.space_id != *id {
            return Err(Error::beside_the_point(GET, "it is about another space"));
        }
        Ok(reply.space)
    }

    /// Those spaces with the devices and entrances that they hold (`spaces/get_related`).
    ///
    /// How many ids one call takes is not documented. A space that does not exist is left out, silently.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) without ids, since nobody has said what Seam would
    /// then answer; and whatever keeps the reply from being read.
    pub async fn get_related(
        &self,
        spaces: &[SpaceId],
        answer_by: Instant,
    ) -> Result<Related, Error> {
        if spaces.is_empty() {
            return Err(Error::invalid(GET_RELATED.name, "no space ids"));
        }
        let params =
            RelatedTo { space_ids: spaces, include: ["spaces", "devices", "acs_entrances"] };
        let (reply, _): (Batch, _) =
            self.0.read_within(GET_RELATED, &params, answer_by, LIST_BYTES).await?;
        Ok(reply.batch)
    }
}
