use elevate_transport::{Instant, Operation};
use serde::Serialize;

use super::{
    Client,
    call::{Done, Nothing, reply},
    pages::{Item, List, page},
    rows::Rows,
};
use crate::{Error, EventType, NewWebhook, Webhook, WebhookId, webhook::fault_of};

const LIST: Operation = Operation::new("seam.webhooks.list", "/webhooks/list");
const GET: Operation = Operation::new("seam.webhooks.get", "/webhooks/get");
const CREATE: Operation = Operation::new("seam.webhooks.create", "/webhooks/create");
const UPDATE: Operation = Operation::new("seam.webhooks.update", "/webhooks/update");
const DELETE: Operation = Operation::new("seam.webhooks.delete", "/webhooks/delete");

#[derive(Serialize)]
struct ById<'a> {
    webhook_id: &'a WebhookId,
}

#[derive(Serialize)]
struct Update<'a> {
    webhook_id: &'a WebhookId,
    event_types: &'a [EventType],
}

page!(WebhookPage { webhooks: Webhook });

reply!(OneWebhook { webhook: Webhook });

impl Item for Webhook {
    fn parts(&self) -> usize {
        self.event_types.len()
    }
}

impl Client {
    /// The workspace's webhooks (`webhooks/list`), which is a list without pages.
    pub fn webhooks(&self) -> Rows<Webhook> {
        Rows::of::<WebhookPage>(List::new(&self.0, LIST, &Nothing {}, None))
    }

    /// One webhook (`webhooks/get`).
    ///
    /// # Errors
    /// [`NotFound`](crate::ErrorKind::NotFound) if there is none by that id, and whatever else keeps it from
    /// being read.
    pub async fn get_webhook(&self, id: &WebhookId, answer_by: Instant) -> Result<Webhook, Error> {
        let reply: OneWebhook = self.0.read(GET, &ById { webhook_id: id }, answer_by).await?;
        if reply.webhook.webhook_id != *id {
            return Err(Error::beside_the_point(GET, "it is about another webhook"));
        }
        Ok(reply.webhook)
    }

    /// Makes a webhook (`webhooks/create`). Keep its [secret](Webhook::secret): its deliveries are signed with
    /// it.
    ///
    /// Sent once, and never repeated: a second one would deliver each event twice.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if the URL is neither `https` nor on loopback, or no
    /// event types are named; and whatever keeps the request from being sent or its answer from being read.
    /// [`delivery`](Error::delivery) tells whether it may have been made all the same: look for it in
    /// [`webhooks`](Self::webhooks) before making another.
    pub async fn create_webhook(
        &self,
        new: &NewWebhook,
        answer_by: Instant,
    ) -> Result<Webhook, Error> {
        if let Some(fault) = new.fault() {
            return Err(Error::invalid(CREATE.name, &fault));
        }
        let reply: OneWebhook = self.0.write(CREATE, new, answer_by).await?;
        Ok(reply.webhook)
    }

    /// Changes which events go to that webhook (`webhooks/update`), which is all that can be changed.
    ///
    /// Sent once, and never repeated.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) without event types; and whatever keeps the request
    /// from being sent or its answer from being read. [`delivery`](Error::delivery) tells whether it may have
    /// been changed all the same.
    pub async fn update_webhook(
        &self,
        id: &WebhookId,
        event_types: &[EventType],
        answer_by: Instant,
    ) -> Result<(), Error> {
        if let Some(fault) = fault_of(event_types) {
            return Err(Error::invalid(UPDATE.name, fault));
        }
        let params = Update { webhook_id: id, event_types };
        let Done { .. } = self.0.write(UPDATE, &params, answer_by).await?;
        Ok(())
    }

    /// Deletes that webhook and no other (`webhooks/delete`).
    ///
    /// Sent once, and never repeated.
    ///
    /// # Errors
    /// [`NotFound`](crate::ErrorKind::NotFound) if there is none by that id; and whatever keeps the request
    /// from being sent or its answer from being read. [`delivery`](Error::delivery) tells whether it may be
    /// gone all the same.
    pub async fn delete_webhook(&self, id: &WebhookId, answer_by: Instant) -> Result<(), Error> {
        let Done { .. } = self.0.write(DELETE, &ById { webhook_id: id }, answer_by).await?;
        Ok(())
    }
}
