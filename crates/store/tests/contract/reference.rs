//! Random lists of changes against a small model of the guards: what is Ok, what is Lost, what is given back, and
//! what is stored in the end.

use crate::kit::*;
use crate::steps::{List, Step, lists};
use postkey_model::{
    Change, Connection, Dead, EndedHow, EventKind, Identity, IdentityId, Millis, SendCounter, SessionHandle, SignInId, TenantId, Timestamp,
    User, UserId, Yield,
};
use postkey_store::{CommitError, Store};
use proptest::test_runner::{Config, TestError, TestRunner};
use std::collections::BTreeMap;

const CODE_LIVES: Millis = Millis(100_000);
const SESSION_LIVES: Millis = Millis(90_000);

#[derive(Clone, Debug, PartialEq)]
struct ModelSignIn {
    tenant: usize,
    subject: usize,
    attempts: i64,
    max_attempts: i64,
    sends: i64,
    older: usize,
    expires_at: Timestamp,
    opened: Option<Timestamp>,
    approved: Option<Timestamp>,
    number_tries: i64,
    ended: Option<(Timestamp, EndedHow)>,
}

#[derive(Clone, Debug, PartialEq)]
struct ModelSession {
    user: usize,
    generation: i64,
    expires_at: Timestamp,
    revoked_at: Option<Timestamp>,
}

/// Everything that is stored, as the doc comments of `Change` have it.
#[derive(Clone, Debug, Default)]
struct Model {
    sign_ins: BTreeMap<usize, ModelSignIn>,
    budgets: BTreeMap<(usize, usize), (i64, Timestamp)>,
    /// Messages counted in each tenant.
    sends: BTreeMap<usize, (i64, Timestamp)>,
    /// The version of each.
    users: BTreeMap<usize, i64>,
    /// Owner, version, and since when.
    identities: BTreeMap<(usize, usize), (usize, i64, Timestamp)>,
    sessions: BTreeMap<usize, ModelSession>,
    events: i64,
}

impl Model {
    /// Applies all steps, or none and answers `None`.
    fn apply(&mut self, steps: &[Step], now: Timestamp, names: &Names) -> Option<Vec<Yield>> {
        let mut next = self.clone();
        let yields = steps.iter().map(|step| next.step(step, now, names)).collect::<Option<Vec<_>>>()?;
        *self = next;
        Some(yields)
    }

    fn takes_tries(&mut self, sign_in: usize) -> Option<&mut ModelSignIn> {
        self.sign_ins.get_mut(&sign_in).filter(|s| s.ended.is_none() && s.attempts < s.max_attempts)
    }

    /// `None` when the budget is spent.
    fn is_within(&self, tenant: usize, within: Option<(usize, i64)>, now: Timestamp) -> Option<()> {
        let Some((account, limit)) = within else { return Some(()) };
        let spent = self.budgets.get(&(tenant, account)).is_some_and(|b| b.0 >= limit && b.1 > now);
        (!spent).then_some(())
    }

    fn is_new<K: Ord, V>(map: &mut BTreeMap<K, V>, key: K, value: V) -> Option<Yield> {
        if map.contains_key(&key) {
            return None;
        }
        map.insert(key, value);
        Some(Yield::Nothing)
    }

    fn step(&mut self, step: &Step, now: Timestamp, names: &Names) -> Option<Yield> {
        match *step {
            Step::Start { sign_in, tenant, subject, max_attempts } => {
                let expires_at = now + CODE_LIVES;
                let new = ModelSignIn {
                    tenant,
                    subject,
                    attempts: 0,
                    max_attempts,
                    sends: 1,
                    older: 0,
                    expires_at,
                    opened: None,
                    approved: None,
                    number_tries: 0,
                    ended: None,
                };
                Self::is_new(&mut self.sign_ins, sign_in, new)
            }
            Step::Resend { sign_in, seen_sends, older } => {
                let s = self.takes_tries(sign_in).filter(|s| s.sends == seen_sends)?;
                (s.sends, s.expires_at, s.older) = (s.sends + 1, now + CODE_LIVES, s.older + usize::from(older));
                Some(Yield::Nothing)
            }
            Step::Cancel { sign_in } => {
                let s = self.sign_ins.get_mut(&sign_in).filter(|s| s.ended.is_none())?;
                s.ended = Some((now, EndedHow::Cancelled));
                Some(Yield::Nothing)
            }
            Step::Fail { sign_in } => {
                let s = self.takes_tries(sign_in)?;
                s.attempts += 1;
                Some(Yield::Count(s.attempts))
            }
            Step::Guess { tenant, account, limit } => {
                let budget = self.budgets.entry((tenant, account)).or_insert((0, now + MINUTE));
                if budget.1 <= now {
                    *budget = (0, now + MINUTE);
                }
                if budget.0 > 0 && budget.0 >= limit {
                    return None;
                }
                budget.0 += 1;
                self.events += i64::from(budget.0 == limit);
                Some(Yield::Count(budget.0))
            }
            Step::Spend { sign_in, subject, within } => {
                let tenant = self.takes_tries(sign_in).filter(|s| s.subject == subject && s.expires_at > now)?.tenant;
                self.is_within(tenant, within, now)?;
                let others = |s: &ModelSignIn| (s.tenant, s.subject) == (tenant, subject) && s.ended.is_none() && s.expires_at > now;
                for (id, s) in self.sign_ins.iter_mut().filter(|(_, s)| others(s)) {
                    s.ended = Some((now, if *id == sign_in { EndedHow::Completed } else { EndedHow::Superseded }));
                }
                Some(Yield::Nothing)
            }
            Step::Prove { sign_in, within } => {
                let tenant = self.takes_tries(sign_in).filter(|s| s.expires_at > now)?.tenant;
                self.is_within(tenant, within, now)?;
                self.sign_ins.get_mut(&sign_in)?.ended = Some((now, EndedHow::Completed));
                Some(Yield::Nothing)
            }
            Step::Opened { sign_in } => {
                if let Some(s) = self.sign_ins.get_mut(&sign_in) {
                    s.opened = s.opened.or(Some(now));
                }
                Some(Yield::Nothing)
            }
            Step::Approve { sign_in } => {
                let s = self.takes_tries(sign_in).filter(|s| s.expires_at > now && s.number_tries == 0)?;
                (s.approved, s.number_tries) = (Some(now), 1);
                Some(Yield::Nothing)
            }
            Step::WrongNumber { sign_in } => {
                let s = self.sign_ins.get_mut(&sign_in).filter(|s| s.ended.is_none() && s.number_tries == 0)?;
                s.number_tries = 1;
                Some(Yield::Nothing)
            }
            Step::Send { tenant, limit } => {
                let count = self.sends.entry(tenant).or_insert((0, now + MINUTE));
                if count.1 <= now {
                    *count = (0, now + MINUTE);
                }
                if count.0 >= limit {
                    return None;
                }
                count.0 += 1;
                Some(Yield::Nothing)
            }
            Step::NewUser { user } => Self::is_new(&mut self.users, user, 0),
            Step::NewIdentity { tenant, subject, user } => Self::is_new(&mut self.identities, (tenant, subject), (user, 0, NOW)),
            Step::Move { tenant, from, to, owner, seen, keeps_age } => {
                self.identities.remove(&(tenant, from)).filter(|found| (found.0, found.1) == (owner, seen))?;
                Self::is_new(&mut self.identities, (tenant, to), (owner, seen + 1, if keeps_age { NOW } else { now }))
            }
            Step::Remove { tenant, subject, owner, seen } => {
                self.identities.remove(&(tenant, subject)).filter(|found| (found.0, found.1) == (owner, seen))?;
                Some(Yield::Nothing)
            }
            Step::Touch { user, seen } => {
                let version = self.users.get_mut(&user).filter(|version| **version == seen)?;
                *version += 1;
                Some(Yield::Nothing)
            }
            Step::Open { session, user } => {
                let new = ModelSession { user, generation: 0, expires_at: now + SESSION_LIVES, revoked_at: None };
                Self::is_new(&mut self.sessions, session, new)
            }
            Step::Rotate { session, seen } => {
                let s = self.sessions.get_mut(&session).filter(|s| s.generation == seen && s.revoked_at.is_none())?;
                (s.generation, s.expires_at) = (s.generation + 1, now + SESSION_LIVES);
                Some(Yield::Nothing)
            }
            Step::Revoke { session } => Some(self.revoke(now, names, |id, _| id == session)),
            Step::RevokeAll { user, except } => Some(self.revoke(now, names, |id, s| s.user == user && Some(id) != except)),
            Step::ForgetSignIns => {
                self.sign_ins.retain(|_, s| s.expires_at >= now);
                Some(Yield::Nothing)
            }
            Step::ForgetSessions => {
                self.sessions.retain(|_, s| s.expires_at >= now && s.revoked_at.is_none_or(|at| at >= now));
                Some(Yield::Nothing)
            }
            Step::ForgetBudgets => {
                self.budgets.retain(|_, b| b.1 >= now);
                self.sends.retain(|_, b| b.1 >= now);
                Some(Yield::Nothing)
            }
        }
    }

    fn revoke(&mut self, now: Timestamp, names: &Names, which: impl Fn(usize, &ModelSession) -> bool) -> Yield {
        let mut handles = Vec::new();
        for (id, s) in &mut self.sessions {
            if which(*id, s) && s.revoked_at.is_none() && s.expires_at > now {
                s.revoked_at = Some(now);
                handles.push(names.session(*id));
            }
        }
        handles.sort();
        Yield::Handles(handles)
    }
}

/// The names that small numbers stand for, other ones in each case. They sort in different ways on purpose.
struct Names(u64);

impl Names {
    fn sign_in(&self, n: usize) -> SignInId {
        SignInId::stored(format!("{}-{}", ["s", "0", "z", "m"][n], self.0))
    }

    fn tenant(&self, n: usize) -> TenantId {
        tenant(&format!("{}-{}", ["acme", "zeta"][n], self.0))
    }

    fn subject(n: usize) -> &'static str {
        ["0@example.com", "zoe@example.com"][n]
    }

    fn user(&self, n: usize) -> UserId {
        UserId::stored(format!("{}-{}", ["0", "zz"][n], self.0))
    }

    /// One user has one identity here, which keeps its id wherever it goes.
    fn identity(&self, tenant: usize, subject: usize, user: usize, version: i64) -> Identity {
        Identity {
            id: IdentityId::stored(format!("i-{user}-{}", self.0)),
            user: self.user(user),
            tenant: self.tenant(tenant),
            connection: Connection::Email,
            subject: Names::subject(subject).to_owned(),
            created_at: NOW,
            version,
            provider_email: None,
            verified_at: None,
        }
    }

    fn session(&self, n: usize) -> SessionHandle {
        SessionHandle::stored(format!("{}-{}", ["h", "1", "y"][n], self.0))
    }

    fn change(&self, step: &Step, model: &Model, now: Timestamp) -> Change {
        match *step {
            Step::Start { sign_in, tenant, subject, max_attempts } => {
                let mut s = crate::kit::sign_in(Names::subject(subject));
                (s.id, s.tenant, s.max_attempts) = (self.sign_in(sign_in), self.tenant(tenant), max_attempts);
                s.code.expires_at = now + CODE_LIVES;
                Change::SignInStarted(Box::new(s))
            }
            Step::Resend { sign_in, seen_sends, older } => {
                let mut newer = code(2);
                newer.expires_at = now + CODE_LIVES;
                Change::CodeResent { sign_in: self.sign_in(sign_in), seen_sends, code: newer, older: older.then(|| code(1)), at: now }
            }
            Step::Cancel { sign_in } => Change::SignInCancelled { sign_in: self.sign_in(sign_in), at: now },
            Step::Fail { sign_in } => Change::AttemptFailed { sign_in: self.sign_in(sign_in) },
            Step::Guess { tenant, account, limit } => Change::BudgetSpent {
                tenant: self.tenant(tenant),
                account: crate::kit::account(["a", "b"][account]),
                limit,
                at: now,
                window: MINUTE,
                when_spent: event(EventKind::GuessBudgetSpent),
            },
            Step::Spend { sign_in, subject, within } => Change::CodeSpent {
                sign_in: self.sign_in(sign_in),
                tenant: self.tenant(model.sign_ins.get(&sign_in).map_or(0, |s| s.tenant)),
                subject: Names::subject(subject).to_owned(),
                within_budget: within.map(|(account, limit)| (crate::kit::account(["a", "b"][account]), limit)),
                at: now,
            },
            Step::Prove { sign_in, within } => Change::CodeProved {
                sign_in: self.sign_in(sign_in),
                tenant: self.tenant(model.sign_ins.get(&sign_in).map_or(0, |s| s.tenant)),
                within_budget: within.map(|(account, limit)| (crate::kit::account(["a", "b"][account]), limit)),
                at: now,
            },
            Step::Opened { sign_in } => Change::LinkOpened { sign_in: self.sign_in(sign_in), at: now },
            Step::Approve { sign_in } => Change::SignInApproved { sign_in: self.sign_in(sign_in), at: now },
            Step::WrongNumber { sign_in } => Change::NumberFailed { sign_in: self.sign_in(sign_in) },
            Step::Send { tenant, limit } => Change::SendCounted {
                tenant: self.tenant(tenant),
                counter: SendCounter::unused_texts(None),
                by: 1,
                limit,
                at: now,
                window: MINUTE,
            },
            Step::NewUser { user } => {
                Change::UserCreated(User { id: self.user(user), tenant: self.tenant(0), created_at: now, version: 0, primary_at: None })
            }
            Step::NewIdentity { tenant, subject, user } => Change::IdentityCreated(self.identity(tenant, subject, user, 0)),
            Step::Move { tenant, from, to, owner, seen, keeps_age } => {
                let seen = self.identity(tenant, from, owner, seen);
                let since = if keeps_age { seen.created_at } else { now };
                Change::IdentityChanged { seen, subject: Names::subject(to).to_owned(), since }
            }
            Step::Remove { tenant, subject, owner, seen } => Change::IdentityRemoved(self.identity(tenant, subject, owner, seen)),
            Step::Touch { user, seen } => Change::UserTouched { user: self.user(user), seen_version: seen },
            Step::Open { session, user } => {
                let mut s = crate::kit::session(&self.user(user));
                (s.handle, s.expires_at) = (self.session(session), now + SESSION_LIVES);
                Change::SessionCreated(Box::new(s))
            }
            Step::Rotate { session, seen } => Change::SessionRotated {
                handle: self.session(session),
                seen_generation: seen,
                retired: Vec::new(),
                at: now,
                expires_at: now + SESSION_LIVES,
            },
            Step::Revoke { session } => Change::SessionRevoked { handle: self.session(session), at: now },
            Step::RevokeAll { user, except } => {
                Change::SessionsOfUserRevoked { user: self.user(user), except: except.map(|n| self.session(n)), at: now }
            }
            Step::ForgetSignIns => Change::Forgotten { rows: Dead::SignIns((0..4).map(|n| self.sign_in(n)).collect()), before: now },
            Step::ForgetSessions => Change::Forgotten { rows: Dead::Sessions((0..3).map(|n| self.session(n)).collect()), before: now },
            Step::ForgetBudgets => {
                let guesses = (0..4).map(|n| (self.tenant(n / 2), crate::kit::account(["a", "b"][n % 2])));
                let sends = (0..2).map(|n| (self.tenant(n), SendCounter::unused_texts(None).key().clone()));
                let keys = guesses.chain(sends).collect();
                Change::Forgotten { rows: Dead::Budgets(keys), before: now }
            }
        }
    }
}

/// Runs one case against a store and against the model.
async fn check(store: &Store, lists: &[List]) {
    let names = Names(next_number());
    let mut model = Model { events: store.count_events(EventKind::GuessBudgetSpent).await.unwrap(), ..Model::default() };
    let mut now = NOW;
    for (nth, (passing, steps)) in lists.iter().enumerate() {
        now = now + Millis(*passing);
        // What a step names depends on what stood before it in its own list.
        let mut seen = model.clone();
        let mut changes = Vec::new();
        for step in steps {
            changes.push(names.change(step, &seen, now));
            let _ = seen.step(step, now, &names);
        }
        let mut answer = store.commit(changes).await;
        for given in answer.iter_mut().flatten() {
            if let Yield::Handles(handles) = given {
                handles.sort();
            }
        }
        let expected = model.apply(steps, now, &names).ok_or(CommitError::Lost);
        assert_eq!(answer, expected, "list {nth}, {steps:?}, before it {model:?}");
        same(store, &model, &names).await;
    }
}

/// Compares all that is stored with the model.
async fn same(store: &Store, model: &Model, names: &Names) {
    for n in 0..4 {
        let expected = model.sign_ins.get(&n);
        let stored = store.sign_in(&names.tenant(expected.map_or(0, |s| s.tenant)), &names.sign_in(n)).await.unwrap();
        let stored = stored.map(|facts| ModelSignIn {
            tenant: expected.map_or(9, |s| s.tenant),
            subject: usize::from(facts.sign_in.subject == Names::subject(1)),
            attempts: facts.sign_in.attempts,
            max_attempts: facts.sign_in.max_attempts,
            sends: facts.sign_in.sends,
            older: facts.older.len(),
            expires_at: facts.sign_in.code.expires_at,
            opened: facts.sign_in.opened_at,
            approved: facts.sign_in.approved_at,
            number_tries: facts.sign_in.number_tries,
            ended: facts.sign_in.ended,
        });
        assert_eq!(stored.as_ref(), expected, "sign-in {n}");
        let (tenant, other) = (n / 2, n % 2);
        let budget = store.budget(&names.tenant(tenant), &account(["a", "b"][other])).await.unwrap();
        assert_eq!(budget.map(|b| (b.failures, b.resets_at)), model.budgets.get(&(tenant, other)).copied(), "budget {tenant} {other}");
        let facts = store.start_facts(&names.tenant(tenant), Connection::Email, Names::subject(other)).await.unwrap();
        assert_eq!(facts.user, model.identities.get(&(tenant, other)).map(|(user, ..)| names.user(*user)), "identity {tenant} {other}");
    }
    for n in 0..2 {
        let counted = store.budget(&names.tenant(n), SendCounter::unused_texts(None).key()).await.unwrap();
        assert_eq!(counted.map(|b| (b.failures, b.resets_at)), model.sends.get(&n).copied(), "messages of tenant {n}");
        let facts = store.user(&names.tenant(0), &names.user(n)).await.unwrap();
        assert_eq!(facts.as_ref().map(|facts| facts.user.version), model.users.get(&n).copied(), "user {n}");
        let Some(facts) = facts else { continue };
        let mut theirs: Vec<_> = facts.identities.into_iter().map(|i| (i.tenant, i.subject, i.version, i.created_at)).collect();
        let expected = model.identities.iter().filter(|((tenant, _), (owner, ..))| *owner == n && *tenant == 0);
        let mut expected: Vec<_> = expected
            .map(|((tenant, subject), (_, version, since))| (names.tenant(*tenant), Names::subject(*subject).to_owned(), *version, *since))
            .collect();
        theirs.sort();
        expected.sort();
        assert_eq!(theirs, expected, "the identities of user {n}");
    }
    for n in 0..3 {
        let stored = store.session(&names.session(n)).await.unwrap().map(|s| ModelSession {
            user: usize::from(s.user == names.user(1)),
            generation: s.generation,
            expires_at: s.expires_at,
            revoked_at: s.revoked_at,
        });
        assert_eq!(stored.as_ref(), model.sessions.get(&n), "session {n}");
    }
    assert_eq!(store.count_events(EventKind::GuessBudgetSpent).await.unwrap(), model.events, "events");
}

/// Checks `cases` random cases; the smallest one that fails is shown.
async fn check_many(store: Store, cases: u32) {
    let runtime = tokio::runtime::Handle::current();
    let outcome = tokio::task::block_in_place(|| {
        let config = Config { cases, failure_persistence: None, max_shrink_iters: 3_000, ..Config::default() };
        TestRunner::new(config).run(&lists(), |lists| {
            // A panic of its assertions is what the runner makes smaller.
            runtime.block_on(check(&store, &lists));
            Ok(())
        })
    });
    match outcome {
        Ok(()) => {}
        Err(TestError::Fail(why, lists)) => panic!("{why}\nin {lists:#?}"),
        Err(TestError::Abort(why)) => panic!("{why}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn random_lists_of_changes_sqlite() {
    on_sqlite(|bed| check_many(bed.store, 150)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn random_lists_of_changes_postgres() {
    on_postgres("reference::random_lists_of_changes_postgres", |bed| check_many(bed.store, 30)).await;
}
