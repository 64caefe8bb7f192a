//! Typed ids. All but tenants are UIDs of version 7 (RFC 9562 §5.7): made in time order, so that new rows land
//! side by side in an index. None of them is a secret.

use crate::entropy::{Entropy, random};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// A new id, made at `now` with ten bytes of `entropy`.
            pub fn new(now: Timestamp, entropy: &dyn Entropy) -> Self {
                let millis = u64::try_from(now.0).unwrap_or_default();
                let uuid = uuid::Builder::from_unix_timestamp_millis(millis, &random(entropy)).into_uuid();
                $name(uuid.hyphenated().to_string())
            }

            /// The id that somebody sent or that was stored. Any short word of letters, digits, `-` and `_` is
            /// taken (ids brought along from another server keep their form); anything else is `None`.
            pub fn parse(text: &str) -> Option<Self> {
                let fits = (1..=128).contains(&text.len())
                    && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
                fits.then(|| $name(text.to_owned()))
            }

            /// An id read back from our own store.
            pub fn stored(text: String) -> Self {
                $name(text)
            }

            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

uuid_id!(
    /// A person. Never changes.
    UserId
);
uuid_id!(
    /// One way in, owned by one user. SuperTokens calls it `recipeUserId`.
    IdentityId
);

impl IdentityId {
    /// The id of a new user's first identity: the user's own. Where SuperTokens' users are not linked both ids are one,
    /// and applications count on it.
    pub fn first_of(user: &UserId) -> Self {
        IdentityId(user.as_str().to_owned())
    }
}
uuid_id!(
    /// One attempt by one browser to get in. On the wire it is SuperTokens' `preAuthSessionId`.
    SignInId
);
uuid_id!(
    /// A signed-in browser.
    SessionHandle
);
uuid_id!(
    /// A mail or text waiting in the outbox.
    MessageId
);
uuid_id!(
    /// A line of the audit trail.
    EventId
);

impl EventId {
    /// What every id made at `at` or later is not less than, and every earlier one is: the time is what an id begins with.
    pub fn floor(at: Timestamp) -> String {
        let millis = u64::try_from(at.0).unwrap_or_default();
        format!("{:08x}-{:04x}", millis >> 16, millis & 0xffff)
    }
}

/// An app of the SuperTokens back-end door: users, roles, keys and settings that no other app sees, in any number of
/// tenants. Everything that is not put into an app belongs to `public`. Named as tenants are.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AppId(String);

impl AppId {
    /// The app that is there when nobody speaks of apps.
    pub fn public() -> Self {
        AppId("public".to_owned())
    }

    /// Reads an app's name; `None` when it breaks the rule of tenants' names.
    pub fn parse(text: &str) -> Option<Self> {
        TenantId::parse(text).map(|name| AppId(name.0))
    }

    /// Whether this is the app that is there when nobody speaks of apps.
    pub fn is_public(&self) -> bool {
        self.0 == "public"
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AppId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A tenant: its name, 1 to 64 of `a-z`, `0-9` and `-` beginning with a letter or digit, and behind `app/` when it is
/// not in the app `public`. Such a one is known to the back-end door only: no address of the public doors names it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TenantId(String);

impl TenantId {
    /// The tenant that is there when nobody speaks of tenants.
    pub fn public() -> Self {
        TenantId("public".to_owned())
    }

    /// Reads a tenant's name; `None` when it breaks the rule above.
    pub fn parse(text: &str) -> Option<Self> {
        let fits = (1..=64).contains(&text.len())
            && !text.starts_with('-')
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        fits.then(|| TenantId(text.to_owned()))
    }

    /// The tenant called `name` in `app`.
    pub fn in_app(app: &AppId, name: &TenantId) -> Self {
        if app.is_public() { name.clone() } else { TenantId(format!("{app}/{name}")) }
    }

    /// A tenant's name read back from our own store.
    pub fn stored(text: String) -> Self {
        TenantId(text)
    }

    /// The app it is in.
    pub fn app(&self) -> AppId {
        self.0.split_once('/').map_or_else(AppId::public, |(app, _)| AppId(app.to_owned()))
    }

    /// Its name within its app: what tokens and SDKs say.
    pub fn name(&self) -> &str {
        self.0.split_once('/').map_or(self.0.as_str(), |(_, name)| name)
    }

    /// The whole name as text, with the app.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TenantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
