//! What a page is: values, and the template they are for. And the one page that every door may need: a message.

use serde::Serialize;

/// One page's values, and the template they are for.
pub trait Screen: Serialize {
    /// The template's name.
    const TEMPLATE: &'static str;
}

/// A page that only says something.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Message {
    pub heading: String,
    pub words: String,
    pub links: Vec<PageLink>,
    pub retry: Option<Retry>,
    pub request_id: String,
}

/// A link on a message page.
#[derive(Clone, Debug, Serialize)]
pub struct PageLink {
    pub href: String,
    pub words: String,
}

/// A form to send once more, with what was typed.
#[derive(Clone, Debug, Serialize)]
pub struct Retry {
    pub action: String,
    pub fields: Vec<(String, String)>,
}

impl Screen for Message {
    const TEMPLATE: &'static str = "pages/message.html";
}
