//! The field for an email address or a phone number: what it takes, its countries, and what is wrong with what was typed.

use super::note::{Left, Note};
use super::screens::{Country, Field};
use crate::Doors;
use crate::kit::answer;
use crate::kit::form::Form;
use crate::kit::frame::Seen;
use axum::extract::State;
use axum::http::header::ACCEPT_LANGUAGE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use postkey_model::{ContactMethod, Identifier, IdentifierError, PhoneError, Region, Tenant, TenantId};
use postkey_words::region_of;
use serde_json::json;

impl Field {
    /// The field of a tenant's start form, as asked for where the tenant leaves a choice.
    pub(crate) fn of(tenant: &Tenant, asked: Option<&str>) -> Self {
        match (tenant.contact, asked) {
            (ContactMethod::Email, _) => Field::Email,
            (ContactMethod::Phone, _) => Field::Phone,
            (ContactMethod::EmailOrPhone, Some("phone")) => Field::Phone,
            (ContactMethod::EmailOrPhone, _) => Field::Either,
        }
    }

    /// What the switch beside the field leads to.
    pub(crate) fn switch(self, tenant: &Tenant) -> Option<Field> {
        match (tenant.contact, self) {
            (ContactMethod::EmailOrPhone, Field::Phone) => Some(Field::Either),
            (ContactMethod::EmailOrPhone, _) => Some(Field::Phone),
            (ContactMethod::Email | ContactMethod::Phone, _) => None,
        }
    }

    /// How what is typed into it is read.
    pub(crate) fn method(self) -> ContactMethod {
        match self {
            Field::Email => ContactMethod::Email,
            Field::Phone => ContactMethod::Phone,
            Field::Either => ContactMethod::EmailOrPhone,
        }
    }

    /// Reads a form's word for it.
    pub(crate) fn parse(word: &str) -> Option<Self> {
        match word {
            "email" => Some(Field::Email),
            "phone" => Some(Field::Phone),
            "either" => Some(Field::Either),
            _ => None,
        }
    }
}

/// What was typed, whatever the field was called.
pub(crate) fn typed(form: &Form) -> &str {
    ["identifier", "email", "phone"].into_iter().map(|name| form.get(name)).find(|typed| !typed.is_empty()).unwrap_or_default()
}

/// The country of a form's numbers: the one chosen beside the field, else the tenant's, else the browser's.
pub(crate) fn country(doors: &Doors, form: &Form, tenant: &Tenant) -> Option<Region> {
    Region::parse(form.get("country")).or_else(|| usual_country(doors, tenant, &form.headers))
}

/// The country that is tried first: the tenant's, else the one that the browser's languages name, if texts go there.
pub(crate) fn usual_country(doors: &Doors, tenant: &Tenant, headers: &HeaderMap) -> Option<Region> {
    let from_browser = || region_of(headers.get(ACCEPT_LANGUAGE).and_then(|v| v.to_str().ok())).as_deref().and_then(Region::parse);
    tenant.phone.default_country.or_else(from_browser).filter(|region| doors.auth().texts_reach(*region))
}

/// What a page shows beside a phone field: the country that is chosen, by its name.
pub(crate) fn shown_country(doors: &Doors, seen: &Seen, headers: &HeaderMap, tenant: &Tenant, region: Option<Region>) -> Option<Country> {
    let region = region?;
    let language = doors.language(seen, headers, Some(tenant));
    let name = doors.inner.view.templates().words().country(language, region.as_str()).unwrap_or(region.as_str());
    Some(Country { code: region.as_str().to_owned(), name: name.to_owned(), calling: region.calling_code() })
}

/// The note for what is wrong, with what to show again: a guess at a number is filled in.
pub(crate) fn refusal(e: &IdentifierError, field: Field, typed: &str, country: Option<Region>) -> Left {
    let (mut shown, mut region) = (typed, country);
    if let IdentifierError::Phone { region: guessed, number, .. } = e
        && !number.is_empty()
    {
        (shown, region) = (number.as_str(), guessed.or(country));
    }
    Left { note: Note::about(e, field), number: 0, typed: shown.to_owned(), country: region }
}

/// Whether the smart field should become the form for phone numbers, with its countries.
pub(crate) fn becomes_phone_form(e: &IdentifierError) -> bool {
    matches!(e, IdentifierError::Phone { why: PhoneError::NeedsCountry | PhoneError::Invalid | PhoneError::NoTexts, .. })
}

/// `POST /auth/_/check`: reads a field as its form would, and does nothing else. Says what is wrong, or how it is written.
pub async fn check(State(doors): State<Doors>, form: Form) -> Response {
    let tenant = TenantId::parse(form.get("tenantId")).unwrap_or_else(TenantId::public);
    let Some(tenant) = doors.auth().tenant(&tenant) else { return answer::json(StatusCode::OK, &json!({})) };
    let tenant = &*tenant;
    let field = Field::parse(form.get("as")).unwrap_or_else(|| Field::of(tenant, None));
    let country = country(&doors, &form, tenant);
    let told = match Identifier::parse(typed(&form), field.method(), country) {
        Ok(identifier) => json!({ "shown": identifier.shown() }),
        Err(e) => json!({ "error": doors.say(&form.seen, &form.headers, Some(tenant), Note::about(&e, field).key(), &[]) }),
    };
    answer::json(StatusCode::OK, &told)
}
