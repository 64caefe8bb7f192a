//! Whether somebody's address is verified (contract supertokens-frontend.md §7.2). Signing in by mail verifies it, so there
//! is little to do but to say so; each answer brings a token whose claim says the same.

use super::asked::{Asked, bad, either, status};
use super::tokens;
use crate::Doors;
use crate::kit::answer;
use crate::pages::note::{Left, Note};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::json;

/// `GET /auth/user/email/verify`
pub async fn show(State(doors): State<Doors>, asked: Asked) -> Response {
    either(told(&doors, &asked, |is_verified| answer::json(StatusCode::OK, &json!({ "status": "OK", "isVerified": is_verified }))).await)
}

/// `POST /auth/user/email/verify/token`: nothing is mailed. Whose proof a back end took back signs in once more.
pub async fn send(State(doors): State<Doors>, asked: Asked) -> Response {
    let again = || asked.told(&doors, &Left::plain(Note::StartAgain));
    either(told(&doors, &asked, |is_verified| if is_verified { status("EMAIL_ALREADY_VERIFIED_ERROR") } else { again() }).await)
}

async fn told(doors: &Doors, asked: &Asked, say: impl Fn(bool) -> Response) -> Result<Response, Response> {
    let (mode, claims, session) = tokens::session(doors, asked).await?;
    let (is_verified, fresh) =
        doors.auth().verified_now(&session, &claims, asked.seen.now).await.map_err(|e| asked.unavailable(doors, &e.0))?;
    let mut response = say(is_verified);
    tokens::give_access(doors, response.headers_mut(), &fresh, mode, asked.seen.now);
    Ok(response)
}

/// `POST /auth/{tenant}/user/email/verify`: this server mails no such tokens, so none is right.
pub async fn verify(asked: Asked) -> Response {
    either(asked.text("method").and_then(|method| asked.text("token").map(|_| method)).map(|method| match method {
        "token" => status("EMAIL_VERIFICATION_INVALID_TOKEN_ERROR"),
        _ => bad("The method has to be token."),
    }))
}
