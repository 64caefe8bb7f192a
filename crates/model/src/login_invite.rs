//! Invitations that an application's operators make: whoever follows one gets the user that waits for them.

use crate::id::UserId;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What is set for an invitation.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct InviteSettings {
    /// The id that the user gets who logs in by it for the first time.
    pub linked_user_id: Option<UserId>,
    /// The tenant to log in to.
    pub default_login_tenant_id: Option<String>,
    /// From then on it is worth nothing.
    pub expires_at: Option<Timestamp>,
    /// Whatever else was set: given back as it came.
    pub kept: Map<String, Value>,
}
