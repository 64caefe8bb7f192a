//! The cookie of a waiting sign-in: which one this browser started, and the secret that proves it.

use super::note::{self, Left, Note};
use crate::Doors;
use crate::kit::cookies::{self, Cookie};
use crate::kit::form::Form;
use crate::kit::frame::Seen;
use axum::http::HeaderMap;
use axum::response::Response;
use postkey_auth::{Sent, TrustedDevice, Waiting};
use postkey_model::{Call, Millis, SignInId, TenantId, Timestamp};
use postkey_store::Unavailable;

const TRUSTED: &str = "pk_device";

/// A cookie that holds which sign-in a browser waits for, and the secret that proves it.
pub(crate) struct Slot {
    cookie: &'static str,
    /// Whether what it holds is a change of identifiers: the two are never mixed up.
    of_changes: bool,
}

/// The sign-in of somebody who wants to get in.
pub(crate) const SIGN_IN: Slot = Slot { cookie: "pk_sign_in", of_changes: false };
/// The pending change of somebody's identifiers.
pub(crate) const CHANGE: Slot = Slot { cookie: "pk_change", of_changes: true };

/// What the cookie says.
pub(crate) struct Own {
    pub(crate) id: SignInId,
    pub(crate) device: String,
    pub(crate) tenant: TenantId,
}

impl Slot {
    /// The sign-in that this browser says it started.
    pub(crate) fn own(&self, headers: &HeaderMap) -> Option<Own> {
        let mut parts = cookies::get(headers, self.cookie)?.splitn(3, '.');
        let id = SignInId::parse(parts.next()?)?;
        let device = parts.next().filter(|device| (1..=128).contains(&device.len()))?.to_owned();
        let tenant = TenantId::parse(parts.next()?)?;
        Some(Own { id, device, tenant })
    }

    /// The sign-in that this browser waits for, as the store knows it.
    pub(crate) async fn look(&self, doors: &Doors, headers: &HeaderMap, seen: &Seen) -> Result<Option<(Own, Call, Waiting)>, Unavailable> {
        let Some(own) = self.own(headers) else { return Ok(None) };
        let call = doors.call(seen, headers, own.tenant.clone());
        let waiting = doors.auth().waiting(&call, &own.id, &own.device).await?;
        let of_ours = |waiting: &Waiting| waiting.purpose.user().is_some() == self.of_changes;
        Ok(waiting.filter(of_ours).map(|waiting| (own, call, waiting)))
    }

    /// Remembers a sign-in that was just started. The cookie outlives the code by one life, for asking again.
    pub(crate) fn remember(&self, doors: &Doors, headers: &mut HeaderMap, sent: &Sent, tenant: &TenantId, now: Timestamp) {
        let Some(device) = &sent.device else { return };
        let value = format!("{}.{}.{tenant}", sent.sign_in, device.expose());
        let expires = sent.expires_at + sent.expires_at.since(now);
        self.cookie(doors, &value, expires).set(headers);
    }

    /// Forgets the sign-in.
    pub(crate) fn forget(&self, doors: &Doors, headers: &mut HeaderMap) {
        self.cookie(doors, "", Timestamp(0)).set(headers);
    }

    fn cookie<'a>(&self, doors: &Doors, value: &'a str, expires: Timestamp) -> Cookie<'a> {
        Cookie { name: self.cookie, value, path: "/auth", domain: None, expires: Some(expires), http_only: true, secure: doors.secure() }
    }
}

/// The answer to a form of a sign-in that this browser does not wait for any more: another tab began another one, which
/// the page at `place` is about. Nothing is tried or sent.
pub(crate) fn of_another_tab(doors: &Doors, form: &Form, own: &Own, place: &str) -> Option<Response> {
    let shown = form.get("signIn");
    (!shown.is_empty() && shown != own.id.as_str()).then(|| note::go(doors, form, place, &Left::plain(Note::OtherTab)))
}

/// What this browser's trusted-device cookie says.
pub(crate) fn trusted(headers: &HeaderMap) -> Option<TrustedDevice> {
    TrustedDevice::parse(cookies::get(headers, TRUSTED)?)
}

/// Remembers that this browser signed in.
pub(crate) fn trust(doors: &Doors, headers: &mut HeaderMap, device: &TrustedDevice, now: Timestamp) {
    let expires = Some(now + Millis::from_hours(24 * 400));
    let value = device.to_cookie();
    Cookie { name: TRUSTED, value: &value, path: "/auth", domain: None, expires, http_only: true, secure: doors.secure() }.set(headers);
}
