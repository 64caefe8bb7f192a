//! Tenants that back ends made or changed at run time, as they are stored. What they mean is decided in `auth`.

use crate::id::TenantId;
use crate::time::{Millis, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A tenant that a back end made, or changed.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredTenant {
    /// Which.
    pub id: TenantId,
    /// Since when.
    pub created_at: Timestamp,
    /// How often it changed.
    pub version: i64,
    /// What was set.
    pub settings: TenantSettings,
}

/// What back ends set for a tenant, in the words of the back-end door (contract supertokens-core.md §4.2).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct TenantSettings {
    /// By which factors people may get in at first; `None`: by all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_factors: Option<Vec<String>>,
    /// Which factors have to follow.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub required_secondary_factors: Option<Vec<String>>,
    /// Settings by the core's names.
    pub core_config: Map<String, Value>,
    /// The services that say who people are: each an object with a `thirdPartyId`. Kept as they came.
    pub providers: Vec<Value>,
    /// What the interface of the Authress SDKs set for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub login: Option<LoginSettings>,
}

/// What operators set for a tenant by the interface of the Authress SDKs (contract authress.md §4.1).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct LoginSettings {
    /// What people type to say which tenant is theirs; `None`: its name.
    pub lookup_identifier: Option<String>,
    /// The connection that its people log in by.
    pub connection: Option<String>,
    /// How long access tokens are good for.
    pub access_lifetime: Option<Millis>,
    /// How long sessions live.
    pub session_lifetime: Option<Millis>,
    /// Whatever else was set: given back as it came.
    pub kept: Map<String, Value>,
}
