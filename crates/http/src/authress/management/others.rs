//! The rest of the interface: the account, and what is not offered here, with the reason.

use super::{Admin, Ask, wire};
use crate::Doors;
use crate::authress::refuse;
use crate::kit::frame::Seen;
use axum::Extension;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};

/// `GET /v1/accounts`: there is one.
pub async fn accounts(State(doors): State<Doors>, Admin(ask): Admin) -> Response {
    ask.page(&doors, "accounts", vec![account(&doors, &ask)], None, Some(&wire::ACCOUNT))
}

/// `GET /v1/accounts/{id}`
pub async fn show_account(State(doors): State<Doors>, Path(id): Path<String>, Admin(ask): Admin) -> Response {
    if id != doors.auth().account() {
        return ask.refuse(StatusCode::NOT_FOUND, "NotFound", "there is no account of this id");
    }
    ask.answer(StatusCode::OK, account(&doors, &ask), Some(&wire::ACCOUNT))
}

/// The account that access keys are for. It is as old as whoever asks, for all that is known of it.
fn account(doors: &Doors, ask: &Ask) -> Value {
    json!({ "accountId": doors.auth().account(), "createdTime": wire::moment(ask.client.created_at), "company": {} })
}

/// Something is here, but not for this method.
pub async fn wrong_method(Extension(seen): Extension<Seen>) -> Response {
    refuse(&seen, StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed", "This address does not take this method.")
}

/// Nothing is here.
pub async fn missing(Extension(seen): Extension<Seen>) -> Response {
    refuse(&seen, StatusCode::NOT_FOUND, "NotFound", "There is nothing of this name in the management interface.")
}

fn not_supported(seen: &Seen, why: &str) -> Response {
    refuse(seen, StatusCode::NOT_IMPLEMENTED, "NotSupported", why)
}

/// Access records, roles, permissions, groups: who may do what in an application.
pub async fn permissions(Extension(seen): Extension<Seen>) -> Response {
    not_supported(&seen, "Postkey finds out who somebody is. What they may do is kept by the application, or by a service for permissions.")
}

/// Extensions.
pub async fn extensions(Extension(seen): Extension<Seen>) -> Response {
    not_supported(&seen, "There are no extensions: register an application instead.")
}

/// Issuers whose tokens are taken as they are.
pub async fn issuers(Extension(seen): Extension<Seen>) -> Response {
    not_supported(&seen, "Tokens of other issuers are not taken: make a connection of type OAUTH2, and people log in by it.")
}

/// A provider's tokens of somebody.
pub async fn credentials(Extension(seen): Extension<Seen>) -> Response {
    not_supported(&seen, "Tokens of providers are not kept: they are used once, to find out who somebody is.")
}

/// A token for somebody without their login.
pub async fn delegation(Extension(seen): Extension<Seen>) -> Response {
    not_supported(&seen, "Nobody is logged in without being there: a service client with token generation makes a link.")
}

/// An answer to an invitation.
pub async fn answer_to_invite(Extension(seen): Extension<Seen>) -> Response {
    not_supported(&seen, "An invitation is accepted by logging in with its inviteId, which the login SDK takes.")
}

/// How long one user's tokens live.
pub async fn tokens_of_one_user(Extension(seen): Extension<Seen>) -> Response {
    not_supported(&seen, "How long tokens live is set for a tenant: tokenConfiguration.")
}
