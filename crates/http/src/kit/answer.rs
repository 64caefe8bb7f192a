//! Answers that all doors give: pages, errors, "go there".

use super::form::{Form, FormToken};
use super::frame::Seen;
use super::screen::{Message, Retry, Screen};
use crate::Doors;
use axum::body::Body;
use axum::http::header::{ACCEPT, CONTENT_TYPE, LOCATION, RETRY_AFTER, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use postkey_model::{Millis, Tenant, TenantId, Timestamp};
use postkey_words::{Arg, context};
use serde_json::json;

/// A body of a type.
pub fn body(status: StatusCode, kind: &'static str, text: impl Into<Body>) -> Response {
    let mut response = Response::new(text.into());
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

/// A JSON body.
pub fn json(status: StatusCode, value: &serde_json::Value) -> Response {
    body(status, "application/json; charset=utf-8", value.to_string())
}

/// A page of `tenant`, or of the default one where no tenant is known.
pub fn page<S: Screen>(
    doors: &Doors,
    headers: &HeaderMap,
    seen: &Seen,
    tenant: Option<&Tenant>,
    status: StatusCode,
    screen: &S,
) -> Response {
    let public = TenantId::public();
    let default = if tenant.is_none() { doors.auth().tenant(&public) } else { None };
    let tenant = tenant.or(default.as_deref());
    let language = doors.language(seen, headers, tenant);
    let token = FormToken::of(doors, headers);
    let frame = context! {
        app_name => tenant.map_or("Postkey", |tenant| tenant.app_name.as_str()),
        form_token => &token.token,
        here => &seen.here,
    };
    match doors.inner.view.page(language, tenant.map_or(&public, |tenant| &tenant.id), screen, frame) {
        Ok(html) => {
            let mut response = body(status, "text/html; charset=utf-8", html);
            token.set(doors, response.headers_mut());
            seen.keep_language(doors, language, response.headers_mut());
            response
        }
        Err(e) => {
            tracing::error!(id = %seen.request_id, error = %e, "a page could not be rendered");
            body(
                StatusCode::INTERNAL_SERVER_ERROR,
                "text/plain; charset=utf-8",
                format!("This page is broken. Request {}", seen.request_id),
            )
        }
    }
}

/// Whether the caller wants JSON: our own script does, and so do programs.
pub fn wants_json(headers: &HeaderMap) -> bool {
    headers.get(ACCEPT).and_then(|v| v.to_str().ok()).is_some_and(|accept| accept.contains("application/json"))
}

/// Whether the caller wants a page: a person's browser does.
pub fn wants_page(headers: &HeaderMap) -> bool {
    headers.get(ACCEPT).and_then(|v| v.to_str().ok()).is_some_and(|accept| accept.contains("text/html"))
}

/// Send the browser to `place` with a GET: 303 for forms, JSON for our script.
pub fn go(headers: &HeaderMap, place: &str) -> Response {
    if wants_json(headers) {
        return json(StatusCode::OK, &json!({ "location": place }));
    }
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SEE_OTHER;
    match HeaderValue::from_str(place) {
        Ok(place) => drop(response.headers_mut().insert(LOCATION, place)),
        Err(_) => *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR,
    }
    response
}

/// Send the browser of a page to `place`.
pub fn move_on(place: &str) -> Response {
    go(&HeaderMap::new(), place)
}

/// Everything that can be wrong with a request as such.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing is here.
    Missing,
    /// Something is here, but not for this method.
    Method,
    /// A form of another site, or of a page from long ago.
    FormOld,
    /// Not a form at all.
    FormKind,
    /// Too long.
    FormLarge,
    /// It did not arrive whole.
    FormCut,
    /// It did not arrive in time.
    FormSlow,
    /// There is no such tenant.
    Tenant,
    /// The store does not work just now.
    Unavailable,
}

impl Fault {
    /// Status, and the keys of heading and words.
    fn parts(self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Fault::Missing => (StatusCode::NOT_FOUND, "missing-title", "missing"),
            Fault::Method => (StatusCode::METHOD_NOT_ALLOWED, "method-title", "method"),
            Fault::FormOld => (StatusCode::FORBIDDEN, "form-title", "form-old"),
            Fault::FormKind => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "form-title", "form-kind"),
            Fault::FormLarge => (StatusCode::PAYLOAD_TOO_LARGE, "form-title", "form-large"),
            Fault::FormCut => (StatusCode::BAD_REQUEST, "form-title", "form-cut"),
            Fault::FormSlow => (StatusCode::REQUEST_TIMEOUT, "form-title", "form-slow"),
            Fault::Tenant => (StatusCode::NOT_FOUND, "tenant-title", "tenant-missing"),
            Fault::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "unavailable-title", "unavailable"),
        }
    }
}

impl Fault {
    /// Its status, and what there is to say, for doors that have words of their own around it.
    pub fn said(self, doors: &Doors, headers: &HeaderMap, seen: &Seen) -> (StatusCode, String) {
        let (status, _, words) = self.parts();
        (status, doors.say(seen, headers, None, words, &[]))
    }
}

/// Something went wrong: a page for people, JSON for programs, with the request's id for whoever runs the server.
pub fn fault(doors: &Doors, headers: &HeaderMap, seen: &Seen, fault: Fault) -> Response {
    faulty(doors, headers, seen, fault, None)
}

fn faulty(doors: &Doors, headers: &HeaderMap, seen: &Seen, fault: Fault, retry: Option<Retry>) -> Response {
    let (status, heading, words) = fault.parts();
    // What was asked for is not repeated, also not for coming back to it.
    let seen = &Seen { here: "/auth".to_owned(), ..seen.clone() };
    let say = |key| doors.say(seen, headers, None, key, &[]);
    let mut response = if wants_page(headers) {
        let request_id = seen.request_id.clone();
        let message = Message { heading: say(heading), words: say(words), retry, request_id, ..Message::default() };
        page(doors, headers, seen, None, status, &message)
    } else {
        json(status, &json!({ "message": say(words), "requestId": seen.request_id }))
    };
    // Whoever is refused changes no cookie: other sites' posts come without them, and would plant new ones.
    response.headers_mut().remove(SET_COOKIE);
    if fault == Fault::Unavailable {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("5"));
    }
    response
}

/// The database does not work just now.
pub fn unavailable(doors: &Doors, headers: &HeaderMap, seen: &Seen, why: &str) -> Response {
    tracing::error!(id = %seen.request_id, why, "answered 503");
    fault(doors, headers, seen, Fault::Unavailable)
}

/// There is more to do than can be done just now. No line is written for each of them: the figures count them.
pub fn full(doors: &Doors, headers: &HeaderMap, seen: &Seen) -> Response {
    fault(doors, headers, seen, Fault::Unavailable)
}

/// The same where somebody sent a form: the page offers to send it once more as it is.
pub fn full_again(doors: &Doors, form: &Form) -> Response {
    let retry = Retry { action: form.path.clone(), fields: form.fields().to_vec() };
    faulty(doors, &form.headers, &form.seen, Fault::Unavailable, Some(retry))
}

/// The database does not work just now, and somebody sent a form: the page offers to send it once more as it is.
pub fn try_again(doors: &Doors, form: &Form, why: &str) -> Response {
    tracing::error!(id = %form.seen.request_id, why, "answered 503");
    full_again(doors, form)
}

impl Doors {
    /// A string in the language of whoever asks.
    pub(crate) fn say(&self, seen: &Seen, headers: &HeaderMap, tenant: Option<&Tenant>, key: &str, args: &[(&str, Arg<'_>)]) -> String {
        let language = self.language(seen, headers, tenant);
        self.inner.view.templates().words().text(language, key, args)
    }
}

/// Says when to try again (RFC 9110 §10.2.3): in whole seconds, never before `until`.
pub fn retry_at(response: &mut Response, now: Timestamp, until: Timestamp) {
    let seconds = Millis(until.since(now).0.max(0)).as_secs_ceil();
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
}
