//! The login pages. Each form is answered with "go there", each page with what it has to say; what a page must
//! remember in between travels in short HttpOnly cookies.

pub mod assets;
pub mod code;
pub mod done;
pub mod field;
pub mod identifiers;
pub mod language;
pub mod note;
pub mod renew;
pub mod samples;
pub mod screens;
pub mod sessions;
pub mod start;
pub mod verify;
pub mod waiting;

use crate::Doors;
use crate::kit::answer;
use crate::kit::frame::Seen;
pub(crate) use crate::kit::query::Query;
use crate::kit::screen::Screen;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use postkey_model::{Tenant, Timestamp};

/// A login page. The note that was left for it is taken away.
fn login_page<S: Screen>(doors: &Doors, headers: &HeaderMap, seen: &Seen, tenant: &Tenant, screen: &S) -> Response {
    let mut response = answer::page(doors, headers, seen, Some(tenant), StatusCode::OK, screen);
    note::clear_shown(doors, headers, response.headers_mut(), seen.now);
    response
}

/// How long ago `at` was, in whole minutes.
fn minutes_since(at: Timestamp, now: Timestamp) -> i64 {
    now.since(at).0.max(0) / 60_000
}
