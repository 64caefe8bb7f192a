//! The waiting pages: type the code, or look into the mail; ask again; use another address; collect a session that was
//! approved elsewhere.

use super::done::enter;
use super::note::{self, Left, Note, Spot};
use super::screens::{Approved, Code, LinkSent};
use super::start::start_address;
use super::{Query, login_page, waiting};
use crate::Doors;
use crate::kit::answer;
use crate::kit::form::Form;
use crate::kit::frame::Seen;
use crate::supertokens::cookies as session_cookies;
use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use postkey_auth::decide::sign_in::Standing;
use postkey_auth::{CancelError, CompleteError, Proof, ResendAs, ResendError, StartError, Waiting, Wanted};
use postkey_model::{Call, Connection, Tenant, TenantId, Timestamp};
use serde_json::json;

/// `GET /auth/code`
pub async fn show(state: State<Doors>, seen: Extension<Seen>, headers: HeaderMap) -> Response {
    waiting_page(state, seen, headers, true).await
}

/// `GET /auth/sent`
pub async fn show_sent(state: State<Doors>, seen: Extension<Seen>, headers: HeaderMap) -> Response {
    waiting_page(state, seen, headers, false).await
}

async fn waiting_page(State(doors): State<Doors>, Extension(seen): Extension<Seen>, headers: HeaderMap, for_code: bool) -> Response {
    let found = match waiting::SIGN_IN.look(&doors, &headers, &seen).await {
        Ok(found) => found,
        Err(e) => return answer::unavailable(&doors, &headers, &seen, &e.0),
    };
    let Some((own, call, waiting)) = found else { return answer::move_on("/auth") };
    let Some(tenant) = doors.auth().tenant(&own.tenant) else { return answer::move_on("/auth") };
    let tenant = &*tenant;
    if waiting.standing != Standing::Open {
        return over(&doors, &headers, &seen, tenant, &waiting).await;
    }
    if waiting.approved {
        return login_page(&doors, &headers, &seen, tenant, &Approved {});
    }
    if for_code != waiting.has_code {
        return answer::move_on(if waiting.has_code { "/auth/code" } else { "/auth/sent" });
    }
    let left = note::read(&headers);
    if for_code {
        let screen = code_screen(&doors, &headers, &seen, tenant, &call, &waiting, left.as_ref());
        return login_page(&doors, &headers, &seen, tenant, &screen);
    }
    let (said, good) = banner(&doors, &headers, &seen, tenant, &call, &waiting, left.as_ref());
    let screen = LinkSent {
        tenant: tenant.id.to_string(),
        id: waiting.id.to_string(),
        to: waiting.to.shown(),
        by_phone: waiting.to.connection() == Connection::Sms,
        number: waiting.number.unwrap_or_default(),
        minutes: tenant.sign_in.lifetime.0 / 60_000,
        until: waiting.expires_at.0,
        wait: wait(&waiting, left.as_ref(), call.now),
        said,
        good,
    };
    login_page(&doors, &headers, &seen, tenant, &screen)
}

/// For how long nothing more is sent, in milliseconds.
fn wait(waiting: &Waiting, left: Option<&Left>, now: Timestamp) -> i64 {
    waiting.resend_from.since(now).0.max(note::throttled_for(left, now)).max(0)
}

/// What a waiting page says above its form: what a note has to tell; else, when that is so, that its link is dead.
fn banner(
    doors: &Doors,
    headers: &HeaderMap,
    seen: &Seen,
    tenant: &Tenant,
    call: &Call,
    waiting: &Waiting,
    left: Option<&Left>,
) -> (String, bool) {
    let (said, good) = note::banner(left, doors, seen, headers, tenant);
    if said.is_empty() && !waiting.has_code && waiting.expires_at <= call.now {
        return (doors.say(seen, headers, Some(tenant), "link-expired-title", &[]), false);
    }
    (said, good)
}

/// The form for a code, for signing in and for changing identifiers.
pub(super) fn code_screen(
    doors: &Doors,
    headers: &HeaderMap,
    seen: &Seen,
    tenant: &Tenant,
    call: &Call,
    waiting: &Waiting,
    left: Option<&Left>,
) -> Code {
    let (said, good) = banner(doors, headers, seen, tenant, call, waiting, left);
    let mut error = note::said(left, doors, seen, headers, tenant, Spot::Field);
    if error.is_empty() && waiting.expires_at <= call.now {
        error = doors.say(seen, headers, Some(tenant), Note::ExpiredCode.key(), &[]);
    }
    Code {
        tenant: tenant.id.to_string(),
        id: waiting.id.to_string(),
        to: waiting.to.shown(),
        new: String::new(),
        step: "",
        forms: "/auth/_",
        by_phone: waiting.to.connection() == Connection::Sms,
        has_link: waiting.has_link,
        numeric: tenant.sign_in.code.digits_only(),
        // The usual length, also when this code is longer: the page tells nobody how an account is doing.
        length: tenant.sign_in.code.length(),
        left: if waiting.attempts > 0 && error.is_empty() { waiting.max_attempts - waiting.attempts } else { 0 },
        number: waiting.number.unwrap_or_default(),
        minutes: tenant.sign_in.lifetime.0 / 60_000,
        until: waiting.expires_at.0,
        wait: wait(waiting, left, call.now),
        error,
        said,
        good,
    }
}

/// A sign-in that is over: with the link in another tab, most likely, and then this browser is signed in.
async fn over(doors: &Doors, headers: &HeaderMap, seen: &Seen, tenant: &Tenant, waiting: &Waiting) -> Response {
    let signed_in = match session_cookies::signed_in(doors, headers, seen).await {
        Ok(session) => session.is_some_and(|session| session.opens(&tenant.id)),
        Err(unavailable) => return unavailable,
    };
    if signed_in {
        let default = || tenant.destinations.default_place().as_str().to_owned();
        return answer::move_on(&waiting.destination.clone().unwrap_or_else(default));
    }
    let mut response = answer::move_on(&start_address(Some(tenant), waiting.destination.as_deref()));
    waiting::SIGN_IN.forget(doors, response.headers_mut());
    let left = match waiting.standing {
        Standing::Ended(how) if how.let_in() => Left::plain(Note::UsedElsewhere),
        Standing::Exhausted => Left { typed: waiting.to.shown(), ..Left::plain(Note::TooManyWrong) },
        Standing::Ended(_) | Standing::Lapsed | Standing::Open => Left { typed: waiting.to.shown(), ..Left::plain(Note::StartAgain) },
    };
    note::leave(doors, response.headers_mut(), seen.now, &left);
    response
}

/// `GET /auth/_/waiting`: whether this browser's sign-in still waits. Mints nothing.
pub async fn poll(State(doors): State<Doors>, Extension(seen): Extension<Seen>, uri: Uri, headers: HeaderMap) -> Response {
    let found = match waiting::SIGN_IN.look(&doors, &headers, &seen).await {
        Ok(found) => found,
        Err(e) => return answer::unavailable(&doors, &headers, &seen, &e.0),
    };
    let told = match found {
        Some((_, _, waiting)) if waiting.standing == Standing::Open && !waiting.approved => json!({ "state": "waiting" }),
        Some(_) => json!({ "state": "over", "location": "/auth/code" }),
        // The cookie is gone: back to the login page of the tenant it was for.
        None => json!({ "state": "over", "location": start_address(Query::of(&uri).tenant(&doors).as_deref(), None) }),
    };
    answer::json(StatusCode::OK, &told)
}

/// `POST /auth/_/code`
pub async fn submit(State(doors): State<Doors>, form: Form) -> Response {
    let Some(own) = waiting::SIGN_IN.own(&form.headers) else { return start_again(&doors, &form, None) };
    let proof = Proof::Code { sign_in: own.id.clone(), device: own.device.clone(), typed: form.get("code").to_owned() };
    complete(&doors, &form, &own, &proof).await
}

/// `POST /auth/_/collect`: the session of a sign-in that was approved where its link was opened.
pub async fn collect(State(doors): State<Doors>, form: Form) -> Response {
    let Some(own) = waiting::SIGN_IN.own(&form.headers) else { return start_again(&doors, &form, None) };
    let proof = Proof::Approval { sign_in: own.id.clone(), device: own.device.clone() };
    complete(&doors, &form, &own, &proof).await
}

async fn complete(doors: &Doors, form: &Form, own: &waiting::Own, proof: &Proof) -> Response {
    if let Some(answer) = waiting::of_another_tab(doors, form, own, "/auth/code") {
        return answer;
    }
    let call = doors.call(&form.seen, &form.headers, own.tenant.clone());
    let tenant = doors.auth().tenant(&own.tenant);
    let tenant = tenant.as_deref();
    let stay = |left: Left| note::go(doors, form, "/auth/code", &left);
    match doors.auth().complete(&call, proof, waiting::trusted(&form.headers)).await {
        Ok(completed) => enter(doors, form, &completed).await,
        Err(CompleteError::WrongCode { left, .. }) => stay(Left::counted(Note::WrongCode, left)),
        Err(CompleteError::ExpiredCode { .. }) => stay(Left::plain(Note::ExpiredCode)),
        Err(CompleteError::NotACode) => stay(Left::plain(Note::NotACode)),
        Err(CompleteError::Throttled { until }) => stay(Left::counted(Note::GuessesThrottled, until.0)),
        Err(CompleteError::TooManyWrong) => out_of_tries(doors, form, tenant).await,
        // Used in another tab: the waiting page finds out and goes on.
        Err(CompleteError::Over(_)) => answer::go(&form.headers, "/auth/code"),
        Err(CompleteError::Unknown | CompleteError::LinkExpired) => start_again(doors, form, tenant),
        Err(CompleteError::Busy) => answer::try_again(doors, form, "busy"),
        Err(CompleteError::Unavailable(e)) => answer::try_again(doors, form, &e.0),
    }
}

/// `POST /auth/_/resend`
pub async fn resend(State(doors): State<Doors>, form: Form) -> Response {
    let found = match waiting::SIGN_IN.look(&doors, &form.headers, &form.seen).await {
        Ok(found) => found,
        Err(e) => return answer::try_again(&doors, &form, &e.0),
    };
    let Some((own, call, _)) = found else { return start_again(&doors, &form, None) };
    if let Some(answer) = waiting::of_another_tab(&doors, &form, &own, "/auth/code") {
        return answer;
    }
    let what = if form.get("as") == "code" { ResendAs::Code } else { ResendAs::Usual };
    // The waiting page knows whether there is a code to type.
    let told = |left: &Left| note::go(&doors, &form, "/auth/code", left);
    let tenant = doors.auth().tenant(&own.tenant);
    let tenant = tenant.as_deref();
    match doors.auth().resend(&call, &own.id, &own.device, what).await {
        Ok(_) => told(&Left::plain(Note::SentAgain)),
        Err(ResendError::TooSoon { .. }) => told(&Left::plain(Note::TooSoon)),
        Err(ResendError::Throttled { until }) => told(&Left::counted(Note::Throttled, until.0)),
        Err(ResendError::NoTexts(held)) => told(&Left::plain(Note::about_texts(&held))),
        Err(ResendError::Over(Standing::Exhausted)) => out_of_tries(&doors, &form, tenant).await,
        Err(ResendError::Over(_)) => answer::go(&form.headers, "/auth/code"),
        Err(ResendError::Unknown) => start_again(&doors, &form, tenant),
        Err(ResendError::Busy) => answer::try_again(&doors, &form, "busy"),
        Err(ResendError::Unavailable(e)) => answer::try_again(&doors, &form, &e.0),
    }
}

/// `POST /auth/_/again`: a new sign-in in the place of this browser's last one, for the same address and place.
pub async fn again(State(doors): State<Doors>, form: Form) -> Response {
    let found = match waiting::SIGN_IN.look(&doors, &form.headers, &form.seen).await {
        Ok(found) => found,
        Err(e) => return answer::try_again(&doors, &form, &e.0),
    };
    let Some((own, call, waiting)) = found else { return start_again(&doors, &form, None) };
    let tenant = doors.auth().tenant(&own.tenant);
    let tenant = tenant.as_deref();
    let trusted = waiting::trusted(&form.headers);
    let destination = waiting.destination.as_deref();
    let wanted = Wanted { typed: waiting.to.as_str(), method: None, country: None, destination, trusted: trusted.as_ref() };
    match doors.auth().start(&call, wanted).await {
        Ok(sent) => {
            let mut response = answer::go(&form.headers, if sent.has_code { "/auth/code" } else { "/auth/sent" });
            waiting::SIGN_IN.remember(&doors, response.headers_mut(), &sent, &own.tenant, call.now);
            note::leave(&doors, response.headers_mut(), call.now, &Left::plain(Note::SentAgain));
            response
        }
        Err(StartError::Throttled { until }) => {
            let left = Left { typed: waiting.to.as_str().to_owned(), ..Left::counted(Note::Throttled, until.0) };
            note::go(&doors, &form, &start_address(tenant, destination), &left)
        }
        Err(StartError::NoTexts(held)) => {
            note::go(&doors, &form, &start_address(tenant, destination), &Left::plain(Note::about_texts(&held)))
        }
        // What was good once is not any more: a changed config, most likely.
        Err(StartError::Identifier(_) | StartError::Destination(_) | StartError::UnknownTenant) => start_again(&doors, &form, tenant),
        Err(StartError::Busy) => answer::try_again(&doors, &form, "busy"),
        Err(StartError::Unavailable(e)) => answer::try_again(&doors, &form, &e.0),
    }
}

/// `POST /auth/_/cancel`: ends the sign-in. What was typed comes back, to be mended or replaced.
pub async fn cancel(State(doors): State<Doors>, form: Form) -> Response {
    let found = match waiting::SIGN_IN.look(&doors, &form.headers, &form.seen).await {
        Ok(found) => found,
        Err(e) => return answer::try_again(&doors, &form, &e.0),
    };
    let Some((own, call, waiting)) = found else { return answer::go(&form.headers, "/auth") };
    if let Some(answer) = waiting::of_another_tab(&doors, &form, &own, "/auth/code") {
        return answer;
    }
    match doors.auth().cancel(&call, &own.id, &own.device).await {
        Ok(()) => {}
        Err(CancelError::Unavailable(e)) => return answer::try_again(&doors, &form, &e.0),
    }
    let tenant = doors.auth().tenant(&own.tenant);
    let tenant = tenant.as_deref();
    let left = Left { typed: waiting.to.shown(), ..Left::plain(Note::Typed) };
    given_up(&doors, &form, &start_address(tenant, waiting.destination.as_deref()), &left)
}

/// Back to the start, with the reason, and still on the way to where the person wanted to go.
async fn out_of_tries(doors: &Doors, form: &Form, tenant: Option<&Tenant>) -> Response {
    // Where that was is not worth failing for: there is a default.
    let waiting = waiting::SIGN_IN.look(doors, &form.headers, &form.seen).await.ok().flatten().map(|(_, _, waiting)| waiting);
    let place = waiting.as_ref().and_then(|waiting| waiting.destination.as_deref());
    let typed = waiting.as_ref().map(|waiting| waiting.to.shown()).unwrap_or_default();
    given_up(doors, form, &start_address(tenant, place), &Left { typed, ..Left::plain(Note::TooManyWrong) })
}

fn start_again(doors: &Doors, form: &Form, tenant: Option<&Tenant>) -> Response {
    let named = TenantId::parse(form.get("tenantId")).and_then(|id| doors.auth().tenant(&id));
    given_up(doors, form, &start_address(tenant.or(named.as_deref()), None), &Left::plain(Note::StartAgain))
}

/// On to the start form at `address`, with the reason; this browser waits for no sign-in any more.
fn given_up(doors: &Doors, form: &Form, address: &str, left: &Left) -> Response {
    let mut response = answer::go(&form.headers, address);
    waiting::SIGN_IN.forget(doors, response.headers_mut());
    note::leave(doors, response.headers_mut(), form.seen.now, left);
    response
}
