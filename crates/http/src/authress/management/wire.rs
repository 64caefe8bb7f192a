//! What the management interface writes and reads (contract authress.md §4): lengths of time, moments, pages of a list, and
//! members that nobody here knows.

use axum::http::{HeaderMap, header};
use data_encoding::BASE64URL_NOPAD;
use jiff::{Span, SpanRelativeTo, Unit};
use postkey_model::{Linking, Millis, Timestamp};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// A moment (RFC 3339).
pub fn moment(at: Timestamp) -> String {
    jiff::Timestamp::from_millisecond(at.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH).to_string()
}

/// Reads a moment.
pub fn moment_of(text: &str) -> Option<Timestamp> {
    text.parse::<jiff::Timestamp>().ok().map(|at| Timestamp(at.as_millisecond()))
}

/// A length of time (ISO 8601 §5.5.2): `PT5M`, `PT24H`, `P30D`. Whole seconds.
pub fn length(length: Millis) -> String {
    let seconds = length.as_secs();
    let day = 86_400;
    if seconds >= 2 * day && seconds % day == 0 {
        return format!("P{}D", seconds / day);
    }
    let parts = [(seconds / 3600, 'H'), (seconds / 60 % 60, 'M'), (seconds % 60, 'S')];
    let said: String = parts.iter().filter(|(n, _)| *n > 0).map(|(n, unit)| format!("{n}{unit}")).collect();
    if said.is_empty() { "PT0S".to_owned() } else { format!("PT{said}") }
}

/// Reads a length of time: weeks, days and smaller. A month is of no length of its own.
pub fn length_of(text: &str) -> Option<Millis> {
    let span: Span = text.strip_prefix('P').and(text.parse().ok())?;
    if span.get_years() != 0 || span.get_months() != 0 || span.is_negative() {
        return None;
    }
    let millis = span.total((Unit::Millisecond, SpanRelativeTo::days_are_24_hours())).ok()?;
    (millis <= 1e15).then_some(Millis(millis as i64))
}

/// Where a page of a list begins, as its readers hand it back.
pub fn cursor(text: &str) -> String {
    BASE64URL_NOPAD.encode(text.as_bytes())
}

/// Reads that back.
pub fn cursor_of(text: &str) -> Option<String> {
    String::from_utf8(BASE64URL_NOPAD.decode(text.as_bytes()).ok()?).ok()
}

/// Whether the caller asks for the form with links, as the generated SDKs do.
pub fn wants_links(headers: &HeaderMap) -> bool {
    header(headers, &header::ACCEPT).contains("application/links+json")
}

/// Whether the caller refuses members that it does not know: the SDK for Go does, and it alone of those that ask for links
/// does not say who it is.
pub fn is_strict(headers: &HeaderMap) -> bool {
    wants_links(headers) && !header(headers, &header::USER_AGENT).starts_with("Authress SDK;")
}

fn header<'a>(headers: &'a HeaderMap, name: &header::HeaderName) -> &'a str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// Which members the documented form of something has, and of which form those are that have members themselves.
pub struct Documented {
    /// Their names.
    pub members: &'static [&'static str],
    /// The forms of some of them. The elements of a list have the form of the list.
    pub nested: &'static [(&'static str, Documented)],
}

impl Documented {
    /// Takes everything away that has no place in it.
    pub fn narrow(&self, value: &mut Value) {
        match value {
            Value::Array(all) => all.iter_mut().for_each(|one| self.narrow(one)),
            Value::Object(object) => {
                object.retain(|name, value| self.members.contains(&name.as_str()) && !value.is_null());
                for (name, form) in self.nested {
                    if let Some(value) = object.get_mut(*name) {
                        form.narrow(value);
                    }
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
}

/// See [`Documented`].
pub const CLIENT: Documented = Documented {
    members: &["clientId", "createdTime", "name", "options", "verificationKeys", "tags"],
    nested: &[
        ("options", Documented { members: &["grantUserPermissionsAccess", "grantTokenGeneration"], nested: &[] }),
        ("verificationKeys", KEY),
    ],
};
/// See [`Documented`].
pub const KEY: Documented =
    Documented { members: &["keyId", "clientId", "publicKey", "generationDate", "clientSecret", "accessKey"], nested: &[] };
/// See [`Documented`].
pub const CONNECTION: Documented = Documented {
    members: &[
        "type",
        "connectionId",
        "authenticationUrl",
        "tokenUrl",
        "issuerUrl",
        "clientId",
        "data",
        "defaultConnectionProperties",
        "createdTime",
        "tags",
    ],
    nested: &[
        (
            "data",
            Documented {
                members: &["name", "supportedContentType", "oidcUserEndpointUrl", "userIdExpression", "trustIdentityUserId"],
                nested: &[],
            },
        ),
        ("defaultConnectionProperties", Documented { members: &["scope"], nested: &[] }),
    ],
};
/// See [`Documented`].
pub const TENANT: Documented = Documented {
    members: &["tenantId", "tenantLookupIdentifier", "data", "connection", "createdTime"],
    nested: &[
        ("data", Documented { members: &["name"], nested: &[] }),
        ("connection", Documented { members: &["connectionId"], nested: &[] }),
    ],
};
/// See [`Documented`].
pub const USER: Documented = Documented { members: &["userId", "name", "picture", "email"], nested: &[] };
/// See [`Documented`].
pub const INVITE: Documented = Documented { members: &["inviteId", "tenantId", "statements"], nested: &[] };
/// See [`Documented`].
pub const ACCOUNT: Documented = Documented { members: &["accountId", "createdTime", "name", "company"], nested: &[] };

/// The members of what a caller sent. Those that are read are taken out; what is left is what nobody here knows.
#[derive(Clone)]
pub struct Fields(Map<String, Value>);

/// Why a member cannot be taken: a sentence.
pub type Odd = String;

/// Members that hold secrets.
const SECRETS: [&str; 5] = ["clientsecret", "accesskey", "privatekey", "password", "secret"];

/// Whether a member holds a secret, by its name, however that is written.
fn is_secret(name: &str) -> bool {
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    SECRETS.contains(&plain.to_ascii_lowercase().as_str())
}

/// Takes secrets out of whatever a value holds.
fn clean(value: &mut Value) {
    match value {
        Value::Object(inner) => *inner = Fields::without_secrets(std::mem::take(inner)),
        Value::Array(all) => all.iter_mut().for_each(clean),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

impl Fields {
    /// Begins with everything but what is told and never taken: ids, moments. SDKs send those back.
    pub fn of(mut object: Map<String, Value>, told: &[&str]) -> Self {
        told.iter().for_each(|name| drop(object.remove(*name)));
        Fields(object)
    }

    /// What is left, to be kept as it came: but nothing that is a secret by its name, wherever it stands. Those are stored
    /// sealed or not at all.
    fn without_secrets(mut object: Map<String, Value>) -> Map<String, Value> {
        object.retain(|name, _| !is_secret(name));
        object.values_mut().for_each(clean);
        object
    }

    /// Takes a member, also one of an object in it (`options.authorizationUrl`).
    fn take(&mut self, name: &str) -> Option<Value> {
        let Some((outer, inner)) = name.split_once('.') else { return self.0.remove(name) };
        let object = self.0.get_mut(outer)?.as_object_mut()?;
        let taken = object.remove(inner);
        if object.is_empty() {
            self.0.remove(outer);
        }
        taken
    }

    /// A text; `Some(None)` when it is null or empty.
    pub fn text(&mut self, name: &str) -> Result<Option<Option<String>>, Odd> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::Null) => Ok(Some(None)),
            Some(Value::String(text)) => Ok(Some(Some(text).filter(|text| !text.is_empty()))),
            Some(_) => Err(format!("{name} must be a text")),
        }
    }

    /// A text that cannot be taken back: null counts as missing.
    pub fn word(&mut self, name: &str) -> Result<Option<String>, Odd> {
        Ok(self.text(name)?.flatten())
    }

    /// Yes or no; null is no.
    pub fn flag(&mut self, name: &str) -> Result<Option<bool>, Odd> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::Null) => Ok(Some(false)),
            Some(Value::Bool(is)) => Ok(Some(is)),
            Some(_) => Err(format!("{name} must be true or false")),
        }
    }

    /// A length of time; `Some(None)` when it is null.
    pub fn length(&mut self, name: &str) -> Result<Option<Option<Millis>>, Odd> {
        match self.text(name)? {
            None => Ok(None),
            Some(None) => Ok(Some(None)),
            Some(Some(text)) => {
                let length = length_of(&text).ok_or_else(|| format!("{name} must be a length of time like PT5M or P30D"))?;
                Ok(Some(Some(length)))
            }
        }
    }

    /// A list of texts; null is an empty one.
    pub fn texts(&mut self, name: &str) -> Result<Option<Vec<String>>, Odd> {
        let wrong = || format!("{name} must be a list of texts");
        match self.take(name) {
            None => Ok(None),
            Some(Value::Null) => Ok(Some(Vec::new())),
            Some(Value::Array(all)) => {
                all.into_iter().map(|one| one.as_str().map(str::to_owned).ok_or_else(wrong)).collect::<Result<_, _>>().map(Some)
            }
            Some(_) => Err(wrong()),
        }
    }

    /// Texts by name; null is none.
    pub fn texts_by_name(&mut self, name: &str) -> Result<Option<BTreeMap<String, String>>, Odd> {
        let wrong = || format!("{name} must be an object of texts");
        match self.take(name) {
            None => Ok(None),
            Some(Value::Null) => Ok(Some(BTreeMap::new())),
            Some(Value::Object(all)) => {
                let pair = |(key, value): (String, Value)| value.as_str().map(|text| (key, text.to_owned())).ok_or_else(wrong);
                all.into_iter().map(pair).collect::<Result<_, _>>().map(Some)
            }
            Some(_) => Err(wrong()),
        }
    }

    /// How identities may be linked: `{"type": "AUTOMATIC"}`; null is not at all.
    pub fn linking(&mut self) -> Result<Option<Linking>, Odd> {
        const NAME: &str = "linkingConfiguration";
        match self.0.remove(NAME) {
            None => Ok(None),
            Some(Value::Null) => Ok(Some(Linking::Disabled)),
            Some(Value::Object(object)) => {
                let kind = object.get("type").cloned().unwrap_or(Value::Null);
                let found = Linking::ALL.into_iter().find(|linking| linking.as_str().map_or(Value::Null, Value::from) == kind);
                found.map(Some).ok_or_else(|| format!("{NAME}.type must be EXPLICIT, AUTOMATIC or null"))
            }
            Some(_) => Err(format!("{NAME} must be an object or null")),
        }
    }

    /// What is left.
    pub fn rest(self) -> Map<String, Value> {
        Self::without_secrets(self.0)
    }
}

/// What was kept, with `known` laid over it. Objects that both have are put together.
pub fn over(kept: &Map<String, Value>, known: Value) -> Value {
    let mut all = kept.clone();
    if let Value::Object(known) = known {
        for (name, value) in known {
            match (all.get_mut(&name), value) {
                (Some(Value::Object(below)), Value::Object(above)) => below.extend(above),
                (_, value) => drop(all.insert(name, value)),
            }
        }
    }
    Value::Object(all)
}

/// A page of a list: its elements under their name, where the next page begins, and where this one is.
pub fn list(name: &str, elements: Vec<Value>, here: &str, next: Option<(String, String)>) -> Value {
    let (cursor, address) = next.unzip();
    let mut links = json!({ "self": { "href": here } });
    if let Some(address) = address {
        links["next"] = json!({ "href": address });
    }
    let pagination = cursor.map(|cursor| json!({ "next": { "cursor": cursor } }));
    let mut page = json!({ "pagination": pagination, "links": links });
    page[name] = Value::Array(elements);
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_are_written_and_read() {
        for (text, millis) in [("PT5M", 300_000), ("PT24H", 86_400_000), ("P30D", 2_592_000_000), ("PT1H30M", 5_400_000), ("PT10S", 10_000)]
        {
            assert_eq!((length(Millis(millis)).as_str(), length_of(text)), (text, Some(Millis(millis))), "{text}");
        }
        for (text, millis) in [("P1D", 86_400_000), ("PT60M", 3_600_000), ("P1W", 604_800_000), ("P1DT1H", 90_000_000), ("PT0S", 0)] {
            assert_eq!(length_of(text), Some(Millis(millis)), "{text}");
        }
        for bad in ["", "P", "5m", "PT", "P1M", "P1Y", "-PT5M", "PT-5M", "300", "PT99999999999999999H", "pt5m x"] {
            assert_eq!(length_of(bad), None, "{bad}");
        }
    }

    #[test]
    fn moments_are_written_and_read() {
        assert_eq!(moment(Timestamp(1_800_000_000_000)), "2027-01-15T08:00:00Z");
        assert_eq!(moment_of("2027-01-15T09:00:00+01:00"), Some(Timestamp(1_800_000_000_000)));
        assert_eq!(moment_of("2027-01-15"), None);
    }

    #[test]
    fn a_strict_reader_gets_what_is_documented_and_nothing_else() {
        let mut client = json!({
            "clientId": "sc_a", "createdTime": "x", "lastUpdated": "x", "name": null, "tags": { "any": "x" },
            "options": { "grantTokenGeneration": true, "authorizationUrl": "x" },
            "verificationKeys": [{ "keyId": "k", "clientId": "sc_a", "more": 1 }],
        });
        CLIENT.narrow(&mut client);
        let narrow = json!({
            "clientId": "sc_a", "createdTime": "x", "tags": { "any": "x" }, "options": { "grantTokenGeneration": true },
            "verificationKeys": [{ "keyId": "k", "clientId": "sc_a" }],
        });
        assert_eq!(client, narrow);
    }

    #[test]
    fn what_is_not_read_is_left() {
        let sent = json!({
            "clientId": "sc_a", "name": "A", "tags": { "a": "b" }, "options": { "isAdmin": true, "grantUserPermissionsAccess": true },
            "conditions": { "authenticationLeewayDuration": "PT5M" }, "linkingConfiguration": { "type": "AUTOMATIC" }, "list": ["x"],
        });
        let mut fields = Fields::of(sent.as_object().unwrap().clone(), &["clientId"]);
        assert_eq!(fields.text("name"), Ok(Some(Some("A".to_owned()))));
        assert_eq!(fields.text("other"), Ok(None));
        assert_eq!(fields.flag("options.isAdmin"), Ok(Some(true)));
        assert_eq!(fields.length("conditions.authenticationLeewayDuration"), Ok(Some(Some(Millis(300_000)))));
        assert_eq!(fields.linking(), Ok(Some(Linking::Automatic)));
        assert_eq!(fields.texts("list"), Ok(Some(vec!["x".to_owned()])));
        assert_eq!(Value::Object(fields.rest()), json!({ "tags": { "a": "b" }, "options": { "grantUserPermissionsAccess": true } }));
    }

    #[test]
    fn what_is_no_text_flag_or_length_is_refused() {
        let mut fields =
            Fields::of(json!({ "a": 1, "b": "x", "c": "5m", "d": [1], "linkingConfiguration": "x" }).as_object().unwrap().clone(), &[]);
        assert!(fields.text("a").is_err() && fields.flag("b").is_err() && fields.length("c").is_err() && fields.texts("d").is_err());
        assert!(fields.linking().is_err());
    }

    #[test]
    fn what_is_known_lies_over_what_was_kept() {
        let kept = json!({ "a": 1, "o": { "x": 1, "y": 1 } });
        let all = over(kept.as_object().unwrap(), json!({ "a": 2, "o": { "y": 2 }, "n": null }));
        assert_eq!(all, json!({ "a": 2, "o": { "x": 1, "y": 2 }, "n": null }));
    }
}
