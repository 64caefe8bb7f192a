//! What a back end asks of the core door, taken apart: app, tenant, version, body; and how it is refused.
//! Contract: supertokens-core.md §1.

use crate::Doors;
use crate::kit::answer;
use crate::kit::frame::Seen;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::Response;
use postkey_auth::BackEndSessionError;
use postkey_model::{AppId, Call, TenantId, Timestamp};
use postkey_store::Unavailable;
use serde_json::{Map, Value};

/// A version of the core driver interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(pub u8, pub u8);

impl Version {
    /// What we speak, oldest first. 5.5 and later have other sessions.
    pub const ALL: [Version; 8] =
        [Version(3, 0), Version(3, 1), Version(4, 0), Version(5, 0), Version(5, 1), Version(5, 2), Version(5, 3), Version(5, 4)];

    fn parse(text: &str) -> Option<Self> {
        let (major, minor) = text.trim().split_once('.')?;
        Some(Version(major.parse().ok()?, minor.parse().ok()?))
    }
}

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.0, self.1)
    }
}

/// One question of a back end.
pub struct Ask {
    /// The doors.
    pub doors: Doors,
    /// What the frame saw.
    pub seen: Seen,
    /// How.
    pub method: Method,
    /// What, without app and tenant.
    pub path: String,
    /// For which tenant, app and all.
    pub call: Call,
    /// In which version.
    pub version: Version,
    /// Of which recipe, where several share a path.
    pub recipe: String,
    pub(super) query: Vec<(String, String)>,
    pub(super) body: Map<String, Value>,
}

/// A request without app and tenant, as it came.
pub struct Wire<'a> {
    /// Its method.
    pub method: Method,
    /// Its path, below app and tenant.
    pub path: String,
    /// Its headers.
    pub headers: &'a HeaderMap,
    /// Its query.
    pub query: Option<&'a str>,
    /// Its body.
    pub body: &'a [u8],
}

/// What a back end is answered: JSON, or why not.
pub type Answer = Result<Value, Refusal>;

/// Why a back end is refused: with a text, as the SDKs expect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// 400: something is wrong with what was sent.
    Bad(String),
    /// 401: no API key, or a wrong one.
    Key,
    /// 403: not by this tenant.
    Forbidden(String),
    /// 404: nothing is here.
    Missing,
    /// 405: something is here, but not for this method.
    Method,
    /// 501: what it asks for is not offered.
    NotOffered(&'static str),
    /// 503: the store does not work just now.
    Unavailable(String),
}

impl From<Unavailable> for Refusal {
    fn from(e: Unavailable) -> Self {
        Refusal::Unavailable(e.0)
    }
}

impl Refusal {
    /// The refusal as an answer. Texts end in a line break: the SDKs' own tests compare them so.
    pub fn into_response(self, id: &str) -> Response {
        let (status, text) = match self {
            Refusal::Bad(text) => (StatusCode::BAD_REQUEST, text),
            Refusal::Key => (StatusCode::UNAUTHORIZED, "Invalid API key".to_owned()),
            Refusal::Forbidden(text) => (StatusCode::FORBIDDEN, text),
            Refusal::Missing => (StatusCode::NOT_FOUND, "Not found".to_owned()),
            Refusal::Method => (StatusCode::METHOD_NOT_ALLOWED, "Method not supported".to_owned()),
            Refusal::NotOffered(text) => (StatusCode::NOT_IMPLEMENTED, text.to_owned()),
            Refusal::Unavailable(why) => {
                tracing::error!(%id, error = %why, "a back end could not be served");
                (StatusCode::SERVICE_UNAVAILABLE, format!("The database does not answer just now. Request {id}"))
            }
        };
        answer::body(status, "text/plain; charset=utf-8", format!("{text}\n"))
    }
}

impl Ask {
    /// Takes a request apart that is for the tenant of `call`.
    pub fn new(doors: Doors, seen: Seen, call: Call, wire: Wire<'_>) -> Result<Self, Refusal> {
        let Wire { method, path, headers, query, body } = wire;
        let header = |name| headers.get(name).and_then(|value| value.to_str().ok());
        // Without the header the newest is meant.
        let newest = Version(5, 4);
        let version = match header("cdi-version") {
            None => newest,
            Some(text) => Version::parse(text).ok_or_else(|| Refusal::Bad("cdi-version header is invalid".to_owned()))?,
        };
        if !Version::ALL.contains(&version) {
            return Err(Refusal::Bad(format!("cdi-version {version} not supported")));
        }
        let query = form_urlencoded::parse(query.unwrap_or_default().as_bytes()).take(64);
        let query: Vec<(String, String)> = query.map(|(key, value)| (key.into_owned(), value.into_owned())).collect();
        let body = if body.is_empty() {
            Map::new()
        } else {
            serde_json::from_slice(body).map_err(|_| Refusal::Bad("Invalid Json Input".to_owned()))?
        };
        if query_holds_nul(&query) || body.values().any(holds_nul) {
            return Err(Refusal::Bad("a text cannot hold the character U+0000".to_owned()));
        }
        let recipe = header("rid").unwrap_or_default().to_owned();
        Ok(Ask { doors, seen, method, path, call, version, recipe, query, body })
    }

    /// The app that is meant.
    pub fn app(&self) -> AppId {
        self.call.tenant.app()
    }

    /// The tenant that is meant.
    pub fn tenant(&self) -> &TenantId {
        &self.call.tenant
    }

    /// The tenant `name` of the app that is meant.
    pub fn tenant_named(&self, name: &str) -> Result<TenantId, Refusal> {
        let fits = |id: &TenantId| !id.as_str().starts_with("appid-") && !super::NO_TENANTS.contains(&id.as_str());
        let name = TenantId::parse(&name.trim().to_lowercase()).filter(fits).ok_or_else(|| {
            Refusal::Bad("tenantId can only contain letters, numbers and hyphens, and is not a word that paths begin with".to_owned())
        })?;
        Ok(TenantId::in_app(&self.app(), &name))
    }

    /// When it came in.
    pub fn now(&self) -> Timestamp {
        self.seen.now
    }

    /// A text of the body that has to be there.
    pub fn text(&self, name: &str) -> Result<&str, Refusal> {
        self.body.get(name).and_then(Value::as_str).ok_or_else(|| invalid(name))
    }

    /// A name or id of the body that has to be there: what is kept under it can be found in an index, so it has a length.
    pub fn name(&self, name: &str) -> Result<&str, Refusal> {
        short(name, self.text(name)?)
    }

    /// A text of the body that may be missing; null counts as missing.
    pub fn opt_text(&self, name: &str) -> Result<Option<&str>, Refusal> {
        self.opt(name).map(|value| value.as_str().ok_or_else(|| invalid(name))).transpose()
    }

    /// A text of the body that may be missing, or null: which says something else.
    pub fn nullable_text(&self, name: &str) -> Result<Option<Option<&str>>, Refusal> {
        match self.body.get(name) {
            None => Ok(None),
            Some(Value::Null) => Ok(Some(None)),
            Some(value) => value.as_str().map(|text| Some(Some(text))).ok_or_else(|| invalid(name)),
        }
    }

    /// A yes or no of the body that has to be there.
    pub fn flag(&self, name: &str) -> Result<bool, Refusal> {
        self.opt_flag(name)?.ok_or_else(|| invalid(name))
    }

    /// A yes or no of the body that may be missing.
    pub fn opt_flag(&self, name: &str) -> Result<Option<bool>, Refusal> {
        self.opt(name).map(|value| value.as_bool().ok_or_else(|| invalid(name))).transpose()
    }

    /// A whole number of the body that has to be there.
    pub fn number(&self, name: &str) -> Result<i64, Refusal> {
        self.body.get(name).and_then(Value::as_i64).ok_or_else(|| invalid(name))
    }

    /// An object of the body that has to be there.
    pub fn object(&self, name: &str) -> Result<&Map<String, Value>, Refusal> {
        self.opt_object(name)?.ok_or_else(|| invalid(name))
    }

    /// An object of the body that may be missing.
    pub fn opt_object(&self, name: &str) -> Result<Option<&Map<String, Value>>, Refusal> {
        self.opt(name).map(|value| value.as_object().ok_or_else(|| invalid(name))).transpose()
    }

    /// A list of texts of the body that may be missing.
    pub fn opt_list(&self, name: &str) -> Result<Option<Vec<String>>, Refusal> {
        self.opt(name).map(|value| texts(value).ok_or_else(|| invalid(name))).transpose()
    }

    /// A list of texts of the body that may be missing, or null: which says something else.
    pub fn nullable_list(&self, name: &str) -> Result<Option<Option<Vec<String>>>, Refusal> {
        match self.body.get(name) {
            None => Ok(None),
            Some(Value::Null) => Ok(Some(None)),
            Some(value) => texts(value).map(|list| Some(Some(list))).ok_or_else(|| invalid(name)),
        }
    }

    fn opt(&self, name: &str) -> Option<&Value> {
        self.body.get(name).filter(|value| !value.is_null())
    }

    /// A parameter of the address that has to be there.
    pub fn query(&self, name: &str) -> Result<&str, Refusal> {
        self.opt_query(name).ok_or_else(|| Refusal::Bad(format!("Field name '{name}' is missing in GET request")))
    }

    /// A parameter of the address that may be missing.
    pub fn opt_query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// A yes or no of the address; `default` when it is missing.
    pub fn query_flag(&self, name: &str, default: bool) -> Result<bool, Refusal> {
        match self.opt_query(name) {
            None => Ok(default),
            Some("true") => Ok(true),
            Some("false") => Ok(false),
            Some(_) => Err(Refusal::Bad(format!("Field name '{name}' must be true or false in GET request"))),
        }
    }
}

/// Neither engine's texts hold it alike.
fn holds_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(list) => list.iter().any(holds_nul),
        Value::Object(object) => object.iter().any(|(key, value)| key.contains('\0') || holds_nul(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

fn query_holds_nul(query: &[(String, String)]) -> bool {
    query.iter().any(|(key, value)| key.contains('\0') || value.contains('\0'))
}

/// The word, if it is no longer than names and ids may be.
pub fn short<'a>(name: &str, word: &'a str) -> Result<&'a str, Refusal> {
    const LONGEST: usize = 512;
    if word.len() <= LONGEST { Ok(word) } else { Err(Refusal::Bad(format!("Field name '{name}' is longer than {LONGEST} bytes"))) }
}

fn texts(value: &Value) -> Option<Vec<String>> {
    value.as_array()?.iter().map(|item| item.as_str().map(str::to_owned)).collect()
}

/// What is said of a field that is missing or of another kind.
pub fn invalid(name: &str) -> Refusal {
    Refusal::Bad(format!("Field name '{name}' is invalid in JSON input"))
}

/// What several verbs about sessions have in common.
pub fn session_refusal(e: BackEndSessionError) -> Result<Value, Refusal> {
    use serde_json::json;
    match e {
        BackEndSessionError::ProtectedClaim => Err(Refusal::Bad("The user payload contains protected field".to_owned())),
        e @ BackEndSessionError::BadClaims(_) => Err(Refusal::Bad(e.to_string())),
        BackEndSessionError::UnknownTenant => Err(unknown_tenant()),
        BackEndSessionError::Unauthorised => Ok(json!({ "status": "UNAUTHORISED", "message": "the session is over" })),
        BackEndSessionError::TryRefresh(why) => Ok(json!({ "status": "TRY_REFRESH_TOKEN", "message": why })),
        BackEndSessionError::Busy => Err(Refusal::Unavailable("busy".to_owned())),
        BackEndSessionError::Unavailable(e) => Err(e.into()),
    }
}

/// What is said of an app or tenant that is not there.
pub fn unknown_tenant() -> Refusal {
    Refusal::Bad("AppId or tenantId not found => there is no such app or tenant: make it first".to_owned())
}
