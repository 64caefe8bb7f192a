//! `POST /api/authentication` and what follows it: an application's page asks for a login, and exchanges its code
//! (contract authress.md §1.2, §1.3).

use super::{Asked, Bad, cookies, either, refuse, too_many, unavailable};
use crate::Doors;
use crate::kit::answer;
use crate::kit::frame::Seen;
use axum::Extension;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use postkey_auth::{Begun, Choice, ExchangeError, LoginTokens, LoginWish, LoginWishError};
use postkey_model::{LinkTo, LoginRequestId, Session};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// `POST /api/authentication`
pub async fn begin(State(doors): State<Doors>, asked: Asked) -> Response {
    either(begun(&doors, &asked).await)
}

async fn begun(doors: &Doors, asked: &Asked) -> Result<Response, Response> {
    if asked.text("codeChallengeMethod")?.is_some_and(|method| method != "S256") {
        return Err(asked.bad("codeChallengeMethod has to be S256."));
    }
    let links = asked.body.get("linkIdentity") == Some(&Value::Bool(true));
    let session = if links { Some(signed_in(doors, asked).await?) } else { None };
    let (connection, tenant, invite) = (asked.text("connectionId")?, asked.text("tenantLookupIdentifier")?, asked.text("inviteId")?);
    let application = asked.text("applicationId")?.unwrap_or("app_default");
    let binding = cookies::binding(doors, &asked.headers);
    let wish = LoginWish {
        application,
        redirect_url: asked.text("redirectUrl")?.unwrap_or_default(),
        code_challenge: asked.text("codeChallenge")?.unwrap_or_default(),
        connection,
        tenant_lookup: tenant,
        invite,
        flow_type: asked.text("flowType")?,
        location: asked.text("responseLocation")?,
        audiences: asked.texts("audiences")?,
        scopes: asked.texts("requestedScopes")?,
        properties: properties(&asked.body),
        link: session.map(|session| LinkTo { user: session.user, session: session.handle, identity: session.identity }),
        binding: Some(&binding),
        work: asked.text("antiAbuseHash")?,
        worked_for: worked_for(&[connection, tenant, invite, Some(application)], asked.body.get("audiences")),
    };
    match doors.auth().begin_login(&asked.call, &asked.page, wish).await {
        Ok(begun) => {
            let mut response = begun_answer(&begun);
            cookies::bind(doors, response.headers_mut(), &binding, asked.seen.now);
            Ok(response)
        }
        Err(why) => Err(refusal(&asked.seen, &why)),
    }
}

/// `PATCH /api/authentication/{id}`: a page where people choose says by which connection.
pub async fn choose(State(doors): State<Doors>, Path(id): Path<String>, asked: Asked) -> Response {
    either(chosen(&doors, &id, &asked).await)
}

async fn chosen(doors: &Doors, id: &str, asked: &Asked) -> Result<Response, Response> {
    let (connection, tenant) = (asked.text("connectionId")?, asked.text("tenantLookupIdentifier")?);
    let choice = Choice {
        connection,
        tenant_lookup: tenant,
        properties: properties(&asked.body),
        work: asked.text("antiAbuseHash")?,
        worked_for: worked_for(&[connection, tenant, Some(id)], None),
    };
    if connection.or(tenant).is_none() {
        return Err(asked.bad("connectionId or tenantLookupIdentifier is missing."));
    }
    let id = LoginRequestId::parse(id).ok_or_else(|| refusal(&asked.seen, &LoginWishError::Unknown("authentication request")))?;
    match doors.auth().choose_connection(&asked.call, &asked.page, &id, choice).await {
        Ok(begun) => Ok(begun_answer(&begun)),
        Err(why) => Err(refusal(&asked.seen, &why)),
    }
}

/// `POST /api/authentication/{id}/tokens`: the code of a login for its tokens. Some SDKs write the names in camel case.
pub async fn exchange(State(doors): State<Doors>, Path(id): Path<String>, asked: Asked) -> Response {
    either(exchanged(&doors, &id, &asked).await)
}

async fn exchanged(doors: &Doors, id: &str, asked: &Asked) -> Result<Response, Response> {
    let code = asked.text("code")?.unwrap_or_default();
    let verifier = either_of(asked, "code_verifier", "codeVerifier")?.unwrap_or_default();
    let client = either_of(asked, "client_id", "clientId")?;
    let place = either_of(asked, "redirect_uri", "redirectUri")?;
    if asked.text("grant_type")?.is_some_and(|grant| grant != "authorization_code") {
        return Err(wrong_code(&asked.seen));
    }
    let worked_for = worked_for(&[client, Some(id), Some(code)], None);
    doors.auth().check_work(asked.text("antiAbuseHash")?, &worked_for, asked.seen.now).map_err(|why| refusal(&asked.seen, &why))?;
    let id = LoginRequestId::parse(id).ok_or_else(|| wrong_code(&asked.seen))?;
    match doors.auth().exchange_login(&asked.call, &id, code, verifier, client, place).await {
        Ok(tokens) => {
            let mut response = tokens_answer(&tokens);
            cookies::set_session(doors, response.headers_mut(), &tokens);
            Ok(response)
        }
        Err(ExchangeError::Wrong) => Err(wrong_code(&asked.seen)),
        Err(ExchangeError::Busy) => Err(unavailable(&asked.seen, "busy")),
        Err(ExchangeError::Unavailable(e)) => Err(unavailable(&asked.seen, &e.0)),
    }
}

/// A text under either of its two names.
fn either_of<'a>(asked: &'a Asked, snake: &str, camel: &str) -> Result<Option<&'a str>, Bad> {
    Ok(asked.text(snake)?.or(asked.text(camel)?))
}

/// `POST /api/authentication/oauth/tokens`
pub async fn no_grants(Extension(seen): Extension<Seen>) -> Response {
    let title = "No grants here: service clients sign their tokens with their access key, or show that itself as the bearer.";
    refuse(&seen, StatusCode::NOT_IMPLEMENTED, "NotSupported", title)
}

/// What an SDK reads of tokens.
pub fn tokens_answer(tokens: &LoginTokens) -> Response {
    let body = json!({
        "access_token": tokens.access.expose(),
        "id_token": tokens.id.expose(),
        "expires_in": tokens.expires_in,
        "token_type": "Bearer",
    });
    answer::json(StatusCode::OK, &body)
}

/// The session of whoever asks, by the access token or the cookie. One says who, the other that it is this browser: a linking is
/// completed only where the cookie is.
pub async fn signed_in(doors: &Doors, asked: &Asked) -> Result<Session, Response> {
    let over = || refuse(&asked.seen, StatusCode::UNAUTHORIZED, "Unauthorized", "Nobody is signed in: log in first.");
    if let Some(token) = asked.bearer() {
        return match doors.auth().verify_login(token, asked.seen.now).await {
            Ok(session) => Ok(session),
            Err(postkey_auth::LoginTokenError::Unauthorised) => Err(over()),
            Err(postkey_auth::LoginTokenError::Unavailable(e)) => Err(unavailable(&asked.seen, &e.0)),
        };
    }
    match cookies::session(doors, &asked.headers, asked.seen.now).await {
        Ok(Some(session)) if doors.auth().allows_login_session(&asked.page, &session) => Ok(session),
        Ok(Some(_) | None) => Err(over()),
        Err(e) => Err(unavailable(&asked.seen, &e.0)),
    }
}

fn begun_answer(begun: &Begun) -> Response {
    let body = json!({
        "authenticationRequestId": begun.id.as_str(),
        "authenticationUrl": begun.url,
        "enableCredentials": begun.sends_cookies,
    });
    answer::json(StatusCode::OK, &body)
}

/// What the work was done for, in the ways of the SDKs' generations: with and without the audiences. Values that are missing
/// leave no gap; an empty list leaves one.
fn worked_for(values: &[Option<&str>], audiences: Option<&Value>) -> Vec<String> {
    let plain: Vec<&str> = values.iter().filter_map(|value| value.filter(|value| !value.is_empty())).collect();
    let plain = plain.join("|");
    let Some(Value::Array(audiences)) = audiences else { return vec![plain] };
    let joined: Vec<&str> = audiences.iter().filter_map(Value::as_str).collect();
    vec![format!("{plain}|{}", joined.join(",")), plain]
}

/// The map of texts that goes to a provider.
fn properties(body: &Map<String, Value>) -> BTreeMap<String, String> {
    let Some(Value::Object(map)) = body.get("connectionProperties") else { return BTreeMap::new() };
    map.iter().take(32).filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect()
}

fn wrong_code(seen: &Seen) -> Response {
    let title = "The code is wrong, was used, or is too old.";
    let body = json!({ "error": "invalid_request", "title": title, "errorCode": "InvalidCode", "errorId": seen.request_id });
    answer::json(StatusCode::BAD_REQUEST, &body)
}

/// Why no login begins, in the words of the SDKs' error codes (contract §7, D15).
pub fn refusal(seen: &Seen, why: &LoginWishError) -> Response {
    let (status, code) = match why {
        LoginWishError::Throttled { until } => return too_many(seen, *until, &sentence(&why.to_string())),
        LoginWishError::UnknownApplication => (StatusCode::BAD_REQUEST, "InvalidApplication"),
        LoginWishError::WrongOrigin => (StatusCode::FORBIDDEN, "InvalidOrigin"),
        LoginWishError::WrongRedirect => (StatusCode::BAD_REQUEST, "InvalidRedirectUrl"),
        LoginWishError::Unknown("connection") => (StatusCode::BAD_REQUEST, "InvalidConnection"),
        LoginWishError::Unknown("authentication request") => (StatusCode::NOT_FOUND, "ExpiredAuthenticationRequest"),
        LoginWishError::Unknown(_) => (StatusCode::BAD_REQUEST, "NotFound"),
        LoginWishError::TokenGenerationOff => (StatusCode::BAD_REQUEST, "InvalidConnection"),
        LoginWishError::NoChallenge | LoginWishError::TooMuch(_) => (StatusCode::BAD_REQUEST, "InvalidRequest"),
        LoginWishError::NoWork => (StatusCode::BAD_REQUEST, "InvalidAntiAbuseHash"),
        LoginWishError::NotLinkable => (StatusCode::BAD_REQUEST, "NotSupported"),
        LoginWishError::LinkingDisabled => (StatusCode::BAD_REQUEST, "LinkingDisabled"),
        LoginWishError::Busy => return unavailable(seen, "busy"),
        LoginWishError::Unavailable(e) => return unavailable(seen, &e.0),
    };
    refuse(seen, status, code, &sentence(&why.to_string()))
}

/// An error's words as a sentence.
pub fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().collect::<String>()).unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}
