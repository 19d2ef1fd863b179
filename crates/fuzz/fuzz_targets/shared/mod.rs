//! What the targets share: a script of a vendor's replies out of any bytes, and what may never be seen.
#![allow(dead_code, reason = "each target uses some of it")]

use std::{
    fmt::{Debug, Display},
    future::Future,
    sync::Mutex,
};

use elevate_access::async_trait;
use elevate_transport::{
    Answer, Bytes, Delivery, HeaderMap, HeaderName, HeaderValue, Request, StatusCode, Wire,
    WireError, WireErrorKind,
};

/// What the vendors may echo, and nobody may see. A byte 1 to 4 in the input stands for one.
pub const SECRETS: [&str; 4] = [PASSWORD, API_KEY, TOKEN, EMAIL];
pub const PASSWORD: &str = "canary horse battery";
pub const API_KEY: &str = "seam_canary0123456789abcdef";
pub const TOKEN: &str = "canary-token-0123456789abcdef0123456789abcdef";
pub const EMAIL: &str = "jane.canary@example.com";

const STATUSES: [u16; 20] = [
    200, 201, 202, 204, 206, 301, 302, 307, 400, 401, 403, 404, 408, 409, 422, 429, 500, 502, 503,
    504,
];

/// One reply of the vendor.
#[derive(Clone, Debug)]
pub struct Scripted {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
}

/// Replies, parted by the byte 255: each a byte for the status (`a` is 200), one for the headers (`a` is JSON's), and
/// the body.
pub fn script(data: &[u8]) -> Vec<Scripted> {
    data.split(|byte| *byte == 255).take(6).map(reply).collect()
}

fn reply(data: &[u8]) -> Scripted {
    let (status, rest) = data.split_first().unwrap_or((&b'a', &[]));
    let (flags, body) = rest.split_first().unwrap_or((&b'a', &[]));
    let flags = flags.wrapping_sub(b'a');
    let kind = if flags & 1 == 0 { "application/json" } else { "text/html" };
    let mut headers = vec![("content-type", kind.to_owned())];
    if flags & 2 != 0 {
        let wish = &body[..body.len().min(12)];
        headers.push(("retry-after", String::from_utf8_lossy(wish).into_owned()));
    }
    if flags & 4 != 0 {
        headers.push(("seam-request-id", API_KEY.to_owned()));
        headers.push(("x-request-id", TOKEN.to_owned()));
    }
    if flags & 8 != 0 {
        headers.push(("content-encoding", "gzip".to_owned()));
    }
    if flags & 16 != 0 {
        headers.push(("location", format!("https://elsewhere.invalid/?{PASSWORD}")));
    }
    let status = STATUSES[usize::from(status.wrapping_sub(b'a')) % STATUSES.len()];
    let mut told = Vec::new();
    for byte in body {
        match byte {
            1..=4 => told.extend_from_slice(SECRETS[usize::from(*byte) - 1].as_bytes()),
            _ => told.push(*byte),
        }
    }
    Scripted { status, headers, body: told }
}

impl Scripted {
    fn answer(&self) -> Answer {
        let named = |(name, value): &(&'static str, String)| {
            let value = HeaderValue::from_bytes(value.as_bytes()).ok()?;
            Some((HeaderName::from_static(name), value))
        };
        Answer {
            status: StatusCode::from_u16(self.status).expect("a status of the list"),
            headers: self.headers.iter().filter_map(named).collect::<HeaderMap>(),
            body: Bytes::from(self.body.clone()),
        }
    }
}

/// A vendor that says what the script says, a reply for each request, and then nothing more. Calls whose path ends as
/// `first` are answered with that instead.
pub struct ScriptedWire {
    first: Option<(&'static str, Vec<u8>)>,
    replies: Mutex<std::vec::IntoIter<Scripted>>,
}

impl ScriptedWire {
    pub fn new(first: Option<(&'static str, Vec<u8>)>, replies: Vec<Scripted>) -> Self {
        Self { first, replies: Mutex::new(replies.into_iter()) }
    }
}

impl Debug for ScriptedWire {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ScriptedWire").finish_non_exhaustive()
    }
}

#[async_trait]
impl Wire for ScriptedWire {
    async fn send(&self, request: Request) -> Result<Answer, WireError> {
        names_no_secret(request.url.as_str());
        let path = request.url.path();
        if let Some((end, body)) = &self.first
            && path.ends_with(end)
        {
            let headers = vec![("content-type", "application/json".to_owned())];
            return Ok(Scripted { status: 200, headers, body: body.clone() }.answer());
        }
        if let Some(gate) = request.gate
            && !gate.await
        {
            return Err(WireError::new(WireErrorKind::GateShut, Delivery::NeverSent));
        }
        let next = self.replies.lock().expect("nobody panics in it").next();
        let broken = || WireError::new(WireErrorKind::Broken, Delivery::MaybeSent);
        let answer = next.ok_or_else(broken)?.answer();
        if answer.body.len() > request.max_answer_bytes {
            let large = WireError::new(WireErrorKind::TooLarge, Delivery::Answered);
            return Err(large.with_status(answer.status));
        }
        Ok(answer)
    }
}

/// Runs it in simulated time.
pub fn in_paused_time<T>(work: impl Future<Output = T>) -> T {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_time().start_paused(true).build();
    runtime.expect("a runtime without I/O").block_on(work)
}

/// What a person or a log sees: one line of bounded length, which names no secret and steers nothing.
pub fn is_fit_to_be_shown(shown: &impl Display) {
    let shown = shown.to_string();
    assert!(shown.len() <= 4096, "{} bytes", shown.len());
    assert!(!shown.contains(is_steering) && !shown.contains('\n'), "{shown:?}");
    names_no_secret(&shown);
}

/// Neither token nor e-mail, which are known by their looks.
pub fn names_no_secret(shown: &str) {
    names_not(TOKEN, shown);
    names_not(EMAIL, shown);
}

/// Not that secret, in whatever case: a client knows its own.
pub fn names_not(secret: &str, shown: &str) {
    assert!(!shown.to_lowercase().contains(&secret.to_lowercase()), "{shown:?}");
}

pub fn is_steering(c: char) -> bool {
    (c.is_control() && c != '\n')
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// What was read, or why not: the error is fit to be shown, and names its call.
pub fn told<T: Debug, E: Display + Debug>(
    result: Result<T, E>,
    operation: impl Fn(&E) -> &'static str,
) -> String {
    match result {
        Ok(read) => {
            let shown = format!("{read:?}");
            assert!(shown.len() < 1 << 20, "{} bytes", shown.len());
            shown
        }
        Err(error) => {
            is_fit_to_be_shown(&error);
            names_no_secret(&format!("{error:?}"));
            assert!(!operation(&error).is_empty(), "an error without its call: {error}");
            error.to_string()
        }
    }
}
