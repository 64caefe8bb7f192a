//! Custom claims: what access tokens say of a user's metadata.

use serde_json::{Map, Value};
use thiserror::Error;

/// A claim that access tokens carry beside ours: what stands at a place in the metadata that back ends keep about the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomClaim {
    name: String,
    /// The names of the members that lead there, from the outside in.
    path: Vec<String>,
}

/// Why a custom claim is none.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CustomClaimError {
    /// It is called like one of ours, or like one that others give a meaning to.
    #[error("the name has a meaning of its own in tokens (RFC 7519, OpenID Connect, SuperTokens or Authress): choose another")]
    Reserved,
    /// Not a name.
    #[error("a name has 1 to 64 letters, digits, -, _, ., : and /")]
    Name,
    /// Not a place in metadata.
    #[error("a place is the names of 1 to 8 members with dots between, as in \"billing.plan\"")]
    Path,
}

/// Names with a meaning: registered claims (RFC 7519 §4.1), OpenID Connect Core §5.1 and §2, RFC 8693, and what the two dialects
/// put into their tokens.
const RESERVED: [&str; 49] = [
    "iss",
    "sub",
    "aud",
    "exp",
    "nbf",
    "iat",
    "jti",
    "name",
    "given_name",
    "family_name",
    "middle_name",
    "nickname",
    "preferred_username",
    "profile",
    "picture",
    "website",
    "email",
    "email_verified",
    "gender",
    "birthdate",
    "zoneinfo",
    "locale",
    "phone_number",
    "phone_number_verified",
    "address",
    "updated_at",
    "auth_time",
    "nonce",
    "acr",
    "amr",
    "azp",
    "at_hash",
    "c_hash",
    "sid",
    "scope",
    "client_id",
    "act",
    "may_act",
    "cnf",
    "sessionHandle",
    "refreshTokenHash1",
    "parentRefreshTokenHash1",
    "antiCsrfToken",
    "tId",
    "rsub",
    "isImpersonated",
    "userId",
    "tenantId",
    "stt",
];
/// So much of all custom claims of a token is carried, as JSON in bytes: with the rest of it a token fits a cookie of 4,096 bytes, and so does
/// what the web SDKs keep of it.
const MOST: usize = 1024;

impl CustomClaim {
    /// Reads a claim's name and the place of what it says.
    pub fn parse(name: &str, path: &str) -> Result<Self, CustomClaimError> {
        let fits = |b: u8| b.is_ascii_alphanumeric() || b"-_.:/".contains(&b);
        if !(1..=64).contains(&name.len()) || !name.bytes().all(fits) {
            return Err(CustomClaimError::Name);
        }
        if RESERVED.iter().any(|taken| taken.eq_ignore_ascii_case(name)) || name.starts_with("st-") {
            return Err(CustomClaimError::Reserved);
        }
        let path: Vec<String> = path.split('.').map(str::to_owned).collect();
        if !(1..=8).contains(&path.len()) || path.iter().any(|step| step.is_empty() || step.len() > 128) {
            return Err(CustomClaimError::Path);
        }
        Ok(CustomClaim { name: name.to_owned(), path })
    }

    /// What it says of somebody with this metadata; nothing where nothing stands there.
    fn of<'a>(&self, metadata: &'a Map<String, Value>) -> Option<&'a Value> {
        let (first, rest) = self.path.split_first()?;
        rest.iter().try_fold(metadata.get(first)?, |value, step| value.get(step)).filter(|value| !value.is_null())
    }
}

/// What a token says of somebody with this metadata, and the names of the claims that were left out because they would make it too long: no
/// more than 1,024 bytes of JSON are carried, in the order of `claims`.
pub fn custom_claims<'a>(claims: &'a [CustomClaim], metadata: &Map<String, Value>) -> (Map<String, Value>, Vec<&'a str>) {
    let (mut said, mut left_out, mut room) = (Map::new(), Vec::new(), MOST);
    for claim in claims {
        let Some(value) = claim.of(metadata) else { continue };
        // Quotes, colon, comma.
        let length = claim.name.len() + value.to_string().len() + 4;
        if length > room {
            left_out.push(claim.name.as_str());
            continue;
        }
        room -= length;
        said.insert(claim.name.clone(), value.clone());
    }
    (said, left_out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn claim(name: &str, path: &str) -> CustomClaim {
        CustomClaim::parse(name, path).unwrap()
    }

    fn object(value: Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn what_stands_there_is_said_and_nothing_else() {
        let claims = [
            claim("plan", "billing.plan"),
            claim("https://example.com/age", "age"),
            claim("none", "billing.plan.deeper"),
            claim("void", "void"),
        ];
        let metadata = object(json!({ "billing": { "plan": "gold", "card": "secret" }, "age": 7, "void": null, "other": true }));
        let (said, left_out) = custom_claims(&claims, &metadata);
        assert_eq!((Value::Object(said), left_out), (json!({ "plan": "gold", "https://example.com/age": 7 }), Vec::<&str>::new()));
        assert!(custom_claims(&claims, &Map::new()).0.is_empty());
    }

    #[test]
    fn what_is_too_long_is_left_out_and_named() {
        let claims = [claim("a", "a"), claim("b", "b"), claim("c", "c")];
        let metadata = object(json!({ "a": "x".repeat(600), "b": "y".repeat(600), "c": [1, 2] }));
        let (said, left_out) = custom_claims(&claims, &metadata);
        assert_eq!((said.keys().map(String::as_str).collect::<Vec<_>>(), left_out), (vec!["a", "c"], vec!["b"]));
        assert!(Value::Object(said).to_string().len() <= MOST);
    }

    #[test]
    fn names_with_a_meaning_and_odd_places_are_refused() {
        for name in ["sub", "Exp", "st-ev", "sessionHandle", "email", "scope"] {
            assert_eq!(CustomClaim::parse(name, "x"), Err(CustomClaimError::Reserved), "{name}");
        }
        for name in ["", "a b", "ä", &"n".repeat(65)] {
            assert_eq!(CustomClaim::parse(name, "x"), Err(CustomClaimError::Name), "{name}");
        }
        for path in ["", ".a", "a..b", "a.b.c.d.e.f.g.h.i"] {
            assert_eq!(CustomClaim::parse("plan", path), Err(CustomClaimError::Path), "{path}");
        }
    }
}
