//! The verbs: load, ask `decide`, commit. One file per group.

pub mod back_end;
mod commit;
pub mod complete;
pub mod identifier;
pub mod import;
mod limit;
pub mod link;
pub mod login;
mod post;
pub mod reseal;
pub mod rotate;
pub mod session;
pub mod sign_in;
pub mod timeline;
pub mod web;
