//! Codes for one more identifier of whoever is signed in: calls with `shouldTryLinkingWithSessionUser` (contract
//! supertokens-frontend.md §2.3). The tenant is the session's, and the session stays.

use super::asked::Asked;
use super::codes::{done, not_completed, not_started, not_taken, restart, sent_json};
use super::tokens;
use crate::Doors;
use crate::pages::note::{Left, Note};
use axum::response::Response;
use postkey_auth::{ChangeError, Proof, ProveError, ProvedNow};
use postkey_model::{Call, ContactMethod, Session, SignInId};

/// The call of whoever is signed in, for the tenant of their session.
pub async fn call(doors: &Doors, asked: &Asked) -> Result<(Call, Session), Response> {
    let (_, _, session) = tokens::session(doors, asked).await?;
    Ok((Call { tenant: session.tenant.clone(), ..asked.call.clone() }, session))
}

/// Sends a code to the new identifier.
pub async fn create(doors: &Doors, asked: &Asked, method: ContactMethod, typed: &str) -> Result<Response, Response> {
    let (call, session) = call(doors, asked).await?;
    match doors.auth().add_in_app(&call, &session, method, typed).await {
        Ok(sent) => Ok(sent_json(&sent)),
        Err(ChangeError::AlreadyYours) => Ok(asked.not_allowed(doors, &Left::plain(Note::AlreadyYours))),
        Err(ChangeError::NotTaken) => Err(not_taken()),
        // The user is gone, and so is the session.
        Err(ChangeError::NotYours) => Err(tokens::over(doors, &asked.headers, "unauthorised")),
        Err(ChangeError::Start(e)) => Err(not_started(doors, asked, method, e)),
    }
}

/// Takes the code that proves the new identifier. `own` is what the client says of its sign-in.
pub async fn consume(doors: &Doors, asked: &Asked, own: Option<(SignInId, &str)>, typed: &str) -> Result<Response, Response> {
    let (call, session) = call(doors, asked).await?;
    let Some((sign_in, device)) = own else { return Ok(restart()) };
    let is_new = match doors.auth().prove(&call, &session.user, &sign_in, device, typed).await {
        Ok(ProvedNow::Added) => true,
        Ok(ProvedNow::Changed) => false,
        // A change of our own pages, which go on with it.
        Ok(ProvedNow::Next(_)) => return Ok(restart()),
        Err(ProveError::Code(e)) => {
            let proof = Proof::Code { sign_in, device: device.to_owned(), typed: typed.to_owned() };
            return not_completed(doors, asked, &call, &proof, e).await;
        }
        Err(ProveError::NoTexts(held)) => return Ok(asked.told(doors, &Left::plain(Note::about_number(&held)))),
        Err(ProveError::Throttled { until }) => return Ok(asked.told(doors, &Left::counted(Note::Throttled, until.0))),
        Err(ProveError::Dead) => return Ok(asked.not_allowed(doors, &Left::plain(Note::ChangeDead))),
    };
    match doors.auth().user_of(&session).await {
        Ok(Some(user)) => Ok(done(is_new, &user)),
        Ok(None) => Err(tokens::over(doors, &asked.headers, "unauthorised")),
        Err(e) => Err(asked.unavailable(doors, &e.0)),
    }
}
