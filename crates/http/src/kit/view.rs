//! The pages' templates, parsed once, and their assets, named after what is in them so that browsers may keep them.

use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value, context};
use thiserror::Error;

/// Templates and assets.
pub struct View {
    environment: Environment<'static>,
}

/// A template is broken.
#[derive(Debug, Error)]
#[error("page template: {0}")]
pub struct ViewError(String);

impl From<minijinja::Error> for ViewError {
    fn from(e: minijinja::Error) -> Self {
        ViewError(format!("{e:#}"))
    }
}

macro_rules! built_in {
    ($($name:literal),* $(,)?) => { [$(($name, include_str!(concat!("../../../../templates/pages/", $name)))),*] };
}

const PAGES: [(&str, &str); 11] = built_in![
    "base.html",
    "parts.html",
    "start.html",
    "code.html",
    "sent.html",
    "verify.html",
    "link-problem.html",
    "message.html",
    "demo.html",
    "refreshing.html",
    "inbox.html",
];

const CSS: &str = include_str!("../../../../templates/pages/assets/page.css");
const JS: &str = include_str!("../../../../templates/pages/assets/page.js");

/// One asset: its file name, its type, its text.
pub struct Asset {
    /// Its type.
    pub kind: &'static str,
    /// Its text.
    pub text: &'static str,
}

impl View {
    /// Parses the built-in templates.
    pub fn built_in() -> Result<Self, ViewError> {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Lenient);
        environment.set_auto_escape_callback(|_| AutoEscape::Html);
        for (name, source) in PAGES {
            environment.add_template(name, source)?;
        }
        environment.add_global("css", format!("/auth/_/assets/{}", file_name(CSS, "css")));
        environment.add_global("js", format!("/auth/_/assets/{}", file_name(JS, "js")));
        Ok(View { environment })
    }

    /// Renders a page.
    pub fn render(&self, template: &str, values: Value) -> Result<String, ViewError> {
        Ok(self.environment.get_template(template)?.render(context! { ..values })?)
    }

    /// The asset of that file name.
    pub fn asset(file: &str) -> Option<Asset> {
        if file == file_name(CSS, "css") {
            return Some(Asset { kind: "text/css; charset=utf-8", text: CSS });
        }
        (file == file_name(JS, "js")).then_some(Asset { kind: "text/javascript; charset=utf-8", text: JS })
    }
}

/// A name that changes with the text.
fn file_name(text: &str, ending: &str) -> String {
    format!("page-{}.{ending}", postkey_model::fingerprint(text))
}
