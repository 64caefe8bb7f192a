//! [`Registered`]: what operators register: applications, service clients, connections, invitations. Each is a row with an
//! id, a version and settings. Those of one kind have ids of their own.

use crate::application::ApplicationSettings;
use crate::connection::ConnectionSettings;
use crate::keyring::Sealed;
use crate::login_invite::InviteSettings;
use crate::service_client::ClientSettings;
use crate::time::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Something that was registered.
#[derive(Clone, Debug, PartialEq)]
pub struct Registered<S> {
    /// Its id, unique among those of its kind. Never changes.
    pub id: String,
    /// Since when.
    pub created_at: Timestamp,
    /// When it changed last.
    pub updated_at: Timestamp,
    /// How often it changed.
    pub version: i64,
    /// What was set.
    pub settings: S,
    /// What only this server can read: a provider's client secret.
    pub sealed: Option<Sealed>,
}

/// A web app that people log in to.
pub type Application = Registered<ApplicationSettings>;
/// A back end that holds an access key.
pub type ServiceClient = Registered<ClientSettings>;
/// A way of proving who you are, as it was set up.
pub type StoredConnection = Registered<ConnectionSettings>;
/// Somebody who may log in, with what is waiting for them.
pub type LoginInvite = Registered<InviteSettings>;

/// The settings of something that can be registered.
pub trait Settings: Serialize + DeserializeOwned + Clone {
    /// The name of the kind in the store.
    const KIND: &'static str;
}

impl Settings for ApplicationSettings {
    const KIND: &'static str = "application";
}
impl Settings for ClientSettings {
    const KIND: &'static str = "client";
}
impl Settings for ConnectionSettings {
    const KIND: &'static str = "connection";
}
impl Settings for InviteSettings {
    const KIND: &'static str = "invite";
}

/// A row about to be written, whatever its kind.
#[derive(Clone, Debug, PartialEq)]
pub struct RegisteredRow {
    /// The kind.
    pub kind: &'static str,
    /// The id.
    pub id: String,
    /// Since when.
    pub created_at: Timestamp,
    /// When it changed last.
    pub updated_at: Timestamp,
    /// The version that it has from now on: 0 for a new one.
    pub version: i64,
    /// The settings as JSON.
    pub settings: String,
    /// What only this server can read.
    pub sealed: Option<Sealed>,
}

impl<S: Settings> Registered<S> {
    /// The row that stores it.
    pub fn row(&self) -> RegisteredRow {
        RegisteredRow {
            kind: S::KIND,
            id: self.id.clone(),
            created_at: self.created_at,
            updated_at: self.updated_at,
            version: self.version,
            // Strings, numbers, lists and objects always serialise.
            settings: serde_json::to_string(&self.settings).unwrap_or_default(),
            sealed: self.sealed.clone(),
        }
    }

    /// Reads the row back; `None` when its settings are not those of this kind.
    pub fn of_row(row: RegisteredRow) -> Option<Self> {
        let settings = serde_json::from_str(&row.settings).ok()?;
        let RegisteredRow { id, created_at, updated_at, version, sealed, .. } = row;
        Some(Registered { id, created_at, updated_at, version, settings, sealed })
    }

    /// The next version of it, with `settings`.
    pub fn with(&self, settings: S, now: Timestamp) -> Self {
        Registered { settings, updated_at: now, version: self.version + 1, ..self.clone() }
    }
}

/// Whether `id` may name something that is registered: 1 to 64 letters, digits, `-` and `_`. Nothing has a dot: access keys
/// have their parts between dots.
pub fn is_id(id: &str) -> bool {
    (1..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}
