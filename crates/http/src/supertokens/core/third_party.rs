//! People whom another service vouches for: the back end asked it (contract supertokens-core.md §4.4).

use super::ask::{Answer, Ask, Refusal, Version, invalid, short, unknown_tenant};
use super::people::recipe_json;
use postkey_auth::{KnownByService, ThirdPartyError};
use postkey_model::ProviderId;
use serde_json::json;

/// `POST /<tenant>/recipe/signinup`
pub async fn sign_in_up(ask: &Ask) -> Answer {
    let provider = ProviderId::parse(ask.text("thirdPartyId")?).ok_or_else(|| invalid("thirdPartyId"))?;
    let subject = Some(ask.name("thirdPartyUserId")?).filter(|id| !id.is_empty()).ok_or_else(|| invalid("thirdPartyUserId"))?;
    let email = ask.object("email")?;
    let address = email.get("id").and_then(serde_json::Value::as_str).ok_or_else(|| invalid("email"))?;
    let address = short("email", address)?;
    let is_verified = email.get("isVerified").and_then(serde_json::Value::as_bool).unwrap_or(false);
    match ask.doors.auth().third_party_sign_in(&ask.call, provider, subject, address, is_verified).await {
        Ok(KnownByService { is_new_user, user, identity }) => {
            let mut answer = json!({ "status": "OK", "createdNewUser": is_new_user, "user": recipe_json(ask, &user, &identity) });
            if ask.version >= Version(4, 0) {
                answer["recipeUserId"] = identity.as_str().into();
            }
            Ok(answer)
        }
        Err(ThirdPartyError::EmailChangeNotAllowed) => {
            let reason = "Email already associated with another primary user.";
            Ok(json!({ "status": "EMAIL_CHANGE_NOT_ALLOWED_ERROR", "reason": reason }))
        }
        Err(ThirdPartyError::UnknownTenant) => Err(unknown_tenant()),
        Err(e @ ThirdPartyError::SignUpClosed) => Err(Refusal::Forbidden(e.to_string())),
        Err(ThirdPartyError::Unavailable(e)) => Err(e.into()),
    }
}
