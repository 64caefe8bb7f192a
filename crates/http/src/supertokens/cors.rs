//! Which pages may call the frontend door, and what their browsers are told about it (contract supertokens-frontend.md
//! §4.10). Whether a page may is for the verbs to say.

use crate::Doors;
use crate::kit::answer::{self, Fault};
use crate::kit::cors::{self, Allowed};
use crate::kit::frame::Seen;
use axum::Extension;
use axum::extract::rejection::RawPathParamsRejection;
use axum::extract::{RawPathParams, Request, State};
use axum::http::header::ACCESS_CONTROL_EXPOSE_HEADERS;
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use postkey_model::{Tenant, TenantId};
use postkey_store::Unavailable;
use serde_json::json;
use std::sync::Arc;

/// Which pages may call an address, and how all others are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gate {
    /// Those of the tenant that the path names. Never 403: the SDKs take that for a failed claim (§10 item 2).
    Tenant,
    /// Those of any tenant: the path names none.
    AnyTenant,
    /// The same for what ends or renews a session: refused with 403, as forms of other sites are.
    Session,
    /// Everybody; those of any tenant also with credentials.
    Keys,
}

const ALLOWED: Allowed = Allowed {
    headers: HeaderValue::from_static("content-type, rid, fdi-version, st-auth-mode, anti-csrf, authorization"),
    methods: HeaderValue::from_static("GET, POST, PUT, DELETE, OPTIONS"),
};
const EXPOSED_HEADERS: HeaderValue = HeaderValue::from_static("front-token, anti-csrf, st-access-token, st-refresh-token");

/// Answers preflight requests, refuses pages that may not call, and names those that may. What comes behind finds the
/// tenant and the calling page among the request's extensions.
pub async fn guard(
    State((doors, gate)): State<(Doors, Gate)>,
    Extension(seen): Extension<Seen>,
    params: Result<RawPathParams, RawPathParamsRejection>,
    mut request: Request,
    next: Next,
) -> Response {
    let tenant = match tenant(&doors, &seen, params).await {
        Ok(Some(tenant)) => tenant,
        Ok(None) => return answer::fault(&doors, request.headers(), &seen, Fault::Tenant),
        Err(e) => return answer::unavailable(&doors, request.headers(), &seen, &e.0),
    };
    let page = cors::page(request.headers());
    let may = match gate {
        Gate::Tenant => doors.auth().allows(&page, &tenant),
        Gate::AnyTenant | Gate::Session | Gate::Keys => doors.auth().allows_somewhere(&page),
    };
    let origin = cors::origin(&request, may);
    let mut response = match gate {
        _ if cors::is_preflight(&request) => cors::preflight(may.then_some(ALLOWED)),
        Gate::Tenant | Gate::AnyTenant if !may => foreign(),
        Gate::Session if !may => answer::fault(&doors, request.headers(), &seen, Fault::FormOld),
        Gate::Tenant | Gate::AnyTenant | Gate::Session | Gate::Keys => {
            request.extensions_mut().insert(tenant);
            request.extensions_mut().insert(page);
            next.run(request).await
        }
    };
    cors::name(&mut response, origin);
    let headers = response.headers_mut();
    if headers.contains_key(super::cookies::FRONT_HEADER) {
        headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED_HEADERS);
    }
    response
}

/// The tenant that the path names, the default one when it names none.
async fn tenant(
    doors: &Doors,
    seen: &Seen,
    params: Result<RawPathParams, RawPathParamsRejection>,
) -> Result<Option<Arc<Tenant>>, Unavailable> {
    let Ok(params) = params else { return Ok(None) };
    let id = match params.iter().find(|(name, _)| *name == "tenant") {
        Some((_, name)) => TenantId::parse(name),
        None => Some(TenantId::public()),
    };
    match id {
        Some(id) => doors.auth().find_tenant(&id, seen.now).await,
        None => Ok(None),
    }
}

/// The refusal of a page that may not call.
pub fn foreign() -> Response {
    let message = "Pages of this origin may not call this tenant: name it in allowed_origins.";
    answer::json(StatusCode::BAD_REQUEST, &json!({ "message": message }))
}
