//! The start form: an address, and a message goes out.

use super::note::{self, Note};
use super::{Query, login_page, renew, waiting};
use crate::Doors;
use crate::kit::answer;
use crate::kit::form::Form;
use crate::kit::frame::Seen;
use crate::supertokens::cookies as session_cookies;
use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use minijinja::context;
use postkey_auth::StartError;
use postkey_model::{Flow, Tenant, TenantId};

/// `GET /auth`
pub async fn show(State(doors): State<Doors>, Extension(seen): Extension<Seen>, uri: Uri, headers: HeaderMap) -> Response {
    let query = Query::of(&uri);
    let Some(tenant) = query.tenant(&doors) else { return missing_tenant(&doors, &headers, &seen) };
    let checked = wanted_place(query.get("redirectToPath"), query.get("returnTo")).map(|wanted| tenant.destinations.check(wanted));
    let left = note::read(&headers);
    let session = match session_cookies::signed_in(&doors, &headers, &seen).await {
        Ok(session) => session,
        Err(unavailable) => return unavailable,
    };
    match session {
        _ if left.is_some() => {}
        Some(session) if !session.opens(&tenant.id) => {}
        Some(_) => {
            let place = checked.and_then(Result::ok).unwrap_or_else(|| tenant.destinations.default_place());
            return answer::go(&HeaderMap::new(), place.as_str());
        }
        None => {
            if let Some(page) = renew::page(&doors, &headers, &seen, tenant, &uri) {
                return page;
            }
        }
    }
    let bad_place = checked.as_ref().is_some_and(Result::is_err);
    let (error, notice, typed) = match &left {
        Some(left) if is_about_the_address(left.note) => (left.words(), String::new(), left.typed.as_str()),
        Some(left) => (String::new(), left.words(), left.typed.as_str()),
        None if bad_place => (String::new(), Note::BadPlace.words(0), ""),
        None => (String::new(), String::new(), ""),
    };
    let values = context! {
        tenant => tenant.id.as_str(),
        sends => match tenant.sign_in.flow { Flow::MagicLink => "link", Flow::UserInputCode => "code", Flow::UserInputCodeAndMagicLink => "both" },
        place => checked.and_then(Result::ok).map(|place| place.as_str().to_owned()),
        error, notice, typed,
    };
    login_page(&doors, &headers, &seen, tenant, "start.html", values)
}

/// `POST /auth/_/start`
pub async fn submit(State(doors): State<Doors>, form: Form) -> Response {
    let named = match form.get("tenantId") {
        "" => Some(TenantId::public()),
        name => TenantId::parse(name),
    };
    let Some(named) = named else { return missing_tenant(&doors, &form.headers, &form.seen) };
    let call = form.seen.call(&form.headers, named);
    let given = |name| Some(form.get(name)).filter(|place| !place.is_empty());
    let place = wanted_place(given("redirectToPath"), given("returnTo"));
    let trusted = waiting::trusted(&form.headers);
    let typed = form.get("email");
    let refused = |note: Note| {
        let mut response = answer::go(&form.headers, &start_address(doors.auth().tenant(&call.tenant), place));
        note::leave(&doors, response.headers_mut(), call.now, note, 0, typed);
        response
    };
    match doors.auth().start(&call, typed, place, trusted.as_ref()).await {
        Ok(sent) => {
            let mut response = answer::go(&form.headers, if sent.has_code { "/auth/code" } else { "/auth/sent" });
            waiting::remember(&doors, response.headers_mut(), &sent, &call.tenant, call.now);
            // What an earlier try was told does not belong on the next page.
            note::clear(&doors, &form.headers, response.headers_mut());
            response
        }
        Err(StartError::Identifier(e)) => refused(e.into()),
        Err(StartError::Destination(_)) => refused(Note::BadPlace),
        Err(StartError::UnknownTenant) => missing_tenant(&doors, &form.headers, &form.seen),
        Err(StartError::Busy) => answer::unavailable(&doors, &form.headers, &form.seen, "busy"),
        Err(StartError::Unavailable(e)) => answer::unavailable(&doors, &form.headers, &form.seen, &e.0),
    }
}

/// Where somebody wants to go: `redirectToPath` is a path of this site and nothing else, `returnTo` may be a registered
/// address. What is neither comes out as a place that no check lets through.
fn wanted_place<'a>(path: Option<&'a str>, address: Option<&'a str>) -> Option<&'a str> {
    path.map(|path| if path.starts_with('/') { path } else { "" }).or(address)
}

/// The start form's address, keeping tenant and place. A place that is not allowed is left out.
pub(crate) fn start_address(tenant: Option<&Tenant>, place: Option<&str>) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    if let Some(tenant) = tenant.filter(|tenant| tenant.id != TenantId::public()) {
        query.append_pair("tenantId", tenant.id.as_str());
    }
    if let Some(place) = tenant.zip(place).and_then(|(tenant, place)| tenant.destinations.check(place).ok()) {
        let name = if place.as_str().starts_with('/') { "redirectToPath" } else { "returnTo" };
        query.append_pair(name, place.as_str());
    }
    let query = query.finish();
    if query.is_empty() { "/auth".to_owned() } else { format!("/auth?{query}") }
}

fn is_about_the_address(note: Note) -> bool {
    matches!(note, Note::EmptyAddress | Note::LongAddress | Note::NotAnEmail | Note::BadDomain)
}

fn missing_tenant(doors: &Doors, headers: &HeaderMap, seen: &Seen) -> Response {
    answer::fault(doors, headers, seen, axum::http::StatusCode::NOT_FOUND, "Unknown tenant", "There is no tenant of that name here.")
}
