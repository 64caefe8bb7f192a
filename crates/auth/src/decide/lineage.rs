//! The rules of sessions whose refresh tokens follow one another by lineage (contract supertokens-core.md §3.7): a refresh
//! makes a child and leaves the parent good; the first use of a child, by refresh or by access token, retires the parent
//! and every other child.

use postkey_model::{Change, Keyring, LineageToken, RotationPolicy, Session, SessionRules, Timestamp};

/// What is to be done about a refresh token.
pub enum Decision {
    /// It is good: a child of it is the answer.
    Child {
        /// It was a child itself, and is the current one from now on.
        changes: Vec<Change>,
        /// The session afterwards.
        session: Box<Session>,
    },
    /// It was retired: somebody kept a copy. Whether the session goes is for whoever asked to say.
    Reused,
    /// Not ours, or its session is over.
    Refuse,
}

/// What `token` is worth for `session`.
pub fn refresh(session: Option<&Session>, token: &LineageToken, rules: &SessionRules, keyring: &Keyring, now: Timestamp) -> Decision {
    let good = session.filter(|session| session.is_live(now) && session.policy == RotationPolicy::Lineage);
    let Some(session) = good.filter(|session| token.is_genuine(keyring, session)) else { return Decision::Refuse };
    let own = LineageToken::stored_hash(&token.hash());
    let parent = token.parent.as_ref().map(LineageToken::stored_hash);
    if is_current(session, &own) {
        return Decision::Child { changes: Vec::new(), session: Box::new(session.clone()) };
    }
    match parent.filter(|parent| is_current(session, parent)) {
        Some(parent) => {
            let (change, session) = advanced(session, parent, own, rules, now);
            Decision::Child { changes: vec![change], session: Box::new(session) }
        }
        None => Decision::Reused,
    }
}

/// What an access token of a session that rotates so leads to. Its signature and time were checked before.
pub enum Used {
    /// Nothing: it stays good.
    Good,
    /// A new one is the answer, which speaks of no parent any more.
    Renew {
        /// Its refresh token is the current one from now on, if it was not before.
        changes: Vec<Change>,
        /// The session afterwards.
        session: Box<Session>,
    },
}

/// What the use of an access token leads to that says it goes with the refresh token of `hash`, a child of that of
/// `parent`. `outdated`: what it says is not what the session's row says any more.
pub fn used(session: &Session, hash: &[u8; 32], parent: Option<&[u8; 32]>, outdated: bool, rules: &SessionRules, now: Timestamp) -> Used {
    let own = LineageToken::stored_hash(hash);
    let parent = parent.map(LineageToken::stored_hash).filter(|parent| is_current(session, parent));
    if let Some(parent) = parent {
        let (change, session) = advanced(session, parent, own, rules, now);
        return Used::Renew { changes: vec![change], session: Box::new(session) };
    }
    if is_current(session, &own) || outdated {
        return Used::Renew { changes: Vec::new(), session: Box::new(session.clone()) };
    }
    Used::Good
}

fn is_current(session: &Session, hash: &[u8]) -> bool {
    session.back_end.as_ref().and_then(|kept| kept.current.as_deref()) == Some(hash)
}

fn advanced(session: &Session, seen: Vec<u8>, current: Vec<u8>, rules: &SessionRules, now: Timestamp) -> (Change, Session) {
    let expires_at = now + rules.refresh_lifetime;
    let mut next = session.clone();
    next.last_seen_at = now;
    next.expires_at = expires_at;
    if let Some(kept) = &mut next.back_end {
        kept.current = Some(current.clone());
    }
    (Change::LineageAdvanced { handle: session.handle.clone(), seen, current, at: now, expires_at }, next)
}

#[cfg(test)]
mod tests;
