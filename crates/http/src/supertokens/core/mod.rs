//! SuperTokens' back-end dialect (CDI) on the private listener: what its Node, Python and Go SDKs ask of a core.
//! Contract: supertokens-core.md. The table of everything is on this page; versions, prefixes and refusals are in `ask`.

mod ask;
mod basics;
mod emails;
mod jwt;
mod linking;
mod metadata;
mod passwordless;
mod people;
mod roles;
mod session;
mod tenants;
mod third_party;

use crate::Doors;
use crate::kit::answer;
use crate::kit::frame::{Route, Seen};
use crate::private;
use ask::{Answer, Ask, Refusal, Version, Wire};
use axum::Extension;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use postkey_auth::acting;
use postkey_model::{Actor, AppId, TenantId};

/// Words that no tenant is called, because paths begin with them.
const NO_TENANTS: [&str; 6] = ["recipe", "config", "users", "hello", "user", "bulk-import"];

/// Everything that a back end may ask that has no route of its own.
pub async fn enter(
    State(doors): State<Doors>,
    Extension(seen): Extension<Seen>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let id = seen.request_id.clone();
    let Some(place) = place(uri.path()) else { return Refusal::Missing.into_response(&id) };
    let route = PATHS.iter().find(|path| **path == place.2);
    let outcome = serve(doors, seen, method, place, uri.query(), &headers, &body).await;
    let mut response = outcome.unwrap_or_else(|refusal| refusal.into_response(&id));
    if let Some(route) = route {
        response.extensions_mut().insert(Route(route));
    }
    response
}

/// There is more to do than can be done just now.
pub fn full(_: &Doors, _: &HeaderMap, seen: &Seen) -> Response {
    let text = format!("There is more to do than this server can do just now: try again. Request {}\n", seen.request_id);
    let mut response = answer::body(StatusCode::SERVICE_UNAVAILABLE, "text/plain; charset=utf-8", text);
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("5"));
    response
}

async fn serve(
    doors: Doors,
    seen: Seen,
    method: Method,
    (app, tenant, path): (AppId, TenantId, String),
    query: Option<&str>,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Response, Refusal> {
    let call = doors.call(&seen, headers, TenantId::in_app(&app, &tenant));
    // These ask for no key, and in no version (contract §1.4).
    match (&method, path.as_str()) {
        (_, "/" | "/hello") => return Ok(private::hello().await.into_response()),
        (&Method::GET, "/config") => return basics::config().map(|told| answer::json(StatusCode::OK, &told)),
        (&Method::GET, "/.well-known/jwks.json") => {
            let headers = &HeaderMap::new();
            let ask = Ask::new(doors, seen, call, Wire { method, path, headers, query: None, body: &[] })?;
            known(&ask).await?;
            return jwt::key_set(&ask).await;
        }
        _ => {}
    }
    if private::without_key(&doors, headers).is_some() {
        return Err(Refusal::Key);
    }
    if (&method, path.as_str()) == (&Method::GET, "/apiversion") {
        return basics::versions().map(|versions| answer::json(StatusCode::OK, &versions));
    }
    let actor = private::shown_key(headers).map_or(Actor::BackEnd, Actor::of_api_key);
    let actor = if doors.inner.api_keys.is_empty() { Actor::BackEnd } else { actor };
    let now = seen.now;
    let ask = Ask::new(doors, seen, call, Wire { method, path, headers, query, body })?;
    Ok(answer::json(StatusCode::OK, &acting(Some(actor), now, answer_of(&ask)).await?))
}

/// App, tenant and path, of a path with or without them: `[/appid-APP][/TENANT]/PATH[/]`. Case says nothing.
fn place(path: &str) -> Option<(AppId, TenantId, String)> {
    let path = path.to_ascii_lowercase();
    let mut rest: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let mut app = AppId::public();
    if let Some(name) = rest.first().and_then(|first| first.strip_prefix("appid-")) {
        app = AppId::parse(name)?;
        rest.remove(0);
    }
    let whole = |rest: &[&str]| format!("/{}", rest.join("/"));
    let mut tenant = TenantId::public();
    if !is_path(&whole(&rest)) && rest.first().is_some_and(|first| !NO_TENANTS.contains(first)) {
        tenant = TenantId::parse(rest.remove(0))?;
    }
    Some((app, tenant, whole(&rest)))
}

/// Whether an endpoint, or a recipe we do not offer, is at `path`.
fn is_path(path: &str) -> bool {
    PATHS.contains(&path) || not_offered(path).is_some()
}

/// An app or tenant that is not there has nothing to say.
async fn known(ask: &Ask) -> Result<(), Refusal> {
    match ask.doors.auth().tenant_for(&ask.call).await? {
        Some(_) => Ok(()),
        None => Err(ask::unknown_tenant()),
    }
}

/// What has to do with an app as a whole is asked without a tenant.
fn app_only(ask: &Ask) -> Result<(), Refusal> {
    if ask.tenant().name() != "public" && ask.version >= Version(5, 0) {
        return Err(Refusal::Forbidden("Only public tenantId can call this app specific API".to_owned()));
    }
    Ok(())
}

/// What belongs to recipes that we do not offer; with a sentence that says so.
fn not_offered(path: &str) -> Option<&'static str> {
    let begins = |prefixes: &[&str]| prefixes.iter().any(|prefix| path.starts_with(prefix));
    if begins(&["/recipe/signup", "/recipe/signin", "/recipe/user/password", "/recipe/user/passwordhash"]) && !begins(&["/recipe/signinup"])
    {
        Some("There are no passwords here: people sign in by code or link (recipe passwordless).")
    } else if begins(&["/recipe/totp"]) {
        Some("One-time passwords of an authenticator app (recipe totp) are not offered.")
    } else if begins(&["/recipe/webauthn"]) {
        Some("Passkeys (recipe webauthn) are not offered.")
    } else if begins(&["/recipe/oauth"]) {
        Some("This server is no OAuth2 provider (recipe oauth2provider).")
    } else if begins(&["/recipe/saml"]) {
        Some("SAML is not offered.")
    } else if begins(&["/recipe/dashboard"]) {
        Some("There is no dashboard here: use the postkey command, or the API.")
    } else if begins(&["/recipe/userid"]) {
        Some("Users keep their ids, so there is nothing to map: an import takes ids of one's own along.")
    } else if begins(&["/bulk-import"]) {
        Some("Bulk import is a command here: postkey import supertokens --from-file users.json")
    } else {
        None
    }
}

/// Every path, so that a tenant's name before it is known for one, and a wrong method for what it is.
const PATHS: [&str; 66] = [
    "/",
    "/hello",
    "/apiversion",
    "/telemetry",
    "/config",
    "/ee/license",
    "/ee/featureflag",
    "/.well-known/jwks.json",
    "/recipe/jwt",
    "/recipe/jwt/jwks",
    "/recipe/jwt/data",
    "/recipe/signinup",
    "/recipe/signinup/code",
    "/recipe/signinup/code/consume",
    "/recipe/signinup/code/check",
    "/recipe/signinup/code/remove",
    "/recipe/signinup/codes",
    "/recipe/signinup/codes/remove",
    "/recipe/session",
    "/recipe/session/verify",
    "/recipe/session/refresh",
    "/recipe/session/remove",
    "/recipe/session/user",
    "/recipe/session/data",
    "/recipe/session/regenerate",
    "/recipe/user",
    "/recipe/user/metadata",
    "/recipe/user/metadata/remove",
    "/recipe/user/role",
    "/recipe/user/role/remove",
    "/recipe/user/roles",
    "/recipe/user/email/verify",
    "/recipe/user/email/verify/token",
    "/recipe/user/email/verify/token/remove",
    "/recipe/user/email/verify/remove",
    "/recipe/role",
    "/recipe/roles",
    "/recipe/role/remove",
    "/recipe/role/users",
    "/recipe/role/permissions",
    "/recipe/role/permissions/remove",
    "/recipe/permission/roles",
    "/recipe/accountlinking/user/primary",
    "/recipe/accountlinking/user/primary/check",
    "/recipe/accountlinking/user/link",
    "/recipe/accountlinking/user/link/check",
    "/recipe/accountlinking/user/unlink",
    "/recipe/multitenancy/app",
    "/recipe/multitenancy/app/v2",
    "/recipe/multitenancy/app/remove",
    "/recipe/multitenancy/app/list",
    "/recipe/multitenancy/app/list/v2",
    "/recipe/multitenancy/tenant",
    "/recipe/multitenancy/tenant/v2",
    "/recipe/multitenancy/tenant/remove",
    "/recipe/multitenancy/tenant/list",
    "/recipe/multitenancy/tenant/list/v2",
    "/recipe/multitenancy/tenant/user",
    "/recipe/multitenancy/tenant/user/remove",
    "/recipe/multitenancy/config/thirdparty",
    "/recipe/multitenancy/config/thirdparty/remove",
    "/user/id",
    "/user/remove",
    "/users",
    "/users/by-accountinfo",
    "/users/count",
];

/// The table: those of tenants here, those of apps below.
async fn answer_of(ask: &Ask) -> Answer {
    match (ask.method.as_str(), ask.path.as_str()) {
        ("PUT", "/recipe/multitenancy/app") => tenants::set_app_v1(ask).await,
        ("PUT", "/recipe/multitenancy/app/v2") => tenants::set_app(ask).await,
        ("GET", "/telemetry") => basics::telemetry(ask),
        ("PUT", "/ee/license") => basics::license(ask),
        ("GET", "/ee/featureflag") => basics::features(ask),
        // A tenant that is not there is an answer of these two.
        ("GET", "/recipe/multitenancy/tenant") => tenants::show_v1(ask).await,
        ("GET", "/recipe/multitenancy/tenant/v2") => tenants::show(ask).await,
        _ => of_tenant(ask).await,
    }
}

async fn of_tenant(ask: &Ask) -> Answer {
    known(ask).await?;
    match (ask.method.as_str(), ask.path.as_str()) {
        ("POST", "/recipe/signinup") => third_party::sign_in_up(ask).await,
        ("POST", "/recipe/signinup/code") => passwordless::create(ask).await,
        ("POST", "/recipe/signinup/code/consume") => passwordless::consume(ask).await,
        ("POST", "/recipe/signinup/code/check") => passwordless::check(ask).await,
        ("POST", "/recipe/signinup/code/remove") => passwordless::remove(ask).await,
        ("GET", "/recipe/signinup/codes") => passwordless::list(ask).await,
        ("POST", "/recipe/signinup/codes/remove") => passwordless::remove_all(ask).await,
        ("GET", "/recipe/user") => people::show_old(ask).await,
        ("POST", "/recipe/session") => session::create(ask).await,
        ("POST", "/recipe/session/remove") => session::remove(ask).await,
        ("GET", "/recipe/session/user") => session::of_user(ask).await,
        ("GET", "/users") => people::list(ask).await,
        ("GET", "/users/count") => people::count(ask).await,
        ("GET", "/users/by-accountinfo") => people::by_account_info(ask).await,
        ("PUT", "/recipe/user/role") => roles::give(ask).await,
        ("POST", "/recipe/user/role/remove") => roles::take(ask).await,
        ("GET", "/recipe/user/roles") => roles::of_user(ask).await,
        ("GET", "/recipe/role/users") => roles::users(ask).await,
        ("POST", "/recipe/user/email/verify/token") => emails::make_token(ask).await,
        ("POST", "/recipe/user/email/verify") => emails::verify(ask).await,
        ("POST", "/recipe/user/email/verify/token/remove") => emails::remove_tokens(ask).await,
        ("POST", "/recipe/multitenancy/tenant/user") => tenants::associate(ask).await,
        ("POST", "/recipe/multitenancy/tenant/user/remove") => tenants::disassociate(ask).await,
        ("PUT", "/recipe/multitenancy/config/thirdparty") => tenants::set_provider(ask).await,
        ("POST", "/recipe/multitenancy/config/thirdparty/remove") => tenants::remove_provider(ask).await,
        _ => of_app(ask).await,
    }
}

async fn of_app(ask: &Ask) -> Answer {
    if !PATHS.contains(&ask.path.as_str()) {
        return Err(not_offered(&ask.path).map_or(Refusal::Missing, Refusal::NotOffered));
    }
    app_only(ask)?;
    match (ask.method.as_str(), ask.path.as_str()) {
        ("POST", "/recipe/jwt") => jwt::create(ask).await,
        ("GET", "/recipe/jwt/jwks") => jwt::keys(ask).await,
        ("GET", "/recipe/session") => session::info(ask).await,
        ("POST", "/recipe/session/verify") => session::verify(ask).await,
        ("POST", "/recipe/session/refresh") => session::refresh(ask).await,
        ("POST", "/recipe/session/regenerate") => session::regenerate(ask).await,
        ("PUT", "/recipe/session/data") => session::set_data(ask).await,
        ("PUT", "/recipe/jwt/data") => session::set_claims(ask).await,
        ("GET", "/user/id") => people::show(ask).await,
        ("POST", "/user/remove") => people::remove(ask).await,
        ("PUT", "/recipe/user") => people::update(ask).await,
        ("GET", "/recipe/user/metadata") => metadata::show(ask).await,
        ("PUT", "/recipe/user/metadata") => metadata::update(ask).await,
        ("POST", "/recipe/user/metadata/remove") => metadata::remove(ask).await,
        ("PUT", "/recipe/role") => roles::make(ask).await,
        ("GET", "/recipe/roles") => roles::all(ask).await,
        ("POST", "/recipe/role/remove") => roles::remove(ask).await,
        ("GET", "/recipe/role/permissions") => roles::permissions(ask).await,
        ("POST", "/recipe/role/permissions/remove") => roles::remove_permissions(ask).await,
        ("GET", "/recipe/permission/roles") => roles::with_permission(ask).await,
        ("GET", "/recipe/user/email/verify") => emails::is_verified(ask).await,
        ("POST", "/recipe/user/email/verify/remove") => emails::unverify(ask).await,
        ("GET", "/recipe/accountlinking/user/primary/check") => linking::can_make_primary(ask).await,
        ("POST", "/recipe/accountlinking/user/primary") => linking::make_primary(ask).await,
        ("GET", "/recipe/accountlinking/user/link/check") => linking::can_link(ask).await,
        ("POST", "/recipe/accountlinking/user/link") => linking::link(ask).await,
        ("POST", "/recipe/accountlinking/user/unlink") => linking::unlink(ask).await,
        ("POST", "/recipe/multitenancy/app/remove") => tenants::remove_app(ask).await,
        ("GET", "/recipe/multitenancy/app/list" | "/recipe/multitenancy/app/list/v2") => tenants::list_apps(ask).await,
        ("PUT", "/recipe/multitenancy/tenant") => tenants::set_v1(ask).await,
        ("PUT", "/recipe/multitenancy/tenant/v2") => tenants::set(ask).await,
        ("POST", "/recipe/multitenancy/tenant/remove") => tenants::remove(ask).await,
        ("GET", "/recipe/multitenancy/tenant/list" | "/recipe/multitenancy/tenant/list/v2") => tenants::list(ask).await,
        _ => Err(Refusal::Method),
    }
}
