//! The keys of an issuer (RFC 7517), and the signatures that they check. Algorithms are a closed list: none of them takes a
//! secret for a key, and each goes with one kind of key.

use crate::error::Doubt;
use aws_lc_rs::digest::{self, digest};
use aws_lc_rs::rsa::PublicKeyComponents;
use aws_lc_rs::signature::{self, RsaParameters, UnparsedPublicKey, VerificationAlgorithm};
use data_encoding::BASE64URL_NOPAD;
use serde::Deserialize;
use serde_json::Value;

/// How many keys of a set are looked at.
const MOST: usize = 100;

/// An algorithm that we take (RFC 7518 §3.1, RFC 8037 §3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Algorithm {
    Rs256,
    Rs384,
    Rs512,
    Ps256,
    Ps384,
    Ps512,
    Es256,
    Es384,
    EdDsa,
}

/// A public key, by what it can check.
enum Material {
    Rsa(PublicKeyComponents<Vec<u8>>),
    /// A point on P-256, uncompressed.
    P256(Vec<u8>),
    /// A point on P-384, uncompressed.
    P384(Vec<u8>),
    Ed25519(Vec<u8>),
}

/// One key.
struct Key {
    kid: Option<String>,
    alg: Option<String>,
    /// Microsoft says of each key whose tokens it may sign.
    issuer: Option<String>,
    material: Material,
}

/// The keys of an issuer that can be used.
pub(crate) struct KeySet {
    keys: Vec<Key>,
}

/// Which key fits a token.
pub(crate) struct Fitting<'a>(Vec<&'a Key>);

#[derive(Deserialize)]
struct Document {
    keys: Vec<Value>,
}

#[derive(Deserialize)]
struct Jwk {
    kty: String,
    r#use: Option<String>,
    key_ops: Option<Vec<String>>,
    kid: Option<String>,
    alg: Option<String>,
    issuer: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

impl Algorithm {
    /// Reads an `alg`; `None` for all that we do not take, `none` and the keyed hashes among them.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "RS256" => Algorithm::Rs256,
            "RS384" => Algorithm::Rs384,
            "RS512" => Algorithm::Rs512,
            "PS256" => Algorithm::Ps256,
            "PS384" => Algorithm::Ps384,
            "PS512" => Algorithm::Ps512,
            "ES256" => Algorithm::Es256,
            "ES384" => Algorithm::Es384,
            // RFC 9864 §2.2 calls the one curve that we take by its name.
            "EdDSA" | "Ed25519" => Algorithm::EdDsa,
            _ => return None,
        })
    }

    /// What `at_hash` is for a token: the first half of its hash (OpenID Connect Core 1.0 §3.1.3.6).
    pub(crate) fn half_hash(self, token: &str) -> String {
        let kind = match self {
            Algorithm::Rs256 | Algorithm::Ps256 | Algorithm::Es256 => &digest::SHA256,
            Algorithm::Rs384 | Algorithm::Ps384 | Algorithm::Es384 => &digest::SHA384,
            Algorithm::Rs512 | Algorithm::Ps512 | Algorithm::EdDsa => &digest::SHA512,
        };
        let hash = digest(kind, token.as_bytes());
        BASE64URL_NOPAD.encode(&hash.as_ref()[..hash.as_ref().len() / 2])
    }
}

impl KeySet {
    /// Reads a set. Keys that are not for signatures, or that we cannot use, are left out.
    pub(crate) fn read(document: Value) -> Option<Self> {
        let document: Document = serde_json::from_value(document).ok()?;
        let keys = document.keys.into_iter().take(MOST).filter_map(|key| Key::read(serde_json::from_value(key).ok()?));
        Some(KeySet { keys: keys.collect() })
    }

    /// The keys that a token names. Without a `kid` there must be one alone that fits its algorithm.
    pub(crate) fn fitting(&self, kid: Option<&str>, algorithm: Algorithm) -> Option<Fitting<'_>> {
        let fits = |key: &&Key| key.fits(algorithm) && (kid.is_none() || key.kid.as_deref() == kid);
        let keys: Vec<&Key> = self.keys.iter().filter(fits).collect();
        let clear = !keys.is_empty() && (kid.is_some() || keys.len() == 1);
        clear.then_some(Fitting(keys))
    }
}

impl Fitting<'_> {
    /// Whether one of them made the signature, and may sign for `issuer`: where a key names whose tokens it signs, `{tenantid}`
    /// in that stands for `tenant`.
    pub(crate) fn verify(&self, algorithm: Algorithm, signed: &[u8], signature: &[u8], issuer: &str, tenant: &str) -> Result<(), Doubt> {
        let key = self.0.iter().find(|key| key.made(algorithm, signed, signature)).ok_or(Doubt::Signature)?;
        let whose = key.issuer.as_deref().map(|whose| whose.replace("{tenantid}", tenant));
        if whose.is_some_and(|whose| whose != issuer) { Err(Doubt::Issuer) } else { Ok(()) }
    }
}

impl Key {
    fn read(jwk: Jwk) -> Option<Self> {
        if jwk.r#use.is_some_and(|what| what != "sig") || jwk.key_ops.is_some_and(|ops| !ops.iter().any(|op| op == "verify")) {
            return None;
        }
        let bytes = |text: &Option<String>| BASE64URL_NOPAD.decode(text.as_ref()?.as_bytes()).ok();
        let point = |size: usize| {
            let (x, y) = (bytes(&jwk.x)?, bytes(&jwk.y)?);
            // SEC 1 §2.3.3: 4, then both coordinates in full.
            (x.len() == size && y.len() == size).then(|| [vec![4], x, y].concat())
        };
        let material = match (jwk.kty.as_str(), jwk.crv.as_deref()) {
            ("RSA", _) => {
                let number = |text| Some(bytes(text)?.into_iter().skip_while(|byte| *byte == 0).collect::<Vec<u8>>());
                Material::Rsa(PublicKeyComponents { n: number(&jwk.n)?, e: number(&jwk.e)? })
            }
            ("EC", Some("P-256")) => Material::P256(point(32)?),
            ("EC", Some("P-384")) => Material::P384(point(48)?),
            ("OKP", Some("Ed25519")) => Material::Ed25519(bytes(&jwk.x).filter(|x| x.len() == 32)?),
            _ => return None,
        };
        Some(Key { kid: jwk.kid, alg: jwk.alg, issuer: jwk.issuer, material })
    }

    /// Whether it is of the kind that the algorithm takes, and not meant for another one.
    fn fits(&self, algorithm: Algorithm) -> bool {
        let kind = match algorithm {
            Algorithm::Rs256 | Algorithm::Rs384 | Algorithm::Rs512 | Algorithm::Ps256 | Algorithm::Ps384 | Algorithm::Ps512 => {
                matches!(self.material, Material::Rsa(_))
            }
            Algorithm::Es256 => matches!(self.material, Material::P256(_)),
            Algorithm::Es384 => matches!(self.material, Material::P384(_)),
            Algorithm::EdDsa => matches!(self.material, Material::Ed25519(_)),
        };
        kind && self.alg.as_deref().is_none_or(|alg| Algorithm::parse(alg) == Some(algorithm))
    }

    fn made(&self, algorithm: Algorithm, signed: &[u8], signature: &[u8]) -> bool {
        let rsa = |parameters: &'static RsaParameters| match &self.material {
            Material::Rsa(key) => key.verify(parameters, signed, signature).is_ok(),
            _ => false,
        };
        let other =
            |how: &'static dyn VerificationAlgorithm, key: &[u8]| UnparsedPublicKey::new(how, key).verify(signed, signature).is_ok();
        match (algorithm, &self.material) {
            // Below 2048 bits no key is taken.
            (Algorithm::Rs256, _) => rsa(&signature::RSA_PKCS1_2048_8192_SHA256),
            (Algorithm::Rs384, _) => rsa(&signature::RSA_PKCS1_2048_8192_SHA384),
            (Algorithm::Rs512, _) => rsa(&signature::RSA_PKCS1_2048_8192_SHA512),
            (Algorithm::Ps256, _) => rsa(&signature::RSA_PSS_2048_8192_SHA256),
            (Algorithm::Ps384, _) => rsa(&signature::RSA_PSS_2048_8192_SHA384),
            (Algorithm::Ps512, _) => rsa(&signature::RSA_PSS_2048_8192_SHA512),
            (Algorithm::Es256, Material::P256(key)) => other(&signature::ECDSA_P256_SHA256_FIXED, key),
            (Algorithm::Es384, Material::P384(key)) => other(&signature::ECDSA_P384_SHA384_FIXED, key),
            (Algorithm::EdDsa, Material::Ed25519(key)) => other(&signature::ED25519, key),
            (Algorithm::Es256 | Algorithm::Es384 | Algorithm::EdDsa, _) => false,
        }
    }
}
