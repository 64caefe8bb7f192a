//! Postkey's words: languages, their strings, country names, and the template engine that pages and messages share.
//! What a page or a message says stands in `templates/`; which page or message it is, others decide.

mod check;
mod export;
mod folder;
mod language;
mod locales;
mod message;
mod problem;
mod scan;
mod shape;
mod templates;
mod words;

pub use export::ExportError;
pub use language::{Language, Languages, region_of};
pub use minijinja::value::Serde;
pub use minijinja::{Value, context};
pub use problem::{LoadError, Problem};
pub use templates::{Builder, RenderError, Templates};
pub use words::{Arg, Words};

/// One context out of several; what stands in an earlier one wins.
pub fn merge<const N: usize>(values: [Value; N]) -> Value {
    minijinja::value::merge_maps(values)
}
