//! What each [`Change`] is in statements, with their guards and locks, for both engines. Their text is in `sql`.

use crate::Unavailable;
use crate::value::{Record, Value, odd, values};
use crate::{read, read_webhooks, sql};
use postkey_model::{Change, CodeStrength, Event, EventIf, Identity, MessageId, Purpose, SentCode, SessionHandle, Yield};

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
    Touched,
    Handles,
    Messages,
    Notices,
}

/// One caller's changes as statements.
#[derive(Debug, Default)]
pub(crate) struct Member {
    pub(crate) statements: Vec<Statement>,
    pub(crate) gives: Vec<Gives>,
}

// Ranks of tables in the lock order.
pub(crate) const SIGN_INS: u8 = 1;
pub(crate) const BUDGETS: u8 = 2;
pub(crate) const USERS: u8 = 3;
pub(crate) const SESSIONS: u8 = 4;
const OUTBOX: u8 = 5;
pub(crate) const KEYS: u8 = 6;
pub(crate) const EVENTS: u8 = 7;
pub(crate) const LOGINS: u8 = 8;
/// Behind the lines of the audit trail, whatever they stand under: its rows are copies of these.
pub(crate) const WEBHOOKS: u8 = 9;

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

    pub(crate) fn push(&mut self, sql: &'static str, guard: Guard, lock: (u8, &str), params: Vec<Value>) {
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
                    purpose_text(&s.purpose).into(),
                    s.asked.agent.into(),
                    s.asked.client_ip.into(),
                ];
                self.push(sql::START, Guard::New, (SIGN_INS, s.id.as_str()), params);
                NOTHING
            }
            Change::CodeResent { sign_in, seen_sends, code, older, at } => {
                let [hash, link, long, expires] = code_values(&code);
                let params = vec![hash, link, long, expires, at.into(), sign_in.as_str().into(), seen_sends.into()];
                self.push(sql::RESEND, Guard::Touches, (SIGN_INS, sign_in.as_str()), params);
                if let Some(older) = older {
                    let [hash, link, long, expires] = code_values(&older);
                    let params = vec![sign_in.as_str().into(), seen_sends.into(), hash, link, long, expires];
                    self.push(sql::KEEP_OLDER, Guard::Free, (SIGN_INS, sign_in.as_str()), params);
                }
                NOTHING
            }
            Change::CodeRemoved { sign_in, sent_as } => {
                let params = || values![sign_in.as_str(), sent_as];
                self.push(sql::REMOVE_NEWEST_CODE, Guard::Free, (SIGN_INS, sign_in.as_str()), params());
                self.push(sql::REMOVE_OLDER_CODE, Guard::Free, (SIGN_INS, sign_in.as_str()), params());
                NOTHING
            }
            Change::SignInsCancelled { tenant, subject, at } => {
                let params = values![at, tenant.as_str(), subject.as_str()];
                self.push(sql::CANCEL_ALL, Guard::Free, (SIGN_INS, ""), params);
                NOTHING
            }
            Change::SignInCancelled { sign_in, at } => {
                self.push(sql::CANCEL, Guard::Touches, (SIGN_INS, sign_in.as_str()), values![at, sign_in.as_str()]);
                NOTHING
            }
            Change::AttemptFailed { sign_in } => {
                self.push(sql::FAIL, Guard::Touches, (SIGN_INS, sign_in.as_str()), values![sign_in.as_str()]);
                COUNT
            }
            Change::BudgetSpent { tenant, account, limit, at, window, when_spent } => {
                self.spend_budget((&tenant, &account), limit, (at, window), &when_spent);
                COUNT
            }
            Change::CodeSpent { sign_in, tenant, subject, within_budget, at } => {
                let params = values![at, sign_in.as_str(), tenant.as_str(), subject.as_str()];
                let guard = Guard::Returns(sign_in.as_str().to_owned());
                self.within_budget(&tenant, within_budget, at);
                self.push(sql::SPEND, guard, (SIGN_INS, sign_in.as_str()), params);
                NOTHING
            }
            Change::CodeProved { sign_in, tenant, within_budget, at } => {
                self.within_budget(&tenant, within_budget, at);
                self.push(sql::SPEND_ONE, Guard::Touches, (SIGN_INS, sign_in.as_str()), values![at, sign_in.as_str()]);
                NOTHING
            }
            Change::LinkOpened { sign_in, at } => {
                self.push(sql::OPENED, Guard::Free, (SIGN_INS, sign_in.as_str()), values![at, sign_in.as_str()]);
                NOTHING
            }
            Change::SignInApproved { sign_in, at } => {
                self.push(sql::APPROVE, Guard::Touches, (SIGN_INS, sign_in.as_str()), values![at, sign_in.as_str()]);
                NOTHING
            }
            Change::NumberFailed { sign_in } => {
                self.push(sql::NUMBER_FAILED, Guard::Touches, (SIGN_INS, sign_in.as_str()), values![sign_in.as_str()]);
                NOTHING
            }
            Change::SendCounted { tenant, counter, by, limit, at, window } => {
                self.count((&tenant, counter.key()), by, limit, (at, window));
                NOTHING
            }
            Change::TextsUsed { tenant, counter, by } => {
                self.uncount((&tenant, counter.key()), by);
                NOTHING
            }
            Change::UserCreated(user) => {
                self.push(
                    sql::NEW_USER,
                    Guard::New,
                    (USERS, user.id.as_str()),
                    values![user.id.as_str(), user.tenant.as_str(), user.created_at, user.version, user.primary_at],
                );
                self.join(&user.tenant, &user.id, user.created_at);
                NOTHING
            }
            Change::IdentityCreated(i) => {
                self.new_identity(&i);
                NOTHING
            }
            Change::IdentityChanged { seen, subject, since } => {
                self.leave_subject(&seen);
                // Its new subject was proved a moment ago, or with the old one.
                let verified_at = Some(since);
                self.new_identity(&Identity { subject, created_at: since, verified_at, version: seen.version + 1, ..seen });
                NOTHING
            }
            Change::IdentityRemoved(seen) => {
                self.leave_subject(&seen);
                NOTHING
            }
            Change::UserTouched { user, seen_version } => {
                self.push(sql::TOUCH_USER, Guard::Touches, (USERS, user.as_str()), values![user.as_str(), seen_version]);
                NOTHING
            }
            Change::Directory(change) => {
                self.add_directory(*change);
                NOTHING
            }
            Change::Login(change) => {
                self.add_login(*change);
                NOTHING
            }
            Change::Invited { tenant, identifier, at } => {
                let params = values![tenant.as_str(), identifier.connection().as_str(), identifier.as_str(), at];
                self.push(sql::INVITE, Guard::Free, (USERS, &format!("{tenant}/{}", identifier.as_str())), params);
                NOTHING
            }
            Change::InviteWithdrawn { tenant, identifier } => {
                let params = values![tenant.as_str(), identifier.connection().as_str(), identifier.as_str()];
                self.push(sql::WITHDRAW, Guard::Free, (USERS, &format!("{tenant}/{}", identifier.as_str())), params);
                NOTHING
            }
            Change::SessionCreated(s) => {
                let retired = read::retired_text(&s.retired);
                let kept = s.back_end.as_deref().cloned().unwrap_or_default();
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
                    kept.claims,
                    kept.data,
                    kept.is_static.then_some(1),
                    kept.anti_csrf,
                    kept.current.as_deref(),
                    s.login.as_ref().and_then(|login| serde_json::to_string(login).ok()),
                ];
                // Under its user's key: in one group it stands before whatever revokes that one's sessions later.
                self.push(sql::NEW_SESSION, Guard::New, (SESSIONS, s.user.as_str()), params);
                NOTHING
            }
            Change::SessionRotated { handle, seen_generation, retired, at, expires_at } => {
                let params = values![read::retired_text(&retired), at, expires_at, handle.as_str(), seen_generation];
                self.push(sql::ROTATE, Guard::Touches, (SESSIONS, handle.as_str()), params);
                NOTHING
            }
            Change::LineageAdvanced { handle, seen, current, at, expires_at } => {
                let params = values![current.as_slice(), at, expires_at, handle.as_str(), seen.as_slice()];
                self.push(sql::ADVANCE_LINEAGE, Guard::Touches, (SESSIONS, handle.as_str()), params);
                NOTHING
            }
            Change::SessionKept { handle, claims, data, is_static, at } => {
                let params = values![claims, data, is_static.map(i64::from), handle.as_str(), at];
                self.push(sql::KEEP_WITH_SESSION, Guard::Touches, (SESSIONS, handle.as_str()), params);
                NOTHING
            }
            Change::SessionRevoked { handle, at } => {
                self.push(sql::REVOKE, Guard::Free, (SESSIONS, handle.as_str()), values![at, handle.as_str()]);
                Gives::Handles
            }
            Change::SessionsOfUserRevoked { user, except, at } => {
                let except = except.map(|handle| handle.as_str().to_owned()).unwrap_or_default();
                self.push(sql::REVOKE_ALL, Guard::Free, (SESSIONS, user.as_str()), values![at, user.as_str(), except]);
                Gives::Handles
            }
            Change::SigningKeyCreated(key) => {
                let params = values![
                    key.set.to_text(),
                    key.number,
                    key.kid.as_str(),
                    key.algorithm.as_str(),
                    key.sealed.as_bytes(),
                    key.created_at,
                    key.signs_from,
                ];
                self.push(sql::NEW_KEY, Guard::Touches, (KEYS, &key.kid), params);
                NOTHING
            }
            Change::SigningKeyResealed { seen, sealed } => self.reseal_key(&seen, &sealed),
            Change::SigningKeyForgotten { set, kid } => {
                self.push(sql::FORGET_KEY, Guard::Free, (KEYS, &kid), values![set.to_text(), kid.as_str()]);
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
                self.push(sql::QUEUE, Guard::New, (OUTBOX, m.id.as_str()), params);
                NOTHING
            }
            Change::MessagesClaimed { due_at, until, limit } => {
                self.push(sql::CLAIM, Guard::Free, (OUTBOX, ""), values![due_at, limit, until]);
                Gives::Messages
            }
            Change::MessageDeferred { id, tries, next_try_at } => {
                self.push(sql::DEFER, Guard::Free, (OUTBOX, id.as_str()), values![next_try_at, id.as_str(), tries]);
                NOTHING
            }
            Change::MessagesDone { ids } => {
                for id in ids {
                    self.done(&id);
                }
                NOTHING
            }
            Change::Webhook(change) => self.add_webhook(*change),
            Change::DeliveryNoted(d) => {
                let params = values![
                    d.sign_in.as_str(),
                    d.id.as_str(),
                    d.message.as_str(),
                    d.queued_at,
                    d.at,
                    d.channel.as_str(),
                    d.provider.as_str(),
                    d.outcome.as_str(),
                    d.answer.as_str(),
                ];
                self.push(sql::NOTE_DELIVERY, Guard::Free, (EVENTS, d.id.as_str()), params);
                NOTHING
            }
            Change::EventRecorded(event) => {
                self.push(sql::NOTE, Guard::New, (EVENTS, event.id.as_str()), event_values(&event));
                NOTHING
            }
            Change::EventRecordedIf { id, at, actor, so } => {
                let kind = so.kind().as_str();
                // Under the key of what it looks at: right before or behind what happens to that.
                match so {
                    EventIf::SessionIsGood(handle) => {
                        let params = values![id.as_str(), at, kind, actor.to_text(), handle.as_str()];
                        self.push(sql::NOTE_GOOD_SESSION, Guard::Free, (SESSIONS, handle.as_str()), params);
                    }
                    EventIf::SignInExhausted(sign_in) => {
                        let params = values![id.as_str(), at, kind, actor.to_text(), sign_in.as_str()];
                        self.push(sql::NOTE_EXHAUSTED, Guard::Free, (SIGN_INS, sign_in.as_str()), params);
                    }
                }
                NOTHING
            }
            Change::Cleared { table, before, limit } => {
                self.clear(table, before, limit);
                Gives::Touched
            }
            Change::Forgotten { rows, before } => {
                self.forget(rows, before);
                NOTHING
            }
        }
    }

    fn leave_subject(&mut self, seen: &Identity) {
        let Identity { id, user, tenant, connection, subject, version, .. } = seen;
        let params = values![tenant.as_str(), connection.as_str(), subject.as_str(), id.as_str(), user.as_str(), *version];
        self.push(sql::LEAVE_SUBJECT, Guard::Touches, (USERS, &format!("{tenant}/{subject}")), params);
    }

    fn new_identity(&mut self, i: &Identity) {
        let params = values![
            i.tenant.as_str(),
            i.connection.as_str(),
            i.subject.as_str(),
            i.id.as_str(),
            i.user.as_str(),
            i.created_at,
            i.version,
            i.provider_email.as_deref(),
            i.verified_at,
        ];
        self.push(sql::NEW_IDENTITY, Guard::Touches, (USERS, &format!("{}/{}", i.tenant, i.subject)), params);
    }

    fn done(&mut self, id: &MessageId) {
        self.push(sql::DONE, Guard::Free, (OUTBOX, id.as_str()), values![id.as_str()]);
    }
}

/// The stored form of a purpose: nothing for a plain sign-in.
fn purpose_text(purpose: &Purpose) -> Option<String> {
    // Enums of strings and numbers always serialise.
    (*purpose != Purpose::SignIn).then(|| serde_json::to_string(purpose).unwrap_or_default())
}

fn code_values(code: &SentCode) -> [Value; 4] {
    [
        code.code.as_ref().map(|hash| hash.as_bytes()).into(),
        code.link.as_ref().map(|hash| hash.as_bytes()).into(),
        Value::Int(match code.strength {
            CodeStrength::Short => 0,
            CodeStrength::Long => 1,
            CodeStrength::Chosen => 2,
        }),
        code.expires_at.into(),
    ]
}

pub(crate) fn event_values(event: &Event) -> Vec<Value> {
    let user = event.user.as_ref().map(postkey_model::UserId::as_str);
    values![event.id.as_str(), event.at, event.tenant.as_str(), event.kind.as_str(), event.subject.as_str(), user, event.actor.to_text(),]
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
            Gives::Touched => Yield::Count(i64::try_from(next()?.affected).unwrap_or(i64::MAX)),
            Gives::Handles => {
                let rows = next()?.rows.into_iter();
                Yield::Handles(rows.map(|mut row| row.text().map(SessionHandle::stored)).collect::<Result<_, _>>()?)
            }
            Gives::Notices => Yield::Notices(next()?.rows.into_iter().map(read_webhooks::notice).collect::<Result<_, _>>()?),
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
        let writes = crate::sql::ALL.iter().chain(&crate::sql_directory::ALL).chain(&crate::sql_login::ALL).chain(&crate::sql_webhook::ALL);
        for sql in writes
            .chain(&crate::read::ALL)
            .chain(&crate::read_directory::ALL)
            .chain(&crate::read_person::ALL)
            .chain(&crate::read_events::ALL)
            .chain(&crate::read_login::ALL)
            .chain(&crate::read_figures::ALL)
            .chain(&crate::read_sealed::ALL)
            .chain(&crate::read_webhooks::ALL)
        {
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
