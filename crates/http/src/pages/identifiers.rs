//! The email addresses and phone numbers of whoever is signed in: add one, or put another in the place of one. Each new
//! one is proved by a code; the old one is told, and confirms first where it is the only way in.

use super::code::code_screen;
use super::done::who;
use super::field::{country, refusal, shown_country, typed, usual_country};
use super::note::{self, Left, Note, Spot};
use super::screens::{Code, Field, Identifiers, IdentityRow, NewIdentifier};
use super::start::throttled;
use super::{Query, login_page, renew, waiting};
use crate::Doors;
use crate::kit::answer;
use crate::kit::form::Form;
use crate::kit::frame::Seen;
use crate::supertokens::cookies as session_cookies;
use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use postkey_auth::decide::identifier::Wish;
use postkey_auth::decide::sign_in::Standing;
use postkey_auth::{
    CancelError, ChangeError, CompleteError, ProveError, ProvedNow, ResendAs, ResendError, SessionError, StartError, WayIn,
};
use postkey_model::{Call, Connection, IdentityId, Purpose, Session, Tenant};
use postkey_store::Unavailable;
use postkey_words::Value;
use std::sync::Arc;

const LIST: &str = "/auth/identifiers";
const CODE: &str = "/auth/identifiers/code";

/// `GET /auth/identifiers`
pub async fn show(State(doors): State<Doors>, Extension(seen): Extension<Seen>, uri: Uri, headers: HeaderMap) -> Response {
    let (session, tenant) = match who(&doors, &headers, &seen, &uri).await {
        Ok(found) => found,
        Err(answer) => return answer,
    };
    let tenant = &*tenant;
    let call = doors.call(&seen, &headers, tenant.id.clone());
    let ways_in = match doors.auth().ways_in(&call, &session.user).await {
        Ok(ways_in) => ways_in,
        Err(e) => return answer::unavailable(&doors, &headers, &seen, &e.0),
    };
    let left = note::read(&headers);
    let (said, good) = note::banner(left.as_ref(), &doors, &seen, &headers, tenant);
    let screen = Identifiers {
        identities: ways_in.iter().map(row).collect(),
        adds_email: tenant.contact.takes_email(),
        adds_phone: tenant.contact.takes_phone(),
        said,
        good,
    };
    login_page(&doors, &headers, &seen, tenant, &screen)
}

fn row(way_in: &WayIn) -> IdentityRow {
    IdentityRow { id: way_in.identity.id.to_string(), shown: way_in.identifier.shown(), may_go: way_in.may_go }
}

/// `GET /auth/identifiers/new?add=email` or `?change=IDENTITY`
pub async fn show_new(State(doors): State<Doors>, Extension(seen): Extension<Seen>, uri: Uri, headers: HeaderMap) -> Response {
    let (session, tenant) = match who(&doors, &headers, &seen, &uri).await {
        Ok(found) => found,
        Err(answer) => return answer,
    };
    let tenant = &*tenant;
    let query = Query::of(&uri);
    let (change, add) = (query.get("change").unwrap_or_default(), query.get("add").unwrap_or_default());
    match new_screen(&doors, &headers, &seen, tenant, &session, change, add, note::read(&headers).as_ref()).await {
        Ok(Some(screen)) => login_page(&doors, &headers, &seen, tenant, &screen),
        Ok(None) => answer::move_on(LIST),
        Err(e) => answer::unavailable(&doors, &headers, &seen, &e.0),
    }
}

/// The form for a new identifier; `None` when nothing of the kind can be added or changed.
#[allow(clippy::too_many_arguments, reason = "what a page depends on; each of its own kind")]
async fn new_screen(
    doors: &Doors,
    headers: &HeaderMap,
    seen: &Seen,
    tenant: &Tenant,
    session: &Session,
    change: &str,
    add: &str,
    left: Option<&Left>,
) -> Result<Option<NewIdentifier>, Unavailable> {
    let ways_in = doors.auth().ways_in(&doors.call(seen, headers, tenant.id.clone()), &session.user).await?;
    let changed = ways_in.iter().find(|way_in| way_in.identity.id.as_str() == change);
    let (heading, field) = match (changed.map(|way_in| way_in.identity.connection), add) {
        (Some(Connection::Email), _) => ("change-email-title", Field::Email),
        (Some(Connection::Sms), _) => ("change-phone-title", Field::Phone),
        (None, "email") if tenant.contact.takes_email() => ("add-email-title", Field::Email),
        (None, "phone") if tenant.contact.takes_phone() => ("add-phone-title", Field::Phone),
        (Some(Connection::Provider(_)) | None, _) => return Ok(None),
    };
    let region = left.and_then(|left| left.country).or_else(|| usual_country(doors, tenant, headers));
    let said = |spot| note::said(left, doors, seen, headers, tenant, spot);
    Ok(Some(NewIdentifier {
        heading,
        field,
        tenant: tenant.id.to_string(),
        change: changed.map(|way_in| way_in.identity.id.to_string()).unwrap_or_default(),
        both: changed.is_some_and(|way_in| way_in.confirms),
        country: shown_country(doors, seen, headers, tenant, region),
        countries: if field == Field::Phone { doors.countries(seen, headers, tenant) } else { Value::from("") },
        typed: left.map(|left| left.typed.clone()).unwrap_or_default(),
        error: said(Spot::Field),
        said: said(Spot::Above),
        wait: note::throttled_for(left, seen.now),
    }))
}

/// Who sent a form, with their tenant and the call for it; otherwise the answer to give.
async fn sender(doors: &Doors, form: &Form) -> Result<(Session, Arc<Tenant>, Call), Response> {
    let session = session_cookies::sender(doors, form).await?;
    let found = session.and_then(|session| doors.auth().tenant(&session.tenant).map(|tenant| (session, tenant)));
    let (session, tenant) = found.ok_or_else(|| renew::form(form, LIST))?;
    let call = doors.call(&form.seen, &form.headers, tenant.id.clone());
    Ok((session, tenant, call))
}

/// `POST /auth/_/identifiers/start`
pub async fn start(State(doors): State<Doors>, form: Form) -> Response {
    let (session, tenant, call) = match sender(&doors, &form).await {
        Ok(found) => found,
        Err(answer) => return answer,
    };
    let tenant = &*tenant;
    let field = if form.get("as") == "phone" { Field::Phone } else { Field::Email };
    let change = form.get("change");
    // Ids that were brought along have any form.
    let wish = if change.is_empty() { Wish::Add } else { Wish::Change(IdentityId::stored(change.to_owned())) };
    let add = if field == Field::Phone { "phone" } else { "email" };
    let address = if change.is_empty() { format!("{LIST}/new?add={add}") } else { format!("{LIST}/new?change={change}") };
    let (typed, country) = (typed(&form), country(&doors, &form, tenant));
    let back = |left: &Left| note::go(&doors, &form, &address, left);
    match doors.auth().change_identifier(&call, &session.user, &wish, typed, field.method(), country).await {
        Ok(sent) => {
            let mut response = answer::go(&form.headers, CODE);
            waiting::CHANGE.remember(&doors, response.headers_mut(), &sent, &tenant.id, call.now);
            note::clear(&doors, &form.headers, response.headers_mut());
            response
        }
        Err(ChangeError::AlreadyYours) => back(&Left { typed: typed.to_owned(), country, ..Left::plain(Note::AlreadyYours) }),
        Err(ChangeError::NotTaken) => answer::go(&form.headers, LIST),
        Err(ChangeError::NotYours) => note::go(&doors, &form, LIST, &Left::plain(Note::NotYours)),
        Err(ChangeError::Start(StartError::Identifier(e))) => back(&refusal(&e, field, typed, country)),
        Err(ChangeError::Start(StartError::Throttled { until })) => {
            let left = Left { note: Note::Throttled, number: until.0, typed: typed.to_owned(), country };
            match new_screen(&doors, &form.headers, &form.seen, tenant, &session, change, add, Some(&left)).await {
                Ok(Some(screen)) => throttled(&doors, &form, tenant, &screen, &address, &left),
                Ok(None) => answer::go(&form.headers, LIST),
                Err(e) => answer::try_again(&doors, &form, &e.0),
            }
        }
        Err(ChangeError::Start(StartError::NoTexts(held))) => {
            back(&Left { typed: typed.to_owned(), country, ..Left::plain(Note::about_number(&held)) })
        }
        Err(ChangeError::Start(StartError::Destination(_) | StartError::UnknownTenant)) => answer::go(&form.headers, LIST),
        Err(ChangeError::Start(StartError::Busy)) => answer::try_again(&doors, &form, "busy"),
        Err(ChangeError::Start(StartError::Unavailable(e))) => answer::try_again(&doors, &form, &e.0),
    }
}

/// `GET /auth/identifiers/code`
pub async fn show_code(State(doors): State<Doors>, Extension(seen): Extension<Seen>, uri: Uri, headers: HeaderMap) -> Response {
    let (session, tenant) = match who(&doors, &headers, &seen, &uri).await {
        Ok(found) => found,
        Err(answer) => return answer,
    };
    let tenant = &*tenant;
    let found = match waiting::CHANGE.look(&doors, &headers, &seen).await {
        Ok(found) => found,
        Err(e) => return answer::unavailable(&doors, &headers, &seen, &e.0),
    };
    let pending = found.filter(|(_, _, waiting)| waiting.standing == Standing::Open && waiting.purpose.user() == Some(&session.user));
    let Some((_, call, waiting)) = pending else { return answer::move_on(LIST) };
    let left = note::read(&headers);
    let (step, new) = match &waiting.purpose {
        Purpose::ConfirmOld { to, .. } => ("confirm", to.shown()),
        Purpose::SignIn | Purpose::Login { .. } | Purpose::Add { .. } | Purpose::Change { .. } => ("prove", String::new()),
    };
    let screen = code_screen(&doors, &headers, &seen, tenant, &call, &waiting, left.as_ref());
    login_page(&doors, &headers, &seen, tenant, &Code { step, new, forms: "/auth/_/identifiers", ..screen })
}

/// `POST /auth/_/identifiers/code`
pub async fn prove(State(doors): State<Doors>, form: Form) -> Response {
    let (session, tenant, call) = match sender(&doors, &form).await {
        Ok(found) => found,
        Err(answer) => return answer,
    };
    let tenant = &*tenant;
    let found = match waiting::CHANGE.look(&doors, &form.headers, &form.seen).await {
        Ok(found) => found,
        Err(e) => return answer::try_again(&doors, &form, &e.0),
    };
    let Some((own, _, waiting)) = found else { return given_up(&doors, &form, Note::StartAgain) };
    if let Some(answer) = waiting::of_another_tab(&doors, &form, &own, CODE) {
        return answer;
    }
    let stay = |left: &Left| note::go(&doors, &form, CODE, left);
    let done = |note| {
        let mut response = note::go(&doors, &form, LIST, &Left { typed: waiting.to.shown(), ..Left::plain(note) });
        waiting::CHANGE.forget(&doors, response.headers_mut());
        response
    };
    match doors.auth().prove(&call, &session.user, &own.id, &own.device, form.get("code")).await {
        Ok(ProvedNow::Added) => done(Note::IdentifierAdded),
        Ok(ProvedNow::Changed) => done(Note::IdentifierChanged),
        Ok(ProvedNow::Next(sent)) => {
            let mut response = answer::go(&form.headers, CODE);
            waiting::CHANGE.remember(&doors, response.headers_mut(), &sent, &tenant.id, call.now);
            response
        }
        Err(ProveError::Throttled { until }) => stay(&Left::counted(Note::Throttled, until.0)),
        Err(ProveError::NoTexts(held)) => stay(&Left::plain(Note::about_number(&held))),
        Err(ProveError::Dead) => given_up(&doors, &form, Note::ChangeDead),
        Err(ProveError::Code(CompleteError::WrongCode { left, .. })) => stay(&Left::counted(Note::WrongCode, left)),
        Err(ProveError::Code(CompleteError::ExpiredCode { .. })) => stay(&Left::plain(Note::ExpiredCode)),
        Err(ProveError::Code(CompleteError::NotACode)) => stay(&Left::plain(Note::NotACode)),
        Err(ProveError::Code(CompleteError::Throttled { until })) => stay(&Left::counted(Note::GuessesThrottled, until.0)),
        Err(ProveError::Code(CompleteError::TooManyWrong)) => given_up(&doors, &form, Note::TooManyWrong),
        Err(ProveError::Code(CompleteError::Unknown | CompleteError::LinkExpired | CompleteError::Over(_))) => {
            given_up(&doors, &form, Note::StartAgain)
        }
        Err(ProveError::Code(CompleteError::Busy)) => answer::try_again(&doors, &form, "busy"),
        Err(ProveError::Code(CompleteError::Unavailable(e))) => answer::try_again(&doors, &form, &e.0),
    }
}

/// `POST /auth/_/identifiers/remove`
pub async fn remove(State(doors): State<Doors>, form: Form) -> Response {
    let (session, _, call) = match sender(&doors, &form).await {
        Ok(found) => found,
        Err(answer) => return answer,
    };
    let identity = IdentityId::stored(form.get("identity").to_owned());
    match doors.auth().remove_identity(&call, &session.user, &identity).await {
        Ok(true) => note::go(&doors, &form, LIST, &Left::plain(Note::IdentifierRemoved)),
        Ok(false) => note::go(&doors, &form, LIST, &Left::plain(Note::NotYours)),
        Err(SessionError::Unavailable(e)) => answer::try_again(&doors, &form, &e.0),
    }
}

/// The pending change of whoever sent a form; otherwise the answer to give.
async fn pending(doors: &Doors, form: &Form) -> Result<(waiting::Own, Call), Response> {
    let (session, ..) = sender(doors, form).await?;
    match waiting::CHANGE.look(doors, &form.headers, &form.seen).await {
        Ok(Some((own, call, waiting))) if waiting.purpose.user() == Some(&session.user) => {
            waiting::of_another_tab(doors, form, &own, CODE).map_or(Ok((own, call)), Err)
        }
        Ok(_) => Err(given_up(doors, form, Note::StartAgain)),
        Err(e) => Err(answer::try_again(doors, form, &e.0)),
    }
}

/// `POST /auth/_/identifiers/resend`
pub async fn resend(State(doors): State<Doors>, form: Form) -> Response {
    let (own, call) = match pending(&doors, &form).await {
        Ok(found) => found,
        Err(answer) => return answer,
    };
    let stay = |left: &Left| note::go(&doors, &form, CODE, left);
    match doors.auth().resend(&call, &own.id, &own.device, ResendAs::Usual).await {
        Ok(_) => stay(&Left::plain(Note::SentAgain)),
        Err(ResendError::TooSoon { .. }) => stay(&Left::plain(Note::TooSoon)),
        Err(ResendError::Throttled { until }) => stay(&Left::counted(Note::Throttled, until.0)),
        Err(ResendError::NoTexts(held)) => stay(&Left::plain(Note::about_number(&held))),
        Err(ResendError::Over(_) | ResendError::Unknown) => given_up(&doors, &form, Note::StartAgain),
        Err(ResendError::Busy) => answer::try_again(&doors, &form, "busy"),
        Err(ResendError::Unavailable(e)) => answer::try_again(&doors, &form, &e.0),
    }
}

/// `POST /auth/_/identifiers/cancel`
pub async fn cancel(State(doors): State<Doors>, form: Form) -> Response {
    let (own, call) = match pending(&doors, &form).await {
        Ok(found) => found,
        Err(answer) => return answer,
    };
    match doors.auth().cancel(&call, &own.id, &own.device).await {
        Ok(()) => {}
        Err(CancelError::Unavailable(e)) => return answer::try_again(&doors, &form, &e.0),
    }
    let mut response = answer::go(&form.headers, LIST);
    waiting::CHANGE.forget(&doors, response.headers_mut());
    response
}

fn given_up(doors: &Doors, form: &Form, note: Note) -> Response {
    let mut response = note::go(doors, form, LIST, &Left::plain(note));
    waiting::CHANGE.forget(doors, response.headers_mut());
    response
}
