//! The doors: one module per dialect, and the kit they share. A door parses, calls a verb, maps the answer, and sets
//! cookies. It decides nothing.
//!
//! The routing table of both listeners is on this page, whole.

mod authress;
mod dev;
mod events;
mod keys;
mod kit;
pub(crate) mod pages;
mod private;
mod server;
mod supertokens;
mod watch;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::HeaderValue;
use axum::middleware::from_fn_with_state;
use axum::routing::{any, delete, get, patch, post, put};
use kit::answer;
use kit::room::{Group, Room};
use postkey_auth::Auth;
use postkey_delivery::{DevInbox, Discarded};
use postkey_model::{Clock, Secret};
use postkey_providers::Providers;
use postkey_words::Language;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use supertokens::cors::Gate;

pub use events::{MAX_PAGE as MAX_EVENTS, event_json, events_wanted};
pub use kit::client::{Network, NetworkError};
pub use kit::place::{Places, PlacesError};
pub use kit::view::{ASSETS, PAGES, View};
pub use pages::{note::said_by_code, samples};
pub use private::timeline_json;
pub use server::{Bounds, Listening, Patience, serve};

/// Bodies may be this long; nobody here needs more.
const MAX_BODY: usize = 64 * 1024;
/// Those of back ends, which keep data of their own with us.
const MAX_BACK_END_BODY: usize = 1024 * 1024;
/// Where what is a tenant's is found by the tenant's name.
const NAMED: &str = "/auth/{tenant}";

/// What all doors work with.
#[derive(Clone)]
pub struct Doors {
    inner: Arc<Parts>,
    policy: HeaderValue,
    rooms: Rooms,
    leaving: Arc<AtomicBool>,
}

/// Where requests are worked on: those of people and those of back ends do not take each other's room.
#[derive(Clone)]
struct Rooms {
    public: Arc<Room>,
    private: Arc<Room>,
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
    /// Any of these opens what the private listener keeps behind a key; none is needed when the list is empty and
    /// this is `postkey dev`.
    pub api_keys: Vec<Secret<String>>,
    /// Opens `/metrics`; none is needed when this is `postkey dev` and none is set.
    pub metrics_key: Option<Secret<String>>,
    /// How many requests each of the two listeners works on at once; 0 is no bound.
    pub requests: usize,
    /// Tells roughly where an address is, from the operator's file.
    pub places: Option<Arc<Places>>,
    /// Asks services who somebody is; `None` where none can be asked.
    pub providers: Option<Providers>,
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
        let rooms = Rooms { public: Room::of(parts.requests), private: Room::of(parts.requests) };
        Doors { inner: Arc::new(parts), policy, rooms, leaving: Arc::default() }
    }

    fn auth(&self) -> &Auth {
        &self.inner.auth
    }

    /// Roughly where a stored network is; empty when nobody knows.
    fn near(&self, client_ip: &str, language: &Language) -> String {
        self.inner.places.as_ref().and_then(|places| places.of_client(client_ip, language.code())).unwrap_or_default()
    }

    /// Whether cookies are for https only.
    fn secure(&self) -> bool {
        self.auth().public_origin().is_https()
    }

    /// The public listener: login pages, session endpoints, key set.
    pub fn public(&self) -> Router {
        let pages = Router::new()
            // Pages.
            .route("/auth", get(pages::start::show))
            .route("/auth/code", get(pages::code::show))
            .route("/auth/sent", get(pages::code::show_sent))
            .route("/auth/verify", get(pages::verify::show))
            .route("/auth/link-problem", get(pages::verify::show_problem))
            .route("/auth/signed-in", get(pages::done::show))
            .route("/auth/sessions", get(pages::sessions::show))
            .route("/auth/identifiers", get(pages::identifiers::show))
            .route("/auth/identifiers/new", get(pages::identifiers::show_new))
            .route("/auth/identifiers/code", get(pages::identifiers::show_code))
            // Their forms, and what their script asks.
            .route("/auth/_/start", post(pages::start::submit))
            .route("/auth/_/check", post(pages::field::check))
            .route("/auth/_/code", post(pages::code::submit))
            .route("/auth/_/resend", post(pages::code::resend))
            .route("/auth/_/again", post(pages::code::again))
            .route("/auth/_/cancel", post(pages::code::cancel))
            .route("/auth/_/waiting", get(pages::code::poll))
            .route("/auth/_/collect", post(pages::code::collect))
            .route("/auth/_/verify", post(pages::verify::submit))
            .route("/auth/_/opened", post(pages::verify::opened))
            .route("/auth/_/approve", post(pages::verify::approve))
            .route("/auth/_/disown", post(pages::verify::disown))
            .route("/auth/_/sign-out", post(pages::done::sign_out))
            .route("/auth/_/sessions/end", post(pages::sessions::end))
            .route("/auth/_/sessions/end-others", post(pages::sessions::end_others))
            .route("/auth/_/identifiers/start", post(pages::identifiers::start))
            .route("/auth/_/identifiers/remove", post(pages::identifiers::remove))
            .route("/auth/_/identifiers/code", post(pages::identifiers::prove))
            .route("/auth/_/identifiers/resend", post(pages::identifiers::resend))
            .route("/auth/_/identifiers/cancel", post(pages::identifiers::cancel))
            .route("/auth/_/language", post(pages::language::choose))
            .merge(self.pages_of_logins());
        let mut router = Router::new()
            .merge(self.bounded(pages, &self.pages_group()))
            // These are answered however much there is to do.
            .route("/auth/_/assets/{file}", get(pages::assets::show))
            .route("/health", get(watch::health))
            .route("/ready", get(watch::ready))
            .merge(self.web_sdks())
            .merge(self.logins())
            .merge(self.management());
        if self.inner.dev.is_some() {
            router = router
                .route("/", get(dev::home))
                .route("/demo", get(dev::demo))
                .route("/dev/inbox", get(dev::inbox))
                .route("/dev/inbox.json", get(dev::inbox_json))
                .route("/dev/discarded.json", get(dev::discarded_json))
                .route("/dev/pages", get(dev::preview::index))
                .route("/dev/pages/{screen}", get(dev::preview::one))
                .route("/dev/pages.css", get(dev::preview::style_sheet))
                .layer(from_fn_with_state(self.clone(), dev::guard));
        }
        self.framed(router)
    }

    /// SuperTokens' web SDKs: their recipes' calls below `/auth`, those for one tenant also below `/auth/{tenant}`.
    fn web_sdks(&self) -> Router<Doors> {
        use supertokens::{codes, email, exists, methods, not_offered, session, third_party};
        let of_tenants = Router::new()
            .route("/signinup/code", post(codes::create))
            .route("/signinup/code/resend", post(codes::resend))
            .route("/signinup/code/consume", post(codes::consume))
            .route("/passwordless/email/exists", get(exists::email))
            .route("/passwordless/phonenumber/exists", get(exists::phone))
            .route("/passwordless/phoneNumber/exists", get(exists::phone))
            .route("/signup/email/exists", get(exists::email))
            .route("/signup/phonenumber/exists", get(exists::phone))
            .route("/loginmethods", get(methods::show))
            .route("/authorisationurl", get(third_party::address))
            .route("/signinup", post(third_party::sign_in_up))
            // Not offered.
            .route("/signin", post(not_offered::passwords))
            .route("/signup", post(not_offered::passwords))
            .route("/emailpassword/email/exists", get(not_offered::passwords))
            .route("/user/password/reset", post(not_offered::passwords))
            .route("/user/password/reset/token", post(not_offered::passwords))
            .route("/webauthn/options/register", post(not_offered::passkeys))
            .route("/webauthn/options/signin", post(not_offered::passkeys))
            .route("/webauthn/signup", post(not_offered::passkeys))
            .route("/webauthn/signin", post(not_offered::passkeys))
            .route("/webauthn/email/exists", get(not_offered::passkeys))
            .route("/webauthn/credential", post(not_offered::passkeys))
            .route("/webauthn/credential/list", get(not_offered::passkeys))
            .route("/webauthn/credential/remove", post(not_offered::passkeys))
            .route("/user/webauthn/reset", post(not_offered::passkeys))
            .route("/user/webauthn/reset/token", post(not_offered::passkeys));
        let of_any_tenant = Router::new()
            .route("/user/email/verify", get(email::show).post(email::verify))
            .route("/user/email/verify/token", post(email::send))
            .route("/callback/apple", post(third_party::apple))
            // Not offered.
            .route("/mfa/info", put(not_offered::factors))
            .route("/totp/device", post(not_offered::factors))
            .route("/totp/device/list", get(not_offered::factors))
            .route("/totp/device/remove", post(not_offered::factors))
            .route("/totp/device/verify", post(not_offered::factors))
            .route("/totp/verify", post(not_offered::factors))
            .route("/oauth/auth", get(not_offered::oauth))
            .route("/oauth/token", post(not_offered::oauth))
            .route("/oauth/login", get(not_offered::oauth))
            .route("/oauth/login/info", get(not_offered::oauth))
            .route("/oauth/logout", post(not_offered::oauth))
            .route("/oauth/end_session", get(not_offered::oauth).post(not_offered::oauth))
            .route("/oauth/userinfo", get(not_offered::oauth))
            .route("/oauth/introspect", post(not_offered::oauth))
            .route("/oauth/revoke", post(not_offered::oauth));
        let of_sessions = Router::new().route("/session/refresh", post(session::refresh)).route("/signout", post(session::sign_out));
        let of_keys = Router::new()
            .route("/auth/jwt/jwks.json", get(keys::key_set))
            .route("/.well-known/jwks.json", get(keys::key_set))
            .route("/auth/.well-known/openid-configuration", get(keys::discovery));
        let named = of_tenants.clone().route("/user/email/verify", post(email::verify));
        Router::new()
            .nest("/auth", self.gated(Gate::Tenant, of_tenants))
            .nest(NAMED, self.gated(Gate::Tenant, named))
            .nest("/auth", self.gated(Gate::AnyTenant, of_any_tenant))
            .nest("/auth", self.gated(Gate::Session, of_sessions))
            .merge(self.gated(Gate::Keys, of_keys))
    }

    /// The login SDK of Authress in browsers, the page of its links, and what back ends verify with.
    fn logins(&self) -> Router<Doors> {
        use authress::{codes, cors, keys, requests, session};
        let of_pages = Router::new()
            .route("/api/authentication", post(requests::begin))
            .route("/api/authentication/oauth/tokens", post(requests::no_grants))
            .route("/api/authentication/{id}", patch(requests::choose))
            .route("/api/authentication/{id}/tokens", post(requests::exchange))
            .route("/api/authentication/{id}/code", post(codes::typed))
            .route("/api/session", get(session::show).patch(session::renew).delete(session::end))
            .route("/api/session/profile", get(session::profile))
            .route("/api/session/identities/{id}", delete(session::unlink))
            .route("/api/identities/{id}", delete(session::unlink))
            .route("/api/session/devices", get(session::devices).post(session::not_offered))
            .route("/api/session/devices/{id}", delete(session::not_offered))
            .route("/api/session/credentials", get(session::not_offered));
        let of_pages = self
            .bounded(of_pages, &self.authress_group())
            .method_not_allowed_fallback(cors::wrong_method)
            .layer(from_fn_with_state(self.clone(), cors::guard));
        let elsewhere = Router::new().fallback(cors::not_found).layer(from_fn_with_state(self.clone(), cors::guard));
        let of_clients = Router::new()
            .route("/v1/clients/{id}/.well-known/openid-configuration/jwks", get(keys::client_key_set))
            .route("/v1/clients/{id}/codes", post(codes::make));
        Router::new()
            .merge(self.bounded(of_clients, &self.authress_group()))
            .route("/.well-known/openid-configuration", get(keys::discovery))
            .route("/.well-known/openid-configuration/jwks", get(keys::key_set))
            .merge(of_pages)
            .nest("/api", elsewhere)
    }

    /// The pages of such a login, and where a browser is sent to.
    fn pages_of_logins(&self) -> Router<Doors> {
        use authress::{login, pages, providers, session};
        Router::new()
            .route("/login", get(login::show).post(login::submit))
            .route("/login/pages", get(pages::show).post(pages::submit))
            .route("/login/provider", post(providers::submit))
            .route("/login/problem", get(login::show_problem))
            .route("/logout", get(session::log_out))
            .route("/settings", get(session::settings))
    }

    /// What back ends written for Authress ask below `/v1`. SDKs put a slash behind some addresses.
    fn management(&self) -> Router<Doors> {
        use authress::management::{applications, clients, connections, guard, invites, others, tenants, users};
        let routes = [
            ("/v1/clients", get(clients::list).post(clients::create)),
            ("/v1/clients/{id}", get(clients::show).put(clients::change).delete(clients::remove)),
            ("/v1/clients/{id}/access-keys", post(clients::add_key)),
            ("/v1/clients/{id}/access-keys/{key}", delete(clients::remove_key)),
            ("/v1/applications", get(applications::list).post(applications::create)),
            ("/v1/applications/{id}", get(applications::show).put(applications::change).delete(applications::remove)),
            ("/v1/connections", get(connections::list).post(connections::create)),
            ("/v1/connections/{id}", get(connections::show).put(connections::change).delete(connections::remove)),
            ("/v1/tenants", get(tenants::list).post(tenants::create)),
            ("/v1/tenants/{id}", get(tenants::show).put(tenants::change).delete(tenants::remove)),
            ("/v1/tenants/{id}/users", patch(tenants::admit)),
            ("/v1/users", get(users::list)),
            ("/v1/users/{id}", get(users::show).delete(users::remove).put(others::tokens_of_one_user)),
            ("/v1/users/{id}/identifiers", get(users::numbers).put(users::map)),
            ("/v1/users/{id}/identifiers/{number}", delete(users::unmap)),
            ("/v1/invites", post(invites::create)),
            ("/v1/invites/{id}", get(invites::show).delete(invites::remove).patch(others::answer_to_invite)),
            ("/v1/accounts", get(others::accounts)),
            ("/v1/accounts/{id}", get(others::show_account)),
            // Not offered.
            ("/v1/applications/{id}/users/{user}/delegation", any(others::delegation)),
            ("/v1/connections/{id}/users/{user}/credentials", any(others::credentials)),
            ("/v1/users/{id}/token-configuration", any(others::tokens_of_one_user)),
            ("/v1/users/{id}/resources", any(others::permissions)),
            ("/v1/users/{id}/resources/{*rest}", any(others::permissions)),
            ("/v1/users/{id}/roles", any(others::permissions)),
            ("/v1/users/{id}/tokens", any(others::permissions)),
            ("/v1/users/{id}/tokens/{token}", any(others::permissions)),
            ("/v1/identities", any(others::issuers)),
            ("/v1/identities/{*rest}", any(others::issuers)),
            ("/v1/extensions", any(others::extensions)),
            ("/v1/extensions/{*rest}", any(others::extensions)),
            ("/v1/{*rest}", any(others::missing)),
        ];
        let permissions = ["records", "roles", "resources", "groups", "claims", "requests"];
        let mut router = Router::new();
        for (path, answers) in routes {
            if !path.ends_with("{*rest}") {
                router = router.route(&format!("{path}/"), answers.clone());
            }
            router = router.route(path, answers);
        }
        for name in permissions {
            for path in [format!("/v1/{name}"), format!("/v1/{name}/"), format!("/v1/{name}/{{*rest}}")] {
                router = router.route(&path, any(others::permissions));
            }
        }
        let router = self.bounded(router, &self.authress_group());
        router.method_not_allowed_fallback(others::wrong_method).layer(axum::middleware::from_fn(guard))
    }

    /// A gate before everything in `router`, also before its refusals of other methods.
    fn gated(&self, gate: Gate, router: Router<Doors>) -> Router<Doors> {
        let guard = from_fn_with_state((self.clone(), gate), supertokens::cors::guard);
        // Key sets lie in memory, and back ends cannot do without.
        let router = if gate == Gate::Keys { router } else { self.bounded(router, &self.calls_group()) };
        router.method_not_allowed_fallback(kit::frame::wrong_method).layer(guard)
    }

    /// The private listener: for back ends on this machine or network.
    pub fn private(&self) -> Router {
        let group = |full| Group { room: self.rooms.private.clone(), body: MAX_BACK_END_BODY, full, has_forms: false };
        let ours = Router::new().route("/postkey/sign-ins/{id}", get(private::timeline)).route("/postkey/events", get(events::list));
        // Everything that SuperTokens' back-end SDKs ask: a table of its own, behind names of apps and tenants.
        let core = Router::new().fallback(supertokens::core::enter);
        let router = Router::new()
            .merge(self.bounded(ours, &group(answer::full)))
            .merge(self.bounded(core, &group(supertokens::core::full)))
            .route("/health", get(watch::health))
            .route("/ready", get(watch::ready))
            .route("/.well-known/jwks.json", get(keys::key_set))
            .route("/metrics", get(watch::figures))
            .method_not_allowed_fallback(kit::frame::wrong_method)
            .layer(from_fn_with_state(self.clone(), private::guard));
        self.around(router, MAX_BACK_END_BODY)
    }

    /// `router` with a bound on the requests that are worked on at once.
    fn bounded(&self, router: Router<Doors>, group: &Group) -> Router<Doors> {
        router.layer(from_fn_with_state((self.clone(), group.clone()), kit::room::guard))
    }

    /// Pages and their forms.
    fn pages_group(&self) -> Group {
        Group { room: self.rooms.public.clone(), body: MAX_BODY, full: answer::full, has_forms: true }
    }

    /// What pages of applications and SuperTokens' SDKs call.
    fn calls_group(&self) -> Group {
        Group { has_forms: false, ..self.pages_group() }
    }

    /// What is written for Authress.
    fn authress_group(&self) -> Group {
        Group { full: authress::full, ..self.calls_group() }
    }

    fn framed(&self, router: Router<Doors>) -> Router {
        self.around(router.fallback(authress::login::elsewhere).method_not_allowed_fallback(kit::frame::wrong_method), MAX_BODY)
    }

    fn around(&self, router: Router<Doors>, body: usize) -> Router {
        router.layer(DefaultBodyLimit::max(body)).layer(from_fn_with_state(self.clone(), kit::frame::frame)).with_state(self.clone())
    }
}
