//! Where a code becomes tokens (RFC 6749 §4.1.3, RFC 7636 §4.5).

use crate::{Answer, Doubt, ProviderError, answer_of, bearer};
use data_encoding::BASE64;
use postkey_model::{ClientAuth, ProviderSettings, Secret, Timestamp};
use postkey_outbound::header::{ACCEPT, AUTHORIZATION, HeaderValue};
use postkey_outbound::{HeaderMap, Outbound};
use serde::Deserialize;
use url::Url;

/// The answer's name in errors.
const ANSWER: &str = "the token answer";

/// What a code was good for.
pub(crate) struct Tokens {
    /// For user-info.
    pub(crate) access: Option<Secret<String>>,
    /// Who it is.
    pub(crate) id: Option<Secret<String>>,
}

#[derive(Deserialize)]
struct Said {
    access_token: Option<String>,
    token_type: Option<String>,
    id_token: Option<String>,
    error: Option<String>,
}

/// Exchanges the code. It may be spent even when there is no answer.
pub(crate) async fn exchange(
    outbound: &Outbound,
    end: &Url,
    settings: &ProviderSettings,
    auth: ClientAuth,
    secret: Option<&Secret<String>>,
    answer: &Answer<'_>,
    now: Timestamp,
) -> Result<Tokens, ProviderError> {
    let mut form = vec![
        ("grant_type", "authorization_code"),
        ("code", answer.code),
        ("redirect_uri", answer.redirect_uri),
        ("code_verifier", answer.code_verifier),
    ];
    let mut headers = HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static("application/json"))]);
    match (secret, auth) {
        (Some(secret), ClientAuth::Basic) => drop(headers.insert(AUTHORIZATION, basic(&settings.client_id, secret)?)),
        (Some(secret), ClientAuth::Post) => form.extend([("client_id", settings.client_id.as_str()), ("client_secret", secret.expose())]),
        (None, _) => form.push(("client_id", &settings.client_id)),
    }
    let said = outbound.post_form(end, headers, &form, now).await?;
    // GitHub says its errors with 200, others with 400 or 401.
    if let Some(Said { error: Some(error), .. }) = said.json::<Said>()
        && !said.status.is_server_error()
    {
        return Err(ProviderError::said(&error));
    }
    let Said { access_token, token_type, id_token, .. } = answer_of(&said, ANSWER)?;
    if token_type.is_some_and(|kind| !kind.eq_ignore_ascii_case("bearer")) {
        return Err(Doubt::Malformed(ANSWER).into());
    }
    Ok(Tokens { access: access_token.map(Secret::new), id: id_token.map(Secret::new) })
}

/// Id and secret for a header: each encoded as in a form first (RFC 6749 §2.3.1).
fn basic(id: &str, secret: &Secret<String>) -> Result<HeaderValue, ProviderError> {
    let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let pair = Secret::new(format!("{}:{}", encoded(id), encoded(secret.expose())));
    bearer("Basic", &BASE64.encode(pair.expose().as_bytes()))
}
