//! The session's cookies, in the form that SuperTokens' web SDKs know (contract supertokens-frontend.md §4.3, §4.4).

use crate::Doors;
use crate::kit::answer;
use crate::kit::cookies::{self, Cookie};
use crate::kit::form::Form;
use crate::kit::frame::Seen;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;
use postkey_auth::{AccessTokenError, SessionError, SessionTokens};
use postkey_model::{Millis, Session, Timestamp};

pub(crate) const ACCESS: &str = "sAccessToken";
pub(crate) const REFRESH: &str = "sRefreshToken";
pub(crate) const FRONT: &str = "sFrontToken";
pub(crate) const UPDATED: &str = "st-last-access-token-update";
pub(crate) const FRONT_HEADER: &str = "front-token";
/// The refresh token goes to one address only.
const REFRESH_PATH: &str = "/auth/session/refresh";
/// Browsers keep no cookie longer than 400 days; the tokens inside expire by themselves.
const KEEP: Millis = Millis::from_hours(24 * 365);

/// Sets the cookies of a session.
pub(crate) fn set(doors: &Doors, headers: &mut HeaderMap, tokens: &SessionTokens, now: Timestamp) {
    access_cookie(doors, tokens, now).set(headers);
    Cookie {
        name: REFRESH,
        value: tokens.refresh.expose(),
        path: REFRESH_PATH,
        expires: Some(tokens.refresh_expires_at),
        ..access_cookie(doors, tokens, now)
    }
    .set(headers);
    tell_front(doors, headers, tokens, now);
}

/// Sets the cookies that go with a new access token, and leaves the refresh token.
pub(crate) fn set_access(doors: &Doors, headers: &mut HeaderMap, tokens: &SessionTokens, now: Timestamp) {
    access_cookie(doors, tokens, now).set(headers);
    tell_front(doors, headers, tokens, now);
}

fn access_cookie<'a>(doors: &'a Doors, tokens: &'a SessionTokens, now: Timestamp) -> Cookie<'a> {
    Cookie {
        name: ACCESS,
        value: tokens.access.expose(),
        path: "/",
        domain: doors.inner.cookie_domain.as_deref(),
        expires: Some(now + KEEP),
        http_only: true,
        secure: doors.secure(),
    }
}

/// What scripts may know of the tokens.
fn tell_front(doors: &Doors, headers: &mut HeaderMap, tokens: &SessionTokens, now: Timestamp) {
    // The web SDKs write these two themselves when they see the header; pages without scripts need the cookies.
    Cookie { name: FRONT, value: &tokens.front_token, http_only: false, ..access_cookie(doors, tokens, now) }.set(headers);
    Cookie { name: UPDATED, value: &now.0.to_string(), http_only: false, ..access_cookie(doors, tokens, now) }.set(headers);
    if doors.inner.cookie_domain.is_some() {
        // Left from before the domain was set; two cookies of one name are not believed.
        expire(doors, headers, None);
    }
    if let Ok(value) = HeaderValue::from_str(&tokens.front_token) {
        headers.insert(FRONT_HEADER, value);
    }
}

/// Takes the cookies of a session away. `st-last-access-token-update` stays: with it alone the SDKs know that there
/// is no session, without asking.
pub(crate) fn clear(doors: &Doors, headers: &mut HeaderMap) {
    expire(doors, headers, doors.inner.cookie_domain.as_deref());
    headers.insert(FRONT_HEADER, HeaderValue::from_static("remove"));
}

fn expire(doors: &Doors, headers: &mut HeaderMap, domain: Option<&str>) {
    for (name, path, http_only) in [(ACCESS, "/", true), (REFRESH, REFRESH_PATH, true), (FRONT, "/", false)] {
        Cookie { name, value: "", path, domain, expires: Some(Timestamp(0)), http_only, secure: doors.secure() }.set(headers);
    }
}

/// The live session that this browser's access token speaks of. An error is the answer to give when the store could
/// not be asked: a page that took that for "signed out" would say what is not so, and log out nobody.
pub(crate) async fn signed_in(doors: &Doors, headers: &HeaderMap, seen: &Seen) -> Result<Option<Session>, Response> {
    live(doors, headers, seen).await.map_err(|why| answer::unavailable(doors, headers, seen, why))
}

/// The same for whoever sent a form, which the answer offers to send once more.
pub(crate) async fn sender(doors: &Doors, form: &Form) -> Result<Option<Session>, Response> {
    live(doors, &form.headers, &form.seen).await.map_err(|why| answer::try_again(doors, form, why))
}

async fn live(doors: &Doors, headers: &HeaderMap, seen: &Seen) -> Result<Option<Session>, &'static str> {
    let Some(token) = cookies::get(headers, ACCESS).filter(|token| !token.is_empty()) else { return Ok(None) };
    match doors.auth().verify_session(token, seen.now).await {
        Ok((_, session)) => Ok(Some(session)),
        Err(AccessTokenError::Invalid | AccessTokenError::Expired | AccessTokenError::SessionOver) => Ok(None),
        Err(AccessTokenError::Unavailable) => Err("the session could not be read"),
    }
}

/// Revokes the session that this browser's access token speaks of, also when the token itself has expired.
pub(crate) async fn sign_out(doors: &Doors, headers: &HeaderMap, seen: &Seen) -> Result<(), SessionError> {
    let Some(token) = cookies::get(headers, ACCESS).filter(|token| !token.is_empty()) else { return Ok(()) };
    match doors.auth().session_named_by(token, seen.now).await {
        Some(handle) => doors.auth().revoke(seen.now, &handle).await.map(|_| ()),
        None => Ok(()),
    }
}
