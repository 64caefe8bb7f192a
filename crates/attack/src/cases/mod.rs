//! The cases, one file for each letter.

pub mod abuse;
pub mod abuse_load;
pub mod abuse_texts;
pub mod budget;
pub mod enumeration;
pub mod faults;
pub mod guessing;
pub mod hosts;
pub mod linking;
pub mod links;
pub mod operations;
pub mod sessions;
