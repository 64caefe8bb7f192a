//! Service clients: back ends that hold an access key, and may say who somebody is when they are allowed to.

use crate::connection::Linking;
use crate::time::{Millis, Timestamp};
use data_encoding::BASE64;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What is set for a service client.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ClientSettings {
    /// What operators call it: at most 128 signs.
    pub name: String,
    /// Whether it may do everything that the management interface offers.
    pub is_admin: bool,
    /// Whether it may say who somebody is: start and finish logins.
    pub token_generation: bool,
    /// Where people say who they are to it, if it has such a page: an absolute https address, or one on this machine.
    pub authorization_url: Option<String>,
    /// How old its statements may be whatever they say themselves, in milliseconds; `None`: what they say.
    pub assertion_max_age: Option<Millis>,
    /// Whether an address that it names as somebody's id counts as proved by it.
    pub trust_subject_as_verified_email: bool,
    /// Whether a code that it had made for a number counts as typed by whoever has the number.
    pub trust_subject_as_verified_number: bool,
    /// How long a login by it may take, in milliseconds; `None`: as for all.
    pub login_life: Option<Millis>,
    /// Whether identities that it vouches for may be linked.
    pub linking: Linking,
    /// Its keys, oldest first: at most [`MOST_KEYS`].
    pub keys: Vec<ClientKey>,
    /// Whatever else was set: given back as it came.
    pub kept: Map<String, Value>,
    /// The same of the connection of its name.
    pub kept_connection: Map<String, Value>,
}

/// A client has this many keys at most (contract authress.md §3.1).
pub const MOST_KEYS: usize = 5;

/// A key of a service client: the public half.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ClientKey {
    /// Its short name: the `kid`.
    pub id: String,
    /// The 32 bytes of the Ed25519 public key, in base64.
    pub public_key: String,
    /// Since when.
    pub created_at: Timestamp,
}

impl ClientKey {
    /// The public key's bytes.
    pub fn bytes(&self) -> Option<[u8; 32]> {
        BASE64.decode(self.public_key.as_bytes()).ok()?.try_into().ok()
    }
}

/// What an Ed25519 public key begins with as SubjectPublicKeyInfo in DER (RFC 8410 §4).
const SPKI: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// Reads a public key that somebody brings along: SubjectPublicKeyInfo in base64.
pub fn public_key_of_spki(text: &str) -> Option<[u8; 32]> {
    let compact: String = text.split_whitespace().collect();
    let der = BASE64.decode(compact.as_bytes()).ok()?;
    der.strip_prefix(&SPKI)?.try_into().ok()
}

/// The same key in that form.
pub fn spki(public_key: &[u8; 32]) -> String {
    BASE64.encode(&[&SPKI[..], public_key].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_brought_along_are_read_back() {
        let key = [7; 32];
        assert_eq!(public_key_of_spki(&spki(&key)), Some(key));
        assert_eq!(public_key_of_spki(&format!(" {}\n", spki(&key))), Some(key));
        for bad in ["", "AAAA", &spki(&key)[1..], &BASE64.encode(&key)] {
            assert_eq!(public_key_of_spki(bad), None, "{bad}");
        }
    }
}
