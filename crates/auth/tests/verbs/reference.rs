//! What the verbs have to answer, told a second time and in the plainest way: everything in memory, one at a time.

use postkey_model::{EndedHow, Millis, Timestamp};
use std::collections::HashMap;

pub const LIFE: Millis = Millis::from_mins(10);
pub const GAP: Millis = Millis::from_secs(15);
pub const TRIES: i64 = 5;
/// Small budgets and short lives, so that they run out often.
pub const LIMIT: i64 = 8;
pub const TRUSTED_LIMIT: i64 = 3;
pub const WINDOW: Millis = Millis::from_mins(30);
pub const GRACE: Millis = Millis::from_secs(30);
pub const ACCESS: Millis = Millis::from_mins(20);
pub const REFRESH: Millis = Millis::from_mins(60);

/// Users are numbered as they come.
pub type UserNo = usize;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Says {
    In { user: UserNo, is_new: bool },
    Wrong { left: i64 },
    Expired { left: i64 },
    TooManyWrong,
    NotACode,
    Unknown,
    LinkExpired,
    Over(EndedHow),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resent {
    Yes { is_long: bool, has_code: bool, has_link: bool },
    TooSoon { until: Timestamp },
    Unknown,
    Over,
}

/// What a number typed beside an opened link is answered with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Numbered {
    Approved,
    Wrong,
    Spent,
    Unknown,
    LinkExpired,
    Over,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refreshed {
    New,
    Current,
    Reused,
    Over,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Believed {
    Yes,
    Expired,
    SessionOver,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Account {
    Nobody { tenant: usize, who: usize },
    User(UserNo),
    Browser(UserNo, usize),
}

#[derive(Clone, Debug)]
pub struct Code {
    pub digits: Option<String>,
    pub secret: Option<String>,
    pub is_long: bool,
    pub dies: Timestamp,
}

#[derive(Clone, Debug)]
pub struct SignIn {
    pub tenant: usize,
    pub who: usize,
    pub browser: usize,
    /// Newest last.
    pub codes: Vec<Code>,
    pub wrong: i64,
    pub ended: Option<EndedHow>,
    pub approved: Option<Timestamp>,
    pub number_tried: bool,
    last_sent: Timestamp,
    account: Account,
}

impl SignIn {
    pub fn is_approved(&self, now: Timestamp) -> bool {
        self.approved.is_some_and(|at| now < at + LIFE)
    }
}

#[derive(Clone, Debug)]
pub struct Session {
    pub user: UserNo,
    /// When each generation but the current one was retired.
    retired: Vec<Timestamp>,
    expires: Timestamp,
    is_revoked: bool,
}

#[derive(Default)]
pub struct World {
    pub users: HashMap<(usize, usize), UserNo>,
    pub sign_ins: Vec<SignIn>,
    pub sessions: Vec<Session>,
    /// Failures in the window, and when it is over.
    budgets: HashMap<Account, (i64, Timestamp)>,
    /// The users that a browser signed in to, the one longest ago first: five at most.
    trust: HashMap<usize, Vec<UserNo>>,
}

impl World {
    fn is_spent(&self, account: &Account, now: Timestamp) -> bool {
        let limit = if matches!(account, Account::Browser(..)) { TRUSTED_LIMIT } else { LIMIT };
        self.budgets.get(account).is_some_and(|(failures, over)| *failures >= limit && *over > now)
    }

    /// Starts a sign-in; its code is put in afterwards. Answers whether it has to be a long one.
    pub fn start(&mut self, tenant: usize, who: usize, browser: usize, now: Timestamp) -> bool {
        let account = match self.users.get(&(tenant, who)) {
            None => Account::Nobody { tenant, who },
            Some(user) if self.trust.get(&browser).is_some_and(|users| users.contains(user)) => Account::Browser(*user, browser),
            Some(user) => Account::User(*user),
        };
        let is_long = self.is_spent(&account, now);
        let (codes, last_sent) = (Vec::new(), now);
        let new = SignIn { tenant, who, browser, codes, wrong: 0, ended: None, approved: None, number_tried: false, last_sent, account };
        self.sign_ins.push(new);
        is_long
    }

    /// Asks for another code; it is put in afterwards.
    pub fn resend(&mut self, n: usize, own: bool, as_code: bool, now: Timestamp) -> Resent {
        let is_long = self.is_spent(&self.sign_ins[n].account, now);
        let sign_in = &mut self.sign_ins[n];
        let newest = sign_in.codes.last().unwrap().clone();
        if !own {
            return Resent::Unknown;
        }
        if sign_in.ended.is_some() || sign_in.wrong == TRIES || now >= newest.dies + LIFE {
            return Resent::Over;
        }
        let until = sign_in.last_sent + GAP;
        if now < until {
            return Resent::TooSoon { until };
        }
        if newest.dies <= now {
            sign_in.codes.pop();
        }
        sign_in.last_sent = now;
        Resent::Yes { is_long, has_code: as_code || newest.digits.is_some(), has_link: newest.secret.is_some() }
    }

    pub fn cancel(&mut self, n: usize, own: bool) {
        let ended = &mut self.sign_ins[n].ended;
        if own && ended.is_none() {
            *ended = Some(EndedHow::Cancelled);
        }
    }

    pub fn type_code(&mut self, n: usize, digits: &str, own: bool, now: Timestamp) -> Says {
        let sign_in = &self.sign_ins[n];
        if !own {
            return Says::Unknown;
        }
        if let Some(over) = over(sign_in) {
            return over;
        }
        if !matches!(digits.len(), 6 | 13) || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Says::NotACode;
        }
        let (account, browser) = (sign_in.account.clone(), sign_in.browser);
        let is_spent = self.is_spent(&account, now);
        let mut right =
            sign_in.codes.iter().rev().take(3).filter(|code| code.digits.as_deref() == Some(digits) && (code.is_long || !is_spent));
        if right.clone().any(|code| code.dies > now) {
            return self.enter(n, browser, now);
        }
        let was_right = right.next().is_some();
        if !is_spent {
            let budget = self.budgets.entry(account).or_insert((0, now + WINDOW));
            *budget = if budget.1 <= now { (1, now + WINDOW) } else { (budget.0 + 1, budget.1) };
        }
        self.sign_ins[n].wrong += 1;
        match TRIES - self.sign_ins[n].wrong {
            0 => Says::TooManyWrong,
            left if was_right => Says::Expired { left },
            left => Says::Wrong { left },
        }
    }

    pub fn open_link(&mut self, n: usize, secret: &str, browser: usize, at_home: bool, now: Timestamp) -> Says {
        let sign_in = &self.sign_ins[n];
        let found = sign_in.codes.iter().find(|code| code.secret.as_deref() == Some(secret));
        let Some(found) = found.filter(|_| at_home) else { return Says::Unknown };
        match over(sign_in) {
            Some(over) => over,
            None if found.dies <= now => Says::LinkExpired,
            None => self.enter(n, browser, now),
        }
    }

    /// Types a number where the link with `secret` was opened.
    pub fn type_number(&mut self, n: usize, secret: &str, right: bool, at_home: bool, now: Timestamp) -> Numbered {
        let sign_in = &mut self.sign_ins[n];
        let found = sign_in.codes.iter().find(|code| code.secret.as_deref() == Some(secret));
        let Some(found) = found.filter(|_| at_home) else { return Numbered::Unknown };
        if over(sign_in).is_some() {
            return Numbered::Over;
        }
        if found.dies <= now {
            return Numbered::LinkExpired;
        }
        if std::mem::replace(&mut sign_in.number_tried, true) {
            return Numbered::Spent;
        }
        sign_in.approved = right.then_some(now);
        if right { Numbered::Approved } else { Numbered::Wrong }
    }

    /// The asking browser looks whether it was approved.
    pub fn collect(&mut self, n: usize, own: bool, now: Timestamp) -> Says {
        let sign_in = &self.sign_ins[n];
        if !own || !sign_in.is_approved(now) {
            return Says::Unknown;
        }
        match over(sign_in) {
            Some(over) => over,
            None if sign_in.codes.last().unwrap().dies <= now => Says::LinkExpired,
            None => self.enter(n, sign_in.browser, now),
        }
    }

    fn enter(&mut self, n: usize, browser: usize, now: Timestamp) -> Says {
        let key = (self.sign_ins[n].tenant, self.sign_ins[n].who);
        let lives = |other: &&mut SignIn| other.codes.last().is_some_and(|newest| newest.dies > now);
        for other in self.sign_ins.iter_mut().filter(|other| (other.tenant, other.who) == key && other.ended.is_none()).filter(lives) {
            other.ended = Some(EndedHow::Superseded);
        }
        self.sign_ins[n].ended = Some(EndedHow::Completed);
        let (next, is_new) = (self.users.len(), !self.users.contains_key(&key));
        let user = *self.users.entry(key).or_insert(next);
        let trusted = self.trust.entry(browser).or_default();
        trusted.retain(|known| *known != user);
        trusted.push(user);
        if trusted.len() > 5 {
            trusted.remove(0);
        }
        self.sessions.push(Session { user, retired: Vec::new(), expires: now + REFRESH, is_revoked: false });
        Says::In { user, is_new }
    }

    pub fn is_live(&self, n: usize, now: Timestamp) -> bool {
        !self.sessions[n].is_revoked && self.sessions[n].expires > now
    }

    pub fn refresh(&mut self, n: usize, generation: usize, now: Timestamp) -> Refreshed {
        if !self.is_live(n, now) {
            return Refreshed::Over;
        }
        let session = &mut self.sessions[n];
        match session.retired.get(generation) {
            None => {
                session.retired.push(now);
                session.expires = now + REFRESH;
                Refreshed::New
            }
            Some(at) if now.since(*at) < GRACE => Refreshed::Current,
            Some(_) => {
                session.is_revoked = true;
                Refreshed::Reused
            }
        }
    }

    /// Revokes one. Answers whether it was good until now.
    pub fn revoke(&mut self, n: usize, now: Timestamp) -> bool {
        let was_live = self.is_live(n, now);
        self.sessions[n].is_revoked = true;
        was_live
    }

    /// Revokes all sessions of a user but one. Answers which were good until now.
    pub fn revoke_all(&mut self, user: UserNo, except: Option<usize>, now: Timestamp) -> Vec<usize> {
        let all = (0..self.sessions.len()).filter(|n| self.sessions[*n].user == user && Some(*n) != except);
        all.collect::<Vec<_>>().into_iter().filter(|n| self.revoke(*n, now)).collect()
    }

    pub fn believe(&self, n: usize, issued_at: Timestamp, now: Timestamp) -> Believed {
        if now.as_secs() >= issued_at.as_secs() + ACCESS.as_secs() {
            Believed::Expired
        } else if self.is_live(n, now) {
            Believed::Yes
        } else {
            Believed::SessionOver
        }
    }
}

fn over(sign_in: &SignIn) -> Option<Says> {
    match sign_in.ended {
        Some(how) => Some(Says::Over(how)),
        None => (sign_in.wrong == TRIES).then_some(Says::TooManyWrong),
    }
}
