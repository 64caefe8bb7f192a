//! The waiting pages: type the code, or look into the mail; ask again; use another address.

use super::done::enter;
use super::note::{self, Note};
use super::start::start_address;
use super::{login_page, waiting};
use crate::Doors;
use crate::kit::answer;
use crate::kit::form::Form;
use crate::kit::frame::Seen;
use crate::supertokens::cookies as session_cookies;
use axum::Extension;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use minijinja::context;
use postkey_auth::decide::sign_in::Standing;
use postkey_auth::{CancelError, CompleteError, Proof, ResendAs, ResendError};
use postkey_model::Tenant;

/// `GET /auth/code`
pub async fn show(state: State<Doors>, seen: Extension<Seen>, headers: HeaderMap) -> Response {
    waiting_page(state, seen, headers, true).await
}

/// `GET /auth/sent`
pub async fn show_sent(state: State<Doors>, seen: Extension<Seen>, headers: HeaderMap) -> Response {
    waiting_page(state, seen, headers, false).await
}

async fn waiting_page(State(doors): State<Doors>, Extension(seen): Extension<Seen>, headers: HeaderMap, for_code: bool) -> Response {
    let found = match waiting::look(&doors, &headers, &seen).await {
        Ok(found) => found,
        Err(e) => return answer::unavailable(&doors, &headers, &seen, &e.0),
    };
    let page = HeaderMap::new();
    let Some((own, call, waiting)) = found else { return answer::go(&page, "/auth") };
    let Some(tenant) = doors.auth().tenant(&own.tenant) else { return answer::go(&page, "/auth") };
    if waiting.standing != Standing::Open {
        // Over: with the link in another tab, most likely, and then this browser is signed in.
        let signed_in = match session_cookies::signed_in(&doors, &headers, &seen).await {
            Ok(session) => session.is_some_and(|session| session.opens(&tenant.id)),
            Err(unavailable) => return unavailable,
        };
        if signed_in {
            return answer::go(&page, &waiting.destination.unwrap_or_else(|| tenant.destinations.default_place().as_str().to_owned()));
        }
        let mut response = answer::go(&page, &start_address(Some(tenant), waiting.destination.as_deref()));
        waiting::forget(&doors, response.headers_mut());
        return response;
    }
    if for_code != waiting.has_code {
        return answer::go(&page, if waiting.has_code { "/auth/code" } else { "/auth/sent" });
    }
    let left = note::read(&headers);
    let at_field = left.as_ref().filter(|left| matches!(left.note, Note::NotACode | Note::WrongCode | Note::ExpiredCode));
    let above = left.as_ref().filter(|_| at_field.is_none());
    let values = context! {
        to => waiting.to,
        has_link => waiting.has_link,
        wait => waiting.resend_from.since(call.now).0.max(0),
        minutes => tenant.sign_in.lifetime.in_words(),
        // The usual length, also when this code is longer: the page tells nobody how an account is doing.
        length => tenant.sign_in.code.length(),
        inputmode => if tenant.sign_in.code.digits_only() { "numeric" } else { "text" },
        error => at_field.map(note::Left::words).unwrap_or_default(),
        notice => above.map(note::Left::words).unwrap_or_default(),
        good => above.is_some_and(|left| left.note == Note::SentAgain),
    };
    login_page(&doors, &headers, &seen, tenant, if for_code { "code.html" } else { "sent.html" }, values)
}

/// `POST /auth/_/code`
pub async fn submit(State(doors): State<Doors>, form: Form) -> Response {
    let Some(own) = waiting::own(&form.headers) else { return start_again(&doors, &form, None, Note::StartAgain) };
    let call = form.seen.call(&form.headers, own.tenant.clone());
    let tenant = doors.auth().tenant(&own.tenant);
    let proof = Proof::Code { sign_in: own.id, device: own.device, typed: form.get("code").to_owned() };
    let stay = |note, left| {
        let mut response = answer::go(&form.headers, "/auth/code");
        note::leave(&doors, response.headers_mut(), call.now, note, left, "");
        response
    };
    match doors.auth().complete(&call, &proof, waiting::trusted(&form.headers)).await {
        Ok(completed) => enter(&doors, &form.headers, &completed, call.now),
        Err(CompleteError::WrongCode { left, .. }) => stay(Note::WrongCode, left),
        Err(CompleteError::ExpiredCode { left, .. }) => stay(Note::ExpiredCode, left),
        Err(CompleteError::NotACode) => stay(Note::NotACode, 0),
        Err(CompleteError::TooManyWrong) => out_of_tries(&doors, &form, tenant).await,
        // Used in another tab: the waiting page finds out and goes on.
        Err(CompleteError::Over(_)) => answer::go(&form.headers, "/auth/code"),
        Err(CompleteError::Unknown | CompleteError::LinkExpired) => start_again(&doors, &form, tenant, Note::StartAgain),
        Err(CompleteError::Busy) => answer::unavailable(&doors, &form.headers, &form.seen, "busy"),
        Err(CompleteError::Unavailable(e)) => answer::unavailable(&doors, &form.headers, &form.seen, &e.0),
    }
}

/// `POST /auth/_/resend`
pub async fn resend(State(doors): State<Doors>, form: Form) -> Response {
    let Some(own) = waiting::own(&form.headers) else { return start_again(&doors, &form, None, Note::StartAgain) };
    let call = form.seen.call(&form.headers, own.tenant.clone());
    let what = if form.get("as") == "code" { ResendAs::Code } else { ResendAs::Usual };
    let told = |note| {
        // The waiting page knows whether there is a code to type.
        let mut response = answer::go(&form.headers, "/auth/code");
        note::leave(&doors, response.headers_mut(), call.now, note, 0, "");
        response
    };
    match doors.auth().resend(&call, &own.id, &own.device, what).await {
        Ok(_) => told(Note::SentAgain),
        Err(ResendError::TooSoon { .. }) => told(Note::TooSoon),
        Err(ResendError::Over(Standing::Exhausted)) => out_of_tries(&doors, &form, doors.auth().tenant(&own.tenant)).await,
        Err(ResendError::Over(_)) => answer::go(&form.headers, "/auth/code"),
        Err(ResendError::Unknown) => start_again(&doors, &form, doors.auth().tenant(&own.tenant), Note::StartAgain),
        Err(ResendError::Busy) => answer::unavailable(&doors, &form.headers, &form.seen, "busy"),
        Err(ResendError::Unavailable(e)) => answer::unavailable(&doors, &form.headers, &form.seen, &e.0),
    }
}

/// `POST /auth/_/cancel`
pub async fn cancel(State(doors): State<Doors>, form: Form) -> Response {
    let Some(own) = waiting::own(&form.headers) else { return answer::go(&form.headers, "/auth") };
    let call = form.seen.call(&form.headers, own.tenant.clone());
    match doors.auth().cancel(&call, &own.id, &own.device).await {
        Ok(()) => {}
        Err(CancelError::Unavailable(e)) => return answer::unavailable(&doors, &form.headers, &form.seen, &e.0),
    }
    let place = wanted_place(&doors, &form).await;
    let mut response = answer::go(&form.headers, &start_address(doors.auth().tenant(&own.tenant), place.as_deref()));
    waiting::forget(&doors, response.headers_mut());
    response
}

/// Back to the start, with the reason, and still on the way to where the person wanted to go.
async fn out_of_tries(doors: &Doors, form: &Form, tenant: Option<&Tenant>) -> Response {
    let place = wanted_place(doors, form).await;
    let mut response = answer::go(&form.headers, &start_address(tenant, place.as_deref()));
    waiting::forget(doors, response.headers_mut());
    note::leave(doors, response.headers_mut(), form.seen.now, Note::TooManyWrong, 0, "");
    response
}

/// Where the person of this browser's sign-in wanted to go. Unknown is no mishap: there is a default.
async fn wanted_place(doors: &Doors, form: &Form) -> Option<String> {
    let (_, _, waiting) = waiting::look(doors, &form.headers, &form.seen).await.ok()??;
    waiting.destination
}

fn start_again(doors: &Doors, form: &Form, tenant: Option<&Tenant>, note: Note) -> Response {
    let mut response = answer::go(&form.headers, &start_address(tenant, None));
    waiting::forget(doors, response.headers_mut());
    note::leave(doors, response.headers_mut(), form.seen.now, note, 0, "");
    response
}
