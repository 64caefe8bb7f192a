//! [`Change`]: the complete list of everything that can ever happen to stored data.
//!
//! A verb hands a list of changes to the store's `commit`, which applies all or none. Each variant says what must
//! still be true for it to apply: its guard. When one guard no longer holds, nothing is applied and the answer is
//! `Lost`: somebody was first, look again.

use crate::directory_change::DirectoryChange;
use crate::event::{Actor, Event, EventIf};
use crate::id::{EventId, MessageId, SessionHandle, SignInId, TenantId, UserId};
use crate::identifier::Identifier;
use crate::keyring::Sealed;
use crate::login_change::LoginChange;
use crate::message::{Delivery, Message};
use crate::session::{Retired, Session};
use crate::sign_in::{Account, OlderCode, SendCounter, SentCode, SignIn};
use crate::signing_key::{KeySet, SigningKey};
use crate::time::{Millis, Timestamp};
use crate::user::{Identity, User};
use crate::webhook::{Notice, WebhookChange};

/// Something that happens to stored data.
#[derive(Clone)]
pub enum Change {
    /// A sign-in began. Guard: its id is new.
    SignInStarted(Box<SignIn>),
    /// A sign-in got a new code. Guard: it is open, takes more tries, and nothing was sent for it since `seen_sends`.
    CodeResent {
        /// Which sign-in.
        sign_in: SignInId,
        /// How many messages the decision knew of.
        seen_sends: i64,
        /// The new code.
        code: SentCode,
        /// The code it follows, if that still lives: it stays good beside the new one.
        older: Option<OlderCode>,
        /// When it was asked for.
        at: Timestamp,
    },
    /// One code of a sign-in is dead; the others live. No guard.
    CodeRemoved {
        /// Which sign-in.
        sign_in: SignInId,
        /// Which of its codes, counted from 1.
        sent_as: i64,
    },
    /// All open sign-ins of an identifier ended. No guard.
    SignInsCancelled {
        /// In which tenant.
        tenant: TenantId,
        /// Of which identifier.
        subject: String,
        /// When.
        at: Timestamp,
    },
    /// The person gave up on a sign-in. Guard: it is open.
    SignInCancelled {
        /// Which sign-in.
        sign_in: SignInId,
        /// When.
        at: Timestamp,
    },
    /// A wrong code was tried. Guard: the sign-in is open and takes more tries. Yields the count of wrong tries.
    AttemptFailed {
        /// Which sign-in.
        sign_in: SignInId,
    },
    /// A wrong code was counted against an account. Guard: the budget is not spent. Yields the count in this window.
    BudgetSpent {
        /// In which tenant.
        tenant: TenantId,
        /// Whose budget.
        account: Account,
        /// How many it holds.
        limit: i64,
        /// When the wrong code came.
        at: Timestamp,
        /// How long a window is.
        window: Millis,
        /// Recorded when this failure was the last that the budget held.
        when_spent: Event,
    },
    /// A code or link was used: its sign-in is completed, every other open one of the identifier that has a living
    /// code is superseded. Guard: the sign-in is open, its newest code lives, it takes more tries, and, for a short
    /// code, its account's budget is not spent.
    CodeSpent {
        /// Which sign-in.
        sign_in: SignInId,
        /// In which tenant.
        tenant: TenantId,
        /// For which identifier.
        subject: String,
        /// For a short code: the account and limit of the budget that must not be spent.
        within_budget: Option<(Account, i64)>,
        /// When.
        at: Timestamp,
    },
    /// Somebody opened the link of a sign-in in a browser. No guard: the first time counts.
    LinkOpened {
        /// Which sign-in.
        sign_in: SignInId,
        /// When.
        at: Timestamp,
    },
    /// A sign-in was approved from another browser: its link was opened there, and the number that the asking browser
    /// shows was typed. Guard: it is open, its newest code lives, it takes more tries, and no number was typed before.
    SignInApproved {
        /// Which sign-in.
        sign_in: SignInId,
        /// When.
        at: Timestamp,
    },
    /// A wrong number was typed where a link was opened elsewhere. Guard: it is open, and no number was typed before.
    NumberFailed {
        /// Which sign-in.
        sign_in: SignInId,
    },
    /// A message, or what it costs, was counted against one of the limits that keep messages few. Guard: the limit is not
    /// passed; `by` alone must not pass it.
    SendCounted {
        /// In which tenant.
        tenant: TenantId,
        /// Which limit.
        counter: SendCounter,
        /// How many it counts for: one, or an amount of money.
        by: i64,
        /// How many it allows in one window.
        limit: i64,
        /// When.
        at: Timestamp,
        /// How long a window is.
        window: Millis,
    },
    /// Texts were used after all: that many less went unused. No guard; the count does not fall below zero.
    TextsUsed {
        /// In which tenant they are counted.
        tenant: TenantId,
        /// The count of their country.
        counter: SendCounter,
        /// How many less.
        by: i64,
    },
    /// A code was used that opens no session: it proved or confirmed an identifier. Only its own sign-in ends. Guard: as
    /// for [`Change::CodeSpent`].
    CodeProved {
        /// Which sign-in.
        sign_in: SignInId,
        /// In which tenant.
        tenant: TenantId,
        /// For a short code: the account and limit of the budget that must not be spent.
        within_budget: Option<(Account, i64)>,
        /// When.
        at: Timestamp,
    },
    /// A new user, in the tenant it was made in. Guard: the id is new.
    UserCreated(User),
    /// A new identity. Guard: in its tenant nobody has this connection and subject.
    IdentityCreated(Identity),
    /// An identity's subject was replaced. Guards: it is still as seen, and nobody has the new subject.
    IdentityChanged {
        /// The identity as the decision saw it.
        seen: Identity,
        /// The new subject, of the same connection.
        subject: String,
        /// Since when the identity counts as its owner's.
        since: Timestamp,
    },
    /// An identity was removed. Guard: it is still as seen. What it opened stays; it opens nothing more.
    IdentityRemoved(Identity),
    /// A user's identities are not the same any more. Guard: they are still those of `seen_version`.
    UserTouched {
        /// Whose.
        user: UserId,
        /// The version that the decision knew of.
        seen_version: i64,
    },
    /// Something in the directory of users, roles and tenants that back ends keep.
    Directory(Box<DirectoryChange>),
    /// Something to do with applications that people log in to.
    Login(Box<LoginChange>),
    /// Somebody may get an account by signing in. No guard: inviting twice is no harm.
    Invited {
        /// In which tenant.
        tenant: TenantId,
        /// Who.
        identifier: Identifier,
        /// When.
        at: Timestamp,
    },
    /// An invitation was withdrawn. No guard.
    InviteWithdrawn {
        /// In which tenant.
        tenant: TenantId,
        /// Who.
        identifier: Identifier,
    },
    /// A browser is signed in. Guard: the handle is new.
    SessionCreated(Box<Session>),
    /// A session's refresh token was replaced. Guard: `seen_generation` is current and the session is not revoked.
    SessionRotated {
        /// Which session.
        handle: SessionHandle,
        /// The generation that the decision knew of; the next one follows it.
        seen_generation: i64,
        /// The retired generations to remember.
        retired: Vec<Retired>,
        /// When.
        at: Timestamp,
        /// When the session ends if nobody refreshes it.
        expires_at: Timestamp,
    },
    /// A child of a session's refresh token was used: it is the current one now, and its brothers are worth nothing.
    /// Guard: `seen` is still the current one, and the session is good.
    LineageAdvanced {
        /// Which session.
        handle: SessionHandle,
        /// [`LineageToken::stored_hash`](crate::LineageToken::stored_hash) of the one that was current.
        seen: Vec<u8>,
        /// The same of the one that is.
        current: Vec<u8>,
        /// When.
        at: Timestamp,
        /// When the session ends if nobody refreshes it.
        expires_at: Timestamp,
    },
    /// A back end changed what it keeps with a session. Guard: the session is good. Fields that are `None` stay.
    SessionKept {
        /// Which session.
        handle: SessionHandle,
        /// What its access tokens say from now on.
        claims: Option<String>,
        /// What only back ends see.
        data: Option<String>,
        /// Whether the key that stays signs its access tokens.
        is_static: Option<bool>,
        /// When.
        at: Timestamp,
    },
    /// A session was revoked. No guard: revoking twice is no harm. Yields the handle if it was good until now.
    SessionRevoked {
        /// Which session.
        handle: SessionHandle,
        /// When.
        at: Timestamp,
    },
    /// All sessions of a user were revoked. No guard. Yields the handles that were good until now.
    SessionsOfUserRevoked {
        /// Whose.
        user: UserId,
        /// This one stays, if given.
        except: Option<SessionHandle>,
        /// When.
        at: Timestamp,
    },
    /// A new signing key. Guard: its set has no key of this number.
    SigningKeyCreated(SigningKey),
    /// The private part of a signing key was sealed anew, under another root key. Guard: it is still sealed as seen.
    SigningKeyResealed {
        /// The key as the decision saw it.
        seen: SigningKey,
        /// What stands there from now on.
        sealed: Sealed,
    },
    /// A signing key is dead and forgotten. No guard.
    SigningKeyForgotten {
        /// Of which set.
        set: KeySet,
        /// Which key.
        kid: String,
    },
    /// A message waits to be sent. Guard: its id is new.
    MessageQueued(Box<Message>),
    /// A worker takes messages that are due. No guard. Yields them.
    MessagesClaimed {
        /// Messages due at this moment.
        due_at: Timestamp,
        /// Nobody else looks at them before then.
        until: Timestamp,
        /// How many at most.
        limit: i64,
    },
    /// A message could not be sent yet. No guard; but it does nothing unless this claim is still the newest one, so that
    /// a word that comes late does not pull back a message that another worker holds meanwhile.
    MessageDeferred {
        /// Which message.
        id: MessageId,
        /// Its tries as the worker's own claim gave them: each claim counts one.
        tries: i64,
        /// When to try again.
        next_try_at: Timestamp,
    },
    /// Messages are done: sent, dead, or of a sign-in that is over. Their rows are wiped. No guard, whoever holds them
    /// meanwhile: what was sent must not be tried once more, and what nobody takes or needs is not worth another try.
    MessagesDone {
        /// Which messages.
        ids: Vec<MessageId>,
    },
    /// Something to do with what waits for an operator's own services.
    Webhook(Box<WebhookChange>),
    /// A line for a sign-in's delivery timeline. No guard: the first line of an id stays.
    DeliveryNoted(Box<Delivery>),
    /// A line for the audit trail. Guard: its id is new.
    EventRecorded(Event),
    /// A line for the audit trail about something that only the store knows at that moment. No guard: where it is not so, no
    /// line is written.
    EventRecordedIf {
        /// Its id.
        id: EventId,
        /// When.
        at: Timestamp,
        /// Who did it.
        actor: Actor,
        /// What must be so, and what the line is about.
        so: EventIf,
    },
    /// Old rows are cleared away, the oldest first. No guard. Yields how many.
    Cleared {
        /// Of which table.
        table: Old,
        /// Their time was before this moment.
        before: Timestamp,
        /// How many at most.
        limit: i64,
    },
    /// Dead rows are cleared away. Guard, row by row: it is still dead.
    Forgotten {
        /// The dead rows, as the store named them.
        rows: Dead,
        /// They ended before this moment.
        before: Timestamp,
    },
}

/// Tables whose rows grow old by themselves: their own time says that they are dead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Old {
    /// Lines of the audit trail, by when they were written.
    Events,
    /// Logins of applications, by when they ended at the latest.
    LoginRequests,
    /// Statements of service clients, by until when they had to be remembered.
    UsedAssertions,
    /// Tokens that prove addresses, by when they expired.
    EmailTokens,
    /// Decisions whose an address is, by when they were made.
    Decisions,
    /// What was to be told to services and was not, by when it happened.
    Webhooks,
}

impl Old {
    /// All of them.
    pub const ALL: [Old; 6] = [Old::Events, Old::LoginRequests, Old::UsedAssertions, Old::EmailTokens, Old::Decisions, Old::Webhooks];
}

/// Rows that nobody can need any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Dead {
    /// Sign-ins whose newest code expired long ago, with their older codes.
    SignIns(Vec<SignInId>),
    /// Sessions that expired or were revoked long ago.
    Sessions(Vec<SessionHandle>),
    /// Guess budgets whose window closed.
    Budgets(Vec<(TenantId, Account)>),
}

impl Dead {
    /// How many there are.
    pub fn len(&self) -> usize {
        match self {
            Dead::SignIns(ids) => ids.len(),
            Dead::Sessions(handles) => handles.len(),
            Dead::Budgets(keys) => keys.len(),
        }
    }

    /// Whether there is nothing to clear.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// What a change hands back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Yield {
    /// Nothing.
    Nothing,
    /// A count.
    Count(i64),
    /// Session handles.
    Handles(Vec<SessionHandle>),
    /// Messages.
    Messages(Vec<Message>),
    /// What services are to be told.
    Notices(Vec<Notice>),
}

impl Yield {
    /// The count, if this is one.
    pub fn count(&self) -> Option<i64> {
        match self {
            Yield::Count(n) => Some(*n),
            _ => None,
        }
    }
}
