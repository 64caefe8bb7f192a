//! A small OpenID Connect provider on this machine. It checks what a real one checks (client, redirect URI, PKCE, single use),
//! and each part of it can be broken.

use aws_lc_rs::digest::{SHA256, digest};
use bytes::Bytes;
use data_encoding::{BASE64, BASE64URL_NOPAD};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::header::{AUTHORIZATION, CACHE_CONTROL, LOCATION};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use postkey_model::{ProviderSettings, Secret, Timestamp};
use postkey_providers::{Answer, Ask, ProvidedIdentity, ProviderError, Providers};
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tokio::net::TcpListener;
use url::Url;

use crate::keys::TestKey;

pub const NOW: Timestamp = Timestamp(1_800_000_000_000);
pub const CLIENT: &str = "client:1";
pub const SECRET: &str = "s e/crét";
pub const REDIRECT: &str = "https://auth.example.com/login";
pub const NONCE: &str = "nonce-of-this-login";
pub const VERIFIER: &str = "verifier-0123456789-0123456789-0123456789-0123";

/// How long is waited where no answer comes.
pub const HASTE: Duration = Duration::from_millis(300);

/// What a path answers instead of what it should.
#[derive(Clone)]
pub enum Say {
    /// This status, and this body.
    This(u16, String),
    /// Another place to look.
    Redirect(String),
    /// Nothing, for longer than anybody waits.
    Nothing,
}

/// What a code stands for.
#[derive(Clone)]
struct Login {
    query: HashMap<String, String>,
}

type Change = Box<dyn Fn(&mut Map<String, Value>) + Send>;

/// What the provider is and does. Tests change it.
pub struct State {
    pub url: String,
    /// What it signs with.
    pub key: TestKey,
    /// What it publishes.
    pub published: Vec<Value>,
    pub claims: Change,
    pub header: Change,
    pub discovery: Change,
    pub token_answer: Change,
    /// The ID token as it goes out.
    pub spoil: Box<dyn Fn(String) -> String + Send>,
    pub user_info: Value,
    pub cache_control: Option<&'static str>,
    pub instead: HashMap<&'static str, Say>,
    /// The paths asked for, in order.
    pub asked: Vec<String>,
    /// What came with the last question for tokens.
    pub token_form: HashMap<String, String>,
    pub token_auth: Option<String>,
    pub now: Timestamp,
    logins: HashMap<String, Login>,
}

#[derive(Clone)]
pub struct Service {
    state: Arc<Mutex<State>>,
}

fn nothing() -> Change {
    Box::new(|_| ())
}

impl Service {
    pub async fn start(key: TestKey) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let state = State {
            url,
            published: vec![key.jwk.clone()],
            key,
            claims: nothing(),
            header: nothing(),
            discovery: nothing(),
            token_answer: nothing(),
            spoil: Box::new(|token| token),
            user_info: json!({ "sub": "u1", "email": "ann@example.com", "email_verified": true, "name": "Ann Example" }),
            cache_control: None,
            instead: HashMap::new(),
            asked: Vec::new(),
            token_form: HashMap::new(),
            token_auth: None,
            now: NOW,
            logins: HashMap::new(),
        };
        let service = Service { state: Arc::new(Mutex::new(state)) };
        let answering = service.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let service = answering.clone();
                tokio::spawn(async move {
                    let answer = service_fn(|request| service.answer(request));
                    let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), answer).await;
                });
            }
        });
        service
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    pub fn settings(&self) -> ProviderSettings {
        ProviderSettings {
            client_id: CLIENT.to_owned(),
            issuer: Some(self.state().url.clone()),
            trusts_email: true,
            ..ProviderSettings::default()
        }
    }

    /// How often a path was asked for.
    pub fn count(&self, path: &str) -> usize {
        self.state().asked.iter().filter(|asked| *asked == path).count()
    }

    /// What a browser and its person do there: the code.
    pub fn visit(&self, url: &Url) -> String {
        let mut state = self.state();
        assert!(url.as_str().starts_with(&format!("{}/authorize?", state.url)), "{url}");
        let query: HashMap<String, String> = url.query_pairs().into_owned().collect();
        assert_eq!((query["response_type"].as_str(), query["code_challenge_method"].as_str()), ("code", "S256"));
        let code = format!("code-{}", state.logins.len());
        state.logins.insert(code.clone(), Login { query });
        code
    }

    async fn answer(&self, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, std::convert::Infallible> {
        let path = request.uri().path().to_owned();
        let auth = request.headers().get(AUTHORIZATION).map(|value| value.to_str().unwrap().to_owned());
        let body = request.into_body().collect().await.map(|all| all.to_bytes()).unwrap_or_default();
        let instead = {
            let mut state = self.state();
            state.asked.push(path.clone());
            state.instead.get(path.as_str()).cloned()
        };
        let (status, place, said) = match instead {
            Some(Say::This(status, body)) => (status, None, body),
            Some(Say::Redirect(place)) => (302, Some(place), String::new()),
            Some(Say::Nothing) => {
                tokio::time::sleep(Duration::from_secs(600)).await;
                (200, None, String::new())
            }
            None => {
                let (status, value) = self.state().usual(&path, auth, &body);
                (status, None, value.to_string())
            }
        };
        let mut answer = Response::new(Full::new(Bytes::from(said)));
        *answer.status_mut() = status.try_into().unwrap();
        if let Some(place) = place {
            answer.headers_mut().insert(LOCATION, place.parse().unwrap());
        }
        if let Some(kept) = self.state().cache_control {
            answer.headers_mut().insert(CACHE_CONTROL, kept.parse().unwrap());
        }
        Ok(answer)
    }
}

impl State {
    fn usual(&mut self, path: &str, auth: Option<String>, body: &[u8]) -> (u16, Value) {
        match path {
            "/.well-known/openid-configuration" => {
                let end = |path: &str| Value::from(format!("{}/{path}", self.url));
                let mut document = Map::from_iter([
                    ("issuer".to_owned(), Value::from(self.url.as_str())),
                    ("authorization_endpoint".to_owned(), end("authorize")),
                    ("token_endpoint".to_owned(), end("token")),
                    ("userinfo_endpoint".to_owned(), end("me")),
                    ("jwks_uri".to_owned(), end("jwks")),
                ]);
                (self.discovery)(&mut document);
                (200, Value::Object(document))
            }
            "/jwks" => (200, json!({ "keys": self.published })),
            "/token" => self.tokens(auth, body),
            "/me" if auth.as_deref() == Some("Bearer access-1") => (200, self.user_info.clone()),
            "/me" => (401, json!({ "error": "invalid_token" })),
            _ => (404, Value::Null),
        }
    }

    fn tokens(&mut self, auth: Option<String>, body: &[u8]) -> (u16, Value) {
        self.token_form = form_urlencoded::parse(body).into_owned().collect();
        self.token_auth = auth;
        let form = &self.token_form;
        let basic = format!("Basic {}", BASE64.encode(b"client%3A1:s+e%2Fcr%C3%A9t"));
        let known = match &self.token_auth {
            Some(auth) => *auth == basic,
            None => form.get("client_id").map(String::as_str) == Some(CLIENT) && form.get("client_secret").is_none_or(|it| it == SECRET),
        };
        if !known {
            return (401, json!({ "error": "invalid_client", "error_description": "for ann@example.com" }));
        }
        let Some(login) = self.logins.remove(&form["code"]) else {
            return (400, json!({ "error": "invalid_grant" }));
        };
        let challenge = BASE64URL_NOPAD.encode(digest(&SHA256, form["code_verifier"].as_bytes()).as_ref());
        let same = login.query["code_challenge"] == challenge && login.query["redirect_uri"] == form["redirect_uri"];
        if !same || form["grant_type"] != "authorization_code" {
            return (400, json!({ "error": "invalid_grant" }));
        }
        let mut claims = Map::new();
        let seconds = self.now.as_secs();
        for (name, value) in [
            ("iss", Value::from(self.url.as_str())),
            ("sub", "u1".into()),
            ("aud", CLIENT.into()),
            ("iat", seconds.into()),
            ("exp", (seconds + 300).into()),
            ("nonce", login.query.get("nonce").cloned().into()),
        ] {
            claims.insert(name.to_owned(), value);
        }
        (self.claims)(&mut claims);
        let mut header = Map::from_iter([
            ("alg".to_owned(), Value::from(self.key.alg)),
            ("kid".to_owned(), self.key.jwk["kid"].clone()),
            ("typ".to_owned(), "JWT".into()),
        ]);
        (self.header)(&mut header);
        let token = (self.spoil)(self.key.sign(&Value::Object(header), &Value::Object(claims)));
        let mut answer = Map::from_iter([
            ("access_token".to_owned(), Value::from("access-1")),
            ("token_type".to_owned(), "Bearer".into()),
            ("expires_in".to_owned(), 300.into()),
            ("id_token".to_owned(), token.into()),
        ]);
        (self.token_answer)(&mut answer);
        (200, Value::Object(answer))
    }
}

pub fn ask() -> Ask<'static> {
    Ask {
        redirect_uri: REDIRECT,
        state: "state",
        nonce: NONCE,
        // S256 of VERIFIER.
        code_challenge: challenge(),
        login_hint: None,
        extra: &[],
    }
}

fn challenge() -> &'static str {
    static TEXT: std::sync::LazyLock<String> =
        std::sync::LazyLock::new(|| BASE64URL_NOPAD.encode(digest(&SHA256, VERIFIER.as_bytes()).as_ref()));
    &TEXT
}

pub fn answer(code: &str) -> Answer<'_> {
    Answer { code, redirect_uri: REDIRECT, code_verifier: VERIFIER, nonce: NONCE, iss: None }
}

pub fn secret() -> Secret<String> {
    Secret::new(SECRET.to_owned())
}

/// A whole login, at the service's time.
pub async fn log_in(providers: &Providers, service: &Service, settings: &ProviderSettings) -> Result<ProvidedIdentity, ProviderError> {
    let now = service.state().now;
    let url = providers.authorization_url(settings, &ask(), now).await?;
    let code = service.visit(&url);
    providers.identity(settings, Some(&secret()), &answer(&code), now).await
}
