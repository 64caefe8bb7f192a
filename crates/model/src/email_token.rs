//! Tokens that prove an address by mail, for back ends that send such mails themselves.

use crate::id::{AppId, IdentityId};
use crate::time::Timestamp;

/// A token that proves an address, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmailToken {
    /// Its keyed hash: [`Keyring::email_token_hash`](crate::Keyring::email_token_hash).
    pub hash: [u8; 32],
    /// In which app.
    pub app: AppId,
    /// Of which identity.
    pub identity: IdentityId,
    /// Which address of it.
    pub email: String,
    /// From then on it is worth nothing.
    pub expires_at: Timestamp,
}
