//! Identifiers: what a person types to say who they are. Normalised once, here, so that one address has one
//! spelling everywhere.

use std::fmt;
use thiserror::Error;

/// A normalised identifier. Phone numbers join the enum with their channel.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Identifier {
    /// An email address.
    Email(EmailAddress),
}

impl Identifier {
    /// The text under which it is stored and found.
    pub fn as_str(&self) -> &str {
        match self {
            Identifier::Email(address) => address.as_str(),
        }
    }
}

/// An email address in its one spelling: local part and domain in lower case, the domain in its ASCII form
/// (IDNA, RFC 5891), no quotes, no comments, at most 254 bytes (RFC 5321 §4.5.3.1.3 less the brackets).
///
/// The local part takes RFC 5322 `dot-atom` characters only. Letters outside ASCII are refused there: few mail
/// servers take them (RFC 6531), and look-alike letters and look-alike `@` signs hide among them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EmailAddress(String);

/// Why an identifier was refused. Each has its words on the pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
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
