//! The session of an application: renewing, ending, who it is, and the identities that it has (contract authress.md §1.2).

use super::requests::{signed_in, tokens_answer};
use super::{Asked, cookies, either, refuse, unavailable};
use crate::Doors;
use crate::kit::answer;
use crate::kit::frame::Seen;
use crate::kit::query::Query;
use crate::supertokens::cookies as pages_cookies;
use axum::Extension;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::Response;
use postkey_auth::{RefreshError, SessionError, UnlinkError};
use serde_json::json;

/// `PATCH /api/session`: renews it, and gives new tokens.
pub async fn renew(State(doors): State<Doors>, asked: Asked) -> Response {
    let none = || {
        let mut response = refuse(&asked.seen, StatusCode::NOT_FOUND, "SessionNotFound", "Nobody is signed in in this browser.");
        cookies::clear(&doors, response.headers_mut());
        response
    };
    let Some(token) = cookies::refresh_token(&asked.headers) else {
        return refuse(&asked.seen, StatusCode::NOT_FOUND, "SessionNotFound", "Nobody is signed in in this browser.");
    };
    match doors.auth().refresh_login(&asked.call, &asked.page, token).await {
        Ok(tokens) => {
            let mut response = tokens_answer(&tokens);
            cookies::set_session(&doors, response.headers_mut(), &tokens);
            if let Some(domain) = asked.page.origin.as_deref().and_then(|origin| doors.auth().domain_shared_with(origin)) {
                cookies::set_shared(&doors, response.headers_mut(), &tokens, &domain);
            }
            response
        }
        Err(RefreshError::Unauthorised | RefreshError::Reused { .. }) => none(),
        Err(RefreshError::Busy) => unavailable(&asked.seen, "busy"),
        Err(RefreshError::Unavailable(e)) => unavailable(&asked.seen, &e.0),
    }
}

/// `GET /api/session`: who is signed in.
pub async fn show(State(doors): State<Doors>, asked: Asked) -> Response {
    match signed_in(&doors, &asked).await {
        Ok(session) => answer::json(StatusCode::OK, &json!({ "userId": session.user.as_str() })),
        Err(refusal) => refusal,
    }
}

/// `DELETE /api/session`: ends it.
pub async fn end(State(doors): State<Doors>, asked: Asked) -> Response {
    match ended(&doors, &asked.headers, &asked.seen).await {
        Ok(()) => {
            let mut response = answer::json(StatusCode::OK, &json!({}));
            cookies::clear(&doors, response.headers_mut());
            pages_cookies::clear(&doors, response.headers_mut());
            response
        }
        Err(SessionError::Unavailable(e)) => unavailable(&asked.seen, &e.0),
    }
}

/// `GET /logout?redirect_uri=…&client_id=…`: ends it, and goes back to the application if the address is one of its.
pub async fn log_out(
    State(doors): State<Doors>,
    Extension(seen): Extension<Seen>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let query = Query::of(&uri);
    let application = query.get("client_id").unwrap_or("app_default");
    let place = doors.auth().application(application).and_then(|application| application.settings.redirect(query.get("redirect_uri")?));
    let mut response = answer::move_on(place.as_ref().map_or("/auth", |place| place.as_str()));
    // Who only looks ahead ends nothing.
    if method == Method::HEAD || headers.contains_key("sec-purpose") {
        return response;
    }
    match ended(&doors, &headers, &seen).await {
        Ok(()) => {}
        Err(SessionError::Unavailable(e)) => return answer::unavailable(&doors, &headers, &seen, &e.0),
    }
    cookies::clear(&doors, response.headers_mut());
    pages_cookies::clear(&doors, response.headers_mut());
    response
}

/// Ends the session of this browser, on our pages too: whoever logs out of an application expects to be asked again.
async fn ended(doors: &Doors, headers: &HeaderMap, seen: &Seen) -> Result<(), SessionError> {
    pages_cookies::sign_out(doors, headers, seen).await?;
    match cookies::refresh_token(headers) {
        Some(token) => doors.auth().sign_out_login(token, seen.now).await,
        None => Ok(()),
    }
}

/// `GET /api/session/profile`: the identities of whoever is signed in.
pub async fn profile(State(doors): State<Doors>, asked: Asked) -> Response {
    let session = match signed_in(&doors, &asked).await {
        Ok(session) => session,
        Err(refusal) => return refusal,
    };
    match doors.auth().login_profile(&session).await {
        Ok(profile) => {
            let identities = profile
                .identities
                .iter()
                .map(|linked| json!({ "connection": { "connectionId": linked.connection, "userId": linked.subject } }));
            let body = json!({ "userId": session.user.as_str(), "linkedIdentities": identities.collect::<Vec<_>>() });
            answer::json(StatusCode::OK, &body)
        }
        Err(e) => unavailable(&asked.seen, &e.0),
    }
}

/// `DELETE /api/session/identities/{id}`: takes one of them away, by its connection or by the id that the connection knows.
pub async fn unlink(State(doors): State<Doors>, Path(id): Path<String>, asked: Asked) -> Response {
    either(unlinked(&doors, &id, &asked).await)
}

async fn unlinked(doors: &Doors, id: &str, asked: &Asked) -> Result<Response, Response> {
    let session = signed_in(doors, asked).await?;
    let refuse = |status, code, title| refuse(&asked.seen, status, code, title);
    match doors.auth().unlink_own(&asked.call, &session, id).await {
        Ok(()) => Ok(answer::json(StatusCode::OK, &json!({}))),
        Err(UnlinkError::Unknown) => Err(refuse(StatusCode::NOT_FOUND, "NotFound", "No identity of yours goes by that connection or id.")),
        Err(UnlinkError::LastIdentity) => {
            Err(refuse(StatusCode::CONFLICT, "LastIdentity", "It is the only way in: link another one first."))
        }
        Err(UnlinkError::Busy) => Err(unavailable(&asked.seen, "busy")),
        Err(UnlinkError::Unavailable(e)) => Err(unavailable(&asked.seen, &e.0)),
    }
}

/// `GET /api/session/devices`: none are kept here.
pub async fn devices() -> Response {
    answer::json(StatusCode::OK, &json!({ "devices": [] }))
}

/// What we do not offer.
pub async fn not_offered(Extension(seen): Extension<Seen>) -> Response {
    refuse(&seen, StatusCode::NOT_IMPLEMENTED, "NotSupported", "Devices, and credentials of providers, are not kept here.")
}

/// `GET /settings`: the page where people see and change how they sign in.
pub async fn settings() -> Response {
    answer::move_on("/auth/identifiers")
}
