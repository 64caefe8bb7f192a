//! The verbs of applications that log people in by requests: the requests, service clients that say who somebody is, what is
//! registered, and whom identities join. Spoken to by the SDKs of Authress, but nothing here knows their wire.

pub mod applications;
pub mod clients;
pub mod codes;
pub mod connections;
pub mod finish;
pub mod invites;
pub mod joining;
pub mod people;
pub mod provider;
pub mod registered;
pub mod request;
pub mod tenants;
pub mod tokens;
pub(crate) mod used_work;
pub mod users;
pub mod view;

use postkey_model::{Connection, UserId};
use serde_json::{Map, Value};

/// What a connection says about somebody who proved to it to be there.
#[derive(Clone, Debug, PartialEq)]
pub struct Vouched {
    /// By which connection.
    pub connection: Connection,
    /// The id that the connection knows them by.
    pub subject: String,
    /// Their address in its one spelling, if it names one.
    pub email: Option<String>,
    /// Whether it vouches for that, and is believed.
    pub is_verified: bool,
    /// The id that their user gets if there is none yet: from an invitation, or from a provider that is trusted with it.
    pub wanted_id: Option<UserId>,
    /// What else it says of them, for the application: name, picture.
    pub profile: Map<String, Value>,
}
