//! Keys of every kind that issuers sign with.

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256,
    RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_SHA256, RSA_PSS_SHA384, RSA_PSS_SHA512, RsaKeyPair,
};
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};
use std::sync::{Arc, OnceLock};

enum Private {
    Rsa(RsaKeyPair),
    Ecdsa(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

/// A key and the algorithm that it is used with.
#[derive(Clone)]
pub struct TestKey {
    pub alg: &'static str,
    pub jwk: Value,
    private: Arc<Private>,
}

fn encode(bytes: &[u8]) -> String {
    BASE64URL_NOPAD.encode(bytes)
}

#[allow(clippy::disallowed_methods, reason = "the library wants the handle but draws from its own generator")]
fn random() -> SystemRandom {
    SystemRandom::new()
}

impl TestKey {
    pub fn new(alg: &'static str, kid: &str) -> Self {
        let size = rsa::KeySize::Rsa2048;
        match alg {
            "ES256" | "ES384" => Self::ecdsa(alg, kid),
            "EdDSA" => Self::ed25519(kid),
            _ => Self::rsa(alg, kid, &rsa::KeyPair::generate(size).unwrap()),
        }
    }

    fn ecdsa(alg: &'static str, kid: &str) -> Self {
        let (how, curve) =
            if alg == "ES256" { (&ECDSA_P256_SHA256_FIXED_SIGNING, "P-256") } else { (&ECDSA_P384_SHA384_FIXED_SIGNING, "P-384") };
        let pair = EcdsaKeyPair::generate(how).unwrap();
        let (x, y) = pair.public_key().as_ref()[1..].split_at((pair.public_key().as_ref().len() - 1) / 2);
        let jwk = json!({ "kty": "EC", "crv": curve, "x": encode(x), "y": encode(y), "kid": kid });
        TestKey { alg, jwk, private: Arc::new(Private::Ecdsa(pair)) }
    }

    fn ed25519(kid: &str) -> Self {
        let pair = Ed25519KeyPair::generate().unwrap();
        let jwk = json!({ "kty": "OKP", "crv": "Ed25519", "x": encode(pair.public_key().as_ref()), "kid": kid });
        TestKey { alg: "EdDSA", jwk, private: Arc::new(Private::Ed25519(pair)) }
    }

    fn rsa(alg: &'static str, kid: &str, pair: &rsa::KeyPair) -> Self {
        let der: Pkcs8V1Der<'_> = pair.as_der().unwrap();
        let pair = RsaKeyPair::from_pkcs8(der.as_ref()).unwrap();
        let (n, e) = (pair.public_key().modulus(), pair.public_key().exponent());
        let (n, e) = (encode(n.big_endian_without_leading_zero()), encode(e.big_endian_without_leading_zero()));
        let jwk = json!({ "kty": "RSA", "n": n, "e": e, "use": "sig", "kid": kid });
        TestKey { alg, jwk, private: Arc::new(Private::Rsa(pair)) }
    }

    /// The same key for another algorithm.
    pub fn with_alg(&self, alg: &'static str) -> Self {
        TestKey { alg, ..self.clone() }
    }

    pub fn sign(&self, header: &Value, claims: &Value) -> String {
        let signed = format!("{}.{}", encode(header.to_string().as_bytes()), encode(claims.to_string().as_bytes()));
        let signature = match self.private.as_ref() {
            Private::Ecdsa(pair) => pair.sign(&random(), signed.as_bytes()).unwrap().as_ref().to_vec(),
            Private::Ed25519(pair) => pair.sign(signed.as_bytes()).as_ref().to_vec(),
            Private::Rsa(pair) => {
                let how: &'static dyn aws_lc_rs::signature::RsaEncoding = match self.alg {
                    "RS384" => &RSA_PKCS1_SHA384,
                    "RS512" => &RSA_PKCS1_SHA512,
                    "PS256" => &RSA_PSS_SHA256,
                    "PS384" => &RSA_PSS_SHA384,
                    "PS512" => &RSA_PSS_SHA512,
                    _ => &RSA_PKCS1_SHA256,
                };
                let mut out = vec![0; pair.public_modulus_len()];
                pair.sign(how, &random(), signed.as_bytes(), &mut out).unwrap();
                out
            }
        };
        format!("{signed}.{}", encode(&signature))
    }
}

/// An RSA key for all tests of this process: making one takes a while.
pub fn shared_rsa() -> TestKey {
    static KEY: OnceLock<TestKey> = OnceLock::new();
    KEY.get_or_init(|| TestKey::new("RS256", "rsa")).clone()
}
