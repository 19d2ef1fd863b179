//! The service as a program: settings from the environment, and a shutdown that loses no outcome.
//!
//! | variable | holds |
//! | --- | --- |
//! | `LISTEN` | where to listen, `127.0.0.1:8080` unless set |
//! | `TABLES` | the file with the service's own tables, `service.db` unless set |
//! | `STAFF_LISTEN` | where staff's routes and `/metrics` are, `127.0.0.1:8081` unless set: not to be reached from outside |
//! | `STORE` | favourites, links and taps: a file, `access.db` unless set, or a PostgreSQL's URL, which nodes share |
//! | `TICKET_SECRET` | what signs tickets: 32 characters or more, the same on all nodes |
//! | `GRACE_SECONDS` | how long after the signal to end what is under way may take, 15 unless set |
//! | `SECRET_…` | the secrets that the table of connections names |

use std::{env, path::PathBuf, sync::Arc, time::Duration};

use elevate_access::SystemClock;
use elevate_example_service::{Failure, http, staff, start, tables::Tables, upkeep};
use elevate_transport::HttpWire;
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
    sync::watch,
    time::sleep,
};

#[tokio::main]
async fn main() -> Result<(), Failure> {
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    let setting = |name, default: &str| env::var(name).unwrap_or_else(|_| default.to_owned());
    let metrics = start::metrics()?;
    let grace = Duration::from_secs(setting("GRACE_SECONDS", "15").parse()?);
    let ticket_secret = env::var("TICKET_SECRET").map_err(|_| "TICKET_SECRET is not set")?;

    let wire = Arc::new(HttpWire::builder().build()?);
    let secrets = Arc::new(|name: &str| env::var(format!("SECRET_{name}")).ok());
    let tables =
        Tables::open(&PathBuf::from(setting("TABLES", "service.db")), wire, secrets).await?;
    let store = setting("STORE", "access.db");
    let started = start::access(&tables, &store, ticket_secret.as_bytes()).await?;
    let access = started.access;
    let log = tokio::spawn(start::log_taps(started.ends));
    let upkeep = tokio::spawn(upkeep::run(access.clone(), started.taps, SystemClock));

    let (mut terminated, mut interrupted) =
        (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let listener = TcpListener::bind(setting("LISTEN", "127.0.0.1:8080")).await?;
    let for_staff = TcpListener::bind(setting("STAFF_LISTEN", "127.0.0.1:8081")).await?;
    tracing::info!(
        address = %listener.local_addr()?, for_staff = %for_staff.local_addr()?, "listening"
    );
    // No new taps from here on; those under way are answered first.
    let (stop, stopped) = watch::channel(());
    tokio::spawn(async move {
        tokio::select! {
            _ = terminated.recv() => {}
            _ = interrupted.recv() => {}
        }
        drop(stop);
    });
    let stopping = |mut stopped: watch::Receiver<()>| async move {
        let _ = stopped.changed().await;
    };
    let staff = axum::serve(for_staff, staff::routes(access.clone(), metrics))
        .with_graceful_shutdown(stopping(stopped.clone()));
    let residents = axum::serve(listener, http::routes(access))
        .with_graceful_shutdown(stopping(stopped.clone()));
    // An order whose caller has left goes on to its outcome. When the last one has ended, the log ends.
    let all_ended = async {
        tokio::try_join!(residents.into_future(), staff.into_future())?;
        upkeep.abort();
        log.await?;
        Ok(())
    };
    // A request that never ends, or an audit, keeps nobody for longer than any order takes.
    tokio::select! {
        ended = all_ended => ended,
        () = async { stopping(stopped).await; sleep(grace).await } => {
            tracing::warn!("some requests had not ended");
            Ok(())
        }
    }
}
