//! HTTP/1.1 messages on a socket, as far as the proxy has to understand them.

use std::io;

use elevate_transport::{HeaderMap, HeaderName, HeaderValue, Method, Url, header};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::Reply;

/// The most bytes that a head may have.
const LONGEST_HEAD: usize = 64 * 1024;
/// The most bytes that a request's body may have.
const LONGEST_BODY: usize = 16 * 1024 * 1024;

/// The other end of a connection: its socket, and what was read from it beyond the last message.
pub(super) struct Peer {
    stream: TcpStream,
    unused: Vec<u8>,
}

impl Peer {
    pub(super) fn new(stream: TcpStream) -> io::Result<Self> {
        // A byte that trickles must leave at once.
        stream.set_nodelay(true)?;
        Ok(Self { stream, unused: Vec::new() })
    }

    /// The next message's head; `None` once the peer has closed between two messages.
    pub(super) async fn head(&mut self) -> io::Result<Option<Head>> {
        let blank_line = loop {
            let place = self.unused.windows(4).position(|four| four == b"\r\n\r\n");
            if place.unwrap_or(self.unused.len()) > LONGEST_HEAD {
                return Err(unfit("the head is too long"));
            }
            if let Some(place) = place {
                break place + 4;
            }
            if self.stream.read_buf(&mut self.unused).await? == 0 {
                let closed = self.unused.is_empty();
                return if closed { Ok(None) } else { Err(io::ErrorKind::UnexpectedEof.into()) };
            }
        };
        Head::parse(self.take(blank_line)).map(Some)
    }

    /// The next so many bytes.
    pub(super) async fn body(&mut self, length: usize) -> io::Result<Vec<u8>> {
        while self.unused.len() < length {
            if self.stream.read_buf(&mut self.unused).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        Ok(self.take(length))
    }

    fn take(&mut self, length: usize) -> Vec<u8> {
        let rest = self.unused.split_off(length);
        std::mem::replace(&mut self.unused, rest)
    }

    pub(super) async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes).await
    }

    /// Says nothing until the peer closes.
    pub(super) async fn outwait(&mut self) {
        let mut ignored = [0; 1024];
        while self.stream.read(&mut ignored).await.is_ok_and(|read| read > 0) {}
    }

    /// Closes the connection by a reset.
    pub(super) fn reset(self) {
        // Where that cannot be set, the connection closes like any other.
        let _ = self.stream.set_zero_linger();
    }
}

/// What stands before a message's body.
pub(super) struct Head {
    /// All of it, as it came, with the blank line.
    pub(super) raw: Vec<u8>,
    first: String,
    pub(super) headers: HeaderMap,
}

impl Head {
    fn parse(raw: Vec<u8>) -> io::Result<Self> {
        let lines = raw.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii_end);
        let mut lines = lines.filter(|line| !line.is_empty());
        let first = String::from_utf8_lossy(lines.next().unwrap_or_default()).into_owned();
        let mut headers = HeaderMap::new();
        for line in lines {
            let (name, value) = header(line).ok_or_else(|| unfit("a header cannot be read"))?;
            headers.append(name, value);
        }
        Ok(Self { raw, first, headers })
    }

    /// The method and the URL of a request.
    pub(super) fn request(&self) -> io::Result<(Method, Url)> {
        let mut words = self.first.split(' ');
        let request = match [words.next(), words.next(), words.next(), words.next()] {
            [Some(method), Some(path), Some("HTTP/1.1"), None] if path.starts_with('/') => {
                let method = Method::from_bytes(method.as_bytes()).ok();
                method.zip(Url::parse(&format!("http://localhost{path}")).ok())
            }
            _ => None,
        };
        request.ok_or_else(|| unfit("that is no request of HTTP/1.1"))
    }

    /// The status of an answer.
    pub(super) fn status(&self) -> io::Result<u16> {
        let status = self.first.split(' ').nth(1).and_then(|status| status.parse().ok());
        status.ok_or_else(|| unfit("that is no answer"))
    }

    /// How many bytes follow.
    pub(super) fn body_length(&self) -> io::Result<usize> {
        if [header::TRANSFER_ENCODING, header::EXPECT].iter().any(|h| self.headers.contains_key(h))
        {
            return Err(unfit("bodies come whole, with a content-length"));
        }
        let Some(length) = self.headers.get(header::CONTENT_LENGTH) else { return Ok(0) };
        let length = length.to_str().ok().and_then(|length| length.parse().ok());
        length.ok_or_else(|| unfit("the content-length is no number"))
    }

    /// How many bytes of a request's body follow.
    pub(super) fn request_length(&self) -> io::Result<usize> {
        let length = self.body_length()?;
        if length > LONGEST_BODY { Err(unfit("the body is too long")) } else { Ok(length) }
    }

    /// Whether the connection is to be used again.
    pub(super) fn keeps_alive(&self) -> bool {
        let wish = self.headers.get(header::CONNECTION);
        wish.is_none_or(|wish| !wish.as_bytes().eq_ignore_ascii_case(b"close"))
    }
}

fn header(line: &[u8]) -> Option<(HeaderName, HeaderValue)> {
    let colon = line.iter().position(|byte| *byte == b':')?;
    let (name, value) = line.split_at(colon);
    let value = value.get(1..)?.trim_ascii();
    Some((HeaderName::from_bytes(name).ok()?, HeaderValue::from_bytes(value).ok()?))
}

/// How an answer's head tells where its body ends.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Framing {
    /// There is no body.
    Bodiless,
    /// The body has so many bytes.
    Length(usize),
    /// The body ends when the connection closes.
    UntilClosed,
}

/// The head of an answer, with its blank line.
pub(super) fn head_of(reply: &Reply, framing: Framing, keeps_alive: bool) -> Vec<u8> {
    let framing_is_ours = [header::CONTENT_LENGTH, header::TRANSFER_ENCODING, header::CONNECTION];
    let mut head = format!("HTTP/1.1 {} \r\n", reply.status).into_bytes();
    let mut put = |name: &str, value: &[u8]| {
        head.extend_from_slice(&[name.as_bytes(), b": ", value, b"\r\n"].concat());
    };
    for (name, value) in &reply.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value))
            && !framing_is_ours.contains(&name)
        {
            put(name.as_str(), value.as_bytes());
        }
    }
    if let Framing::Length(length) = framing {
        put("content-length", length.to_string().as_bytes());
    }
    if !keeps_alive || framing == Framing::UntilClosed {
        put("connection", b"close");
    }
    head.extend_from_slice(b"\r\n");
    head
}

fn unfit(why: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}
