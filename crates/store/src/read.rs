//! Reads: what verbs look at before they decide.

use crate::value::{Record, Value, odd, values};
use crate::{Store, Unavailable};
use postkey_model::{
    Account, Algorithm, Asked, BackEnd, Budget, Channel, CodeHash, CodeStrength, Connection, Dead, Delivery, DeliveryOutcome, DeviceHash,
    EndedHow, EventId, Flow, Identifier, Identity, IdentityId, KeySet, LinkHash, Message, MessageId, OlderCode, Purpose, Retired,
    RotationPolicy, Sealed, SentCode, Session, SessionHandle, SignIn, SignInId, SigningKey, TenantId, Timestamp, User, UserId,
};

/// What is known when somebody asks to sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StartFacts {
    /// Whose identifier it is.
    pub user: Option<UserId>,
    /// The guess budget of that user, or of the identifier when it is nobody's.
    pub budget: Option<Budget>,
}

/// What is known of a sign-in.
#[derive(Clone)]
pub struct SignInFacts {
    /// The sign-in itself.
    pub sign_in: SignIn,
    /// Its older codes, youngest first.
    pub older: Vec<OlderCode>,
    /// With which message each of them went out, counted from 1.
    pub older_numbers: Vec<i64>,
    /// The identity of its identifier, with its owner, if there is one.
    pub identity: Option<(IdentityId, UserId)>,
    /// Whether that one's identifier counts as proved: a back end may have withdrawn it.
    pub is_verified: bool,
    /// The guess budget of its account.
    pub budget: Option<Budget>,
}

/// A user, with all ways in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserFacts {
    /// The user.
    pub user: User,
    /// The user's identities, oldest first.
    pub identities: Vec<Identity>,
}

impl UserFacts {
    /// Whether others' identities may be linked to this user: a back end said so, or it has several already.
    pub fn is_primary(&self) -> bool {
        self.user.primary_at.is_some() || self.identities.iter().any(|identity| identity.id != self.identities[0].id)
    }
}

/// What [`session`] reads, of the rows that the rest tells of.
macro_rules! session_columns {
    ($rest:literal) => {
        concat!(
            "SELECT handle, tenant, user_id, identity_id, policy, nonce, generation, retired, created_at, last_seen_at, expires_at, \
             revoked_at, client_ip, user_agent, claims, back_end_data, is_static, anti_csrf, current_hash, login FROM sessions ",
            $rest
        )
    };
}
pub(crate) use session_columns;

const START_FACTS: &str = "SELECT i.user_id, b.failures, b.resets_at FROM (SELECT 1 AS one) AS o \
    LEFT JOIN identities i ON i.tenant = $1 AND i.connection = $2 AND i.subject = $3 \
    LEFT JOIN budgets b ON b.tenant = $1 AND b.account = CASE WHEN i.user_id IS NULL THEN $4 ELSE 'user:' || i.user_id END";
const BUDGET: &str = "SELECT failures, resets_at FROM budgets WHERE tenant = $1 AND account = $2";
const SIGN_IN: &str = "SELECT s.id, s.tenant, s.connection, s.subject, s.account, s.flow, s.device_hash, s.code_hash, s.link_hash, s.code_is_long, \
    s.code_expires_at, s.sends, s.last_sent_at, s.attempts, s.max_attempts, s.destination, s.started_at, s.ended_at, s.ended_how, \
    s.purpose, s.agent, s.client_ip, s.opened_at, s.approved_at, s.number_tries, \
    i.id, i.user_id, i.verified_at, b.failures, b.resets_at FROM sign_ins s \
    LEFT JOIN identities i ON i.tenant = s.tenant AND i.connection = s.connection AND i.subject = s.subject \
    LEFT JOIN budgets b ON b.tenant = s.tenant AND b.account = s.account WHERE s.id = $1";
const OLDER_CODES: &str =
    "SELECT sent_as, code_hash, link_hash, code_is_long, code_expires_at FROM older_codes WHERE sign_in = $1 ORDER BY sent_as DESC";
const SESSION: &str = session_columns!("WHERE handle = $1");
const SESSIONS_OF: &str = session_columns!("WHERE user_id = $1 AND revoked_at IS NULL AND expires_at > $2 ORDER BY handle");
const USER: &str = "SELECT id, tenant, created_at, version, primary_at FROM users WHERE id = $1";
const IDENTITIES_OF: &str = "SELECT tenant, connection, subject, id, user_id, created_at, version, provider_email, verified_at \
    FROM identities WHERE user_id = $1 ORDER BY created_at, id";
const INVITED: &str = "SELECT count(*) FROM invites WHERE tenant = $1 AND connection = $2 AND subject = $3";
const INVITES: &str = "SELECT connection, subject, invited_at FROM invites WHERE tenant = $1 ORDER BY invited_at, subject";
const DELIVERIES: &str =
    "SELECT sign_in, id, message, queued_at, at, channel, provider, outcome, answer FROM deliveries WHERE sign_in = $1 ORDER BY id";
const QUEUED_FOR: &str = "SELECT id, channel, queued_at, next_try_at FROM outbox WHERE sign_in = $1 ORDER BY id";
const SIGN_INS_OF: &str = "SELECT id, started_at, ended_how FROM sign_ins WHERE tenant = $1 AND subject = $2 ORDER BY id DESC LIMIT 50";
const TENANT_OF: &str = "SELECT tenant FROM sign_ins WHERE id = $1";
const KEYS: &str =
    "SELECT key_set, number, kid, algorithm, sealed, created_at, signs_from FROM signing_keys WHERE key_set = $1 ORDER BY number";
const QUEUED: &str = "SELECT count(*) FROM outbox";
const NEXT_DUE: &str = "SELECT min(next_try_at) FROM outbox";
const EVENTS: &str = "SELECT count(*) FROM events WHERE kind = $1";
const OLD_SIGN_INS: &str = "SELECT id, code_expires_at FROM sign_ins WHERE id > $1 ORDER BY id LIMIT $2";
const OLD_SESSIONS: &str = "SELECT handle, expires_at, revoked_at FROM sessions WHERE handle > $1 ORDER BY handle LIMIT $2";
const OLD_BUDGETS: &str =
    "SELECT tenant, account, resets_at FROM budgets WHERE (tenant, account) > ($1, $2) ORDER BY tenant, account LIMIT $3";
const PING: &str = "SELECT count(*) FROM migrations";

/// Every reading statement, for the test that checks their parameters.
#[cfg(test)]
pub(crate) const ALL: [&str; 22] = [
    START_FACTS,
    BUDGET,
    SIGN_IN,
    OLDER_CODES,
    SESSION,
    SESSIONS_OF,
    USER,
    IDENTITIES_OF,
    INVITED,
    INVITES,
    DELIVERIES,
    QUEUED_FOR,
    SIGN_INS_OF,
    TENANT_OF,
    KEYS,
    QUEUED,
    NEXT_DUE,
    EVENTS,
    OLD_SIGN_INS,
    OLD_SESSIONS,
    OLD_BUDGETS,
    PING,
];

/// Where a walk over a table stands. Begins with [`Walk::default`]; is back at the beginning after the end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Walk(String, String);

/// Which table a walk clears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Table {
    /// Sign-ins and their codes.
    SignIns,
    /// Sessions.
    Sessions,
    /// Guess budgets.
    Budgets,
}

impl Store {
    /// What is known of an identifier that somebody wants to sign in with.
    pub async fn start_facts(&self, tenant: &TenantId, connection: Connection, subject: &str) -> Result<StartFacts, Unavailable> {
        let nobody = Account::identifier(connection, subject);
        let params = values![tenant.as_str(), connection.as_str(), subject, nobody.as_str()];
        let mut row = self.one(START_FACTS, params).await?.ok_or_else(|| odd("a row"))?;
        Ok(StartFacts { user: row.opt_text()?.map(UserId::stored), budget: budget(&mut row)? })
    }

    /// The guess budget of `account`; `None` when it was never drawn on.
    pub async fn budget(&self, tenant: &TenantId, account: &Account) -> Result<Option<Budget>, Unavailable> {
        match self.one(BUDGET, values![tenant.as_str(), account.as_str()]).await? {
            Some(mut row) => budget(&mut row),
            None => Ok(None),
        }
    }

    /// What is known of a sign-in; `None` when there is none of this id in `tenant`.
    pub async fn sign_in(&self, tenant: &TenantId, id: &SignInId) -> Result<Option<SignInFacts>, Unavailable> {
        let Some(mut row) = self.one(SIGN_IN, values![id.as_str()]).await? else { return Ok(None) };
        let sign_in = sign_in(&mut row)?;
        let identity = row.opt_text()?.map(IdentityId::stored).zip(row.opt_text()?.map(UserId::stored));
        let is_verified = row.opt_time()?.is_some();
        let budget = budget(&mut row)?;
        let (mut older, mut older_numbers) = (Vec::new(), Vec::new());
        if sign_in.sends > 1 {
            for mut row in self.rows(OLDER_CODES, values![id.as_str()]).await? {
                older_numbers.push(row.int()?);
                older.push(sent_code(&mut row)?);
            }
        }
        Ok((sign_in.tenant == *tenant).then_some(SignInFacts { sign_in, older, older_numbers, identity, is_verified, budget }))
    }

    /// A session, revoked or not; `None` when it never was or is long gone.
    pub async fn session(&self, handle: &SessionHandle) -> Result<Option<Session>, Unavailable> {
        self.one(SESSION, values![handle.as_str()]).await?.map(session).transpose()
    }

    /// The live sessions of a user at `now`, oldest first.
    pub async fn sessions_of(&self, user: &UserId, now: Timestamp) -> Result<Vec<Session>, Unavailable> {
        self.rows(SESSIONS_OF, values![user.as_str(), now]).await?.into_iter().map(session).collect()
    }

    /// A user with all identities that are in `tenant`, oldest first; `None` when there is none of this id there.
    pub async fn user(&self, tenant: &TenantId, id: &UserId) -> Result<Option<UserFacts>, Unavailable> {
        let Some(mut row) = self.one(USER, values![id.as_str()]).await? else { return Ok(None) };
        let user = user(&mut row)?;
        let rows = self.rows(IDENTITIES_OF, values![id.as_str()]).await?;
        let mut identities: Vec<Identity> = rows.into_iter().map(|mut row| identity(&mut row)).collect::<Result<_, _>>()?;
        identities.retain(|identity| identity.tenant == *tenant);
        Ok((user.tenant == *tenant || !identities.is_empty()).then_some(UserFacts { user, identities }))
    }

    /// Whether `identifier` was invited.
    pub async fn is_invited(&self, tenant: &TenantId, identifier: &Identifier) -> Result<bool, Unavailable> {
        let params = values![tenant.as_str(), identifier.connection().as_str(), identifier.as_str()];
        Ok(self.one(INVITED, params).await?.ok_or_else(|| odd("a count"))?.int()? > 0)
    }

    /// Everybody who was invited, with when, oldest first.
    pub async fn invites(&self, tenant: &TenantId) -> Result<Vec<(Identifier, Timestamp)>, Unavailable> {
        let rows = self.rows(INVITES, values![tenant.as_str()]).await?.into_iter();
        rows.map(|mut row| Ok((Identifier::stored(row.word(Connection::parse)?, row.text()?), row.time()?))).collect()
    }

    /// What became of the messages of a sign-in, in order.
    pub async fn deliveries(&self, sign_in: &SignInId) -> Result<Vec<Delivery>, Unavailable> {
        self.rows(DELIVERIES, values![sign_in.as_str()]).await?.into_iter().map(delivery).collect()
    }

    /// The messages of a sign-in that still wait in the outbox: which, by which way, since when, until when at least.
    pub async fn waiting_messages(&self, sign_in: &SignInId) -> Result<Vec<(MessageId, Channel, Timestamp, Timestamp)>, Unavailable> {
        let rows = self.rows(QUEUED_FOR, values![sign_in.as_str()]).await?.into_iter();
        rows.map(|mut row| Ok((MessageId::stored(row.text()?), row.word(Channel::parse)?, row.time()?, row.time()?))).collect()
    }

    /// The newest sign-ins of an identifier, with when each began and how it ended. Walks the whole table: for people, not
    /// for requests.
    pub async fn sign_ins_of(
        &self,
        tenant: &TenantId,
        identifier: &Identifier,
    ) -> Result<Vec<(SignInId, Timestamp, Option<EndedHow>)>, Unavailable> {
        let rows = self.rows(SIGN_INS_OF, values![tenant.as_str(), identifier.as_str()]).await?.into_iter();
        let read = |mut row: Record| Ok((SignInId::stored(row.text()?), row.time()?, row.opt_text()?.as_deref().and_then(EndedHow::parse)));
        rows.map(read).collect()
    }

    /// In which tenant a sign-in is; `None` when there is none of this id.
    pub async fn tenant_of(&self, sign_in: &SignInId) -> Result<Option<TenantId>, Unavailable> {
        self.one(TENANT_OF, values![sign_in.as_str()]).await?.map(|mut row| Ok(TenantId::stored(row.text()?))).transpose()
    }

    /// The keys of a set, oldest first.
    pub async fn signing_keys(&self, set: &KeySet) -> Result<Vec<SigningKey>, Unavailable> {
        self.rows(KEYS, values![set.to_text()]).await?.into_iter().map(signing_key).collect()
    }

    /// How many messages wait in the outbox.
    pub async fn queued_messages(&self) -> Result<i64, Unavailable> {
        self.one(QUEUED, Vec::new()).await?.ok_or_else(|| odd("a count"))?.int()
    }

    /// When the next message is due; `None` when the outbox is empty.
    pub async fn next_message_due(&self) -> Result<Option<Timestamp>, Unavailable> {
        self.one(NEXT_DUE, Vec::new()).await?.ok_or_else(|| odd("a row"))?.opt_time()
    }

    /// How many events of a kind were recorded.
    pub async fn count_events(&self, kind: postkey_model::EventKind) -> Result<i64, Unavailable> {
        self.one(EVENTS, values![kind.as_str()]).await?.ok_or_else(|| odd("a count"))?.int()
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), Unavailable> {
        self.one(PING, Vec::new()).await.map(|_| ())
    }

    /// Looks at the next `window` rows of a table and names those that ended before `before`. The walk comes back
    /// at its beginning when the end was reached.
    pub async fn dead_rows(&self, table: Table, walk: &Walk, before: Timestamp, window: i64) -> Result<(Dead, Walk), Unavailable> {
        let (sql, params) = match table {
            Table::SignIns => (OLD_SIGN_INS, values![walk.0.as_str(), window]),
            Table::Sessions => (OLD_SESSIONS, values![walk.0.as_str(), window]),
            Table::Budgets => (OLD_BUDGETS, values![walk.0.as_str(), walk.1.as_str(), window]),
        };
        let rows = self.rows(sql, params).await?;
        let whole = rows.len() as i64 == window;
        let mut last = Walk::default();
        let mut dead: Vec<Walk> = Vec::new();
        for mut row in rows {
            let key = Walk(row.text()?, if table == Table::Budgets { row.text()? } else { String::new() });
            let ends = row.time()?;
            let revoked = if table == Table::Sessions { row.opt_time()? } else { None };
            if ends < before || revoked.is_some_and(|at| at < before) {
                dead.push(key.clone());
            }
            last = key;
        }
        let dead = match table {
            Table::SignIns => Dead::SignIns(dead.into_iter().map(|key| SignInId::stored(key.0)).collect()),
            Table::Sessions => Dead::Sessions(dead.into_iter().map(|key| SessionHandle::stored(key.0)).collect()),
            Table::Budgets => Dead::Budgets(dead.into_iter().map(|key| (TenantId::stored(key.0), Account::stored(key.1))).collect()),
        };
        Ok((dead, if whole { last } else { Walk::default() }))
    }

    pub(crate) async fn one(&self, sql: &'static str, params: Vec<Value>) -> Result<Option<Record>, Unavailable> {
        Ok(self.rows(sql, params).await?.into_iter().next())
    }
}

fn budget(row: &mut Record) -> Result<Option<Budget>, Unavailable> {
    let (failures, resets_at) = (row.opt_int()?, row.opt_time()?);
    Ok(failures.zip(resets_at).map(|(failures, resets_at)| Budget { failures, resets_at }))
}

fn sign_in(row: &mut Record) -> Result<SignIn, Unavailable> {
    Ok(SignIn {
        id: SignInId::stored(row.text()?),
        tenant: TenantId::stored(row.text()?),
        connection: row.word(Connection::parse)?,
        subject: row.text()?,
        account: Account::stored(row.text()?),
        flow: row.word(Flow::parse)?,
        device: DeviceHash::stored(&row.bytes()?).ok_or_else(|| odd("a hash"))?,
        code: sent_code(row)?,
        sends: row.int()?,
        last_sent_at: row.time()?,
        attempts: row.int()?,
        max_attempts: row.int()?,
        destination: row.opt_text()?,
        started_at: row.time()?,
        ended: {
            let (at, how) = (row.opt_time()?, row.opt_text()?);
            at.zip(how.as_deref().and_then(EndedHow::parse))
        },
        purpose: match row.opt_text()? {
            None => Purpose::SignIn,
            Some(text) => serde_json::from_str(&text).map_err(|_| odd("a purpose"))?,
        },
        asked: Asked { agent: row.text()?, client_ip: row.text()? },
        opened_at: row.opt_time()?,
        approved_at: row.opt_time()?,
        number_tries: row.int()?,
    })
}

fn sent_code(row: &mut Record) -> Result<SentCode, Unavailable> {
    let code = row.opt_bytes()?.map(|bytes| CodeHash::stored(&bytes).ok_or_else(|| odd("a hash"))).transpose()?;
    let link = row.opt_bytes()?.map(|bytes| LinkHash::stored(&bytes).ok_or_else(|| odd("a hash"))).transpose()?;
    let strength = match row.int()? {
        0 => CodeStrength::Short,
        1 => CodeStrength::Long,
        2 => CodeStrength::Chosen,
        _ => return Err(odd("how strong a code is")),
    };
    Ok(SentCode { code, link, strength, expires_at: row.time()? })
}

pub(crate) fn session(mut row: Record) -> Result<Session, Unavailable> {
    let mut session = Session {
        handle: SessionHandle::stored(row.text()?),
        tenant: TenantId::stored(row.text()?),
        user: UserId::stored(row.text()?),
        identity: IdentityId::stored(row.text()?),
        policy: row.word(RotationPolicy::parse)?,
        nonce: row.bytes()?,
        generation: row.int()?,
        retired: serde_json::from_str::<Vec<Retired>>(&row.text()?).map_err(|_| odd("a list of generations"))?,
        created_at: row.time()?,
        last_seen_at: row.time()?,
        expires_at: row.time()?,
        revoked_at: row.opt_time()?,
        client_ip: row.text()?,
        user_agent: row.text()?,
        back_end: None,
        login: None,
    };
    let kept = BackEnd {
        claims: row.opt_text()?,
        data: row.opt_text()?,
        is_static: row.opt_int()?.is_some_and(|is| is != 0),
        anti_csrf: row.opt_text()?,
        current: row.opt_bytes()?,
    };
    session.back_end = (kept != BackEnd::default()).then(|| Box::new(kept));
    let login = row.opt_text()?.map(|text| serde_json::from_str(&text).map_err(|_| odd("what a session is for"))).transpose()?;
    session.login = login.map(Box::new);
    Ok(session)
}

/// The stored form of retired generations: `[[generation, milliseconds], …]`.
pub(crate) fn retired_text(retired: &[Retired]) -> String {
    // Pairs of numbers always serialise.
    serde_json::to_string(retired).unwrap_or_default()
}

pub(crate) fn signing_key(mut row: Record) -> Result<SigningKey, Unavailable> {
    Ok(SigningKey {
        set: row.word(KeySet::parse)?,
        number: row.int()?,
        kid: row.text()?,
        algorithm: row.word(Algorithm::parse)?,
        sealed: Sealed::stored(row.bytes()?),
        created_at: row.time()?,
        signs_from: row.time()?,
    })
}

pub(crate) fn user(row: &mut Record) -> Result<User, Unavailable> {
    Ok(User {
        id: UserId::stored(row.text()?),
        tenant: TenantId::stored(row.text()?),
        created_at: row.time()?,
        version: row.int()?,
        primary_at: row.opt_time()?,
    })
}

pub(crate) fn identity(row: &mut Record) -> Result<Identity, Unavailable> {
    Ok(Identity {
        tenant: TenantId::stored(row.text()?),
        connection: row.word(Connection::parse)?,
        subject: row.text()?,
        id: IdentityId::stored(row.text()?),
        user: UserId::stored(row.text()?),
        created_at: row.time()?,
        version: row.int()?,
        provider_email: row.opt_text()?,
        verified_at: row.opt_time()?,
    })
}

fn delivery(mut row: Record) -> Result<Delivery, Unavailable> {
    Ok(Delivery {
        sign_in: SignInId::stored(row.text()?),
        id: EventId::stored(row.text()?),
        message: MessageId::stored(row.text()?),
        queued_at: row.time()?,
        at: row.time()?,
        channel: row.word(Channel::parse)?,
        provider: row.text()?,
        outcome: row.word(DeliveryOutcome::parse)?,
        answer: row.text()?,
    })
}

pub(crate) fn message(mut row: Record) -> Result<Message, Unavailable> {
    Ok(Message {
        id: MessageId::stored(row.text()?),
        tenant: TenantId::stored(row.text()?),
        sign_in: SignInId::stored(row.text()?),
        channel: row.word(Channel::parse)?,
        to: row.text()?,
        sealed: Sealed::stored(row.bytes()?),
        queued_at: row.time()?,
        next_try_at: row.time()?,
        tries: row.int()?,
        expires_at: row.time()?,
    })
}
