//! Sign-ins: one attempt by one browser to get in, the codes sent for it, and the guess budget it draws on.

use crate::call::{Call, ClientIp};
use crate::code::CodeStrength;
use crate::id::{IdentityId, SignInId, TenantId, UserId};
use crate::identifier::Identifier;
use crate::keyring::{CodeHash, DeviceHash, LinkHash};
use crate::login_request::LoginRequestId;
use crate::message::Asked;
use crate::region::Region;
use crate::tenant::Flow;
use crate::text::Day;
use crate::time::Timestamp;
use crate::user::Connection;
use serde::{Deserialize, Serialize};

/// One attempt by one browser to get in. Its newest code is part of it; older ones, while they live, stand
/// beside it as [`OlderCode`]s.
#[derive(Clone)]
pub struct SignIn {
    /// Its id: SuperTokens' `preAuthSessionId`. It is in the link and is no secret.
    pub id: SignInId,
    /// In which tenant.
    pub tenant: TenantId,
    /// The way in that it tries.
    pub connection: Connection,
    /// The normalised identifier that codes go to.
    pub subject: String,
    /// Which guess budget its wrong codes count against; fixed at start.
    pub account: Account,
    /// What its messages carry.
    pub flow: Flow,
    /// The stored form of the secret that the asking browser keeps.
    pub device: DeviceHash,
    /// The newest code.
    pub code: SentCode,
    /// How many messages were sent for it.
    pub sends: i64,
    /// When the newest one was asked for.
    pub last_sent_at: Timestamp,
    /// Wrong codes so far.
    pub attempts: i64,
    /// Wrong codes it takes.
    pub max_attempts: i64,
    /// Where to go afterwards, as checked at start; `None` for the default place.
    pub destination: Option<String>,
    /// What it is good for.
    pub purpose: Purpose,
    /// From where it was asked for.
    pub asked: Asked,
    /// When somebody first opened its link in a browser.
    pub opened_at: Option<Timestamp>,
    /// When somebody who opened its link elsewhere approved it by the number shown in the browser that asked.
    pub approved_at: Option<Timestamp>,
    /// How often such a number was typed: at most once.
    pub number_tries: i64,
    /// When the browser asked.
    pub started_at: Timestamp,
    /// When and how it ended; `None` while it is open.
    pub ended: Option<(Timestamp, EndedHow)>,
}

/// What a sign-in is good for once its code is typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// A session.
    #[default]
    SignIn,
    /// Its identifier joins those of a user who is signed in.
    Add {
        /// Whose.
        user: UserId,
    },
    /// Its identifier takes the place of one that a signed-in user has.
    Change {
        /// Whose.
        user: UserId,
        /// Which identity.
        identity: IdentityId,
        /// That identity's version when this began: a pending change dies when it changes again.
        version: i64,
        /// Whether the old one confirmed.
        confirmed: bool,
    },
    /// Its identifier, the old one and the only way in, confirms that `to` takes its place.
    ConfirmOld {
        /// Whose.
        user: UserId,
        /// Which identity.
        identity: IdentityId,
        /// That identity's version when this began.
        version: i64,
        /// The new identifier.
        to: Identifier,
    },
    /// An application's login request: whoever types the code is whom a service client made it for. The client delivers it, and
    /// the browser's secret is the request's id.
    Login {
        /// Which request.
        request: LoginRequestId,
        /// How many digits the code has, where the client said so.
        digits: Option<u8>,
        /// The address that counts as proved by it, if any.
        verified_email: Option<String>,
    },
}

impl Purpose {
    /// Whose identifiers it is about; `None` for a plain sign-in.
    pub fn user(&self) -> Option<&UserId> {
        match self {
            Purpose::SignIn | Purpose::Login { .. } => None,
            Purpose::Add { user } | Purpose::Change { user, .. } | Purpose::ConfirmOld { user, .. } => Some(user),
        }
    }
}

/// Which sign-in begins, for what, and with which code.
pub struct Opening {
    /// Its id.
    pub id: SignInId,
    /// The way in that it tries, and what codes go to.
    pub to: (Connection, String),
    /// Whose guess budget its wrong codes count against.
    pub account: Account,
    /// The stored form of the secret that the asking browser keeps.
    pub device: DeviceHash,
    /// Its first code.
    pub code: SentCode,
    /// Wrong codes it takes.
    pub max_attempts: i64,
}

impl SignIn {
    /// A sign-in that begins with `call`: open, with one code out and nothing tried. It is for a session, by code and link.
    pub fn begun(call: &Call, opening: Opening) -> Self {
        let Opening { id, to: (connection, subject), account, device, code, max_attempts } = opening;
        SignIn {
            id,
            tenant: call.tenant.clone(),
            connection,
            subject,
            account,
            flow: Flow::UserInputCodeAndMagicLink,
            device,
            code,
            sends: 1,
            last_sent_at: call.now,
            attempts: 0,
            max_attempts,
            destination: None,
            purpose: Purpose::SignIn,
            asked: call.asked(),
            opened_at: None,
            approved_at: None,
            number_tries: 0,
            started_at: call.now,
            ended: None,
        }
    }

    /// The identifier that codes go to.
    pub fn identifier(&self) -> Identifier {
        Identifier::stored(self.connection, self.subject.clone())
    }
}

/// A code as stored: never the code itself.
#[derive(Clone)]
pub struct SentCode {
    /// What is to be typed; `None` when the message held only a link.
    pub code: Option<CodeHash>,
    /// What the link holds; `None` when the message held only a code.
    pub link: Option<LinkHash>,
    /// Short or long.
    pub strength: CodeStrength,
    /// From then on it is worth nothing.
    pub expires_at: Timestamp,
}

/// A code that a newer one of the same sign-in followed. It stays good until it expires.
pub type OlderCode = SentCode;

/// How a sign-in ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndedHow {
    /// Its code or link was used.
    Completed,
    /// Another sign-in of the same identifier was completed, which spends all outstanding codes.
    Superseded,
    /// The person chose another address.
    Cancelled,
}

impl EndedHow {
    /// Whether somebody got in, with this sign-in or with another one of the same identifier.
    pub fn let_in(self) -> bool {
        match self {
            EndedHow::Completed | EndedHow::Superseded => true,
            EndedHow::Cancelled => false,
        }
    }

    /// The name in the store.
    pub fn as_str(self) -> &'static str {
        match self {
            EndedHow::Completed => "completed",
            EndedHow::Superseded => "superseded",
            EndedHow::Cancelled => "cancelled",
        }
    }

    /// Reads the name above.
    pub fn parse(text: &str) -> Option<Self> {
        [EndedHow::Completed, EndedHow::Superseded, EndedHow::Cancelled].into_iter().find(|how| how.as_str() == text)
    }
}

/// Whose guesses are counted together: the user when known, else the identifier; a browser that signed in to the
/// user before has a budget of its own.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Account(String);

impl Account {
    /// The budget of an identifier that belongs to nobody yet.
    pub fn identifier(connection: Connection, subject: &str) -> Self {
        Account(format!("{}:{subject}", connection.as_str()))
    }

    /// The budget of a user, for browsers we do not know.
    pub fn user(user: &UserId) -> Self {
        Account(format!("user:{user}"))
    }

    /// The budget of a user in one browser that signed in before.
    pub fn trusted(user: &UserId, device: &str) -> Self {
        Account(format!("user:{user}/device:{device}"))
    }

    /// An account key read back from our own store.
    pub fn stored(text: String) -> Self {
        Account(text)
    }

    /// The key in the store.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is the budget of a trusted browser.
    pub fn is_trusted(&self) -> bool {
        self.0.contains("/device:")
    }
}

/// What is counted to keep messages few: a key in the same table as the guess budgets.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SendCounter(Account);

impl SendCounter {
    /// Messages to an identifier, or those of them that a trusted browser of its owner asked for. Never counted by
    /// user: who is turned away for one identifier must not learn whose other identifiers are.
    pub fn contact(account: &Account, identifier: &Identifier) -> Self {
        let of = |account: &Account| SendCounter(Account(format!("sends/to/{}", account.as_str())));
        match account.is_trusted() {
            true => of(account),
            false => of(&Account::identifier(identifier.connection(), identifier.as_str())),
        }
    }

    /// Messages to an identifier asked for from one network, by browsers that its owner never used.
    pub fn contact_from(identifier: &Identifier, client_ip: &ClientIp) -> Self {
        let to = Account::identifier(identifier.connection(), identifier.as_str());
        SendCounter(Account(format!("sends/to/{}/from/{}", to.as_str(), client_ip.as_str())))
    }

    /// Texts to a country that nobody used; `None` for numbers that belong to no country.
    pub fn unused_texts(region: Option<Region>) -> Self {
        SendCounter(Account(format!("texts/to/{}", region.map_or("-", Region::as_str))))
    }

    /// What texts cost on one day, in millionths.
    pub fn text_money(day: Day) -> Self {
        SendCounter(Account(format!("texts/money/{}", day.number())))
    }

    /// The key that it is counted under.
    pub fn key(&self) -> &Account {
        &self.0
    }
}

/// What is known of an account's guess budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Wrong codes in this window.
    pub failures: i64,
    /// When the window closes and the count begins anew.
    pub resets_at: Timestamp,
}

impl Budget {
    /// Whether `limit` wrong codes were used up at `now`.
    pub fn is_spent(self, limit: i64, now: Timestamp) -> bool {
        self.failures >= limit && self.resets_at > now
    }
}
