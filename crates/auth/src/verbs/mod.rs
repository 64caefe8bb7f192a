//! The verbs: load, ask `decide`, commit. One file per group.

pub mod complete;
pub mod identifier;
pub mod link;
mod post;
pub mod session;
pub mod sign_in;
pub mod timeline;
