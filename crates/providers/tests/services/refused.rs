//! Each thing that makes an answer unbelievable, one at a time: the same login succeeds without it.

use crate::keys::{TestKey, shared_rsa};
use crate::service::{CLIENT, HASTE, NONCE, NOW, SECRET, Say, Service, State, VERIFIER, answer, ask, log_in, secret};
use data_encoding::BASE64URL_NOPAD;
use postkey_model::{Millis, ProviderSettings, Secret, Timestamp};
use postkey_providers::{Answer, Doubt, ProviderError, Providers};
use serde_json::{Map, Value, json};

type Claims = fn(&mut Map<String, Value>);
const SECONDS: i64 = NOW.0 / 1000;

fn set(claims: &mut Map<String, Value>, name: &str, value: impl Into<Value>) {
    claims.insert(name.to_owned(), value.into());
}

#[tokio::test]
async fn every_claim_is_checked() {
    let service = Service::start(TestKey::new("ES256", "k1")).await;
    let providers = Providers::new(None).unwrap();
    let settings = service.settings();
    let malformed = || Doubt::Malformed("the ID token");
    let cases: Vec<(&str, Claims, Option<Doubt>)> = vec![
        ("as it should be", |_| (), None),
        ("another issuer", |c| set(c, "iss", "https://evil.example"), Some(Doubt::Issuer)),
        ("no issuer", |c| drop(c.remove("iss")), Some(Doubt::Issuer)),
        ("an issuer that begins alike", |c| set(c, "iss", format!("{}/", c["iss"].as_str().unwrap())), Some(Doubt::Issuer)),
        ("for another client", |c| set(c, "aud", "other"), Some(Doubt::Audience)),
        ("for a client that begins alike", |c| set(c, "aud", "client:12"), Some(Doubt::Audience)),
        ("for nobody", |c| drop(c.remove("aud")), Some(Doubt::Audience)),
        ("for an empty list", |c| set(c, "aud", json!([])), Some(Doubt::Audience)),
        ("for a list of us alone", |c| set(c, "aud", json!([CLIENT])), None),
        ("for several, made for nobody", |c| set(c, "aud", json!([CLIENT, "other"])), Some(Doubt::Audience)),
        (
            "for several, made for us",
            |c| {
                set(c, "aud", json!([CLIENT, "other"]));
                set(c, "azp", CLIENT);
            },
            None,
        ),
        (
            "for several, made for another",
            |c| {
                set(c, "aud", json!([CLIENT, "other"]));
                set(c, "azp", "other");
            },
            Some(Doubt::Audience),
        ),
        ("for us, made for another", |c| set(c, "azp", "other"), Some(Doubt::Audience)),
        ("of another login", |c| set(c, "nonce", "other"), Some(Doubt::Nonce)),
        ("of no login", |c| drop(c.remove("nonce")), Some(Doubt::Nonce)),
        ("expired by more than the skew", |c| set(c, "exp", SECONDS - 60), Some(Doubt::Expired)),
        ("expired within the skew", |c| set(c, "exp", SECONDS - 59), None),
        ("without an end", |c| drop(c.remove("exp")), Some(malformed())),
        ("with an end in words", |c| set(c, "exp", "tomorrow"), Some(malformed())),
        ("with fractions of a second", |c| set(c, "exp", SECONDS as f64 + 0.5), None),
        ("issued in the future", |c| set(c, "iat", SECONDS + 61), Some(Doubt::Future)),
        ("issued within the skew", |c| set(c, "iat", SECONDS + 60), None),
        ("never issued", |c| drop(c.remove("iat")), Some(malformed())),
        ("good from later on", |c| set(c, "nbf", SECONDS + 61), Some(Doubt::Future)),
        ("about nobody", |c| drop(c.remove("sub")), Some(Doubt::Subject)),
        ("about an empty name", |c| set(c, "sub", ""), Some(Doubt::Subject)),
        ("about a number", |c| set(c, "sub", 7), Some(Doubt::Subject)),
        ("about too long a name", |c| set(c, "sub", "x".repeat(256)), Some(Doubt::Subject)),
        // SHA-256 of "access-1", its first half.
        ("with the hash of its access token", |c| set(c, "at_hash", half_hash("access-1")), None),
        ("with the hash of another access token", |c| set(c, "at_hash", half_hash("access-2")), Some(Doubt::AccessToken)),
        ("with a hash that is none", |c| set(c, "at_hash", 1), Some(Doubt::AccessToken)),
    ];
    for (what, change, doubt) in cases {
        service.state().claims = Box::new(change);
        let found = log_in(&providers, &service, &settings).await;
        match doubt {
            None => assert!(found.is_ok(), "{what}: {found:?}"),
            Some(doubt) => assert_eq!(found, Err(ProviderError::NotBelieved(doubt)), "{what}"),
        }
    }
}

fn half_hash(token: &str) -> String {
    BASE64URL_NOPAD.encode(&aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, token.as_bytes()).as_ref()[..16])
}

/// The token with another header, and as a signature what `sign` makes of the rest.
fn forged(token: &str, header: Value, sign: impl FnOnce(&[u8]) -> Vec<u8>) -> String {
    let payload = token.split('.').nth(1).unwrap();
    let signed = format!("{}.{payload}", BASE64URL_NOPAD.encode(header.to_string().as_bytes()));
    let signature = BASE64URL_NOPAD.encode(&sign(signed.as_bytes()));
    format!("{signed}.{signature}")
}

#[tokio::test]
async fn only_the_issuers_own_signature_counts() {
    let service = Service::start(shared_rsa()).await;
    let settings = service.settings();
    let stranger = TestKey::new("ES256", "rsa");
    let strangers = stranger;
    let public = service.state().key.jwk["n"].as_str().unwrap().to_owned();
    type Change = Box<dyn Fn(&mut State)>;
    let spoil = |how: fn(String) -> String| -> Change { Box::new(move |state| state.spoil = Box::new(how)) };
    let header = |how: Claims| -> Change { Box::new(move |state| state.header = Box::new(how)) };
    let malformed = || Doubt::Malformed("the ID token");
    let cases: Vec<(&str, Change, Doubt)> = vec![
        ("none", spoil(|token| forged(&token, json!({ "alg": "none" }), |_| Vec::new())), Doubt::Algorithm),
        ("None", spoil(|token| forged(&token, json!({ "alg": "None", "kid": "rsa" }), |_| Vec::new())), Doubt::Algorithm),
        (
            "the public key as a secret",
            Box::new(move |state| {
                let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, public.as_bytes());
                let sign = move |signed: &[u8]| aws_lc_rs::hmac::sign(&key, signed).as_ref().to_vec();
                state.spoil = Box::new(move |token| forged(&token, json!({ "alg": "HS256", "kid": "rsa" }), &sign));
            }),
            Doubt::Algorithm,
        ),
        ("an algorithm that is a number", header(|h| set(h, "alg", 256)), malformed()),
        ("no algorithm", header(|h| drop(h.remove("alg"))), Doubt::Algorithm),
        ("no such key", header(|h| set(h, "kid", "other")), Doubt::Key),
        ("an algorithm of another kind of key", header(|h| set(h, "alg", "ES256")), Doubt::Key),
        ("another algorithm of this kind of key", header(|h| set(h, "alg", "RS512")), Doubt::Signature),
        ("another padding", header(|h| set(h, "alg", "PS256")), Doubt::Signature),
        ("something critical", header(|h| set(h, "crit", json!(["b64"]))), malformed()),
        ("an access token's type", header(|h| set(h, "typ", "at+jwt")), malformed()),
        ("a stranger's key under the issuer's kid", Box::new(move |state| state.key = strangers.clone()), Doubt::Key),
        ("no signature", spoil(|token| format!("{}.", token.rsplit_once('.').unwrap().0)), Doubt::Signature),
        ("a signature that was cut", spoil(|token| token[..token.len() - 6].to_owned()), Doubt::Signature),
        (
            "other claims under the signature",
            spoil(|token| {
                let parts: Vec<&str> = token.split('.').collect();
                let mut claims: Value = serde_json::from_slice(&BASE64URL_NOPAD.decode(parts[1].as_bytes()).unwrap()).unwrap();
                claims["sub"] = "u2".into();
                format!("{}.{}.{}", parts[0], BASE64URL_NOPAD.encode(claims.to_string().as_bytes()), parts[2])
            }),
            Doubt::Signature,
        ),
        ("two parts", spoil(|token| token.rsplit_once('.').unwrap().0.to_owned()), malformed()),
        ("five parts", spoil(|token| format!("{token}.x.y")), malformed()),
        ("no token", spoil(|_| String::new()), malformed()),
        ("far too long", spoil(|token| format!("{token}{}", "A".repeat(33_000))), Doubt::TooLong("the ID token")),
        ("no ID token", Box::new(|state| state.token_answer = Box::new(|answer| drop(answer.remove("id_token")))), Doubt::NoIdToken),
        (
            "a token that has to be proved",
            Box::new(|state| state.token_answer = Box::new(|answer| set(answer, "token_type", "DPoP"))),
            Doubt::Malformed("the token answer"),
        ),
    ];
    assert_eq!(log_in(&Providers::new(None).unwrap(), &service, &settings).await.map(|identity| identity.subject), Ok("u1".to_owned()));
    for (what, change, doubt) in cases {
        let service = Service::start(shared_rsa()).await;
        change(&mut service.state());
        let found = log_in(&Providers::new(None).unwrap(), &service, &service.settings()).await;
        assert_eq!(found, Err(ProviderError::NotBelieved(doubt)), "{what}");
    }
}

#[tokio::test]
async fn user_info_must_be_of_the_same_person() {
    let service = Service::start(TestKey::new("ES256", "k1")).await;
    let providers = Providers::new(None).unwrap();
    for other in [json!({ "sub": "u2", "email": "bo@example.com" }), json!({ "email": "bo@example.com" })] {
        service.state().user_info = other;
        assert_eq!(log_in(&providers, &service, &service.settings()).await, Err(Doubt::Subject.into()));
    }
    service.state().user_info = json!("a.signed.answer");
    assert_eq!(log_in(&providers, &service, &service.settings()).await, Err(Doubt::Malformed("user-info").into()));
    // It is needed, so going on without it would make another person.
    service.state().instead.insert("/me", Say::This(503, String::new()));
    assert!(matches!(log_in(&providers, &service, &service.settings()).await, Err(ProviderError::Unreachable(_))));
    service.state().instead.insert("/me", Say::This(401, String::new()));
    assert_eq!(log_in(&providers, &service, &service.settings()).await, Err(Doubt::Status("user-info", 401).into()));
}

#[tokio::test]
async fn a_code_is_good_once_for_the_browser_that_has_the_verifier() {
    let service = Service::start(TestKey::new("ES256", "k1")).await;
    let providers = Providers::new(None).unwrap();
    let settings = service.settings();
    let fresh = async || service.visit(&providers.authorization_url(&settings, &ask(), NOW).await.unwrap());
    let refused = |found| assert_eq!(found, Err(ProviderError::Said("invalid_grant".to_owned())));
    let key = secret();
    let code = fresh().await;
    providers.identity(&settings, Some(&key), &answer(&code), NOW).await.unwrap();
    refused(providers.identity(&settings, Some(&key), &answer(&code), NOW).await);
    let code = fresh().await;
    let stolen = Answer { code_verifier: "another-verifier", ..answer(&code) };
    refused(providers.identity(&settings, Some(&key), &stolen, NOW).await);
    let code = fresh().await;
    let elsewhere = Answer { redirect_uri: "https://evil.example/", ..answer(&code) };
    refused(providers.identity(&settings, Some(&key), &elsewhere, NOW).await);
    let code = fresh().await;
    let mixed = Answer { nonce: "of another login", ..answer(&code) };
    assert_eq!(providers.identity(&settings, Some(&key), &mixed, NOW).await, Err(Doubt::Nonce.into()));
    for code in ["", &"x".repeat(4097)] {
        let asked = service.count("/token");
        assert!(providers.identity(&settings, Some(&key), &answer(code), NOW).await.is_err());
        assert_eq!(service.count("/token"), asked);
    }
}

#[tokio::test]
async fn who_went_wrong_is_said_and_nothing_secret_is() {
    let service = Service::start(TestKey::new("ES256", "k1")).await;
    let providers = Providers::new(None).unwrap();
    let settings = service.settings();
    let wrong_secret = Secret::new("wrong".to_owned());
    let code = service.visit(&providers.authorization_url(&settings, &ask(), NOW).await.unwrap());
    let found = providers.identity(&settings, Some(&wrong_secret), &answer(&code), NOW).await.unwrap_err();
    assert!(matches!(found, ProviderError::Setting(_)), "{found:?}");
    let mut said = vec![found];
    let token = |status, body: &str| Say::This(status, body.to_owned());
    for (say, right) in [
        (token(400, r#"{"error":"access_denied"}"#), ProviderError::Declined),
        (token(400, r#"{"error":"authorization_pending"}"#), ProviderError::Said("authorization_pending".to_owned())),
        (token(400, "{\"error\":\"<b>code-9</b>\"}"), ProviderError::Said("an unknown error".to_owned())),
        (token(400, "no JSON"), Doubt::Status("the token answer", 400).into()),
        (token(200, "<html>"), Doubt::Malformed("the token answer").into()),
        (token(200, &"x".repeat(70_000)), Doubt::TooLong("the token answer").into()),
        (token(500, r#"{"error":"server_error"}"#), ProviderError::Unreachable("the token answer came with HTTP 500".to_owned())),
        (token(429, ""), ProviderError::Unreachable("the token answer came with HTTP 429".to_owned())),
        (Say::Redirect("/authorize".to_owned()), Doubt::Status("the token answer", 302).into()),
        (Say::Nothing, ProviderError::Unreachable("no answer in time".to_owned())),
    ] {
        let providers = if matches!(say, Say::Nothing) { providers.clone().with_patience(HASTE) } else { providers.clone() };
        service.state().instead.insert("/token", say);
        let found = log_in(&providers, &service, &settings).await.unwrap_err();
        assert_eq!(found, right);
        said.push(found);
    }
    assert_eq!(service.count("/authorize"), 0, "no redirect is followed");
    for error in said {
        let text = format!("{error} {error:?}");
        for hidden in [SECRET, "wrong", "code-", VERIFIER, NONCE, "access-1", "ann@"] {
            assert!(!text.contains(hidden), "{text}");
        }
    }
}

#[tokio::test]
async fn a_service_that_is_not_there_is_unreachable() {
    // Bound and closed again: nobody listens.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let settings = ProviderSettings { client_id: CLIENT.to_owned(), issuer: Some(format!("http://{free}")), ..ProviderSettings::default() };
    let providers = Providers::new(None).unwrap();
    let found = providers.authorization_url(&settings, &ask(), NOW).await;
    assert!(matches!(found, Err(ProviderError::Unreachable(_))), "{found:?}");
    let in_the_clear = ProviderSettings { issuer: Some("http://id.example.com".to_owned()), ..settings };
    assert!(matches!(providers.authorization_url(&in_the_clear, &ask(), NOW).await, Err(ProviderError::Setting(_))));
}

#[tokio::test]
async fn errors_that_browsers_bring_are_told_apart() {
    assert_eq!(ProviderError::said("access_denied"), ProviderError::Declined);
    assert_eq!(ProviderError::said("login_required"), ProviderError::Said("login_required".to_owned()));
    assert!(matches!(ProviderError::said("temporarily_unavailable"), ProviderError::Unreachable(_)));
    assert!(matches!(ProviderError::said("redirect_uri_mismatch"), ProviderError::Setting(_)));
    for odd in ["", "<script>", "a b", &"x".repeat(65)] {
        assert_eq!(ProviderError::said(odd), ProviderError::Said("an unknown error".to_owned()), "{odd}");
    }
}

#[tokio::test]
async fn time_goes_on_between_issue_and_answer() {
    let service = Service::start(TestKey::new("EdDSA", "k1")).await;
    let providers = Providers::new(None).unwrap();
    let settings = service.settings();
    for (later, right) in [(Millis::from_secs(359), true), (Millis::from_secs(360), false), (Millis::from_secs(-61), false)] {
        let code = service.visit(&providers.authorization_url(&settings, &ask(), NOW).await.unwrap());
        let now = Timestamp(NOW.0 + later.0);
        assert_eq!(providers.identity(&settings, Some(&secret()), &answer(&code), now).await.is_ok(), right, "{later:?}");
    }
}
