use elevate_transport::{Instant, Operation};

use super::{
    Client,
    call::{Nothing, reply},
};
use crate::{Error, Workspace};

const GET: Operation = Operation::new("seam.workspaces.get", "/workspaces/get");

reply!(OneWorkspace { workspace: Workspace });

impl Client {
    /// The workspace that the key rules (`workspaces/get`): the cheapest way to see whether the key works.
    ///
    /// # Errors
    /// [`Unauthorized`](crate::ErrorKind::Unauthorized) if it does not, and whatever else keeps the reply
    /// from being read.
    pub async fn get_workspace(&self, answer_by: Instant) -> Result<Workspace, Error> {
        let reply: OneWorkspace = self.0.read(GET, &Nothing {}, answer_by).await?;
        Ok(reply.workspace)
    }
}
