//! The verbs of back ends, for the door that SuperTokens' back-end SDKs speak to: codes they deliver themselves, sessions
//! they make, people, linked users, metadata, roles, proofs of addresses, tenants.

pub mod codes;
pub mod emails;
pub mod linking;
pub mod metadata;
pub mod people;
pub mod roles;
pub mod sessions;
pub mod tenants;
pub mod third_party;
pub mod tokens;
