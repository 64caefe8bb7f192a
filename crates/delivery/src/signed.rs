//! Signed posts: JSON to an operator's own address, with the signature of Standard Webhooks (standardwebhooks.com,
//! specification 1.0).

use crate::{ProviderError, SendError};
use aws_lc_rs::hmac;
use data_encoding::BASE64;
use hyper::Method;
use hyper::header::{HeaderName, HeaderValue};
use postkey_model::{Secret, Timestamp};
use postkey_outbound::{Answer, Outbound, headers_for, service_url};
use std::sync::Arc;
use url::Url;

/// What a secret begins with; the rest is its bytes in base64.
const PREFIX: &str = "whsec_";

/// An address that takes signed posts.
#[derive(Clone)]
pub(crate) struct Signed {
    outbound: Outbound,
    url: Url,
    keys: Arc<[hmac::Key]>,
}

impl Signed {
    /// Checks the settings; posts are signed with each of `secrets`. Nothing is sent yet. Needs a running tokio runtime.
    pub(crate) fn new(url: &str, secrets: &[Secret<String>], extra_root: Option<&[u8]>) -> Result<Self, ProviderError> {
        let url = service_url(url)?;
        let keys = secrets.iter().map(key).collect::<Result<Arc<[_]>, _>>()?;
        Ok(Signed { outbound: Outbound::new(extra_root)?, url, keys })
    }

    #[cfg(test)]
    pub(crate) fn with_patience(self, patience: std::time::Duration) -> Self {
        Signed { outbound: self.outbound.with_patience(patience), ..self }
    }

    /// Whether the host can be reached, with TLS. Posts nothing.
    pub(crate) async fn check(&self) -> Result<(), ProviderError> {
        Ok(self.outbound.reach(&self.url).await?)
    }

    /// Posts `body` under an id that stays the same however often it is posted; the answer, whatever it is.
    pub(crate) async fn post(&self, id: &str, now: Timestamp, body: Vec<u8>) -> Result<Answer, SendError> {
        let mut headers = headers_for("application/json");
        let seconds = now.as_secs().to_string();
        let signature = self.signature(id, &seconds, &body);
        for (name, value) in [("webhook-id", id), ("webhook-timestamp", &seconds), ("webhook-signature", &signature)] {
            let value = HeaderValue::from_str(value).map_err(|e| SendError::Refused(e.to_string()))?;
            headers.insert(HeaderName::from_static(name), value);
        }
        Ok(self.outbound.ask(Method::POST, &self.url, headers, body, now).await?)
    }

    /// For each key `v1,` and base64 of HMAC-SHA256 over id, time and body, with dots between; spaces between keys.
    pub(crate) fn signature(&self, id: &str, seconds: &str, body: &[u8]) -> String {
        let sign = |key: &hmac::Key| {
            let mut context = hmac::Context::with_key(key);
            for part in [id.as_bytes(), b".", seconds.as_bytes(), b".", body] {
                context.update(part);
            }
            format!("v1,{}", BASE64.encode(context.sign().as_ref()))
        };
        self.keys.iter().map(sign).collect::<Vec<_>>().join(" ")
    }
}

fn key(secret: &Secret<String>) -> Result<hmac::Key, ProviderError> {
    let wrong = || ProviderError::Setting(format!("the secret must be {PREFIX} and 24 to 64 bytes in base64"));
    let encoded = secret.expose().strip_prefix(PREFIX).ok_or_else(wrong)?;
    let secret = Secret::new(BASE64.decode(encoded.as_bytes()).map_err(|_| wrong())?);
    if !(24..=64).contains(&secret.expose().len()) {
        return Err(wrong());
    }
    Ok(hmac::Key::new(hmac::HMAC_SHA256, secret.expose()))
}

/// ISO 8601 with milliseconds.
pub(crate) fn in_utc(at: Timestamp) -> String {
    jiff::Timestamp::from_millisecond(at.0).map_or_else(|_| String::new(), |instant| format!("{instant:.3}"))
}
