//! Invitations: whoever logs in by one gets the user and the tenant that it names.

use super::Admin;
use super::wire::{self, Fields, Odd, over};
use crate::Doors;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use postkey_auth::decide::registered::InviteWish;
use postkey_model::LoginInvite;
use serde_json::{Value, json};

const WHAT: &str = "an invitation";
/// What SDKs send back and nobody takes.
const TOLD: [&str; 4] = ["inviteId", "createdTime", "links", "authenticationRequestUri"];

/// `POST /v1/invites`
pub async fn create(State(doors): State<Doors>, Admin(mut ask): Admin) -> Response {
    let wish = match wish(ask.fields(&TOLD)) {
        Ok(wish) => wish,
        Err(why) => return ask.bad(&why),
    };
    match doors.auth().create_login_invite(&wish, ask.now()).await {
        Ok(invite) => ask.answer(StatusCode::CREATED, shown(&invite), Some(&wire::INVITE)),
        Err(e) => ask.not_registered(&e, WHAT),
    }
}

/// `GET /v1/invites/{id}`
pub async fn show(State(doors): State<Doors>, Path(id): Path<String>, Admin(ask): Admin) -> Response {
    match doors.auth().login_invite(&id, ask.now()).await {
        Ok(invite) => ask.answer(StatusCode::OK, shown(&invite), Some(&wire::INVITE)),
        Err(e) => ask.not_registered(&e, WHAT),
    }
}

/// `DELETE /v1/invites/{id}`
pub async fn remove(State(doors): State<Doors>, Path(id): Path<String>, Admin(ask): Admin) -> Response {
    match doors.auth().remove_login_invite(&id).await {
        Ok(()) => ask.done(),
        Err(e) => ask.not_registered(&e, WHAT),
    }
}

fn wish(mut fields: Fields) -> Result<InviteWish, Odd> {
    let tenant = fields.word("tenantId")?;
    let expires_at = match fields.word("expiryTime")? {
        Some(text) => Some(wire::moment_of(&text).ok_or("expiryTime must be a moment like 2030-01-31T12:00:00Z")?),
        None => None,
    };
    Ok(InviteWish {
        linked_user_id: fields.word("linkedUserId")?,
        default_login_tenant_id: fields.word("defaultLoginTenantId")?.or(tenant),
        expires_at,
        kept: fields.rest(),
    })
}

fn shown(invite: &LoginInvite) -> Value {
    let settings = &invite.settings;
    let known = json!({
        "inviteId": invite.id,
        "createdTime": wire::moment(invite.created_at),
        "linkedUserId": settings.linked_user_id.as_ref().map(|id| id.as_str()),
        "tenantId": settings.default_login_tenant_id,
        "defaultLoginTenantId": settings.default_login_tenant_id,
        "expiryTime": settings.expires_at.map(wire::moment),
    });
    let mut all = over(&settings.kept, known);
    if all.get("statements").is_none() {
        all["statements"] = json!([]);
    }
    all
}
