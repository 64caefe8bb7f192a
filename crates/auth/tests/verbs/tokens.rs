//! Access tokens: what is in them, and every way of getting one believed that must not work.

use crate::keys::header;
use crate::kit::*;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use aws_lc_rs::{digest, hmac};
use data_encoding::{BASE64, BASE64URL_NOPAD, HEXLOWER};
use postkey_auth::{AccessTokenError, SessionTokens};
use postkey_model::{Algorithm, AppId, CustomClaim, KeySet, Millis, SessionHandle, Timestamp};
use serde_json::{Value, json};

const JANE: &str = "jane@example.com";
/// From then on the node of [`ed25519`] signs with its own key.
const LATER: Timestamp = Timestamp(NOW.0 + 360_000);

fn encode(bytes: &[u8]) -> String {
    BASE64URL_NOPAD.encode(bytes)
}

fn part(token: &str, n: usize) -> Vec<u8> {
    BASE64URL_NOPAD.decode(token.split('.').nth(n).unwrap().as_bytes()).unwrap()
}

fn payload(token: &str) -> Value {
    serde_json::from_slice(&part(token, 1)).unwrap()
}

/// A node that signs with Ed25519, the private key itself, and the tokens of a session made at [`LATER`].
async fn ed25519(bed: &Bed) -> (Node, Ed25519KeyPair, SessionTokens) {
    let node = bed.another_node(|settings| settings.keys.algorithm = Algorithm::EdDsa).await;
    node.auth.tend_keys(NOW).await.unwrap();
    let keys = node.auth.store().signing_keys(&KeySet::SESSION).await.unwrap();
    let key = keys.last().unwrap();
    let private = node.auth.keyring().open_signing_key(&["session", &key.kid], &key.sealed).unwrap();
    let pair = Ed25519KeyPair::from_pkcs8(private.expose()).unwrap();
    let tokens = node.signed_in(JANE, LATER).await.tokens;
    (node, pair, tokens)
}

/// A token of these parts, signed by `pair`.
fn signed(pair: &Ed25519KeyPair, header: &str, payload: &str) -> String {
    let text = format!("{}.{}", encode(header.as_bytes()), encode(payload.as_bytes()));
    format!("{text}.{}", encode(pair.sign(text.as_bytes()).as_ref()))
}

/// A token of these parts, with an HMAC under `secret` for a signature.
fn with_hmac(secret: &[u8], header: &Value, payload: &Value) -> String {
    let text = format!("{}.{}", encode(header.to_string().as_bytes()), encode(payload.to_string().as_bytes()));
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), text.as_bytes());
    format!("{text}.{}", encode(tag.as_ref()))
}

fn changed(mut value: Value, name: &str, to: Value) -> Value {
    value[name] = to;
    value
}

fn without(mut value: Value, name: &str) -> Value {
    value.as_object_mut().unwrap().remove(name);
    value
}

async fn is_refused(node: &Node, token: &str, now: Timestamp) {
    assert_eq!(node.auth.verify(token, now).await, Err(AccessTokenError::Invalid), "{token:.400}");
    assert_eq!(node.auth.verify_session(token, now).await.unwrap_err(), AccessTokenError::Invalid, "{token:.400}");
}

on_both_engines! {
    async fn tokens_say_of_metadata_what_the_tenant_wants_as_it_is_when_they_are_made(bed: Bed) {
        let plan = CustomClaim::parse("plan", "billing.plan").unwrap();
        let node = bed.another_node(|settings| settings.tenants.get_mut(&public()).unwrap().claims.push(plan)).await;
        node.auth.tend_keys(NOW).await.unwrap();
        let first = node.signed_in(JANE, NOW).await.tokens;
        assert_eq!(payload(first.access.expose()).get("plan"), None, "there is no metadata yet");
        let know = async |plan: Value| {
            let update = json!({ "billing": { "plan": plan, "card": "secret" }, "sub": "somebody else" });
            node.auth.update_metadata(&AppId::public(), first.user.as_str(), update.as_object().unwrap()).await.unwrap();
        };
        know(json!({ "name": "gold", "seats": 3 })).await;
        let second = node.auth.refresh(&call(&public(), LATER), first.refresh.expose()).await.unwrap();
        let said = payload(second.access.expose());
        assert_eq!((&said["plan"], &said["sub"]), (&json!({ "name": "gold", "seats": 3 }), &json!(first.user.as_str())));
        assert!(!said.to_string().contains("secret") && said["st-ev"]["v"] == true);
        let front: Value = serde_json::from_slice(&BASE64.decode(second.front_token.as_bytes()).unwrap()).unwrap();
        assert_eq!(front["up"], said, "the web SDKs see what back ends see");
        assert!(node.auth.verify(second.access.expose(), LATER).await.is_ok());
        // A back end that reads the token's claims and keeps them with the session does not freeze them.
        let handle = SessionHandle::parse(second.handle.as_str()).unwrap();
        let read = json!({ "plan": said["plan"], "role": "admin" });
        node.auth.keep_with_session(&AppId::public(), &handle, Some(read.as_object().unwrap()), None, LATER).await.unwrap();
        know(json!("silver")).await;
        let third = node.auth.refresh(&call(&public(), LATER + secs(60)), second.refresh.expose()).await.unwrap();
        let said = payload(third.access.expose());
        assert_eq!((&said["plan"], &said["role"]), (&json!("silver"), &json!("admin")));
    }

    async fn a_token_says_who_and_how_long(bed: Bed) {
        let node = &bed.node;
        let now = NOW + Millis(999);
        let completed = node.signed_in(JANE, now).await;
        let tokens = &completed.tokens;
        let access = tokens.access.expose();
        assert_eq!(tokens.access_expires_at, NOW + Millis::from_hours(1), "whole seconds");
        let expected = json!({
            "iat": NOW.0 / 1000,
            "exp": NOW.0 / 1000 + 3600,
            "sub": tokens.user.as_str(),
            "tId": "public",
            "rsub": completed.identity.as_str(),
            "sessionHandle": tokens.handle.as_str(),
            "refreshTokenHash1": HEXLOWER.encode(digest::digest(&digest::SHA256, tokens.refresh.expose().as_bytes()).as_ref()),
            "parentRefreshTokenHash1": null,
            "antiCsrfToken": null,
            "iss": "https://login.example.com/auth",
            "st-ev": { "v": true, "t": now.0 },
        });
        assert_eq!(payload(access), expected);
        let front = BASE64.decode(tokens.front_token.as_bytes()).unwrap();
        let text = String::from_utf8(part(access, 1)).unwrap();
        let ate = NOW.0 + 3_600_000;
        assert_eq!(String::from_utf8(front).unwrap(), format!(r#"{{"uid":"{}","ate":{ate},"up":{text}}}"#, tokens.user));

        assert!(node.auth.verify_session(access, Timestamp(ate - 1)).await.is_ok());
        assert_eq!(node.auth.verify(access, Timestamp(ate)).await, Err(AccessTokenError::Expired));
        assert_eq!(node.auth.verify_session(access, Timestamp(ate)).await.unwrap_err(), AccessTokenError::Expired);
    }

    async fn no_sign_of_a_token_can_be_changed(bed: Bed) {
        let token = bed.node.signed_in(JANE, NOW).await.tokens.access.expose().clone();
        for i in 0..token.len() {
            let other = if token.as_bytes()[i] == b'A' { "B" } else { "A" };
            let forged = format!("{}{other}{}", &token[..i], &token[i + 1..]);
            assert_eq!(bed.node.auth.verify(&forged, NOW).await, Err(AccessTokenError::Invalid), "sign {i}");
        }
        for end in 0..token.len() {
            assert_eq!(bed.node.auth.verify(&token[..end], NOW).await, Err(AccessTokenError::Invalid), "cut at {end}");
        }
        assert!(bed.node.auth.verify(&token, NOW).await.is_ok());
    }

    async fn a_token_without_a_signature_is_refused(bed: Bed) {
        let node = &bed.node;
        let token = node.signed_in(JANE, NOW).await.tokens.access.expose().clone();
        let (head, body) = (header(&token), payload(&token));
        for alg in ["none", "None", "NONE", "nOnE", "", "ES256"] {
            let head = changed(head.clone(), "alg", alg.into());
            let text = format!("{}.{}", encode(head.to_string().as_bytes()), encode(body.to_string().as_bytes()));
            is_refused(node, &format!("{text}."), NOW).await;
            is_refused(node, &format!("{text}.AA"), NOW).await;
            is_refused(node, &text, NOW).await;
        }
        // All zeros is the signature that careless ECDSA code believes.
        let text = token.rsplit_once('.').unwrap().0;
        is_refused(node, &format!("{text}.{}", encode(&[0; 64])), NOW).await;
    }

    async fn the_public_key_is_no_shared_secret(bed: Bed) {
        for algorithm in Algorithm::ALL {
            let node = bed.another_node(|settings| settings.keys.algorithm = algorithm).await;
            node.auth.tend_keys(NOW).await.unwrap();
            node.auth.tend_keys(NOW).await.unwrap();
            let now = NOW + Millis::from_mins(12);
            let token = node.signed_in(JANE, now).await.tokens.access.expose().clone();
            let (mut head, body) = (header(&token), payload(&token));
            let keys = node.auth.key_set().0;
            let jwk = keys["keys"].as_array().unwrap().iter().find(|key| key["kid"] == head["kid"]).unwrap();
            let mut secrets = vec![jwk.to_string().into_bytes(), keys.to_string().into_bytes(), Vec::new()];
            for name in ["x", "y", "n"] {
                let Some(number) = jwk[name].as_str() else { continue };
                secrets.push(number.as_bytes().to_vec());
                secrets.push(BASE64URL_NOPAD.decode(number.as_bytes()).unwrap());
            }
            if let (Some(x), Some(y)) = (jwk["x"].as_str(), jwk["y"].as_str()) {
                let decoded = |text: &str| BASE64URL_NOPAD.decode(text.as_bytes()).unwrap();
                secrets.push([vec![4], decoded(x), decoded(y)].concat());
            }
            for alg in ["HS256", algorithm.as_str()] {
                head["alg"] = alg.into();
                for secret in &secrets {
                    is_refused(&node, &with_hmac(secret, &head, &body), now).await;
                }
            }
            node.close().await;
        }
    }

    async fn a_key_verifies_its_own_tokens_only(bed: Bed) {
        let (node, pair, tokens) = ed25519(&bed).await;
        let body = payload(tokens.access.expose()).to_string();
        let head = header(tokens.access.expose());
        let first_kid = node.auth.list_keys(LATER).await.unwrap()[0].key.kid.clone();
        // The control: what we sign here like the server does is believed.
        assert!(node.auth.verify(&signed(&pair, &head.to_string(), &body), LATER).await.is_ok());
        for head in [
            changed(head.clone(), "kid", first_kid.clone().into()),
            changed(changed(head.clone(), "kid", first_kid.into()), "alg", "ES256".into()),
            changed(head.clone(), "kid", "d-unknown".into()),
            changed(head.clone(), "kid", "../../dev/null".into()),
            changed(head.clone(), "kid", 1.into()),
            without(head.clone(), "kid"),
            without(head.clone(), "alg"),
            changed(head.clone(), "alg", "ES256".into()),
            changed(head.clone(), "alg", "RS256".into()),
            changed(head.clone(), "alg", "Ed25519".into()),
            changed(head.clone(), "alg", "eddsa".into()),
        ] {
            is_refused(&node, &signed(&pair, &head.to_string(), &body), LATER).await;
        }
        // A key of the attacker's under the name of ours, and one that the token brings along.
        let theirs = Ed25519KeyPair::generate().unwrap();
        is_refused(&node, &signed(&theirs, &head.to_string(), &body), LATER).await;
        let jwk = json!({ "kty": "OKP", "crv": "Ed25519", "x": encode(theirs.public_key().as_ref()), "kid": head["kid"] });
        is_refused(&node, &signed(&theirs, &changed(head.clone(), "jwk", jwk).to_string(), &body), LATER).await;
        let jku = changed(head.clone(), "jku", "https://evil.example/jwks.json".into());
        is_refused(&node, &signed(&theirs, &jku.to_string(), &body), LATER).await;
        node.close().await;
    }

    async fn a_genuine_signature_is_not_enough(bed: Bed) {
        let (node, pair, tokens) = ed25519(&bed).await;
        let (head, body) = (header(tokens.access.expose()), payload(tokens.access.expose()));
        let sign = |head: &Value, body: &Value| signed(&pair, &head.to_string(), &body.to_string());
        assert!(node.auth.verify(&sign(&head, &body), LATER).await.is_ok());
        for version in [json!("4"), json!("6"), json!(""), json!(5), json!("5 "), Value::Null] {
            is_refused(&node, &sign(&changed(head.clone(), "version", version), &body), LATER).await;
        }
        is_refused(&node, &sign(&without(head.clone(), "version"), &body), LATER).await;
        for issuer in ["https://login.example.com", "https://login.example.com/auth/", "https://evil.example/auth", ""] {
            is_refused(&node, &sign(&head, &changed(body.clone(), "iss", issuer.into())), LATER).await;
        }
        for claim in ["iss", "exp", "iat", "sub", "rsub", "tId", "sessionHandle"] {
            is_refused(&node, &sign(&head, &without(body.clone(), claim)), LATER).await;
        }
        for exp in [json!("9999999999"), json!(1e40), Value::Null] {
            is_refused(&node, &sign(&head, &changed(body.clone(), "exp", exp)), LATER).await;
        }
        is_refused(&node, &signed(&pair, &head.to_string(), "not json"), LATER).await;
        let twice = format!(r#"{{"exp":9999999999,{}"#, &body.to_string()[1..]);
        is_refused(&node, &signed(&pair, &head.to_string(), &twice), LATER).await;
        // Claims that nobody knows do no harm; a token longer than any of ours is not even read.
        let padded = |n: usize| sign(&head, &changed(body.clone(), "more", "x".repeat(n).into()));
        assert!(node.auth.verify(&padded(2000), LATER).await.is_ok());
        is_refused(&node, &padded(32 * 1024), LATER).await;
        is_refused(&node, &padded(1 << 20), LATER).await;
        // A session that never was.
        let ghost = sign(&head, &changed(body.clone(), "sessionHandle", "never".into()));
        assert_eq!(node.auth.verify_session(&ghost, LATER).await.unwrap_err(), AccessTokenError::SessionOver);
        let odd = sign(&head, &changed(body.clone(), "sessionHandle", "'; DROP TABLE sessions".into()));
        assert_eq!(node.auth.verify_session(&odd, LATER).await.unwrap_err(), AccessTokenError::Invalid);
        node.close().await;
    }

    async fn an_expired_forgery_is_a_forgery(bed: Bed) {
        let node = &bed.node;
        let token = node.signed_in(JANE, NOW).await.tokens.access.expose().clone();
        let [head, body, signature] = token.split('.').collect::<Vec<_>>()[..] else { panic!("{token}") };
        let longer = changed(payload(&token), "exp", (NOW.0 / 1000 + 999_999).into());
        let other_user = changed(payload(&token), "sub", "somebody".into());
        for forged in [longer, other_user] {
            is_refused(node, &format!("{head}.{}.{signature}", encode(forged.to_string().as_bytes())), NOW + Millis::from_hours(2)).await;
        }
        assert_eq!(node.auth.verify(&format!("{head}.{body}.{signature}"), NOW + Millis::from_hours(2)).await, Err(AccessTokenError::Expired));
    }

    async fn garbage_is_refused(bed: Bed) {
        let node = &bed.node;
        let tokens = node.signed_in(JANE, NOW).await.tokens;
        let token = tokens.access.expose();
        let [head, body, signature] = token.split('.').collect::<Vec<_>>()[..] else { panic!("{token}") };
        let big = "A".repeat(1 << 20);
        let dots = ".".repeat(1 << 20);
        let nested = encode("[".repeat(4000).as_bytes());
        for garbage in [
            "", " ", ".", "..", "...", "a.b.c", "null", "🔑.🔑.🔑", "\0.\0.\0", "e30.e30.", "e30.e30.e30",
            &big,
            &dots,
            &format!("{big}.{big}.{big}"),
            &format!("{head}.{body}.{big}"),
            &format!("{head}.{big}.{signature}"),
            &format!("{nested}.{body}.{signature}"),
            &format!("{token}."),
            &format!("{token}.{signature}"),
            &format!("{head}.{body}.{signature}="),
            &format!(" {token}"),
            &format!("{token}\n"),
            &format!("Bearer {token}"),
            &format!("{head}.{body}"),
            &format!("{body}.{head}.{signature}"),
            tokens.refresh.expose(),
            &tokens.front_token,
        ] {
            is_refused(node, garbage, NOW).await;
        }
        assert!(node.auth.verify(token, NOW).await.is_ok());
    }
}
