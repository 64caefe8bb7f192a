//! How people of a tenant sign in (contract supertokens-frontend.md §6).

use super::asked::Asked;
use crate::kit::answer;
use axum::http::StatusCode;
use axum::response::Response;
use postkey_auth::decide::tenants::factors;
use serde_json::json;

/// `GET /auth/{tenant}/loginmethods`
pub async fn show(asked: Asked) -> Response {
    let factors = factors(&asked.tenant);
    let off = json!({ "enabled": false });
    let told = json!({
        "status": "OK",
        "emailPassword": off,
        "passwordless": { "enabled": !factors.is_empty() },
        // The SDKs look for the list without asking (§6).
        "thirdParty": { "enabled": false, "providers": [] },
        "webauthn": off,
        "firstFactors": factors,
    });
    answer::json(StatusCode::OK, &told)
}
