//! The service as a program: settings from the environment, and a shutdown that loses no outcome.
//!
//! | variable | holds |
//! | --- | --- |
//! | `LISTEN` | where to listen, `127.0.0.1:8080` unless set |
//! | `TABLES` | the file with the service's own tables, `service.db` unless set |
//! | `STORE` | the file with favourites, links and taps, `access.db` unless set |
//! | `TICKET_SECRET` | what signs tickets: 32 characters or more, the same on all nodes |
//! | `SECRET_…` | the secrets that the table of connections names |

use std::{env, path::PathBuf, sync::Arc};

use elevate_example_service::{Failure, http, start, tables::Tables};
use elevate_transport::HttpWire;
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};

#[tokio::main]
async fn main() -> Result<(), Failure> {
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    let setting = |name, default: &str| env::var(name).unwrap_or_else(|_| default.to_owned());
    let ticket_secret = env::var("TICKET_SECRET").map_err(|_| "TICKET_SECRET is not set")?;

    let wire = Arc::new(HttpWire::builder().build()?);
    let secrets = Arc::new(|name: &str| env::var(format!("SECRET_{name}")).ok());
    let tables =
        Tables::open(&PathBuf::from(setting("TABLES", "service.db")), wire, secrets).await?;
    let store = PathBuf::from(setting("STORE", "access.db"));
    let (access, ends) = start::access(&tables, &store, ticket_secret.as_bytes()).await?;
    let log = tokio::spawn(start::log_taps(ends));

    let (mut terminated, mut interrupted) =
        (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let listener = TcpListener::bind(setting("LISTEN", "127.0.0.1:8080")).await?;
    tracing::info!(address = %listener.local_addr()?, "listening");
    // No new taps from here on; those under way are answered first.
    let stopped = async move {
        tokio::select! {
            _ = terminated.recv() => {}
            _ = interrupted.recv() => {}
        }
    };
    axum::serve(listener, http::routes(access)).with_graceful_shutdown(stopped).await?;
    // An order whose caller has left goes on to its outcome. When the last one has ended, the log ends.
    log.await?;
    Ok(())
}
