//! Applications: web apps that people log in to.

use super::wire::{self, Odd, over};
use super::{Admin, Ask};
use crate::Doors;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use postkey_auth::decide::registered::ApplicationWish;
use postkey_model::{Application, TenantId};
use serde_json::{Value, json};

const WHAT: &str = "an application";
/// What SDKs send back and nobody takes.
const TOLD: [&str; 4] = ["applicationId", "createdTime", "lastUpdated", "isActiveApplication"];

/// `GET /v1/applications`
pub async fn list(State(doors): State<Doors>, Admin(ask): Admin) -> Response {
    match doors.auth().all_applications().await {
        Ok(all) => ask.page(&doors, "applications", all.iter().map(shown).collect(), None, None),
        Err(e) => ask.not_registered(&e, WHAT),
    }
}

/// `POST /v1/applications`
pub async fn create(State(doors): State<Doors>, Admin(mut ask): Admin) -> Response {
    let id = ask.body.get("applicationId").and_then(Value::as_str).filter(|id| !id.is_empty()).map(str::to_owned);
    let wish = match wish(&mut ask) {
        Ok(wish) => wish,
        Err(why) => return ask.bad(&why),
    };
    match doors.auth().create_application(id.as_deref(), &wish, ask.now()).await {
        Ok(application) => ask.answer(StatusCode::CREATED, shown(&application), None),
        Err(e) => ask.not_registered(&e, WHAT),
    }
}

/// `GET /v1/applications/{id}`
pub async fn show(State(doors): State<Doors>, Path(id): Path<String>, Admin(ask): Admin) -> Response {
    match doors.auth().find_application(&id).await {
        Ok(application) => ask.answer(StatusCode::OK, shown(&application), None),
        Err(e) => ask.not_registered(&e, WHAT),
    }
}

/// `PUT /v1/applications/{id}`
pub async fn change(State(doors): State<Doors>, Path(id): Path<String>, Admin(mut ask): Admin) -> Response {
    let wish = match wish(&mut ask) {
        Ok(wish) => wish,
        Err(why) => return ask.bad(&why),
    };
    match doors.auth().change_application(&id, &wish, ask.now()).await {
        Ok(application) => ask.answer(StatusCode::OK, shown(&application), None),
        Err(e) => ask.not_registered(&e, WHAT),
    }
}

/// `DELETE /v1/applications/{id}`
pub async fn remove(State(doors): State<Doors>, Path(id): Path<String>, Admin(ask): Admin) -> Response {
    match doors.auth().remove_application(&id).await {
        Ok(()) => ask.done(),
        Err(e) => ask.not_registered(&e, WHAT),
    }
}

fn wish(ask: &mut Ask) -> Result<ApplicationWish, Odd> {
    let mut fields = ask.fields(&TOLD);
    let tenant = match fields.text("tenantId")? {
        Some(Some(name)) => Some(Some(TenantId::parse(&name).ok_or_else(|| format!("there is no tenant {name:?}"))?)),
        Some(None) => Some(None),
        None => None,
    };
    Ok(ApplicationWish {
        name: fields.text("name")?.map(Option::unwrap_or_default),
        redirect_urls: fields.texts("redirectUrls")?,
        is_development: fields.flag("isDevelopment")?,
        tenant,
        kept: fields.rest(),
    })
}

fn shown(application: &Application) -> Value {
    let settings = &application.settings;
    let known = json!({
        "applicationId": application.id,
        "createdTime": wire::moment(application.created_at),
        "lastUpdated": wire::moment(application.updated_at),
        "isActiveApplication": true,
        "name": settings.name,
        "redirectUrls": settings.redirect_urls,
        "isDevelopment": settings.is_development,
        "tenantId": settings.tenant,
    });
    let mut all = over(&settings.kept, known);
    if all.get("tags").is_none() {
        all["tags"] = json!({});
    }
    all
}
