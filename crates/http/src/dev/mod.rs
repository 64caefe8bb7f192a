//! What only `postkey dev` has: the inbox, a page that stands for an application, every page side by side, and the
//! benchmarks' outlet.

pub mod preview;

use crate::kit::frame::Seen;
use crate::kit::screen::{Message, PageLink};
use crate::kit::{answer, cookies};
use crate::pages::screens::{Demo, Inbox, InboxRow};
use crate::pages::{Query, renew};
use crate::private::{host, is_loopback};
use crate::supertokens::cookies as session_cookies;
use crate::{DevMail, Doors};
use axum::Extension;
use axum::extract::{Request, State};
use axum::http::header::LOCATION;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::Response;
use jiff::Timestamp as Instant;
use postkey_delivery::InboxMail;
use postkey_model::{TenantId, Timestamp};
use serde_json::json;

/// Before every door of a development server: pages opened under another name of this machine (127.0.0.1 for
/// localhost) move to the configured one, so that cookies and links agree; anything under a foreign name is refused.
pub async fn guard(State(doors): State<Doors>, request: Request, next: Next) -> Response {
    let origin = doors.auth().public_origin();
    let asked = host(request.headers());
    let ours = asked.eq_ignore_ascii_case(origin.host());
    if request.uri().path().starts_with("/dev/") && !ours && !is_loopback(asked) {
        return answer::json(
            StatusCode::FORBIDDEN,
            &json!({ "message": "unknown Host: the inbox answers under the host of public_url and under names of this machine" }),
        );
    }
    let page = request.method() == Method::GET && !request.uri().path().ends_with(".json") && !request.uri().path().starts_with("/auth/_/");
    if page && !ours && is_loopback(asked) && origin.is_loopback() && request.headers().contains_key("sec-fetch-mode") {
        let path = request.uri().path_and_query().map_or("/", |p| p.as_str());
        let mut response = answer::body(StatusCode::TEMPORARY_REDIRECT, "text/plain; charset=utf-8", "");
        if let Ok(place) = HeaderValue::from_str(&format!("{origin}{path}")) {
            response.headers_mut().insert(LOCATION, place);
        }
        return response;
    }
    next.run(request).await
}

/// `GET /`
pub async fn home() -> Response {
    answer::go(&HeaderMap::new(), "/demo")
}

/// `GET /demo`
pub async fn demo(State(doors): State<Doors>, Extension(seen): Extension<Seen>, uri: Uri, headers: HeaderMap) -> Response {
    let found = match session_cookies::signed_in(&doors, &headers, &seen).await {
        Ok(found) => found,
        Err(unavailable) => return unavailable,
    };
    let Some(session) = found else {
        let tenant = doors.auth().tenant(&TenantId::public());
        if let Some(page) = tenant.and_then(|tenant| renew::page(&doors, &headers, &seen, &tenant, &uri)) {
            return page;
        }
        let links = vec![PageLink { href: "/auth?redirectToPath=/demo".to_owned(), words: "Sign in".to_owned() }];
        let (heading, words) = ("You are not signed in".to_owned(), "This page stands for your application.".to_owned());
        return answer::page(&doors, &headers, &seen, None, StatusCode::OK, &Message { heading, words, links, ..Message::default() });
    };
    let sessions = match doors.auth().sessions_of(&session.user, seen.now).await {
        Ok(sessions) => sessions,
        Err(postkey_auth::SessionError::Unavailable(e)) => return answer::unavailable(&doors, &headers, &seen, &e.0),
    };
    let until = cookies::get(&headers, session_cookies::ACCESS).unwrap_or_default();
    let until = doors.auth().verify(until, seen.now).await.map_or(seen.now, |claims| Timestamp(claims.exp * 1000));
    let screen =
        Demo { user: session.user.to_string(), session: session.handle.to_string(), sessions: sessions.len(), until: in_utc(until) };
    answer::page(&doors, &headers, &seen, None, StatusCode::OK, &screen)
}

/// `GET /dev/inbox`
pub async fn inbox(State(doors): State<Doors>, Extension(seen): Extension<Seen>, headers: HeaderMap) -> Response {
    let Some(DevMail::Inbox(inbox)) = doors.inner.dev.as_ref().map(|dev| &dev.mail) else { return no_inbox(&doors, &headers, &seen) };
    let row = |mail: InboxMail| InboxRow {
        subject: mail.subject,
        channel: mail.channel,
        to: mail.to,
        when: in_utc(Timestamp(mail.sent_at)),
        code: mail.code,
        link: mail.link,
        text: mail.text,
    };
    let mails = inbox.mails(None).into_iter().take(50).map(row).collect();
    answer::page(&doors, &headers, &seen, None, StatusCode::OK, &Inbox { mails })
}

/// `GET /dev/inbox.json?to=…`
pub async fn inbox_json(State(doors): State<Doors>, Extension(seen): Extension<Seen>, uri: Uri, headers: HeaderMap) -> Response {
    let Some(DevMail::Inbox(inbox)) = doors.inner.dev.as_ref().map(|dev| &dev.mail) else { return no_inbox(&doors, &headers, &seen) };
    let mails = inbox.mails(Query::of(&uri).get("to"));
    answer::json(StatusCode::OK, &json!(mails))
}

/// `GET /dev/discarded.json`: what was discarded since the last time, for benchmarks.
pub async fn discarded_json(State(doors): State<Doors>, Extension(seen): Extension<Seen>, headers: HeaderMap) -> Response {
    let Some(DevMail::Discarded(discarded)) = doors.inner.dev.as_ref().map(|dev| &dev.mail) else {
        return no_inbox(&doors, &headers, &seen);
    };
    answer::json(StatusCode::OK, &json!(discarded.drain()))
}

fn no_inbox(doors: &Doors, headers: &HeaderMap, seen: &Seen) -> Response {
    let (heading, words) = ("No inbox".to_owned(), "This server's messages go elsewhere: see [mail] in its config.".to_owned());
    if answer::wants_json(headers) {
        return answer::json(StatusCode::NOT_FOUND, &json!({ "message": words }));
    }
    answer::page(doors, headers, seen, None, StatusCode::NOT_FOUND, &Message { heading, words, ..Message::default() })
}

fn in_utc(at: Timestamp) -> String {
    let instant = Instant::from_millisecond(at.0).unwrap_or(Instant::UNIX_EPOCH);
    instant.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}
