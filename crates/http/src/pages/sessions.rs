//! Where somebody is signed in: every session of theirs, to end one or all others.

use super::done::who;
use super::note::{self, Left, Note, Spot};
use super::screens::{SessionRow, Sessions};
use super::{login_page, minutes_since, renew};
use crate::Doors;
use crate::kit::answer;
use crate::kit::form::Form;
use crate::kit::frame::Seen;
use crate::supertokens::cookies as session_cookies;
use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use postkey_auth::SessionError;
use postkey_model::{Agent, Session, SessionHandle, Timestamp};
use postkey_words::Arg;

const LIST: &str = "/auth/sessions";

/// `GET /auth/sessions`
pub async fn show(State(doors): State<Doors>, Extension(seen): Extension<Seen>, uri: Uri, headers: HeaderMap) -> Response {
    let (current, tenant) = match who(&doors, &headers, &seen, &uri).await {
        Ok(found) => found,
        Err(answer) => return answer,
    };
    let mut sessions = match doors.auth().sessions_of(&current.user, seen.now).await {
        Ok(sessions) => sessions,
        Err(SessionError::Unavailable(e)) => return answer::unavailable(&doors, &headers, &seen, &e.0),
    };
    // This browser first, then by last use.
    sessions.sort_by_key(|session| (session.handle != current.handle, std::cmp::Reverse(session.last_seen_at)));
    let tenant = &*tenant;
    let language = doors.language(&seen, &headers, Some(tenant));
    let ago = |at: Timestamp| doors.ago(&seen, &headers, at);
    let row = |session: &Session| {
        let agent = Agent::of(&session.user_agent);
        SessionRow {
            handle: session.handle.to_string(),
            browser: agent.browser.name().unwrap_or_default(),
            system: agent.system.name().unwrap_or_default(),
            near: doors.near(&session.client_ip, &language),
            seen: ago(session.last_seen_at),
            since: ago(session.created_at),
            current: session.handle == current.handle,
        }
    };
    let left = note::read(&headers);
    let said = note::said(left.as_ref(), &doors, &seen, &headers, tenant, Spot::Good);
    let screen = Sessions { sessions: sessions.iter().map(row).collect(), good: !said.is_empty(), said };
    login_page(&doors, &headers, &seen, tenant, &screen)
}

/// `POST /auth/_/sessions/end`: ends one.
pub async fn end(State(doors): State<Doors>, form: Form) -> Response {
    let current = match session_cookies::sender(&doors, &form).await {
        Ok(Some(current)) => current,
        Ok(None) => return renew::form(&form, LIST),
        Err(unavailable) => return unavailable,
    };
    let Some(handle) = SessionHandle::parse(form.get("session")) else { return answer::go(&form.headers, "/auth/sessions") };
    match doors.auth().revoke_own(&current.user, &handle, form.seen.now).await {
        Ok(_) => note::go(&doors, &form, LIST, &Left::plain(Note::SessionEnded)),
        Err(SessionError::Unavailable(e)) => answer::try_again(&doors, &form, &e.0),
    }
}

/// `POST /auth/_/sessions/end-others`: ends all but this browser's.
pub async fn end_others(State(doors): State<Doors>, form: Form) -> Response {
    let current = match session_cookies::sender(&doors, &form).await {
        Ok(Some(current)) => current,
        Ok(None) => return renew::form(&form, LIST),
        Err(unavailable) => return unavailable,
    };
    let call = doors.call(&form.seen, &form.headers, current.tenant.clone());
    match doors.auth().revoke_all(&call, &current.user, Some(current.handle)).await {
        Ok(ended) => note::go(&doors, &form, LIST, &Left::counted(Note::SessionsEnded, ended.len() as i64)),
        Err(SessionError::Unavailable(e)) => answer::try_again(&doors, &form, &e.0),
    }
}

impl Doors {
    /// How long ago something was, in words.
    fn ago(&self, seen: &Seen, headers: &HeaderMap, at: Timestamp) -> String {
        let minutes = minutes_since(at, seen.now);
        let (key, name, count) = match minutes {
            ..60 => ("ago", "minutes", minutes),
            60..1440 => ("ago-hours", "hours", minutes / 60),
            _ => ("ago-days", "days", minutes / 1440),
        };
        self.say(seen, headers, None, key, &[(name, Arg::Number(count))])
    }
}
