//! Forms: read whole, bounded, and only from our own pages.

use super::answer::{self, Fault};
use super::cookies::{self, Cookie};
use super::frame::Seen;
use crate::{Doors, MAX_BODY};
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{FromRequest, Request};
use axum::http::header::{CONTENT_TYPE, ORIGIN};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use bytes::BytesMut;
use data_encoding::BASE64URL_NOPAD;
use http_body_util::BodyExt;
use postkey_model::entropy::random;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// A body of this length is held for whoever may connect; the longest form of ours is a tenth of it.
const SHORT: usize = 4 * 1024;
/// The cookie that a form's token goes with.
const COOKIE: &str = "pk_form";
/// A body must be here by then.
const PATIENCE: Duration = Duration::from_secs(15);

/// The fields of a form that one of our own pages sent.
pub struct Form {
    fields: Vec<(String, String)>,
    /// The request's headers.
    pub headers: HeaderMap,
    /// What the frame knows.
    pub seen: Seen,
    /// Where it was sent.
    pub path: String,
}

impl Form {
    /// All fields.
    pub fn fields(&self) -> &[(String, String)] {
        &self.fields
    }

    /// A field's value; empty when it is not there.
    pub fn get(&self, name: &str) -> &str {
        self.fields.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }
}

impl FromRequest<Doors> for Form {
    type Rejection = Response;

    async fn from_request(request: Request, doors: &Doors) -> Result<Self, Response> {
        let headers = request.headers().clone();
        let Some(seen) = request.extensions().get::<Seen>().cloned() else {
            return Err(answer::body(StatusCode::INTERNAL_SERVER_ERROR, "text/plain; charset=utf-8", "no frame around this door"));
        };
        let path = request.uri().path().to_owned();
        let refuse = |fault| answer::fault(doors, &headers, &seen, fault);
        let kind = headers.get(CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
        if !kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return Err(refuse(Fault::FormKind));
        }
        let body = bytes(request, doors).await.map_err(refuse)?;
        let fields = form_urlencoded::parse(&body).take(32).map(|(key, value)| (key.into_owned(), value.into_owned())).collect();
        let form = Form { fields, headers, seen, path };
        if came_from_us(doors, &form) {
            return Ok(form);
        }
        Err(answer::fault(doors, &form.headers, &form.seen, Fault::FormOld))
    }
}

/// The request with its whole body, as far as that came: within [`PATIENCE`], and not much of what is longer than `most`. What is
/// wrong with it is for the door to say, in its own words. A body longer than [`SHORT`] takes from `long`, in KiB, and holds that as long as it
/// is held; an error, and no body, where nothing is left of it.
pub async fn arrived(request: Request, most: usize, long: &Arc<Semaphore>) -> Result<(Request, Held), Request> {
    let (parts, mut body) = request.into_parts();
    let mut held = None;
    // One that says beforehand that it is too long is not waited for.
    if body.is_end_stream() || body.size_hint().lower() > most as u64 {
        return Ok((Request::from_parts(parts, body), held));
    }
    let reading = async {
        let mut bytes = BytesMut::new();
        while let Some(frame) = body.frame().await {
            bytes.extend_from_slice(&frame.map_err(|_| Some(NotWhole(Fault::FormCut)))?.into_data().unwrap_or_default());
            if bytes.len() > most {
                break;
            }
            if bytes.len() > SHORT {
                take_more(&mut held, bytes.len(), long).ok_or(None)?;
            }
        }
        Ok(bytes.freeze())
    };
    let read = tokio::time::timeout(PATIENCE, reading).await.unwrap_or(Err(Some(NotWhole(Fault::FormSlow))));
    match read {
        Ok(bytes) => Ok((Request::from_parts(parts, Body::from(bytes)), held)),
        Err(Some(why)) => Ok((Request::from_parts(parts, Body::new(why)), held)),
        Err(None) => Err(Request::from_parts(parts, Body::empty())),
    }
}

/// What a long body holds of what all share.
pub type Held = Option<OwnedSemaphorePermit>;

/// Takes what a body of `length` bytes lacks; nothing where so much is not left.
fn take_more(held: &mut Held, length: usize, long: &Arc<Semaphore>) -> Option<()> {
    let has = held.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
    let lacks = u32::try_from(length.div_ceil(1024).saturating_sub(has)).ok()?;
    let more = long.clone().try_acquire_many_owned(lacks).ok()?;
    match held {
        Some(held) => held.merge(more),
        None => *held = Some(more),
    }
    Some(())
}

/// A body that did not arrive: whoever reads it is told why.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the body did not arrive whole, or not in time")]
struct NotWhole(Fault);

impl HttpBody for NotWhole {
    type Data = Bytes;
    type Error = NotWhole;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<hyper::body::Frame<Bytes>, NotWhole>>> {
        Poll::Ready(Some(Err(*self)))
    }
}

/// Why a body could not be read: what [`arrived`] knows of it, or that it was cut off.
fn why_not(error: &(dyn std::error::Error + 'static)) -> Fault {
    let mut error = Some(error);
    while let Some(this) = error {
        if let Some(NotWhole(fault)) = this.downcast_ref() {
            return *fault;
        }
        error = this.source();
    }
    Fault::FormCut
}

/// The whole body of a request, bounded in length and time.
pub async fn bytes(request: Request, doors: &Doors) -> Result<Bytes, Fault> {
    // One that says beforehand that it is too long is not waited for.
    if request.body().size_hint().lower() > MAX_BODY as u64 {
        return Err(Fault::FormLarge);
    }
    match tokio::time::timeout(PATIENCE, Bytes::from_request(request, doors)).await {
        Ok(Ok(body)) => Ok(body),
        Ok(Err(rejection)) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => Err(Fault::FormLarge),
        Ok(Err(rejection)) => Err(why_not(&rejection)),
        Err(_) => Err(Fault::FormSlow),
    }
}

/// Whether a form came from one of our own pages. The browser's own word decides where it gives it
/// (`Sec-Fetch-Site`, `Origin`); older browsers prove it with the token in the page and the cookie that goes with it.
fn came_from_us(doors: &Doors, form: &Form) -> bool {
    let header = |name: &str| form.headers.get(name).and_then(|v| v.to_str().ok());
    // Our pages say no-referrer, so browsers may send `Origin: null` with our own forms: that says nothing.
    if let Some(origin) = header(ORIGIN.as_str()).filter(|origin| *origin != "null")
        && origin != doors.auth().public_origin().as_text()
    {
        return false;
    }
    match header("sec-fetch-site") {
        Some(site) => site == "same-origin",
        None => {
            let cookie = cookies::get(&form.headers, COOKIE).unwrap_or_default();
            !cookie.is_empty() && doors.auth().keyring().is_form_token(cookie, form.get("form"))
        }
    }
}

/// The token for a page's forms, and the cookie to set when the browser has none yet.
pub struct FormToken {
    /// What the forms carry.
    pub token: String,
    fresh: Option<String>,
}

impl FormToken {
    /// The token for the browser that sent `headers`.
    pub fn of(doors: &Doors, headers: &HeaderMap) -> Self {
        let known = cookies::get(headers, COOKIE).filter(|cookie| cookie.len() == 22);
        let fresh = known.is_none().then(|| BASE64URL_NOPAD.encode(&random::<16>(doors.auth().entropy())));
        let token = doors.auth().keyring().form_token(known.or(fresh.as_deref()).unwrap_or_default());
        FormToken { token, fresh }
    }

    /// Sets the cookie that goes with the token, if it is new.
    pub fn set(&self, doors: &Doors, headers: &mut HeaderMap) {
        if let Some(value) = &self.fresh {
            Cookie { name: COOKIE, value, path: "/", domain: None, expires: None, http_only: true, secure: doors.secure() }.set(headers);
        }
    }
}
