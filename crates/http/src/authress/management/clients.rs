//! Service clients and their keys.

use super::wire::{self, Odd, over};
use super::{Admin, Ask};
use crate::Doors;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use postkey_auth::RegisterError;
use postkey_auth::decide::registered::{ClientWish, ConnectionWish};
use postkey_model::service_client::spki;
use postkey_model::{ClientKey, ClientSettings, ServiceClient};
use serde_json::{Value, json};

const WHAT: &str = "a service client";
/// What SDKs send back and nobody takes.
const TOLD: [&str; 4] = ["clientId", "createdTime", "lastUpdated", "verificationKeys"];

/// `GET /v1/clients`
pub async fn list(State(doors): State<Doors>, Admin(ask): Admin) -> Response {
    let (from, limit) = match ask.wanted(20) {
        Ok(wanted) => wanted,
        Err(why) => return ask.bad(&why),
    };
    let found = doors.auth().list_registered::<ClientSettings>(from.as_deref().unwrap_or_default(), limit + 1).await;
    let mut found = match found {
        Ok(found) => found,
        Err(e) => return ask.not_registered(&e.into(), WHAT),
    };
    let next = if found.len() as i64 > limit { found.pop().map(|client| client.id) } else { None };
    ask.page(&doors, "clients", found.iter().map(shown).collect(), next.as_deref(), Some(&wire::CLIENT))
}

/// `POST /v1/clients`
pub async fn create(State(doors): State<Doors>, Admin(mut ask): Admin) -> Response {
    let id = ask.body.get("clientId").and_then(Value::as_str).filter(|id| !id.is_empty()).map(str::to_owned);
    let wish = match wish(&mut ask) {
        Ok(wish) => wish,
        Err(why) => return ask.bad(&why),
    };
    match doors.auth().create_client(id.as_deref(), &wish, ask.now()).await {
        Ok(client) => ask.answer(StatusCode::CREATED, shown(&client), Some(&wire::CLIENT)),
        Err(e) => ask.not_registered(&e, WHAT),
    }
}

/// `GET /v1/clients/{id}`: also for the client itself.
pub async fn show(State(doors): State<Doors>, Path(id): Path<String>, ask: Ask) -> Response {
    if !ask.client.settings.is_admin && ask.client.id != id {
        return ask.forbidden();
    }
    match doors.auth().registered::<ClientSettings>(&id).await {
        Ok(Some(client)) => ask.answer(StatusCode::OK, shown(&client), Some(&wire::CLIENT)),
        Ok(None) => ask.not_registered(&RegisterError::Unknown, WHAT),
        Err(e) => ask.not_registered(&e.into(), WHAT),
    }
}

/// `PUT /v1/clients/{id}`
pub async fn change(State(doors): State<Doors>, Path(id): Path<String>, Admin(mut ask): Admin) -> Response {
    let wish = match wish(&mut ask) {
        Ok(wish) => wish,
        Err(why) => return ask.bad(&why),
    };
    match doors.auth().change_client(&id, &wish, ask.now()).await {
        Ok(client) => ask.answer(StatusCode::OK, shown(&client), Some(&wire::CLIENT)),
        Err(e) => ask.not_registered(&e, WHAT),
    }
}

/// `DELETE /v1/clients/{id}`
pub async fn remove(State(doors): State<Doors>, Path(id): Path<String>, Admin(ask): Admin) -> Response {
    match doors.auth().remove_client(&id).await {
        Ok(()) => ask.done(),
        Err(e) => ask.not_registered(&e, WHAT),
    }
}

/// `POST /v1/clients/{id}/access-keys`: a new key, told once; or one that the caller brings along.
pub async fn add_key(State(doors): State<Doors>, Path(id): Path<String>, Admin(mut ask): Admin) -> Response {
    let brought = match ask.fields(&[]).word("publicKey") {
        Ok(brought) => brought,
        Err(why) => return ask.bad(&why),
    };
    match doors.auth().add_client_key(&id, brought.as_deref(), ask.now()).await {
        Ok(made) => {
            let mut key = key(&id, &made.key);
            if let Some(access) = &made.access_key {
                // Where OAuth asks for a secret, the access key is it.
                key["accessKey"] = access.expose().as_str().into();
                key["clientSecret"] = access.expose().as_str().into();
            }
            ask.answer(StatusCode::CREATED, key, Some(&wire::KEY))
        }
        Err(e) => ask.not_registered(&e, WHAT),
    }
}

/// `DELETE /v1/clients/{id}/access-keys/{key}`
pub async fn remove_key(State(doors): State<Doors>, Path((id, key)): Path<(String, String)>, Admin(ask): Admin) -> Response {
    match doors.auth().remove_client_key(&id, &key, ask.now()).await {
        Ok(()) => ask.done(),
        Err(e) => ask.not_registered(&e, "a service client or key"),
    }
}

fn wish(ask: &mut Ask) -> Result<ClientWish, Odd> {
    let mut fields = ask.fields(&TOLD);
    Ok(ClientWish {
        name: fields.text("name")?.map(Option::unwrap_or_default),
        is_admin: fields.flag("options.isAdmin")?,
        token_generation: fields.flag("options.grantTokenGeneration")?,
        authorization_url: fields.text("options.authorizationUrl")?,
        assertion_max_age: fields.length("options.assertionMaxAge")?,
        trust_subject_as_verified_email: fields.flag("options.trustSubjectAsVerifiedEmail")?,
        trust_subject_as_verified_number: fields.flag("options.trustSubjectAsVerifiedNumber")?,
        kept: fields.rest(),
        connection: ConnectionWish::default(),
    })
}

fn shown(client: &ServiceClient) -> Value {
    let settings = &client.settings;
    let known = json!({
        "clientId": client.id,
        "createdTime": wire::moment(client.created_at),
        "lastUpdated": wire::moment(client.updated_at),
        "name": settings.name,
        "options": {
            "grantTokenGeneration": settings.token_generation,
            "isAdmin": settings.is_admin,
            "authorizationUrl": settings.authorization_url,
            "assertionMaxAge": settings.assertion_max_age.map(wire::length),
            "trustSubjectAsVerifiedEmail": settings.trust_subject_as_verified_email,
            "trustSubjectAsVerifiedNumber": settings.trust_subject_as_verified_number,
        },
        "verificationKeys": settings.keys.iter().map(|one| key(&client.id, one)).collect::<Vec<_>>(),
    });
    let mut all = over(&settings.kept, known);
    for (name, usual) in [("tags", json!({})), ("rateLimits", json!([]))] {
        if all.get(name).is_none() {
            all[name] = usual;
        }
    }
    if all["options"].get("grantUserPermissionsAccess").is_none() {
        all["options"]["grantUserPermissionsAccess"] = false.into();
    }
    all
}

fn key(client: &str, key: &ClientKey) -> Value {
    json!({
        "keyId": key.id,
        "clientId": client,
        "publicKey": key.bytes().map(|bytes| spki(&bytes)),
        "generationDate": wire::moment(key.created_at),
    })
}
