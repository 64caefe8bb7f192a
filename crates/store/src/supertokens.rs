//! A SuperTokens database, read for moving in: people with their ways in, roles, signing keys. Nothing is written there.
//!
//! The columns are those of cores 9 to 12 on PostgreSQL. What differs between them: core 12 adds tables that say who is in
//! which tenant, and an operator moves from the old ones to these step by step (`migration_mode`). Which of both hold the
//! truth for a user is decided in `users`.

mod connect;
mod sql;
mod users;

use crate::Unavailable;
use crate::postgres::away;
use postkey_model::Timestamp;
use postkey_model::bulk::SourceKey;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use thiserror::Error;
use tokio::sync::Mutex;
use tokio_postgres::{Client, Row};

pub use users::SourceUser;

/// Where their data lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceLocation {
    /// The database, as a `postgres://` URL.
    pub url: String,
    /// Their `postgresql_table_schema`.
    pub schema: String,
    /// Their `postgresql_table_names_prefix`; often empty.
    pub prefix: String,
    /// Which of their apps.
    pub app: String,
}

impl SourceLocation {
    /// The one at `url`, with the names that they have when nobody chose others.
    pub fn new(url: &str) -> Self {
        SourceLocation { url: url.to_owned(), schema: "public".to_owned(), prefix: String::new(), app: "public".to_owned() }
    }
}

/// How old the tables are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SourceGeneration {
    /// Core 9.
    Core9,
    /// Core 10 or 11.
    Core10,
    /// Core 12.
    Core12,
}

impl SourceGeneration {
    /// For people.
    pub fn as_str(self) -> &'static str {
        match self {
            SourceGeneration::Core9 => "core 9",
            SourceGeneration::Core10 => "core 10 or 11",
            SourceGeneration::Core12 => "core 12",
        }
    }
}

/// Why their database cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SourceError {
    /// It could not be reached or read.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
    /// Schema or prefix are no names.
    #[error("`{0}` is no name of letters, digits and `_`")]
    BadName(String),
    /// Their tables are not there.
    #[error("there are no tables of SuperTokens in schema `{schema}` with prefix `{prefix}`: {missing} is missing")]
    NotThere {
        /// Where was looked.
        schema: String,
        /// With what before the names.
        prefix: String,
        /// The first table or column that was not found.
        missing: String,
    },
    /// The tables are older than core 9.
    #[error("the tables are older than core 9: upgrade that SuperTokens first")]
    TooOld,
    /// The app is not there.
    #[error("there is no app `{0}`")]
    NoApp(String),
}

/// A role of theirs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceRole {
    /// Its name.
    pub name: String,
    /// What it permits.
    pub permissions: Vec<String>,
}

/// A SuperTokens database under reading.
pub struct SuperTokens {
    client: Mutex<Client>,
    sql: sql::Texts,
    app: String,
    generation: SourceGeneration,
    statements: users::Statements,
}

impl SuperTokens {
    /// Opens one, and finds out which it is. Needs a running tokio runtime.
    pub async fn open(location: &SourceLocation) -> Result<Self, SourceError> {
        let name = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        for text in [&location.schema, &location.prefix] {
            if !name(text) {
                return Err(SourceError::BadName(text.clone()));
            }
        }
        let schema = location.schema.to_ascii_lowercase();
        let sql = sql::Texts::new(&location.prefix);
        let client = connect::connect(&location.url, &schema).await?;
        let found = columns(&client, &schema, &sql).await?;
        let missing =
            |missing: &str| SourceError::NotThere { schema: schema.clone(), prefix: location.prefix.clone(), missing: missing.to_owned() };
        if let Some(first) = sql::NEEDED.iter().find(|column| !found.contains(**column)) {
            return Err(missing(first));
        }
        if !found.contains(sql::SINCE_9) {
            return Err(SourceError::TooOld);
        }
        let generation = match (found.contains(sql::SINCE_12), found.contains(sql::SINCE_10)) {
            (true, _) => SourceGeneration::Core12,
            (false, true) => SourceGeneration::Core10,
            (false, false) => SourceGeneration::Core9,
        };
        // The tables that say who is in which tenant: the old ones, the new ones, or both.
        let (old, new) = (found.contains(sql::OLD_TENANTS), found.contains(sql::SINCE_12));
        if !old && !new {
            return Err(missing(sql::OLD_TENANTS));
        }
        if client.query(&sql.of(sql::APP), &[&location.app]).await.map_err(away)?.is_empty() {
            return Err(SourceError::NoApp(location.app.clone()));
        }
        let old_is_true = new && old && reads_old(&client, &sql, &location.app).await?;
        let new = new && !old_is_true;
        let statements = users::Statements::prepare(&client, &sql, old, new, found.contains(sql::PASSKEYS)).await.map_err(away)?;
        Ok(SuperTokens { client: Mutex::new(client), sql, app: location.app.clone(), generation, statements })
    }

    /// How old its tables are.
    pub fn generation(&self) -> SourceGeneration {
        self.generation
    }

    /// How many people are in the app: linked ways in count once.
    pub async fn count_users(&self) -> Result<u64, Unavailable> {
        let rows = self.rows(sql::COUNT).await?;
        Ok(rows.first().map_or(0, |row| row.get::<_, i64>(0)).try_into().unwrap_or_default())
    }

    /// The next people in the order of their ids: at most `limit`, after the one whose [`SourceUser::id`] is `after`. An
    /// empty list is the end. Each page is read as of one moment.
    pub async fn users_after(&self, after: Option<&str>, limit: u32) -> Result<Vec<SourceUser>, Unavailable> {
        let mut client = self.client.lock().await;
        users::page(&mut client, &self.statements, &self.app, after, limit).await.map_err(away)
    }

    /// The app's tenants, by name.
    pub async fn tenants(&self) -> Result<Vec<String>, Unavailable> {
        Ok(self.rows(sql::TENANTS).await?.iter().map(|row| row.get(0)).collect())
    }

    /// The app's roles, by name.
    pub async fn roles(&self) -> Result<Vec<SourceRole>, Unavailable> {
        let mut roles: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for row in self.rows(sql::ROLES).await? {
            let permissions = roles.entry(row.get(0)).or_default();
            permissions.extend(row.get::<_, Option<String>>(1));
        }
        Ok(roles.into_iter().map(|(name, permissions)| SourceRole { name, permissions }).collect())
    }

    /// The app's signing keys, oldest first, and the names of those that cannot be read, with the reason.
    pub async fn signing_keys(&self) -> Result<(Vec<SourceKey>, Vec<(String, String)>), Unavailable> {
        let (mut keys, mut unreadable) = (Vec::new(), Vec::new());
        for row in self.rows(sql::ROTATING_KEYS).await? {
            let made: i64 = row.get(0);
            let text: Option<String> = row.get(1);
            match SourceKey::rotating(Timestamp(made), text.as_deref().unwrap_or_default()) {
                Ok(key) => keys.push(key),
                Err(why) => unreadable.push((format!("d-{made}"), why.to_string())),
            }
        }
        for row in self.rows(sql::STAYING_KEYS).await? {
            let (kid, text, algorithm): (String, String, String) = (row.get(0), row.get(1), row.get(2));
            let made: Option<i64> = row.get(3);
            match SourceKey::staying(&kid, &algorithm, Timestamp(made.unwrap_or_default()), &text) {
                Ok(key) => keys.push(key),
                Err(why) => unreadable.push((kid, why.to_string())),
            }
        }
        Ok((keys, unreadable))
    }

    /// What a query about the app answers.
    async fn rows(&self, query: &str) -> Result<Vec<Row>, Unavailable> {
        self.client.lock().await.query(&self.sql.of(query), &[&self.app]).await.map_err(away)
    }
}

/// Which tables and columns there are: `table` and `table.column`, without the prefix.
async fn columns(client: &Client, schema: &str, sql: &sql::Texts) -> Result<BTreeSet<String>, Unavailable> {
    let mut found = BTreeSet::new();
    for row in client.query(sql::COLUMNS, &[&schema]).await.map_err(away)? {
        let (table, column): (String, String) = (row.get(0), row.get(1));
        if let Some(table) = table.strip_prefix(sql.prefix()) {
            found.insert(format!("{table}.{column}"));
            found.insert(table.to_owned());
        }
    }
    Ok(found)
}

/// Whether the operator is known to be at a step at which only the old tables are read: the new ones may then be stale.
/// The step may also stand where we cannot look (their file, their environment): then nothing is known.
async fn reads_old(client: &Client, sql: &sql::Texts, app: &str) -> Result<bool, Unavailable> {
    let mut steps: BTreeMap<bool, BTreeSet<String>> = BTreeMap::new();
    for row in client.query(&sql.of(sql::CONFIGS), &[&app]).await.map_err(away)? {
        let (is_ours, config): (bool, Option<String>) = (row.get(0), row.get(1));
        let config: Option<Value> = config.and_then(|text| serde_json::from_str(&text).ok());
        if let Some(step) = config.as_ref().and_then(|config| config.get("migration_mode")).and_then(Value::as_str) {
            steps.entry(is_ours).or_default().insert(step.to_ascii_uppercase());
        }
    }
    // An app without a step of its own has that of the first app.
    let Some(steps) = steps.get(&true).or_else(|| steps.get(&false)) else { return Ok(false) };
    Ok(steps.iter().all(|step| matches!(step.as_str(), "LEGACY" | "DUAL_WRITE_READ_OLD")))
}
