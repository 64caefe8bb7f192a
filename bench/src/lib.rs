//! What the load generator and the process tests share: a small HTTP client, a browser that knows the login pages,
//! and a `postkey` process to point them at.

mod browser;
mod http;
mod jar;
mod server;
mod spread;

pub use browser::{Browser, Mail, fields};
pub use http::{Answer, Client};
pub use jar::Jar;
pub use server::{Load, Options, Server, free_port};
pub use spread::Spread;
