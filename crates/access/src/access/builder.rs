//! Building the front door.

use std::{fmt, sync::Arc, time::Duration};

use tokio::sync::mpsc;

use super::{Access, Core, ask::Pace, crowd::Crowd, flight::Flights, hub::Hub};
use crate::{
    Cause, Clock, Connections, Directory, Error, Reason, Store, SystemClock, TapEnd, TicketKeys,
    tap::Limits,
};

/// Builds an [`Access`]; see [`Access::builder`].
#[derive(Default)]
pub struct AccessBuilder {
    directory: Option<Arc<dyn Directory>>,
    connections: Option<Arc<dyn Connections>>,
    store: Option<Arc<dyn Store>>,
    clock: Option<Arc<dyn Clock>>,
    tickets: Option<TicketKeys>,
    tap_log: Option<mpsc::Sender<TapEnd>>,
    limits: Limits,
}

impl AccessBuilder {
    /// The host's residents and units. Required.
    pub fn directory(mut self, directory: impl Directory) -> Self {
        self.directory = Some(Arc::new(directory));
        self
    }

    /// The host's vendor connections. Required.
    pub fn connections(mut self, connections: impl Connections) -> Self {
        self.connections = Some(Arc::new(connections));
        self
    }

    /// Where favourites, tap claims, links and leases are kept. Required.
    pub fn store(mut self, store: impl Store) -> Self {
        self.store = Some(Arc::new(store));
        self
    }

    /// The wall clock; the machine's own if not set.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Some(Arc::new(clock));
        self
    }

    /// The keys with which [`Access::ticket`] signs. Without them there are no tickets.
    pub fn tickets(mut self, keys: TicketKeys) -> Self {
        self.tickets = Some(keys);
        self
    }

    /// Where the end of every tap is told, also of one that was refused: for the host's own log of who went where.
    ///
    /// Whoever reads the other end of the channel does so in its own time: a tap never waits for it, and no panic or
    /// delay there is felt here. So what comes while the channel is full, or after its receiver was dropped, is
    /// missing from it, and a `tracing` error says so; give it room for what may come while your database is down.
    /// Ends come in the order in which taps ended, each once, after its outcome was settled in the store.
    /// [`TapEnd`] says which calls have one.
    ///
    /// The receiver gets `None` once all clones of this `Access` are dropped and the last order has ended, so that
    /// a service that shuts down can read to the end.
    ///
    /// ```
    /// # async fn example(
    /// #     builder: elevate_access::AccessBuilder,
    /// # ) -> Result<elevate_access::Access, elevate_access::Error> {
    /// let (log, mut ends) = tokio::sync::mpsc::channel(10_000);
    /// let access = builder.tap_log(log).build()?;
    /// tokio::spawn(async move {
    ///     while let Some(end) = ends.recv().await {
    ///         let (who, door) = (&end.tapped.resident, &end.tapped.door);
    ///         match &end.result {
    ///             Ok(outcome) => println!("{who} at {door}: {}", outcome.code()),
    ///             Err(error) => println!("{who} at {door}: refused, {}", error.code()),
    ///         }
    ///     }
    /// });
    /// # Ok(access)
    /// # }
    /// ```
    pub fn tap_log(mut self, log: mpsc::Sender<TapEnd>) -> Self {
        self.tap_log = Some(log);
        self
    }

    /// How old a tap may be when its order starts: 5 s, which may only be lowered. A ticket of another node loses a
    /// second of it ([`Tap::ticket`](crate::Tap::ticket)).
    pub fn send_within(mut self, most: Duration) -> Self {
        self.limits.send = most;
        self
    }

    /// How old a tap may be while its answer is awaited: 12 s, which may only be lowered.
    pub fn answer_within(mut self, most: Duration) -> Self {
        self.limits.answer = most;
        self
    }

    /// How long a list, a diagnosis or a check may take: 10 s, which may only be lowered.
    pub fn list_within(mut self, most: Duration) -> Self {
        self.limits.list = most;
        self
    }

    /// The front door.
    ///
    /// # Errors
    /// [`Cause::InvalidInput`], naming what is missing or out of range.
    pub fn build(self) -> Result<Access, Error> {
        let missing = |what: &str| {
            let detail = format!("{what} is not set");
            Error::from(Reason::new(Cause::InvalidInput).with_detail(&detail))
                .in_call("Access::build")
        };
        for (name, value, most) in [
            ("send_within", self.limits.send, Limits::MOST.send),
            ("answer_within", self.limits.answer, Limits::MOST.answer),
            ("list_within", self.limits.list, Limits::MOST.list),
        ] {
            if value.is_zero() || value > most {
                let detail =
                    format!("{name} has to be above zero and at most {} s", most.as_secs());
                let reason = Reason::new(Cause::InvalidInput).with_detail(&detail);
                return Err(Error::from(reason).in_call("Access::build"));
            }
        }
        if self.limits.send > self.limits.answer {
            let reason = Reason::new(Cause::InvalidInput)
                .with_detail("send_within has to be at most answer_within");
            return Err(Error::from(reason).in_call("Access::build"));
        }
        let connections = self.connections.ok_or_else(|| missing("connections"))?;
        Ok(Access(Arc::new(Core {
            directory: self.directory.ok_or_else(|| missing("directory"))?,
            store: self.store.ok_or_else(|| missing("store"))?,
            clock: self.clock.unwrap_or_else(|| Arc::new(SystemClock)),
            tickets: self.tickets,
            tap_log: self.tap_log,
            limits: self.limits,
            hub: Hub::new(connections),
            flights: Flights::default(),
            crowd: Crowd::default(),
            looks: Pace::of_looks(),
            refreshes: Pace::of_refreshes(),
        })))
    }
}

impl fmt::Debug for AccessBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessBuilder").field("limits", &self.limits).finish_non_exhaustive()
    }
}
