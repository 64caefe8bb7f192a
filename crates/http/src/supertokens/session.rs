//! `POST /auth/session/refresh` and `POST /auth/signout` (contract supertokens-frontend.md §4.1). Both come with an empty
//! body; nothing of it is read.

use super::tokens::{self, Shown};
use crate::Doors;
use crate::kit::answer;
use crate::kit::frame::Seen;
use crate::pages::waiting;
use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use postkey_auth::{AccessTokenError, CallingPage, RefreshError, SessionError};
use postkey_model::TenantId;
use serde_json::json;

/// Exchanges the refresh token for new tokens, in the way in which it came.
pub async fn refresh(
    State(doors): State<Doors>,
    Extension(seen): Extension<Seen>,
    Extension(page): Extension<CallingPage>,
    headers: HeaderMap,
) -> Response {
    let Shown::One(mode, token) = tokens::refresh(&headers) else { return tokens::over(&doors, &headers, "unauthorised") };
    match doors.auth().allows_refresh(&page, token).await {
        Ok(true) => {}
        Ok(false) => return tokens::none_for_this_page(),
        Err(e) => return answer::unavailable(&doors, &headers, &seen, &e.0),
    }
    let call = doors.call(&seen, &headers, TenantId::public());
    match doors.auth().refresh(&call, token).await {
        Ok(fresh) => {
            let mut response = answer::json(StatusCode::OK, &json!({}));
            tokens::give(&doors, &headers, response.headers_mut(), &fresh, mode, seen.now);
            response
        }
        Err(RefreshError::Unauthorised) => tokens::over(&doors, &headers, "unauthorised"),
        Err(RefreshError::Reused { handle, .. }) => {
            tracing::warn!(session = %handle, "a replaced refresh token came back: session revoked");
            tokens::over(&doors, &headers, "token theft detected")
        }
        Err(RefreshError::Busy) => answer::unavailable(&doors, &headers, &seen, "busy"),
        Err(RefreshError::Unavailable(e)) => answer::unavailable(&doors, &headers, &seen, &e.0),
    }
}

/// Revokes the session of the access token.
pub async fn sign_out(
    State(doors): State<Doors>,
    Extension(seen): Extension<Seen>,
    Extension(page): Extension<CallingPage>,
    headers: HeaderMap,
) -> Response {
    let (mode, token) = match tokens::access(&headers) {
        Shown::One(mode, token) => (mode, token),
        Shown::Twice => return tokens::unauthorised("try refresh token"),
        Shown::Nothing => return tokens::unauthorised("unauthorised"),
    };
    let session = match doors.auth().verify_session(token, seen.now).await {
        Ok((_, session)) => session,
        Err(AccessTokenError::Unavailable) => return answer::unavailable(&doors, &headers, &seen, "the session could not be read"),
        // The SDK refreshes and comes again; nothing is cleared, the session may be good.
        Err(AccessTokenError::Invalid | AccessTokenError::Expired) => return tokens::unauthorised("try refresh token"),
        Err(AccessTokenError::SessionOver) => return tokens::over(&doors, &headers, "unauthorised"),
    };
    if !doors.auth().allows_session(&page, &session) {
        return tokens::none_for_this_page();
    }
    match doors.auth().revoke(seen.now, &session.handle).await {
        Ok(_) => {
            let mut response = answer::json(StatusCode::OK, &json!({ "status": "OK" }));
            tokens::take(&doors, response.headers_mut(), mode);
            // The next person at this browser is told nothing about this one.
            if waiting::SIGN_IN.own(&headers).is_some() {
                waiting::SIGN_IN.forget(&doors, response.headers_mut());
            }
            response
        }
        Err(SessionError::Unavailable(e)) => answer::unavailable(&doors, &headers, &seen, &e.0),
    }
}
