//! Users, and whose a number is said to be.

use super::wire::{self, moment};
use super::{Admin, Ask};
use crate::Doors;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use postkey_auth::{MapNumberError, RegisterError, Search};
use postkey_model::{AppId, Connection, Identity, TenantId, Timestamp, UserId};
use postkey_store::{Page, UserFacts, WayKind};
use serde_json::{Value, json};

const WHAT: &str = "a user";

/// `GET /v1/users`: those of a tenant, oldest first. With a filter: those whose address, its domain or whose number begins
/// so, without further pages.
pub async fn list(State(doors): State<Doors>, Admin(ask): Admin) -> Response {
    let (from, limit) = match ask.wanted(100) {
        Ok(wanted) => wanted,
        Err(why) => return ask.bad(&why),
    };
    let name = ask.query.get("tenantId").filter(|name| !name.is_empty()).unwrap_or("public");
    let tenant = match TenantId::parse(name).filter(|tenant| tenant.app().is_public()) {
        Some(tenant) => doors.auth().find_tenant(&tenant, ask.now()).await.map(|found| found.map(|_| tenant)),
        None => Ok(None),
    };
    let tenant = match tenant {
        Ok(Some(tenant)) => tenant,
        Ok(None) => return ask.not_registered(&RegisterError::Unknown, "a tenant"),
        Err(e) => return ask.not_registered(&e.into(), WHAT),
    };
    let found = match ask.query.get("filter").filter(|text| !text.is_empty()) {
        Some(filter) => filtered(&doors, &tenant, filter, limit).await.map(|users| (users, None)),
        None => {
            let from = match from.as_deref().map(place) {
                Some(None) => return ask.bad("the cursor is none of ours"),
                Some(place) => place,
                None => None,
            };
            let page = Page { from, limit, youngest_first: false, kind: WayKind::Any };
            let listing = doors.auth().list_people(&tenant, &page).await;
            listing.map(|listing| (listing.users, listing.next.map(|(at, id)| format!("{}.{id}", at.0))))
        }
    };
    match found {
        Ok((users, next)) => ask.page(&doors, "users", users.iter().map(shown).collect(), next.as_deref(), Some(&wire::USER)),
        Err(e) => ask.not_registered(&e.into(), WHAT),
    }
}

async fn filtered(doors: &Doors, tenant: &TenantId, filter: &str, limit: i64) -> Result<Vec<UserFacts>, postkey_store::Unavailable> {
    let text = vec![filter.to_lowercase()];
    let is_number = filter.strip_prefix('+').is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_digit()));
    let search = match is_number {
        true => Search { phones: text, ..Search::default() },
        false => Search { emails: text, ..Search::default() },
    };
    doors.auth().search_people(tenant, &search, limit.unsigned_abs() as usize).await
}

/// Where a page begins.
fn place(text: &str) -> Option<(Timestamp, UserId)> {
    let (at, id) = text.split_once('.')?;
    Some((Timestamp(at.parse().ok()?), UserId::parse(id)?))
}

/// `GET /v1/users/{id}`
pub async fn show(State(doors): State<Doors>, Path(id): Path<String>, Admin(ask): Admin) -> Response {
    match find(&doors, &id, &ask).await {
        Ok(facts) => ask.answer(StatusCode::OK, shown(&facts), Some(&wire::USER)),
        Err(refusal) => refusal,
    }
}

/// `DELETE /v1/users/{id}`: with everything that is kept of them.
pub async fn remove(State(doors): State<Doors>, Path(id): Path<String>, Admin(ask): Admin) -> Response {
    if let Err(refusal) = find(&doors, &id, &ask).await {
        return refusal;
    }
    match doors.auth().remove_person(&AppId::public(), &id, true, ask.now()).await {
        Ok(true) => ask.done(),
        Ok(false) => ask.not_registered(&RegisterError::Unknown, WHAT),
        Err(e) => ask.not_registered(&e.into(), WHAT),
    }
}

/// `GET /v1/users/{id}/identifiers`
pub async fn numbers(State(doors): State<Doors>, Path(id): Path<String>, Admin(ask): Admin) -> Response {
    match doors.auth().numbers_of(&id).await {
        Ok(numbers) => {
            let shown = |(number, at, proved): &(String, Timestamp, bool)| json!({ "phoneNumber": number, "createdTime": moment(*at), "verified": proved });
            ask.page(&doors, "identifiers", numbers.iter().map(shown).collect(), None, None)
        }
        Err(e) => not_mapped(&ask, &e),
    }
}

/// `PUT /v1/users/{id}/identifiers`: a number is this user's. It opens nothing before they type a code that was sent to it.
pub async fn map(State(doors): State<Doors>, Path(id): Path<String>, Admin(mut ask): Admin) -> Response {
    let number = match ask.fields(&[]).word("phoneNumber") {
        Ok(Some(number)) => number,
        Ok(None) => return ask.bad("phoneNumber is missing"),
        Err(why) => return ask.bad(&why),
    };
    match doors.auth().map_number(&id, &number, ask.now()).await {
        Ok(number) => ask.answer(StatusCode::OK, json!({ "userId": id, "phoneNumber": number.as_str() }), None),
        Err(e) => not_mapped(&ask, &e),
    }
}

/// `DELETE /v1/users/{id}/identifiers/{number}`
pub async fn unmap(State(doors): State<Doors>, Path((id, number)): Path<(String, String)>, Admin(ask): Admin) -> Response {
    match doors.auth().unmap_number(&id, &number).await {
        Ok(()) => ask.done(),
        Err(e) => not_mapped(&ask, &e),
    }
}

fn not_mapped(ask: &Ask, error: &MapNumberError) -> Response {
    let words = error.to_string();
    match error {
        MapNumberError::UnknownUser | MapNumberError::UnknownNumber => ask.refuse(StatusCode::NOT_FOUND, "NotFound", &words),
        MapNumberError::NoNumber(_) => ask.bad(&words),
        MapNumberError::NoVerifiedAddress => ask.refuse(StatusCode::CONFLICT, "NoVerifiedEmail", &words),
        MapNumberError::Taken => ask.refuse(StatusCode::CONFLICT, "IdentityAlreadyLinked", &words),
        MapNumberError::Busy => ask.not_registered(&RegisterError::Busy, WHAT),
        MapNumberError::Unavailable(e) => ask.not_registered(&e.clone().into(), WHAT),
    }
}

async fn find(doors: &Doors, id: &str, ask: &Ask) -> Result<UserFacts, Response> {
    let found = doors.auth().find_person(&AppId::public(), id).await.map_err(|e| ask.not_registered(&e.into(), WHAT))?;
    found.filter(|facts| facts.user.id.as_str() == id).ok_or_else(|| ask.not_registered(&RegisterError::Unknown, WHAT))
}

fn shown(facts: &UserFacts) -> Value {
    let proved = |identity: &&Identity| identity.verified_at.is_some() && identity.email().is_some();
    let mut linked: Vec<Value> = facts.identities.iter().map(identity).collect();
    // One that is in several tenants is one.
    linked.dedup();
    let mut user = json!({
        "userId": facts.user.id.as_str(),
        "createdTime": moment(facts.user.created_at),
        "tenantId": facts.user.tenant.as_str(),
        "linkedIdentities": linked,
    });
    if let Some(email) = facts.identities.iter().find(proved).and_then(Identity::email) {
        user["email"] = email.into();
    }
    user
}

fn identity(identity: &Identity) -> Value {
    let connection = match &identity.connection {
        Connection::Email => "email",
        Connection::Sms => "sms",
        Connection::Provider(provider) => provider.as_str(),
    };
    json!({ "connection": { "connectionId": connection, "userId": identity.subject } })
}
