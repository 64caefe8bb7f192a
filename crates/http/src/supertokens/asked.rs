//! One call of a web SDK, taken apart: from which page, for which tenant, with what in it; and how calls are answered.
//! Contract: supertokens-frontend.md §1.

use crate::Doors;
use crate::kit::answer;
use crate::kit::form;
use crate::kit::frame::Seen;
use crate::pages::note::Left;
use axum::extract::{FromRequest, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::Response;
use postkey_auth::CallingPage;
use postkey_model::{Call, ContactMethod, Tenant};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// A call of a web SDK that came through the gate.
pub struct Asked {
    /// Its headers.
    pub headers: HeaderMap,
    /// What the frame knows.
    pub seen: Seen,
    /// The page that calls.
    pub page: CallingPage,
    /// The tenant that the path names.
    pub tenant: Arc<Tenant>,
    /// For the verbs, for that tenant.
    pub call: Call,
    query: Vec<(String, String)>,
    body: Map<String, Value>,
}

impl FromRequest<Doors> for Asked {
    type Rejection = Response;

    async fn from_request(request: Request, doors: &Doors) -> Result<Self, Response> {
        let headers = request.headers().clone();
        let extensions = request.extensions();
        let (seen, page, tenant) = (extensions.get::<Seen>(), extensions.get::<CallingPage>(), extensions.get::<Arc<Tenant>>());
        let (Some(seen), Some(page), Some(tenant)) = (seen.cloned(), page.cloned(), tenant.cloned()) else {
            return Err(answer::json(StatusCode::INTERNAL_SERVER_ERROR, &json!({ "message": "no gate before this door" })));
        };
        let query = form_urlencoded::parse(request.uri().query().unwrap_or_default().as_bytes()).take(32);
        let query = query.map(|(key, value)| (key.into_owned(), value.into_owned())).collect();
        let call = doors.call(&seen, &headers, tenant.id.clone());
        let body = if matches!(*request.method(), Method::GET | Method::HEAD) {
            Map::new()
        } else {
            body(request, doors, &headers, &seen).await?
        };
        Ok(Asked { headers, seen, page, tenant, call, query, body })
    }
}

/// The JSON object that a call brings. No form of another site can send one without asking first (contract §4.10).
async fn body(request: Request, doors: &Doors, headers: &HeaderMap, seen: &Seen) -> Result<Map<String, Value>, Response> {
    let kind = headers.get(CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    if !kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json") {
        return Err(bad("The body has to be JSON, with the content type application/json."));
    }
    let bytes = form::bytes(request, doors).await.map_err(|fault| answer::fault(doors, headers, seen, fault))?;
    serde_json::from_slice(&bytes).map_err(|_| bad("The body is not a JSON object."))
}

/// Something is wrong with a call as such.
pub struct Bad(String);

impl From<Bad> for Response {
    fn from(Bad(message): Bad) -> Self {
        bad(&message)
    }
}

impl Asked {
    /// A text of the body that may be missing; null counts as missing.
    pub fn opt_text(&self, name: &str) -> Result<Option<&str>, Bad> {
        let given = self.body.get(name).filter(|value| !value.is_null());
        given.map(|value| value.as_str().ok_or_else(|| Bad(format!("The field {name} has to be a text.")))).transpose()
    }

    /// A text of the body that has to be there.
    pub fn text(&self, name: &str) -> Result<&str, Bad> {
        self.opt_text(name)?.ok_or_else(|| Bad(format!("The field {name} is missing.")))
    }

    /// A yes or no of the body; missing is no.
    pub fn flag(&self, name: &str) -> Result<bool, Bad> {
        let given = self.body.get(name).filter(|value| !value.is_null());
        let read = given.map(|value| value.as_bool().ok_or_else(|| Bad(format!("The field {name} has to be true or false."))));
        Ok(read.transpose()?.unwrap_or(false))
    }

    /// A parameter of the address that has to be there.
    pub fn query(&self, name: &str) -> Result<&str, Bad> {
        let found = self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        found.filter(|value| !value.is_empty()).ok_or_else(|| Bad(format!("The parameter {name} is missing.")))
    }

    /// The address or number that the body names: exactly one.
    pub fn contact(&self) -> Result<(ContactMethod, &str), Bad> {
        match (self.opt_text("email")?, self.opt_text("phoneNumber")?) {
            (Some(email), None) => Ok((ContactMethod::Email, email)),
            (None, Some(phone)) => Ok((ContactMethod::Phone, phone)),
            (Some(_), Some(_)) | (None, None) => Err(Bad("Exactly one of email and phoneNumber is wanted.".to_owned())),
        }
    }

    /// What a person is told, in their language: the SDKs show it as it is (contract §1.4).
    pub fn told(&self, doors: &Doors, left: &Left) -> Response {
        let words = left.words_at(doors, &self.seen, &self.headers, &self.tenant, left.note.spot());
        answer::json(StatusCode::OK, &json!({ "status": "GENERAL_ERROR", "message": words }))
    }

    /// Somebody is not let in, with the reason in their language.
    pub fn not_allowed(&self, doors: &Doors, left: &Left) -> Response {
        let words = left.words_at(doors, &self.seen, &self.headers, &self.tenant, left.note.spot());
        answer::json(StatusCode::OK, &json!({ "status": "SIGN_IN_UP_NOT_ALLOWED", "reason": words }))
    }

    /// The store does not work just now.
    pub fn unavailable(&self, doors: &Doors, why: &str) -> Response {
        answer::unavailable(doors, &self.headers, &self.seen, why)
    }
}

/// Something is wrong with the call as such: no person did that.
pub fn bad(message: &str) -> Response {
    answer::json(StatusCode::BAD_REQUEST, &json!({ "message": message }))
}

/// A result that has no more to say than its name.
pub fn status(word: &str) -> Response {
    answer::json(StatusCode::OK, &json!({ "status": word }))
}

/// The answer, whichever it is.
pub fn either<E: Into<Response>>(outcome: Result<Response, E>) -> Response {
    outcome.unwrap_or_else(E::into)
}
