//! The management interface (`/v1`): what back ends register and see (contract authress.md §4). Service clients call it with a
//! token that they signed, or with their access key. Those flagged as administrators may do everything, others look at
//! themselves.

pub mod applications;
pub mod clients;
pub mod connections;
pub mod invites;
pub mod others;
pub mod tenants;
pub mod users;
mod wire;

use super::{Asked, bearer, refuse, unavailable};
use crate::Doors;
use crate::kit::answer::{self, Fault};
use crate::kit::form;
use crate::kit::frame::Seen;
use crate::kit::query::Query;
use axum::Extension;
use axum::body::Body;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::Response;
use postkey_auth::{ClientAuthError, RegisterError, acting, acts};
use postkey_model::{Actor, Call, ServiceClient, TenantId, Timestamp};
use serde_json::{Map, Value};
use wire::{Documented, Fields, Odd};

/// A page of a list has at most so many elements.
const MOST: i64 = 1000;

/// A call of a service client that is known.
pub struct Ask {
    /// Who calls.
    pub client: ServiceClient,
    /// For the verbs.
    pub call: Call,
    seen: Seen,
    headers: HeaderMap,
    body: Map<String, Value>,
    query: Query,
    path: String,
}

/// A call of one that may do everything.
pub struct Admin(pub Ask);

/// Refuses browsers: an access key has no place in one.
pub async fn guard(Extension(seen): Extension<Seen>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    if headers.contains_key(header::ORIGIN) || headers.contains_key("sec-fetch-site") {
        return refuse(&seen, StatusCode::FORBIDDEN, "Forbidden", "The management interface is for back ends, not for browsers.");
    }
    if !is_text(request.uri()) {
        let title = "The address holds what is no text: UTF-8 without NUL is taken.";
        return refuse(&seen, StatusCode::BAD_REQUEST, "InvalidRequest", title);
    }
    // Who it is comes out when the call is taken apart.
    acting(None, seen.now, next.run(request)).await
}

/// Whether all that an address says is text, which can be looked for: nothing that is not UTF-8 (it comes out of decoding as
/// U+FFFD), and no NUL, which no database keeps in texts.
fn is_text(uri: &Uri) -> bool {
    let odd = |text: &str| text.contains(['\0', '\u{fffd}']);
    let said = uri.path_and_query().map_or("", |all| all.as_str());
    !form_urlencoded::parse(said.as_bytes()).any(|(name, value)| odd(&name) || odd(&value))
}

/// The service client that calls.
pub async fn caller(doors: &Doors, asked: &Asked) -> Result<ServiceClient, Response> {
    known(doors, &asked.headers, &asked.seen).await
}

async fn known(doors: &Doors, headers: &HeaderMap, seen: &Seen) -> Result<ServiceClient, Response> {
    match doors.auth().authenticate_client(bearer(headers).unwrap_or_default(), seen.now).await {
        Ok(client) => Ok(client),
        Err(ClientAuthError::Unauthorised) => {
            let title = "The access key or token of a service client is missing, wrong, expired or deleted.";
            let mut response = refuse(seen, StatusCode::UNAUTHORIZED, "Unauthorized", title);
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            Err(response)
        }
        Err(ClientAuthError::Unavailable(e)) => Err(unavailable(seen, &e.0)),
    }
}

impl FromRequest<Doors> for Ask {
    type Rejection = Response;

    async fn from_request(request: Request, doors: &Doors) -> Result<Self, Response> {
        let headers = request.headers().clone();
        let Some(seen) = request.extensions().get::<Seen>().cloned() else {
            return Err(answer::body(StatusCode::INTERNAL_SERVER_ERROR, "text/plain; charset=utf-8", "no frame around this door"));
        };
        let client = known(doors, &headers, &seen).await?;
        acts(Actor::Client(client.id.clone()));
        let (query, path) = (Query::of(request.uri()), request.uri().path().to_owned());
        // SDKs say that it is JSON where there is nothing, and nothing where it is JSON: what is there has to be JSON.
        let bytes = form::bytes(request, doors).await.map_err(|fault| too_much(&seen, fault))?;
        let body = if bytes.is_empty() { Ok(Map::new()) } else { serde_json::from_slice(&bytes) };
        let body = body.map_err(|_| refuse(&seen, StatusCode::BAD_REQUEST, "InvalidRequest", "The body is not a JSON object."))?;
        let call = doors.call(&seen, &headers, TenantId::public());
        Ok(Ask { client, call, seen, headers, body, query, path })
    }
}

impl FromRequest<Doors> for Admin {
    type Rejection = Response;

    async fn from_request(request: Request, doors: &Doors) -> Result<Self, Response> {
        let ask = Ask::from_request(request, doors).await?;
        if ask.client.settings.is_admin { Ok(Admin(ask)) } else { Err(ask.forbidden()) }
    }
}

/// What is wrong with a body as such.
fn too_much(seen: &Seen, fault: Fault) -> Response {
    let (status, title) = match fault {
        Fault::FormLarge => (StatusCode::PAYLOAD_TOO_LARGE, "The body is too long."),
        Fault::FormSlow => (StatusCode::REQUEST_TIMEOUT, "The body did not arrive in time."),
        Fault::Missing | Fault::Method | Fault::FormOld | Fault::FormKind | Fault::FormCut | Fault::Tenant | Fault::Unavailable => {
            (StatusCode::BAD_REQUEST, "The body did not arrive whole.")
        }
    };
    refuse(seen, status, "InvalidRequest", title)
}

impl Ask {
    /// When it came in.
    pub fn now(&self) -> Timestamp {
        self.call.now
    }

    /// What it brings, without what is told and never taken.
    fn fields(&mut self, told: &[&str]) -> Fields {
        Fields::of(std::mem::take(&mut self.body), told)
    }

    /// An answer with something of the documented form `form`; `None`: no SDK has a strict form of it.
    fn answer(&self, status: StatusCode, mut value: Value, form: Option<&Documented>) -> Response {
        if let Some(form) = form.filter(|_| wire::is_strict(&self.headers)) {
            form.narrow(&mut value);
        }
        if wire::wants_links(&self.headers) {
            return answer::body(status, "application/links+json; charset=utf-8", value.to_string());
        }
        answer::json(status, &value)
    }

    /// A page of a list of such: the elements under `name`, and where the next page begins.
    fn page(&self, doors: &Doors, name: &str, mut elements: Vec<Value>, next: Option<&str>, form: Option<&Documented>) -> Response {
        let strict = wire::is_strict(&self.headers);
        if let Some(form) = form.filter(|_| strict) {
            elements.iter_mut().for_each(|one| form.narrow(one));
        }
        let origin = doors.auth().public_origin().as_text();
        let here = format!("{origin}{}", self.path);
        let next = next.map(|next| {
            let cursor = wire::cursor(next);
            let mut query = form_urlencoded::Serializer::new(String::new());
            for name in ["limit", "filter", "tenantId"] {
                if let Some(value) = self.query.get(name) {
                    query.append_pair(name, value);
                }
            }
            query.append_pair("cursor", &cursor);
            let address = format!("{here}?{}", query.finish());
            (cursor, address)
        });
        let mut page = wire::list(name, elements, &here, next);
        // Of these two the strict form has no links.
        if let Some(page) = page.as_object_mut().filter(|_| strict && matches!(name, "connections" | "tenants")) {
            page.remove("links");
        }
        self.answer(StatusCode::OK, page, None)
    }

    /// Where the asked page begins, and how long it is to be.
    fn wanted(&self, usual: i64) -> Result<(Option<String>, i64), Odd> {
        let limit = match self.query.get("limit").filter(|text| !text.is_empty()) {
            None => usual,
            Some(text) => text.parse().ok().filter(|n| *n >= 1).ok_or("limit must be a number from 1 on")?,
        };
        let begins = match self.query.get("cursor").filter(|text| !text.is_empty()) {
            None => None,
            Some(text) => Some(wire::cursor_of(text).ok_or("the cursor is none of ours")?),
        };
        Ok((begins, limit.min(MOST)))
    }

    /// Done, and nothing to say.
    fn done(&self) -> Response {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NO_CONTENT;
        response
    }

    /// Something is wrong with the call; `why` becomes a sentence.
    fn bad(&self, why: &str) -> Response {
        self.refuse(StatusCode::BAD_REQUEST, "InvalidRequest", why)
    }

    fn refuse(&self, status: StatusCode, code: &str, why: &str) -> Response {
        refuse(&self.seen, status, code, &sentence(why))
    }

    fn forbidden(&self) -> Response {
        let title = "This service client may look at itself only: an administrator's may do this (postkey clients create --admin).";
        refuse(&self.seen, StatusCode::FORBIDDEN, "Forbidden", title)
    }

    /// Why something of the kind `what` was not registered, changed or removed.
    fn not_registered(&self, error: &RegisterError, what: &str) -> Response {
        match error {
            RegisterError::Wrong(why) => self.bad(why),
            RegisterError::Taken => self.refuse(StatusCode::CONFLICT, "Conflict", &format!("there is {what} of this id already")),
            RegisterError::Unknown => self.refuse(StatusCode::NOT_FOUND, "NotFound", &format!("there is no {} of this id", bare(what))),
            RegisterError::Busy => unavailable(&self.seen, "busy"),
            RegisterError::Unavailable(e) => unavailable(&self.seen, &e.0),
        }
    }
}

/// Words as a sentence. A member's name keeps its letters.
fn sentence(words: &str) -> String {
    let plain = words.split(' ').next().is_some_and(|first| first.bytes().all(|b| b.is_ascii_lowercase()));
    let (first, rest) = words.split_at(usize::from(plain && !words.is_empty()));
    format!("{}{rest}.", first.to_ascii_uppercase())
}

/// `an application` without its article.
fn bare(what: &str) -> &str {
    what.split_once(' ').map_or(what, |(_, noun)| noun)
}
