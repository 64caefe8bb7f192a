//! The cases, one file for each letter.

pub mod abuse;
pub mod guessing;
pub mod links;
