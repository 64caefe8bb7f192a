//! From claims to a person.

use super::*;
use serde_json::json;

fn object(value: Value) -> Map<String, Value> {
    let Value::Object(object) = value else { panic!("an object") };
    object
}

fn trusting(preset: Option<Preset>) -> ProviderSettings {
    ProviderSettings { preset, trusts_email: true, ..ProviderSettings::default() }
}

#[test]
fn only_a_plain_yes_of_a_trusted_service_verifies() {
    let google = trusting(Some(Preset::Google));
    let other = trusting(None);
    let distrusting = ProviderSettings { trusts_email: false, ..trusting(None) };
    for (settings, claims, verified) in [
        (&other, json!({ "email": "a@x.example", "email_verified": true }), true),
        (&distrusting, json!({ "email": "a@x.example", "email_verified": true }), false),
        (&other, json!({ "email": "a@x.example", "email_verified": false }), false),
        (&other, json!({ "email": "a@x.example", "email_verified": "true" }), false),
        (&other, json!({ "email": "a@x.example", "email_verified": "false" }), false),
        (&other, json!({ "email": "a@x.example", "email_verified": 1 }), false),
        (&other, json!({ "email": "a@x.example", "email_verified": null }), false),
        (&other, json!({ "email": "a@x.example" }), false),
        (&other, json!({ "email_verified": true }), false),
        (&other, json!({ "email": ["a@x.example"], "email_verified": true }), false),
        (&google, json!({ "email": "a@gmail.com", "email_verified": true }), true),
        (&google, json!({ "email": "a@GMail.com", "email_verified": true }), true),
        (&google, json!({ "email": "a@x.example", "email_verified": true, "hd": "x.example" }), true),
        (&google, json!({ "email": "a@x.example", "email_verified": true }), false),
        (&google, json!({ "email": "a@x.example", "email_verified": true, "hd": "" }), false),
        (&google, json!({ "email": "a@evilgmail.com", "email_verified": true }), false),
    ] {
        let mut all = object(claims.clone());
        all.insert("sub".to_owned(), "u".into());
        let identity = identity(settings, all).unwrap();
        assert_eq!(identity.email_verified, verified, "{claims}");
        assert_eq!(identity.email.is_some(), claims["email"].is_string(), "{claims}");
    }
}

#[test]
fn only_people_of_allowed_tenants_come_in() {
    let allowed = |tenants: &[&str]| ProviderSettings {
        tenant_expression: Some("{hd}".to_owned()),
        allowed_tenants: tenants.iter().map(|tenant| (*tenant).to_owned()).collect(),
        ..ProviderSettings::default()
    };
    let of = |settings: &ProviderSettings, claims: Value| identity(settings, object(claims)).map(|identity| identity.tenant);
    let example = || json!({ "sub": "u", "hd": "example.com" });
    assert_eq!(of(&allowed(&["a.example", "example.com"]), example()), Ok(Some("example.com".to_owned())));
    assert_eq!(of(&allowed(&["a.example"]), example()), Err(ProviderError::OtherTenant));
    assert_eq!(of(&allowed(&["example.com"]), json!({ "sub": "u" })), Err(ProviderError::OtherTenant));
    assert_eq!(of(&allowed(&["example.com"]), json!({ "sub": "u", "hd": ["example.com"] })), Err(ProviderError::OtherTenant));
    assert_eq!(of(&allowed(&[]), json!({ "sub": "u" })), Ok(None));
}

#[test]
fn an_id_comes_from_the_expression_alone() {
    let by = |expression: &str| ProviderSettings { user_id_expression: expression.to_owned(), ..trusting(None) };
    let claims = || object(json!({ "sub": "u", "tid": "t", "email": "a@x.example", "email_verified": true }));
    assert_eq!(identity(&by("{tid}|{sub}"), claims()).unwrap().subject, "t|u");
    assert_eq!(identity(&by("{email}"), claims()).unwrap().subject, "a@x.example");
    let mut unverified = claims();
    unverified.insert("email_verified".to_owned(), false.into());
    assert_eq!(identity(&by("{email}"), unverified), Err(Doubt::NotVerified.into()));
    let missing = identity(&by("{oid}"), claims()).unwrap_err();
    assert_eq!(missing, Doubt::Expression(ExpressionError::Missing("oid".to_owned())).into());
}

#[test]
fn what_is_odd_is_left_out_and_the_tokens_own_claims_too() {
    let claims = object(json!({
        "sub": "u", "iss": "https://id.example.com", "aud": "c", "exp": 1, "iat": 1, "nonce": "n", "at_hash": "h", "azp": "c",
        "name": " Ann Example ", "given_name": 7, "family_name": "x".repeat(257), "picture": "http://x.example/a.png", "locale": "de\n",
        "email": "not an address", "groups": ["a"],
    }));
    let identity = identity(&ProviderSettings::default(), claims).unwrap();
    assert_eq!(identity.name.as_deref(), Some("Ann Example"));
    assert_eq!((identity.given_name, identity.family_name, identity.picture, identity.email), (None, None, None, None));
    assert_eq!(identity.locale.as_deref(), Some("de"));
    let names: Vec<&str> = identity.claims.keys().map(String::as_str).collect();
    assert_eq!(names, ["sub", "iss", "name", "given_name", "family_name", "picture", "locale", "email", "groups"]);
}

#[test]
fn user_info_is_asked_where_something_is_missing() {
    let enough = |settings: &ProviderSettings, claims: Value| is_enough(settings, &object(claims)).unwrap();
    let plain = ProviderSettings::default();
    assert!(enough(&plain, json!({ "sub": "u", "email": "a@x", "name": "A" })));
    assert!(!enough(&plain, json!({ "sub": "u", "email": "a@x" })));
    assert!(!enough(&plain, json!({ "sub": "u", "name": "A" })));
    assert!(!enough(&trusting(None), json!({ "sub": "u", "email": "a@x", "name": "A" })), "is it verified?");
    let bare = ProviderSettings { scopes: "openid".to_owned(), ..ProviderSettings::default() };
    assert!(enough(&bare, json!({ "sub": "u" })));
    let by_key = ProviderSettings { user_id_expression: "{key}".to_owned(), ..bare.clone() };
    assert!(!enough(&by_key, json!({ "sub": "u" })));
    let of_tenant = |allowed: &[&str]| ProviderSettings {
        tenant_expression: Some("{hd}".to_owned()),
        allowed_tenants: allowed.iter().map(|tenant| (*tenant).to_owned()).collect(),
        ..bare.clone()
    };
    assert!(enough(&of_tenant(&[]), json!({ "sub": "u" })));
    assert!(!enough(&of_tenant(&["x"]), json!({ "sub": "u" })));
}
