//! The eight checks, each broken one at a time, and what an address is worth.

use super::*;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use postkey_model::login_request::{LoginEnd, LoginRequest};
use postkey_model::{ClientKey, ClientSettings, IdentityId, LoginRequestId, Registered, ReturnMode, TenantId, UserId};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const NOW: Timestamp = Timestamp(1_800_000_000_000);
const ID: &str = "sc_mailer";

struct House {
    pair: Ed25519KeyPair,
    state: LoginState,
    client: ServiceClient,
    application: ApplicationSettings,
    origin: Origin,
    is_used: bool,
}

impl House {
    fn new() -> Self {
        let pair = Ed25519KeyPair::generate().unwrap();
        let public_key = data_encoding::BASE64.encode(pair.public_key().as_ref());
        let key = ClientKey { id: "k1".to_owned(), public_key, created_at: NOW };
        let settings = ClientSettings { token_generation: true, keys: vec![key], ..ClientSettings::default() };
        let client = Registered { id: ID.to_owned(), created_at: NOW, updated_at: NOW, version: 0, settings, sealed: None };
        let request = LoginRequest {
            id: LoginRequestId::parse("req_abcdefgh").unwrap(),
            tenant: TenantId::public(),
            application: "app_default".to_owned(),
            connection: Some(ID.to_owned()),
            redirect_url: "http://localhost:3000/".to_owned(),
            mode: ReturnMode::Query,
            code_challenge: String::new(),
            audiences: Vec::new(),
            scope: String::new(),
            link: None,
            connection_properties: BTreeMap::new(),
            invite: None,
            binding: None,
            started_at: NOW,
            expires_at: NOW + Millis::from_mins(5),
        };
        let state = LoginState { request, version: 0, sign_in: None, proof: None, end: None, exchanged_at: None };
        let urls = vec!["https://app.example.com/".to_owned()];
        let application = ApplicationSettings { redirect_urls: urls, ..ApplicationSettings::default() };
        House { pair, state, client, application, origin: Origin::parse("https://auth.example.com").unwrap(), is_used: false }
    }

    fn sign(&self, header: &Value, claims: &Value) -> String {
        let encode = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
        let signed = format!("{}.{}", encode(header), encode(claims));
        format!("{signed}.{}", BASE64URL_NOPAD.encode(self.pair.sign(signed.as_bytes()).as_ref()))
    }

    fn check_as(&self, token: &str, issuer: Option<&str>, now: Timestamp) -> Result<Stated, Fault> {
        let assertion = Assertion::parse(token).ok_or(Fault::Form)?;
        let alias = [Origin::parse("https://login.example.com").unwrap()];
        let ourselves = Ourselves { account: "acc_local", origin: &self.origin, aliases: &alias };
        check(&assertion, issuer, Some(&self.state), Some(&self.client), Some(&self.application), self.is_used, ourselves, now)
    }

    fn check(&self, header: &Value, claims: &Value) -> Result<Stated, Fault> {
        self.check_as(&self.sign(header, claims), None, NOW)
    }
}

fn header() -> Value {
    json!({ "alg": "EdDSA", "typ": "oauth-authz-req+jwt", "kid": "k1" })
}

fn claims() -> Value {
    let second = NOW.as_secs();
    json!({
        "aud": "acc_local.accounts.authress.io", "iss": "https://auth.example.com/v1/clients/sc_mailer", "sub": "jane@example.com",
        "client_id": ID, "iat": second, "exp": second + 60, "max_age": 60, "scope": "openid",
    })
}

fn with(mut value: Value, name: &str, other: Value) -> Value {
    value[name] = other;
    value
}

#[test]
fn a_right_one_is_believed() {
    let stated = House::new().check(&header(), &claims()).unwrap();
    assert_eq!((stated.subject.as_str(), stated.email, stated.is_verified), ("jane@example.com", None, false));
    assert_eq!(stated.connection.as_str(), "provider:sc_mailer");
}

#[test]
fn check_1_the_request_waits_for_this_client() {
    let mut house = House::new();
    house.state.request.connection = Some("email".to_owned());
    assert_eq!(house.check(&header(), &claims()), Err(Fault::Request));
    house.state.request.connection = None;
    assert_eq!(house.check(&header(), &claims()), Err(Fault::Request));
    let mut house = House::new();
    house.state.request.expires_at = NOW;
    assert_eq!(house.check(&header(), &claims()), Err(Fault::RequestExpired));
    let user = UserId::parse("u").unwrap();
    let identity = IdentityId::first_of(&user);
    let mut house = House::new();
    house.state.end = Some((NOW, LoginEnd { user, identity, session: None, code: None, code_expires_at: NOW }));
    assert_eq!(house.check(&header(), &claims()), Err(Fault::RequestOver));
    let mut house = House::new();
    house.state.request.connection = Some("sc_other".to_owned());
    assert_eq!(house.check(&header(), &claims()), Err(Fault::Header), "no key of that client");
}

#[test]
fn check_2_its_header_is_that_of_an_assertion() {
    let house = House::new();
    for (name, value) in [
        ("alg", json!("none")),
        ("alg", json!("HS256")),
        ("alg", json!("ES256")),
        ("alg", json!("eddsa")),
        ("typ", json!("at+jwt")),
        ("typ", json!("JWT")),
        ("typ", Value::Null),
        ("kid", json!("k2")),
        ("kid", Value::Null),
        ("kid", json!("../k1")),
    ] {
        assert_eq!(house.check(&with(header(), name, value.clone()), &claims()), Err(Fault::Header), "{name} {value}");
    }
    let mut gone = House::new();
    gone.client.settings.keys.clear();
    assert_eq!(gone.check(&header(), &claims()), Err(Fault::Header), "a deleted key");
}

#[test]
fn check_3_the_signature_is_the_keys() {
    let house = House::new();
    let token = house.sign(&header(), &claims());
    let mut other = House::new();
    other.client = house.client.clone();
    assert_eq!(other.check(&header(), &claims()), Err(Fault::Signature), "another key under the same name");
    let (signed, _) = token.rsplit_once('.').unwrap();
    for signature in ["", "AAAA", &BASE64URL_NOPAD.encode(&[0; 64])] {
        let refused = house.check_as(&format!("{signed}.{signature}"), None, NOW);
        assert!(matches!(refused, Err(Fault::Signature | Fault::Form)), "{signature:?}");
    }
    let swapped = house.sign(&header(), &with(claims(), "sub", json!("eve@example.com")));
    let mixed = format!("{}.{}", swapped.rsplit_once('.').unwrap().0, token.rsplit_once('.').unwrap().1);
    assert_eq!(house.check_as(&mixed, None, NOW), Err(Fault::Signature));
}

#[test]
fn check_4_it_is_by_the_client_and_for_our_account() {
    let house = House::new();
    for (name, value) in [
        ("client_id", json!("sc_other")),
        ("aud", json!("acc_other.accounts.authress.io")),
        ("aud", json!("acc_local")),
        ("aud", json!("acc_local.accounts.authress.io.evil.example")),
    ] {
        assert_eq!(house.check(&header(), &with(claims(), name, value.clone())), Err(Fault::Party), "{name} {value}");
    }
    assert_eq!(house.check(&header(), &with(claims(), "aud", json!(["acc_local.accounts.authress.io"]))), Err(Fault::Form));
}

#[test]
fn check_5_its_issuer_is_the_client_here() {
    let house = House::new();
    for ok in ["https://auth.example.com", "https://login.example.com", "https://app.example.com"] {
        assert!(house.check(&header(), &with(claims(), "iss", json!(format!("{ok}/v1/clients/{ID}")))).is_ok(), "{ok}");
    }
    for bad in [
        "https://evil.example/v1/clients/sc_mailer",
        "https://auth.example.com/v1/clients/sc_other",
        "https://auth.example.com/v1/clients/sc_mailer/",
        "https://auth.example.com/v2/clients/sc_mailer",
        "https://auth.example.com",
        "https://auth.example.com:444/v1/clients/sc_mailer",
        "https://app.example.com.evil.example/v1/clients/sc_mailer",
    ] {
        assert_eq!(house.check(&header(), &with(claims(), "iss", json!(bad))), Err(Fault::Issuer), "{bad}");
    }
    let token = house.sign(&header(), &claims());
    assert!(house.check_as(&token, Some("https://auth.example.com/v1/clients/sc_mailer"), NOW).is_ok());
    assert_eq!(house.check_as(&token, Some("https://app.example.com/v1/clients/sc_mailer"), NOW), Err(Fault::Issuer));
}

#[test]
fn check_6_it_is_young() {
    let mut house = House::new();
    house.state.request.expires_at = NOW + Millis::from_hours(1);
    let token = house.sign(&header(), &claims());
    let at = |house: &House, seconds: i64| house.check_as(&token, None, NOW + Millis::from_secs(seconds)).map(|_| ());
    assert_eq!(at(&house, 119), Ok(()), "its minute, and the clocks' minute");
    assert_eq!(at(&house, 121), Err(Fault::Time));
    assert_eq!(at(&house, -61), Err(Fault::Time), "from the future");
    assert_eq!(at(&house, -59), Ok(()));
    let old_but_long = with(with(claims(), "exp", json!(NOW.as_secs() + 3600)), "max_age", json!(60));
    let late = NOW + Millis::from_secs(130);
    assert_eq!(house.check_as(&house.sign(&header(), &old_but_long), None, late), Err(Fault::Time), "max_age holds beside exp");
    house.client.settings.assertion_max_age = Some(Millis::from_mins(10));
    assert_eq!(at(&house, 600), Ok(()), "the operator's word stands above the SDK's minute");
    assert_eq!(at(&house, 661), Err(Fault::Time));
    assert_eq!(house.check(&header(), &with(claims(), "exp", json!("soon"))), Err(Fault::Form));
}

#[test]
fn check_7_the_client_may_and_names_somebody() {
    let mut house = House::new();
    for sub in ["".to_owned(), "x".repeat(129), "a\u{0}b".to_owned()] {
        assert_eq!(house.check(&header(), &with(claims(), "sub", json!(sub))), Err(Fault::Subject), "{sub:?}");
    }
    house.client.settings.token_generation = false;
    assert_eq!(house.check(&header(), &claims()), Err(Fault::NotAllowed));
}

#[test]
fn check_8_it_was_not_used() {
    let mut house = House::new();
    house.is_used = true;
    assert_eq!(house.check(&header(), &claims()), Err(Fault::Used));
}

#[test]
fn an_address_counts_as_proved_when_somebody_said_so() {
    let mut house = House::new();
    let named = |email: Value, verified: Value| with(with(claims(), "email", email), "email_verified", verified);
    let told = |house: &House, claims: &Value| house.check(&header(), claims).map(|stated| (stated.email, stated.is_verified)).unwrap();
    let jane = || Some("jane@example.com".to_owned());
    assert_eq!(told(&house, &named(json!("Jane@Example.com"), json!(true))), (jane(), true));
    for word in [json!(false), json!("true"), json!(1), Value::Null] {
        assert_eq!(told(&house, &named(json!("jane@example.com"), word.clone())), (jane(), false), "{word}");
    }
    assert_eq!(told(&house, &named(json!("no address"), json!(true))), (None, false));
    assert_eq!(told(&house, &claims()), (None, false), "an id that looks like an address is none by itself");
    house.client.settings.trust_subject_as_verified_email = true;
    assert_eq!(told(&house, &claims()), (jane(), true));
    assert_eq!(told(&house, &with(claims(), "sub", json!("user-17"))), (None, false));
    assert_eq!(told(&house, &named(json!("eve@example.com"), json!(false))), (Some("eve@example.com".to_owned()), false));
}
