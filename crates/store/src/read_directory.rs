//! Reads of the directory: people as back ends see them, codes, metadata, roles, tenants.

use crate::read::{UserFacts, identity, user};
use crate::value::{Record, Value, odd, values};
use crate::{Store, Unavailable};
use postkey_model::{
    AppId, Connection, EmailToken, IdentityId, ProviderId, SignInId, StoredTenant, TenantId, TenantSettings, Timestamp, UserId,
};

macro_rules! person_columns {
    ($rest:literal) => {
        concat!(
            "SELECT u.id, u.tenant, u.created_at, u.version, u.primary_at, i.id, i.tenant, i.connection, i.subject, i.id, i.user_id, \
             i.created_at, i.version, i.provider_email, i.verified_at ",
            $rest
        )
    };
}

// An identity that is not its user's first is found by its own id.
const PERSON: &str = person_columns!(
    "FROM users u LEFT JOIN identities i ON i.user_id = u.id \
    WHERE u.id = coalesce((SELECT user_id FROM identities WHERE id = $1 AND id <> user_id LIMIT 1), $1) ORDER BY i.created_at, i.id"
);
const BY_ACCOUNT_INFO: &str = person_columns!(
    "FROM users u JOIN identities i ON i.user_id = u.id WHERE u.id IN ( \
    SELECT user_id FROM identities WHERE tenant = $1 AND connection = 'email' AND subject = $2 \
    UNION SELECT user_id FROM identities WHERE tenant = $1 AND provider_email = $2 \
    UNION SELECT user_id FROM identities WHERE tenant = $1 AND connection = 'sms' AND subject = $3 \
    UNION SELECT user_id FROM identities WHERE tenant = $1 AND connection = $4 AND subject = $5) \
    ORDER BY u.created_at, u.id, i.created_at, i.id"
);
const LIST_UP: &str = person_columns!(
    "FROM (SELECT m.created_at AS since, m.user_id AS member FROM members m WHERE m.tenant = $1 AND (m.created_at, m.user_id) >= ($2, $3) \
    AND ($4 = '' OR EXISTS (SELECT 1 FROM identities x WHERE x.user_id = m.user_id AND x.tenant = $1 \
    AND (x.connection LIKE $4 OR x.connection = $5))) \
    ORDER BY m.created_at, m.user_id LIMIT $6) AS page JOIN users u ON u.id = page.member LEFT JOIN identities i ON i.user_id = u.id \
    ORDER BY page.since, page.member, i.created_at, i.id"
);
const LIST_DOWN: &str = person_columns!(
    "FROM (SELECT m.created_at AS since, m.user_id AS member FROM members m WHERE m.tenant = $1 AND (m.created_at, m.user_id) <= ($2, $3) \
    AND ($4 = '' OR EXISTS (SELECT 1 FROM identities x WHERE x.user_id = m.user_id AND x.tenant = $1 \
    AND (x.connection LIKE $4 OR x.connection = $5))) \
    ORDER BY m.created_at DESC, m.user_id DESC LIMIT $6) AS page JOIN users u ON u.id = page.member \
    LEFT JOIN identities i ON i.user_id = u.id ORDER BY page.since DESC, page.member DESC, i.created_at, i.id"
);
const SEARCH: &str = person_columns!(
    "FROM users u JOIN identities i ON i.user_id = u.id WHERE u.id IN ( \
    SELECT x.user_id FROM identities x WHERE x.tenant = $1 AND ( \
    (x.connection = 'email' AND (x.subject LIKE $2 ESCAPE '!' OR x.subject LIKE $3 ESCAPE '!')) \
    OR x.provider_email LIKE $2 ESCAPE '!' OR x.provider_email LIKE $3 ESCAPE '!' \
    OR (x.connection = 'sms' AND (x.subject LIKE $4 ESCAPE '!' OR x.subject LIKE $5 ESCAPE '!')) \
    OR x.connection LIKE $6 ESCAPE '!') ORDER BY x.created_at, x.id LIMIT $7) ORDER BY u.created_at, u.id, i.created_at, i.id"
);
const COUNT: &str = "SELECT count(*) FROM members m WHERE m.tenant = $1 \
    AND ($2 = '' OR EXISTS (SELECT 1 FROM identities x WHERE x.user_id = m.user_id AND x.tenant = $1 \
    AND (x.connection LIKE $2 OR x.connection = $3)))";
// Of the app `public` are those whose tenant has no slash in its name.
const COUNT_APP: &str = "SELECT count(*) FROM users u WHERE \
    CASE WHEN $1 = 'public' THEN u.tenant NOT LIKE '%/%' ELSE u.tenant LIKE $1 || '/%' END \
    AND ($2 = '' OR EXISTS (SELECT 1 FROM identities x WHERE x.user_id = u.id \
    AND (x.connection LIKE $2 OR x.connection = $3)))";
const OPEN_SIGN_INS: &str = "SELECT id FROM sign_ins WHERE tenant = $1 AND subject = $2 AND ended_at IS NULL AND code_expires_at > $3 \
    ORDER BY id LIMIT 100";
const METADATA: &str = "SELECT metadata, version FROM metadata WHERE app = $1 AND id = $2";
const ROLES: &str = "SELECT role FROM roles WHERE app = $1 ORDER BY role";
const ROLE: &str = "SELECT count(*) FROM roles WHERE app = $1 AND role = $2";
const PERMISSIONS: &str = "SELECT permission FROM permissions WHERE app = $1 AND role = $2 ORDER BY permission";
const ROLES_WITH: &str = "SELECT role FROM permissions WHERE app = $1 AND permission = $2 ORDER BY role";
const ROLES_OF: &str = "SELECT role FROM given_roles WHERE tenant = $1 AND id = $2 ORDER BY role";
const HAVE_ROLE: &str = "SELECT id FROM given_roles WHERE tenant = $1 AND role = $2 ORDER BY id";
const EMAIL_TOKEN: &str = "SELECT app, identity_id, email, expires_at FROM email_tokens WHERE hash = $1";
const STAMP: &str = "SELECT count FROM stamps WHERE name = 'tenants'";
const TENANTS: &str = "SELECT id, created_at, version, settings FROM tenants ORDER BY created_at, id";
const IMPORT: &str = "SELECT cursor FROM imports WHERE source = $1";

/// Every one of them, for the test that checks their parameters.
#[cfg(test)]
pub(crate) const ALL: [&str; 19] = [
    PERSON,
    BY_ACCOUNT_INFO,
    LIST_UP,
    LIST_DOWN,
    SEARCH,
    COUNT,
    COUNT_APP,
    OPEN_SIGN_INS,
    METADATA,
    ROLES,
    ROLE,
    PERMISSIONS,
    ROLES_WITH,
    ROLES_OF,
    HAVE_ROLE,
    EMAIL_TOKEN,
    STAMP,
    TENANTS,
    IMPORT,
];

/// What is known of somebody who is looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccountInfo {
    /// A normalised address.
    pub email: Option<String>,
    /// A number in E.164.
    pub phone: Option<String>,
    /// A service and the id that it knows somebody by.
    pub provider: Option<(ProviderId, String)>,
}

/// Which kind of ways in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WayKind {
    /// Any.
    Any,
    /// By code or link.
    Code,
    /// By another service.
    Provider,
}

impl WayKind {
    /// Two patterns of connections' names, of which either fits.
    fn patterns(self) -> (&'static str, &'static str) {
        match self {
            WayKind::Any => ("", ""),
            WayKind::Code => ("email", "sms"),
            WayKind::Provider => ("provider:%", ""),
        }
    }
}

/// How something about somebody begins who is searched for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beginning<'a> {
    /// An address, or the domain of one.
    Email(&'a str),
    /// A number, with its `+` or without.
    Phone(&'a str),
    /// The name of a service.
    Provider(&'a str),
}

/// A page of a list of users.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Its first one at the earliest: since when, and who. `None`: from the beginning.
    pub from: Option<(Timestamp, UserId)>,
    /// How many at most.
    pub limit: i64,
    /// The youngest first.
    pub youngest_first: bool,
    /// Only those who have a way in of this kind.
    pub kind: WayKind,
}

/// Users, and where the next page begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    /// The users, with all their identities.
    pub users: Vec<UserFacts>,
    /// The first one of the next page.
    pub next: Option<(Timestamp, UserId)>,
}

/// Metadata as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Metadata {
    /// A JSON object.
    pub text: String,
    /// How often it changed.
    pub version: i64,
}

impl Store {
    /// A user of `app` with all identities in all tenants, oldest first, by the user's id or that of an identity.
    pub async fn person(&self, app: &AppId, id: &str) -> Result<Option<UserFacts>, Unavailable> {
        let found = people(self.rows(PERSON, values![id]).await?)?.pop();
        Ok(found.filter(|facts| facts.user.tenant.app() == *app))
    }

    /// The users of whom any of `info` is true in `tenant`, oldest first, with all their identities.
    pub async fn people_by(&self, tenant: &TenantId, info: &AccountInfo) -> Result<Vec<UserFacts>, Unavailable> {
        let (provider, subject) = info.provider.clone().map(|(id, subject)| (Connection::Provider(id), subject)).unzip();
        let provider = provider.as_ref().map(Connection::as_str);
        let params = values![tenant.as_str(), info.email.as_deref(), info.phone.as_deref(), provider, subject];
        people(self.rows(BY_ACCOUNT_INFO, params).await?)
    }

    /// A page of the users of `tenant`.
    pub async fn list_people(&self, tenant: &TenantId, page: &Page) -> Result<Listing, Unavailable> {
        let (like, other) = page.kind.patterns();
        let edge = if page.youngest_first { (Timestamp(i64::MAX), "~".to_owned()) } else { (Timestamp(i64::MIN), String::new()) };
        let (since, id) = page.from.clone().map_or(edge, |(since, id)| (since, id.as_str().to_owned()));
        let params = values![tenant.as_str(), since, id, like, other, page.limit + 1];
        let mut users = people(self.rows(if page.youngest_first { LIST_DOWN } else { LIST_UP }, params).await?)?;
        let more = users.len() as i64 > page.limit;
        let next = if more { users.pop().map(|facts| (facts.user.created_at, facts.user.id)) } else { None };
        Ok(Listing { users, next })
    }

    /// Users of `tenant` to whom `beginning` fits, oldest first, with all their identities. Walks all of the tenant's
    /// identities: for people, not for requests.
    pub async fn search_people(&self, tenant: &TenantId, beginning: Beginning<'_>, limit: i64) -> Result<Vec<UserFacts>, Unavailable> {
        let begins = |before: &str, text: &str| {
            let plain = text.replace('!', "!!").replace('%', "!%").replace('_', "!_");
            Some(format!("{before}{plain}%"))
        };
        let (mut email, mut domain, mut phone, mut plain_phone, mut provider) = (None, None, None, None, None);
        match beginning {
            Beginning::Email(text) => (email, domain) = (begins("", text), begins("%@", text)),
            Beginning::Phone(text) => (phone, plain_phone) = (begins("", text), begins("+", text)),
            Beginning::Provider(text) => provider = begins("provider:", text),
        }
        people(self.rows(SEARCH, values![tenant.as_str(), email, domain, phone, plain_phone, provider, limit]).await?)
    }

    /// How many users `tenant` has.
    pub async fn count_people(&self, tenant: &TenantId, kind: WayKind) -> Result<i64, Unavailable> {
        let (like, other) = kind.patterns();
        self.one(COUNT, values![tenant.as_str(), like, other]).await?.ok_or_else(|| odd("a count"))?.int()
    }

    /// How many users `app` has in all its tenants, each once.
    pub async fn count_people_of(&self, app: &AppId, kind: WayKind) -> Result<i64, Unavailable> {
        let (like, other) = kind.patterns();
        self.one(COUNT_APP, values![app.as_str(), like, other]).await?.ok_or_else(|| odd("a count"))?.int()
    }

    /// The open sign-ins of an identifier that have a living code, oldest first.
    pub async fn open_sign_ins(&self, tenant: &TenantId, subject: &str, now: Timestamp) -> Result<Vec<SignInId>, Unavailable> {
        let rows = self.rows(OPEN_SIGN_INS, values![tenant.as_str(), subject, now]).await?;
        rows.into_iter().map(|mut row| row.text().map(SignInId::stored)).collect()
    }

    /// What back ends keep under `id`.
    pub async fn metadata(&self, app: &AppId, id: &str) -> Result<Option<Metadata>, Unavailable> {
        let row = self.one(METADATA, values![app.as_str(), id]).await?;
        row.map(|mut row| Ok(Metadata { text: row.text()?, version: row.int()? })).transpose()
    }

    /// The roles of an app.
    pub async fn roles(&self, app: &AppId) -> Result<Vec<String>, Unavailable> {
        self.words(ROLES, values![app.as_str()]).await
    }

    /// Whether a role is there.
    pub async fn has_role(&self, app: &AppId, role: &str) -> Result<bool, Unavailable> {
        Ok(self.one(ROLE, values![app.as_str(), role]).await?.ok_or_else(|| odd("a count"))?.int()? > 0)
    }

    /// What a role permits.
    pub async fn permissions(&self, app: &AppId, role: &str) -> Result<Vec<String>, Unavailable> {
        self.words(PERMISSIONS, values![app.as_str(), role]).await
    }

    /// The roles that permit something.
    pub async fn roles_with(&self, app: &AppId, permission: &str) -> Result<Vec<String>, Unavailable> {
        self.words(ROLES_WITH, values![app.as_str(), permission]).await
    }

    /// The roles that `id` has in a tenant.
    pub async fn roles_of(&self, tenant: &TenantId, id: &str) -> Result<Vec<String>, Unavailable> {
        self.words(ROLES_OF, values![tenant.as_str(), id]).await
    }

    /// The ids that have a role in a tenant.
    pub async fn have_role(&self, tenant: &TenantId, role: &str) -> Result<Vec<String>, Unavailable> {
        self.words(HAVE_ROLE, values![tenant.as_str(), role]).await
    }

    /// A token that proves an address, by its hash.
    pub async fn email_token(&self, hash: [u8; 32]) -> Result<Option<EmailToken>, Unavailable> {
        let Some(mut row) = self.one(EMAIL_TOKEN, values![&hash[..]]).await? else { return Ok(None) };
        let app = AppId::parse(&row.text()?).ok_or_else(|| odd("an app"))?;
        let identity = IdentityId::stored(row.text()?);
        Ok(Some(EmailToken { hash, app, identity, email: row.text()?, expires_at: row.time()? }))
    }

    /// How often anything about the stored tenants changed.
    pub async fn tenants_stamp(&self) -> Result<i64, Unavailable> {
        self.one(STAMP, Vec::new()).await?.ok_or_else(|| odd("a row"))?.int()
    }

    /// The tenants that back ends made or changed, oldest first.
    pub async fn stored_tenants(&self) -> Result<Vec<StoredTenant>, Unavailable> {
        let read = |mut row: Record| {
            Ok(StoredTenant {
                id: TenantId::stored(row.text()?),
                created_at: row.time()?,
                version: row.int()?,
                settings: serde_json::from_str::<TenantSettings>(&row.text()?).map_err(|_| odd("a tenant's settings"))?,
            })
        };
        self.rows(TENANTS, Vec::new()).await?.into_iter().map(read).collect()
    }

    /// How far an import of `source` came; `None` when there was none.
    pub async fn import_cursor(&self, source: &str) -> Result<Option<String>, Unavailable> {
        self.one(IMPORT, values![source]).await?.map(|mut row| row.text()).transpose()
    }

    async fn words(&self, sql: &'static str, params: Vec<Value>) -> Result<Vec<String>, Unavailable> {
        self.rows(sql, params).await?.into_iter().map(|mut row| row.text()).collect()
    }
}

/// Rows of users with one identity each, those of one user side by side.
fn people(rows: Vec<Record>) -> Result<Vec<UserFacts>, Unavailable> {
    let mut people: Vec<UserFacts> = Vec::new();
    for mut row in rows {
        let user = user(&mut row)?;
        if people.last().is_none_or(|last| last.user.id != user.id) {
            people.push(UserFacts { user, identities: Vec::new() });
        }
        // A user without any has one row, without an identity's id.
        if row.opt_text()?.is_some()
            && let Some(last) = people.last_mut()
        {
            last.identities.push(identity(&mut row)?);
        }
    }
    Ok(people)
}
