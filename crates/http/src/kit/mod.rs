//! What the doors share: the frame around every answer, forms, cookies, the client's address, the templates.

pub mod answer;
pub mod client;
pub mod cookies;
pub mod cors;
pub mod form;
pub mod frame;
pub mod named;
pub mod place;
pub mod query;
pub mod room;
pub mod screen;
pub mod spans;
pub mod view;
