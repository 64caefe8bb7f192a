//! Connections as they were set up: ways of proving who you are, and whether identities that come by them may be linked.
//! [`Connection`](crate::Connection) is what an identity says of the one that it came by.

use crate::provider::ProviderSettings;
use crate::time::Millis;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Whether an identity of a connection may join a user who has others already. Both connections have to allow it
/// (contract authress.md §5).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Linking {
    /// Never.
    #[default]
    Disabled,
    /// When the user asks for it while signed in.
    Explicit,
    /// That, and by itself when both prove the same address.
    Automatic,
}

impl Linking {
    /// All of them.
    pub const ALL: [Linking; 3] = [Linking::Disabled, Linking::Explicit, Linking::Automatic];

    /// The name on the wire; `None` when linking is off.
    pub fn as_str(self) -> Option<&'static str> {
        match self {
            Linking::Disabled => None,
            Linking::Explicit => Some("EXPLICIT"),
            Linking::Automatic => Some("AUTOMATIC"),
        }
    }

    /// Whether a signed-in user may link.
    pub fn allows_asking(self) -> bool {
        self != Linking::Disabled
    }
}

/// What proves who somebody is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Way {
    /// A code or link that we mail.
    Email,
    /// A code or link that we text.
    Sms,
    /// A service that speaks OAuth 2 or OpenID Connect.
    Provider(Box<ProviderSettings>),
}

/// What is set for a connection.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConnectionSettings {
    /// What proves who somebody is.
    pub way: Way,
    /// Whether its identities may be linked.
    #[serde(default)]
    pub linking: Linking,
    /// How long a login may take, in milliseconds; `None`: [`DEFAULT_LOGIN_LIFE`].
    #[serde(default)]
    pub login_life: Option<Millis>,
    /// Whatever else was set: given back as it came.
    #[serde(default)]
    pub kept: Map<String, Value>,
}

/// How long a login may take when nobody says otherwise (contract authress.md §2.3).
pub const DEFAULT_LOGIN_LIFE: Millis = Millis::from_mins(5);
/// The shortest and the longest that may be set.
pub const LOGIN_LIVES: (Millis, Millis) = (Millis::from_mins(1), Millis::from_hours(1));

/// The ids of the connections that are always there: codes and links that we send ourselves.
pub const OWN: [&str; 2] = ["email", "sms"];
