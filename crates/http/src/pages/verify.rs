//! Links: the page that a link opens, and what happens when its form comes back. Looking at it spends nothing; the
//! secret is behind the `#`, and only the form sends it.

use super::done::enter;
use super::note::{self, Note};
use super::start::start_address;
use super::{Query, login_page, waiting};
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
use postkey_auth::decide::sign_in::Standing;
use postkey_auth::{CompleteError, Proof};
use postkey_model::{Call, EndedHow, SignInId, TenantId};
use postkey_store::Unavailable;

/// `GET /auth/verify?preAuthSessionId=…&tenantId=…#secret`
pub async fn show(State(doors): State<Doors>, Extension(seen): Extension<Seen>, uri: Uri, headers: HeaderMap) -> Response {
    let query = Query::of(&uri);
    // A link that was mangled on its way still gets its page, which says what to do.
    let tenant = query.tenant(&doors).or_else(|| doors.auth().tenant(&TenantId::public()));
    let Some(tenant) = tenant else { return answer::go(&HeaderMap::new(), "/auth") };
    let id = query.get("preAuthSessionId").and_then(SignInId::parse);
    let call = seen.call(&headers, tenant.id.clone());
    let asked_here = match asked_here(&doors, &headers, &call, id.as_ref()).await {
        Ok(asked_here) => asked_here,
        Err(e) => return answer::unavailable(&doors, &headers, &seen, &e.0),
    };
    let signed_in = match session_cookies::signed_in(&doors, &headers, &seen).await {
        Ok(session) => session.is_some(),
        Err(unavailable) => return unavailable,
    };
    let values = context! {
        id => id.as_ref().map_or("", SignInId::as_str),
        tenant => tenant.id.as_str(),
        // Signed in already: never swap a session without asking.
        same_browser => asked_here && !signed_in,
        signed_in,
    };
    login_page(&doors, &headers, &seen, tenant, "verify.html", values)
}

/// Whether this browser asked for the link: it holds the sign-in's secret.
async fn asked_here(doors: &Doors, headers: &HeaderMap, call: &Call, id: Option<&SignInId>) -> Result<bool, Unavailable> {
    let own = waiting::own(headers);
    match (id, own.filter(|own| Some(&own.id) == id)) {
        (Some(id), Some(own)) => doors.auth().asked_by(call, id, &own.device).await,
        _ => Ok(false),
    }
}

/// `POST /auth/_/verify`
pub async fn submit(State(doors): State<Doors>, form: Form) -> Response {
    let tenant = TenantId::parse(form.get("tenantId")).unwrap_or_else(TenantId::public);
    let call = form.seen.call(&form.headers, tenant);
    let known = doors.auth().tenant(&call.tenant).filter(|tenant| tenant.id != TenantId::public());
    let problem = |note| {
        let place = known.map_or("/auth/link-problem".to_owned(), |tenant| format!("/auth/link-problem?tenantId={}", tenant.id));
        let mut response = answer::go(&form.headers, &place);
        note::leave(&doors, response.headers_mut(), call.now, note, 0, "");
        response
    };
    let secret = form.get("linkCode");
    let Some(id) = SignInId::parse(form.get("preAuthSessionId")).filter(|_| !secret.is_empty()) else { return problem(Note::LinkInvalid) };
    let proof = Proof::Link { sign_in: id.clone(), secret: secret.to_owned() };
    let note = match doors.auth().complete(&call, &proof, waiting::trusted(&form.headers)).await {
        Ok(completed) => return enter(&doors, &form.headers, &completed, call.now),
        Err(CompleteError::LinkExpired) => Note::LinkExpired,
        Err(CompleteError::Over(EndedHow::Completed | EndedHow::Superseded)) => Note::LinkUsed,
        Err(CompleteError::TooManyWrong) => Note::TooManyWrong,
        Err(CompleteError::Over(EndedHow::Cancelled) | CompleteError::Unknown) => Note::LinkInvalid,
        Err(CompleteError::WrongCode { .. } | CompleteError::ExpiredCode { .. } | CompleteError::NotACode) => Note::LinkInvalid,
        Err(CompleteError::Busy) => return answer::unavailable(&doors, &form.headers, &form.seen, "busy"),
        Err(CompleteError::Unavailable(e)) => return answer::unavailable(&doors, &form.headers, &form.seen, &e.0),
    };
    // Only the browser that asked learns which it was; to all others a used link looks like any dead one.
    match asked_here(&doors, &form.headers, &call, Some(&id)).await {
        Ok(true) => problem(note),
        Ok(false) => problem(Note::LinkInvalid),
        Err(e) => answer::unavailable(&doors, &form.headers, &form.seen, &e.0),
    }
}

/// `GET /auth/link-problem`
pub async fn show_problem(State(doors): State<Doors>, Extension(seen): Extension<Seen>, uri: Uri, headers: HeaderMap) -> Response {
    let waiting = waiting::look(&doors, &headers, &seen).await.ok().flatten();
    let open = waiting.as_ref().filter(|(_, _, waiting)| waiting.standing == Standing::Open);
    // The tenant of the link; else that of the sign-in this browser waits for.
    let query = Query::of(&uri);
    let own = waiting.as_ref().filter(|_| query.get("tenantId").is_none()).and_then(|(own, _, _)| doors.auth().tenant(&own.tenant));
    let Some(tenant) = own.or_else(|| query.tenant(&doors)) else { return answer::go(&HeaderMap::new(), "/auth") };
    let note = note::read(&headers).map_or(Note::LinkInvalid, |left| left.note);
    let words = match note {
        Note::LinkExpired => "For your safety links work only for a short while.",
        Note::LinkUsed => "Each link works once. If you opened it a moment ago, you may be signed in already.",
        Note::TooManyWrong => "Too many wrong codes were typed, so its link does not work any more either.",
        _ => "It may have expired, been used, or been cut short. Ask for a new one where you want to sign in.",
    };
    let heading = if note == Note::TooManyWrong { Note::LinkInvalid.words(0) } else { note.words(0) };
    let values = context! {
        heading => heading.trim_end_matches('.'),
        words,
        can_resend => open.is_some(),
        start => start_address(Some(tenant), None),
        wait => open.map_or(0, |(_, call, waiting)| waiting.resend_from.since(call.now).0.max(0)),
    };
    login_page(&doors, &headers, &seen, tenant, "link-problem.html", values)
}
