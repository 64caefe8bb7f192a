//! The verbs: load, ask `decide`, commit. One file per group.

pub mod complete;
pub mod session;
pub mod sign_in;
