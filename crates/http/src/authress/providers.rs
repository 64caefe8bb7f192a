//! Logins by services that speak OAuth 2 or OpenID Connect: there, and back. What comes back is good in the browser that went.

use super::cookies;
use super::login::{Here, Problem, page};
use crate::Doors;
use crate::kit::answer;
use crate::kit::form::Form;
use crate::kit::frame::Seen;
use crate::kit::query::Query;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use postkey_auth::{FinishError, Finished, ProviderSays, ShownAtLogin};
use postkey_model::{LoginRequest, LoginRequestId, TenantId};
use postkey_providers::{Answer, Ask, ProvidedIdentity, ProviderError};
use serde_json::{Map, Value};

/// Whether an address is a service's answer: what it was given comes back, with a code or an error. Links of service clients
/// bring a bare id of a login.
pub fn is_answer(query: &Query) -> bool {
    query.get("state").is_some_and(|state| state.contains('.')) && (query.get("code").is_some() || query.get("error").is_some())
}

/// On to the service.
pub(super) async fn begin(here: &Here<'_>, request: &LoginRequest) -> Response {
    let Here { doors, seen, headers } = here;
    let browser = cookies::binding(doors, headers);
    let trip = match doors.auth().provider_trip(request, &browser, None).await {
        Ok(trip) => trip,
        Err(e) => return answer::unavailable(doors, headers, seen, &e.0),
    };
    let (Some(trip), Some(providers)) = (trip, &doors.inner.providers) else {
        return here.told(Some(&request.id), Problem::ProviderAway).await;
    };
    let ask = Ask {
        redirect_uri: &trip.redirect_uri,
        state: &trip.state,
        nonce: &trip.nonce,
        code_challenge: &trip.challenge,
        login_hint: None,
        extra: &trip.extra,
    };
    match providers.authorization_url(&trip.settings, &ask, seen.now).await {
        Ok(place) => {
            let mut response = answer::move_on(place.as_str());
            cookies::bind(doors, response.headers_mut(), &browser, seen.now);
            response
        }
        Err(why) => here.told(Some(&request.id), problem(seen, &why)).await,
    }
}

/// The page that finishes a login when somebody comes back. It is the browser that went; whether it is the one that asked says its
/// cookie, as for every login.
pub async fn show(doors: &Doors, seen: &Seen, headers: &HeaderMap, query: &Query) -> Response {
    let here = Here { doors, seen, headers };
    let Some(id) = returned(doors, headers, query.get("state").unwrap_or_default()) else {
        return here.told(None, Problem::Unknown).await;
    };
    if let Some(error) = query.get("error") {
        return here.told(Some(&id), problem(seen, &ProviderError::said(error))).await;
    }
    let given = |name| query.get(name).map(|value| (name, value.to_owned()));
    let fields = ["state", "code", "iss"].into_iter().filter_map(given).collect();
    page(&here, &id, ShownAtLogin::Elsewhere, fields, "/login/provider").await
}

/// `POST /login/provider`
pub async fn submit(State(doors): State<Doors>, form: Form) -> Response {
    let here = Here { doors: &doors, seen: &form.seen, headers: &form.headers };
    let Some(id) = returned(&doors, &form.headers, form.get("state")) else { return here.told(None, Problem::Unknown).await };
    match finished(&doors, &form, &id).await {
        Ok(finished) => here.finished(&form, &id, finished).await,
        Err(problem) => here.unfinished(&id, problem).await,
    }
}

/// Asks the service who came back, and finishes the login.
async fn finished(doors: &Doors, form: &Form, id: &LoginRequestId) -> Result<Result<Finished, FinishError>, Problem> {
    let (auth, seen) = (doors.auth(), &form.seen);
    let Some(browser) = cookies::shown_binding(&form.headers) else { return Ok(Err(FinishError::Unknown)) };
    let state = match auth.login_request(id).await {
        Ok(Some(state)) => state,
        Ok(None) => return Ok(Err(FinishError::Unknown)),
        Err(e) => return Ok(Err(e.into())),
    };
    if !state.is_open(seen.now) {
        return Ok(Err(if state.end.is_some() { FinishError::Over } else { FinishError::Expired }));
    }
    let trip = match auth.provider_trip(&state.request, browser, Some(form.get("state"))).await {
        Ok(trip) => trip,
        Err(e) => return Ok(Err(e.into())),
    };
    let (Some(trip), Some(providers)) = (trip, &doors.inner.providers) else { return Err(Problem::ProviderAway) };
    let session = match cookies::session(doors, &form.headers, seen.now).await {
        Ok(session) => session,
        Err(e) => return Ok(Err(e.into())),
    };
    let answer = Answer {
        code: form.get("code"),
        redirect_uri: &trip.redirect_uri,
        code_verifier: trip.verifier.expose(),
        nonce: &trip.nonce,
        iss: Some(form.get("iss")).filter(|iss| !iss.is_empty()),
    };
    let identity = providers.identity(&trip.settings, trip.secret.as_ref(), &answer, seen.now).await;
    let vouched = trip.vouched(says(identity.map_err(|why| problem(seen, &why))?));
    let call = doors.call(seen, &form.headers, TenantId::public());
    Ok(auth.finish_by_provider(&call, id, &vouched, session.as_ref()).await)
}

/// The login that this browser comes back for, if it is the one that went.
fn returned(doors: &Doors, headers: &HeaderMap, state: &str) -> Option<LoginRequestId> {
    doors.auth().back_from_provider(state, cookies::shown_binding(headers)?)
}

fn says(identity: ProvidedIdentity) -> ProviderSays {
    let ProvidedIdentity { subject, email, email_verified, name, given_name, family_name, picture, locale, .. } = identity;
    let said = [("name", name), ("given_name", given_name), ("family_name", family_name), ("picture", picture), ("locale", locale)];
    let profile: Map<String, Value> = said.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.into()))).collect();
    ProviderSays { subject, email, is_verified: email_verified, profile }
}

/// What a person is told; whoever runs the server finds the rest in the log.
fn problem(seen: &Seen, why: &ProviderError) -> Problem {
    match why {
        ProviderError::Declined => return Problem::Declined,
        ProviderError::OtherTenant => return Problem::NotAdmitted,
        ProviderError::Said(_) | ProviderError::Setting(_) | ProviderError::Unreachable(_) | ProviderError::NotBelieved(_) => {}
    }
    tracing::warn!(id = %seen.request_id, error = %why, "a provider's login failed");
    match why {
        ProviderError::Setting(_) | ProviderError::Unreachable(_) => Problem::ProviderAway,
        ProviderError::Declined | ProviderError::OtherTenant | ProviderError::Said(_) | ProviderError::NotBelieved(_) => Problem::Declined,
    }
}
