//! The door of applications written for Authress: its login SDK in browsers, service clients in back ends (contract
//! authress.md). It parses, calls a verb, maps the answer, and sets cookies.

pub mod codes;
pub mod cookies;
pub mod cors;
pub mod keys;
pub mod login;
pub mod management;
pub mod pages;
pub mod providers;
pub mod requests;
pub mod session;

use crate::Doors;
use crate::kit::answer;
use crate::kit::form;
use crate::kit::frame::Seen;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use postkey_auth::CallingPage;
use postkey_model::{Call, TenantId, Timestamp};
use serde_json::{Map, Value, json};

/// An answer that is no success, as the SDKs read them: `errorCode` is for programs, `title` for people, `errorId` for the log.
pub fn refuse(seen: &Seen, status: StatusCode, code: &str, title: &str) -> Response {
    refused(&seen.request_id, status, code, title)
}

fn refused(id: &str, status: StatusCode, code: &str, title: &str) -> Response {
    answer::json(status, &json!({ "title": title, "errorCode": code, "errorId": id }))
}

/// There was too much of something: the same is possible again at `until`.
pub fn too_many(seen: &Seen, until: Timestamp, title: &str) -> Response {
    let mut response = refuse(seen, StatusCode::TOO_MANY_REQUESTS, "TooManyRequests", title);
    answer::retry_at(&mut response, seen.now, until);
    response
}

/// The store does not work just now. The SDKs try again.
pub fn unavailable(seen: &Seen, why: &str) -> Response {
    tracing::error!(id = %seen.request_id, why, "answered 503");
    not_now(seen)
}

/// There is more to do than can be done just now. The SDKs try again.
pub fn full(_: &Doors, _: &HeaderMap, seen: &Seen) -> Response {
    not_now(seen)
}

fn not_now(seen: &Seen) -> Response {
    let mut response = refuse(seen, StatusCode::SERVICE_UNAVAILABLE, "Unavailable", "The server is not available just now: try again.");
    response.headers_mut().insert(header::RETRY_AFTER, axum::http::HeaderValue::from_static("5"));
    response
}

/// A call of an SDK: which page calls, and what it brings. A body may be missing; what there is has to be a JSON object, or a
/// form where OAuth has one (RFC 6749 §4).
pub struct Asked {
    /// Its headers.
    pub headers: HeaderMap,
    /// What the frame knows.
    pub seen: Seen,
    /// The page that calls.
    pub page: CallingPage,
    /// For the verbs. The tenant is the default one until a verb finds another.
    pub call: Call,
    /// What it brings.
    pub body: Map<String, Value>,
}

impl FromRequest<Doors> for Asked {
    type Rejection = Response;

    async fn from_request(request: Request, doors: &Doors) -> Result<Self, Response> {
        let headers = request.headers().clone();
        let (seen, page) = (request.extensions().get::<Seen>().cloned(), request.extensions().get::<CallingPage>().cloned());
        let Some(seen) = seen else {
            return Err(answer::body(StatusCode::INTERNAL_SERVER_ERROR, "text/plain; charset=utf-8", "no frame around this door"));
        };
        let page = page.unwrap_or_else(|| crate::kit::cors::page(&headers));
        let kind = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let bytes = form::bytes(request, doors).await.map_err(|fault| {
            let (status, words) = fault.said(doors, &headers, &seen);
            refuse(&seen, status, "InvalidRequest", &words)
        })?;
        let bad = |title: &str| refuse(&seen, StatusCode::BAD_REQUEST, "InvalidRequest", title);
        let body = match (bytes.is_empty(), kind.as_str()) {
            (true, _) => Map::new(),
            (false, "application/x-www-form-urlencoded") => {
                form_urlencoded::parse(&bytes).take(32).map(|(key, value)| (key.into_owned(), value.into_owned().into())).collect()
            }
            (false, "application/json") => serde_json::from_slice(&bytes).map_err(|_| bad("The body is not a JSON object."))?,
            (false, _) => return Err(bad("The body has to be JSON, with the content type application/json.")),
        };
        let call = doors.call(&seen, &headers, TenantId::public());
        Ok(Asked { headers, seen, page, call, body })
    }
}

/// Something is wrong with a call as such.
pub struct Bad {
    title: String,
    id: String,
}

impl From<Bad> for Response {
    fn from(bad: Bad) -> Self {
        refused(&bad.id, StatusCode::BAD_REQUEST, "InvalidRequest", &bad.title)
    }
}

impl Asked {
    /// A text of the body; null and the empty text count as missing, everything that is no text as `InvalidRequest`.
    pub fn text(&self, name: &str) -> Result<Option<&str>, Bad> {
        match self.body.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.as_str()).filter(|text| !text.is_empty())),
            Some(_) => Err(self.wrong(format!("The field {name} has to be a text."))),
        }
    }

    /// A list of texts of the body; missing is empty. A single text counts as a list of one.
    pub fn texts(&self, name: &str) -> Result<Vec<String>, Bad> {
        let wrong = || self.wrong(format!("The field {name} has to be a list of texts."));
        match self.body.get(name) {
            None | Some(Value::Null) => Ok(Vec::new()),
            Some(Value::String(text)) => Ok(vec![text.clone()]),
            Some(Value::Array(all)) => all.iter().map(|one| one.as_str().map(str::to_owned).ok_or_else(wrong)).collect(),
            Some(_) => Err(wrong()),
        }
    }

    /// The same, for whoever may answer later.
    pub fn wrong(&self, title: String) -> Bad {
        Bad { title, id: self.seen.request_id.clone() }
    }

    /// Something is wrong with the call as such.
    pub fn bad(&self, title: &str) -> Response {
        refuse(&self.seen, StatusCode::BAD_REQUEST, "InvalidRequest", title)
    }

    /// The token that the call shows in its `Authorization` header.
    pub fn bearer(&self) -> Option<&str> {
        bearer(&self.headers)
    }
}

/// The token that headers show.
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (word, token) = value.split_once(' ')?;
    word.eq_ignore_ascii_case("bearer").then_some(token.trim()).filter(|token| !token.is_empty())
}

/// The answer, whichever it is.
pub fn either(outcome: Result<Response, Response>) -> Response {
    outcome.unwrap_or_else(|refusal| refusal)
}
