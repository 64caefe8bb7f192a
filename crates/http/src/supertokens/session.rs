//! `POST /auth/session/refresh` and `POST /auth/signout` (contract supertokens-frontend.md §4.1).

use super::cookies as session_cookies;
use crate::Doors;
use crate::kit::answer::{self, Fault};
use crate::kit::cookies;
use crate::kit::frame::Seen;
use axum::Extension;
use axum::extract::State;
use axum::http::header::{AUTHORIZATION, ORIGIN};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use postkey_auth::{AccessTokenError, RefreshError, SessionError};
use postkey_model::TenantId;
use serde_json::json;

/// Exchanges the refresh token for new tokens. Comes with an empty body.
pub async fn refresh(State(doors): State<Doors>, Extension(seen): Extension<Seen>, headers: HeaderMap) -> Response {
    if !is_from_here(&doors, &headers) {
        return foreign(&doors, &headers, &seen);
    }
    let Some(token) = cookies::get(&headers, session_cookies::REFRESH).filter(|token| !token.is_empty()) else {
        return unauthorised(&doors, "unauthorised");
    };
    let call = doors.call(&seen, &headers, TenantId::public());
    match doors.auth().refresh(&call, token).await {
        Ok(tokens) => {
            let mut response = answer::json(StatusCode::OK, &json!({}));
            session_cookies::set(&doors, response.headers_mut(), &tokens, seen.now);
            response
        }
        Err(RefreshError::Unauthorised) => unauthorised(&doors, "unauthorised"),
        Err(RefreshError::Reused { handle, .. }) => {
            tracing::warn!(session = %handle, "a replaced refresh token came back: session revoked");
            unauthorised(&doors, "token theft detected")
        }
        Err(RefreshError::Busy) => answer::unavailable(&doors, &headers, &seen, "busy"),
        Err(RefreshError::Unavailable(e)) => answer::unavailable(&doors, &headers, &seen, &e.0),
    }
}

/// Revokes the session of the access token. Comes with an empty body.
pub async fn sign_out(State(doors): State<Doors>, Extension(seen): Extension<Seen>, headers: HeaderMap) -> Response {
    if !is_from_here(&doors, &headers) {
        return foreign(&doors, &headers, &seen);
    }
    let bearer = headers.get(AUTHORIZATION).and_then(|v| v.to_str().ok()).and_then(|v| v.strip_prefix("Bearer "));
    let Some(token) = bearer.or_else(|| cookies::get(&headers, session_cookies::ACCESS)).filter(|token| !token.is_empty()) else {
        return answer::json(StatusCode::UNAUTHORIZED, &json!({ "message": "unauthorised" }));
    };
    match doors.auth().verify_session(token, seen.now).await {
        Ok((_, session)) => match doors.auth().revoke(seen.now, &session.handle).await {
            Ok(_) => {
                let mut response = answer::json(StatusCode::OK, &json!({ "status": "OK" }));
                session_cookies::clear(&doors, response.headers_mut());
                response
            }
            Err(SessionError::Unavailable(e)) => answer::unavailable(&doors, &headers, &seen, &e.0),
        },
        Err(AccessTokenError::Unavailable) => answer::unavailable(&doors, &headers, &seen, "the session could not be read"),
        // The SDK refreshes and comes again; nothing is cleared, the session may be good.
        Err(AccessTokenError::Invalid | AccessTokenError::Expired) => {
            answer::json(StatusCode::UNAUTHORIZED, &json!({ "message": "try refresh token" }))
        }
        Err(AccessTokenError::SessionOver) => unauthorised(&doors, "unauthorised"),
    }
}

fn unauthorised(doors: &Doors, message: &str) -> Response {
    let mut response = answer::json(StatusCode::UNAUTHORIZED, &json!({ "message": message }));
    session_cookies::clear(doors, response.headers_mut());
    response
}

/// Cookies are `SameSite=Lax`, so other sites cannot send these at all; a sibling host of the same site could, and
/// is refused by what its browser says.
fn is_from_here(doors: &Doors, headers: &HeaderMap) -> bool {
    let header = |name: &str| headers.get(name).and_then(|v| v.to_str().ok());
    let origin_fits = header(ORIGIN.as_str()).is_none_or(|origin| origin == doors.auth().public_origin().as_text());
    let site_fits = header("sec-fetch-site").is_none_or(|site| matches!(site, "same-origin" | "none"));
    origin_fits && site_fits
}

fn foreign(doors: &Doors, headers: &HeaderMap, seen: &Seen) -> Response {
    answer::fault(doors, headers, seen, Fault::FormOld)
}
