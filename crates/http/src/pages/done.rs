//! After signing in: the page for those who asked for no other place, and the log-out form.

use super::{login_page, renew, waiting};
use crate::Doors;
use crate::kit::answer;
use crate::kit::form::Form;
use crate::kit::frame::Seen;
use crate::supertokens::cookies as session_cookies;
use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use minijinja::context;
use postkey_auth::{Completed, SessionError};
use postkey_model::{TenantId, Timestamp};

/// Answers a completed sign-in: cookies, and off to where the person wanted to go. The sign-in's own cookie stays: by
/// it other tabs of this browser find out where to go on, and a second look at the link learns that it was used.
pub(super) fn enter(doors: &Doors, request: &HeaderMap, completed: &Completed, now: Timestamp) -> Response {
    let mut response = answer::go(request, &completed.destination);
    session_cookies::set(doors, response.headers_mut(), &completed.tokens, now);
    waiting::trust(doors, response.headers_mut(), &completed.trusted, now);
    response
}

/// `GET /auth/signed-in`
pub async fn show(State(doors): State<Doors>, Extension(seen): Extension<Seen>, uri: Uri, headers: HeaderMap) -> Response {
    let session = match session_cookies::signed_in(&doors, &headers, &seen).await {
        Ok(session) => session,
        Err(unavailable) => return unavailable,
    };
    let public = TenantId::public();
    let tenant = doors.auth().tenant(session.as_ref().map_or(&public, |session| &session.tenant));
    let Some(tenant) = tenant.or_else(|| doors.auth().tenant(&public)) else { return answer::go(&HeaderMap::new(), "/auth") };
    if session.is_none() {
        let renewing = renew::page(&doors, &headers, &seen, tenant, &uri);
        return renewing.unwrap_or_else(|| answer::go(&HeaderMap::new(), "/auth"));
    }
    let values = context! { heading => "You are signed in", words => "You can close this page and go back to where you came from." };
    login_page(&doors, &headers, &seen, tenant, "message.html", values)
}

/// `POST /auth/_/sign-out`
pub async fn sign_out(State(doors): State<Doors>, form: Form) -> Response {
    match session_cookies::sign_out(&doors, &form.headers, &form.seen).await {
        Ok(()) => {}
        Err(SessionError::Unavailable(e)) => return answer::unavailable(&doors, &form.headers, &form.seen, &e.0),
    }
    let mut response = answer::go(&form.headers, "/auth");
    session_cookies::clear(&doors, response.headers_mut());
    response
}
