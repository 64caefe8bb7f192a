//! The cases, one file for each letter.

pub mod guessing;
pub mod links;
