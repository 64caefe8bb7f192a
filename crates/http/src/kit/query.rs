//! The query of an address.

use crate::Doors;
use postkey_model::{Tenant, TenantId};
use std::sync::Arc;

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
    pub(crate) fn tenant(&self, doors: &Doors) -> Option<Arc<Tenant>> {
        let id = match self.get("tenantId") {
            None | Some("") => TenantId::public(),
            Some(name) => TenantId::parse(name)?,
        };
        doors.auth().tenant(&id)
    }
}
