//! The rules, as pure functions over model values: no clock, no randomness, no I/O. Each returns what is to be
//! answered and the changes that make it true.

pub mod identifier;
pub mod import;
pub mod keys;
pub mod lineage;
pub mod linking;
pub mod people;
pub mod session;
pub mod sign_in;
pub mod tenants;
pub mod third_party;
