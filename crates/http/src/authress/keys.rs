//! Key sets and discovery: what back ends verify with (contract authress.md §3.3).

use super::{refuse, unavailable};
use crate::Doors;
use crate::keys::{for_everybody, kept};
use crate::kit::answer;
use crate::kit::frame::Seen;
use axum::Extension;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use data_encoding::BASE64URL_NOPAD;
use postkey_model::ClientSettings;
use serde_json::json;

/// `GET /.well-known/openid-configuration/jwks`: the keys of what applications get.
pub async fn key_set(State(doors): State<Doors>) -> Response {
    for_everybody(kept(doors.auth().login_key_set()))
}

/// `GET /v1/clients/{id}/.well-known/openid-configuration/jwks`: the public keys of a service client. One that was deleted is
/// gone at once, so nobody may keep a copy.
pub async fn client_key_set(State(doors): State<Doors>, Extension(seen): Extension<Seen>, Path(id): Path<String>) -> Response {
    let client = match doors.auth().registered::<ClientSettings>(&id).await {
        Ok(Some(client)) => client,
        Ok(None) => return for_everybody(refuse(&seen, StatusCode::NOT_FOUND, "NotFound", "There is no service client of this id.")),
        Err(e) => return unavailable(&seen, &e.0),
    };
    let keys = client.settings.keys.iter().filter_map(|key| {
        let x = BASE64URL_NOPAD.encode(&key.bytes()?);
        Some(json!({ "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": key.id, "x": x }))
    });
    for_everybody(answer::json(StatusCode::OK, &json!({ "keys": keys.collect::<Vec<_>>() })))
}

/// `GET /.well-known/openid-configuration` (OpenID Connect Discovery 1.0 §3, as far as the SDKs read it).
pub async fn discovery(State(doors): State<Doors>) -> Response {
    let issuer = doors.auth().public_origin();
    let document = json!({
        "issuer": issuer.as_text(),
        "authorization_endpoint": format!("{issuer}/"),
        "jwks_uri": format!("{issuer}/.well-known/openid-configuration/jwks"),
        "end_session_endpoint": format!("{issuer}/logout"),
        "scopes_supported": ["openid", "profile", "email"],
        "response_types_supported": ["code"],
        "grant_types_supported": ["authorization_code"],
        "code_challenge_methods_supported": ["S256"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["EdDSA"],
    });
    for_everybody(answer::json(StatusCode::OK, &document))
}
