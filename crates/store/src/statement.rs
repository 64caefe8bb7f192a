//! What each [`Change`] is in SQL: the one place where writes are spelled out, for both engines.

use crate::Unavailable;
use crate::read;
use crate::value::{Record, Value, odd, values};
use postkey_model::{Account, Change, CodeStrength, Dead, Event, MessageId, SentCode, SessionHandle, TenantId, Timestamp, Yield};

/// One statement of a commit.
#[derive(Debug)]
pub(crate) struct Statement {
    pub(crate) sql: &'static str,
    pub(crate) params: Vec<Value>,
    pub(crate) guard: Guard,
    /// What it locks: the table's rank and the row's key. PostgreSQL runs a group's statements in this order, so
    /// that two groups seldom wait for each other; statements of one key keep the order in which they came, so that
    /// guesses are counted in that order too.
    pub(crate) lock: (u8, String),
}

/// What must be true of a statement's effect, or its whole commit is `Lost`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Guard {
    /// Nothing.
    Free,
    /// It touched a row: an id that was just drawn is new. It cannot fail unless two draws are alike.
    New,
    /// It touched a row.
    Touches,
    /// Among the ids it returned is this one.
    Returns(String),
}

/// What a statement did.
pub(crate) struct Answer {
    pub(crate) affected: u64,
    pub(crate) rows: Vec<Record>,
}

/// What a change hands back, and from how many statements.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Gives {
    Nothing { statements: usize },
    Count { statements: usize },
    Handles,
    Messages,
}

/// One caller's changes as statements.
#[derive(Debug, Default)]
pub(crate) struct Member {
    pub(crate) statements: Vec<Statement>,
    pub(crate) gives: Vec<Gives>,
}

// Ranks of tables in the lock order.
const SIGN_INS: u8 = 1;
const BUDGETS: u8 = 2;
const USERS: u8 = 3;
const SESSIONS: u8 = 4;
const OUTBOX: u8 = 5;
const KEYS: u8 = 6;
const EVENTS: u8 = 7;

pub(crate) const START: &str = "INSERT INTO sign_ins (id, tenant, connection, subject, account, flow, device_hash, \
    code_hash, link_hash, code_is_long, code_expires_at, sends, last_sent_at, attempts, max_attempts, destination, started_at) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17) ON CONFLICT DO NOTHING";
pub(crate) const RESEND: &str = "UPDATE sign_ins SET code_hash = $1, link_hash = $2, code_is_long = $3, code_expires_at = $4, \
    last_sent_at = $5, sends = sends + 1 WHERE id = $6 AND sends = $7 AND ended_at IS NULL AND attempts < max_attempts";
pub(crate) const KEEP_OLDER: &str = "INSERT INTO older_codes (sign_in, sent_as, code_hash, link_hash, code_is_long, code_expires_at) \
    VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING";
pub(crate) const CANCEL: &str = "UPDATE sign_ins SET ended_at = $1, ended_how = 'cancelled' WHERE id = $2 AND ended_at IS NULL";
pub(crate) const FAIL: &str = "UPDATE sign_ins SET attempts = attempts + 1 \
    WHERE id = $1 AND ended_at IS NULL AND attempts < max_attempts RETURNING attempts";
pub(crate) const SPEND_BUDGET: &str = "INSERT INTO budgets (tenant, account, failures, resets_at) VALUES ($1, $2, 1, $3) \
    ON CONFLICT (tenant, account) DO UPDATE SET \
    failures = CASE WHEN budgets.resets_at <= $4 THEN 1 ELSE budgets.failures + 1 END, \
    resets_at = CASE WHEN budgets.resets_at <= $4 THEN excluded.resets_at ELSE budgets.resets_at END \
    WHERE budgets.failures < $5 OR budgets.resets_at <= $4 RETURNING failures";
pub(crate) const NOTE_SPENT_BUDGET: &str = "INSERT INTO events (id, at, tenant, kind, subject) \
    SELECT $1, $2, $3, $4, $5 WHERE (SELECT failures FROM budgets WHERE tenant = $6 AND account = $7) = $8 ON CONFLICT DO NOTHING";
// Sign-ins whose codes are dead are left alone: somebody may have started very many for this identifier.
// The EXISTS makes it all or nothing: unless the sign-in itself can be spent, no other one is touched. (On PostgreSQL
// a sign-in that ends at the same moment still passes it; there the guard on the returned ids finds out.)
pub(crate) const SPEND: &str = "UPDATE sign_ins SET ended_at = $1, ended_how = CASE WHEN id = $2 THEN 'completed' ELSE 'superseded' END \
    WHERE tenant = $3 AND subject = $4 AND code_expires_at > $1 AND ended_at IS NULL AND (id <> $2 OR attempts < max_attempts) \
    AND EXISTS (SELECT 1 FROM sign_ins o WHERE o.id = $2 AND o.tenant = $3 AND o.subject = $4 AND o.code_expires_at > $1 \
    AND o.ended_at IS NULL AND o.attempts < o.max_attempts) RETURNING id";
/// A row when the budget is not spent. A statement of its own: as a part of `SPEND` it would hold against what stood
/// in `budgets` when that began, while other nodes count guesses. The row is locked whatever it holds.
pub(crate) const WITHIN_BUDGET: &str = "SELECT CAST(1 AS BIGINT) WHERE NOT coalesce((SELECT failures >= $1 AND resets_at > $2 \
    FROM budgets WHERE tenant = $3 AND account = $4 /*for update*/), FALSE)";
pub(crate) const NEW_USER: &str = "INSERT INTO users (id, tenant, created_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
pub(crate) const NEW_IDENTITY: &str = "INSERT INTO identities (tenant, connection, subject, id, user_id, created_at) \
    VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING";
pub(crate) const NEW_SESSION: &str = "INSERT INTO sessions (handle, tenant, user_id, identity_id, policy, nonce, generation, retired, \
    created_at, last_seen_at, expires_at, revoked_at, client_ip, user_agent) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) ON CONFLICT DO NOTHING";
pub(crate) const ROTATE: &str = "UPDATE sessions SET generation = generation + 1, retired = $1, last_seen_at = $2, expires_at = $3 \
    WHERE handle = $4 AND generation = $5 AND revoked_at IS NULL";
pub(crate) const REVOKE: &str =
    "UPDATE sessions SET revoked_at = $1 WHERE handle = $2 AND revoked_at IS NULL AND expires_at > $1 RETURNING handle";
pub(crate) const REVOKE_ALL: &str = "UPDATE sessions SET revoked_at = $1 \
    WHERE user_id = $2 AND revoked_at IS NULL AND handle <> $3 AND expires_at > $1 RETURNING handle";
pub(crate) const NEW_KEY: &str = "INSERT INTO signing_keys (key_set, number, kid, algorithm, sealed, created_at, signs_from) \
    VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING";
pub(crate) const FORGET_KEY: &str = "DELETE FROM signing_keys WHERE kid = $1";
pub(crate) const QUEUE: &str = "INSERT INTO outbox (id, tenant, sign_in, channel, recipient, sealed, queued_at, next_try_at, tries, expires_at) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING";
/// The inner SELECT runs once: as a plain subquery PostgreSQL may run it for every row, and then the limit is none.
pub(crate) const CLAIM: &str = "WITH due AS MATERIALIZED (SELECT id FROM outbox WHERE next_try_at <= $1 ORDER BY next_try_at LIMIT $2 /*skip locked*/) \
    UPDATE outbox SET next_try_at = $3, tries = tries + 1 WHERE id IN (SELECT id FROM due) \
    RETURNING id, tenant, sign_in, channel, recipient, sealed, queued_at, next_try_at, tries, expires_at";
pub(crate) const DEFER: &str = "UPDATE outbox SET next_try_at = $1 WHERE id = $2";
pub(crate) const DONE: &str = "DELETE FROM outbox WHERE id = $1";
pub(crate) const NOTE: &str = "INSERT INTO events (id, at, tenant, kind, subject) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";
pub(crate) const FORGET_CODES: &str = "DELETE FROM older_codes WHERE sign_in = $1 AND NOT EXISTS (SELECT 1 FROM sign_ins WHERE id = $1)";
pub(crate) const FORGET_SIGN_IN: &str = "DELETE FROM sign_ins WHERE id = $1 AND code_expires_at < $2";
pub(crate) const FORGET_SESSION: &str = "DELETE FROM sessions WHERE handle = $1 AND (expires_at < $2 OR revoked_at < $2)";
pub(crate) const FORGET_BUDGET: &str = "DELETE FROM budgets WHERE tenant = $1 AND account = $2 AND resets_at < $3";

/// Every writing statement, for the test that checks their parameters.
#[cfg(test)]
pub(crate) const ALL: [&str; 26] = [
    START,
    RESEND,
    KEEP_OLDER,
    CANCEL,
    FAIL,
    SPEND_BUDGET,
    NOTE_SPENT_BUDGET,
    SPEND,
    WITHIN_BUDGET,
    NEW_USER,
    NEW_IDENTITY,
    NEW_SESSION,
    ROTATE,
    REVOKE,
    REVOKE_ALL,
    NEW_KEY,
    FORGET_KEY,
    QUEUE,
    CLAIM,
    DEFER,
    DONE,
    NOTE,
    FORGET_CODES,
    FORGET_SIGN_IN,
    FORGET_SESSION,
    FORGET_BUDGET,
];

impl Member {
    pub(crate) fn of(changes: Vec<Change>) -> Self {
        let mut member = Member::default();
        for change in changes {
            let before = member.statements.len();
            let gives = member.add(change);
            let statements = member.statements.len() - before;
            member.gives.push(match gives {
                Gives::Nothing { .. } => Gives::Nothing { statements },
                Gives::Count { .. } => Gives::Count { statements },
                one => one,
            });
        }
        member
    }

    fn push(&mut self, sql: &'static str, guard: Guard, lock: (u8, &str), params: Vec<Value>) {
        // On one table a commit's statements keep their order: a later one may build on an earlier one.
        let before = self.statements.iter().rev().find(|s| s.lock.0 == lock.0).map_or("", |s| &s.lock.1);
        let lock = (lock.0, before.max(lock.1).to_owned());
        self.statements.push(Statement { sql, params, guard, lock });
    }

    fn add(&mut self, change: Change) -> Gives {
        const NOTHING: Gives = Gives::Nothing { statements: 0 };
        const COUNT: Gives = Gives::Count { statements: 0 };
        match change {
            Change::SignInStarted(s) => {
                let [code, link, long, expires] = code_values(&s.code);
                let params = vec![
                    s.id.as_str().into(),
                    s.tenant.as_str().into(),
                    s.connection.as_str().into(),
                    s.subject.as_str().into(),
                    s.account.as_str().into(),
                    s.flow.as_str().into(),
                    s.device.as_bytes().into(),
                    code,
                    link,
                    long,
                    expires,
                    s.sends.into(),
                    s.last_sent_at.into(),
                    s.attempts.into(),
                    s.max_attempts.into(),
                    s.destination.into(),
                    s.started_at.into(),
                ];
                self.push(START, Guard::New, (SIGN_INS, s.id.as_str()), params);
                NOTHING
            }
            Change::CodeResent { sign_in, seen_sends, code, older, at } => {
                let [hash, link, long, expires] = code_values(&code);
                let params = vec![hash, link, long, expires, at.into(), sign_in.as_str().into(), seen_sends.into()];
                self.push(RESEND, Guard::Touches, (SIGN_INS, sign_in.as_str()), params);
                if let Some(older) = older {
                    let [hash, link, long, expires] = code_values(&older);
                    let params = vec![sign_in.as_str().into(), seen_sends.into(), hash, link, long, expires];
                    self.push(KEEP_OLDER, Guard::Free, (SIGN_INS, sign_in.as_str()), params);
                }
                NOTHING
            }
            Change::SignInCancelled { sign_in, at } => {
                self.push(CANCEL, Guard::Touches, (SIGN_INS, sign_in.as_str()), values![at, sign_in.as_str()]);
                NOTHING
            }
            Change::AttemptFailed { sign_in } => {
                self.push(FAIL, Guard::Touches, (SIGN_INS, sign_in.as_str()), values![sign_in.as_str()]);
                COUNT
            }
            Change::BudgetSpent { tenant, account, limit, at, window, when_spent } => {
                let params = values![tenant.as_str(), account.as_str(), at + window, at, limit];
                let key = budget_key(&tenant, &account);
                self.push(SPEND_BUDGET, Guard::Touches, (BUDGETS, &key), params);
                let mut params = event_values(&when_spent);
                params.extend(values![tenant.as_str(), account.as_str(), limit]);
                // Under the budget's key: right behind its own count, before anybody else's.
                self.push(NOTE_SPENT_BUDGET, Guard::Free, (BUDGETS, &key), params);
                COUNT
            }
            Change::CodeSpent { sign_in, tenant, subject, within_budget, at } => {
                let params = values![at, sign_in.as_str(), tenant.as_str(), subject.as_str()];
                let guard = Guard::Returns(sign_in.as_str().to_owned());
                if let Some((account, limit)) = within_budget {
                    let params = values![limit, at, tenant.as_str(), account.as_str()];
                    self.push(WITHIN_BUDGET, Guard::Touches, (BUDGETS, &budget_key(&tenant, &account)), params);
                }
                self.push(SPEND, guard, (SIGN_INS, sign_in.as_str()), params);
                NOTHING
            }
            Change::UserCreated(user) => {
                self.push(
                    NEW_USER,
                    Guard::New,
                    (USERS, user.id.as_str()),
                    values![user.id.as_str(), user.tenant.as_str(), user.created_at],
                );
                NOTHING
            }
            Change::IdentityCreated(i) => {
                let params =
                    values![i.tenant.as_str(), i.connection.as_str(), i.subject.as_str(), i.id.as_str(), i.user.as_str(), i.created_at];
                let key = format!("{}/{}", i.tenant, i.subject);
                self.push(NEW_IDENTITY, Guard::Touches, (USERS, &key), params);
                NOTHING
            }
            Change::SessionCreated(s) => {
                let retired = read::retired_text(&s.retired);
                let params = values![
                    s.handle.as_str(),
                    s.tenant.as_str(),
                    s.user.as_str(),
                    s.identity.as_str(),
                    s.policy.as_str(),
                    s.nonce.as_slice(),
                    s.generation,
                    retired,
                    s.created_at,
                    s.last_seen_at,
                    s.expires_at,
                    s.revoked_at,
                    s.client_ip.as_str(),
                    s.user_agent.as_str(),
                ];
                self.push(NEW_SESSION, Guard::New, (SESSIONS, s.handle.as_str()), params);
                NOTHING
            }
            Change::SessionRotated { handle, seen_generation, retired, at, expires_at } => {
                let params = values![read::retired_text(&retired), at, expires_at, handle.as_str(), seen_generation];
                self.push(ROTATE, Guard::Touches, (SESSIONS, handle.as_str()), params);
                NOTHING
            }
            Change::SessionRevoked { handle, at } => {
                self.push(REVOKE, Guard::Free, (SESSIONS, handle.as_str()), values![at, handle.as_str()]);
                Gives::Handles
            }
            Change::SessionsOfUserRevoked { user, except, at } => {
                let except = except.map(|handle| handle.as_str().to_owned()).unwrap_or_default();
                self.push(REVOKE_ALL, Guard::Free, (SESSIONS, user.as_str()), values![at, user.as_str(), except]);
                Gives::Handles
            }
            Change::SigningKeyCreated(key) => {
                let params = values![
                    key.set.as_str(),
                    key.number,
                    key.kid.as_str(),
                    key.algorithm.as_str(),
                    key.sealed.as_bytes(),
                    key.created_at,
                    key.signs_from,
                ];
                self.push(NEW_KEY, Guard::Touches, (KEYS, &key.kid), params);
                NOTHING
            }
            Change::SigningKeyForgotten { kid } => {
                self.push(FORGET_KEY, Guard::Free, (KEYS, &kid), values![kid.as_str()]);
                NOTHING
            }
            Change::MessageQueued(m) => {
                let params = values![
                    m.id.as_str(),
                    m.tenant.as_str(),
                    m.sign_in.as_str(),
                    m.channel.as_str(),
                    m.to.as_str(),
                    m.sealed.as_bytes(),
                    m.queued_at,
                    m.next_try_at,
                    m.tries,
                    m.expires_at,
                ];
                self.push(QUEUE, Guard::New, (OUTBOX, m.id.as_str()), params);
                NOTHING
            }
            Change::MessagesClaimed { due_at, until, limit } => {
                self.push(CLAIM, Guard::Free, (OUTBOX, ""), values![due_at, limit, until]);
                Gives::Messages
            }
            Change::MessageDeferred { id, next_try_at } => {
                self.push(DEFER, Guard::Free, (OUTBOX, id.as_str()), values![next_try_at, id.as_str()]);
                NOTHING
            }
            Change::MessagesDone { ids } => {
                for id in ids {
                    self.done(&id);
                }
                NOTHING
            }
            Change::EventRecorded(event) => {
                self.push(NOTE, Guard::New, (EVENTS, event.id.as_str()), event_values(&event));
                NOTHING
            }
            Change::Forgotten { rows, before } => {
                self.forget(rows, before);
                NOTHING
            }
        }
    }

    fn forget(&mut self, rows: Dead, before: Timestamp) {
        match rows {
            Dead::SignIns(ids) => {
                for id in &ids {
                    self.push(FORGET_SIGN_IN, Guard::Free, (SIGN_INS, id.as_str()), values![id.as_str(), before]);
                    self.push(FORGET_CODES, Guard::Free, (SIGN_INS, id.as_str()), values![id.as_str()]);
                }
            }
            Dead::Sessions(handles) => {
                for handle in &handles {
                    self.push(FORGET_SESSION, Guard::Free, (SESSIONS, handle.as_str()), values![handle.as_str(), before]);
                }
            }
            Dead::Budgets(keys) => {
                for (tenant, account) in &keys {
                    let params = values![tenant.as_str(), account.as_str(), before];
                    self.push(FORGET_BUDGET, Guard::Free, (BUDGETS, &budget_key(tenant, account)), params);
                }
            }
        }
    }

    fn done(&mut self, id: &MessageId) {
        self.push(DONE, Guard::Free, (OUTBOX, id.as_str()), values![id.as_str()]);
    }
}

fn budget_key(tenant: &TenantId, account: &Account) -> String {
    format!("{tenant}/{}", account.as_str())
}

fn code_values(code: &SentCode) -> [Value; 4] {
    [
        code.code.as_ref().map(|hash| hash.as_bytes()).into(),
        code.link.as_ref().map(|hash| hash.as_bytes()).into(),
        Value::Int(i64::from(code.strength == CodeStrength::Long)),
        code.expires_at.into(),
    ]
}

fn event_values(event: &Event) -> Vec<Value> {
    values![event.id.as_str(), event.at, event.tenant.as_str(), event.kind.as_str(), event.subject.as_str()]
}

impl Statement {
    /// Whether it can change anything.
    pub(crate) fn writes(&self) -> bool {
        !self.sql.starts_with("SELECT")
    }
}

impl Guard {
    /// Whether it is worth being ready for its failure.
    pub(crate) fn may_fail(&self) -> bool {
        matches!(self, Guard::Touches | Guard::Returns(_))
    }

    /// Whether `answer` shows that the guard held. Takes no row away.
    pub(crate) fn holds(&self, answer: &Answer) -> bool {
        match self {
            Guard::Free => true,
            Guard::New | Guard::Touches => answer.affected > 0,
            Guard::Returns(id) => answer.rows.iter().any(|row| row.first_is(id)),
        }
    }
}

/// Turns what the statements answered into one [`Yield`] per change.
pub(crate) fn settle(gives: &[Gives], answers: Vec<Answer>) -> Result<Vec<Yield>, Unavailable> {
    let mut answers = answers.into_iter();
    let mut next = || answers.next().ok_or_else(|| odd("an answer to each statement"));
    let mut yields = Vec::with_capacity(gives.len());
    for give in gives {
        yields.push(match *give {
            Gives::Nothing { statements } => {
                for _ in 0..statements {
                    next()?;
                }
                Yield::Nothing
            }
            Gives::Count { statements } => {
                let mut first = next()?;
                for _ in 1..statements {
                    next()?;
                }
                Yield::Count(first.rows.first_mut().ok_or_else(|| odd("a count"))?.int()?)
            }
            Gives::Handles => {
                let rows = next()?.rows.into_iter();
                Yield::Handles(rows.map(|mut row| row.text().map(SessionHandle::stored)).collect::<Result<_, _>>()?)
            }
            Gives::Messages => Yield::Messages(next()?.rows.into_iter().map(read::message).collect::<Result<_, _>>()?),
        });
    }
    Ok(yields)
}

#[cfg(test)]
mod tests {
    /// SQLite numbers `$1`, `$2`… by their first appearance: they must appear in order.
    #[test]
    fn parameters_appear_in_order() {
        for sql in super::ALL.iter().chain(&crate::read::ALL) {
            let mut highest = 0;
            for part in sql.split('$').skip(1) {
                let digits: String = part.chars().take_while(char::is_ascii_digit).collect();
                let number: usize = digits.parse().unwrap();
                assert!(number <= highest + 1, "${number} comes before ${} in {sql}", highest + 1);
                highest = highest.max(number);
            }
        }
    }
}
