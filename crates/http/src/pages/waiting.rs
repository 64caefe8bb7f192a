//! The cookie of a waiting sign-in: which one this browser started, and the secret that proves it.

use crate::Doors;
use crate::kit::cookies::{self, Cookie};
use crate::kit::frame::Seen;
use axum::http::HeaderMap;
use postkey_auth::{Sent, TrustedDevice, Waiting};
use postkey_model::{Call, Millis, SignInId, TenantId, Timestamp};
use postkey_store::Unavailable;

const COOKIE: &str = "pk_sign_in";
const TRUSTED: &str = "pk_device";

/// What the cookie says.
pub(crate) struct Own {
    pub(crate) id: SignInId,
    pub(crate) device: String,
    pub(crate) tenant: TenantId,
}

/// The sign-in that this browser says it started.
pub(crate) fn own(headers: &HeaderMap) -> Option<Own> {
    let mut parts = cookies::get(headers, COOKIE)?.splitn(3, '.');
    let id = SignInId::parse(parts.next()?)?;
    let device = parts.next().filter(|device| (1..=128).contains(&device.len()))?.to_owned();
    let tenant = TenantId::parse(parts.next()?)?;
    Some(Own { id, device, tenant })
}

/// The sign-in that this browser waits for, as the store knows it.
pub(crate) async fn look(doors: &Doors, headers: &HeaderMap, seen: &Seen) -> Result<Option<(Own, Call, Waiting)>, Unavailable> {
    let Some(own) = own(headers) else { return Ok(None) };
    let call = seen.call(headers, own.tenant.clone());
    let waiting = doors.auth().waiting(&call, &own.id, &own.device).await?;
    Ok(waiting.map(|waiting| (own, call, waiting)))
}

/// Remembers a sign-in that was just started. The cookie outlives the code by one life, for asking again.
pub(crate) fn remember(doors: &Doors, headers: &mut HeaderMap, sent: &Sent, tenant: &TenantId, now: Timestamp) {
    let Some(device) = &sent.device else { return };
    let value = format!("{}.{}.{tenant}", sent.sign_in, device.expose());
    let expires = sent.expires_at + sent.expires_at.since(now);
    Cookie { name: COOKIE, value: &value, path: "/auth", domain: None, expires: Some(expires), http_only: true, secure: doors.secure() }
        .set(headers);
}

/// Forgets the sign-in.
pub(crate) fn forget(doors: &Doors, headers: &mut HeaderMap) {
    let expires = Some(Timestamp(0));
    Cookie { name: COOKIE, value: "", path: "/auth", domain: None, expires, http_only: true, secure: doors.secure() }.set(headers);
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
