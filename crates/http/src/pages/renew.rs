//! Renewing: a browser whose access token has run out, but not its session. The refresh token goes to one address
//! only, so a page has to fetch that; then it looks again.

use super::login_page;
use super::screens::Refreshing;
use crate::Doors;
use crate::kit::answer;
use crate::kit::cookies;
use crate::kit::form::Form;
use crate::kit::frame::Seen;
use crate::supertokens::cookies as session_cookies;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use postkey_model::Tenant;
use serde_json::json;

/// In the address of a page that was tried already: no browser renews in circles.
const TRIED: &str = "renewed";

/// Whether renewing was tried on the way to `uri`.
pub(crate) fn was_tried(uri: &Uri) -> bool {
    uri.query().unwrap_or_default().split('&').any(|pair| pair.split('=').next() == Some(TRIED))
}

/// The answer to a form whose sender has no session (any more): our script renews it and sends the form once more; else on
/// to `place`, which renews it or has people sign in.
pub(crate) fn form(form: &Form, place: &str) -> Response {
    let renewable = cookies::get(&form.headers, session_cookies::FRONT).is_some_and(|front| !front.is_empty());
    if renewable && answer::wants_json(&form.headers) {
        return answer::json(StatusCode::UNAUTHORIZED, &json!({ "renew": "/auth/session/refresh", "location": place }));
    }
    answer::go(&form.headers, place)
}

/// The page that renews the session and comes back to `uri`, if this browser seems to have one to renew.
pub(crate) fn page(doors: &Doors, headers: &HeaderMap, seen: &Seen, tenant: &Tenant, uri: &Uri) -> Option<Response> {
    let front = cookies::get(headers, session_cookies::FRONT).filter(|front| !front.is_empty());
    let query = uri.query().unwrap_or_default();
    if front.is_none() || was_tried(uri) {
        return None;
    }
    let joint = if query.is_empty() { "" } else { "&" };
    let again = format!("{}?{query}{joint}{TRIED}=1", uri.path());
    Some(login_page(doors, headers, seen, tenant, &Refreshing { again }))
}
