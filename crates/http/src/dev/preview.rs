//! `/dev/pages`: every screen in every state, side by side: the one place to look when changing a page.

use crate::Doors;
use crate::kit::answer::{self, Fault};
use crate::kit::frame::Seen;
use crate::kit::screen::Screen;
use crate::pages::{Query, samples};
use axum::Extension;
use axum::extract::{Path, State};
use axum::http::header::CONTENT_SECURITY_POLICY;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri};
use axum::response::Response;
use postkey_model::TenantId;
use postkey_words::{Language, context};
use serde::Serialize;

/// What the overview is told.
#[derive(Serialize)]
struct Overview {
    screens: Vec<&'static str>,
    theme: String,
    width: u32,
    shown: String,
}

impl Screen for Overview {
    const TEMPLATE: &'static str = "pages/dev/pages.html";
}

/// `GET /dev/pages?lang=de&theme=dark&width=360`
pub async fn index(State(doors): State<Doors>, Extension(seen): Extension<Seen>, uri: Uri, headers: HeaderMap) -> Response {
    let query = Query::of(&uri);
    let theme = query.get("theme").filter(|theme| matches!(*theme, "light" | "dark")).unwrap_or("both").to_owned();
    let width = query.get("width").and_then(|width| width.parse().ok()).filter(|width| (240..=1600).contains(width)).unwrap_or(380);
    let language = doors.language(&seen, &headers, None);
    let screens = samples::all(doors.inner.view.templates(), language).into_iter().map(|sample| sample.name).collect();
    let overview = Overview { screens, theme, width, shown: language.code().to_owned() };
    answer::page(&doors, &headers, &seen, None, StatusCode::OK, &overview)
}

/// `GET /dev/pages/{screen}?lang=de&theme=dark&script=off`: one of them; the scheme may be forced, and what browsers
/// without scripts see may be shown.
pub async fn one(
    State(doors): State<Doors>,
    Extension(seen): Extension<Seen>,
    Path(name): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let query = Query::of(&uri);
    let language: Language = doors.language(&seen, &headers, None);
    let view = &doors.inner.view;
    let sample = samples::all(view.templates(), language).into_iter().find(|sample| sample.name == name);
    let Some(sample) = sample else { return answer::fault(&doors, &headers, &seen, Fault::Missing) };
    let public = TenantId::public();
    let tenant = doors.auth().tenant(&public);
    let app_name = tenant.as_ref().map_or("Postkey", |tenant| tenant.app_name.as_str());
    let frame = context! { app_name, form_token => "", here => "/auth" };
    let html = match sample.render(view, language, &public, frame) {
        Ok(html) => html,
        Err(e) => return answer::body(StatusCode::INTERNAL_SERVER_ERROR, "text/plain; charset=utf-8", e.to_string()),
    };
    // No script runs there to show what a link's secret shows.
    let html = if query.get("script") == Some("off") {
        html
    } else {
        without_noscript(&html.replace("data-link=\"ask\" hidden", "data-link=\"ask\""))
    };
    let html = match query.get("theme").filter(|theme| matches!(*theme, "light" | "dark")) {
        Some(theme) => html.replace(&view.css().path(), &format!("/dev/pages.css?theme={theme}")),
        None => html,
    };
    let mut response = answer::body(StatusCode::OK, "text/html; charset=utf-8", html);
    // Our own overview frames it; its forms and scripts do nothing there.
    let policy = "default-src 'none'; style-src 'self'; img-src 'self' data:; frame-ancestors 'self'; sandbox allow-same-origin";
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    response.headers_mut().insert(axum::http::header::X_FRAME_OPTIONS, HeaderValue::from_static("SAMEORIGIN"));
    response
}

/// A page without what it says to browsers that run no scripts.
fn without_noscript(html: &str) -> String {
    let mut parts = html.split("<noscript>");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |page, part| page + part.split_once("</noscript>").map_or("", |(_, after)| after))
}

/// `GET /dev/pages.css?theme=dark`: the style sheet with one scheme for everybody.
pub async fn style_sheet(State(doors): State<Doors>, uri: Uri) -> Response {
    let css = String::from_utf8_lossy(&doors.inner.view.css().bytes).into_owned();
    let dark = Query::of(&uri).get("theme") == Some("dark");
    let media = "@media (prefers-color-scheme: dark)";
    let forced = if dark {
        css.replace(media, "@media all").replace("color-scheme: light dark", "color-scheme: dark")
    } else {
        css.replace(media, "@media not all").replace("color-scheme: light dark", "color-scheme: light")
    };
    answer::body(StatusCode::OK, "text/css; charset=utf-8", forced)
}
