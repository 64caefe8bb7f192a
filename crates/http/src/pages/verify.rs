//! Links: the page that a link opens, and what happens when its forms come back. Looking at it spends nothing; the
//! secret is behind the `#`, and only the forms send it.

use super::done::enter;
use super::note::{self, Left, Note};
use super::screens::{LinkProblem, Verify};
use super::start::start_address;
use super::{Query, login_page, minutes_since, waiting};
use crate::Doors;
use crate::kit::answer;
use crate::kit::form::Form;
use crate::kit::frame::Seen;
use crate::kit::screen::{Message, PageLink};
use crate::supertokens::cookies as session_cookies;
use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use postkey_auth::decide::sign_in::Standing;
use postkey_auth::{ApproveError, CompleteError, LinkView, Proof};
use postkey_model::{Agent, Call, EndedHow, Session, SignInId, Tenant, TenantId};
use postkey_store::Unavailable;
use postkey_words::Arg;
use serde_json::json;

/// `GET /auth/verify?preAuthSessionId=…&tenantId=…#secret`
pub async fn show(State(doors): State<Doors>, Extension(seen): Extension<Seen>, uri: Uri, headers: HeaderMap) -> Response {
    let query = Query::of(&uri);
    // A link that was mangled on its way still gets its page, which says what to do.
    let tenant = query.tenant(&doors).or_else(|| doors.auth().tenant(&TenantId::public()));
    let Some(tenant) = tenant else { return answer::move_on("/auth") };
    let tenant = &*tenant;
    let id = query.get("preAuthSessionId").and_then(SignInId::parse);
    let call = doors.call(&seen, &headers, tenant.id.clone());
    let session = match session_cookies::signed_in(&doors, &headers, &seen).await {
        Ok(session) => session,
        Err(unavailable) => return unavailable,
    };
    match screen(&doors, &headers, &seen, tenant, &call, id.as_ref(), session.as_ref()).await {
        Ok(Some(screen)) => login_page(&doors, &headers, &seen, tenant, &screen),
        Ok(None) => dead_link(&doors, &headers, &seen, tenant),
        Err(e) => answer::unavailable(&doors, &headers, &seen, &e.0),
    }
}

/// What the page says; `None` for a browser that did not ask, about a link that opens nothing (any more).
async fn screen(
    doors: &Doors,
    headers: &HeaderMap,
    seen: &Seen,
    tenant: &Tenant,
    call: &Call,
    id: Option<&SignInId>,
    session: Option<&Session>,
) -> Result<Option<Verify>, Unavailable> {
    let Some(id) = id else { return Ok(None) };
    let bare = Verify { id: id.to_string(), tenant: tenant.id.to_string(), ..Verify::default() };
    let view = doors.auth().link(call, id).await?;
    let ours = asked_here(doors, headers, call, id).await?;
    let current = match (&view, session) {
        (Some(view), Some(session)) => signed_in_as_another(doors, call, session, view).await?,
        _ => None,
    };
    // In the browser that asked it goes on by itself, also to find out what became of a dead link. Never swap the
    // session of one person for that of another without asking.
    if ours && current.is_none() {
        let waiting = waiting::SIGN_IN.look(doors, headers, seen).await?;
        let code_out = waiting.is_some_and(|(_, _, waiting)| waiting.has_code && waiting.standing == Standing::Open);
        return Ok(Some(Verify { same_browser: true, code_out, ..bare }));
    }
    let Some(LinkView { to, asked, asked_at, takes_number }) = view else { return Ok(None) };
    let agent = Agent::stored(&asked.agent);
    Ok(Some(Verify {
        to: if ours { to.shown() } else { to.masked() },
        current: current.unwrap_or_default(),
        ago: minutes_since(asked_at, call.now),
        browser: agent.browser.name().unwrap_or_default(),
        system: agent.system.name().unwrap_or_default(),
        near: doors.near(&asked.client_ip, &doors.language(seen, headers, Some(tenant))),
        takes_number: takes_number && !ours,
        ..bare
    }))
}

/// As whom this browser is signed in, when that is not the person whom the link is for.
async fn signed_in_as_another(doors: &Doors, call: &Call, session: &Session, view: &LinkView) -> Result<Option<String>, Unavailable> {
    let own = Call { tenant: session.tenant.clone(), ..call.clone() };
    let identities = doors.auth().identities_of(&own, &session.user).await?;
    if session.tenant == call.tenant && identities.iter().any(|identity| identity.identifier().as_ref() == Some(&view.to)) {
        return Ok(None);
    }
    let shown = identities.iter().find(|identity| identity.id == session.identity).or(identities.first());
    let shown = shown.and_then(|identity| identity.identifier());
    Ok(Some(shown.map_or_else(|| session.user.to_string(), |identifier| identifier.shown())))
}

/// Whether this browser asked for the link: it holds the sign-in's secret.
async fn asked_here(doors: &Doors, headers: &HeaderMap, call: &Call, id: &SignInId) -> Result<bool, Unavailable> {
    match waiting::SIGN_IN.own(headers).filter(|own| own.id == *id) {
        Some(own) => doors.auth().asked_by(call, id, &own.device).await,
        None => Ok(false),
    }
}

/// What the forms of the page send: for which tenant, which sign-in, and the link's secret.
fn sent(doors: &Doors, form: &Form) -> (Call, Option<(SignInId, String)>) {
    let tenant = TenantId::parse(form.get("tenantId")).unwrap_or_else(TenantId::public);
    let secret = form.get("linkCode");
    let id = SignInId::parse(form.get("preAuthSessionId")).filter(|_| !secret.is_empty());
    (doors.call(&form.seen, &form.headers, tenant), id.map(|id| (id, secret.to_owned())))
}

/// `POST /auth/_/verify`
pub async fn submit(State(doors): State<Doors>, form: Form) -> Response {
    let (call, Some((id, secret))) = sent(&doors, &form) else { return problem(&doors, &form, Note::LinkInvalid) };
    let proof = Proof::Link { sign_in: id.clone(), secret };
    let note = match doors.auth().complete(&call, &proof, waiting::trusted(&form.headers)).await {
        Ok(completed) => return enter(&doors, &form, &completed).await,
        Err(CompleteError::LinkExpired) => Note::LinkExpired,
        Err(CompleteError::Over(how)) => ended(how),
        Err(CompleteError::TooManyWrong) => Note::LinkTries,
        Err(CompleteError::Unknown) => Note::LinkInvalid,
        Err(
            CompleteError::WrongCode { .. } | CompleteError::ExpiredCode { .. } | CompleteError::NotACode | CompleteError::Throttled { .. },
        ) => Note::LinkInvalid,
        Err(CompleteError::Busy) => return answer::try_again(&doors, &form, "busy"),
        Err(CompleteError::Unavailable(e)) => return answer::try_again(&doors, &form, &e.0),
    };
    // Only the browser that asked learns which it was; to all others a used link looks like any dead one.
    match asked_here(&doors, &form.headers, &call, &id).await {
        // It was used right here, and the person is in: the waiting page goes on.
        Ok(true) if note == Note::LinkUsed && session_cookies::sender(&doors, &form).await.is_ok_and(|session| session.is_some()) => {
            answer::go(&form.headers, "/auth/code")
        }
        Ok(true) => problem(&doors, &form, note),
        Ok(false) => problem(&doors, &form, Note::LinkInvalid),
        Err(e) => answer::try_again(&doors, &form, &e.0),
    }
}

fn ended(how: EndedHow) -> Note {
    match how {
        EndedHow::Completed => Note::LinkUsed,
        EndedHow::Superseded => Note::LinkReplaced,
        EndedHow::Cancelled => Note::LinkCancelled,
    }
}

/// `POST /auth/_/opened`: our script says that somebody looks at the page. For the timeline only.
pub async fn opened(State(doors): State<Doors>, form: Form) -> Response {
    if let (call, Some((id, secret))) = sent(&doors, &form)
        && let Err(e) = doors.auth().opened(&call, &id, &secret).await
    {
        tracing::warn!(id = %form.seen.request_id, error = %e, "an opened link was not noted");
    }
    answer::json(StatusCode::OK, &json!({}))
}

/// `POST /auth/_/approve`: the number that the asking browser shows.
pub async fn approve(State(doors): State<Doors>, form: Form) -> Response {
    let (call, Some((id, secret))) = sent(&doors, &form) else { return problem(&doors, &form, Note::LinkInvalid) };
    let note = match doors.auth().approve(&call, &id, &secret, form.get("number")).await {
        Ok(()) => Note::NumberRight,
        Err(ApproveError::WrongNumber) => Note::WrongNumber,
        Err(ApproveError::Spent) => Note::NumberSpent,
        Err(ApproveError::LinkExpired | ApproveError::Unknown | ApproveError::Over(_)) => Note::LinkInvalid,
        Err(ApproveError::Busy) => return answer::try_again(&doors, &form, "busy"),
        Err(ApproveError::Unavailable(e)) => return answer::try_again(&doors, &form, &e.0),
    };
    problem(&doors, &form, note)
}

/// `POST /auth/_/disown`: "this was not me" ends the sign-in.
pub async fn disown(State(doors): State<Doors>, form: Form) -> Response {
    let (call, Some((id, secret))) = sent(&doors, &form) else { return problem(&doors, &form, Note::LinkInvalid) };
    match doors.auth().disown(&call, &id, &secret).await {
        Ok(()) => problem(&doors, &form, Note::Disowned),
        Err(e) => answer::try_again(&doors, &form, &e.0),
    }
}

/// On to the page that says what became of a link.
fn problem(doors: &Doors, form: &Form, note: Note) -> Response {
    let tenant = TenantId::parse(form.get("tenantId")).filter(|id| *id != TenantId::public());
    let place = tenant.and_then(|id| doors.auth().tenant(&id)).map(|tenant| format!("/auth/link-problem?tenantId={}", tenant.id));
    note::go(doors, form, place.as_deref().unwrap_or("/auth/link-problem"), &Left::plain(note))
}

/// `GET /auth/link-problem`
pub async fn show_problem(State(doors): State<Doors>, Extension(seen): Extension<Seen>, uri: Uri, headers: HeaderMap) -> Response {
    let waiting = waiting::SIGN_IN.look(&doors, &headers, &seen).await.ok().flatten();
    // The tenant of the link; else that of the sign-in this browser waits for.
    let query = Query::of(&uri);
    let own = waiting.as_ref().filter(|_| query.get("tenantId").is_none()).and_then(|(own, _, _)| doors.auth().tenant(&own.tenant));
    let Some(tenant) = own.or_else(|| query.tenant(&doors)) else { return answer::move_on("/auth") };
    let tenant = &*tenant;
    let note = note::read(&headers).map_or(Note::LinkInvalid, |left| left.note);
    let say = |key: &str| doors.say(&seen, &headers, Some(tenant), key, &[("app", Arg::Text(&tenant.app_name))]);
    let (heading, offers) = match note {
        Note::LinkExpired => ("link-expired-title", true),
        Note::LinkUsed => ("link-used-title", true),
        Note::LinkReplaced => ("link-replaced-title", true),
        Note::LinkCancelled => ("link-cancelled-title", true),
        Note::LinkTries => ("link-tries-title", true),
        // In the browser that asked there is somewhere to send a new one.
        Note::LinkInvalid if waiting.is_some() => ("link-invalid-title", true),
        Note::NumberRight => ("number-done-title", false),
        Note::Disowned => ("disowned-title", false),
        Note::WrongNumber | Note::NumberSpent => ("error-number-title", false),
        _ => return dead_link(&doors, &headers, &seen, tenant),
    };
    if !offers {
        let links = if note == Note::NumberRight {
            Vec::new()
        } else {
            vec![PageLink { href: start_address(Some(tenant), None), words: say("start-again") }]
        };
        let message = Message { heading: say(heading), words: say(note.key()), links, ..Message::default() };
        return login_page(&doors, &headers, &seen, tenant, &message);
    }
    let waiting = waiting.map(|(_, call, waiting)| (call, waiting));
    let open = waiting.as_ref().is_some_and(|(_, waiting)| waiting.standing == Standing::Open);
    let place = waiting.as_ref().and_then(|(_, waiting)| waiting.destination.clone());
    let screen = LinkProblem {
        heading: say(heading),
        words: say(note.key()),
        to: waiting.as_ref().map(|(_, waiting)| waiting.to.shown()).unwrap_or_default(),
        again: !open,
        wait: waiting.filter(|_| open).map_or(0, |(call, waiting)| waiting.resend_from.since(call.now).0.max(0)),
        start: start_address(Some(tenant), place.as_deref()),
    };
    login_page(&doors, &headers, &seen, tenant, &screen)
}

/// One page for every link that does not work, in a browser that did not ask for it: no oracle.
fn dead_link(doors: &Doors, headers: &HeaderMap, seen: &Seen, tenant: &Tenant) -> Response {
    let say = |key| doors.say(seen, headers, Some(tenant), key, &[]);
    let start = start_address(Some(tenant), None);
    let screen =
        LinkProblem { heading: say("link-invalid-title"), words: say("link-invalid"), to: String::new(), again: false, wait: 0, start };
    login_page(doors, headers, seen, tenant, &screen)
}
