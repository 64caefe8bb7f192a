//! The rules of sessions: what a refresh token is worth.

use postkey_model::{Change, Event, Keyring, RefreshToken, Retired, RotationPolicy, Session, SessionRules, Timestamp};

/// A session remembers at most this many retired generations. One that was retired so often within one grace rotates
/// no more until the grace of the oldest is over: none is ever forgotten early.
const REMEMBERED: usize = 32;

/// What is to be done about a refresh token.
pub enum Decision {
    /// It is current: rotate. The session is then as given.
    Rotate {
        /// Make the next generation current.
        changes: Vec<Change>,
        /// The session afterwards.
        session: Box<Session>,
    },
    /// It was retired moments ago (another tab was faster, or an answer was lost), or it is current and too much was
    /// retired moments ago: the current one is the answer.
    Repeat,
    /// It was retired longer ago: somebody kept a copy. The session is revoked.
    Reused {
        /// Revoke, and write it down.
        changes: Vec<Change>,
    },
    /// Not ours, or its session is over.
    Refuse,
}

/// What `token` is worth for `session`.
pub fn refresh(
    session: Option<&Session>,
    token: &RefreshToken,
    rules: &SessionRules,
    keyring: &Keyring,
    event: Event,
    now: Timestamp,
) -> Decision {
    let Some(session) = session.filter(|s| s.is_live(now)) else { return Decision::Refuse };
    // Only a token that we made can revoke anything: made-up ones are refused and change nothing.
    if !token.is_genuine(keyring, session) {
        return Decision::Refuse;
    }
    match session.policy {
        RotationPolicy::Grace => by_grace(session, token, rules, event, now),
        // Its tokens have another form: see `lineage`.
        RotationPolicy::Lineage => Decision::Refuse,
    }
}

fn by_grace(session: &Session, token: &RefreshToken, rules: &SessionRules, event: Event, now: Timestamp) -> Decision {
    // A generation that is not there yet is ours only if the database went back in time (a restored backup).
    if token.generation > session.generation {
        return Decision::Refuse;
    }
    let recent = |retired: &&Retired| now.since(retired.1) < rules.grace;
    if token.generation < session.generation {
        let in_grace = session.retired.iter().filter(recent).any(|retired| retired.0 == token.generation);
        if in_grace {
            return Decision::Repeat;
        }
        // A last rotation is the guard: of several who bring the token back at once, one revokes and writes it down.
        let last = Change::SessionRotated {
            handle: session.handle.clone(),
            seen_generation: session.generation,
            retired: Vec::new(),
            at: session.last_seen_at,
            expires_at: session.expires_at,
        };
        let revoke = Change::SessionRevoked { handle: session.handle.clone(), at: now };
        return Decision::Reused { changes: vec![last, revoke, Change::EventRecorded(event)] };
    }
    let mut retired: Vec<Retired> = session.retired.iter().filter(recent).copied().collect();
    if retired.len() >= REMEMBERED {
        return Decision::Repeat;
    }
    retired.push(Retired(session.generation, now));
    let mut next = session.clone();
    next.generation += 1;
    next.last_seen_at = now;
    next.expires_at = now + rules.refresh_lifetime;
    next.retired = retired.clone();
    let rotated = Change::SessionRotated {
        handle: session.handle.clone(),
        seen_generation: session.generation,
        retired,
        at: now,
        expires_at: next.expires_at,
    };
    Decision::Rotate { changes: vec![rotated], session: Box::new(next) }
}

/// Whether a genuine token of `generation` would be accepted: it is the current one, or was retired within the grace.
pub fn is_accepted(session: &Session, generation: i64, rules: &SessionRules, now: Timestamp) -> bool {
    let in_grace = |retired: &Retired| retired.0 == generation && now.since(retired.1) < rules.grace;
    session.policy == RotationPolicy::Grace && (generation == session.generation || session.retired.iter().any(in_grace))
}

#[cfg(test)]
mod tests;
