//! `/login`: where links of service clients, typed codes, providers and our own pages come in, and whence the browser goes back
//! to the application (contract authress.md §2.4). Looking spends nothing: a page sends itself where the browser is the one
//! that asked, and shows a button elsewhere.

use super::cookies;
use crate::Doors;
use crate::kit::answer::{self, Fault};
use crate::kit::form::Form;
use crate::kit::frame::{self, Seen};
use crate::kit::query::Query;
use crate::kit::screen::{Message, PageLink};
use crate::pages::screens::Login;
use axum::Extension;
use axum::extract::State;
use axum::http::header::CONTENT_SECURITY_POLICY;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use postkey_auth::decide::assertion::Fault as AssertionFault;
use postkey_auth::{FinishError, Finished, JoinError, LoginView, NextStep, ShownAtLogin};
use postkey_model::{LoginRequestId, ReturnMode, TenantId};
use postkey_words::Arg;
use std::borrow::Cow;
use url::Url;

/// What stands in the address of a login, or in the form of its page.
pub(super) struct Shown {
    pub(super) id: Option<LoginRequestId>,
    code: Option<String>,
    issuer: Option<String>,
    proof: Option<String>,
}

impl Shown {
    fn read<'a>(get: impl Fn(&str) -> Option<&'a str>) -> Self {
        let text = |name: &str| get(name).filter(|text| !text.is_empty()).map(str::to_owned);
        Shown { id: get("state").and_then(LoginRequestId::parse), code: text("code"), issuer: text("iss"), proof: text("proof") }
    }

    fn as_shown(&self) -> Option<ShownAtLogin<'_>> {
        match (&self.code, &self.proof) {
            (Some(token), _) => Some(ShownAtLogin::Assertion { token, issuer: self.issuer.as_deref() }),
            (None, Some(secret)) => Some(ShownAtLogin::Proof(secret)),
            (None, None) => None,
        }
    }

    fn fields(&self) -> Vec<(&'static str, String)> {
        let id = self.id.as_ref().map(ToString::to_string);
        let all = [("state", id), ("code", self.code.clone()), ("iss", self.issuer.clone()), ("proof", self.proof.clone())];
        all.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
    }
}

/// `GET /login`
pub async fn show(State(doors): State<Doors>, Extension(seen): Extension<Seen>, uri: Uri, headers: HeaderMap) -> Response {
    let query = Query::of(&uri);
    if super::providers::is_answer(&query) {
        return super::providers::show(&doors, &seen, &headers, &query).await;
    }
    let shown = Shown::read(|name| query.get(name));
    let here = Here { doors: &doors, seen: &seen, headers: &headers };
    let Some(id) = &shown.id else { return here.problem(None, &FinishError::Unknown).await };
    match shown.as_shown() {
        Some(what) => page(&here, id, what, shown.fields(), "/login").await,
        None => start(&here, id).await,
    }
}

/// Nobody vouched for anybody yet: on to where that happens.
async fn start(here: &Here<'_>, id: &LoginRequestId) -> Response {
    let Here { doors, seen, headers } = here;
    let state = match doors.auth().login_request(id).await {
        Ok(state) => state,
        Err(e) => return answer::unavailable(doors, headers, seen, &e.0),
    };
    let Some(state) = state else { return here.problem(Some(id), &FinishError::Unknown).await };
    if !state.is_open(seen.now) {
        let why = if state.end.is_some() { FinishError::Over } else { FinishError::Expired };
        return here.problem(Some(id), &why).await;
    }
    match doors.auth().next_step(&state.request) {
        NextStep::OwnPages { tenant } => {
            let place = super::pages::address(id);
            let mut query = form_urlencoded::Serializer::new(String::new());
            query.append_pair("redirectToPath", &place);
            if tenant != TenantId::public() {
                query.append_pair("tenantId", tenant.as_str());
            }
            if state.request.connection.as_deref() == Some("sms") {
                query.append_pair("as", "phone");
            }
            answer::move_on(&format!("/auth?{}", query.finish()))
        }
        NextStep::ClientPage(page) => answer::move_on(&page),
        NextStep::Message => {
            let tenant = doors.auth().tenant(&state.request.tenant);
            let say = |key| doors.say(seen, headers, tenant.as_deref(), key, &[]);
            let message = Message { heading: say("login-message-title"), words: say("login-message"), ..Message::default() };
            answer::page(doors, headers, seen, tenant.as_deref(), StatusCode::OK, &message)
        }
        NextStep::Provider(_) => super::providers::begin(here, &state.request).await,
    }
}

/// The page that finishes a login when its form comes back.
pub(super) async fn page(
    here: &Here<'_>,
    id: &LoginRequestId,
    shown: ShownAtLogin<'_>,
    fields: Vec<(&'static str, String)>,
    action: &'static str,
) -> Response {
    let Here { doors, seen, headers } = here;
    let session = match cookies::session(doors, headers, seen.now).await {
        Ok(session) => session,
        Err(e) => return answer::unavailable(doors, headers, seen, &e.0),
    };
    let call = doors.call(seen, headers, TenantId::public());
    match doors.auth().look_at_login(&call, id, shown, session.as_ref(), cookies::shown_binding(headers)).await {
        Ok(view) => here.screen(&view, fields, action),
        Err(FinishError::Unavailable(e)) => answer::unavailable(doors, headers, seen, &e.0),
        Err(why) => here.problem(Some(id), &why).await,
    }
}

/// `POST /login`
pub async fn submit(State(doors): State<Doors>, form: Form) -> Response {
    let get = |name: &str| Some(form.get(name));
    let shown = Shown::read(get);
    let here = Here { doors: &doors, seen: &form.seen, headers: &form.headers };
    let Some(id) = &shown.id else { return here.problem(None, &FinishError::Unknown).await };
    let session = match cookies::session(&doors, &form.headers, form.seen.now).await {
        Ok(session) => session,
        Err(e) => return answer::try_again(&doors, &form, &e.0),
    };
    let call = doors.call(&form.seen, &form.headers, TenantId::public());
    let auth = doors.auth();
    let finished = match (&shown.code, &shown.proof) {
        (Some(token), _) => auth.finish_by_assertion(&call, id, token, shown.issuer.as_deref(), session.as_ref()).await,
        (None, Some(secret)) => auth.finish_by_proof(&call, id, secret, session.as_ref()).await,
        (None, None) => Err(FinishError::Unknown),
    };
    here.finished(&form, id, finished).await
}

/// A request for a page of this door.
pub(super) struct Here<'a> {
    pub(super) doors: &'a Doors,
    pub(super) seen: &'a Seen,
    pub(super) headers: &'a HeaderMap,
}

impl Here<'_> {
    fn screen(&self, view: &LoginView, fields: Vec<(&'static str, String)>, action: &'static str) -> Response {
        let Here { doors, seen, headers } = self;
        let screen = Login {
            application: view.application.clone(),
            to: view.to.clone(),
            goes_on: view.goes_on,
            links: view.links,
            action,
            fields,
            back: view.back.clone(),
        };
        // What stands in the address is for this page alone: choosing a language does not keep it.
        let seen = &Seen { here: "/auth".to_owned(), ..(*seen).clone() };
        let tenant = doors.auth().tenant(&view.tenant);
        let mut response = answer::page(doors, headers, seen, tenant.as_deref(), StatusCode::OK, &screen);
        // Browsers hold the redirect that answers the form to the policy too, and applications are registered while we run.
        if let Ok(back) = Url::parse(&view.back) {
            let policy = frame::content_security_policy(&[back.origin().ascii_serialization()]);
            response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
        }
        response
    }

    /// What the form of a login's page brought.
    pub(super) async fn finished(&self, form: &Form, id: &LoginRequestId, finished: Result<Finished, FinishError>) -> Response {
        match finished {
            Ok(finished) => self.back(&finished),
            Err(FinishError::Unavailable(e)) => answer::try_again(self.doors, form, &e.0),
            Err(FinishError::Busy) => answer::try_again(self.doors, form, "busy"),
            Err(why) => {
                log(self.seen, &why);
                self.unfinished(id, Problem::of(&why)).await
            }
        }
    }

    /// What became of a form that did not finish its login: our script shows pages, so it is sent to this one.
    pub(super) async fn unfinished(&self, id: &LoginRequestId, problem: Problem) -> Response {
        if answer::wants_json(self.headers) {
            return answer::go(self.headers, &format!("/login/problem?state={id}&why={}", problem.name()));
        }
        self.told(Some(id), problem).await
    }

    /// Back to the application, in the way that it learns of it.
    fn back(&self, finished: &Finished) -> Response {
        let Here { doors, headers, .. } = self;
        let Ok(mut place) = Url::parse(&finished.redirect_url) else { return answer::move_on("/auth") };
        {
            // What stood there before is of an earlier login, or somebody's trick.
            let kept: Vec<(String, String)> = place.query_pairs().filter(|(name, _)| !OURS.contains(&&**name)).map(owned).collect();
            let mut query = place.query_pairs_mut();
            query
                .clear()
                .extend_pairs(kept)
                .append_pair("nonce", finished.id.as_str())
                .append_pair("iss", doors.auth().public_origin().as_text());
            if let Some(code) = &finished.code {
                query.append_pair("code", code.expose());
            }
            if let (ReturnMode::Query, Some(tokens)) = (finished.mode, &finished.tokens) {
                query.append_pair("access_token", tokens.access.expose()).append_pair("id_token", tokens.id.expose());
                query.append_pair("expires_in", &tokens.expires_in.to_string());
            }
        }
        let mut response = answer::go(headers, place.as_str());
        if let Some(tokens) = &finished.tokens {
            cookies::set_session(doors, response.headers_mut(), tokens);
            if let (ReturnMode::Cookies, Some(domain)) = (finished.mode, &finished.domain) {
                cookies::set_shared(doors, response.headers_mut(), tokens, domain);
            }
        }
        response
    }

    /// The page that says why a login is not finished, with the way back to the application.
    pub(super) async fn problem(&self, id: Option<&LoginRequestId>, why: &FinishError) -> Response {
        log(self.seen, why);
        self.told(id, Problem::of(why)).await
    }

    pub(super) async fn told(&self, id: Option<&LoginRequestId>, problem: Problem) -> Response {
        let Here { doors, seen, headers } = self;
        let say = |key: &str| doors.say(seen, headers, None, key, &[]);
        let mut links = Vec::new();
        if let Some(id) = id
            && let Some(back) = doors.auth().back_from_login(id).await
        {
            let host = Url::parse(&back).ok().and_then(|page| page.host_str().map(str::to_owned)).unwrap_or_default();
            let words = doors.say(seen, headers, None, "login-back", &[("app", Arg::Text(&host))]);
            links.push(PageLink { href: back, words });
        }
        let (status, heading, words) = problem.parts();
        let seen = &Seen { here: "/auth".to_owned(), ..(*seen).clone() };
        let message =
            Message { heading: say(heading), words: say(words), links, request_id: seen.request_id.clone(), ..Message::default() };
        answer::page(doors, headers, seen, None, status, &message)
    }
}

/// What we add to an application's address.
const OURS: [&str; 6] = ["nonce", "iss", "code", "access_token", "id_token", "expires_in"];

fn owned((name, value): (Cow<'_, str>, Cow<'_, str>)) -> (String, String) {
    (name.into_owned(), value.into_owned())
}

/// For whoever builds the back end: which check an assertion failed. Names nobody.
fn log(seen: &Seen, why: &FinishError) {
    if let FinishError::NotBelieved(fault) = why {
        tracing::warn!(id = %seen.request_id, ?fault, "an assertion was not believed");
    }
}

/// What can have become of a login that is not finished, in a word for the address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Problem {
    Unknown,
    Expired,
    Used,
    NotBelieved,
    WrongBrowser,
    LinkedElsewhere,
    LinkingDisabled,
    NotAdmitted,
    OtherWay,
    Declined,
    ProviderAway,
    Seed,
}

impl Problem {
    const ALL: [(Problem, &'static str); 12] = [
        (Problem::Unknown, "unknown"),
        (Problem::Expired, "expired"),
        (Problem::Used, "used"),
        (Problem::NotBelieved, "not-believed"),
        (Problem::WrongBrowser, "wrong-browser"),
        (Problem::LinkedElsewhere, "linked-elsewhere"),
        (Problem::LinkingDisabled, "linking-disabled"),
        (Problem::NotAdmitted, "not-admitted"),
        (Problem::OtherWay, "other-way"),
        (Problem::Declined, "declined"),
        (Problem::ProviderAway, "provider-away"),
        (Problem::Seed, "seed"),
    ];

    fn name(self) -> &'static str {
        Problem::ALL.iter().find(|(problem, _)| *problem == self).map_or("unknown", |(_, name)| name)
    }

    fn named(name: &str) -> Self {
        Problem::ALL.iter().find(|(_, known)| *known == name).map_or(Problem::Unknown, |(problem, _)| *problem)
    }

    fn of(why: &FinishError) -> Self {
        match why {
            FinishError::Unknown => Problem::Unknown,
            FinishError::Expired | FinishError::NotBelieved(AssertionFault::Time) => Problem::Expired,
            FinishError::Over | FinishError::NotBelieved(AssertionFault::Used) => Problem::Used,
            FinishError::NotBelieved(_) => Problem::NotBelieved,
            FinishError::WrongBrowser => Problem::WrongBrowser,
            FinishError::Join(JoinError::LinkedElsewhere) => Problem::LinkedElsewhere,
            FinishError::Join(JoinError::LinkingDisabled) => Problem::LinkingDisabled,
            FinishError::Join(JoinError::NotAdmitted | JoinError::UserGone | JoinError::Unavailable(_)) => Problem::NotAdmitted,
            FinishError::Busy | FinishError::Unavailable(_) => Problem::ProviderAway,
        }
    }

    /// Status, and the keys of heading and words.
    fn parts(self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Problem::Unknown => (StatusCode::NOT_FOUND, "link-invalid-title", "login-unknown"),
            Problem::Expired => (StatusCode::GONE, "link-expired-title", "login-expired"),
            Problem::Used => (StatusCode::GONE, "link-used-title", "login-used"),
            Problem::NotBelieved => (StatusCode::BAD_REQUEST, "link-invalid-title", "login-not-believed"),
            Problem::WrongBrowser => (StatusCode::FORBIDDEN, "login-wrong-browser-title", "login-wrong-browser"),
            Problem::LinkedElsewhere => (StatusCode::CONFLICT, "login-not-linked-title", "login-linked-elsewhere"),
            Problem::LinkingDisabled => (StatusCode::CONFLICT, "login-not-linked-title", "login-linking-disabled"),
            Problem::NotAdmitted => (StatusCode::FORBIDDEN, "login-not-admitted-title", "login-not-admitted"),
            Problem::OtherWay => (StatusCode::CONFLICT, "login-other-way-title", "login-other-way"),
            Problem::Declined => (StatusCode::BAD_REQUEST, "login-declined-title", "login-declined"),
            Problem::ProviderAway => (StatusCode::BAD_GATEWAY, "login-away-title", "login-away"),
            Problem::Seed => (StatusCode::BAD_REQUEST, "link-invalid-title", "login-seed"),
        }
    }
}

/// `GET /login/problem`
pub async fn show_problem(State(doors): State<Doors>, Extension(seen): Extension<Seen>, uri: Uri, headers: HeaderMap) -> Response {
    let query = Query::of(&uri);
    let id = query.get("state").and_then(LoginRequestId::parse);
    let here = Here { doors: &doors, seen: &seen, headers: &headers };
    here.told(id.as_ref(), Problem::named(query.get("why").unwrap_or_default())).await
}

/// Whatever else somebody looks at: a link of a service client that was made for another address of ours is a login all the
/// same (contract §7, D5).
pub async fn elsewhere(state: State<Doors>, seen: Extension<Seen>, method: axum::http::Method, uri: Uri, headers: HeaderMap) -> Response {
    let query = Query::of(&uri);
    let by_client = query.get("iss").is_some_and(|iss| iss.contains("/v1/clients/"));
    if method == axum::http::Method::GET && by_client && query.get("code").is_some() && query.get("state").is_some() {
        return show(state, seen, uri, headers).await;
    }
    answer::fault(&state.0, &headers, &seen.0, Fault::Missing)
}
