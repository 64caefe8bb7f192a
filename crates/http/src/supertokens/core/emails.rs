//! Proofs of addresses, by tokens that back ends mail (contract supertokens-core.md §4.4).

use super::ask::{Answer, Ask, Refusal, invalid, unknown_tenant};
use postkey_auth::EmailTokenError;
use postkey_auth::decide::people::normal_email;
use serde_json::json;

/// `POST /<tenant>/recipe/user/email/verify/token`
pub async fn make_token(ask: &Ask) -> Answer {
    let (id, email) = (ask.text("userId")?, normal_email(ask.text("email")?));
    match ask.doors.auth().make_email_token(ask.tenant(), id, &email, ask.now()).await {
        Ok(token) => Ok(json!({ "status": "OK", "token": token.expose() })),
        Err(e) => refused(e),
    }
}

/// `POST /<tenant>/recipe/user/email/verify`
pub async fn verify(ask: &Ask) -> Answer {
    if ask.text("method")? != "token" {
        return Err(Refusal::Bad("Unsupported method for email verification".to_owned()));
    }
    match ask.doors.auth().use_email_token(&ask.app(), ask.text("token")?, ask.now()).await {
        Ok((identity, email)) => Ok(json!({ "status": "OK", "userId": identity.as_str(), "email": email })),
        Err(e) => refused(e),
    }
}

/// `GET /recipe/user/email/verify?userId=&email=`
pub async fn is_verified(ask: &Ask) -> Answer {
    let (id, email) = (ask.query("userId")?, normal_email(ask.query("email")?));
    let is_verified = ask.doors.auth().is_email_verified(&ask.app(), id, &email).await?;
    Ok(json!({ "status": "OK", "isVerified": is_verified }))
}

/// `POST /recipe/user/email/verify/remove`
pub async fn unverify(ask: &Ask) -> Answer {
    ask.doors.auth().unverify_email(&ask.app(), ask.text("userId")?, &normal_email(ask.text("email")?)).await?;
    Ok(json!({ "status": "OK" }))
}

/// `POST /<tenant>/recipe/user/email/verify/token/remove`
pub async fn remove_tokens(ask: &Ask) -> Answer {
    ask.doors.auth().remove_email_tokens(&ask.app(), ask.text("userId")?, &normal_email(ask.text("email")?)).await?;
    Ok(json!({ "status": "OK" }))
}

fn refused(e: EmailTokenError) -> Answer {
    match e {
        EmailTokenError::AlreadyVerified => Ok(json!({ "status": "EMAIL_ALREADY_VERIFIED_ERROR" })),
        EmailTokenError::InvalidToken => Ok(json!({ "status": "EMAIL_VERIFICATION_INVALID_TOKEN_ERROR" })),
        EmailTokenError::UnknownTenant => Err(unknown_tenant()),
        EmailTokenError::UnknownAddress => match invalid("email") {
            Refusal::Bad(text) => Err(Refusal::Bad(format!("{text}: no user of this id has that address"))),
            other => Err(other),
        },
        EmailTokenError::Unavailable(e) => Err(e.into()),
    }
}
