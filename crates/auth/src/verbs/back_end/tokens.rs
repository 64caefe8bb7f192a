//! Tokens that back ends have signed for purposes of their own (contract supertokens-core.md §3.4).

use crate::Auth;
use postkey_model::{AppId, KeySet, KeyUse, Millis, Secret, Timestamp};
use postkey_store::Unavailable;
use serde_json::{Map, Value};

impl Auth {
    /// Signs `payload` for `issuer`, to be believed for `validity`. It is no access token: without a version in its
    /// header no door takes it for one.
    pub async fn sign_for_back_end(
        &self,
        app: &AppId,
        issuer: &str,
        payload: &Map<String, Value>,
        validity: Millis,
        is_static: bool,
        now: Timestamp,
    ) -> Result<Secret<String>, Unavailable> {
        let set = KeySet::of(app, if is_static { KeyUse::Static } else { KeyUse::Session });
        self.ready_keys(&set, now).await?;
        let mut claims = Map::new();
        claims.insert("iss".to_owned(), issuer.into());
        claims.extend(payload.clone());
        claims.insert("iat".to_owned(), now.as_secs().into());
        claims.insert("exp".to_owned(), (now + validity).as_secs().into());
        let text = Value::Object(claims).to_string();
        let signed = self.inner.keys.of(&set).with_signer(now, |key| key.sign_other(&text));
        let signed = signed.ok_or_else(|| Unavailable("no signing key is loaded".to_owned()))?;
        signed.map(Secret::new).map_err(|e| Unavailable(e.to_string()))
    }
}
