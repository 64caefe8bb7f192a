//! The rules of sign-ins: which budget, how strong a code, who may resend, what a typed code or link is worth.

use postkey_model::{
    Account, Budget, BudgetRules, Change, ClientIp, CodeFormat, CodeHash, CodeStrength, Connection, DirectoryChange, EndedHow, Event,
    Identifier, Identity, IdentityId, Keyring, Millis, Purpose, SendCounter, SendRules, SentCode, SignIn, SignInRules, SignUp, Timestamp,
    User, UserId, code,
};
use postkey_store::{SignInFacts, StartFacts};

/// Which budget a new sign-in draws on: the user's when the identifier is somebody's, that of the trusted browser
/// when this browser signed in to that user before, else the identifier's. Fixed for the life of the sign-in.
pub fn account(facts: &StartFacts, connection: Connection, subject: &str, trusted: impl Fn(&UserId) -> Option<String>) -> Account {
    match &facts.user {
        None => Account::identifier(connection, subject),
        Some(user) => trusted(user).map_or_else(|| Account::user(user), |device| Account::trusted(user, &device)),
    }
}

/// How many wrong codes `account` takes in one window.
pub fn budget_limit(account: &Account, rules: &BudgetRules) -> i64 {
    if account.is_trusted() { rules.trusted_limit } else { rules.limit }
}

/// Whether a sign-in with `identifier` may end in a session: it is somebody's already, or its owner may get an account.
/// Everybody else gets the same pages, and a message that says that there is no account.
pub fn admits(policy: &SignUp, identifier: &Identifier, is_known: bool, is_invited: bool) -> bool {
    match policy {
        SignUp::Open => true,
        SignUp::Listed(list) => is_known || is_invited || list.has(identifier),
        SignUp::Closed => is_known,
    }
}

/// What a message to `to` is counted against by all nodes together, each with how many it allows in one window (what each
/// node counts for itself is in [`super::limits`]). In the order of their keys:
/// when everybody counts in one order, no two groups of commits wait for each other.
pub fn send_counters(account: &Account, to: &Identifier, client_ip: &ClientIp, rules: &SendRules) -> Vec<(SendCounter, i64)> {
    let of_all = SendCounter::contact(account, to);
    let mut all = match account.is_trusted() {
        true => vec![(of_all, rules.per_contact)],
        false => vec![
            (of_all, rules.per_contact.saturating_mul(SendRules::ALL_NETWORKS)),
            (SendCounter::contact_from(to, client_ip), rules.per_contact),
        ],
    };
    all.retain(|(_, limit)| *limit > 0);
    all
}

/// How strong the next code for `account` has to be. `is_pressed`: strangers guess at so many accounts at once that the
/// budgets of single ones do not show it.
pub fn strength(account: &Account, budget: Option<Budget>, rules: &BudgetRules, is_pressed: bool, now: Timestamp) -> CodeStrength {
    let is_pressed = is_pressed && !account.is_trusted();
    if is_pressed || is_spent(account, budget, rules, now) { CodeStrength::Long } else { CodeStrength::Short }
}

fn is_spent(account: &Account, budget: Option<Budget>, rules: &BudgetRules, now: Timestamp) -> bool {
    budget.is_some_and(|budget| budget.is_spent(budget_limit(account, rules), now))
}

/// Where a sign-in stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It waits for its code or link.
    Open,
    /// It ended so.
    Ended(EndedHow),
    /// It took all the wrong codes it takes.
    Exhausted,
    /// Its last code died so long ago that the person has to start anew.
    Lapsed,
}

/// Where `sign_in` stands for the browser that waits: as [`standing`], but a sign-in whose code died stays good for a
/// new one only for as long as a code lives.
pub fn standing_for_browser(sign_in: &SignIn, rules: &SignInRules, now: Timestamp) -> Standing {
    match standing(sign_in) {
        Standing::Open if now >= sign_in.code.expires_at + rules.lifetime => Standing::Lapsed,
        standing => standing,
    }
}

/// Where `sign_in` stands, whatever its codes' age.
pub fn standing(sign_in: &SignIn) -> Standing {
    match sign_in.ended {
        Some((_, how)) => Standing::Ended(how),
        None if sign_in.attempts >= sign_in.max_attempts => Standing::Exhausted,
        None => Standing::Open,
    }
}

/// Why nothing is sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoResend {
    /// The last message is too young; from `until` on it is possible.
    TooSoon {
        /// The earliest moment.
        until: Timestamp,
    },
    /// The sign-in is over.
    Over(Standing),
}

/// No request takes longer from its beginning to its commit.
const LONGEST_REQUEST: Millis = Millis::from_mins(2);

/// Whether another message may be sent for `sign_in` now.
pub fn may_resend(sign_in: &SignIn, rules: &SignInRules, now: Timestamp) -> Result<(), NoResend> {
    match standing_for_browser(sign_in, rules, now) {
        Standing::Open => {}
        over => return Err(NoResend::Over(over)),
    }
    let until = sign_in.last_sent_at + rules.resend_gap;
    // A clock that was set back must not lock anybody out for longer than one gap, and as long as a request may take: one
    // that began before the last message was asked for must not get past.
    if now < until && until.since(now) <= rules.resend_gap + LONGEST_REQUEST {
        return Err(NoResend::TooSoon { until });
    }
    Ok(())
}

/// What somebody shows to get in.
pub enum Shown<'a> {
    /// What was typed, and the secret of the browser that typed it.
    Code {
        /// As typed or pasted.
        typed: &'a str,
        /// The secret from the asking browser's cookie.
        device: &'a str,
    },
    /// The secret from a link.
    Link {
        /// As found in the link.
        secret: &'a str,
    },
    /// Nothing but being the browser that asked: somebody with the link approved it.
    Approval {
        /// The secret from the asking browser's cookie.
        device: &'a str,
    },
}

/// What is to be done about it.
pub enum Decision {
    /// Right: these changes let the person in, and then the session is theirs.
    Enter {
        /// Spend the code, and create user and identity if they are new.
        changes: Vec<Change>,
        /// Who gets in.
        user: UserId,
        /// By which identity.
        identity: IdentityId,
        /// Whether the user is new.
        is_new: bool,
    },
    /// Wrong, and it counts.
    Wrong {
        /// Count it. The first change yields the wrong tries so far.
        changes: Vec<Change>,
        /// It was right once, but too late.
        expired: bool,
    },
    /// Nothing was tried: it could not have been a code.
    NotACode,
    /// Nothing was tried: there is no such sign-in, or this browser or link has no part in it.
    Unknown,
    /// Nothing was tried: the link was right once, but its time is over.
    LinkExpired,
    /// Nothing was tried: the sign-in is over.
    Over(Standing),
}

/// Values a decision may need, drawn beforehand.
pub struct Fresh {
    /// For a new user.
    pub user: UserId,
    /// For a new identity.
    pub identity: IdentityId,
    /// For the line "this account's budget is spent".
    pub event: Event,
}

/// What `shown` is worth for the sign-in that `facts` tell of.
pub fn complete(
    facts: Option<&SignInFacts>,
    shown: &Shown<'_>,
    rules: &SignInRules,
    keyring: &Keyring,
    fresh: Fresh,
    now: Timestamp,
) -> Decision {
    // What proves an identifier opens no session.
    let Some(facts) = facts.filter(|facts| facts.sign_in.purpose == Purpose::SignIn) else { return Decision::Unknown };
    match shown {
        Shown::Approval { device } => by_approval(facts, device, rules, keyring, fresh, now),
        Shown::Link { secret } => by_link(facts, secret, keyring, fresh, now),
        Shown::Code { typed, device } => by_code(facts, typed, device, rules, keyring, fresh, now),
    }
}

fn by_link(facts: &SignInFacts, secret: &str, keyring: &Keyring, fresh: Fresh, now: Timestamp) -> Decision {
    match link(facts, secret, keyring, now) {
        LinkIs::Good => enter(facts, None, fresh, now),
        LinkIs::Unknown => Decision::Unknown,
        LinkIs::Expired => Decision::LinkExpired,
        LinkIs::Over(over) => Decision::Over(over),
    }
}

/// What a link is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkIs {
    /// It opens the sign-in.
    Good,
    /// It is none of this sign-in. Whoever has not the link's secret learns nothing about it.
    Unknown,
    /// It was right once.
    Expired,
    /// The sign-in is over.
    Over(Standing),
}

/// What the link with `secret` is worth for the sign-in that `facts` tell of.
pub fn link(facts: &SignInFacts, secret: &str, keyring: &Keyring, now: Timestamp) -> LinkIs {
    let found = codes(facts).find(|sent| sent.link.as_ref().is_some_and(|link| keyring.is_link(&facts.sign_in.id, secret, link)));
    match (found, standing(&facts.sign_in)) {
        (None, _) => LinkIs::Unknown,
        (Some(found), Standing::Open) if !is_alive(found, facts, now) => LinkIs::Expired,
        (Some(_), Standing::Open) => LinkIs::Good,
        (Some(_), over) => LinkIs::Over(over),
    }
}

/// Whether the browser that asked may collect its session: it was approved, and not longer ago than a code lives. Asking
/// for another message does not prolong that.
pub fn is_approved(sign_in: &SignIn, rules: &SignInRules, now: Timestamp) -> bool {
    sign_in.approved_at.is_some_and(|at| now < at + rules.lifetime)
}

/// The browser that asked, after somebody with the link approved it from another one.
fn by_approval(facts: &SignInFacts, device: &str, rules: &SignInRules, keyring: &Keyring, fresh: Fresh, now: Timestamp) -> Decision {
    let sign_in = &facts.sign_in;
    let approved = is_approved(sign_in, rules, now);
    if !keyring.is_device(&sign_in.id, device, &sign_in.device) || !approved {
        return Decision::Unknown;
    }
    match standing(sign_in) {
        Standing::Open if sign_in.code.expires_at <= now => Decision::LinkExpired,
        Standing::Open => enter(facts, None, fresh, now),
        over => Decision::Over(over),
    }
}

/// What a number typed beside an opened link is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumberIs {
    /// It is the one that the asking browser shows.
    Right,
    /// It is not; and there is no second try.
    Wrong,
    /// One was typed before.
    Spent,
}

/// What the number `typed` is worth. `shown` is the one that the browser that asked shows, and what a page of it from before
/// the root key was changed may still show.
pub fn number(sign_in: &SignIn, typed: &str, shown: &[u8]) -> NumberIs {
    if sign_in.number_tries > 0 {
        return NumberIs::Spent;
    }
    let digits: String = code::folded(typed).collect();
    if shown.iter().any(|shown| digits == shown.to_string()) { NumberIs::Right } else { NumberIs::Wrong }
}

fn by_code(
    facts: &SignInFacts,
    typed: &str,
    device: &str,
    rules: &SignInRules,
    keyring: &Keyring,
    fresh: Fresh,
    now: Timestamp,
) -> Decision {
    match typed_code(facts, typed, device, rules, keyring, fresh.event.clone(), now) {
        CodeIs::Right { within_budget } => enter(facts, within_budget, fresh, now),
        CodeIs::Wrong { changes, expired } => Decision::Wrong { changes, expired },
        CodeIs::NotACode => Decision::NotACode,
        CodeIs::Unknown => Decision::Unknown,
        CodeIs::Over(standing) => Decision::Over(standing),
    }
}

/// What a typed code is worth.
pub enum CodeIs {
    /// It is right, and alive.
    Right {
        /// For a short code: the budget that must not be spent meanwhile.
        within_budget: Option<(Account, i64)>,
    },
    /// It is wrong, and that counts.
    Wrong {
        /// Count it. The first change yields the wrong tries so far.
        changes: Vec<Change>,
        /// It was right once, but too late.
        expired: bool,
    },
    /// Nothing was tried: it could not have been a code.
    NotACode,
    /// Nothing was tried: this browser has no part in the sign-in.
    Unknown,
    /// Nothing was tried: the sign-in is over.
    Over(Standing),
}

/// What `typed`, from the browser with the secret `device`, is worth for the sign-in that `facts` tell of.
pub fn typed_code(
    facts: &SignInFacts,
    typed: &str,
    device: &str,
    rules: &SignInRules,
    keyring: &Keyring,
    when_spent: Event,
    now: Timestamp,
) -> CodeIs {
    let sign_in = &facts.sign_in;
    if !keyring.is_device(&sign_in.id, device, &sign_in.device) {
        return CodeIs::Unknown;
    }
    match standing(sign_in) {
        Standing::Open => {}
        over => return CodeIs::Over(over),
    }
    let hashes = |code: &str| keyring.each().map(|ring| ring.code_hash(&sign_in.id, code)).collect::<Vec<_>>();
    let read = |format: &CodeFormat| format.read(typed).map(|code| hashes(code.expose()));
    let (as_short, as_long) = (read(&rules.code), read(&rules.code.lengthened()));
    // What a back end chose has no form: then anything may be one.
    let chosen = codes(facts).take(CODES_THAT_COUNT).any(|sent| sent.strength == CodeStrength::Chosen);
    let as_chosen = chosen.then(|| hashes(typed));
    if as_short.is_none() && as_long.is_none() && as_chosen.is_none() {
        return CodeIs::NotACode;
    }
    let limit = budget_limit(&sign_in.account, &rules.budget);
    let spent = is_spent(&sign_in.account, facts.budget, &rules.budget, now);
    // While the budget is spent short codes are dead: they are not looked at, and the answer is that of a wrong one.
    let typed_as = |strength| match strength {
        CodeStrength::Short | CodeStrength::Chosen if spent => None,
        CodeStrength::Short => as_short.as_ref(),
        CodeStrength::Long => as_long.as_ref(),
        CodeStrength::Chosen => as_chosen.as_ref(),
    };
    // All codes that count are compared, whatever was found before: the time taken says nothing.
    let right: Vec<&SentCode> = codes(facts)
        .take(CODES_THAT_COUNT)
        .filter(|sent| {
            let typed = typed_as(sent.strength);
            typed
                .zip(sent.code.as_ref())
                .is_some_and(|(typed, stored)| typed.iter().fold(false, |fits, typed| fits | typed.matches(stored)))
        })
        .collect();
    if let Some(alive) = right.iter().find(|sent| is_alive(sent, facts, now)) {
        return CodeIs::Right { within_budget: alive.strength.is_guessable().then(|| (sign_in.account.clone(), limit)) };
    }
    let mut changes = vec![Change::AttemptFailed { sign_in: sign_in.id.clone() }];
    if !spent {
        changes.push(Change::BudgetSpent {
            tenant: sign_in.tenant.clone(),
            account: sign_in.account.clone(),
            limit,
            at: now,
            window: rules.budget.window,
            when_spent,
        });
    }
    CodeIs::Wrong { changes, expired: !right.is_empty() }
}

/// A typed code is held against the newest codes of its sign-in only: each one that counts makes a guess that much
/// better, and asking again is free. Links are not guessed; those of older mails stay good until they expire.
const CODES_THAT_COUNT: usize = 3;

/// Whether a code is good at `now`. None outlives the newest of its sign-in.
fn is_alive(sent: &SentCode, facts: &SignInFacts, now: Timestamp) -> bool {
    sent.expires_at > now && facts.sign_in.code.expires_at > now
}

/// Whether the sign-in has this very code, dead or alive.
pub fn has_code(facts: &SignInFacts, hash: &CodeHash) -> bool {
    codes(facts).any(|sent| sent.code.as_ref().is_some_and(|code| code.matches(hash)))
}

/// The newest code, then the older ones, youngest first.
fn codes(facts: &SignInFacts) -> impl Iterator<Item = &SentCode> {
    std::iter::once(&facts.sign_in.code).chain(&facts.older)
}

fn enter(facts: &SignInFacts, within_budget: Option<(Account, i64)>, fresh: Fresh, now: Timestamp) -> Decision {
    let sign_in = &facts.sign_in;
    let mut changes = vec![Change::CodeSpent {
        sign_in: sign_in.id.clone(),
        tenant: sign_in.tenant.clone(),
        subject: sign_in.subject.clone(),
        within_budget,
        at: now,
    }];
    if let Some((identity, user)) = &facts.identity {
        if !facts.is_verified {
            // A back end took the proof of this address back; here is a new one.
            let (user, identity) = (user.clone(), identity.clone());
            let email = sign_in.subject.clone();
            changes.push(DirectoryChange::AddressVerified { user, identity, email, at: Some(now) }.into());
        }
        return Decision::Enter { changes, user: user.clone(), identity: identity.clone(), is_new: false };
    }
    let Fresh { user, identity, .. } = fresh;
    changes.push(Change::IdentityCreated(Identity {
        id: identity.clone(),
        user: user.clone(),
        tenant: sign_in.tenant.clone(),
        connection: sign_in.connection,
        subject: sign_in.subject.clone(),
        created_at: now,
        version: 0,
        provider_email: None,
        verified_at: Some(now),
    }));
    let tenant = sign_in.tenant.clone();
    changes.push(Change::UserCreated(User { id: user.clone(), tenant, created_at: now, version: 0, primary_at: None }));
    Decision::Enter { changes, user, identity, is_new: true }
}

/// Of the changes that let somebody in, those that spend the code: whose the identity is was decided otherwise.
pub fn only_spent(changes: Vec<Change>) -> Vec<Change> {
    changes.into_iter().filter(|change| matches!(change, Change::CodeSpent { .. })).collect()
}

#[cfg(test)]
mod tests;
