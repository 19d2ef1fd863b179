//! The routes that an app calls, and the one for webhooks.

use std::{error::Error as _, time::Duration};

use axum::{
    Json, Router,
    body::Bytes,
    extract::{FromRequestParts, Path, State},
    http::{HeaderMap, Method, StatusCode, request::Parts},
    response::{IntoResponse, Response},
    routing::{get, post, put},
};
use elevate_access::{
    Access, BuildingId, Cause, ConnectionId, DoorId, Error, ErrorKind, Freshness, Notification,
    Outcome, ResidentId, Tap, TapQuery, TapTicket, VendorDoorId,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Every route that is reached from outside.
pub fn routes(access: Access) -> Router {
    Router::new()
        .route("/doors", get(doors))
        .route("/doors/{connection}/{door}/favorite", put(favorite).delete(favorite))
        .route("/doors/{connection}/{door}/ticket", post(ticket))
        .route("/doors/{connection}/{door}/unlock", post(unlock))
        .route("/taps", get(taps))
        .route("/webhooks/{building}/{connection}", post(webhook))
        .with_state(access)
}

/// Who asks. Here a gateway in front of the service has signed the resident in and says who it is; put your own session
/// here, and never anything that an app could choose.
struct SignedIn(ResidentId);

impl<S: Sync> FromRequestParts<S> for SignedIn {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        let mut named = parts.headers.get_all("x-resident").iter();
        // Two are nobody: one of them may be what the app sent itself.
        let id = named.next().filter(|_| named.next().is_none());
        let id = id.and_then(|value| ResidentId::new(value.to_str().ok()?).ok());
        id.map(Self).ok_or_else(|| Refusal(Error::new(Cause::ResidentUnknown)))
    }
}

/// An error as the app gets it: its code, and a sentence that a resident may read. Never its details.
#[derive(Debug)]
struct Refusal(Error);

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let Self(error) = self;
        let status = match error.kind() {
            // Whoever posts webhooks with another secret is to notice.
            _ if error.cause() == Cause::DeliveryRefused => StatusCode::UNAUTHORIZED,
            ErrorKind::InvalidInput => StatusCode::BAD_REQUEST,
            ErrorKind::Denied => StatusCode::FORBIDDEN,
            ErrorKind::TooLate => StatusCode::REQUEST_TIMEOUT,
            ErrorKind::Busy | ErrorKind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        };
        if status.is_server_error() {
            // The source may quote what your own database was given: log it where that is allowed. What a connection could not
            // be opened for is the settings' own, and holds no secret.
            let is_settings = error.cause() == Cause::ConnectionFailed;
            let why = error.source().filter(|_| is_settings).map(tracing::field::display);
            tracing::warn!(code = error.code(), why, "{}", error.for_manager());
        }
        let body = json!({ "code": error.code(), "message": error.for_resident() });
        (status, Json(body)).into_response()
    }
}

#[derive(Deserialize)]
struct DoorPath {
    connection: String,
    door: String,
}

impl DoorPath {
    fn id(self) -> Result<DoorId, Refusal> {
        let no_such_door = || Refusal(Error::new(Cause::DoorNotGranted));
        let connection = ConnectionId::new(self.connection).map_err(|_| no_such_door())?;
        let door = VendorDoorId::new(self.door).map_err(|_| no_such_door())?;
        Ok(DoorId::new(connection, door))
    }
}

async fn doors(
    State(access): State<Access>,
    SignedIn(who): SignedIn,
) -> Result<Json<Value>, Refusal> {
    let list = access.doors(&who, Freshness::Cached).await?;
    let shown = list.doors.iter().map(|door| {
        let remark = door.blocked.as_ref().or(door.notice.as_ref());
        json!({
            "id": door.id,
            "name": door.name,
            "favorite": door.favorite,
            "remark": remark.map(elevate_access::Reason::for_resident),
            "can_be_tapped": door.blocked.is_none(),
        })
    });
    let problems = list.problems.iter().map(|problem| problem.reason.for_resident());
    Ok(Json(json!({
        "doors": shown.collect::<Vec<_>>(),
        "problems": problems.collect::<Vec<_>>(),
    })))
}

/// Made one by `PUT`, and no longer one by `DELETE`.
async fn favorite(
    State(access): State<Access>,
    SignedIn(who): SignedIn,
    method: Method,
    Path(door): Path<DoorPath>,
) -> Result<StatusCode, Refusal> {
    access.set_favorite(&who, &door.id()?, method == Method::PUT).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Asked for the moment that somebody taps: no database, no vendor.
///
/// A body that nobody reads could end the connection, which the tap is sent on next.
async fn ticket(
    State(access): State<Access>,
    SignedIn(who): SignedIn,
    Path(door): Path<DoorPath>,
    _: Bytes,
) -> Result<Json<Value>, Refusal> {
    let ticket = access.ticket(&who, &door.id()?)?;
    Ok(Json(json!({ "ticket": ticket.to_string() })))
}

/// What the app sends with a tap.
#[derive(Deserialize)]
struct Sent {
    ticket: String,
    /// What passed on the phone's monotonic clock from the tap until the ticket was there.
    #[serde(default)]
    measured_ms: u64,
}

/// What the app is told of a tap.
#[derive(Serialize)]
struct Told {
    code: &'static str,
    message: String,
    /// What to show: `open` is confirmed, `taken` should open in a moment and cannot be confirmed, `shut` was turned down or
    /// has failed by the system's word, and of `unknown` nobody knows: whoever stands there is to look.
    door: &'static str,
}

/// Sent again with the same ticket, it gets the first outcome, and no second order.
async fn unlock(
    State(access): State<Access>,
    SignedIn(who): SignedIn,
    Path(door): Path<DoorPath>,
    Json(sent): Json<Sent>,
) -> Result<Json<Told>, Refusal> {
    let ticket: TapTicket = sent.ticket.parse().map_err(Refusal)?;
    let tap = Tap::ticket(&ticket).aged_before(Duration::from_millis(sent.measured_ms));
    let outcome = access.unlock(&who, &door.id()?, tap).await?;
    let door = match outcome {
        Outcome::Opened(_) => "open",
        Outcome::Accepted(_) => "taken",
        Outcome::NotOpened(_) => "shut",
        Outcome::Unknown(_) => "unknown",
    };
    Ok(Json(Told { code: outcome.code(), message: outcome.for_resident(), door }))
}

/// "Recent unlocks".
async fn taps(
    State(access): State<Access>,
    SignedIn(who): SignedIn,
) -> Result<Json<Value>, Refusal> {
    let records = access.taps(&TapQuery::new().of(&who).limit(20)).await?;
    let shown = records.iter().map(|record| {
        json!({
            "door": record.tapped.place.as_ref().map(|place| &place.name),
            "at": record.tapped.at.to_string(),
            "outcome": record.last_known().map(Outcome::code),
        })
    });
    Ok(Json(Value::Array(shown.collect())))
}

/// What Seam posts: its headers and the very bytes of its body, before anything parsed them.
async fn webhook(
    State(access): State<Access>,
    Path((building, connection)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, Refusal> {
    let unknown = || Refusal(Error::new(Cause::NoConnection));
    let building = BuildingId::new(building).map_err(|_| unknown())?;
    let connection = ConnectionId::new(connection).map_err(|_| unknown())?;
    let headers = headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
    access.webhook(&building, &connection, &Notification::new(headers, &body)).await?;
    Ok(StatusCode::NO_CONTENT)
}
