//! [`Preset`]: services that many people have an account with, as they are set up. What they do otherwise than others is
//! heeded in `providers`.
//!
//! Apple is not among them. Its client secret is a token that has to be signed anew at least every half year, and it tells
//! names and addresses only in a form that the browser posts back, which none of our doors takes yet.

use super::{ClientAuth, ProviderSettings};
use serde::{Deserialize, Serialize};

/// A well-known service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Preset {
    /// Google. The tenant is the Workspace domain (`hd`).
    Google,
    /// GitHub: OAuth 2 without ID tokens, and addresses by a call of their own.
    GitHub,
    /// Microsoft: work, school and private accounts. The tenant is the directory (`tid`).
    Microsoft,
    /// GitLab.com. For one's own GitLab, set its issuer.
    GitLab,
}

impl Preset {
    /// All of them.
    pub const ALL: [Preset; 4] = [Preset::Google, Preset::GitHub, Preset::Microsoft, Preset::GitLab];

    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Preset::Google => "google",
            Preset::GitHub => "github",
            Preset::Microsoft => "microsoft",
            Preset::GitLab => "gitlab",
        }
    }

    /// Reads the name above.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|preset| preset.as_str() == text)
    }

    /// Its settings, for our client there.
    pub fn settings(self, client_id: &str) -> ProviderSettings {
        let some = |text: &str| Some(text.to_owned());
        let common = ProviderSettings { preset: Some(self), client_id: client_id.to_owned(), ..ProviderSettings::default() };
        match self {
            Preset::Google => ProviderSettings {
                issuer: some("https://accounts.google.com"),
                tenant_expression: some("{hd}"),
                trusts_email: true,
                ..common
            },
            Preset::GitHub => ProviderSettings {
                authorization_endpoint: some("https://github.com/login/oauth/authorize"),
                token_endpoint: some("https://github.com/login/oauth/access_token"),
                user_info_endpoint: some("https://api.github.com/user"),
                scopes: "read:user user:email".to_owned(),
                client_auth: Some(ClientAuth::Post),
                user_id_expression: "{id}".to_owned(),
                trusts_email: true,
                ..common
            },
            // Whoever runs a directory sets its people's addresses as he likes, so they are not believed (`trusts_email`).
            Preset::Microsoft => ProviderSettings {
                issuer: some("https://login.microsoftonline.com/common/v2.0"),
                user_id_expression: "{tid}|{oid}".to_owned(),
                tenant_expression: some("{tid}"),
                ..common
            },
            Preset::GitLab => ProviderSettings { issuer: some("https://gitlab.com"), trusts_email: true, ..common },
        }
    }
}
