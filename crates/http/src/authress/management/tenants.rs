//! Tenants: the tenants of this server, with what their logins need.

use super::wire::{self, Odd, over};
use super::{Admin, Ask};
use crate::Doors;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use postkey_auth::decide::people::NoPlace;
use postkey_auth::decide::registered::LoginTenantWish;
use postkey_auth::{AssociateError, LoginTenantView, RegisterError};
use postkey_model::{Call, TenantId};
use serde_json::{Value, json};

const WHAT: &str = "a tenant";
/// What SDKs send back and nobody takes.
const TOLD: [&str; 3] = ["tenantId", "createdTime", "lastUpdated"];

/// `GET /v1/tenants`
pub async fn list(State(doors): State<Doors>, Admin(ask): Admin) -> Response {
    match doors.auth().login_tenants(ask.now()).await {
        Ok(all) => ask.page(&doors, "tenants", all.iter().map(shown).collect(), None, Some(&wire::TENANT)),
        Err(e) => ask.not_registered(&e.into(), WHAT),
    }
}

/// `POST /v1/tenants`
pub async fn create(State(doors): State<Doors>, Admin(mut ask): Admin) -> Response {
    let id = ask.body.get("tenantId").and_then(Value::as_str).filter(|id| !id.is_empty()).map(str::to_owned);
    let wish = match wish(&mut ask) {
        Ok(wish) => wish,
        Err(why) => return ask.bad(&why),
    };
    match doors.auth().create_login_tenant(id.as_deref(), &wish, ask.now()).await {
        Ok(tenant) => ask.answer(StatusCode::CREATED, shown(&tenant), Some(&wire::TENANT)),
        Err(e) => ask.not_registered(&e, WHAT),
    }
}

/// `GET /v1/tenants/{id}`
pub async fn show(State(doors): State<Doors>, Path(id): Path<String>, Admin(ask): Admin) -> Response {
    match doors.auth().login_tenant(&id, ask.now()).await {
        Ok(tenant) => ask.answer(StatusCode::OK, shown(&tenant), Some(&wire::TENANT)),
        Err(e) => ask.not_registered(&e, WHAT),
    }
}

/// `PUT /v1/tenants/{id}`
pub async fn change(State(doors): State<Doors>, Path(id): Path<String>, Admin(mut ask): Admin) -> Response {
    let wish = match wish(&mut ask) {
        Ok(wish) => wish,
        Err(why) => return ask.bad(&why),
    };
    match doors.auth().change_login_tenant(&id, &wish, ask.now()).await {
        Ok(tenant) => ask.answer(StatusCode::OK, shown(&tenant), Some(&wire::TENANT)),
        Err(e) => ask.not_registered(&e, WHAT),
    }
}

/// `DELETE /v1/tenants/{id}`
pub async fn remove(State(doors): State<Doors>, Path(id): Path<String>, Admin(ask): Admin) -> Response {
    match doors.auth().remove_login_tenant(&id, ask.now()).await {
        Ok(()) => ask.done(),
        Err(e) => ask.not_registered(&e, WHAT),
    }
}

/// `PATCH /v1/tenants/{id}/users`: lets a user in.
pub async fn admit(State(doors): State<Doors>, Path(id): Path<String>, Admin(mut ask): Admin) -> Response {
    let user = match ask.fields(&[]).word("userId") {
        Ok(Some(user)) => user,
        Ok(None) => return ask.bad("userId is missing"),
        Err(why) => return ask.bad(&why),
    };
    let Some(tenant) = TenantId::parse(&id).filter(|tenant| tenant.app().is_public()) else {
        return ask.not_registered(&RegisterError::Unknown, WHAT);
    };
    match doors.auth().admit_user(&Call { tenant, ..ask.call.clone() }, &user).await {
        Ok(()) => ask.done(),
        Err(AssociateError::UnknownTenant) => ask.not_registered(&RegisterError::Unknown, WHAT),
        Err(AssociateError::Refused(NoPlace::Unknown)) => ask.not_registered(&RegisterError::Unknown, "a user"),
        Err(AssociateError::Refused(NoPlace::EmailTaken | NoPlace::PhoneTaken | NoPlace::ProviderTaken | NoPlace::Held)) => {
            ask.refuse(StatusCode::CONFLICT, "Conflict", "somebody else in the tenant has an address, number or identity of this user")
        }
        Err(AssociateError::Unavailable(e)) => ask.not_registered(&e.into(), WHAT),
    }
}

fn wish(ask: &mut Ask) -> Result<LoginTenantWish, Odd> {
    let mut fields = ask.fields(&TOLD);
    let connection = match fields.text("connection.connectionId")? {
        Some(connection) => Some(connection),
        None => fields.text("connection")?.filter(Option::is_none),
    };
    Ok(LoginTenantWish {
        lookup_identifier: fields.text("tenantLookupIdentifier")?,
        connection,
        access_lifetime: fields.length("tokenConfiguration.accessTokenDuration")?,
        session_lifetime: fields.length("tokenConfiguration.sessionDuration")?,
        kept: fields.rest(),
    })
}

fn shown(tenant: &LoginTenantView) -> Value {
    let known = json!({
        "tenantId": tenant.id.as_str(),
        "tenantLookupIdentifier": tenant.settings.lookup_identifier,
        "createdTime": tenant.created_at.map(wire::moment),
        "connection": tenant.settings.connection.as_ref().map(|id| json!({ "connectionId": id })),
        "tokenConfiguration": {
            "accessTokenDuration": wire::length(tenant.rules.access_lifetime),
            "sessionDuration": wire::length(tenant.rules.session_lifetime),
        },
    });
    let mut all = over(&tenant.settings.kept, known);
    if all.get("data").is_none() {
        all["data"] = json!({ "name": tenant.app_name });
    }
    if all.get("domains").is_none() {
        all["domains"] = json!([]);
    }
    all
}
