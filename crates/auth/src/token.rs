//! Access tokens: SuperTokens' version 5 (contract supertokens-frontend.md §4.9, supertokens-core.md §3.2), signed
//! with a key of the session set. The keys stay parsed; nothing here parses a private key per token.

use crate::proved::{Mark, Proved};
use aws_lc_rs::signature::{self, EcdsaKeyPair, Ed25519KeyPair, KeyPair, ParsedPublicKey, UnparsedPublicKey};
use aws_lc_rs::{digest, rsa};
use data_encoding::{BASE64, BASE64URL_NOPAD, HEXLOWER};
use postkey_model::{Algorithm, Secret, Session, SessionHandle, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use thiserror::Error;

/// The tokens of a session, as handed to a browser.
pub struct SessionTokens {
    /// The session they belong to.
    pub handle: SessionHandle,
    /// Who is signed in.
    pub user: UserId,
    /// The access token.
    pub access: Secret<String>,
    /// When the access token expires: a whole second.
    pub access_expires_at: Timestamp,
    /// The refresh token.
    pub refresh: Secret<String>,
    /// When the refresh token expires if it is not used.
    pub refresh_expires_at: Timestamp,
    /// The value of the `front-token` header: what a web SDK may know of the access token.
    pub front_token: String,
}

/// What an access token says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct AccessClaims {
    /// The user.
    pub sub: String,
    /// The identity.
    pub rsub: String,
    /// The tenant.
    #[serde(rename = "tId")]
    pub tenant: String,
    /// The session.
    #[serde(rename = "sessionHandle")]
    pub handle: String,
    /// Issued at, in seconds.
    pub iat: i64,
    /// Expires at, in seconds.
    pub exp: i64,
    /// The hash of the refresh token that goes with it, in hex.
    #[serde(rename = "refreshTokenHash1")]
    pub refresh_hash: String,
    /// The hash of that one's parent, while the session's row does not know the child.
    #[serde(rename = "parentRefreshTokenHash1")]
    pub parent_hash: Option<String>,
    /// The token that forms have to bring along.
    #[serde(rename = "antiCsrfToken")]
    pub anti_csrf: Option<String>,
    /// Who issued it. Back ends choose, for the sessions that they make.
    pub iss: Option<String>,
    /// Whatever else it says.
    #[serde(flatten)]
    pub others: Map<String, Value>,
}

/// What an access token says of the refresh tokens of its session: SHA-256 of their text, in hex.
pub(crate) struct Hashes {
    /// Of the one that goes with it.
    pub(crate) refresh: String,
    /// Of that one's parent, as long as the session's row does not know the child.
    pub(crate) parent: Option<String>,
}

pub(crate) fn sha256(text: &str) -> String {
    HEXLOWER.encode(digest::digest(&digest::SHA256, text.as_bytes()).as_ref())
}

/// The claims that are ours to make: no back end says anything else under these names.
pub const PROTECTED_CLAIMS: [&str; 9] =
    ["sub", "iat", "exp", "sessionHandle", "refreshTokenHash1", "parentRefreshTokenHash1", "antiCsrfToken", "tId", "rsub"];

/// Why an access token was not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum AccessTokenError {
    /// Not a token of ours: wrong form, unknown key, other algorithm, bad signature.
    #[error("not an access token of this server")]
    Invalid,
    /// It was one of ours, but its time is over.
    #[error("the access token has expired")]
    Expired,
    /// Its session was revoked.
    #[error("the session is over")]
    SessionOver,
    /// The store could not be asked.
    #[error("the session cannot be checked just now")]
    Unavailable,
}

/// A private key, parsed once.
enum Private {
    Es256(EcdsaKeyPair),
    EdDsa(Ed25519KeyPair),
    Rs256(rsa::KeyPair),
}

/// A signing key that is ready for work.
pub(crate) struct LiveKey {
    pub(crate) kid: String,
    pub(crate) algorithm: Algorithm,
    /// The public half as a JWK (RFC 7517).
    pub(crate) jwk: Value,
    /// The token header of this key, already encoded.
    header: String,
    private: Private,
    public: ParsedPublicKey,
    proved: Proved,
}

/// Something about a key did not work out; the text is for the log.
#[derive(Debug, Error)]
#[error("signing key: {0}")]
pub(crate) struct KeyFault(&'static str);

/// Makes a new private key (PKCS #8). RSA takes a good part of a second: never on a request.
///
/// The library draws from the operating system's generator itself; it takes no handle for key generation.
pub(crate) fn generate(algorithm: Algorithm) -> Result<Secret<Vec<u8>>, KeyFault> {
    let fault = |_| KeyFault("cannot be made");
    let document = match algorithm {
        Algorithm::Es256 => EcdsaKeyPair::generate(&signature::ECDSA_P256_SHA256_FIXED_SIGNING).and_then(|k| k.to_pkcs8v1()),
        Algorithm::EdDsa => Ed25519KeyPair::generate().and_then(|k| k.to_pkcs8()),
        Algorithm::Rs256 => {
            use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
            let pair = rsa::KeyPair::generate(rsa::KeySize::Rsa2048).map_err(fault)?;
            let der: Pkcs8V1Der<'_> = pair.as_der().map_err(fault)?;
            return Ok(Secret::new(der.as_ref().to_vec()));
        }
    };
    Ok(Secret::new(document.map_err(fault)?.as_ref().to_vec()))
}

impl LiveKey {
    /// Parses a private key.
    pub(crate) fn parse(kid: &str, algorithm: Algorithm, pkcs8: &[u8]) -> Result<Self, KeyFault> {
        let rejected = |_| KeyFault("damaged");
        let encode = |bytes: &[u8]| BASE64URL_NOPAD.encode(bytes);
        let common = |mut jwk: Value| {
            jwk["kid"] = kid.into();
            jwk["alg"] = algorithm.as_str().into();
            jwk["use"] = "sig".into();
            jwk
        };
        let (private, jwk, verifier, public): (_, _, &'static dyn signature::VerificationAlgorithm, Vec<u8>) = match algorithm {
            Algorithm::Es256 => {
                let pair = EcdsaKeyPair::from_pkcs8(&signature::ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8).map_err(rejected)?;
                let point = pair.public_key().as_ref().to_vec();
                // An uncompressed point (SEC 1 §2.3.3): 4, then x and y of 32 bytes each.
                let (x, y) = point.get(1..).and_then(|p| p.split_at_checked(32)).ok_or(KeyFault("of an odd size"))?;
                let jwk = json!({ "kty": "EC", "crv": "P-256", "x": encode(x), "y": encode(y) });
                (Private::Es256(pair), jwk, &signature::ECDSA_P256_SHA256_FIXED, point)
            }
            Algorithm::EdDsa => {
                let pair = Ed25519KeyPair::from_pkcs8(pkcs8).map_err(rejected)?;
                let public = pair.public_key().as_ref().to_vec();
                (Private::EdDsa(pair), json!({ "kty": "OKP", "crv": "Ed25519", "x": encode(&public) }), &signature::ED25519, public)
            }
            Algorithm::Rs256 => {
                let pair = rsa::KeyPair::from_pkcs8(pkcs8).map_err(rejected)?;
                let key = pair.public_key();
                let (n, e) = (key.modulus(), key.exponent());
                let jwk = json!({ "kty": "RSA", "n": encode(n.big_endian_without_leading_zero()), "e": encode(e.big_endian_without_leading_zero()) });
                let public = key.as_ref().to_vec();
                (Private::Rs256(pair), jwk, &signature::RSA_PKCS1_2048_8192_SHA256, public)
            }
        };
        let header = json!({ "alg": algorithm.as_str(), "typ": "JWT", "kid": kid, "version": "5" });
        let public = UnparsedPublicKey::new(verifier, public).parse().map_err(rejected)?;
        Ok(LiveKey {
            kid: kid.to_owned(),
            algorithm,
            jwk: common(jwk),
            header: encode(header.to_string().as_bytes()),
            private,
            public,
            proved: Proved::default(),
        })
    }

    /// Signs `payload` (JSON) into a compact JWS (RFC 7515 §3.1).
    pub(crate) fn sign(&self, payload: &str) -> Result<String, KeyFault> {
        self.sign_under(&self.header, payload)
    }

    /// Signs `payload` into a token that is none of a session: without a version, no door takes it for one.
    pub(crate) fn sign_other(&self, payload: &str) -> Result<String, KeyFault> {
        let header = json!({ "alg": self.algorithm.as_str(), "typ": "JWT", "kid": self.kid });
        self.sign_under(&BASE64URL_NOPAD.encode(header.to_string().as_bytes()), payload)
    }

    /// Signs `payload` into a token for an application of the Authress SDKs; `kind` is its `typ` (RFC 9068 §2.1).
    pub(crate) fn sign_typed(&self, kind: &str, payload: &str) -> Result<String, KeyFault> {
        let header = json!({ "alg": self.algorithm.as_str(), "typ": kind, "kid": self.kid });
        self.sign_under(&BASE64URL_NOPAD.encode(header.to_string().as_bytes()), payload)
    }

    fn sign_under(&self, header: &str, payload: &str) -> Result<String, KeyFault> {
        let mut token = String::with_capacity(header.len() + payload.len() * 4 / 3 + 360);
        token.push_str(header);
        token.push('.');
        BASE64URL_NOPAD.encode_append(payload.as_bytes(), &mut token);
        let fault = |_| KeyFault("cannot sign");
        #[allow(clippy::disallowed_methods, reason = "the library wants the handle but draws from its own generator")]
        let random = aws_lc_rs::rand::SystemRandom::new();
        let signature = match &self.private {
            Private::Es256(pair) => pair.sign(&random, token.as_bytes()).map_err(fault)?.as_ref().to_vec(),
            Private::EdDsa(pair) => pair.sign(token.as_bytes()).as_ref().to_vec(),
            Private::Rs256(pair) => {
                let mut out = vec![0; pair.public_modulus_len()];
                pair.sign(&signature::RSA_PKCS1_SHA256, &random, token.as_bytes(), &mut out).map_err(fault)?;
                out
            }
        };
        token.push('.');
        BASE64URL_NOPAD.encode_append(&signature, &mut token);
        Ok(token)
    }

    /// Checks the signature of `token` under this key and returns its payload.
    pub(crate) fn payload(&self, token: &str) -> Option<Vec<u8>> {
        let (signed, signature) = token.rsplit_once('.')?;
        let mark = Mark::of(token);
        if !self.proved.has(&mark) {
            let signature = BASE64URL_NOPAD.decode(signature.as_bytes()).ok()?;
            self.public.verify_sig(signed.as_bytes(), &signature).ok()?;
            self.proved.add(&mark);
        }
        BASE64URL_NOPAD.decode(signed.split_once('.')?.1.as_bytes()).ok()
    }
}

/// Makes an access token and its front token. Expires at a whole second.
pub(crate) fn mint(
    key: &LiveKey,
    session: &Session,
    (hashes, custom): (&Hashes, &Map<String, Value>),
    issuer: &str,
    expires_at: Timestamp,
    now: Timestamp,
) -> Result<Minted, KeyFault> {
    let issued = now.as_secs();
    let expires = Timestamp(expires_at.as_secs() * 1000);
    let kept = session.back_end.as_deref();
    let claims = Claims {
        iat: issued,
        exp: expires.as_secs(),
        sub: session.user.as_str(),
        tenant: session.tenant.name(),
        rsub: session.identity.as_str(),
        handle: session.handle.as_str(),
        refresh_hash: &hashes.refresh,
        parent: hashes.parent.as_deref(),
        anti_csrf: kept.and_then(|kept| kept.anti_csrf.as_deref()),
    };
    let fault = |_| KeyFault("cannot write claims");
    let mut payload = serde_json::to_string(&claims).map_err(fault)?;
    let others = match kept.and_then(|kept| kept.claims.clone()) {
        Some(others) => others,
        None => own_claims(session, issuer).map_err(fault)?,
    };
    let others = if custom.is_empty() { others } else { with_custom(&others, custom).map_err(fault)? };
    // Two objects become one, with the order of their keys.
    if let Some(others) = others.strip_prefix('{').filter(|others| *others != "}") {
        payload.pop();
        payload.push(',');
        payload.push_str(others);
    }
    // The SDKs compare `up` with the token's payload as text, so it is that very text.
    let uid = Value::from(session.user.as_str());
    let front = format!(r#"{{"uid":{uid},"ate":{},"up":{payload}}}"#, expires.0);
    Ok(Minted { token: key.sign(&payload)?, expires_at: expires, front_token: BASE64.encode(front.as_bytes()) })
}

/// The claims of `others`, a JSON object, and the custom ones. What a back end kept under such a name is what it once read in a token: the
/// metadata of now counts.
fn with_custom(others: &str, custom: &Map<String, Value>) -> Result<String, serde_json::Error> {
    let mut all: Map<String, Value> = serde_json::from_str(others)?;
    all.extend(custom.clone());
    serde_json::to_string(&all)
}

/// What the tokens of sessions say that our own doors made: a JSON object.
pub(crate) fn own_claims(session: &Session, issuer: &str) -> Result<String, serde_json::Error> {
    // Who signs in by mail has proved the address (contract supertokens-frontend.md §7.1).
    let email_verified = Verified { v: true, t: session.created_at.0 };
    serde_json::to_string(&OwnClaims { iss: issuer, email_verified })
}

pub(crate) struct Minted {
    pub(crate) token: String,
    pub(crate) expires_at: Timestamp,
    pub(crate) front_token: String,
}

#[derive(Serialize)]
struct Claims<'a> {
    iat: i64,
    exp: i64,
    sub: &'a str,
    #[serde(rename = "tId")]
    tenant: &'a str,
    rsub: &'a str,
    #[serde(rename = "sessionHandle")]
    handle: &'a str,
    #[serde(rename = "refreshTokenHash1")]
    refresh_hash: &'a str,
    #[serde(rename = "parentRefreshTokenHash1")]
    parent: Option<&'a str>,
    #[serde(rename = "antiCsrfToken")]
    anti_csrf: Option<&'a str>,
}

#[derive(Serialize)]
struct OwnClaims<'a> {
    iss: &'a str,
    #[serde(rename = "st-ev")]
    email_verified: Verified,
}

#[derive(Serialize)]
struct Verified {
    v: bool,
    t: i64,
}

#[derive(Deserialize)]
struct Header<'a> {
    alg: &'a str,
    kid: &'a str,
    version: Option<&'a str>,
}

/// Nobody is given a longer one: a back end's claims have at most [`LONGEST_CLAIMS`].
const LONGEST_TOKEN: usize = 32 * 1024;
/// What a back end may have an access token say, in bytes of JSON. Far less fits a cookie.
pub(crate) const LONGEST_CLAIMS: usize = 16 * 1024;

/// Checks a token against `keys`: one of them made it, with its own algorithm, for a session, and it has not expired.
/// Nothing in the token's header is believed beyond choosing among our own keys.
pub(crate) fn verify(keys: &[LiveKey], token: &str, now: Timestamp) -> Result<AccessClaims, AccessTokenError> {
    let invalid = AccessTokenError::Invalid;
    if token.len() > LONGEST_TOKEN || token.bytes().filter(|b| *b == b'.').count() != 2 {
        return Err(invalid);
    }
    let header = token.split('.').next().unwrap_or_default();
    let header = BASE64URL_NOPAD.decode(header.as_bytes()).map_err(|_| invalid)?;
    let header: Header<'_> = serde_json::from_slice(&header).map_err(|_| invalid)?;
    let key = keys.iter().find(|key| key.kid == header.kid).ok_or(invalid)?;
    if header.alg != key.algorithm.as_str() || header.version != Some("5") {
        return Err(invalid);
    }
    let payload = key.payload(token).ok_or(invalid)?;
    let claims: AccessClaims = serde_json::from_slice(&payload).map_err(|_| invalid)?;
    if claims.exp <= now.as_secs() {
        return Err(AccessTokenError::Expired);
    }
    Ok(claims)
}

/// The `kid` a token names, without believing it: only to see whether a key table is out of date.
pub(crate) fn named_kid(token: &str) -> Option<String> {
    let header = BASE64URL_NOPAD.decode(token.split('.').next()?.as_bytes()).ok()?;
    serde_json::from_slice::<Header<'_>>(&header).ok().map(|header| header.kid.to_owned())
}
