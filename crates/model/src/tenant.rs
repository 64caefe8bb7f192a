//! Tenants and the rules each of them sets.

use crate::CustomClaim;
use crate::brand::Brand;
use crate::code::CodeFormat;
use crate::id::TenantId;
use crate::identifier::{ContactMethod, EmailAddress, Identifier, IdentifierError};
use crate::limit::GuessRules;
use crate::message::Channel;
use crate::phone::Region;
use crate::redirect::{Destinations, Origin};
use crate::time::Millis;

/// What a message of a sign-in carries. The names are SuperTokens' `flowType`, which is on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Flow {
    /// A link only.
    MagicLink,
    /// A code to type only.
    UserInputCode,
    /// Both; either one finishes the sign-in and spends the other.
    UserInputCodeAndMagicLink,
}

impl Flow {
    /// All flows.
    pub const ALL: [Flow; 3] = [Flow::MagicLink, Flow::UserInputCode, Flow::UserInputCodeAndMagicLink];

    /// The name on the wire, in config and in the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Flow::MagicLink => "MAGIC_LINK",
            Flow::UserInputCode => "USER_INPUT_CODE",
            Flow::UserInputCodeAndMagicLink => "USER_INPUT_CODE_AND_MAGIC_LINK",
        }
    }

    /// Reads the name above.
    pub fn parse(text: &str) -> Option<Self> {
        Flow::ALL.into_iter().find(|flow| flow.as_str() == text)
    }

    /// Whether the message holds a code to type.
    pub fn has_code(self) -> bool {
        !matches!(self, Flow::MagicLink)
    }

    /// Whether the message holds a link.
    pub fn has_link(self) -> bool {
        !matches!(self, Flow::UserInputCode)
    }
}

/// One tenant, with its rules.
#[derive(Clone, Debug)]
pub struct Tenant {
    /// Its name.
    pub id: TenantId,
    /// The name people know the product by: shown on pages and in messages.
    pub app_name: String,
    /// What people type to say who they are.
    pub contact: ContactMethod,
    /// The rules of its phone numbers.
    pub phone: PhoneRules,
    /// Who may get an account.
    pub sign_up: SignUp,
    /// The language of people whose browser asks for none of ours: a tag such as `de`.
    pub language: String,
    /// Whether the subject of its mails says the code.
    pub code_in_subject: bool,
    /// How its pages look.
    pub brand: Brand,
    /// The rules of its sign-ins.
    pub sign_in: SignInRules,
    /// The rules of its sessions.
    pub session: SessionRules,
    /// Where people may be sent once they are in.
    pub destinations: Destinations,
    /// How the web SDKs of applications reach it.
    pub web: WebRules,
    /// What back ends set for it.
    pub back_end: BackEndRules,
    /// The rules of sessions that applications asked for by login requests.
    pub login: LoginRules,
    /// What access tokens say beside what they say anyway.
    pub claims: Vec<CustomClaim>,
}

impl Tenant {
    /// Reads what somebody typed to say who they are. `method` is what the field took: a form for phone numbers only, of
    /// a tenant that takes both, asks for less than the tenant does, never for more.
    pub fn read_identifier(
        &self,
        typed: &str,
        method: Option<ContactMethod>,
        country: Option<Region>,
    ) -> Result<Identifier, IdentifierError> {
        let method = method.filter(|_| self.contact == ContactMethod::EmailOrPhone).unwrap_or(self.contact);
        Identifier::parse(typed, method, country.or(self.phone.default_country))
    }
}

/// How the web SDKs of applications reach a tenant, and where its links point.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WebRules {
    /// The application whose pages links open; `None`: our own.
    pub website: Option<Website>,
    /// Web sites beside that one and ourselves whose scripts may talk to us (CORS).
    pub origins: Vec<Origin>,
    /// Whether anybody may ask if an address or number has an account.
    pub existence_checks: bool,
}

impl WebRules {
    /// Whether scripts of the web site that calls itself `origin` may talk to us.
    pub fn allows(&self, origin: &str) -> bool {
        self.website.iter().map(|website| &website.origin).chain(&self.origins).any(|known| known.as_text() == origin)
    }
}

/// An application's own login pages, as SuperTokens' React SDK has them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Website {
    /// SuperTokens' `websiteDomain`.
    pub origin: Origin,
    /// SuperTokens' `websiteBasePath`: begins with `/` and does not end with one; empty for none.
    pub base_path: String,
}

/// What back ends set for a tenant, by the back-end door's own names (contract supertokens-core.md §4.2).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BackEndRules {
    /// By which factors people may get in at first, such as `otp-email`; `None`: by all that the tenant has.
    pub first_factors: Option<Vec<String>>,
    /// Which factors have to follow.
    pub required_secondary_factors: Option<Vec<String>>,
    /// Life of a token that proves an address by mail.
    pub email_token_lifetime: Option<Millis>,
    /// How long a key of the session set signs before the next one does.
    pub key_interval: Option<Millis>,
}

/// The rules of a tenant's phone numbers.
#[derive(Clone, Debug)]
pub struct PhoneRules {
    /// The country of numbers without a calling code; `None`: the one that the browser's languages suggest.
    pub default_country: Option<Region>,
    /// How messages get to them.
    pub channel: Channel,
}

/// Who may get an account by signing in for the first time. Everybody else is told by message, never by a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignUp {
    /// Everybody.
    Open,
    /// Whoever was invited, and whoever is on the list.
    Listed(AllowList),
    /// Nobody.
    Closed,
}

/// A list of identifiers and domains.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AllowList {
    identifiers: Vec<Identifier>,
    domains: Vec<String>,
}

impl AllowList {
    /// Reads entries such as `jane@example.com`, `@example.com` or `+4915112345678`. The error names the wrong one.
    pub fn parse(entries: &[String]) -> Result<Self, String> {
        let mut list = AllowList::default();
        for entry in entries {
            let wrong = |why: String| {
                format!("{entry:?}: {why}; an entry is an address, a whole domain like @example.com, or a number like +4915112345678")
            };
            if let Some(domain) = entry.strip_prefix('@') {
                let address = EmailAddress::parse(&format!("someone@{domain}")).map_err(|e| wrong(e.to_string()))?;
                list.domains.extend(address.domain().map(str::to_owned));
            } else {
                let identifier = Identifier::parse(entry, ContactMethod::EmailOrPhone, None).map_err(|e| wrong(e.to_string()))?;
                list.identifiers.push(identifier);
            }
        }
        Ok(list)
    }

    /// Whether `identifier` is on it: itself, or its whole domain (not the domains below that).
    pub fn has(&self, identifier: &Identifier) -> bool {
        let by_domain = match identifier {
            Identifier::Email(address) => address.domain().is_some_and(|domain| self.domains.iter().any(|listed| listed == domain)),
            Identifier::Phone(_) => false,
        };
        by_domain || self.identifiers.contains(identifier)
    }
}

/// How many messages may be asked for in one window. Zero means: as many as anybody likes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SendRules {
    /// To one identifier by one network; a browser that signed in to its account before has as many to itself. All
    /// networks together have [`SendRules::ALL_NETWORKS`] times as many: few people cannot keep others out.
    pub per_contact: i64,
    /// By one network: an IPv4 address, or an IPv6 /64. Each node counts for itself.
    pub per_network: i64,
    /// In the whole tenant; browsers that signed in before have as many to themselves. Each node counts for itself.
    pub per_tenant: i64,
    /// The window; it opens with the first message.
    pub window: Millis,
}

impl SendRules {
    /// How many times [`Self::per_contact`] all networks together may send to one identifier.
    pub const ALL_NETWORKS: i64 = 5;
}

/// The rules of a tenant's sign-ins.
#[derive(Clone, Debug)]
pub struct SignInRules {
    /// What its messages carry.
    pub flow: Flow,
    /// How its typed codes look.
    pub code: CodeFormat,
    /// How long a code or link lives.
    pub lifetime: Millis,
    /// Wrong codes a sign-in takes before it ends.
    pub max_attempts: i64,
    /// How long between two messages of one sign-in.
    pub resend_gap: Millis,
    /// The guess budget of its accounts.
    pub budget: BudgetRules,
    /// How many messages may be asked for.
    pub sends: SendRules,
    /// How many wrong codes are taken, beside the budgets of accounts.
    pub guesses: GuessRules,
    /// Whether a link opened elsewhere offers to go on in the browser that asked, for whoever types the number shown
    /// there.
    pub number_match: bool,
}

/// How many wrong codes an account takes over all its sign-ins, channels and doors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BudgetRules {
    /// Wrong codes in one window.
    pub limit: i64,
    /// Wrong codes in one window from one browser that signed in to the account before. A budget apart.
    pub trusted_limit: i64,
    /// The window; it opens with the first wrong code.
    pub window: Millis,
}

/// How long what applications get by login requests lives: their pages on a developer's machine cannot renew it, so access
/// tokens live long (contract authress.md §4.1, §7 D18).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LoginRules {
    /// How long an access token is good for.
    pub access_lifetime: Millis,
    /// How long a session lives without being refreshed.
    pub session_lifetime: Millis,
}

impl Default for LoginRules {
    fn default() -> Self {
        LoginRules { access_lifetime: Millis::from_hours(24), session_lifetime: Millis::from_hours(24 * 30) }
    }
}

/// The rules of a tenant's sessions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionRules {
    /// How long an access token is good for.
    pub access_lifetime: Millis,
    /// How long a session lives without being refreshed.
    pub refresh_lifetime: Millis,
    /// How long a retired refresh token is still answered with its successor.
    pub grace: Millis,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_allow_list_takes_addresses_domains_and_numbers() {
        let list = AllowList::parse(&["Jane@Example.com".to_owned(), "@Staff.example".to_owned()]).unwrap();
        let has = |address: &str| list.has(&Identifier::Email(EmailAddress::parse(address).unwrap()));
        assert!(has("jane@example.com") && has("anybody@staff.example"));
        assert!(!has("joe@example.com") && !has("joe@sub.staff.example") && !has("joe@notstaff.example"));
        assert!(AllowList::parse(&["example.com".to_owned()]).unwrap_err().contains("example.com"));
        assert!(AllowList::parse(&["@".to_owned()]).is_err());
    }
}
