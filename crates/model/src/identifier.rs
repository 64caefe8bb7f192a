//! Identifiers: what a person types to say who they are. Normalised once, here, so that one address has one
//! spelling everywhere.

use crate::phone::{self, Guess, PhoneError, PhoneNumber, Region};
use crate::user::Connection;
use serde::{Deserialize, Serialize};
use std::fmt;
use thiserror::Error;

/// A normalised identifier.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Identifier {
    /// An email address.
    Email(EmailAddress),
    /// A phone number.
    Phone(PhoneNumber),
}

/// What somebody may type to say who they are. The names are SuperTokens' `contactMethod`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ContactMethod {
    /// An email address.
    Email,
    /// A phone number.
    Phone,
    /// Either, in one field.
    EmailOrPhone,
}

impl ContactMethod {
    /// All of them.
    pub const ALL: [ContactMethod; 3] = [ContactMethod::Email, ContactMethod::Phone, ContactMethod::EmailOrPhone];

    /// The name in the config and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            ContactMethod::Email => "EMAIL",
            ContactMethod::Phone => "PHONE",
            ContactMethod::EmailOrPhone => "EMAIL_OR_PHONE",
        }
    }

    /// Reads the name above.
    pub fn parse(text: &str) -> Option<Self> {
        ContactMethod::ALL.into_iter().find(|method| method.as_str() == text)
    }

    /// Whether an email address is taken.
    pub fn takes_email(self) -> bool {
        self != ContactMethod::Phone
    }

    /// Whether a phone number is taken.
    pub fn takes_phone(self) -> bool {
        self != ContactMethod::Email
    }
}

impl Identifier {
    /// Reads what somebody typed into a field that takes `method`. `country` is the one that they chose beside it, or
    /// the default one: a number in its national form is read as one of that country.
    pub fn parse(typed: &str, method: ContactMethod, country: Option<Region>) -> Result<Self, IdentifierError> {
        match method {
            ContactMethod::Email => EmailAddress::parse(typed).map(Identifier::Email),
            ContactMethod::Phone => PhoneNumber::parse(typed, country).map(Identifier::Phone).map_err(|e| IdentifierError::Phone {
                why: e,
                region: country,
                number: typed.chars().filter(|c| !c.is_control()).take(64).collect(),
            }),
            ContactMethod::EmailOrPhone => match EmailAddress::parse(typed) {
                Ok(address) => Ok(Identifier::Email(address)),
                Err(IdentifierError::Empty) => Err(IdentifierError::Empty),
                Err(why) => match phone::guess(typed, country) {
                    Guess::Phone(number) => Ok(Identifier::Phone(number)),
                    Guess::NeedsCountry { region, number } => {
                        // A number that is right as proposed needs its owner's word for it.
                        let why = PhoneNumber::parse(&number, region).err().unwrap_or(PhoneError::NeedsCountry);
                        Err(IdentifierError::Phone { why, region, number })
                    }
                    Guess::NotAPhone if typed.contains(['@', '＠']) => Err(why),
                    Guess::NotAPhone => Err(IdentifierError::Neither),
                },
            },
        }
    }

    /// The connection that proves it.
    pub fn connection(&self) -> Connection {
        match self {
            Identifier::Email(_) => Connection::Email,
            Identifier::Phone(_) => Connection::Sms,
        }
    }

    /// An identifier read back from our own store. Codes go to addresses and numbers only, so no sign-in has another
    /// connection than these two.
    pub fn stored(connection: Connection, subject: String) -> Self {
        match connection {
            Connection::Email | Connection::Provider(_) => Identifier::Email(EmailAddress::stored(subject)),
            Connection::Sms => Identifier::Phone(PhoneNumber::stored(subject)),
        }
    }

    /// The text under which it is stored and found.
    pub fn as_str(&self) -> &str {
        match self {
            Identifier::Email(address) => address.as_str(),
            Identifier::Phone(number) => number.as_str(),
        }
    }

    /// The text to show to whoever typed it: a phone number in groups.
    pub fn shown(&self) -> String {
        match self {
            Identifier::Email(address) => address.as_str().to_owned(),
            Identifier::Phone(number) => number.international(),
        }
    }

    /// Enough of it for its owner to know it and for nobody else to learn it.
    pub fn masked(&self) -> String {
        match self {
            Identifier::Email(address) => address.masked(),
            Identifier::Phone(number) => number.masked(),
        }
    }
}

/// An email address in its one spelling: local part and domain in lower case, the domain in its ASCII form
/// (IDNA, RFC 5891), no quotes, no comments, at most 254 bytes (RFC 5321 §4.5.3.1.3 less the brackets).
///
/// The local part takes RFC 5322 `dot-atom` characters only. Letters outside ASCII are refused there: few mail
/// servers take them (RFC 6531), and look-alike letters and look-alike `@` signs hide among them.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EmailAddress(String);

/// Why an identifier was refused. Each has its words on the pages.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum IdentifierError {
    /// Nothing was typed.
    #[error("no address was given")]
    Empty,
    /// Longer than any mail server takes.
    #[error("the address is too long")]
    TooLong,
    /// It is not one address of the form name@example.com.
    #[error("that is not an email address of the form name@example.com")]
    NotAnEmail,
    /// The part after the `@` is not a domain name that could receive mail.
    #[error("the part after the @ is not a domain name")]
    BadDomain,
    /// It is neither an email address nor a phone number.
    #[error("that is neither an email address nor a phone number")]
    Neither,
    /// It is meant to be a phone number, and is none that we can send to.
    #[error("{why}")]
    Phone {
        /// What is wrong with it.
        why: PhoneError,
        /// Its country, as far as it can be told.
        region: Option<Region>,
        /// The number to show again: as typed, or as far as it could be made out.
        number: String,
    },
}

impl EmailAddress {
    /// Reads what a person typed. White space around it is forgiven; anything else that is not one plain
    /// address is refused, in the same way on every door.
    pub fn parse(typed: &str) -> Result<Self, IdentifierError> {
        let typed = typed.trim_matches([' ', '\t', '\u{a0}', '\u{3000}']);
        if typed.is_empty() {
            return Err(IdentifierError::Empty);
        }
        if typed.len() > 1024 {
            return Err(IdentifierError::TooLong);
        }
        let (local, domain) = typed.split_once('@').ok_or(IdentifierError::NotAnEmail)?;
        let domain = parse_domain(domain)?;
        if local.len() > 64 || local.len() + 1 + domain.len() > 254 {
            return Err(IdentifierError::TooLong);
        }
        let atom = |part: &str| !part.is_empty() && part.bytes().all(is_atext);
        if !local.split('.').all(atom) {
            return Err(IdentifierError::NotAnEmail);
        }
        Ok(EmailAddress(format!("{}@{domain}", local.to_ascii_lowercase())))
    }

    /// An address read back from our own store.
    pub fn stored(text: String) -> Self {
        EmailAddress(text)
    }

    /// The address as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part after the `@`.
    pub fn domain(&self) -> Option<&str> {
        self.0.split_once('@').map(|(_, domain)| domain)
    }

    /// Enough of the address for its owner to know it and for nobody else to learn it: `j•••@e•••.com`.
    pub fn masked(&self) -> String {
        let (local, domain) = self.0.split_once('@').unwrap_or((&self.0, ""));
        let (host, top) = domain.rsplit_once('.').unwrap_or((domain, ""));
        let first = |s: &str| s.chars().next().map(String::from).unwrap_or_default();
        format!("{}•••@{}•••.{top}", first(local), first(host))
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// RFC 5322 §3.2.3 `atext`.
fn is_atext(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&byte)
}

/// Invisible signs that IDNA's mapping drops without a word (UTS #46, status "ignored").
fn is_dropped(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{34f}' | '\u{180b}'..='\u{180f}' | '\u{200b}' | '\u{2060}'..='\u{2064}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}')
}

fn parse_domain(typed: &str) -> Result<String, IdentifierError> {
    if typed.contains('@') || typed.chars().any(|c| c.is_control() || c.is_whitespace() || is_dropped(c)) {
        return Err(IdentifierError::NotAnEmail);
    }
    let ascii = idna::domain_to_ascii_strict(typed).map_err(|_| IdentifierError::BadDomain)?;
    let label = |l: &str| {
        (1..=63).contains(&l.len()) && !l.starts_with('-') && !l.ends_with('-') && l.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    let labels: Vec<&str> = ascii.split('.').collect();
    let top_is_a_name = labels.last().is_some_and(|top| !top.bytes().all(|b| b.is_ascii_digit()));
    if labels.len() < 2 || ascii.len() > 253 || !labels.iter().all(|l| label(l)) || !top_is_a_name {
        return Err(IdentifierError::BadDomain);
    }
    Ok(ascii)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_has_one_spelling() {
        for typed in ["Jane.Doe@Example.COM", "  jane.doe@example.com ", "jane.doe@EXAMPLE.com\t", "\u{a0}JANE.DOE@example.com"] {
            assert_eq!(EmailAddress::parse(typed).unwrap().as_str(), "jane.doe@example.com", "{typed:?}");
        }
        assert_eq!(EmailAddress::parse("post@BÜCHER.example").unwrap().as_str(), "post@xn--bcher-kva.example");
        assert_eq!(EmailAddress::parse("post@bu\u{308}cher.example").unwrap().as_str(), "post@xn--bcher-kva.example");
        assert_eq!(EmailAddress::parse("a+tag/x=y@a-b.example.org").unwrap().as_str(), "a+tag/x=y@a-b.example.org");
    }

    #[test]
    fn hostile_addresses_are_refused() {
        let long = format!("{}@example.com", "a".repeat(10_000));
        let long_local = format!("{}@example.com", "a".repeat(65));
        let long_domain = format!("a@{}.com", vec!["b".repeat(60); 5].join("."));
        for typed in [
            "",
            "   ",
            "jane",
            "@example.com",
            "jane@",
            "jane@example",
            "jane@@example.com",
            "a@b@example.com",
            "jane@example.com\r\nBcc: eve@example.com",
            "jane\r\n@example.com",
            "jane@exam\nple.com",
            "jane@example.com\n",
            "jane\0@example.com",
            "jane@example.com\0",
            "jane@example.com,eve@example.com",
            "jane@example.com eve@example.com",
            "jane@example.com;eve@example.com",
            "<jane@example.com>",
            "Jane <jane@example.com>",
            "\"jane doe\"@example.com",
            "jane(comment)@example.com",
            ".jane@example.com",
            "jane.@example.com",
            "ja..ne@example.com",
            "jane@-example.com",
            "jane@example-.com",
            "jane@.example.com",
            "jane@example..com",
            "jane@example.com.",
            "jane@[127.0.0.1]",
            "jane@127.0.0.1",
            "jane＠example.com",
            "jane﹫example.com",
            "jаne@example.com",
            "jane@exam_ple.com",
            "jane@exa mple.com",
            "jane%00@example.com\u{200b}",
            "jane@example.com/../x",
            "jane@example.com?x",
            &long,
            &long_local,
            &long_domain,
        ] {
            assert!(EmailAddress::parse(typed).is_err(), "{typed:?} must be refused");
        }
    }

    #[test]
    fn masking_keeps_only_first_letters() {
        assert_eq!(EmailAddress::parse("jane@mail.example.com").unwrap().masked(), "j•••@m•••.com");
    }
}
