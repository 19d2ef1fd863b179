//! What can go wrong between a client and a vendor.

use std::{fmt, time::Duration};

use crate::{Received, Reply};

/// One thing that goes wrong with one exchange.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What goes wrong.
    pub kind: FaultKind,
    /// Whether the vendor read and acted on the request all the same.
    pub acted: bool,
}

/// What goes wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FaultKind {
    /// No connection: refused.
    Refuse,
    /// The connection comes up only after that long; then all is well.
    SlowConnect(Duration),
    /// The connection is reset: before the request is read, or, acted on, after.
    Reset,
    /// Nothing more is ever said.
    Stall,
    /// The answer comes a byte at a time, with that gap.
    Trickle(Duration),
    /// The answer breaks off in the middle of its body.
    Cut,
    /// Another answer in the place of the vendor's.
    Instead(Reply),
}

impl Fault {
    /// A fault before the vendor saw anything of the request.
    pub fn before(kind: FaultKind) -> Self {
        Self { kind, acted: false }
    }

    /// A fault after the vendor read the request and acted on it.
    pub fn after(kind: FaultKind) -> Self {
        Self { kind, acted: true }
    }
}

impl FaultKind {
    /// The vendor's answer is text that is no JSON.
    pub fn invalid_json() -> Self {
        Self::Instead(Reply::json(200, r#"{"data": [{"id": 1, "#))
    }

    /// A proxy's page, with status 200.
    pub fn html_200() -> Self {
        Self::Instead(Reply {
            status: 200,
            headers: vec![("content-type".into(), "text/html; charset=utf-8".into())],
            body: "<!doctype html><title>Sign in</title><p>Welcome back".into(),
        })
    }

    /// A body of that many bytes.
    pub fn oversized(bytes: usize) -> Self {
        Self::Instead(Reply::json(200, vec![b' '; bytes]))
    }

    /// A small body that claims to be gzip and would unpack to a large one (64 KiB of it, here to 64 MiB).
    pub fn compressed_bomb() -> Self {
        Self::Instead(
            Reply::json(200, crate::bomb::gzip_of_zeros(64)).header("content-encoding", "gzip"),
        )
    }

    /// JSON that nests that deep.
    pub fn deep_json(depth: usize) -> Self {
        let mut body = String::with_capacity(depth * 2 + 16);
        body.push_str(r#"{"data":"#);
        body.extend(std::iter::repeat_n('[', depth));
        body.extend(std::iter::repeat_n(']', depth));
        body.push('}');
        Self::Instead(Reply::json(200, body))
    }

    /// A redirect of that status to that place.
    pub fn redirect(status: u16, location: &str) -> Self {
        Self::Instead(Reply::empty(status).header("location", location))
    }

    /// That status with that body of JSON text.
    pub fn status(status: u16, body: &str) -> Self {
        Self::Instead(Reply::json(status, body.to_owned()))
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            FaultKind::Refuse => f.write_str("refused")?,
            FaultKind::SlowConnect(by) => write!(f, "connect after {by:?}")?,
            FaultKind::Reset => f.write_str("reset")?,
            FaultKind::Stall => f.write_str("stall")?,
            FaultKind::Trickle(_) => f.write_str("trickle")?,
            FaultKind::Cut => f.write_str("cut")?,
            FaultKind::Instead(reply) => write!(f, "answer {}", reply.status)?,
        }
        f.write_str(if self.acted { ", acted on" } else { "" })
    }
}

/// Chooses the exchanges that a [`Faults`] rule strikes.
type Matcher = Box<dyn FnMut(&Received) -> bool + Send>;

struct Rule {
    strikes: Matcher,
    skip: u32,
    times: u32,
    fault: Fault,
    struck: bool,
}

/// Which exchanges go wrong, and how: rules in order, the first that strikes wins.
#[derive(Default)]
pub struct Faults(Vec<Rule>);

impl Faults {
    /// The next exchange goes wrong.
    pub fn next(&mut self, fault: Fault) {
        self.rule(|_| true, 0, 1, fault);
    }

    /// Every exchange goes wrong until [`clear`](Self::clear).
    pub fn always(&mut self, fault: Fault) {
        self.rule(|_| true, 0, u32::MAX, fault);
    }

    /// The next exchange whose path ends so goes wrong.
    pub fn next_on(&mut self, path_end: &str, fault: Fault) {
        self.on(path_end, 0, 1, fault);
    }

    /// Of the exchanges whose path ends so, `skip` are spared and the following `times` go wrong.
    pub fn on(&mut self, path_end: &str, skip: u32, times: u32, fault: Fault) {
        let path_end = path_end.to_owned();
        self.rule(move |r| r.path.ends_with(&path_end), skip, times, fault);
    }

    /// Of the exchanges that `strikes` chooses, `skip` are spared and the following `times` go wrong.
    pub fn rule(
        &mut self,
        strikes: impl FnMut(&Received) -> bool + Send + 'static,
        skip: u32,
        times: u32,
        fault: Fault,
    ) {
        self.0.push(Rule { strikes: Box::new(strikes), skip, times, fault, struck: false });
    }

    /// All is well again.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// How many arranged faults have not struck: a test whose fault met nothing proves nothing. One that
    /// strikes without end counts as one until it strikes; what was cleared does not count.
    pub fn unused(&self) -> usize {
        let left = |rule: &Rule| match rule.times {
            u32::MAX => usize::from(!rule.struck),
            times => usize::try_from(times).unwrap_or(usize::MAX),
        };
        self.0.iter().map(left).fold(0, usize::saturating_add)
    }

    /// What goes wrong with this exchange.
    pub(crate) fn strike(&mut self, request: &Received) -> Option<Fault> {
        for rule in &mut self.0 {
            if rule.times == 0 || !(rule.strikes)(request) {
                continue;
            }
            if rule.skip > 0 {
                rule.skip -= 1;
                continue;
            }
            rule.struck = true;
            if rule.times != u32::MAX {
                rule.times -= 1;
            }
            return Some(rule.fault.clone());
        }
        None
    }
}

impl fmt::Debug for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Faults").field("rules", &self.0.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use elevate_transport::{Bytes, HeaderMap, Method};

    use super::*;

    fn asked(path: &str) -> Received {
        Received {
            method: Method::POST,
            path: path.to_owned(),
            query: Vec::new(),
            headers: HeaderMap::new(),
            body: Bytes::new(),
        }
    }

    #[test]
    fn a_fault_that_met_nothing_is_counted() {
        let mut faults = Faults::default();
        assert_eq!(faults.unused(), 0);
        faults.on("/open", 1, 2, Fault::before(FaultKind::Reset));
        faults.always(Fault::before(FaultKind::status(503, "")));
        assert_eq!(faults.unused(), 3);
        // The first is spared by the one, and so meets the other.
        for (path, unused) in [("/open", 2), ("/list", 2), ("/open", 1), ("/open", 0)] {
            assert!(faults.strike(&asked(path)).is_some(), "{path}");
            assert_eq!(faults.unused(), unused, "{path}");
        }
        faults.next(Fault::after(FaultKind::Cut));
        assert_eq!(faults.unused(), 1);
        faults.clear();
        assert_eq!(faults.unused(), 0);
    }
}
