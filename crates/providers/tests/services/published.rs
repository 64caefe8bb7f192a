//! What issuers publish: how often it is asked for, what happens when keys change, and what of it is not taken.

use crate::keys::{TestKey, shared_rsa};
use crate::service::{HASTE, NOW, Say, Service, ask, log_in};
use postkey_model::Millis;
use postkey_providers::{Doubt, ProviderError, Providers};
use serde_json::{Value, json};

const DISCOVERY: &str = "/.well-known/openid-configuration";

#[tokio::test]
async fn new_keys_are_fetched_when_a_token_names_them() {
    let service = Service::start(TestKey::new("ES256", "old")).await;
    let providers = Providers::new(None).unwrap();
    let settings = service.settings();
    log_in(&providers, &service, &settings).await.unwrap();
    let old = service.state().key.clone();
    let new = TestKey::new("ES256", "new");
    {
        let mut state = service.state();
        state.published = vec![old.jwk.clone(), new.jwk.clone()];
        state.key = new;
        state.now = NOW + Millis::from_secs(61);
    }
    log_in(&providers, &service, &settings).await.unwrap();
    assert_eq!(service.count("/jwks"), 2);
    // The old one is gone, and nobody asks again within a minute for a kid that is nowhere.
    {
        let mut state = service.state();
        state.published.remove(0);
        state.key = TestKey::new("ES256", "nowhere");
        state.now = NOW + Millis::from_secs(120);
    }
    for _ in 0..3 {
        assert_eq!(log_in(&providers, &service, &settings).await, Err(Doubt::Key.into()));
    }
    assert_eq!(service.count("/jwks"), 2);
    service.state().now = NOW + Millis::from_secs(121);
    assert_eq!(log_in(&providers, &service, &settings).await, Err(Doubt::Key.into()));
    assert_eq!(service.count("/jwks"), 3);
    // What was taken back is not believed any more.
    service.state().key = old;
    assert_eq!(log_in(&providers, &service, &settings).await, Err(Doubt::Key.into()));
}

#[tokio::test]
async fn what_is_published_is_kept_as_long_as_it_says() {
    let service = Service::start(TestKey::new("ES256", "k1")).await;
    let providers = Providers::new(None).unwrap();
    let settings = service.settings();
    service.state().cache_control = Some("public, max-age=7200");
    for (minutes, asked) in [(0, 1), (119, 1), (120, 2), (239, 2)] {
        service.state().now = NOW + Millis::from_mins(minutes);
        log_in(&providers, &service, &settings).await.unwrap();
        assert_eq!((service.count(DISCOVERY), service.count("/jwks")), (asked, asked), "after {minutes} minutes");
    }
    // It does not answer: what it said goes on to count, for a day.
    for path in [DISCOVERY, "/jwks"] {
        service.state().instead.insert(path, Say::This(500, String::new()));
    }
    service.state().now = NOW + Millis::from_hours(25);
    log_in(&providers, &service, &settings).await.unwrap();
    service.state().now = NOW + Millis::from_hours(26);
    assert!(matches!(log_in(&providers, &service, &settings).await, Err(ProviderError::Unreachable(_))));
}

#[tokio::test]
async fn fifty_people_at_once_ask_once() {
    let service = Service::start(TestKey::new("ES256", "k1")).await;
    let providers = Providers::new(None).unwrap();
    let mut all = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let (providers, service) = (providers.clone(), service.clone());
        all.spawn(async move {
            let settings = service.settings();
            log_in(&providers, &service, &settings).await.is_ok()
        });
    }
    assert!(all.join_all().await.into_iter().all(|came_in| came_in));
    assert_eq!((service.count(DISCOVERY), service.count("/jwks"), service.count("/token")), (1, 1, 50));
}

#[tokio::test]
async fn a_document_that_is_none_is_not_believed() {
    let said = |body: &str| Say::This(200, body.to_owned());
    let discovery = |doubt: fn(&'static str) -> Doubt| ProviderError::NotBelieved(doubt("the discovery document"));
    for (path, say, right) in [
        (DISCOVERY, said("<html>"), discovery(Doubt::Malformed)),
        (DISCOVERY, said("{}"), discovery(Doubt::Malformed)),
        (DISCOVERY, said(&" ".repeat(70_000)), discovery(Doubt::TooLong)),
        (DISCOVERY, Say::Redirect("/jwks".to_owned()), Doubt::Status("the discovery document", 302).into()),
        (DISCOVERY, Say::This(503, String::new()), ProviderError::Unreachable("the discovery document came with HTTP 503".to_owned())),
        (DISCOVERY, Say::Nothing, ProviderError::Unreachable("no answer in time".to_owned())),
        ("/jwks", said("[]"), Doubt::Malformed("the key set").into()),
        ("/jwks", said(&" ".repeat(70_000)), Doubt::TooLong("the key set").into()),
        ("/jwks", said(r#"{"keys":[]}"#), Doubt::Key.into()),
        ("/jwks", Say::Nothing, ProviderError::Unreachable("no answer in time".to_owned())),
    ] {
        let service = Service::start(TestKey::new("ES256", "k1")).await;
        let usual = Providers::new(None).unwrap();
        let providers = if matches!(say, Say::Nothing) { usual.with_patience(HASTE) } else { usual };
        service.state().instead.insert(path, say);
        let found = log_in(&providers, &service, &service.settings()).await;
        assert_eq!(found, Err(right), "{path}");
    }
    let service = Service::start(TestKey::new("ES256", "k1")).await;
    service.state().instead.insert(DISCOVERY, Say::This(404, String::new()));
    let found = Providers::new(None).unwrap().authorization_url(&service.settings(), &ask(), NOW).await;
    assert!(matches!(found, Err(ProviderError::Setting(_))), "{found:?}");
}

#[tokio::test]
async fn an_issuer_that_calls_itself_otherwise_is_refused() {
    let service = Service::start(TestKey::new("ES256", "k1")).await;
    service.state().discovery = Box::new(|document| drop(document.insert("issuer".into(), "https://evil.example".into())));
    let found = Providers::new(None).unwrap().authorization_url(&service.settings(), &ask(), NOW).await;
    let Err(ProviderError::Setting(why)) = found else { panic!("{found:?}") };
    assert!(why.contains("https://evil.example"), "{why}");
}

/// The number with another first digit, and no shorter.
fn turned(number: &Value) -> Value {
    let (first, rest) = number.as_str().unwrap().split_at(1);
    format!("{}{rest}", if first == "u" { "v" } else { "u" }).into()
}

#[tokio::test]
async fn only_keys_that_may_sign_count() {
    let rsa = shared_rsa();
    let another = TestKey::new("ES256", "another");
    let with = |change: fn(&mut Value)| {
        let mut jwk = rsa.jwk.clone();
        change(&mut jwk);
        jwk
    };
    let junk =
        || vec![json!(7), json!({ "kty": "oct", "k": "c2VjcmV0", "kid": "rsa", "alg": "HS256" }), json!({ "kty": "RSA", "kid": "rsa" })];
    for (what, published, kid, right) in [
        ("beside keys that are none", [junk(), vec![rsa.jwk.clone()]].concat(), true, Ok(())),
        ("without a kid, alone", vec![rsa.jwk.clone()], false, Ok(())),
        ("without a kid, beside one of another kind", vec![another.jwk.clone(), rsa.jwk.clone()], false, Ok(())),
        ("without a kid, beside one of its kind", vec![with(|jwk| jwk["kid"] = "2".into()), rsa.jwk.clone()], false, Err(Doubt::Key)),
        ("for encryption", vec![with(|jwk| jwk["use"] = "enc".into())], true, Err(Doubt::Key)),
        ("for signing only", vec![with(|jwk| jwk["key_ops"] = json!(["sign"]))], true, Err(Doubt::Key)),
        ("for verifying", vec![with(|jwk| jwk["key_ops"] = json!(["verify"]))], true, Ok(())),
        ("for its algorithm", vec![with(|jwk| jwk["alg"] = "RS256".into())], true, Ok(())),
        ("for another algorithm", vec![with(|jwk| jwk["alg"] = "PS256".into())], true, Err(Doubt::Key)),
        ("under another kid", vec![with(|jwk| jwk["kid"] = "2".into())], true, Err(Doubt::Key)),
        ("with another number", vec![with(|jwk| jwk["n"] = turned(&jwk["n"]))], true, Err(Doubt::Signature)),
        (
            "with a number that is too small",
            vec![with(|jwk| jwk["n"] = jwk["n"].as_str().unwrap()[..172].into())],
            true,
            Err(Doubt::Signature),
        ),
    ] {
        let service = Service::start(rsa.clone()).await;
        service.state().published = published;
        if !kid {
            service.state().header = Box::new(|header| drop(header.remove("kid")));
        }
        let found = log_in(&Providers::new(None).unwrap(), &service, &service.settings()).await.map(drop);
        assert_eq!(found, right.map_err(ProviderError::NotBelieved), "{what}");
    }
}
