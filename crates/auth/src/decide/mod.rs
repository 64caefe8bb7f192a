//! The rules, as pure functions over model values: no clock, no randomness, no I/O. Each returns what is to be
//! answered and the changes that make it true.

pub mod identifier;
pub mod keys;
pub mod session;
pub mod sign_in;
