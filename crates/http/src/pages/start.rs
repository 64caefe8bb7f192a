//! The start form: an address, and a message goes out.

use super::field::{becomes_phone_form, country, refusal, shown_country, typed, usual_country};
use super::note::{self, Left, Note, Spot};
use super::screens::{Field, Start};
use super::{Query, login_page, renew, waiting};
use crate::Doors;
use crate::kit::answer::{self, Fault};
use crate::kit::form::Form;
use crate::kit::frame::Seen;
use crate::kit::screen::Screen;
use crate::supertokens::cookies as session_cookies;
use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use postkey_auth::{StartError, TextsHeld, Wanted};
use postkey_model::{Flow, Region, Tenant, TenantId, Timestamp};
use postkey_words::Value;
use serde_json::json;

/// `GET /auth`
pub async fn show(State(doors): State<Doors>, Extension(seen): Extension<Seen>, uri: Uri, headers: HeaderMap) -> Response {
    let query = Query::of(&uri);
    let Some(tenant) = query.tenant(&doors) else { return missing_tenant(&doors, &headers, &seen) };
    let tenant = &*tenant;
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
            return answer::move_on(place.as_str());
        }
        None => {
            if let Some(page) = renew::page(&doors, &headers, &seen, tenant, &uri) {
                return page;
            }
        }
    }
    let bad_place = checked.as_ref().is_some_and(Result::is_err);
    let left = left.or(bad_place.then(|| Left::plain(Note::BadPlace)));
    let field = Field::of(tenant, query.get("as"));
    let place = checked.and_then(Result::ok).map(|place| place.as_str().to_owned());
    login_page(&doors, &headers, &seen, tenant, &screen(&doors, &headers, &seen, tenant, field, place, left.as_ref()))
}

/// The start form, as far as a note fills it in.
fn screen(
    doors: &Doors,
    headers: &HeaderMap,
    seen: &Seen,
    tenant: &Tenant,
    field: Field,
    place: Option<String>,
    left: Option<&Left>,
) -> Start {
    let region = left.and_then(|left| left.country).or_else(|| usual_country(doors, tenant, headers));
    let said = |spot| note::said(left, doors, seen, headers, tenant, spot);
    Start {
        tenant: tenant.id.to_string(),
        flow: match tenant.sign_in.flow {
            Flow::MagicLink => "link",
            Flow::UserInputCode => "code",
            Flow::UserInputCodeAndMagicLink => "both",
        },
        field,
        switch: field.switch(tenant),
        country: shown_country(doors, seen, headers, tenant, region),
        countries: if field == Field::Phone { doors.countries(seen, headers, tenant) } else { Value::from("") },
        place,
        typed: left.map(|left| left.typed.clone()).unwrap_or_default(),
        error: said(Spot::Field),
        said: said(Spot::Above),
        // Somebody who comes back may want another address, and that one may be free.
        wait: note::throttled_for(left.filter(|left| !left.typed.is_empty()), seen.now),
    }
}

/// `POST /auth/_/start`
pub async fn submit(State(doors): State<Doors>, form: Form) -> Response {
    let named = match form.get("tenantId") {
        "" => Some(TenantId::public()),
        name => TenantId::parse(name),
    };
    let Some(tenant) = named.and_then(|named| doors.auth().tenant(&named)) else {
        return missing_tenant(&doors, &form.headers, &form.seen);
    };
    let tenant = &*tenant;
    let call = doors.call(&form.seen, &form.headers, tenant.id.clone());
    let given = |name| Some(form.get(name)).filter(|place| !place.is_empty());
    let place = wanted_place(given("redirectToPath"), given("returnTo"));
    let field = Field::of(tenant, Some(form.get("as")));
    let (typed, country) = (typed(&form), country(&doors, &form, tenant));
    // The switch beside the field: another form, with what was typed.
    if let Some(switch) = Field::parse(form.get("switch")).filter(|switch| field.switch(tenant) == Some(*switch)) {
        return back(&doors, &form, tenant, switch, place, &Left { typed: typed.to_owned(), country, ..Left::plain(Note::Typed) });
    }
    let trusted = waiting::trusted(&form.headers);
    let wanted = Wanted { typed, method: Some(field.method()), country, destination: place, trusted: trusted.as_ref() };
    match doors.auth().start(&call, wanted).await {
        Ok(sent) => {
            let mut response = answer::go(&form.headers, if sent.has_code { "/auth/code" } else { "/auth/sent" });
            waiting::SIGN_IN.remember(&doors, response.headers_mut(), &sent, &call.tenant, call.now);
            // What an earlier try was told does not belong on the next page.
            note::clear(&doors, &form.headers, response.headers_mut());
            response
        }
        Err(StartError::Identifier(e)) => {
            let next = if becomes_phone_form(&e) && field == Field::Either { Field::Phone } else { field };
            back(&doors, &form, tenant, next, place, &refusal(&e, field, typed, country))
        }
        Err(StartError::Destination(_)) => {
            back(&doors, &form, tenant, field, place, &Left { typed: typed.to_owned(), ..Left::plain(Note::BadPlace) })
        }
        Err(StartError::Throttled { until }) => {
            let left = Left { note: Note::Throttled, number: until.0, typed: typed.to_owned(), country };
            let place = place.and_then(|place| tenant.destinations.check(place).ok()).map(|place| place.as_str().to_owned());
            let screen = screen(&doors, &form.headers, &form.seen, tenant, field, place.clone(), Some(&left));
            throttled(&doors, &form, tenant, &screen, &form_address(tenant, field, place.as_deref()), &left)
        }
        Err(StartError::NoTexts(held)) => {
            let (next, left) = instead_of_text(&held, field, typed, country);
            back(&doors, &form, tenant, next, place, &left)
        }
        Err(StartError::UnknownTenant) => missing_tenant(&doors, &form.headers, &form.seen),
        Err(StartError::Busy) => answer::try_again(&doors, &form, "busy"),
        Err(StartError::Unavailable(e)) => answer::try_again(&doors, &form, &e.0),
    }
}

/// Too many messages were asked for: 429 and the same form again, which counts down. Our script is told to look there.
pub(super) fn throttled<S: Screen>(doors: &Doors, form: &Form, tenant: &Tenant, screen: &S, address: &str, left: &Left) -> Response {
    let mut response = if answer::wants_json(&form.headers) {
        let mut response = answer::json(StatusCode::TOO_MANY_REQUESTS, &json!({ "location": address }));
        note::leave(doors, response.headers_mut(), form.seen.now, left);
        response
    } else {
        // Choosing a language there leads to the same form.
        let seen = Seen { here: address.to_owned(), ..form.seen.clone() };
        answer::page(doors, &form.headers, &seen, Some(tenant), StatusCode::TOO_MANY_REQUESTS, screen)
    };
    answer::retry_at(&mut response, form.seen.now, Timestamp(left.number));
    response
}

/// Where no text goes out, the form takes an email address instead, if the tenant does.
pub(super) fn instead_of_text(held: &TextsHeld, field: Field, typed: &str, country: Option<Region>) -> (Field, Left) {
    let left = Left::plain(Note::about_texts(held));
    match held.by_email {
        true => (Field::Either, left),
        false => (field, Left { typed: typed.to_owned(), country, ..left }),
    }
}

/// Back to the start form with a note.
fn back(doors: &Doors, form: &Form, tenant: &Tenant, field: Field, place: Option<&str>, left: &Left) -> Response {
    note::go(doors, form, &form_address(tenant, field, place), left)
}

/// The address of the start form with that field.
fn form_address(tenant: &Tenant, field: Field, place: Option<&str>) -> String {
    let mut address = start_address(Some(tenant), place);
    if field == Field::Phone && field.switch(tenant).is_some() {
        address.push_str(if address.contains('?') { "&as=phone" } else { "?as=phone" });
    }
    address
}

impl Doors {
    /// The countries of a phone form in the language of whoever asks.
    pub(super) fn countries(&self, seen: &Seen, headers: &HeaderMap, tenant: &Tenant) -> Value {
        self.inner.view.countries(self.language(seen, headers, Some(tenant)))
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

fn missing_tenant(doors: &Doors, headers: &HeaderMap, seen: &Seen) -> Response {
    answer::fault(doors, headers, seen, Fault::Tenant)
}
