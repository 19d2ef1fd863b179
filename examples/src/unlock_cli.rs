//! What `openpath_unlock`, `two_n_unlock` and `connect_two_n` share: programs against a real service.
//!
//! [`openpath`] and [`two_n`] open one door, once. Each says what a run is set up with; from there on it is one
//! way: the doors are listed, one is chosen, what would be sent is shown and confirmed, and the front door is
//! asked once. [`connect`] connects a building.

pub mod connect;
pub mod openpath;
mod order;
pub mod two_n;

use std::{
    fmt,
    io::{self, BufRead, IsTerminal as _, Write},
    process::ExitCode,
    sync::Arc,
};

use elevate_transport::{HttpWire, Wire, WireError};

/// What both programs say below their options.
const EXIT_CODES: &str = "\
Exit codes:
  0  the door opened, or the order was accepted (a list: there are doors)
  1  the door did not open, or no order was sent (a list: there are no doors, or it failed)
  2  the program was called in a way that it cannot use; nothing was sent
  3  an order was sent, and what became of it is not known: look at the door";

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Opened, or accepted; or the list was shown.
    Well,
    /// Not opened, or no order was sent.
    NotOpened,
    /// Called in a way that cannot be used; nothing was sent.
    Usage,
    /// Sent, and what became of it is not known.
    Unknown,
}

impl Ended {
    /// The exit code.
    pub fn code(self) -> u8 {
        match self {
            Self::Well => 0,
            Self::NotOpened => 1,
            Self::Usage => 2,
            Self::Unknown => 3,
        }
    }
}

/// Reads an environment variable: a secret, which no argument may carry.
pub type Environment<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Where a run shows things, and whom it asks.
pub struct Terminal<'a> {
    /// Lists and good outcomes.
    pub out: &'a mut dyn Write,
    /// Questions and everything else.
    pub err: &'a mut dyn Write,
    /// The person who answers questions, if there is one.
    pub answers: Option<&'a mut dyn BufRead>,
}

impl Terminal<'_> {
    /// Says what is wrong with the call.
    fn usage(&mut self, fault: &dyn fmt::Display) -> Ended {
        let _ = writeln!(self.err, "error: {fault}\n\nFor more information, try '--help'.");
        Ended::Usage
    }

    /// Says why nothing at all was sent.
    fn nothing(&mut self, why: &dyn fmt::Display) -> Ended {
        self.not_opened(&format_args!("Nothing was sent. {why}"))
    }

    /// Says what kept the doors from being listed or opened.
    fn not_opened(&mut self, why: &dyn fmt::Display) -> Ended {
        let _ = writeln!(self.err, "{why}");
        Ended::NotOpened
    }

    /// Whether the person at the terminal says yes. Any other answer is a no, and so is none.
    fn confirms(&mut self, question: &str) -> io::Result<bool> {
        let Some(answers) = &mut self.answers else { return Ok(false) };
        write!(self.err, "{question} [y/N] ")?;
        self.err.flush()?;
        let mut answer = String::new();
        answers.read_line(&mut answer)?;
        Ok(["y", "yes"].contains(&answer.trim().to_ascii_lowercase().as_str()))
    }
}

impl fmt::Debug for Terminal<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let asks = self.answers.is_some();
        f.debug_struct("Terminal").field("asks", &asks).finish_non_exhaustive()
    }
}

/// Runs that in this process: with its streams and its environment. Only a terminal is asked.
pub async fn in_this_process(
    run: impl AsyncFnOnce(Environment<'_>, &mut Terminal<'_>) -> Ended,
) -> ExitCode {
    let environment = |name: &str| std::env::var(name).ok();
    let mut stdin = io::stdin().is_terminal().then(|| io::stdin().lock());
    let mut terminal = Terminal {
        out: &mut io::stdout(),
        err: &mut io::stderr(),
        answers: stdin.as_mut().map(|stdin| stdin as &mut dyn BufRead),
    };
    run(&environment, &mut terminal).await.code().into()
}

/// The secret of that name, or what to say if it is not there.
fn secret(environment: Environment<'_>, name: &str) -> Result<String, String> {
    secret_if_set(environment, name)?
        .ok_or_else(|| format!("the environment variable {name} is not set; it holds a secret"))
}

/// The secret of that name, if there is one. One that is empty was meant to be something.
fn secret_if_set(environment: Environment<'_>, name: &str) -> Result<Option<String>, String> {
    match environment(name) {
        Some(text) if text.is_empty() => Err(format!("the environment variable {name} is empty")),
        found => Ok(found),
    }
}

/// What an argument was read as, or what to say of it: with the argument's name, without its text.
fn argument<T>(name: &str, read: Result<T, impl fmt::Display>) -> Result<T, String> {
    read.map_err(|fault| format!("{name}: {fault}"))
}

/// What carries the requests. Plain http, which the clients take for loopback only, needs no certificates.
fn wire(base_url: &str) -> Result<Arc<dyn Wire>, WireError> {
    let is_plain = base_url.get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case("http:"));
    let builder = HttpWire::builder();
    let builder = if is_plain { builder.only_root_certificates([]) } else { builder };
    Ok(Arc::new(builder.build()?))
}
