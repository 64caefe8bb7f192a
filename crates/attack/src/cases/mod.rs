//! The cases, one file for each letter.

pub mod budget;
pub mod guessing;
pub mod links;
