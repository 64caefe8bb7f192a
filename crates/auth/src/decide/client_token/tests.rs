//! Tests of what service clients show, with one thing wrong at a time.

use super::*;
use postkey_model::{ClientKey, ClientSettings, Origin, Registered, RootKey};
use serde_json::{Value, json};

const NOW: Timestamp = Timestamp(1_800_000_000_000);
const SECOND: i64 = NOW.0 / 1000;

fn key(id: &str, seed: u8) -> (ClientKey, AccessKey) {
    let access = AccessKey::new("sc_one", id, "acc_local", [seed; 32]);
    (ClientKey { id: id.to_owned(), public_key: BASE64.encode(&access.public().unwrap()), created_at: NOW }, access)
}

fn client(id: &str, keys: Vec<ClientKey>) -> ServiceClient {
    let settings = ClientSettings { keys, ..ClientSettings::default() };
    Registered { id: id.to_owned(), created_at: NOW, updated_at: NOW, version: 0, settings, sealed: None }
}

fn good() -> (Value, Value) {
    let header = json!({ "alg": "EdDSA", "kid": "k1", "typ": "at+jwt" });
    let claims = json!({
        "aud": "acc_local.accounts.authress.io", "iss": "https://login.example.com/v1/clients/sc_one", "sub": "sc_one",
        "client_id": "sc_one", "iat": SECOND, "exp": SECOND + 86_400, "scope": "openid",
    });
    (header, claims)
}

fn signed((header, claims): (Value, Value), seed: u8) -> String {
    let encode = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
    let text = format!("{}.{}", encode(&header), encode(&claims));
    let pair = Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap();
    format!("{text}.{}", BASE64URL_NOPAD.encode(pair.sign(text.as_bytes()).as_ref()))
}

fn passes(token: &str, now: Timestamp) -> bool {
    let (origin, alias) = (Origin::parse("https://login.example.com").unwrap(), Origin::parse("https://old.example.com").unwrap());
    let ourselves = Ourselves { account: "acc_local", origin: &origin, aliases: std::slice::from_ref(&alias) };
    let client = client("sc_one", vec![key("k1", 1).0, key("k2", 2).0]);
    ClientToken::parse(token).is_some_and(|token| token.is_of(&client, ourselves, now))
}

#[test]
fn tokens_of_every_sdk_pass() {
    assert!(passes(&signed(good(), 1), NOW));
    for (name, value) in [
        ("typ", json!("JWT")),
        ("typ", Value::Null),
        ("iss", json!("https://old.example.com/v1/clients/sc_one")),
        ("iss", json!("https://acc_local.api.authress.io/v1/clients/sc_one")),
        ("iat", json!(SECOND + 59)),
        ("exp", json!(SECOND - 59)),
    ] {
        let (mut header, mut claims) = good();
        let place = if name == "typ" { &mut header } else { &mut claims };
        place[name] = value.clone();
        assert!(passes(&signed((header, claims), 1), NOW), "{name}: {value}");
    }
    let (mut header, claims) = good();
    header["kid"] = json!("k2");
    assert!(passes(&signed((header, claims), 2), NOW), "any of its keys");
}

#[test]
fn one_thing_wrong_and_it_is_refused() {
    let wrong = [
        ("alg", json!("none")),
        ("alg", json!("HS256")),
        ("alg", json!("RS512")),
        ("alg", json!("eddsa")),
        ("typ", json!("oauth-authz-req+jwt")),
        ("typ", json!("")),
        ("kid", json!("k3")),
        ("kid", json!("k2")),
        ("kid", Value::Null),
        ("aud", json!("acc_other.accounts.authress.io")),
        ("aud", json!(["acc_local.accounts.authress.io"])),
        ("iss", json!("https://login.example.com")),
        ("iss", json!("https://login.example.com/v1/clients/sc_two")),
        ("iss", json!("https://login.example.com/v1/clients/sc_one/")),
        ("iss", json!("https://login.example.com.evil.example/v1/clients/sc_one")),
        ("iss", json!("https://acc_other.api.authress.io/v1/clients/sc_one")),
        ("iss", json!("http://login.example.com/v1/clients/sc_one")),
        ("sub", json!("jane@example.com")),
        ("sub", json!("sc_two")),
        ("client_id", json!("sc_two")),
        ("iat", json!(SECOND + 61)),
        ("exp", json!(SECOND - 60)),
        ("exp", Value::Null),
    ];
    for (name, value) in wrong {
        let (mut header, mut claims) = good();
        let place = if matches!(name, "alg" | "typ" | "kid") { &mut header } else { &mut claims };
        place[name] = value.clone();
        assert!(!passes(&signed((header, claims), 1), NOW), "{name}: {value}");
    }
    assert!(!passes(&signed(good(), 2), NOW), "another key");
    let token = signed(good(), 1);
    let parts: Vec<&str> = token.split('.').collect();
    for bad in [String::new(), "..".to_owned(), format!("{}.{}.", parts[0], parts[1]), format!("{token}."), format!("{token}x")] {
        assert!(!passes(&bad, NOW), "{bad}");
    }
}

#[test]
fn access_keys_have_the_form_of_the_sdks() {
    let (stored, access) = key("k1", 7);
    let text = access.text();
    let parts: Vec<&str> = text.expose().split('.').collect();
    assert_eq!((parts.len(), &parts[..3], parts[3].len()), (4, &["sc_one", "k1", "acc_local"][..], 64));
    assert!(parts[3].starts_with("MC4CAQAwBQYDK2VwBCIE"), "PKCS#8 of version 1");
    // The library reads it as a private key, and it signs what the stored half verifies.
    let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(&BASE64.decode(parts[3].as_bytes()).unwrap()).unwrap();
    let signature = pair.sign(b"x");
    UnparsedPublicKey::new(&ED25519, stored.bytes().unwrap()).verify(b"x", signature.as_ref()).unwrap();
}

#[test]
fn an_access_key_opens_for_its_own_client_and_account_only() {
    struct Ones;
    impl postkey_model::Entropy for Ones {
        fn fill(&self, out: &mut [u8]) {
            out.iter_mut().enumerate().for_each(|(i, b)| *b = i as u8);
        }
    }
    let keyring = Keyring::new(&RootKey::generate(&Ones));
    let owner = client("sc_one", vec![key("k1", 1).0]);
    let opens = |text: &str| AccessKey::parse(text).is_some_and(|key| key.is_of(&owner, "acc_local", &keyring));
    let with = |client: &str, id: &str, account: &str, seed: u8| AccessKey::new(client, id, account, [seed; 32]).text().expose().clone();
    let right = with("sc_one", "k1", "acc_local", 1);
    assert!(opens(&right));
    for bad in [
        with("sc_two", "k1", "acc_local", 1),
        with("sc_one", "k2", "acc_local", 1),
        with("sc_one", "k1", "acc_other", 1),
        with("sc_one", "k1", "acc_local", 2),
        format!("{right}."),
        format!("{right}.x"),
        right[..right.len() - 4].to_owned(),
        "sc_one.k1.acc_local.".to_owned(),
        String::new(),
    ] {
        assert!(!opens(&bad), "{bad}");
    }
}
