//! The verbs: start, resend, cancel, complete, refresh, revoke, and the keys behind them.
//!
//! Each verb loads, asks a pure function in `decide` what is to happen, and commits. The rules live in `decide`;
//! the verbs only carry. Nothing here knows HTTP, mail or a dialect.

mod acting;
pub mod decide;
mod directory;
pub mod drill;
mod keys;
mod limits;
mod proved;
mod registry;
mod texts;
mod token;
mod trust;
mod verbs;

use postkey_model::{
    Algorithm, Application, Entropy, Keyring, Message, Millis, Origin, ServerRules, Subscription, Tenant, TenantId, TextRules, Timestamp,
};
use postkey_store::Store;
use std::collections::HashMap;
use std::sync::Arc;
use tokio::sync::{Notify, mpsc};

pub use acting::{acting, acts};
pub use keys::{KeyError, KeySummary};
pub use token::{AccessClaims, AccessTokenError, PROTECTED_CLAIMS, SessionTokens};
pub use trust::TrustedDevice;
pub use verbs::back_end::codes::{CodeFor, Consumed, MadeCode, MakeCodeError, SignInView, Which};
pub use verbs::back_end::emails::EmailTokenError;
pub use verbs::back_end::linking::{LinkError, Linked, UnlinkedNow};
pub use verbs::back_end::people::{AssociateError, CountIn, Search, UpdateError};
pub use verbs::back_end::roles::RoleError;
pub use verbs::back_end::sessions::{BackEndSessionError, Believed, Checks, Issued, NewSession, Whose, says};
pub use verbs::back_end::tenants::{TenantError, TenantView};
pub use verbs::back_end::third_party::{KnownByService, ThirdPartyError};
pub use verbs::complete::{CompleteError, Completed, Proof};
pub use verbs::identifier::{ChangeError, ProveError, ProvedNow, WayIn};
pub use verbs::import::{Imported, ImportedKeys};
pub use verbs::link::{ApproveError, LinkView};
pub use verbs::login::Vouched;
pub use verbs::login::clients::{ClientAuthError, NewKey};
pub use verbs::login::codes::{CodeWish, LoginCode, LoginCodeError};
pub use verbs::login::connections::{ConnectionView, ProviderWish, ViewedWay};
pub use verbs::login::finish::{FinishError, Finished};
pub use verbs::login::joining::JoinError;
pub use verbs::login::people::{LinkedIdentity, LoginProfile, UnlinkError};
pub use verbs::login::provider::{ProviderSays, ProviderTrip};
pub use verbs::login::registered::RegisterError;
pub use verbs::login::request::{Begun, Choice, LoginWish, LoginWishError, NextStep};
pub use verbs::login::tenants::LoginTenantView;
pub use verbs::login::tokens::{ExchangeError, LoginTokenError, LoginTokens};
pub use verbs::login::users::MapNumberError;
pub use verbs::login::view::{LoginView, ShownAtLogin};
pub use verbs::reseal::Resealed;
pub use verbs::rotate::SetRotated;
pub use verbs::session::{RefreshError, SessionError};
pub use verbs::sign_in::{CancelError, ResendAs, ResendError, Sent, StartError, TextsHeld, Waiting, Wanted};
pub use verbs::timeline::{Step, Timeline};
pub use verbs::web::{CallingPage, ExistenceError, WebStartError};

/// A verb looks again this often when somebody else was first, then answers "busy".
const TRIES: usize = 8;
/// How long a fresh message belongs to the node that queued it before any other node takes it.
pub const FIRST_CLAIM: Millis = Millis::from_secs(30);

/// What [`Auth::not_ready`] looks at: that the database answers, that its schema is ours, that there are keys to sign with.
pub const READY_CHECKS: [&str; 3] = ["database", "migrations", "keys"];

/// What a server decides once for all tenants.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The public origin: links and issuers are built from it, never from a request.
    pub public_origin: Origin,
    /// The tenants of the config by name; `public` is always among them. Back ends may add others.
    pub tenants: HashMap<TenantId, Tenant>,
    /// The rules of the session key set.
    pub keys: KeyRules,
    /// What holds for applications that log people in by requests.
    pub logins: LoginSettings,
    /// What the whole server takes.
    pub limits: ServerRules,
    /// What texts may cost.
    pub texts: TextRules,
    /// Services that are told what happens.
    pub webhooks: Vec<Subscription>,
}

/// What a server decides once for all applications that log people in by requests.
#[derive(Clone, Debug)]
pub struct LoginSettings {
    /// The account that service clients' statements are for, and that their access keys name: no dots.
    pub account: String,
    /// Whether browsers have to show that they did some work before they ask for a login.
    pub wants_work: bool,
    /// Other origins of ours, that service clients' statements may name.
    pub aliases: Vec<Origin>,
    /// Applications that are there without being registered.
    pub applications: Vec<Application>,
}

impl Default for LoginSettings {
    fn default() -> Self {
        LoginSettings { account: "acc_local".to_owned(), wants_work: true, aliases: Vec::new(), applications: Vec::new() }
    }
}

/// The rules of a key set.
#[derive(Clone, Copy, Debug)]
pub struct KeyRules {
    /// What new keys are made for.
    pub algorithm: Algorithm,
    /// How long a key signs before the next one does.
    pub interval: Millis,
    /// How long others may keep a copy of the key set. A new key is published this long before it signs.
    pub max_age: Millis,
}

/// The verbs, ready to be called. Cheap to clone.
#[derive(Clone)]
pub struct Auth {
    inner: Arc<Inner>,
}

/// What is decided at start and never changes.
struct Fixed {
    public_origin: Origin,
    keys: KeyRules,
    logins: LoginSettings,
    limits: ServerRules,
    texts: TextRules,
    webhooks: Vec<Subscription>,
}

struct Inner {
    store: Store,
    keyring: Arc<Keyring>,
    entropy: Arc<dyn Entropy>,
    settings: Fixed,
    bell: mpsc::Sender<Message>,
    webhooks_due: Arc<Notify>,
    keys: keys::KeyChests,
    directory: directory::Directory,
    registry: registry::Registry,
    used_work: verbs::login::used_work::UsedWork,
    limits: limits::Limits,
    texts: texts::Texts,
}

impl Auth {
    /// Puts the verbs together. Fresh messages are handed to `bell` once they are on disk; a full bell loses
    /// nothing, the message then waits for the next look into the outbox. Call [`Auth::tend_keys`] before serving.
    pub fn new(store: Store, keyring: Arc<Keyring>, entropy: Arc<dyn Entropy>, settings: Settings, bell: mpsc::Sender<Message>) -> Self {
        let keys = keys::KeyChests::default();
        let Settings { public_origin, tenants, keys: key_rules, logins, limits, texts, webhooks } = settings;
        let directory = directory::Directory::new(tenants);
        let registry = registry::Registry::new(&logins.applications);
        let settings = Fixed { public_origin, keys: key_rules, logins, limits, texts, webhooks };
        Auth {
            inner: Arc::new(Inner {
                store,
                keyring,
                entropy,
                settings,
                bell,
                webhooks_due: Arc::default(),
                keys,
                directory,
                registry,
                used_work: Default::default(),
                limits: Default::default(),
                texts: Default::default(),
            }),
        }
    }

    /// The public origin.
    pub fn public_origin(&self) -> &Origin {
        &self.inner.settings.public_origin
    }

    /// The issuer of access tokens: `{public origin}/auth`.
    pub fn issuer(&self) -> String {
        format!("{}/auth", self.inner.settings.public_origin)
    }

    /// The origins of all registered return URLs, each once.
    pub fn return_origins(&self) -> Vec<String> {
        let mut origins: Vec<String> = self.inner.directory.all().iter().flat_map(|tenant| tenant.destinations.origins()).collect();
        origins.sort_unstable();
        origins.dedup();
        origins
    }

    /// A tenant by name.
    pub fn tenant(&self, id: &TenantId) -> Option<Arc<Tenant>> {
        self.inner.directory.tenant(id)
    }

    /// The keyring, for doors that sign small things of their own (form tokens).
    pub fn keyring(&self) -> &Keyring {
        &self.inner.keyring
    }

    /// The entropy handle.
    pub fn entropy(&self) -> &dyn Entropy {
        self.inner.entropy.as_ref()
    }

    /// The store, for the workers beside the verbs.
    pub fn store(&self) -> &Store {
        &self.inner.store
    }

    /// Rings when something waits for a service that is told what happens. What was missed is found in the store.
    pub fn webhooks_due(&self) -> Arc<Notify> {
        self.inner.webhooks_due.clone()
    }

    /// Why requests should go elsewhere for now: those of [`READY_CHECKS`] that fail. None when all is well. A database
    /// that says nothing for two seconds does not answer.
    pub async fn not_ready(&self, now: Timestamp) -> Vec<&'static str> {
        let [database, schema, keys] = READY_CHECKS;
        let mut failed = match self.inner.store.soon(|store| async move { store.is_current().await }).await {
            Ok(true) => Vec::new(),
            Ok(false) => vec![schema],
            Err(_) => vec![database],
        };
        if !self.can_sign(now) {
            failed.push(keys);
        }
        failed
    }
}
