//! After signing in: the page for those who asked for no other place, and the log-out form.

use super::screens::SignedIn;
use super::start::start_address;
use super::{login_page, note, renew, waiting};
use crate::Doors;
use crate::kit::answer;
use crate::kit::form::Form;
use crate::kit::frame::Seen;
use crate::supertokens::cookies as session_cookies;
use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use postkey_auth::{Completed, SessionError};
use postkey_model::{Session, Tenant, TenantId};
use std::sync::Arc;

/// Answers a completed sign-in: cookies, and off to where the person wanted to go. The sign-in's own cookie stays: by
/// it other tabs of this browser find out where to go on, and a second look at the link learns that it was used.
pub(super) async fn enter(doors: &Doors, form: &Form, completed: &Completed) -> Response {
    // The session that this one replaces is nobody's any more. If it stays for once, it still expires.
    if let Err(e) = session_cookies::sign_out(doors, &form.headers, &form.seen).await {
        tracing::warn!(id = %form.seen.request_id, error = %e, "a replaced session was not revoked");
    }
    let mut response = answer::go(&form.headers, &completed.destination);
    session_cookies::set(doors, response.headers_mut(), &completed.tokens, form.seen.now);
    waiting::trust(doors, response.headers_mut(), &completed.trusted, form.seen.now);
    // What an earlier try was told is over too: it would keep the next visit at the start form.
    note::clear(doors, &form.headers, response.headers_mut());
    response
}

/// Who is signed in, with their tenant; otherwise the answer to give: renew the session, or sign in and come back.
pub(super) async fn who(doors: &Doors, headers: &HeaderMap, seen: &Seen, uri: &Uri) -> Result<(Session, Arc<Tenant>), Response> {
    let session = session_cookies::signed_in(doors, headers, seen).await?;
    let public = TenantId::public();
    let tenant = doors.auth().tenant(session.as_ref().map_or(&public, |session| &session.tenant));
    let Some(tenant) = tenant.or_else(|| doors.auth().tenant(&public)) else { return Err(answer::move_on("/auth")) };
    let Some(session) = session else {
        // Back to the list from the pages behind it: those are steps of somebody who was signed in.
        let page = if uri.path().starts_with("/auth/identifiers") { "/auth/identifiers" } else { uri.path() };
        let place = form_urlencoded::byte_serialize(page.as_bytes()).collect::<String>();
        let renewed = if renew::was_tried(uri) { "&renewed=1" } else { "" };
        let sign_in = || answer::move_on(&format!("/auth?redirectToPath={place}{renewed}"));
        return Err(renew::page(doors, headers, seen, &tenant, uri).unwrap_or_else(sign_in));
    };
    Ok((session, tenant))
}

/// `GET /auth/signed-in`
pub async fn show(State(doors): State<Doors>, Extension(seen): Extension<Seen>, uri: Uri, headers: HeaderMap) -> Response {
    match who(&doors, &headers, &seen, &uri).await {
        Ok((_, tenant)) => login_page(&doors, &headers, &seen, &tenant, &SignedIn {}),
        Err(answer) => answer,
    }
}

/// `POST /auth/_/sign-out`
pub async fn sign_out(State(doors): State<Doors>, form: Form) -> Response {
    let session = session_cookies::sender(&doors, &form).await.ok().flatten();
    let tenant = session.and_then(|session| doors.auth().tenant(&session.tenant));
    match session_cookies::sign_out(&doors, &form.headers, &form.seen).await {
        Ok(()) => {}
        Err(SessionError::Unavailable(e)) => return answer::try_again(&doors, &form, &e.0),
    }
    let mut response = answer::go(&form.headers, &start_address(tenant.as_deref(), None));
    session_cookies::clear(&doors, response.headers_mut());
    // The next person at this browser is told nothing about this one.
    waiting::SIGN_IN.forget(&doors, response.headers_mut());
    waiting::CHANGE.forget(&doors, response.headers_mut());
    response
}
