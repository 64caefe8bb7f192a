//! Whether somebody has an account (contract supertokens-frontend.md §2.1): answered where a tenant lets anybody ask.

use super::asked::{Asked, bad, either};
use crate::Doors;
use crate::kit::answer;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use postkey_auth::ExistenceError;
use postkey_model::ContactMethod;
use serde_json::json;

/// `GET /auth/{tenant}/passwordless/email/exists?email=…`
pub async fn email(State(doors): State<Doors>, asked: Asked) -> Response {
    either(told(&doors, &asked, ContactMethod::Email, "email").await)
}

/// `GET /auth/{tenant}/passwordless/phonenumber/exists?phoneNumber=…`
pub async fn phone(State(doors): State<Doors>, asked: Asked) -> Response {
    either(told(&doors, &asked, ContactMethod::Phone, "phoneNumber").await)
}

async fn told(doors: &Doors, asked: &Asked, method: ContactMethod, name: &str) -> Result<Response, Response> {
    match doors.auth().has_account(&asked.call, method, asked.query(name)?).await {
        Ok(exists) => Ok(answer::json(StatusCode::OK, &json!({ "status": "OK", "exists": exists }))),
        Err(e @ ExistenceError::NotTold) => {
            let message = format!("{e}: it would with existence_checks = true");
            Err(answer::json(StatusCode::NOT_FOUND, &json!({ "message": message })))
        }
        Err(e @ ExistenceError::Throttled { until }) => {
            let mut response = answer::json(StatusCode::TOO_MANY_REQUESTS, &json!({ "message": e.to_string() }));
            answer::retry_at(&mut response, asked.seen.now, until);
            Err(response)
        }
        Err(ExistenceError::Identifier(e)) => Err(bad(&e.to_string())),
        Err(ExistenceError::Unavailable(e)) => Err(asked.unavailable(doors, &e.0)),
    }
}
