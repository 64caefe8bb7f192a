//! [`LoginChange`]: what can happen to login requests, to what operators register for them, and to the facts that decide whom
//! an identity joins. A part of [`Change`], with the same rules.

use crate::change::Change;
use crate::id::{SignInId, TenantId, UserId};
use crate::login_request::{LoginEnd, LoginProof, LoginRequest, LoginRequestId};
use crate::registered::RegisteredRow;
use crate::time::Timestamp;

/// Something that happens to logins of applications.
#[derive(Clone)]
pub enum LoginChange {
    /// Something was registered, or changed. Guard: for version 0 the id is new, else the version before is still there.
    Registered(RegisteredRow),
    /// Something registered is gone. Guard: it was there.
    Unregistered {
        /// The kind.
        kind: &'static str,
        /// The id.
        id: String,
    },
    /// Nothing, but something registered is still in this version, and stays so until this is written. Guard: that.
    RegisteredStands {
        /// The kind.
        kind: &'static str,
        /// The id.
        id: String,
        /// The version that the decision saw.
        version: i64,
    },
    /// An application wishes that somebody log in. Guard: the id is new.
    Requested(Box<LoginRequest>),
    /// What it wishes changed: a connection was chosen. Codes that were made or typed for the one before are forgotten. Guards: it
    /// is open, and in this version.
    Amended {
        /// What it wishes now.
        request: Box<LoginRequest>,
        /// The version that the decision saw.
        seen_version: i64,
        /// When.
        at: Timestamp,
    },
    /// A sign-in began whose code is to be typed for it. Guards: it is open, and in this version.
    CodeMade {
        /// Which request.
        request: LoginRequestId,
        /// Which sign-in.
        sign_in: SignInId,
        /// The version that the decision saw.
        seen_version: i64,
        /// When.
        at: Timestamp,
    },
    /// That code was typed. Guards: it is open, and that sign-in is still its newest.
    Proved {
        /// Which request.
        request: LoginRequestId,
        /// Which sign-in.
        sign_in: SignInId,
        /// Who proved to be there.
        proof: LoginProof,
        /// When.
        at: Timestamp,
    },
    /// Somebody is in. Guards: it is open, and in this version.
    Completed {
        /// Which request.
        request: LoginRequestId,
        /// Who.
        end: Box<LoginEnd>,
        /// The version that the decision saw.
        seen_version: i64,
        /// When.
        at: Timestamp,
    },
    /// Its code was exchanged. Guard: it was not before.
    Exchanged {
        /// Which request.
        request: LoginRequestId,
        /// When.
        at: Timestamp,
    },
    /// A service client's statement was used. Guard: it never was.
    AssertionUsed {
        /// SHA-256 of it.
        hash: [u8; 32],
        /// It is remembered until then: later it is too old anyway.
        until: Timestamp,
    },
    /// Whose an address is was decided on. Guard: nobody decided on it since; `None`: not of late.
    AddressDecided {
        /// In which tenant.
        tenant: TenantId,
        /// The address, in its one spelling.
        email: String,
        /// When that was last decided, as far as is known.
        seen: Option<Timestamp>,
        /// When.
        at: Timestamp,
    },
    /// An operator says whose a number is. It opens nothing before somebody proves it. No guard: the newest word counts.
    NumberMapped {
        /// In which tenant.
        tenant: TenantId,
        /// The number in E.164.
        number: String,
        /// Whose.
        user: UserId,
        /// When.
        at: Timestamp,
    },
    /// Nobody says so any more. No guard.
    NumberUnmapped {
        /// In which tenant.
        tenant: TenantId,
        /// The number.
        number: String,
    },
    /// Nothing, but a number is still mapped to this user, and stays so until this is written. Guard: that.
    NumberStands {
        /// In which tenant.
        tenant: TenantId,
        /// The number.
        number: String,
        /// Whose.
        user: UserId,
    },
}

impl From<LoginChange> for Change {
    fn from(change: LoginChange) -> Self {
        Change::Login(Box::new(change))
    }
}
