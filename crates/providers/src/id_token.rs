//! ID tokens (OpenID Connect Core 1.0 §3.1.3.7): signed by the issuer, for us, for this login, now.

use crate::discovery::Issuer;
use crate::error::Doubt;
use crate::keys::{Algorithm, Fitting, KeySet};
use data_encoding::BASE64URL_NOPAD;
use postkey_model::{Millis, Timestamp};
use serde_json::{Map, Value};

/// More than this is nobody's token.
const LONGEST: usize = 32 * 1024;
/// How far another clock may be off.
const SKEW: Millis = Millis::from_secs(60);
/// The token's name in errors.
const TOKEN: &str = "the ID token";

/// A token taken apart. Nothing in it is believed yet.
pub(crate) struct IdToken<'a> {
    algorithm: Algorithm,
    kid: Option<String>,
    signed: &'a [u8],
    signature: Vec<u8>,
    claims: Map<String, Value>,
}

/// Whom it must come from and whom it must be for.
pub(crate) struct Expected<'a> {
    pub(crate) issuer: &'a Issuer,
    pub(crate) client_id: &'a str,
    pub(crate) nonce: &'a str,
    /// Who the answer by way of the browser was from, if it said so.
    pub(crate) iss: Option<&'a str>,
    pub(crate) access_token: Option<&'a str>,
}

impl<'a> IdToken<'a> {
    /// Takes a compact JWS apart (RFC 7515 §7.1).
    pub(crate) fn read(token: &'a str) -> Result<Self, Doubt> {
        let malformed = Doubt::Malformed(TOKEN);
        if token.len() > LONGEST {
            return Err(Doubt::TooLong(TOKEN));
        }
        let (signed, signature) = token.rsplit_once('.').ok_or(malformed.clone())?;
        let (header, payload) = signed.split_once('.').ok_or(malformed.clone())?;
        let decode = |text: &str| BASE64URL_NOPAD.decode(text.as_bytes()).map_err(|_| malformed.clone());
        let object = |bytes: Vec<u8>| serde_json::from_slice::<Map<String, Value>>(&bytes).map_err(|_| malformed.clone());
        let header = object(decode(header)?)?;
        let text = |name: &str| match header.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.as_str())),
            Some(_) => Err(malformed.clone()),
        };
        // Tokens of another kind say so (RFC 8725 §3.11), and what is critical would have to be understood.
        if text("typ")?.is_some_and(|kind| !kind.eq_ignore_ascii_case("JWT")) || header.contains_key("crit") {
            return Err(malformed);
        }
        let algorithm = text("alg")?.and_then(Algorithm::parse).ok_or(Doubt::Algorithm)?;
        let kid = text("kid")?.map(str::to_owned);
        Ok(IdToken { algorithm, kid, signed: signed.as_bytes(), signature: decode(signature)?, claims: object(decode(payload)?)? })
    }

    /// The keys that it names, if the set has any.
    pub(crate) fn fitting<'k>(&self, keys: &'k KeySet) -> Option<Fitting<'k>> {
        keys.fitting(self.kid.as_deref(), self.algorithm)
    }

    /// Its claims, once everything about it is right.
    pub(crate) fn claims(self, keys: &Fitting<'_>, expected: &Expected<'_>, now: Timestamp) -> Result<Map<String, Value>, Doubt> {
        let text = |name: &str| self.claims.get(name).and_then(Value::as_str);
        let issuer = text("iss").ok_or(Doubt::Issuer)?;
        let tenant = text("tid").unwrap_or_default();
        keys.verify(self.algorithm, self.signed, &self.signature, issuer, tenant)?;
        let same = |iss: &str| expected.issuer.is(iss, Some(tenant));
        if !same(issuer) || !expected.iss.is_none_or(same) {
            return Err(Doubt::Issuer);
        }
        self.check_audience(expected.client_id)?;
        self.check_time(now)?;
        if text("nonce") != Some(expected.nonce) {
            return Err(Doubt::Nonce);
        }
        if let (Some(hash), Some(token)) = (self.claims.get("at_hash"), expected.access_token)
            && hash.as_str() != Some(self.algorithm.half_hash(token).as_str())
        {
            return Err(Doubt::AccessToken);
        }
        // §2: at most 255 signs of ASCII.
        if !text("sub").is_some_and(|sub| (1..=255).contains(&sub.len())) {
            return Err(Doubt::Subject);
        }
        Ok(self.claims)
    }

    /// It is for us, and where it is for others too, it says that it was made for us.
    fn check_audience(&self, client_id: &str) -> Result<(), Doubt> {
        let (ours, several) = match self.claims.get("aud") {
            Some(Value::String(one)) => (one == client_id, false),
            Some(Value::Array(all)) => (all.iter().any(|one| one == client_id), all.len() > 1),
            _ => (false, false),
        };
        let party = match self.claims.get("azp") {
            None => !several,
            Some(party) => party == client_id,
        };
        if ours && party { Ok(()) } else { Err(Doubt::Audience) }
    }

    fn check_time(&self, now: Timestamp) -> Result<(), Doubt> {
        let at = |name: &str| match self.claims.get(name) {
            None => Ok(None),
            // Some write fractions of a second.
            Some(value) => value.as_i64().or(value.as_f64().map(|seconds| seconds as i64)).ok_or(Doubt::Malformed(TOKEN)).map(Some),
        };
        let needed = |moment: Option<i64>| moment.ok_or(Doubt::Malformed(TOKEN));
        if needed(at("exp")?)? <= (now - SKEW).as_secs() {
            return Err(Doubt::Expired);
        }
        let latest = (now + SKEW).as_secs();
        if needed(at("iat")?)? > latest || at("nbf")?.is_some_and(|from| from > latest) {
            return Err(Doubt::Future);
        }
        Ok(())
    }
}
