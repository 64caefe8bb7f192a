//! Renewing: a browser whose access token has run out, but not its session. The refresh token goes to one address
//! only, so a page has to fetch that; then it looks again.

use super::login_page;
use crate::Doors;
use crate::kit::cookies;
use crate::kit::frame::Seen;
use crate::supertokens::cookies as session_cookies;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use minijinja::context;
use postkey_model::Tenant;

/// In the address of a page that was tried already: no browser renews in circles.
const TRIED: &str = "renewed";

/// The page that renews the session and comes back to `uri`, if this browser seems to have one to renew.
pub(crate) fn page(doors: &Doors, headers: &HeaderMap, seen: &Seen, tenant: &Tenant, uri: &Uri) -> Option<Response> {
    let front = cookies::get(headers, session_cookies::FRONT).filter(|front| !front.is_empty());
    let query = uri.query().unwrap_or_default();
    if front.is_none() || query.split('&').any(|pair| pair.split('=').next() == Some(TRIED)) {
        return None;
    }
    let joint = if query.is_empty() { "" } else { "&" };
    let again = format!("{}?{query}{joint}{TRIED}=1", uri.path());
    Some(login_page(doors, headers, seen, tenant, "refreshing.html", context! { again }))
}
