//! Tokens signed for back ends, and the app's public keys (contract supertokens-core.md §3.4).

use super::ask::{Answer, Ask, Refusal, invalid};
use axum::response::Response;
use postkey_model::{Algorithm, Millis};
use serde_json::json;

/// `POST /recipe/jwt`
pub async fn create(ask: &Ask) -> Answer {
    if !ask.text("algorithm")?.eq_ignore_ascii_case(Algorithm::Rs256.as_str()) {
        return Ok(json!({ "status": "UNSUPPORTED_ALGORITHM_ERROR" }));
    }
    let (issuer, payload) = (ask.text("jwksDomain")?, ask.object("payload")?);
    let validity = Some(ask.number("validity")?).filter(|seconds| *seconds > 0).ok_or_else(|| invalid("validity"))?;
    let is_static = ask.opt_flag("useStaticSigningKey")?.unwrap_or(true);
    let auth = ask.doors.auth();
    let token = auth.sign_for_back_end(&ask.app(), issuer, payload, Millis::from_secs(validity), is_static, ask.now()).await?;
    Ok(json!({ "status": "OK", "jwt": token.expose() }))
}

/// `GET /recipe/jwt/jwks`, the older name of the key set.
pub async fn keys(ask: &Ask) -> Answer {
    let (mut set, _) = ask.doors.auth().key_set_of(&ask.app(), ask.now()).await?;
    set["status"] = "OK".into();
    Ok(set)
}

/// `GET /.well-known/jwks.json` of an app.
pub async fn key_set(ask: &Ask) -> Result<Response, Refusal> {
    Ok(crate::keys::kept(ask.doors.auth().key_set_of(&ask.app(), ask.now()).await?))
}
