//! One client's connection: one exchange after another, and what goes wrong with each.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use elevate_transport::Method;
use tokio::{net::TcpStream, time::sleep};

use super::{
    peer::{Framing, Head, Peer, head_of},
    stand_in::received,
};
use crate::{Fault, FaultKind, Received, Reply};

/// Says what goes wrong with a request. It is asked once for each.
pub(super) type Strike = Arc<dyn Fn(&Received) -> Option<Fault> + Send + Sync>;

/// Serves a client until it closes or a fault ends the connection.
pub(super) async fn serve(client: TcpStream, server: SocketAddr, strike: Strike) {
    let Ok(client) = Peer::new(client) else { return };
    let mut connection = Connection { client, server: None, address: server, strike };
    loop {
        match connection.exchange().await {
            Ok(Then::Next) => {}
            Ok(Then::Reset) => return connection.client.reset(),
            Ok(Then::Close) => return,
            Err(error) => return connection.complain(&error).await,
        }
    }
}

/// What becomes of the connection after an exchange.
enum Then {
    Next,
    Close,
    Reset,
}

struct Connection {
    client: Peer,
    /// The connection to the vendor's server, once there is one.
    server: Option<Peer>,
    address: SocketAddr,
    strike: Strike,
}

/// A request as it came, and what has to be known of it.
struct Asked {
    raw: Vec<u8>,
    is_head: bool,
    keeps_alive: bool,
}

impl Connection {
    async fn exchange(&mut self) -> io::Result<Then> {
        let Some(head) = self.client.head().await? else { return Ok(Then::Close) };
        let (method, url) = head.request()?;
        let body = self.client.body(head.request_length()?).await?;

        let keeps_alive = head.keeps_alive();
        let asked = Asked {
            is_head: method == Method::HEAD,
            keeps_alive,
            raw: [head.raw.as_slice(), &body].concat(),
        };
        let fault = (self.strike)(&received(method, &url, head.headers, body.into()));

        let Some(Fault { kind, acted }) = fault else {
            let reply = self.ask_vendor(&asked).await?;
            return self.answer(&asked, &reply).await;
        };
        match kind {
            FaultKind::Refuse => return Ok(Then::Reset),
            FaultKind::SlowConnect(by) => sleep(by).await,
            _ => {}
        }
        let reply = if acted || matches!(kind, FaultKind::SlowConnect(_)) {
            self.ask_vendor(&asked).await?
        } else {
            Reply::empty(200)
        };
        match kind {
            FaultKind::Refuse | FaultKind::Reset => Ok(Then::Reset),
            FaultKind::SlowConnect(_) => self.answer(&asked, &reply).await,
            FaultKind::Stall => {
                self.client.outwait().await;
                Ok(Then::Close)
            }
            FaultKind::Trickle(gap) => self.trickle(&asked, &reply, gap).await,
            FaultKind::Cut => self.cut(&asked, &reply).await,
            FaultKind::Instead(instead) => self.answer(&asked, &instead).await,
        }
    }

    /// Passes the request on, byte for byte, and reads the whole answer.
    async fn ask_vendor(&mut self, asked: &Asked) -> io::Result<Reply> {
        let server = match self.server.take() {
            Some(server) => self.server.insert(server),
            None => self.server.insert(Peer::new(TcpStream::connect(self.address).await?)?),
        };
        server.write(&asked.raw).await?;
        // A request is never passed on twice: a server that closes here has perhaps acted on it.
        let head = server.head().await?.ok_or(io::ErrorKind::UnexpectedEof)?;
        let mut reply = Reply::empty(head.status()?);
        reply.headers = texts(&head);
        if !bodiless(asked, reply.status) {
            reply.body = server.body(head.body_length()?).await?.into();
        }
        Ok(reply)
    }

    async fn answer(&mut self, asked: &Asked, reply: &Reply) -> io::Result<Then> {
        let framing = framing(asked, reply);
        self.client.write(&head_of(reply, framing, asked.keeps_alive)).await?;
        if framing != Framing::Bodiless {
            self.client.write(&reply.body).await?;
        }
        Ok(if asked.keeps_alive { Then::Next } else { Then::Close })
    }

    async fn trickle(&mut self, asked: &Asked, reply: &Reply, gap: Duration) -> io::Result<Then> {
        match framing(asked, reply) {
            Framing::Bodiless => {
                sleep(gap).await;
                return self.answer(asked, reply).await;
            }
            // The head alone would be the whole answer: let the end of it be what is waited for.
            Framing::Length(0) => {
                self.client.write(&head_of(reply, Framing::UntilClosed, false)).await?;
                sleep(gap).await;
                return Ok(Then::Close);
            }
            framing => self.client.write(&head_of(reply, framing, asked.keeps_alive)).await?,
        }
        for byte in &reply.body {
            sleep(gap).await;
            self.client.write(&[*byte]).await?;
        }
        Ok(if asked.keeps_alive { Then::Next } else { Then::Close })
    }

    async fn cut(&mut self, asked: &Asked, reply: &Reply) -> io::Result<Then> {
        let (head, body) = match framing(asked, reply) {
            Framing::Length(length) => {
                // An empty body cannot break off, one of a byte that never comes can.
                let head = head_of(reply, Framing::Length(length.max(1)), asked.keeps_alive);
                (head, reply.body.slice(..length / 2))
            }
            framing => {
                let mut head = head_of(reply, framing, asked.keeps_alive);
                head.truncate(head.len() / 2);
                (head, reply.body.slice(..0))
            }
        };
        self.client.write(&head).await?;
        self.client.write(&body).await?;
        Ok(Then::Close)
    }

    /// Tells a client whose request is unfit what is wrong with it; of anything else it is not told.
    async fn complain(&mut self, error: &io::Error) {
        if error.kind() == io::ErrorKind::InvalidData {
            let asked = Asked { raw: Vec::new(), is_head: false, keeps_alive: false };
            let mut reply = Reply::empty(400).header("content-type", "text/plain");
            reply.body = error.to_string().into();
            // The client may be gone.
            let _ = self.answer(&asked, &reply).await;
        }
    }
}

fn framing(asked: &Asked, reply: &Reply) -> Framing {
    if bodiless(asked, reply.status) {
        Framing::Bodiless
    } else {
        Framing::Length(reply.body.len())
    }
}

/// Whether HTTP knows no body in that answer.
fn bodiless(asked: &Asked, status: u16) -> bool {
    asked.is_head || matches!(status, 100..200 | 204 | 304)
}

fn texts(head: &Head) -> Vec<(String, String)> {
    let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
    let headers = head.headers.iter();
    headers.map(|(name, value)| (name.as_str().to_owned(), text(value.as_bytes()))).collect()
}
