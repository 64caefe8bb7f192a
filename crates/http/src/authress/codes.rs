//! Codes in place of links: a service client has one made and delivers it; the browser that asked sends back what was typed.

use super::requests::sentence;
use super::{Asked, Bad, either, refuse, too_many, unavailable};
use crate::Doors;
use crate::kit::answer;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use postkey_auth::{CodeWish, CompleteError, LoginCodeError};
use postkey_model::{LoginRequestId, Millis};
use serde_json::{Value, json};

/// `POST /v1/clients/{id}/codes`: whom it is for, by the login's id and the user's, or by the login URL that an SDK made.
pub async fn make(State(doors): State<Doors>, Path(id): Path<String>, asked: Asked) -> Response {
    either(made(&doors, &id, &asked).await)
}

async fn made(doors: &Doors, id: &str, asked: &Asked) -> Result<Response, Response> {
    let client = super::management::caller(doors, asked).await?;
    if client.id != id {
        return Err(refuse(&asked.seen, StatusCode::FORBIDDEN, "Forbidden", "A service client makes codes for its own logins only."));
    }
    let by_url = match asked.text("authenticationUrl")? {
        Some(url) => Some(Stated::of(url).ok_or_else(|| asked.bad("authenticationUrl is no login URL."))?),
        None => None,
    };
    let request = by_url.as_ref().map(|stated| stated.request.as_str()).or(asked.text("authenticationRequestId")?);
    let request =
        request.and_then(LoginRequestId::parse).ok_or_else(|| asked.bad("authenticationRequestId is missing or none of ours."))?;
    let stated = match &by_url {
        Some(Stated { code: Some(code), issuer, .. }) => {
            let stated = doors.auth().look_at_assertion(&request, code, issuer.as_deref(), &asked.call).await;
            Some(stated.map_err(|why| refuse(&asked.seen, StatusCode::BAD_REQUEST, "InvalidAssertion", &sentence(&why.to_string())))?)
        }
        Some(Stated { code: None, .. }) | None => None,
    };
    let subject =
        stated.as_ref().map(|stated| stated.subject.as_str()).or(asked.text("userId")?).ok_or_else(|| asked.bad("userId is missing."))?;
    let digits = number(asked, "length")?.map(|length| u8::try_from(length).unwrap_or(u8::MAX));
    let verified_email = stated.as_ref().filter(|stated| stated.is_verified).and_then(|stated| stated.email.as_deref());
    let wish = CodeWish { subject, verified_email, digits, lifetime: number(asked, "lifetime")?.map(Millis::from_secs) };
    match doors.auth().make_login_code(&asked.call, &client, &request, wish).await {
        Ok(made) => {
            let at = jiff::Timestamp::from_millisecond(made.expires_at.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
            Ok(answer::json(StatusCode::CREATED, &json!({ "code": made.code.expose(), "expiresAt": at.to_string() })))
        }
        Err(why) => Err(match &why {
            LoginCodeError::Unknown => {
                refuse(&asked.seen, StatusCode::NOT_FOUND, "ExpiredAuthenticationRequest", &sentence(&why.to_string()))
            }
            LoginCodeError::Wrong(words) => asked.bad(&sentence(words)),
            LoginCodeError::TokenGenerationOff => refuse(&asked.seen, StatusCode::FORBIDDEN, "Forbidden", &sentence(&why.to_string())),
            LoginCodeError::Busy => unavailable(&asked.seen, "busy"),
            LoginCodeError::Unavailable(e) => unavailable(&asked.seen, &e.0),
        }),
    }
}

/// A whole number of the body that may be missing.
fn number(asked: &Asked, name: &str) -> Result<Option<i64>, Bad> {
    match asked.body.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => value.as_i64().map(Some).ok_or_else(|| asked.wrong(format!("{name} has to be a whole number."))),
    }
}

/// `POST /api/authentication/{id}/code`: what was typed, for the address that finishes the login.
pub async fn typed(State(doors): State<Doors>, Path(id): Path<String>, asked: Asked) -> Response {
    either(finished(&doors, &id, &asked).await)
}

async fn finished(doors: &Doors, id: &str, asked: &Asked) -> Result<Response, Response> {
    let gone = || refuse(&asked.seen, StatusCode::NOT_FOUND, "ExpiredAuthenticationRequest", "This login is over: begin again.");
    let id = LoginRequestId::parse(id).ok_or_else(gone)?;
    let code = asked.text("code")?.ok_or_else(|| asked.bad("code is missing."))?;
    let wrong = |errorcode: &str, title: &str, left: i64| {
        let body = json!({ "title": title, "errorCode": errorcode, "errorId": asked.seen.request_id, "triesLeft": left });
        answer::json(StatusCode::BAD_REQUEST, &body)
    };
    match doors.auth().type_login_code(&asked.call, &id, code).await {
        Ok(url) => Ok(answer::json(StatusCode::OK, &json!({ "authenticationUrl": url }))),
        Err(CompleteError::WrongCode { left, .. }) => Err(wrong("WrongCode", "The code is wrong.", left)),
        Err(CompleteError::ExpiredCode { left, .. }) => Err(wrong("ExpiredCode", "The code has expired: ask for another.", left)),
        Err(CompleteError::NotACode) => Err(refuse(&asked.seen, StatusCode::BAD_REQUEST, "NotACode", "That is not a code.")),
        Err(CompleteError::Throttled { until }) => {
            Err(too_many(&asked.seen, until, "Too many wrong codes came from this network: try again later."))
        }
        Err(CompleteError::TooManyWrong) => {
            let title = "Too many wrong codes: ask for another.";
            Err(refuse(&asked.seen, StatusCode::TOO_MANY_REQUESTS, "TooManyWrongCodes", title))
        }
        Err(CompleteError::Unknown | CompleteError::LinkExpired | CompleteError::Over(_)) => Err(gone()),
        Err(CompleteError::Busy) => Err(unavailable(&asked.seen, "busy")),
        Err(CompleteError::Unavailable(e)) => Err(unavailable(&asked.seen, &e.0)),
    }
}

/// What a login URL holds.
struct Stated {
    request: String,
    code: Option<String>,
    issuer: Option<String>,
}

impl Stated {
    fn of(text: &str) -> Option<Self> {
        let url = url::Url::parse(text).ok()?;
        let get = |name: &str| url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
        Some(Stated { request: get("state")?, code: get("code"), issuer: get("iss") })
    }
}
