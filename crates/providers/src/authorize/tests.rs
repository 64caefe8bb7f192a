//! What a browser is sent away with.

use super::*;
use std::collections::HashMap;

const ASK: Ask<'_> = Ask {
    redirect_uri: "https://auth.example.com/login?x=1",
    state: "st",
    nonce: "no",
    code_challenge: "ch",
    login_hint: None,
    extra: &[],
};

fn said(settings: &ProviderSettings, ask: &Ask<'_>) -> HashMap<String, String> {
    let end = settings.authorization_endpoint.as_deref().unwrap_or("https://id.example.com/authorize?tenant=t&scope=all");
    let url = url(Url::parse(end).unwrap(), settings, ask);
    let all: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    let names: HashMap<String, String> = all.iter().cloned().collect();
    assert_eq!(names.len(), all.len(), "nothing is said twice: {url}");
    names
}

fn pairs(all: &[(&str, &str)]) -> Vec<(String, String)> {
    all.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn all_of_the_protocol_is_said() {
    let settings = Preset::GitLab.settings("client");
    let expected = pairs(&[
        ("tenant", "t"),
        ("response_type", "code"),
        ("client_id", "client"),
        ("redirect_uri", "https://auth.example.com/login?x=1"),
        ("scope", "openid profile email"),
        ("state", "st"),
        ("nonce", "no"),
        ("code_challenge", "ch"),
        ("code_challenge_method", "S256"),
    ]);
    assert_eq!(said(&settings, &ASK), expected.into_iter().collect());
}

#[test]
fn an_application_adds_words_but_none_of_the_protocol() {
    let mut settings = Preset::GitLab.settings("client");
    settings.parameters = pairs(&[("prompt", "login"), ("ui_locales", "de")]).into_iter().collect();
    let mut extra = pairs(&[("prompt", "consent"), ("acr_values", "x"), ("", "x"), ("long", &"x".repeat(513))]);
    extra.extend(PROTOCOL_PARAMETERS.iter().map(|name| ((*name).to_owned(), "evil".to_owned())));
    let all = said(&settings, &Ask { extra: &extra, login_hint: Some("ann@example.com"), ..ASK });
    assert!(!all.values().any(|value| value == "evil"), "{all:?}");
    for (name, value) in [("prompt", "consent"), ("ui_locales", "de"), ("acr_values", "x"), ("login_hint", "ann@example.com")] {
        assert_eq!(all.get(name).map(String::as_str), Some(value), "{name}");
    }
    assert!(!all.contains_key("long") && !all.contains_key(""));
    let many: Vec<(String, String)> = (0..100).map(|number| (format!("n{number}"), String::new())).collect();
    let kept = said(&settings, &Ask { extra: &many, ..ASK });
    assert_eq!(kept.keys().filter(|name| name.starts_with('n') && *name != "nonce").count(), MOST_EXTRA);
}

#[test]
fn presets_say_it_in_their_way() {
    let github = said(&Preset::GitHub.settings("client"), &Ask { login_hint: Some("ann"), ..ASK });
    assert_eq!(github.get("login").map(String::as_str), Some("ann"));
    assert!(!github.contains_key("login_hint") && !github.contains_key("nonce"), "no ID token, so no nonce");
    let mut google = Preset::Google.settings("client");
    assert!(!said(&google, &ASK).contains_key("hd"));
    google.allowed_tenants = vec!["example.com".to_owned()];
    let extra = pairs(&[("hd", "evil.example")]);
    assert_eq!(said(&google, &Ask { extra: &extra, ..ASK }).get("hd").map(String::as_str), Some("example.com"));
}
