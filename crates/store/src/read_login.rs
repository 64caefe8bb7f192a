//! Reads of what has to do with logins of applications: what is registered, requests, whom identities join.

use crate::value::{Record, odd, values};
use crate::{Store, Unavailable};
use postkey_model::{LoginRequestId, LoginState, Registered, RegisteredRow, Sealed, Settings, SignInId, TenantId, Timestamp, UserId};
use serde::de::DeserializeOwned;

const ONE: &str = "SELECT id, created_at, updated_at, version, settings, sealed FROM registered WHERE kind = $1 AND id = $2";
const LIST: &str =
    "SELECT id, created_at, updated_at, version, settings, sealed FROM registered WHERE kind = $1 AND id >= $2 ORDER BY id LIMIT $3";
const STAMP: &str = "SELECT count FROM stamps WHERE name = 'registered'";
const REQUEST: &str = "SELECT request, version, sign_in, proof, ended_at, ended, exchanged_at FROM login_requests WHERE id = $1";
const ASSERTION: &str = "SELECT count(*) FROM used_assertions WHERE hash = $1";
const DECIDED: &str = "SELECT decided_at FROM address_decisions WHERE tenant = $1 AND email = $2";
const MAPPED: &str = "SELECT user_id FROM mapped_numbers WHERE tenant = $1 AND number = $2";
const MAPPED_TO: &str = "SELECT number, mapped_at FROM mapped_numbers WHERE tenant = $1 AND user_id = $2 ORDER BY number";

/// Every one of them, for the test that checks their parameters.
#[cfg(test)]
pub(crate) const ALL: [&str; 8] = [ONE, LIST, STAMP, REQUEST, ASSERTION, DECIDED, MAPPED, MAPPED_TO];

impl Store {
    /// Something registered, by its id.
    pub async fn registered<S: Settings>(&self, id: &str) -> Result<Option<Registered<S>>, Unavailable> {
        self.one(ONE, values![S::KIND, id]).await?.map(|row| registered(row)).transpose()
    }

    /// Up to `limit` things of one kind in the order of their ids, from `from` on.
    pub async fn list_registered<S: Settings>(&self, from: &str, limit: i64) -> Result<Vec<Registered<S>>, Unavailable> {
        self.rows(LIST, values![S::KIND, from, limit]).await?.into_iter().map(registered).collect()
    }

    /// How often anything registered changed.
    pub async fn registered_stamp(&self) -> Result<i64, Unavailable> {
        self.one(STAMP, Vec::new()).await?.ok_or_else(|| odd("a row"))?.int()
    }

    /// A login request as it stands; `None` when there never was one, or it is long over.
    pub async fn login_request(&self, id: &LoginRequestId) -> Result<Option<LoginState>, Unavailable> {
        let Some(mut row) = self.one(REQUEST, values![id.as_str()]).await? else { return Ok(None) };
        let request = json(&row.text()?)?;
        let (version, sign_in) = (row.int()?, row.opt_text()?.map(SignInId::stored));
        let proof = row.opt_text()?.map(|text| json(&text)).transpose()?;
        let (ended_at, ended) = (row.opt_time()?, row.opt_text()?.map(|text| json(&text)).transpose()?);
        Ok(Some(LoginState { request, version, sign_in, proof, end: ended_at.zip(ended), exchanged_at: row.opt_time()? }))
    }

    /// Whether a service client's statement was used already.
    pub async fn is_assertion_used(&self, hash: &[u8; 32]) -> Result<bool, Unavailable> {
        Ok(self.one(ASSERTION, values![&hash[..]]).await?.ok_or_else(|| odd("a count"))?.int()? > 0)
    }

    /// When it was last decided whose an address is; `None`: not of late.
    pub async fn address_decided(&self, tenant: &TenantId, email: &str) -> Result<Option<Timestamp>, Unavailable> {
        self.one(DECIDED, values![tenant.as_str(), email]).await?.map(|mut row| row.time()).transpose()
    }

    /// Whose a number is, as an operator says.
    pub async fn number_mapped_to(&self, tenant: &TenantId, number: &str) -> Result<Option<UserId>, Unavailable> {
        self.one(MAPPED, values![tenant.as_str(), number]).await?.map(|mut row| row.text().map(UserId::stored)).transpose()
    }

    /// The numbers that an operator says are somebody's, with since when. Walks all of the tenant's: for people, not for
    /// requests.
    pub async fn numbers_mapped_to(&self, tenant: &TenantId, user: &UserId) -> Result<Vec<(String, Timestamp)>, Unavailable> {
        let rows = self.rows(MAPPED_TO, values![tenant.as_str(), user.as_str()]).await?;
        rows.into_iter().map(|mut row| Ok((row.text()?, row.time()?))).collect()
    }
}

fn registered<S: Settings>(mut row: Record) -> Result<Registered<S>, Unavailable> {
    let row = RegisteredRow {
        kind: S::KIND,
        id: row.text()?,
        created_at: row.time()?,
        updated_at: row.time()?,
        version: row.int()?,
        settings: row.text()?,
        sealed: row.opt_bytes()?.map(Sealed::stored),
    };
    Registered::of_row(row).ok_or_else(|| odd("settings of something registered"))
}

fn json<T: DeserializeOwned>(text: &str) -> Result<T, Unavailable> {
    serde_json::from_str(text).map_err(|_| odd("a login request"))
}
