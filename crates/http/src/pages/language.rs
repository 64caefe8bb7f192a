//! Choosing a language.

use crate::Doors;
use crate::kit::form::Form;
use crate::kit::{answer, frame};
use axum::extract::State;
use axum::response::Response;

/// `POST /auth/_/language`: remembers it and goes back.
pub async fn choose(State(doors): State<Doors>, form: Form) -> Response {
    let back = form.get("back");
    let page = ["/auth", "/demo", "/dev/"].iter().any(|page| back.starts_with(page));
    let plain = page && !back.contains("..") && back.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    let mut response = answer::go(&form.headers, if plain { back } else { "/auth" });
    // A language that we do not have changes nothing.
    if let Some(language) = doors.inner.view.templates().words().languages().find(form.get("lang")) {
        frame::set_language(&doors, language, form.seen.now, response.headers_mut());
    }
    response
}
