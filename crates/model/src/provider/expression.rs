//! [`Expression`]: which claims name a person or a tenant, such as `{sub}` or `{tid}|{oid}`.

use serde_json::{Map, Value};
use thiserror::Error;

/// Text with claims in braces. Dots go into objects: `{user.id}`; a claim whose own name has dots is found first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expression {
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Claim(String),
}

/// Why claims have no value for an expression.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ExpressionError {
    /// It is not there.
    #[error("the claim {0} is missing")]
    Missing(String),
    /// Only texts without control characters and whole numbers name anybody. Where several claims are joined, none may
    /// contain what stands between them: two people could have one name.
    #[error("the claim {0} cannot be part of an id")]
    Unusable(String),
    /// Nobody's id is that long.
    #[error("the id is too long")]
    TooLong,
}

/// The longest expression.
const LONGEST: usize = 256;
/// The longest value: what OpenID Connect allows for `sub`.
const LONGEST_VALUE: usize = 255;

impl Expression {
    /// Reads one. The error says what to do.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.len() > LONGEST || !text.bytes().all(|b| b.is_ascii_graphic() || b == b' ') {
            return Err(format!("at most {LONGEST} signs of ASCII"));
        }
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let (claim, behind) = after.split_once('}').ok_or("a { has no }")?;
            let named = claim.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b':' | b'/'));
            if claim.is_empty() || !named {
                return Err(format!("{{{claim}}} names no claim"));
            }
            if before.contains('}') {
                return Err("a } has no {".to_owned());
            }
            match (before.is_empty(), parts.is_empty()) {
                (true, false) => return Err("put a sign between two claims, such as |: two people could have one id".to_owned()),
                (true, true) => {}
                (false, _) => parts.push(Part::Text(before.to_owned())),
            }
            parts.push(Part::Claim(claim.to_owned()));
            rest = behind;
        }
        if parts.is_empty() {
            return Err("it has no claim in braces, such as {sub}: everybody would be one person".to_owned());
        }
        if rest.contains('}') {
            return Err("a } has no {".to_owned());
        }
        if !rest.is_empty() {
            parts.push(Part::Text(rest.to_owned()));
        }
        Ok(Expression { parts })
    }

    /// The claims that it uses, with their dots.
    pub fn claims(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Claim(name) => Some(name.as_str()),
            Part::Text(_) => None,
        })
    }

    /// Whether it uses a claim.
    pub fn uses(&self, claim: &str) -> bool {
        self.claims().any(|name| name == claim)
    }

    /// Its value.
    pub fn value(&self, claims: &Map<String, Value>) -> Result<String, ExpressionError> {
        let several = self.claims().count() > 1;
        let texts = || self.parts.iter().filter_map(|part| if let Part::Text(text) = part { Some(text) } else { None });
        let mut whole = String::new();
        for part in &self.parts {
            match part {
                Part::Text(text) => whole.push_str(text),
                Part::Claim(name) => {
                    let value = match find(claims, name) {
                        None | Some(Value::Null) => return Err(ExpressionError::Missing(name.clone())),
                        Some(Value::String(text)) => text.clone(),
                        Some(Value::Number(number)) if number.is_i64() || number.is_u64() => number.to_string(),
                        Some(_) => return Err(ExpressionError::Unusable(name.clone())),
                    };
                    let blurs = several && texts().flat_map(|text| text.chars()).any(|sign| value.contains(sign));
                    if value.is_empty() || value.chars().any(char::is_control) || blurs {
                        return Err(ExpressionError::Unusable(name.clone()));
                    }
                    whole.push_str(&value);
                }
            }
        }
        if whole.len() > LONGEST_VALUE { Err(ExpressionError::TooLong) } else { Ok(whole) }
    }
}

/// A claim by its name, else by its way into objects.
fn find<'a>(claims: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    if let Some(value) = claims.get(name) {
        return Some(value);
    }
    let (first, rest) = name.split_once('.')?;
    find(claims.get(first)?.as_object()?, rest)
}
