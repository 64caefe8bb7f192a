//! What is believed of a discovery document.

use super::*;
use serde_json::{Value, json};

const DIRECTORY: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";

fn document(issuer: &str, change: impl FnOnce(&mut Value)) -> Document {
    let mut document = json!({
        "issuer": issuer,
        "authorization_endpoint": "https://id.example.com/authorize",
        "token_endpoint": "https://id.example.com/token",
        "userinfo_endpoint": "https://id.example.com/me",
        "jwks_uri": "https://keys.example.com/jwks",
    });
    change(&mut document);
    serde_json::from_value(document).unwrap()
}

#[test]
fn an_issuer_is_who_it_says_to_the_letter() {
    let issuer = "https://id.example.com";
    assert!(believed(document(issuer, |_| ()), issuer, None).is_ok());
    for said in ["https://id.example.com/", "https://ID.example.com", "https://evil.example", ""] {
        assert!(matches!(believed(document(said, |_| ()), issuer, None), Err(ProviderError::Setting(_))), "{said}");
    }
    assert_eq!(address(issuer).unwrap().as_str(), "https://id.example.com/.well-known/openid-configuration");
    assert_eq!(address("https://x.example/a/").unwrap().as_str(), "https://x.example/a/.well-known/openid-configuration");
}

#[test]
fn nobody_elsewhere_sends_us_to_our_own_machine() {
    let far = "https://id.example.com";
    for end in ["authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri"] {
        for bad in
            ["http://id.example.com/x", "https://127.0.0.1/x", "http://127.0.0.1:3567/x", "https://localhost/x", "https://[::1]/", "x"]
        {
            let found = believed(document(far, |document| document[end] = bad.into()), far, None);
            assert!(matches!(found, Err(ProviderError::NotBelieved(Doubt::Malformed(_)))), "{end} {bad}");
        }
    }
    let near = "http://127.0.0.1:9000";
    assert!(believed(document(near, |document| document["jwks_uri"] = "http://127.0.0.1:9000/jwks".into()), near, None).is_ok());
    assert!(believed(document(near, |document| document["jwks_uri"] = "http://10.0.0.1/jwks".into()), near, None).is_err());
}

#[test]
fn microsoft_leaves_a_hole_in_its_name() {
    let base = "https://login.microsoftonline.com";
    let named = |directory: &str| format!("{base}/{directory}/v2.0");
    let believed = |set: &str, said: &str, preset| believed(document(said, |_| ()), set, preset).map(|discovery| discovery.issuer);
    let microsoft = Some(Preset::Microsoft);
    let common = believed(&named("common"), &named(TENANT), microsoft).unwrap();
    for (iss, tenant, right) in [
        (named(DIRECTORY), Some(DIRECTORY), true),
        (named(DIRECTORY), None, true),
        (named(DIRECTORY), Some("00000000-0000-0000-0000-000000000000"), false),
        (named(DIRECTORY), Some(""), false),
        (named(TENANT), Some(TENANT), false),
        (named("common"), None, false),
        (format!("https://evil.example/{DIRECTORY}/v2.0"), Some(DIRECTORY), false),
        (format!("{base}/{DIRECTORY}/v2.0/x"), Some(DIRECTORY), false),
    ] {
        assert_eq!(common.is(&iss, tenant), right, "{iss} {tenant:?}");
    }
    assert!(believed(&named("consumers"), &named(DIRECTORY), microsoft).is_ok());
    assert!(believed(&named(DIRECTORY), &named(DIRECTORY), microsoft).is_ok());
    for (set, said, preset) in [
        // Another directory than the one that was set.
        (named(DIRECTORY), named("00000000-0000-0000-0000-000000000000"), microsoft),
        (named("common"), format!("https://evil.example/{TENANT}/v2.0"), microsoft),
        (named("common"), format!("{base}/{TENANT}/v1.0"), microsoft),
        // Nobody else has a hole.
        (named("common"), named(TENANT), None),
        (named(TENANT), named(TENANT), None),
        (named("common"), named(TENANT), Some(Preset::Google)),
    ] {
        assert!(believed(&set, &said, preset).is_err(), "{set} {said}");
    }
}

#[test]
fn google_has_two_names() {
    let issuer = "https://accounts.google.com";
    let of = |preset| believed(document(issuer, |_| ()), issuer, preset).unwrap().issuer;
    assert!(of(Some(Preset::Google)).is("accounts.google.com", Some("")));
    assert!(!of(None).is("accounts.google.com", Some("")));
}

#[test]
fn an_answer_names_its_sender_where_that_is_promised() {
    let issuer = "https://id.example.com";
    let discovery = |promises: bool| {
        believed(document(issuer, |document| document["authorization_response_iss_parameter_supported"] = promises.into()), issuer, None)
            .unwrap()
    };
    assert_eq!(check_answer(Some(&discovery(true)), Some(issuer)), Ok(()));
    assert_eq!(check_answer(Some(&discovery(true)), None), Err(Doubt::Issuer));
    assert_eq!(check_answer(Some(&discovery(false)), None), Ok(()));
    assert_eq!(check_answer(Some(&discovery(false)), Some("https://evil.example")), Err(Doubt::Issuer));
}

#[test]
fn a_client_proves_itself_as_the_service_likes() {
    let issuer = "https://id.example.com";
    let auth = |methods: Value, own: Option<ClientAuth>| {
        let discovery =
            believed(document(issuer, |document| document["token_endpoint_auth_methods_supported"] = methods), issuer, None).unwrap();
        client_auth(&ProviderSettings { client_auth: own, ..ProviderSettings::default() }, Some(&discovery))
    };
    assert_eq!(auth(Value::Null, None), Ok(ClientAuth::Basic));
    assert_eq!(auth(json!(["client_secret_post", "client_secret_basic"]), None), Ok(ClientAuth::Basic));
    assert_eq!(auth(json!(["client_secret_post"]), None), Ok(ClientAuth::Post));
    assert_eq!(auth(json!(["client_secret_basic"]), Some(ClientAuth::Post)), Ok(ClientAuth::Post));
    assert!(matches!(auth(json!(["private_key_jwt"]), None), Err(ProviderError::Setting(_))));
}
