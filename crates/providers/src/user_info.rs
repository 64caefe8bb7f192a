//! Asking a service for claims: user-info (OpenID Connect Core 1.0 §5.3), and GitHub's two calls, which are its own.

use crate::{Doubt, ProviderError, answer_of, bearer};
use postkey_model::{Secret, Timestamp};
use postkey_outbound::header::{ACCEPT, AUTHORIZATION, HeaderName, HeaderValue};
use postkey_outbound::{HeaderMap, Outbound, StatusCode};
use serde::Deserialize;
use serde_json::{Map, Value};
use url::Url;

/// The answer's name in errors.
const ANSWER: &str = "user-info";
/// The name of GitHub's second answer.
const ADDRESSES: &str = "the list of addresses";
/// The version of GitHub's interface that is spoken here.
const GITHUB_VERSION: (&str, &str) = ("x-github-api-version", "2022-11-28");

/// An address of somebody at GitHub.
#[derive(Deserialize)]
struct Address {
    email: String,
    primary: bool,
    verified: bool,
}

/// Asks for the claims of whoever the token is for.
pub(crate) async fn ask(
    outbound: &Outbound,
    end: &Url,
    token: &Secret<String>,
    now: Timestamp,
) -> Result<Map<String, Value>, ProviderError> {
    let answer = outbound.get(end, headers("application/json", token)?, now).await?;
    answer_of(&answer, ANSWER)
}

/// Asks GitHub: the account, and which of its addresses comes first. Their claims are put in OpenID's words.
pub(crate) async fn ask_github(
    outbound: &Outbound,
    end: &Url,
    token: &Secret<String>,
    now: Timestamp,
) -> Result<Map<String, Value>, ProviderError> {
    let mut headers = headers("application/vnd.github+json", token)?;
    headers.insert(HeaderName::from_static(GITHUB_VERSION.0), HeaderValue::from_static(GITHUB_VERSION.1));
    let mut emails = end.clone();
    emails.set_path(&format!("{}/emails", end.path().trim_end_matches('/')));
    emails.set_query(Some("per_page=100"));
    let (account, addresses) = tokio::join!(outbound.get(end, headers.clone(), now), outbound.get(&emails, headers, now));
    let mut claims: Map<String, Value> = answer_of(&account?, ANSWER)?;
    let addresses = addresses?;
    if matches!(addresses.status, StatusCode::FORBIDDEN | StatusCode::NOT_FOUND) {
        let why = "GitHub does not show addresses: ask for the scope user:email, or give the GitHub App the right to read email addresses";
        return Err(ProviderError::Setting(why.to_owned()));
    }
    let addresses: Vec<Address> = answer_of(&addresses, ADDRESSES)?;
    in_words_of_openid(&mut claims, addresses);
    Ok(claims)
}

/// The account's own `email` is what it shows to everybody: it may be any of its addresses, and says nothing of being verified.
fn in_words_of_openid(claims: &mut Map<String, Value>, addresses: Vec<Address>) {
    claims.remove("email");
    claims.remove("email_verified");
    if let Some(first) = addresses.into_iter().find(|address| address.primary) {
        claims.insert("email".to_owned(), first.email.into());
        claims.insert("email_verified".to_owned(), first.verified.into());
    }
    for (theirs, ours) in [("login", "preferred_username"), ("avatar_url", "picture"), ("html_url", "profile")] {
        if let Some(value) = claims.get(theirs).cloned() {
            claims.insert(ours.to_owned(), value);
        }
    }
    if !claims.get("name").is_some_and(Value::is_string)
        && let Some(login) = claims.get("login").cloned()
    {
        claims.insert("name".to_owned(), login);
    }
}

/// The claims of both, of which the signed ones win. Both must be of one person. An address and the word on it stay together:
/// they are user-info's where the ID token does not say both.
pub(crate) fn joined(id_token: Map<String, Value>, mut user_info: Map<String, Value>) -> Result<Map<String, Value>, Doubt> {
    if user_info.get("sub").is_none() || user_info.get("sub") != id_token.get("sub") {
        return Err(Doubt::Subject);
    }
    let pair = ["email", "email_verified"];
    let signed = pair.iter().all(|name| id_token.contains_key(*name));
    let theirs = !signed && user_info.contains_key("email");
    if !theirs {
        pair.iter().for_each(|name| drop(user_info.remove(*name)));
    }
    user_info.extend(id_token.into_iter().filter(|(name, _)| !(theirs && pair.contains(&name.as_str()))));
    Ok(user_info)
}

fn headers(kind: &'static str, token: &Secret<String>) -> Result<HeaderMap, ProviderError> {
    Ok(HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static(kind)), (AUTHORIZATION, bearer("Bearer", token.expose())?)]))
}

#[cfg(test)]
#[path = "user_info/tests.rs"]
mod tests;
