//! Logins that succeed: by every algorithm, by both ways of proving the client, with and without an issuer, at GitHub's.

use crate::keys::{TestKey, shared_rsa};
use crate::service::{CLIENT, NOW, SECRET, Say, Service, answer, ask, log_in, secret};
use postkey_model::{ClientAuth, Preset, ProviderSettings};
use postkey_providers::{Answer, Doubt, ProviderError, Providers};
use serde_json::{Value, json};

#[tokio::test]
async fn somebody_comes_back_and_is_known() {
    let service = Service::start(TestKey::new("ES256", "k1")).await;
    let providers = Providers::new(None).unwrap();
    let identity = log_in(&providers, &service, &service.settings()).await.unwrap();
    assert_eq!(identity.subject, "u1");
    assert_eq!((identity.email.as_deref(), identity.email_verified), (Some("ann@example.com"), true));
    assert_eq!(identity.name.as_deref(), Some("Ann Example"));
    assert_eq!(identity.claims["iss"], service.state().url);
    assert!(!identity.claims.contains_key("nonce"));
    {
        let state = service.state();
        assert!(!state.token_form.contains_key("client_secret") && state.token_auth.is_some(), "the usual way is a header");
        assert_eq!(state.asked, ["/.well-known/openid-configuration", "/token", "/jwks", "/me"]);
    }
    // The second time what it publishes is known.
    log_in(&providers, &service, &service.settings()).await.unwrap();
    assert_eq!(service.state().asked[4..], ["/token", "/me"]);
    // An ID token that says all needs no second question.
    service.state().claims = Box::new(|claims| {
        claims.extend([("email".into(), "bo@example.com".into()), ("email_verified".into(), false.into()), ("name".into(), "Bo".into())]);
    });
    let identity = log_in(&providers, &service, &service.settings()).await.unwrap();
    assert_eq!((identity.email.as_deref(), identity.email_verified), (Some("bo@example.com"), false));
    assert_eq!(service.count("/me"), 2);
}

#[tokio::test]
async fn every_algorithm_of_the_list_is_taken() {
    let rsa = shared_rsa();
    let mut keys: Vec<TestKey> =
        ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"].into_iter().map(|algorithm| rsa.with_alg(algorithm)).collect();
    keys.extend(["ES256", "ES384", "EdDSA"].map(|algorithm| TestKey::new(algorithm, algorithm)));
    keys.push(TestKey::new("EdDSA", "by its other name").with_alg("Ed25519"));
    for key in keys {
        let algorithm = key.alg;
        let service = Service::start(key).await;
        let found = log_in(&Providers::new(None).unwrap(), &service, &service.settings()).await;
        assert_eq!(found.map(|identity| identity.subject), Ok("u1".to_owned()), "{algorithm}");
    }
}

#[tokio::test]
async fn a_client_proves_itself_in_the_form_or_not_at_all() {
    let service = Service::start(TestKey::new("ES256", "k1")).await;
    let providers = Providers::new(None).unwrap();
    let post = ProviderSettings { client_auth: Some(ClientAuth::Post), ..service.settings() };
    log_in(&providers, &service, &post).await.unwrap();
    {
        let state = service.state();
        assert_eq!((state.token_auth.as_deref(), state.token_form["client_secret"].as_str()), (None, SECRET));
    }
    let code = service.visit(&providers.authorization_url(&post, &ask(), NOW).await.unwrap());
    providers.identity(&post, None, &answer(&code), NOW).await.unwrap();
    let form = service.state().token_form.clone();
    assert_eq!((form["client_id"].as_str(), form.contains_key("client_secret")), (CLIENT, false));
}

#[tokio::test]
async fn a_service_without_an_issuer_is_asked_who_a_token_is_for() {
    let service = Service::start(TestKey::new("ES256", "k1")).await;
    let providers = Providers::new(None).unwrap();
    let url = service.state().url.clone();
    let settings = ProviderSettings {
        issuer: None,
        authorization_endpoint: Some(format!("{url}/authorize")),
        token_endpoint: Some(format!("{url}/token")),
        user_info_endpoint: Some(format!("{url}/me")),
        scopes: "who".to_owned(),
        user_id_expression: "{account.number}".to_owned(),
        ..service.settings()
    };
    service.state().user_info = json!({ "account": { "number": 17 }, "email": "ann@example.com", "email_verified": true });
    // An ID token would be nobody's word here.
    service.state().token_answer = Box::new(|answer| drop(answer.insert("id_token".into(), "not.a.token".into())));
    let identity = log_in(&providers, &service, &settings).await.unwrap();
    assert_eq!((identity.subject.as_str(), identity.email_verified), ("17", true));
    assert_eq!(service.state().asked, ["/token", "/me"]);
    service.state().token_answer = Box::new(|answer| drop(answer.remove("access_token")));
    let found = log_in(&providers, &service, &settings).await;
    assert_eq!(found, Err(Doubt::Malformed("the token answer").into()));
}

#[tokio::test]
async fn addresses_of_the_operator_go_before_the_issuers() {
    let service = Service::start(TestKey::new("ES256", "k1")).await;
    let url = service.state().url.clone();
    service.state().discovery = Box::new(|document| {
        for name in ["authorization_endpoint", "token_endpoint", "userinfo_endpoint"] {
            document.insert(name.to_owned(), "http://127.0.0.1:1/nobody".into());
        }
    });
    let settings = ProviderSettings {
        authorization_endpoint: Some(format!("{url}/authorize")),
        token_endpoint: Some(format!("{url}/token")),
        user_info_endpoint: Some(format!("{url}/me")),
        ..service.settings()
    };
    let identity = log_in(&Providers::new(None).unwrap(), &service, &settings).await.unwrap();
    assert_eq!(identity.name.as_deref(), Some("Ann Example"));
}

/// GitHub's preset, at a service on this machine.
fn github(service: &Service) -> ProviderSettings {
    let url = service.state().url.clone();
    ProviderSettings {
        authorization_endpoint: Some(format!("{url}/authorize")),
        token_endpoint: Some(format!("{url}/token")),
        user_info_endpoint: Some(format!("{url}/user")),
        ..Preset::GitHub.settings(CLIENT)
    }
}

#[tokio::test]
async fn github_is_asked_in_its_own_way() {
    let service = Service::start(TestKey::new("ES256", "k1")).await;
    let providers = Providers::new(None).unwrap();
    let settings = github(&service);
    let fixture = |text: &str| Say::This(200, text.to_owned());
    service.state().instead.insert("/user", fixture(include_str!("../../src/user_info/github_user.json")));
    service.state().instead.insert("/user/emails", fixture(include_str!("../../src/user_info/github_emails.json")));
    let identity = log_in(&providers, &service, &settings).await.unwrap();
    assert_eq!(identity.subject, "9021077");
    assert_eq!((identity.email.as_deref(), identity.email_verified), (Some("ann@example.com"), true));
    assert_eq!(identity.name.as_deref(), Some("Ann Example"));
    assert!(identity.picture.is_some_and(|picture| picture.starts_with("https://avatars.")));

    // It says its errors with 200.
    service.state().instead.insert("/token", fixture(r#"{"error":"bad_verification_code","error_description":"x"}"#));
    assert_eq!(log_in(&providers, &service, &settings).await, Err(ProviderError::Said("bad_verification_code".to_owned())));
    service.state().instead.insert("/token", fixture(r#"{"error":"incorrect_client_credentials"}"#));
    assert!(matches!(log_in(&providers, &service, &settings).await, Err(ProviderError::Setting(_))));
    service.state().instead.remove("/token");

    // Without the right to see addresses.
    service.state().instead.insert("/user/emails", Say::This(403, r#"{"message":"no"}"#.to_owned()));
    let Err(ProviderError::Setting(why)) = log_in(&providers, &service, &settings).await else { panic!("it went through") };
    assert!(why.contains("user:email"), "{why}");
    service.state().instead.insert("/user/emails", Say::This(502, String::new()));
    assert!(matches!(log_in(&providers, &service, &settings).await, Err(ProviderError::Unreachable(_))));
    service.state().instead.insert("/user/emails", fixture("{}"));
    assert_eq!(log_in(&providers, &service, &settings).await, Err(Doubt::Malformed("the list of addresses").into()));
}

#[tokio::test]
async fn microsofts_issuer_is_that_of_the_directory() {
    const DIRECTORY: &str = "72f988bf-0000-4000-8000-2d7cd011db47";
    const OTHER: &str = "11111111-2222-4333-8444-555555555555";
    let service = Service::start(shared_rsa()).await;
    let url = service.state().url.clone();
    let hole = format!("{url}/{{tenantid}}/v2.0");
    let document = json!({
        "issuer": hole,
        "authorization_endpoint": format!("{url}/authorize"),
        "token_endpoint": format!("{url}/token"),
        "jwks_uri": format!("{url}/jwks"),
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
    });
    service.state().instead.insert("/common/v2.0/.well-known/openid-configuration", Say::This(200, document.to_string()));
    let settings = ProviderSettings { issuer: Some(format!("{url}/common/v2.0")), ..Preset::Microsoft.settings(CLIENT) };
    let named = |iss: &str, tid: &str| {
        let iss = format!("{url}/{iss}/v2.0");
        let tid = tid.to_owned();
        service.state().claims = Box::new(move |claims| {
            claims.extend([("iss".into(), iss.clone().into()), ("tid".into(), tid.clone().into()), ("oid".into(), "o1".into())]);
            claims.extend([("email".into(), Value::from("ann@example.com")), ("email_verified".into(), true.into())]);
        });
    };
    let providers = Providers::new(None).unwrap();
    named(DIRECTORY, DIRECTORY);
    let identity = log_in(&providers, &service, &settings).await.unwrap();
    assert_eq!((identity.subject.as_str(), identity.tenant.as_deref()), (format!("{DIRECTORY}|o1").as_str(), Some(DIRECTORY)));
    assert!(!identity.email_verified, "a directory says of addresses what it likes");
    named(DIRECTORY, OTHER);
    assert_eq!(log_in(&providers, &service, &settings).await, Err(Doubt::Issuer.into()));
    named("common", "common");
    assert_eq!(log_in(&providers, &service, &settings).await, Err(Doubt::Issuer.into()));
    // The answer was from another directory than its token.
    named(DIRECTORY, DIRECTORY);
    for (iss, right) in [(DIRECTORY, true), (OTHER, false)] {
        let code = service.visit(&providers.authorization_url(&settings, &ask(), NOW).await.unwrap());
        let iss = format!("{url}/{iss}/v2.0");
        let answer = Answer { iss: Some(&iss), ..answer(&code) };
        assert_eq!(providers.identity(&settings, Some(&secret()), &answer, NOW).await.is_ok(), right, "{iss}");
    }
    // One directory only.
    named(DIRECTORY, DIRECTORY);
    let only = ProviderSettings { allowed_tenants: vec![OTHER.to_owned()], ..settings.clone() };
    assert_eq!(log_in(&providers, &service, &only).await, Err(ProviderError::OtherTenant));
    // A key that is for another directory's tokens.
    let mut key = service.state().key.jwk.clone();
    for (whose, right) in [(hole.clone(), true), (format!("{url}/{OTHER}/v2.0"), false)] {
        key["issuer"] = whose.clone().into();
        service.state().published = vec![key.clone()];
        let found = log_in(&Providers::new(None).unwrap(), &service, &settings).await;
        assert_eq!(found.is_ok(), right, "{whose} {found:?}");
    }
}

#[tokio::test]
async fn an_answer_may_say_who_it_is_from() {
    let service = Service::start(TestKey::new("ES256", "k1")).await;
    let providers = Providers::new(None).unwrap();
    let settings = service.settings();
    let url = service.state().url.clone();
    for (iss, right) in [(url.as_str(), true), ("https://evil.example", false)] {
        let code = service.visit(&providers.authorization_url(&settings, &ask(), NOW).await.unwrap());
        let answer = Answer { iss: Some(iss), ..answer(&code) };
        let asked = service.count("/token");
        let found = providers.identity(&settings, Some(&secret()), &answer, NOW).await;
        assert_eq!(found.is_ok(), right, "{iss}");
        assert_eq!(service.count("/token") - asked, usize::from(right), "the code goes to nobody else");
    }
}
