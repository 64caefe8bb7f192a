//! Signing in by code or link (contract supertokens-frontend.md §2): create, resend, consume.

use super::asked::{Asked, bad, either, status};
use super::user::user_json;
use super::{device, linking, tokens};
use crate::Doors;
use crate::kit::answer;
use crate::pages::note::{Left, Note};
use crate::pages::waiting;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use postkey_auth::{CompleteError, Proof, ResendAs, ResendError, Sent, StartError, Wanted, WebStartError};
use postkey_model::{Call, ContactMethod, SignInId};
use postkey_store::UserFacts;
use serde_json::json;

/// Whether whoever is signed in adds an identifier, and does not sign in (contract §2.3).
const LINKING: &str = "shouldTryLinkingWithSessionUser";

/// `POST /auth/{tenant}/signinup/code`
pub async fn create(State(doors): State<Doors>, asked: Asked) -> Response {
    either(created(&doors, &asked).await)
}

async fn created(doors: &Doors, asked: &Asked) -> Result<Response, Response> {
    let (method, typed) = asked.contact()?;
    if asked.flag(LINKING)? {
        return linking::create(doors, asked, method, typed).await;
    }
    let trusted = waiting::trusted(&asked.headers);
    let wanted = Wanted { typed, method: Some(method), trusted: trusted.as_ref(), ..Wanted::default() };
    match doors.auth().start_in_app(&asked.call, wanted).await {
        Ok(sent) => {
            let mut response = sent_json(&sent);
            // A link that opens on our own page finds that this browser asked for it.
            waiting::SIGN_IN.remember(doors, response.headers_mut(), &sent, &asked.tenant.id, asked.seen.now);
            Ok(response)
        }
        Err(WebStartError::NotTaken) => Err(not_taken()),
        Err(WebStartError::Start(e)) => Err(not_started(doors, asked, method, e)),
    }
}

/// What a client keeps of a sign-in.
pub(super) fn sent_json(sent: &Sent) -> Response {
    let secret = sent.device.as_ref().map_or("", |device| device.expose().as_str());
    let told = json!({
        "status": "OK",
        "deviceId": device::write(&sent.sign_in, secret),
        "preAuthSessionId": sent.sign_in.as_str(),
        "flowType": sent.flow().as_str(),
    });
    answer::json(StatusCode::OK, &told)
}

pub(super) fn not_taken() -> Response {
    bad("People of this tenant do not sign in with identifiers of that kind.")
}

pub(super) fn not_started(doors: &Doors, asked: &Asked, method: ContactMethod, e: StartError) -> Response {
    match e {
        StartError::Identifier(e) => asked.told(doors, &Left::plain(Note::about_typed(&e, method))),
        StartError::Throttled { until } => asked.told(doors, &Left::counted(Note::Throttled, until.0)),
        StartError::NoTexts(held) => asked.told(doors, &Left::plain(Note::about_texts(&held))),
        StartError::UnknownTenant => not_taken(),
        StartError::Destination(e) => bad(&e.to_string()),
        StartError::Busy => asked.unavailable(doors, "busy"),
        StartError::Unavailable(e) => asked.unavailable(doors, &e.0),
    }
}

/// `POST /auth/{tenant}/signinup/code/resend`
pub async fn resend(State(doors): State<Doors>, asked: Asked) -> Response {
    either(resent(&doors, &asked).await)
}

async fn resent(doors: &Doors, asked: &Asked) -> Result<Response, Response> {
    let (word, id) = (asked.text("deviceId")?, asked.text("preAuthSessionId")?);
    let call = if asked.flag(LINKING)? { linking::call(doors, asked).await?.0 } else { asked.call.clone() };
    let Some((sign_in, secret)) = own(word, id) else { return Ok(restart()) };
    match doors.auth().resend(&call, &sign_in, secret, ResendAs::Usual).await {
        Ok(_) => Ok(status("OK")),
        Err(ResendError::TooSoon { .. }) => Ok(asked.told(doors, &Left::plain(Note::TooSoon))),
        Err(ResendError::Throttled { until }) => Ok(asked.told(doors, &Left::counted(Note::Throttled, until.0))),
        Err(ResendError::NoTexts(held)) => Ok(asked.told(doors, &Left::plain(Note::about_texts(&held)))),
        Err(ResendError::Unknown | ResendError::Over(_)) => Ok(restart()),
        Err(ResendError::Busy) => Err(asked.unavailable(doors, "busy")),
        Err(ResendError::Unavailable(e)) => Err(asked.unavailable(doors, &e.0)),
    }
}

/// `POST /auth/{tenant}/signinup/code/consume`
pub async fn consume(State(doors): State<Doors>, asked: Asked) -> Response {
    either(consumed(&doors, &asked).await)
}

async fn consumed(doors: &Doors, asked: &Asked) -> Result<Response, Response> {
    let id = asked.text("preAuthSessionId")?;
    let is_linking = asked.flag(LINKING)?;
    match (asked.opt_text("linkCode")?, asked.opt_text("deviceId")?, asked.opt_text("userInputCode")?) {
        // A link opens a session of its own and joins nobody's account; whoever wants that is told as the contract has it.
        (Some(_), None, None) if is_linking => tokens::session(doors, asked).await.map(|_| restart()),
        (Some(secret), None, None) => {
            let Some(sign_in) = SignInId::parse(id) else { return Ok(restart()) };
            by_link(doors, asked, &Proof::Link { sign_in, secret: secret.to_owned() }).await
        }
        (None, Some(word), Some(typed)) => {
            if is_linking {
                return linking::consume(doors, asked, own(word, id), typed).await;
            }
            let Some((sign_in, secret)) = own(word, id) else { return Ok(restart()) };
            by_code(doors, asked, &Proof::Code { sign_in, device: secret.to_owned(), typed: typed.to_owned() }).await
        }
        _ => Err(bad("Either linkCode is wanted, or deviceId and userInputCode.")),
    }
}

/// The sign-in of both words, if they speak of the same one.
pub(super) fn own<'a>(word: &'a str, id: &str) -> Option<(SignInId, &'a str)> {
    device::read(word).filter(|(sign_in, _)| sign_in.as_str() == id)
}

async fn by_code(doors: &Doors, asked: &Asked, proof: &Proof) -> Result<Response, Response> {
    match doors.auth().complete_with_user(&asked.call, proof, waiting::trusted(&asked.headers)).await {
        Ok((completed, user)) => Ok(entered(doors, asked, &completed, &user)),
        Err(e) => not_completed(doors, asked, &asked.call, proof, e).await,
    }
}

/// A link never tells more than that it is of no use: pages wait for ever on any other answer (contract §2.4).
async fn by_link(doors: &Doors, asked: &Asked, proof: &Proof) -> Result<Response, Response> {
    match doors.auth().complete_with_user(&asked.call, proof, waiting::trusted(&asked.headers)).await {
        Ok((completed, user)) => Ok(entered(doors, asked, &completed, &user)),
        Err(CompleteError::LinkExpired | CompleteError::Over(_) | CompleteError::Unknown | CompleteError::TooManyWrong) => Ok(restart()),
        Err(CompleteError::WrongCode { .. } | CompleteError::ExpiredCode { .. } | CompleteError::NotACode) => Ok(restart()),
        Err(CompleteError::Throttled { .. }) => Ok(restart()),
        Err(CompleteError::Busy) => Err(asked.unavailable(doors, "busy")),
        Err(CompleteError::Unavailable(e)) => Err(asked.unavailable(doors, &e.0)),
    }
}

fn entered(doors: &Doors, asked: &Asked, completed: &postkey_auth::Completed, user: &UserFacts) -> Response {
    let mut response = done(completed.is_new_user, user);
    let (headers, now) = (response.headers_mut(), asked.seen.now);
    tokens::give(doors, &asked.headers, headers, &completed.tokens, tokens::wanted(&asked.headers), now);
    waiting::trust(doors, headers, &completed.trusted, now);
    response
}

/// The answer to a right code or link. The SDKs count the login methods of somebody new (contract §10 item 1).
pub(super) fn done(is_new: bool, user: &UserFacts) -> Response {
    answer::json(StatusCode::OK, &json!({ "status": "OK", "createdNewRecipeUser": is_new, "user": user_json(user) }))
}

/// The answer to a code that brought nothing.
pub(super) async fn not_completed(
    doors: &Doors,
    asked: &Asked,
    call: &Call,
    proof: &Proof,
    e: CompleteError,
) -> Result<Response, Response> {
    match e {
        CompleteError::WrongCode { left, attempts } => Ok(counted("INCORRECT_USER_INPUT_CODE_ERROR", attempts, left)),
        CompleteError::ExpiredCode { left, attempts } => Ok(counted("EXPIRED_USER_INPUT_CODE_ERROR", attempts, left)),
        // It cost no try, so the count is what it was.
        CompleteError::NotACode => match doors.auth().tries_of(call, proof).await {
            Ok(Some((attempts, left))) => Ok(counted("INCORRECT_USER_INPUT_CODE_ERROR", attempts, left)),
            Ok(None) => Ok(restart()),
            Err(e) => Err(asked.unavailable(doors, &e.0)),
        },
        CompleteError::Throttled { until } => Ok(asked.told(doors, &Left::counted(Note::GuessesThrottled, until.0))),
        CompleteError::TooManyWrong | CompleteError::Unknown | CompleteError::LinkExpired | CompleteError::Over(_) => Ok(restart()),
        CompleteError::Busy => Err(asked.unavailable(doors, "busy")),
        CompleteError::Unavailable(e) => Err(asked.unavailable(doors, &e.0)),
    }
}

fn counted(word: &str, attempts: i64, left: i64) -> Response {
    let told = json!({ "status": word, "failedCodeInputAttemptCount": attempts, "maximumCodeInputAttempts": attempts + left });
    answer::json(StatusCode::OK, &told)
}

pub(super) fn restart() -> Response {
    status("RESTART_FLOW_ERROR")
}
