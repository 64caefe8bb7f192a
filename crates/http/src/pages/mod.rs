//! The login pages. Each form is answered with "go there", each page with what it has to say; what a page must
//! remember in between travels in short HttpOnly cookies.

pub mod assets;
pub mod code;
pub mod done;
pub mod note;
pub mod renew;
pub mod start;
pub mod verify;
pub mod waiting;

use crate::Doors;
use crate::kit::answer;
use crate::kit::form::FormToken;
use crate::kit::frame::Seen;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use minijinja::{Value, context};
use postkey_model::{Tenant, TenantId};

/// The query of a page's address, as pairs.
pub(crate) struct Query(Vec<(String, String)>);

impl Query {
    pub(crate) fn of(uri: &axum::http::Uri) -> Self {
        let pairs = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
        Query(pairs.take(32).map(|(key, value)| (key.into_owned(), value.into_owned())).collect())
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The tenant that the address names, the default one when it names none; `None` when there is none of that name.
    pub(crate) fn tenant<'a>(&self, doors: &'a Doors) -> Option<&'a Tenant> {
        let id = match self.get("tenantId") {
            None | Some("") => TenantId::public(),
            Some(name) => TenantId::parse(name)?,
        };
        doors.auth().tenant(&id)
    }
}

/// A login page: its own values, those that all pages have, and the note that was left for it.
fn login_page(doors: &Doors, headers: &HeaderMap, seen: &Seen, tenant: &Tenant, template: &str, values: Value) -> Response {
    let token = FormToken::of(doors, headers);
    let all = context! { app_name => &tenant.app_name, form_token => &token.token, ..values };
    let mut response = answer::page(doors, seen, StatusCode::OK, template, all);
    token.set(doors, response.headers_mut());
    note::clear(doors, headers, response.headers_mut());
    response
}
