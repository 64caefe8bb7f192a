//! Session tokens on the wire: in cookies or in headers, as the client has it (contract supertokens-frontend.md §4.2,
//! §4.3).

use super::asked::Asked;
use super::{cookies as session_cookies, cors};
use crate::Doors;
use crate::kit::answer;
use crate::kit::cookies;
use axum::http::header::{AUTHORIZATION, COOKIE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use postkey_auth::{AccessClaims, AccessTokenError, SessionTokens};
use postkey_model::{Session, Timestamp};
use serde_json::json;

/// How a client carries its tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// In cookies that scripts cannot read.
    Cookie,
    /// In headers.
    Header,
}

/// A token that a call brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown<'a> {
    /// One, and how.
    One(Mode, &'a str),
    /// Two cookies of one name: neither is believed.
    Twice,
    /// None.
    Nothing,
}

const ACCESS_HEADER: &str = "st-access-token";
const REFRESH_HEADER: &str = "st-refresh-token";

/// The access token of a call. One in the header wins over a cookie (§4.2); what cannot be one of ours there is some
/// other back end's.
pub fn access(headers: &HeaderMap) -> Shown<'_> {
    let is_token = |text: &&str| text.split('.').count() == 3;
    bearer(headers).filter(is_token).map_or_else(|| cookie(headers, session_cookies::ACCESS), |token| Shown::One(Mode::Header, token))
}

/// The refresh token of a call. One in the header wins over a cookie.
pub fn refresh(headers: &HeaderMap) -> Shown<'_> {
    bearer(headers).map_or_else(|| cookie(headers, session_cookies::REFRESH), |token| Shown::One(Mode::Header, token))
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    Some(token.trim()).filter(|token| scheme.eq_ignore_ascii_case("bearer") && !token.is_empty())
}

fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Shown<'a> {
    match cookies::get(headers, name) {
        Some("") => Shown::Nothing,
        Some(token) => Shown::One(Mode::Cookie, token),
        None if has_cookie(headers, name) => Shown::Twice,
        None => Shown::Nothing,
    }
}

fn has_cookie(headers: &HeaderMap, name: &str) -> bool {
    let pairs = headers.get_all(COOKIE).iter().flat_map(|line| line.as_bytes().split(|byte| *byte == b';'));
    pairs.filter_map(|pair| std::str::from_utf8(pair).ok()?.split_once('=')).any(|(key, _)| key.trim() == name)
}

/// How the tokens of a new session are wanted: in cookies for whoever says so.
pub fn wanted(headers: &HeaderMap) -> Mode {
    if headers.get("st-auth-mode").is_some_and(|mode| mode == "cookie") { Mode::Cookie } else { Mode::Header }
}

/// Hands out the tokens of a session; those that the client carried the other way are taken away.
pub fn give(doors: &Doors, request: &HeaderMap, response: &mut HeaderMap, tokens: &SessionTokens, mode: Mode, now: Timestamp) {
    if let Some(other) = carried(request).into_iter().find(|carried| *carried != mode) {
        take(doors, response, other);
    }
    match mode {
        Mode::Cookie => session_cookies::set(doors, response, tokens, now),
        Mode::Header => {
            insert(response, REFRESH_HEADER, tokens.refresh.expose());
            insert(response, ACCESS_HEADER, tokens.access.expose());
            insert(response, session_cookies::FRONT_HEADER, &tokens.front_token);
        }
    }
}

/// Hands out a new access token beside the refresh token that the client has.
pub fn give_access(doors: &Doors, response: &mut HeaderMap, tokens: &SessionTokens, mode: Mode, now: Timestamp) {
    match mode {
        Mode::Cookie => session_cookies::set_access(doors, response, tokens, now),
        Mode::Header => {
            insert(response, ACCESS_HEADER, tokens.access.expose());
            insert(response, session_cookies::FRONT_HEADER, &tokens.front_token);
        }
    }
}

/// Takes the tokens of one way away.
pub fn take(doors: &Doors, response: &mut HeaderMap, mode: Mode) {
    match mode {
        Mode::Cookie => session_cookies::clear(doors, response),
        Mode::Header => {
            insert(response, ACCESS_HEADER, "");
            insert(response, REFRESH_HEADER, "");
            insert(response, session_cookies::FRONT_HEADER, "remove");
        }
    }
}

/// 401: whatever tokens the client carries are worth nothing, and are taken away. A client that carries none is told in
/// the way that it names.
pub fn over(doors: &Doors, request: &HeaderMap, message: &str) -> Response {
    let mut response = answer::json(StatusCode::UNAUTHORIZED, &json!({ "message": message }));
    let mut modes = carried(request);
    if modes.is_empty() {
        let by_header = request.get("st-auth-mode").is_some_and(|mode| mode == "header");
        modes.push(if by_header { Mode::Header } else { Mode::Cookie });
    }
    for mode in modes {
        take(doors, response.headers_mut(), mode);
    }
    response
}

/// 401 for a page that has no part in the session: to it there is none. The cookies stay, they are another page's.
pub fn none_for_this_page() -> Response {
    let mut response = unauthorised("unauthorised");
    insert(response.headers_mut(), session_cookies::FRONT_HEADER, "remove");
    response
}

/// 401 that takes nothing away: the SDKs refresh and come again, the session may be good.
pub fn unauthorised(message: &str) -> Response {
    answer::json(StatusCode::UNAUTHORIZED, &json!({ "message": message }))
}

/// In which ways the client carries tokens.
fn carried(request: &HeaderMap) -> Vec<Mode> {
    let by_cookie = [session_cookies::ACCESS, session_cookies::REFRESH].iter().any(|name| has_cookie(request, name));
    let both = [(Mode::Header, bearer(request).is_some()), (Mode::Cookie, by_cookie)];
    both.into_iter().filter(|(_, carries)| *carries).map(|(mode, _)| mode).collect()
}

fn insert(headers: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

/// The live session of a call that needs one, and how its token came; otherwise the answer to give.
pub async fn session(doors: &Doors, asked: &Asked) -> Result<(Mode, AccessClaims, Session), Response> {
    let (mode, token) = match access(&asked.headers) {
        Shown::One(mode, token) => (mode, token),
        Shown::Twice => return Err(unauthorised("try refresh token")),
        Shown::Nothing => return Err(unauthorised("unauthorised")),
    };
    let (claims, session) = match doors.auth().verify_session(token, asked.seen.now).await {
        Ok(found) => found,
        Err(AccessTokenError::Invalid | AccessTokenError::Expired) => return Err(unauthorised("try refresh token")),
        Err(AccessTokenError::SessionOver) => return Err(over(doors, &asked.headers, "unauthorised")),
        Err(AccessTokenError::Unavailable) => return Err(asked.unavailable(doors, "the session could not be read")),
    };
    match doors.auth().allows_session(&asked.page, &session) {
        true => Ok((mode, claims, session)),
        false => Err(cors::foreign()),
    }
}
