//! Tenants and the rules each of them sets.

use crate::code::CodeFormat;
use crate::id::TenantId;
use crate::redirect::Destinations;
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
    /// The rules of its sign-ins.
    pub sign_in: SignInRules,
    /// The rules of its sessions.
    pub session: SessionRules,
    /// Where people may be sent once they are in.
    pub destinations: Destinations,
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
