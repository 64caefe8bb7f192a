//! SuperTokens' bulk-import JSON: what moves in from there, and what moves out again. The form (`POST /bulk-import/users`)
//! is read strictly, so that nothing is lost without a word; [`check`](BulkUser::check) says what of it we take.
//!
//! Two fields are ours to use although that request has none of them: `id` and `superTokensUserId` are what SuperTokens
//! notes beside a user in its own queue. A SuperTokens that reads a file of ours passes over both and makes new ids;
//! reading its database or a file of ours keeps them.

mod check;
mod file;
mod key;

pub use check::{Place, Problem, Rules, Taken, TakenMethod, TakenWay, Why};
pub use file::{BulkFile, BulkFileError, BulkRow, BulkWriter};
pub use key::{SourceKey, SourceKeyError};

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

/// One person.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BulkUser {
    /// The user's id at SuperTokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The id by which applications know the user instead, when they set one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_user_id: Option<String>,
    /// What applications noted about the user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_metadata: Option<Map<String, Value>>,
    /// The user's roles.
    #[serde(default, deserialize_with = "or_none", skip_serializing_if = "Vec::is_empty")]
    pub user_roles: Vec<BulkRole>,
    /// The user's authenticator apps. Read to be told of, never kept.
    #[serde(default, deserialize_with = "or_none", skip_serializing)]
    pub totp_devices: Vec<BulkTotpDevice>,
    /// The ways in, linked to one another when there are several.
    #[serde(default, deserialize_with = "or_none")]
    pub login_methods: Vec<BulkLoginMethod>,
}

/// A role, and in which tenants the user has it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BulkRole {
    /// Its name.
    pub role: String,
    /// The tenants.
    pub tenant_ids: Vec<String>,
}

/// An authenticator app. Its secret is not kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BulkTotpDevice {
    /// Its secret.
    #[serde(default)]
    pub secret_key: Dropped,
    /// For how many seconds a code counts.
    pub period: Option<i64>,
    /// How many codes before and after also count.
    pub skew: Option<i64>,
    /// What its owner calls it.
    pub device_name: Option<String>,
}

/// One way in. Which of the optional fields stand there depends on the recipe.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BulkLoginMethod {
    /// By which recipe.
    pub recipe_id: Recipe,
    /// In which tenants: `public` when nothing is said. None at all means that nobody gets in this way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant_ids: Option<Vec<String>>,
    /// Whether the address was proved. Nothing said: no.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_verified: Option<bool>,
    /// Whether the user is primary, and the user's id is this one's when nothing else says what it is. Nothing said: no.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_primary: Option<bool>,
    /// Since when. Nothing said: since it is read.
    #[serde(default, rename = "timeJoinedInMSSinceEpoch", skip_serializing_if = "Option::is_none")]
    pub time_joined: Option<i64>,
    /// An email address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// A phone number, for `passwordless`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone_number: Option<String>,
    /// Which service, for `thirdparty`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub third_party_id: Option<String>,
    /// The user's id at that service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub third_party_user_id: Option<String>,
    /// The id of this way in at SuperTokens: its `recipeUserId`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub super_tokens_user_id: Option<String>,
    /// The id by which applications know this way in instead, when they set one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_user_id: Option<String>,
    /// For `emailpassword`.
    #[serde(default, skip_serializing)]
    pub password_hash: Dropped,
    /// For `emailpassword`.
    #[serde(default, skip_serializing)]
    pub hashing_algorithm: Dropped,
    /// For `emailpassword`.
    #[serde(default, skip_serializing)]
    pub plain_text_password: Dropped,
}

impl BulkLoginMethod {
    /// One by `recipe`, with nothing else said.
    pub fn new(recipe: Recipe) -> Self {
        BulkLoginMethod {
            recipe_id: recipe,
            tenant_ids: None,
            is_verified: None,
            is_primary: None,
            time_joined: None,
            email: None,
            phone_number: None,
            third_party_id: None,
            third_party_user_id: None,
            super_tokens_user_id: None,
            external_user_id: None,
            password_hash: Dropped,
            hashing_algorithm: Dropped,
            plain_text_password: Dropped,
        }
    }
}

/// SuperTokens' name for a kind of way in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Recipe {
    /// A code or link.
    Passwordless,
    /// Another service says who it is.
    ThirdParty,
    /// A password.
    EmailPassword,
    /// A passkey. Stands in databases; their bulk import knows none.
    WebAuthn,
}

impl Recipe {
    /// All of them.
    pub const ALL: [Recipe; 4] = [Recipe::Passwordless, Recipe::ThirdParty, Recipe::EmailPassword, Recipe::WebAuthn];

    /// Its name there.
    pub fn as_str(self) -> &'static str {
        match self {
            Recipe::Passwordless => "passwordless",
            Recipe::ThirdParty => "thirdparty",
            Recipe::EmailPassword => "emailpassword",
            Recipe::WebAuthn => "webauthn",
        }
    }
}

/// A secret that is read over and dropped at once: a password, its hash, the key of an authenticator app.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dropped;

impl<'de> Deserialize<'de> for Dropped {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        serde::de::IgnoredAny::deserialize(deserializer).map(|_| Dropped)
    }
}

/// `null` where a list may stand says what silence says.
fn or_none<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    Option::<Vec<T>>::deserialize(deserializer).map(Option::unwrap_or_default)
}
