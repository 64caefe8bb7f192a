//! The attack suite: what is known to break login servers, tried on a running one from outside. It shares no code with the
//! server and sees nothing of it but its doors, its messages and, where the server is its own, its log and its files.

mod bare;
pub mod browser;
pub mod case;
mod cases;
pub mod doors;
mod flood;
mod guess;
pub mod house;
pub mod http;
mod jar;
mod logins;
mod mail_server;
mod relay;
mod report;
mod run;
mod shape;
mod tokens;
pub mod world;

pub use report::Sum;
pub use run::{Plan, list, run};
