//! Logins that go by our own login pages: whoever signed in there goes on to the application.

use super::cookies;
use super::login::{Here, Problem, page};
use crate::Doors;
use crate::kit::answer;
use crate::kit::form::Form;
use crate::kit::frame::Seen;
use crate::kit::query::Query;
use crate::pages::renew;
use crate::supertokens::cookies as pages_cookies;
use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use postkey_auth::{FinishError, ShownAtLogin};
use postkey_model::{LoginRequestId, TenantId};

/// Where people go on who signed in for this login.
pub fn address(id: &LoginRequestId) -> String {
    format!("/login/pages?state={id}")
}

/// `GET /login/pages?state=…`
pub async fn show(State(doors): State<Doors>, Extension(seen): Extension<Seen>, uri: Uri, headers: HeaderMap) -> Response {
    let here = Here { doors: &doors, seen: &seen, headers: &headers };
    let Some(id) = Query::of(&uri).get("state").and_then(LoginRequestId::parse) else {
        return here.told(None, Problem::Unknown).await;
    };
    let session = match pages_cookies::signed_in(&doors, &headers, &seen).await {
        Ok(session) => session,
        Err(unavailable) => return unavailable,
    };
    if session.is_none() {
        let tenant = doors.auth().tenant(&TenantId::public());
        let renewed = tenant.and_then(|tenant| renew::page(&doors, &headers, &seen, &tenant, &uri));
        return renewed.unwrap_or_else(|| answer::move_on(&format!("/login?state={id}")));
    }
    page(&here, &id, ShownAtLogin::Elsewhere, vec![("state", id.to_string())], "/login/pages").await
}

/// `POST /login/pages`
pub async fn submit(State(doors): State<Doors>, form: Form) -> Response {
    let here = Here { doors: &doors, seen: &form.seen, headers: &form.headers };
    let Some(id) = LoginRequestId::parse(form.get("state")) else { return here.told(None, Problem::Unknown).await };
    let session = match pages_cookies::sender(&doors, &form).await {
        Ok(Some(session)) => session,
        Ok(None) => return renew::form(&form, &address(&id)),
        Err(unavailable) => return unavailable,
    };
    let here_now = match cookies::session(&doors, &form.headers, form.seen.now).await {
        Ok(session) => session,
        Err(e) => return answer::try_again(&doors, &form, &e.0),
    };
    let call = doors.call(&form.seen, &form.headers, session.tenant.clone());
    match doors.auth().finish_by_pages(&call, &id, &session, here_now.as_ref()).await {
        // Signed in all the same, but by another way than the application asked for.
        Err(FinishError::Unknown) => here.unfinished(&id, Problem::OtherWay).await,
        finished => here.finished(&form, &id, finished).await,
    }
}
