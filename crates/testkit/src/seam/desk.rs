//! Who asks, by which method, in which form: from the request to its route.

use elevate_transport::Method;
use jiff::Timestamp;
use serde::de::IgnoredAny;
use serde_json::{Value, json};

use super::Seam;
use super::json::{Object, text};
use super::refusal::Refusal;
use super::routes::{self, Route, Writes};
use super::shape;
use crate::Received;

impl Seam {
    /// Judges the request in the vendor's order: is it JSON, is there such a route, who asks, by which
    /// method, in which form. Then does what it asks.
    pub(super) fn judge(&mut self, request: &Received, now: Timestamp) -> Result<Value, Refusal> {
        let is_json = says_json(request);
        if is_json && !request.body.is_empty() {
            serde_json::from_slice::<IgnoredAny>(&request.body)
                .map_err(|_| Refusal::Plain { status: 400, text: "Invalid JSON" })?;
        }
        match routes::writes(&request.path) {
            Writes::Yes if self.is_set_up && routes::SETUP.contains(&request.path.as_str()) => {}
            Writes::Yes => return self.write(request),
            Writes::Unknown if request.method != Method::GET => self.note_forbidden(request),
            Writes::Unknown | Writes::No => {}
        }
        let route =
            routes::find(&request.path).ok_or(Refusal::Plain { status: 404, text: "404" })?;
        self.authorize(request)?;
        let given = match request.method.as_str() {
            "POST" if !is_json => {
                let message = "A POST needs the Content-Type \"application/json\"";
                return Err(Refusal::typed(400, "invalid_content_type", message));
            }
            "POST" => shape::from_body(&request.body)?,
            "GET" if route.by_get => shape::from_query(route.params, &request.query),
            _ => {
                let methods = if route.by_get { "GET and POST are" } else { "only POST is" };
                let message = format!("{methods} accepted here");
                return Err(Refusal::typed(405, "method_not_allowed", message));
            }
        };
        self.note_unknown(route, &given);
        shape::check(route.params, &given)?;
        let mut body = self.act(route, &given, request, now)?;
        body.insert("ok".to_owned(), json!(true));
        Ok(Value::Object(body))
    }

    /// Lets in whoever holds the key. A personal token must also name the workspace.
    fn authorize(&self, request: &Received) -> Result<(), Refusal> {
        let refuse = |message: &str| Err(Refusal::typed(401, "unauthorized", message));
        let Some(header) = request.headers.get("authorization") else {
            return refuse("The Authorization header is missing");
        };
        let header = header.to_str().unwrap_or_default();
        let Some(key) = header.strip_prefix("Bearer ") else {
            return refuse("The Authorization header holds no Bearer token");
        };
        for (prefix, what) in
            [("seam_cst", "client session token"), ("seam_pk", "publishable key"), ("ey", "JWT")]
        {
            if key.starts_with(prefix) {
                return refuse(&format!("This is a {what}, not an API key"));
            }
        }
        if key != self.key.0 {
            return refuse("Unknown API key");
        }
        let workspace = request.headers.get("seam-workspace").and_then(|name| name.to_str().ok());
        if key.starts_with("seam_at")
            && workspace != Some(text(&self.world.workspace, "workspace_id"))
        {
            return refuse("The token needs the header seam-workspace");
        }
        Ok(())
    }

    /// Answers a request that would change the vendor's state, changes nothing, and remembers it.
    fn write(&mut self, request: &Received) -> Result<Value, Refusal> {
        self.note_forbidden(request);
        self.authorize(request)?;
        let mut parts = request.path.trim_start_matches('/').split('/');
        let resource = parts.next().unwrap_or_default();
        let verb = parts.next_back().unwrap_or_default();
        if verb == "create" {
            let one = resource.strip_suffix('s').unwrap_or(resource);
            let id = (format!("{one}_id"), json!("5ea3f0b1-0000-4000-8000-000000000000"));
            return Ok(json!({ one: Object::from_iter([id]), "ok": true }));
        }
        if verb.contains("lock") {
            let attempt = json!({
                "action_attempt_id": "5ea3f0b1-0000-4000-8000-000000000001",
                "action_type": verb.to_uppercase(),
                "status": "pending",
                "result": null,
                "error": null,
            });
            return Ok(json!({ "action_attempt": attempt, "ok": true }));
        }
        Ok(json!({ "ok": true }))
    }

    fn note_forbidden(&mut self, request: &Received) {
        self.forbidden.push(format!("{} {}", request.method, request.path));
    }

    fn note_unknown(&mut self, route: &Route, given: &Object) {
        for name in given.keys() {
            if !route.params.iter().any(|param| param.name == name) {
                self.unknown_parameters.insert(format!("{}: {name}", route.path));
            }
        }
    }
}

fn says_json(request: &Received) -> bool {
    let value = request.headers.get("content-type").and_then(|value| value.to_str().ok());
    let kind = value.unwrap_or_default().split(';').next().unwrap_or_default();
    kind.trim().eq_ignore_ascii_case("application/json")
}
