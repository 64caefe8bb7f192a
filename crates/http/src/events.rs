//! The audit trail on the private listener, and its form for the command line.

use crate::Doors;
use crate::kit::answer;
use crate::kit::frame::Seen;
use crate::kit::query::Query;
use crate::private::without_key;
use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use postkey_model::{EventId, EventKind, Millis, TenantId, Timestamp, UserId};
use postkey_store::{EventsWanted, StoredEvent};
use serde_json::{Value, json};

/// Lines on one page, unless another number is asked for.
const PAGE: i64 = 100;
/// Lines on one page at most.
pub const MAX_PAGE: i64 = 1000;

/// `GET /postkey/events?user=&tenant=&kind=&since=&until=&limit=&cursor=`: lines of the audit trail, newest first. `next` is the
/// cursor of the next page, where there is one.
pub async fn list(State(doors): State<Doors>, Extension(seen): Extension<Seen>, headers: HeaderMap, uri: Uri) -> Response {
    if let Some(refusal) = without_key(&doors, &headers) {
        return refusal;
    }
    let query = Query::of(&uri);
    let (wanted, limit) = match asked(&query, doors.inner.clock.now()) {
        Ok(asked) => asked,
        Err(message) => return answer::json(StatusCode::BAD_REQUEST, &json!({ "message": message })),
    };
    // One more than is shown says whether there is more.
    match doors.auth().store().events(&wanted, limit + 1).await {
        Ok(mut found) => {
            let more = found.len() as i64 > limit;
            found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
            let next = found.last().filter(|_| more).map(|event| event.id.as_str());
            let events: Vec<Value> = found.iter().map(event_json).collect();
            answer::json(StatusCode::OK, &json!({ "events": events, "next": next }))
        }
        Err(e) => answer::unavailable(&doors, &headers, &seen, &e.0),
    }
}

fn asked(query: &Query, now: Timestamp) -> Result<(EventsWanted, i64), String> {
    let given = |name: &str| query.get(name).filter(|value| !value.is_empty());
    let limit = match given("limit") {
        None => PAGE,
        Some(text) => {
            let fits = text.parse().ok().filter(|limit| (1..=MAX_PAGE).contains(limit));
            fits.ok_or_else(|| format!("limit must be a number from 1 to {MAX_PAGE}"))?
        }
    };
    let mut wanted = events_wanted(given("user"), given("tenant"), given("kind"), (given("since"), given("until")), now)?;
    wanted.before = given("cursor").map(|text| line_id(text).ok_or("cursor must be the `next` of the page before")).transpose()?;
    Ok((wanted, limit))
}

/// The id of a line: anything else would begin from the first page again, and who goes on so never comes to an end.
fn line_id(text: &str) -> Option<EventId> {
    let fits = text.len() == 36 && text.bytes().all(|b| b == b'-' || b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    EventId::parse(text).filter(|_| fits)
}

/// What is asked of the audit trail, from words. The error says what to write instead.
pub fn events_wanted(
    user: Option<&str>,
    tenant: Option<&str>,
    kinds: Option<&str>,
    (since, until): (Option<&str>, Option<&str>),
    now: Timestamp,
) -> Result<EventsWanted, String> {
    let user = user.map(|text| UserId::parse(text).ok_or("user must be a user's id")).transpose()?;
    let tenant = tenant.map(stored_tenant).transpose()?;
    let kinds = kinds.map_or_else(|| Ok(Vec::new()), |text| text.split(',').map(kind).collect())?;
    let moment = |text: Option<&str>| text.map(|text| moment(text, now)).transpose();
    Ok(EventsWanted { user, tenant, kinds, since: moment(since)?, until: moment(until)?, before: None })
}

/// A tenant's name, behind `app/` where it is in one.
fn stored_tenant(text: &str) -> Result<TenantId, String> {
    let fits = text.split('/').count() <= 2 && text.split('/').all(|part| TenantId::parse(part).is_some());
    fits.then(|| TenantId::stored(text.to_owned())).ok_or_else(|| format!("{text:?} cannot be the name of a tenant"))
}

fn kind(text: &str) -> Result<EventKind, String> {
    let all = || EventKind::ALL.map(EventKind::as_str).join(", ");
    EventKind::parse(text.trim()).ok_or_else(|| format!("there is no kind {text:?} of events; there are {}", all()))
}

/// A moment: RFC 3339, or how long ago (`15m`, `24h`, `7d`).
fn moment(text: &str, now: Timestamp) -> Result<Timestamp, String> {
    let ago = || {
        let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
        let unit = match unit {
            "s" => 1000,
            "m" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            _ => return None,
        };
        let number: i64 = number.parse().ok().filter(|number| *number >= 0)?;
        number.checked_mul(unit).filter(|length| *length <= now.0).map(|length| now - Millis(length))
    };
    let instant = || text.parse::<jiff::Timestamp>().ok().map(|instant| Timestamp(instant.as_millisecond()));
    ago().or_else(instant).ok_or_else(|| format!("{text:?} is no moment: write how long ago, like 24h or 7d, or 2026-01-31T12:00:00Z"))
}

/// A line of the audit trail as JSON. Moments are milliseconds since 1970.
pub fn event_json(event: &StoredEvent) -> Value {
    json!({
        "id": event.id.as_str(),
        "at": event.at.0,
        "tenant": event.tenant.as_str(),
        "kind": event.kind,
        "subject": event.subject,
        "user": event.user.as_ref().map(UserId::as_str),
        "actor": (!event.actor.is_empty()).then_some(&event.actor),
    })
}
