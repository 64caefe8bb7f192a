//! The cookies of this door: the session on our own host, what applications of our domain may read, and the secret of a browser
//! that asked for a login (contract authress.md §1.5, §7 D20, D21).

use crate::Doors;
use crate::kit::cookies::{self, Cookie};
use axum::http::HeaderMap;
use data_encoding::BASE64URL_NOPAD;
use postkey_auth::LoginTokens;
use postkey_model::entropy::random;
use postkey_model::{Millis, Session, Timestamp};
use postkey_store::Unavailable;

/// What renews the session: for us alone.
const SESSION: &str = "authress-session";
/// The access token, for the application.
const ACCESS: &str = "authorization";
/// The ID token, for the application's scripts.
const USER: &str = "user";
/// The secret of a browser that asked for a login.
const BINDING: &str = "pk_login";
/// A browser that asked is remembered longer than any login takes.
const BINDING_LIFE: Millis = Millis::from_hours(24);

/// Sets the cookie of a session on our own host.
pub fn set_session(doors: &Doors, headers: &mut HeaderMap, tokens: &LoginTokens) {
    own(doors, SESSION, tokens.refresh.expose(), Some(tokens.refresh_expires_at)).set(headers);
}

/// Sets the cookies that an application of `domain` reads.
pub fn set_shared(doors: &Doors, headers: &mut HeaderMap, tokens: &LoginTokens, domain: &str) {
    for (name, value) in [(ACCESS, tokens.access.expose()), (USER, tokens.id.expose())] {
        shared(doors, name, value, domain, Some(tokens.expires_at)).set(headers);
    }
}

/// Takes everything of a session away.
pub fn clear(doors: &Doors, headers: &mut HeaderMap) {
    own(doors, SESSION, "", Some(Timestamp(0))).set(headers);
    if let Some(domain) = doors.auth().shared_domain() {
        for name in [ACCESS, USER] {
            shared(doors, name, "", &domain, Some(Timestamp(0))).set(headers);
        }
    }
}

/// What renews the session that this browser shows.
pub fn refresh_token(headers: &HeaderMap) -> Option<&str> {
    cookies::get(headers, SESSION).filter(|token| !token.is_empty())
}

/// The live session that this browser's cookie shows.
pub async fn session(doors: &Doors, headers: &HeaderMap, now: Timestamp) -> Result<Option<Session>, Unavailable> {
    match refresh_token(headers) {
        Some(token) => doors.auth().login_session(token, now).await,
        None => Ok(None),
    }
}

/// The secret of this browser: the one that it has, else a new one.
pub fn binding(doors: &Doors, headers: &HeaderMap) -> String {
    shown_binding(headers).map_or_else(|| BASE64URL_NOPAD.encode(&random::<18>(doors.auth().entropy())), str::to_owned)
}

/// The secret that this browser shows.
pub fn shown_binding(headers: &HeaderMap) -> Option<&str> {
    cookies::get(headers, BINDING).filter(|secret| secret.len() == 24)
}

/// Remembers that this browser asked for a login.
pub fn bind(doors: &Doors, headers: &mut HeaderMap, secret: &str, now: Timestamp) {
    own(doors, BINDING, secret, Some(now + BINDING_LIFE)).set(headers);
}

fn own<'a>(doors: &Doors, name: &'a str, value: &'a str, expires: Option<Timestamp>) -> Cookie<'a> {
    Cookie { name, value, path: "/", domain: None, expires, http_only: true, secure: doors.secure() }
}

fn shared<'a>(doors: &Doors, name: &'a str, value: &'a str, domain: &'a str, expires: Option<Timestamp>) -> Cookie<'a> {
    Cookie { name, value, path: "/", domain: Some(domain), expires, http_only: false, secure: doors.secure() }
}
