//! The routes for whoever runs the service. They are on an address of their own, which is not to be reached from outside:
//! what they tell names residents, and nobody is asked who they are.

use axum::{
    Json, Router,
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use elevate_access::{
    Access, AuditOptions, BuildingId, Cause, DoorId, Error, HealthState, ResidentId,
};
use elevate_access_report::{Format, Report};
use metrics_exporter_prometheus::PrometheusHandle;
use serde::Deserialize;
use serde_json::{Value, json};

/// An error as staff gets it: its code, and what to mend.
#[derive(Debug)]
struct Told(Error);

impl From<Error> for Told {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl axum::response::IntoResponse for Told {
    fn into_response(self) -> Response {
        let Self(error) = self;
        let status = match error.cause() {
            Cause::NoConnection | Cause::ResidentUnknown => StatusCode::NOT_FOUND,
            _ => StatusCode::SERVICE_UNAVAILABLE,
        };
        (status, Json(json!({ "code": error.code(), "message": error.for_manager() })))
            .into_response()
    }
}

/// Every route for staff.
pub fn routes(access: Access, metrics: PrometheusHandle) -> Router {
    Router::new()
        .route("/buildings/{building}/health", get(health))
        .route("/buildings/{building}/audit", get(audit))
        .route("/residents/{resident}/diagnosis", get(diagnosis))
        .route("/residents/{resident}/forget", post(forget))
        .with_state(access)
        .route("/metrics", get(async move || metrics.render()))
}

fn building(name: String) -> Result<BuildingId, Told> {
    BuildingId::new(name).map_err(|_| Told(Error::new(Cause::NoConnection)))
}

fn resident(name: String) -> Result<ResidentId, Told> {
    ResidentId::new(name).map_err(|_| Told(Error::new(Cause::ResidentUnknown)))
}

/// Whether a building's door systems are well.
async fn health(
    State(access): State<Access>,
    Path(name): Path<String>,
) -> Result<(StatusCode, Json<Value>), Told> {
    let connections = access.check(&building(name)?).await?;
    if connections.is_empty() {
        return Err(Told(Error::new(Cause::NoConnection)));
    }
    let is_well = connections.iter().all(|one| one.health.state == HealthState::Ok);
    let told = connections
        .iter()
        .map(|one| json!({ "connection": one.connection, "report": one.health.to_string() }));
    let status = if is_well { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    Ok((status, Json(Value::Array(told.collect()))))
}

#[derive(Deserialize)]
struct Form {
    #[serde(default)]
    page: bool,
}

/// Who would be locked out, and who has access who should not: the report as JSON, or as the page to send.
async fn audit(
    State(access): State<Access>,
    Path(name): Path<String>,
    Query(Form { page }): Query<Form>,
) -> Result<Response, Told> {
    let audit = access.audit(&building(name)?, AuditOptions::new()).await?.collect_all().await;
    let (format, kind) = if page {
        (Format::Html, "text/html; charset=utf-8")
    } else {
        (Format::Json, "application/json")
    };
    let written = Report::of(&audit).write(format);
    let written = written.map_err(|_| Told(Error::new(Cause::Internal)))?;
    Ok(([(header::CONTENT_TYPE, kind)], written).into_response())
}

#[derive(Deserialize)]
struct Which {
    door: Option<String>,
}

/// Why a resident's door stays shut: a line for each precondition. It changes nothing.
async fn diagnosis(
    State(access): State<Access>,
    Path(name): Path<String>,
    Query(Which { door }): Query<Which>,
) -> Result<String, Told> {
    let no_such_door = |_| Told(Error::new(Cause::DoorNotGranted));
    let door = door.map(|door| door.parse::<DoorId>()).transpose().map_err(no_such_door)?;
    Ok(access.diagnose(&resident(name)?, door.as_ref()).await?.to_string())
}

/// Erases what is kept of a resident who has left, and asks for it.
///
/// A page that is open in a staff member's browser could post here. This header it cannot send elsewhere without asking
/// first, and nobody answers that.
async fn forget(
    State(access): State<Access>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Result<StatusCode, Told> {
    if !headers.contains_key("x-staff-request") {
        return Ok(StatusCode::FORBIDDEN);
    }
    access.forget(&resident(name)?).await?;
    Ok(StatusCode::NO_CONTENT)
}
