//! The doors: one module per dialect, and the kit they share. A door parses, calls a verb, maps the answer, and sets
//! cookies. It decides nothing.
//!
//! The routing table of both listeners is on this page, whole.

mod dev;
mod keys;
mod kit;
mod pages;
mod private;
mod server;
mod supertokens;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::HeaderValue;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use postkey_auth::Auth;
use postkey_delivery::{DevInbox, Discarded};
use postkey_model::Clock;
use std::sync::Arc;

pub use kit::client::{Network, NetworkError};
pub use kit::view::{View, ViewError};
pub use server::{Listening, serve};

/// Bodies may be this long; nobody here needs more.
const MAX_BODY: usize = 64 * 1024;

/// What all doors work with.
#[derive(Clone)]
pub struct Doors {
    inner: Arc<Parts>,
    policy: HeaderValue,
}

/// The parts of [`Doors`].
pub struct Parts {
    /// The verbs.
    pub auth: Auth,
    /// Read once per request, to make its `Call`.
    pub clock: Arc<dyn Clock>,
    /// The pages' templates and assets.
    pub view: View,
    /// Peers whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<Network>,
    /// The `Domain` of session cookies, for sites that span several hosts.
    pub cookie_domain: Option<String>,
    /// Host names under which the private listener may be addressed, beside this machine's own.
    pub private_hosts: Vec<String>,
    /// What only `postkey dev` has.
    pub dev: Option<DevParts>,
}

/// What only `postkey dev` has.
pub struct DevParts {
    /// Where mail goes.
    pub mail: DevMail,
}

/// Where a development server's mail goes.
pub enum DevMail {
    /// Into the inbox.
    Inbox(Arc<DevInbox>),
    /// Into the outlet for benchmarks.
    Discarded(Arc<Discarded>),
    /// To a real mail server.
    Elsewhere,
}

impl Doors {
    /// Puts the doors together.
    pub fn new(parts: Parts) -> Self {
        let policy = kit::frame::content_security_policy(&parts.auth.return_origins());
        Doors { inner: Arc::new(parts), policy }
    }

    fn auth(&self) -> &Auth {
        &self.inner.auth
    }

    /// Whether cookies are for https only.
    fn secure(&self) -> bool {
        self.auth().public_origin().is_https()
    }

    /// The public listener: login pages, session endpoints, key set.
    pub fn public(&self) -> Router {
        let mut router = Router::new()
            // Pages.
            .route("/auth", get(pages::start::show))
            .route("/auth/code", get(pages::code::show))
            .route("/auth/sent", get(pages::code::show_sent))
            .route("/auth/verify", get(pages::verify::show))
            .route("/auth/link-problem", get(pages::verify::show_problem))
            .route("/auth/signed-in", get(pages::done::show))
            .route("/auth/_/start", post(pages::start::submit))
            .route("/auth/_/code", post(pages::code::submit))
            .route("/auth/_/resend", post(pages::code::resend))
            .route("/auth/_/cancel", post(pages::code::cancel))
            .route("/auth/_/verify", post(pages::verify::submit))
            .route("/auth/_/sign-out", post(pages::done::sign_out))
            .route("/auth/_/assets/{file}", get(pages::assets::show))
            // SuperTokens' session endpoints.
            .route("/auth/session/refresh", post(supertokens::session::refresh))
            .route("/auth/signout", post(supertokens::session::sign_out))
            // The session key set.
            .route("/auth/jwt/jwks.json", get(keys::key_set))
            .route("/.well-known/jwks.json", get(keys::key_set))
            .route("/auth/.well-known/openid-configuration", get(keys::discovery))
            .route("/health", get(private::health));
        if self.inner.dev.is_some() {
            router = router
                .route("/", get(dev::home))
                .route("/demo", get(dev::demo))
                .route("/dev/inbox", get(dev::inbox))
                .route("/dev/inbox.json", get(dev::inbox_json))
                .route("/dev/discarded.json", get(dev::discarded_json))
                .layer(from_fn_with_state(self.clone(), dev::guard));
        }
        self.framed(router)
    }

    /// The private listener: for back ends on this machine or network.
    pub fn private(&self) -> Router {
        let router = Router::new()
            .route("/hello", get(private::hello))
            .route("/health", get(private::health))
            .route("/.well-known/jwks.json", get(keys::key_set))
            .layer(from_fn_with_state(self.clone(), private::guard));
        self.framed(router)
    }

    fn framed(&self, router: Router<Doors>) -> Router {
        router
            .fallback(kit::frame::not_found)
            .method_not_allowed_fallback(kit::frame::wrong_method)
            .layer(DefaultBodyLimit::max(MAX_BODY))
            .layer(from_fn_with_state(self.clone(), kit::frame::frame))
            .with_state(self.clone())
    }
}
