//! The session key set and its discovery document: what back ends need to verify access tokens by themselves.

use crate::Doors;
use crate::kit::answer;
use axum::extract::State;
use axum::http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use postkey_model::{Algorithm, Millis};
use serde_json::{Value, json};

/// `GET /auth/jwt/jwks.json`, `GET /.well-known/jwks.json`: a JWK set (RFC 7517 §5).
pub async fn key_set(State(doors): State<Doors>) -> Response {
    for_everybody(kept(doors.auth().key_set()))
}

/// The answer that holds a key set, and says how long it may be kept.
pub(crate) fn kept((set, max_age): (Value, Millis)) -> Response {
    let mut response = answer::json(StatusCode::OK, &set);
    if let Ok(value) = HeaderValue::from_str(&format!("max-age={}, must-revalidate", max_age.as_secs().max(1))) {
        response.headers_mut().insert(CACHE_CONTROL, value);
    }
    response
}

/// `GET /auth/.well-known/openid-configuration` (OpenID Connect Discovery 1.0 §3, as far as sessions need it).
pub async fn discovery(State(doors): State<Doors>) -> Response {
    let issuer = doors.auth().issuer();
    let algorithms: Vec<&str> = Algorithm::ALL.iter().map(|algorithm| algorithm.as_str()).collect();
    let document = json!({
        "issuer": issuer,
        "jwks_uri": format!("{issuer}/jwt/jwks.json"),
        // Named as the contract wants them; nobody is served there (supertokens-frontend.md §5, §7.4).
        "authorization_endpoint": format!("{issuer}/oauth/auth"),
        "token_endpoint": format!("{issuer}/oauth/token"),
        "userinfo_endpoint": format!("{issuer}/oauth/userinfo"),
        "revocation_endpoint": format!("{issuer}/oauth/revoke"),
        "token_introspection_endpoint": format!("{issuer}/oauth/introspect"),
        "end_session_endpoint": format!("{issuer}/oauth/end_session"),
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": algorithms,
        "response_types_supported": ["code", "id_token", "id_token token"],
    });
    for_everybody(answer::json(StatusCode::OK, &document))
}

/// Public keys are no secret: any page may read them.
pub(crate) fn for_everybody(mut response: Response) -> Response {
    response.headers_mut().insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    response.headers_mut().insert("cross-origin-resource-policy", HeaderValue::from_static("cross-origin"));
    response
}
