//! The rules, as pure functions over model values: no clock, no randomness, no I/O. Each returns what is to be
//! answered and the changes that make it true.

pub mod assertion;
pub mod audit;
pub mod client_token;
pub mod identifier;
pub mod import;
pub mod joining;
pub mod keys;
pub mod limits;
pub mod lineage;
pub mod linking;
pub mod login;
pub mod people;
pub mod registered;
pub mod session;
pub mod sign_in;
pub mod tenants;
pub mod texts;
pub mod third_party;
pub mod work;
