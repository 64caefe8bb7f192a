//! Access tokens: read, verified with a key set, and forged.

use crate::http::Answer;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use aws_lc_rs::{digest, hmac};
use data_encoding::{BASE64, BASE64URL_NOPAD, HEXLOWER};
use serde_json::{Value, json};

/// A part of a token as JSON: 0 is its header, 1 what it claims. Null when it is no token.
pub fn part(token: &str, at: usize) -> Value {
    let part = token.split('.').nth(at).unwrap_or_default();
    BASE64URL_NOPAD.decode(part.as_bytes()).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default()
}

/// Whom a token is about; empty when it is none.
pub fn subject(token: &str) -> String {
    part(token, 1)["sub"].as_str().unwrap_or_default().to_owned()
}

/// A copy of a key set.
pub struct Keys(Vec<Value>);

impl Keys {
    /// Reads an answer.
    pub fn read(answer: &Answer) -> Result<Self, String> {
        let keys = answer.json()["keys"].as_array().cloned().unwrap_or_default();
        if keys.is_empty() { Err(format!("the key set was answered with {}", answer.status)) } else { Ok(Keys(keys)) }
    }

    /// Whether a key of the set signed that token. Only ES256, the default, is read.
    pub fn verify(&self, token: &str) -> bool {
        let header = part(token, 0);
        let Some((signed, signature)) = token.rsplit_once('.') else { return false };
        let Ok(signature) = BASE64URL_NOPAD.decode(signature.as_bytes()) else { return false };
        let of_kid = self.0.iter().find(|key| key["kid"] == header["kid"]);
        let Some(point) = of_kid.and_then(point) else { return false };
        header["alg"] == "ES256" && UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(signed.as_bytes(), &signature).is_ok()
    }
}

/// The uncompressed point of a key on P-256.
fn point(key: &Value) -> Option<Vec<u8>> {
    let of = |name: &str| BASE64URL_NOPAD.decode(key[name].as_str()?.as_bytes()).ok();
    Some([vec![4], of("x")?, of("y")?].concat())
}

fn encode(value: &Value) -> String {
    BASE64URL_NOPAD.encode(value.to_string().as_bytes())
}

/// Every way to forge a token that is known to have worked somewhere, each with its name. `real` is a good token, `jwks` the
/// key set that it verifies with, `victim` somebody else's address.
pub fn forged(real: &str, jwks: &Value, victim: &str) -> Vec<(String, String)> {
    let (header, mut claims) = (part(real, 0), part(real, 1));
    let kid = header["kid"].clone();
    let mut parts = real.split('.');
    let (head, body, signature) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let mut all: Vec<(String, String)> = Vec::new();
    claims["exp"] = json!(4_000_000_000_u64);
    let payload = encode(&claims);
    let with = |alg: &str| {
        let mut header = header.clone();
        header["alg"] = json!(alg);
        header
    };
    for alg in ["none", "None", "NONE", "nOnE", ""] {
        all.push((format!("alg {alg:?}"), format!("{}.{payload}.", encode(&with(alg)))));
        all.push((format!("alg {alg:?} with a signature"), format!("{}.{payload}.{signature}", encode(&with(alg)))));
    }
    // HMAC with what everybody knows.
    let key = jwks["keys"].as_array().and_then(|keys| keys.iter().find(|key| key["kid"] == kid)).cloned().unwrap_or_default();
    let point = point(&key).unwrap_or_default();
    // SubjectPublicKeyInfo of P-256 (RFC 5480), before the point.
    let prefix = HEXLOWER.decode(b"3059301306072a8648ce3d020106082a8648ce3d030107034200").unwrap_or_default();
    let der = [prefix, point.clone()].concat();
    let pem = format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", BASE64.encode(&der));
    let text = |name: &str| key[name].as_str().unwrap_or_default().as_bytes().to_vec();
    let secrets = [
        ("the public point", point),
        ("the public key as DER", der),
        ("the public key as PEM", pem.into_bytes()),
        ("x of the key", text("x")),
        ("the key as JSON", key.to_string().into_bytes()),
        ("the key set", jwks.to_string().into_bytes()),
        ("the kid", text("kid")),
        ("nothing", Vec::new()),
    ];
    let mac = |header: &Value, secret: &[u8]| {
        let signed = format!("{}.{payload}", encode(header));
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), signed.as_bytes());
        format!("{signed}.{}", BASE64URL_NOPAD.encode(tag.as_ref()))
    };
    for (name, secret) in &secrets {
        all.push((format!("HS256 with {name}"), mac(&with("HS256"), secret)));
        all.push((format!("ES256 that is HMAC with {name}"), mac(&header, secret)));
    }
    // A kid that leads to a file, a query or nowhere.
    for odd in ["../../../../../../dev/null", "/dev/null", "file:///dev/null", "' OR '1'='1", "", "unknown", "\0"] {
        let mut header = with("HS256");
        header["kid"] = json!(odd);
        all.push((format!("HS256, kid {odd:?}"), mac(&header, b"")));
        header["alg"] = json!("ES256");
        all.push((format!("kid {odd:?}"), format!("{}.{payload}.{signature}", encode(&header))));
    }
    // A key of the attacker's own, brought along.
    let seed = digest::digest(&digest::SHA256, victim.as_bytes());
    if let Ok(own) = Ed25519KeyPair::from_seed_unchecked(seed.as_ref()) {
        let jwk =
            json!({ "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "kid": kid, "x": BASE64URL_NOPAD.encode(own.public_key().as_ref()) });
        let mut plain = with("EdDSA");
        let brought = [
            ("jwk", jwk.clone()),
            ("jku", json!("http://127.0.0.1:1/jwks.json")),
            ("x5u", json!("http://127.0.0.1:1/cert.pem")),
            ("x5c", json!([BASE64.encode(own.public_key().as_ref())])),
            ("crit", json!(["exp"])),
        ];
        for (name, value) in brought {
            let mut header = plain.clone();
            header[name] = value;
            let signed = format!("{}.{payload}", encode(&header));
            all.push((
                format!("an own key by {name}"),
                format!("{signed}.{}", BASE64URL_NOPAD.encode(own.sign(signed.as_bytes()).as_ref())),
            ));
        }
        plain["kid"] = json!("own");
        let signed = format!("{}.{payload}", encode(&plain));
        all.push(("an own key".to_owned(), format!("{signed}.{}", BASE64URL_NOPAD.encode(own.sign(signed.as_bytes()).as_ref()))));
    }
    // The real signature on other words; signatures of nothing; parts too many or too few.
    let zeros = BASE64URL_NOPAD.encode(&[0; 64]);
    all.push(("other claims, the real signature".to_owned(), format!("{head}.{payload}.{signature}")));
    all.push(("a signature of zeros".to_owned(), format!("{head}.{body}.{zeros}")));
    all.push(("no signature".to_owned(), format!("{head}.{body}.")));
    all.push(("two parts".to_owned(), format!("{head}.{body}")));
    all.push(("five parts".to_owned(), format!("{real}.x.y")));
    all.push(("half a signature".to_owned(), format!("{head}.{body}.{}", &signature[..signature.len() / 2])));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forged_tokens_are_forged_and_whole() {
        let key = json!({ "kid": "k", "x": BASE64URL_NOPAD.encode(&[1; 32]), "y": BASE64URL_NOPAD.encode(&[2; 32]) });
        let real = format!("{}.{}.{}", encode(&json!({ "alg": "ES256", "kid": "k" })), encode(&json!({ "sub": "me" })), "Ab".repeat(43));
        let all = forged(&real, &json!({ "keys": [key] }), "x");
        assert!(all.len() > 40, "{}", all.len());
        assert!(all.iter().all(|(_, token)| *token != real));
        assert!(all.iter().filter(|(name, _)| name.starts_with("HS256")).all(|(_, token)| part(token, 0)["alg"] == "HS256"));
        assert_eq!(subject(&all[0].1), "me");
        // A set that would take one of them is none of ours.
        let keys = Keys(vec![json!({ "kid": "k", "x": BASE64URL_NOPAD.encode(&[1; 32]), "y": BASE64URL_NOPAD.encode(&[2; 32]) })]);
        assert!(all.iter().all(|(_, token)| !keys.verify(token)));
    }
}
